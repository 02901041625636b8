"""Whether a translation says it in the words wanted, and does not say the opposite."""

from catalog.languages import language
from translation.abbreviations import written_out
from translation.checks.denials import may_deny
from translation.checks.model import Subject
from translation.inline import without_marks
from translation.terminology.requirements import Requirement, breaches
from translation.words import fold


def missing_term(subject: Subject) -> str:
    """Find a term of the original whose preferred translation is not there."""
    if not subject.expected.required:
        return ""
    demands = [one for one in subject.expected.required if not _inside(subject, one)]
    return "; ".join(str(breach) for breach in breaches(subject.target, subject.text, demands) if breach.wanted)


def _inside(subject: Subject, demand: Requirement) -> bool:
    """Whether an accepted term stands inside a run of characters, as in Chinese, Japanese and Korean compounds."""
    if language(subject.target).words == "spaces":
        return False
    text = _squeezed(subject.target, subject.text)
    return any(_squeezed(subject.target, term) in text for term in demand.accepted)


def _squeezed(lang: str, text: str) -> str:
    return "".join(fold(lang, text).split())


def forbidden_term(subject: Subject) -> str:
    """Find a term that must not be used, for a word of the original or whatever it says."""
    if not subject.expected.required and not subject.expected.bans:
        return ""
    found = breaches(subject.target, subject.text, subject.expected.required, subject.expected.bans)
    return "; ".join(str(breach) for breach in found if breach.used)


def lost_negation(subject: Subject) -> str:
    """Find a "without" or "not" of the original that nothing in the translation says."""
    denied = subject.before.denial
    if not denied or may_deny(subject.target, written_out(subject.target, without_marks(subject.text))):
        return ""
    return f"nothing says {denied!r}"
