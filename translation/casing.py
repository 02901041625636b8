"""Letters in capitals, put into the case of a sentence before an engine reads them.

ALL CAPS come back from the student models as English.
"""

import re

from translation.words import capitalised, lower

# What stays in capitals in a title that is all capitals: a model knows "USB" and no "usb".
_ACRONYMS = frozenset(
    {
        "AC", "BT", "CCTV", "CD", "CNC", "CPU", "DAB", "DC", "DIY", "DVD", "DVI", "EVA", "FM", "GPS", "GSM", "GPU",
        "HD", "HDD", "HDMI", "HEPA", "IR", "LAN", "LCD", "LED", "MDF", "MMA", "NAS", "NFC", "OLED", "PC", "PE", "PET",
        "POE", "PP", "PS", "PTFE", "PVC", "RAM", "RCA", "RFID", "RGB", "RJ", "SD", "SIM", "SSD", "TPU", "TV", "UHD",
        "UPS", "USB", "UV", "VGA", "WC", "WLAN", "XLR",
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_SHOUTS_FROM = 6
"""Letters from which a text in capitals is read as shouted; fewer are an abbreviation."""


def is_all_capitals(text: str) -> bool:
    """Whether a text shouts: at least two words of letters that have case, none in lower case."""
    return text.isupper() and sum(map(str.isupper, text)) >= _SHOUTS_FROM and len(text.split()) > 1


def sentence_case(lang: str, text: str) -> str:
    """Write a text in capitals as a sentence: ``LED LAMP`` becomes ``LED lamp``, Turkish ``IŞIK`` ``Işık``."""
    small = _WORD.sub(lambda word: word[0] if word[0] in _ACRONYMS else lower(lang, word[0]), text)
    first = _WORD.search(small)
    if first is None:
        return small
    return small[: first.start()] + capitalised(lang, small[first.start() :])
