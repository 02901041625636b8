"""Review: what needs a person is listed once, with what helps; what needs none is not."""

from pathlib import Path

import pytest
from sqlalchemy import update

from catalog.database import writing
from catalog.model import GivenText, Product
from catalog.tables import translations
from tests.unit.shop import Recorder, Shop, lamp
from translation.memory.similar import LEAST_SCORE, LONGEST, MOST_MATCHES, Match, matches
from translation.memory.tmx import Place
from translation.memory.tmx_writing import Entry, write
from translation.model import State
from translation.records.review import ReviewItem

pytestmark = pytest.mark.usefixtures("database")

BAD = "poisonous garden hose"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def listed(shop: Shop, *langs: str, supplier: str | None = None) -> tuple[ReviewItem, ...]:
    page = shop.store.review(langs or ("de",), supplier)
    assert page.total == len(page.items)
    return page.items


def translate(shop: Shop, *langs: str) -> None:
    shop.translate(Recorder(["en-de", "en-fr"], broken="poisonous"), *(langs or ("de",)))


def remember(shop: Shop, supplier: str, lang: str, **translations_of: str) -> None:
    path = shop.folder / "memory.tmx"
    write(path, [Entry("en", text.replace("_", " "), Place(), {lang: made}) for text, made in translations_of.items()])
    shop.store.import_memory(path, supplier)


# -- texts that did not pass ------------------------------------------------------------------------------------------


def test_a_text_that_needs_review_is_listed_once_with_its_reason(shop: Shop) -> None:
    shop.put(lamp("1", title=BAD), lamp("2", title=BAD), lamp("3"), lamp("1", supplier="other", title=BAD))
    translate(shop)
    first, second = listed(shop)
    assert {first.product, second.product} == {"acme/1", "other/1"}
    [found] = listed(shop, supplier="acme")
    assert (found.product, found.field, found.products) == ("acme/1", "title", 2)
    assert (found.source, found.source_lang, found.lang) == (BAD, "en", "de")
    assert (found.why, found.reason, found.engine) == (
        "needs_review", "poisonous can't be translated", "recorder",
    )  # fmt: skip
    assert found.as_json()["checks"] == ["engine"]


def test_what_a_person_settled_is_not_listed(shop: Shop) -> None:
    one, same = lamp("1", title=BAD), lamp("2", title=BAD)
    shop.put(one, same)
    translate(shop, "de", "fr")
    assert [item.lang for item in listed(shop, "de", "fr")] == ["de", "fr"]
    shop.store.correct(one, "title", "de", "giftig", only_here=True)
    assert [(item.product, item.products) for item in listed(shop)] == [("acme/2", 1)]
    shop.store.correct(same, "title", "de", "giftig", only_here=False)
    assert [item.lang for item in listed(shop, "de", "fr")] == ["fr"]


def test_a_withdrawn_product_needs_nobody(shop: Shop) -> None:
    shop.put(lamp("1", title=BAD))
    translate(shop)
    shop.withdraw(lamp("1"))
    shop.store.follow()
    assert listed(shop) == ()


def test_pages(shop: Shop) -> None:
    shop.put(*(lamp(str(number), title=f"{BAD} {chr(97 + number)}x") for number in range(7)), lamp("o"))
    translate(shop)
    shop.store.correct(lamp("o"), "title", "de", "Schlauch", only_here=False)
    shop.put(lamp("o", title="another hose"))
    shop.store.follow()
    pages = [shop.store.review(["de"], None, 3, offset) for offset in (0, 3, 6, 9)]
    assert {page.total for page in pages} == {8}
    shown = [(item.product, item.why) for page in pages for item in page.items]
    assert shown[0] == ("acme/o", "outdated_correction")
    assert len(set(shown)) == len(shown) == 8


# -- corrections whose text changed -----------------------------------------------------------------------------------


@pytest.mark.parametrize("only_here", [True, False])
def test_a_correction_of_a_changed_text_is_shown_and_not_applied(shop: Shop, only_here: bool) -> None:
    shop.put(lamp("1"))
    translate(shop)
    shop.store.correct(lamp("1"), "title", "de", "Gartenschlauch", only_here=only_here)
    assert listed(shop) == ()
    changed = lamp("1", title="yellow garden hose")
    shop.put(changed)
    translate(shop)
    [found] = listed(shop)
    assert (found.why, found.product, found.field) == ("outdated_correction", "acme/1", "title")
    assert (found.old_source, found.correction, found.source) == (
        "green garden hose", "Gartenschlauch", "yellow garden hose",
    )  # fmt: skip
    assert shop.shown(changed, "de").translation.state is State.MACHINE
    assert listed(shop, "fr") == listed(shop, supplier="nobody") == ()
    if not only_here:
        assert [(match.source, match.target, match.state) for match in found.matches] == [
            ("green garden hose", "Gartenschlauch", "reviewed")
        ]


def test_it_leaves_the_list_when_the_new_text_is_settled(shop: Shop) -> None:
    shop.put(lamp("1"), lamp("2"))
    shop.store.follow()
    for product in (lamp("1"), lamp("2")):
        shop.store.correct(product, "title", "de", "Gartenschlauch", only_here=False)
    changed = lamp("1", title="yellow garden hose"), lamp("2", title="yellow garden hose")
    shop.put(*changed)
    translate(shop)
    assert [item.product for item in listed(shop)] == ["acme/1", "acme/2"]
    shop.store.correct(changed[0], "title", "de", "gelber Schlauch", only_here=False)
    assert listed(shop) == ()
    shop.put(lamp("1"))  # back to the text that was corrected first: that counts again, so nobody is needed
    translate(shop)
    assert shop.shown(lamp("1"), "de").translation.text == "Gartenschlauch"
    assert listed(shop) == ()


def test_only_here_settles_it_too(shop: Shop) -> None:
    shop.put(lamp("1"))
    shop.store.follow()
    shop.store.correct(lamp("1"), "title", "de", "Gartenschlauch", only_here=True)
    changed = lamp("1", title="yellow garden hose")
    shop.put(changed)
    shop.store.follow()
    assert len(listed(shop)) == 1
    shop.store.correct(changed, "title", "de", "gelber Schlauch", only_here=True)
    assert listed(shop) == ()


def test_a_correction_of_a_given_text_is_outdated_with_that_text(shop: Shop) -> None:
    def given(text: str) -> Product:
        return lamp("1", given=(GivenText("title", "de", text),))

    shop.put(given("Schlauch"))
    shop.store.follow()
    shop.store.correct(given("Schlauch"), "title", "de", "Gartenschlauch", only_here=False)
    assert listed(shop) == ()
    shop.put(given("Wasserschlauch"))
    translate(shop)
    [found] = listed(shop)
    assert (found.correction, found.old_source) == ("Gartenschlauch", None)
    assert shop.shown(given("Wasserschlauch"), "de").shown == "Wasserschlauch"


def test_a_field_that_is_gone_needs_nobody(shop: Shop) -> None:
    shop.put(lamp("1", bullets=("strong",)))
    shop.store.follow()
    shop.store.correct(lamp("1", bullets=("strong",)), "bullets.0", "de", "stark", only_here=False)
    shop.put(lamp("1"))
    shop.store.follow()
    assert listed(shop) == ()


# -- similar texts ----------------------------------------------------------------------------------------------------


def test_similar_texts_of_this_supplier_and_of_the_installation(shop: Shop) -> None:
    shop.put(
        lamp("1", title=BAD), lamp("2", title="POISONED garden hose"), lamp("3", supplier="other", title=f"{BAD}n")
    )
    translate(shop)
    remember(shop, "", "de", poisonous_garden_house="Gartenhaus", umbrella="Schirm")
    remember(shop, "acme", "de", poisonous_hose="Schlauch")
    remember(shop, "acme", "fr", poisonous_garden_hoses="tuyaux")
    remember(shop, "other", "de", poisonous_garden_hosen="fremd")
    shop.store.correct(lamp("2", title="POISONED garden hose"), "title", "de", "vergiftet", only_here=False)
    shop.store.correct(lamp("3", supplier="other", title=f"{BAD}n"), "title", "de", "fremd", only_here=False)
    [found] = listed(shop)
    assert [(match.target, match.state) for match in found.matches] == [
        ("Gartenhaus", "memory"), ("vergiftet", "reviewed"), ("Schlauch", "memory"),
    ]  # fmt: skip
    scores = [match.score for match in found.matches]
    assert scores == sorted(scores, reverse=True)
    assert all(LEAST_SCORE <= score <= 100 for score in scores)
    assert shop.shown(lamp("1", title=BAD), "de").translation.text is None  # shown, never applied


def test_sentences_of_a_description_are_compared_each(shop: Shop) -> None:
    product = lamp(description=f"<p>A {BAD}.</p><p>{'Long text follows here. ' * 20}</p>")
    shop.put(product)
    translate(shop)
    remember(shop, "acme", "de", poisonous_garden_hoses="giftige Gartenschläuche")
    found = {item.field: item for item in listed(shop)}["description"]
    assert [match.target for match in found.matches] == ["giftige Gartenschläuche"]


def test_the_best_few_are_shown(shop: Shop) -> None:
    remember(shop, "acme", "de", **{f"garden_hose_{'x' * number}": f"Schlauch {number}" for number in range(1, 6)})
    with shop.database.connect() as connection:
        found = matches(connection, "acme", "en", "de", {"a": ["garden hose x"], "b": [], "c": ["y" * (LONGEST + 1)]})
    assert [match.target for match in found["a"]] == ["Schlauch 1", "Schlauch 2", "Schlauch 3"]
    assert found["a"][0] == Match(100, "garden hose x", "Schlauch 1", "memory")
    assert len(found["a"]) == MOST_MATCHES
    assert found["b"] == found["c"] == []


@pytest.mark.parametrize("length", [1, 5, 18, 60])
def test_no_text_that_is_similar_enough_is_passed_over_for_its_length(shop: Shop, length: int) -> None:
    """The database hands out candidates by length; the longest and the shortest that reach the score are among them."""
    asked = "a" * 30
    score = 200 * min(length, 30) / (length + 30)
    remember(shop, "acme", "de", **{"a" * length: "x"})
    with shop.database.connect() as connection:
        found = matches(connection, "acme", "en", "de", {"": [asked]})[""]
    assert bool(found) == (score >= LEAST_SCORE)


def test_the_suppliers_own_comes_first_where_there_is_too_much_to_compare(shop: Shop) -> None:
    remember(shop, "", "de", garden_hose_a="für alle")
    remember(shop, "acme", "de", garden_hose_b="für acme")
    for most, targets in ((300, {"für alle", "für acme"}), (1, {"für acme"}), (0, set())):
        with shop.database.connect() as connection:
            found = matches(connection, "acme", "en", "de", {"": ["garden hose"]}, most)[""]
        assert {match.target for match in found} == targets


def test_a_state_that_nobody_wrote_is_not_confirmed(shop: Shop) -> None:
    """Machine translations of similar texts are no help: only what people or suppliers confirmed is shown."""
    shop.put(lamp("1", title=BAD), lamp("2", title="poisoned garden hose"))
    translate(shop)
    assert listed(shop)[0].matches == ()
    with writing(shop.database) as connection:
        connection.execute(update(translations).where(translations.c.state == "machine").values(state="reviewed"))
    assert len(listed(shop)[0].matches) == 1
