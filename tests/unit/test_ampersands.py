"""Ampersands as people write them into XML by hand."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.readers import open_catalog
from catalog.readers.ampersands import Ampersands
from catalog.readers.base import Record


def titles(path: Path, body: str) -> list[str | None]:
    path.write_text(f'<?xml version="1.0"?><products>{body}</products>', "utf-8")
    return [record.first("name") for record in open_catalog(path).records() if isinstance(record, Record)]


def product(number: int, name: str) -> str:
    return f"<product><sku>{number}</sku><name>{name}</name></product>"


def test_a_file_on_one_line_is_read_to_its_end(tmp_path: Path) -> None:
    body = product(1, "Chair&nbsp;with arms") + product(2, "Salt & pepper mill") + product(3, "Caf&eacute; &amp; bar")
    assert titles(tmp_path / "a.xml", body) == ["Chair\xa0with arms", "Salt & pepper mill", "Café & bar"]


def test_cdata_is_left_alone(tmp_path: Path) -> None:
    body = product(1, "<![CDATA[a &nbsp; & b]]>") + product(2, "<![CDATA[x]]> &deg; y")
    assert titles(tmp_path / "a.xml", body) == ["a &nbsp; & b", "x ° y"]


@pytest.mark.parametrize("text", ["&#176;", "&#xB0;", "&lt;b&gt;", "&quot;&apos;", "&unknown;"])
def test_what_xml_knows_or_nobody_does_is_not_touched(text: str) -> None:
    assert Ampersands().mended(text, ends_line=True) == text


@given(st.text("abc &;#", max_size=60), st.integers(0, 7))
def test_a_reference_cut_in_two_is_still_one(text: str, place: int) -> None:
    mend = Ampersands()
    reference = "&eacute;"
    first = mend.mended(text.replace("&", "&amp;") + reference[:place], ends_line=False)
    assert first.endswith(reference[:place])
    assert "&amp;amp;" not in first
