"""Columns of a file -> mapping: by hand, by header, by the shape of the values."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from catalog.columns.checks import Draft, as_attribute, attribute_name, verify
from catalog.columns.evidence import CatalogEvidence, ColumnEvidence
from catalog.columns.fields import PRICE_FIELDS, TEXT_FIELDS, Field, header_names, squash
from catalog.columns.headers import ParsedHeader, in_variants, parse_headers
from catalog.columns.mapping import HandMapping, Mapping, Notice, Target
from catalog.columns.pairs import pair_tiers, pair_units
from catalog.columns.profiles import Profile, RecognisedProfile, recognise
from catalog.languages import CODES
from catalog.values.numbers import is_bare_number, is_money

_NAMELESS = re.compile(r"(?:column|col|field|unnamed|spalte|colonne|columna|列|f)?[\s_:#]*\d*", re.IGNORECASE)
_ONE_COLUMN = (
    Field.SKU,
    Field.TITLE,
    Field.BRAND,
    Field.MPN,
    Field.STOCK,
    Field.MINIMUM_ORDER,
    Field.PARENT,
    Field.URL,
)
_SKU_AMONG = 5
"""Unnamed article numbers stand among the first columns; farther back unique codes are something else."""

_LONGEST_TITLE = 160
"""Mean length in characters above which texts are descriptions."""

_NO_FLAGS: tuple[set[str], ...] = ({"1"}, {"true"}, {"false"}, {"true", "false"})
"""A column of ones may be a weight, and true or false a property; 0 and 1, Y and N are switches of a shop."""


def map_columns(evidence: CatalogEvidence, hand: HandMapping | None = None) -> Mapping:
    """Say what every column of a file means.

    Args:
        evidence: one pass over the file.
        hand: what a person decided; wins column by column, before a known source and the general rules.
    """
    draft = Draft(evidence)
    headers = parse_headers(evidence.columns)
    recognised = recognise(evidence.columns)
    _take_hand(draft, hand)
    _take_profile(draft, headers, recognised)
    _take_headers(draft, headers)
    _mark_options(draft, recognised)
    pair_tiers(draft, headers)
    verify(draft, headers)
    _pair_attributes(draft, headers)
    _settle_tiers(draft)
    _settle_rivals(draft, headers)
    _take_values(draft, headers)
    _take_properties(draft, headers)
    pair_units(draft, headers, hand.columns if hand else ())
    _settle_options(draft)
    return Mapping(
        targets={column: draft.targets[column] for column in evidence.columns if column in draft.targets},
        ignored=tuple(column for column in evidence.columns if column not in draft.targets),
        notices=tuple(draft.notices),
        constants=hand.constants if hand else {},
        decimal=hand.decimal if hand else None,
        profile=recognised,
    )


def _take_hand(draft: Draft, hand: HandMapping | None) -> None:
    for column, target in (hand.columns if hand else {}).items():
        if column not in draft.evidence.columns:
            reason = f"the mapping names column {column!r}, which this file does not have"
            draft.notices.append(Notice(column, "mapping_column_absent", reason))
        elif target.field is Field.IGNORED:
            draft.ignore(column)
        else:
            draft.targets[column] = target


def _take_profile(draft: Draft, headers: dict[str, ParsedHeader], recognised: RecognisedProfile | None) -> None:
    if recognised is None:
        return
    for column, header in headers.items():
        name = recognised.profile.field_of(column)
        if name is None or column in draft.targets or column in draft.ignored or header.variant:
            continue
        if name == Field.IGNORED:
            draft.ignore(column)
        else:
            draft.targets[column] = _profile_target(name, header, recognised)


def _profile_target(name: str, header: ParsedHeader, recognised: RecognisedProfile) -> Target:
    number = header.number
    if number is None and (digits := re.findall(r"\d+", header.column)):
        number = int(digits[-1][:6])
    field_name, _, attribute = name.partition(".")
    kind = Field.ATTRIBUTE if field_name == "attributes" and attribute else Field(name)
    return Target(
        kind,
        # Before every name of the general rules: the source itself says what its column is.
        rank=-1,
        lang=header.lang if kind in TEXT_FIELDS else None,
        name=attribute.replace("#", str(number or "")) or (attribute_name(header) if kind is Field.ATTRIBUTE else ""),
        unit=header.unit or None,
        currency=header.currency,
        number=number,
        confidence=recognised.confidence,
        by="profile",
    )


def _mark_options(draft: Draft, recognised: RecognisedProfile | None) -> None:
    """Columns that tell variants apart: those that the source names, and properties inside a list of variants."""
    profile: Profile | None = recognised.profile if recognised else None
    for column, values in draft.evidence.columns.items():
        if column in draft.ignored or profile is None or not profile.tells_variants_apart(column):
            continue
        target = draft.targets.get(column)
        if target is not None:
            draft.targets[column] = replace(target, option=True)
        elif values.filled:
            draft.targets[column] = replace(as_attribute(parse_headers([column])[column]), option=True)


def _settle_options(draft: Draft) -> None:
    """Where variants name their attributes, these tell them apart, and their weight does not."""
    named = {column for column in draft.targets if in_variants(column).startswith("attributes.")}
    if any(draft.targets[column].option for column in named):
        for column, target in draft.targets.items():
            if target.variant and target.option and column not in named:
                draft.targets[column] = replace(target, option=False)


def _settle_tiers(draft: Draft) -> None:
    """``Price``, ``Price 10``, ``Price 50``: numbers that do not count 1, 2, 3 are quantities."""
    for kind in (Field.PRICE, Field.TIER_PRICE):
        numbered = {
            column: target.number
            for column, target in draft.targets.items()
            if target.field is kind and target.number is not None and target.by in ("header", "profile")
        }
        numbers = sorted({number for number in numbered.values() if number is not None})
        counted = numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] <= 2 if numbers else True
        if kind is Field.PRICE and not counted:
            beside = any(target.field is kind and target.number in (None, 1) for target in draft.targets.values())
            for column, number in numbered.items():
                if beside and number is not None and number > 1:
                    draft.targets[column] = replace(draft.targets[column], field=Field.TIER_PRICE)
        elif kind is Field.TIER_PRICE and counted and not draft.has(Field.TIER_QUANTITY):
            for column in [name for name, target in draft.targets.items() if target.field is kind]:
                reason = "it names no quantity from which the price holds: say it in the header (Price from 10)"
                draft.ignore(column, "tier_quantity_unknown", reason)


def _take_headers(draft: Draft, headers: dict[str, ParsedHeader]) -> None:
    for column, header in headers.items():
        if column in draft.targets or column in draft.ignored:
            hand = draft.targets.get(column)
            if hand is not None:
                if hand.name == column:
                    hand = replace(hand, name=attribute_name(header))
                if hand.by == "hand":
                    hand = replace(hand, unit=header.unit, currency=header.currency, number=header.number)
                draft.targets[column] = replace(hand, variant=header.variant)
            continue
        if header.named is None:
            continue
        if header.named.field is Field.IGNORED:
            draft.ignore(column)
        elif header.lang is not None and header.lang not in CODES:
            reason = f"its texts are in {header.lang!r}, which is none of the fifteen languages"
            draft.ignore(column, "other_language", reason)
        else:
            draft.targets[column] = _header_target(header)


def _header_target(header: ParsedHeader) -> Target:
    assert header.named is not None
    return Target(
        field=header.named.field,
        rank=header.named.rank,
        lang=header.lang,
        name=attribute_name(header) if header.named.field is Field.ATTRIBUTE else "",
        unit=header.unit or None,
        currency=header.currency,
        number=header.number,
        folder=header.folder,
        pieces=header.pieces,
        confidence=0.95,
        option=header.variant and header.named.field is Field.ATTRIBUTE,
        variant=header.variant,
    )


# -- what the columns say of each other -------------------------------------------------------------------------------


def _pair_attributes(draft: Draft, headers: dict[str, ParsedHeader]) -> None:
    """A value column without its name column (and the other way round) is an attribute like any other."""
    numbers = {
        kind: {target.number for target in draft.targets.values() if target.field is kind}
        for kind in (Field.ATTRIBUTE_NAME, Field.ATTRIBUTE_VALUE)
    }
    paired = numbers[Field.ATTRIBUTE_NAME] & numbers[Field.ATTRIBUTE_VALUE]
    for column, target in list(draft.targets.items()):
        alone = target.number not in paired and not target.folder  # with a folder: an attribute's name, translated
        if target.field in numbers and alone and target.by != "hand":
            draft.targets[column] = as_attribute(headers[column])


def _settle_rivals(draft: Draft, headers: dict[str, ParsedHeader]) -> None:
    for kind in _ONE_COLUMN:
        rivals = [column for column, target in draft.targets.items() if target.field is kind]
        for lang, inside in {(draft.targets[column].lang, draft.targets[column].variant) for column in rivals}:
            same = [
                column
                for column in rivals
                if (draft.targets[column].lang, draft.targets[column].variant) == (lang, inside)
            ]
            if kind is Field.TITLE and lang is not None:
                continue
            winner, *others = sorted(same, key=lambda name: _standing(draft, name))
            for column in others:
                if not _same_name(headers[column], headers[winner]):
                    _lose(draft, column, headers[column])
    if draft.has(Field.BRAND):
        for column in [name for name, target in draft.targets.items() if target.field is Field.MANUFACTURER]:
            draft.targets[column] = as_attribute(headers[column])


def _same_name(one: ParsedHeader, other: ParsedHeader) -> bool:
    """``title`` and ``g:title`` are one column that a feed writes in two ways; the second serves where one is empty."""
    return one.column != other.column and one.stem == other.stem and (":" in one.column or ":" in other.column)


def _standing(draft: Draft, column: str) -> tuple[bool, bool, int]:
    """By hand first; a column that hardly any row fills never wins over one that most do; then the clearer name."""
    target, values = draft.targets[column], draft.evidence.columns[column]
    return target.by != "hand", values.filled < draft.evidence.records / 10, target.rank


def _lose(draft: Draft, column: str, header: ParsedHeader) -> None:
    if draft.targets[column].field is Field.URL or not draft.evidence.columns[column].filled:
        draft.ignore(column)
    else:
        draft.targets[column] = as_attribute(header)


# -- what the values say themselves -----------------------------------------------------------------------------------


def _take_values(draft: Draft, headers: dict[str, ParsedHeader]) -> None:
    """Give the fields that no header named to the columns whose values look like them."""
    _promote_description(draft)
    _claim(draft, Field.GTIN, 0.9, (Field.GTIN,), lambda v: len(v.gtins) >= 0.8 * v.filled)
    _claim(draft, Field.IMAGE, 0.9, (), lambda v: v.share(v.image_urls) > 0.8)
    _claim(draft, Field.URL, 0.7, (Field.URL,), lambda v: v.share(v.urls) > 0.8)
    priced = (*PRICE_FIELDS, Field.TIER_PRICE)
    _claim(draft, Field.PRICE, 0.6, priced, lambda v: _looks_like_price(v, headers[v.name]))
    _claim(draft, Field.DESCRIPTION, 0.6, (Field.DESCRIPTION, Field.SHORT_DESCRIPTION), _looks_like_description)
    identity = (Field.SKU, Field.PRODUCT_ID)
    first = [column for column in list(headers)[:_SKU_AMONG] if not headers[column].unit]
    _claim(draft, Field.SKU, 0.7, identity, lambda v: v.name in first and _looks_like_sku(v))
    _claim(draft, Field.TITLE, 0.6, (Field.TITLE,), _looks_like_title)
    _claim(draft, Field.TITLE, 0.5, (Field.TITLE,), lambda v: _looks_like_title(v, shortest=4))


def _promote_description(draft: Draft) -> None:
    """Without a title, a short "Description" is one: many price lists have no other name for it."""
    if draft.has(Field.TITLE):
        return
    for kind in (Field.SHORT_DESCRIPTION, Field.DESCRIPTION):
        for column, target in draft.targets.items():
            values = draft.evidence.columns[column]
            if target.field is kind and values.filled and values.mean_length <= _LONGEST_TITLE and target.by != "hand":
                draft.targets[column] = replace(target, field=Field.TITLE, confidence=0.6)
                reason = "it was taken as title, since no other column names the products"
                draft.notices.append(Notice(column, "unsure_column", reason))
                return


def _claim(
    draft: Draft, kind: Field, confidence: float, taken_by: Iterable[Field], looks: Callable[[ColumnEvidence], bool]
) -> None:
    if draft.has(*taken_by):
        return
    for column, values in draft.evidence.columns.items():
        if column in draft.targets or column in draft.ignored or not values.filled or not looks(values):
            continue
        if in_variants(column):
            continue
        currency = parse_headers([column])[column].currency if kind is Field.PRICE else None
        draft.targets[column] = Target(kind, rank=50, currency=currency, confidence=confidence, by="values")
        reason = f"it was taken as {kind.value} by its values: say so in a mapping file, or what it is instead"
        draft.notices.append(Notice(column, "unsure_column", reason))
        if kind is not Field.IMAGE:
            return


def _looks_like_sku(values: ColumnEvidence) -> bool:
    return _unique(values) and values.share(values.codes) > 0.9 and not values.dates


def _unique(values: ColumnEvidence) -> bool:
    return len(values.distinct) >= min(values.seen, 500) and values.seen > 0


def _looks_like_price(values: ColumnEvidence, header: ParsedHeader) -> bool:
    if header.unit or any(squash(header.stem) in names for names in header_names().measures):
        return False
    numbers = values.share(values.numbers) > 0.8
    in_currency = header.currency is not None and header.column.rstrip(" )]").endswith(header.currency)
    if values.share(values.money) > 0.8 or (numbers and (in_currency or values.share(values.cents) > 0.8)):
        return True
    return sum(map(is_money, values.samples)) > 0.8 * len(values.samples)


def _looks_like_description(values: ColumnEvidence) -> bool:
    varied = len(values.distinct) > min(values.seen, 500) / 2
    return varied and values.share(values.sentences) > 0.5 and values.mean_length > 60 and not values.urls


def _looks_like_title(values: ColumnEvidence, shortest: int = 10) -> bool:
    plain = values.share(values.codes) < 0.3 and values.share(values.numbers) < 0.2 and not values.share(values.dates)
    varied = len(values.distinct) > min(values.seen, 500) / 2
    return plain and varied and shortest <= values.mean_length <= _LONGEST_TITLE and not values.urls


# -- and the rest -----------------------------------------------------------------------------------------------------


def _take_properties(draft: Draft, headers: dict[str, ParsedHeader]) -> None:
    for column, values in draft.evidence.columns.items():
        if column in draft.targets or column in draft.ignored:
            continue
        if _is_property(column, values):
            draft.targets[column] = _property(headers[column], values)
        else:
            draft.ignored.add(column)


def _is_property(column: str, values: ColumnEvidence) -> bool:
    technical = values.share(values.urls) > 0.5 or values.share(values.files) > 0.5 or values.share(values.paths) > 0.5
    flags = values.share(values.flags) > 0.99 and {sample.lower() for sample in values.samples} not in _NO_FLAGS
    nameless = _NAMELESS.fullmatch(column.strip()) is not None
    return bool(values.filled) and not (technical or flags or nameless) and values.mean_length <= 400


def _property(header: ParsedHeader, values: ColumnEvidence) -> Target:
    if not header.unit:
        return replace(as_attribute(header), confidence=0.7)
    bare = sum(is_bare_number(sample) for sample in values.samples) >= 0.8 * len(values.samples)
    if header.loose and not bare:  # class_a is no current in amperes
        return Target(
            Field.ATTRIBUTE, lang=header.lang, name=attribute_name(header, with_unit_word=True), confidence=0.7
        )
    return replace(as_attribute(header), confidence=0.8)
