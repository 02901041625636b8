"""What models say of their licences, pair by pair."""

import json
from pathlib import Path

import pytest

from catalog.languages import CODES
from tests.fakes.seq2seq import converted_model
from translation.engine import Pair
from translation.engines.batched.engine import BatchedEngine
from translation.engines.fxtranslate import FxtranslateEngine
from translation.engines.models import find_models
from translation.engines.seq2seq.families import FLORES, licence_of
from translation.licences import Use
from translation.routing import Router

EN_DE, DE_EN, PT_EN, EN_PT = Pair("en", "de"), Pair("de", "en"), Pair("pt", "en"), Pair("en", "pt")


# -- students ---------------------------------------------------------------------------------------------------------


def student_folder(folder: Path, licence: str | None) -> None:
    folder.mkdir(parents=True)
    for path in set(find_models(None)[PT_EN].files):
        (folder / path.name).write_bytes(path.read_bytes())
    if licence is not None:
        record = {
            "pair": folder.name, "version": "1", "architecture": "tiny", "licence": licence, "source": "somewhere",
            "fetched": "2026-01-01T00:00:00Z", "files": [],
        }  # fmt: skip
        (folder / "origin.json").write_text(json.dumps(record), "utf-8")


@pytest.mark.parametrize("make", [BatchedEngine, FxtranslateEngine])
def test_students_say_what_their_records_say(tmp_path: Path, make: type) -> None:
    student_folder(tmp_path / "es-en", "CC-BY-4.0")
    student_folder(tmp_path / "fr-en", None)
    info = make(find_models(tmp_path)).info()
    licences = {str(pair): info.model(pair).licence for pair in info.pairs}
    assert licences == {"en-pt": "MPL-2.0", "pt-en": "MPL-2.0", "es-en": "CC-BY-4.0", "fr-en": "unknown"}
    assert info.licence == "CC-BY-4.0 AND MPL-2.0 AND unknown"


def test_a_further_student_leaves_the_others_alone(tmp_path: Path) -> None:
    before = BatchedEngine(find_models(None)).info()
    student_folder(tmp_path / "es-en", "MPL-2.0")
    after = BatchedEngine(find_models(tmp_path)).info()
    assert after.version != before.version
    assert after.model(EN_PT) == before.model(EN_PT)
    assert after.model(EN_PT).version != after.model(PT_EN).version


# -- open checkpoints -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "licence"),
    [
        ("license: apache-2.0", "apache-2.0"),
        ("license: 'cc-by-nc-4.0'", "cc-by-nc-4.0"),
        ("license:\n- cc-by-4.0\n- mit\ntags:\n- x", "cc-by-4.0 AND mit"),
        ("license: [mit, cc-by-nc-4.0]", "cc-by-nc-4.0 AND mit"),
        ("license: other\nlicense_name: research-only", "research-only"),
        ("license: other", "other"),
        ("language: de", "CC-BY-4.0"),
    ],
)
def test_a_card_says_the_licence(tmp_path: Path, head: str, licence: str) -> None:
    (tmp_path / "README.md").write_text(f"---\r\nlanguage: en\n{head}\n---\n# Card\nlicense: wrong\n", "utf-8")
    assert licence_of(tmp_path, "marian", "opus-mt-en-de") == licence


def test_without_a_card_the_name_of_the_family_has_to_say_it(tmp_path: Path) -> None:
    assert licence_of(tmp_path, "marian", "Helsinki-NLP/opus-mt-en-de") == "CC-BY-4.0"
    assert licence_of(tmp_path, "m2m100", "facebook/m2m100_418M") == "MIT"
    assert licence_of(tmp_path, "marian", "en-de") == "unknown"
    assert licence_of(tmp_path, "nllb", "mine") == "CC-BY-NC-4.0"


pytest.importorskip("ctranslate2", reason="needs ctranslate2: pip install 'lexicart[ctranslate2]'")


def test_a_model_that_may_not_be_used_gives_way_to_one_that_may(tmp_path: Path) -> None:
    from translation.engines.seq2seq.converted import ConvertedEngine, ConvertedModel

    converted_model(tmp_path / "nllb", [FLORES[lang] for lang in ("de", "en", "fr")], "sentencepiece.bpe.model")
    converted_model(tmp_path / "opus-mt-en-de", [], "source.spm", "target.spm")
    models = [ConvertedModel(tmp_path / name, "cpu", 1) for name in ("nllb", "opus-mt-en-de")]

    for use, served in ((Use.BUSINESS, "opus-mt-en-de"), (Use.ANY, "nllb")):
        engine = ConvertedEngine(models, use)
        assert engine.info().model(EN_DE).name == served
        assert engine.info().model(DE_EN).licence == "CC-BY-NC-4.0"
        chosen = Router([engine], use=use)
        step = chosen.direct(EN_DE)
        assert step is not None
        assert step.model == served
        expected = models[served == "opus-mt-en-de"].translate(EN_DE, ["Red lamp"])
        assert step.engine.translate(EN_DE, ["Red lamp"]) == expected
        assert (chosen.direct(DE_EN) is None) is (use is Use.BUSINESS)


def test_of_several_that_may_be_used_the_first_named_serves(tmp_path: Path) -> None:
    from translation.engines.seq2seq.converted import ConvertedEngine, ConvertedModel

    converted_model(tmp_path / "m2m100", [f"__{lang}__" for lang in CODES], "sentencepiece.bpe.model")
    converted_model(tmp_path / "opus-mt-en-de", [], "source.spm", "target.spm")
    models = [ConvertedModel(tmp_path / name, "cpu", 1) for name in ("opus-mt-en-de", "m2m100")]
    for order in (models, models[::-1]):
        info = ConvertedEngine(order, Use.BUSINESS).info()
        assert info.model(EN_DE).name == order[0].label
        assert info.model(DE_EN).name == "m2m100"
        assert info.licence == ("CC-BY-4.0 AND MIT" if order is models else "MIT")
