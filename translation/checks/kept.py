"""What a translation must keep: numbers, units, codes, signs, tags, brands."""

import re
from collections import Counter

from translation import facts
from translation.checks.model import Subject
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
