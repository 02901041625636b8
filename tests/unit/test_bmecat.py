"""BMEcat 1.2 and 2005: what the standard spreads over a document is brought together."""

from pathlib import Path

from catalog.model import RowError
from catalog.readers import open_catalog
from catalog.readers.base import Record

OLD = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE BMECAT SYSTEM "http://absent.invalid/bmecat_new_catalog_1_2.dtd">
<BMECAT version="1.2">
 <HEADER><CATALOG><LANGUAGE>deu</LANGUAGE><CATALOG_ID>7</CATALOG_ID><CURRENCY>EUR</CURRENCY>
  <MIME_ROOT>https://img.example/p/</MIME_ROOT></CATALOG><SUPPLIER><SUPPLIER_NAME>Keller</SUPPLIER_NAME></SUPPLIER></HEADER>
 <T_NEW_CATALOG>
  <CATALOG_GROUP_SYSTEM>
   <CATALOG_STRUCTURE type="root"><GROUP_ID>1</GROUP_ID><GROUP_NAME>Katalog</GROUP_NAME><PARENT_ID>0</PARENT_ID></CATALOG_STRUCTURE>
   <CATALOG_STRUCTURE type="node"><GROUP_ID>2</GROUP_ID><GROUP_NAME>Werkzeug</GROUP_NAME><PARENT_ID>1</PARENT_ID></CATALOG_STRUCTURE>
   <CATALOG_STRUCTURE type="leaf"><GROUP_ID>3</GROUP_ID><GROUP_NAME>H\xe4mmer</GROUP_NAME><PARENT_ID>2</PARENT_ID></CATALOG_STRUCTURE>
  </CATALOG_GROUP_SYSTEM>
  <ARTICLE mode="new">
   <SUPPLIER_AID>000417</SUPPLIER_AID>
   <ARTICLE_DETAILS><DESCRIPTION_SHORT>Hammer 500 g</DESCRIPTION_SHORT><DESCRIPTION_LONG>F\xfcr gro\xdfe N\xe4gel</DESCRIPTION_LONG>
    <EAN>4006381333931</EAN><MANUFACTURER_NAME>Stahl</MANUFACTURER_NAME><KEYWORD>Hammer</KEYWORD><KEYWORD>Nagel</KEYWORD></ARTICLE_DETAILS>
   <ARTICLE_FEATURES><REFERENCE_FEATURE_SYSTEM_NAME>ECLASS-5.1</REFERENCE_FEATURE_SYSTEM_NAME>
    <REFERENCE_FEATURE_GROUP_ID>21040402</REFERENCE_FEATURE_GROUP_ID>
    <FEATURE><FNAME>L\xe4nge</FNAME><FVALUE>300</FVALUE><FUNIT>MMT</FUNIT></FEATURE>
    <FEATURE><FNAME>Farbe</FNAME><FVALUE>rot</FVALUE><FVALUE>blau</FVALUE></FEATURE>
    <FEATURE><FNAME>Leer</FNAME><FVALUE>-</FVALUE></FEATURE></ARTICLE_FEATURES>
   <ARTICLE_ORDER_DETAILS><ORDER_UNIT>C62</ORDER_UNIT><QUANTITY_MIN>2</QUANTITY_MIN></ARTICLE_ORDER_DETAILS>
   <ARTICLE_PRICE_DETAILS>
    <ARTICLE_PRICE price_type="nrp"><PRICE_AMOUNT>19.90</PRICE_AMOUNT></ARTICLE_PRICE>
    <ARTICLE_PRICE price_type="net_list"><PRICE_AMOUNT>11.50</PRICE_AMOUNT><LOWER_BOUND>10</LOWER_BOUND></ARTICLE_PRICE>
    <ARTICLE_PRICE price_type="net_list"><PRICE_AMOUNT>12.50</PRICE_AMOUNT><LOWER_BOUND>1</LOWER_BOUND></ARTICLE_PRICE>
   </ARTICLE_PRICE_DETAILS>
   <MIME_INFO><MIME><MIME_TYPE>image/jpeg</MIME_TYPE><MIME_SOURCE>417.jpg</MIME_SOURCE></MIME>
    <MIME><MIME_TYPE>application/pdf</MIME_TYPE><MIME_SOURCE>https://x.example/417.pdf</MIME_SOURCE></MIME></MIME_INFO>
  </ARTICLE>
  <ARTICLE><SUPPLIER_AID>B2</SUPPLIER_AID><ARTICLE_DETAILS><DESCRIPTION_SHORT>S\xe4ge &amp; Blatt</DESCRIPTION_SHORT></ARTICLE_DETAILS></ARTICLE>
  <ARTICLE_TO_CATALOGGROUP_MAP><ART_ID>000417</ART_ID><CATALOG_GROUP_ID>3</CATALOG_GROUP_ID></ARTICLE_TO_CATALOGGROUP_MAP>
 </T_NEW_CATALOG>
</BMECAT>
"""  # noqa: E501 (a document is read by its lines)

NEW = """<?xml version="1.0" encoding="UTF-8"?>
<BMECAT version="2005" xmlns="http://www.bmecat.org/bmecat/2005fd">
<HEADER><CATALOG><LANGUAGE>eng</LANGUAGE><LANGUAGE default="true">ger</LANGUAGE><CURRENCY>CHF</CURRENCY></CATALOG></HEADER>
<T_NEW_CATALOG>
<PRODUCT><SUPPLIER_PID type="supplier_specific">X-1</SUPPLIER_PID><PRODUCT_DETAILS>
<DESCRIPTION_SHORT lang="deu">Zange</DESCRIPTION_SHORT><DESCRIPTION_SHORT lang="eng">Pliers</DESCRIPTION_SHORT>
<DESCRIPTION_LONG>Aus Stahl</DESCRIPTION_LONG><INTERNATIONAL_PID type="gtin">12345670</INTERNATIONAL_PID></PRODUCT_DETAILS>
<PRODUCT_FEATURES><FEATURE><FNAME lang="deu">Farbe</FNAME><FNAME lang="eng">Colour</FNAME><FVALUE lang="deu">rot</FVALUE>
<FVALUE lang="eng">red</FVALUE></FEATURE></PRODUCT_FEATURES>
<PRODUCT_PRICE_DETAILS><PRODUCT_PRICE price_type="net_customer"><PRICE_AMOUNT>7.5</PRICE_AMOUNT><PRICE_CURRENCY>USD</PRICE_CURRENCY>
<LOWER_BOUND>5</LOWER_BOUND></PRODUCT_PRICE></PRODUCT_PRICE_DETAILS></PRODUCT>
<PRODUCT><SUPPLIER_PID>X-2</SUPPLIER_PID><PRODUCT_DETAILS><DESCRIPTION_SHORT>Feile</DESCRIPTION_SHORT></PRODUCT_DETAILS></PRODUCT>
</T_NEW_CATALOG></BMECAT>
"""  # noqa: E501


def read(folder: Path, content: str | bytes) -> list[Record | RowError]:
    path = folder / "catalog.xml"
    path.write_bytes(content.encode("iso8859-1") if content is OLD else str(content).encode())
    reader = open_catalog(path)
    assert reader.shape().format == "bmecat"
    return list(reader.records())


def test_an_article_of_version_1_2(tmp_path: Path) -> None:
    first, second = read(tmp_path, OLD)
    assert first == Record(
        12,
        (
            ("SUPPLIER_AID", "000417"),
            ("DESCRIPTION_SHORT", "Hammer 500 g"),
            ("DESCRIPTION_LONG", "Für große Nägel"),
            ("EAN", "4006381333931"),
            ("MANUFACTURER_NAME", "Stahl"),
            ("KEYWORD", "Hammer"),
            ("KEYWORD", "Nagel"),
            ("attributes.Länge", "300 mm"),
            ("attributes.Farbe", "rot, blau"),
            ("classification.ECLASS-5.1", "21040402"),
            ("ORDER_UNIT", "C62"),
            ("QUANTITY_MIN", "2"),
            ("price", "12.50"),
            ("currency", "EUR"),
            ("price tiers", "10: 11.50 EUR"),
            ("list price", "19.90 EUR"),
            ("image", "https://img.example/p/417.jpg"),
            ("document", "https://x.example/417.pdf"),
            ("category", "Werkzeug > Hämmer"),
        ),
    )
    assert isinstance(second, Record)
    assert second.cells == (("SUPPLIER_AID", "B2"), ("DESCRIPTION_SHORT", "Säge & Blatt"))


def test_a_product_of_version_2005_in_two_languages(tmp_path: Path) -> None:
    first, _ = read(tmp_path, NEW)
    assert isinstance(first, Record)
    assert first.cells == (
        ("SUPPLIER_PID", "X-1"),
        ("DESCRIPTION_SHORT", "Zange"),
        ("DESCRIPTION_SHORT_en", "Pliers"),
        ("DESCRIPTION_LONG", "Aus Stahl"),
        ("EAN", "12345670"),
        ("attributes.Farbe", "rot"),
        ("attributes.Farbe_en", "red"),
        ("attributes.Farbe.name_en", "Colour"),
        ("price", "7.5"),
        ("currency", "USD"),
        ("minimum order", "5"),
    )


def test_a_group_that_is_its_own_parent_ends(tmp_path: Path) -> None:
    looped = OLD.replace("<PARENT_ID>1</PARENT_ID>", "<PARENT_ID>3</PARENT_ID>")
    path = tmp_path / "catalog.xml"
    path.write_bytes(looped.encode("iso8859-1"))
    first = next(iter(open_catalog(path).records()))
    assert isinstance(first, Record)
    assert (first.first("category") or "").endswith("Werkzeug > Hämmer")


def test_a_broken_article_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    broken = NEW.replace("Aus Stahl", "Aus <Stahl").replace("</PRODUCT>\n<PRODUCT>", "</PRODUCT>\n<PRODUCT mode='new'>")
    lines = broken.replace("<T_NEW_CATALOG>\n", f"<T_NEW_CATALOG>\n{GOOD}\n")
    found = read(tmp_path, lines)
    assert [type(one).__name__ for one in found] == ["Record", "RowError", "Record"]
    assert isinstance(found[2], Record)
    assert found[2].first("SUPPLIER_PID") == "X-2"


GOOD = (
    "<PRODUCT><SUPPLIER_PID>X-0</SUPPLIER_PID><PRODUCT_DETAILS><DESCRIPTION_SHORT>Axt</DESCRIPTION_SHORT>"
    "</PRODUCT_DETAILS></PRODUCT>"
)


def test_a_nameless_group_that_is_its_own_parent_ends(tmp_path: Path) -> None:
    group = "<CATALOG_STRUCTURE><GROUP_ID>1</GROUP_ID><PARENT_ID>1</PARENT_ID></CATALOG_STRUCTURE>"
    place = "<PRODUCT_TO_CATALOGGROUP_MAP><PROD_ID>X-1</PROD_ID><CATALOG_GROUP_ID>1</CATALOG_GROUP_ID>"
    looped = NEW.replace("<T_NEW_CATALOG>", f"<T_NEW_CATALOG>{group}{place}</PRODUCT_TO_CATALOGGROUP_MAP>")
    first = read(tmp_path, looped)[0]
    assert isinstance(first, Record)
    assert first.first("category") is None


def test_entities_of_a_document_type_that_is_not_loaded(tmp_path: Path) -> None:
    named = NEW.replace("<BMECAT", '<!DOCTYPE BMECAT SYSTEM "bmecat.dtd"><BMECAT')
    first = read(tmp_path, named.replace("Zange", "R&ouml;hre"))[0]
    assert isinstance(first, Record)
    assert first.first("DESCRIPTION_SHORT") == "Röhre"
