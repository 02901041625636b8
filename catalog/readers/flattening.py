"""Nested records (JSON objects, XML elements) as flat cells, the way ``base.Record`` describes.

Both formats first become the same small tree: a text, an :class:`Entries` (names with values, a name may repeat) or a
list. One set of rules then applies to both.
"""

from collections.abc import Iterator
from typing import TypeAlias

from catalog.readers.text import clean

Node: TypeAlias = "str | Entries | list[Node] | None"

MAX_DEPTH = 32


def words(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


_NAME_KEYS = words(
    "name key label attribute attribute_name attributename code title property nombre nom nome naam nazwa ad adı nama "
    "bezeichnung merkmal имя название 名称 属性 名前 項目 이름 항목 الاسم g:attribute_name"
)
_VALUE_KEYS = words(
    "value values val text content attribute_value attributevalue valor valeur valore wert waarde wartość değer nilai "
    "значение 值 値 값 القيمة g:attribute_value"
)
_BESIDE_KEYS = words("id unit units section section_name g:section_name group position sort order lang type")
_UNIT_KEYS = words("unit units einheit unité unidad unità jednostka birim единица 单位 単位 단위")


class Entries(list[tuple[str, "Node"]]):
    """The entries of an object in their order; a name may stand there more than once."""


def flatten(node: Node) -> tuple[tuple[str, str], ...]:
    """Return the cells of a record: dotted columns, repeated for lists, named values as ``attributes.NAME``."""
    return tuple((column, value) for column, raw in _cells(node, "", False) if (value := clean(raw)))


def depth_of(node: Node) -> int:
    """Return how deep a tree is nested, counted without recursion."""
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [child for parent in level for child in _children(parent)]
    return deepest


def _children(node: Node) -> list[Node]:
    if isinstance(node, Entries):
        return [child for _, child in node]
    return [] if node is None or isinstance(node, str) else node


def _cells(node: Node, column: str, in_list: bool) -> Iterator[tuple[str, str]]:
    if node is None:
        return
    if isinstance(node, str):
        yield column or "value", node
    elif isinstance(node, Entries):
        named = _named_value(node) if in_list else None
        if named is not None:
            yield named
            return
        measure = _measure(node)
        if measure is not None and column:
            yield column, measure
            return
        for name, child in node:
            yield from _cells(child, ".".join(part for part in (column, name) if part), False)
    else:
        for child in node:
            yield from _cells(child, column, True)


def _named_value(entries: Entries) -> tuple[str, str] | None:
    """Return ``{"name": "Colour", "value": "red"}`` as one cell, or ``None`` for any other object."""
    name = value = unit = None
    for key, child in entries:
        folded = key.casefold()
        if folded in _NAME_KEYS and name is None and isinstance(child, str):
            name = clean(child)
        elif folded in _VALUE_KEYS and value is None:
            value = _joined(child)
        elif folded in _UNIT_KEYS and (child is None or isinstance(child, str)):
            unit = clean(child or "")
        elif folded not in _BESIDE_KEYS:
            return None
    if not name or value is None:
        return None
    return f"attributes.{name}", f"{value} {unit}" if unit and value and not value.endswith(unit) else value


def _measure(entries: Entries) -> str | None:
    """Return ``{"value": "1.5", "unit": "kg"}`` as ``1.5 kg``, or ``None`` for any other object."""
    if len(entries) != 2:
        return None
    texts = {name.casefold(): child for name, child in entries if isinstance(child, str)}
    value = next((texts[key] for key in texts if key in _VALUE_KEYS), None)
    unit = next((texts[key] for key in texts if key in _UNIT_KEYS), None)
    return None if value is None or unit is None else f"{clean(value)} {clean(unit)}".strip()


def _joined(node: Node) -> str | None:
    """Return a text, or a list of texts joined by commas; ``None`` for what is nested deeper."""
    if node is None:
        return ""
    if isinstance(node, str):
        return node
    if isinstance(node, Entries) or not all(isinstance(child, str) for child in node):
        return None
    return ", ".join(clean(child) for child in node if isinstance(child, str))
