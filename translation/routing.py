"""Which engine translates which pair, over which middle language, and why.

A pair goes the first of these ways that is open:

1. what a rule of the operator says of it (:mod:`translation.overrides`);
2. the first engine in order that serves it itself under a licence that may be used (:mod:`translation.licences`);
3. two steps over English, each by the first engine in order that may make it.

Any direct way goes before English: on one pair engines differ by 0.1 to 4.5 points of COMET (measured on FLORES), while
over English a text passes two of them, so that the second translates what the first did wrong. Where that is not so for
a pair, a rule says ``pivot``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from catalog.errors import UnavailableError, UsageError
from translation.engine import EngineInfo, Pair, TranslationEngine
from translation.licences import Use, forbids_business, is_known
from translation.model import digest
from translation.overrides import EVERY_PAIR, NO_RULES, NONE, OVER_ENGLISH, PIVOT, Rule, Rules

__all__ = ["PIVOT", "Route", "Router", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """One engine on one pair.

    Attributes:
        name: the engine's name, as stored with a text.
        version: what the step's outputs depend on beside the text.
        model: what serves the pair inside the engine, for people; may be empty.
        licence: of that model.
    """

    engine: TranslationEngine
    pair: Pair
    name: str
    version: str
    model: str = ""
    licence: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.pair} ({_licence(self.licence)})"


@dataclass(frozen=True, slots=True)
class Route:
    """How a pair is served: one step, or two over English.

    Attributes:
        reason: why this way, for people.
    """

    steps: tuple[Step, ...]
    reason: str = ""

    @property
    def version(self) -> str:
        """Digest-ready description of the whole way; why it was chosen is not in it."""
        return " > ".join(step.version for step in self.steps)


@dataclass(frozen=True, slots=True)
class _Choice:
    """What was decided for a pair: its steps, none for no way; whether a rule decided it."""

    steps: tuple[Step, ...]
    reason: str
    rule: Rule | None = None


class Router:
    """Chooses engines by pair.

    Args:
        engines: in order of preference.
        rules: what holds for single pairs instead of that order.
        use: what translations are for; it decides which licences are allowed.
        by_rule: further engines, which serve only what a rule gives them.

    Attributes:
        every: all engines, those that only a rule names at the end.
        infos: what each of them is.

    Raises:
        UnavailableError: a rule names an engine that does not serve any of its pairs.
        UsageError: a rule names an engine whose licence forbids the use.
    """

    def __init__(
        self,
        engines: Sequence[TranslationEngine],
        rules: Rules = NO_RULES,
        use: Use = Use.BUSINESS,
        by_rule: Sequence[TranslationEngine] = (),
    ) -> None:
        self.engines = tuple(engines)
        self.every = (*self.engines, *by_rule)
        self.rules = rules
        self.use = use
        self.infos = tuple(engine.info() for engine in self.every)
        self._choices: dict[Pair, _Choice] = {}
        for rule in rules.rules:
            self._refuse_without_effect(rule)

    # -- what others ask ----------------------------------------------------------------------------------------------

    @property
    def version(self) -> str:
        """Digest of all ways; it changes when a pair's way changes, and with nothing else."""
        return digest(*(line for pair in EVERY_PAIR for line in self._version_of(pair)))

    def direct(self, pair: Pair) -> Step | None:
        """Return the step that serves a pair by itself, ``None`` where there is none or it goes another way."""
        steps = self._choice(pair).steps
        return steps[0] if len(steps) == 1 else None

    def route(self, pair: Pair) -> Route | None:
        """Return how a pair is served, or ``None`` when nothing serves it."""
        choice = self._choice(pair)
        return Route(choice.steps, choice.reason) if choice.steps else None

    def onward(self, pair: Pair) -> Step | None:
        """Return the step from English on, for a text of which the English is known.

        ``None`` where the pair is served directly, or a rule says that no engine serves it.
        """
        choice = self._choice(pair)
        if len(choice.steps) == 1 or PIVOT in (pair.source, pair.target):
            return None
        if choice.steps:
            return choice.steps[-1]
        return None if choice.rule else self.direct(Pair(PIVOT, pair.target))

    def why(self, pair: Pair) -> str:
        """Return why a pair is served as it is, or why it is not."""
        return self._choice(pair).reason

    def rule(self, pair: Pair) -> Rule | None:
        """Return the rule that decided a pair, ``None`` where the order did."""
        return self._choice(pair).rule

    def warnings(self) -> list[str]:
        """Return a sentence for each licence of an engine that the operator has to know of."""
        return [sentence for info in self.infos for sentence in self._warnings_of(info)]

    def require_allowed(self) -> None:
        """Look that each engine has something to do, where all of them were asked for by hand.

        Raises:
            UsageError: the licences of an engine's models forbid the use for all of its pairs.
        """
        for info in self.infos:
            licences = [self._refused(info, pair) for pair in info.pairs]
            if licences and all(licences):
                raise UsageError(f"engine {info.name}: {_forbidden(str(licences[0]))}")

    # -- one pair -----------------------------------------------------------------------------------------------------

    def _choice(self, pair: Pair) -> _Choice:
        if pair not in self._choices:
            self._choices[pair] = self._decide(pair)
        return self._choices[pair]

    def _decide(self, pair: Pair) -> _Choice:
        without_effect = []
        for rule in self.rules.of(pair):
            if found := self._by_rule(rule, pair):
                return found
            without_effect.append(f"{rule} has no way for it")
        choice = self._by_order(pair)
        return _Choice(choice.steps, "; ".join((choice.reason, *without_effect)))

    def _by_rule(self, rule: Rule, pair: Pair) -> _Choice | None:
        """Return what a rule says of a pair, ``None`` where it has no way for it."""
        said = f"LEXICART_ROUTES says {rule}"
        if rule.choice == NONE:
            return _Choice((), f"{said}: no engine", rule)
        steps = self._over_english(pair) if rule.choice == OVER_ENGLISH else self._by_engine(rule.choice, pair)
        return _Choice(steps, f"{said}: {_listed(steps)}", rule) if steps else None

    def _by_engine(self, name: str, pair: Pair) -> tuple[Step, ...]:
        """Return the steps of one engine alone: its own way, else over English by itself."""
        of_name = [(one, info) for one, info in zip(self.every, self.infos, strict=True) if info.name == name]
        for engine, info in of_name:
            if step := self._step(engine, info, pair):
                return (step,)
        for engine, info in of_name:
            legs = [self._step(engine, info, leg) for leg in _legs(pair)]
            if legs and all(legs):
                return tuple(step for step in legs if step)
        return ()

    def _by_order(self, pair: Pair) -> _Choice:
        for place, (engine, info) in enumerate(zip(self.engines, self.infos, strict=False)):
            if step := self._step(engine, info, pair):
                first = "first in order" if place == 0 else "the first in order that does"
                named = f"{info.name} serves {pair} directly ({_licence(step.licence)}), {first}"
                return _Choice((step,), "; ".join((named, *self._passed_over(pair))))
        if steps := self._over_english(pair):
            said = f"over English, no engine serves {pair}: {_listed(steps)}"
            return _Choice(steps, "; ".join((said, *self._passed_over(pair))))
        return self._unserved(pair)

    def _unserved(self, pair: Pair) -> _Choice:
        missing = [leg for leg in _legs(pair) if self.direct(leg) is None]
        over = f", nor {' and '.join(map(str, missing))} for the way over English" if missing else ""
        notes = [note for one in (pair, *missing) for note in self._passed_over(one)]
        notes += [self.why(leg) for leg in missing if self._choice(leg).rule]
        return _Choice((), "; ".join((f"no engine serves {pair}{over}", *dict.fromkeys(notes))))

    def _over_english(self, pair: Pair) -> tuple[Step, ...]:
        """Return the two steps over English, each as its own pair is served; nothing where one is missing."""
        steps = [self.direct(leg) for leg in _legs(pair)]
        return tuple(step for step in steps if step) if all(steps) else ()

    # -- one engine ---------------------------------------------------------------------------------------------------

    def _step(self, engine: TranslationEngine, info: EngineInfo, pair: Pair) -> Step | None:
        if pair not in info.pairs or self._refused(info, pair):
            return None
        model = info.model(pair)
        return Step(engine, pair, info.name, f"{info.name} {model.version} {pair}", model.name, model.licence)

    def _refused(self, info: EngineInfo, pair: Pair) -> str | None:
        """Return the licence that forbids an engine to serve a pair, if one does."""
        licence = info.model(pair).licence
        return None if self.use.allows(licence) else licence

    def _passed_over(self, pair: Pair) -> Iterator[str]:
        for info in self.infos[: len(self.engines)]:
            if pair in info.pairs and (licence := self._refused(info, pair)):
                yield f"{info.name} serves {pair}, but {licence} forbids business use"

    def _warnings_of(self, info: EngineInfo) -> Iterator[str]:
        pairs_under: dict[str, int] = {}
        for pair in info.pairs:
            licence = info.model(pair).licence
            pairs_under[licence] = pairs_under.get(licence, 0) + 1
        for licence, number in sorted(pairs_under.items()):
            pairs = f"{number} pair{'' if number == 1 else 's'}"
            if not self.use.allows(licence):
                yield f"engine {info.name} does not serve {pairs}: {_forbidden(licence)}"
            elif forbids_business(licence):
                yield f"engine {info.name} serves {pairs} under {licence}, which forbids business use"
            elif not is_known(licence):
                yield f"engine {info.name} serves {pairs} under a licence that nobody named: ask before business use"

    # -- all pairs ----------------------------------------------------------------------------------------------------

    def _version_of(self, pair: Pair) -> Iterator[str]:
        route, onward = self.route(pair), self.onward(pair)
        yield f"{pair} {route.version if route else ''}"
        yield onward.version if onward else ""

    def _refuse_without_effect(self, rule: Rule) -> None:
        """Refuse a rule that has a way for none of its pairs: it does not do what somebody wrote it for."""
        pairs = rule.pairs()
        if any(self._by_rule(rule, pair) for pair in pairs):
            return
        said = f"LEXICART_ROUTES: {rule}"
        if rule.engine is None:
            legs = [leg for leg in _legs(pairs[0]) if self.direct(leg) is None]
            raise UnavailableError(f"{said}: no engine serves {' and '.join(map(str, legs))}: fetch the model")
        info = next((info for info in self.infos if info.name == rule.engine), None)
        if info is None:
            raise UnavailableError(f"{said}: there is no engine {rule.engine}")
        for pair in pairs:
            if pair in info.pairs and (licence := self._refused(info, pair)):
                raise UsageError(f"{said}: {_forbidden(licence)}")
        served = ", ".join(sorted(map(str, info.pairs))[:_MOST_LISTED])
        more = f" and {len(info.pairs) - _MOST_LISTED} more" if len(info.pairs) > _MOST_LISTED else ""
        raise UnavailableError(f"{said}: {rule.engine} serves none of it; it serves {served or 'nothing'}{more}")


_MOST_LISTED = 12


def _legs(pair: Pair) -> tuple[Pair, ...]:
    """Return the two steps over English; nothing for a pair of which one is English."""
    return () if PIVOT in (pair.source, pair.target) else (Pair(pair.source, PIVOT), Pair(PIVOT, pair.target))


def _licence(licence: str) -> str:
    return licence if is_known(licence) else "licence unknown"


def _listed(steps: Sequence[Step]) -> str:
    return ", ".join(map(str, steps))


def _forbidden(licence: str) -> str:
    return f"{licence} forbids business use; LEXICART_LICENCES=any allows it for other use"
