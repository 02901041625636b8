"""Which engine serves which pair, and why."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from catalog.errors import UnavailableError, UsageError
from catalog.model import GivenText
from tests.unit.shop import Shop, lamp
from tests.unit.terms import small_termbase
from translation.batch import Batch, BatchOptions
from translation.engine import EngineInfo, ModelInfo, Pair
from translation.engines.echo import EchoEngine
from translation.licences import Use
from translation.model import State
from translation.overrides import Rules
from translation.routing import Router


class Named(EchoEngine):
    """An echo under another name, with a model for each pair; it remembers what it was asked.

    Args:
        name: the engine's name.
        pairs: such as ``de-en en-fr``, each with its licence behind a colon where it is not MIT.
        version: of all models.
    """

    def __init__(self, name: str, pairs: str, version: str = "1") -> None:
        said = [one.partition(":") for one in pairs.split()]
        super().__init__([pair(one) for one, _, _ in said])
        self.name, self.version = name, version
        self.models = {pair(one): ModelInfo(f"model-{one}", version, licence or "MIT") for one, _, licence in said}
        self.asked: list[tuple[str, str]] = []

    def info(self) -> EngineInfo:
        return EngineInfo.of_models(self.name, self.version, self.models)

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        self.asked += [(str(pair), text) for text in texts]
        return super().translate(pair, texts)


def pair(said: str) -> Pair:
    source, target = said.split("-")
    return Pair(source, target)


def router(*engines: Named, rules: str = "", use: Use = Use.BUSINESS, by_rule: Sequence[Named] = ()) -> Router:
    return Router(engines, Rules.parse(part for part in rules.split(",") if part), use, by_rule)


def way(chosen: Router, said: str) -> list[str]:
    route = chosen.route(pair(said))
    return [f"{step.name} {step.pair}" for step in route.steps] if route else []


# -- the order --------------------------------------------------------------------------------------------------------


def test_the_first_engine_that_serves_a_pair_is_taken() -> None:
    chosen = router(Named("one", "en-fr"), Named("two", "en-fr de-fr"))
    assert way(chosen, "en-fr") == ["one en-fr"]
    assert way(chosen, "de-fr") == ["two de-fr"]
    assert chosen.why(pair("en-fr")) == "one serves en-fr directly (MIT), first in order"
    assert chosen.why(pair("de-fr")) == "two serves de-fr directly (MIT), the first in order that does"


def test_a_direct_pair_of_a_later_engine_goes_before_the_pivot_of_an_earlier_one() -> None:
    assert way(router(Named("one", "de-en en-fr"), Named("two", "de-fr")), "de-fr") == ["two de-fr"]


def test_without_a_direct_pair_english_is_between() -> None:
    chosen = router(Named("one", "de-en"), Named("two", "en-fr:MPL-2.0"))
    assert way(chosen, "de-fr") == ["one de-en", "two en-fr"]
    assert chosen.why(pair("de-fr")) == "over English, no engine serves de-fr: one de-en (MIT), two en-fr (MPL-2.0)"
    assert chosen.direct(pair("de-fr")) is None


def test_half_a_pivot_is_no_route() -> None:
    chosen = router(Named("one", "de-en"))
    assert way(chosen, "de-fr") == way(chosen, "en-fr") == []
    assert chosen.why(pair("de-fr")) == "no engine serves de-fr, nor en-fr for the way over English"
    assert chosen.why(pair("en-fr")) == "no engine serves en-fr"
    assert way(router(), "de-en") == []


def test_a_step_says_which_model_it_is() -> None:
    step = router(Named("one", "en-fr:CC-BY-4.0")).direct(pair("en-fr"))
    assert step is not None
    assert (step.name, step.model, step.licence) == ("one", "model-en-fr", "CC-BY-4.0")


def test_an_engine_that_tells_no_models_apart_stands_for_all() -> None:
    step = Router([EchoEngine()]).direct(pair("ja-zh"))
    assert step is not None
    assert (step.version, step.model, step.licence) == ("echo 1 ja-zh", "", "Apache-2.0")


def test_a_known_english_goes_on_from_there() -> None:
    chosen = router(Named("one", "de-en en-fr en-pt de-pt"), rules="ja-fr=none")
    assert str(chosen.onward(pair("de-fr"))) == "one en-fr (MIT)"
    assert str(chosen.onward(pair("zh-fr"))) == "one en-fr (MIT)"  # nothing serves zh-en, but English is known
    assert chosen.onward(pair("de-pt")) is None  # served directly
    assert chosen.onward(pair("ja-fr")) is None  # no engine, says the rule
    assert chosen.onward(pair("de-en")) is None


# -- licences ---------------------------------------------------------------------------------------------------------


def test_what_forbids_business_is_not_chosen() -> None:
    first, second = Named("nllb", "en-fr:CC-BY-NC-4.0 de-fr:CC-BY-NC-4.0"), Named("opus", "en-fr:CC-BY-4.0")
    chosen = router(first, second)
    assert way(chosen, "en-fr") == ["opus en-fr"]
    assert chosen.why(pair("en-fr")) == (
        "opus serves en-fr directly (CC-BY-4.0), the first in order that does; "
        "nllb serves en-fr, but CC-BY-NC-4.0 forbids business use"
    )
    assert way(chosen, "de-fr") == []
    assert "nllb serves de-fr, but CC-BY-NC-4.0 forbids business use" in chosen.why(pair("de-fr"))
    assert chosen.direct(pair("de-fr")) is None
    assert way(router(first, second, use=Use.ANY), "en-fr") == ["nllb en-fr"]


def test_licences_are_those_of_the_pair() -> None:
    chosen = router(Named("mixed", "en-fr:CC-BY-NC-4.0 en-de:CC-BY-4.0 de-en"))
    assert way(chosen, "en-de") == ["mixed en-de"]
    assert way(chosen, "en-fr") == way(chosen, "de-fr") == []


def test_no_pivot_passes_a_forbidden_model() -> None:
    chosen = router(Named("nllb", "de-en:CC-BY-NC-4.0"), Named("opus", "en-fr"))
    assert way(chosen, "de-fr") == []
    assert chosen.why(pair("de-fr")) == (
        "no engine serves de-fr, nor de-en for the way over English; "
        "nllb serves de-en, but CC-BY-NC-4.0 forbids business use"
    )


def test_licences_are_warned_of() -> None:
    engine = Named("mixed", "en-fr:CC-BY-NC-4.0 en-de:unknown de-en:unknown en-es")
    assert router(engine).warnings() == [
        "engine mixed does not serve 1 pair: CC-BY-NC-4.0 forbids business use; LEXICART_LICENCES=any allows it for "
        "other use",
        "engine mixed serves 2 pairs under a licence that nobody named: ask before business use",
    ]
    assert router(engine, use=Use.ANY).warnings()[0] == (
        "engine mixed serves 1 pair under CC-BY-NC-4.0, which forbids business use"
    )
    assert way(router(engine), "en-de") == ["mixed en-de"]
    assert router(engine).why(pair("en-de")) == "mixed serves en-de directly (licence unknown), first in order"


def test_by_hand_an_engine_without_any_pair_that_it_may_serve_is_refused() -> None:
    with pytest.raises(UsageError, match=r"engine nllb: CC-BY-NC-4\.0 forbids business use; LEXICART_LICENCES=any"):
        router(Named("nllb", "en-fr:CC-BY-NC-4.0")).require_allowed()
    router(Named("mixed", "en-fr:CC-BY-NC-4.0 en-de")).require_allowed()
    router(Named("empty", "")).require_allowed()


# -- rules ------------------------------------------------------------------------------------------------------------


def test_a_rule_goes_before_the_order() -> None:
    engines = Named("one", "en-de en-fr"), Named("two", "en-de en-fr")
    chosen = router(*engines, rules="en-de=two")
    assert (way(chosen, "en-de"), way(chosen, "en-fr")) == (["two en-de"], ["one en-fr"])
    assert chosen.why(pair("en-de")) == "LEXICART_ROUTES says en-de=two: two en-de (MIT)"
    assert str(chosen.direct(pair("en-de"))) == "two en-de (MIT)"
    assert str(chosen.rule(pair("en-de"))) == "en-de=two"
    assert chosen.rule(pair("en-fr")) is None


def test_a_rule_holds_for_the_steps_over_english_too() -> None:
    chosen = router(Named("one", "de-en en-fr"), Named("two", "en-fr"), rules="en-fr=two")
    assert way(chosen, "de-fr") == ["one de-en", "two en-fr"]
    without = router(Named("one", "de-en en-fr"), rules="en-fr=none")
    assert way(without, "de-fr") == []
    assert without.why(pair("de-fr")).endswith("LEXICART_ROUTES says en-fr=none: no engine")


def test_over_english_also_where_an_engine_serves_it() -> None:
    chosen = router(Named("one", "de-fr ja-fr ja-en de-en en-fr"), rules="de-fr=pivot")
    assert way(chosen, "de-fr") == ["one de-en", "one en-fr"]
    assert chosen.direct(pair("de-fr")) is None
    assert way(chosen, "ja-fr") == ["one ja-fr"]


def test_no_engine() -> None:
    chosen = router(Named("one", "ko-ja"), rules="ko-ja=none")
    assert way(chosen, "ko-ja") == []
    assert chosen.direct(pair("ko-ja")) is None
    assert chosen.why(pair("ko-ja")) == "LEXICART_ROUTES says ko-ja=none: no engine"


def test_an_engine_goes_over_english_by_itself_where_a_rule_wants_it() -> None:
    chosen = router(Named("one", "de-fr de-en en-fr"), Named("two", "de-en en-fr"), rules="de-fr=two")
    assert way(chosen, "de-fr") == ["two de-en", "two en-fr"]


def test_a_star_leaves_pairs_alone_that_its_engine_does_not_serve() -> None:
    chosen = router(Named("one", "de-fr de-ar en-ar"), Named("two", "de-ar"), rules="de-*=two")
    assert way(chosen, "de-ar") == ["two de-ar"]
    assert way(chosen, "de-fr") == ["one de-fr"]
    assert chosen.why(pair("de-fr")).endswith("first in order; de-*=two has no way for it")
    assert way(chosen, "en-ar") == ["one en-ar"]


def test_where_the_most_specific_has_no_way_the_next_is_asked() -> None:
    engines = Named("one", "de-fr"), Named("two", "de-ar de-fr"), Named("three", "ja-fr")
    assert way(router(*engines, rules="de-*=two,*-fr=three"), "de-fr") == ["two de-fr"]


def test_an_engine_of_a_rule_alone_serves_nothing_else() -> None:
    chosen = router(Named("one", "en-fr"), rules="en-de=two", by_rule=[Named("two", "en-de en-fr en-es")])
    assert way(chosen, "en-de") == ["two en-de"]
    assert way(chosen, "en-es") == []
    assert [engine.info().name for engine in chosen.engines] == ["one"]
    assert [info.name for info in chosen.infos] == ["one", "two"]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("en-de=one", "LEXICART_ROUTES: en-de=one: one serves none of it; it serves de-en, en-fr"),
        ("ko-*=one", r"ko-\*=one: one serves none of it"),
        ("en-de=two", "en-de=two: there is no engine two"),
        ("ja-fr=pivot", "ja-fr=pivot: no engine serves ja-en: fetch the model"),
    ],
)
def test_a_rule_without_effect_is_refused(rules: str, message: str) -> None:
    with pytest.raises(UnavailableError, match=message):
        router(Named("one", "en-fr de-en"), rules=rules)


def test_a_rule_allows_no_licence() -> None:
    engines = Named("opus", "en-fr"), Named("nllb", "en-fr:CC-BY-NC-4.0")
    with pytest.raises(UsageError, match=r"en-fr=nllb: CC-BY-NC-4\.0 forbids business use; LEXICART_LICENCES=any"):
        router(*engines, rules="en-fr=nllb")
    assert way(router(*engines, rules="en-fr=nllb", use=Use.ANY), "en-fr") == ["nllb en-fr"]


# -- versions ---------------------------------------------------------------------------------------------------------


def test_the_version_follows_the_ways_and_nothing_else() -> None:
    one, newer, two = Named("one", "en-fr de-en"), Named("one", "en-fr de-en", "2"), Named("two", "en-fr")
    different = [
        router(one), router(newer), router(two, one), router(one, two, rules="en-fr=two", use=Use.ANY),
        router(one, rules="de-fr=none"), router(one, rules="ja-fr=none"), router(),
    ]  # fmt: skip
    versions = [chosen.version for chosen in different]
    # The third and the fourth go the same ways.
    assert versions[2] == versions[3]
    assert len(set(versions)) == len(versions) - 1
    for same in (router(one, two), router(one, two, rules="en-fr=one"), router(one, use=Use.ANY)):
        assert same.version == router(one).version


def test_a_route_does_not_change_with_an_engine_or_a_model_that_it_does_not_use() -> None:
    def version(chosen: Router) -> str:
        route = chosen.route(pair("en-fr"))
        assert route is not None
        return route.version

    alone = version(router(Named("one", "en-fr")))
    more = Named("one", "en-fr")
    more.version = "other"
    more.models[pair("en-de")] = ModelInfo("another", "7", "MIT")
    assert version(router(Named("one", "en-fr"), Named("two", "de-en"))) == alone
    assert version(router(more)) == alone
    assert version(router(Named("one", "en-fr"), rules="en-fr=one")) == alone
    assert version(router(Named("one", "en-fr", "2"))) != alone


# -- the batch --------------------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def translate(shop: Shop, *engines: Named, rules: str = "", use: Use = Use.BUSINESS) -> list[tuple[str, str]]:
    """Translate what is pending into three languages; return what readers see changed."""
    position = shop.store.position()
    chosen = router(*engines, rules=rules, use=use)
    batch = Batch(shop.store, chosen, small_termbase(), waits=(0.0, 0.0))
    batch.translate_pending(BatchOptions(("de", "en", "fr")))
    return sorted(shop.log(position))


GERMAN = lamp("2", lang="de", title="grüner Gartenschlauch")


def test_an_override_changes_exactly_the_texts_of_its_pair(shop: Shop) -> None:
    shop.put(lamp("1"), GERMAN)
    one, two = Named("one", "en-de en-fr de-en"), Named("two", "en-de en-fr de-en")
    translate(shop, one, two)
    assert len(one.asked) == 4  # en-de, en-fr, de-en; en-fr again over English
    assert two.asked == []
    translate(shop, one, two, rules="en-de=two")
    assert two.asked == [("en-de", "green garden hose")]
    assert shop.shown(lamp("1"), "de").translation.engine == "two"
    assert shop.shown(lamp("1"), "fr").translation.engine == "one"
    assert len(one.asked) == 4
    # Back: what the first engine said is known from before.
    translate(shop, one, two)
    assert shop.shown(lamp("1"), "de").translation.engine == "one"
    assert (len(one.asked), len(two.asked)) == (4, 1)


def test_an_override_of_a_step_reaches_the_texts_that_go_over_it(shop: Shop) -> None:
    shop.put(lamp("1"), GERMAN)
    one, two = Named("one", "en-de en-fr de-en"), Named("two", "en-fr")
    translate(shop, one, two)
    translate(shop, one, two, rules="en-fr=two")
    assert [asked for asked, _ in two.asked] == ["en-fr", "en-fr"]
    assert shop.shown(GERMAN, "fr").translation.engine == "two"
    assert shop.shown(GERMAN, "en").translation.engine == "one"


def test_no_engine_takes_the_texts_back(shop: Shop) -> None:
    shop.put(lamp("1"), GERMAN)
    one = Named("one", "en-de en-fr de-en")
    translate(shop, one)
    changed = translate(shop, one, rules="de-fr=none")
    assert changed == [(GERMAN.id, "fr")]
    assert shop.shown(GERMAN, "fr").translation.state is State.MISSING
    assert shop.shown(lamp("1"), "fr").translation.state is State.MACHINE
    assert translate(shop, one, rules="de-fr=none") == []


def test_a_licence_that_is_not_allowed_any_more_takes_the_texts_back(shop: Shop) -> None:
    shop.put(lamp("1"))
    nllb = Named("nllb", "en-fr:CC-BY-NC-4.0 en-de:CC-BY-4.0")
    translate(shop, nllb, use=Use.ANY)
    assert shop.shown(lamp("1"), "fr").translation.state is State.MACHINE
    assert translate(shop, nllb) == [("acme/1", "fr")]
    assert shop.shown(lamp("1"), "fr").translation.state is State.MISSING
    assert shop.shown(lamp("1"), "de").translation.state is State.MACHINE


def test_a_rule_that_says_what_is_so_anyway_changes_nothing(shop: Shop) -> None:
    shop.put(lamp("1"), GERMAN)
    one = Named("one", "en-de en-fr de-en")
    translate(shop, one)
    asked = list(one.asked)
    assert translate(shop, one, rules="en-de=one,*-fr=one,de-fr=pivot") == []
    assert one.asked == asked


def test_a_model_for_another_pair_changes_nothing(shop: Shop) -> None:
    shop.put(lamp("1"))
    one = Named("one", "en-fr")
    translate(shop, one)
    more = Named("one", "en-fr en-de")
    assert translate(shop, more) == [("acme/1", "de")]
    assert more.asked == [("en-de", "green garden hose")]


def test_no_engine_holds_for_a_text_whose_english_is_known(shop: Shop) -> None:
    given = lamp("2", lang="de", title=GERMAN.title, given=(GivenText("title", "en", "green garden hose"),))
    shop.put(given)
    one = Named("one", "en-fr")
    translate(shop, one)
    assert shop.shown(given, "fr").translation.text == "green·fr garden·fr hose·fr"
    assert translate(shop, one, rules="de-fr=none") == [(given.id, "fr")]
    shown = shop.shown(given, "fr").translation
    assert (shown.state, shown.reason) == (
        State.MISSING, "LEXICART_ROUTES says de-fr=none: no engine; too few terms are known",
    )  # fmt: skip


def test_a_known_english_goes_on_as_the_rule_of_the_pair_says(shop: Shop) -> None:
    given = lamp("2", lang="de", title=GERMAN.title, given=(GivenText("title", "en", "green garden hose"),))
    shop.put(given, lamp("1"))
    one, two = Named("one", "de-en en-fr"), Named("two", "de-en en-fr")
    translate(shop, one, two, rules="de-fr=two")
    assert two.asked == [("en-fr", "green garden hose")]
    assert shop.shown(given, "fr").translation.engine == "two"
    assert shop.shown(lamp("1"), "fr").translation.engine == "one"
