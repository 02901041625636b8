"""One XML element as the tree that ``flattening`` knows, with columns named as people write them."""

import html
import re
from typing import Any

from catalog.readers.flattening import Entries, Node, words

GOOGLE = "http://base.google.com/ns/1.0"
_UNPREFIXED = {"http://www.w3.org/2005/Atom", "http://purl.org/rss/1.0/"}
_XML = "http://www.w3.org/XML/1998/namespace"

_HTML = words("p br b i u em strong span div ul ol li table tr td th h1 h2 h3 h4 h5 h6 a sup sub small")
_NAMING = ("name", "key", "label", "title", "code")


def to_node(element: Any, is_record: bool = False) -> Node:
    """Turn an element into the tree that ``flattening`` knows."""
    children = [child for child in element if isinstance(child.tag, str)]
    attributes = [(_name(name, element), value) for name, value in element.attrib.items() if name != f"{{{_XML}}}lang"]
    if not children:
        text = text_of(element)
        if not attributes and not is_record:
            return text
        naming = next((value for name, value in attributes if name in _NAMING), None)
        if naming and text and not is_record:
            rest = [(name, value) for name, value in attributes if name not in _NAMING]
            return [Entries([("name", naming), ("value", text), *rest])]
        return Entries([("", text), *attributes])
    if not is_record and any(local_name(child.tag) in _HTML for child in children):
        return _markup(element)
    entries: list[tuple[str, Node]] = list(attributes)
    if text := (element.text or "").strip():
        entries.append(("", text))
    for child in children:
        node = to_node(child)
        entries.append((_column(child), [node] if isinstance(node, Entries) else node))
    return Entries(entries)


def text_of(element: Any) -> str:
    """Return an element's text; a named entity of a document type that was not loaded is written as HTML has it."""
    parts = [element.text or ""]
    for child in element:
        parts += [html.unescape(child.text or ""), child.tail or ""]
    return "".join(parts)


def _markup(element: Any) -> str:
    """Return the HTML inside an element, as text."""
    from lxml import etree

    inside = [_text_as_html(element.text or "")]
    for child in element:
        etree.strip_attributes(child, f"{{{_XML}}}lang")
        inside.append(etree.tostring(child, encoding="unicode", with_tail=True))
    return re.sub(r'\sxmlns(?::\w+)?="[^"]*"', "", "".join(inside))


def _text_as_html(text: str) -> str:
    return html.escape(text, quote=False)


def _column(element: Any) -> str:
    """Return the column of an element; its language, where it names one, is appended (``title_de``)."""
    name = _name(element.tag, element)
    lang = element.get(f"{{{_XML}}}lang")
    return f"{name}_{lang.replace('-', '_')}" if lang else name


def _name(tag: str, element: Any) -> str:
    """Return a tag or attribute as people write it: ``g:price`` for Google's, no prefix in a feed's own language."""
    if not tag.startswith("{"):
        return tag
    space, _, local = tag[1:].partition("}")
    if space == GOOGLE:
        return f"g:{local}"
    prefix = next((key for key, value in element.nsmap.items() if value == space), None)
    return local if prefix is None or space in _UNPREFIXED else f"{prefix}:{local}"


def children_of(element: Any) -> list[Any]:
    """Return the elements directly inside one; references to entities that were not loaded are no elements."""
    return [child for child in element if isinstance(child.tag, str)]


def local_name(tag: str, fold: bool = True) -> str:
    """Return a tag without its namespace, folded for comparison."""
    local = tag.rpartition("}")[2]
    return local.casefold() if fold else local
