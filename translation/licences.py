"""Licences of models: which of them allow business use."""

import re
from collections.abc import Iterable
from enum import StrEnum

UNKNOWN = "unknown"
"""Said of a model of which nobody says under which licence it is."""

_SAYS_NOTHING = frozenset(("", "-", "n/a", "none", "other", "unknown", "noassertion"))
_NOT_FOR_BUSINESS = re.compile(
    r"(?<![a-z0-9])nc(?![a-z0-9])|non[-_ ]?commercial|(?<![a-z])(?:research|evaluation|academic[-_ ]use)(?![a-z])",
    re.IGNORECASE,
)
_OR = re.compile(r"\s+or\s+", re.IGNORECASE)


class Use(StrEnum):
    """What translations are for, which decides which models may make them."""

    BUSINESS = "business"
    ANY = "any"

    def allows(self, licence: str) -> bool:
        """Return whether a model under a licence may be used.

        A licence that nobody knows is allowed: the operator brought the model himself, and he is told.
        """
        return self is Use.ANY or not forbids_business(licence)


def forbids_business(licence: str) -> bool:
    """Return whether a licence forbids business use: non-commercial ones, and those for research alone.

    Of several licences joined by OR one may be chosen; where they are joined by AND all hold.
    """
    return all(_NOT_FOR_BUSINESS.search(choice) for choice in _OR.split(licence.strip(" ()")))


def is_known(licence: str) -> bool:
    """Return whether a licence is named at all."""
    return licence.strip().casefold() not in _SAYS_NOTHING


def joined(licences: Iterable[str]) -> str:
    """Return licences that hold together, each named once; ``unknown`` for none."""
    return " AND ".join(sorted(set(licences))) or UNKNOWN
