"""Builds on a real cluster: several who promote at once, killed builders, and neighbours on one cluster."""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catalog.errors import BrokenIndexError, LexicartError, UnavailableError
from indexes.backend import SearchIndex
from indexes.elasticsearch.client import Connection, Place
from indexes.elasticsearch.index import ElasticsearchIndex
from indexes.elasticsearch.naming import NEUTRAL
from indexes.model import Filters, TextLeg
from tests.fakes.products import product
from tests.fakes.shop import LANGS, Shop

ROUNDS, PROMOTERS = 3, 4


@pytest.fixture(scope="module")
def connection(elasticsearch_url: str) -> Iterator[Connection]:
    made = Connection(Place(tuple(elasticsearch_url.split(","))))
    yield made
    made.close()


@pytest.fixture
def prefix(connection: Connection) -> Iterator[str]:
    """A prefix that nobody else on the cluster has; what is under it is removed."""
    made = f"test{secrets.token_hex(4)}"
    yield made
    found = connection.admin.indices.get(index=f"{made}-*")
    if found:
        connection.admin.indices.delete(index=list(found))


def on_cluster(connection: Connection, prefix: str) -> Callable[[Path], SearchIndex]:
    return lambda _folder: ElasticsearchIndex(connection, prefix)


def shop_of(folder: Path, connection: Connection, prefix: str, keep: int = 1) -> Shop:
    folder.mkdir(exist_ok=True)
    shop = Shop(folder, keep=keep, make_index=on_cluster(connection, prefix))
    shop.save(product("A-1", title="Schraube rot"), product("A-2", title="Mutter rot"), product("A-3", title="Dübel"))
    return shop


def indexes(connection: Connection, prefix: str) -> Mapping[str, str]:
    """Return the index names of a prefix alone, with what tells one from another of the same name."""
    found = connection.reads.indices.get_settings(index=f"{prefix}-*")
    parts = (*LANGS, NEUTRAL)
    return {
        name: one["settings"]["index"]["uuid"]
        for name, one in found.items()
        if name.removeprefix(f"{prefix}-").partition("-")[0] in parts
    }


def names(prefix: str, builds: Sequence[str]) -> set[str]:
    return {f"{prefix}-{part}-{build}" for part in (*LANGS, NEUTRAL) for build in builds}


# -- promotion --------------------------------------------------------------------------------------------------------


def test_of_several_first_promotions_at_once_one_succeeds(connection: Connection, prefix: str) -> None:
    def promote(index: ElasticsearchIndex, build: str, start: threading.Barrier) -> str | None:
        start.wait()
        try:
            index.promote(build, None)
        except UnavailableError:
            return None
        return build

    for number in range(ROUNDS):
        place = f"{prefix}-r{number}"
        several = [(ElasticsearchIndex(connection, place), f"b{one}") for one in range(PROMOTERS)]
        for index, build in several:
            index.create(build, ["en"])
        start = threading.Barrier(PROMOTERS)
        with ThreadPoolExecutor(PROMOTERS) as pool:
            promoted = [pool.submit(promote, *one, start) for one in several]
            done = [made for one in promoted if (made := one.result())]
        assert len(done) == 1
        assert ElasticsearchIndex(connection, place).live() == done[0]


def test_the_stale_one_of_two_first_promotions_changes_nothing(connection: Connection, prefix: str) -> None:
    class Slow(ElasticsearchIndex):
        """Looks at what serves, and is overtaken before it promotes."""

    slow, quick = Slow(connection, prefix), ElasticsearchIndex(connection, prefix)
    slow.create("b1", ["en"])
    quick.create("b2", ["en"])
    there = slow._directory.contents(fresh=True)
    quick.promote("b2", None)
    # As if nothing had served when it looked; what it finds afterwards is the truth.
    looked = iter([there, there])
    true_contents = slow._directory.contents
    slow._directory.contents = lambda *, fresh=False: next(looked, None) or true_contents(fresh=fresh)  # type: ignore[method-assign]
    with pytest.raises(UnavailableError, match="b2 serves, not nothing"):
        slow.promote("b1", None)
    assert quick._directory.contents(fresh=True).serving == {part: frozenset({"b2"}) for part in ("en", NEUTRAL)}


@pytest.mark.parametrize("part", [NEUTRAL, "de"])
def test_an_index_of_somebody_else_is_never_taken_for_ours(
    connection: Connection, prefix: str, part: str, tmp_path: Path
) -> None:
    theirs = f"{prefix}-{part}"
    connection.admin.indices.create(index=theirs, settings={"number_of_replicas": 0})
    connection.admin.index(index=theirs, id="1", document={"theirs": True}, refresh=True)
    shop = shop_of(tmp_path / "shop", connection, prefix)
    with pytest.raises(UnavailableError, match=f"{theirs} that is not Lexicart's"):
        shop.update()
    assert connection.reads.count(index=theirs)["count"] == 1
    connection.admin.indices.delete(index=theirs)
    assert shop.update().promoted


def test_a_build_that_lost_a_language_is_damaged_and_replaced(
    connection: Connection, prefix: str, tmp_path: Path
) -> None:
    shop = shop_of(tmp_path / "shop", connection, prefix)
    first = shop.update()
    shop.save(product("A-4", title="Nagel rot"))
    assert shop.update().build == first.build  # a commit after the first does not forget which languages there were
    connection.admin.indices.delete(index=f"{prefix}-fr-{first.build}")
    shop.index._directory.forget()  # type: ignore[attr-defined]
    with pytest.raises(BrokenIndexError, match=f"{prefix}-fr-{first.build} is gone"):
        shop.ids("de", "rot")
    second = shop.update()
    assert (second.mode, second.promoted, second.reasons) == ("full", True, [])
    assert shop.ids("fr", "rot") == set()
    assert shop.ids("de", "rot") == {"acme/A-1", "acme/A-2", "acme/A-4"}


def test_a_first_promotion_that_was_killed_half_way_holds_nobody_up(connection: Connection, prefix: str) -> None:
    index = ElasticsearchIndex(connection, prefix)
    index.create("b1", ["en"])
    index._shelf._removal_of_placeholder()
    assert (index.live(), list(index.builds())) == (None, ["b1"])
    index.promote("b1", None)
    assert index.live() == "b1"


# -- killed builders --------------------------------------------------------------------------------------------------


class Killed(ElasticsearchIndex):
    """Its process dies at the nth change to the cluster."""

    left = 0

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt

    def create(self, build: str, langs: Sequence[str]) -> None:
        self._step()
        make = self._shelf._make

        def make_one(part: str, name: str, body: dict[str, object]) -> None:
            self._step()
            make(part, name, body)

        self._shelf._make = make_one  # type: ignore[assignment, method-assign]
        super().create(build, langs)

    def commit(self, build: str) -> None:
        self._step()
        super().commit(build)
        self._step()

    def promote(self, build: str, expected: str | None) -> None:
        super().promote(build, expected)
        self._step()

    def drop(self, build: str) -> None:
        delete, first = self._shelf._delete, iter([True])

        def delete_one(these: Sequence[str]) -> None:
            delete(these)
            if next(first, False):
                self._step()

        self._shelf._delete = delete_one  # type: ignore[assignment, method-assign]
        super().drop(build)


def test_a_builder_killed_anywhere_leaves_nothing(connection: Connection, prefix: str, tmp_path: Path) -> None:
    shop = shop_of(tmp_path / "shop", connection, prefix)
    shop.update()
    steps = 0
    while True:
        dying = Killed(connection, prefix)
        dying.left = steps
        try:
            shop.builder(dying).update(full=True)
            break
        except KeyboardInterrupt:
            steps += 1
        live = ElasticsearchIndex(connection, prefix).live()
        assert live is not None
        for build in {live, *(one.name for one in shop.builds.existing() if one.state == "kept")}:
            assert set(shop.index.counts(build).values()) == {3}, "what serves, or may serve again, is whole"
        shop.update()
        assert set(indexes(connection, prefix)) == names(prefix, [build.name for build in shop.builds.existing()])
        assert {build.state for build in shop.builds.existing()} <= {"live", "kept"}
    assert steps >= 1 + len(LANGS) + 1 + 2 + 1 + 1


# -- neighbours -------------------------------------------------------------------------------------------------------


class Watch:
    """Searches without a pause, and notes every answer that is not what it should be."""

    def __init__(self, shop: Shop, token: str, expected: set[str]) -> None:
        self._shop, self._token, self._expected = shop, token, expected
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self.searches = 0
        self.wrong: list[object] = []

    def _look(self) -> None:
        while not self._stop.is_set():
            try:
                [answer] = self._shop.index.legs([TextLeg("de", (self._token,), 50)], Filters())
                found: object = {match.id for match in answer.matches}
            except LexicartError as exc:
                found = exc
            self.searches += 1
            if found != self._expected:
                self.wrong.append(found)

    def __enter__(self) -> "Watch":
        self._done = self._pool.submit(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._done.result()
        self._pool.shutdown()


@pytest.mark.parametrize("suffixes", [("", "-test"), ("-test", "")])
def test_environments_on_one_cluster_never_touch_each_other(
    suffixes: tuple[str, str], connection: Connection, prefix: str, tmp_path: Path
) -> None:
    serving, busy = (f"{prefix}{suffix}" for suffix in suffixes)
    one = shop_of(tmp_path / "one", connection, serving)
    one.update()
    one.update(full=True)
    before, builds = indexes(connection, serving), one.builds.all()
    other = shop_of(tmp_path / "other", connection, busy)
    with Watch(one, "rot", {"acme/A-1", "acme/A-2"}) as watch:
        for number in range(2):
            other.save(product("A-1", title=f"Schraube gelb {number}"))
            assert other.update(full=True).promoted
        remains = other.builds.add("20200101-000000-dead", "settings")
        other.index.create(remains.name, LANGS)
        other.builder().rollback()
        other.update()
        other.builder().remove_kept()
    assert watch.searches
    assert not watch.wrong
    assert indexes(connection, serving) == before
    assert one.builds.all() == builds
    assert set(indexes(connection, busy)) == names(busy, [build.name for build in other.builds.existing()])
    assert one.update().mode == "delta"


def test_two_stores_under_one_prefix_leave_each_other_alone(
    connection: Connection, prefix: str, tmp_path: Path
) -> None:
    one, other = (shop_of(tmp_path / name, connection, prefix) for name in ("one", "other"))
    one.update()
    before = indexes(connection, prefix)
    with pytest.raises(UnavailableError, match="no record of it"):
        other.update()
    assert indexes(connection, prefix) == before
    taken = other.update(force=True)
    assert (taken.promoted, other.index.live()) == (True, taken.build)
    assert before.items() <= indexes(connection, prefix).items()
    with pytest.raises(UnavailableError, match="no record of it"):
        one.update()
    assert one.index.live() == taken.build
