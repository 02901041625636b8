"""What the store says of texts, and what it tells the indexes."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.languages import CODES
from catalog.model import Attribute, GivenText, Product
from tests.unit.shop import Recorder, Shop, lamp
from translation.model import State

pytestmark = pytest.mark.usefixtures("database")

RICH = Product(
    "acme",
    "rich/1",
    "en",
    "Red lamp 12 V",
    description="<p>A very fine garden hose. It bends.</p>",
    bullets=("strong", "light"),
    category=("Home", "Lamps"),
    attributes=(Attribute("size", "Size", "12 x 5 cm"), Attribute("colour", "Colour", "red")),
    keywords=("lamp", "red lamp"),
    given=(GivenText("title", "de", "Rote Lampe 12 V"), GivenText("title", "fr", "Lampe rouge 12 V")),
)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.put(RICH, lamp("1"), lamp("2", lang="de", title="Gartenschlauch grün"), lamp("3", supplier="other"))
    made.translate(Recorder(["en-de", "en-fr"]), "de", "en", "fr", "ja")
    return made


def counted(shop: Shop, supplier: str | None = None) -> dict[str, Counter[str]]:
    """Count by hand what readers see."""
    ids = [RICH.id, "acme/1", "acme/2", "other/3"]
    found: dict[str, Counter[str]] = {code: Counter() for code in CODES}
    for product, texts in shop.store.field_texts(ids, CODES).items():
        for text in texts:
            if supplier is None or product.startswith(f"{supplier}/"):
                found[text.lang][text.translation.state.value] += 1
    return found


@pytest.mark.parametrize("supplier", [None, "acme", "other", "nobody"])
def test_coverage_is_what_readers_see(shop: Shop, supplier: str | None) -> None:
    shop.store.correct(RICH, "attributes.colour.value", "de", "hellrot", only_here=True)
    shop.store.correct(lamp("1"), "title", "ja", "ホース", only_here=False)
    by_hand = counted(shop, supplier)
    for lang, states in shop.store.coverage(CODES, supplier).items():
        assert states == {state.value: by_hand[lang][state.value] for state in State}


def test_coverage_forgets_withdrawn_products(shop: Shop) -> None:
    shop.withdraw(RICH)
    shop.store.follow()
    assert shop.store.coverage(["ja"])["ja"] == {state.value: counted(shop)["ja"][state.value] for state in State}


def test_texts_that_are_not_translated_yet_are_missing(shop: Shop) -> None:
    found = shop.shown(RICH, "ko")
    assert (found.translation.state, found.shown) == (State.MISSING, RICH.title)
    assert found.as_json()["text"] == RICH.title


def test_a_text_that_was_not_followed_has_no_translation_though_another_product_has_one(shop: Shop) -> None:
    shop.translate(Recorder(["de-fr"]), "fr")
    other = lamp("2", lang="de", title="Gartenschlauch grün")
    assert shop.shown(other, "fr").translation.state is State.MACHINE
    changed, unchanged = replace(lamp("1"), lang="de", title=other.title), shop.shown(other, "fr")
    shop.put(changed)
    both = shop.store.field_texts([changed.id, other.id], ["fr"])
    assert both[changed.id][0].translation.state is State.MISSING
    assert both[other.id] == [unchanged]


def test_every_text_names_what_made_it_or_that_nothing_did(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    product = lamp(title="Extraordinary hose", given=(GivenText("title", "fr", "Tuyau"),))
    shop.put(product)
    assert shop.shown(product, "de").as_json()["engine"] == "none"
    assert shop.translate(Recorder([]), "de", "fr").by_engine["none"] == 1  # the French is in the memory
    shown = {lang: shop.shown(product, lang).as_json() for lang in ("de", "en", "fr")}
    assert {lang: (one["state"], one["engine"]) for lang, one in shown.items()} == {
        "de": ("missing", "none"), "en": ("source", "supplier"), "fr": ("source", "supplier"),
    }  # fmt: skip


def test_a_text_has_the_state_of_its_worst_segment(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    product = lamp(title="lamp", category=("Lamp", "Extraordinary hose"))
    shop.put(product)
    shop.translate(Recorder([]), "de")
    assert shop.shown(product, "de", "category").translation.state is State.MISSING
    shop.translate(Recorder(["en-de"]), "de")
    assert shop.shown(product, "de", "category").translation.text == "Lampe > Extraordinary·de hose·de"


def test_the_log_holds_what_readers_see_change(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    given = lamp("1", given=(GivenText("title", "de", "Schlauch"),))
    # In Japanese nothing changes: the texts were missing before and are missing now. The given text stays as it is.
    shop.put(given, lamp("2", title="blue garden hose"))
    position = shop.store.position()
    shop.translate(Recorder(["en-de", "en-fr"]), "de", "fr", "ja")
    assert sorted(shop.log(position)) == [("acme/1", "fr"), ("acme/2", "de"), ("acme/2", "fr")]


def test_following_twice_changes_nothing(shop: Shop) -> None:
    assert shop.store.follow() == 0
    before = shop.store.coverage(CODES)
    shop.put(RICH)
    assert shop.store.follow() == 1
    assert shop.store.coverage(CODES) == before


def test_follow_walks_many_pages(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.put(*(lamp(str(number)) for number in range(1_000)))
    assert shop.store.follow() == 1_000
    assert shop.store.coverage(["en"])["en"]["source"] == 1_000
    assert shop.store.followed() == shop.store.position()


def test_two_stores_on_one_database_share_the_work(tmp_path: Path) -> None:
    one, other = Shop(tmp_path), Shop(tmp_path)
    one.put(*(lamp(str(number)) for number in range(500)))
    assert one.store.follow() + other.store.follow() == 500
    assert other.store.coverage(["en"])["en"]["source"] == 500


def test_readers_say_how_far_the_log_may_be_cut(shop: Shop) -> None:
    assert shop.store.readers()[0] <= shop.store.position()
    shop.put(lamp("9"))
    assert all(position < shop.store.position() for position in shop.store.readers())


def test_the_log_may_be_cut_behind_translations(shop: Shop) -> None:
    assert shop.store.readers() == [shop.store.position()] * 2
    shop.store.correct(lamp("1"), "title", "de", "Schlauch", only_here=False)
    assert shop.store.followed() < shop.store.position()
    assert shop.store.follow() == 0
    assert shop.store.followed() == shop.store.position()
    shop.put(lamp("9"))
    assert shop.store.followed() < shop.store.position()
    assert shop.store.follow() == 1


def test_a_given_text_of_the_own_language_is_not_one(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    product = lamp("1", given=(GivenText("title", "en", "something else"),))
    shop.put(product)
    shop.store.follow()
    assert shop.shown(product, "en").shown == product.title
