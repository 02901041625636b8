"""Backups of stores on SQLite and PostgreSQL, from each to each; of indexes on a real cluster."""

import hashlib
import itertools
import json
import secrets
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, func, insert, select, text, update

from catalog.backups import make_backup
from catalog.changelog import log_changes
from catalog.database import connect, prepare, reading, utc_now, writing
from catalog.errors import LexicartError, UnavailableError, UsageError
from catalog.languages import CODES
from catalog.model import Attribute, GivenText, Product
from catalog.store import ProductStore
from catalog.tables import changes, corrections, marks, metadata, uploads
from indexes.elasticsearch.client import Connection, Place
from indexes.elasticsearch.index import ElasticsearchIndex
from indexes.elasticsearch.snapshots import SnapshotCopies
from tests.contract.search_index import SHOP_DOCUMENTS, SHOP_PRODUCTS
from tests.fakes.backups import contents, files, take
from tests.fakes.commands import Run
from tests.fakes.products import product
from tests.servers.filling import fill
from tests.servers.stores import Server
from translation.store import TranslationStore

ROWS = 4
KINDS = ("sqlite", "postgresql")


def url_of(kind: str, name: str, folder: Path, request: pytest.FixtureRequest) -> str:
    if kind == "sqlite":
        (folder / name).mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{folder / name / 'store.db'}"
    server: Server = request.getfixturevalue("postgres")
    return server.url_of(str(folder / name))


@pytest.fixture(params=list(itertools.product(KINDS, KINDS)), ids=" to ".join)
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    """A store, and another that is empty."""
    made = [
        connect(url_of(kind, name, tmp_path, request)) for kind, name in zip(request.param, ("old", "new"), strict=True)
    ]
    for engine in made:
        prepare(engine)
    yield made[0], made[1]
    for engine in made:
        engine.dispose()


def fill_store(engine: Engine, kept: Path, rows: int = ROWS) -> None:
    with writing(engine) as connection:
        fill(connection, metadata, rows)
        for name in connection.execute(select(uploads.c.id)).scalars().all():
            digest = hashlib.sha256(name.encode()).hexdigest()
            (kept / digest[:2]).mkdir(parents=True, exist_ok=True)
            (kept / digest[:2] / digest).write_bytes(name.encode())
            connection.execute(update(uploads).where(uploads.c.id == name).values(digest=digest))
        if connection.dialect.name == "postgresql":  # the rows brought their numbers along
            for table, column in ((changes, "position"), (corrections, "id")):
                last = select(func.max(table.c[column])).scalar_subquery()
                connection.execute(select(func.setval(f"{table.name}_{column}_seq", last)))


def test_a_store_comes_back_on_either_database(way: tuple[Engine, Engine], tmp_path: Path) -> None:
    old, new = way
    fill_store(old, tmp_path / "kept")
    before = contents(old)
    manifest = make_backup(old, tmp_path / "kept", tmp_path / "backup")
    assert manifest.database == ("sqlite" if old.dialect.name == "sqlite" else "postgresql")
    with writing(old) as connection:
        log_changes(connection, {("acme/1", "")})
    restored = take(tmp_path / "backup", new, tmp_path / "brought")
    assert contents(new) == before
    assert files(tmp_path / "brought") == files(tmp_path / "kept")
    assert restored.uploads == ROWS
    with pytest.raises(UsageError, match="--replace"):
        take(tmp_path / "backup", new, tmp_path / "brought")


def test_numbers_go_on(way: tuple[Engine, Engine], tmp_path: Path) -> None:
    old, new = way
    fill_store(old, tmp_path / "kept")
    with writing(old) as connection:
        log_changes(connection, {("acme/1", "")})
        last = connection.execute(select(func.max(changes.c.position))).scalar_one()
        connection.execute(delete(changes))
    make_backup(old, tmp_path / "kept", tmp_path / "backup")
    take(tmp_path / "backup", new, tmp_path / "brought")
    with writing(new) as connection:
        log_changes(connection, {("acme/2", "")})
        assert connection.execute(select(func.max(changes.c.position))).scalar_one() == last + 1
        row = {"supplier": "a", "product": "a/1", "field": "title", "lang": "de", "basis": "b", "only_here": 0}
        connection.execute(insert(corrections), [row | {"text": "x", "made_at": utc_now()}])
        assert connection.execute(select(func.max(corrections.c.id))).scalar_one() == ROWS + 1
        log_changes(connection, {("acme/3", "")})
    take(tmp_path / "backup", new, tmp_path / "brought", replace=True)
    with writing(new) as connection:
        log_changes(connection, {("acme/4", "")})
        assert connection.execute(select(func.max(changes.c.position))).scalar_one() == last + 3


def test_replace_leaves_nothing_and_readers_see_one_or_the_other(way: tuple[Engine, Engine], tmp_path: Path) -> None:
    old, new = way
    fill_store(old, tmp_path / "kept")
    before = contents(old)
    make_backup(old, tmp_path / "kept", tmp_path / "backup")
    fill_store(new, tmp_path / "brought", 2 * ROWS)
    seen: set[int] = set()
    stop = threading.Event()

    def look() -> None:
        own = connect(new.url.render_as_string(hide_password=False))
        while not stop.is_set():
            with reading(own) as connection:
                seen.add(connection.execute(select(func.count()).select_from(marks)).scalar_one())
        own.dispose()

    reader = threading.Thread(target=look)
    reader.start()
    try:
        take(tmp_path / "backup", new, tmp_path / "brought", replace=True)
    finally:
        stop.set()
        reader.join()
    assert contents(new) == before
    assert seen <= {ROWS, 2 * ROWS}
    assert files(tmp_path / "brought") == files(tmp_path / "kept")


def test_writers_wait_while_a_store_is_replaced(
    request: pytest.FixtureRequest, postgres: Server, tmp_path: Path
) -> None:
    """What somebody writes meanwhile comes after it, and not among its rows."""
    engine = postgres.open(str(tmp_path))
    make_backup(engine, tmp_path / "kept", tmp_path / "backup")
    begun, written = threading.Event(), threading.Event()

    def write() -> None:
        own = connect(engine.url.render_as_string(hide_password=False))
        begun.wait()
        with writing(own) as connection:
            connection.execute(insert(marks), [{"name": "late", "value": "x"}])
        written.set()
        own.dispose()

    writer = threading.Thread(target=write)
    writer.start()
    from catalog.backups import BuildsThere, check_backup, restore_backup

    fill_store(engine, tmp_path / "kept", 1)
    was_written_during: list[bool] = []

    def hear(step: str, _number: int) -> None:
        begun.set()
        was_written_during.append(written.wait(0.3))

    fill_backup(tmp_path / "backup2", tmp_path)
    restore_backup(
        check_backup(tmp_path / "backup2"),
        tmp_path / "backup2",
        engine,
        tmp_path / "kept2",
        BuildsThere("embedded"),
        lambda step, number: hear(step, number) if step == "products" else None,
        replace=True,
    )
    writer.join()
    assert was_written_during == [False]
    with reading(engine) as connection:
        assert "late" in connection.execute(select(marks.c.name)).scalars().all()


def fill_backup(folder: Path, beside: Path) -> None:
    engine = connect(f"sqlite:///{beside / 'other.db'}")
    prepare(engine)
    fill_store(engine, beside / "kept2", 1)
    make_backup(engine, beside / "kept2", folder)
    engine.dispose()


def test_a_text_that_postgresql_cannot_hold_is_named(tmp_path: Path, postgres: Server) -> None:
    old = connect(f"sqlite:///{tmp_path / 'old.db'}")
    prepare(old)
    with writing(old) as connection:
        connection.execute(insert(marks), [{"name": "held", "value": "a\0b"}])
    make_backup(old, tmp_path / "kept", tmp_path / "backup")
    old.dispose()
    new = postgres.open(str(tmp_path / "new"))
    with pytest.raises(LexicartError, match=r"table marks, row 'held': .* NUL"):
        take(tmp_path / "backup", new, tmp_path / "brought")
    assert not any(contents(new).values())


# -- any Unicode ------------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@st.composite
def products(draw: st.DrawFn) -> list[Product]:
    made = []
    for number in range(draw(st.integers(1, 4))):
        lang = draw(st.sampled_from(CODES))
        other = draw(st.sampled_from([code for code in CODES if code != lang]))
        made.append(
            product(
                f"{number}-{draw(TEXT)}"[:100],
                lang=lang,
                title=draw(TEXT),
                description=draw(TEXT),
                brand=draw(TEXT),
                category=tuple(draw(st.lists(TEXT, max_size=2))),
                attributes=(Attribute("a", draw(TEXT), draw(TEXT)),),
                given=(GivenText("title", other, draw(TEXT)),) if draw(st.booleans()) else (),
            )
        )
    return made


@settings(max_examples=5)
@given(data=st.data())
def test_whatever_a_store_takes_comes_back(
    data: st.DataObject,
    request: pytest.FixtureRequest,
    postgres_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Products, given texts and corrections: SQLite to PostgreSQL and back to SQLite."""
    folder = tmp_path_factory.mktemp("any")
    server = Server(postgres_url, folder.parent / "postgres.lock")
    try:
        engines = [
            connect(f"sqlite:///{folder / 'old.db'}"),
            server.open(str(folder)),
            connect(f"sqlite:///{folder / 'x.db'}"),
        ]
        for engine in engines:
            prepare(engine)
        rows = data.draw(products())
        (folder / "x.csv").write_text("x")
        with ProductStore(engines[0], folder / "kept").importing(
            supplier="acme", feed="main", path=folder / "x.csv", filename=data.draw(TEXT)
        ) as session:
            session.save(list(enumerate(rows, 2)))
        translations = TranslationStore(engines[0])
        translations.follow()
        lang = next(code for code in CODES if code != rows[0].lang)
        translations.correct(rows[0], "title", lang, data.draw(TEXT), only_here=data.draw(st.booleans()))
        before = contents(engines[0])
        for number, (old, new) in enumerate(itertools.pairwise(engines)):
            make_backup(old, folder / "kept", folder / f"backup{number}")
            take(folder / f"backup{number}", new, folder / "kept")
            assert contents(new) == before
        again = {one.product.id: one.product for one in ProductStore(engines[2], folder / "kept").stream()}
        assert again == {one.id: one for one in rows}
    finally:
        for engine in engines:
            engine.dispose()
        server.close()


# -- a cluster --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def connection(elasticsearch_url: str) -> Iterator[Connection]:
    made = Connection(Place(tuple(elasticsearch_url.split(","))))
    yield made
    made.close()


@pytest.fixture(scope="module")
def repository(connection: Connection) -> Iterator[str]:
    """A folder repository of this run in the folder that the nodes allow for."""
    nodes = connection.admin.nodes.info(filter_path="nodes.*.settings.path.repo")["nodes"].values()
    [place] = {str(node["settings"]["path"]["repo"][0]) for node in nodes}
    name = f"test{secrets.token_hex(4)}"
    connection.admin.snapshot.create_repository(
        name=name, repository={"type": "fs", "settings": {"location": f"{place}/{name}"}}
    )
    yield name
    for found in connection.admin.snapshot.get(repository=name, snapshot="*")["snapshots"]:
        connection.admin.snapshot.delete(repository=name, snapshot=found["snapshot"])
    connection.admin.snapshot.delete_repository(name=name)


@pytest.fixture
def prefixes(connection: Connection) -> Iterator[tuple[str, str]]:
    """Two prefixes that nobody else has, one the beginning of the other."""
    name = f"test{secrets.token_hex(4)}"
    yield name, f"{name}-copy"
    clear(connection.admin, name)


def clear(client: Elasticsearch, prefix: str) -> None:
    if found := list(client.indices.get(index=f"{prefix}-*")):
        client.indices.delete(index=found)


def sums(client: Elasticsearch, prefix: str, build: str) -> dict[str, str]:
    """Return a digest of every document of a build, by language and id."""
    found = {}
    for index in client.indices.get(index=f"{prefix}-*-{build}"):
        part = index.removeprefix(f"{prefix}-").removesuffix(f"-{build}")
        if "-" in part:
            continue  # of a longer prefix
        answer = client.search(index=index, size=10_000, source=True)
        for hit in answer["hits"]["hits"]:
            text = json.dumps(hit["_source"], sort_keys=True)
            found[f"{part} {hit['_id']}"] = hashlib.sha256(text.encode()).hexdigest()
    return found


def live_build(connection: Connection, prefix: str, build: str) -> ElasticsearchIndex:
    index = ElasticsearchIndex(connection, prefix)
    index.create(build, ["de", "en"])
    assert not index.write(build, SHOP_DOCUMENTS, SHOP_PRODUCTS).rejected
    index.commit(build)
    index.promote(build, index.live())
    return index


def test_a_snapshot_brings_every_document_back(
    connection: Connection, repository: str, prefixes: tuple[str, str], tmp_path: Path
) -> None:
    shop, other = prefixes
    index = live_build(connection, shop, "b1")
    live_build(connection, other, "b1")
    before, beside = sums(connection.admin, shop, "b1"), sums(connection.admin, other, "b1")
    counts = dict(index.counts("b1"))
    copies = SnapshotCopies(connection, shop, repository)
    described = json.loads(json.dumps(copies.save("b1", tmp_path / "none")))
    taken = connection.admin.snapshot.get(repository=repository, snapshot=described["snapshot"])["snapshots"][0]
    assert sorted(taken["indices"]) == [f"{shop}-{part}-b1" for part in ("de", "en", "products")]
    assert not (tmp_path / "none").exists()
    connection.admin.indices.delete(index=[f"{shop}-{part}-b1" for part in ("de", "en", "products")])
    copies.check(described)
    copies.load(described, tmp_path / "none", "b2")
    fresh = ElasticsearchIndex(connection, shop)
    assert fresh.live() is None
    assert dict(fresh.counts("b2")) == counts
    assert sums(connection.admin, shop, "b2") == before
    fresh.promote("b2", None)
    assert fresh.live() == "b2"
    assert sums(connection.admin, other, "b1") == beside
    assert ElasticsearchIndex(connection, other).live() == "b1"
    # A copy under another prefix, beside what serves there.
    SnapshotCopies(connection, other, repository).load(described, tmp_path / "none", "b3")
    assert sums(connection.admin, other, "b3") == before
    assert ElasticsearchIndex(connection, other).live() == "b1"
    copies.discard(described)
    copies.discard(described)
    with pytest.raises(UsageError, match="it was deleted"):
        copies.check(described)


def test_a_repository_that_is_not_there_is_named(
    connection: Connection, prefixes: tuple[str, str], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="LEXICART_ELASTICSEARCH_SNAPSHOTS is empty"):
        SnapshotCopies(connection, prefixes[0], "").save("b1", tmp_path)
    with pytest.raises(UnavailableError, match="PUT _snapshot/nowhere"):
        SnapshotCopies(connection, prefixes[0], "nowhere").save("b1", tmp_path)


def test_what_can_not_be_restored_leaves_nothing(
    connection: Connection, repository: str, prefixes: tuple[str, str], tmp_path: Path
) -> None:
    live_build(connection, prefixes[0], "b1")
    copies = SnapshotCopies(connection, prefixes[0], repository)
    described = dict(copies.save("b1", tmp_path))
    with pytest.raises(UnavailableError, match="restore the snapshot"):
        copies.load(described | {"snapshot": "other"}, tmp_path, "b2")
    assert ElasticsearchIndex(connection, prefixes[0]).builds() == ["b1"]
    with pytest.raises(UnavailableError, match="not the one"):
        copies.check(described | {"uuid": "other"})


CATALOG = """sku;name;brand;price;ean
S-1;Edelstahlschraube M8x40 verzinkt;Fixorit;3,10 EUR;4006381333931
S-2;Hammer mit Holzstiel 300 g;Nordwerk;12,90 EUR;
"""


def test_everything_is_lost_and_comes_back(
    connection: Connection,
    repository: str,
    prefixes: tuple[str, str],
    elasticsearch_url: str,
    postgres: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Store on PostgreSQL and indexes on a cluster; back into SQLite and the same cluster."""
    run = Run(capsys)
    home = tmp_path / "home"
    given: dict[str, Any] = {
        **{"HOME": home, "ENGINES": "echo", "LANGS": "de,en,fr", "INDEX": "elasticsearch"},
        **{"ELASTICSEARCH_URL": elasticsearch_url, "ELASTICSEARCH_PREFIX": prefixes[0]},
        "DATABASE_URL": postgres.url_of(str(home)),
    }
    for name, value in given.items():
        monkeypatch.setenv(f"LEXICART_{name}", str(value))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "catalog.csv").write_text(CATALOG, encoding="utf-8")
    run("import", "catalog.csv", "--supplier", "keller", "--lang", "de")
    run("translate")
    run("index")
    before = run.json("search", "Hammer", "--lang", "de")["hits"]
    run("backup", "kept", "--indexes", status=2)
    assert "LEXICART_ELASTICSEARCH_SNAPSHOTS" in run.err
    monkeypatch.setenv("LEXICART_ELASTICSEARCH_SNAPSHOTS", repository)
    report = run.json("backup", "kept", "--indexes")
    build = report["indexes"]["build"]
    documents = sums(connection.admin, prefixes[0], build)
    clear(connection.admin, prefixes[0])
    shutil.rmtree(home)
    monkeypatch.delenv("LEXICART_DATABASE_URL")
    restored = run.json("restore", "kept", "--indexes")["indexes"]
    assert restored["documents"] == report["indexes"]["documents"]
    assert sums(connection.admin, prefixes[0], restored["build"]) == documents
    assert run.json("search", "Hammer", "--lang", "de")["hits"] == before
    again = run.json("index")
    assert (again["mode"], again["langs"]["de"]["written"]) == ("delta", 0)
    monkeypatch.setenv("LEXICART_INDEX", "embedded")
    run("restore", "kept", "--indexes", "--replace", status=2)
    assert "LEXICART_INDEX=embedded" in run.err


def test_a_cluster_that_is_away_does_not_keep_a_store_from_coming_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(capsys)
    fill_backup(tmp_path / "kept", tmp_path)
    monkeypatch.setenv("LEXICART_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LEXICART_INDEX", "elasticsearch")
    monkeypatch.setenv("LEXICART_ELASTICSEARCH_URL", "http://127.0.0.1:1")
    report = run.json("restore", str(tmp_path / "kept"))
    assert "are not looked at" in report["warnings"][0]
    assert report["tables"]["products"] == 1
    with connect(f"sqlite:///{tmp_path / 'home' / 'lexicart.db'}").connect() as store:
        assert store.execute(text("SELECT count(*) FROM builds")).scalar() == 0
