"""Fills a build: with every product, or with what changed since a position of the change log.

While one page is written, which on a cluster is waiting, the next one is read and made. There is never more than one
page on its way, so they arrive in their order, and a page is counted when the backend has answered for it.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from catalog.store import StoredProduct
from indexes.documents import index_documents, product_documents
from indexes.model import IndexDocument, WriteReport
from indexes.parts import BuildParts
from indexes.report import IndexReport
from indexes.store import Changes
from translation.stopwords import content_words

logger = logging.getLogger(__name__)

_PAGE = 200
"""Products a write: 3,000 documents in fifteen languages, about 10 MB; two pages are in memory at most."""

_LOG_PAGE = 100_000
"""Entries of the change log that are taken together: a product that stands in two pages is written twice, and 15,000
entries are one per cent of 100,000 products in fifteen languages. 20 MB."""

_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class _Page:
    """A page on its way to the backend.

    Attributes:
        products: how many.
        documents: of languages.
        answer: what the backend says of them.
    """

    products: int
    documents: Sequence[IndexDocument]
    answer: Future[WriteReport]


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
        self._position = 0
        self._sent: _Page | None = None

    def everything(self) -> None:
        """Write every live product."""
        self._position = self._.products.position()  # before anything is read
        with self._to_the_end():
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
        # What was forgotten may have taken the end of the log with it.
        self._position = max(self._position, position, end)
        with self._to_the_end():
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
            self._settle()
            deleted = self._.index.delete(self._build, gone, self._position)
            for count in self._report.langs.values():
                count.deleted += deleted

    def _write(self, page: Sequence[StoredProduct], langs: frozenset[str] | None) -> None:
        """Write products: all their documents (``langs=None``), or those of some languages only."""
        if not page or langs == frozenset():
            return
        chosen = self._.langs if langs is None else tuple(sorted(langs))
        texts = self._.translations.field_texts([one.product.id for one in page], chosen)
        documents = [document for one in page for document in index_documents(one, texts.get(one.product.id, ()))]
        neutral = list(product_documents(page, self._.encoder, self._.termbase)) if langs is None else []
        if langs is None:
            self._.words.remember(word for one in page for word in content_words(one.product.lang, one.product.title))
        self._settle()
        run = _beside if self._.index.writes_beside else _at_once
        build, position = self._build, self._position
        answer = run(lambda: self._.index.write(build, documents, neutral, position))
        self._sent = _Page(len(page), documents, answer)
        if answer.done():
            self._settle()

    def _settle(self) -> None:
        """Wait for the page that is on its way, and count it."""
        if self._sent is None:
            return
        page, self._sent = self._sent, None
        written = page.answer.result()
        for document in page.documents:
            count = self._report.langs[document.lang]
            if document.id in written.rejected:
                count.rejected += 1
            else:
                count.written += 1
        self._report.reject(written.rejected)
        self._.progress(page.products)

    @contextmanager
    def _to_the_end(self) -> Iterator[None]:
        """Leave no page on its way, whatever happens within; what ends the process does not wait for one."""
        try:
            yield
            self._settle()
        except Exception:
            # Who meets the error may start anew, or give the build up: nobody else may still be writing to it then.
            if self._sent is not None and (failure := self._sent.answer.exception()) is not None:
                logger.warning("nor could the page before be written: %s", failure)
            raise
        finally:
            self._sent = None


def _beside(work: Callable[[], _Answer]) -> Future[_Answer]:
    """Do something in a thread; unlike an executor's, it holds up nobody who ends the process."""
    answer: Future[_Answer] = Future()
    threading.Thread(target=_fulfil, args=(answer, work), name="index-writer", daemon=True).start()
    return answer


def _at_once(work: Callable[[], _Answer]) -> Future[_Answer]:
    answer: Future[_Answer] = Future()
    _fulfil(answer, work)
    return answer


def _fulfil(answer: Future[_Answer], work: Callable[[], _Answer]) -> None:
    try:
        answer.set_result(work())
    except BaseException as exc:
        answer.set_exception(exc)


def _pages(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    page: list[_Item] = []
    for item in items:
        page.append(item)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page
