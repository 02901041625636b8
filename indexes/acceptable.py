"""Which documents an index takes, the same for every backend: what can't be stored is rejected with its reason.

One absurd product must not keep the others from being found, so texts of any length are taken: what is longer than any
text that people write is cut.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from indexes.facts import attribute_key
from indexes.model import ATTRIBUTE, Facts, IndexDocument, ProductDocument
from indexes.readable import is_readable, readable

WEIGHTS = {"title": 2.0, "category": 1.5, "body": 1.0}
"""What a token counts by where it stands. On judged queries (Icecat) nDCG@10 is .669 with a title of weight 2, .658
with 3 and .649 with 5."""

ID_LENGTH = 512

ANALYSED_LENGTH = 100_000
"""Characters of a document that can be found: those of its title, category and body, in this order. A million Chinese
characters without a space take Lucene's Japanese analyzer half a minute, and a request for its neighbours with them."""

SHOWN_LENGTH = 100_000
"""Characters of a text that is shown or filtered by."""

_MOST_MARKS = 30
"""Combining marks in a row that are analysed, as in Unicode's stream-safe text (UAX #15): a letter of Vietnamese has
two, and 40,000 in a row take a second to be put in order."""

_FIRST_MOMENT, _LAST_MOMENT = -62_135_596_800, 253_402_300_799

_UNIT_LENGTH_TOLERANCE = 0.01


class Rejected(Exception):  # noqa: N818 (backends catch it: it carries a reason)
    """A document that can't be stored; the message is the reason."""


def acceptable_document(document: IndexDocument, langs: Iterable[str]) -> IndexDocument:
    """Return a document as it can be stored in a build that has ``langs``.

    Raises:
        Rejected: it can't be stored.
    """
    _check_id(document.id)
    if document.lang not in langs:
        raise Rejected(f"the build has no language {document.lang!r}, it has {', '.join(langs)}")
    for name in document.analysed:
        if name not in WEIGHTS:
            raise Rejected(f"texts of the unknown weight class {name!r}, there are {', '.join(WEIGHTS)}")
    _check_facts(document.facts)
    labels = (text for pair in document.attributes.values() for text in pair)
    labels = (text for pair in document.attributes.values() for text in pair)
    texts = (document.title, *document.category_path, document.brand, *labels, *_strings(document.facts))
    analysed = [text for group in document.analysed.values() for text in group]
    if all(map(_is_kept, texts)) and all(map(_is_analysed, analysed)) and sum(map(len, analysed)) <= ANALYSED_LENGTH:
        return document
    return replace(
        document,
        title=_kept(document.title),
        analysed=_kept_analysed(document.analysed),
        category_path=tuple(map(_kept, document.category_path)),
        brand=_kept(document.brand),
        facts=_kept_facts(document.facts),
        attributes={_kept(key): (_kept(name), _kept(value)) for key, (name, value) in document.attributes.items()},
    )


def acceptable_product(product: ProductDocument, dimensions: int | None) -> ProductDocument:
    """Return a language-neutral document as it can be stored.

    Args:
        dimensions: length of the build's vectors, ``None`` or 0 where any will do.

    Raises:
        Rejected: it can't be stored.
    """
    _check_id(product.id)
    _check_vector(product.vector, dimensions)
    _check_facts(product.facts)
    texts = (product.shown, product.source_title, *product.codes, *product.concepts, *_strings(product.facts))
    if all(map(_is_kept, texts)):
        return product
    return replace(
        product,
        source_title=_kept(product.source_title),
        codes=tuple(map(_kept, product.codes)),
        concepts=tuple(map(_kept, product.concepts)),
        shown=_kept_shown(product.shown),
        facts=_kept_facts(product.facts),
    )


def _check_id(name: str) -> None:
    if not 1 <= len(name) <= ID_LENGTH:
        raise Rejected(f"an id of {len(name)} characters, 1 to {ID_LENGTH} are possible")
    if not is_readable(name):
        raise Rejected("an id with half a surrogate pair, which is no text")


def _check_facts(facts: Facts) -> None:
    if not _FIRST_MOMENT <= facts.created <= _LAST_MOMENT:
        raise Rejected(f"created {facts.created} seconds from 1970, which is no moment of the years 1 to 9999")
    for currency, amount in facts.prices.items():
        if not amount.is_finite() or amount < 0:
            raise Rejected(f"the price {amount} {currency} is no amount of money")
    for key in facts.attributes:
        if attribute_key(f"{ATTRIBUTE}{key}") is None:
            raise Rejected(f"attributes.{key[:100]!r}: a KEY has letters and digits, with hyphens between them")


def _check_vector(vector: np.ndarray, dimensions: int | None) -> None:
    if vector.ndim != 1 or not len(vector) or (dimensions and len(vector) != dimensions):
        raise Rejected(f"a vector of shape {vector.shape}, the build's have {dimensions or 'one or more'}")
    if not np.isfinite(vector).all():
        raise Rejected("a vector with a value that is not finite")
    if abs(float(np.linalg.norm(vector)) - 1.0) > _UNIT_LENGTH_TOLERANCE:
        raise Rejected(f"a vector of length {float(np.linalg.norm(vector)):.3f}, it must be 1")


def _strings(facts: Facts) -> tuple[str, ...]:
    attributes = (text for pair in facts.attributes.items() for text in pair)
    return (facts.supplier, *facts.category, facts.brand, facts.country, *facts.prices, *attributes)


def _kept_facts(facts: Facts) -> Facts:
    return replace(
        facts,
        supplier=_kept(facts.supplier),
        category=tuple(map(_kept, facts.category)),
        brand=_kept(facts.brand),
        country=_kept(facts.country),
        prices={_kept(currency): amount for currency, amount in facts.prices.items()},
        attributes={_kept(key): _kept(value) for key, value in facts.attributes.items()},
    )


def _kept_analysed(analysed: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the texts that are analysed, each class's in the order of their weight until there are too many."""
    left = ANALYSED_LENGTH
    kept: dict[str, tuple[str, ...]] = {}
    for name in sorted(analysed, key=lambda name: -WEIGHTS[name]):
        group = []
        for text in analysed[name]:
            group.append(_floods().sub(r"\1", readable(text[:left])))
            left -= len(group[-1])
        kept[name] = tuple(text for text in group if text)
    return kept


def _kept_shown(shown: str) -> str:
    """Return what is shown without texts that are too long: the address of an image is of no use when it is cut."""
    if len(shown) > SHOWN_LENGTH:
        values = json.loads(shown)
        shown = json.dumps({name: _if_short(value) for name, value in values.items()}, ensure_ascii=False)
    return readable(shown)


def _if_short(value: object) -> object:
    return None if isinstance(value, str) and len(value) > SHOWN_LENGTH else value


def _is_analysed(text: str) -> bool:
    return is_readable(text) and (text.isascii() or _floods().search(text) is None)


@lru_cache(maxsize=1)
def _floods() -> re.Pattern[str]:
    """Match too many combining marks in a row; the first group are those that stay."""
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))
    return re.compile(f"([{marks}]{{{_MOST_MARKS}}})[{marks}]+")


def _is_kept(text: str) -> bool:
    return len(text) <= SHOWN_LENGTH and is_readable(text)


def _kept(text: str) -> str:
    return readable(text[:SHOWN_LENGTH])
