"""Rows that say a product again in another language: store views, locales."""

import re
from collections.abc import Mapping

from catalog.columns.fields import Field, header_names, squash
from catalog.detect import guess_catalog
from catalog.languages import CODES
from catalog.model import GivenText, Product
from catalog.rows.attributes import collect_attributes
from catalog.rows.texts import texts_in
from catalog.rows.understanding import Row, Understanding
from catalog.values.markup import plain_text

_COUNTRIES: Mapping[str, str] = {
    **{"us": "en", "uk": "en", "gb": "en", "at": "de", "jp": "ja", "kr": "ko"},
    **{"cn": "zh", "tw": "zh", "br": "pt", "mx": "es", "kz": "ru"},
}
"""Countries after which shops name their views, where one of the fifteen is the country's language."""

_BASES = frozenset({"", "default", "admin", "all", "base", "global", "0"})
_SURE = 0.6


def is_store_view(column: str) -> bool:
    """Say whether a column names store views, by its header alone."""
    if squash(column) == "store" and column.startswith("_"):
        return True
    named = header_names().names.get(squash(column))
    return named is not None and named.field is Field.STORE_VIEW


def view_name(value: str) -> str:
    """Return the name of a store view, ``""`` for the one that holds the product itself."""
    return "" if value.strip().casefold() in _BASES else value.strip()


def language_of_name(name: str) -> str | None:
    """Return the language that a view's name says: ``de``, ``fr_FR``, ``store_de``, ``german``, ``us``."""
    whole = name.strip().casefold()
    if whole in CODES:
        return whole
    words = [word for word in re.split(r"[^a-zà-ÿ]+", whole) if word]
    if words and words[0] in CODES:
        return words[0]
    for word in words:
        code = word if word in CODES and word != "id" else header_names().languages.get(squash(word))
        if code:
            return code
    return next((_COUNTRIES[word] for word in words if word in _COUNTRIES), None)


def view_texts(view: str, row: Row, product: Product, understood: Understanding) -> list[GivenText]:
    """Return what a view's row says in its own language.

    Args:
        view: the view's name.
        row: its row; what is not used is noted there.
        product: the product itself; only what it has can be said in another language.
        understood: how the file was understood.
    """
    code = language_of_name(view) or _language_of_texts(row)
    if code is None:
        row.warn("lang", view, "store_view_language", "its language can't be told: name the view by a code such as fr")
        return []
    if code == product.lang:
        return []
    own = {text.field: text.text for text in product.texts()}
    # A title may be the same in two languages; any other text that is the same was not translated.
    given = [
        text
        for text in texts_in(row, code, understood, len(product.bullets))
        if text.field == "title" or own.get(text.field) not in (None, text.text)
    ]
    found = collect_attributes(row.cells)
    for attribute in product.attributes:
        value = found.value_of(attribute.name)
        if value and value != attribute.value:
            given.append(GivenText(f"attributes.{attribute.key}.value", code, value))
    return given


def _language_of_texts(row: Row) -> str | None:
    texts = [plain_text(value) for value in row.values(Field.TITLE, Field.SHORT_DESCRIPTION, Field.DESCRIPTION)]
    guess = guess_catalog(texts) if texts else None
    return guess.code if guess is not None and guess.known and guess.confidence >= _SURE else None
