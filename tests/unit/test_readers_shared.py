"""The real catalogs of ../shared/data and the samples of the demo, read as a careful person would.

The expected values were confirmed without the project's readers: CSV with the standard library and the encoding that the
file's source names, JSON and XML with the standard library's parsers, lines by searching the text.
"""
# ruff: noqa: E501 (a table is read by its lines)

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest

from catalog.readers import open_catalog
from tests.conftest import ROOT
from tests.contract.reader import records_of


@dataclass(frozen=True)
class Expected:
    """What a file is: its shape, the number of its records, and one cell of the first and of the last record."""

    file: str
    format: str
    encoding: str | None
    delimiter: str | None
    header_line: int | None
    columns: int
    records: int
    first: tuple[int, str, str]
    last: tuple[int, str, str]


# 34 columns in the XML of Bagisto: five of the 39 are empty in every record, and attributes name only what they hold.
SHARED = (
    Expected("en_bagisto.csv", "csv", "utf-8", ",", 1, 39, 26, (2, "sku", "SP-001"), (27, "sku", "BKP-EVENT-001")),
    Expected("en_bagisto.xlsx", "xlsx", None, None, 1, 39, 26, (2, "sku", "SP-001"), (27, "sku", "BKP-EVENT-001")),
    # Written by PHPExcel, which lists sectors of the file twice.
    Expected("en_bagisto.xls", "xls", None, None, 1, 39, 26, (2, "sku", "SP-001"), (27, "sku", "BKP-EVENT-001")),
    Expected("en_bagisto.xml", "xml", "utf-8", None, None, 34, 26, (3, "sku", "SP-001"), (1028, "sku", "BKP-EVENT-001")),
    Expected("en_de_spryker_b2c.csv", "csv", "utf-8", ",", 1, 39, 215, (2, "abstract_sku", "001"), (216, "name.de_DE", "Geschenkgutschein")),
    Expected("en_magento_configurable.csv", "csv", "utf-8", ",", 1, 70, 1994, (2, "sku", "MH01-XS-Black"), (3940, "sku", "WSH12")),
    Expected("en_prestashop_import.csv", "csv", "utf-8", ";", 1, 55, 7, (2, "Name *", "iPod Nano"), (8, "Product ID", "7")),
    Expected("en_woocommerce_sample.csv", "csv", "utf-8", ",", 1, 55, 24, (2, "SKU", "cc-tee"), (25, "SKU", "cc-hoodie-green-logo")),
    Expected("icecat_tablets.csv", "csv", "utf-8", ";", 1, 16, 25, (2, "sku", "10433706"), (26, "price", "377.06 EUR,756 USD")),
    Expected("icecat_webcams.csv", "csv", "utf-8", ";", 1, 19, 487, (2, "sku", "10655729"), (488, "release_date", "2011-07-29")),
    Expected("ja_eccube_template_sjis.csv", "csv", "cp932", ",", 1, 23, 20, (2, "公開ステータス(ID)", "1"), (39, "商品名", "パーコレーター")),
    Expected("ko_cafe24_export.csv", "csv", "utf-8-sig", ",", 1, 86, 171, (2, "상품코드", "P00000JT"), (172, "상품코드", "P00000BB")),
    Expected("zh_litemall_goods.gbk.csv", "csv", "gb18030", ",", 1, 21, 239, (2, "name", "轻奢纯棉刺绣水洗四件套"), (240, "id", "1181000")),
)  # fmt: skip

SAMPLES = (
    Expected("anadolu-tekstil.jsonl", "jsonl", "utf-8", None, None, 68, 26, (1, "stokKodu", "AT-GYM-1042"), (26, "stokKodu", "AT-PSP-9610")),
    Expected("hanbit-beauty.csv", "csv", "cp949", ",", 1, 16, 28, (2, "상품코드", "HB10001"), (29, "상품코드", "HB10028")),
    Expected("huerta-verde.json", "json", "utf-8", None, None, 80, 27, (2, "codigo", "HV01015"), (443, "codigo", "HV06044")),
    Expected("nile-souq.json", "json", "utf-8", None, None, 74, 28, (17, "id", "NS-F-1001"), (1028, "id", "NS-P-4005")),
    Expected("northgate-outdoor.xml", "xml", "utf-8", None, None, 68, 26, (7, "g:id", "NGO-10021"), (729, "g:id", "NGO-60023")),
    Expected("osaka-daidokoro.csv", "csv", "cp932", ",", 1, 16, 28, (2, "商品コード", "OD-K1165"), (29, "商品コード", "OD-N0605")),
    Expected("papeterie-lumiere.csv", "csv", "utf-8-sig", ";", 1, 17, 30, (2, "Référence", "PL-0107"), (31, "Référence", "PL-2031")),
    Expected("porto-casa.xlsx", "xlsx", None, None, 5, 16, 27, (6, "Código", "000417"), (32, "EAN", "0719283040510")),
    Expected("schraubenkontor-keller.csv", "csv", "cp1252", ";", 1, 19, 27, (2, "Artikelnummer", "SK-1010-0840"), (29, "Artikelnummer", "SK-8205-0009")),
    Expected("shenzhen-mingliang.csv", "csv", "gb18030", ",", 1, 17, 28, (2, "商品编码", "ML-TD-0121"), (29, "商品编码", "WJ-YP02")),
    Expected("ural-instrument.csv", "csv", "cp1251", ";", 1, 16, 28, (2, "Артикул", "УИ-100850"), (29, "Артикул", "ДВ-5605")),
)  # fmt: skip


def name_of(expected: Expected) -> str:
    return expected.file


def check(folder: Path, expected: Expected) -> None:
    reader = open_catalog(folder / expected.file)
    shape = reader.shape()
    records = records_of(reader.records())
    assert (shape.format, shape.encoding, shape.delimiter, shape.header_line) == (
        expected.format,
        expected.encoding,
        expected.delimiter,
        expected.header_line,
    )
    assert (len(shape.columns), len(records)) == (expected.columns, expected.records)
    for record, (line, column, value) in ((records[0], expected.first), (records[-1], expected.last)):
        assert (record.line, record.first(column)) == (line, value)


@pytest.mark.shared
@pytest.mark.parametrize("expected", SHARED, ids=name_of)
def test_a_shared_catalog(shared_data: Path, expected: Expected) -> None:
    check(shared_data / "catalogs", expected)


@pytest.mark.parametrize("expected", SAMPLES, ids=name_of)
def test_a_sample_of_the_demo(expected: Expected) -> None:
    check(ROOT / "samples", expected)


@pytest.mark.shared
@pytest.mark.parametrize("expected", [one for one in SHARED if one.format == "csv"], ids=name_of)
def test_no_cell_of_a_shared_catalog_is_altered(shared_data: Path, expected: Expected) -> None:
    path = shared_data / "catalogs" / expected.file
    csv.field_size_limit(10_000_000)
    with path.open(encoding=expected.encoding, newline="") as file:
        header, *rows = csv.reader(file, delimiter=expected.delimiter or ",")
    cells = [
        tuple((name, cell.strip()) for name, cell in zip(header, row, strict=True) if cell.strip()) for row in rows
    ]
    assert [record.cells for record in records_of(open_catalog(path).records())] == cells


@pytest.mark.shared
def test_one_catalog_in_four_formats_is_the_same_catalog(shared_data: Path) -> None:
    def read(suffix: str) -> list[dict[str, str]]:
        records = records_of(open_catalog(shared_data / "catalogs" / f"en_bagisto.{suffix}").records())
        return [{column: " ".join(value.split()) for column, value in record.cells} for record in records]

    from_csv, from_xlsx, from_xml = read("csv"), read("xlsx"), read("xml")
    assert from_xlsx == read("xls")
    assert [record["sku"] for record in from_csv] == [record["sku"] for record in from_xlsx]
    assert [record["name"] for record in from_csv] == [record["name"] for record in from_xlsx]
    assert from_csv == from_xml
