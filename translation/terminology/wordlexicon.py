"""Terms in languages that set spaces between words: by stem, so that case and plural are met, and by parts, where a
language writes compounds. The longest match wins.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from translation.facts import is_all_capitals
from translation.stopwords import STOP_WORDS
from translation.terminology.concepts import Concept
from translation.terminology.inflection import number_or_gender, same_word, term_key
from translation.terminology.lexicons import Find, Meaning, Says, all_of_starter, each_once, is_bound, said_of
from translation.words import Word, without_accents, words

# Parts shorter than this are found by chance in half of all long German words ("in", "ei", "rad").
SHORTEST_PART = 4
_LONGEST_ACRONYM = 3

_VOWELS = frozenset("aeiouyаеёиоуыэюя")

_LINKING_LETTERS = ("", "s", "n", "en", "es", "e", "er")
COMPOUNDING = frozenset({"de", "nl"})


@dataclass(frozen=True, slots=True)
class _Form:
    """A term as its lexicon knows it: its folded words, what it means, whether it is written in capitals, whether it is
    the preferred term, and whether it is an abbreviation that ends in a full stop."""

    folded: tuple[str, ...]
    concept: Concept
    acronym: bool
    preferred: bool
    abbreviated: bool


class WordLexicon:
    """Matches sequences of stems, and parts of compounds where the language writes them; see :class:`Lexicon`."""

    def __init__(self, lang: str, concepts: Iterable[Concept], beneath: "WordLexicon | None" = None) -> None:
        self._lang = lang
        self._beneath = beneath
        self._by_stems: dict[tuple[str, ...], list[_Form]] = defaultdict(list)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        self._parts: dict[str, list[Meaning]] = defaultdict(list)
        for concept in concepts:
            for rank, term in enumerate(concept.terms.get(lang, ())):
                self._add(concept, rank, term)

    def _add(self, concept: Concept, rank: int, term: str) -> None:
        found = words(self._lang, term)
        if not found:
            return
        stems = tuple(term_key(word, self._lang) for word in found)
        folded = tuple(word.folded for word in found)
        abbreviated = term[found[-1].end :].startswith(".")
        self._by_stems[stems].append(_Form(folded, concept, _is_acronym(term), rank == 0, abbreviated))
        self._lengths[stems[0]].add(len(stems))
        if len(found) == 1 and not abbreviated and len(found[0].folded) >= SHORTEST_PART:
            self._parts[found[0].folded].append(Meaning(concept, preferred=rank == 0))

    def find(self, text: str, says: Says) -> list[Find]:
        """Return what is found; see :class:`Lexicon`."""
        found = words(self._lang, text)
        shouts = is_all_capitals(text)
        finds: list[Find] = []
        at = 0
        while at < len(found):
            length, meanings, end = self._longest(text, found, at, shouts, says)
            if meanings:
                finds.append(Find(meanings, found[at].start, end))
                at += length
                continue
            if self._lang in COMPOUNDING:
                finds += self._compound(found[at], says)
            at += 1
        return finds

    def touches(self, text: str) -> bool:
        """Say whether a term may stand in a text; see :class:`Lexicon`."""
        found = words(self._lang, text)
        keys = [term_key(word, self._lang) for word in found]
        for at, key in enumerate(keys):
            if any(tuple(keys[at : at + length]) in self._by_stems for length in self._lengths.get(key, ())):
                return True
        return self._lang in COMPOUNDING and any(self._has_part(word.folded) for word in found)

    def _has_part(self, folded: str) -> bool:
        ends = range(SHORTEST_PART, len(folded) + 1)
        return any(folded[start:end] in self._parts for end in ends for start in range(end - SHORTEST_PART + 1))

    def _longest(
        self, text: str, found: Sequence[Word], at: int, shouts: bool, says: Says
    ) -> tuple[int, tuple[Meaning, ...], int]:
        """Return how many words the longest term has, what it means, and where it ends, its full stop included."""
        first = term_key(found[at], self._lang)
        for length in sorted(self._lengths_from(first), reverse=True):
            window = found[at : at + length]
            if len(window) < length:
                continue
            meanings, end = self._meant(text, window, shouts, says)
            if meanings and not self._hides_a_bound_term(text, window, shouts, says, meanings):
                return length, meanings, end
        return 0, (), 0

    def _meant(self, text: str, window: Sequence[Word], shouts: bool, says: Says) -> tuple[tuple[Meaning, ...], int]:
        """Return what some words mean together, and where they end."""
        forms = self._forms(tuple(term_key(word, self._lang) for word in window), says)
        if len(window) == 1 and not shouts and _is_acronym(text[window[0].start : window[0].end]):
            forms = [form for form in forms if form.acronym]
        folded = tuple(word.folded for word in window)
        end = window[-1].end
        if any(form.abbreviated for form in forms):
            forms, stop = self._abbreviations(text, window, folded, forms)
            end += stop
        return _meanings_by_layer(self._lang, folded, forms), end

    def _hides_a_bound_term(
        self, text: str, window: Sequence[Word], shouts: bool, says: Says, meanings: Sequence[Meaning]
    ) -> bool:
        """Whether a starter term has a term within that a person set as preferred: "cover" in "with cover"."""
        if self._beneath is None or len(window) == 1 or not all_of_starter(meanings):
            return False
        return any(
            is_bound(self._lang, self._meant(text, window[start:end], shouts, says)[0])
            for start in range(len(window))
            for end in range(start + 1, len(window) + 1)
            if end - start < len(window)
        )

    def _abbreviations(
        self, text: str, window: Sequence[Word], folded: tuple[str, ...], forms: Sequence[_Form]
    ) -> tuple[list[_Form], int]:
        """Return the forms that words may be, and 1 where a full stop behind them is a part of the term.

        The full stop tells "no." (number) from "no" and "art." (article) from "art"; it may be missing where letters
        have no vowel ("Stk") or stand beside a number ("ca 5 m"). At the end of a longer text it may be a sentence's.
        """
        plain = [form for form in forms if not form.abbreviated]
        short = [form for form in forms if form.abbreviated and form.folded == folded]
        before, after = text[: window[0].start].rstrip(), text[window[-1].end :]
        stop = after.startswith(".")
        beside_number = before[-1:].isdigit() or after.lstrip(" .")[:1].isdigit()
        clear = self._cannot_be_said(folded) or (beside_number and STOP_WORDS[self._lang].isdisjoint(folded))
        if not short or not (clear or (stop and (not before or after[1:].strip() or beside_number))):
            return plain, 0
        return short, int(stop)

    def _cannot_be_said(self, folded: tuple[str, ...]) -> bool:
        """Whether words have no vowel, where vowels are written."""
        return self._lang != "ar" and _VOWELS.isdisjoint(without_accents("".join(folded)))

    def _lengths_from(self, first: str) -> set[int]:
        own = self._lengths.get(first, set())
        return own | self._beneath._lengths_from(first) if self._beneath else own

    def _forms(self, stems: tuple[str, ...], says: Says) -> list[_Form]:
        own = []
        for form in self._by_stems.get(stems, ()):
            said = says(form.concept)
            if said is not None:
                own.append(form if said is form.concept else replace(form, concept=said))
        return own + self._beneath._forms(stems, says) if self._beneath else own

    def _compound(self, word: Word, says: Says) -> Iterator[Find]:
        """Take a compound apart when every part is a term ("Edelstahlschraube": stainless steel, screw)."""
        parts = self._split(word.folded, says)
        if parts is None:
            return
        at = word.start
        for length, meanings in parts:
            yield Find(meanings, at, min(at + length, word.end), whole=False)
            at += length

    def _split(self, folded: str, says: Says) -> list[tuple[int, tuple[Meaning, ...]]] | None:
        if len(folded) < 2 * SHORTEST_PART:
            return None
        for end in range(len(folded) - SHORTEST_PART, SHORTEST_PART - 1, -1):
            first = self._part_meanings(folded[:end], says)
            if not first:
                continue
            for link in _LINKING_LETTERS:
                rest = folded[end:]
                if not rest.startswith(link):
                    continue
                rest = rest[len(link) :]
                whole = self._last_part(rest, says)
                if whole:
                    return [(end + len(link), first), (len(rest), whole)]
                deeper = self._split(rest, says)
                if deeper is not None:
                    return [(end + len(link), first), *deeper]
        return None

    def _last_part(self, folded: str, says: Says) -> tuple[Meaning, ...]:
        """Return what a last part means, its plural endings allowed."""
        for ending in ("", "n", "en", "s", "e", "er"):
            stem = folded.removesuffix(ending) if ending else folded
            if (ending == "" or stem != folded) and (found := self._part_meanings(stem, says)):
                return found
        return ()

    def _part_meanings(self, folded: str, says: Says) -> tuple[Meaning, ...]:
        return each_once(self._all_parts(folded, says))

    def _all_parts(self, folded: str, says: Says) -> list[Meaning]:
        own = said_of(self._parts.get(folded, ()), says)
        return own + self._beneath._all_parts(folded, says) if self._beneath else own


def _is_acronym(surface: str) -> bool:
    """Whether short capitals may stand for something else: "EN 388" in a language where "en" is a width."""
    return 2 <= len(surface) <= _LONGEST_ACRONYM and surface.isupper()


def _meanings_by_layer(lang: str, folded: tuple[str, ...], forms: Sequence[_Form]) -> tuple[Meaning, ...]:
    if not forms:
        return ()
    layers = sorted({form.concept.layer for form in forms}) if len(forms) > 1 else ()
    if len(layers) < 2:
        return _meanings(lang, folded, forms)
    by_layer = [_meanings(lang, folded, [form for form in forms if form.concept.layer is layer]) for layer in layers]
    return each_once(meaning for meanings in by_layer for meaning in meanings)


def _meanings(lang: str, folded: tuple[str, ...], forms: Sequence[_Form]) -> tuple[Meaning, ...]:
    """Return what words may mean: the concepts with exactly this form first, then those of which it is a form."""
    exact = [Meaning(form.concept, preferred=form.preferred) for form in forms if form.folded == folded]
    other = [form for form in forms if form.folded != folded and _fits(same_word, lang, folded, form.folded)]
    if any(one.preferred for one in exact):
        other = []
    elif exact:
        # Spanish "mallas" (leggings) may be more than one "malla" (mesh); "malla" is no single leggings.
        other = [form for form in other if len("".join(form.folded)) < len("".join(folded))]
    inflected = [
        Meaning(form.concept, False, _fits(number_or_gender, lang, folded, form.folded), form.preferred)
        for form in other
    ]
    return each_once((*exact, *inflected))


def _fits(same: Callable[[str, str, str], bool], lang: str, words_: tuple[str, ...], term: tuple[str, ...]) -> bool:
    return all(same(lang, mine, theirs) for mine, theirs in zip(words_, term, strict=True))
