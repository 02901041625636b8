"""The translation engines of an installation, by name; one is made, with its models, when it is first asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from api.settings import Settings
from catalog.errors import UnavailableError, UnknownValueError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from translation.engine import TranslationEngine


class Engines:
    """What makes each engine, and those that were made.

    Args:
        settings: of the installation.
        database: returns the store's, where what was sent to servers that bill it is counted.
    """

    def __init__(self, settings: Settings, database: "Callable[[], Engine]") -> None:
        self._makers: dict[str, Callable[[], TranslationEngine]] = {
            "students": lambda: _students(settings),
            "fxtranslate": lambda: _fxtranslate(settings),
            "echo": _echo,
            "ctranslate2": lambda: _ctranslate2(settings),
            "transformers": lambda: _transformers(settings),
            "libretranslate": lambda: _libretranslate(settings, database()),
        }
        self._made: dict[str, TranslationEngine] = {}

    def get(self, name: str) -> "TranslationEngine":
        """Return an engine by its name, one for all who ask, because it holds loaded models.

        Raises:
            UnavailableError: there is no engine of this name; it was asked for by name, so nothing replaces it.
        """
        if name not in self._made:
            self._made[name] = self.maker(name)()
        return self._made[name]

    def maker(self, name: str) -> "Callable[[], TranslationEngine]":
        """Return what makes an engine.

        Raises:
            UnavailableError: there is no engine of this name.
        """
        if name not in self._makers:
            raise UnavailableError(str(UnknownValueError("engine", name, self._makers)))
        return self._makers[name]


def _students(settings: Settings) -> "TranslationEngine":
    from translation.engines.batched.arithmetic import Precision
    from translation.engines.batched.engine import BatchedEngine
    from translation.engines.models import find_models

    return BatchedEngine(
        find_models(settings.models_folder),
        Precision(settings.students_precision),
        settings.students_memory * 1_000_000,
        settings.students_threads or None,
    )


def _fxtranslate(settings: Settings) -> "TranslationEngine":
    from translation.engines.fxtranslate import FxtranslateEngine
    from translation.engines.models import find_models

    return FxtranslateEngine(find_models(settings.models_folder))


def _echo() -> "TranslationEngine":
    from translation.engines.echo import EchoEngine

    return EchoEngine()


def _ctranslate2(settings: Settings) -> "TranslationEngine":
    from translation.engines.seq2seq.converted import ConvertedEngine, ConvertedModel

    folders = settings.ctranslate2_models
    _named("ctranslate2", folders, "LEXICART_CTRANSLATE2_MODELS", "folders that ct2-transformers-converter wrote")
    models = [
        ConvertedModel(
            Path(folder).expanduser(), settings.device, precision=settings.precision, tokens=settings.batch_tokens
        )
        for folder in folders
    ]
    return ConvertedEngine(models, settings.licences)


def _transformers(settings: Settings) -> "TranslationEngine":
    from translation.engines.seq2seq.checkpoints import Checkpoint, CheckpointEngine

    names = settings.transformers_models
    _named("transformers", names, "LEXICART_TRANSFORMERS_MODELS", "checkpoints, such as Helsinki-NLP/opus-mt-en-de")
    models = [
        Checkpoint(name, settings.device, precision=settings.precision, tokens=settings.batch_tokens) for name in names
    ]
    return CheckpointEngine(models, settings.licences)


def _libretranslate(settings: Settings, database: "Engine") -> "TranslationEngine":
    from translation.engines.libretranslate import LibreTranslateEngine
    from translation.records.spending import Spending

    url = settings.libretranslate_url
    _named("libretranslate", (url,) if url else (), "LEXICART_LIBRETRANSLATE_URL", "the server's address")
    key = settings.libretranslate_api_key.get_secret_value()
    return LibreTranslateEngine(
        url,
        key,
        budget=settings.libretranslate_budget,
        licence=settings.libretranslate_licence,
        ledger=Spending(database),
    )


def _named(engine: str, given: tuple[str, ...], setting: str, what: str) -> None:
    if not given:
        raise UsageError(f"engine {engine}: {setting} is empty; name {what}")
