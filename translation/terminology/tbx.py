"""TBX-Basic (ISO 30042) read and written: termbases of other tools.

Both generations are read: ``martif`` of 2008 with ``termEntry``, ``langSet``, ``tig`` or ``ntig``, and ``tbx`` of 2019
with ``conceptEntry``, ``langSec``, ``termSec``, its data categories as types (DCA) or as elements (DCT). Written is
TBX-Basic of 2019 in DCA style. What Lexicart knows beside (kind, categories, names that are never translated, ids that
are no XML names) stands in notes, which every tool keeps. Document types are never fetched, declared entities refuse
the file.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from catalog.errors import UnreadableFileError
from catalog.readers.encoding import honour_declared
from catalog.readers.text import head_text, read_pieces
from catalog.readers.xml_feed import BrokenXmlError, elements_named
from catalog.readers.xml_nodes import local_name
from translation.memory.tmx import language_of
from translation.terminology.concepts import Concept
from translation.terminology.entries import BadEntry, EntryError, Status, make_concept, said_with_default, with_status

_NAMESPACE = "urn:iso:std:iso:30042:ed-2"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ENTRIES = frozenset({"termentry", "conceptentry"})
_LANGUAGES = frozenset({"langset", "langsec"})
_TERMS = frozenset({"tig", "ntig", "termsec"})
_STATUS = {
    "preferredterm": Status.PREFERRED,
    "standardizedterm": Status.PREFERRED,
    "admittedterm": Status.ADMITTED,
    "legalterm": Status.ADMITTED,
    "regulatedterm": Status.ADMITTED,
    "deprecatedterm": Status.FORBIDDEN,
    "supersededterm": Status.FORBIDDEN,
}
"""What a status means, without its suffix "-admn-sts" and in small letters: tools write "preferredTerm-admn-sts",
"preferredTerm" and "preferred". Legal and regulated terms are those of TBX-Default."""
_WRITTEN = {
    Status.PREFERRED: "preferredTerm-admn-sts",
    Status.ADMITTED: "admittedTerm-admn-sts",
    Status.FORBIDDEN: "deprecatedTerm-admn-sts",
}
_DECLARED = re.compile(r"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']""")
_XML_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.-]*")
_NOTE = re.compile(r"lexicart (\w+)(?:: (.*))?")


def read_tbx(path: Path) -> Iterator[tuple[int, Concept] | BadEntry]:
    """Yield every entry with its line, in order. Where its XML breaks, that is the last thing yielded.

    Raises:
        UnreadableFileError: it is no TBX, or declares entities.
    """
    with path.open("rb") as file:
        declared = _DECLARED.search(head_text(file.read(1024)))
    encoding = honour_declared(path, declared.group(1) if declared else None)
    entries = 0
    try:
        for element in elements_named(path, read_pieces(path, encoding), _ENTRIES):
            entries += 1
            yield _entry(path, element)
    except BrokenXmlError as problem:
        if not entries:
            raise UnreadableFileError(path.name, f"broken XML ({problem}): export it again", problem.line) from problem
        reason = f"the XML is broken ({problem}): nothing behind it was read; export it again"
        yield BadEntry(path.name, problem.line, None, reason, "broken_xml")
    if not entries:
        raise UnreadableFileError(
            path.name, "no TBX: it has no <termEntry> and no <conceptEntry>; export it as TBX-Basic"
        )


def _entry(path: Path, element: Any) -> tuple[int, Concept] | BadEntry:
    line = element.sourceline or 0
    notes = _notes(element)
    name = notes.get("concept", [element.get("id", "")])[0]
    try:
        concept = make_concept(
            name,
            said_with_default(_said(element)),
            notes.get("kind", ["product"])[0],
            _category(element, "subjectField"),
            notes.get("category", ()),
            kept="kept" in notes,
        )
    except EntryError as problem:
        return BadEntry(path.name, line, name or None, str(problem), problem.code)
    return line, concept


def _said(element: Any) -> dict[str, list[tuple[str, Status | None]]]:
    found: dict[str, list[tuple[str, Status | None]]] = {}
    for section in _below(element, _LANGUAGES):
        lang = language_of(section.get(_LANG) or section.get("lang") or "")
        for term in _below(section, _TERMS) if lang else ():
            text = next((_text(one) for one in term.iter() if local_name(one.tag) == "term"), "")
            found.setdefault(str(lang), []).append((text, _status(term)))
    return found


def _status(term: Any) -> Status | None:
    said = _category(term, "administrativeStatus") or _category(term, "normativeAuthorization")
    if not said:
        return None
    plain = said.casefold().removesuffix("-admn-sts").removesuffix("term") + "term"
    if plain not in _STATUS:
        raise EntryError("status", f"administrative status {said!r} is not one of {', '.join(_WRITTEN.values())}")
    return _STATUS[plain]


def _category(element: Any, name: str) -> str:
    """Return the value of a data category: an element that names it as its type, or that is called after it."""
    for one in element.iter():
        if isinstance(one.tag, str) and (one.get("type") == name or local_name(one.tag) == name.lower()):
            return _text(one)
    return ""


def _notes(element: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in element:
        if isinstance(one.tag, str) and local_name(one.tag) == "note" and (read := _NOTE.fullmatch(_text(one))):
            found.setdefault(read[1], []).append(read[2] or "")
    return found


def _below(element: Any, names: frozenset[str]) -> Iterator[Any]:
    return (one for one in element if isinstance(one.tag, str) and local_name(one.tag) in names)


def _text(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def write_tbx(path: Path, concepts: Iterable[Concept]) -> int:
    """Write concepts as TBX-Basic; return how many."""
    from lxml import etree

    root = _new("tbx", {"type": "TBX-Basic", "style": "dca", _LANG: "en"})
    root.append(_header())
    body = _under(_under(root, "text"), "body")
    for concept in concepts:
        body.append(_element(concept))
    etree.ElementTree(root).write(str(path), encoding="utf-8", xml_declaration=True, pretty_print=True)
    return len(body)


def _header() -> Any:
    header = _new("tbxHeader")
    description = _under(_under(header, "fileDesc"), "sourceDesc")
    _under(description, "p").text = "Terms of a Lexicart installation"
    return header


def _element(concept: Concept) -> Any:
    named = _XML_NAME.fullmatch(concept.id)
    entry = _new("conceptEntry", {"id": concept.id} if named else {})
    if concept.domain:
        _under(entry, "descrip", {"type": "subjectField"}).text = concept.domain
    notes = [] if named else [f"concept: {concept.id}"]
    notes += [f"kind: {concept.kind}", *(f"category: {one}" for one in concept.categories)]
    for note in [*notes, *(["kept"] if concept.kept else [])]:
        _under(entry, "note").text = f"lexicart {note}"
    for lang in sorted({*concept.terms, *concept.forbidden}):
        section = _under(entry, "langSec", {_LANG: lang})
        for term, status in with_status(concept, lang):
            one = _under(section, "termSec")
            _under(one, "term").text = term
            _under(one, "termNote", {"type": "administrativeStatus"}).text = _WRITTEN[status]
    return entry


def _new(name: str, attributes: Mapping[str, str] | None = None) -> Any:
    from lxml import etree

    return etree.Element(f"{{{_NAMESPACE}}}{name}", dict(attributes or {}), nsmap={None: _NAMESPACE})


def _under(parent: Any, name: str, attributes: Mapping[str, str] | None = None) -> Any:
    child = _new(name, attributes)
    parent.append(child)
    return child
