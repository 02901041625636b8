"""Analyzers that the operator names in the place of a language's own."""

from collections.abc import Sequence

from catalog.errors import UsageError
from catalog.languages import language


def read_substitutes(given: Sequence[str]) -> dict[str, str]:
    """Read ``pl=hunspell:pl_PL`` and the like.

    Raises:
        UsageError: one has another form, or names an unknown language.
    """
    found = {}
    for one in given:
        lang, equals, name = (part.strip() for part in one.partition("="))
        if not equals or not name:
            raise UsageError(f"{one!r} is no substitute: give LANGUAGE=ANALYZER, such as zh=cjk or pl=hunspell:pl_PL")
        language(lang)
        found[lang] = name
    return found
