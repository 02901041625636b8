"""Open checkpoints: families, cutting of long texts, and the two engines on tiny models made on the spot."""

import importlib.util
import json
import logging
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UnavailableError, UsageError
from catalog.languages import CODES
from tests.conftest import absent
from tests.contract.engine import EngineShapeContract
from tests.fakes.seq2seq import converted_model, m2m_checkpoint, marian_checkpoint
from translation.engine import Pair
from translation.engines.seq2seq.converted import ConvertedEngine, ConvertedModel
from translation.engines.seq2seq.cutting import cut, joined
from translation.engines.seq2seq.devices import cards_of
from translation.engines.seq2seq.families import FLORES, family_of

# -- families ---------------------------------------------------------------------------------------------------------


def test_every_family_is_told_by_its_marks(tmp_path: Path) -> None:
    m2m = family_of(tmp_path, {f"__{lang}__" for lang in CODES}, "m2m100_418M")
    nllb = family_of(tmp_path, set(FLORES.values()), "nllb-200-distilled-600M")
    madlad = family_of(tmp_path, {f"<2{lang}>" for lang in CODES}, "madlad400-3b-mt")
    for family in (m2m, nllb, madlad):
        assert len(family.pairs) == 15 * 14
    pair = Pair("de", "fr")
    assert (m2m.source_marks(pair), m2m.target_marks(pair)) == (["__de__"], ["__fr__"])
    assert (nllb.source_marks(pair), nllb.target_marks(pair)) == (["deu_Latn"], ["fra_Latn"])
    assert (madlad.source_marks(pair), madlad.target_marks(pair)) == (["<2fr>"], [])


@pytest.mark.parametrize("name", ["opus-mt-en-de", "Helsinki-NLP/opus-mt-en-de", "en-de", "opus-mt-tc-big-en-de"])
def test_of_marian_the_name_tells_the_pair(tmp_path: Path, name: str) -> None:
    family = family_of(tmp_path, {"a", "b"}, name)
    assert (family.name, family.pairs) == ("marian", {Pair("en", "de")})
    assert family.source_marks(Pair("en", "de")) == family.target_marks(Pair("en", "de")) == []


def test_a_pair_that_can_not_be_told_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="must name the pair"):
        family_of(tmp_path, {"a"}, "mymodel")


def test_a_licence_that_forbids_business_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert family_of(tmp_path, set(FLORES.values()), "nllb").licence == "CC-BY-NC-4.0"
    assert "does not allow business use" in caplog.text
    (tmp_path / "README.md").write_text("---\nlanguage: de\nlicense: apache-2.0\n---\n# Card\n", "utf-8")
    caplog.clear()
    assert family_of(tmp_path, {"a"}, "opus-mt-en-de").licence == "apache-2.0"
    assert not caplog.records


# -- long texts -------------------------------------------------------------------------------------------------------


@given(st.text(max_size=400), st.integers(1, 60), st.sampled_from(["de", "en", "zh", "ar"]))
def test_cutting_loses_nothing(text: str, longest: int, lang: str) -> None:
    parts = cut(text, lang, longest, len)
    assert "".join(parts) == text
    assert all(len(part) <= longest for part in parts)


def test_a_text_is_cut_at_sentences_first() -> None:
    text = "The lamp is red. It stands on the table. The hose is green."
    assert cut(text, "en", 45, len) == ["The lamp is red. It stands on the table. ", "The hose is green."]


def test_parts_are_joined_as_the_language_writes() -> None:
    assert joined(["Rote Lampe.", "", " Grüner Schlauch."], "de") == "Rote Lampe. Grüner Schlauch."
    assert joined(["红灯。", "绿管。"], "zh") == "红灯。绿管。"


# -- devices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "present", "cards"),
    [
        ("cpu", 2, ()),
        ("auto", 0, ()),
        ("auto", 1, (0,)),
        ("auto", 3, (0, 1, 2)),
        ("cuda", 2, (0, 1)),
        ("cuda:1", 2, (1,)),
        ("cuda:0", 1, (0,)),
    ],
)
def test_cards_are_those_that_are_wanted_and_there(wanted: str, present: int, cards: tuple[int, ...]) -> None:
    assert cards_of(wanted, present, "PyTorch") == cards


@pytest.mark.parametrize(("wanted", "present"), [("cuda", 0), ("cuda:0", 0), ("cuda:2", 2)])
def test_a_card_too_many_is_named(wanted: str, present: int) -> None:
    with pytest.raises(UnavailableError, match=f"LEXICART_DEVICE={wanted}: PyTorch finds {present or 'no'} graphics"):
        cards_of(wanted, present, "PyTorch")


# -- CTranslate2 ------------------------------------------------------------------------------------------------------

pytest.importorskip("ctranslate2", reason="needs ctranslate2: pip install 'lexicart[ctranslate2]'")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    converted_model(folder / "opus-mt-en-de", [], "source.spm", "target.spm")
    converted_model(folder / "m2m", ["__de__", "__en__", "__fr__"], "sentencepiece.bpe.model")
    return folder


class TestConvertedMarian(EngineShapeContract):
    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls, models: Path) -> ConvertedEngine:
        return ConvertedEngine([ConvertedModel(models / "opus-mt-en-de", "cpu", 1)])


class TestConvertedM2M(EngineShapeContract):
    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls, models: Path) -> ConvertedEngine:
        return ConvertedEngine([ConvertedModel(models / "m2m", "cpu", 1)])


def test_the_first_model_that_speaks_a_pair_is_used(models: Path) -> None:
    marian, m2m = ConvertedModel(models / "opus-mt-en-de", "cpu", 1), ConvertedModel(models / "m2m", "cpu", 1)
    both, other = ConvertedEngine([marian, m2m]), ConvertedEngine([m2m, marian])
    assert both.info().pairs == m2m.family.pairs
    assert both.translate(Pair("en", "de"), ["Red lamp"]) == marian.translate(Pair("en", "de"), ["Red lamp"])
    assert other.translate(Pair("en", "de"), ["Red lamp"]) == m2m.translate(Pair("en", "de"), ["Red lamp"])
    assert both.info().version != ConvertedEngine([marian]).info().version


def test_a_long_text_is_translated_in_parts(models: Path) -> None:
    model = ConvertedModel(models / "opus-mt-en-de", "cpu", 1)
    sentence = "The lamp is red and it stands on the table. "
    (one,), (many,) = (model.translate(Pair("en", "de"), [sentence * number]) for number in (1, 90))
    assert len(many) > len(one)


def test_a_budget_of_pieces_changes_no_answer(models: Path) -> None:
    texts = [f"The lamp {'is red ' * number}and new" for number in range(1, 12)]
    narrow, wide = (ConvertedModel(models / "opus-mt-en-de", "cpu", 1, tokens=tokens) for tokens in (40, 0))
    assert narrow.translate(Pair("en", "de"), texts) == wide.translate(Pair("en", "de"), texts)


def test_what_the_pieces_lack_is_told(models: Path) -> None:
    for name in ("opus-mt-en-de", "m2m"):
        engine = ConvertedEngine([ConvertedModel(models / name, "cpu", 1)])
        assert engine.lacks(Pair("en", "de"), "Red лам señ [0]") >= frozenset("ламñ")
        assert engine.lacks(Pair("en", "de"), "Red desk lamp") == frozenset()


def test_the_precision_is_part_of_the_digest_and_told(models: Path) -> None:
    usual, exact = (ConvertedModel(models / "m2m", "cpu", precision=name) for name in ("auto", "float32"))
    assert (usual.describe(), exact.describe()) == ("int8 on processor", "float32 on processor")
    assert ConvertedEngine([usual]).info().version != ConvertedEngine([exact]).info().version
    assert ConvertedEngine([exact]).describe() == "float32 on processor"
    assert len(exact.translate(Pair("en", "de"), ["Red lamp"])) == 1
    with pytest.raises(UnavailableError, match=r"no int3 on this cpu; it has .*float32"):
        ConvertedModel(models / "m2m", "cpu", precision="int3").digest()


def test_a_model_that_was_replaced_is_not_taken_for_the_one_before(models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "opus-mt-en-de"
    shutil.copytree(models / "opus-mt-en-de", folder)
    engine = ConvertedEngine([ConvertedModel(folder, "cpu", 1)])
    told = engine.info()
    weights = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(weights[:-8] + bytes(8))
    assert engine.info() == told
    with pytest.raises(UnavailableError, match="replaced while this process runs"):
        engine.translate(Pair("en", "de"), ["Lamp"])


@pytest.mark.parametrize(
    ("missing", "word"),
    [("model.bin", "converted model"), ("source.spm", "SentencePiece"), ("shared_vocabulary.json", "vocabulary")],
)
def test_what_a_model_lacks_is_named(models: Path, tmp_path: Path, missing: str, word: str) -> None:
    folder = tmp_path / "opus-mt-en-de"
    folder.mkdir()
    for path in (models / "opus-mt-en-de").iterdir():
        if path.name != missing:
            (folder / path.name).write_bytes(path.read_bytes())
    with pytest.raises((UnavailableError, UsageError), match=word):
        ConvertedModel(folder, "cpu")


def test_a_damaged_model_is_named(models: Path, tmp_path: Path) -> None:
    folder = tmp_path / "opus-mt-en-de"
    folder.mkdir()
    for path in (models / "opus-mt-en-de").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "model.bin").write_bytes(b"no model")
    with pytest.raises(UnavailableError, match=r"opus-mt-en-de can't be loaded"):
        ConvertedModel(folder, "cpu").translate(Pair("en", "de"), ["Lamp"])
    (folder / "model.bin").write_bytes(b"")
    with pytest.raises(UnavailableError, match="holds no converted model"):
        ConvertedModel(folder, "cpu")


def test_a_card_that_is_not_there_is_named(models: Path) -> None:
    import ctranslate2

    if ctranslate2.get_cuda_device_count():
        pytest.skip("needs no graphics card")
    with pytest.raises(UnavailableError, match="LEXICART_DEVICE"):
        ConvertedModel(models / "m2m", "cuda").digest()


# -- transformers -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
        absent("transformers", "pip install 'lexicart[transformers]', 2.9 GB")
    import torch

    torch.set_num_threads(1)  # two threads wait longer for each other than these tiny models compute
    folder = tmp_path_factory.mktemp("checkpoints")
    marian_checkpoint(folder / "marian")
    m2m_checkpoint(folder / "m2m")
    return folder


class TestMarianCheckpoint(EngineShapeContract):
    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls, checkpoints: Path) -> object:
        from translation.engines.seq2seq.checkpoints import Checkpoint, CheckpointEngine

        return CheckpointEngine([Checkpoint(str(checkpoints / "marian"), "cpu")])


class TestM2MCheckpoint(EngineShapeContract):
    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls, checkpoints: Path) -> object:
        from translation.engines.seq2seq.checkpoints import Checkpoint, CheckpointEngine

        return CheckpointEngine([Checkpoint(str(checkpoints / "m2m"), "cpu")])


def test_copies_on_several_devices_say_the_same(checkpoints: Path) -> None:
    from translation.engines.seq2seq.checkpoints import Checkpoint

    class OnTwo(Checkpoint):
        _devices = ("cpu", "cpu")

    texts = ["Red lamp", "Garden hose with nozzle", "Steel knife"]
    one, two = Checkpoint(str(checkpoints / "m2m"), "cpu"), OnTwo(str(checkpoints / "m2m"), "cpu", tokens=32)
    pairs = [Pair("en", "de"), Pair("en", "fr"), Pair("de", "en")]
    expected = {pair: one.translate(pair, texts) for pair in pairs}
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda pair: (pair, two.translate(pair, texts)), pairs * 4))
    assert all(answers == expected[pair] for pair, answers in made)
    assert (one.describe(), two.describe()) == ("float32 on cpu", "float32 on cpu, cpu")


def test_a_checkpoint_runs_in_the_precision_that_is_chosen(checkpoints: Path) -> None:
    from translation.engines.seq2seq.checkpoints import Checkpoint

    name = str(checkpoints / "marian")
    half, whole = Checkpoint(name, "cpu", precision="bfloat16"), Checkpoint(name, "cpu")
    assert half.digest() != whole.digest()
    assert len(half.translate(Pair("en", "de"), ["Red lamp"])) == 1
    with pytest.raises(UnavailableError, match=r"can't run in int8; it can in float32"):
        Checkpoint(name, "cpu", precision="int8").digest()


def test_a_checkpoint_that_was_replaced_is_refused(checkpoints: Path, tmp_path: Path) -> None:
    from translation.engines.seq2seq.checkpoints import Checkpoint

    folder = tmp_path / "marian"
    shutil.copytree(checkpoints / "marian", folder)
    model = Checkpoint(str(folder), "cpu")
    model.digest()
    weights = folder / "model.safetensors"
    os.utime(weights, ns=(1, 1))
    with pytest.raises(UnavailableError, match="replaced while this process runs"):
        model.translate(Pair("en", "de"), ["Lamp"])


def test_a_checkpoint_that_is_nowhere_is_named(checkpoints: Path) -> None:
    from translation.engines.seq2seq.checkpoints import Checkpoint

    with pytest.raises(UnavailableError, match="can't be loaded"):
        Checkpoint(str(checkpoints / "absent"))


def test_without_pytorch_the_way_to_it_is_named(tmp_path: Path) -> None:
    if importlib.util.find_spec("torch") is not None:
        pytest.skip("needs an environment without PyTorch")
    from translation.engines.seq2seq.checkpoints import Checkpoint

    with pytest.raises(UnavailableError, match=r"lexicart\[transformers\]"):
        Checkpoint(str(tmp_path))


def test_a_converted_checkpoint_says_the_same(checkpoints: Path, tmp_path: Path) -> None:
    """The same weights on both engines: greedy paths of random weights may part, the first pieces do not."""
    from ctranslate2.converters import TransformersConverter

    folder = tmp_path / "en-de"
    TransformersConverter(str(checkpoints / "marian"), copy_files=["source.spm", "target.spm"]).convert(str(folder))
    model = ConvertedModel(folder, "cpu")
    assert model.family.pairs == {Pair("en", "de")}
    assert json.loads((folder / "config.json").read_text("utf-8"))
    assert len(model.translate(Pair("en", "de"), ["Red lamp", "Garden hose"])) == 2
