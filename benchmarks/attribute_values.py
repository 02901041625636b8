"""Does an engine translate a short text better behind a name? ``python -m benchmarks.attribute_values``.

Attributes' values and titles labelled by hand (``tests/data/attribute_values.jsonl``, ``titles_in_categories.jsonl``)
and the names of Shopify's categories and attributes in ``../shared/data`` are given to the packaged students as they
stand and in several forms. A form is judged by how often its answer comes apart and is right. The labels were written
before any answer was seen and stayed as they were; the rules of :mod:`translation.framing` and of the chain were chosen
with all answers in view, so the column "every second" shows how much chance there is, not what new texts would give.
"""

import argparse
import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.chrf import chrf
from translation.chain import Chain, Failure, Means, Remembered, translate_segment
from translation.engine import Pair, TranslationEngine
from translation.engines.batched.engine import BatchedEngine
from translation.engines.models import find_models
from translation.framing import Frame, small
from translation.model import Segment, Translation
from translation.routing import Router
from translation.terminology.concepts import starter_concepts
from translation.terminology.termbase import Termbase

ROOT = Path(__file__).resolve().parent.parent
VOCABULARY = ROOT.parent / "shared" / "data" / "vocabulary"
_NAMES = 1_200
_SIZE = re.compile(r"\bM?\d+(?:x\d+)?(?: ?(?:mm|cm|m|ml|g|kg|t|A|V|W)\b|[\"°])?|\bE27\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Case:
    """A text with what its translation may be.

    Attributes:
        segment: the text; a title's category stands as its context.
        target: language of the translation.
        accepted: what it may be, or hold as a word where ``within``.
        within: whether the translation may say more.
    """

    segment: Segment
    target: str
    accepted: tuple[str, ...]
    within: bool = False

    def is_right(self, text: str | None) -> bool:
        """Whether a translation is one of those accepted."""
        if text is None:
            return False
        made = _plain(text)
        if self.within:
            return any(re.search(rf"(?<!\w){re.escape(one)}s?(?!\w)", made) for one in map(_plain, self.accepted))
        return made in map(_plain, self.accepted)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip().rstrip(".")).casefold()


def labelled_values() -> list[Case]:
    """Return the attributes' values that were labelled by hand."""
    return [
        Case(Segment(row["lang"], "attribute_value", row["name"], row["value"]), row["target"], tuple(row["accepted"]))
        for row in _rows("attribute_values")
    ]


def labelled_titles() -> list[Case]:
    """Return the short titles that were labelled by hand; their sizes are left out, as the chain locks them."""
    return [
        Case(Segment(row["lang"], "title", row["category"], row["title"]), row["target"], tuple(row["accepted"]), True)
        for row in _rows("titles_in_categories")
    ]


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (ROOT / "tests" / "data" / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def published_names(file: str, kind: str, source: str, target: str) -> list[Case]:
    """Return names of Shopify's taxonomy with their published translation; a category's parent is its context."""
    with gzip.open(VOCABULARY / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows = [row for row in rows if kind == "attribute_name" or " > " in row["path"][source]]
    every = max(1, len(rows) // _NAMES)
    return [
        Case(Segment(source, kind, _parent(row, source), row["name"][source]), target, (row["name"][target],))
        for row in rows[::every][:_NAMES]
    ]


def _parent(row: Mapping[str, Mapping[str, str]], lang: str) -> str:
    return row["path"][lang].split(" > ")[-2] if "path" in row else ""


Form = tuple[Callable[[str, str], str], Callable[[str], str | None]]
"""What is asked for a name and a text, and how the answer is taken apart."""


def _split_at(sign: str) -> Callable[[str], str | None]:
    def take(answer: str) -> str | None:
        parts = answer.split(sign)
        return parts[1].strip() if len(parts) == 2 and parts[0].strip() and parts[1].strip(" .") else None

    return take


def _within(pattern: str) -> Callable[[str], str | None]:
    return lambda answer: match[1] if (match := re.fullmatch(pattern, answer)) else None


FORMS: dict[str, Form] = {
    "as it stands": (lambda name, text: text, lambda answer: answer),
    "Name: text": (lambda name, text: f"{name}: {text}", _split_at(":")),
    "Name: text.": (lambda name, text: f"{name}: {text}.", _split_at(":")),
    "Name - text": (lambda name, text: f"{name} - {text}", _split_at(" - ")),
    "Name, text": (lambda name, text: f"{name}, {text}", _split_at(",")),
    "Name (text)": (lambda name, text: f"{name} ({text})", _within(r"[^(]+\((.+)\)\.?")),
    "Name [0] text": (lambda name, text: f"{name} [0] {text}", _within(r"[^\[]*\[0\] ?(.+)")),
    "Name: [0] text [1]": (lambda name, text: f"{name}: [0] {text} [1]", _within(r"[^\[]*\[0\] ?(.+?) ?\[1\]\.?")),
    "Name = text": (lambda name, text: f"{name} = {text}", Frame.take),
    "name = text": (lambda name, text: f"{name.lower()} = {text}", Frame.take),
    "product = text": (lambda _, text: f"product = {text}", Frame.take),
}


def by_form(engine: TranslationEngine, cases: Sequence[Case]) -> Iterator[str]:
    """Yield a line of the table for each form."""
    pair = Pair(cases[0].segment.lang, cases[0].target)
    for name, (put, take) in FORMS.items():
        for capital in (False, True):
            texts = [_with_capital(_small(one.segment)) if capital else _small(one.segment) for one in cases]
            asked = [put(one.segment.context, text) for one, text in zip(cases, texts, strict=True)]
            taken = [take(answer) for answer in engine.translate(pair, asked)]
            right = [one.is_right(text) for one, text in zip(cases, taken, strict=True)]
            yield (
                f"| {pair} | {name.replace('text', 'Text') if capital else name} | "
                f"{sum(one is not None for one in taken) / len(cases):.1%} | {_share(right)} | {_share(right[1::2])} |"
            )


def _small(segment: Segment) -> str:
    text = small(segment.lang, segment.text)
    return _SIZE.sub("[0]", text) if segment.kind == "title" else text


def _with_capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right) / len(right):.1%}"


class WithoutFrames(BatchedEngine):
    """The students, asked as before there were frames."""

    def reads_frames(self, pair: Pair) -> bool:
        """Say that they read none."""
        return False


def translated(engine: TranslationEngine, cases: Sequence[Case], termbase: Termbase) -> tuple[list[Translation], int]:
    """Walk the chain for each case; return the translations, and how many different requests that took."""
    means = Means(Router([engine]), termbase)
    done: dict[int, Translation] = {}
    asked: set[tuple[str, str]] = set()
    chains: dict[int, Chain] = {}
    for number, case in enumerate(cases):
        context = case.segment.context if case.segment.kind == "attribute_value" else ""
        segment = Segment(case.segment.lang, case.segment.kind, context, case.segment.text)
        chains[number] = translate_segment(segment, case.target, means, Remembered())
    answers: dict[int, str | Failure | None] = dict.fromkeys(chains)
    while answers:
        requests = {}
        for number, answer in answers.items():
            try:
                chain = chains[number]
                requests[number] = next(chain) if answer is None else chain.send(answer)
            except StopIteration as finished:
                done[number] = finished.value
        asked |= {(str(one.step.pair), one.text) for one in requests.values()}
        answers = {}
        for pair in {one.step.pair for one in requests.values()}:
            group = {number: one.text for number, one in requests.items() if one.step.pair == pair}
            answers |= zip(group, engine.translate(pair, list(group.values())), strict=True)
    return [done[number] for number in range(len(cases))], len(asked)


def by_chain(name: str, engines: Mapping[str, TranslationEngine], cases: Sequence[Case]) -> Iterator[str]:
    """Yield what the chain makes of cases with each engine, with the starter terms and without any term."""
    pair = f"{cases[0].segment.lang}-{cases[0].target}"
    for terms, termbase in (("none", Termbase([])), ("starter", Termbase(starter_concepts()))):
        for label, engine in engines.items():
            made, requests = translated(engine, cases, termbase)
            right = [case.is_right(one.text) for case, one in zip(cases, made, strict=True)]
            alike = chrf([_plain(one.text or "") for one in made], [_plain(case.accepted[0]) for case in cases])
            flagged = sum(one.state.is_stand_in for one in made) / len(cases)
            yield (
                f"| {name} {pair} | {len(cases)} | {terms} | {label} | {_share(right)} | {_share(right[1::2])} | "
                f"{alike:.1f} | {flagged:.1%} | {requests} |"
            )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", action="store_true", help="every form, by the engine alone")
    options = parser.parse_args()
    models = find_models(None)
    values = labelled_values()
    english, portuguese = ([one for one in values if one.segment.lang == lang] for lang in ("en", "pt"))
    if options.forms:
        print("| pair | form | comes apart | right | every second |", "|---|---|---|---|---|", sep="\n")
        for cases in (english, portuguese, labelled_titles()):
            print(*by_form(BatchedEngine(models), cases), sep="\n")
            print()
    engines = {"plain": WithoutFrames(models), "frames": BatchedEngine(models)}
    sets = {"values": english, "values ": portuguese, "titles": labelled_titles()}
    capitals = {f"{name}, Capital": [_capitalised(one) for one in cases] for name, cases in list(sets.items())[:2]}
    sets |= capitals
    if VOCABULARY.is_dir():
        for source, target in (("en", "pt"), ("pt", "en")):
            categories = published_names("shopify_categories", "category", source, target)
            sets[f"categories {source}"] = categories
            sets[f"categories {source} as titles"] = [_as_title(one) for one in categories]
            sets[f"attributes {source}"] = published_names("shopify_attributes", "attribute_name", source, target)
    print("| texts | n | terms | asked | right | every second | chrF | a person | requests |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, cases in sets.items():
        print(*by_chain(name, engines, cases), sep="\n")


def _capitalised(case: Case) -> Case:
    one = case.segment
    return Case(Segment(one.lang, one.kind, one.context, _with_capital(one.text)), case.target, case.accepted)


def _as_title(case: Case) -> Case:
    one = case.segment
    text = _with_capital(small(one.lang, one.text))
    return Case(Segment(one.lang, "title", one.context, text), case.target, case.accepted)


if __name__ == "__main__":
    main()
