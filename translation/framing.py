"""Short texts as an engine reads them best: ``colour = orange`` instead of ``Orange``.

Models learnt from sentences. Of a word alone they guess whose side it stands on ("light" became a lamp), begin a
sentence with it ("A great") or take its capital for a name ("Stapler" stayed "Stapler"). Written small behind a name
and an equals sign it is a noun, and the sign comes back in its place in 99.9 % of the answers, so that they are surely
taken apart; with a colon, a hyphen or brackets fewer were right (``python -m benchmarks.attribute_values``).

An attribute's value stands behind the attribute's name, any other short text behind the word for "product". A title's
category in that place is no better than that word (a hundredth more right of 1,200 names of categories, and as many
titles), and would make one text of each category; so a title needs none.
"""

import re
from dataclasses import dataclass

from translation.model import Segment
from translation.words import lower

_PRODUCT = {
    "ar": "منتج",
    "de": "Produkt",
    "en": "product",
    "es": "producto",
    "fr": "produit",
    "id": "produk",
    "it": "prodotto",
    "ja": "商品",
    "ko": "제품",
    "nl": "product",
    "pl": "produkt",
    "pt": "produto",
    "ru": "товар",
    "tr": "ürün",
    "zh": "产品",
}

_MOST_WORDS = {"attribute_name": 5, "attribute_value": 5, "category": 5, "keywords": 5, "title": 3}
"""Words of the longest text that needs a frame, by kind; what is not here is running text."""

_MOST_WORDS_OF_A_NAME = 4
_SIGN = re.compile(r"\s*[=＝]\s*")
_ASIDE = re.compile(r"\s*[(（\[].*$|\s*[:：]\s*$")
_JOINT = re.compile(r"['’-]")
_WORD = re.compile(r"[^\W\d_](?:[^\W_]|['’-](?=[^\W\d_]))*")

# Behind these stand names: "Series: Legion", "Compatible brand: Apple". Their capitals say so (25 of 40 names stay
# what they are, written small 16, without a frame 14).
_OF_NAMES = re.compile(
    "|".join(
        (
            r"\b(?:artist|author|brand|character|collection|franchise|make|manufacturer|model|platform|publisher|series)",
            r"\b(?:autor|colec|collec|colle[zc]|fabrica|hersteller|kollektion|marca|marke\b|marque|merk\b|modell|modelo|modèle)",
            r"\b(?:marka|modello|merek|série|serie\b|seri\b|üretici|producent|produttore|produsen|fabricant|fabrikant|kolekcj)",
            r"\b(?:бренд|коллекц|марка|модел|производител|серия)",
            "ブランド|メーカー|モデル|シリーズ|브랜드|제조사|모델|시리즈|品牌|型号|系列|制造商|العلامة|الموديل|الشركة",
        )
    ),
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a short text is put behind.

    Attributes:
        name: what stands before the equals sign.
        lang: language of both.
        keeps_case: whether the capitals of the text say something.
    """

    name: str
    lang: str
    keeps_case: bool

    def put(self, text: str) -> str:
        """Return a text behind the name."""
        return f"{self.name} = {self.inside(text)}"

    def inside(self, text: str) -> str:
        """Return a text as it is written in the frame."""
        return text if self.keeps_case else small(self.lang, text)

    def smaller(self, text: str) -> tuple[str, ...]:
        """Return the words of a text that are written small in the frame, as they stand."""
        words = () if self.keeps_case else _WORD.findall(text)
        return tuple(word for word in words if small(self.lang, word) != word)

    @staticmethod
    def take(answer: str) -> str | None:
        """Return the text of an answer, ``None`` where it can't be told from the name."""
        parts = _SIGN.split(answer.strip())
        return parts[1] if len(parts) == 2 and all(any(map(str.isalnum, part)) for part in parts) else None


def frame_of(segment: Segment) -> Frame | None:
    """Return the frame of a segment, ``None`` for what is read well as it stands."""
    text = segment.text
    words = text.split()
    if _SIGN.search(text) or not 0 < len(words) <= _MOST_WORDS.get(segment.kind, 0):
        return None
    if segment.kind == "title" and _may_name(text):
        return None
    names = segment.kind == "attribute_value" and _OF_NAMES.search(segment.context) is not None
    return Frame(_name(segment), segment.lang, segment.lang == "de" or names)


def _name(segment: Segment) -> str:
    name = _ASIDE.sub("", segment.context.strip()) if segment.kind == "attribute_value" else ""
    usable = any(map(str.isalpha, name)) and not _SIGN.search(name) and len(name.split()) <= _MOST_WORDS_OF_A_NAME
    if not usable:
        return _PRODUCT[segment.lang]
    return name if segment.lang == "de" else small(segment.lang, name)


def _may_name(title: str) -> bool:
    """Whether a title has capitals behind its first word: of "Juno Jacket" nobody knows whether Juno is a name."""
    return any(word[0].isupper() and not word.isupper() for word in _WORD.findall(title)[1:])


def small(lang: str, text: str) -> str:
    """Write the words of a text small; acronyms and what has a capital within stay."""
    return _WORD.sub(lambda word: word[0] if _is_fixed(word[0]) else lower(lang, word[0]), text)


def _is_fixed(word: str) -> bool:
    """Whether a word's capitals are a part of it: USB, LaserJet; those of T-Shirt are not."""
    return any(character.isupper() for part in _JOINT.split(word) for character in part[1:])
