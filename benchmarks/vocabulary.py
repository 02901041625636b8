"""Do the starter terms say what others say? ``python -m benchmarks.vocabulary FOLDER [--list] [--lang pl]``.

Compares the starter terms with published vocabularies: ``*.jsonl.gz`` files whose rows hold names by language (``name``
or ``names``, each a text or a list of texts). Concepts meet where one of our English terms is one of theirs, case and
number aside. The tables count, by language, how near our terms come to theirs; ``--list`` writes out every
disagreement, tab-separated, for a terminologist to look at.
"""

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from catalog.errors import UsageError
from catalog.languages import CODES, language
from translation.stopwords import STOP_WORDS
from translation.terminology.concepts import Concept, starter_concepts
from translation.terminology.inflection import same_word, term_key
from translation.words import fold, without_accents, words

GRADES = ("exact", "same words", "contained", "other")
"""From nearest to farthest: equal but for case, spaces, hyphens and accents; the same words in another form or order,
function words aside ("filtro olio", "filtri dell'olio"); one holds all the words of the other ("Bohrer",
"Spiralbohrer"); another word."""

_SHORTEST_CONTAINED = 3
"""Letters below which one word inside another says nothing; of Chinese, Japanese and Korean one character suffices."""

_SHORTEST_BEGINNING = 4
_LONGEST_ENDING = 3
"""Two forms that no stemmer joins ("zegarek", "zegarki") pass as one word when they begin alike in all but these."""


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """One of our concepts and what a published vocabulary calls it in one language."""

    source: str
    concept: Concept
    lang: str
    theirs: tuple[str, ...]
    grade: str


def main() -> None:
    """Print Markdown tables of agreement, and on demand every disagreement."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vocabulary", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of *.jsonl.gz files")
    parser.add_argument("--list", action="store_true", help="print every disagreement instead of the tables")
    parser.add_argument("--lang", choices=CODES, help="list this language only")
    asked = parser.parse_args()
    meetings = list(compare(starter_concepts(), asked.folder))
    if asked.list:
        listed(meeting for meeting in meetings if asked.lang in (None, meeting.lang))
    else:
        tables(meetings)


def compare(concepts: Iterable[Concept], folder: Path) -> Iterator[Meeting]:
    """Grade every concept in every language in which one of the folder's vocabularies has it.

    Raises:
        UsageError: the folder holds no vocabulary.
    """
    known = tuple(concepts)
    paths = sorted(folder.glob("*.jsonl.gz"))
    if not paths:
        raise UsageError(f"{folder}: no *.jsonl.gz file is here; give the folder of the vocabularies")
    for path in paths:
        published = read(path)
        for concept in known:
            yield from _met(path.name.removesuffix(".jsonl.gz"), concept, published)


_Published = dict[tuple[str, ...], list[tuple[str, dict[str, tuple[str, ...]]]]]


def read(path: Path) -> _Published:
    """Return the rows of a vocabulary by the stems of each English name, beside that name."""
    found: _Published = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            names = _names(json.loads(line))
            for english in names.get("en", ()):
                found[_key("en", english)].append((english, names))
    return found


def _names(row: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    given = row.get("names") or row["name"]
    return {lang: (value,) if isinstance(value, str) else tuple(value) for lang, value in given.items()}


def _met(source: str, concept: Concept, published: _Published) -> Iterator[Meeting]:
    theirs: dict[str, set[str]] = defaultdict(set)
    for term in concept.terms["en"]:
        for english, names in published.get(_key("en", term), ()):
            # The key alone joins "viscose" and "viscosity", "ship" and "shipping".
            if _one_by_one("en", term, english):
                for lang, spelled in names.items():
                    theirs[lang].update(spelled)
    for lang in CODES:
        if lang != "en" and theirs[lang]:
            grades = [_grade(lang, ours, their) for ours in concept.terms[lang] for their in theirs[lang]]
            yield Meeting(source, concept, lang, tuple(sorted(theirs[lang])), GRADES[min(grades)])


@lru_cache(maxsize=200_000)
def _key(lang: str, text: str) -> tuple[str, ...]:
    return tuple(term_key(word, lang) for word in words(lang, text))


def _one_by_one(lang: str, one: str, other: str) -> bool:
    mine, theirs = words(lang, one), words(lang, other)
    return len(mine) == len(theirs) and all(
        same_word(lang, a.folded, b.folded) for a, b in zip(mine, theirs, strict=True)
    )


@lru_cache(maxsize=200_000)
def _bare(lang: str, text: str) -> str:
    return "".join(letter for letter in _plain(lang, text) if letter.isalnum())


def _plain(lang: str, text: str) -> str:
    return without_accents(fold(lang, text)).replace("ё", "е")


@lru_cache(maxsize=200_000)
def _content(lang: str, text: str) -> tuple[str, ...]:
    """Return the words that carry the meaning; what an apostrophe cuts off ("dell'olio") is none of them."""
    return tuple(
        _plain(lang, word.folded)
        for word in words(lang, text)
        if word.folded not in STOP_WORDS[lang] and text[word.end : word.end + 1] not in ("'", "’")
    )


def _grade(lang: str, ours: str, theirs: str) -> int:
    """Return the place of the grade in :data:`GRADES`."""
    mine, other = _bare(lang, ours), _bare(lang, theirs)
    if mine == other:
        return 0
    short, long = sorted((_content(lang, ours), _content(lang, theirs)), key=len)
    if short and all(any(_same(lang, a, b) for b in long) for a in short):
        return 1 if len(short) == len(long) else 2
    least = _SHORTEST_CONTAINED if language(lang).words == "spaces" else 1
    short_text, long_text = sorted((mine, other), key=len)
    return 2 if len(short_text) >= least and short_text in long_text else 3


def _same(lang: str, one: str, other: str) -> bool:
    if one == other or (_key(lang, one) == _key(lang, other) and same_word(lang, one, other)):
        return True
    if language(lang).words != "spaces":
        return False
    short, long = sorted((one, other), key=len)
    return long.startswith(short[: max(_SHORTEST_BEGINNING, len(short) - _LONGEST_ENDING)])


def tables(meetings: Sequence[Meeting]) -> None:
    """Print agreement by language: of all vocabularies together, then of each.

    The last column counts what differs in more than half of the languages of a concept: there the English word is
    used for another thing, and no term is wrong.
    """
    elsewhere = _meant_otherwise(meetings)
    for source in ("together", *dict.fromkeys(meeting.source for meeting in meetings)):
        by_lang: dict[str, Counter[str]] = defaultdict(Counter)
        for meeting in meetings:
            if source in ("together", meeting.source):
                by_lang[meeting.lang][meeting.grade] += 1
                by_lang[meeting.lang]["elsewhere"] += meeting in elsewhere
        _table(source, by_lang)


def _meant_otherwise(meetings: Iterable[Meeting]) -> set[Meeting]:
    by_concept: dict[tuple[str, str], list[Meeting]] = defaultdict(list)
    for meeting in meetings:
        by_concept[meeting.source, meeting.concept.id].append(meeting)
    found: set[Meeting] = set()
    for met in by_concept.values():
        other = [meeting for meeting in met if meeting.grade == GRADES[-1]]
        if len(other) > len(met) / 2:
            found.update(other)
    return found


def _table(source: str, by_lang: Mapping[str, Counter[str]]) -> None:
    heads = ("language", "concepts met", *GRADES, "other, in most languages")
    print(f"\n{source}\n\n| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    for lang in sorted(by_lang):
        counted = by_lang[lang]
        met = sum(counted[grade] for grade in GRADES)
        shares = " | ".join(f"{100 * counted[grade] / met:.1f} %" for grade in (*GRADES, "elsewhere"))
        print(f"| {lang} | {met} | {shares} |")


def listed(meetings: Iterable[Meeting]) -> None:
    """Print what agrees in nothing: vocabulary, language, concept, our terms, their terms."""
    for one in meetings:
        if one.grade == GRADES[-1]:
            ours, theirs = "|".join(one.concept.terms[one.lang]), "|".join(one.theirs)
            print("\t".join((one.source, one.lang, one.concept.id, ours, theirs)))


if __name__ == "__main__":
    main()
