"""Filling a build: the next page is made while one is written, and nothing else about it changes."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

import indexes.filling
from catalog.errors import UnavailableError
from catalog.store import StoredProduct
from indexes.embedded import EmbeddedIndex
from indexes.filling import Filler
from indexes.model import IndexDocument, ProductDocument, WriteReport
from indexes.report import IndexReport, LangCount
from tests.fakes.products import product
from tests.fakes.shop import LANGS, Shop

BUILD = "b-1"
PAGES = 5
LONG = 20

pytestmark = pytest.mark.usefixtures("database")


class Beside(EmbeddedIndex):
    """A backend that is written to beside its caller, and notes what happens to it and in which thread."""

    writes_beside = True
    before_writing: Callable[[int], object] = staticmethod(lambda number: None)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.done: list[str] = []
        self.threads: set[int] = set()
        self.is_deleting = threading.Event()
        self._one = threading.Lock()

    def write(
        self,
        build: str,
        documents: Iterable[IndexDocument],
        products: Iterable[ProductDocument],
        position: int = 0,
    ) -> WriteReport:
        assert self._one.acquire(blocking=False), "two writes at once"
        try:
            titles = " ".join(sorted({one.title for one in documents}))
            self.threads.add(threading.get_ident())
            self.before_writing(len(self.done))
            report = super().write(build, documents, products, position)
            self.done.append(f"written {titles}")
            return report
        finally:
            self._one.release()

    def delete(self, build: str, ids: Sequence[str], position: int = 0) -> int:
        self.is_deleting.set()
        assert not self._one.locked(), "deleted while something was written"
        self.done.append(f"deleted {' '.join(ids)}")
        return super().delete(build, ids, position)


class Filling:
    """A shop with a product a page and a build to fill."""

    def __init__(self, folder: Path) -> None:
        self.shop = Shop(folder)
        self.index = Beside(folder / "indexes")
        self.index.create(BUILD, LANGS)
        self.report = IndexReport(BUILD, "full", {lang: LangCount() for lang in LANGS})
        self.progress: list[int] = []
        self.position = self.shop.products.position()

    def filler(self) -> Filler:
        self.shop.translations.follow()
        parts = replace(self.shop.parts(self.index), progress=self.progress.append)
        return Filler(parts, self.report)

    def save(self, title: str = "Schraube") -> None:
        self.shop.save(*[product(f"A-{number}", title=f"{title} {number}") for number in range(PAGES)])

    @property
    def written(self) -> dict[str, int]:
        return {lang: count.written for lang, count in self.report.langs.items()}


@pytest.fixture
def filling(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Filling]:
    monkeypatch.setattr(indexes.filling, "_PAGE", 1)
    made = Filling(tmp_path)
    made.save()
    yield made
    made.index.close()


def watch_reading(filling: Filling, monkeypatch: pytest.MonkeyPatch, note: Callable[[int], None]) -> None:
    """Have the number of each product noted as it is read from the store."""
    original = filling.shop.products.stream

    def stream(supplier: str | None = None) -> Iterator[StoredProduct]:
        for number, one in enumerate(original(supplier)):
            note(number)
            yield one

    monkeypatch.setattr(filling.shop.products, "stream", stream)


def test_the_next_page_is_read_while_one_is_written_and_no_more(
    filling: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = [threading.Event() for _ in range(PAGES + 1)]
    read[PAGES].set()
    watch_reading(filling, monkeypatch, lambda number: read[number].set())
    too_far: list[int] = []

    def before_writing(number: int) -> None:
        assert read[number + 1].wait(LONG), f"page {number + 1} waits for page {number} to be written"
        too_far.extend(at for at in range(number + 2, PAGES) if read[at].is_set())

    filling.index.before_writing = before_writing
    filling.filler().everything()
    assert too_far == []
    assert threading.get_ident() not in filling.index.threads
    assert filling.index.done == [f"written Schraube {number}" for number in range(PAGES)]
    assert filling.written == dict.fromkeys(LANGS, PAGES)
    assert filling.progress == [1] * PAGES


def test_a_backend_that_must_not_is_not_written_to_beside_its_caller(filling: Filling) -> None:
    filling.index.writes_beside = False
    filling.filler().everything()
    assert filling.index.threads == {threading.get_ident()}
    assert filling.progress == [1] * PAGES


def test_a_page_is_counted_when_it_was_written_and_not_before(filling: Filling) -> None:
    counted: list[tuple[int, int]] = []
    filling.index.before_writing = lambda number: counted.append((sum(filling.progress), filling.written["de"]))
    filling.filler().everything()
    assert counted == [(number, number) for number in range(PAGES)]


@pytest.mark.parametrize("last", [False, True])
def test_an_error_of_the_backend_is_the_builders_and_that_page_does_not_count(filling: Filling, last: bool) -> None:
    failing = PAGES - 1 if last else 1

    def fail(number: int) -> None:
        if number == failing:
            raise UnavailableError("the cluster is away")

    filling.index.before_writing = fail
    with pytest.raises(UnavailableError, match="the cluster is away"):
        filling.filler().everything()
    assert len(filling.index.done) == failing, "nothing is written after a page that failed"
    assert filling.written == dict.fromkeys(LANGS, failing)
    assert sum(filling.progress) == failing


def test_an_error_of_the_store_waits_for_the_page_on_its_way(
    filling: Filling, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    may_write, has_failed = threading.Event(), threading.Event()

    def fail(number: int) -> None:
        if number == 1:
            has_failed.set()
            raise UnavailableError("the store is away")

    watch_reading(filling, monkeypatch, fail)
    filling.index.before_writing = lambda number: None if may_write.wait(LONG) else pytest.fail("never let go")
    with ThreadPoolExecutor(1) as pool:
        builder = pool.submit(filling.filler().everything)
        assert has_failed.wait(LONG)
        assert not builder.done()
        may_write.set()
        with pytest.raises(UnavailableError, match="the store is away"):
            builder.result(LONG)
    assert filling.index.done == ["written Schraube 0"]
    assert caplog.messages == []


def test_of_two_errors_none_is_lost(
    filling: Filling, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    has_failed = threading.Event()

    def fail_to_read(number: int) -> None:
        if number == 1:
            has_failed.set()
            raise UnavailableError("the store is away")

    def fail_to_write(number: int) -> None:
        assert has_failed.wait(LONG)
        raise UnavailableError("the cluster is away")

    watch_reading(filling, monkeypatch, fail_to_read)
    filling.index.before_writing = fail_to_write
    with pytest.raises(UnavailableError, match="the store is away"):
        filling.filler().everything()
    assert "the cluster is away" in caplog.text


def test_who_ends_the_process_does_not_wait_for_the_page_on_its_way(
    filling: Filling, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write, is_over = threading.Event(), threading.Event()

    def interrupt(number: int) -> None:
        if number == 1:
            raise KeyboardInterrupt

    def wait(number: int) -> None:
        assert may_write.wait(LONG)
        is_over.set()

    watch_reading(filling, monkeypatch, interrupt)
    filling.index.before_writing = wait
    with pytest.raises(KeyboardInterrupt):
        filling.filler().everything()
    assert not is_over.is_set()
    may_write.set()
    assert is_over.wait(LONG)


def test_a_delta_keeps_the_order_of_what_it_writes_and_deletes(filling: Filling) -> None:
    filling.filler().everything()
    position = filling.shop.products.position()
    filling.index.done.clear()
    filling.save("Mutter")
    filling.shop.products.withdraw(["acme/A-1", "acme/A-3"])
    # A write that takes its time, as long as nobody deletes beside it.
    filling.index.before_writing = lambda _number: filling.index.is_deleting.wait(0.1)
    reached = filling.filler().since(position)
    assert reached == filling.shop.products.position()
    assert filling.index.done == [
        "written Mutter 0",
        "deleted acme/A-1",
        "written Mutter 2",
        "deleted acme/A-3",
        "written Mutter 4",
    ]
    filling.index.commit(BUILD)
    assert filling.index.counts(BUILD) == {**dict.fromkeys(LANGS, PAGES - 2), "": PAGES - 2}
    assert {count.deleted for count in filling.report.langs.values()} == {2}


def test_a_delta_whose_last_page_fails_reaches_no_position(filling: Filling) -> None:
    def fail(number: int) -> None:
        if number == PAGES - 1:
            raise UnavailableError("the cluster is away")

    filling.index.before_writing = fail
    with pytest.raises(UnavailableError, match="the cluster is away"):
        filling.filler().since(filling.position)
    assert filling.written == dict.fromkeys(LANGS, PAGES - 1)


def test_what_was_rejected_is_told_of_its_page(filling: Filling) -> None:
    class Rejecting(Beside):
        def write(self, build: str, documents: object, products: object, position: int = 0) -> WriteReport:
            super().write(build, documents, products)  # type: ignore[arg-type]
            return WriteReport(0, {"acme/A-2": "too strange"} if "2" in self.done[-1] else {})

    filling.index.close()
    filling.index = Rejecting(filling.shop.folder / "indexes")
    filling.filler().everything()
    assert filling.report.rejected == {"acme/A-2": "too strange"}
    assert [(one.written, one.rejected) for one in filling.report.langs.values()] == [(PAGES - 1, 1)] * len(LANGS)
