"""Reading students of any size, and refusing by name what can't be run."""

import shutil
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catalog.errors import PermanentEngineError
from tests.fakes.student import PlainStudent, random_model, write_model
from translation.engine import Pair
from translation.engines.batched.arithmetic import Kernel, Precision
from translation.engines.batched.engine import BatchedEngine
from translation.engines.batched.modelfile import read_model_file
from translation.engines.batched.network import NEVER, read_network
from translation.engines.batched.shortlist import Shortlist, read_shortlist
from translation.engines.batched.student import Student
from translation.engines.batched.vocabulary import Vocabulary
from translation.engines.models import StudentModel, find_models

EN_PT, PT_EN = Pair("en", "pt"), Pair("pt", "en")
SENTENCES = [[5, 9, 3, 0], [7, 0], [11, 4, 4, 8, 2, 19, 0], [3, 3, 0]]


def small(**changed: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    usual = {"size": 32, "heads": 4, "hidden": 48, "layers": (2, 1), "words": (40, 40), "shared": True, "int8": False}
    return random_model(**{**usual, **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"int8": True},
        {"layers": (1, 3), "heads": 2},
        {"size": 64, "heads": 8, "hidden": 200},
        {"shared": False, "words": (40, 25)},
        {"shared": False, "words": (25, 60), "int8": True},
    ],
)
def test_a_network_of_any_size_is_run_as_it_is_meant(tmp_path: Path, changed: dict[str, Any]) -> None:
    path = tmp_path / "model.bin"
    write_model(path, *small(**changed))
    student = Student(read_network(read_model_file(path)), None, end=0, precision=Precision.FLOAT32)
    plain = PlainStudent(path, None)
    expected = [plain.translate(sentence) for sentence in SENTENCES]
    assert student.translate(SENTENCES) == expected
    assert len({tuple(words) for words in expected}) > 1


def test_int8_without_multipliers_of_activations_runs_in_float32(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    write_model(path, *small(int8=True))
    network = read_network(read_model_file(path))
    exact = Student(network, None, end=0, precision=Precision.FLOAT32)
    assert network.output_alpha is None
    assert Student(network, None, end=0, precision=Precision.INT8).translate(SENTENCES) == exact.translate(SENTENCES)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("type", "s2s"),
        ("dec-cell", "gru"),
        ("transformer-decoder-autoreg", "self-attention"),
        ("transformer-ffn-activation", "swish"),
        ("transformer-preprocess", "n"),
        ("enc-depth", "many"),
        ("transformer-heads", "5"),
        ("transformer-tied-layers", "[1, 1]"),
    ],
)
def test_another_network_is_refused_by_its_option(tmp_path: Path, option: str, value: str) -> None:
    path = tmp_path / "model.bin"
    options, tensors = small()
    write_model(path, {**options, option: value}, tensors)
    with pytest.raises(PermanentEngineError, match=rf"model\.bin.*({option}|{value} heads)"):
        read_network(read_model_file(path))


def test_a_tensor_that_is_missing_unknown_or_of_another_shape_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    options, tensors = small()
    write_model(path, options, {name: one for name, one in tensors.items() if name != "decoder_l1_rnn_bf"})
    with pytest.raises(PermanentEngineError, match="no tensor decoder_l1_rnn_bf"):
        read_network(read_model_file(path))
    write_model(path, options, {**tensors, "decoder_l1_gate_W": tensors["decoder_l1_rnn_W"]})
    with pytest.raises(PermanentEngineError, match="decoder_l1_gate_W is for is unknown"):
        read_network(read_model_file(path))
    write_model(path, options, {**tensors, "encoder_l2_self_Wo": tensors["encoder_l2_ffn_W1"]})
    with pytest.raises(PermanentEngineError, match=r"encoder_l2_self_Wo has the shape \(32, 48\)"):
        read_network(read_model_file(path))


@pytest.mark.parametrize("length", [0, 10, 40, 600, 5_000])
def test_a_model_file_that_ends_too_early_is_named(tmp_path: Path, length: int) -> None:
    path = tmp_path / "model.bin"
    write_model(path, *small())
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(PermanentEngineError, match=r"model\.bin"):
        read_model_file(path)


def test_what_is_no_model_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"PK\x03\x04" * 100)
    with pytest.raises(PermanentEngineError, match="no model file of version 1"):
        read_model_file(path)


@pytest.mark.parametrize(
    ("at", "number", "reason"),
    [
        (0, 1, "no lexical shortlist"),
        (16, 70_000, "beyond"),
        (40, 9, "bytes"),
        (48, 5, "overlap"),
        (48 + 80, 0, "overlap"),
    ],
)
def test_a_damaged_shortlist_is_named(tmp_path: Path, at: int, number: int, reason: str) -> None:
    original = find_models(None)[EN_PT].shortlist
    assert original is not None
    path = tmp_path / "lex.bin"
    data = bytearray(original.read_bytes())
    struct.pack_into("<Q", data, at, number)
    path.write_bytes(data)
    with pytest.raises(PermanentEngineError, match=rf"lex\.bin.*{reason}"):
        read_shortlist(path, 32_000, np.zeros(32_000, np.float32), shared=True)


def test_a_shortlist_of_a_smaller_vocabulary_is_refused() -> None:
    path = find_models(None)[EN_PT].shortlist
    assert path is not None
    with pytest.raises(PermanentEngineError, match="the source vocabulary has 40000"):
        read_shortlist(path, 40_000, np.zeros(32_000, np.float32), shared=True)


@pytest.mark.parametrize(("shared", "own"), [(True, [0, 1, 5, 6, 7, 9]), (False, [0, 1, 6, 7])])
def test_of_one_vocabulary_a_word_may_be_written_as_it_was_read(shared: bool, own: list[int]) -> None:
    """As Marian does; in the model from English 3,669 of 32,000 words are not on their own list."""
    bias = np.arange(12, dtype=np.float32)
    offsets, entries = np.array([0] * 6 + [2] * 5), np.array([7, 6], np.uint32)
    candidates = Shortlist(2, offsets, entries, bias, shared=shared).candidates([[5, 9], [0]])
    first, second = candidates.words
    assert candidates.union.tolist() == first.tolist() == own
    assert candidates.places[0].tolist() == list(range(len(own)))
    assert candidates.bias[0].tolist() == own
    assert second.tolist() == [0, 1] + [0] * (len(own) - 2)
    assert candidates.bias[1].tolist() == [0, 1] + [NEVER] * (len(own) - 2)


def test_the_multiplier_of_two_vocabularies_is_one_int8(tmp_path: Path) -> None:
    """Marian's converter takes what is called after an embedding for one: 127 with a multiplier of its own."""
    options, tensors = small(shared=False, int8=True)
    path = tmp_path / "model.bin"
    write_model(path, options, {**tensors, "decoder_Wemb_QuantMultA": np.array([[127]], np.int8)})
    network = read_network(read_model_file(path))
    assert network.output_alpha == pytest.approx(1.27)
    assert Student(network, None, end=0).translate(SENTENCES)
    english = read_network(read_model_file(find_models(None)[EN_PT].model))
    file = read_model_file(find_models(None)[EN_PT].model)
    assert english.output_alpha == pytest.approx(float(file.matrices["Wemb_QuantMultA"].weights[0, 0]))


def test_two_vocabularies_and_no_shortlist(tmp_path: Path) -> None:
    """A folder as Firefox has them for pairs such as en-ja: each side with words of its own."""
    english, portuguese = find_models(None)[EN_PT], find_models(None)[PT_EN]
    folder = tmp_path / "en-ja"
    folder.mkdir()
    shutil.copy(english.source_vocabulary, folder / "srcvocab.enja.spm")
    shutil.copy(portuguese.source_vocabulary, folder / "trgvocab.enja.spm")
    write_model(folder / "model.enja.bin", *small(words=(32_000, 32_000), shared=False, layers=(1, 1)))
    files = find_models(tmp_path)[Pair("en", "ja")]
    assert files.source_vocabulary != files.target_vocabulary
    engine = BatchedEngine({files.pair: files}, Precision.FLOAT32)
    source, target = Vocabulary(files.source_vocabulary), Vocabulary(files.target_vocabulary)
    plain = PlainStudent(files.model, None, never=[target.unknown])
    words = [*source.encode(["Red desk lamp"])[0], source.end]
    assert engine.translate(files.pair, ["Red desk lamp"]) == target.decode([plain.translate(words)])


def test_a_vocabulary_of_another_model_is_refused(tmp_path: Path) -> None:
    files = find_models(None)[EN_PT]
    path = tmp_path / "model.bin"
    write_model(path, *small())
    engine = BatchedEngine({EN_PT: replace(files, model=path, shortlist=None)})
    with pytest.raises(PermanentEngineError, match="two models"):
        engine.translate(EN_PT, ["lamp"])


def test_a_damaged_vocabulary_is_named(tmp_path: Path) -> None:
    files: StudentModel = find_models(None)[EN_PT]
    path = tmp_path / "vocab.spm"
    path.write_bytes(files.source_vocabulary.read_bytes()[:1_000])
    engine = BatchedEngine({EN_PT: replace(files, source_vocabulary=path)})
    with pytest.raises(PermanentEngineError, match=r"vocab\.spm"):
        engine.translate(EN_PT, ["lamp"])


def test_every_kernel_writes_the_same(tmp_path: Path) -> None:
    network = read_network(read_model_file(find_models(None)[EN_PT].model))
    words = [[1711, 9818, 9633, 0], [9633, 0]]
    lists = find_models(None)[EN_PT].shortlist or tmp_path
    shortlist = read_shortlist(lists, 32_000, network.output_bias, shared=True)
    made = {
        kernel: Student(network, shortlist, end=0, precision=Precision.INT8, kernel=kernel).translate(words)
        for kernel in (Kernel.SIGNED, Kernel.UNSIGNED)
    }
    assert made[Kernel.SIGNED] == made[Kernel.UNSIGNED]
    assert all(made[Kernel.SIGNED])
    inexact = Student(network, shortlist, end=0, precision=Precision.INT8, kernel=Kernel.FLOAT32)
    exact = Student(network, shortlist, end=0, precision=Precision.FLOAT32)
    assert inexact.translate(words) == exact.translate(words)
