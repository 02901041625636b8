"""Records of a file -> groups that are one product each, with its variants.

Shops write a product over several rows: further images, variants, languages. Such a row follows its product in every
known format, so a group is what stands together; memory holds one group. (A parent that variants *name* may stand
anywhere: see :mod:`catalog.rows.relations`.)
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from catalog.columns.fields import PRICE_FIELDS, Field
from catalog.columns.headers import in_variants
from catalog.columns.mapping import Mapping, Target
from catalog.model import RowError
from catalog.readers.base import Record
from catalog.rows.relations import Relations
from catalog.rows.views import view_name

LONGEST_GROUP = 10_000
"""Rows of one product that are held together; no shop allows as many variants and images."""

_JOINED = frozenset(
    {
        Field.IMAGE,
        Field.CATEGORY,
        Field.BULLET,
        Field.VARIANTS,
        Field.ATTRIBUTE_NAME,
        Field.ATTRIBUTE_VALUE,
        Field.TIER_QUANTITY,
        Field.TIER_PRICE,
    }
)
"""What a row that continues a product adds to it."""

_OPTION_VALUES = frozenset({Field.ATTRIBUTE, Field.ATTRIBUTE_VALUE})
_OPTIONS = _OPTION_VALUES | {Field.ATTRIBUTE_NAME}

_KEYS = frozenset({Field.SKU, Field.PRODUCT_ID, Field.TITLE, Field.STORE_VIEW, Field.LANG})
"""What tells which product a row belongs to."""

_HANDED_DOWN = frozenset({Field.ATTRIBUTE_NAME, Field.CURRENCY, Field.LANG})
"""What a variant's row leaves to the first row of its product."""


@dataclass(slots=True)
class Group:
    """A product and what continues it.

    Attributes:
        head: the record of the product itself.
        joined: rows that continue it and are no products.
        variants: rows that are variants with a number of their own.
        nested: variants that the record itself holds; they are no rows of the file.
        views: rows that say the product in another language: the view's name and the row.
    """

    head: Record
    joined: list[Record] = field(default_factory=list)
    variants: list[Record] = field(default_factory=list)
    nested: list[Record] = field(default_factory=list)
    views: list[tuple[str, Record]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows of the file in the group."""
        return 1 + len(self.joined) + len(self.variants)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A row that was joined to a product which stands elsewhere in the file."""

    record: Record


@dataclass(frozen=True, slots=True)
class _Keys:
    sku: str
    product_id: str
    title: str
    view: str


class Grouper:
    """Finds what belongs together by one mapping of the columns."""

    def __init__(self, mapping: Mapping, relations: Relations) -> None:
        self._targets = mapping.targets
        self._key_columns = {
            column: target.field
            for column, target in mapping.targets.items()
            if target.field in _KEYS and not target.variant
        }
        self._relations = relations
        self._continues = mapping.profile.profile.continues if mapping.profile else ""
        self._nests = any(target.variant for target in mapping.targets.values())
        # Where variants have a column for their own image, the other images in their rows are the product's.
        own_images = any(target.option and target.field is Field.IMAGE for target in mapping.targets.values())
        self._gallery = {
            column
            for column, target in mapping.targets.items()
            if own_images and target.field is Field.IMAGE and not target.option
        }

    def groups(self, records: Iterable[Record | RowError]) -> Iterator[Group | Elsewhere | RowError]:
        """Yield groups in the order of their first rows; what could not be read is passed on."""
        group: Group | None = None
        first = _Keys("", "", "", "")
        for record in records:
            if isinstance(record, RowError) and not record.refused:
                yield record
                continue
            if isinstance(record, RowError):
                if group is not None:
                    yield group
                group = None
                yield record
                continue
            keys = self._keys(record)
            if self._relations.is_view(keys.sku or keys.product_id, keys.view, record.line):
                yield Elsewhere(record)
            elif group is not None and group.rows < LONGEST_GROUP and self._goes_on(first, keys):
                self._add(group, first, keys, record)
            else:
                if group is not None:
                    yield group
                group, first = self._begin(record, keys), keys
        if group is not None:
            yield group

    def _keys(self, record: Record) -> _Keys:
        found: dict[Field, str] = {}
        keys = self._key_columns
        for column, value in record.cells:
            if column in keys:
                found.setdefault(keys[column], value)
        view = found.get(Field.STORE_VIEW) or found.get(Field.LANG) or ""
        return _Keys(
            found.get(Field.SKU, ""),
            found.get(Field.PRODUCT_ID, ""),
            found.get(Field.TITLE, ""),
            view_name(view),
        )

    def identity(self, record: Record) -> tuple[str, str]:
        """Return what a row's number and view are, for :meth:`Relations.add_view`."""
        keys = self._keys(record)
        return keys.sku or keys.product_id, keys.view

    def _goes_on(self, first: _Keys, keys: _Keys) -> bool:
        same_id = bool(keys.product_id) and keys.product_id == first.product_id
        if self._continues == "blank" and not keys.sku and not keys.product_id and (keys.view or not keys.title):
            return True
        if keys.title:
            own_number = bool(keys.sku) and bool(first.sku) and keys.sku != first.sku
            return same_id and keys.title == first.title and (own_number or self._continues == "same id")
        if same_id:
            return True
        return bool(keys.sku) and not keys.product_id and keys.sku == first.sku

    def _add(self, group: Group, first: _Keys, keys: _Keys, record: Record) -> None:
        if keys.view and not keys.sku:
            group.views.append((keys.view, record))
            group.joined.append(record)
        elif keys.sku and keys.sku != first.sku:
            group.variants.append(record)
        else:
            group.joined.append(record)

    def _begin(self, record: Record, keys: _Keys) -> Group:
        group = Group(record, views=self._relations.views(keys.sku or keys.product_id, record.line))
        if self._nests:
            group.head, group.nested = self._split(record)
        return group

    # -- variants inside a record -------------------------------------------------------------------------------------

    def _split(self, record: Record) -> tuple[Record, list[Record]]:
        """Part the cells of ``variants.…`` from the record; a column that comes again begins the next variant.

        A reader names ``{"name": "Colour", "value": "red"}`` by its name wherever it stands, so that among the cells
        of variants such an attribute belongs to the variant before it.
        """
        places = [place for place, (column, _) in enumerate(record.cells) if in_variants(column)]
        if not places:
            return record, []
        start = record.cells[places[0]][0]
        own: list[tuple[str, str]] = []
        variants: list[list[tuple[str, str]]] = []
        for place, (column, value) in enumerate(record.cells):
            among = places[0] < place < places[-1] and column.startswith("attributes.")
            if not in_variants(column) and not among:
                own.append((column, value))
            elif column == start or not variants:
                variants.append([(column, value)])
            else:
                variants[-1].append((column, value))
        return replace(record, cells=tuple(own)), [replace(record, cells=tuple(cells)) for cells in variants]

    # -- one record of several ----------------------------------------------------------------------------------------

    def merged(self, group: Group) -> Record:
        """Return the head with what the joined rows, and variants without a number of their own, add to it."""
        nameless = [record for record in group.nested if not self._has_number(record)]
        gallery = [cell for record in group.variants for cell in record.cells if cell[0] in self._gallery]
        if not (group.joined or nameless or gallery):
            return group.head
        views = {id(record) for _, record in group.views}
        cells = [*group.head.cells, *gallery]
        for record in [*group.joined, *nameless]:
            if id(record) not in views:
                cells += self._additions(group.head, record)
        return replace(group.head, cells=tuple(cells))

    def is_variant_without_number(self, head: Record, record: Record) -> bool:
        """Say whether a joined row is a variant for itself, and not more of a product that is none.

        Its product's row is a variant with a number then, and the row names options and a price of its own.
        """
        return (
            self._says(head, lambda target: target.field is Field.SKU)
            and self._says(head, lambda target: target.option)
            and self._says(record, lambda target: target.option and target.field in _OPTION_VALUES)
            and self._says(record, lambda target: target.field in PRICE_FIELDS)
        )

    def _says(self, record: Record, of_kind: Callable[[Target], bool]) -> bool:
        return any((target := self._targets.get(column)) and of_kind(target) for column, _ in record.cells)

    def own_variants(self, group: Group) -> list[tuple[Record, bool]]:
        """Return the variants with a number of their own, completed from the head; true: it is a row of the file."""
        rows = [(self._completed(group.head, record), True) for record in group.variants]
        nested = [record for record in group.nested if self._has_number(record)]
        return rows + [(self._completed(group.head, record), False) for record in nested]

    def _has_number(self, record: Record) -> bool:
        targets = (self._targets.get(column) for column, _ in record.cells)
        return any(target.field in (Field.SKU, Field.PRODUCT_ID) for target in targets if target)

    def _additions(self, head: Record, record: Record) -> Iterator[tuple[str, str]]:
        have = {column for column, _ in record.cells}
        names = {
            target.number: (column, value)
            for column, value in head.cells
            if (target := self._targets.get(column)) and target.field is Field.ATTRIBUTE_NAME and column not in have
        }
        variant = self.is_variant_without_number(head, record)
        for column, value in record.cells:
            target = self._targets.get(column)
            if target is None or not (target.field in _JOINED or target.option):
                continue
            if variant and target.field in _OPTIONS:
                continue
            if target.field is Field.ATTRIBUTE_VALUE and target.number in names:
                yield names[target.number]
            yield column, value

    def _completed(self, head: Record, record: Record) -> Record:
        have = {self._key(column) for column, _ in record.cells}
        handed = [
            (column, value)
            for column, value in head.cells
            if (target := self._targets.get(column)) and target.field in _HANDED_DOWN and self._key(column) not in have
        ]
        own = (cell for cell in record.cells if cell[0] not in self._gallery)
        return replace(record, cells=(*handed, *own))

    def _key(self, column: str) -> tuple[Field, int | None] | None:
        target: Target | None = self._targets.get(column)
        return (target.field, target.number) if target else None
