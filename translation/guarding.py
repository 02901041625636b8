"""An engine that answers in another language than it says, found before anything of it is kept.

A folder named for one pair may hold another's model. Of one short title that is hard to see (a third of 115 was); of
twenty together hardly: of 272 groups of real English and Portuguese titles and 400 of names in fifteen languages none
was taken for another language, and under the name of another 93 % of the groups of titles were found (of Portuguese
called Spanish 58 %). So answers are joined as they come, and an engine is refused when most groups are of another
language.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from catalog.detect import most_likely
from catalog.errors import EngineError
from catalog.languages import language
from translation.routing import Step
from translation.stopwords import STOP_WORDS
from translation.words import Word, words

_TOGETHER = 20
"""Answers that are looked at together."""

_FEWEST = 2
"""Groups of answers that are needed to refuse an engine, which costs a whole run."""

_MOST = 60
"""Groups after which an engine is believed: 1,200 answers."""

_LEAST_LETTERS = 3
"""Shorter words are abbreviations, and words of many languages."""

_PLACEHOLDER = re.compile(r"\[\s?\d{1,4}\s?\]")


class LanguageGuard:
    """Watches in which languages engines answer, for one run.

    Names stay what they are in every language, so only words are looked at that the question does not have.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, list[list[str]]] = defaultdict(list)
        self._groups: dict[str, Counter[str]] = defaultdict(Counter)

    def look(self, step: Step, answers: Mapping[str, str]) -> None:
        """Look at answers of an engine by what it was asked, before they are kept.

        Raises:
            EngineError: most of its answers, these and those before, are in another language than the pair's target;
                names the engine, the pair and the language.
        """
        groups = self._groups[step.version]
        if groups.total() >= _MOST:
            return
        waiting = self._waiting[step.version]
        waiting += filter(None, (_new_words(step, asked, said) for asked, said in answers.items()))
        while len(waiting) >= _TOGETHER:
            groups[_language_of(waiting[:_TOGETHER], step.pair.target)] += 1
            del waiting[:_TOGETHER]
        found, times = groups.most_common(1)[0] if groups else (step.pair.target, 0)
        if found != step.pair.target and times >= _FEWEST and times * 2 > groups.total():
            raise EngineError(_refusal(step, found))


def _refusal(step: Step, found: str) -> str:
    wanted, name = language(step.pair.target).english_name, language(found).english_name
    return (
        f"engine {step.name} answers {step.pair} in {name} ({found}), not in {wanted}: its model is another pair's. "
        "Nothing of these answers was kept; fetch the right model, or take its folder away."
    )


def _new_words(step: Step, asked: str, answer: str) -> list[str]:
    there = {word.folded for word in _words(step.pair.source, asked)}
    found = _words(step.pair.target, answer)
    return [word.folded for word in found if word.folded not in there and _tells(word.folded)]


def _words(lang: str, text: str) -> Sequence[Word]:
    return words(lang, _PLACEHOLDER.sub(" ", text))


def _tells(word: str) -> bool:
    return word.isalpha() and (len(word) >= _LEAST_LETTERS or not word.isascii())


def _language_of(group: Iterable[Sequence[str]], target: str) -> str:
    """Return the language of answers: another than the target where script or function words bear the detector out."""
    said = [word for words_of_one in group for word in words_of_one]
    guess = most_likely(" ".join(said)).code
    if guess == target or language(guess).script != language(target).script:
        return guess
    other = sum(word in STOP_WORDS[guess] - STOP_WORDS[target] for word in said)
    own = sum(word in STOP_WORDS[target] - STOP_WORDS[guess] for word in said)
    return guess if other > own else target
