"""Engines that work with models or servers which the operator names."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from api.settings import Settings
from catalog.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from translation.engine import TranslationEngine


def further_engines(
    settings: Settings, database: "Callable[[], Engine]"
) -> "dict[str, Callable[[], TranslationEngine]]":
    """Return what makes each engine, by its name; nothing is loaded before it is called.

    Args:
        settings: of the installation.
        database: returns the store's, where what was sent to servers that bill it is counted.
    """
    return {
        "ctranslate2": lambda: _ctranslate2(settings),
        "transformers": lambda: _transformers(settings),
        "libretranslate": lambda: _libretranslate(settings, database()),
    }


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
