"""The termbase: concepts of trade with their terms in fifteen languages, found again in running text.

The starter terms are read-only package data (``translation/terms/*.csv``, one file a field of trade). Terms match by
stem, so that case and plural are met; by parts, where a language writes compounds; and by characters, where a language
writes no spaces. The longest match wins. Of two concepts with one term the text decides where it can, and the match
names the other as its rival.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from catalog.errors import UsageError
from catalog.languages import CODES, language
from translation.facts import is_all_capitals
from translation.inflection import number_or_gender, same_word, term_key
from translation.model import digest
from translation.words import Word, fold, words

KINDS = (
    "product",
    "part",
    "material",
    "colour",
    "property",
    "feature",
    "packaging",
    "certificate",
    "process",
    "use",
)

_TERMS_FOLDER = Path(__file__).parent / "terms"
_HEADER = ["concept", "kind", *CODES]

# Parts shorter than this are found by chance in half of all long German words ("in", "ei", "rad").
_SHORTEST_PART = 4
_LONGEST_ACRONYM = 3

_KINDS_UNDER = {
    "colour": frozenset({"colour"}),
    "material": frozenset({"material"}),
    "pattern": frozenset({"property", "feature"}),
    "size": frozenset({"property", "feature"}),
}
"""What an attribute of this name has for its value."""

_NO_PRODUCTS_UNDER = frozenset({"colour", "pattern", "size"})
"""Names under which nothing stands that is sold: 茶 under 色 is brown, not tea. A material may be paper or glue."""

_MATCHES_KEPT = 50_000
"""Texts whose terms are kept: about 50 MB."""

_LINKING_LETTERS = ("", "s", "n", "en", "es", "e", "er")
_COMPOUNDING = frozenset({"de", "nl"})

# One syllable or character alone is a word only where the text sets it apart.
_KOREAN_PARTICLES = frozenset("을를이가은는의에로과와도용")


@dataclass(frozen=True)
class Concept:
    """One thing of trade and what it is called.

    Attributes:
        id: stable English slug, unique in the termbase.
        kind: one of :data:`KINDS`; a ``product`` is the head noun of a title.
        domain: field of trade, the name of its file.
        terms: for every language the preferred term first, then other terms that mean the same.
    """

    id: str
    kind: str
    domain: str
    terms: dict[str, tuple[str, ...]]

    def preferred(self, lang: str) -> str:
        """Return the term that a translation into ``lang`` uses."""
        return self.terms[lang][0]

    @cached_property
    def digest(self) -> str:
        """Digest of all that a translation made with this concept depends on."""
        return digest(self.id, self.kind, *("|".join(self.terms[code]) for code in CODES))


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A term found in a text.

    Attributes:
        concept: what it means.
        start: offset of its first character.
        end: offset after its last character.
        whole: whether the match is a whole word or phrase, not a part of a compound.
        exact: whether the text has the term itself, not another form of it.
        regular: whether the text has the term itself or its other number or gender, not a looser form.
        rivals: other concepts that the same words may mean.
    """

    concept: Concept
    start: int
    end: int
    whole: bool = True
    exact: bool = True
    regular: bool = True
    rivals: tuple[Concept, ...] = ()

    def is_sure(self, target: str) -> bool:
        """Whether there is one translation into ``target``: every meaning that the words may have has the same."""
        said = self.concept.preferred(target)
        return self.regular and all(rival.preferred(target) == said for rival in self.rivals)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """One concept that found words may mean, and how well the words fit it."""

    concept: Concept
    exact: bool = True
    regular: bool = True
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class _Find:
    """A place in a text where terms stand, with all that it may mean."""

    meanings: tuple[_Meaning, ...]
    start: int
    end: int
    whole: bool = True


class Termbase:
    """All concepts that hold for a text, indexed for matching by language.

    Args:
        concepts: in order of precedence; of two concepts with the same term, between which the text does not decide,
            the first wins.
    """

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self.concepts = tuple(concepts)
        self._lexicons: dict[str, _Lexicon] = {}
        self._found: dict[tuple[str, str, str], list[TermMatch]] = {}

    @cached_property
    def _by_id(self) -> dict[str, Concept]:
        return {concept.id: concept for concept in self.concepts}

    @cached_property
    def version(self) -> str:
        """Digest of the whole termbase."""
        return digest(*(concept.digest for concept in self.concepts))

    def named(self, concept: str, lang: str) -> str:
        """Return the preferred term of a concept; one that this termbase lacks is named by its id."""
        found = self._by_id.get(concept)
        return found.preferred(lang) if found else concept.replace("-", " ")

    def match(self, lang: str, text: str, under: str = "") -> list[TermMatch]:
        """Return the terms of a text from left to right, the longest first where they overlap, none overlapping.

        Args:
            lang: language of the text.
            text: where terms are looked for.
            under: for the value of an attribute its name, which says what kind of thing the value is.
        """
        name = self._attribute(lang, under) if under else ""
        # A text is matched for its key, for an exact term and for a draft, and again for each target language.
        found = self._found.get((lang, text, name))
        if found is None:
            if len(self._found) >= _MATCHES_KEPT:
                self._found.clear()
            found = self._found[lang, text, name] = _decided(self._lexicon(lang).find(text), name)
        return list(found)

    def exact(self, lang: str, text: str, under: str = "") -> TermMatch | None:
        """Return the match of the one term that the whole text is, or ``None``."""
        found = self.match(lang, text, under)
        # An apostrophe at the end ("kids'") belongs to the word, though not to what is matched.
        stripped = text.strip().rstrip("'’")
        if len(found) == 1 and found[0].whole and text[found[0].start : found[0].end] == stripped:
            return found[0]
        return None

    def _attribute(self, lang: str, name: str) -> str:
        """Return which of the attributes whose values are of a known kind this is; empty when it is none."""
        named = (match.concept.id for match in self.match(lang, name))
        return next((one for one in named if one in _KINDS_UNDER), "")

    def _lexicon(self, lang: str) -> "_Lexicon":
        if lang not in self._lexicons:
            spaced = language(lang).words == "spaces"
            self._lexicons[lang] = (_WordLexicon if spaced else _CharacterLexicon)(lang, self.concepts)
        return self._lexicons[lang]


def _decided(finds: Sequence[_Find], attribute: str) -> list[TermMatch]:
    """Choose what every find means: by the kind wanted, the form, the preferred term, the field of the other terms."""
    sure = [find.meanings[0].concept.domain for find in finds if len(find.meanings) == 1]
    fields = Counter(sure)
    matches = []
    for find in finds:
        meanings = _under(attribute, find.meanings)
        if not meanings:
            continue
        best = min(meanings, key=lambda one: (not one.exact, not one.preferred, -fields[one.concept.domain]))
        rivals = tuple(one.concept for one in meanings if one is not best)
        matches.append(TermMatch(best.concept, find.start, find.end, find.whole, best.exact, best.regular, rivals))
    return matches


def _under(attribute: str, meanings: Sequence[_Meaning]) -> Sequence[_Meaning]:
    wanted = [one for one in meanings if one.concept.kind in _KINDS_UNDER.get(attribute, ())]
    if wanted or attribute not in _NO_PRODUCTS_UNDER:
        return wanted or meanings
    return [one for one in meanings if one.concept.kind != "product"]


class _Lexicon:
    """Finds the terms of one language in a text."""

    def __init__(self, lang: str, concepts: Sequence[Concept]) -> None:
        self._lang = lang
        self._load(concepts)

    def _load(self, concepts: Sequence[Concept]) -> None:
        raise NotImplementedError

    def find(self, text: str) -> list[_Find]:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class _Form:
    """A term as its lexicon knows it: its folded words, what it means, whether it is written in capitals,
    and whether it is the preferred term."""

    folded: tuple[str, ...]
    concept: Concept
    acronym: bool
    preferred: bool


class _WordLexicon(_Lexicon):
    """Matches sequences of stems, and parts of compounds where the language writes them."""

    def _load(self, concepts: Sequence[Concept]) -> None:
        self._by_stems: dict[tuple[str, ...], list[_Form]] = defaultdict(list)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        self._parts: dict[str, list[_Meaning]] = defaultdict(list)
        for concept in concepts:
            for rank, term in enumerate(concept.terms[self._lang]):
                found = words(self._lang, term)
                if not found:
                    continue
                stems = tuple(term_key(word, self._lang) for word in found)
                folded = tuple(word.folded for word in found)
                self._by_stems[stems].append(_Form(folded, concept, _is_acronym(term), rank == 0))
                self._lengths[stems[0]].add(len(stems))
                if len(found) == 1 and len(found[0].folded) >= _SHORTEST_PART:
                    self._parts[found[0].folded].append(_Meaning(concept, preferred=rank == 0))

    def find(self, text: str) -> list[_Find]:
        found = words(self._lang, text)
        shouts = is_all_capitals(text)
        finds: list[_Find] = []
        at = 0
        while at < len(found):
            length, meanings = self._longest(text, found, at, shouts)
            if meanings:
                finds.append(_Find(meanings, found[at].start, found[at + length - 1].end))
                at += length
                continue
            if self._lang in _COMPOUNDING:
                finds += self._compound(found[at])
            at += 1
        return finds

    def _longest(self, text: str, found: Sequence[Word], at: int, shouts: bool) -> tuple[int, tuple[_Meaning, ...]]:
        first = term_key(found[at], self._lang)
        for length in sorted(self._lengths.get(first, ()), reverse=True):
            window = found[at : at + length]
            if len(window) < length:
                continue
            forms = self._by_stems.get(tuple(term_key(word, self._lang) for word in window), ())
            if length == 1 and not shouts and _is_acronym(text[window[0].start : window[0].end]):
                forms = [form for form in forms if form.acronym]
            meanings = _meanings(self._lang, tuple(word.folded for word in window), forms)
            if meanings:
                return length, meanings
        return 0, ()

    def _compound(self, word: Word) -> Iterator[_Find]:
        """Take a compound apart when every part is a term ("Edelstahlschraube": stainless steel, screw)."""
        parts = self._split(word.folded)
        if parts is None:
            return
        at = word.start
        for length, meanings in parts:
            yield _Find(meanings, at, min(at + length, word.end), whole=False)
            at += length

    def _split(self, folded: str) -> list[tuple[int, tuple[_Meaning, ...]]] | None:
        if len(folded) < 2 * _SHORTEST_PART:
            return None
        for end in range(len(folded) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
            head = self._parts.get(folded[:end])
            if head is None:
                continue
            first = _each_once(head)
            for link in _LINKING_LETTERS:
                rest = folded[end:]
                if not rest.startswith(link):
                    continue
                rest = rest[len(link) :]
                whole = self._part(rest)
                if whole is not None:
                    return [(end + len(link), first), (len(rest), whole)]
                deeper = self._split(rest)
                if deeper is not None:
                    return [(end + len(link), first), *deeper]
        return None

    def _part(self, folded: str) -> tuple[_Meaning, ...] | None:
        """Return what a last part means, its plural endings allowed."""
        for ending in ("", "n", "en", "s", "e", "er"):
            stem = folded.removesuffix(ending) if ending else folded
            if (ending == "" or stem != folded) and stem in self._parts:
                return _each_once(self._parts[stem])
        return None


def _is_acronym(surface: str) -> bool:
    """Whether short capitals may stand for something else: "EN 388" in a language where "en" is a width."""
    return 2 <= len(surface) <= _LONGEST_ACRONYM and surface.isupper()


def _meanings(lang: str, folded: tuple[str, ...], forms: Sequence[_Form]) -> tuple[_Meaning, ...]:
    """Return what words may mean: the concepts with exactly this form first, then those of which it is a form."""
    exact = [_Meaning(form.concept, preferred=form.preferred) for form in forms if form.folded == folded]
    other = [form for form in forms if form.folded != folded and _fits(same_word, lang, folded, form.folded)]
    if any(one.preferred for one in exact):
        other = []
    elif exact:
        # Spanish "mallas" (leggings) may be more than one "malla" (mesh); "malla" is no single leggings.
        other = [form for form in other if len("".join(form.folded)) < len("".join(folded))]
    inflected = [
        _Meaning(form.concept, False, _fits(number_or_gender, lang, folded, form.folded), form.preferred)
        for form in other
    ]
    return _each_once((*exact, *inflected))


def _each_once(meanings: Iterable[_Meaning]) -> tuple[_Meaning, ...]:
    """Keep the first, which fits best, of several forms of one concept."""
    kept: dict[str, _Meaning] = {}
    for one in meanings:
        kept.setdefault(one.concept.id, one)
    return tuple(kept.values())


def _fits(same: Callable[[str, str, str], bool], lang: str, words_: tuple[str, ...], term: tuple[str, ...]) -> bool:
    return all(same(lang, mine, theirs) for mine, theirs in zip(words_, term, strict=True))


class _CharacterLexicon(_Lexicon):
    """Matches runs of characters: Chinese, Japanese and Korean set no spaces between what a term joins."""

    def _load(self, concepts: Sequence[Concept]) -> None:
        self._terms: dict[str, list[_Meaning]] = defaultdict(list)
        for concept in concepts:
            for rank, term in enumerate(concept.terms[self._lang]):
                self._terms[self._squeeze(term)[0]].append(_Meaning(concept, preferred=rank == 0))
        self._longest_term = max(map(len, self._terms), default=0)

    def _squeeze(self, text: str) -> tuple[str, list[int]]:
        """Fold a text without its spaces; the second value is the offset of every kept character."""
        kept: list[str] = []
        offsets: list[int] = []
        for at, character in enumerate(text):
            for folded in _fold_character(self._lang, character):
                if not folded.isspace():
                    kept.append(folded)
                    offsets.append(at)
        return "".join(kept), offsets

    def find(self, text: str) -> list[_Find]:
        squeezed, offsets = self._squeeze(text)
        finds: list[_Find] = []
        at = 0
        while at < len(squeezed):
            length = self._longest_at(squeezed, at, text, offsets)
            if length == 0:
                at += 1
                continue
            start, end = offsets[at], offsets[at + length - 1] + 1
            finds.append(_Find(_each_once(self._terms[squeezed[at : at + length]]), start, end))
            at += length
        return finds

    def _longest_at(self, squeezed: str, at: int, text: str, offsets: list[int]) -> int:
        for length in range(min(self._longest_term, len(squeezed) - at), 0, -1):
            if squeezed[at : at + length] not in self._terms:
                continue
            if self._stands_alone(text, offsets[at], offsets[at + length - 1] + 1):
                return length
        return 0

    def _stands_alone(self, text: str, start: int, end: int) -> bool:
        """Refuse what is only a piece of another word.

        Latin letters and digits need word boundaries on both sides. One character of Han or Hangul alone must have no
        other beside it (a particle may follow a Korean syllable): dictionaries cut the unknown word 双头 (two heads)
        into single characters, and 双 is a pair. Longer runs may stand inside compounds.
        """
        term = text[start:end]
        before, after = text[start - 1 : start], text[end : end + 1]
        if _latin(term[0]) and _latin(before):
            return False
        if _latin(term[-1]) and _latin(after):
            return False
        if _katakana(term[0]) and len(term) <= 3 and (_katakana(before) or _katakana(after)):
            return False
        if end - start > 1:
            return True
        if self._lang == "ko":
            return not _hangul(before) and (not _hangul(after) or after in _KOREAN_PARTICLES)
        return not _ideograph(before) and not _ideograph(after) and (self._lang == "ja" or not _kana(before + after))


@lru_cache(maxsize=50_000)
def _fold_character(lang: str, character: str) -> str:
    return fold(lang, character)


def _ideograph(character: str) -> bool:
    return "㐀" <= character <= "鿿"


def _kana(characters: str) -> bool:
    return any("ぁ" <= character <= "ー" for character in characters)


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _hangul(character: str) -> bool:
    return "가" <= character <= "힣"


def _katakana(character: str) -> bool:
    return "ァ" <= character <= "ー"


def starter_concepts() -> tuple[Concept, ...]:
    """Read the starter terms of the package.

    Raises:
        UsageError: a file is damaged; names file, line and what is wrong.
    """
    found: list[Concept] = []
    for path in sorted(_TERMS_FOLDER.glob("*.csv")):
        found += read_terms(path)
    return tuple(found)


def read_terms(path: Path) -> Iterator[Concept]:
    """Read one file of terms.

    Raises:
        UsageError: the file is damaged; names file, line and what is wrong.
    """
    with path.open(encoding="utf-8", newline="") as file:
        lines = [(number, line) for number, line in enumerate(file, 1) if not line.startswith("#")]
    rows = csv.reader(line for _, line in lines)
    if next(rows, None) != _HEADER:
        raise UsageError(f"{path.name}: the header row must be {','.join(_HEADER)}")
    for row in rows:
        number = lines[rows.line_num - 1][0]
        if len(row) != len(_HEADER) or not all(row):
            raise UsageError(f"{path.name}, line {number}: {len(_HEADER)} filled cells are needed, found {row}")
        concept, kind, *cells = row
        if kind not in KINDS:
            raise UsageError(f"{path.name}, line {number}: kind {kind!r} is not one of {', '.join(KINDS)}")
        terms = {code: tuple(cell.split("|")) for code, cell in zip(CODES, cells, strict=True)}
        yield Concept(concept, kind, path.stem, terms)
