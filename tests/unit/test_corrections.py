"""Corrections: what may stand in one, whom it reaches, and whom it never reaches."""

from pathlib import Path

import pytest

from catalog.errors import UsageError
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
