"""The drop folder: a folder a supplier, ``DROP_DIR/SUPPLIER/FILE``; which of its files can be taken, and where they go.

A file is taken when it has not changed for a while, and put away when its import was committed: to ``.done``, or to
``.refused`` when nothing of it was taken, its import report beside it. Between the two a kill does no harm: the next
run sees in the store that the file was taken (:mod:`catalog.received`). What lies in the folder and is not taken is
named with its reason. Links are not followed: a supplier who may write here must not let us read what lies elsewhere.
"""

import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DONE = ".done"
REFUSED = ".refused"

REPORT_ENDING = ".report.json"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that can be taken.

    Attributes:
        supplier: name of its folder.
        path: where it lies.
        touched: when it last changed in any way, seconds since 1970.
        identity: differs when another file, or other content, lies there.
    """

    supplier: str
    path: Path
    touched: float
    identity: tuple[int, ...]

    @property
    def shown(self) -> str:
        """For people: supplier and name."""
        return f"{self.supplier}/{self.path.name}"

    @property
    def touched_at(self) -> datetime:
        """When it last changed in any way."""
        return datetime.fromtimestamp(self.touched, UTC)


@dataclass(frozen=True, slots=True)
class Looked:
    """What lies in the drop folder.

    Attributes:
        ready: files that can be taken, by supplier and name.
        unsettled: files that changed a moment ago, and may be half.
        wait: seconds after which all of these are settled, if nobody writes.
        left: of everything else, what it is and why it is not taken.
    """

    ready: Sequence[Waiting]
    unsettled: Sequence[Waiting]
    wait: float
    left: Sequence[str]


class DropFolder:
    """The folder into which suppliers' files are put.

    Args:
        folder: its place; it need not be there.
        settled_seconds: for how long a file must not have changed.
        temporary: endings of the names of files that are being written.
        clock: seconds since 1970.
    """

    def __init__(
        self, folder: Path, settled_seconds: float, temporary: Sequence[str], clock: Callable[[], float]
    ) -> None:
        self._folder = folder
        self._settled_seconds = settled_seconds
        self._temporary = tuple(ending.casefold() for ending in temporary)
        self._clock = clock

    def look(self) -> Looked:
        """Say what lies in the folder now.

        Raises:
            OSError: the folder is there and can't be read.
        """
        ready: list[Waiting] = []
        unsettled: list[Waiting] = []
        left: list[str] = []
        now = self._clock()
        wait = 0.0
        for found in self._found():
            if isinstance(found, str):
                left.append(found)
            elif now - found.touched >= self._settled_seconds or not self._settled_seconds:
                ready.append(found)
            else:
                unsettled.append(found)
                wait = max(wait, min(self._settled_seconds, found.touched + self._settled_seconds - now))
        return Looked(ready, unsettled, wait, left)

    def _found(self) -> Iterator[Waiting | str]:
        """Yield every file that may be taken, and of everything else why it is not."""
        if not self._folder.exists():
            return
        for place in sorted(self._folder.iterdir()):
            if place.name.startswith("."):
                yield f"{place.name}: hidden names are left in the drop folder"
            elif not place.is_dir():
                yield f"{place.name}: it lies in no supplier's folder: move it to {self._folder.name}/SUPPLIER/"
            else:
                yield from self._of_supplier(place)

    def _of_supplier(self, place: Path) -> Iterator[Waiting | str]:
        try:
            names = sorted(path.name for path in place.iterdir())
        except OSError as exc:
            yield f"{place.name}: the folder can't be read ({exc.strerror})"
            return
        for name in names:
            if name in (DONE, REFUSED):
                continue
            found = self._file(place.name, place / name)
            yield found if isinstance(found, Waiting) else f"{_readable(f'{place.name}/{name}')}: {found}"

    def _file(self, supplier: str, path: Path) -> Waiting | str:
        if path.name.startswith("."):
            return "hidden names are left in the drop folder: give it another name"
        if not path.name.isprintable():  # also bytes that are no UTF-8: no store can keep such a name
            return "its name has unreadable characters: rename it"
        if path.name.casefold().endswith(self._temporary):
            return "by its name it is still being written; it is taken when it has its own name"
        try:
            known = path.lstat()
        except OSError as exc:  # it went while we looked, or the folder can't be searched
            return f"it can't be looked at ({exc.strerror})"
        if stat.S_ISLNK(known.st_mode):
            return "links are not followed: put the file itself here"
        if stat.S_ISDIR(known.st_mode):
            return "files are taken from a supplier's folder itself, not from folders in it"
        if not stat.S_ISREG(known.st_mode):
            return "it is no regular file"
        # A write changes both times; the time of a status change can't be set back by who copies a file with its times.
        return Waiting(supplier, path, known.st_ctime, identity_of(known))


def _readable(name: str) -> str:
    """Return a name as it can be printed: bytes that are no UTF-8, and control characters, as escapes."""
    plain = name.encode("utf-8", "backslashreplace").decode()
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in plain)


def identity_of(known: os.stat_result) -> tuple[int, ...]:
    """Return what stays when a file is renamed, and differs when another or another content takes its place."""
    return (known.st_dev, known.st_ino, known.st_size, known.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class PutAway:
    """What became of a file that was put away.

    Attributes:
        place: where it lies now, ``None`` where it still lies in the drop folder.
        problems: what went wrong, for people.
    """

    place: Path | None
    problems: tuple[str, ...] = ()


def put_away(file: Waiting, folder: str, report: Mapping[str, Any]) -> PutAway:
    """Move a file out of the way, with its import report beside it; nothing is ever written over.

    The name tells when the file came, so that a run after a kill in between writes the same report again. Where the
    report can't be written (a full disk) the file goes all the same; where the file can't be moved, it stays and is
    known for taken by the next run. A file that was replaced meanwhile goes back, to be taken as the one that it is.
    """
    away = file.path.parent / folder
    problems = []
    try:
        away.mkdir(exist_ok=True)
        place = _free(away, f"{file.touched_at:%Y%m%d-%H%M%S}", file.path.name)
        beside = place.with_name(place.name + REPORT_ENDING)
        try:
            write_whole(beside, json.dumps(report, ensure_ascii=False, indent=2))
        except OSError as exc:
            problems.append(f"{file.shown}: its report could not be written to {beside} ({exc.strerror})")
        file.path.rename(place)
        if identity_of(place.lstat()) != file.identity and not file.path.exists():
            place.rename(file.path)
            beside.unlink(missing_ok=True)
            problems.append(f"{file.shown}: it was replaced while it was imported; the new one is taken next time")
            return PutAway(None, tuple(problems))
    except OSError as exc:
        problems.append(
            f"{file.shown}: it was imported and can't be moved to {folder} ({exc.strerror}); it stays in the drop "
            "folder and is not imported again"
            if folder == DONE
            else f"{file.shown}: it can't be moved to {folder} ({exc.strerror}) and stays in the drop folder"
        )
        return PutAway(None, tuple(problems))
    return PutAway(place, tuple(problems))


def _free(away: Path, stamp: str, name: str) -> Path:
    tail = name[-_LONGEST_NAME:] if len(os.fsencode(name)) > _LONGEST_BYTES else name
    number = 1
    while (place := away / f"{stamp}-{f'{number}-' if number > 1 else ''}{tail}").exists():
        number += 1
    return place


_LONGEST_BYTES = 200
_LONGEST_NAME = 50
"""Of a name so long that ours would be too long for a file system (255 bytes), its end: there stands what it is."""


def write_whole(path: Path, text: str) -> None:
    """Write a file that appears whole or not at all, and stays when the power goes.

    Raises:
        OSError: it can't be written; nothing of it is left.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
