"""A batch that several processes share: the same as by one, and nothing is lost with one that dies."""

import csv
import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import select

from api.bootstrap import Parts
from api.intake import import_file
from api.settings import Settings, load
from api.sharing import Shares, helpers, on_one_core, processes_for
from api.translating import translate_pending
from catalog.database import reading
from catalog.options import ImportOptions
from catalog.tables import leases
from translation.batch import BatchOptions

TITLES = 2_600
OPTIONS = BatchOptions(("de",))


class Heard:
    """A progress that remembers what it heard, and may do something at the first news."""

    def __init__(self, first: object = None) -> None:
        self.expected = 0
        self.texts = 0
        self._first = first

    def begin(self, texts: int) -> None:
        """Hear how much there is."""
        self.expected = texts

    def advance(self, lang: str, texts: int, words: int) -> None:
        """Hear what was done."""
        self.texts += texts
        if callable(self._first):
            first, self._first = self._first, None
            first()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation with titles that wait, in more than one page."""
    catalog = tmp_path / "catalog.csv"
    with catalog.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["sku", "title"])
        rows.writerows([f"A{number}", f"lamp for garden house {_letters(number)}"] for number in range(TITLES))
    settings = load(home=tmp_path / "home", langs="en,de", engines="echo")
    parts = Parts(settings)
    import_file(parts, catalog, ImportOptions("keller", lang="en"))
    parts.close()
    return settings


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(4))


def _settled(settings: Settings) -> int:
    parts = Parts(settings)
    counted = parts.translations.coverage(("de",))["de"]
    parts.close()
    return sum(number for state, number in counted.items() if state != "missing")


def test_several_processes_do_together_what_one_does(settings: Settings) -> None:
    heard = Heard()
    with helpers(settings, OPTIONS, (), 2, Shares(heard)) as report:
        pass
    assert report.segments == report.distinct == TITLES == heard.texts
    assert not report.failures
    assert _settled(settings) == TITLES
    parts = Parts(settings)
    again = translate_pending(parts, OPTIONS, alone=True)
    parts.close()
    assert (again.segments, again.translated) == (0, 0)


def test_what_a_process_had_in_hand_when_it_died_is_done_again(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    def kill_one() -> None:
        child = multiprocessing.active_children()[0]
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)

    with helpers(settings, OPTIONS, (), 2, Shares(Heard(kill_one))) as shared:
        pass
    assert "ended early" in caplog.text
    parts = Parts(settings)
    rest = translate_pending(parts, OPTIONS, alone=True)
    parts.close()
    assert shared.segments < TITLES or rest.segments == 0
    assert _settled(settings) == TITLES


def test_an_error_of_a_process_is_told(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    with helpers(settings, OPTIONS, ("nobody",), 2, Shares(Heard())) as report:
        pass
    assert caplog.text.count("unknown engine 'nobody'") == 2
    assert report.segments == 0


def test_the_one_that_was_asked_takes_part(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.translating.WORTH_A_PROCESS", TITLES // 2)
    heard = Heard()
    parts = Parts(settings)
    report = translate_pending(parts, OPTIONS, progress=heard, workers=2)
    parts.close()
    assert (report.segments, report.distinct, heard.texts, heard.expected) == (TITLES,) * 4
    assert (report.translated, report.failures, _settled(settings)) == (TITLES, {}, TITLES)


def test_an_error_here_ends_the_others(settings: Settings) -> None:
    with pytest.raises(ZeroDivisionError), helpers(settings, OPTIONS, (), 2, Shares(Heard())):
        raise ZeroDivisionError
    assert not multiprocessing.active_children()
    parts = Parts(settings)
    with reading(parts.database) as connection:
        assert not connection.execute(select(leases.c.worker)).scalars().all(), "what they held is given back"
    parts.close()


def test_an_error_of_the_progress_is_not_lost(settings: Settings) -> None:
    def fail() -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError), helpers(settings, OPTIONS, (), 1, Shares(Heard(fail))):
        pass
    assert not multiprocessing.active_children()


def test_words_of_all_are_told_together() -> None:
    told: list[int] = []

    class Words(Heard):
        def advance(self, lang: str, texts: int, words: int) -> None:
            told.append(words)

    shares = Shares(Words())
    one, other = shares.share(), shares.share()
    one.advance("de", 1, 10)
    other.advance("de", 1, 5)
    one.advance("de", 1, 12)
    assert told == [10, 15, 17]


def test_what_one_process_does_better_is_not_shared() -> None:
    settings = load(workers=8, engines="students")
    assert processes_for(settings, OPTIONS, (), None) == 8
    assert processes_for(settings, OPTIONS, (), 3) == 3
    assert processes_for(settings, BatchOptions(("de",), limit=10), (), None) == 1
    assert processes_for(settings, BatchOptions(("de",), everything=True), (), None) == 1
    assert processes_for(settings, OPTIONS, ("transformers",), None) == 1
    assert processes_for(load(workers=8, engines="students,libretranslate"), OPTIONS, (), None) == 1


def test_one_of_several_takes_one_core() -> None:
    alone = on_one_core(load(workers=8))
    assert (alone.workers, alone.students_threads) == (1, 1)
    assert on_one_core(load(students_threads=2)).students_threads == 2
