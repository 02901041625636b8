"""What is looked at after every engine, memory, term and draft before a translation is believed.

Every check has a stable code, a text for people and a severity. A finding that blocks makes the text ``needs_review``
and the original stands in for it until a person has looked; one that warns is kept beside the translation. A wrong
finding costs a needless review, a missed one a damaged text: precision and recall of every check on a labelled set are
published in ``docs/checks.md`` and held by a test.
"""

from collections.abc import Sequence
from dataclasses import replace

from translation.checks import acronyms, foreign, form, kept, wording
from translation.checks.model import (
    NOTHING_EXPECTED,
    Check,
    Expected,
    Finding,
    Severity,
    Subject,
)
from translation.model import Segment

__all__ = [
    "CHECKS",
    "CODES",
    "LOST_PLACEHOLDER",
    "Check",
    "Expected",
    "Finding",
    "Severity",
    "blocking",
    "check",
    "codes",
]

CHECKS: tuple[Check, ...] = (
    Check(
        "empty",
        Severity.BLOCKS,
        "a translation without a letter or digit",
        "translate it by hand",
        form.empty,
    ),
    Check(
        "placeholder",
        Severity.BLOCKS,
        "a placeholder of a locked fact that was lost, doubled or left",
        "put the fact of the original in its place",
        kept.placeholder,
    ),
    Check(
        "garbage",
        Severity.BLOCKS,
        "unknown pieces, end marks, control characters, text read in the wrong encoding",
        "write the word that belongs there",
        form.garbage,
    ),
    Check(
        "facts",
        Severity.BLOCKS,
        "numbers, units, codes and links that were lost, added or changed in value",
        "give every number, unit and code as the original has it",
        kept.changed_facts,
    ),
    Check(
        "sign",
        Severity.BLOCKS,
        "a minus, a tolerance (±) or a limit (≤ ≥) that was lost, added or turned round",
        "put the sign of the original before its number",
        kept.changed_sign,
    ),
    Check(
        "tags",
        Severity.BLOCKS,
        "inline tags that were lost, added, changed, emptied, or no longer close what they open",
        "set the tags of the original around the same words",
        kept.changed_tags,
    ),
    Check(
        "brand_lost",
        Severity.BLOCKS,
        "a brand that was translated, written in another script, dropped or doubled",
        "write the brand as the original does",
        kept.lost_brand,
    ),
    Check(
        "name_lost",
        Severity.BLOCKS,
        "a word in a script of neither language, or a model line behind a brand (HP Pavilion 15), that was lost",
        "write the word as the original does",
        kept.lost_name,
    ),
    Check(
        "acronym",
        Severity.BLOCKS,
        "an acronym of the original that nothing in the translation says",
        "give the acronym as the original has it, or as the language says it",
        acronyms.lost_acronym,
    ),
    Check(
        "untranslated",
        Severity.BLOCKS,
        "a copy of the original that has words to translate",
        "translate it, or add its words to the terms that stay as they are",
        foreign.untranslated,
    ),
    Check(
        "left_over",
        Severity.BLOCKS,
        "a part of the original that stands untranslated in the translation",
        "translate the rest",
        foreign.left_over,
    ),
    Check(
        "script",
        Severity.BLOCKS,
        "a translation in another script than its language's",
        "write it in the script of its language",
        foreign.wrong_script,
    ),
    Check(
        "wrong_language",
        Severity.BLOCKS,
        "a translation in another of the fifteen languages",
        "translate it into the language that was asked for",
        foreign.wrong_language,
    ),
    Check(
        "length",
        Severity.BLOCKS,
        "a translation far too short or too long for its original, by pair and length",
        "look for what was dropped or invented",
        form.length,
    ),
    Check(
        "repetition",
        Severity.BLOCKS,
        "words or clauses said again and again",
        "say them once",
        form.repetition,
    ),
    Check(
        "terminology",
        Severity.BLOCKS,
        "a required term of the termbase that is not there",
        "use the preferred term",
        wording.missing_term,
    ),
    Check(
        "forbidden",
        Severity.BLOCKS,
        "a term that the termbase forbids",
        "use another word",
        wording.forbidden_term,
    ),
    Check(
        "negation",
        Severity.BLOCKS,
        'a "without" or "not" of the original that nothing in the translation says',
        "say what the product is without, or must not be used for",
        wording.lost_negation,
    ),
    Check(
        "brand_case",
        Severity.WARNS,
        "a brand with other capitals than in the original and in the list of brands",
        "write the brand as the list does",
        kept.brand_case,
    ),
    Check(
        "doubled_word",
        Severity.WARNS,
        "a word that stands twice in a row",
        "take one of the two out",
        form.doubled_word,
    ),
    Check(
        "brackets",
        Severity.WARNS,
        "brackets or quotes without their other half",
        "close what was opened",
        form.brackets,
    ),
    Check(
        "punctuation",
        Severity.WARNS,
        "punctuation at the beginning or end that the original does not have",
        "take it away",
        form.punctuation,
    ),
    Check(
        "number_uncertain",
        Severity.WARNS,
        "a number of the original that may be read in two ways and was kept as it is written",
        "write the number as the target language does",
        kept.number_uncertain,
    ),
    Check(
        "number_as_word",
        Severity.WARNS,
        "a small number in digits on one side and as a word on the other",
        "see that both say the same number",
        kept.number_as_word,
    ),
)
"""All checks, the worst findings first."""

CODES: tuple[str, ...] = tuple(one.code for one in CHECKS)
"""The codes of all checks, in the order in which they run."""

LOST_PLACEHOLDER = Finding(
    "placeholder",
    "a locked fact was lost or doubled: put the fact of the original in its place",
    Severity.BLOCKS,
)
"""What is said of an answer whose placeholders could not be replaced."""


def check(segment: Segment, translated: str, target: str, expected: Expected = NOTHING_EXPECTED) -> list[Finding]:
    """Run every check on one segment; an empty list means that nothing was found.

    Args:
        segment: what was translated.
        translated: its translation.
        target: language of the translation.
        expected: what is known of the segment.
    """
    text = _encodable(segment.text)
    segment = segment if text == segment.text else replace(segment, text=text)
    subject = Subject(segment, _encodable(translated), target, expected)
    if found := CHECKS[0].run(subject):
        return [found]  # of nothing there is nothing else to say
    return [found for one in CHECKS if (found := one.run(subject))]


def _encodable(text: str) -> str:
    """Half a surrogate pair, which JSON may hold, is no character: it becomes U+FFFD, which is found as garbage."""
    if text.isprintable():  # so are most, and no half of a pair is
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def blocking(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings for which a translation is not used."""
    return [finding for finding in findings if finding.severity is Severity.BLOCKS]


def codes(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return the codes of findings, in their order."""
    return tuple(finding.code for finding in findings)
