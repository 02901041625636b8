"""Names of indexes and aliases: ``PREFIX-xx-BUILD`` behind ``PREFIX-xx``, and ``PREFIX-products-BUILD``."""

import re
from dataclasses import dataclass

from catalog.errors import UsageError
from catalog.languages import CODES

NEUTRAL = "products"
"""Stands in names where others have a language."""

_PARTS = frozenset({*CODES, NEUTRAL})
_BUILD = re.compile(r"[0-9a-z-]{1,40}")
_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{0,61}[a-z0-9]|[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one installation on a cluster.

    Args:
        prefix: what all of them begin with.

    Raises:
        UsageError: the prefix could be mistaken for another's.
    """

    prefix: str

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise UsageError(
                f"LEXICART_ELASTICSEARCH_PREFIX={self.prefix}: it has up to 63 lower-case letters a-z, digits and "
                "hyphens between them"
            )
        # With the prefix "shop-de", its index "shop-de-fr-1" would be the German build "fr-1" of the prefix "shop".
        for part in self.prefix.split("-"):
            if part in _PARTS:
                raise UsageError(
                    f"LEXICART_ELASTICSEARCH_PREFIX={self.prefix}: the part {part!r} stands for a language or the "
                    "products in names of indexes: choose another"
                )

    @property
    def pattern(self) -> str:
        """Matches all indexes of this prefix, and those of prefixes that begin with it."""
        return f"{self.prefix}-*"

    def alias(self, part: str) -> str:
        """Return the alias of a language, or of :data:`NEUTRAL`."""
        return f"{self.prefix}-{part}"

    def index(self, part: str, build: str) -> str:
        """Return the index of a language, or of :data:`NEUTRAL`, in a build."""
        return f"{self.prefix}-{part}-{build}"

    def read(self, index: str) -> tuple[str, str] | None:
        """Return language and build of an index's name, ``None`` where it is none of ours."""
        if not index.startswith(f"{self.prefix}-"):
            return None
        part, _, build = index.removeprefix(f"{self.prefix}-").partition("-")
        return (part, build) if part in _PARTS and _BUILD.fullmatch(build) else None


def check_build(build: str) -> str:
    """Return a build's name after looking that it can be one.

    Raises:
        UsageError: it can't.
    """
    if not _BUILD.fullmatch(build):
        raise UsageError(f"build {build!r}: a name has 1 to 40 lower-case letters a-z, digits and hyphens")
    return build
