"""What is written of a document, and how it is read back."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from indexes.completion import keys
from indexes.embedding import centred
from indexes.facts import attribute_pair, facet_values, facts_from_json, facts_to_json, units
from indexes.model import FACETS, Facts, IndexDocument, ProductDocument

SEPARATOR = "\x1f"
"""Between the key of a suggested category or brand, its kind's letter and its text."""

FROM_START, FROM_WORD = "0", "1"
"""First character of a key that begins with its text, and of one that begins with a later word."""

_LONGEST_ID = 512
"""Bytes that Elasticsearch takes."""

_LONGEST_GROUP = 1_000
"""Characters of a category or brand that is suggested; no longer one is a name."""

_NUMBER_WITH_UNIT = re.compile(r"(?<![^\W_])(\d+)(?!x)([^\W\d_]{1,3}[23]?)(?![^\W_])")  # "3x2" is a size

Means = Mapping[str, np.ndarray]


def internal_id(name: str) -> str:
    """Return the ``_id`` of a product: its own id where that is short enough."""
    raw = name.encode("utf-8", "replace")
    return name if len(raw) <= _LONGEST_ID else "sha256:" + hashlib.sha256(raw).hexdigest()


def prepared(text: str) -> str:
    """Return a text as it is given to analyzers: a unit apart from its number, so that "230V" meets "230 V"."""
    return _NUMBER_WITH_UNIT.sub(r"\1 \2", text)


# -- documents of a language ------------------------------------------------------------------------------------------


def document_source(document: IndexDocument) -> dict[str, Any]:
    """Return what is written of a document."""
    source = _facts_fields(document.id, document.facts)
    for name, texts in document.analysed.items():
        source[name] = [prepared(text) for text in texts]
    if document.title_lang == document.lang:
        whole, *words = keys(document.lang, document.title) or ("",)
        if whole:
            source |= {"title_key": whole, "title_starts": whole, "word_starts": words}
    source["groups"] = _groups(document)
    source["shown"] = {
        "title": document.title,
        "title_lang": document.title_lang,
        "title_state": document.title_state,
        "category_path": list(document.category_path),
        "brand": document.brand,
        # As JSON within JSON: a KEY is no name of a field.
        "attributes": json.dumps(dict(document.attributes), ensure_ascii=False, separators=(",", ":")),
        "facts": facts_to_json(document.facts),
    }
    return source


def read_document(lang: str, source: Mapping[str, Any]) -> IndexDocument:
    """Return a document as it was written, without what was analysed."""
    shown = source["shown"]
    return IndexDocument(
        id=source["id"],
        lang=lang,
        title=shown["title"],
        title_lang=shown["title_lang"],
        title_state=shown["title_state"],
        analysed={},
        category_path=tuple(shown["category_path"]),
        brand=shown["brand"],
        facts=facts_from_json(shown["facts"]),
        attributes={key: (name, value) for key, (name, value) in json.loads(shown.get("attributes", "{}")).items()},
    )


def _groups(document: IndexDocument) -> list[str]:
    groups = [("b", document.brand)] if document.brand else []
    if document.analysed.get("category"):
        groups += [("c", name) for name in document.category_path]
    return [
        f"{FROM_WORD if at else FROM_START}{key}{SEPARATOR}{kind}{text}"
        for kind, text in dict.fromkeys(groups)
        if len(text) <= _LONGEST_GROUP
        for at, key in enumerate(keys(document.lang, text))
    ]


# -- documents without language ---------------------------------------------------------------------------------------


def product_source(product: ProductDocument, means: Means) -> dict[str, Any]:
    """Return what is written of a language-neutral document.

    Args:
        means: language code to the mean by which products of that language are compared; see
            :class:`~indexes.model.VectorLeg`.
    """
    return {
        **_facts_fields(product.id, product.facts),
        "attribute_keys": list(product.facts.attributes),
        "source_lang": product.source_lang,
        "codes": list(product.codes),
        "concepts": list(product.concepts),
        "nearness": _compared(product, means).tolist(),
        "vector": base64.b64encode(product.vector.astype(np.float16).tobytes()).decode("ascii"),
        "shown": {
            "source_title": product.source_title,
            "shown": product.shown,
            "facts": facts_to_json(product.facts),
        },
    }


def _compared(product: ProductDocument, means: Means) -> np.ndarray:
    """Return the vector by which a product is found: its own, minus its language's mean."""
    vector = product.vector.astype(np.float64)
    mean = means.get(product.source_lang)
    if mean is not None:
        shifted = centred(vector, mean)
        if np.linalg.norm(shifted) > 0.5:  # not a vector that is the mean itself
            return shifted
    unit: np.ndarray = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit


def read_product(source: Mapping[str, Any]) -> ProductDocument:
    """Return a language-neutral document as it was written."""
    shown = source["shown"]
    return ProductDocument(
        id=source["id"],
        source_title=shown["source_title"],
        source_lang=source["source_lang"],
        codes=tuple(source["codes"]),
        concepts=tuple(source["concepts"]),
        vector=read_vector(source["vector"]),
        facts=facts_from_json(shown["facts"]),
        shown=shown["shown"],
    )


def read_vector(text: str) -> np.ndarray:
    """Return a stored vector as float32 of unit length."""
    vector = np.frombuffer(base64.b64decode(text), dtype=np.float16).astype(np.float32)
    vector /= max(float(np.linalg.norm(vector)), 1e-9)
    vector.flags.writeable = False
    return vector


def _facts_fields(name: str, facts: Facts) -> dict[str, Any]:
    found: dict[str, Any] = {facet: list(facet_values(facet, facts)) for facet in FACETS if facet != "category"}
    return {
        "id": name,
        **found,
        "category_ids": list(facet_values("category", facts)),
        "attributes": [attribute_pair(key, value) for key, value in facts.attributes.items()],
        "created": facts.created,
        "prices": [{"currency": currency, "amount": units(amount)} for currency, amount in facts.prices.items()],
    }
