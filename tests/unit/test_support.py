"""What the names of attributes say of their values: the tables are whole, and every name is known."""

import csv
from pathlib import Path

import pytest

import translation.terminology.support as support_module
from catalog.languages import CODES
from tests.unit.terms import concept
from translation.terminology.concepts import KINDS, Layer, starter_concepts
from translation.terminology.support import NO_NAME, Attribute, Support, attribute, is_homonym
from translation.terminology.termbase import Termbase

FOLDER = Path(support_module.__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


FAMILIES = rows("families.csv")


def test_every_family_names_kinds_or_fields_that_there_are() -> None:
    domains = {one.domain for one in starter_concepts()}
    for row in FAMILIES:
        assert row["whole"] in ("yes", "no")
        assert row["kinds"] or row["domains"]
        assert set(row["kinds"].split()) <= set(KINDS)
        assert set(row["domains"].split()) <= domains
        assert all(term == term.strip() and term for code in CODES for term in row[code].split("|"))


@pytest.mark.parametrize("row", FAMILIES, ids=[row["family"] for row in FAMILIES])
def test_a_family_is_known_by_each_of_its_names(row: dict[str, str]) -> None:
    for lang in CODES:
        for name in row[lang].split("|"):
            found = attribute(lang, name, ())
            assert set(row["kinds"].split()) <= found.kinds, (lang, name)
            assert set(row["domains"].split()) <= found.domains, (lang, name)
            assert found.open == (row["family"] == "thing") or found.domains, (lang, name)


def test_homonyms_stand_once_in_every_language() -> None:
    listed = {row["language"]: row["words"].split() for row in rows("homonyms.csv")}
    assert set(listed) == set(CODES)
    for lang, words in listed.items():
        assert sorted({word.casefold() for word in words}) == sorted(word.casefold() for word in words), lang
        assert all(is_homonym(lang, word) for word in words), lang


@pytest.mark.parametrize(
    ("lang", "word", "several"),
    [("en", " Springs", True), ("en", "springboard", False), ("en", "spring steel", False), ("de", "FEDERN", True)],
)
def test_a_homonym_in_any_form(lang: str, word: str, several: bool) -> None:
    assert is_homonym(lang, word) is several


def test_a_name_says_part_only_where_nothing_else_stands_in_it() -> None:
    assert attribute("en", "Type of the part", ()).kinds == {"part"}
    assert attribute("en", "Body part", ()) == NO_NAME
    assert attribute("en", "Season", ()) == NO_NAME
    assert attribute("zh", "零件类型", ()).kinds == {"part"}
    assert attribute("zh", "身体零件", ()) == NO_NAME


def test_a_name_that_names_a_product_speaks_of_its_field() -> None:
    base = Termbase(starter_concepts())

    def named(name: str) -> Attribute:
        return attribute("en", name, (match.concept for match in base.match("en", name)))

    assert named("Screw head").domains == {"hardware"}
    assert named("Sleeve") == NO_NAME  # of a part, values say how it is
    assert (named("Tool colour").named, named("Tool colour").domains) == ("colour", frozenset())


def test_the_term_of_a_person_needs_no_support() -> None:
    for layer, expected in ((Layer.STARTER, Support.DOUBTFUL), (Layer.INSTALLATION, Support.GIVEN)):
        own = concept("coil", en="spring")
        own = type(own)(own.id, own.kind, own.domain, own.terms, layer)
        assert NO_NAME.supports(own, "en", "spring") is expected
