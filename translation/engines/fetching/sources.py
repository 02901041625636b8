"""Places that offer models: an address, or a folder."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from catalog.errors import UnavailableError, UsageError
from translation.engines.fetching.offers import KINDS, PACKED, Content, Offer, OfferedFile, file_name, whole
from translation.engines.fetching.origin import read_origin
from translation.engines.fetching.published import read_records, read_registry
from translation.engines.fetching.web import NoSuchFileError, Progress, Web
from translation.engines.models import pair_of_name

COLLECTIONS = ("translations-models-v2", "translations-models")
"""Collections of Remote Settings, the newer one first."""


class Source(Protocol):
    """A place that offers models."""

    @property
    def name(self) -> str:
        """The address or the folder, for messages and for the record of a model's origin."""
        ...

    def offers(self) -> list[Offer]:
        """Return everything that is offered between the fifteen languages.

        Raises:
            UnavailableError: it can't be reached, or is no such place; names it.
        """
        ...

    def bring(self, file: OfferedFile, part: Path, progress: Progress) -> bool:
        """Write a file as it is packed into ``part``; say whether what was there of it was used."""
        ...


def open_source(given: str) -> Source:
    """Return the source that the user names: a URL or a folder.

    Raises:
        UsageError: it is neither.
    """
    if "://" in given:
        return AddressSource(given, Web(given))
    folder = Path(given).expanduser()
    if not folder.is_dir():
        raise UsageError(f"{given}: no such folder, and no URL (https://...)")
    return FolderSource(folder)


class AddressSource:
    """A list of models behind a URL.

    What it is shows in what it answers: the root of a Remote Settings server, one of its collections, or a
    ``models.json``.

    Args:
        url: its address.
        web: how files are got.
    """

    def __init__(self, url: str, web: Web) -> None:
        self.name = url
        self._web = web

    def offers(self) -> list[Offer]:
        """Get the list; see :meth:`Source.offers`."""
        document, headers = self._web.document(self.name)
        try:
            if isinstance(document, dict) and "models" in document:
                return read_registry(document, self.name)
            if isinstance(document, dict) and "capabilities" in document:
                return self._collection(document)
            if isinstance(document, dict) and ("data" in document or "changes" in document):
                records = self._all(document, headers)
                server, buckets, _ = self.name.partition("/buckets/")
                if not buckets:
                    raise ValueError("these records name no server: give the address .../v1/buckets/...")
                return read_records(records, _attachments(self._web.document(f"{server}/")[0]))
        except ValueError as exc:
            raise UnavailableError(f"{self.name}: this is no list of models as it should be: {exc}") from exc
        raise UnavailableError(
            f"{self.name}: this is no list of models: give a models.json, or a Remote Settings server such as "
            "https://firefox.settings.services.mozilla.com/v1"
        )

    def bring(self, file: OfferedFile, part: Path, progress: Progress) -> bool:
        """Download a file; see :meth:`Web.download`."""
        return self._web.download(file.place, part, file.packed, progress)

    def _collection(self, root: Mapping[str, Any]) -> list[Offer]:
        """Read the newer collection, and the older one where that is not there."""
        base = self.name.rstrip("/")
        for name in COLLECTIONS:
            url = f"{base}/buckets/main/collections/{name}/records"
            try:
                document, headers = self._web.document(url)
            except NoSuchFileError:
                if name == COLLECTIONS[-1]:
                    raise
                continue
            return read_records(self._all(document, headers), _attachments(root))
        raise AssertionError("not reached")

    def _all(self, document: Any, headers: Mapping[str, str]) -> list[Any]:
        """Return the records of all pages."""
        records: list[Any] = []
        seen = set()
        while True:
            page = document.get("data", document.get("changes")) if isinstance(document, dict) else None
            if not isinstance(page, list):
                raise ValueError("its answer has no records")
            records += page
            following = headers.get("next-page", "")
            if not following or following in seen:
                return records
            seen.add(following)
            document, headers = self._web.document(urljoin(self.name, following))


def _attachments(root: Any) -> str:
    """Return where a Remote Settings server keeps its files, as its root says."""
    capabilities = root.get("capabilities") if isinstance(root, dict) else None
    attachments = capabilities.get("attachments") if isinstance(capabilities, dict) else None
    base = attachments.get("base_url") if isinstance(attachments, dict) else None
    if not isinstance(base, str) or not urlsplit(base).hostname:
        raise ValueError("the server's root does not say where attachments are (capabilities.attachments.base_url)")
    return base


class FolderSource:
    """A folder of folders, one a pair, or one pair's files.

    Folders that Lexicart fetched carry the record of their origin, and are held to it.

    Args:
        folder: where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.name = str(folder)
        self._folder = folder

    def offers(self) -> list[Offer]:
        """Look what is there; see :meth:`Source.offers`."""
        try:
            folders = [self._folder, *sorted(path for path in self._folder.iterdir() if path.is_dir())]
            found = [offer for folder in folders if (offer := self._offer(folder)) is not None]
        except OSError as exc:
            raise UnavailableError(f"{exc.filename or self.name}: it can't be read ({exc.strerror})") from exc
        if not found:
            raise UnavailableError(
                f"{self.name}: there is no model in it: it should have folders such as en-de, each with model.*.bin, "
                "vocab.*.spm (or srcvocab and trgvocab) and lex.*.bin"
            )
        return found

    def bring(self, file: OfferedFile, part: Path, progress: Progress) -> bool:
        """Copy a file."""
        try:
            shutil.copyfile(file.place, part)
        except OSError as exc:
            raise UnavailableError(f"{file.place}: it can't be read ({exc.strerror})") from exc
        progress(part.stat().st_size)
        return False

    def _offer(self, folder: Path) -> Offer | None:
        paths = [path for path in sorted(folder.iterdir()) if path.is_file()]
        files = whole(file for path in paths if (file := _file(path)) is not None)
        if files is None:
            return None
        pair = pair_of_name(folder.name) or pair_of_name(files[0].name.split(".")[1])
        if pair is None:
            raise UsageError(f"{folder}: neither its name nor the model's says a pair of languages such as en-de")
        origin = read_origin(folder)
        if origin is None:
            return Offer(pair, "", "", "unknown", files)
        recorded = {file.name: Content(file.size, file.sha256) for file in origin.files}
        held = tuple(
            OfferedFile(file.kind, file.name, file.place, file.packed, recorded.get(file.name, file.plain))
            for file in files
        )
        return Offer(pair, origin.version, origin.architecture, origin.licence, held)


def _file(path: Path) -> OfferedFile | None:
    kind = path.name.split(".")[0]
    if kind not in KINDS:
        return None
    try:
        name = file_name(kind, path.name)
    except ValueError:
        return None  # such as a note beside the model
    size = path.stat().st_size
    plain = Content() if path.suffix in PACKED else Content(size)
    return OfferedFile(kind, name, str(path), Content(size), plain)
