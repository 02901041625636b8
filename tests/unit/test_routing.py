"""Which engine serves which pair."""

from translation.engine import EngineInfo, Pair
from translation.engines.echo import EchoEngine
from translation.routing import Router


class Named(EchoEngine):
    """An echo under another name and version."""

    def __init__(self, name: str, pairs: list[Pair], version: str = "1") -> None:
        super().__init__(pairs)
        self._name, self._version = name, version

    def info(self) -> EngineInfo:
        return EngineInfo(self._name, self._version, "Apache-2.0", self._pairs)


DE_EN, EN_FR, DE_FR = Pair("de", "en"), Pair("en", "fr"), Pair("de", "fr")


def test_the_first_engine_that_serves_a_pair_is_taken() -> None:
    router = Router([Named("one", [EN_FR]), Named("two", [EN_FR, DE_FR])])
    assert [step.name for step in router.route(EN_FR).steps] == ["one"]  # type: ignore[union-attr]
    assert [step.name for step in router.route(DE_FR).steps] == ["two"]  # type: ignore[union-attr]


def test_a_direct_pair_of_a_later_engine_goes_before_the_pivot_of_an_earlier_one() -> None:
    route = Router([Named("one", [DE_EN, EN_FR]), Named("two", [DE_FR])]).route(DE_FR)
    assert route is not None
    assert [step.name for step in route.steps] == ["two"]


def test_without_a_direct_pair_english_is_between() -> None:
    route = Router([Named("one", [DE_EN]), Named("two", [EN_FR])]).route(DE_FR)
    assert route is not None
    assert [(step.name, str(step.pair)) for step in route.steps] == [("one", "de-en"), ("two", "en-fr")]


def test_half_a_pivot_is_no_route() -> None:
    router = Router([Named("one", [DE_EN])])
    assert router.route(DE_FR) is None
    assert router.route(EN_FR) is None
    assert Router([]).route(DE_EN) is None


def test_versions_follow_engines_models_and_order() -> None:
    one, newer, two = Named("one", [EN_FR]), Named("one", [EN_FR], "2"), Named("two", [EN_FR])
    versions = [Router(engines).version for engines in ([one], [newer], [one, two], [two, one], [])]
    assert len(set(versions)) == len(versions)
    assert Router([one]).route(EN_FR).version != Router([newer]).route(EN_FR).version  # type: ignore[union-attr]


def test_a_route_does_not_change_with_an_engine_that_it_does_not_use() -> None:
    one = Named("one", [EN_FR])
    alone, beside = Router([one]).route(EN_FR), Router([one, Named("two", [DE_EN])]).route(EN_FR)
    assert alone is not None
    assert beside is not None
    assert alone.version == beside.version
