"""Words around an amount that change what it says: ``from 9.90``, ``4.20 EUR per 100 pcs``, ``99 ct``."""

import re
from decimal import Decimal
from functools import cache

from catalog.columns.fields import header_names, squash

_BEFORE = (
    r"ab|from|starting (?:at|from)|starts at|as low as|desde|a partir de|à partir de|dès|mulai(?: dari)?|dari|da|"
    r"a partire da|vanaf|od|от|начиная с|ابتداءً? من|ابتداء من|[تي]بدأ من|من|低至"
)
_BEHIND = r"起[价價]?|から|より|부터|[~〜～](?=\s*$)|['’]?\s?[dt][ae]n (?:itibaren|başlayan)|itibaren|başlayan"
_FROM = re.compile(
    rf"(?<!\w)(?:{_BEFORE})(?:\s*:)?\s*[^\W\d_]{{0,3}}\.?\s*[$€£¥￥₩₽₺]?\s?\d|\d[^\d]{{0,8}}?(?:{_BEHIND})", re.I
)

_PER = re.compile(
    r"(?:/|(?<!\w)(?:per|pro|je|por|par|pour|za|за|voor|untuk|for|für|لكل)\s|[每])\s*"
    r"(?P<number>\d[\d.,' \u00a0]*)(?P<word>[^\W\d_]*)",
    re.I,
)
_BUNDLE = re.compile(r"\d\s*(?:for|für|pour|por|per|za|за|voor|untuk)\s", re.I)
USUAL_QUANTITIES = frozenset({1, 10, 100, 1_000, 10_000})
"""For how many pieces prices are given. They need no word behind them; a bare ``/ 120`` may be a second price."""

_QUANTITY = re.compile(r"(?:[^\W\d_]{1,12}\.?\s+|[x×/]\s*)?(?P<number>\d[\d.,' \u00a0]*)\s*(?P<word>[^\W\d_]*)\.?\s*")
_WHOLE = re.compile(
    r"(?P<whole>\d{1,7}|\d{1,3}(?:[ '\u00a0]\d{3})+|(?P<marked>\d{1,3}(?:[.,]\d{3})+))(?:[.,](?:0|00|0000+))?"
)
_MOST = 1_000_000
_SMALLEST = Decimal("0.000001")

_CENTS = {
    "¢": "", "￠": "", "ct": "", "cts": "", "cent": "", "cents": "", "centimes": "", "céntimos": "",
    "centesimi": "", "cêntimos": "", "centavos": "", "eurocent": "EUR", "pence": "GBP", "коп": "RUB",
    "копеек": "RUB", "копейки": "RUB", "копейка": "RUB", "groszy": "PLN", "grosze": "PLN", "grosz": "PLN",
    "kuruş": "TRY", "krş": "TRY", "هللة": "SAR", "قرش": "EGP",
}  # fmt: skip
_CENTS_IN = {("p", "en"): "GBP", ("gr", "pl"): "PLN", ("分", "zh"): "CNY"}
"""Words for the hundredth part in one language, and for something else in the next."""


def is_from_price(text: str) -> bool:
    """Say whether a price only begins there: ``ab 9,90 €``, ``from $9.90``, ``9,900円から``."""
    return _FROM.search(text) is not None


def hundredth_of(word: str, lang: str | None) -> str | None:
    """Return the currency whose hundredth part a word is, ``""`` where several have it, ``None`` where it is none."""
    name = word.strip().rstrip(".").casefold()
    return _CENTS_IN.get((name, lang or "")) if name not in _CENTS else _CENTS[name]


def pieces_priced(text: str) -> int | None:
    """Return for how many pieces the price in a cell is (``4,20 € / 100 Stk``): 1 where it says nothing else.

    Returns:
        ``None`` where it is the price of a measure or of a quantity that can't be read (``4,20 € / 100 ml``).
    """
    match = _PER.search(text)
    if match is None:
        return None if _BUNDLE.search(text) else 1
    number = _whole(match["number"])
    if number is None or not (_counts(match["word"]) if match["word"] else number in USUAL_QUANTITIES):
        return None
    return number


@cache
def read_price_quantity(text: str) -> int | None:
    """Read a cell that says for how many pieces the price beside it is: ``100``, ``per 100 Stk``, ``kg`` (one).

    Returns:
        ``None`` where it is the quantity of a measure (``100 g``) or no quantity.
    """
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        # "Stück", "Karton", "kg": the price of one, whatever one is.
        return None if text[:1].isdigit() or re.search(r"\s\d", text) else 1
    if not match["number"].strip(" 0.,"):  # not set
        return 1
    # A sheet writes 1,000 for one piece with three decimals as well as for a thousand.
    number, word = _whole(match["number"], grouped=False), match["word"]
    return number if number == 1 or not word or _counts(word) else None


def of_one(amount: Decimal, pieces: int) -> Decimal:
    """Return the price of one piece, to a millionth."""
    if pieces == 1:
        return amount
    share = (amount / pieces).quantize(_SMALLEST).normalize()
    return share.quantize(Decimal(1)) if share == share.to_integral_value() else share


def _whole(digits: str, *, grouped: bool = True) -> int | None:
    match = _WHOLE.fullmatch(digits.strip(" .,'\u00a0"))
    if match is None or (match["marked"] and not grouped):
        return None
    number = int(re.sub(r"\D", "", match["whole"]))
    return number if 0 < number <= _MOST else None


def _counts(word: str) -> bool:
    return squash(word) in header_names().counts
