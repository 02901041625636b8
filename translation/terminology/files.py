"""Files of terms: which format they are in, and what is in them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import UsageError
from catalog.languages import CODES
from catalog.readers.text import head_text
from translation.terminology.concepts import Concept
from translation.terminology.entries import BadEntry
from translation.terminology.tables import TermTable, write_table
from translation.terminology.taxonomies import GOOGLE_HEAD, SHOPIFY_ID, read_taxonomy
from translation.terminology.tbx import read_tbx, write_tbx
from translation.words import fold

FORMATS = ("csv", "tbx", "shopify", "google")
WRITTEN = ("csv", "tbx")

_HEAD = 1 << 16
_XML = re.compile(r"\s*<(?:\?xml|!--|!DOCTYPE|martif|tbx)")


@dataclass(frozen=True, slots=True)
class TermFile:
    """What was read of files of terms.

    Attributes:
        format: one of :data:`FORMATS`.
        concepts: in the order of the file, each id once.
        langs: languages of which the files speak; of others they say nothing.
        errors: entries that can't be taken.
        warnings: what was passed over.
    """

    format: str
    concepts: tuple[Concept, ...]
    langs: frozenset[str]
    errors: tuple[BadEntry, ...]
    warnings: tuple[str, ...] = ()


def read_term_files(paths: Sequence[Path], format_: str | None = None, lang: str | None = None) -> TermFile:
    """Read files of terms; those of one taxonomy are joined, of others there may be one.

    Args:
        paths: the files.
        format_: one of :data:`FORMATS`; ``None``: told by the content of the first.
        lang: language of a taxonomy's files.

    Raises:
        UnreadableFileError: a file is not of the format, or can't be read as a whole.
        UsageError: a file that is not there, several files of a format that is one file, or a language for a format
            that names its own.
    """
    for path in paths:
        if not path.is_file():
            what = "a folder; name the files in it" if path.is_dir() else "no such file"
            raise UsageError(f"{path}: {what}")
    known = format_ or detect_format(paths[0])
    if known in ("shopify", "google"):
        return _taxonomy(paths, known, lang)
    if len(paths) > 1:
        raise UsageError(f"{len(paths)} files: only files of shopify and google are joined; import each {known} alone")
    if lang is not None:
        raise UsageError(f"--lang is for files of shopify and google: a {known} names its languages itself")
    if known == "tbx":
        return _collected(known, paths[0], read_tbx(paths[0]), frozenset(CODES))
    table = TermTable(paths[0])
    warnings = [f"column {name!r} is none of the table's: it was passed over" for name in table.layout.ignored]
    return _collected(known, paths[0], table.entries(), table.layout.langs, warnings)


def detect_format(path: Path) -> str:
    """Return the format that the beginning of a file shows."""
    with path.open("rb") as file:
        text = head_text(file.read(_HEAD))
    if text.lstrip("\ufeff \r\n").startswith(GOOGLE_HEAD):
        return "google"
    if SHOPIFY_ID in text:
        return "shopify"
    return "tbx" if _XML.match(text.lstrip("\ufeff")) else "csv"


def _taxonomy(paths: Sequence[Path], format_: str, lang: str | None) -> TermFile:
    read = read_taxonomy(paths, format_, lang)
    entries = list(read.concepts(format_))
    concepts = tuple(one for one in entries if isinstance(one, Concept))
    errors = (*read.errors, *(one for one in entries if isinstance(one, BadEntry)))
    return TermFile(format_, concepts, frozenset(read.langs), errors, tuple(read.warnings))


def _collected(
    format_: str,
    path: Path,
    entries: Iterable[tuple[int, Concept] | BadEntry],
    langs: frozenset[str],
    warnings: Iterable[str] = (),
) -> TermFile:
    concepts: dict[str, tuple[int, Concept]] = {}
    errors: list[BadEntry] = []
    warned = list(warnings)
    for entry in entries:
        if isinstance(entry, BadEntry):
            errors.append(entry)
            continue
        line, concept = entry
        if concept.id in concepts:
            reason = (
                f"concept {concept.id!r} stands in line {concepts[concept.id][0]} already: give it an id of its own"
            )
            errors.append(BadEntry(path.name, line, concept.id, reason, "twice"))
        else:
            concepts[concept.id] = entry
    warned += _clashes(path, concepts.values())
    return TermFile(format_, tuple(one for _, one in concepts.values()), langs, tuple(errors), tuple(warned))


def _clashes(path: Path, entries: Iterable[tuple[int, Concept]]) -> Iterator[str]:
    """Name terms that mean two things in one place with a translation each: neither would be sure.

    Names that are kept mean themselves, and two concepts that say the same of all languages are no clash.
    """
    named: dict[tuple[str, str], list[tuple[int, Concept]]] = defaultdict(list)
    for line, concept in entries:
        if concept.kept:
            continue
        for lang, terms in concept.terms.items():
            for term in terms:
                before = named[lang, " ".join(fold(lang, term).split())]
                other = next((one for one in before if _differ(one[1], concept, lang)), None)
                if other is not None:
                    yield (
                        f"{path.name}, line {line}: {lang} {term!r} names concept {concept.id!r} and, in line "
                        f"{other[0]}, {other[1].id!r}, so that no text gets the term of either for sure: "
                        "make one concept of them, or give each its own category"
                    )
                before.append((line, concept))


def _differ(one: Concept, other: Concept, lang: str) -> bool:
    """Whether two concepts hold in one place, and what has one name in ``lang`` has two in another language."""
    apart = one.categories and other.categories and not set(one.categories) & set(other.categories)
    said = (one.terms.keys() & other.terms.keys()) - {lang}
    return one.id != other.id and not apart and any(one.preferred(code) != other.preferred(code) for code in said)


def write_term_file(path: Path, concepts: Iterable[Concept], format_: str | None = None) -> int:
    """Write concepts as CSV or TBX; return how many.

    Args:
        path: the file; it is replaced.
        concepts: what is written.
        format_: ``csv`` or ``tbx``; ``None``: by the file's suffix.

    Raises:
        UsageError: the suffix says neither, or the file can't be written.
    """
    suffix = path.suffix.lower()
    known = format_ or {".csv": "csv", ".tbx": "tbx", ".xml": "tbx"}.get(suffix)
    if known not in WRITTEN:
        raise UsageError(f"{path.name}: end the name in .csv or .tbx, or give --format")
    try:
        return write_tbx(path, concepts) if known == "tbx" else write_table(path, concepts)
    except OSError as problem:
        raise UsageError(f"{path}: it can't be written ({problem.strerror})") from problem
