"""The schema: fresh stores make themselves ready; migrations are tested on both databases in tests/servers."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

import catalog.database
from catalog.database import SCHEMA_VERSION, connect, prepare, schema_version
from catalog.errors import UnavailableError

MIGRATIONS = Path(catalog.database.__file__).parent / "migrations"


def test_a_fresh_store_makes_itself_ready(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path}/deep/store.db")
    assert schema_version(engine) is None
    prepare(engine)
    assert schema_version(engine) == SCHEMA_VERSION
    prepare(engine)


def test_the_code_names_the_newest_migration() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == SCHEMA_VERSION


def test_a_database_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(UnavailableError, match=r"store\.db.*LEXICART_DATABASE_URL"):
        prepare(connect(f"sqlite:///{tmp_path}/store.db"))
