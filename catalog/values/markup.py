"""Descriptions: what is kept of a supplier's HTML.

Blocks (paragraphs, lists, tables, headings) and inline marks (bold, italics) are kept without any attribute; scripts,
styles, comments and everything that loads or links is dropped. The result is built from a list of allowed tags, so
nothing that a supplier wrote is passed on by oversight.
"""

import re
from functools import cache
from html import escape, unescape
from typing import Any

from catalog.values.markup_writer import MarkupWriter

# fmt: off
_DROPPED = frozenset({
    "script", "style", "head", "title", "meta", "link", "noscript", "iframe", "object", "embed",
    "svg", "math", "template", "select", "textarea", "button",
})
# fmt: on
_TAG = re.compile(
    r"<(?:/?(?:p|br|div|span|ul|ol|li|b|strong|i|em|u|h[1-6]|table|t[drh]|tbody|img|a|font|center|hr|dl|d[td]|sub|sup"
    r"|small|blockquote|section|article|html|body|head|script|style|meta|link|iframe|pre|s|strike)\b[^<>]*>|!--|!doctype)",
    re.IGNORECASE,
)
_HAS_BLOCKS = re.compile(r"<(?:p|br|div|ul|ol|li|h[1-6]|table|tr|dl|section|article|html|body)\b", re.IGNORECASE)
_WORDS = r"[^<>&\s]++|&(?:amp|lt|gt);"
_MARKED = "|".join(rf"<{tag}>(?! *<)(?:{_WORDS}| (?! ))++</{tag}>" for tag in ("b", "strong", "i", "em"))
_LINE = rf"(?! )(?:{_WORDS}| (?! |</?(?:p|li|h\d)>)|{_MARKED})++"
_HEADED = "|".join(rf"<h{level}>{_LINE}</h{level}>" for level in range(1, 7))
_LISTED = "|".join(rf"<{tag}>(?:<li>{_LINE}</li>)++</{tag}>" for tag in ("ul", "ol"))
_CLEAN = re.compile(rf"(?:<p>{_LINE}</p>|{_LISTED}|{_HEADED})++")
"""Simple markup that cleaning would leave as it is: many shops send no other, and it needs no parser (40 µs each)."""
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_INSTRUCTION = re.compile(r"<[?].*?>")
_NO_PARAGRAPH = re.compile(r"<(?!/?p>)")
_PARAGRAPH = re.compile(r"</?p>")
_BLOCK = re.compile(r"</?(?:p|li|tr|h\d|ul|ol|table|blockquote|dt|dd|pre|td|th)>|<br>")
_ANY_TAG = re.compile(r"<[^>]+>")
_GAP = re.compile(r"\n{3,}")
_DEEPEST = 100


def is_html(text: str) -> bool:
    """Say whether a text is HTML rather than plain text that happens to hold ``<``."""
    return "<" in text and _TAG.search(text) is not None


def clean_text(text: str) -> str:
    """Return a one-line text (title, brand, value) without tags, entities and runs of white space."""
    if "<" in text or "&" in text:
        text = _one_line(text)
    return _even(_printable(text)).strip()


def _one_line(text: str) -> str:
    for _ in range(2):  # shops escape twice: &amp;quot;
        if is_html(text):
            text = plain_text(text)
        unescaped = unescape(text)
        if unescaped == text:
            break
        text = unescaped
    return text


def clean_description(text: str) -> str:
    """Return a description as HTML of allowed tags, or as plain text with its line breaks where it had no tag.

    A literal ``\\n`` (how several exports write a line break) becomes one.
    """
    text = _printable(text.replace("\\r\\n", "\n").replace("\\n", "\n"))
    if not is_html(text) and "&" in text:
        text = unescape(text)
    if not is_html(text):
        return _plain_lines(text)
    if not _HAS_BLOCKS.search(text):
        text = _plain_lines(text).replace("\n", "<br>")
    cleaned = text if text.isprintable() and _CLEAN.fullmatch(text) else _serialise(text)
    if cleaned.count("<p>") <= 1 and not _NO_PARAGRAPH.search(cleaned):
        return unescape(_PARAGRAPH.sub("", cleaned)).strip()
    return cleaned


def plain_text(text: str) -> str:
    """Return the words of an HTML text, blocks separated by line breaks."""
    return _words(_serialise(text)) if is_html(text) else text


def plain_text_of_clean(text: str) -> str:
    """Return the words of what :func:`clean_description` gave: its markup needs no second parsing."""
    is_markup = text.startswith("<") and text.endswith(">")  # else it is a text, in which a tag may be spoken of
    return _words(text) if is_markup and is_html(text) else plain_text(text)


def _words(markup: str) -> str:
    return _plain_lines(unescape(_ANY_TAG.sub("", _BLOCK.sub("\n", markup))))


def _plain_lines(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = "\n".join([_even(line).strip() for line in text.split("\n")])
    return (_GAP.sub("\n\n", lines) if "\n\n\n" in lines else lines).strip()


def _even(line: str) -> str:
    return line if "  " not in line and line.isprintable() else _SPACE.sub(" ", line)


def _printable(text: str) -> str:
    """Drop control characters; direction marks and joiners stay, they belong to Arabic and to emoji."""
    if text.isprintable():
        return text
    return "".join(char for char in text if char in "\n\t" or not ("\x00" <= char < " " or "\x7f" <= char < "\xa0"))


def _serialise(text: str) -> str:
    from lxml import etree

    # An XML declaration in the text would make lxml refuse it.
    body = _INSTRUCTION.sub("", text) if "<?" in text else text
    root: Any = etree.fromstring(f"<html><body><div>{body}</div></body></html>".encode("utf-8", "replace"), _parser())
    if root is None:
        return escape(text, quote=False)
    writer = MarkupWriter()
    _walk(root, writer, 0)
    return writer.finish()


@cache
def _parser() -> Any:
    """One parser for all texts: making one takes as long as parsing a description."""
    from lxml import etree

    return etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")


def _walk(element: Any, writer: MarkupWriter, depth: int) -> None:
    tag = element.tag
    if not isinstance(tag, str) or tag in _DROPPED or not tag or depth > _DEEPEST:
        return
    writer.open(tag)
    text = element.text
    if text:
        writer.text(text)
    for child in element:
        _walk(child, writer, depth + 1)
        tail = child.tail
        if tail:
            writer.text(tail)
    writer.close(tag)
