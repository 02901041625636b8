"""The legs of a search as searches of the cluster."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from catalog.errors import UnknownValueError, UsageError
from indexes.elasticsearch.naming import NEUTRAL
from indexes.elasticsearch.queries import (
    EVERYTHING,
    Query,
    all_of,
    any_of,
    any_value,
    counted,
    counting,
    holding,
    named_term,
    readable_terms,
    total,
    within,
)
from indexes.elasticsearch.questions import Answers, Question, Search
from indexes.elasticsearch.tokens import fields_of
from indexes.elasticsearch.vectors import Vectors
from indexes.facts import PRICE_UNIT, check_filters, readable_filters
from indexes.model import (
    SORTS,
    BrowseLeg,
    CodeLeg,
    ConceptLeg,
    Filters,
    Leg,
    LegAnswer,
    Match,
    TextLeg,
    VectorLeg,
)

MOST_TOKENS = 300
"""Tokens of a text leg: three clauses each, and Elasticsearch takes 1,024. A query of 512 characters has fewer, unless
it is Chinese without a space."""

_BY_SCORE = [{"_score": "desc"}, {"id": "asc"}]

_FOUND_NOTHING = LegAnswer((), 0)


class Legs:
    """Makes questions of legs, all under the same filters.

    Args:
        index: returns the name of the index of a language, or of the neutral one.
        filters: hold for every leg.
        vectors: how vectors are compared in this installation.
    """

    def __init__(self, index: Callable[[str], str], filters: Filters, vectors: Vectors) -> None:
        check_filters(filters)
        self._index = index
        self._filters = readable_filters(filters)
        self._conditions = within(self._filters)
        self._vectors = vectors

    def question(self, leg: Leg) -> Question[LegAnswer]:
        """Return what a leg asks of the cluster."""
        match leg:
            case TextLeg():
                return self._text(leg)
            case CodeLeg():
                return self._codes(leg)
            case ConceptLeg():
                return self._concepts(leg)
            case VectorLeg():
                return self._vectors.question(self._index(NEUTRAL), leg, self._conditions)
            case BrowseLeg():
                return self._browse(leg)

    # -- words --------------------------------------------------------------------------------------------------------

    def _text(self, leg: TextLeg) -> Question[LegAnswer]:
        index = self._index(leg.lang)
        asked = readable_terms(leg.tokens)[:MOST_TOKENS]
        counts = Search(index, counting({str(at): holding(token) for at, token in enumerate(asked)}))
        if not asked:
            return Question((counts,), lambda _answers: LegAnswer((), 0, dict.fromkeys(leg.tokens, 0)))
        clauses = [
            named_term(field.name, field.term, f"{at}{'t' if field.title else field.name[0]}", field.weight)
            for at, token in enumerate(asked)
            for field in fields_of(token)
        ]
        return Question((self._found(index, any_of(clauses), leg.limit), counts), partial(_read_text, leg, asked))

    # -- names --------------------------------------------------------------------------------------------------------

    def _codes(self, leg: CodeLeg) -> Question[LegAnswer]:
        asked = readable_terms(leg.codes)
        if not asked:
            return Question((), lambda _answers: _FOUND_NOTHING)
        clauses = [
            {"constant_score": {"filter": {"term": {"codes": code}}, "_name": str(at)}} for at, code in enumerate(asked)
        ]
        search = self._found(self._index(NEUTRAL), any_of(clauses), leg.limit)
        return Question((search,), partial(_read_names, asked))

    def _concepts(self, leg: ConceptLeg) -> Question[LegAnswer]:
        index = self._index(NEUTRAL)
        asked = readable_terms(leg.concepts)
        terms: dict[str, Query] = {str(at): {"term": {"concepts": concept}} for at, concept in enumerate(asked)}
        counts = Search(index, counting(terms))
        if not asked:
            return Question((counts,), lambda _answers: LegAnswer((), 0, dict.fromkeys(leg.concepts, 0)))
        # Lucene scores a term of a field without lengths by its rarity.
        clauses = [named_term("concepts", concept, str(at)) for at, concept in enumerate(asked)]
        return Question((self._found(index, any_of(clauses), leg.limit), counts), partial(_read_concepts, leg, asked))

    def _found(self, index: str, query: Query, limit: int) -> Search:
        return Search(
            index,
            {
                "query": all_of(query, self._conditions),
                "sort": _BY_SCORE,
                "size": limit,
                "_source": False,
                "track_total_hits": True,
            },
        )

    # -- browsing -----------------------------------------------------------------------------------------------------

    def _browse(self, leg: BrowseLeg) -> Question[LegAnswer]:
        if leg.sort not in SORTS:
            raise UnknownValueError("sort", leg.sort, SORTS)
        body = {
            "query": {"bool": {"filter": [EVERYTHING, *self._conditions]}},
            "sort": [*self._order(leg.sort), {"id": "asc"}],
            "size": leg.limit,
            "_source": False,
            "track_total_hits": True,
        }
        return Question((Search(self._index(leg.lang), body),), partial(_read_browsed, leg.sort))

    def _order(self, sort: str) -> list[dict[str, Any]]:
        if sort == "relevance":
            return []
        if sort == "newest":
            return [{"created": "desc"}]
        currencies = self._filters.values.get("currency")
        if not currencies:
            raise UsageError("sorting by price needs a currency filter: prices of different currencies don't compare")
        nested = {"path": "prices", "filter": any_value("prices.currency", currencies)}
        order = "desc" if sort == "-price" else "asc"
        return [{"prices.amount": {"order": order, "mode": "min", "nested": nested}}]


def frequencies(index: str, tokens: Sequence[str]) -> Question[dict[str, int]]:
    """Ask in how many documents of a language each token stands."""
    asked = readable_terms(tokens)
    search = Search(index, counting({str(at): holding(token) for at, token in enumerate(asked)}))
    return Question((search,), lambda answers: _frequencies(tokens, asked, counted(answers[0])[0]))


# -- answers ----------------------------------------------------------------------------------------------------------


def _hits(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = answer["hits"]["hits"]
    return found


def _read_text(leg: TextLeg, asked: Sequence[str], answers: Answers) -> LegAnswer:
    found, counts = answers
    numbers, documents = counted(counts)
    matches = []
    for hit in _hits(found):
        met = {(int(name[:-1]), name[-1]) for name in hit["matched_queries"]}
        anywhere, title = {at for at, _ in met}, {at for at, where in met if where == "t"}
        matches.append(
            Match(
                hit["sort"][-1],
                hit["sort"][0],
                tuple(token for at, token in enumerate(asked) if at in anywhere),
                tuple(token for at, token in enumerate(asked) if at in title),
            )
        )
    return LegAnswer(tuple(matches), total(found), _frequencies(leg.tokens, asked, numbers), documents)


def _read_names(asked: Sequence[str], answers: Answers) -> LegAnswer:
    [found] = answers
    matches = []
    for hit in _hits(found):
        met = frozenset(map(int, hit["matched_queries"]))
        matches.append(
            Match(hit["sort"][-1], hit["sort"][0], tuple(name for at, name in enumerate(asked) if at in met))
        )
    return LegAnswer(tuple(matches), total(found))


def _read_concepts(leg: ConceptLeg, asked: Sequence[str], answers: Answers) -> LegAnswer:
    found, counts = answers
    numbers, documents = counted(counts)
    answer = _read_names(asked, [found])
    return LegAnswer(answer.matches, answer.total, _frequencies(leg.concepts, asked, numbers), documents)


def _frequencies(names: Sequence[str], asked: Sequence[str], numbers: Mapping[str, int]) -> dict[str, int]:
    """Return in how many documents each name that was asked for stands."""
    known = {name: numbers[str(at)] for at, name in enumerate(asked)}
    return {name: known.get(name, 0) for name in names}


def _read_browsed(sort: str, answers: Answers) -> LegAnswer:
    [found] = answers
    return LegAnswer(
        tuple(Match(hit["sort"][-1], _browse_score(sort, hit["sort"])) for hit in _hits(found)), total(found)
    )


def _browse_score(sort: str, values: Sequence[Any]) -> float:
    if sort == "relevance":
        return 0.0
    if sort == "newest":
        return float(values[0])
    amount = float(values[0]) * float(PRICE_UNIT)
    return amount if sort == "-price" else -amount
