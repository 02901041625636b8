"""What a feed says once for all its records: a tree of categories that each record names by an id.

YML (Yandex Market) and its kin list ``<category id="2" parentId="1">Vacuum cleaners</category>`` before the offers.
Of an offer without a name, kind, maker and model are the name; YML says so for its type ``vendor.model``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from catalog.readers.flattening import Entries, Node, words
from catalog.readers.text import clean
from catalog.readers.xml_nodes import local_name

_CATEGORY = words("category rubric group")
_PARENT = words("parentid parent_id parent")
_NAMED_BY_ID = words("categoryid category_id category")
_NAMES = words("name title g:title")
_PARTS_OF_A_NAME = ("typeprefix", "vendor", "model")
_DEEPEST = 20
_MOST = 200_000
_LONGEST = 300


@dataclass(slots=True)
class CategoryTree:
    """The categories that a document lists: name and parent by id."""

    categories: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, element: Any, text_of: Callable[[Any], str]) -> None:
        """Note an element that ended, if it is a category with an id."""
        number = element.get("id")
        if not number or local_name(element.tag) not in _CATEGORY or len(self.categories) >= _MOST:
            return
        name = clean(text_of(element)) or clean(element.get("name", ""))
        parent = next((value for key, value in element.attrib.items() if key.casefold() in _PARENT), "")
        if name and len(name) <= _LONGEST:
            self.categories.setdefault(number.strip(), (name, parent.strip()))

    def path_of(self, number: str) -> str:
        """Return ``Appliances > Vacuum cleaners`` for an id, nothing where it is unknown."""
        names: list[str] = []
        for _ in range(_DEEPEST):  # a category may be its own ancestor
            if number not in self.categories:
                break
            name, number = self.categories[number]
            names.append(name)
        return " > ".join(reversed(names))


def complete(node: Node, tree: CategoryTree) -> Node:
    """Return a record with its categories written out, and with a name where its parts make one."""
    if not isinstance(node, Entries):
        return node
    named = Entries(_category(key, child, tree) for key, child in node) if tree.categories else node
    texts = {key.casefold(): clean(child) for key, child in node if isinstance(child, str)}
    parts = [texts.get(part, "") for part in _PARTS_OF_A_NAME]
    if parts[0] and parts[2] and not any(texts.get(name) for name in _NAMES):
        return Entries([*named, ("name", " ".join(filter(None, parts)))])
    return named


def _category(key: str, child: Node, tree: CategoryTree) -> tuple[str, Node]:
    if key.casefold() not in _NAMED_BY_ID or not isinstance(child, str):
        return key, child
    path = tree.path_of(clean(child))
    return ("category", path) if path else (key, child)
