"""The schema: fresh stores make themselves ready, old ones refuse, migrations match the tables."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import catalog.database
from catalog.database import SCHEMA_VERSION, connect, migrate, prepare, reading, schema_version, writing
from catalog.errors import SchemaOutdatedError, UnavailableError
from catalog.tables import metadata

MIGRATIONS = Path(catalog.database.__file__).parent / "migrations"


def test_a_fresh_store_makes_itself_ready(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/deep/store.db")
    assert schema_version(engine) is None
    prepare(engine)
    assert schema_version(engine) == SCHEMA_VERSION
    prepare(engine)


def test_the_code_names_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == SCHEMA_VERSION


def test_migrations_make_the_tables_that_the_code_declares(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/store.db")
    migrate(engine)
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_an_old_schema_is_refused_and_names_the_command(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/store.db")
    prepare(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SchemaOutdatedError, match="lexicart migrate"):
        prepare(engine)


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(UnavailableError, match=r"store\.db.*LEXICART_DATABASE_URL"):
        prepare(connect(f"sqlite:///{tmp_path}/store.db"))


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/store.db")
    prepare(engine)

    def fail() -> None:
        with writing(engine) as connection:
            connection.execute(text("INSERT INTO marks VALUES ('a', 'b')"))
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM marks")).scalar() == 0
