"""Category and attribute names that Shopify and Google publish, one file a language, joined by id into concepts.

    gid://shopify/TaxonomyCategory/ap-1 : Animals & Pet Supplies > Live Animals      (categories.txt, attributes.txt)
    3237 - Animals & Pet Supplies > Live Animals                                     (taxonomy-with-ids.en-US.txt)

and Shopify's JSON. A concept is called by the last level of its path. Shopify's attribute *values* are passed over:
they read as translated word by word without context (the computer's "mouse" as the animal).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.errors import UnreadableFileError
from catalog.readers.encoding import decide_encoding
from translation.memory.tmx import language_of
from translation.terminology.concepts import Concept
from translation.terminology.entries import BadEntry, EntryError, Status, make_concept

GOOGLE_HEAD = "# Google_Product_Taxonomy_Version"
SHOPIFY_ID = "gid://shopify/Taxonomy"

_SHOPIFY = re.compile(r"gid://shopify/Taxonomy(?P<what>\w+)/(?P<id>\S+)(?:\s+:\s+(?P<path>.*))?")
_GOOGLE = re.compile(r"(?P<id>\d+)\s+-\s+(?P<path>.*)")
_LEVEL = re.compile(r"\s>\s")
_LOCALE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?")
_LARGEST_JSON = 300_000_000
_KINDS = {"Category": "product", "Attribute": "feature"}


@dataclass(slots=True)
class Taxonomy:
    """Names joined from the files of several languages.

    Attributes:
        names: by concept id, then language, each name once.
        kinds: kind of each concept.
        langs: languages that a file had.
        errors: lines that could not be read.
        warnings: files that were passed over, and why.
    """

    names: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    langs: set[str] = field(default_factory=set)
    errors: list[BadEntry] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, concept: str, kind: str, lang: str, path: str) -> None:
        """Add the name at the end of a path."""
        name = " ".join(_LEVEL.split(path)[-1].split())
        names = self.names.setdefault(concept, {}).setdefault(lang, [])
        if name and name not in names:
            names.append(name)
        self.kinds[concept] = kind

    def concepts(self, domain: str) -> Iterator[Concept | BadEntry]:
        """Yield the concepts by id; their terms are an offer that binds nobody."""
        for name, by_lang in sorted(self.names.items()):
            said = {lang: [(term, Status.ADMITTED) for term in terms] for lang, terms in by_lang.items() if terms}
            try:
                yield make_concept(name, said, self.kinds[name], domain)
            except EntryError as problem:
                yield BadEntry("", 0, name, str(problem), problem.code)


def read_taxonomy(paths: Sequence[Path], format_: str, lang: str | None = None) -> Taxonomy:
    """Read the files of a taxonomy.

    Args:
        paths: one file a language or several.
        format_: ``shopify`` or ``google``.
        lang: the language of all files; else each is told by its name (``taxonomy-with-ids.de-DE.txt``) or its folder
            (``de/categories.txt``).

    Raises:
        UnreadableFileError: a file is none of this format, or nothing tells its language.
    """
    taxonomy = Taxonomy()
    for path in paths:
        spoken = lang or _language_of_file(path)
        if spoken is None:
            taxonomy.warnings.append(f"{path.name} is in none of the fifteen languages: it was passed over")
            continue
        taxonomy.langs.add(spoken)
        if format_ == "google":
            _read_lines(path, _GOOGLE, spoken, taxonomy)
        elif path.suffix.lower() == ".json":
            _read_json(path, spoken, taxonomy)
        else:
            _read_lines(path, _SHOPIFY, spoken, taxonomy)
    return taxonomy


def _language_of_file(path: Path) -> str | None:
    """Return the language that a file's name or folder says; ``None`` for one beyond the fifteen."""
    parts = [part for part in re.split(r"[._ ]", path.name)[1:-1][::-1] if _LOCALE.fullmatch(part)]
    if _LOCALE.fullmatch(path.resolve().parent.name):
        parts.append(path.resolve().parent.name)
    if not parts:
        reason = "nothing tells its language: give it with --lang, or name the file like taxonomy.de-DE.txt"
        raise UnreadableFileError(path.name, reason)
    return language_of(parts[0])


def _read_lines(path: Path, pattern: re.Pattern[str], lang: str, taxonomy: Taxonomy) -> None:
    found = 0
    with path.open(encoding=decide_encoding(path), newline=None) as file:
        for line, text in enumerate(file, 1):
            said = text.strip().lstrip("\ufeff")
            if not said or said.startswith("#"):
                continue
            match = pattern.fullmatch(said)
            if match is None or not (match["path"] or "").strip():
                reason = "no id and name as the published files have them"
                taxonomy.errors.append(BadEntry(path.name, line, None, reason, "line"))
            else:
                found += _add(match.groupdict(), lang, taxonomy)
    if not found:
        raise UnreadableFileError(path.name, "it has no category and no attribute with an id: take the published file")


def _add(said: Mapping[str, str | Any], lang: str, taxonomy: Taxonomy) -> bool:
    what = said.get("what")
    if what is None:
        taxonomy.add(f"google-{said['id']}", "product", lang, said["path"])
    elif what in _KINDS:
        taxonomy.add(f"shopify-{what.lower()}-{said['id']}", _KINDS[what], lang, said["path"])
    else:
        return False
    return True


def _read_json(path: Path, lang: str, taxonomy: Taxonomy) -> None:
    if path.stat().st_size > _LARGEST_JSON:
        raise UnreadableFileError(path.name, "larger than 300 MB: take the published categories.txt instead")
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as problem:
        raise UnreadableFileError(path.name, f"it is no JSON ({problem}): take the published file") from problem
    found = 0
    rest: list[Any] = [document]
    while rest:
        one = rest.pop()
        if isinstance(one, list):
            rest += one
        elif isinstance(one, dict):
            rest += [value for value in one.values() if isinstance(value, (list, dict))]
            named = isinstance(one.get("id"), str) and isinstance(one.get("name"), str)
            match = _SHOPIFY.fullmatch(one["id"]) if named else None
            if match is not None:
                found += _add({"what": match["what"], "id": match["id"], "path": one["name"]}, lang, taxonomy)
    if not found:
        raise UnreadableFileError(path.name, "it has no category and no attribute with an id: take the published file")
