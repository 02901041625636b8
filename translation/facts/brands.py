"""The names that a supplier's texts keep, asked for those that one text may hold.

A supplier has hundreds of brands, and a text has one or none. One pattern of all of them took 0.1 ms a text and was
asked eight times for each; the few that a text may hold are found in 0.01 ms by how they begin.
"""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property, lru_cache

from translation.facts.model import half_width

_BEGINNING = 3
"""Characters by which names are looked up."""


class Names(tuple[str, ...]):
    """Names that must be kept, indexed by how they begin.

    It is hashed once, because caches of what was found in a text have it in their keys.
    """

    @cached_property
    def _hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _by_beginning(self) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for name in filter(None, dict.fromkeys(self)):
            folded = _folded(name)
            found[folded[:_BEGINNING]].append((folded, name))
        return dict(found)

    @cached_property
    def _lengths(self) -> tuple[int, ...]:
        return tuple({len(beginning) for beginning in self._by_beginning})

    def in_text(self, text: str) -> tuple[str, ...]:
        """Return the names whose letters stand in a text, in any case and width: all that a pattern may find there."""
        return _in_text(self, text) if self else ()

    def _found(self, text: str) -> tuple[str, ...]:
        folded = _folded(text)
        beginnings = {folded[at : at + length] for length in self._lengths for at in range(len(folded))}
        return tuple(
            name
            for beginning in sorted(beginnings & self._by_beginning.keys())
            for spelled, name in self._by_beginning[beginning]
            if spelled in folded
        )


def names(given: Sequence[str]) -> Names:
    """Return names with their index, which is made once for each supplier."""
    return given if isinstance(given, Names) else _indexed(tuple(given))


@lru_cache(maxsize=1000)
def _indexed(given: tuple[str, ...]) -> Names:
    return Names(given)


@lru_cache(maxsize=20_000)
def _in_text(all_names: Names, text: str) -> tuple[str, ...]:
    return all_names._found(text)


def _folded(text: str) -> str:
    """Fold whatever patterns that ignore case take for one letter, in all of Unicode: ``İ``, ``ı`` and ``i``, too."""
    if text.isascii():
        return text.lower()
    return half_width(text).casefold().replace("ı", "i").replace("\u0307", "")
