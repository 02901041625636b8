"""What an export holds: which files of the feed it is made from, and which columns it adds to them."""

import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.errors import NotFoundError, UsageError
from catalog.exports.model import Export, Kind, LanguageColumn
from catalog.exports.places import Places
from catalog.exports.sources import Said, Source, sources_of
from catalog.exports.store import ExportStore
from catalog.store import ProductStore

FIELDS = ("title", "description", "bullets", "category", "keywords", "attributes")
"""What may be exported; an attribute takes two columns a language."""

USUAL_FIELDS = FIELDS[:-1]


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to export.

    Attributes:
        supplier: whose feed.
        feed: which of the supplier's feeds.
        langs: the languages to add columns for.
        fields: some of :data:`FIELDS`.
        file: where the workbook goes; its ending, ``.xlsx``, ``.csv`` or ``.tsv``, decides the format.
    """

    supplier: str
    feed: str
    langs: tuple[str, ...]
    fields: tuple[str, ...]
    file: Path

    def __post_init__(self) -> None:
        if self.file.suffix.lower() not in (".xlsx", ".csv", ".tsv"):
            raise UsageError(f"-o {self.file}: give the workbook a name that ends in .xlsx, .csv or .tsv")

    @property
    def delimiter(self) -> str | None:
        """Of delimited text, ``None`` for a workbook."""
        return {".csv": ",", ".tsv": "\t"}.get(self.file.suffix.lower())


def find_sources(
    stack: ExitStack, products: ProductStore, exports: ExportStore, places: Places, options: ExportOptions
) -> list[Source]:
    """Place the feed's products in the files that gave them; no files where these make no one table."""
    total = products.feed_size(options.supplier, options.feed)
    if total == 0:
        raise NotFoundError(f"supplier {options.supplier} has no products in feed {options.feed!r}")

    def live(ids: Sequence[str]) -> set[str]:
        return products.in_feed(options.supplier, options.feed, ids)

    found: list[Source] = []
    covered = number = 0
    for upload in products.kept_uploads(options.supplier, options.feed):
        if covered == total:
            break
        for source in stack.enter_context(sources_of(upload, exports, options.supplier)):
            added = places.add(number, source.rows(products, options.supplier, options.feed), live)
            number += 1
            if added:
                found.append(replace(source, number=number - 1))
                covered += added
    return found if covered == total and _is_one_table(found) else []


def _is_one_table(sources: Sequence[Source]) -> bool:
    return all(source.is_table for source in sources) and len({source.shape.columns for source in sources}) == 1


def plan(
    products: ProductStore, places: Places, sources: Sequence[Source], options: ExportOptions, kind: Kind
) -> Export:
    """Return the export with its columns.

    Raises:
        UsageError: every language asked for is the catalog's own.
    """
    own = {source.lang for source in sources} or _languages(products, options)
    langs = [lang for lang in options.langs if own != {lang}]
    if not langs:
        raise UsageError(f"--lang {', '.join(options.langs)}: this is the language in which the catalog is written")
    taken = {name.casefold() for source in sources for name in source.shape.columns}
    columns, states = [], []
    fields = _fields(products, options)
    for lang in langs:
        for field in fields:
            columns.append(LanguageColumn(_free(f"{field}_{lang}", taken), field, lang))
        states.append(_free(f"state_{lang}", taken))
    said = sources[0].said if sources else Said()
    return Export(
        uuid.uuid4().hex, options.supplier, options.feed, kind, tuple(columns), tuple(states),
        said.lang, said.currency, said.country,
    )  # fmt: skip


def _languages(products: ProductStore, options: ExportOptions) -> set[str | None]:
    return {stored.product.lang for stored in products.stream(options.supplier) if stored.feed == options.feed}


def _fields(products: ProductStore, options: ExportOptions) -> list[str]:
    """Return the fields that the feed's products have, titles first, in the order in which products show them."""
    found: dict[str, dict[str, None]] = {name: {} for name in FIELDS}
    for stored in products.stream(options.supplier):
        if stored.feed == options.feed:
            for text in stored.product.texts():
                found[text.field.split(".")[0]][text.field] = None
    bullets = sorted(found["bullets"], key=lambda field: int(field.split(".")[1]))
    found["bullets"] = dict.fromkeys(bullets)
    return [field for name in FIELDS if name in options.fields for field in found[name]]


def _free(name: str, taken: set[str]) -> str:
    """Return a name that no column has: the supplier may give translations in a ``title_fr`` of their own."""
    while name.casefold() in taken:
        name = f"lexicart_{name}"
    taken.add(name.casefold())
    return name
