"""One record of a file -> one product, or the reason why not."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from catalog.columns.fields import Field
from catalog.columns.headers import parse_headers
from catalog.columns.mapping import Mapping, Target
from catalog.detect import doubt
from catalog.languages import CODES, LANGUAGES
from catalog.model import SKU_LENGTH, Attribute, GivenText, Product
from catalog.readers.base import Record
from catalog.rows.attributes import CollectedAttributes, collect_attributes
from catalog.rows.pricing import read_row_prices, read_row_tiers
from catalog.rows.splitting import read_addresses, read_variants
from catalog.rows.texts import OwnTexts, read_texts
from catalog.rows.understanding import BuiltRow, Cells, Row, Understanding
from catalog.rows.views import language_of_name, view_name, view_texts
from catalog.values.identifiers import read_gtin
from catalog.values.markup import clean_text, plain_text_of_clean
from catalog.values.numbers import LONGEST_PLACEHOLDER, is_placeholder, read_count

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class _Family:
    """Whose variant a row is: the parent's sku, and its product where the file holds it."""

    name: str
    product: Product | None


class ProductBuilder:
    """Makes products of records by one understanding of their file."""

    def __init__(self, understanding: Understanding) -> None:
        self._understood = understanding
        # What a column means, and where it stands among those of its field: decided once, not for every cell.
        self._places = {
            column: (target.field, target, (target.by != "hand", target.rank, target.number or 0, order))
            for order, (column, target) in enumerate(understanding.mapping.targets.items())
        }
        self._other_titles = _other_titles(understanding.mapping)

    def build(
        self,
        record: Record,
        *,
        parent: Product | None = None,
        views: Sequence[tuple[str, Record]] = (),
        has_variants: bool = False,
    ) -> BuiltRow:
        """Make the product of a record, or say why it is refused.

        A row is refused where nothing identifies it and where neither it nor its parent has a title in any language;
        any other value that can't be understood is left out with a warning.

        Args:
            record: the product's own record.
            parent: the product of which it is a variant, where that is known from where the row stands.
            views: rows that say it in another language: the view's name and the row.
            has_variants: the row is itself one of several variants, the first.
        """
        row = Row(record.line, self._sort(record))
        if self._other_titles and Field.TITLE not in row.cells:
            self._take_other_title(row)
        attributes = collect_attributes(row.cells)
        row.sku = self._identity(row, attributes)
        if row.sku is None:
            reason = "nothing identifies this row: give it an article number, a GTIN or a manufacturer's part number"
            return row.refuse("sku", None, "no_identity", reason)
        family = self._family(row, attributes, parent)
        inherits_title = family.product is not None and not row.values(Field.TITLE)
        if family.product is not None and inherits_title:
            row.cells[Field.TITLE] = [(Target(Field.TITLE, lang=family.product.lang), "", family.product.title)]
        lang = family.product.lang if family.product and inherits_title else self._row_language(row)
        texts = read_texts(row, lang, self._understood)
        if texts is None:
            return row.refuse("title", None, "no_title", _no_title(row))
        texts, doubtful = (texts, False) if inherits_title else self._settle_language(row, texts)
        product = self._assemble(row, attributes, texts, family, has_variants or bool(family.name))
        product = _inherit(product, family.product, inherits_title) if family.product else product
        product = self._with_views(row, product, views) if views else product
        return BuiltRow(product, tuple(row.warnings), doubtful)

    def names_of(self, record: Record) -> list[str]:
        """Return the names by which a variant may call a record its parent."""
        row = Row(record.line, self._sort(record))
        ids = row.values(Field.PRODUCT_ID)
        return list(dict.fromkeys([*row.values(Field.SKU), *ids, *(f"id:{value}" for value in ids)]))

    def parent_name_of(self, record: Record) -> str:
        """Return the parent that a record names, ``""`` for none."""
        return _first_text(Row(record.line, self._sort(record)).values(Field.PARENT))

    def listed_by(self, record: Record) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
        """Return sku and options of the variants that a record lists."""
        row = Row(record.line, self._sort(record))
        return [variant for value in row.values(Field.VARIANTS) for variant in read_variants(value)]

    def sku_of(self, record: Record) -> str | None:
        """Return what identifies a record, without making its product."""
        row = Row(record.line, self._sort(record))
        return self._identity(row, collect_attributes(row.cells))

    def _sort(self, record: Record) -> Cells:
        cells: Cells = {}
        places = self._places
        for column, value in record.cells:
            place = places.get(column)
            if place is not None and not (len(value) <= LONGEST_PLACEHOLDER and is_placeholder(value)):
                field, target, _ = place
                if field in cells:
                    cells[field].append((target, column, value))
                else:
                    cells[field] = [(target, column, value)]
        for found in cells.values():
            if len(found) > 1:
                found.sort(key=lambda cell: places[cell[1]][2])
        return cells

    def _take_other_title(self, row: Row) -> None:
        """Use what a second column for the title says, where the first one is empty."""
        found = [cell for cell in row.cells.get(Field.ATTRIBUTE, ()) if cell[1] in self._other_titles]
        if found:
            row.cells[Field.TITLE] = [(Target(Field.TITLE), found[0][1], found[0][2])]
            row.cells[Field.ATTRIBUTE] = [cell for cell in row.cells[Field.ATTRIBUTE] if cell is not found[0]]

    # -- identity ---------------------------------------------------------------------------------------------------

    def _identity(self, row: Row, attributes: CollectedAttributes) -> str | None:
        """The supplier's own number, else the shop's product id, else GTIN, else MPN."""
        for value in row.values(Field.SKU, Field.PRODUCT_ID):
            sku = _one_line(value)
            if len(sku) > SKU_LENGTH:
                row.warn("sku", sku, "sku_too_long", f"an article number has at most {SKU_LENGTH} characters")
            elif sku:
                return sku
        gtins = (read_gtin(value).gtin for value in [*row.values(Field.GTIN), *attributes.values(Field.GTIN)])
        found = next((gtin for gtin in gtins if gtin), None)
        if found:
            return found
        mpns = (_one_line(value) for value in [*row.values(Field.MPN), *attributes.values(Field.MPN)])
        return next((mpn for mpn in mpns if 0 < len(mpn) <= SKU_LENGTH), None)

    def _row_language(self, row: Row) -> str:
        """The language that the row itself names, else the catalog's."""
        for value in row.values(Field.LANG, Field.STORE_VIEW):
            code = re.split(r"[_-]", value.strip().lower())[0]
            found = code if code in CODES else language_of_name(view_name(value))
            if found:
                return found
            if len(code) == 2 and code.isalpha():
                reason = f"{code!r} is none of the fifteen languages: the row is read as {self._understood.lang!r}"
                row.warn("lang", value, "language_unknown", reason)
        return self._understood.lang

    # -- parents and other languages ----------------------------------------------------------------------------------

    def _family(self, row: Row, attributes: CollectedAttributes, parent: Product | None) -> _Family:
        """Whose variant a row is: by where it stands, by the parent that it names, by a parent's list."""
        relations = self._understood.relations
        listed = relations.listed(row.sku or "")
        if listed is not None:
            attributes.add_options(listed.options)
        if parent is not None:
            return _Family(parent.sku, parent)
        name = _first_text(row.values(Field.PARENT)) or (listed.parent if listed else "")
        if not name or name == row.sku or name in row.values(Field.PRODUCT_ID):
            return _Family("", None)
        found = relations.parent(name)
        if found is not None and found.sku != row.sku:
            return _Family(found.sku, found)
        if name.startswith("id:"):
            row.warn("parent", name, "parent_unknown", "left out: this file holds no product with this id")
            return _Family("", None)
        return _Family(name, None)

    def _with_views(self, row: Row, product: Product, views: Sequence[tuple[str, Record]]) -> Product:
        given = {(text.field, text.lang): text for text in product.given}
        for view, record in views:
            other = Row(record.line, self._sort(record), row.sku)
            texts = view_texts(view, other, product, self._understood)
            row.warnings += other.warnings
            for text in texts:
                given[text.field, text.lang] = text  # before what was inherited from a parent
        return replace(product, given=tuple(given.values()))

    # -- the product ------------------------------------------------------------------------------------------------

    def _assemble(
        self, row: Row, attributes: CollectedAttributes, texts: OwnTexts, family: _Family, is_variant: bool
    ) -> Product:
        images, url = self._addresses(row)
        kept, given_values = attributes.finish(texts.lang, exclude=texts.title)
        constants = self._understood.mapping.constants
        prices = read_row_prices(row, self._understood)
        options = attributes.option_names() if is_variant else frozenset()
        return Product(
            supplier=self._understood.supplier,
            sku=row.sku or "",
            lang=texts.lang,
            title=texts.title,
            description=texts.description,
            bullets=texts.bullets,
            brand=self._brand(row, attributes) or constants.get("brand", ""),
            category=texts.category,
            keywords=texts.keywords,
            attributes=kept,
            prices=prices,
            stock=self._count(row, Field.STOCK),
            minimum_order=self._count(row, Field.MINIMUM_ORDER) or None,
            gtin=self._gtin(row, attributes),
            mpn=_first_text([*row.values(Field.MPN), *attributes.values(Field.MPN)]) or None,
            images=images,
            url=url,
            country=self._country(row),
            parent=family.name or None,
            given=(*texts.given, *(GivenText(*text) for text in given_values)),
            price_tiers=read_row_tiers(row, prices, self._understood),
            options=tuple(attribute for attribute in kept if attribute.name.casefold() in options),
        )

    def _settle_language(self, row: Row, texts: OwnTexts) -> tuple[OwnTexts, bool]:
        """Give the row its own language where both detectors are sure of another."""
        if self._understood.lang_by_columns or row.values(Field.LANG):
            return texts, False
        found = doubt(f"{texts.title}\n{plain_text_of_clean(texts.description)[:400]}", texts.lang)
        if found is None:
            return texts, False
        if found.outside is not None:
            reason = (
                f"the text looks like {found.outside}, which is none of the fifteen languages: taken as "
                f"{LANGUAGES[texts.lang].english_name}"
            )
            row.warn("lang", texts.title, "language_outside", reason)
        if found.clear and not texts.given:
            return texts.in_language(found.code), True
        return texts, True

    def _brand(self, row: Row, attributes: CollectedAttributes) -> str:
        return _first_text(
            [
                *row.values(Field.BRAND, Field.MANUFACTURER),
                *attributes.values(Field.BRAND),
                *attributes.values(Field.MANUFACTURER),
            ]
        )

    def _gtin(self, row: Row, attributes: CollectedAttributes) -> str | None:
        values = [*row.values(Field.GTIN), *attributes.values(Field.GTIN)]
        for value in values:
            reading = read_gtin(value)
            if reading.gtin is None:
                row.warn("gtin", value, reading.code or "gtin_unreadable", f"left out: {reading.reason}")
            elif self._understood.relations.is_shared(reading.gtin):
                reason = "left out: several products of this file carry the same number, so it identifies none of them"
                row.warn("gtin", value, "gtin_shared", reason)
            else:
                return reading.gtin
        return None

    def _count(self, row: Row, kind: Field) -> int | None:
        for value in row.values(kind):
            count = read_count(value)
            if count is not None:
                return count
            reason = "left out: not a whole number of pieces, zero or more"
            row.warn(kind.value, value, f"{kind.value}_unreadable", reason)
        return None

    def _addresses(self, row: Row) -> tuple[tuple[str, ...], str | None]:
        images, wrong_images = read_addresses(row.values(Field.IMAGE))
        urls, wrong_urls = read_addresses(row.values(Field.URL))
        for name, wrong in (("image", wrong_images), ("url", wrong_urls)):
            for value in wrong:
                row.warn(name, value, f"{name}_address", "left out: not a full web address (https://...)")
        return images, urls[0] if urls else None

    def _country(self, row: Row) -> str | None:
        for value in row.values(Field.COUNTRY):
            code = find_country(value)
            if code:
                return code
            row.warn("country", value, "country_unknown", "left out: not the name or the two-letter code of a country")
        return self._understood.mapping.constants.get("country") or self._understood.country


def _other_titles(mapping: Mapping) -> frozenset[str]:
    """Return the columns that name a title too, and are attributes because a clearer one is the title."""
    columns = [name for name, target in mapping.targets.items() if target.field is Field.ATTRIBUTE and not target.lang]
    headers = parse_headers(columns)
    return frozenset(
        name
        for name, header in headers.items()
        if header.named is not None and header.named.field is Field.TITLE and not header.variant
    )


def _no_title(row: Row) -> str:
    if row.values(Field.PARENT):
        return "this row has no title in any language, and its parent, which would give it one, is not in this file"
    if row.values(Field.PRODUCT_ID):
        return (
            "this row has no title in any language, and the product that it would continue does not stand right "
            "before it: put it there, or give the row a name"
        )
    return "this row has no title in any language: give the product a name"


def _inherit(product: Product, parent: Product, with_title: bool) -> Product:
    """Give a variant what it lacks and its parent has."""
    lacking = {
        name: getattr(parent, name)
        for name in ("description", "bullets", "brand", "category", "keywords", "images", "url")
        if not getattr(product, name) and getattr(parent, name)
    }
    handed: tuple[Attribute, ...] = ()
    if product.lang != parent.lang:
        lacking = {name: value for name, value in lacking.items() if name in ("brand", "images", "url")}
    else:
        own_keys = {attribute.key for attribute in (*product.attributes, *parent.options)}
        handed = tuple(attribute for attribute in parent.attributes if attribute.key not in own_keys)
        lacking["attributes"] = (*product.attributes, *handed)
    handed_keys = {attribute.key for attribute in handed}
    fields = {*lacking, "title"} if with_title else set(lacking)
    have = {(text.field, text.lang) for text in product.given}
    given = [
        text
        for text in parent.given
        if _is_handed(text.field, fields, handed_keys)
        and (text.field, text.lang) not in have
        and text.lang != product.lang
    ]
    return replace(product, **lacking, given=(*product.given, *given))


def _is_handed(name: str, fields: set[str], keys: set[str]) -> bool:
    root, *rest = name.split(".")
    return rest[0] in keys if root == "attributes" else root in fields


def _one_line(value: str) -> str:
    return (value if value.isprintable() else _UNPRINTABLE.sub(" ", value)).strip()


def _first_text(values: Iterable[str]) -> str:
    for value in values:
        text = clean_text(value)
        if text:
            return text
    return ""


def find_country(value: str) -> str | None:
    """Return the ISO 3166-1 code of a country's code or its name in any of the fifteen languages."""
    text = value.strip()
    if len(text) == 2 and text.upper() in _countries().values():
        return text.upper()
    return _countries().get(text.casefold())


@cache
def _countries() -> dict[str, str]:
    from babel import Locale

    names: dict[str, str] = {}
    for lang in CODES:
        for code, name in Locale.parse(lang).territories.items():
            if len(code) == 2 and code.isalpha():
                names.setdefault(name.casefold(), code)
    return names
