"""The record that is kept beside a model: where it is from, under which licence, and its files' digests."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "origin.json"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as it was put in place.

    Attributes:
        source: the URL or path that it came from.
        announced: whether the source said its digest beforehand; else it is what came.
    """

    name: str
    size: int
    sha256: str
    source: str
    announced: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a model is from.

    Attributes:
        source: the list or folder that offered it.
        fetched: when, UTC, ISO 8601.
    """

    pair: str
    version: str
    architecture: str
    licence: str
    source: str
    fetched: str
    files: tuple[KeptFile, ...]

    def text(self) -> str:
        """Return the record as it is written."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n"


def read_origin(folder: Path) -> Origin | None:
    """Return a folder's record, or ``None`` where there is none or it says nothing that can be used."""
    try:
        said = json.loads((folder / FILE).read_text(encoding="utf-8"))
        files = tuple(KeptFile(**file) for file in said.pop("files"))
        return Origin(**said, files=files)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
