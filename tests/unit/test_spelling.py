"""What becomes of characters that a model's vocabulary lacks."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from catalog.errors import PermanentEngineError
from tests.fakes.seq2seq import train_pieces
from translation.engine import EngineInfo, Pair, TranslationEngine
from translation.engines.alphabets import Alphabet, alphabet_of_files, pieces_know
from translation.engines.batched.engine import BatchedEngine
from translation.engines.echo import EchoEngine
from translation.engines.fxtranslate import FxtranslateEngine
from translation.engines.models import find_models
from translation.facts import mask
from translation.routing import Route, Step
from translation.spelling import Spelling, spelling

EN_PT, PT_EN = Pair("en", "pt"), Pair("pt", "en")


class Poor(EchoEngine):
    """Lacks some characters of some pairs."""

    def __init__(self, lacking: Mapping[str, str]) -> None:
        super().__init__()
        self.lacking = lacking

    def info(self) -> EngineInfo:
        return super().info()

    def lacks(self, pair: Pair, text: str) -> frozenset[str]:
        return frozenset(self.lacking.get(str(pair), "")) & frozenset(text)


def route(lacking: Mapping[str, str], *pairs: str) -> Route:
    engine = Poor(lacking)
    return Route(tuple(Step(engine, Pair(*pair.split("-")), "poor", "1") for pair in pairs))


def test_quotes_are_written_as_on_a_typewriter() -> None:
    made = spelling(route({"en-pt": "“”’"}, "en-pt"), "Men’s “Luna” set")
    assert made.applied("Men’s “Luna” set") == 'Men\'s "Luna" set'
    assert made.locked == frozenset()


def test_what_has_no_other_spelling_is_locked() -> None:
    made = spelling(route({"de-en": "ß’'"}, "de-en"), "Gießkanne für’s Beet")
    assert made == Spelling(frozenset("ß’"))
    masked = mask("de", "Gießkanne für Beete", lacking=made.locked)
    assert masked.text == "[0] für Beete"
    assert masked.restore("[0] for flowerbeds", "en") == "Gießkanne for flowerbeds"


def test_a_capital_stays_where_its_small_letter_is_known() -> None:
    assert spelling(route({"pt-en": "Ó"}, "pt-en"), "Óculos") == Spelling()
    assert spelling(route({"pt-en": "Óó"}, "pt-en"), "Óculos") == Spelling(frozenset("Ó"))


def test_behind_the_pivot_only_what_is_no_word_has_to_be_there() -> None:
    lacking = {"en-de": "лампа²、"}
    assert spelling(route(lacking, "ru-en", "en-de"), "лампа m²、").locked == frozenset("²")


def test_an_engine_that_can_not_tell_lacks_nothing() -> None:
    engine: TranslationEngine = EchoEngine()
    assert engine.lacks(EN_PT, "ß日🙂") == frozenset()
    assert not engine.reads_frames(EN_PT)


@pytest.mark.parametrize("kind", [BatchedEngine, FxtranslateEngine])
def test_students_read_their_vocabularies(kind: type[BatchedEngine] | type[FxtranslateEngine]) -> None:
    engine = kind(find_models(None))
    assert engine.lacks(PT_EN, "água 10 m² “Óleo” ü\u00a0~") == frozenset("“”Óü~")
    assert engine.lacks(PT_EN, "u\u0308") == frozenset("\u0308")
    assert engine.lacks(EN_PT, "Red lamp, 20 % off: [0]") == frozenset()
    assert engine.reads_frames(EN_PT)


def test_a_vocabulary_without_a_script_or_a_letter(tmp_path: Path) -> None:
    train_pieces(tmp_path, "vocab.spm")
    alphabet = alphabet_of_files(tmp_path / "vocab.spm", tmp_path / "vocab.spm")
    assert alphabet.lacks("Küche лампа señ") == frozenset("лампаñ")
    assert alphabet.lacks("Ku\u0308che") == frozenset()
    assert alphabet.lacks("  \u200b\n") == frozenset()


def test_signs_have_to_be_in_both_and_letters_in_the_source() -> None:
    alphabet = Alphabet("aяд²€、".__contains__, "a²".__contains__)
    assert alphabet.lacks("aяд²€、") == frozenset("€")
    assert alphabet.lacks("aЖ") == frozenset("Ж")


def test_a_damaged_vocabulary_is_named(tmp_path: Path) -> None:
    path = tmp_path / "vocab.spm"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(PermanentEngineError, match=r"vocab\.spm"):
        pieces_know(path)
