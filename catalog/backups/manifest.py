"""``manifest.json`` of a backup: what it holds, and the digest of each of its files."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from catalog.backups.files import StoredFile
from catalog.errors import NotFoundError, SchemaOutdatedError, UnreadableFileError

NAME = "manifest.json"
STORE = "store.db"
UPLOADS = "uploads"
INDEXES = "indexes"

FORMAT = 1
"""Changes when an older version could not read a backup rightly."""

UPLOAD = re.compile(r"(?P<digest>[0-9a-f]{64})(\.[0-9a-f]{1,64}\.manifest\.gz)?")
"""Names of the files in a folder of uploads: the bytes of one, or what a reading of it gave."""

_PLACE = re.compile(rf"{STORE}|{UPLOADS}/[0-9a-f]{{2}}/{UPLOAD.pattern}|{INDEXES}(/[0-9A-Za-z_.-]*[0-9A-Za-z_-])+")
"""Where a file of a backup may lie: a manifest that was tampered with leads nowhere else."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        lexicart: version that made it.
        schema: of the store.
        made_at: when its picture of the store was taken.
        database: ``sqlite`` or ``postgresql``, from which it was taken.
        tables: rows by table.
        files: every other file by its place in the folder.
        missing: uploads that the store names and that were not there, or damaged: why, by digest.
        indexes: the build that serves, as its backend describes the copy; ``None`` without one.
    """

    lexicart: str
    schema: str
    made_at: datetime
    database: str
    tables: Mapping[str, int]
    files: Mapping[str, StoredFile]
    missing: Mapping[str, str] = field(default_factory=dict)
    indexes: Mapping[str, Any] | None = None

    @property
    def uploads(self) -> list[str]:
        """Places of the files of uploads."""
        return [place for place in self.files if place.startswith(f"{UPLOADS}/")]

    @property
    def uploads_whole(self) -> int:
        """How many uploads are there, without what was noted of their readings."""
        return sum(not place.endswith(".gz") for place in self.uploads)

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(file.bytes for file in self.files.values())

    def write(self, folder: Path) -> None:
        """Write it into a folder."""
        document = {"format": FORMAT, **asdict(self), "made_at": self.made_at.isoformat()}
        text = json.dumps(document, ensure_ascii=False, indent=1)
        (folder / NAME).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read what a backup holds.

    Raises:
        NotFoundError: there is no backup in the folder.
        SchemaOutdatedError: a newer version made it.
        UnreadableFileError: the manifest is damaged.
    """
    path = folder / NAME
    if not path.is_file():
        raise NotFoundError(f"{folder} holds no backup (no {NAME}): name a folder that `lexicart backup` made")
    try:
        document = json.loads(path.read_bytes())
        made_by, number = str(document["lexicart"]), int(document.pop("format"))
        if number > FORMAT:
            raise SchemaOutdatedError(
                f"{folder} was made by Lexicart {made_by} in format {number}, and this version reads {FORMAT}: restore "
                "it by that version"
            )
        found = Manifest(
            **{
                **document,
                "made_at": datetime.fromisoformat(document["made_at"]),
                "files": {place: StoredFile(**file) for place, file in document["files"].items()},
            }
        )
        strange = [place for place in found.files if not _PLACE.fullmatch(place)]
        if strange or STORE not in found.files:
            raise ValueError(f"it names {strange[0]!r}" if strange else f"it names no {STORE}")
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise UnreadableFileError(str(path), f"it is damaged ({exc}): take another backup") from exc
    return found
