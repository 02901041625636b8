"""Descriptions: what is kept of a supplier's HTML.

Blocks (paragraphs, lists, tables, headings) and inline marks (bold, italics) are kept without any attribute; scripts,
styles, comments and everything that loads or links is dropped. The result is built from a list of allowed tags, so
nothing that a supplier wrote is passed on by oversight.
"""

import re
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
_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_DEEPEST = 100


def is_html(text: str) -> bool:
    """Say whether a text is HTML rather than plain text that happens to hold ``<``."""
    return "<" in text and _TAG.search(text) is not None


def clean_text(text: str) -> str:
    """Return a one-line text (title, brand, value) without tags, entities and runs of white space."""
    if "<" in text or "&" in text:
        text = _one_line(text)
    return _SPACE.sub(" ", _printable(text)).strip()


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
    cleaned = _serialise(text)
    if not re.search(r"<(?!/?p>)", cleaned) and cleaned.count("<p>") <= 1:
        return unescape(re.sub(r"</?p>", "", cleaned)).strip()
    return cleaned


def plain_text(text: str) -> str:
    """Return the words of an HTML text, blocks separated by line breaks."""
    if not is_html(text):
        return text
    blocks = re.sub(r"</?(?:p|li|tr|h\d|ul|ol|table|blockquote|dt|dd|pre|td|th)>|<br>", "\n", _serialise(text))
    return _plain_lines(unescape(re.sub(r"<[^>]+>", "", blocks)))


def _plain_lines(text: str) -> str:
    lines = (_SPACE.sub(" ", line).strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _printable(text: str) -> str:
    """Drop control characters; direction marks and joiners stay, they belong to Arabic and to emoji."""
    if text.isprintable():
        return text
    return "".join(char for char in text if char in "\n\t" or not ("\x00" <= char < " " or "\x7f" <= char < "\xa0"))


def _serialise(text: str) -> str:
    from lxml import etree

    # An XML declaration in the text would make lxml refuse it.
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")
    body = f"<html><body><div>{re.sub(r'<[?].*?>', '', text)}</div></body></html>"
    root: Any = etree.fromstring(body.encode("utf-8", "replace"), parser)
    if root is None:
        return escape(text, quote=False)
    writer = MarkupWriter()
    _walk(root, writer, 0)
    return writer.finish()


def _walk(element: Any, writer: MarkupWriter, depth: int) -> None:
    tag = element.tag if isinstance(element.tag, str) else ""
    if tag in _DROPPED or not tag or depth > _DEEPEST:
        return
    writer.open(tag)
    writer.text(element.text)
    for child in element:
        _walk(child, writer, depth + 1)
        writer.text(child.tail)
    writer.close(tag)
