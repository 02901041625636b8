"""The two forms in which Mozilla publishes Firefox's models, read into offers.

* Records of Remote Settings, the collections ``translations-models-v2`` (packed with zstd) and ``translations-models``
  (plain): a record a file, with digest and size of what is transferred and, packed, of what is in it.
* ``models.json``: an entry a model, with the digest of the unpacked weights alone. Vocabulary and shortlist have none.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin

from translation.engine import Pair
from translation.engines.fetching.offers import (
    KINDS,
    Content,
    Offer,
    OfferedFile,
    file_name,
    is_release,
    pair_of,
    whole,
)
from translation.engines.models import LICENCE

_SHA256 = re.compile(r"[0-9a-f]{64}")

# What a record may ask of the Firefox that reads it. We are a released one on a desktop, of the newest version.
_TERM = re.compile(r"\s*env\.(?P<name>channel|appinfo\.OS)\s*(?P<sign>[!=]=)\s*(['\"])(?P<value>[^'\"]*)\3\s*")
_VERSION_TERM = re.compile(r"\s*env\.version\s*\|\s*versionCompare\([^()]*\)\s*>=?\s*0\s*")
_WE = {"channel": "release", "appinfo.OS": "Linux"}

_REGISTRY_KINDS = {
    "model": "model",
    "vocab": "vocab",
    "srcVocab": "srcvocab",
    "trgVocab": "trgvocab",
    "lexicalShortlist": "lex",
}


def read_records(records: Any, attachments: str) -> list[Offer]:
    """Read records of Remote Settings; trials, what is for telephones alone and other languages are passed over.

    Args:
        records: as the server gives them, of either collection.
        attachments: the URL under which their files are.

    Raises:
        ValueError: a record lacks what it needs; names the record and the field.
    """
    groups: dict[tuple[Pair, str, str], list[OfferedFile]] = {}
    for record in _mappings(records, "the collection"):
        pair = pair_of(
            record.get("sourceLanguage", record.get("fromLang")), record.get("targetLanguage", record.get("toLang"))
        )
        version = str(record.get("version", ""))
        wanted = record.get("fileType") in KINDS and not record.get("variant")
        if pair and wanted and is_release(version) and _for_us(str(record.get("filter_expression") or "")):
            key = (pair, version, str(record.get("architecture") or ""))
            groups.setdefault(key, []).append(_record_file(record, attachments))
    offers = []
    for (pair, version, architecture), files in groups.items():
        if (complete := whole(files)) is not None:
            offers.append(Offer(pair, version, architecture, LICENCE, complete))
    return offers


def read_registry(document: Mapping[str, Any], place: str) -> list[Offer]:
    """Read a ``models.json``; what is not released is passed over.

    Args:
        document: the file.
        place: its URL, against which a relative ``baseUrl`` counts.

    Raises:
        ValueError: an entry lacks what it needs; names the pair and the field.
    """
    base = urljoin(place, _text(document, "baseUrl", "the registry")).rstrip("/") + "/"
    offers = []
    for name, entries in _mapping(document, "models", "the registry").items():
        for entry in _mappings(entries, f"model {name}"):
            pair = pair_of(entry.get("sourceLanguage"), entry.get("targetLanguage"))
            if pair is None or not str(entry.get("releaseStatus") or "").startswith("Release"):
                continue
            files = _mapping(entry, "files", f"model {name}")
            read = [
                _registry_file(kind, _mapping(files, key, f"model {name}"), base, f"model {name}, file {key}")
                for key, kind in _REGISTRY_KINDS.items()
                if key in files
            ]
            if (complete := whole(read)) is not None:
                version = _training(complete[0].place)
                offers.append(Offer(pair, version, str(entry.get("architecture") or ""), LICENCE, complete))
    return offers


def _record_file(record: Mapping[str, Any], attachments: str) -> OfferedFile:
    where = f"record {record.get('id') or record.get('name')}"
    attachment = _mapping(record, "attachment", where)
    kind = str(record["fileType"])
    packed = Content(_size(attachment, "size", where), _digest(attachment, "hash", where))
    if packed.size is None or packed.sha256 is None:
        raise ValueError(f"{where}: its attachment has no size or no hash")
    plain = packed
    if record.get("decompressedHash") or record.get("decompressedSize"):
        plain = Content(_size(record, "decompressedSize", where), _digest(record, "decompressedHash", where))
    return OfferedFile(
        kind,
        file_name(kind, _text(record, "name", where)),
        urljoin(attachments.rstrip("/") + "/", _text(attachment, "location", where)),
        packed,
        plain,
    )


def _registry_file(kind: str, file: Mapping[str, Any], base: str, where: str) -> OfferedFile:
    path = _text(file, "path", where)
    plain = Content(_size(file, "uncompressedSize", where), _digest(file, "uncompressedHash", where))
    packed = Content(_size(file, "size", where), _digest(file, "hash", where))
    return OfferedFile(kind, file_name(kind, PurePosixPath(path).name), urljoin(base, path), packed, plain)


def _training(place: str) -> str:
    """Return what a registry has for a version: the training's name, the folder above ``exported``."""
    parts = PurePosixPath(place).parts
    return parts[-3] if len(parts) > 3 and parts[-2] == "exported" else ""


def _for_us(expression: str) -> bool:
    """Evaluate a record's filter; what is not understood does not hold."""
    if not expression.strip():
        return True
    return any(all(_holds(term) for term in clause.split("&&")) for clause in expression.split("||"))


def _holds(term: str) -> bool:
    found = _TERM.fullmatch(term)
    if found is None:
        return bool(_VERSION_TERM.fullmatch(term))
    return (_WE[found["name"]] == found["value"]) == (found["sign"] == "==")


def _mappings(given: Any, where: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise ValueError(f"{where} is no list of objects")
    return given


def _mapping(given: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    value = given.get(name)
    if not isinstance(value, Mapping):
        raise ValueError(f"{where} has no {name}")
    return value


def _text(given: Mapping[str, Any], name: str, where: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{where} has no {name}")
    return value


def _size(given: Mapping[str, Any], name: str, where: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ValueError(f"{where}: its {name} is {value!r}, which is no number of bytes")
    return value


def _digest(given: Mapping[str, Any], name: str, where: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not _SHA256.fullmatch(value.lower()):
        raise ValueError(f"{where}: its {name} is {value!r}, which is no SHA-256")
    return value.lower()
