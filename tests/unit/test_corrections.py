"""Corrections: what may stand in one, whom it reaches, and whom it never reaches."""

from pathlib import Path

import pytest
from sqlalchemy import select

from catalog.database import reading
from catalog.errors import UsageError
from catalog.model import GivenText, Product
from catalog.tables import memory
from tests.unit.shop import Recorder, Shop, lamp
from translation.model import State
from translation.records.corrections import checked

KINDS = ("title", "category", "keywords", "bullet", "attribute_name", "attribute_value")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  one line \n", "one line"),
        ("first\r\nsecond\n\n\n\nthird", "first\nsecond\n\nthird"),
        ("<p>first</p>\n<ul>\n<li>second</li></ul>", "<p>first</p><ul><li>second</li></ul>"),
        ("<b>first</b>\nsecond", "<p><b>first</b><br>second</p>"),
        ("<p onclick='x'>a</p><p>b <script>alert(1)</script></p>", "<p>a</p><p>b</p>"),
        ("\tfirst\tword", "first word"),
    ],
)
def test_a_description_may_have_lines_and_blocks(written: str, kept: str) -> None:
    assert checked("description", written, "x") == kept
    assert checked("description", kept, "x") == kept


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("line_end", ["\n", "\r"])
def test_only_a_description_may_have_lines(kind: str, line_end: str) -> None:
    with pytest.raises(UsageError, match=r"acme/1, title: character 2 .* a line break, which only a description"):
        checked(kind, f"a{line_end}b", "acme/1, title")
    assert checked(kind, " a b\n", "x") == "a b"


@pytest.mark.parametrize("kind", ["title", "description"])
@pytest.mark.parametrize(
    ("text", "said"), [("a\x00b", "U+0000"), ("a\x1bb", "control"), ("a\udc80", "half"), (" ", "empty")]
)
def test_what_no_text_holds_is_refused(kind: str, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("+", r"\+")):
        checked(kind, text, "x")


def test_a_description_of_which_nothing_is_left_is_refused() -> None:
    with pytest.raises(UsageError, match="empty"):
        checked("description", "<script>alert(1)</script>", "x")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("only_here", [False, True])
def test_a_correction_reaches_identical_texts_of_its_supplier_alone(tmp_path: Path, only_here: bool) -> None:
    shop = Shop(tmp_path)
    text = "<p>One hose.</p>"
    products = [lamp("1", description=text), lamp("2", description=text), lamp("1", supplier="other", description=text)]
    shop.put(*products)
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    position = shop.store.position()
    reached = shop.store.correct(products[0], "description", "de", "<p>Ein Schlauch.</p>", only_here=only_here)
    expected = ["acme/1"] if only_here else ["acme/1", "acme/2"]
    assert reached == len(expected)
    for _ in range(2):  # at once, and after the next run
        assert shop.log(position) == [(product, "de") for product in expected]
        states = {one.id: shop.shown(one, "de", "description").translation.state for one in products}
        assert {name for name, state in states.items() if state is State.REVIEWED} == set(expected)
        shop.translate(engine, "de")


# -- a text that the supplier gave ------------------------------------------------------------------------------------


def given(sku: str, text: str, lang: str = "de", title: str = "green garden hose") -> Product:
    return lamp(sku, title=title, given=(GivenText("title", lang, text),))


def read(shop: Shop, *products: Product, lang: str = "de") -> list[tuple[str, State]]:
    found = [shop.shown(one, lang) for one in products]
    return [(one.shown, one.translation.state) for one in found]


@pytest.mark.usefixtures("database")
def test_a_correction_of_a_given_text_spreads(tmp_path: Path) -> None:
    shop, engine = Shop(tmp_path), Recorder(["en-de"])
    products = [given("1", "Schlauch"), lamp("2"), given("3", "Wasserschlauch"), lamp("4", supplier="other")]
    shop.put(*products)
    shop.translate(engine, "de")
    assert shop.shown(products[1], "de").translation.state is State.MEMORY
    position = shop.store.position()
    assert shop.store.correct(products[0], "title", "de", "Gartenschlauch", only_here=False) == 2
    assert sorted(shop.log(position)) == [("acme/1", "de"), ("acme/2", "de")]
    corrected = ("Gartenschlauch", State.REVIEWED)
    expected = [corrected, corrected, ("Wasserschlauch", State.SOURCE)]
    for _ in range(2):  # at once, and after the supplier sent all of it again
        assert read(shop, *products[:3]) == expected
        assert shop.shown(products[3], "de").translation.state is State.MACHINE
        shop.put(*products)
        shop.translate(engine, "de")
    assert read(shop, *products[:3]) == expected


@pytest.mark.usefixtures("database")
def test_a_given_text_that_was_corrected_only_here_goes_on_feeding_the_memory(tmp_path: Path) -> None:
    shop, engine = Shop(tmp_path), Recorder(["en-de"])
    first, second = given("1", "Schlauch"), lamp("2")
    shop.put(first, second)
    shop.translate(engine, "de")
    assert shop.store.correct(first, "title", "de", "Gartenschlauch", only_here=True) == 1
    shop.put(first, second)
    shop.translate(engine, "de")
    assert read(shop, first, second) == [("Gartenschlauch", State.REVIEWED), ("Schlauch", State.MEMORY)]


@pytest.mark.usefixtures("database")
def test_a_given_text_that_a_person_replaced_feeds_nobody(tmp_path: Path) -> None:
    shop, engine = Shop(tmp_path), Recorder(["en-de"])
    shop.put(given("1", "Schlauch"))
    shop.store.follow()
    shop.store.correct(given("1", "Schlauch"), "title", "de", "Gartenschlauch", only_here=False)
    # The supplier changes the original and leaves the German as it was: for that text the correction stands.
    changed = given("1", "Schlauch", title="long garden hose")
    same, old = lamp("2", title="long garden hose"), lamp("3")
    shop.put(changed, same, old)
    shop.translate(engine, "de")
    assert read(shop, changed, old) == [("Gartenschlauch", State.REVIEWED)] * 2
    assert shop.shown(same, "de").translation.state is State.MACHINE
    with reading(shop.database) as connection:
        assert connection.execute(select(memory.c.target_text)).scalars().all() == []
    # It gives another German: that is its own again, and the correction is shown to the reviewer.
    new = given("1", "Langschlauch", title="long garden hose")
    shop.put(new)
    shop.translate(engine, "de")
    assert read(shop, new, same) == [("Langschlauch", State.SOURCE), ("Langschlauch", State.MEMORY)]
    assert [one.correction for one in shop.store.review(["de"]).items] == ["Gartenschlauch"]


@pytest.mark.usefixtures("database")
def test_given_english_that_was_corrected_is_the_middle_of_the_way(tmp_path: Path) -> None:
    shop, engine = Shop(tmp_path), Recorder(["en-fr"])
    first = lamp("1", lang="de", title="grüner Schlauch", given=(GivenText("title", "en", "green tube"),))
    second = lamp("2", lang="de", title="grüner Schlauch")
    shop.put(first, second)
    shop.translate(engine, "fr")
    assert engine.asked[-1] == ("en-fr", "green tube")
    shop.store.correct(first, "title", "en", "green hose", only_here=False)
    shop.translate(engine, "en", "fr")
    assert engine.asked[-1] == ("en-fr", "green hose")
    assert read(shop, first, second, lang="en") == [("green hose", State.REVIEWED)] * 2
