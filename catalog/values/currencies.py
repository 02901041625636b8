"""Which currency a code, a sign or a word stands for."""

from functools import cache

from catalog.columns.fields import header_names

_AMBIGUOUS_SIGNS = {"¥": {"ja": "JPY", "zh": "CNY"}, "￥": {"ja": "JPY", "zh": "CNY"}}
"""Signs that two countries of the fifteen languages share; the catalog's language decides."""

_BACKSLASH = {"ja": "JPY", "ko": "KRW"}
"""Shift_JIS and EUC-KR have the yen and the won where ASCII has the backslash, and old files decode to that."""

SHARED_SIGNS = frozenset({"$", "＄", "kr", *_AMBIGUOUS_SIGNS})
"""Signs that name no single currency by themselves."""


@cache
def current_codes() -> frozenset[str]:
    """Return the ISO 4217 codes that are legal tender somewhere today."""
    from babel.core import get_global
    from babel.numbers import get_territory_currencies

    territories = get_global("territory_currencies")
    return frozenset(code for territory in territories for code in get_territory_currencies(territory))


@cache
def _signs() -> dict[str, str]:
    from babel import Locale

    signs = {"€": "EUR", "£": "GBP", "₩": "KRW", "￦": "KRW", "₹": "INR"}
    for locale in ("pl", "ru", "tr", "id", "pt_BR", "ko"):
        for code, sign in Locale.parse(locale).currency_symbols.items():
            if code in ("PLN", "RUB", "TRY", "IDR", "BRL", "KRW") and sign != code:
                signs.setdefault(sign.casefold(), code)
    return signs


def find_currency(word: str, lang: str | None = None) -> str | None:
    """Return the ISO 4217 code that a word stands for.

    Args:
        word: a code in capitals (``EUR``), a sign (``€``) or a word of any language (``руб.``, ``円``).
        lang: language of the catalog, which settles ``¥``.

    Returns:
        ``None`` where the word is no currency, or a sign that several share (``$``).
    """
    text = word.strip().replace(" $", "$")
    if len(text) == 3 and text.isascii() and text.isalpha() and text.isupper():
        # What feeds still write for a code of today (RUR for RUB) stands among the words.
        return text if text in current_codes() else header_names().currencies.get(text.casefold())
    if text in _AMBIGUOUS_SIGNS:
        return _AMBIGUOUS_SIGNS[text].get(lang or "")
    if text in ("\\", "＼"):
        return _BACKSLASH.get(lang or "")
    folded = text.casefold()
    words = header_names().currencies
    return words.get(folded) or words.get(folded.rstrip(".")) or _signs().get(folded)


_OF_OTHER_THINGS = frozenset({"ft.", "р", "块", "le", "all", "top"})
"""Feet, sizes, pieces: words that are money only in a column of prices."""


def names_money(word: str) -> bool:
    """Say whether a word or sign beside a number shows by itself that it is money."""
    text = word.strip()
    if text.casefold() in _OF_OTHER_THINGS:
        return False
    known = text in SHARED_SIGNS or text in ("\\", "＼")
    return known or (find_currency(text) or find_currency(text.upper())) is not None
