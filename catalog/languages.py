"""The fifteen languages: the only place that names them.

A sixteenth language is one row here, its column in the starter terms, and nothing else: every analysis below is
looked up by name and an unknown name raises. Nothing falls back in silence to another language's analysis.
"""

from dataclasses import dataclass

from catalog.errors import UnknownValueError


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the market.

    Attributes:
        code: ISO 639-1 code, lower case.
        english_name: name in English, for messages to operators.
        own_name: name in the language itself, for buyers.
        script: ISO 15924 code of the script in which its product texts are written.
        direction: ``ltr`` or ``rtl``.
        words: how running text is cut into words: ``spaces`` (Unicode words), ``dictionary`` (ICU's
            dictionary breaker) or ``bigrams`` (words, then overlapping pairs of characters).
        stemmer: Snowball algorithm that brings word forms together, or ``None`` where words do not inflect
            by suffix (Chinese) or where pairs of characters stand in for stems (Korean, Japanese).
        elasticsearch_analyzer: analyzer of the cluster backend.
    """

    code: str
    english_name: str
    own_name: str
    script: str
    direction: str
    words: str
    stemmer: str | None
    elasticsearch_analyzer: str


_ROWS = (
    Language("ar", "Arabic", "العربية", "Arab", "rtl", "spaces", "arabic", "arabic"),
    Language("de", "German", "Deutsch", "Latn", "ltr", "spaces", "german", "german"),
    Language("en", "English", "English", "Latn", "ltr", "spaces", "english", "english"),
    Language("es", "Spanish", "Español", "Latn", "ltr", "spaces", "spanish", "spanish"),
    Language("fr", "French", "Français", "Latn", "ltr", "spaces", "french", "french"),
    Language("id", "Indonesian", "Bahasa Indonesia", "Latn", "ltr", "spaces", "indonesian", "indonesian"),
    Language("it", "Italian", "Italiano", "Latn", "ltr", "spaces", "italian", "italian"),
    Language("ja", "Japanese", "日本語", "Jpan", "ltr", "dictionary", None, "kuromoji"),
    Language("ko", "Korean", "한국어", "Kore", "ltr", "bigrams", None, "nori"),
    Language("nl", "Dutch", "Nederlands", "Latn", "ltr", "spaces", "dutch", "dutch"),
    Language("pl", "Polish", "Polski", "Latn", "ltr", "spaces", "polish", "polish"),
    Language("pt", "Portuguese", "Português", "Latn", "ltr", "spaces", "portuguese", "portuguese"),
    Language("ru", "Russian", "Русский", "Cyrl", "ltr", "spaces", "russian", "russian"),
    Language("tr", "Turkish", "Türkçe", "Latn", "ltr", "spaces", "turkish", "turkish"),
    Language("zh", "Chinese", "中文", "Hans", "ltr", "dictionary", None, "smartcn"),
)

LANGUAGES: dict[str, Language] = {row.code: row for row in _ROWS}
"""Every language by its code, in the order of the codes."""

CODES: tuple[str, ...] = tuple(LANGUAGES)
"""The fifteen codes, sorted."""


def language(code: str) -> Language:
    """Return the language of a code.

    Raises:
        UnknownValueError: ``code`` is not one of the fifteen.
    """
    try:
        return LANGUAGES[code]
    except KeyError:
        raise UnknownValueError("language", code, CODES) from None
