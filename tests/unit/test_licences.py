"""Which licences allow business use."""

import pytest

from translation.licences import Use, forbids_business, is_known, joined


@pytest.mark.parametrize(
    "licence",
    [
        "CC-BY-NC-4.0",
        "cc-by-nc-sa-4.0",
        "CC BY-NC 4.0",
        "PolyForm-Noncommercial-1.0.0",
        "fair-noncommercial-research-license",
        "non-commercial",
        "research only",
        "CC-BY-4.0 AND CC-BY-NC-4.0",
        "CC-BY-NC-4.0 OR CC-BY-NC-SA-4.0",
    ],
)
def test_what_forbids_business(licence: str) -> None:
    assert forbids_business(licence)
    assert not Use.BUSINESS.allows(licence)
    assert Use.ANY.allows(licence)


@pytest.mark.parametrize(
    "licence",
    ["MPL-2.0", "CC-BY-4.0", "CC-BY-SA-4.0", "MIT", "Apache-2.0", "NCSA", "unknown", "", "MIT OR CC-BY-NC-4.0",
     "Academic Free License 3.0"],
)  # fmt: skip
def test_what_allows_business(licence: str) -> None:
    assert not forbids_business(licence)
    assert Use.BUSINESS.allows(licence)


def test_which_say_nothing() -> None:
    assert [is_known(licence) for licence in ("", "unknown", "Other", "MIT")] == [False, False, False, True]


def test_licences_are_joined_once_each() -> None:
    assert joined(["MIT", "CC-BY-4.0", "MIT"]) == "CC-BY-4.0 AND MIT"
    assert joined([]) == "unknown"
