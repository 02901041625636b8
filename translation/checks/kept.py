"""What a translation must keep: numbers, units, codes, signs, tags, brands."""

import re
import unicodedata
from collections import Counter
from functools import cache

from catalog.languages import language
from translation import facts
from translation.checks.model import Subject
from translation.facts.names import model_lines
from translation.inline import marks
from translation.numerals import separators

_PLACEHOLDER = re.compile(r"[\[［]\s*\d{1,4}\s*[\]］]|__\s?\d{1,3}\s?__|\{\d{1,2}\}|(?<![^\W_])ZX\d+Q(?![^\W_])")
_BEGINS_PLACEHOLDER = re.compile(r"[\[［{_Z]")
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]*)([^<>]*)>")
_VOID = frozenset({"br", "hr", "img", "input", "wbr", "col"})


def placeholder(subject: Subject) -> str:
    """Find a placeholder that was not replaced by its fact."""
    found = _PLACEHOLDER.findall(subject.text) if _BEGINS_PLACEHOLDER.search(subject.text) else ()
    there = _PLACEHOLDER.findall(subject.segment.text) if found else ()
    left = next((one for one in found if one not in there), "")
    return f"a placeholder was left: {left}" if left else ""


def changed_facts(subject: Subject) -> str:
    """Find numbers, units, codes and links that were lost, added or changed in value."""
    source, target = subject.before.compared, subject.compared
    in_target, in_source = subject.spelled_numbers
    for number in in_target:
        source = _without_number(source, number)
    for number in in_source:
        target = _without_number(target, number)
    return facts.difference(source, target, langs=(subject.lang, subject.target))


def number_as_word(subject: Subject) -> str:
    """Find a small number that is written in digits on one side and as a word on the other."""
    spelled = [number for side in subject.spelled_numbers for number in side]
    return f"{', '.join(spelled)} is a word on one side" if spelled else ""


def _without_number(text: str, number: str) -> str:
    return re.sub(rf"(?<![\d.,]){number}(?![.,]?\d)", " ", text, count=1)


def number_uncertain(subject: Subject) -> str:
    """Find a number of the original that may be read in two ways, and so was kept as it is written."""
    if separators(subject.lang) == separators(subject.target):
        return ""
    found = subject.before.uncertain_numbers
    return f"{', '.join(found)} may be read in two ways" if found else ""


# A minus stands before a number and after nothing that counts: "10 -20" is a range.
_MINUS = re.compile(r"(?:(?<=^)|(?<=[\s(（:：,，/±…~]))[-−–](?=[\d½¼¾.])")
_LIMIT = re.compile("[±≤≥]")
_ANY_SIGN = re.compile("[±≤≥⩽≦⩾≧−–+-]")
_LAST = re.compile(r"[\d%°\])][^\W\d_]{0,3}\s*$")


def changed_sign(subject: Subject) -> str:
    """Find a minus, a tolerance or a limit that was lost, added or turned round."""
    before, after = _signs(subject.before.without_brands), _signs(subject.after.without_brands)
    if before == after:
        return ""
    lost, added = before - after, after - before
    if lost:
        return f"lost the sign {next(iter(lost))}" + (f" for {next(iter(added))}" if added else "")
    return f"added the sign {next(iter(added))}" if added else ""


def _signs(text: str) -> Counter[str]:
    if not _ANY_SIGN.search(text):
        return Counter()
    text = text.replace("+/-", "±").replace("+/−", "±").replace("⩽", "≤").replace("≦", "≤")
    text = text.replace("⩾", "≥").replace("≧", "≥")
    counted = Counter(_LIMIT.findall(text))
    for minus in _MINUS.finditer(text):
        if not _LAST.search(text[: minus.start()]):
            counted["-"] += 1
    return counted


def changed_tags(subject: Subject) -> str:
    """Find tags that were lost, added or changed, or that no longer close what they open."""
    before, after = _tags(subject.segment.text), _tags(subject.text)
    if not before and not after:
        return ""
    lost = Counter(before) - Counter(after)
    added = Counter(after) - Counter(before)
    if lost or added:
        said = [f"lost the tag {next(iter(lost))}"] if lost else []
        said += [f"added the tag {next(iter(added))}"] if added else []
        return "; ".join(said)
    if _is_nested(before) and not _is_nested(after):
        return "tags cross each other or close before they open"
    return _emptied(subject)


def _emptied(subject: Subject) -> str:
    """Say which mark stands around nothing that stood around words in the original."""
    before, after = marks(subject.segment.text), marks(subject.text)
    for (name, said), (other, left) in zip(before, after, strict=False):
        if name == other and any(map(str.isalnum, said)) and not any(map(str.isalnum, left)):
            return f"nothing stands in <{name}>, where the original has {said.strip()!r}"
    return ""


def _tags(text: str) -> list[str]:
    if "<" not in text:
        return []
    return [f"<{match[1]}{match[2].casefold()}{' '.join(match[3].split())}>" for match in _TAG.finditer(text)]


def _is_nested(tags: list[str]) -> bool:
    open_: list[str] = []
    for tag in tags:
        match = re.match(r"<(/?)([\w-]+)", tag)
        if match is None or match[2] in _VOID or tag.endswith("/>"):
            continue
        if not match[1]:
            open_.append(match[2])
        elif not open_ or open_.pop() != match[2]:
            return False
    return not open_


def lost_brand(subject: Subject) -> str:
    """Find a brand of the original that does not stand in the translation as often."""
    wanted = Counter(name.casefold() for name in subject.before.named)
    if not wanted:
        return ""
    found = Counter(name.casefold() for name in subject.after.named)
    for brand, times in wanted.items():
        if found[brand] < times:
            return f"the brand {_as_listed(brand, subject)} was lost"
        if found[brand] > times:
            return f"the brand {_as_listed(brand, subject)} was said again"
    return ""


def brand_case(subject: Subject) -> str:
    """Find a brand written with other capitals than in the original and in the list of brands."""
    for written in subject.after.named:
        if written not in subject.before.named and written not in subject.expected.brands:
            return f"the brand {_as_listed(written.casefold(), subject)} is written {written}"
    return ""


def _as_listed(folded: str, subject: Subject) -> str:
    return next((one for one in subject.expected.brands if one.casefold() == folded), folded)


# Scripts in which words of a text in another stand as names do; Latin ones stand in texts of every script.
_LETTERS = {
    "Arab": "\u0620-\u064a\u066e-\u06d3",
    "Armn": "\u0531-\u0556\u0561-\u0587",
    "Cyrl": "\u0400-\u052f",
    "Deva": "\u0904-\u0939\u093e-\u094d",
    "Geor": "\u10a0-\u10ff",
    "Grek": "\u0370-\u03ff\u1f00-\u1fff",
    "Hang": "\uac00-\ud7a3",
    "Hani": "\u3400-\u4dbf\u4e00-\u9fff",
    "Hebr": "\u05d0-\u05ea",
    "Kana": "\u3041-\u3096\u30a1-\u30fa\u30fc",
    "Thai": "\u0e01-\u0e4e",
}
_WRITTEN_IN = {"Hans": ("Hani", "Kana"), "Jpan": ("Hani", "Kana"), "Kore": ("Hang", "Hani")}
_DIAMETERS = frozenset("Φφ")


def lost_name(subject: Subject) -> str:
    """Find a word in a script of neither language, or a model line behind a brand, that was lost."""
    text = subject.segment.text
    found = [] if text.isascii() else _of_other_scripts(subject.lang, subject.target).findall(subject.before.prose)
    lines = model_lines(text, subject.before.named, subject.lang)
    if not found and not lines:
        return ""
    said = facts.half_width(subject.text).casefold()
    lost = next((one for one in found if not _is_said(facts.half_width(one).casefold(), said, subject.target)), "")
    lost = lost or next((one for one in lines if one.casefold() not in said), "")
    return f"{lost} was lost" if lost else ""


@cache
def _of_other_scripts(lang: str, target: str) -> re.Pattern[str]:
    own = {script for one in (lang, target) for script in _written_in(language(one).script)}
    letters = "".join(letters for script, letters in _LETTERS.items() if script not in own)
    return re.compile(f"[{letters}]+")


def _written_in(script: str) -> tuple[str, ...]:
    return _WRITTEN_IN.get(script, (script,))


def _is_said(word: str, text: str, target: str) -> bool:
    """Whether a word stands in a text; a letter alone may be called by its name: betacaroteno."""
    if word in text or word in _DIAMETERS:
        return True
    if len(word) > 1 or not "\u0370" <= word <= "\u03ff":
        return False
    name = unicodedata.name(word, "").split()[-1].casefold()
    names = {name, name.replace("ph", "f"), name.replace("mm", "m"), name.replace("th", "t")}
    return language(target).script != "Latn" or any(one in text for one in names)
