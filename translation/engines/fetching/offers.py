"""What a place offers, and which of it is taken."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from catalog.languages import CODES
from translation.engine import Pair

ARCHITECTURES = ("base-memory", "base", "tiny")
"""Students by size, the best translations first: what Firefox takes on a desktop, and what it takes on a telephone."""

KINDS: Mapping[str, str] = MappingProxyType(
    {"model": ".bin", "vocab": ".spm", "srcvocab": ".spm", "trgvocab": ".spm", "lex": ".bin"}
)
"""The files of a model and how their names end."""

PACKED = (".gz", ".zst")

_NAME = re.compile(r"[a-z]+\.[A-Za-z0-9._-]{1,100}\.[a-z]+")
_RELEASE = re.compile(r"\d+(\.\d+)*")


@dataclass(frozen=True, slots=True)
class Content:
    """What a place says of some bytes beforehand; ``None`` where it does not say."""

    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """One file of an offered model.

    Attributes:
        kind: one of :data:`KINDS`.
        name: what it is called once unpacked.
        place: its URL, or its path in a folder.
        packed: the bytes that are transferred.
        plain: the same unpacked; equal to ``packed`` where nothing is.
    """

    kind: str
    name: str
    place: str
    packed: Content
    plain: Content


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that a place offers.

    Attributes:
        version: as the place names it; only what looks like ``2.1`` can be ordered.
        architecture: one of :data:`ARCHITECTURES`, or empty where the place does not say.
        licence: SPDX name, or ``unknown``.
    """

    pair: Pair
    version: str
    architecture: str
    licence: str
    files: tuple[OfferedFile, ...]

    @property
    def size(self) -> int | None:
        """Bytes to transfer, as far as the place says beforehand."""
        sizes = [file.packed.size for file in self.files]
        return sum(size for size in sizes if size is not None) if any(sizes) else None


def file_name(kind: str, published: str) -> str:
    """Return the name under which a file is kept, without its packing.

    Raises:
        ValueError: it is no plain name of this kind of file, so that it can't lead out of the model's folder.
    """
    name = published
    for ending in PACKED:
        name = name.removesuffix(ending)
    if not _NAME.fullmatch(name) or not name.startswith(f"{kind}.") or not name.endswith(KINDS[kind]):
        raise ValueError(f"{published!r} is no name of a {kind}: it should look like {kind}.ende{KINDS[kind]}")
    return name


def whole(files: Iterable[OfferedFile]) -> tuple[OfferedFile, ...] | None:
    """Return the files that make a model, one a kind, or ``None`` where one is missing."""
    by_kind: dict[str, OfferedFile] = {}
    for file in files:
        # Of two shortlists the one of fifty words is the one that Firefox runs.
        if file.kind not in by_kind or file.name.startswith("lex.50.50."):
            by_kind[file.kind] = file
    vocabularies = ("srcvocab", "trgvocab") if {"srcvocab", "trgvocab"} <= by_kind.keys() else ("vocab",)
    kinds = ("model", *vocabularies)
    if not by_kind.keys() >= set(kinds):
        return None
    return tuple(by_kind[kind] for kind in (*kinds, "lex") if kind in by_kind)


def language(code: str) -> str | None:
    """Return our code of a language, or ``None``: Chinese is the one in simplified characters."""
    if code in ("zh-Hans", "zh-CN", "zh_hans"):
        return "zh"
    return code if code in CODES else None


def pair_of(source: object, target: object) -> Pair | None:
    """Return the pair of two codes as a place writes them, or ``None`` where one is beyond the fifteen."""
    first, second = language(str(source)), language(str(target))
    return Pair(first, second) if first and second and first != second else None


def is_release(version: str) -> bool:
    """Say whether a version is no trial such as ``2.0a1``."""
    return bool(_RELEASE.fullmatch(version))


def best(offers: Iterable[Offer], architecture: str = "") -> dict[Pair, Offer]:
    """Return the newest offer of each pair, of equally new ones the best; or those of one architecture.

    What names an architecture that is none of :data:`ARCHITECTURES` is a teacher for graphics cards and never taken.
    """
    chosen: dict[Pair, Offer] = {}
    for offer in offers:
        known = offer.architecture in ("", *ARCHITECTURES)
        if not known or (architecture and offer.architecture != architecture):
            continue
        former = chosen.get(offer.pair)
        if former is None or _rank(offer) > _rank(former):
            chosen[offer.pair] = offer
    return chosen


def _rank(offer: Offer) -> tuple[tuple[int, ...], int]:
    version = tuple(map(int, offer.version.split("."))) if is_release(offer.version) else ()
    return version, -ARCHITECTURES.index(offer.architecture) if offer.architecture else -len(ARCHITECTURES)
