"""TMX 1.4: what other tools write is understood, what Lexicart writes comes back as it was, nothing harmful gets in."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UnreadableFileError, UsageError
from catalog.languages import CODES
from translation.memory.tmx import KINDS, LONGEST_SEGMENT, BadUnit, Place, Unit, language_of, read
from translation.memory.tmx_writing import Entry, write

HEADER = (
    '<header creationtool="t" creationtoolversion="1" segtype="sentence" o-tmf="t" adminlang="en" srclang="{}" '
    'datatype="plaintext"/>'
)


def document(body: str, source: str = "en", top: str = '<?xml version="1.0"?>') -> str:
    return f'{top}\n<tmx version="1.4">{HEADER.format(source)}<body>\n{body}\n</body></tmx>'


def unit(*texts: tuple[str, str], more: str = "", attributes: str = "") -> str:
    variants = "".join(f'<tuv xml:lang="{lang}"><seg>{text}</seg></tuv>' for lang, text in texts)
    return f"<tu{attributes}>{more}{variants}</tu>"


def saved(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "memory.tmx"
    path.write_bytes(text.encode(encoding))
    return path


def units(folder: Path, body: str, source: str = "en") -> list[Unit | BadUnit]:
    return list(read(saved(folder, document(body, source))))


def pairs(folder: Path, body: str, source: str = "en") -> list[tuple[str, str, str, str]]:
    return [pair for one in units(folder, body, source) if isinstance(one, Unit) for pair in one.pairs]


# -- languages and directions -----------------------------------------------------------------------------------------


def test_languages_are_told_by_the_first_part_of_the_tag(tmp_path: Path) -> None:
    body = unit(("en-US", "hose"), ("DE_at", "Schlauch"), ("pt-BR", "mangueira"))
    assert pairs(tmp_path, body) == [("en", "hose", "de", "Schlauch"), ("en", "hose", "pt", "mangueira")]


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"), ("EN-gb", "en"), ("deu", "de"), ("in", "id"), ("zh", "zh"), ("zh-CN", "zh"), ("zh_Hans_SG", "zh"),
        ("zh-TW", None), ("zh-Hant", None), ("zh-Hant-HK", None), ("sv", None), ("", None), ("x-klingon", None),
    ],
)  # fmt: skip
def test_tags(tag: str, code: str | None) -> None:
    assert language_of(tag) == code


def test_before_tmx_14_the_attribute_was_lang(tmp_path: Path) -> None:
    body = '<tu><tuv lang="EN"><seg>hose</seg></tuv><tuv lang="FR"><seg>tuyau</seg></tuv></tu>'
    assert pairs(tmp_path, body) == [("en", "hose", "fr", "tuyau")]


def test_all_lets_every_language_be_the_source(tmp_path: Path) -> None:
    body = unit(("en", "hose"), ("de", "Schlauch"))
    both = [("en", "hose", "de", "Schlauch"), ("de", "Schlauch", "en", "hose")]
    assert pairs(tmp_path, body, source="*all*") == both
    assert pairs(tmp_path, unit(("en", "hose"), ("de", "Schlauch"), attributes=' srclang="*ALL*"')) == both


def test_the_unit_names_its_source_before_the_header_does(tmp_path: Path) -> None:
    body = unit(("en", "hose"), ("de", "Schlauch"), attributes=' srclang="de-DE"')
    assert pairs(tmp_path, body) == [("de", "Schlauch", "en", "hose")]


def test_both_spellings_of_a_source_and_the_first_of_two_targets(tmp_path: Path) -> None:
    body = unit(("en-US", "gray hose"), ("en-GB", "grey hose"), ("pt-PT", "mangueira"), ("pt-BR", "esguicho"))
    assert pairs(tmp_path, body) == [("en", "gray hose", "pt", "mangueira"), ("en", "grey hose", "pt", "mangueira")]


def test_languages_beyond_the_fifteen_are_counted(tmp_path: Path) -> None:
    [found] = units(tmp_path, unit(("en", "hose"), ("sv", "slang"), ("zh-TW", "軟管"), ("de", "Schlauch")))
    assert isinstance(found, Unit)
    assert (found.others, len(found.pairs)) == (2, 1)


# -- inline codes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("segment", "text"),
    [
        ('<bpt i="1">&lt;b&gt;</bpt>strong<ept i="1">&lt;/b&gt;</ept> hose', "<b>strong</b> hose"),
        ('<bpt i="1">{\\b </bpt>strong<ept i="1">}</ept> hose', "strong hose"),
        ('strong<ph type="lb">&lt;BR /&gt;</ph>hose', "strong<br>hose"),
        ('press <ph>&lt;img src="x"/&gt;</ph> now', "press now"),
        ('<it pos="begin">&lt;i&gt;</it>strong', "<i>strong"),
        ('<hi type="x">strong <hi>garden</hi></hi> hose', "strong garden hose"),
        ('<bpt i="1">&lt;a title="<sub>hidden</sub>"&gt;</bpt>hose<ept i="1">&lt;/a&gt;</ept>', "hose"),
        ("<ut>{\\cf1 }</ut>hose", "hose"),
        ("  strong\n\t hose\u00a0 ", "strong hose"),
        ("5 &lt; 6 &amp; a", "5 < 6 & a"),
        ("<!-- note -->hose<?x y?>", "hose"),
        ("<b>hose</b>", "hose"),
    ],
)
def test_codes_become_tags_or_nothing(tmp_path: Path, segment: str, text: str) -> None:
    assert pairs(tmp_path, unit(("en", segment), ("de", "Schlauch"))) == [("en", text, "de", "Schlauch")]


@pytest.mark.parametrize(
    "text", ["&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;b onclick='x'&gt;a&lt;/b&gt;", "&lt;img src=x", "&lt;!--"]
)
def test_a_tag_that_texts_do_not_keep_is_refused(tmp_path: Path, text: str) -> None:
    [found] = units(tmp_path, unit(("en", "hose"), ("de", text)))
    assert isinstance(found, BadUnit)
    assert found.code == "tags"


# -- bad units --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (unit(("en", "hose")), "one_language"),
        (unit(("en", "hose"), ("de", "  ")), "one_language"),
        (unit(("en", "hose"), ("sv", "slang")), "one_language"),
        (unit(("fr", "tuyau"), ("de", "Schlauch")), "no_source"),
        (unit(("en", ""), ("de", "Schlauch")), "no_source"),
        (unit(("en", "hose"), ("de", "Schlauch"), attributes=' srclang="sv"'), "source_language"),
        ("<tu><tuv><seg>hose</seg></tuv></tu>", "no_language"),
        (unit(("en", "x" * (LONGEST_SEGMENT + 1)), ("de", "Schlauch")), "too_long"),
        (unit(("en", "a\u202eb"), ("de", "Schlauch")), "unreadable_bytes"),
        (unit(("en", "a"), ("de", "b"), more='<prop type="x-lexicart-kind">poem</prop>'), "context"),
        (unit(("en", "a"), ("de", "b"), more='<prop type="x-lexicart-key">zz</prop>'), "context"),
    ],
)
def test_a_bad_unit_is_named_and_the_rest_is_taken(tmp_path: Path, bad: str, code: str) -> None:
    good = unit(("en", "hose"), ("de", "Schlauch"))
    first, second, third = units(tmp_path, f"{good}\n{bad}\n{good}")
    assert isinstance(first, Unit)
    assert isinstance(third, Unit)
    assert third.number == 3
    assert isinstance(second, BadUnit)
    assert (second.number, second.code) == (2, code)


def test_bytes_that_are_no_text_refuse_their_unit(tmp_path: Path) -> None:
    rows = [unit(("en", f"garden hose {number}"), ("de", "Gartenschläuche")) for number in range(200)]
    data = document("\n".join(rows)).encode().replace(b"hose 7<", b"h\xffse 7<")
    path = tmp_path / "memory.tmx"
    path.write_bytes(data)
    found = list(read(path))
    assert [one.number for one in found if isinstance(one, BadUnit)] == [8]
    assert len(found) == 200


def test_broken_xml_is_named_and_what_stands_before_is_taken(tmp_path: Path) -> None:
    good = unit(("en", "hose"), ("de", "Schlauch"))
    first, second = units(tmp_path, f"{good}\n<tu><tuv xml:lang='en'></seg>\n{good}")
    assert isinstance(first, Unit)
    assert isinstance(second, BadUnit)
    assert (second.number, second.code) == (2, "broken_xml")
    assert "line 4" in second.reason


def test_a_file_that_ends_too_early_gives_what_it_has(tmp_path: Path) -> None:
    text = document(unit(("en", "hose"), ("de", "Schlauch")))
    *taken, last = list(read(saved(tmp_path, text[: text.index("</body>")])))
    assert len(taken) == 1
    assert isinstance(last, BadUnit)


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-16-be", "UTF-16"),
        ("windows-1252", "windows-1252"), ("shift_jis", "Shift_JIS"), ("gb18030", "gb18030"), ("utf-8", "utf-16"),
    ],
)  # fmt: skip
def test_encodings(tmp_path: Path, encoding: str, declared: str) -> None:
    other = {"shift_jis": ("ja", "庭のホース"), "gb18030": ("zh", "花园软管")}.get(encoding, ("de", "Gartenschläuche"))
    text = document(unit(("en", "hoses"), other), top=f'<?xml version="1.0" encoding="{declared}"?>')
    path = saved(tmp_path, text, encoding)
    [found] = read(path)
    assert isinstance(found, Unit)
    assert found.pairs == (("en", "hoses", *other),)


def test_a_document_type_is_never_fetched(tmp_path: Path) -> None:
    (tmp_path / "tmx14.dtd").write_text("this would be an error", encoding="utf-8")
    for where in ("tmx14.dtd", "http://127.0.0.1:9/tmx14.dtd"):
        top = f'<?xml version="1.0"?><!DOCTYPE tmx SYSTEM "{where}">'
        text = document(unit(("en", "hose &nbsp; x"), ("de", "Schlauch")), top=top)
        [found] = read(saved(tmp_path, text))
        assert isinstance(found, Unit)
        assert found.pairs[0][1] == "hose x"


def test_declared_entities_are_refused(tmp_path: Path) -> None:
    top = '<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    with pytest.raises(UnreadableFileError, match="entities"):
        list(read(saved(tmp_path, document(unit(("en", "&a;"), ("de", "b")), top=top))))


def test_a_unit_beyond_all_measure_is_refused(tmp_path: Path) -> None:
    note = "<note>" + "x" * 1_000 + "</note>\n"
    path = saved(tmp_path, document(unit(("en", "hose"), ("de", "Schlauch"), more=note * 11_000)))
    with pytest.raises(UnreadableFileError, match="10 million"):
        list(read(path))


@pytest.mark.parametrize("text", ["<rss><channel/></rss>", "<tmx><body><tu/></body></tmx>", "no xml at all", ""])
def test_what_is_no_tmx_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableFileError):
        list(read(saved(tmp_path, text)))


# -- writing ----------------------------------------------------------------------------------------------------------

NO_TEXT = "\u202d\u202e\ufffe\uffff"
LETTERS = st.characters(
    max_codepoint=0x10FEFF, exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"], exclude_characters=f"<>&{NO_TEXT}"
)
WORDS = st.text(LETTERS, min_size=1)
TAGS = st.sampled_from(["<b>", "</b>", "<i>", "</i>", "<br>", "<sub>", "</sub>", " ", "& ", "< ", "> "])
TEXTS = st.lists(WORDS | TAGS, min_size=1).map(lambda parts: " ".join("".join(parts).split())).filter(bool)
LANGS = st.sampled_from(CODES)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    lang = draw(LANGS)
    targets = draw(st.dictionaries(LANGS.filter(lambda code: code != lang), TEXTS, min_size=1, max_size=4))
    kind = draw(st.sampled_from(KINDS))
    places = st.sampled_from([Place(), Place(kind, "Farbe & <x>"), Place(kind), Place(key="0123456789abcdef" * 2)])
    return Entry(lang, draw(TEXTS), draw(places), targets)


@given(st.lists(entries(), max_size=5))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, made: list[Entry]) -> None:
    path = tmp_path_factory.mktemp("tmx") / "memory.tmx"
    assert write(path, made) == (len(made), sum(len(one.targets) for one in made))
    assert [(one.place, one.pairs) for one in read(path) if isinstance(one, Unit)] == [
        (one.place, tuple((one.lang, one.text, lang, text) for lang, text in sorted(one.targets.items())))
        for one in made
    ]


def test_the_same_memory_gives_the_same_bytes(tmp_path: Path) -> None:
    made = [Entry("de", "<b>rot</b> & grün<br>x</i>", Place("title"), {"fr": "rouge", "en": "red"})]
    for name in ("a", "b"):
        write(tmp_path / name, made)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    text = (tmp_path / "a").read_text(encoding="utf-8")
    assert '<bpt i="1">&lt;b&gt;</bpt>rot<ept i="1">&lt;/b&gt;</ept> &amp; grün<ph type="lb">' in text
    assert '<it pos="end">&lt;/i&gt;</it>' in text


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "memory.tmx"
    path.write_text("before", encoding="utf-8")

    def dying() -> object:
        yield Entry("de", "rot", Place(), {"en": "red"})
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, dying())  # type: ignore[arg-type]
    assert path.read_text(encoding="utf-8") == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["memory.tmx"]
    with pytest.raises(UsageError, match="can't be written"):
        write(tmp_path / "no" / "memory.tmx", [])
