"""Several processes at one store on PostgreSQL: what SQLite's single writer gives for free, locks give here."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, insert, select, text

import catalog.locks
from catalog.database import SCHEMA_VERSION, connect, prepare, reading, schema_version, writing
from catalog.errors import NotFoundError, UnavailableError
from catalog.locks import TEXTS, TURN, held, hold
from catalog.model import GivenText, Product
from catalog.store import ProductStore
from catalog.tables import changes, marks, memory, occurrences, own_texts, products, term_concepts, texts
from tests.fakes.products import product
from tests.servers.stores import Server, stores_on
from tests.unit.shop import Shop, lamp
from tests.unit.terms import small_termbase
from tests.unit.test_termlayers import said
from translation.model import State, Translation
from translation.records import following
from translation.records import marks as facts
from translation.records.settled import Settled
from translation.terminology.store import TermStore

SOON, LONG = 0.3, 20


@pytest.fixture
def shop(postgres: Server, tmp_path: Path) -> Iterator[Shop]:
    with stores_on(postgres):
        yield Shop(tmp_path)


@pytest.fixture
def engine(shop: Shop) -> Engine:
    return shop.database


def waits(engine: Engine, name: str, act: Callable[[], object], *, shared: bool = False) -> bool:
    """Say whether something waits for a lock, and is done when that is released."""
    with ThreadPoolExecutor(1) as pool:
        with writing(engine) as connection:
            hold(connection, name, shared=shared)
            done: Future[object] = pool.submit(act)
            try:
                done.result(SOON)
                has_waited = False
            except TimeoutError:
                has_waited = True
        done.result(LONG)
    return has_waited


def side_by_side(*acts: Callable[[], object]) -> list[object]:
    """Do things at once and return what came of each; an error is what came of it too."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except Exception as exc:
            return exc

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(LONG) for future in [pool.submit(run, act) for act in acts]]


def count(engine: Engine, table: object) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


# -- a fresh store ----------------------------------------------------------------------------------------------------


def test_two_processes_make_a_fresh_store_ready(postgres: Server, tmp_path: Path) -> None:
    url = postgres.url_of(f"{tmp_path} fresh", ready=False)
    command = "import sys; from catalog.database import connect, prepare; prepare(connect(sys.argv[1]))"
    started = [subprocess.Popen([sys.executable, "-c", command, url], stderr=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate()[1] for process in started] == [b"", b"", b""]
    engine = connect(url)
    assert schema_version(engine) == SCHEMA_VERSION
    prepare(engine)
    engine.dispose()


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1.*LEXICART_DATABASE_URL"):
        prepare(connect("postgresql://nobody:secret@127.0.0.1:1/none"))


def test_a_database_that_holds_no_fifteen_languages_is_refused(postgres: Server, tmp_path: Path) -> None:
    name = f"t{abs(hash(tmp_path)):x}"
    with postgres.administrator() as connection:
        connection.execute(
            text(
                f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc "
                "LC_COLLATE 'C' LC_CTYPE 'C'"
            )
        )
    engine = connect(postgres.place_of(name))
    try:
        with pytest.raises(UnavailableError, match="UTF8"):
            prepare(engine)
    finally:
        engine.dispose()
        with postgres.administrator() as connection:
            connection.execute(text(f"DROP DATABASE {name}"))


def test_all_text_is_ordered_by_code_points_and_of_any_length(engine: Engine) -> None:
    query = text(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' AND "
        "table_name <> 'alembic_version' AND (data_type LIKE 'character%' OR data_type = 'text' "
        "AND collation_name IS DISTINCT FROM 'C')"
    )
    with reading(engine) as connection:
        assert connection.execute(query).all() == []
        assert connection.execute(text("SELECT 'a' < 'B'")).scalar() is True, "this server orders as we do anyway"


# -- locks ------------------------------------------------------------------------------------------------------------


def test_a_lock_is_one_processs_and_goes_with_it(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    command = (
        "import sys; from catalog.database import connect; from catalog.locks import held\n"
        "with held(connect(sys.argv[1]), 'build', 5):\n    print('mine', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", command, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "mine\n"
        with pytest.raises(UnavailableError, match="another build is running"), held(engine, "build", 0.2):
            pass
        with held(engine, "nightly", 0):
            pass
        process.kill()
    with held(engine, "build", LONG):
        pass


def test_names_of_locks_do_not_meet() -> None:
    names = {TEXTS, TURN, catalog.locks.SCHEMA, "supplier acme", "held build", "held nightly"}
    assert len({catalog.locks.number_of(name) for name in names}) == len(names)


# -- imports ----------------------------------------------------------------------------------------------------------


def importing(store: ProductStore, path: Path, *rows: Product) -> Callable[[], object]:
    def act() -> object:
        with store.importing(supplier="acme", feed="main", path=path, filename=path.name) as session:
            session.save(list(enumerate(rows, 2)))
        return None

    return act


def test_two_imports_of_one_supplier_at_once(engine: Engine, tmp_path: Path) -> None:
    store = ProductStore(engine, tmp_path / "uploads")
    path = tmp_path / "x.csv"
    path.touch()
    many = [product(f"A-{number}") for number in range(300)]
    for _ in range(3):
        changed = [product(f"A-{number}", title=f"Schraube {count(engine, changes)}") for number in range(300)]
        done = side_by_side(importing(store, path, *many), importing(store, path, *reversed(changed)))
        assert done == [None, None]
    assert count(engine, products) == 300


def test_an_import_waits_for_the_forgetting_of_its_supplier(engine: Engine, tmp_path: Path) -> None:
    store = ProductStore(engine, tmp_path / "uploads")
    path = tmp_path / "x.csv"
    path.touch()
    importing(store, path, product("A-1"))()
    assert waits(engine, "supplier acme", importing(store, path, product("A-2")))
    assert waits(engine, "supplier acme", lambda: store.withdraw(["acme/A-1"]))
    assert waits(engine, "supplier acme", lambda: store.forget("acme"))
    with pytest.raises(NotFoundError):
        store.forget("acme")


# -- texts and what they depend on ------------------------------------------------------------------------------------


def test_several_follow_at_once_and_each_text_is_there_once(shop: Shop) -> None:
    given = [GivenText("title", "de", "grüner Gartenschlauch")]
    shop.put(*[lamp(str(number), title=f"garden hose {number % 50}", given=tuple(given)) for number in range(900)])
    followed = side_by_side(*[shop.store.follow] * 4)
    assert sum(one for one in followed if isinstance(one, int)) == 900
    assert count(shop.database, occurrences) == 900
    assert count(shop.database, own_texts) == 900
    assert (count(shop.database, texts), count(shop.database, memory)) == (50, 50)


def test_a_product_logged_meanwhile_is_not_passed(shop: Shop) -> None:
    """Found by killing workers: the end of the log was asked after looking for products, and one came in between."""
    shop.put(lamp("1"))
    shop.store.follow()
    late = Shop(shop.folder, connect(shop.database.url.render_as_string(hide_password=False)))
    with writing(shop.database) as connection:
        position = following.followed(connection)
        added: list[str] = []

        @event.listens_for(connection, "after_cursor_execute")
        def add(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            if "FROM changes" in statement and not added:
                added.append(statement)
                late.put(lamp("2", title="blue garden hose"))

        passed = following.no_product_until(connection, position)
    assert added
    assert passed < late.store.position()
    late.database.dispose()


def saved(shop: Shop, policy: str, inputs: int) -> Callable[[], bool]:
    with reading(shop.database) as connection:
        (name,) = connection.execute(select(texts.c.digest)).scalars()
    settled = Settled(name, "de", Translation("Schlauch", State.MACHINE, "echo"), "key")
    return lambda: shop.store.save([settled], [], policy, inputs)


def test_a_correction_and_a_save_do_not_pass_each_other(shop: Shop) -> None:
    shop.put(lamp())
    shop.store.follow()
    inputs = shop.store.inputs()
    assert not waits(shop.database, TEXTS, saved(shop, "one", inputs), shared=True)
    assert waits(shop.database, TEXTS, saved(shop, "one", inputs))

    def correct() -> object:
        return shop.store.correct(lamp(), "title", "de", "Gartenschlauch", only_here=False)

    assert waits(shop.database, TEXTS, correct, shared=True)
    assert saved(shop, "one", inputs)() is False
    assert shop.shown(lamp(), "de").shown == "Gartenschlauch"


def test_corrections_at_once_are_all_kept(shop: Shop) -> None:
    shop.put(*[lamp(str(number)) for number in range(4)])
    shop.store.follow()
    before = shop.store.inputs()

    def correct(number: int) -> Callable[[], object]:
        only_here = bool(number % 2)
        return lambda: shop.store.correct(lamp(str(number)), "title", "de", f"Schlauch {number}", only_here=only_here)

    done = side_by_side(*[correct(number) for number in range(4)] * 2)
    assert not [one for one in done if isinstance(one, Exception)]
    assert shop.store.inputs() == before + 4
    assert shop.shown(lamp("1"), "de").shown == "Schlauch 1"


def test_saves_under_one_policy_do_not_wait_and_another_policy_does(shop: Shop) -> None:
    shop.put(lamp())
    shop.store.follow()
    inputs = shop.store.inputs()
    saved(shop, "one", inputs)()
    assert not waits(shop.database, TURN, saved(shop, "one", inputs), shared=True)
    assert waits(shop.database, TURN, saved(shop, "two", inputs), shared=True)
    with reading(shop.database) as connection:
        assert facts.turn(connection) == ("two", 2)


def test_turns_are_numbered_one_after_another(shop: Shop) -> None:
    def take(policy: str) -> Callable[[], int]:
        def act() -> int:
            with writing(shop.database) as connection:
                return facts.take_turn(connection, policy)

        return act

    numbers = side_by_side(*[take(f"policy {number % 3}") for number in range(12)])
    assert all(isinstance(number, int) for number in numbers), numbers
    with reading(shop.database) as connection:
        assert facts.turn(connection)[1] == max(number for number in numbers if isinstance(number, int))


def test_terms_saved_at_once_have_versions_of_their_own(shop: Shop) -> None:
    stores = [TermStore(shop.database, small_termbase()) for _ in range(4)]

    def save(number: int) -> Callable[[], object]:
        return lambda: stores[number].save("acme", [said(f"hose-{number}", en="hose", de=f"Schlauch {number}")])

    assert not [one for one in side_by_side(*map(save, range(4))) if isinstance(one, Exception)]
    with reading(shop.database) as connection:
        versions = connection.execute(select(term_concepts.c.version)).scalars().all()
    assert len(set(versions)) == 4


def test_a_text_that_was_forgotten_meanwhile_is_passed_over(shop: Shop, tmp_path: Path) -> None:
    shop.put(lamp())
    shop.store.follow()
    save = saved(shop, "one", shop.store.inputs())
    ProductStore(shop.database, tmp_path / "uploads").forget("acme")
    assert save() is True
    assert count(shop.database, texts) == 0


def test_a_conflict_says_that_it_may_be_tried_again(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(insert(marks), [{"name": "a", "value": ""}, {"name": "b", "value": ""}])
    meet = threading.Barrier(2)

    def touch(first: str, second: str) -> Callable[[], None]:
        def act() -> None:
            with writing(engine) as connection:
                connection.execute(text("UPDATE marks SET value = 'x' WHERE name = :name"), {"name": first})
                meet.wait()
                connection.execute(text("UPDATE marks SET value = 'x' WHERE name = :name"), {"name": second})

        return act

    failed = [one for one in side_by_side(touch("a", "b"), touch("b", "a")) if one is not None]
    assert [type(one) for one in failed] == [UnavailableError]
    assert "try again" in str(failed[0])
