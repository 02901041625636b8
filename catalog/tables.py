"""The store's tables, side by side.

The tables of every package are declared here, so that one migration history and one transaction span them; the code
that reads and writes a table lives in the store of the package that owns it.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.dialects import postgresql


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return it in UTC: SQLite gives none, and a server the zone of the session."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_SERVER_TEXT = postgresql.TEXT(collation="C")
TEXT = Text().with_variant(_SERVER_TEXT, "postgresql")
"""Text of any length, ordered by code points.

SQLite and Python order so, and pages that are read by "greater than the last" lose rows where one side orders by a
language's rules: so PostgreSQL is told to, whatever the database's own collation is.
"""


def characters(length: int) -> String:
    """Return the type of a short text; no database refuses a longer one, SQLite does not and PostgreSQL need not."""
    return String(length).with_variant(_SERVER_TEXT, "postgresql")


Position = BigInteger().with_variant(Integer, "sqlite")
"""A place in the change log. SQLite gives rowids only to columns declared INTEGER."""

# -- catalog: what suppliers sent -------------------------------------------------------------------------------------

uploads = Table(
    "uploads",
    metadata,
    Column("id", characters(32), primary_key=True),
    Column("supplier", characters(63), nullable=False),
    Column("feed", characters(63), nullable=False),
    Column("filename", TEXT, nullable=False),
    Column("digest", characters(64), nullable=False),  # SHA-256 of the bytes, kept under uploads/ by this name
    Column("received_at", UtcDateTime, nullable=False),
    Column("report", TEXT, nullable=False),  # the catalog's part of the import report, JSON
    Index(None, "supplier"),
)

products = Table(
    "products",
    metadata,
    Column("id", characters(200), primary_key=True),  # supplier/sku
    Column("supplier", characters(63), nullable=False),
    Column("feed", characters(63), nullable=False),
    Column("lang", characters(2), nullable=False),
    Column("brand", TEXT, nullable=False),
    Column("digest", characters(64), nullable=False),  # of the body: equal means unchanged
    Column("body", TEXT, nullable=False),  # catalog.model.to_json
    Column("withdrawn", Integer, nullable=False, default=0),
    Column("upload", characters(32), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "supplier", "feed"),
)

mappings = Table(
    "mappings",
    metadata,
    Column("supplier", characters(63), primary_key=True),
    Column("header", characters(64), primary_key=True),  # fingerprint of the header row
    Column("body", TEXT, nullable=False),
)

exports = Table(
    "exports",  # workbooks given back to suppliers with language columns
    metadata,
    Column("id", characters(32), primary_key=True),
    Column("supplier", characters(63), nullable=False),
    Column("feed", characters(63), nullable=False),
    Column("reading", TEXT, nullable=False),  # JSON: the options under which the supplier's file was imported
    Column("made_at", UtcDateTime, nullable=False),
    Index(None, "supplier"),
)

export_cells = Table(
    "export_cells",
    metadata,
    Column("export", characters(32), ForeignKey("exports.id"), primary_key=True),
    Column("product", characters(200), primary_key=True),
    Column("field", characters(100), primary_key=True),
    Column("lang", characters(2), primary_key=True),
    Column("written", characters(32), nullable=False),  # digest of the text in the cell; "" for an empty one
    sqlite_with_rowid=False,
)

changes = Table(
    "changes",
    metadata,
    Column("position", Position, primary_key=True, autoincrement=True),
    Column("product", characters(200), nullable=False),
    Column("lang", characters(2), nullable=False),  # "" when the product itself changed: every language is concerned
    Index(None, "product"),
    sqlite_autoincrement=True,  # a position must never be used twice, even after the log was cut
)

# -- translation: texts and what became of them -----------------------------------------------------------------------

texts = Table(
    "texts",
    metadata,
    Column("digest", characters(32), primary_key=True),  # of supplier, lang, kind, context and text
    Column("supplier", characters(63), nullable=False),
    Column("lang", characters(2), nullable=False),
    Column("kind", characters(16), nullable=False),
    Column("context", TEXT, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("rank", Integer, nullable=False),  # of its kind: titles are translated before descriptions
    Index(None, "supplier", "rank", "digest"),  # the order in which a batch walks them
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("product", characters(200), primary_key=True),
    Column("field", characters(100), primary_key=True),
    Column("text", characters(32), ForeignKey("texts.digest"), nullable=False),
    Index(None, "text"),
)

own_texts = Table(
    "own_texts",  # texts of one product alone: given by the supplier, or corrected only there
    metadata,
    Column("product", characters(200), primary_key=True),
    Column("field", characters(100), primary_key=True),
    Column("lang", characters(2), primary_key=True),
    Column("text", TEXT, nullable=False),
    Column("state", characters(16), nullable=False),  # source or reviewed
)

translations = Table(
    "translations",
    metadata,
    Column("text", characters(32), ForeignKey("texts.digest"), primary_key=True),
    Column("lang", characters(2), primary_key=True),
    Column("translation", TEXT),
    Column("state", characters(16), nullable=False),
    Column("engine", characters(64), nullable=False),
    Column("reason", TEXT, nullable=False, default=""),
    Column("checks", TEXT, nullable=False, default=""),
    Column("key", characters(32), nullable=False),  # digest of all that the result depends on
    Column("policy", characters(32), nullable=False),  # digest of engines, terms, settings of the last look
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
    Column("key", characters(32), primary_key=True),
    Column("translation", TEXT, nullable=False),
    Column("engine", characters(64), nullable=False),
)

workers = Table(
    "workers",  # processes that translate; one without a heartbeat for a while is dead, and what it held is free
    metadata,
    Column("id", characters(32), primary_key=True),
    Column("place", TEXT, nullable=False),  # host and process, for people
    Column("heartbeat_at", UtcDateTime, nullable=False),
)

leases = Table(
    "leases",  # texts that a worker translates now; no other takes them
    metadata,
    Column("text", characters(32), primary_key=True),
    Column("worker", characters(32), nullable=False),
    Index(None, "worker"),
)

calls = Table(
    "calls",  # requests that a worker gave to an engine, under the key of engine_results, until the answer is kept
    metadata,
    Column("key", characters(32), primary_key=True),
    Column("worker", characters(32), nullable=False),  # "" when it died meanwhile
    Column("crashes", Integer, nullable=False, default=0),  # how many workers died during it
    Index(None, "worker"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", Position, primary_key=True, autoincrement=True),
    Column("supplier", characters(63), nullable=False),
    Column("product", characters(200), nullable=False),  # where it was made
    Column("field", characters(100), nullable=False),
    Column("lang", characters(2), nullable=False),
    Column("basis", characters(32), nullable=False),  # digest of the text that it corrects
    Column("only_here", Integer, nullable=False),
    Column("text", TEXT, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Index(None, "basis", "lang"),
    Index(None, "product"),
)

memory = Table(
    "memory",
    metadata,
    Column("supplier", characters(63), primary_key=True),  # "" holds for all
    Column("source_lang", characters(2), primary_key=True),
    Column("source", characters(32), primary_key=True),  # digest of the source text
    Column("context", characters(32), primary_key=True),  # digest of kind and context; "" fits any
    Column("target_lang", characters(2), primary_key=True),
    Column("source_text", TEXT, nullable=False),
    Column("target_text", TEXT, nullable=False),
    Column("origin", characters(200), nullable=False),  # file name, or the product that gave both texts
)

term_concepts = Table(
    "term_concepts",
    metadata,
    Column("supplier", characters(63), primary_key=True),  # "" holds for all
    Column("concept", characters(100), primary_key=True),
    Column("kind", characters(16), nullable=False),
    Column("domain", characters(100), nullable=False),
    Column("categories", TEXT, nullable=False),  # JSON list of category names; empty: holds everywhere
    Column("kept", Integer, nullable=False),  # 1: its terms are never translated
    Column("version", Integer, nullable=False),  # number of the change that wrote it; it rises over all suppliers
    Index(None, "concept"),
)

terms = Table(
    "terms",
    metadata,
    Column("supplier", characters(63), primary_key=True),
    Column("concept", characters(100), primary_key=True),
    Column("lang", characters(2), primary_key=True),
    Column("place", Integer, primary_key=True),  # 0 is what a translation uses
    Column("term", TEXT, nullable=False),
    Column("status", characters(16), nullable=False),  # preferred, admitted or forbidden
    ForeignKeyConstraint(["supplier", "concept"], ["term_concepts.supplier", "term_concepts.concept"]),
)

# -- indexes: builds ------------------------------------------------------------------------------------------------

builds = Table(
    "builds",
    metadata,
    Column("name", characters(40), primary_key=True),
    Column("backend", characters(100), primary_key=True),  # backend and prefix: two environments never mix
    Column("state", characters(16), nullable=False),
    Column("position", Position, nullable=False),
    Column("settings", characters(32), nullable=False),  # digest of analysis, encoder, languages and documents' version
    Column("counts", TEXT, nullable=False),  # JSON: documents by language
    Column("parity", TEXT, nullable=False, default=""),  # JSON of what the gate measured
    Column("created_at", UtcDateTime, nullable=False),
    Column("promoted_at", UtcDateTime),
    Column("code", characters(60), nullable=False),  # version that made it, and that of its documents
    Column("reasons", TEXT, nullable=False),  # JSON: why it was refused
    Column("verified_at", UtcDateTime),
    Column("removed_at", UtcDateTime),  # when it left the backend; the record stays for a while
)

# -- search: what was looked for ------------------------------------------------------------------------------------

zero_searches = Table(
    "zero_searches",  # searches that found nothing; of who searched nothing is kept
    metadata,
    Column("query", TEXT, primary_key=True),  # in small letters, at most 200 characters
    Column("query_lang", characters(2), primary_key=True),
    Column("lang", characters(2), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("told", Integer, nullable=False),  # how many of them a nightly report has told of
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)

# -- small durable facts --------------------------------------------------------------------------------------------

marks = Table(
    "marks",
    metadata,
    Column("name", characters(100), primary_key=True),
    Column("value", TEXT, nullable=False),
)
