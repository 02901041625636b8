"""Attributes as facets and filters: ids that no language changes, labels in the buyer's, and only real ones."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UnknownValueError
from catalog.model import Attribute
from indexes.documents import LONGEST_VALUE, MOST_ATTRIBUTES, attribute_values, value_id
from indexes.facts import attribute_key, facts_from_json, facts_to_json
from indexes.model import Facts
from search.model import Facet, SearchPage, SearchQuery
from tests.fakes.products import product
from tests.fakes.shop import Shop


def attributes(**values: str) -> tuple[Attribute, ...]:
    return tuple(Attribute(key, key.capitalize(), value) for key, value in values.items())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("shop"))
    shop.save(
        product("S-1", title="Schraube verzinkt", attributes=attributes(farbe="Blau", größe="M 8")),
        product("S-2", title="Schraube rostfrei", attributes=attributes(farbe="Blau", größe="1,5 mm")),
        product("S-3", title="Schraube schwarz", attributes=attributes(farbe="Schwarz")),
        product("H-4", title="Hammer", attributes=attributes(gewicht="1 kg")),
    )
    shop.update()
    return shop


def find(shop: Shop, text: str, lang: str = "de", *filters: tuple[str, str]) -> SearchPage:
    return shop.search().search(SearchQuery(text, lang, filters=filters, facets=True))


def skus(page: SearchPage) -> set[str]:
    return {hit.sku for hit in page.hits}


def facet(page: SearchPage, name: str) -> Facet:
    return next(one for one in page.facets if one.name == name)


def labels(page: SearchPage, name: str) -> dict[str, tuple[str, int]]:
    return {value.id: (value.label, value.count) for value in facet(page, name).values}


# -- ids --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "wanted"),
    [("Blau", "blau"), (" Dark  BLUE ", "dark-blue"), ("dark-blue", "dark-blue"), ("防水", "防水"), ("230 V", "230-v")],
)
def test_a_plain_value_is_its_own_id(written: str, wanted: str) -> None:
    assert value_id(written) == wanted


@pytest.mark.parametrize(("one", "other"), [("1.5 V", "1-5 V"), ("+5", "-5"), ("1/2", "1-2"), ("", "x"), ("★", "☆")])
def test_values_that_differ_by_signs_only_are_two(one: str, other: str) -> None:
    assert value_id(one) != value_id(other)


@given(st.text(max_size=LONGEST_VALUE))
def test_an_id_stands_for_itself(value: str) -> None:
    assert value_id(value_id(value)) == value_id(value)
    assert "=" not in value_id(value)


def test_texts_and_endless_lists_are_no_choices() -> None:
    assert attribute_values([Attribute("a", "A", "x" * LONGEST_VALUE), Attribute("b", "B", "x" * 101)]).keys() == {"a"}
    many = [Attribute(f"k{at}", "K", "v") for at in range(MOST_ATTRIBUTES + 1)]
    assert list(attribute_values(many)) == [f"k{at}" for at in range(MOST_ATTRIBUTES)]


def test_the_name_of_an_attributes_facet_holds_its_key() -> None:
    assert attribute_key("attributes.größe-cm") == "größe-cm"
    assert [attribute_key(name) for name in ("brand", "attributes", "attributes.", "attributes.a=b", "x.farbe")] == [
        None
    ] * 5


def test_facts_of_an_earlier_build_have_no_attributes() -> None:
    facts = Facts("s", attributes={"größe": "m"})
    assert facts_from_json(facts_to_json(facts)) == facts
    before = '{"supplier":"s","category":[],"brand":"","country":"","prices":{},"created":0}'
    assert facts_from_json(before) == Facts("s")


# -- searches ---------------------------------------------------------------------------------------------------------


def test_attributes_of_the_hits_are_counted_those_first_that_most_have(shop: Shop) -> None:
    page = find(shop, "Schraube")
    named = [one.name for one in page.facets if one.name.startswith("attributes.")]
    assert named[:2] == ["attributes.farbe", "attributes.größe"]
    assert labels(page, "attributes.farbe") == {"blau": ("Blau", 2), "schwarz": ("Schwarz", 1)}


def test_browsing_counts_all_products(shop: Shop) -> None:
    page = find(shop, "")
    named = [one.name for one in page.facets if one.name.startswith("attributes.")]
    assert named == ["attributes.farbe", "attributes.größe", "attributes.gewicht"]
    assert labels(page, "attributes.farbe") == {"blau": ("Blau", 2), "schwarz": ("Schwarz", 1)}


@pytest.mark.parametrize("text", ["Schraube·fr", ""])
def test_names_and_values_are_in_the_buyers_language_and_ids_are_not(shop: Shop, text: str) -> None:
    page = find(shop, text, "fr")
    assert facet(page, "attributes.farbe").label == "Farbe·fr"
    assert labels(page, "attributes.farbe") == {"blau": ("Blau·fr", 2), "schwarz": ("Schwarz·fr", 1)}
    assert skus(find(shop, text, "fr", ("attributes.farbe", "schwarz"))) == {"S-3"}


def test_what_was_not_translated_is_named_as_it_was_written(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.save(product("S-1", title="Schraube", attributes=attributes(farbe="Blau")))
    shop.builder().update()
    page = find(shop, "", "fr")
    assert facet(page, "attributes.farbe").label == "Farbe"
    assert labels(page, "attributes.farbe") == {"blau": ("Blau", 1)}


@pytest.mark.parametrize("text", ["Schraube", ""])
def test_one_name_twice_is_or_and_two_names_are_and(shop: Shop, text: str) -> None:
    either = (("attributes.farbe", "blau"), ("attributes.farbe", "schwarz"))
    assert skus(find(shop, text, "de", *either)) == {"S-1", "S-2", "S-3"}
    assert skus(find(shop, text, "de", *either, ("attributes.größe", "m-8"))) == {"S-1"}
    assert skus(find(shop, text, "de", ("attributes.farbe", "Blau"), ("attributes.größe", "1,5 mm"))) == {"S-2"}
    assert skus(find(shop, text, "de", ("attributes.farbe", "gelb"))) == set()


@pytest.mark.parametrize("text", ["Schraube", ""])
def test_an_attribute_counts_as_if_it_were_not_filtered_by(shop: Shop, text: str) -> None:
    page = find(shop, text, "de", ("attributes.farbe", "schwarz"))
    assert labels(page, "attributes.farbe") == {"blau": ("Blau", 2), "schwarz": ("Schwarz", 1)}
    assert [one.name for one in page.facets if one.name.startswith("attributes.")] == ["attributes.farbe"]


@pytest.mark.parametrize("text", ["Schraube", ""])
@pytest.mark.parametrize("name", ["attributes.colour", "attributes.", "attributes", "attributes.FARBE"])
def test_an_attribute_that_no_product_has_is_an_error(shop: Shop, text: str, name: str) -> None:
    with pytest.raises(UnknownValueError, match=name):
        find(shop, text, "de", (name, "blau"))


def test_no_more_attributes_are_counted_than_a_buyer_looks_at(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    many = attributes(**{f"eigenschaft{at:02}": "ja" for at in range(15)})
    shop.save(product("S-1", title="Schraube", attributes=many))
    shop.update()
    for text in ("Schraube", ""):
        page = find(shop, text, "de", ("attributes.eigenschaft14", "ja"))
        named = [one.name for one in page.facets if one.name.startswith("attributes.")]
        assert named == ["attributes.eigenschaft14", *(f"attributes.eigenschaft{at:02}" for at in range(10))]
