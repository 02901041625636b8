"""Fills a build: with every product, or with what changed since a position of the change log."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from catalog.store import StoredProduct
from indexes.documents import index_documents, product_documents
from indexes.model import IndexDocument, ProductDocument
from indexes.parts import BuildParts
from indexes.report import IndexReport
from indexes.store import Changes
from translation.stopwords import content_words

_PAGE = 200
"""Products a write: 3,000 documents in fifteen languages, about 10 MB."""

_LOG_PAGE = 100_000
"""Entries of the change log that are taken together: a product that stands in two pages is written twice, and 15,000
entries are one per cent of 100,000 products in fifteen languages. 20 MB."""

_Item = TypeVar("_Item")


class Filler:
    """Writes products to one build; doing it twice changes nothing.

    Args:
        parts: stores and backend.
        report: of the run; names the build, and learns what was written, deleted and rejected.
    """

    def __init__(self, parts: BuildParts, report: IndexReport) -> None:
        self._ = parts
        self._report = report
        self._build = report.build

    def everything(self) -> None:
        """Write every live product."""
        for page in _pages(self._.products.stream(), _PAGE):
            self._write(page, None)

    def since(self, position: int, only: frozenset[str] = frozenset()) -> int:
        """Apply what changed after a position until now; return the position that was reached.

        What changes meanwhile is left for the next time: writers who never pause would let this never end.

        Args:
            position: in the change log.
            only: write these languages alone.
        """
        end = self._.products.position()
        while position < end:
            found = self._.builds.changes(position, _LOG_PAGE)
            if found.until == position:
                break
            self._apply(found, only)
            position = found.until
        return position

    def _apply(self, found: Changes, only: frozenset[str]) -> None:
        """Write what changed: whole products anew, of the others only the languages in which a text changed."""
        wanted = only or frozenset(self._.langs)
        by_langs: dict[frozenset[str] | None, list[str]] = {only or None: sorted(found.products)}
        for product, langs in sorted(found.texts.items()):
            by_langs.setdefault(langs & wanted, []).append(product)
        for concerned, ids in by_langs.items():
            for page in _pages(ids, _PAGE):
                self._apply_page(page, concerned)

    def _apply_page(self, ids: Sequence[str], langs: frozenset[str] | None) -> None:
        stored = {one.product.id: one for one in self._.products.many(ids)}
        self._write([stored[one] for one in ids if one in stored and not stored[one].withdrawn], langs)
        gone = [one for one in ids if one not in stored or stored[one].withdrawn]
        if gone:
            deleted = self._.index.delete(self._build, gone)
            for count in self._report.langs.values():
                count.deleted += deleted

    def _write(self, page: Sequence[StoredProduct], langs: frozenset[str] | None) -> None:
        """Write products: all their documents (``langs=None``), or those of some languages only."""
        if not page or langs == frozenset():
            return
        chosen = self._.langs if langs is None else tuple(sorted(langs))
        texts = self._.translations.field_texts([one.product.id for one in page], chosen)
        documents: list[IndexDocument] = []
        for one in page:
            documents += index_documents(one, texts.get(one.product.id, ()))
        neutral: Iterable[ProductDocument] = ()
        if langs is None:
            neutral = product_documents(page, self._.encoder, self._.termbase)
            self._.words.remember(word for one in page for word in content_words(one.product.lang, one.product.title))
        written = self._.index.write(self._build, documents, neutral)
        for document in documents:
            count = self._report.langs[document.lang]
            if document.id in written.rejected:
                count.rejected += 1
            else:
                count.written += 1
        self._report.reject(written.rejected)
        self._.progress(len(page))


def _pages(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    page: list[_Item] = []
    for item in items:
        page.append(item)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page
