"""The store's database: one MetaData, its engines, its schema version and the change log.

SQLite (WAL) serves one machine; PostgreSQL serves many. The tables of each package are declared here, side by side, so
that one migration history and one transaction span them; the code that reads and writes a table lives in the store of
the package that owns it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from catalog.errors import SchemaOutdatedError, UnavailableError


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Mark what SQLite gave back as the UTC that it was stored as."""
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Position = BigInteger().with_variant(Integer, "sqlite")
"""A place in the change log. SQLite gives rowids only to columns declared INTEGER."""

# -- catalog: what suppliers sent -------------------------------------------------------------------------------------

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("supplier", String(63), nullable=False),
    Column("feed", String(63), nullable=False),
    Column("filename", Text, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the bytes, kept under uploads/ by this name
    Column("received_at", UtcDateTime, nullable=False),
    Column("report", Text, nullable=False),  # the catalog's part of the import report, JSON
    Index(None, "supplier"),
)

products = Table(
    "products",
    metadata,
    Column("id", String(200), primary_key=True),  # supplier/sku
    Column("supplier", String(63), nullable=False),
    Column("feed", String(63), nullable=False),
    Column("lang", String(2), nullable=False),
    Column("brand", Text, nullable=False),
    Column("digest", String(64), nullable=False),  # of the body: equal means unchanged
    Column("body", Text, nullable=False),  # catalog.model.to_json
    Column("withdrawn", Integer, nullable=False, default=0),
    Column("upload", String(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "supplier", "feed"),
)

mappings = Table(
    "mappings",
    metadata,
    Column("supplier", String(63), primary_key=True),
    Column("header", String(64), primary_key=True),  # fingerprint of the header row
    Column("body", Text, nullable=False),
)

exports = Table(
    "exports",  # workbooks given back to suppliers with language columns
    metadata,
    Column("id", String(32), primary_key=True),
    Column("supplier", String(63), nullable=False),
    Column("feed", String(63), nullable=False),
    Column("reading", Text, nullable=False),  # JSON: the options under which the supplier's file was imported
    Column("made_at", UtcDateTime, nullable=False),
    Index(None, "supplier"),
)

export_cells = Table(
    "export_cells",
    metadata,
    Column("export", String(32), ForeignKey("exports.id"), primary_key=True),
    Column("product", String(200), primary_key=True),
    Column("field", String(100), primary_key=True),
    Column("lang", String(2), primary_key=True),
    Column("written", String(32), nullable=False),  # digest of the text in the cell; "" for an empty one
    sqlite_with_rowid=False,
)

changes = Table(
    "changes",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("product", String(200), nullable=False),
    Column("lang", String(2), nullable=False),  # "" when the product itself changed: every language is concerned
    Index(None, "product"),
    sqlite_autoincrement=True,  # a position must never be used twice, even after the log was cut
)

# -- translation: texts and what became of them -----------------------------------------------------------------------

texts = Table(
    "texts",
    metadata,
    Column("digest", String(32), primary_key=True),  # of supplier, lang, kind, context and text
    Column("supplier", String(63), nullable=False),
    Column("lang", String(2), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("context", Text, nullable=False),
    Column("text", Text, nullable=False),
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("product", String(200), primary_key=True),
    Column("field", String(100), primary_key=True),
    Column("text", String(32), ForeignKey("texts.digest"), nullable=False),
    Index(None, "text"),
)

own_texts = Table(
    "own_texts",  # texts of one product alone: given by the supplier, or corrected only there
    metadata,
    Column("product", String(200), primary_key=True),
    Column("field", String(100), primary_key=True),
    Column("lang", String(2), primary_key=True),
    Column("text", Text, nullable=False),
    Column("state", String(16), nullable=False),  # source or reviewed
)

translations = Table(
    "translations",
    metadata,
    Column("text", String(32), ForeignKey("texts.digest"), primary_key=True),
    Column("lang", String(2), primary_key=True),
    Column("translation", Text),
    Column("state", String(16), nullable=False),
    Column("engine", String(64), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("checks", Text, nullable=False, default=""),
    Column("key", String(32), nullable=False),  # digest of all that the result depends on
    Column("policy", String(32), nullable=False),  # digest of engines, terms and settings when it was last looked at
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "lang", "state"),
)

# Rows that must be looked at again carry an empty policy; the index holds only those.
Index(
    "ix_translations_stale",
    translations.c.text,
    sqlite_where=translations.c.policy == "",
    postgresql_where=translations.c.policy == "",
)

engine_results = Table(
    "engine_results",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("translation", Text, nullable=False),
    Column("engine", String(64), nullable=False),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("supplier", String(63), nullable=False),
    Column("product", String(200), nullable=False),  # where it was made
    Column("field", String(100), nullable=False),
    Column("lang", String(2), nullable=False),
    Column("basis", String(32), nullable=False),  # digest of the text that it corrects
    Column("only_here", Integer, nullable=False),
    Column("text", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index(None, "basis", "lang"),
    Index(None, "product"),
)

memory = Table(
    "memory",
    metadata,
    Column("supplier", String(63), primary_key=True),  # "" holds for all
    Column("source_lang", String(2), primary_key=True),
    Column("source", String(32), primary_key=True),  # digest of the source text
    Column("context", String(32), primary_key=True),  # digest of kind and context; "" fits any
    Column("target_lang", String(2), primary_key=True),
    Column("source_text", Text, nullable=False),
    Column("target_text", Text, nullable=False),
    Column("origin", String(200), nullable=False),  # file name, or the product that gave both texts
)

term_concepts = Table(
    "term_concepts",
    metadata,
    Column("supplier", String(63), primary_key=True),  # "" holds for all
    Column("concept", String(100), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("domain", String(100), nullable=False),
    Column("categories", Text, nullable=False),  # JSON list of category names; empty: holds everywhere
    Column("kept", Integer, nullable=False),  # 1: its terms are never translated
    Column("version", Integer, nullable=False),  # number of the change that wrote it; it rises over all suppliers
    Index(None, "concept"),
)

terms = Table(
    "terms",
    metadata,
    Column("supplier", String(63), primary_key=True),
    Column("concept", String(100), primary_key=True),
    Column("lang", String(2), primary_key=True),
    Column("place", Integer, primary_key=True),  # 0 is what a translation uses
    Column("term", Text, nullable=False),
    Column("status", String(16), nullable=False),  # preferred, admitted or forbidden
    ForeignKeyConstraint(["supplier", "concept"], ["term_concepts.supplier", "term_concepts.concept"]),
)

# -- indexes: builds ------------------------------------------------------------------------------------------------

builds = Table(
    "builds",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("backend", String(100), primary_key=True),  # backend and prefix: two environments never mix
    Column("state", String(16), nullable=False),
    Column("position", Position, nullable=False),
    Column("settings", String(32), nullable=False),  # digest of analysis, encoder, languages and code version
    Column("counts", Text, nullable=False),  # JSON: documents by language
    Column("parity", Text, nullable=False, default=""),  # JSON of the evaluation that the gate made
    Column("created_at", UtcDateTime, nullable=False),
    Column("promoted_at", UtcDateTime),
)

# -- small durable facts --------------------------------------------------------------------------------------------

marks = Table(
    "marks",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("value", Text, nullable=False),
)


# -- engines ----------------------------------------------------------------------------------------------------------

SCHEMA_VERSION = "0003"
"""Alembic revision that this code works with; a test compares it with the newest migration."""

_WRITES = "lexicart_writes"


def connect(url: str) -> Engine:
    """Return an engine for a database URL; no connection is made yet.

    SQLite gets WAL (readers never wait for the writer), ``synchronous=FULL`` (what was acknowledged survives loss of
    power) and a wait of 30 s for another process's transaction.
    """
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's own BEGIN (below) decides, not the driver's guess
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: a transaction that reads first and upgrades later can fail with SQLITE_BUSY
    # without any wait.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads: one consistent picture of the store."""
    with _reachable(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes; it is committed on leaving, rolled back by an exception."""
    with _reachable(engine), engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


@contextmanager
def _reachable(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as exc:
        place = engine.url.render_as_string(hide_password=True)
        raise UnavailableError(f"database {place}: {exc.orig}. Check LEXICART_DATABASE_URL and the server.") from exc


def prepare(engine: Engine) -> None:
    """Make a fresh database ready, or check that an existing one has this version's schema.

    Raises:
        SchemaOutdatedError: the schema is another version's; names ``lexicart migrate``.
        UnavailableError: the database can't be reached.
    """
    version = schema_version(engine)
    if version is None:
        migrate(engine)
    elif version != SCHEMA_VERSION:
        raise SchemaOutdatedError(
            f"the store has schema {version} and this version of Lexicart works with {SCHEMA_VERSION}: "
            "run `lexicart migrate`"
        )


def schema_version(engine: Engine) -> str | None:
    """Return the schema's revision, or ``None`` for a database without any table of ours."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with reading(engine) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def migrate(engine: Engine) -> None:
    """Bring the schema to this version, in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def upsert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an INSERT of the connection's dialect, which has ``on_conflict_do_update`` on both databases."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def utc_now() -> datetime:
    """Return the present moment in UTC, to the microsecond."""
    return datetime.now(UTC)


def place_of(url: str) -> Path | None:
    """Return the file of a SQLite URL, ``None`` for a server."""
    parsed = make_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


# -- the change log ---------------------------------------------------------------------------------------------------


def log_changes(connection: Connection, products_and_langs: set[tuple[str, str]]) -> None:
    """Append changes: ``(product id, language)``, the language empty when the product itself changed.

    SQLite has one writer at a time, so positions are in the order of the commits.
    """
    if products_and_langs:
        connection.execute(
            changes.insert(),
            [{"product": product, "lang": lang} for product, lang in sorted(products_and_langs)],
        )


def last_position(connection: Connection) -> int:
    """Return the position of the newest change, 0 when there is none."""
    found = connection.execute(select(changes.c.position).order_by(changes.c.position.desc()).limit(1)).scalar()
    return found or 0
