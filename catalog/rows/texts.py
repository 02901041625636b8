"""The texts of a row: its own, and those that the supplier gave in other languages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape

from catalog.columns.fields import Field
from catalog.detect import doubt
from catalog.model import CATEGORY_SEPARATOR, KEYWORD_SEPARATOR, GivenText
from catalog.rows.splitting import read_bullets, read_category, read_keywords
from catalog.rows.understanding import Row, Understanding
from catalog.values.markup import clean_description, clean_text, is_html, plain_text

_LONGEST_KNOWN = 300
"""Characters of a category path that is remembered."""


@dataclass(frozen=True, slots=True)
class OwnTexts:
    """The texts of a product in its own language, and the given ones."""

    lang: str
    title: str
    description: str
    bullets: tuple[str, ...]
    category: tuple[str, ...]
    keywords: tuple[str, ...]
    given: tuple[GivenText, ...]

    def in_language(self, lang: str) -> "OwnTexts":
        """Return the same texts, said to be in another language."""
        return replace(self, lang=lang)


def read_texts(row: Row, lang: str, understood: Understanding) -> OwnTexts | None:
    """Read all texts of a row.

    Args:
        row: the row.
        lang: language in which the row is taken to be; a row whose title stands only in another one is in that one.
        understood: how the file was understood.

    Returns:
        ``None`` where there is no title in any language.
    """
    titles = _by_language(row, (Field.TITLE,), lang)
    cleaned = {code: text for code, values in titles.items() if (text := _first_title(values))}
    if not cleaned:
        return None
    own = lang if lang in cleaned else next(iter(cleaned))
    descriptions = _descriptions(row, own)
    given = [GivenText("title", code, text) for code, text in cleaned.items() if code != own]
    given += [GivenText("description", code, text) for code, text in descriptions.items() if code != own]
    keywords = {code: read_keywords(values) for code, values in _by_language(row, (Field.KEYWORDS,), own).items()}
    given += [
        GivenText("keywords", code, KEYWORD_SEPARATOR.join(words))
        for code, words in keywords.items()
        if words and code != own
    ]
    bullets = {code: read_bullets(values) for code, values in _by_language(row, (Field.BULLET,), own).items()}
    given += _given_bullets(bullets, own)
    categories = _categories(row, own, understood)
    given += [
        GivenText("category", code, CATEGORY_SEPARATOR.join(path))
        for code, path in categories.items()
        if path and code != own
    ]
    return OwnTexts(
        lang=own,
        title=cleaned[own],
        description=descriptions.get(own, ""),
        bullets=bullets.get(own, ()),
        category=categories.get(own, ()),
        keywords=keywords.get(own, ()),
        given=tuple(_trusted(row, given)),
    )


def texts_in(row: Row, lang: str, understood: Understanding, bullets: int) -> list[GivenText]:
    """Return the texts of a row that says a product again in another language, a title or none.

    Args:
        row: the row.
        lang: the language.
        understood: how the file was understood.
        bullets: how many bullet points the product has in its own language; more have no counterpart.
    """
    title = _first_title(_by_language(row, (Field.TITLE,), lang).get(lang, ()))
    description = _descriptions(row, lang).get(lang, "")
    keywords = read_keywords(_by_language(row, (Field.KEYWORDS,), lang).get(lang, ()))
    category = _categories(row, lang, understood).get(lang, ())
    listed = read_bullets(_by_language(row, (Field.BULLET,), lang).get(lang, ()))[:bullets]
    found = [
        GivenText("title", lang, title),
        GivenText("description", lang, description),
        GivenText("keywords", lang, KEYWORD_SEPARATOR.join(keywords)),
        GivenText("category", lang, CATEGORY_SEPARATOR.join(category)),
        *(GivenText(f"bullets.{number}", lang, text) for number, text in enumerate(listed)),
    ]
    return _trusted(row, [text for text in found if text.text])


def _by_language(row: Row, kinds: Sequence[Field], lang: str) -> dict[str, list[str]]:
    """Return values by language; those of columns that name none are in ``lang``."""
    found: dict[str, list[str]] = {}
    for kind in kinds:
        for target, _, value in row.cells.get(kind, ()):
            found.setdefault(target.lang or lang, []).append(value)
    return found


def _first_title(values: Sequence[str]) -> str:
    """The first value with a letter or digit in it."""
    for value in values:
        text = clean_text(value)
        if any(map(str.isalnum, text)):
            return text
    return ""


def _given_bullets(bullets: dict[str, tuple[str, ...]], own: str) -> list[GivenText]:
    count = len(bullets.get(own, ()))
    return [
        GivenText(f"bullets.{number}", code, text)
        for code, texts in bullets.items()
        if code != own
        for number, text in enumerate(texts[:count])
    ]


def _categories(row: Row, own: str, understood: Understanding) -> dict[str, tuple[str, ...]]:
    """The clearest category column of each language, its narrower levels behind it."""
    found: dict[str, tuple[str, ...]] = {}
    columns: dict[str, dict[str, list[str]]] = {}
    numbered: dict[str, bool] = {}
    for target, column, value in row.cells.get(Field.CATEGORY, ()):
        code = target.lang or own
        first = next(iter(columns.get(code, {})), None)
        # "Category 1", "Category 2" are the levels of one path; two columns of other names are two classifications.
        if first is None or column == first or (target.number is not None and numbered[code]):
            columns.setdefault(code, {}).setdefault(column, []).append(value)
            numbered.setdefault(code, target.number is not None)
    for code, cells in columns.items():
        separator = next((understood.separators.get(column) for column in cells), None)
        profile = understood.mapping.profile
        listed = profile is not None and any(map(profile.profile.lists, cells))
        values = tuple([value for values in cells.values() for value in values])
        found[code] = _read_category(values, separator, listed)
    for target, _, value in row.cells.get(Field.SUBCATEGORY, ()):
        code, level = target.lang or own, clean_text(value)
        if level and level not in found.get(code, ()):
            found[code] = (*found.get(code, ()), level)
    return found


def _read_category(values: tuple[str, ...], separator: re.Pattern[str] | None, listed: bool) -> tuple[str, ...]:
    """Read a path; a catalog has few categories and many products in each."""
    read = _read_known_category if sum(map(len, values)) <= _LONGEST_KNOWN else read_category
    return read(values, separator, listed=listed)


_read_known_category = lru_cache(maxsize=4096)(read_category)


def _descriptions(row: Row, own: str) -> dict[str, str]:
    """Join short and long descriptions of each language as blocks; what another block says already is left out.

    A description in another language than its column says goes where it belongs, if nothing stands there.
    """
    found: dict[str, list[str]] = {}
    moved: list[tuple[str, str]] = []
    for kind in (Field.SHORT_DESCRIPTION, Field.DESCRIPTION):
        for target, column, value in row.cells.get(kind, ()):
            text = clean_description(value)
            if not text:
                continue
            code = target.lang or own
            wrong = doubt(plain_text(text), code) if target.lang else None
            if wrong is None or not wrong.clear:
                found.setdefault(code, []).append(text)
                continue
            reason = f"the text of column {column!r} reads as {wrong.code!r}: it is not used as {code!r}"
            row.warn("description", value, "text_language", reason)
            moved.append((wrong.code, text))
    for code, text in moved:
        found.setdefault(code, [text])
    return {code: _join(texts) for code, texts in found.items()}


def _join(texts: list[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    plain = [" ".join(plain_text(text).split()) for text in texts]
    kept = [
        text
        for place, text in enumerate(texts)
        if not any(
            plain[place] in other and (plain[place] != other or at < place)
            for at, other in enumerate(plain)
            if at != place
        )
    ]
    if any(is_html(text) for text in kept):
        return "".join(text if is_html(text) else f"<p>{escape(text, quote=False)}</p>" for text in kept)
    return "\n\n".join(kept)


def _trusted(row: Row, given: list[GivenText]) -> list[GivenText]:
    """Leave out titles that clearly are in another language than their column says; descriptions were checked."""
    kept = []
    for text in given:
        wrong = doubt(text.text, text.lang) if text.field == "title" else None
        if wrong is None or not wrong.clear:
            kept.append(text)
            continue
        reason = f"this title reads as {wrong.code!r}: it is not used as {text.lang!r}"
        row.warn("title", text.text, "text_language", reason)
    return kept
