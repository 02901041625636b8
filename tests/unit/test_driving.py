"""Chains side by side: requests are gathered into batches, streamed through pivots, kept, and asked once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import translation.driving
from catalog.errors import EngineError, TransientEngineError, UnavailableError
from tests.unit.shop import Recorder, Shop
from tests.unit.terms import small_termbase
from translation.chain import Chain, Means, Remembered, translate_segment
from translation.driving import Drive
from translation.engine import Pair
from translation.engines.echo import EchoEngine
from translation.guarding import LanguageGuard
from translation.model import Segment, State, Translation
from translation.report import BatchReport
from translation.routing import Router
from translation.worker import Worker

WORDS = [f"Schlauch {chr(97 + number)}{'x' * number} grün" for number in range(12)]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


@pytest.fixture
def worker(shop: Shop) -> Iterator[Worker]:
    with Worker(shop.database) as worker:
        yield worker


def chains(engine: Recorder, target: str, texts: Sequence[str] = WORDS, lang: str = "de") -> dict[str, Chain]:
    means = Means(Router([engine]), small_termbase())
    return {
        f"{number} {text}": translate_segment(Segment(lang, "title", "", text), target, means, Remembered())
        for number, text in enumerate(texts)
    }


def drive(
    given: dict[str, Chain], worker: Worker, width: int = 1, waits: Sequence[float] = ()
) -> tuple[Drive[str], BatchReport]:
    report = BatchReport()
    with ThreadPoolExecutor(width) as threads:
        made = Drive(given, worker, threads, width, waits, None, LanguageGuard(), report)
        made.run()
    return made, report


def test_all_are_translated_the_longest_first(worker: Worker) -> None:
    engine = Recorder(["de-fr"])
    made, report = drive(chains(engine, "fr"), worker)
    lengths = [len(text) for _, text in engine.asked]
    assert lengths == sorted(lengths, reverse=True)
    assert {one.state for one in made.done.values()} == {State.MACHINE}
    assert (len(made.done), report.translated, report.reused, made.deferred) == (12, 12, 0, set())


def test_equal_requests_are_one(worker: Worker) -> None:
    engine = Recorder(["de-fr"])
    made, report = drive(chains(engine, "fr", [WORDS[3]] * 5), worker)
    assert (len(made.done), len(engine.asked), report.translated) == (5, 1, 1)


def test_what_was_answered_before_is_not_asked(worker: Worker) -> None:
    engine = Recorder(["de-fr"])
    drive(chains(engine, "fr", WORDS[:4]), worker)
    _, report = drive(chains(engine, "fr"), worker)
    assert (len(engine.asked), report.translated, report.reused) == (12, 8, 4)


class InCalls(Recorder):
    """Remembers which pair each call was for."""

    calls: list[str]

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        self.calls.append(str(pair))
        return super().translate(pair, texts)


def test_a_pivot_streams_from_one_model_into_the_next(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation.driving, "_ISOLATED", {0: 4})
    engine = InCalls(["de-en", "en-fr"])
    engine.calls = []
    many = [f"{text} {letter}" for text in WORDS for letter in ("rot", "blau", "gelb", "weiß")]
    made, _ = drive(chains(engine, "fr", many), worker)
    assert len(made.done) == 48
    assert engine.calls.index("en-fr") < len(engine.calls) - 1 - engine.calls[::-1].index("de-en")


def test_what_another_worker_asks_is_left_to_it(shop: Shop, worker: Worker) -> None:
    engine = Recorder(["de-fr"])
    version = Router([engine]).route(Pair("de", "fr")).steps[0].version  # type: ignore[union-attr]
    key = translation.driving.digest(version, WORDS[0])
    with Worker(shop.database) as other:
        assert key in other.claim([key]).crashes
        made, report = drive(chains(engine, "fr"), worker)
        assert (len(made.done), made.deferred, report.translated) == (11, {f"0 {WORDS[0]}"}, 11)
        other.answered({key: ("Tuyau vert", "recorder")}, [key])
    made, report = drive(chains(engine, "fr"), worker)
    assert (len(made.done), len(engine.asked)) == (12, 11)


class Failing(Recorder):
    """Fails for good when it sees a word, after other batches were answered."""

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        if any(self.broken in text for text in texts):
            raise EngineError("broken")
        return super().translate(pair, texts)


def test_an_error_costs_no_other_batch(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation.driving, "_ISOLATED", {0: 3})
    engine = Failing(["de-fr"], broken=WORDS[2])
    made, report = drive(chains(engine, "fr"), worker, width=2)
    assert [str(failure) for failure in report.failures.values()] == ["broken"]
    assert set(made.done) | made.deferred == set(chains(engine, "fr"))
    engine.broken = "no such word"
    answered = len(engine.asked)
    assert answered >= 3
    _, report = drive(chains(engine, "fr"), worker)
    assert (report.reused, len(engine.asked)) == (answered, 12)


def test_an_engine_away_for_a_moment_is_asked_again(worker: Worker) -> None:
    engine = Recorder(["de-fr"], flaky=2)
    made, _ = drive(chains(engine, "fr"), worker, waits=(0.0, 0.0))
    assert len(made.done) == 12
    made, report = drive(chains(Recorder(["de-nl"], flaky=2), "nl"), worker, waits=(0.0,))
    assert (made.done, len(made.deferred), type(report.failure)) == ({}, 12, TransientEngineError)


def test_what_an_engine_can_not_translate_is_flagged_alone(worker: Worker) -> None:
    made, _ = drive(chains(Recorder(["de-fr"], broken=WORDS[5]), "fr"), worker)
    flagged: list[Translation] = [one for one in made.done.values() if one.state is State.NEEDS_REVIEW]
    assert [one.reason for one in flagged] == [f"{WORDS[5]} can't be translated"]
    assert len(made.done) == 12


class InPortuguese(Recorder):
    """Another pair's model."""

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        return [
            f"Esta é uma mangueira de jardim muito boa para você e não tem buracos {number}"
            for number in range(len(texts))
        ]


def test_an_engine_that_answers_in_another_language_is_refused(worker: Worker) -> None:
    many = [f"{text} {letter}" for text in WORDS for letter in ("rot", "blau", "gelb", "weiß", "braun")]
    made, report = drive(chains(InPortuguese(["de-fr"]), "fr", many), worker)
    assert "answers de-fr in Portuguese (pt), not in French" in str(report.failure)
    assert made.done == {}
    _, report = drive(chains(Recorder(["de-fr"]), "fr", many), worker)
    assert report.reused == 0  # nothing of the wrong answers was kept


class Stumbling(Recorder):
    """Raises what no engine should, for texts with a word."""

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        if any(self.broken in text for text in texts):
            raise RuntimeError("a library's bug")
        return EchoEngine.translate(self, pair, texts)


def test_an_unexpected_error_is_pinned_to_its_text(worker: Worker) -> None:
    made, report = drive(chains(Stumbling(["de-fr"], broken=WORDS[5]), "fr"), worker)
    flagged = [one.reason for one in made.done.values() if one.state is State.NEEDS_REVIEW]
    assert flagged == ["engine recorder, de-fr: unexpected RuntimeError: a library's bug"]
    assert (len(made.done), report.failure) == (12, None)


def test_an_engine_that_always_stumbles_is_broken_and_no_text_is_flagged(worker: Worker) -> None:
    made, report = drive(chains(Stumbling(["de-fr"], broken="Schlauch"), "fr"), worker)
    assert (made.done, len(made.deferred)) == ({}, 12)
    assert "it does so for each of 12 texts" in str(report.failure)


class Billing(InCalls):
    """One that takes four texts a call and fails at the third."""

    def at_once(self, texts: Sequence[str]) -> int:
        return 4

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        if len(self.calls) == 2:
            raise UnavailableError("the budget is spent")
        return super().translate(pair, texts)


def test_what_a_call_answered_is_kept_when_the_next_fails(worker: Worker) -> None:
    engine = Billing(["de-fr"])
    engine.calls = []
    made, report = drive(chains(engine, "fr"), worker)
    assert (len(made.done), str(report.failure)) == (8, "the budget is spent")
    _, report = drive(chains(Recorder(["de-fr"]), "fr"), worker)
    assert (report.reused, report.translated) == (8, 4)


class Away(InCalls):
    """A server that can't be reached."""

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        self.calls.append(str(pair))
        raise TransientEngineError("no route to host")


def test_a_server_that_is_away_is_asked_for_no_further_pair(worker: Worker) -> None:
    engine = Away(["de-fr", "de-nl"])
    engine.calls = []
    both = {f"{target} {name}": chain for target in ("fr", "nl") for name, chain in chains(engine, target).items()}
    made, report = drive(both, worker)
    assert (len(engine.calls), len(made.deferred), made.done) == (1, 24, {})
    assert list(report.failures) == ["recorder"]
