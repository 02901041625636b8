"""TMX and TBX read and written by another program, the translate toolkit: neither side knows the other's code."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.languages import CODES
from translation.memory.tmx import Place, Unit, read
from translation.memory.tmx_writing import Entry, write
from translation.terminology.files import read_term_files

tmx = pytest.importorskip("translate.storage.tmx", reason="the translate toolkit is not installed")
tbx = pytest.importorskip("translate.storage.tbx", reason="the translate toolkit is not installed")

# The toolkit takes the white space of a segment as it stands, and Lexicart as one space: what may be compared has none
# but single spaces inside. A text that is all mark-up has nothing to compare either.
TEXT = st.from_regex(re.compile(r"[^\W_][\w&<>\"'°×Ω±½ ]{0,30}[^\W_]"), fullmatch=True).filter(
    lambda text: "  " not in text and not re.search(r"<[A-Za-z/!?]", text) and text.isprintable()
)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5, unique_by=lambda pair: pair[0]), st.permutations(CODES))
def test_the_toolkit_reads_the_units_that_lexicart_writes(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str]], langs: list[str]
) -> None:
    path = tmp_path_factory.mktemp("tmx") / "memory.tmx"
    source, target = langs[:2]
    write(path, [Entry(source, text, Place("title"), {target: other}) for text, other in said])
    with path.open("rb") as file:
        found = tmx.tmxfile(file, sourcelanguage=source, targetlanguage=target)
    assert [(str(unit.source), str(unit.target)) for unit in found.units] == said


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5, unique_by=lambda pair: pair[0]), st.permutations(CODES))
def test_lexicart_reads_the_units_that_the_toolkit_writes(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str]], langs: list[str]
) -> None:
    path = tmp_path_factory.mktemp("tmx") / "memory.tmx"
    source, target = langs[:2]
    file = tmx.tmxfile(sourcelanguage=source, targetlanguage=target)
    for text, other in said:
        file.addtranslation(text, source, other, target)
    path.write_bytes(bytes(file))
    assert [one.pairs for one in read(path) if isinstance(one, Unit)] == [
        ((source, text, target, other),) for text, other in said
    ]


def test_inline_codes_reach_the_toolkit_as_the_text_that_they_are(tmp_path: Path) -> None:
    path = tmp_path / "memory.tmx"
    write(path, [Entry("en", "<b>red</b> hose<br>10 m", Place("description"), {"de": "<b>roter</b> Schlauch<br>10 m"})])
    with path.open("rb") as file:
        (unit,) = tmx.tmxfile(file, sourcelanguage="en", targetlanguage="de").units
    assert str(unit.source) == "<b>red</b> hose<br>10 m"


def test_lexicart_reads_the_terms_that_the_toolkit_writes(tmp_path: Path) -> None:
    file = tbx.tbxfile(sourcelanguage="en", targetlanguage="de")
    for term, other in (("garden hose", "Gartenschlauch"), ("nut & bolt", "Mutter & Schraube")):
        file.addsourceunit(term).target = other
    path = tmp_path / "terms.tbx"
    path.write_bytes(bytes(file))
    found = read_term_files([path])
    assert found.errors == ()
    assert [one.terms for one in found.concepts] == [
        {"en": ("garden hose",), "de": ("Gartenschlauch",)},
        {"en": ("nut & bolt",), "de": ("Mutter & Schraube",)},
    ]
