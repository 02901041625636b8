"""Small numbers as words: "zwei", "2-piece" and "two-piece" count the same."""

import re
from functools import cache

_SMALLEST = 2  # one is an article in half of the languages

# From two to twelve: words, or how the words begin that are made of them; "_" stands for a space.
_WORDS = {
    "ar": (
        "اثنان|اثنين|اثنتان|اثنتين|زوج|ثنائي ثلاث أربع|اربع|رباعي خمس|خماسي ست|سداسي سبع ثمان تسع عشر "
        "أحد_عشر|احد_عشر اثنا_عشر|اثني_عشر|دزينة"
    ),
    "de": "zwei|zwo|doppel drei|dritt vier fünf sechs sieb acht neun zehn elf zwölf|dutzend",
    "en": "two|twin|double|dual|pair three|triple|tri four|quad five six seven eight nine ten eleven twelve|dozen",
    "es": "dos|doble|par tres|triple cuatro cinco seis siete ocho nueve diez once doce|docena",
    "fr": "deux|double|paire trois|triple quatre cinq six sept huit neuf dix onze douze|douzaine",
    "id": "dua|ganda|sepasang tiga empat lima enam tujuh delapan sembilan sepuluh sebelas dua_belas|selusin|lusin",
    "it": "due|doppi|coppia|paio tre|tripl quattro cinque sei sette otto nove dieci undici dodici|dozzin",
    "nl": "twee|dubbel|paar drie vier vijf zes zeven acht negen tien elf twaalf|dozijn",
    "pl": (
        "dwa|dwie|dwó|dwu|dwo|podwójn|par trzy|trzech|trój|troj|potrójn czter pięć|pięci sześć|sześci siedem|siedmi "
        "osiem|ośmi dziewięć|dziewięci dziesięć|dziesięci jedenaście|jedenast dwanaście|dwunast|tuzin"
    ),
    "pt": "dois|duas|dupl|par três|tripl quatro cinco seis sete oito nove dez onze doze|dúzia",
    "ru": (
        "два|две|двух|двой|двумя|двум|пара|пары три|трёх|трех|трой четыр|четвер|четвёр пять|пяти шест семь|семи "
        "восемь|восьми девят десят одиннадцат двенадцат|дюжин"
    ),
    "tr": "iki|çift üç dört beş altı yedi sekiz dokuz on on_bir on_iki|düzine",
}
_CHARACTERS = {
    "ja": "二|双|ふた|ツイン|ダブル 三|トリプル 四 五 六 七 八 九 十 十一 十二|ダース",
    "ko": "두|둘|이중|쌍|더블|트윈 세|셋|삼 네|넷|사 다섯|오 여섯|육 일곱|칠 여덟|팔 아홉|구 열|십 열하나 열두",
    "zh": "二|两|双|对 三 四 五 六 七 八 九 十 十一 十二",
}


def says(lang: str, text: str, digits: str) -> bool:
    """Whether a text has a small whole number, given in digits, as a word or at the beginning of one."""
    pattern = _patterns(lang).get(digits)
    return pattern is not None and pattern.search(text) is not None


@cache
def _patterns(lang: str) -> dict[str, re.Pattern[str]]:
    by_characters = lang in _CHARACTERS
    cells = (_CHARACTERS if by_characters else _WORDS)[lang].split()
    begins = "" if by_characters else r"(?<![^\W\d_])"
    return {
        str(number): re.compile(f"{begins}(?:{cell.replace('_', ' ')})", re.IGNORECASE)
        for number, cell in enumerate(cells, _SMALLEST)
    }
