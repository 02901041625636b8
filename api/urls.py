"""URLs of databases and servers: which may be given, and how they may be shown."""

import re

from catalog.errors import UsageError

_DATABASES = ("sqlite", "postgresql:", "postgresql+psycopg:")
_PASSWORD = re.compile(r"(?P<user>//[^:/@\s,]*:)[^\s,]*@|(?P<name>[?&]password=)[^&\s]*")
_STORE = re.compile(r"sqlite(\+pysqlite)?:///(?P<file>[^?]+)")


def check_database_url(value: str) -> None:
    """Refuse what can't be the URL of a store.

    Raises:
        ValueError: says what is wrong with it and what to give.
    """
    if value.startswith("sqlite"):
        found = _STORE.fullmatch(value)
        if found is None or found["file"] == ":memory:" or found["file"].startswith("file:"):
            raise ValueError(
                f"{value!r} names no file, and what is kept in memory is gone with the command: give sqlite:///FILE"
            )
    elif "://" not in value:
        raise ValueError(f"{value!r} is no database URL: give sqlite:///FILE or postgresql+psycopg://...")


def check_database(value: str) -> None:
    """Refuse the URL of a database that this version has no store for.

    Raises:
        UsageError: names those that it has.
    """
    if not value.startswith(_DATABASES):
        raise UsageError(
            f"database {value.split('://')[0]!r}: this version keeps its store in SQLite or PostgreSQL; give "
            "sqlite:///FILE or postgresql+psycopg://..."
        )


def without_password(urls: str) -> str:
    """Return addresses, separated by commas, as they may be shown; of a malformed one all up to its last ``@`` goes."""
    return _PASSWORD.sub(lambda found: f"{found['name']}***" if found["name"] else f"{found['user']}***@", urls)
