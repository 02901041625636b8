"""The tokens of a text as a language's index holds them, by the cluster's own analysis.

Three forms of a word are kept: as the language's analyzer reads it, as it is written (without accents and capitals),
and in Chinese, Japanese and Korean as pairs of characters. A query asks for the first; a word that the index does not
hold in that form is asked for as it was written, and then in pairs. So "camara" finds "cámara", and a word that the
dictionary cuts elsewhere in another sentence is found all the same.

Function words are left out of queries by our own list: the analyzers' lists differ from it and from one another
(Lucene's Indonesian one has no "untuk", for; smartcn's has only punctuation).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indexes.acceptable import WEIGHTS
from indexes.analysis import stop_words
from indexes.elasticsearch.analyzers import IN_PAIRS
from indexes.elasticsearch.client import Connection, PassingError
from indexes.elasticsearch.documents import prepared
from indexes.model import Token
from indexes.readable import readable
from translation.words import fold

WRITTEN, IN_PAIR = "=", "~"
"""First character of a token that is asked for as it is written, or as a pair of characters."""

_ANALYSED_AT_ONCE = 10_000
"""Characters; no query and no title is as long."""

IN_ALL = "all"
_FORMS = {WRITTEN: "written", IN_PAIR: "pairs"}


@dataclass(frozen=True, slots=True)
class Field:
    """Where a token is asked for.

    Attributes:
        name: a field of the index.
        term: what stands there.
        weight: what it counts.
        title: whether it is the title's field.
    """

    name: str
    term: str
    weight: float
    title: bool


def fields_of(token: str) -> tuple[Field, ...]:
    """Return the fields in which a token is asked for."""
    form = _FORMS.get(token[:1])
    if form is None or len(token) == 1:
        return tuple(Field(name, token, weight, name == "title") for name, weight in WEIGHTS.items())
    term = token[1:]
    return (
        Field(f"title.{form}", term, WEIGHTS["title"], True),
        Field(f"{IN_ALL}.{form}", term, WEIGHTS["body"], False),
    )


def anywhere(token: str) -> tuple[str, str]:
    """Return the field that has a token wherever it stands in a document, and the term there."""
    form = _FORMS.get(token[:1])
    return (IN_ALL, token) if form is None or len(token) == 1 else (f"{IN_ALL}.{form}", token[1:])


@dataclass(frozen=True, slots=True, order=True)
class _Found:
    """One token of an analysed text."""

    position: int
    start: int
    end: int
    text: str
    documents: int


Recount = Callable[[Sequence[str]], Mapping[str, int]]


def analyse(connection: Connection, index: str, lang: str, text: str, recount: Recount | None = None) -> list[Token]:
    """Return the tokens of a text in order, repeated ones included, with the number of documents that hold each.

    Args:
        recount: counts documents anew; needed where the index has several shards, because the analysis tells the
            numbers of one of them.
    """
    if not text.strip():
        return []
    forms = ["written", "pairs"] if lang in IN_PAIRS else ["written"]
    asked = prepared(readable(text[:_ANALYSED_AT_ONCE]))
    answer = connection.reads.termvectors(
        index=index,
        doc={IN_ALL: asked},
        fields=[IN_ALL, *(f"{IN_ALL}.{form}" for form in forms)],
        term_statistics=True,
        field_statistics=False,
        offsets=True,
        positions=True,
        realtime=False,
    )
    if "term_vectors" not in answer:  # for a text without tokens they are there and empty
        raise PassingError(f"{index} did not analyse a text: {answer}")
    vectors = answer["term_vectors"]
    whole = _in_order(vectors.get(IN_ALL, {}), "", recount)
    written = _in_order(vectors.get(f"{IN_ALL}.written", {}), WRITTEN, recount)
    pairs = _in_order(vectors.get(f"{IN_ALL}.pairs", {}), IN_PAIR, recount)
    whole = _without_function_words(lang, asked, whole) or whole
    if not whole:
        # Function words only: a product that is called "On" can be found.
        return [Token(WRITTEN + one.text, one.documents) for one in written]
    return [token for one in whole for token in _best_form(one, written, pairs)]


def _without_function_words(lang: str, text: str, tokens: Sequence[_Found]) -> list[_Found]:
    # Offsets count as Java does: characters beyond the first 65,536 are two.
    units = text.encode("utf-16-le")
    kept, after_number = [], False
    for one in tokens:
        surface = fold(lang, units[2 * one.start : 2 * one.end].decode("utf-16-le", "replace"))
        # In "12 A" and "230 В" the letter is a unit.
        if surface not in stop_words()[lang] or (after_number and len(surface) == 1):
            kept.append(one)
        after_number = surface.isdecimal()
    return kept


def _best_form(one: _Found, written: Sequence[_Found], pairs: Sequence[_Found]) -> Iterator[Token]:
    """Yield a token as the index has it: as analysed, else as written, else in pairs."""
    if not one.documents:
        # The same word, not a part of it: single characters of a Chinese word would match anything.
        same = [other for other in written if (other.start, other.end) == (one.start, one.end)]
        parts = [other for other in pairs if one.start <= other.start and other.end <= one.end]
        for mark, others in ((WRITTEN, same), (IN_PAIR, parts)):
            if any(other.documents for other in others):
                yield from (Token(mark + other.text, other.documents) for other in others)
                return
    yield Token(one.text, one.documents)


def _in_order(vector: Mapping[str, Any], mark: str, recount: Recount | None) -> list[_Found]:
    terms = vector.get("terms", {})
    counts = recount([mark + term for term in terms]) if recount else {}
    return sorted(
        _Found(
            place["position"],
            place["start_offset"],
            place["end_offset"],
            term,
            counts.get(mark + term, entry.get("doc_freq", 0)),
        )
        for term, entry in terms.items()
        for place in entry["tokens"]
    )
