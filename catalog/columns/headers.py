"""What a header says beside the field's name: a language, a unit, a currency, a number.

``Preis (EUR)`` is a price in euros, ``name.en_US`` a title in English, ``peso_kg`` a weight in kilograms,
``Bullet Point 3`` the third of its kind.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from catalog.columns.fields import PRICE_FIELDS, TEXT_FIELDS, Field, HeaderNames, NamedField, header_names, squash
from catalog.languages import CODES
from catalog.values.currencies import find_currency


@dataclass(frozen=True, slots=True)
class ParsedHeader:
    """A column's header, taken apart.

    Attributes:
        column: the header as it stands in the file.
        stem: what is left without language, unit, currency and namespace; names an attribute.
        named: the field that the stem is known for, or ``None``.
        lang: language of the column's texts where the header says one; may be outside the fifteen.
        unit: unit of the column's numbers.
        currency: ISO code of the column's prices.
        number: number of the column among its kind (``value_3``), else ``None``.
        folder: for a nested attribute the name of the object that holds it (``size`` of ``size.width``).
        loose: the unit is only a lower-case tail (``class_a``): believe it where the values are bare numbers.
        variant: the column belongs to a list of variants inside a record (``variants.sku``).
        pieces: the column's prices are for so many pieces (``Preis pro 100 Stk``).
    """

    column: str
    stem: str
    named: NamedField | None = None
    lang: str | None = None
    unit: str | None = None
    currency: str | None = None
    number: int | None = None
    folder: str = ""
    loose: bool = False
    variant: bool = False
    pieces: int = 1


_NESTED_VARIANTS = frozenset({"variants", "variant", "children", "variations"})
_TEMPLATE_TAGS = re.compile(
    r"\[(?:marketplace_id|language_tag|audience|currency)=[^\]]*\]|#\d+(?:\.value(?:_with_tax)?$)?"
    r"|\s*\((?:product|variant)\.metafields\.[^()]*\)$"
)
"""What marketplaces write behind a column's name: ``item_name[language_tag=de_DE]#1.value``, and Shopify behind a
metafield's: ``Fabric (product.metafields.custom.fabric)``."""

_TEMPLATE_LANGUAGE = re.compile(r"\[language_tag=([a-z]{2})[_-]")
_TRANSLATED_NAME = re.compile(r"(?P<attribute>attributes\..+)\.name_(?P<lang>[a-z]{2})")
"""The name of an attribute in another language, as the reader of BMEcat writes it."""

_NAMESPACE = re.compile(r"^(?:g|c|ns\d):", re.IGNORECASE)
_LOCALE = re.compile(
    r"^(?P<stem>.+?)[\s._\-:@(\[]+(?P<lang>[a-z]{2})[_-](?P<country>[A-Z]{2}|Han[st])(?:[\s._\-]+(?P<channel>\w+))?[)\]]?$"
)
_CODE_IN_BRACKETS = re.compile(
    r"^(?P<stem>.+?)\s*[(\[（【](?P<lang>[A-Za-z]{2})(?:[-_](?:[a-zA-Z]{2}|[Hh]an[st]))?[)\]）】]$"
)
_CODE_BEHIND = re.compile(r"^(?P<stem>.+?)(?:[\s._\-:@]+(?P<lang>[a-z]{2}|[A-Z]{2})|(?<=[a-z])(?P<camel>[A-Z][a-z]))$")
_CODE_BEFORE = re.compile(r"^(?P<lang>[a-z]{2}|[A-Z]{2})[\s._\-:]+(?P<stem>.+)$")
_BRACKETS = re.compile(r"[(\[（【]([^)\]）】]*)[)\]）】]")
_COMMA_TAIL = re.compile(r"^(?P<stem>.+?)\s*[,،、/]\s*(?P<tail>[^,،、/]{1,12})$")
_PLURAL = re.compile(r"(?<=\w)\((?:s|e|es|en|n)\)")
_WORD_TAIL = re.compile(r"^(?P<stem>.+?)\s+(?:in\s+)?(?P<tail>\S{1,6})$")
_PER_PIECES = re.compile(
    r"^(?P<stem>.+?)\s*(?:/|(?<!\w)(?:per|pro|je|por|za|за|لكل)(?!\w))\s*(?P<pieces>\d{1,3}(?:[., ]?\d{3})*)"
    r"(?:\s*(?P<word>[^\W\d_]+)\.?)?$",
    re.IGNORECASE,
)
"""No ``par`` or ``for``: ``prix par 10`` and ``price for 10`` are as often the price of one of ten."""

_CAMEL = re.compile(r"(?<=[a-zà-ÿß-öø-ÿğışçö0-9])(?=[A-ZÀ-ÖØ-Þ])")
_DOT_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d_]{2})\.(?=[^\W\d_]{2})")
_COMPOUND_UNITS = {
    "l_h": "l/h",
    "l_min": "l/min",
    "m3_h": "m³/h",
    "g_m2": "g/m²",
    "kg_m3": "kg/m³",
    "m_s": "m/s",
    "km_h": "km/h",
}
_UNIT_TAILS = {
    "w": "W",
    "v": "V",
    "a": "A",
    "n": "N",
    "pa": "Pa",
    "hz": "Hz",
    "m2": "m²",
    "m3": "m³",
    "cm2": "cm²",
    "cm3": "cm³",
    "c": "°C",
    "pct": "%",
    "percent": "%",
}
_VARIANT_FOLDERS = frozenset({"variants", "variant", "related", "children", "supplier", "seller", "shipping"})


def parse_headers(columns: Iterable[str]) -> dict[str, ParsedHeader]:
    """Take every header of a file apart; a bare ``_en`` counts as a language where another column confirms it."""
    listed = list(columns)
    names = header_names()
    siblings = _siblings(listed)
    return {column: _parse_any(column, names, siblings) for column in listed}


def _parse_any(column: str, names: HeaderNames, siblings: dict[str, set[str]]) -> ParsedHeader:
    inside = in_variants(column)
    if inside:
        return replace(_parse(inside, names, siblings), column=column, variant=True)
    if (match := _TRANSLATED_NAME.fullmatch(column)) and match["lang"] in CODES:
        attribute = _parse(match["attribute"], names, siblings)
        named = NamedField(Field.ATTRIBUTE_NAME, 0, frozenset())
        return ParsedHeader(column, attribute.stem, named, match["lang"], folder=split_words(attribute.stem))
    plain = _TEMPLATE_TAGS.sub("", column)
    if plain == column or not plain:
        return _parse(column, names, siblings)
    tag = _TEMPLATE_LANGUAGE.search(column)
    number = re.search(r"#([2-9]\d*)", column)
    parsed = replace(_parse(plain, names, siblings), column=column, number=int(number[1]) if number else None)
    return replace(parsed, lang=tag[1]) if tag and _is_text(parsed.stem, names) else parsed


def in_variants(column: str) -> str:
    """Return what a column of the variants inside a record is called there, ``""`` for any other column."""
    folder, dot, rest = column.partition(".")
    return rest if dot and squash(folder) in _NESTED_VARIANTS else ""


def split_words(name: str) -> str:
    """Write a machine's name as words: ``optical_zoom``, ``opticalZoom`` and ``optical.zoom`` -> ``optical zoom``."""
    spaced = _DOT_BETWEEN_WORDS.sub(" ", name.strip())
    if " " in spaced:
        return " ".join(spaced.split())
    spaced = _CAMEL.sub(" ", spaced.replace("_", " "))
    words = spaced.split()
    if _CAMEL.search(name):
        words = words[:1] + [word if word.isupper() else word.lower() for word in words[1:]]
    return " ".join(words) or name


def _siblings(columns: list[str]) -> dict[str, set[str]]:
    """Collect, by squashed stem, the two-letter tails that occur; ``""`` where the stem is a column itself."""
    found: dict[str, set[str]] = {}
    for column in columns:
        found.setdefault(squash(column), set()).add("")
        if match := _CODE_BEHIND.match(column):
            code = (match["lang"] or match["camel"]).lower()
            if code in CODES:
                found.setdefault(squash(match["stem"]), set()).add(code)
    return found


def _parse(column: str, names: HeaderNames, siblings: dict[str, set[str]]) -> ParsedHeader:
    plain = _PLURAL.sub("", _NAMESPACE.sub("", column)).strip()
    whole = ParsedHeader(column, plain, names.names.get(squash(column)) or names.names.get(squash(plain)))
    if whole.named is not None and not _BRACKETS.search(plain):
        return whole
    parsed = _take_language(whole, names, siblings)
    parsed = _take_measure(parsed, names)
    if parsed.named is None or parsed.unit or parsed.currency:
        parsed = _look_up(parsed, names)
    return parsed


def _take_language(header: ParsedHeader, names: HeaderNames, siblings: dict[str, set[str]]) -> ParsedHeader:
    text = header.stem
    if match := _LOCALE.match(text):
        return replace(header, stem=match["stem"], lang=match["lang"], named=None)
    if (match := _CODE_IN_BRACKETS.match(text)) and match["lang"].lower() in CODES and match["lang"].lower() != "id":
        return replace(header, stem=match["stem"], lang=match["lang"].lower(), named=None)
    if match := _CODE_BEHIND.match(text):
        code = (match["lang"] or match["camel"]).lower()
        if code in CODES and _confirmed(code, match["stem"], names, siblings):
            return replace(header, stem=match["stem"], lang=code, named=None)
    if (match := _CODE_BEFORE.match(text)) and match["lang"].lower() in CODES and _is_text(match["stem"], names):
        return replace(header, stem=match["stem"], lang=match["lang"].lower(), named=None)
    return header if header.named else _take_language_word(header, names)


def _confirmed(code: str, stem: str, names: HeaderNames, siblings: dict[str, set[str]]) -> bool:
    """``name_en`` by its stem, ``farbe_en`` by a sibling; ``_id`` is an identifier unless other languages stand by."""
    others = siblings.get(squash(stem), set()) - {code}
    if code == "id":
        return bool(others - {""})
    return _is_text(stem, names) or bool(others)


def _take_language_word(header: ParsedHeader, names: HeaderNames) -> ParsedHeader:
    """``영문상품명`` and ``Bezeichnung (englisch)``: a language's name beside the name of a field of texts."""
    squashed = squash(header.stem)
    for word, code in names.languages.items():
        for rest in (squashed.removeprefix(word), squashed.removesuffix(word)):
            named = names.names.get(rest)
            if rest != squashed and named is not None and named.field in TEXT_FIELDS:
                return replace(header, stem=rest, lang=code, named=named)
    return header


def _is_text(stem: str, names: HeaderNames) -> bool:
    named = names.names.get(squash(stem))
    return named is not None and named.field in TEXT_FIELDS


def _take_measure(header: ParsedHeader, names: HeaderNames) -> ParsedHeader:
    for take in (_measure_in_brackets, _measure_behind_comma, _measure_in_tail):
        found = take(header, names)
        if found is not None:
            return found
    return header


def _measure_in_brackets(header: ParsedHeader, names: HeaderNames) -> ParsedHeader | None:
    for match in _BRACKETS.finditer(header.stem):
        words = re.split(r"[\s,;・、/]+", match[1])
        # The last word first: in "(L x B in mm)" the inch is a preposition.
        for word in [match[1].strip(), *reversed(words)]:
            unit, currency = _unit(word, names), find_currency(word)
            if unit is None and currency is None:
                continue
            rest = [other for other in words if other not in (word, "in", "en", "w", "в", "") and word in words]
            inside = f" ({' '.join(rest)})" if unit and rest else ""
            stem = (header.stem[: match.start()].rstrip() + inside + header.stem[match.end() :]).strip()
            return replace(header, stem=stem, unit=unit, currency=None if unit else currency)
    return None


def _measure_behind_comma(header: ParsedHeader, names: HeaderNames) -> ParsedHeader | None:
    match = _COMMA_TAIL.match(header.stem)
    if match is None:
        return None
    return _measured(header, match["stem"], match["tail"], names)


def _measure_in_tail(header: ParsedHeader, names: HeaderNames) -> ParsedHeader | None:
    """``peso_kg``, ``caudal_l_h``, ``weightKg``, ``Gewicht in kg``, ``Preis EUR``."""
    if header.named is not None:
        return None
    if match := _WORD_TAIL.match(header.stem):
        found = _measured(header, match["stem"], match["tail"], names)
        if found is not None:
            return replace(found, loose=len(match["tail"]) < 2)
    words = re.sub(r"[-\s]", "_", _CAMEL.sub("_", header.stem)).split("_")
    for size in (2, 1):
        tail = "_".join(words[-size:]).lower()
        unit = _COMPOUND_UNITS.get(tail) or (_tail_unit(tail, names) if size == 1 else None)
        if unit is not None and len(words) > size and (size > 1 or len(tail) > 1 or len(words[-2]) > 2):
            return replace(header, stem=" ".join(words[:-size]), unit=unit, loose=True)
    if len(words) > 1 and len(words[-1]) == 3 and (currency := find_currency(words[-1].upper())):
        return replace(header, stem="_".join(words[:-1]), currency=currency)
    return None


def _measured(header: ParsedHeader, stem: str, tail: str, names: HeaderNames) -> ParsedHeader | None:
    unit, currency = _unit(tail, names), find_currency(tail)
    if unit is None and currency is None:
        return None
    return replace(header, stem=stem.strip(), unit=unit, currency=None if unit else currency)


def _unit(word: str, names: HeaderNames) -> str | None:
    """Return a unit as it is written behind numbers; ``""`` for words of mere counting, whose numbers stay bare."""
    word = word.strip().strip(".")
    if word in names.units:
        return names.units[word]
    return "" if squash(word) in names.counts and squash(word) else None


def _tail_unit(tail: str, names: HeaderNames) -> str | None:
    return _UNIT_TAILS.get(tail) or names.units.get(tail)


def _look_up(header: ParsedHeader, names: HeaderNames) -> ParsedHeader:
    """Find the stem's field: as it is, without what stands in brackets, without its number, by its last part."""
    stem = header.stem
    bare = _BRACKETS.sub(" ", stem).strip()
    in_brackets = [squash(text) for text in _BRACKETS.findall(stem)]
    if "id" in in_brackets and names.find(squash(stem)) is None:
        return replace(header, named=NamedField(Field.IGNORED, 0, frozenset()))
    for text in (stem, bare):
        if named := names.find(squash(text)):
            return replace(header, named=named)
    digits = re.findall(r"\d+", bare)
    if digits and (found := _per_pieces(header, bare, names)):
        return found
    if digits and (named := names.names.get(re.sub(r"\d+", "", squash(bare)))):
        return replace(header, named=named, number=int(digits[-1][:6]))
    parts = stem.split(".")
    if len(parts) > 1:
        return _look_up_nested(header, parts, names)
    return header


def _per_pieces(header: ParsedHeader, bare: str, names: HeaderNames) -> ParsedHeader | None:
    """``Preis pro 100`` is the price of a hundred; ``Preis je 100 g`` is no price of the product."""
    match = _PER_PIECES.match(bare)
    priced = names.names.get(squash(match["stem"])) if match else None
    if match is None or priced is None or priced.field not in PRICE_FIELDS:
        return None
    if header.unit or (match["word"] and squash(match["word"]) not in names.counts):
        return replace(header, named=NamedField(Field.IGNORED, 0, frozenset()))
    pieces = max(1, int(re.sub(r"\D", "", match["pieces"])[:7]))
    # Behind any column that prices one piece.
    return replace(header, stem=match["stem"], named=replace(priced, rank=priced.rank + 100), pieces=pieces)


def _look_up_nested(header: ParsedHeader, parts: list[str], names: HeaderNames) -> ParsedHeader:
    first, last = names.names.get(squash(parts[0])), names.names.get(squash(parts[-1]))
    if first is not None and first.field is Field.ATTRIBUTES:
        return _inside_attributes(header, parts[1:], last)
    if squash(parts[0]) in _ABOUT_DELIVERY:
        return replace(header, named=NamedField(Field.IGNORED, 0, frozenset()))
    if first is not None and first.field is Field.IMAGE:
        beside = squash(parts[-1]) in _BESIDE_AN_ADDRESS
        return replace(header, named=NamedField(Field.IGNORED, 0, frozenset()) if beside else first)
    if first is not None and first.field is Field.PRICE_TIERS:
        part = _TIER_PARTS.get(last.field, Field.IGNORED) if last else _tier_word(parts)
        return replace(header, named=NamedField(part, 0, frozenset()))
    if last is not None and last.field is Field.ATTRIBUTE_UNIT:
        return replace(header, stem=parts[-1])
    if squash(parts[0]) in _VARIANT_FOLDERS or last is None or last.field in _NOT_BY_LAST_PART:
        return header
    return replace(header, named=last)


_TIER_PARTS = {
    Field.STOCK: Field.TIER_QUANTITY,
    Field.MINIMUM_ORDER: Field.TIER_QUANTITY,
    Field.TIER_QUANTITY: Field.TIER_QUANTITY,
    Field.PRICE: Field.TIER_PRICE,
    Field.TIER_PRICE: Field.TIER_PRICE,
    Field.ATTRIBUTE_VALUE: Field.TIER_PRICE,
}


def _tier_word(parts: list[str]) -> Field:
    return Field.TIER_QUANTITY if squash(parts[-1]) in {"min", "from", "minimum", "ab", "von"} else Field.IGNORED


_ABOUT_DELIVERY = frozenset({"shipping", "tax", "installment"})
_BESIDE_AN_ADDRESS = frozenset(
    {
        *("id", "position", "order", "sort", "alt", "alttext", "title", "name", "label", "caption", "width", "height"),
        *("type", "productid", "variantids", "createdat", "updatedat", "datecreated", "datemodified", "size", "format"),
        *("admingraphqlapiid", "datecreatedgmt", "datemodifiedgmt"),
    }
)
"""What JSON and XML say of a picture beside its address."""

_NOT_BY_LAST_PART = frozenset({Field.IGNORED, Field.ATTRIBUTE_NAME, Field.ATTRIBUTE_VALUE})


def _inside_attributes(header: ParsedHeader, parts: list[str], last: NamedField | None) -> ParsedHeader:
    """``specs.weight.value`` and ``specs.weight.unit`` are the weight; ``specs.size.width`` is the size's width."""
    folder = ".".join(parts[:-1])
    attribute = NamedField(Field.ATTRIBUTE, 0, frozenset())
    if last is None or last.field not in (Field.ATTRIBUTE_NAME, Field.ATTRIBUTE_VALUE, Field.ATTRIBUTE_UNIT):
        return replace(header, stem=".".join(parts), named=attribute, folder=folder)
    if not folder:
        return replace(header, named=last if last.field is not Field.ATTRIBUTE_UNIT else attribute, stem=parts[-1])
    if last.field is Field.ATTRIBUTE_UNIT:
        return replace(header, stem=folder, named=last, folder=folder)
    return replace(header, stem=folder, named=attribute, folder=folder)
