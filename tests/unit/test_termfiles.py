"""Files of terms: tables, TBX of both generations, and the taxonomies of Shopify and Google."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import UnreadableFileError, UsageError
from catalog.languages import CODES
from translation.terminology.concepts import KINDS, Concept
from translation.terminology.entries import EntryError, Status, make_concept
from translation.terminology.files import TermFile, read_term_files, write_term_file
from translation.terminology.tables import parse_cell, write_cell
from translation.terminology.termbase import Termbase
from translation.words import words

P, A, F = Status.PREFERRED, Status.ADMITTED, Status.FORBIDDEN


def read(path: Path, text: str | bytes, **options: str) -> TermFile:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_term_files([path], **options)  # type: ignore[arg-type]


def wrong(found: TermFile) -> list[tuple[int, str | None, str]]:
    return [(error.line, error.concept, error.code) for error in found.errors]


# -- two concepts of one name -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "warned"),
    [
        ("gizmo,,,gizmo,Ding,engenhoca\ndup,,,Gizmo|x,Anderes,outro\n", True),
        ("gizmo,,,gizmo,Ding,\ndup,,,gizmo,,outro\n", False),  # each speaks of another language
        ("gizmo,,,gizmo,Ding,coisa\ndup,,,gizmo,Ding,coisa\n", False),
        ("gizmo,A,,gizmo,Ding,\ndup,B,,gizmo,Anderes,\n", False),
        ("gizmo,A|B,,gizmo,Ding,\ndup,B,,gizmo,Anderes,\n", True),
        ("gizmo,,,gizmo,Ding,\ndup,B,,gizmo,Anderes,\n", True),
        ("gizmo,,yes,gizmo,Ding,\ndup,,,gizmo,Anderes,\n", False),
    ],
)
def test_a_word_for_two_concepts_is_named(tmp_path: Path, rows: str, warned: bool) -> None:
    found = read(tmp_path / "t.csv", f"concept,category,kept,en,de,pt\n{rows}")
    assert len(found.concepts) == 2
    said = (
        "t.csv, line 3: en 'gizmo' names concept 'dup' and, in line 2, 'gizmo', so that no text gets the term of "
        "either for sure: make one concept of them, or give each its own category"
    )
    assert [one.replace("Gizmo", "gizmo") for one in found.warnings] == ([said] if warned else [])


# -- tables -----------------------------------------------------------------------------------------------------------


def test_a_table_of_terms(tmp_path: Path) -> None:
    found = read(
        tmp_path / "t.csv",
        "concept,kind,category,kept,de,fr-FR,DE notes\n"
        "screw,part,Tools|A > B,,Schraube|Bolzen,vis|!clou,x\n"
        "drifit,feature,,yes,Dri-FIT,,\n"
        ",,,,Lampe,|luminaire,\n",
    )
    assert found.format == "csv"
    assert found.langs == {"de", "fr"}
    assert found.warnings == ("column 'DE notes' is none of the table's: it was passed over",)
    screw, drifit, lamp = found.concepts
    assert (screw.id, screw.kind, screw.categories) == ("screw", "part", ("Tools", "A > B"))
    assert screw.terms == {"de": ("Schraube", "Bolzen"), "fr": ("vis",)}
    assert (screw.forbidden, screw.binding) == ({"fr": ("clou",)}, {"de", "fr"})
    assert (drifit.kept, drifit.binding) == (True, frozenset())
    assert (lamp.id, lamp.kind, lamp.binding) == ("lampe-de", "product", {"de"})


def test_a_wrong_row_is_named_and_the_rest_is_taken(tmp_path: Path) -> None:
    long_term = "x" * 201
    found = read(
        tmp_path / "t.csv",
        "# a comment\nconcept,kind,kept,de,fr\n"
        "one,product,,Schraube,vis\n"
        "two,thing,,Mutter,écrou\n"
        "three,product,,,\n"
        "four,product,,Nagel|!Nagel,clou\n"
        "five,product,maybe,Dübel,cheville\n"
        f"six,product,,{long_term},a\n"
        "one,product,,Bolzen,boulon\n"
        'seven,product,,"Haken,crochet\n'
        "ei ght,product,,Haken,crochet\n"
        "nine,product,,Haken,crochet,more\n"
        "ten,product,,...,crochet\n"
        "\n"
        "last,product,,Öse,œillet\n",
    )
    assert [one.id for one in found.concepts] == ["one", "last"]
    assert wrong(found) == [
        (4, "two", "kind"),
        (5, "three", "no_term"),
        (6, "four", "contradiction"),
        (7, "five", "kept"),
        (8, "six", "long_term"),
        (9, "one", "twice"),
        (10, None, "unreadable"),
        (11, "ei ght", "concept"),
        (12, "nine", "cells"),
        (13, "ten", "no_word"),
    ]
    assert "stands in line 3 already" in found.errors[5].reason


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ";"), ("cp1252", ";"), ("utf-16", "\t"), ("utf-8", ",")]
)
def test_tables_as_spreadsheets_save_them(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = ["concept", "de", "fr"], ["key", "Schlüssel für Türen", "clé à molette réglée"], ["x", "Öse", "œillet"]
    text = "\r\n".join(delimiter.join(row) for row in rows)
    found = read(tmp_path / "t.csv", text.encode(encoding))
    assert [one.terms["de"] for one in found.concepts] == [("Schlüssel für Türen",), ("Öse",)]
    assert found.errors == ()


def test_a_file_of_the_starter_terms_is_a_table(tmp_path: Path) -> None:
    path = Path(__file__).parents[2] / "translation" / "terms" / "colours.csv"
    found = read_term_files([path])
    assert len(found.concepts) > 10
    assert found.errors == ()
    assert found.langs == set(CODES)


@pytest.mark.parametrize("text", ["", "a,b,c\n1,2,3\n", "concept,kind\nx,product\n", "\x00\x01"])
def test_what_is_no_table_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFileError, match=r"t\.csv"):
        read(tmp_path / "t.csv", text)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("vis|boulon", [("vis", P), ("boulon", A)]),
        ("|vis|boulon", [("vis", A), ("boulon", A)]),
        ("!clou|vis", [("clou", F), ("vis", P)]),
        (r"a\|b|\!c", [("a|b", P), ("!c", A)]),
        ("\\", [("\\", P)]),
        ("", []),
        ("|", []),
    ],
)
def test_cells(cell: str, said: list[tuple[str, Status]]) -> None:
    assert parse_cell(cell) == said


TERM = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), min_size=1, max_size=12)


@given(st.lists(TERM.map(lambda term: " ".join(term.split())).filter(bool), max_size=4, unique=True), st.integers(0, 4))
def test_a_cell_is_read_as_it_was_written(terms: list[str], forbidden: int) -> None:
    said = [(term, F if place >= forbidden else A) for place, term in enumerate(terms)]
    if said and said[0][1] is A and forbidden % 2:
        said[0] = (said[0][0], P)
    assert parse_cell(write_cell(said)) == said


@st.composite
def concepts(draw: st.DrawFn) -> Concept:
    langs = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=4, unique=True))
    said = {}
    kept = draw(st.booleans())
    for lang in langs:
        terms = [term for term in draw(st.lists(TERM, min_size=1, max_size=3)) if words(lang, term)]
        statuses = [draw(st.sampled_from((A,) if kept else (P, A, F))) for _ in terms]
        said[lang] = list(zip(terms, statuses, strict=True))
    name = draw(st.sampled_from(("", "screw", "schraube-für-holz", "1st", "a.b:c")))
    category = draw(st.lists(st.sampled_from(("Tools", "A > B", "Öl|Gas")), max_size=2, unique=True))
    kind, domain = draw(st.sampled_from(KINDS)), draw(st.sampled_from(("", "hardware")))
    try:
        return make_concept(name, said, kind, domain, category, kept=kept)
    except EntryError:
        return make_concept(name, {"de": [("Schraube", P)]}, kind, domain, category)


@settings(max_examples=150)
@given(st.lists(concepts(), max_size=3, unique_by=lambda one: one.id), st.sampled_from(("csv", "tbx")))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, some: list[Concept], kind: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"round.{kind}"
    assert write_term_file(path, some) == len(some)
    if not some and kind == "tbx":
        with pytest.raises(UnreadableFileError):
            read_term_files([path])
        return
    found = read_term_files([path])
    assert found.errors == ()
    assert list(found.concepts) == some


# -- TBX --------------------------------------------------------------------------------------------------------------

MARTIF = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">
<martif type="TBX-Basic" xml:lang="en">
 <martifHeader><fileDesc><sourceDesc><p>x</p></sourceDesc></fileDesc></martifHeader>
 <text><body>
  <termEntry id="c5">
   <descrip type="subjectField">fasteners</descrip>
   <langSet xml:lang="de-DE">
    <tig><term>Schraube</term><termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></tig>
    <ntig><termGrp><term>Bolzen</term>
      <termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></termGrp></ntig>
   </langSet>
   <langSet xml:lang="fr"><tig><term>vis</term></tig><tig><term>vis <hi>à tête</hi></term></tig></langSet>
   <langSet xml:lang="en"><tig><term>bolt</term></tig>
    <tig><term>screw</term><termNote type="administrativeStatus">preferredTerm-admn-sts</termNote></tig>
    <tig><term>skrew</term><termNote type="administrativeStatus">supersededTerm-admn-sts</termNote></tig></langSet>
   <langSet xml:lang="cs"><tig><term>šroub</term></tig></langSet>
  </termEntry>
  <termEntry id="c6"><langSet xml:lang="cs"><tig><term>matice</term></tig></langSet></termEntry>
  <termEntry id="c7"><langSet xml:lang="de"><tig><term>Mutter</term>
    <termNote type="administrativeStatus">best</termNote></tig></langSet></termEntry>
 </body></text>
</martif>
"""

DCT = """<?xml version="1.0"?>
<tbx type="TBX-Basic" style="dct" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2"
  xmlns:min="http://www.tbxinfo.net/ns/min">
 <tbxHeader><fileDesc><sourceDesc><p>x</p></sourceDesc></fileDesc></tbxHeader>
 <text><body><conceptEntry id="c1"><min:subjectField>fasteners</min:subjectField>
  <langSec xml:lang="en"><termSec><term>screw</term>
    <min:administrativeStatus>admittedTerm-admn-sts</min:administrativeStatus></termSec></langSec>
  <langSec xml:lang="zh-TW"><termSec><term>螺絲</term></termSec></langSec>
  <langSec xml:lang="zh-CN"><termSec><term>螺丝</term></termSec></langSec>
 </conceptEntry></body></text>
</tbx>
"""


def test_tbx_of_2008(tmp_path: Path) -> None:
    found = read(tmp_path / "t.tbx", MARTIF)
    assert found.format == "tbx"
    [screw] = found.concepts
    assert (screw.id, screw.domain) == ("c5", "fasteners")
    assert screw.terms == {"de": ("Schraube",), "en": ("screw", "bolt"), "fr": ("vis", "vis à tête")}
    assert (screw.forbidden, screw.binding) == ({"de": ("Bolzen",), "en": ("skrew",)}, {"de", "en", "fr"})
    assert wrong(found) == [(19, "c6", "no_term"), (20, "c7", "status")]


def test_tbx_of_2019_with_elements_for_its_categories(tmp_path: Path) -> None:
    [screw] = read(tmp_path / "t.xml", DCT).concepts
    assert (screw.domain, screw.terms) == ("fasteners", {"en": ("screw",), "zh": ("螺丝",)})
    assert screw.binding == {"zh"}


def test_written_tbx_has_the_structure_of_the_dialect(tmp_path: Path) -> None:
    from lxml import etree

    said = {"de": [("Schraube", P), ("Bolzen", F)], "fr": [("vis", A)]}
    path = tmp_path / "t.tbx"
    write_term_file(path, [make_concept("1st", said, "part", "fasteners", ["Tools"])])
    root = etree.parse(str(path)).getroot()
    space = "{urn:iso:std:iso:30042:ed-2}"
    assert (root.tag, root.get("type"), root.get("style")) == (f"{space}tbx", "TBX-Basic", "dca")
    assert [one.tag for one in root] == [f"{space}tbxHeader", f"{space}text"]
    [entry] = root.iter(f"{space}conceptEntry")
    assert entry.get("id") is None  # "1st" is no XML name: the id stands in a note
    assert [etree.QName(one).localname for one in entry] == ["descrip", *["note"] * 3, "langSec", "langSec"]
    section = entry[4]
    assert [[etree.QName(part).localname for part in one] for one in section] == [["term", "termNote"]] * 2
    assert [one.text for one in section.iter(f"{space}termNote")] == [
        "preferredTerm-admn-sts",
        "deprecatedTerm-admn-sts",
    ]


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("preferredTerm-admn-sts", P), ("preferredTerm", P), ("Preferred", P), ("standardizedTerm-admn-sts", P),
        ("admitted", A), ("legalTerm-admn-sts", A), ("deprecatedTerm", F), ("supersededTerm-admn-sts", F),
    ],
)  # fmt: skip
@pytest.mark.parametrize("category", ["administrativeStatus", "normativeAuthorization"])
def test_a_status_as_tools_write_it(tmp_path: Path, written: str, status: Status, category: str) -> None:
    text = MARTIF.split('<termEntry id="c6">')[0] + "</body></text></martif>"
    text = text.replace(
        'type="administrativeStatus">preferredTerm-admn-sts</termNote></tig>\n    <ntig>',
        f'type="{category}">{written}</termNote></tig>\n    <ntig>',
    )
    [screw] = read(tmp_path / "t.tbx", text).concepts
    assert ("Schraube" in screw.terms.get("de", ()), "Schraube" in screw.forbidden["de"]) == (status != F, status == F)
    assert ("de" in screw.binding) is (status == P)


# What Lexicart writes of ISO 30042:2019's core structure and of TBX-Basic: which element stands where.
CORE = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="urn:iso:std:iso:30042:ed-2"
  datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
 <start><element name="tbx">
  <attribute name="type"><value>TBX-Basic</value></attribute>
  <attribute name="style"><value>dca</value></attribute>
  <attribute name="xml:lang"><data type="language"/></attribute>
  <element name="tbxHeader"><element name="fileDesc"><element name="sourceDesc"><element name="p"><text/></element>
  </element></element></element>
  <element name="text"><element name="body"><oneOrMore><element name="conceptEntry">
   <optional><attribute name="id"><data type="ID"/></attribute></optional>
   <zeroOrMore><choice>
    <element name="descrip"><attribute name="type"><value>subjectField</value></attribute><text/></element>
    <element name="note"><text/></element>
   </choice></zeroOrMore>
   <oneOrMore><element name="langSec">
    <attribute name="xml:lang"><data type="language"/></attribute>
    <oneOrMore><element name="termSec">
     <element name="term"><text/></element>
     <element name="termNote">
      <attribute name="type"><value>administrativeStatus</value></attribute>
      <choice><value>preferredTerm-admn-sts</value><value>admittedTerm-admn-sts</value>
       <value>deprecatedTerm-admn-sts</value></choice>
     </element>
    </element></oneOrMore>
   </element></oneOrMore>
  </element></oneOrMore></element></element>
 </element></start>
</grammar>
"""


@settings(max_examples=100)
@given(st.lists(concepts(), min_size=1, max_size=3, unique_by=lambda one: one.id))
def test_written_tbx_is_valid(tmp_path_factory: pytest.TempPathFactory, some: list[Concept]) -> None:
    from lxml import etree

    path = tmp_path_factory.getbasetemp() / "valid.tbx"
    write_term_file(path, some)
    etree.RelaxNG(etree.fromstring(CORE)).assertValid(etree.parse(str(path)))


def test_broken_tbx_gives_what_stands_before_the_damage(tmp_path: Path) -> None:
    found = read(tmp_path / "t.tbx", MARTIF.split('<termEntry id="c6">')[0] + "<termEntry><langSet></tig>")
    assert [one.id for one in found.concepts] == ["c5"]
    assert [error.code for error in found.errors] == ["broken_xml"]


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE martif [<!ENTITY a "aaa">]><martif><text><body><termEntry id="x"/>'
        "</body></text></martif>",
        '<?xml version="1.0"?><!DOCTYPE martif [<!ENTITY x SYSTEM "file:///etc/passwd">]><martif><text><body>'
        '<termEntry id="x"><langSet xml:lang="de"><tig><term>&x;</term></tig></langSet></termEntry>'
        "</body></text></martif>",
        "<martif><text><body></body></text></martif>",
        "<tbx",
    ],
)
def test_hostile_and_empty_tbx_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFileError, match=r"t\.tbx"):
        read(tmp_path / "t.tbx", text)


# -- taxonomies -------------------------------------------------------------------------------------------------------


def test_googles_files_are_joined_by_id(tmp_path: Path) -> None:
    english = tmp_path / "taxonomy-with-ids.en-US.txt"
    german = tmp_path / "taxonomy-with-ids.de-DE.txt"
    czech = tmp_path / "taxonomy-with-ids.cs-CZ.txt"
    english.write_text(
        "# Google_Product_Taxonomy_Version: 2021-09-21\n1 - Animals & Pet Supplies\n"
        "3237 - Animals & Pet Supplies > Live Animals\nno id here\n"
    )
    german.write_text(
        "# Google_Product_Taxonomy_Version: 2021-09-21\n3237 - Tiere & Tierbedarf > Lebende Tiere\n"
        "1 - Tiere & Tierbedarf\n"
    )
    czech.write_text("# Google_Product_Taxonomy_Version: 2021-09-21\n1 - Zvířata\n")
    found = read_term_files([english, german, czech])
    assert (found.format, found.langs) == ("google", {"de", "en"})
    assert {one.id: one.terms for one in found.concepts} == {
        "google-1": {"de": ("Tiere & Tierbedarf",), "en": ("Animals & Pet Supplies",)},
        "google-3237": {"de": ("Lebende Tiere",), "en": ("Live Animals",)},
    }
    assert all(not one.binding for one in found.concepts)
    assert wrong(found) == [(4, None, "line")]
    assert found.warnings == (f"{czech.name} is in none of the fifteen languages: it was passed over",)


def test_shopifys_files_in_text_and_json(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "fr").mkdir()
    german, french = tmp_path / "de" / "categories.txt", tmp_path / "fr" / "attributes.json"
    german.write_text(
        "# Shopify Product Taxonomy - Categories: 2025-08\n\n"
        "gid://shopify/TaxonomyCategory/ap-1   : Tiere > Lebende Tiere\n"
        "gid://shopify/TaxonomyAttribute/2649 : KI-Anwendung\n"
        "gid://shopify/TaxonomyValue/17 : Gold\n"
    )
    french.write_text(
        json.dumps(
            {
                "version": "x",
                "attributes": [
                    {
                        "id": "gid://shopify/TaxonomyAttribute/2649",
                        "name": "Application d’IA",
                        "values": [{"id": "gid://shopify/TaxonomyValue/17", "name": "Or"}],
                    }
                ],
            }
        )
    )
    found = read_term_files([german, french])
    assert found.format == "shopify"
    assert {one.id: (one.kind, one.terms) for one in found.concepts} == {
        "shopify-category-ap-1": ("product", {"de": ("Lebende Tiere",)}),
        "shopify-attribute-2649": ("feature", {"de": ("KI-Anwendung",), "fr": ("Application d’IA",)}),
    }


def test_the_language_of_a_taxonomy_may_be_given(tmp_path: Path) -> None:
    text = "# Google_Product_Taxonomy_Version: 2021-09-21\n1 - Tiere\n"
    path = tmp_path / "taxonomy.txt"
    with pytest.raises(UnreadableFileError, match="--lang"):
        read(path, text)
    assert read(path, text, lang="de").concepts[0].terms == {"de": ("Tiere",)}


@pytest.mark.parametrize("name", ["x.de.json", "x.de.txt"])
def test_what_is_no_taxonomy_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFileError, match="published file"):
        read(tmp_path / name, '{"gid": "gid://shopify/Taxonomy"}' if "json" in name else "# x\n", format_="shopify")
    with pytest.raises(UnreadableFileError, match="published file"):
        read(tmp_path / name, "{", format_="shopify") if "json" in name else read(
            tmp_path / name, "a\n", format_="google"
        )


def test_several_tables_at_once_are_wrong_usage(tmp_path: Path) -> None:
    one, other = tmp_path / "a.csv", tmp_path / "b.csv"
    for path in (one, other):
        path.write_text("concept,de\nx,Schraube\n")
    with pytest.raises(UsageError, match="import each csv alone"):
        read_term_files([one, other])
    with pytest.raises(UsageError, match="--lang"):
        read_term_files([one], lang="de")
    with pytest.raises(UsageError, match="no such file"):
        read_term_files([tmp_path / "none.csv"])


def test_a_format_that_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.csv or \.tbx"):
        write_term_file(tmp_path / "t.txt", [])
    with pytest.raises(UsageError, match="can't be written"):
        write_term_file(tmp_path / "none" / "t.csv", [])


@pytest.mark.shared
def test_real_names_of_shopify_find_themselves(tmp_path: Path, shared_data: Path) -> None:
    """The published names, written as Shopify publishes them: every one is taken and found as a whole segment."""
    packed = (shared_data / "vocabulary" / "shopify_categories.jsonl.gz").read_bytes()
    rows = [json.loads(line) for line in gzip.decompress(packed).splitlines()][::10]
    paths = []
    for lang in ("de", "ja", "pl"):
        path = tmp_path / f"categories.{lang}.txt"
        lines = [f"gid://shopify/TaxonomyCategory/{row['id']} : {row['path'][lang]}" for row in rows]
        path.write_text("# Shopify Product Taxonomy - Categories\n" + "\n".join(lines))
        paths.append(path)
    found = read_term_files(paths)
    assert found.errors == ()
    assert len(found.concepts) == len(rows)
    base = Termbase(found.concepts)
    lost = [
        one.terms[lang][0]
        for one in found.concepts
        for lang in ("de", "ja", "pl")
        if not base.exact(lang, one.terms[lang][0])
    ]
    assert len(lost) <= 0.02 * 3 * len(rows), lost
