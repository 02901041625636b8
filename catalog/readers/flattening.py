"""Nested records (JSON objects, XML elements) as flat cells, the way ``base.Record`` describes.

Both formats first become the same small tree: a text, an :class:`Entries` (names with values, a name may repeat) or a
list. One set of rules then applies to both.
"""

import re
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
    "value values val text content option options attribute_value attributevalue valor valeur valore wert waarde "
    "wartość değer nilai значение 值 値 값 القيمة g:attribute_value"
)
_BESIDE_KEYS = words(
    "id unit units section section_name g:section_name group position sort order lang type slug visible variation"
)
_CALLED_KEYS = words(
    "name label title nombre nom nome naam nazwa ad adı nama bezeichnung имя название 名称 名前 이름 الاسم"
)
_REFERENCE_KEYS = words("id slug position sort order link href url permalink parent parent_id handle count")
_OPTION = re.compile(r"option([1-9])")
_NO_OPTIONS = ("title", "default title")
_UNIT_KEYS = words("unit units einheit unité unidad unità jednostka birim единица 单位 単位 단위")


class Entries(list[tuple[str, "Node"]]):
    """The entries of an object in their order; a name may stand there more than once."""


def flatten(node: Node) -> tuple[tuple[str, str], ...]:
    """Return the cells of a record: dotted columns, repeated for lists, named values as ``attributes.NAME``."""
    return tuple((column, value) for column, raw in _cells(_with_options(node), "", False) if (value := clean(raw)))


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
        called = _name_alone(node) if in_list and column else None
        if called is not None:
            yield column, called
            return
        measure = _measure(node)
        if measure is not None and column:
            yield column, measure
            return
        for name, child in _with_units(node):
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


def _name_alone(entries: Entries) -> str | None:
    """Return the name in ``{"id": 9, "name": "Clothing", "slug": "c"}``, ``None`` where anything else is said."""
    name = None
    beside = False
    for key, child in entries:
        folded = key.casefold()
        if folded in _CALLED_KEYS and name is None and isinstance(child, str):
            name = clean(child)
        elif folded not in _REFERENCE_KEYS or not (child is None or isinstance(child, str)):
            return None
        else:
            beside = True
    return name if name and (beside or len(entries) == 1) else None


def _with_units(entries: Entries) -> Entries:
    """Join ``"weight": "1.25", "weight_unit": "lb"`` into one value."""
    texts = {key: clean(child) for key, child in entries if isinstance(child, str)}
    units = {key: f"{key}_unit" for key in texts if f"{key}_unit" in texts}
    if not units:
        return entries
    taken = set(units.values())
    return Entries(
        (key, f"{child} {texts[units[key]]}" if key in units and child else child)
        for key, child in entries
        if key not in taken
    )


def _with_options(node: Node) -> Node:
    """Name ``option1`` of the variants as the record's own list of options does: ``{"name": "Colour", ...}``."""
    if not isinstance(node, Entries):
        return node
    lists = {key: child for key, child in node if isinstance(child, list) and not isinstance(child, Entries)}
    options = [_text_at(one, "name") for one in lists.get("options", ()) if isinstance(one, Entries)]
    if not options or not all(options) or "variants" not in lists:
        return node
    variants: list[Node] = [
        Entries(found for cell in one if (found := _option(cell, options))) if isinstance(one, Entries) else one
        for one in lists["variants"]
    ]
    return Entries((key, variants if key == "variants" else child) for key, child in node)


def _option(cell: tuple[str, Node], options: list[str]) -> tuple[str, Node] | None:
    key, child = cell
    match = _OPTION.fullmatch(key)
    if match is None or int(match[1]) > len(options):
        return cell
    name = options[int(match[1]) - 1]
    if isinstance(child, str) and (name.casefold(), clean(child).casefold()) == _NO_OPTIONS:
        return None
    return f"attributes.{name}", child


def _text_at(entries: Entries, key: str) -> str:
    return next((clean(child) for name, child in entries if name == key and isinstance(child, str)), "")


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
