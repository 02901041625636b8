"""Columns that say something of other columns: a unit of its numbers, a quantity of its price."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cache

from catalog.columns.checks import Draft
from catalog.columns.fields import Field, header_names, squash
from catalog.columns.headers import ParsedHeader
from catalog.columns.mapping import Target
from catalog.values.units import find_unit

_CONNECTORS = re.compile(r"^(?:of|for|de|del|della|di|do|da|du|des|d|ال)(?=\w{3})")
_CLASSES = ("class", "unitcode", "unitofmeasure")
_LONGEST_ENDING = 2


def pair_tiers(draft: Draft, headers: dict[str, ParsedHeader]) -> None:
    """``Menge 1; Preis 1; Menge 2; Preis 2``: numbered quantities and prices are tiers, and no stock."""
    quantities: dict[int, list[str]] = {}
    prices: dict[int, list[str]] = {}
    for column, target in draft.targets.items():
        if target.number is None or target.by != "header" or target.variant:
            continue
        if target.field in (Field.PRICE, Field.TIER_PRICE) and target.pieces == 1:
            prices.setdefault(target.number, []).append(column)
        elif _is_quantity(target.field, headers[column]):
            quantities.setdefault(target.number, []).append(column)
    paired = quantities.keys() & prices.keys()
    beside = any(target.field is Field.PRICE and target.number is None for target in draft.targets.values())
    if len(paired) < 2 and not (paired and beside):
        return
    for number in paired:
        for kind, columns in ((Field.TIER_QUANTITY, quantities[number]), (Field.TIER_PRICE, prices[number])):
            for column in columns:
                draft.targets[column] = replace(draft.targets[column], field=kind)


def _is_quantity(kind: Field, header: ParsedHeader) -> bool:
    if kind is Field.STOCK:
        return re.sub(r"\d+", "", squash(header.stem)) in header_names().quantities
    return kind in (Field.TIER_QUANTITY, Field.MINIMUM_ORDER)


def pair_units(draft: Draft, headers: dict[str, ParsedHeader], by_hand: Collection[str]) -> None:
    """Put ``Gewichtseinheit`` and ``weight-unit`` behind the numbers of the column that they speak of."""
    measured = {
        column: squash(headers[column].stem)
        for column, target in draft.targets.items()
        if target.field is Field.ATTRIBUTE and column not in by_hand
    }
    free = {column for column in measured if not (draft.targets[column].unit or draft.targets[column].folder)}
    for exact in (True, False):
        for column, header in headers.items():
            if column in by_hand or not _may_be_unit(draft, column):
                continue
            names = set(_measures_named(squash(header.column)))
            speaks_of = [
                other for other in sorted(free) if other != column and _spoken_of(measured[other], names, exact=exact)
            ]
            for other in speaks_of:
                draft.targets[other] = replace(draft.targets[other], folder=_folder(column))
            if speaks_of:
                free -= {column, *speaks_of}
                draft.ignored.discard(column)
                draft.targets[column] = Target(Field.ATTRIBUTE_UNIT, folder=_folder(column), confidence=0.9)
    for column, name in measured.items():
        if draft.targets[column].field is Field.ATTRIBUTE and any(name in names for names in header_names().measures):
            draft.targets[column] = replace(draft.targets[column], measure=True)


def _folder(column: str) -> str:
    return f"unit in {column}"


def _may_be_unit(draft: Draft, column: str) -> bool:
    """A column that is nothing else, and whose values are units."""
    target = draft.targets.get(column)
    if target is not None and (target.field not in (Field.ATTRIBUTE, Field.ATTRIBUTE_UNIT) or target.folder):
        own = target.field is Field.ATTRIBUTE_UNIT and target.folder == _folder(column)
        if not own:
            return False
    samples = draft.evidence.columns[column].samples
    return bool(samples) and sum(find_unit(sample) is not None for sample in samples) >= 0.8 * len(samples)


def _measures_named(squashed: str) -> Iterator[str]:
    """Yield what is left of a name without a word for "unit": ``gewichts`` of ``gewichtseinheit``."""
    for word in _unit_words():
        for rest in (squashed.removeprefix(word), squashed.removesuffix(word)):
            if rest and rest != squashed:
                yield rest
                yield _CONNECTORS.sub("", rest)


@cache
def _unit_words() -> tuple[str, ...]:
    names = header_names().names
    return (*(name for name, named in names.items() if named.field is Field.ATTRIBUTE_UNIT), *_CLASSES)


def _spoken_of(name: str, measures: Collection[str], *, exact: bool) -> bool:
    """Exactly: the same word but for its ending. Else: another length beside a length, a weight beside a weight."""
    if exact:
        return any(_same_word(name, measure) for measure in measures)
    return any(
        name in kind and any(_same_word(measure, known) for measure in measures for known in kind)
        for kind in header_names().measures
    )


def _same_word(one: str, other: str) -> bool:
    """``waga`` and ``wagi``, ``gewicht`` and ``gewichts``."""
    if one == other:
        return True
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    return shared >= 3 and max(len(one), len(other)) - shared <= _LONGEST_ENDING
