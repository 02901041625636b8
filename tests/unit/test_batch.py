"""The batch: what is pending is translated, once, and the next run finds nothing to do."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.errors import TransientEngineError
from catalog.model import Attribute, GivenText
from tests.unit.shop import Recorder, Shop, lamp
from tests.unit.terms import concept, small_termbase
from translation.batch import Batch, BatchOptions
from translation.driving import ENGINE_BATCH
from translation.engine import EngineInfo, Pair
from translation.model import State
from translation.routing import Router

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_each_distinct_text_is_translated_once(shop: Shop) -> None:
    shop.put(lamp("1"), lamp("2"), lamp("3", title="blue garden hose"), lamp("1", supplier="other"))
    engine = Recorder(["en-de"])
    report = shop.translate(engine, "de")
    assert sorted(text for _, text in engine.asked) == ["blue garden hose", "green garden hose"]
    assert (report.translated, report.distinct) == (2, 2)
    assert shop.shown(lamp("2"), "de").translation.text == "green·de garden·de hose·de"


def test_the_second_run_does_nothing(shop: Shop) -> None:
    shop.put(lamp())
    engine = Recorder(["en-de"])
    shop.translate(engine, "de", "fr")
    position = shop.store.position()
    report = shop.translate(engine, "de", "fr")
    assert (report.segments, report.translated, len(engine.asked)) == (0, 0, 1)
    assert shop.log(position) == []


def test_pending_is_a_query(shop: Shop) -> None:
    one, other = lamp("1"), lamp("2", title="blue garden hose")
    shop.put(one)
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    shop.put(other)
    assert shop.translate(engine, "de").translated == 1
    shop.translate(engine, "de", "fr")
    assert shop.shown(other, "fr").translation.state is State.MISSING
    assert shop.shown(other, "fr").translation.reason != "not translated yet"


def test_english_comes_first(shop: Shop) -> None:
    shop.put(lamp(lang="de", title="grüner Gartenschlauch"))
    engine = Recorder(["de-en", "en-fr"])
    shop.translate(engine, "ar", "en", "fr")
    assert [pair for pair, _ in engine.asked] == ["de-en", "en-fr"]  # the pivot's English is answered from before


def test_a_killed_run_is_resumed(shop: Shop) -> None:
    shop.put(*(lamp(str(number), title="garden hose " + "x" * number) for number in range(ENGINE_BATCH + 6)))
    dying = Recorder(["en-de"], dies_after=ENGINE_BATCH)
    with pytest.raises(KeyboardInterrupt):
        shop.translate(dying, "de")
    engine = Recorder(["en-de"])
    report = shop.translate(engine, "de")
    assert (len(dying.asked), len(engine.asked), report.reused) == (ENGINE_BATCH, 6, ENGINE_BATCH)
    assert shop.store.coverage(["de"])["de"]["machine"] == ENGINE_BATCH + 6


def test_a_limited_run_is_continued(shop: Shop) -> None:
    shop.put(*(lamp(str(number), title=f"garden hose {chr(97 + number)}{chr(98 + number)}x") for number in range(5)))
    engine = Recorder(["en-de"])
    assert shop.translate(engine, "de", limit=2).translated == 2
    assert shop.translate(engine, "de").translated == 3


def test_one_supplier_only(shop: Shop) -> None:
    shop.put(lamp("1"), lamp("1", supplier="other", title="blue garden hose"))
    engine = Recorder(["en-de"])
    shop.translate(engine, "de", supplier="other")
    assert [text for _, text in engine.asked] == ["blue garden hose"]
    shop.translate(engine, "de")
    assert len(engine.asked) == 2


def test_a_changed_term_translates_only_the_texts_that_contain_it(shop: Shop) -> None:
    red, green = lamp("1", title="red lamp"), lamp("2", title="lamp")
    shop.put(red, green)
    engine = Recorder([])
    shop.translate(engine, "de")
    assert shop.shown(red, "de").translation.text == "rot Lampe"
    position = shop.store.position()
    changed = small_termbase(concept("red", "colour", en="red", de="knallrot"))
    report = shop.translate(engine, "de", termbase=changed)
    assert shop.log(position) == [(red.id, "de")]
    assert (report.segments, report.reused) == (1, 1)
    assert shop.shown(red, "de").translation.text == "knallrot Lampe"


def test_a_changed_engine_translates_again_what_it_made(shop: Shop) -> None:
    shop.put(lamp("1"), lamp("2", title="lamp"))
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    engine.version = "2"
    shop.translate(engine, "de")
    assert [text for _, text in engine.asked] == ["green garden hose"] * 2


def test_a_changed_product_gets_its_new_text(shop: Shop) -> None:
    shop.put(lamp())
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    shop.put(lamp(title="blue garden hose"))
    assert shop.shown(lamp(), "de").translation.text is None  # the old text's translation isn't the new one's
    shop.translate(engine, "de")
    assert shop.shown(lamp(), "de").translation.text == "blue·de garden·de hose·de"


def test_brands_are_kept_in_any_case(shop: Shop) -> None:
    shop.put(lamp(title="ACME garden hose"))
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    shop.translate(engine, "de", brands=["Acme"], everything=True)
    assert shop.shown(lamp(), "de").translation.text == "ACME garden·de hose·de"


# -- engines that fail ------------------------------------------------------------------------------------------------


def test_a_transient_error_is_tried_again(shop: Shop) -> None:
    shop.put(lamp())
    report = shop.translate(Recorder(["en-de"], flaky=2), "de")
    assert report.by_engine["recorder"] == 1


def test_an_engine_that_stays_away_ends_the_run_and_loses_nothing(shop: Shop) -> None:
    shop.put(lamp())
    report = shop.translate(Recorder(["en-de"], flaky=99), "de")
    assert isinstance(report.failure, TransientEngineError)
    assert report.as_json()["failures"] == ["try again"]
    assert shop.shown(lamp(), "de").translation.reason == "not translated yet"
    assert shop.translate(Recorder(["en-de"]), "de").translated == 1


def test_an_engine_that_fails_starves_no_other(shop: Shop) -> None:
    shop.put(lamp("1"), lamp("2", lang="fr", title="tuyau vert"))
    ailing, sound = Recorder(["en-de"], flaky=99), Sound(["fr-de"])
    batch = Batch(shop.store, Router([ailing, sound]), small_termbase(), workers=1, waits=(0.0,))
    report = batch.translate_pending(BatchOptions(("de",)))
    assert isinstance(report.failure, TransientEngineError)
    assert shop.shown(lamp("2"), "de").translation.engine == "sound"
    assert ailing.flaky == 97  # once with its further try, and not for every page and language


class Sound(Recorder):
    """Another engine."""

    def info(self) -> EngineInfo:
        return replace(super().info(), name="sound")


def test_a_permanent_error_is_pinned_to_its_text(shop: Shop) -> None:
    good = [lamp(str(number), title=f"garden hose {chr(97 + number)}{chr(98 + number)}x") for number in range(9)]
    bad = lamp("bad", title="poisonous garden hose")
    shop.put(*good, bad)
    report = shop.translate(Recorder(["en-de"], broken="poisonous"), "de")
    assert report.needs_review == 1
    assert shop.store.coverage(["de"])["de"] | {"machine": 9, "needs_review": 1} == shop.store.coverage(["de"])["de"]
    found = shop.shown(bad, "de").translation
    assert (found.state, found.reason) == (State.NEEDS_REVIEW, "poisonous can't be translated")
    assert shop.shown(bad, "de").shown == "poisonous garden hose"


class Careless(Recorder):
    """Doubles a word and forgets a bracket."""

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        said = {"red": "Sie ist rot rot.", "cups": "Dazu gehören (Tassen."}
        return [next((made for word, made in said.items() if word in text), "Eine Lampe.") for text in texts]


def test_a_text_has_the_findings_of_all_its_segments(shop: Shop) -> None:
    described = lamp("1", description="<p>A garden lamp.</p><p>It is red. It comes with cups.</p>")
    shop.put(described)
    shop.translate(Careless(["en-de"]), "de")
    translation = shop.shown(described, "de", "description").translation
    assert translation.text == "<p>Eine Lampe.</p><p>Sie ist rot rot. Dazu gehören (Tassen.</p>"
    assert set(translation.checks) == {"brackets", "doubled_word"}


class Swallower(Recorder):
    """Gives one answer less than it was asked for."""

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        return super().translate(pair, texts)[1:]


def test_an_engine_that_miscounts_is_named(shop: Shop) -> None:
    shop.put(lamp())
    report = shop.translate(Swallower(["en-de"]), "de")
    assert str(report.failure) == "engine recorder gave 0 answers for 1 texts"


# -- corrections and given texts --------------------------------------------------------------------------------------


def test_a_correction_spreads_within_its_supplier(shop: Shop) -> None:
    one, same, other = lamp("1"), lamp("2"), lamp("1", supplier="other")
    shop.put(one, same, other)
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    position = shop.store.position()
    assert shop.store.correct(one, "title", "de", "Gartenschlauch", only_here=False) == 2
    assert shop.log(position) == [(one.id, "de"), (same.id, "de")]
    for _ in range(2):  # at once, and after the next run
        assert shop.shown(one, "de").translation.text == "Gartenschlauch"
        assert shop.shown(same, "de").translation.state is State.REVIEWED
        assert shop.shown(other, "de").translation.state is State.MACHINE
        shop.translate(engine, "de")
    assert shop.log(position) == [(one.id, "de"), (same.id, "de")]


def test_a_product_that_comes_later_gets_the_correction(shop: Shop) -> None:
    shop.put(lamp("1"))
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    shop.store.correct(lamp("1"), "title", "de", "Gartenschlauch", only_here=False)
    shop.put(lamp("2"))
    shop.translate(engine, "de")
    assert shop.shown(lamp("2"), "de").translation.text == "Gartenschlauch"


def test_only_here_stays_here(shop: Shop) -> None:
    one, same = lamp("1"), lamp("2")
    shop.put(one, same)
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    assert shop.store.correct(one, "title", "de", "Schlauch hier", only_here=True) == 1
    shop.put(lamp("1", brand="X"))  # the product changes, its title does not
    shop.translate(engine, "de")
    assert shop.shown(one, "de").translation.text == "Schlauch hier"
    assert shop.shown(same, "de").translation.state is State.MACHINE


def test_a_later_spreading_correction_replaces_only_here(shop: Shop) -> None:
    shop.put(lamp("1"))
    shop.store.follow()
    shop.store.correct(lamp("1"), "title", "de", "Schlauch hier", only_here=True)
    shop.store.correct(lamp("1"), "title", "de", "Gartenschlauch", only_here=False)
    assert shop.shown(lamp("1"), "de").translation.text == "Gartenschlauch"
    shop.put(lamp("1", brand="X"))
    shop.translate(Recorder([]), "de")
    assert shop.shown(lamp("1"), "de").translation.text == "Gartenschlauch"


def test_a_correction_whose_source_changed_is_not_applied(shop: Shop) -> None:
    shop.put(lamp("1"), lamp("2", title="blue garden hose"))
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    shop.store.correct(lamp("1"), "title", "de", "Gartenschlauch", only_here=False)
    shop.store.correct(lamp("2", title="blue garden hose"), "title", "de", "Schlauch hier", only_here=True)
    shop.put(lamp("1", title="yellow garden hose"), lamp("2", title="pink garden hose"))
    shop.translate(engine, "de")
    assert shop.shown(lamp("1"), "de").translation.text == "yellow·de garden·de hose·de"
    assert shop.shown(lamp("2"), "de").translation.text == "pink·de garden·de hose·de"


def test_given_texts_win_until_they_are_corrected(shop: Shop) -> None:
    given = lamp("1", given=(GivenText("title", "de", "Gartenschlauch"),))
    shop.put(given, lamp("2"))
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    assert shop.shown(given, "de").translation.state is State.SOURCE
    assert shop.shown(lamp("2"), "de").translation.state is State.MEMORY  # the supplier's own memory
    assert engine.asked == []
    shop.store.correct(given, "title", "de", "Schlauch", only_here=False)
    assert shop.shown(given, "de").translation.text == "Schlauch"
    shop.put(lamp("1", brand="X", given=given.given))
    shop.translate(engine, "de")
    assert shop.shown(given, "de").translation.text == "Schlauch"


def test_memory_never_reaches_another_supplier(shop: Shop) -> None:
    shop.put(lamp("1", given=(GivenText("title", "de", "Gartenschlauch"),)), lamp("1", supplier="other"))
    shop.translate(Recorder(["en-de"]), "de")
    assert shop.shown(lamp("1", supplier="other"), "de").translation.state is State.MACHINE


def test_memory_knows_the_context(shop: Shop) -> None:
    colour = Attribute("colour", "colour", "orange tint")
    fruit = Attribute("fruit", "fruit", "orange tint")
    given = (GivenText("attributes.colour.value", "de", "Orangeton"),)
    shop.put(lamp("1", attributes=(colour,), given=given), lamp("2", attributes=(fruit,)))
    shop.translate(Recorder(["en-de"]), "de")
    assert shop.shown(lamp("2"), "de", "attributes.fruit.value").translation.state is State.MACHINE


@pytest.mark.parametrize("by_hand", [True, False])
def test_english_of_a_person_or_supplier_is_the_pivot(shop: Shop, by_hand: bool) -> None:
    german = lamp("1", lang="de", title="grüner Gartenschlauch")
    given = () if by_hand else (GivenText("title", "en", "green garden hose"),)
    shop.put(lamp("1", lang="de", title=german.title, given=given))
    engine = Recorder(["de-en", "en-fr"])
    if by_hand:
        shop.translate(engine, "en", "fr")
        shop.store.correct(german, "title", "en", "green garden hose", only_here=False)
    shop.translate(engine, "en", "fr")
    assert shop.shown(german, "fr").translation.text == "green·fr garden·fr hose·fr"
    assert shop.translate(engine, "en", "fr").segments == 0


# -- two processes at once --------------------------------------------------------------------------------------------


class Interrupted(Recorder):
    """Lets something happen in the store while it translates."""

    def __init__(self, pairs: Sequence[str], happens: object) -> None:
        super().__init__(pairs)
        self.happens = happens

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        happens, self.happens = self.happens, None
        if happens is not None:
            happens()  # type: ignore[operator]
        return super().translate(pair, texts)


def test_a_correction_made_while_a_page_is_in_work_is_not_lost(shop: Shop) -> None:
    shop.put(lamp("1"))
    shop.store.follow()
    other = Shop(shop.folder)
    engine = Interrupted(
        ["en-de"], lambda: other.store.correct(lamp("1"), "title", "de", "Gartenschlauch", only_here=False)
    )
    report = shop.translate(engine, "de")
    assert shop.shown(lamp("1"), "de").translation.text == "Gartenschlauch"
    assert report.by_engine == {"person": 1}
    assert len(engine.asked) == 1


def test_products_imported_while_a_run_goes_on_are_not_forgotten(shop: Shop) -> None:
    shop.put(lamp("1"))
    engine = Interrupted(["en-de"], lambda: shop.put(lamp("2", title="blue garden hose")))
    shop.translate(engine, "de")
    assert shop.translate(engine, "de").translated == 1


def test_two_runs_at_once_lose_and_double_nothing(shop: Shop) -> None:
    shop.put(*(lamp(str(number), title=f"garden hose {chr(97 + number)}{chr(98 + number)}x") for number in range(20)))
    position = shop.store.position()
    inner = Recorder(["en-de"])
    engine = Interrupted(["en-de"], lambda: shop.translate(inner, "de"))
    shop.translate(engine, "de")
    assert shop.store.coverage(["de"])["de"]["machine"] == 20
    assert sorted(shop.log(position)) == sorted((lamp(str(number)).id, "de") for number in range(20))
    assert shop.translate(inner, "de").segments == 0


def test_a_run_under_another_policy_takes_completeness_away(shop: Shop) -> None:
    shop.put(lamp("1"), lamp("2", title="blue garden hose"))
    first = Recorder(["en-de"])
    shop.translate(first, "de")
    shop.batch(Recorder([])).translate_pending(BatchOptions(("de",), limit=1, everything=True))
    shop.translate(first, "de")
    assert shop.store.coverage(["de"])["de"]["machine"] == 2
