"""Every migration goes up and down on both databases, with rows in every table."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, String, inspect, select, text

import catalog.database
from catalog.database import SCHEMA_VERSION, connect, migrate, prepare, reading, schema_version, writing
from catalog.errors import SchemaOutdatedError
from catalog.tables import metadata
from tests.servers.filling import fill, rows_of
from tests.servers.stores import open_store

pytestmark = pytest.mark.usefixtures("database")

MIGRATIONS = Path(catalog.database.__file__).parent / "migrations"
REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]

FORGOTTEN = frozenset({"texts.rank", *(f"builds.{name}" for name in ("code", "reasons", "verified_at", "removed_at"))})
"""What a step down forgets of a table that stays; the way up works it out again, or leaves it empty."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_store(tmp_path)
    yield engine
    engine.dispose()


def there(engine: Engine) -> MetaData:
    found = MetaData()
    with reading(engine) as connection:
        found.reflect(connection)
    return found


def test_rows_survive_the_way_down_and_up_again(engine: Engine) -> None:
    with writing(engine) as connection:
        fill(connection, metadata, 4)
        before = rows_of(connection, metadata, but=FORGOTTEN)
    for revision in REVISIONS[1:]:
        migrate(engine, down_to=revision)
        assert schema_version(engine) == revision
        with reading(engine) as connection:
            names = set(inspect(connection).get_table_names())
            still = MetaData()
            for table in metadata.sorted_tables:
                if table.name in names:
                    table.to_metadata(still)
            assert rows_of(connection, still, but=FORGOTTEN) == {
                name: rows for name, rows in before.items() if name in names
            }
    first = set(there(engine).tables) - {"alembic_version"}
    migrate(engine)
    assert schema_version(engine) == SCHEMA_VERSION
    with reading(engine) as connection:
        after = rows_of(connection, metadata, but=FORGOTTEN)
        assert {name: rows for name, rows in after.items() if name in first} == {name: before[name] for name in first}
        assert {name for name, rows in after.items() if not rows} == before.keys() - first


Cells = dict[str, dict[Any, dict[str, Any]]]


def cells(engine: Engine) -> Cells:
    """Return what every table holds now, by table, key and column, whatever the code declares."""
    engine.dispose()  # a server refuses statements that it prepared for other columns
    tables = there(engine)
    found: Cells = {}
    with reading(engine) as connection:
        for table in tables.sorted_tables:
            if table.name != "alembic_version":
                keys = [column.name for column in table.primary_key.columns]
                rows = [dict(row._mapping) for row in connection.execute(select(table))]
                found[table.name] = {tuple(row[key] for key in keys): row for row in rows}
    return found


def same(before: Cells, after: Cells) -> None:
    """Look whether what both have is the same: each row of each table, in the columns that stayed."""
    for name in before.keys() & after.keys():
        assert before[name].keys() == after[name].keys(), name
        for key, row in before[name].items():
            stayed = row.keys() & after[name][key].keys()
            assert {column: row[column] for column in stayed} == {
                column: after[name][key][column] for column in stayed
            }, name


def shape(engine: Engine) -> dict[str, Any]:
    """Return what the tables look like: columns, keys, references, indexes, and how SQLite keeps them."""
    with reading(engine) as connection:
        found = inspect(connection)
        shapes: dict[str, Any] = {}
        for name in found.get_table_names():
            columns = {
                # How long a text may be is not gone back to: what is longer by now stays whole.
                one["name"]: ("TEXT" if isinstance(one["type"], String) else str(one["type"]), one["nullable"])
                for one in found.get_columns(name)
            }
            foreign = sorted(
                (key["constrained_columns"], key["referred_table"]) for key in found.get_foreign_keys(name)
            )
            indexes = sorted((str(one["name"]), one["column_names"]) for one in found.get_indexes(name))
            shapes[name] = [columns, found.get_pk_constraint(name)["constrained_columns"], foreign, indexes]
        if engine.dialect.name == "sqlite":
            for name, sql in connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")):
                if name in shapes:
                    shapes[name] += ["AUTOINCREMENT" in sql, "WITHOUT ROWID" in sql]
        return shapes


def test_each_step_up_and_down_keeps_what_both_sides_have(engine: Engine) -> None:
    """Rows of every revision, in the tables as they were then, go through all later ones and back."""
    migrate(engine, down_to="base")
    shapes = {"base": shape(engine)}
    for number, revision in enumerate(reversed(REVISIONS)):
        before = cells(engine)
        migrate(engine, up_to=revision)
        assert schema_version(engine) == revision
        same(before, cells(engine))
        shapes[revision] = shape(engine)
        with writing(engine) as connection:
            fill(connection, there(engine), 2, first=2 * number)
    filled = cells(engine)
    assert schema_version(engine) == SCHEMA_VERSION
    assert all(len(rows) >= 2 for rows in filled.values())
    assert len(filled["products"]) == 2 * len(REVISIONS)
    for revision in [*REVISIONS[1:], "base"]:
        before = cells(engine)
        migrate(engine, down_to=revision)
        same(before, cells(engine))
        assert shape(engine) == shapes[revision], revision
    migrate(engine)
    assert shape(engine) == shapes[SCHEMA_VERSION]


def test_the_way_down_ends_with_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        fill(connection, metadata, 2)
    migrate(engine, down_to="base")
    assert set(there(engine).tables) == {"alembic_version"}
    migrate(engine)
    with reading(engine) as connection:
        assert not any(rows_of(connection, metadata).values())


def test_migrations_make_the_tables_that_the_code_declares(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_old_schema_is_refused_and_names_the_command(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SchemaOutdatedError, match="lexicart migrate"):
        prepare(engine)


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    def fail() -> None:
        with writing(engine) as connection:
            connection.execute(text("INSERT INTO marks VALUES ('a', 'b')"))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM marks")).scalar() == 0


def test_a_transaction_that_reads_has_one_picture(engine: Engine) -> None:
    count = text("SELECT count(*) FROM marks")
    other = connect(engine.url.render_as_string(hide_password=False))
    with reading(engine) as connection:
        before = connection.execute(count).scalar()
        with writing(other) as writer:
            writer.execute(text("INSERT INTO marks VALUES ('a', 'b')"))
        assert connection.execute(count).scalar() == before
    other.dispose()
