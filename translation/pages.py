"""A page: texts of several suppliers that are cut into segments once and translated into one language after another."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.model import ProductText
from translation.chain import Chain, Means, Remembered, ingredients, translate_segment
from translation.facts.brands import Names, names
from translation.memory.entries import Sought, context_digest
from translation.model import Segment, State, Translation, digest, worst
from translation.records.texts import StoredText
from translation.routing import PIVOT, Router
from translation.segments import Piece, assemble, pieces
from translation.store import TranslationStore
from translation.terminology.source import Terms
from translation.terminology.termbase import Termbase

Place = tuple[str, Segment, Remembered, Termbase]
"""What one chain is made for: a supplier's segment, what the memory knows of it, and the terms that hold for it."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What translations are made from beside the texts.

    Attributes:
        store: texts, translations, memory and corrections.
        router: engines by pair.
        terms: the terms of each supplier's texts.
        brands: returns the names that a supplier's texts must keep.
    """

    store: TranslationStore
    router: Router
    terms: Terms
    brands: Callable[[str], Sequence[str]]


class Page:
    """Texts and their segments.

    Args:
        texts: the texts.
        sources: what their translations are made from.
    """

    def __init__(self, texts: Sequence[StoredText], sources: Sources) -> None:
        self.texts = texts
        self.cut = {one.digest: _cut(one) for one in texts}
        self._sources = sources

    def into(self, target: str, names: Iterable[str]) -> "Work":
        """Return what has to be known for translating some of the texts into a language."""
        wanted = set(names)
        chosen = [one for one in self.texts if one.digest in wanted]
        return Work(chosen, self.cut, target, self._sources)


class Work:
    """Texts of a page on their way into one language; everything is read from the store when it is made.

    Attributes:
        texts: the texts.
        corrected: what persons said of them.
    """

    def __init__(
        self, texts: Sequence[StoredText], cut: Mapping[str, Sequence[Piece]], target: str, sources: Sources
    ) -> None:
        self.texts = texts
        self.target = target
        self._cut = cut
        self._sources = sources
        self._views = self._find_views()
        self._kept_names: dict[tuple[str, tuple[str, ...]], Names] = {}
        self._remembered = self._remember()
        self.corrected = sources.store.corrections_of([one.digest for one in texts], target)

    def _find_views(self) -> dict[str, Termbase]:
        """Return for each text the terms that hold for it.

        Which products carry a text is asked only for texts in which a term with a category may stand.
        """
        terms, target = self._sources.terms, self.target
        bases = {supplier: terms.of(supplier) for supplier in {text.supplier for text in self.texts}}
        placed = [one.digest for one in self.texts if bases[one.supplier].asks_category(one.lang, one.text, target)]
        categories = terms.categories(placed) if placed else {}
        return {one.digest: bases[one.supplier].within(categories.get(one.digest, ()), target) for one in self.texts}

    def _remember(self) -> dict[str, dict[Segment, Remembered]]:
        """Ask the memory for every segment: by text, its translation and its English.

        A person's English for a text that is one segment is used before the memory's.
        """
        store, target = self._sources.store, self.target
        sought = {
            (text.digest, segment): Sought(
                text.supplier, text.lang, segment.text, context_digest(segment.kind, segment.context)
            )
            for text in self.texts
            for segment in _segments(self._cut[text.digest])
        }
        direct = store.recall(target, sought.values())
        english: dict[Sought, str] = {}
        reviewed: dict[str, str] = {}
        if target != PIVOT:
            english = store.recall(PIVOT, sought.values())
            reviewed = store.corrections_of([text.digest for text in self.texts if text.lang != PIVOT], PIVOT)
        found: dict[str, dict[Segment, Remembered]] = {text.digest: {} for text in self.texts}
        for (name, segment), one in sought.items():
            middle = reviewed.get(name) if len(self._cut[name]) == 1 else None
            middle = middle or english.get(one)
            if one in direct or middle:
                found[name][segment] = Remembered(direct.get(one), middle)
        return found

    def key(self, text: StoredText) -> str:
        """Return the digest of all that a text's translation depends on."""
        view, target, remembered = self._views[text.digest], self.target, self._remembered[text.digest]
        segments = _segments(self._cut[text.digest])
        matches = [view.match(segment.lang, segment.text, segment.under) for segment in segments]
        parts = ingredients(segments, matches, target, self._sources.router, remembered)
        parts += view.placed_bans(target)
        for segment in segments:
            parts += map(str, view.required(segment.lang, segment.text, target, segment.under))
            english = remembered.get(segment, Remembered()).english
            if english is not None:
                # What is translated over a given English is held against the terms of that English.
                parts += (match.digest(target) for match in view.match(PIVOT, english))
                parts += map(str, view.required(PIVOT, english, target))
        folded = text.text.casefold()
        kept = {name for name in self._names(text).in_text(text.text) if name.casefold() in folded}
        return digest(digest(*parts), digest(*sorted(kept)), self.corrected.get(text.digest, ""))

    def _names(self, text: StoredText) -> Names:
        """Return the names that a text must keep: the brands of its supplier, and terms that are never translated."""
        place = (text.supplier, self._views[text.digest].kept())
        if place not in self._kept_names:
            self._kept_names[place] = names((*self._sources.brands(text.supplier), *place[1]))
        return self._kept_names[place]

    def chains(self, texts: Iterable[StoredText]) -> dict[Place, Chain]:
        """Return a chain for each different segment of some texts."""
        chains: dict[Place, Chain] = {}
        for text in texts:
            for place in self._places(text):
                if place not in chains:
                    _, segment, remembered, view = place
                    means = Means(self._sources.router, view)
                    chains[place] = translate_segment(segment, self.target, means, remembered, self._names(text))
        return chains

    def distinct(self, texts: Iterable[StoredText]) -> set[str]:
        """Return a name for each different segment of some texts, whatever supplier it is of."""
        return {
            digest(self.target, segment.lang, segment.kind, segment.context, segment.text)
            for text in texts
            for segment in _segments(self._cut[text.digest])
        }

    def whole(self, text: StoredText, done: Mapping[Place, Translation]) -> tuple[Translation, int] | None:
        """Return a text's translation and its number of segments; ``None`` when a segment is not done."""
        places = self._places(text)
        if any(place not in done for place in places):
            return None
        return whole(self._cut[text.digest], [done[place] for place in places]), len(places)

    def _places(self, text: StoredText) -> list[Place]:
        remembered, view = self._remembered[text.digest], self._views[text.digest]
        segments = _segments(self._cut[text.digest])
        return [(text.supplier, one, remembered.get(one, Remembered()), view) for one in segments]


def whole(cut: Sequence[Piece], made: Sequence[Translation]) -> Translation:
    """Join the segments of a text; state, engine and reason are those of its worst segment, the checks those of all."""
    if not made:
        return Translation(assemble(cut, ()), State.SOURCE, "copy")
    state = worst(one.state for one in made)
    decisive = next(one for one in made if one.state is state)
    checks = tuple(dict.fromkeys(check for one in (decisive, *made) for check in one.checks))
    if state.is_stand_in:
        return Translation(None, state, decisive.engine, decisive.reason, checks)
    text = assemble(cut, [one.text or "" for one in made])
    return Translation(text, state, decisive.engine, decisive.reason, checks)


def _cut(text: StoredText) -> tuple[Piece, ...]:
    return pieces(ProductText("", text.kind, text.context, text.text), text.lang)


def _segments(cut: Iterable[Piece]) -> list[Segment]:
    return [piece for piece in cut if isinstance(piece, Segment)]
