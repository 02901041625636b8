"""Pages of HTML, as shops send them for .xls."""
# ruff: noqa: E501 (markup is read by its lines)

import re
from pathlib import Path

import pytest

from catalog.errors import UnreadableFileError
from catalog.readers import open_catalog
from tests.unit.test_workbooks import cells


class TestHtmlTables:
    def read(
        self, folder: Path, rows: str, before: str = "<html>", name: str = "a.xls", encoding: str = "utf-8"
    ) -> list[list[str]]:
        header = "<tr><th>sku<th>title<th>price"
        (folder / name).write_bytes(f"{before}<table>{header}{rows}</table>".encode(encoding))
        return cells(folder / name)

    def test_tags_that_were_left_open_line_breaks_and_entities(self, tmp_path: Path) -> None:
        rows = "<tr><td>000417<td>Cup &amp; <b>saucer</b><br>blue<td>1.299,00 &euro;\n<tr><td> B <td><a href=x>Mug</a><td>&nbsp;"
        assert self.read(tmp_path, rows) == [["000417", "Cup & saucer\nblue", "1.299,00 €"], ["B", "Mug"]]

    def test_a_description_keeps_its_blocks_and_a_wrapped_value_is_plain(self, tmp_path: Path) -> None:
        rows = "<tr><td><div><font>A</font></div></td><td><p>Cup</p><ul><li>blue</li></ul></td><td><img src='a.jpg'></td></tr>"
        assert self.read(tmp_path, rows) == [["A", "<p>Cup</p><ul><li>blue</li></ul>", "a.jpg"]]

    def test_a_table_inside_a_cell_belongs_to_the_cell(self, tmp_path: Path) -> None:
        rows = "<tr><td>A</td><td>Cup<table><tr><td>size</td><td>5</td></tr></table></td><td>1</td></tr><tr><td>B<td>Mug<td>2"
        found = self.read(tmp_path, rows)
        assert [row[0] for row in found] == ["A", "B"]
        assert re.fullmatch(r"Cup<table>\s*<tr>\s*<td>size</td>\s*<td>5</td>\s*</tr>\s*</table>", found[0][1])

    def test_numbers_that_excel_wrote_beside_their_text(self, tmp_path: Path) -> None:
        excel = '<html xmlns:x="urn:schemas-microsoft-com:office:excel">'
        rows = '<tr><td x:num="4006381333931">4.00638E+12<td x:str>007<td x:num="12.5">12,50 €'
        assert self.read(tmp_path, rows, excel, "page.html") == [["4006381333931", "007", "12.50 €"]]

    @pytest.mark.parametrize(
        ("encoding", "declared", "text"),
        [("cp1251", "windows-1251", "Молоток слесарный"), ("gb18030", "gb2312", "不锈钢水壶"), ("cp932", "", "ステンレスやかん"),
         ("utf-16", "unicode", "やかん"), ("utf-8", "windows-1252", "Größe für Möbel")],
    )  # fmt: skip
    def test_encodings(self, tmp_path: Path, encoding: str, declared: str, text: str) -> None:
        before = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={declared}"></head>'
        rows = "".join(f"<tr><td>A{n}<td>{text}<td>{n}" for n in range(5))
        assert {row[1] for row in self.read(tmp_path, rows, before, encoding=encoding)} == {text}

    def test_a_page_is_a_catalog_where_its_table_names_products(self, tmp_path: Path) -> None:
        assert self.read(tmp_path, "<tr><td>A<td>Cup<td>1", name="a.html") == [["A", "Cup", "1"]]
        menu = "<!DOCTYPE html><html><body><table><tr><td>Home<td>Shop<tr><td>Login<td>Help</table>"
        (tmp_path / "menu.html").write_text(menu)
        with pytest.raises(UnreadableFileError, match="HTML page, not a catalog"):
            open_catalog(tmp_path / "menu.html").shape()

    @pytest.mark.parametrize(
        "before",
        [
            "<br />\n<b>Notice</b>: Undefined <b>x.php</b><br />",
            "<meta charset=utf-8>",
            "<style>a {}</style>",
            "<?xml version='1.0'?><!-- a --><html>",
            "",
        ],
    )
    def test_what_scripts_leave_above_the_table(self, tmp_path: Path, before: str) -> None:
        assert self.read(tmp_path, "<tr><td>A<td>Cup<td>1", before, name="upload") == [["A", "Cup", "1"]]

    def test_xml_whose_root_is_called_table_is_xml(self, tmp_path: Path) -> None:
        rows = "".join(f"<row><sku>A{n}</sku><title>Cup</title></row>\n" for n in range(3))
        (tmp_path / "a.xml").write_text(f"<table>\n{rows}</table>")
        assert open_catalog(tmp_path / "a.xml").shape().format == "xml"
