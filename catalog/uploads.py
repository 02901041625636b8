"""The bytes of every upload that was taken, as they came, and what each gave: ``uploads/ab/abcdef…``.

Beside the bytes lies a manifest for every reading of them (supplier, options, mapping, version of the code): the report
and the digest of each product. The same file with the same reading gives the same products, so that it needs no second
reading; whether the store still holds them is asked there.
"""

import gzip
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from catalog.errors import UnreadableFileError

_BATCH = 500


@dataclass(frozen=True, slots=True)
class ReadingNote:
    """What a reading depends on beside the bytes.

    Attributes:
        key: digest of the options and of the version of the code.
        header: fingerprint of the header row.
        mapping: the mapping by hand that was followed, ``""`` for none.
    """

    key: str
    header: str
    mapping: str


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Uploads:
    """The folder of uploads.

    Args:
        folder: where they are; made when the first upload is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def keeping(self, path: Path, digest: str) -> Iterator[Callable[[], None]]:
        """Keep a file's bytes if the block inside calls what it is given; an exception before that leaves none of them.

        It is called right before the commit of the record that names them: a process that is killed in between leaves
        bytes that nobody names, and the other way round a record without its bytes.

        Raises:
            UnreadableFileError: the file is not the one any more that was read.
        """
        place = self._place(digest)
        if place.exists():
            yield lambda: None
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f"{digest}.{uuid.uuid4().hex}.part")
        try:
            shutil.copyfile(path, part)
            if digest_of(part) != digest:
                raise UnreadableFileError(path.name, "the file changed while it was read: import it again")
            _sync(part)
            yield partial(os.replace, part, place)
        except BaseException:
            part.unlink(missing_ok=True)
            with suppress(OSError):  # another upload lies there
                place.parent.rmdir()
            raise

    def write_manifest(
        self, digest: str, note: ReadingNote, report: Mapping[str, Any], products: Iterable[tuple[str, str]]
    ) -> None:
        """Write what a reading of an upload gave: its report, and ``(sku, digest)`` of each product."""
        place = self._manifest(digest, note.key)
        part = place.with_name(f"{place.name}.{uuid.uuid4().hex}.part")
        try:
            with gzip.open(part, "wt", encoding="utf-8", compresslevel=1) as file:
                file.write(json.dumps({"note": asdict(note), "report": report}, ensure_ascii=False) + "\n")
                for sku, product_digest in products:
                    file.write(f"{product_digest}{sku}\n")
            _sync(part)
            part.replace(place)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def read_manifest(self, digest: str, key: str) -> "Manifest | None":
        """Return what an earlier reading of the same bytes gave, ``None`` where there was none."""
        place = self._manifest(digest, key)
        return Manifest(place) if place.exists() and self._place(digest).exists() else None

    def delete(self, digest: str) -> None:
        """Delete an upload and what was noted of its readings."""
        for path in self._place(digest).parent.glob(f"{digest}*"):
            path.unlink(missing_ok=True)

    def place(self, digest: str) -> Path:
        """Return where the bytes of an upload lie, by their SHA-256."""
        return self._place(digest)

    def _place(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _manifest(self, digest: str, key: str) -> Path:
        return self._folder / digest[:2] / f"{digest}.{key[:32]}.manifest.gz"


class Manifest:
    """What one reading of an upload gave."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def head(self) -> tuple[ReadingNote, dict[str, Any]]:
        """Return what that reading depended on, and its report."""
        with gzip.open(self._path, "rt", encoding="utf-8", newline="\n") as file:
            head = json.loads(file.readline())
        return ReadingNote(**head["note"]), head["report"]

    def products(self) -> Iterator[list[tuple[str, str]]]:
        """Yield ``(sku, digest)`` of its products, some at a time."""
        with gzip.open(self._path, "rt", encoding="utf-8", newline="\n") as file:
            file.readline()
            while lines := list(islice(file, _BATCH)):
                yield [(line[64:-1], line[:64]) for line in lines]


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
