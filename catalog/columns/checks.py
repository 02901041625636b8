"""What a column's values say against its header: ``Brand`` that holds the shop's codes names no brand."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from catalog.columns.evidence import CatalogEvidence, ColumnEvidence
from catalog.columns.fields import PRICE_FIELDS, Field
from catalog.columns.headers import ParsedHeader, split_words
from catalog.columns.mapping import Notice, Target
from catalog.values.numbers import is_amount, read_count
from catalog.values.price_wording import USUAL_QUANTITIES, read_price_quantity

_PROPERTIES = (Field.ORIGIN, Field.ATTRIBUTE_UNIT)
"""Fields that only steer how a column becomes an attribute."""

_SHOP_TYPES = frozenset(
    {
        "simple",
        "configurable",
        "virtual",
        "bundle",
        "grouped",
        "downloadable",
        "variable",
        "variation",
        "external",
        "booking",
        "giftcard",
    }
)
_NUMBERS_ONLY = re.compile(r"[\d\s|,;/]+")
_SHOP_CODE = re.compile(r"[A-Z]{1,3}\d{3,}[A-Z0-9]*|\d+")
_MODEL = re.compile(r"(?=.*\d)[\w .,\-/+#()&*:]{1,40}")
_WORDY = re.compile("[\u3040-\u30ff\uac00-\ud7a3\u4e00-\u9fff]{5,}")
_TIER = re.compile(r"\d\D{0,12}[:=→@]\s*\D{0,6}\d|qty\s*=", re.IGNORECASE)
_PAIRS = re.compile(r"\s*[^=:;,|\n{]{1,60}\s*[=:{]\s*\S")


@dataclass(slots=True)
class Draft:
    """A mapping in the making."""

    evidence: CatalogEvidence
    targets: dict[str, Target] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    notices: list[Notice] = field(default_factory=list)

    def has(self, *fields: Field) -> bool:
        """Say whether a column has one of the fields; columns of variants inside a record do not count."""
        return any(target.field in fields and not target.variant for target in self.targets.values())

    def ignore(self, column: str, code: str = "", reason: str = "") -> None:
        """Leave a column out, with a notice where the supplier should know."""
        self.targets.pop(column, None)
        self.ignored.add(column)
        if code:
            self.notices.append(Notice(column, code, reason))


def as_attribute(header: ParsedHeader) -> Target:
    """Return what a column is that is nothing but a property."""
    return Target(
        Field.ATTRIBUTE,
        lang=header.lang,
        name=attribute_name(header),
        unit=header.unit or None,
        folder=header.folder,
        confidence=0.8,
        option=header.variant,
        variant=header.variant,
    )


def attribute_name(header: ParsedHeader, *, with_unit_word: bool = False) -> str:
    """Return an attribute's name as words; with the unit's word where it proved to be none."""
    return split_words(header.column if with_unit_word else header.stem)


def verify(draft: Draft, headers: dict[str, ParsedHeader]) -> None:
    """Change or leave out every target, but those by hand, that its column's values contradict."""
    for column, target in list(draft.targets.items()):
        values = draft.evidence.columns[column]
        check = _CHECKS.get(target.field)
        if target.by != "hand" and check is not None and (values.filled or target.field in _PROPERTIES):
            check(draft, column, values, headers[column])


def _check_name(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    if all(_SHOP_CODE.fullmatch(sample) or _NUMBERS_ONLY.fullmatch(sample) for sample in values.samples):
        what = draft.targets[column].field.value
        draft.ignore(
            column, "codes_not_names", f"it holds the shop's own codes, not the name of the {what}: send names"
        )
    elif {sample.lower() for sample in values.samples} <= _SHOP_TYPES:
        draft.ignore(column)


def _check_address(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    if not values.urls:
        draft.ignore(column, "no_address", "it holds file names, not web addresses: send full addresses (https://...)")


def _check_count(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    counts = sum(read_count(sample) is not None or sample.startswith("-") for sample in values.samples)
    if counts < len(values.samples) / 2:
        draft.ignore(column, "no_quantity", "it holds words, not quantities")


def _check_model(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    models = sum(bool(_MODEL.fullmatch(sample)) and not _WORDY.search(sample) for sample in values.samples)
    if models < len(values.samples) / 2:
        draft.targets[column] = as_attribute(header)


def _check_sku(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    """ "Article" names a number in one shop and the thing itself in the next."""
    wordy = sum(sample.count(" ") >= 2 and len(sample) > 15 for sample in values.samples)
    if wordy > len(values.samples) / 2:
        draft.targets[column] = replace(draft.targets[column], field=Field.TITLE, rank=90, confidence=0.7)


def _check_title(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    if values.share(values.digits) > 0.8:
        draft.targets[column] = replace(draft.targets[column], field=Field.PRODUCT_ID, rank=90, confidence=0.6)


def _check_pairs(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    if sum(bool(_PAIRS.match(sample)) for sample in values.samples) < len(values.samples) / 2:
        draft.targets[column] = as_attribute(header)


def _check_origin(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    if values.filled and all(_NUMBERS_ONLY.fullmatch(sample) for sample in values.samples):
        draft.ignore(column, "codes_not_names", "it holds the shop's own codes, not the names of countries: send names")
    else:
        draft.targets[column] = as_attribute(header)


def _check_unit(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    """A unit belongs to what stands beside it in its folder; on its own it is a property."""
    siblings = [
        name
        for name, target in draft.targets.items()
        if name != column and target.folder == header.folder and target.field is Field.ATTRIBUTE
    ]
    if not header.folder or not siblings:
        draft.targets[column] = as_attribute(header)


def _check_price(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    if _lists_tiers(values):
        draft.targets[column] = replace(draft.targets[column], field=Field.PRICE_TIERS, confidence=0.7)
    elif not (values.numbers or values.points or values.commas or any(map(is_amount, values.samples))):
        draft.targets[column] = as_attribute(header)
        reason = "it was taken as an attribute, since no price can be read in it: send amounts (12.50 EUR)"
        draft.notices.append(Notice(column, "no_price", reason))


def _check_tiers(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    """A price range (39.90-45.00) has no quantities."""
    if not any(map(_TIER.search, values.samples)) and not any(map(is_amount, values.samples)):
        draft.targets[column] = as_attribute(header)


def _lists_tiers(values: ColumnEvidence) -> bool:
    listed = sum(len(_TIER.findall(sample)) >= 2 for sample in values.samples)
    return listed > len(values.samples) / 2


def _check_price_quantity(draft: Draft, column: str, values: ColumnEvidence, header: ParsedHeader) -> None:
    """Words alone ("piece", "kg") say nothing of a price; ``PE`` is also polyethylene and a pack."""
    numbers = [sample for sample in values.samples if any(map(str.isdigit, sample))]
    unusual = len(header.stem) <= 2 and not {read_price_quantity(sample) for sample in numbers} <= USUAL_QUANTITIES
    if not numbers or unusual or not draft.has(*PRICE_FIELDS, Field.PRICE_TIERS, Field.TIER_PRICE):
        draft.targets[column] = as_attribute(header)


_Check = Callable[[Draft, str, ColumnEvidence, ParsedHeader], None]
_CHECKS: dict[Field, _Check] = {
    Field.BRAND: _check_name,
    Field.MANUFACTURER: _check_name,
    Field.CATEGORY: _check_name,
    Field.SUBCATEGORY: _check_name,
    Field.IMAGE: _check_address,
    Field.URL: _check_address,
    Field.STOCK: _check_count,
    Field.MINIMUM_ORDER: _check_count,
    Field.MPN: _check_model,
    Field.SKU: _check_sku,
    Field.TITLE: _check_title,
    Field.ATTRIBUTES: _check_pairs,
    Field.PRICE: _check_price,
    Field.SALE_PRICE: _check_price,
    Field.LIST_PRICE: _check_price,
    Field.PRICE_TIERS: _check_tiers,
    Field.PRICE_QUANTITY: _check_price_quantity,
    Field.ORIGIN: _check_origin,
    Field.ATTRIBUTE_UNIT: _check_unit,
}
