"""Every migration goes up and down on both databases, with rows in every table."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, inspect, text

import catalog.database
from catalog.database import SCHEMA_VERSION, connect, migrate, prepare, reading, schema_version, writing
from catalog.errors import SchemaOutdatedError
from catalog.tables import metadata
from tests.servers.filling import fill, rows_of
from tests.servers.stores import open_store

pytestmark = pytest.mark.usefixtures("database")

MIGRATIONS = Path(catalog.database.__file__).parent / "migrations"
REVISIONS = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]

RANKS = frozenset({"texts.rank"})
"""What a step down forgets of a table that stays; the way up works it out again."""


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
        before = rows_of(connection, metadata, but=RANKS)
    for revision in REVISIONS[1:]:
        migrate(engine, down_to=revision)
        assert schema_version(engine) == revision
        with reading(engine) as connection:
            names = set(inspect(connection).get_table_names())
            still = MetaData()
            for table in metadata.sorted_tables:
                if table.name in names:
                    table.to_metadata(still)
            assert rows_of(connection, still, but=RANKS) == {
                name: rows for name, rows in before.items() if name in names
            }
    first = set(there(engine).tables) - {"alembic_version"}
    migrate(engine)
    assert schema_version(engine) == SCHEMA_VERSION
    with reading(engine) as connection:
        after = rows_of(connection, metadata, but=RANKS)
        assert {name: rows for name, rows in after.items() if name in first} == {name: before[name] for name in first}
        assert {name for name, rows in after.items() if not rows} == before.keys() - first


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
