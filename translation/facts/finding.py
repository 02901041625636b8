"""Where the facts of a text stand."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from translation.casing import is_all_capitals
from translation.facts.brands import Names, names
from translation.facts.codes import MAY_BE_CODE, code_at, looks_measured, number_of_a_name_at, variant_at
from translation.facts.designations import MAY_BE_DESIGNATION, designation_at
from translation.facts.model import Fact, FactKind, half_width
from translation.facts.names import MAY_BE_TRADE_NAME, foreign_words, trade_name_at
from translation.facts.quantities import is_joined_to_a_name, quantity_at

_TAG = re.compile(r"</?[A-Za-z][^<>]*>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);")
_DOMAIN = (
    r"(?:(?=\.(?:com|net|org)\b)|(?<=[\w-]{3}))\.(?:com|net|org|info|biz|shop|store|eu|de|at|ch|fr|es|it|nl|be|pl|pt|ru|uk|jp|kr|cn|tw|id|in|br|mx|ca|au|dev|app|io)"
    r"(?:\.(?:br|uk|cn|tr|jp|kr|id|mx|au))?(?![\w@]|[.-]\w)"
)
_ANY_DOMAIN = re.compile(_DOMAIN)
_SPELLED = "A-Za-z0-9À-ÖØ-öø-ɏͰ-ͽͿ-ϿЀ-ҁҊ-ӿ"
# A telephone number is no number: "+49 30 123 000" has no thousands.
_PHONE = (
    r"(?:(?i:tel|fon|fax|phone)\b\.?:?[ ]?(?:\+\d{1,3}|\(?0\d+\)?)|\+\d{1,3})"
    r"(?:[ ./-]?\(?\d{2,}\)?){2,6}(?![^\W_])"
)
_LINK = re.compile(
    # An address is Latin, Greek or Cyrillic: what stands beside it without a space, as in Chinese, is none of it.
    rf"https?://[^\s<>\"'）)]+|www\.[^\s<>\"'）)]+|[{_SPELLED}_.+-]+@[{_SPELLED}-]+\.[{_SPELLED}_.-]*[{_SPELLED}]"
    # "StarTech.com" is a brand; "die Farbe.de" would be two sentences.
    rf"|(?:[A-Za-z0-9][\w-]*\.)*[A-Za-z0-9][\w-]+{_DOMAIN}(?:/[^\s<>\"'）)]*[\w/])?|{_PHONE}"
)
# Square brackets that look like a placeholder, and those of a shop's own tags: [gallery id=5].
_BRACKET = re.compile(
    r"\[\s?\d{1,4}\s?\]|\[/[a-z][\w-]*\]|\[[a-z][\w-]*(?:\s+[\w-]+=(?:\"[^\"\]]*\"|'[^'\]]*'|[^\s\]\"']+))+\s*/?\]"
)
_AMPERSAND = re.compile(r"(?:[A-Z]{1,2}&[A-Z]{1,2})(?:['’]s)?(?![^\W_]|&)")
_BY_FIRST_CHARACTER: dict[str, tuple[FactKind, re.Pattern[str]]] = {
    "<": ("tag", _TAG),
    "&": ("tag", _TAG),
    "[": ("bracket", _BRACKET),
}

# Categories of signs that are missing in the students' vocabularies (they vanish without a trace: "±", "Ω", "€").
_SIGN_CATEGORIES = frozenset({"So", "Sm", "Sc", "Sk"})
_SIGN_WORDS = frozenset("+<>=$%|")
_SIGNS_BESIDES = frozenset("#@\\^{}~`•–—§¶†‡※\u20e3")
_EMOJI_JOINERS = "\u200d\ufe0f\ufe0e\u20e3"
_KEYCAP = re.compile(r"[\d#*]\ufe0f?\u20e3")


class _View(NamedTuple):
    """A text as it is searched.

    Attributes:
        text: the text with half-width letters, digits and signs.
        lang: its language, empty where it is not known.
        brands: pattern of the names that must not be translated.
        foreign: where words of another language begin and end.
        shouting: whether it is in capitals.
        lacking: characters that engines can't write.
        links: whether it may hold links.
        keycaps: whether it may hold digits in the shape of keys.
    """

    text: str
    lang: str
    brands: re.Pattern[str] | None
    foreign: Mapping[int, int]
    shouting: bool
    lacking: Set[str]
    links: bool
    keycaps: bool


def find(text: str, brands: Sequence[str] = (), lang: str = "", lacking: frozenset[str] = frozenset()) -> list[Fact]:
    """Return the facts of a text from left to right, none overlapping.

    Args:
        text: any text.
        brands: names that must not be translated; matched as whole words, in any case.
        lang: its language; without it, words with foreign letters are no facts.
        lacking: characters that the engines of a route can't write: words with them are names, others signs.
    """
    return list(_find(text, _standing(text, names(brands)) if brands else (), lang, lacking))


@lru_cache(maxsize=20_000)
def _standing(text: str, brands: Names) -> tuple[str, ...]:
    """Return the brands that stand in a text, the longest first."""
    half = half_width(text)
    near = [one for one in brands.in_text(text) if any(map(str.isalnum, one))]
    there = [one for one in near if _brand_pattern(one).search(half)]
    return tuple(sorted(there, key=lambda brand: (-len(brand), brand)))


@lru_cache(maxsize=50_000)  # a source text is read again for each of fourteen target languages
def _find(text: str, brands: tuple[str, ...], lang: str, lacking: frozenset[str]) -> tuple[Fact, ...]:
    half = half_width(text)
    foreign = foreign_words(half, lang, lacking)
    view = _View(
        half,
        lang,
        _brand_pattern(*brands) if brands else None,
        foreign,
        is_all_capitals(text),
        lacking,
        _may_hold_links(half),
        "\u20e3" in half,
    )
    found: list[Fact] = []
    end = 0
    for at in _beginnings(view):
        if at >= end and (fact := _fact_at(view, at)):
            end = fact.end
            found.append(fact if half is text else Fact(fact.kind, at, end, text[at:end]))
    return tuple(found)


# What may begin a fact: of the characters of a title one in six, and to try them all took three times as long.
_BEGINNING = re.compile(
    # Digits and signs, but for those that only punctuate; a space only before the hyphen of a size.
    r"[\d½¼¾⅓⅔⅛⅜⅝⅞ØøΦφ①-⓿❶-➓$]|(?<![\w.,])[.,](?=\d)|[^\w\s!\"'(),./:;=?|$%\]]|[ ](?=-)"
    # Words of which the first characters, or the next word, say that they are no ordinary ones.
    rf"|(?=[A-Za-zÀ-ɏА-ЯЁ])(?<![A-Za-z0-9])(?={MAY_BE_CODE}|{MAY_BE_TRADE_NAME}|{MAY_BE_DESIGNATION}|[A-Z]+&)"
)
_LINK_BEGINS = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z0-9]|(?<![^\W_A-Za-z0-9])[{_SPELLED}]|\+")
_MAY_BE_DOMAIN = re.compile(r"\.[a-z]{2}")
_MAY_BE_PHONE = re.compile(r"\+\d\d|[lLnNxXeE]\.?:?[ ]?[(+0]\d")


def _may_hold_links(text: str) -> bool:
    # Three searches for what is literal are five times as fast as one for all of it.
    if "@" in text or "://" in text or "www." in text:
        return True
    if "." in text and any(_ANY_DOMAIN.match(text, match.start()) for match in _MAY_BE_DOMAIN.finditer(text)):
        return True
    return ("+" in text or "0" in text) and _MAY_BE_PHONE.search(text) is not None


def _beginnings(view: _View) -> Iterable[int]:
    """Return where facts may begin, from left to right."""
    text = view.text
    if view.lacking:
        return range(len(text))
    found = [match.start() for match in _BEGINNING.finditer(text)]
    if view.links:
        found = sorted({*found, *(match.start() for match in _LINK_BEGINS.finditer(text))})
    if view.foreign or view.brands:
        return sorted({*found, *view.foreign, *_brands_at(view)})
    return found


def _brands_at(view: _View) -> Iterator[int]:
    """Yield where brands begin, also inside another one."""
    match = view.brands.search(view.text) if view.brands else None
    while view.brands and match:
        yield match.start()
        match = view.brands.search(view.text, match.start() + 1)


def _fact_at(view: _View, at: int) -> Fact | None:
    text, character = view.text, view.text[at]
    if character in "- " and (variant := variant_at(text, at, view.lang)):
        return variant
    # Nothing begins inside a word or in white space; asking first saves half of the time.
    if character.isspace() or (character.isalpha() and not _starts_word(text, at)):
        # But for what is lacking in the middle of a text without spaces.
        return _foreign_at(view, at) if character in view.lacking else None
    if (by_first := _BY_FIRST_CHARACTER.get(character)) and (match := by_first[1].match(text, at)):
        return Fact(by_first[0], at, match.end(), match[0])
    # No word begins with a digit but an address, a brand and what is foreign.
    may_be_word = not character.isdecimal() or view.links or view.brands or view.foreign
    if may_be_word and (fact := _word_at(view, at)):
        return fact
    if view.keycaps and (match := _KEYCAP.match(text, at)):
        return Fact("sign", at, match.end(), match[0])
    if character.isdecimal() and (named := number_of_a_name_at(text, at)):
        return named
    quantity = quantity_at(text, at, view.lang)
    code = code_at(text, at, view.lang, view.shouting)
    if quantity and code:
        longer = code.end > quantity.end or looks_measured(code.surface)
        longer = longer or (code.end == quantity.end and is_joined_to_a_name(quantity.surface, view.lang))
        return code if longer and quantity.kind != "date" else quantity
    if quantity or code:
        return quantity or code
    return designation_at(text, at, view.lang, view.shouting) or _sign_at(view, at)


def _word_at(view: _View, at: int) -> Fact | None:
    """Return the link, brand, trade mark or foreign word that begins here."""
    text = view.text
    if not _starts_word(text, at):
        return None
    if view.links and (text[at].isalnum() or text[at] == "+") and (match := _LINK.match(text, at)):
        return Fact("link", at, match.end(), match[0])
    if view.brands and (match := view.brands.match(text, at)):
        return Fact("brand", at, match.end(), match[0])
    if not text[at].isdecimal() and (end := trade_name_at(text, at)) > at:
        return Fact("name", at, end, text[at:end])
    if "&" in text[at + 1 : at + 3] and (match := _AMPERSAND.match(text, at)):
        return Fact("name", at, match.end(), match[0])
    return _foreign_at(view, at)


def _foreign_at(view: _View, at: int) -> Fact | None:
    end = view.foreign.get(at, 0)
    return Fact("name", at, end, view.text[at:end]) if end else None


def _starts_word(text: str, at: int) -> bool:
    if at == 0 or not text[at - 1].isalnum() or not text[at].isalnum():
        return True
    return text[at - 1].isascii() != text[at].isascii()


def _sign_at(view: _View, at: int) -> Fact | None:
    text = view.text
    if not _is_sign(text[at], view.lacking):
        return None
    end = at + 1
    while end < len(text) and (_is_sign(text[end], view.lacking) or text[end] in _EMOJI_JOINERS):
        end += 1
    return Fact("sign", at, end, text[at:end])


def _is_sign(character: str, lacking: Set[str]) -> bool:
    if character in _SIGNS_BESIDES or (character in lacking and not (character.isalpha() or character.isdecimal())):
        return True
    if "①" <= character <= "⓿" or "❶" <= character <= "➓":
        return True
    return unicodedata.category(character) in _SIGN_CATEGORIES and character not in _SIGN_WORDS


@lru_cache(maxsize=10_000)
def _brand_pattern(*longest_first: str) -> re.Pattern[str]:
    return re.compile(rf"(?i:{'|'.join(re.escape(half_width(brand)) for brand in longest_first)})(?![^\W_])")
