"""Builds: make a fresh one beside the live one, verify it, promote it, roll back; or bring the live one up to date.

A full build never touches what serves. Every build has its own position in the change log, so that a full build catches
up with what changed while it ran, and a build that was rolled back to catches up at the next delta. The position moves
last: what a killed delta did is simply done again.
"""

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, TypeVar

from catalog.database import utc_now
from catalog.errors import BrokenIndexError, NotFoundError, UsageError
from catalog.store import ProductStore, StoredProduct
from indexes.backend import SearchIndex
from indexes.documents import index_documents, product_documents
from indexes.embedding import Encoder
from indexes.model import BuildCheck, IndexDocument, ProductDocument
from indexes.store import Build, Changes, IndexStore
from indexes.wordvectors import WordVectors
from translation.model import digest
from translation.stopwords import content_words
from translation.store import TranslationStore
from translation.terminology.termbase import Termbase

logger = logging.getLogger(__name__)

DOCUMENTS_VERSION = "1"
"""Changes whenever the same product and translations may give other documents; forces a full build."""

SHRINKING_SHARE = 0.2
"""A build with fewer documents than the live one by more than this is refused unless forced."""

_PAGE = 200
"""Products a write: 3,000 documents in fifteen languages, about 10 MB."""

_Item = TypeVar("_Item")

_LOG_PAGE = 5_000
_CATCH_UPS = 10


@dataclass(slots=True)
class LangCount:
    """What happened to one language's index in a run."""

    documents: int = 0
    written: int = 0
    deleted: int = 0
    rejected: int = 0


@dataclass(slots=True)
class IndexReport:
    """What a run of the builder did; the shape of ``lexicart index --json``."""

    build: str
    mode: str
    langs: dict[str, LangCount]
    verified: bool = False
    promoted: bool = False
    seconds: float = 0.0
    reasons: list[str] = field(default_factory=list)
    evaluation: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The contract's JSON."""
        return {
            "build": self.build,
            "mode": self.mode,
            "langs": {
                lang: {
                    "documents": count.documents,
                    "written": count.written,
                    "deleted": count.deleted,
                    "rejected": count.rejected,
                }
                for lang, count in self.langs.items()
            },
            "verified": self.verified,
            "promoted": self.promoted,
            "seconds": round(self.seconds, 3),
            "reasons": self.reasons,
        }


@dataclass(frozen=True, slots=True)
class BuildParts:
    """What a builder works with.

    Attributes:
        analysis: digest of the analysis of every language.
        checks: what a new build has to pass besides the builder's own checks.
        keep: how many former builds stay for rollback.
        lock: opens the lock under which one builder at a time works.
        progress: called with the number of products written.
    """

    products: ProductStore
    translations: TranslationStore
    builds: IndexStore
    index: SearchIndex
    encoder: Encoder
    words: WordVectors
    termbase: Termbase
    langs: tuple[str, ...]
    analysis: str
    checks: Sequence[BuildCheck] = ()
    keep: int = 2
    lock: Callable[[], AbstractContextManager[object]] | None = None
    progress: Callable[[int], None] = lambda _products: None


class Builder:
    """Makes builds of the fifteen language indexes and keeps them up to date.

    Args:
        parts: stores, backend and checks.
    """

    def __init__(self, parts: BuildParts) -> None:
        self._ = parts

    @property
    def settings(self) -> str:
        """Digest of everything that decides what documents look like; a delta needs the build to have the same."""
        parts = self._
        encoder = f"{parts.encoder.name} {parts.encoder.version}"
        return digest(DOCUMENTS_VERSION, parts.analysis, encoder, parts.termbase.version, *parts.langs)

    # -- runs ---------------------------------------------------------------------------------------------------------

    def update(self, *, full: bool = False, force: bool = False, langs: Sequence[str] = ()) -> IndexReport:
        """Bring the indexes up to date: by a delta where the live build allows it, else by a full build.

        Args:
            full: make a full build in any case.
            force: promote even when there are far fewer documents than before.
            langs: write only these languages; the others follow at the next run without it.

        Raises:
            UsageError: ``langs`` with a full build, which always has every language.
        """
        with self._lock():
            self._remove_remains()
            live = None if full else self._live_for_delta()
            if live is not None:
                return self._delta(live, frozenset(langs))
            if langs:
                raise UsageError("a full build has every language: run `lexicart index` without --lang first")
            return self._full(force)

    def rollback(self, name: str | None = None) -> Build:
        """Let a kept build serve again; it catches up with what changed since at the next delta.

        Raises:
            NotFoundError: there is no such kept build.
        """
        with self._lock():
            recorded = self._.builds.all()
            kept = [build for build in recorded if build.state == "kept"]
            serving = next((build for build in recorded if build.state == "live"), None)
            older = [build for build in kept if serving is None or build.created_at < serving.created_at]
            among = older if name is None else [build for build in kept if build.name == name]
            chosen = next(iter(among), None)
            if chosen is None:
                there = ", ".join(build.name for build in kept) or "none"
                raise NotFoundError(f"no kept build {name or 'to roll back to'}: there are {there}")
            self._.index.promote(chosen.name, self._pointer())
            self._.builds.live(chosen.name)
            return self._.builds.get(chosen.name)

    def _lock(self) -> AbstractContextManager[object]:
        return self._.lock() if self._.lock else nullcontext()

    # -- full build ---------------------------------------------------------------------------------------------------

    def _full(self, force: bool) -> IndexReport:
        started = time.monotonic()
        self._.translations.follow()
        build = self._.builds.add(_new_name(), self.settings)
        report = IndexReport(build.name, "full", {lang: LangCount() for lang in self._.langs})
        self._.index.create(build.name, self._.langs)
        for page in _pages(self._.products.stream(), _PAGE):
            self._write(build.name, page, None, report)
        expected = self._catch_up(build, report)
        self._count(build.name, report)
        live = self._usable_live()
        report.reasons += self._own_checks(live, expected, report, force)
        if not report.reasons:
            for check in self._.checks:
                report.reasons += check(build.name, live)
        if report.reasons:
            self._refuse(build.name)
        else:
            self._promote(build.name, report)
        report.seconds = time.monotonic() - started
        return report

    def _catch_up(self, build: Build, report: IndexReport) -> int:
        """Apply what changed while the build ran; return how many products it must hold in the end."""
        position = build.position
        for _ in range(_CATCH_UPS):
            self._.translations.follow()
            position = self._apply_since(build.name, position, report)
            self._.index.commit(build.name)
            self._.builds.move(build.name, position)
            expected = len(self._.products.live_ids())
            if self._.products.position() == position:
                return expected
        logger.warning("build %s: writers did not pause; the rest comes with the next delta", build.name)
        return expected

    def _pointer(self) -> str | None:
        """Return what the backend says serves; ``None`` where even that is damaged and may be replaced."""
        try:
            return self._.index.live()
        except BrokenIndexError as exc:
            logger.warning("%s", exc)
            return None

    def _usable_live(self) -> str | None:
        """Return the live build where it can be read: a damaged one is no yardstick, and is replaced."""
        live = self._pointer()
        if live is None:
            return None
        try:
            self._.index.counts(live)
        except BrokenIndexError as exc:
            logger.warning("%s", exc)
            return None
        return live

    def _own_checks(self, live: str | None, expected: int, report: IndexReport, force: bool) -> Iterator[str]:
        yield from _miscounts(report, expected)
        if live is None or force:
            return
        before = self._.index.counts(live)
        for lang, number in before.items():
            now = report.langs[lang].documents if lang in report.langs else 0
            if lang and now < (1 - SHRINKING_SHARE) * number:
                yield f"{lang}: {now} documents, the live build has {number}; --force promotes it all the same"

    def _promote(self, name: str, report: IndexReport) -> None:
        report.verified = True
        counts = {lang: count.documents for lang, count in report.langs.items()}
        self._.builds.verified(name, counts, report.evaluation)
        self._.index.promote(name, self._pointer())
        self._.builds.live(name)
        report.promoted = True
        self._remove_old()

    def _refuse(self, name: str) -> None:
        self._.builds.refused(name)
        self._.index.drop(name)

    # -- delta --------------------------------------------------------------------------------------------------------

    def _live_for_delta(self) -> Build | None:
        """Return the live build when a delta may work on it: recorded, and made with the present settings."""
        live = self._usable_live()
        recorded = {build.name: build for build in self._.builds.all()}
        if live is None or live not in recorded:
            return None
        if recorded[live].state != "live":
            # A kill between the backend's promotion and our note of it: the backend tells the truth.
            self._.builds.live(live)
        return recorded[live] if recorded[live].settings == self.settings else None

    def _delta(self, build: Build, only: frozenset[str]) -> IndexReport:
        started = time.monotonic()
        self._.translations.follow()
        report = IndexReport(build.name, "delta", {lang: LangCount() for lang in self._.langs})
        position = self._apply_since(build.name, build.position, report, only)
        if position != build.position:
            self._.index.commit(build.name)
        self._count(build.name, report)
        self._.builds.counted(build.name, {lang: count.documents for lang, count in report.langs.items()})
        expected = len(self._.products.live_ids())
        if not only and self._.products.position() == position:
            report.reasons += _miscounts(report, expected)
        # What was rejected is tried again at the next run; so are the languages that were left out of this one.
        if not report.reasons and not only:
            self._.builds.move(build.name, position)
        report.verified = not report.reasons
        report.promoted = True
        report.seconds = time.monotonic() - started
        return report

    def _apply_since(self, name: str, position: int, report: IndexReport, only: frozenset[str] = frozenset()) -> int:
        while True:
            found = self._.builds.changes(position, _LOG_PAGE)
            if found.until == position:
                return position
            self._apply(name, found, report, only)
            position = found.until

    def _apply(self, name: str, found: Changes, report: IndexReport, only: frozenset[str]) -> None:
        """Write what changed: whole products anew, of the others only the languages in which a text changed."""
        wanted = only or frozenset(self._.langs)
        by_langs: dict[frozenset[str] | None, list[str]] = {only or None: sorted(found.products)}
        for product, langs in sorted(found.texts.items()):
            by_langs.setdefault(langs & wanted, []).append(product)
        for concerned, ids in by_langs.items():
            for page in _pages(ids, _PAGE):
                stored = {one.product.id: one for one in self._.products.many(page)}
                live = [stored[one] for one in page if one in stored and not stored[one].withdrawn]
                gone = [one for one in page if one not in stored or stored[one].withdrawn]
                self._write(name, live, concerned, report)
                if gone:
                    deleted = self._.index.delete(name, gone)
                    for count in report.langs.values():
                        count.deleted += deleted

    # -- common -------------------------------------------------------------------------------------------------------

    def _write(
        self, name: str, page: Sequence[StoredProduct], langs: frozenset[str] | None, report: IndexReport
    ) -> None:
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
        written = self._.index.write(name, documents, neutral)
        for document in documents:
            count = report.langs[document.lang]
            if document.id in written.rejected:
                count.rejected += 1
            else:
                count.written += 1
        report.reasons += [f"{one}: {reason}" for one, reason in sorted(written.rejected.items())]
        self._.progress(len(page))

    def _count(self, name: str, report: IndexReport) -> None:
        counts = self._.index.counts(name)
        for lang, count in report.langs.items():
            count.documents = counts.get(lang, 0)

    def _remove_remains(self) -> None:
        """Delete what killed and refused builders left; only names that we recorded are ever deleted."""
        live = self._pointer()
        for build in self._.builds.all():
            if build.state in ("building", "verified", "refused") and build.name != live:
                self._.index.drop(build.name)
                self._.builds.forget(build.name)

    def remove_kept(self) -> int:
        """Delete all builds that are kept for a rollback, because they hold what must be forgotten."""
        with self._lock():
            number = sum(build.state == "kept" for build in self._.builds.all())
            self._remove_old(0)
        return number

    def _remove_old(self, keep: int | None = None) -> None:
        kept = [build for build in self._.builds.all() if build.state == "kept"]
        for build in kept[self._.keep if keep is None else keep :]:
            self._.index.drop(build.name)
            self._.builds.forget(build.name)


def _miscounts(report: IndexReport, expected: int) -> Iterator[str]:
    """Yield what is wrong with the numbers of documents: rejected ones, or others than the store has products."""
    for lang, count in report.langs.items():
        if count.rejected:
            yield f"{lang}: {count.rejected} documents were rejected"
        if count.documents != expected:
            yield f"{lang}: {count.documents} documents, {expected} products in the store; make a full build"


def _new_name() -> str:
    return f"{utc_now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def _pages(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    page: list[_Item] = []
    for item in items:
        page.append(item)
        if len(page) == size:
            yield page
            page = []
    if page:
        yield page
