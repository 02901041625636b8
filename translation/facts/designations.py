"""Designations: classes, types and sizes that are letters, and whose letter is no word.

"Type A plug" came back as a type of plug, "Size S shirt" as a shirt of a size, and Portuguese P is English S.
"""

import re

from translation.facts.codes import CJK
from translation.facts.model import Fact

MAY_BE_DESIGNATION = r"(?:X{0,4}[SL]|[IVX]{2,4}|[A-Z])(?![A-Za-z])"
"""How designations begin, and some other words."""

_SIZE = r"(?:\d?X{0,4}[SL]|M)"
_ENERGY = re.compile(r"[A-G]\+{1,3}(?![\w+])")
_EXTREME = re.compile(r"X{1,4}[SL]")
_LETTERS = re.compile(r"X{0,4}[SL]|[IVX]{2,4}|[A-Z]")
_ENDS = re.compile(rf"(?![^\W_{CJK}]|[.&'’+]\w|-(?!(?:{_SIZE}|[A-G])(?![^\W_]))\w)")

_NOUNS = (
    r"class(?:es)?|types?|sizes?|grades?|groups?|models?|versions?|series|categor(?:y|ies)|rating|"
    r"gr\.|kl\.|modelle?|ausführung|"
    r"classe|taille|catégorie|groupe|modèle|série|clase|tipo|talla|tamaño|categoría|grupo|modelo|grado|"
    r"tamanho|tam\.|categoria|grau|taglia|misura|gruppo|modello|maat|categorie|groep|"
    r"klas[ay]|typu?|rozmiar|rozm\.|kategoria|grupa|sınıfı?|tip[ei]?|beden|grup|kelas|jenis|ukuran|kategori|"
    r"класса?|типа?|размера?|категори[ияй]|групп[аы]|модель|مقاس|نوع|فئة|حجم|صنف|طراز|موديل|قياس"
)
# German and Dutch write "Schutzklasse" and "Steckertyp" in one word, Chinese and Japanese all.
_JOINED = r"klassen?|typ(?:en)?|gr(?:ö|oe)ßen?|groessen?|gruppen?|kategorie"
_WITHOUT_SPACES = "サイズ|タイプ|クラス|等級|等级|尺码|尺寸|类型|類型|型号|사이즈|타입|등급|모델"
_BEFORE = re.compile(
    rf"(?:(?:(?<![^\W\d_])(?:{_NOUNS})|(?:{_JOINED}))(?![^\W\d_])|(?:{_WITHOUT_SPACES}))(?:[ ]?[:：]?[ ]?|-)"
    rf"(?-i:(?:X*[SL]|[A-Z]|[IVX]+)\+{{0,3}}[ ]?[,/–-][ ]?)*$",
    re.IGNORECASE,
)
_LONGEST_NOUN = 32
"""Characters before a letter in which its noun is looked for."""
_BEHIND = re.compile("[ ]?(?:型|类|類|级|級|号|码|碼|タイプ|サイズ|クラス|등급|형|사이즈|타입)|[ ](?:sınıf|beden|tip)")
_APART = re.compile(r"(?:^|[,/|(（]|[ ][-–])[ ]?$")
_APART_BEHIND = re.compile(rf"[ ]?(?:[,|)）]|$)|[ ][-–](?=[ ])|/(?={_SIZE}(?![^\W_]))")
_LITTLE_WORDS = {"es": "AEOUY", "fr": "AY", "it": "AEIO", "pl": "AIOUWZ", "pt": "AEO"}
"""Words of one letter, which a text in capitals may hold."""
_ANSWERS = frozenset("JNY")
"""Letters that as a whole text say yes or no."""
_PRONOUN = re.compile(r"[ ][a-z]")


def designation_at(text: str, at: int, lang: str, shouting: bool) -> Fact | None:
    """Return the class, type or size of letters that begins at an offset of a half-width text.

    Args:
        text: the text.
        at: where to look.
        lang: its language, empty where it is not known.
        shouting: the text is in capitals.
    """
    if not "A" <= text[at] <= "Z":
        return None
    if energy := _ENERGY.match(text, at):
        return _fact(energy)
    match = _LETTERS.match(text, at)
    if match is None or not _ENDS.match(text, match.end()):
        return None
    if _EXTREME.fullmatch(match[0]) or (len(text) == 1 and text not in _ANSWERS):
        return _fact(match)
    if re.fullmatch(_SIZE, match[0]) and _APART.search(text[:at]) and _APART_BEHIND.match(text, match.end()):
        return _fact(match)
    if _BEHIND.match(text, match.end()):
        return _fact(match)
    if not _BEFORE.search(text[max(0, at - _LONGEST_NOUN) : at]) or _is_word(text, match, lang, shouting):
        return None
    return _fact(match)


def _is_word(text: str, match: re.Match[str], lang: str, shouting: bool) -> bool:
    """Whether a letter behind a noun goes on: "the model I like", "TIPO A GÁS"."""
    if lang in ("", "en") and match[0] == "I":
        return _PRONOUN.match(text, match.end()) is not None
    return shouting and match[0] in _LITTLE_WORDS.get(lang, "") and text[match.end() : match.end() + 1] == " "


def _fact(match: re.Match[str]) -> Fact:
    return Fact("designation", match.start(), match.end(), match[0])
