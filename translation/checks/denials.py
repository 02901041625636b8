"""How languages say that something is not there or must not be done."""

import re
from functools import cache

# What certainly denies: words that nobody uses for anything else. What stands here in the original must find a denial
# of some kind in the translation. "Without wire" is left out, since every language has a word for it that denies
# nothing (Wi-Fi, Funk, 无线), and so is "with and without".
_CERTAIN = {
    "ar": "بدون|غير مشمول|غير مرفق|لا تستخدم",
    "de": r"\bohne\b|\bnicht (?:enthalten|inklusive|im Lieferumfang|für|geeignet)\b",
    "en": (
        r"\bwithout\b|\bnot (?:included|suitable|for|dishwasher|machine)\b|\bdon['’]t\b|\bcannot\b"
        r"|\b(?:do|does|must|is|are|can|may|should) not\b(?! (?:only|just))"
    ),
    "es": r"(?<! [yo] )\bsin\b(?! (?:cable|hilo))|\bno (?:incluid[oa]s?|incluye|apto)\b|\bno \w+[aei]r\b",
    "fr": (
        r"(?<! et )(?<! ou )\bsans\b(?! (?:fil|manche))|\bnon (?:inclus|incluse|fourni|fournie|compris|comprise)s?\b"
        r"|\bne (?:pas|convient)\b"
    ),
    "id": r"\btanpa\b(?! (?:kabel|lengan))|\btidak\b|\bjangan\b",
    "it": r"(?<! [eo] )\bsenza\b(?! (?:fil|manich))|\bnon (?:inclus|compres|adatt|usare|utilizzare)\w*",
    "ja": "なし|無し|別売|含まれ(?:ません|ない)|不使用",
    "ko": r"없는|없이|없음|미포함|별매|포함되지|불포함",
    "nl": r"\bzonder\b|\bniet (?:inbegrepen|geschikt|voor|meegeleverd)\b|\bgeen\b",
    "pl": r"\bbez\b|\bnie (?:zawiera|nadaje|używać|dołączon\w*)",
    "pt": r"(?<! [eo] )\bsem\b(?! fio)|\bnão (?:inclu[íi]\w*|inclus\w*|\w+[aei]r\b|adequad\w*)",
    "ru": r"\bбез\b|\bне (?:входит|входят|включен\w*|использовать|подходит)",
    "tr": r"\bdahil değil\w*|\bhariç\b|\bolmadan\b",
    "zh": r"不含|不带|不包括|不包含|没有|请勿|不可|无(?:糖|盐|油|味|毒|铅|硅|氟|电池|把手|扶手|盖|酒精|添加)",
}

# Everything that may deny in a translation: also endings (kabellos, sugar-free, bagless) and verbs that say the same.
_POSSIBLE = {
    "ar": r"بدون|بلا|غير|لا|ليس|خال|دون|لاسلك|عديم|منفصل",
    "de": (
        r"\b(?:ohne|nicht|kein\w*|nie|separat|exkl\w*|exclusive|weder|ausgenommen|vermeiden|un(?!d\b|ter|s|i)\w+)\b"
        r"|\w{3,}los(?:e[rnms]?)?\b|\w{3,}freie?[rnms]?\b|fern"
    ),
    "en": (
        r"\b(?:without|no|not|non|never|free|excl\w*|separately|cannot|nor|avoid|except|un(?!i|der|til)\w+|in\w+ble|w/o|minus)\b"
        r"|n't|n’t|less|free\b|out of|wireless|sold sep"
    ),
    "es": r"\b(?:sin|no|ni|nunca|excepto|excluid\w*|libre|evit\w*|aparte|separad\w*|inalámbric\w*|in(?!clu)\w+)\b",
    "fr": (
        r"\b(?:sans|non|ne|n|pas|ni|jamais|aucun\w*|hors|exclu\w*|séparément|évit\w*|libre|sauf|in(?!clu)\w+|anti\w*)\b"
        r"|n['’]"
    ),
    "id": r"\b(?:tanpa|tidak|bukan|non|jangan|bebas|terpisah|nirkabel|belum|kecuali)\b",
    "it": r"\b(?:senza|non|né|mai|esclus\w*|priv\w*|evitare|separatamente|in(?!clu)\w+|libero)\b",
    "ja": r"な[いしくけ]|無(?!線|地|料|垢)|ません|ず|不(?!織)|別売|レス|フリー|未|除|非|ノン|禁止|避け",
    "ko": r"없|않|[미불비]포함|무(?!선|늬|게|료|릎|대)|별도|별매|제외|아니|프리|금지|마십|마세|방지|안 |못|미사용",
    "nl": r"\b(?:zonder|niet|geen|nooit|excl\w*|apart|vermijd\w*|on\w+|noch|vrij|behalve)\b|loos\b|loze\b|vrij\w*\b",
    "pl": r"\b(?:bez\w*|nie\w*|osobno|oddzielnie|wyjątkiem|unikać|nigdy|ani|żad\w*|wolny\w*|opr[óo]cz)\b",
    "pt": r"\b(?:sem|não|nem|nunca|exceto|exclu\w*|livre|evit\w*|separad\w*|à parte|in(?!clu)\w+)\b|-free",
    "ru": r"\b(?:без\w*|бес\w*|не\w*|ни\w*|отдельно|кроме|исключ\w*|избегать|запрещ\w*|отсутств\w*)\b",
    "tr": r"s[ıiuü]z|değil|hariç|olma[dy]an|yok|m[ae]y[ıi]n|(?<!paslan)maz\b|mez\b|ayrı|m[ıiuü]yor|arındırıl|hiç|kaçın",
    "zh": r"无(?!线|人机|论|纺)|不(?!锈)|没|勿|免|非|除外|另购|另售|未|脱|去|零|裸|禁|避|以外",
}


# The one word that denies a sentence, wherever it stands; Turkish, Japanese and Korean deny by an ending.
_PARTICLES = {
    "ar": r"\b(?:لا|ليس|ليست|غير|بدون)\b",
    "de": r"\b(?:nicht|nie|niemals|ohne|kein(?:e[mnrs]?)?)\b",
    "en": r"\b(?:not|never|no|without|don['’]t|cannot)\b",
    "es": r"\b(?:no|nunca|sin|ni)\b",
    "fr": r"\b(?:pas|jamais|sans|non|aucune?)\b",
    "id": r"\b(?:tidak|jangan|bukan|tanpa)\b",
    "it": r"\b(?:non|mai|senza)\b",
    "nl": r"\b(?:niet|nooit|geen|zonder)\b",
    "pl": r"\b(?:nie|nigdy|bez)\b",
    "pt": r"\b(?:não|nunca|sem)\b",
    "ru": r"\b(?:не|никогда|без|нельзя)\b",
    "zh": r"请勿|切勿|不要|不可|不能|没有|不得|勿|不|无",
}
_NOTHING = "(?!)"


def denies_surely(lang: str, text: str) -> str:
    """Return what in a text certainly denies something; empty where nothing does."""
    found = _certain(lang).search(text)
    return found[0] if found else ""


def may_deny(lang: str, text: str) -> bool:
    """Whether anything in a text may be a denial."""
    return _possible(lang).search(text) is not None


@cache
def particles(lang: str) -> re.Pattern[str]:
    """Return what finds the single words by which a language denies: "not", "never", "without"."""
    return re.compile(_PARTICLES.get(lang, _NOTHING), re.IGNORECASE)


@cache
def _certain(lang: str) -> re.Pattern[str]:
    return re.compile(_CERTAIN[lang], re.IGNORECASE)


@cache
def _possible(lang: str) -> re.Pattern[str]:
    return re.compile(_POSSIBLE[lang], re.IGNORECASE)
