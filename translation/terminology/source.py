"""Where the batch gets each supplier's terms."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from translation.terminology.termbase import Termbase


class Terms(Protocol):
    """Knows each supplier's terms; :class:`translation.terminology.store.TermStore` is one."""

    @property
    def version(self) -> str:
        """Digest of the terms that mark nothing when they change: with another one every text is looked at again."""
        ...

    def of(self, supplier: str) -> Termbase:
        """Return the termbase of a supplier's texts as it is now."""
        ...

    def follow(self) -> None:
        """Let texts be looked at again for which other terms hold because their products changed."""
        ...

    def categories(self, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return the category paths of the products that carry each text."""
        ...


class SameTerms:
    """One termbase for every supplier; see :class:`Terms`."""

    def __init__(self, termbase: Termbase) -> None:
        self._termbase = termbase

    @property
    def version(self) -> str:
        """Digest of the whole termbase."""
        return self._termbase.version

    def of(self, supplier: str) -> Termbase:
        """Return the one termbase."""
        return self._termbase

    def follow(self) -> None:
        """Do nothing: nobody says which products carry a text."""

    def categories(self, names: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Return nothing: terms with a category hold nowhere."""
        return {}
