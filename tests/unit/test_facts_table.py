"""A table of what suppliers write, in fifteen languages, and the facts that are in it."""

from collections import Counter
from pathlib import Path

import pytest

from catalog.languages import CODES
from translation.facts import difference, find, mask

FILE = Path(__file__).parent.parent / "data" / "facts.txt"
BRANDS = ("Bosch", "Makita", "3M")
_KINDS = {
    "m": "measure", "n": "number", "c": "code", "d": "date", "l": "link", "t": "tag", "x": "name", "s": "sign",
    "v": "variant", "b": "bracket", "g": "designation", "brand": "brand",
}  # fmt: skip


def cases() -> list[tuple[str, str, list[tuple[str, str]]]]:
    found = []
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        lang, text, facts = line.split(" | ", 2)
        pairs = [fact.split(":", 1) for fact in facts.split("; ") if fact.strip()]
        found.append((lang, text, [(_KINDS[kind.strip()], surface) for kind, surface in pairs]))
    return found


CASES = cases()


def test_the_table_is_whole() -> None:
    assert len(CASES) >= 200
    assert len({(lang, text) for lang, text, _ in CASES}) == len(CASES)
    assert min(Counter(lang for lang, *_ in CASES)[code] for code in CODES) >= 6


@pytest.mark.parametrize(("lang", "text", "facts"), CASES, ids=[f"{lang} {text}" for lang, text, _ in CASES])
def test_facts(lang: str, text: str, facts: list[tuple[str, str]]) -> None:
    assert [(fact.kind, fact.surface) for fact in find(text, BRANDS, lang)] == facts


@pytest.mark.parametrize("target", CODES)
def test_facts_have_the_same_value_in_every_language(target: str) -> None:
    for lang, text, _ in CASES:
        for every_number in (False, True):
            masked = mask(lang, text, BRANDS, every_number=every_number)
            restored = masked.restore(masked.text, target)
            assert restored is not None
            assert difference(text, restored, BRANDS, (lang, target)) == "", (lang, text, restored)
            assert difference(text, restored, BRANDS) == "", (lang, text, restored)
