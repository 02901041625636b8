"""TMX 1.4, read: translation units of other tools as the segments that a memory keeps.

translate-toolkit reads TMX too, but only as one tree in memory (its issue 3950, open since 2020), and is GPL-3. So a
TMX is read with lxml as the XML feeds are: a stream; the document type is never fetched; a file that declares entities
is refused; UTF-16, legacy encodings and wrong declarations are decided on evidence. Memory stays flat: a unit larger
than 10 million characters is refused, what was read is thrown away.

What a unit gives:

- Languages: ``xml:lang`` (``lang`` before TMX 1.4) by its first part, ``en-US`` is ``en``. Chinese in traditional
  characters is another language than ``zh``. Languages beyond the fifteen are passed over and counted.
- Directions: from the unit's ``srclang``, else the header's, into every other language of the unit; ``*all*`` lets
  every language be the source. Of two targets in one language (``pt-BR``, ``pt-PT``) the first counts.
- Inline codes: what stands between ``bpt``/``ept`` and inside ``hi`` is text. A code that is one of the marks which
  descriptions keep (``b strong i em u s sub sup br``) becomes that tag; every other code (``bpt ept ph it ut``) is
  dropped, text of ``sub`` inside it too. A text that holds any other tag is refused: it would reach pages as HTML.
- White space is one blank, as in catalogs; an empty text is as if it were not there.
- Context: ``prop`` elements that :mod:`translation.memory.tmx_writing` wrote. A unit without them fits any context.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from catalog.errors import UnreadableFileError
from catalog.languages import CODES
from catalog.readers.encoding import honour_declared
from catalog.readers.text import MAX_CELL, Piece, bad_bytes, head_text, read_pieces, show, too_long
from catalog.readers.xml_feed import BrokenXmlError, elements_named
from catalog.readers.xml_nodes import local_name

KIND, CONTEXT, KEY = "x-lexicart-kind", "x-lexicart-context", "x-lexicart-key"
"""Types of the ``prop`` elements that say where a segment stands."""

KINDS = ("title", "description", "bullet", "category", "keywords", "attribute_name", "attribute_value")

ANY_SOURCE = "*all*"

LONGEST_SEGMENT = 10_000
"""Characters of a segment; a longer one is no sentence and would only slow every comparison."""

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_CODES = frozenset({"bpt", "ept", "ph", "it", "ut"})
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_CODE = re.compile(r"\s*<\s*(/?)\s*(b|strong|i|em|u|s|sub|sup|br)\s*/?\s*>\s*", re.IGNORECASE)
_KEPT_TAG = re.compile(r"</?(?:b|strong|i|em|u|s|sub|sup)>|<br>")
_TAG = re.compile(r"<[a-zA-Z/!?]")
_TRADITIONAL = frozenset({"tw", "hk", "mo", "hant"})
_CONTEXT_KEY = re.compile(r"[0-9a-f]{32}")
_DECLARED = re.compile(r"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']""")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a segment stands; all empty: it fits anywhere.

    Attributes:
        kind: as in :class:`catalog.model.ProductText`.
        context: what must be known beside the text.
        key: digest of both, where they themselves are not known.
    """

    kind: str = ""
    context: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """A translation unit.

    Attributes:
        number: its place in the file, from 1.
        pairs: ``(source language, source text, target language, target text)``, at least one.
        place: where the source stands.
        changed_at: when it was last changed, as the file writes it (``20261122T101500Z``); empty where it does not.
        others: texts in languages beyond the fifteen.
    """

    number: int
    pairs: tuple[tuple[str, str, str, str], ...]
    place: Place
    changed_at: str
    others: int


@dataclass(frozen=True, slots=True)
class BadUnit:
    """A unit that can't be taken.

    Attributes:
        number: its place in the file, from 1.
        reason: what is wrong, for a person.
        code: short stable name of the reason.
    """

    number: int
    reason: str
    code: str


class _RefusedError(Exception):
    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        super().__init__(reason)


def read(path: Path) -> Iterator[Unit | BadUnit]:
    """Yield every unit of a TMX file in order. Where its XML breaks, that is the last thing yielded.

    Raises:
        UnreadableFileError: it is no TMX, declares entities, or holds a unit beyond all measure.
    """
    with path.open("rb") as file:
        declared = _DECLARED.search(head_text(file.read(1024)))
    encoding = honour_declared(path, declared.group(1) if declared else None)
    size = _Size(path)
    source_lang: str | None = None
    number = 0
    try:
        for element in elements_named(path, size.measured(read_pieces(path, encoding)), frozenset({"header", "tu"})):
            size.characters = 0
            if local_name(element.tag) == "header":
                source_lang = element.get("srclang", ANY_SOURCE)
                continue
            if source_lang is None:
                break
            number += 1
            yield _unit(number, element, source_lang)
    except BrokenXmlError as problem:
        if source_lang is None:
            raise UnreadableFileError(path.name, f"broken XML ({problem}): export it again", problem.line) from problem
        reason = f"the XML is broken at line {problem.line} ({problem}): nothing behind it was read; export it again"
        yield BadUnit(number + 1, reason, "broken_xml")
    if source_lang is None:
        raise UnreadableFileError(path.name, "no TMX: it has no <header> before its units; export it as TMX 1.4")


class _Size:
    """Counts what was read since the last unit, because a parser keeps an unfinished unit in memory."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.characters = 0

    def measured(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        for piece in pieces:
            self.characters += len(piece.text)
            if self.characters > MAX_CELL:
                raise too_long(self._path, piece.line)
            yield piece


@lru_cache(maxsize=1_000)
def language_of(tag: str) -> str | None:
    """Return which of the fifteen languages a tag such as ``pt-BR`` names, ``None`` for any other.

    Codes of three letters (``deu``) and those that ISO 639 gave up (``in``) are understood.
    """
    from babel.core import get_global

    parts = re.split("[-_]", tag.strip().lower())
    code = str(get_global("language_aliases").get(parts[0], parts[0]))
    if code not in CODES or (code == "zh" and not _TRADITIONAL.isdisjoint(parts[1:])):
        return None
    return code


def _unit(number: int, element: Any, header_lang: str) -> Unit | BadUnit:
    try:
        texts, others = _texts(element)
        place = _place(element)
        pairs = _pairs(element.get("srclang", header_lang), texts)
    except _RefusedError as problem:
        return BadUnit(number, str(problem), problem.code)
    return Unit(number, pairs, place, element.get("changedate") or element.get("creationdate") or "", others)


def _texts(element: Any) -> tuple[list[tuple[str, str]], int]:
    """Return ``(language, text)`` of a unit in order, and how many are in other languages."""
    texts: list[tuple[str, str]] = []
    others = 0
    for variant in _children(element, "tuv"):
        tag = variant.get(_LANG) or variant.get("lang")
        if not tag:
            raise _RefusedError("no_language", "a text has no xml:lang")
        lang = language_of(tag)
        if lang is None:
            others += 1
            continue
        text = _SPACE.sub(" ", "".join(_text_of(segment) for segment in _children(variant, "seg"))).strip()
        if text:
            texts.append((lang, _checked(lang, text)))
    return texts, others


def _checked(lang: str, text: str) -> str:
    if found := bad_bytes(text):
        raise _RefusedError("unreadable_bytes", f"the text in {lang} holds bytes that are no text ({found})")
    if len(text) > LONGEST_SEGMENT:
        reason = f"the text in {lang} has {len(text):,} characters, more than {LONGEST_SEGMENT:,}"
        raise _RefusedError("too_long", reason)
    if _TAG.search(_KEPT_TAG.sub("", text)):
        raise _RefusedError("tags", f"the text in {lang} holds a tag that texts do not keep: {show(text)}")
    return text


def _pairs(source_tag: str, texts: list[tuple[str, str]]) -> tuple[tuple[str, str, str, str], ...]:
    targets: dict[str, str] = {}
    for lang, text in texts:
        targets.setdefault(lang, text)
    source = None if source_tag.strip().lower() == ANY_SOURCE else language_of(source_tag)
    if source is None and source_tag.strip().lower() != ANY_SOURCE:
        raise _RefusedError("source_language", f"its source language {source_tag!r} is none of the fifteen")
    if source is not None and source not in targets:
        raise _RefusedError("no_source", f"it has no text in its source language {source}")
    if len(targets) < 2:
        held = ", ".join(targets) or "none of them"
        raise _RefusedError("one_language", f"two of the fifteen languages with a text are needed; it has {held}")
    return tuple(
        (lang, text, target, translation)
        for lang, text in dict.fromkeys(texts)
        if source in (None, lang)
        for target, translation in targets.items()
        if target != lang
    )


def _place(element: Any) -> Place:
    props = {prop.get("type", ""): (prop.text or "").strip() for prop in _children(element, "prop")}
    kind, key = props.get(KIND, ""), props.get(KEY, "")
    if kind and kind not in KINDS:
        raise _RefusedError("context", f"its {KIND} {kind!r} is none of {', '.join(KINDS)}")
    if key and not _CONTEXT_KEY.fullmatch(key):
        raise _RefusedError("context", f"its {KEY} {show(key)!r} is no digest of a context")
    return Place(kind, props.get(CONTEXT, ""), "") if kind else Place(key=key)


def _text_of(element: Any) -> str:
    parts = [element.text or ""]
    for child in element:
        if not isinstance(child.tag, str):  # an entity of a document type that was not loaded
            parts.append(html.unescape(child.text or ""))
        elif local_name(child.tag) in _CODES:
            parts.append(_tag_of(child))
        else:
            parts.append(_text_of(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _tag_of(code: Any) -> str:
    """Return the tag that a code stands for, where it is one that texts keep."""
    found = _CODE.fullmatch(code.text or "")
    if found is None:
        return ""
    slash, name = found[1], found[2].lower()
    return "<br>" if name == "br" else f"<{slash}{name}>"


def _children(element: Any, name: str) -> Iterator[Any]:
    return (child for child in element if isinstance(child.tag, str) and local_name(child.tag) == name)
