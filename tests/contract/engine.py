"""The contract of translation engines: what every one of them must do, whatever stands behind it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from catalog.errors import PermanentEngineError
from catalog.languages import CODES
from translation.engine import Pair, TranslationEngine

TEXTS = ["Red desk lamp", "Garden hose [0] with nozzle", "Stainless steel kitchen knife"]


class EngineShapeContract:
    """What holds for every engine, random weights included. Inherit it and give a fixture ``engine``."""

    @pytest.fixture
    def pair(self, engine: TranslationEngine) -> Pair:
        """A pair that the engine serves."""
        return min(engine.info().pairs, key=str)

    def test_it_is_an_engine(self, engine: TranslationEngine) -> None:
        assert isinstance(engine, TranslationEngine)

    def test_it_says_what_it_is(self, engine: TranslationEngine) -> None:
        info = engine.info()
        assert info.name
        assert info.version
        assert info.licence
        assert info.pairs
        assert all(pair.source in CODES and pair.target in CODES for pair in info.pairs)
        assert all(pair.source != pair.target for pair in info.pairs)
        assert engine.info() == info

    def test_it_says_of_each_pair_what_serves_it(self, engine: TranslationEngine) -> None:
        info = engine.info()
        models = {pair: info.model(pair) for pair in info.pairs}
        assert all(model.version and model.licence for model in models.values())
        assert {part for model in models.values() for part in model.licence.split(" AND ")} == set(
            info.licence.split(" AND ")
        )
        assert set(info.models) in (set(), set(info.pairs))

    def test_one_answer_for_each_text_in_order(self, engine: TranslationEngine, pair: Pair) -> None:
        together = engine.translate(pair, TEXTS)
        assert len(together) == len(TEXTS)
        assert together == [engine.translate(pair, [text])[0] for text in TEXTS]
        assert engine.translate(pair, TEXTS[::-1]) == together[::-1]

    def test_duplicates_are_answered_alike(self, engine: TranslationEngine, pair: Pair) -> None:
        first, second, third = engine.translate(pair, [TEXTS[0], TEXTS[1], TEXTS[0]])
        assert first == third
        assert first != second

    def test_nothing_asked_nothing_answered(self, engine: TranslationEngine, pair: Pair) -> None:
        assert engine.translate(pair, []) == []

    @pytest.mark.parametrize("text", ["", " ", "\n"])
    def test_an_empty_text_stays_empty(self, engine: TranslationEngine, pair: Pair, text: str) -> None:
        answers = engine.translate(pair, [TEXTS[0], text, TEXTS[2]])
        assert len(answers) == 3
        assert not answers[1].strip()
        assert answers[0].strip()
        assert answers[2].strip()

    @pytest.mark.parametrize(
        "text",
        [
            "🙂👍🏽 lamp ❤️",
            "مصباح أحمر",
            "שלום",
            "\u202eabc\u202c",
            "\x00\x01",
            "a\u0301\u0301\u0301",
            "𠮷野家",
            "\ud7ff\ue000",
            "x" * 1_500,
            "[0]",
            "[0][1] [2]",
        ],
    )
    def test_any_text_is_answered(self, engine: TranslationEngine, pair: Pair, text: str) -> None:
        answers = engine.translate(pair, [TEXTS[0], text, TEXTS[2]])
        assert [answers[0], answers[2]] == engine.translate(pair, [TEXTS[0], TEXTS[2]])
        assert isinstance(answers[1], str)

    def test_an_unknown_pair_is_named(self, engine: TranslationEngine) -> None:
        with pytest.raises(PermanentEngineError, match="en-en"):
            engine.translate(Pair("en", "en"), TEXTS)

    def test_what_it_lacks_is_of_the_text(self, engine: TranslationEngine, pair: Pair) -> None:
        for text in ("", "Red desk lamp [0]", "ßñЖ日本🙂²€’\u0301", "\ud7ff\ue000\x00"):
            lacking = engine.lacks(pair, text)
            assert lacking <= frozenset(text)
            assert engine.lacks(pair, text) == lacking
        assert isinstance(engine.reads_frames(pair), bool)

    def test_threads_may_share_it(self, engine: TranslationEngine, pair: Pair) -> None:
        expected = engine.translate(pair, TEXTS)
        with ThreadPoolExecutor(4) as threads:
            assert list(threads.map(lambda _: engine.translate(pair, TEXTS), range(8))) == [expected] * 8


class EngineContract(EngineShapeContract):
    """What holds for engines that translate. Inherit it and give a fixture ``engine``."""

    def test_a_very_long_text_comes_back_whole(self, engine: TranslationEngine, pair: Pair) -> None:
        sentence = "The lamp is red and it stands on the table. "
        (answer,) = engine.translate(pair, [(sentence * 60).strip()])
        assert answer.count(".") >= 60
        assert len(answer) > 0.5 * len(sentence) * 60

    def test_translations_are_not_the_source(self, engine: TranslationEngine, pair: Pair) -> None:
        assert all(answer != text for answer, text in zip(engine.translate(pair, TEXTS), TEXTS, strict=True))
