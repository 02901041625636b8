"""The termbase: what is called how in fifteen languages, found again in running text.

A termbase is one layer over another: a supplier's terms over the installation's over the starter terms. Of two
concepts with one term the text decides where it can, and the match names the other as its rival. Where a text stands
(the categories of the products that carry it, and the language into which it is translated) decides which concepts
hold: :meth:`Termbase.within` gives the termbase as it is seen from there.
"""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from copy import copy
from functools import cache, cached_property
from itertools import count

from catalog.languages import CODES, language
from translation.collector import kept_for_good
from translation.model import digest
from translation.terminology.characterlexicon import CharacterLexicon
from translation.terminology.concepts import KINDS, Concept, Layer, is_in, read_terms, starter_concepts, together
from translation.terminology.lexicons import Lexicon
from translation.terminology.matches import TermMatch, decided
from translation.terminology.requirements import Requirement
from translation.terminology.support import NO_NAME, Attribute, Support, attribute
from translation.terminology.wordlexicon import WordLexicon
from translation.words import fold

_MATCHES_KEPT = 50_000
"""Texts whose terms are kept: about 50 MB."""

_NAMES_KEPT = 10_000
"""Names of attributes of which is kept what they say."""

_MANY = 1_000
"""Concepts of a layer that stays to the end of the process, as the starter terms do."""

_NUMBERS = count()


class Termbase:
    """All concepts that hold for a text, indexed for matching by language.

    Args:
        concepts: of one layer, in order of precedence; of two with the same term, between which the text does not
            decide, the first wins.
        beneath: the termbase of the layer beneath, which speaks where these concepts are silent.
    """

    def __init__(self, concepts: Iterable[Concept], beneath: "Termbase | None" = None) -> None:
        self._own = tuple(concepts)
        self._beneath = beneath
        self._by_id: dict[str, list[Concept]] = {}
        self._terms_of: dict[str, dict[str, list[Concept]]] = {}
        for concept in self._own:
            self._by_id.setdefault(concept.id, []).append(concept)
        self._ban_terms()
        self._lexicons: dict[str, Lexicon] = {}
        self._aims: dict[str, object] = {}
        self._views: dict[object, Termbase] = {}
        # One store of matches for all layers and views: fifty suppliers' own would be gigabytes.
        self._found: dict[tuple[int, str, str, Attribute], list[TermMatch]] = beneath._found if beneath else {}
        self._attributes: dict[tuple[str, str], Attribute] = {}
        self._number = next(_NUMBERS)
        self._effective: dict[tuple[str, Layer], Concept | None] = {}
        self._scopes: frozenset[str] = frozenset()
        self._target: str | None = None
        self._unaimed = self
        self._kept: tuple[str, ...] | None = None

    def _ban_terms(self) -> None:
        """Let concepts, of this layer and those beneath, no longer offer what is forbidden here."""
        for ban in [one for one in self._own if one.is_ban]:
            for lang, terms in ban.forbidden.items():
                for named in [one for term in terms for one in self.naming(lang, term)]:
                    told = Concept(named.id, named.kind, named.domain, {}, ban.layer, ban.categories, {lang: terms})
                    self._by_id.setdefault(named.id, []).append(told)

    # -- what is in it ------------------------------------------------------------------------------------------------

    @cached_property
    def concepts(self) -> tuple[Concept, ...]:
        """Every concept of every layer, the highest layer first."""
        return (*self._own, *(self._beneath.concepts if self._beneath else ()))

    @cached_property
    def version(self) -> str:
        """Digest of the whole termbase."""
        return digest(*(concept.digest for concept in self.concepts))

    def lies_over(self, beneath: "Termbase") -> bool:
        """Whether this is the layer directly over another."""
        return self._beneath is beneath

    def named(self, concept: str, lang: str) -> str:
        """Return the preferred term of a concept; one that this termbase lacks is named by its id."""
        stack = [one for one in self._stack(concept) if lang in one.terms]
        return stack[0].preferred(lang) if stack else concept.replace("-", " ")

    def naming(self, lang: str, term: str) -> list[Concept]:
        """Return the concepts of this layer and those beneath that have exactly this term in a language."""
        return self._by_term(lang).get(_plain(lang, term), [])

    def _by_term(self, lang: str) -> dict[str, list[Concept]]:
        if lang not in self._terms_of:
            found: dict[str, list[Concept]] = {}
            for concept in self.concepts:
                for term in concept.terms.get(lang, ()):
                    found.setdefault(_plain(lang, term), []).append(concept)
            self._terms_of[lang] = found
        return self._terms_of[lang]

    def _stack(self, concept: str) -> list[Concept]:
        """Return what every layer says of a concept, the highest layer first."""
        beneath = self._beneath._stack(concept) if self._beneath else []
        return [*self._by_id.get(concept, ()), *beneath]

    # -- where a text stands ------------------------------------------------------------------------------------------

    def within(self, categories: Iterable[str] = (), target: str | None = None) -> "Termbase":
        """Return the termbase as it holds for one text.

        Args:
            categories: category paths of all products that carry the text; a concept with a category holds when each
                of them contains it.
            target: language into which the text is translated: concepts without a term there are left out.
        """
        paths = list(categories)
        held = frozenset(one for one in self._known_scopes if paths and all(is_in(path, one) for path in paths))
        base = self._seen(held, None)
        return base if target is None else base._seen(held, target)

    def _seen(self, scopes: frozenset[str], target: str | None) -> "Termbase":
        place = (scopes, self._aim(target) if target is not None else None)
        if place == (self._scopes, None) and self._target is None:
            return self
        if place not in self._views:
            view = copy(self)
            view._scopes, view._target, view._number = scopes, target, next(_NUMBERS)
            view._effective, view._kept = {}, None
            view._unaimed = view if target is None else self
            self._views[place] = view
        return self._views[place]

    def _aim(self, target: str) -> object:
        """Return what languages have in common that are seen alike: ``None`` where every concept has a term."""
        if target not in self._aims:
            partial = [one for one in self._partial if not one.terms.get(target) or target in one.forbidden]
            # Two languages that lack the same concepts share their matches, unless something is forbidden there.
            forbids = any(target in one.forbidden for one in self._partial)
            lacking = frozenset((one.id, one.layer, one.categories) for one in partial)
            self._aims[target] = (lacking, target if forbids else None) if lacking else None
        return self._aims[target]

    @cached_property
    def _partial(self) -> list[Concept]:
        told = [one for stack in self._by_id.values() for one in stack]
        own = [one for one in told if any(code not in one.terms for code in CODES) or one.forbidden]
        return own + (self._beneath._partial if self._beneath else [])

    @cached_property
    def _known_scopes(self) -> frozenset[str]:
        own = frozenset(one for concept in self._own for one in concept.categories)
        return own | (self._beneath._known_scopes if self._beneath else frozenset())

    def asks_category(self, lang: str, text: str, target: str) -> bool:
        """Say whether it may depend on a text's category which terms hold for it."""
        if not self._known_scopes:
            return False
        folded = text.casefold()
        return (
            self._scoped.touches(lang, text)
            or any(concept.categories and term.casefold() in folded for term, concept in self._kept_names)
            or any(one.categories and target in one.forbidden for one in self._banning)
        )

    @cached_property
    def _scoped(self) -> "Termbase":
        """The concepts that hold only in their categories, with all that any layer says of them."""
        names = dict.fromkeys(one.id for stack in self._stacks() for one in stack if one.categories)
        return Termbase(one for name in names for one in self._stack(name))

    def _stacks(self) -> Iterable[list[Concept]]:
        yield from self._by_id.values()
        if self._beneath:
            yield from self._beneath._stacks()

    def _says(self, concept: Concept) -> Concept | None:
        """Return what a concept says here, all layers together; ``None`` where it does not hold."""
        if self._simple:
            return concept
        key = (concept.id, concept.layer)
        if key not in self._effective:
            self._effective[key] = self._said(concept)
        return self._effective[key]

    @cached_property
    def _simple(self) -> bool:
        """Whether every concept holds everywhere as it is: so it is with the starter terms alone."""
        return self._beneath is None and not self._partial and not any(one.categories or one.kept for one in self._own)

    def _said(self, concept: Concept) -> Concept | None:
        if not self._holds(concept) or concept.kept:
            return None
        stack = [one for one in self._stack(concept.id) if self._holds(one) and not one.kept]
        said = together(stack) if len(stack) > 1 else concept
        return None if self._target is not None and not said.terms.get(self._target) else said

    def _holds(self, concept: Concept) -> bool:
        return not concept.categories or any(one in self._scopes for one in concept.categories)

    # -- matching -----------------------------------------------------------------------------------------------------

    def match(self, lang: str, text: str, under: str = "") -> list[TermMatch]:
        """Return the terms of a text from left to right, the longest first where they overlap, none overlapping.

        Args:
            lang: language of the text.
            text: where terms are looked for.
            under: for the value of an attribute its name, which says what kind of thing the value is.
        """
        name = self._attribute(lang, under) if under else NO_NAME
        # A text is matched for its key, for an exact term and for a draft, and again for each target language.
        key = (self._number, lang, text, name)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MATCHES_KEPT:
                self._found.clear()
            found = self._found[key] = decided(self._lexicon(lang).find(text, self._says), name)
        return list(found)

    def exact(self, lang: str, text: str, under: str = "") -> TermMatch | None:
        """Return the match of the one term that the whole text is, or ``None``."""
        found = self.match(lang, text, under)
        # An apostrophe at the end ("kids'") belongs to the word, though not to what is matched.
        stripped = text.strip().rstrip("'’")
        if len(found) == 1 and found[0].whole and text[found[0].start : found[0].end] == stripped:
            return found[0]
        return None

    def touches(self, lang: str, text: str) -> bool:
        """Say whether one of this layer's own terms may stand in a text, wherever it holds."""
        return self._lexicon(lang).touches(text)

    def supports(self, match: TermMatch, lang: str, text: str, under: str) -> Support:
        """Say whether the name of an attribute speaks for what a match in its value means."""
        return self._attribute(lang, under).supports(match.concept, lang, text[match.start : match.end])

    def _attribute(self, lang: str, name: str) -> Attribute:
        """Return what the name of an attribute says of its values."""
        if self._beneath:
            return self._beneath._attribute(lang, name)  # what a supplier calls it changes nothing
        if (lang, name) not in self._attributes:
            if len(self._attributes) >= _NAMES_KEPT:
                self._attributes.clear()
            self._attributes[lang, name] = attribute(lang, name, (match.concept for match in self.match(lang, name)))
        return self._attributes[lang, name]

    def _lexicon(self, lang: str) -> Lexicon:
        if lang not in self._lexicons:
            beneath = self._beneath._lexicon(lang) if self._beneath else None
            kind = WordLexicon if language(lang).words == "spaces" else CharacterLexicon
            with kept_for_good() if len(self._own) >= _MANY else nullcontext():
                self._lexicons[lang] = kind(lang, self._own, beneath)  # type: ignore[arg-type]
        return self._lexicons[lang]

    # -- what a translation must and must not say ---------------------------------------------------------------------

    @cached_property
    def _kept_names(self) -> tuple[tuple[str, Concept], ...]:
        """Names that stay as they are written, of every layer and category."""
        return tuple(
            (term, concept)
            for concept in self.concepts
            if concept.kept
            for term in dict.fromkeys(term for terms in concept.terms.values() for term in terms)
        )

    def kept(self) -> tuple[str, ...]:
        """Return the names that stay as they are written here, each once."""
        if self._kept is None:
            self._kept = tuple(dict.fromkeys(term for term, concept in self._kept_names if self._holds(concept)))
        return self._kept

    def required(self, lang: str, text: str, target: str, under: str = "") -> list[Requirement]:
        """Return what the terms of a text demand of its translation into ``target``.

        Only terms that someone set as preferred or forbidden demand anything; the starter terms are an offer. What
        may mean several things, or is a part of a compound, demands nothing.
        """
        demands = []
        for match in self._unaimed.match(lang, text, under):
            concept = match.concept
            if not match.whole or not match.regular or match.rivals:
                continue
            accepted = concept.terms.get(target, ()) if target in concept.binding else ()
            forbidden = concept.forbidden.get(target, ())
            if accepted or forbidden:
                demands.append(Requirement(text[match.start : match.end], accepted, forbidden))
        return demands

    def bans(self, target: str) -> tuple[str, ...]:
        """Return the words that no translation into ``target`` may use here, whatever its source says."""
        return tuple(dict.fromkeys(term for term, _ in self._bans(target))) if self._banning else ()

    def placed_bans(self, target: str) -> tuple[str, ...]:
        """Return those of :meth:`bans` that hold because of the text's category."""
        if not self._banning:
            return ()
        return tuple(dict.fromkeys(term for term, concept in self._bans(target) if concept.categories))

    def _bans(self, target: str) -> Iterator[tuple[str, Concept]]:
        for concept in self._banning:
            if self._holds(concept):
                yield from ((term, concept) for term in concept.forbidden.get(target, ()))

    @cached_property
    def _banning(self) -> list[Concept]:
        return [one for one in self._own if one.is_ban] + (self._beneath._banning if self._beneath else [])


@cache
def starter_termbase() -> Termbase:
    """Return the terms that come with the package; one for all of a process, because its lexicons take 90 ms each."""
    return Termbase(starter_concepts())


def _plain(lang: str, term: str) -> str:
    return " ".join(fold(lang, term).split())


__all__ = ["KINDS", "Concept", "TermMatch", "Termbase", "read_terms", "starter_concepts"]
