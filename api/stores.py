"""Where an installation keeps what it has: HOME, the database, and the locks that keep two of a kind apart."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from api.settings import Settings
from api.urls import check_database, check_database_url
from catalog.errors import NotFoundError, UnavailableError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from catalog.moving import Moved


def home_of(settings: Settings) -> Path:
    """Return the folder HOME, made when it is missing.

    Raises:
        UsageError: it is no folder and can't be one.
    """
    folder = settings.home_folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise UsageError(
            f"LEXICART_HOME={folder}: it is no folder and can't be made one ({exc.strerror}): name another folder"
        ) from exc
    return folder


def connect_store(settings: Settings) -> "Engine":
    """Return an engine for the store's database, whatever schema it has; folders are made when they are missing.

    Raises:
        UsageError: HOME or the folder of the database can't be made.
        UnavailableError: what speaks to this kind of database is not installed.
    """
    from catalog.database import connect, place_of

    home_of(settings)
    url = settings.store_url
    file = place_of(url)
    try:
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise UsageError(f"LEXICART_DATABASE_URL={url}: its folder can't be made ({exc.strerror})") from exc
    return connect(url)


def require_store(settings: Settings) -> None:
    """Look whether there is a store.

    Raises:
        NotFoundError: there is none, and a fresh one would hold nothing.
    """
    from catalog.database import place_of, schema_version

    place = place_of(settings.store_url)
    if place is None or place.exists():
        engine = connect_store(settings)
        try:
            if schema_version(engine) is not None:
                return
        finally:
            engine.dispose()
    raise NotFoundError(f"there is no store at {place or 'LEXICART_DATABASE_URL'}: see LEXICART_HOME")


def migrate_store(settings: Settings) -> str | None:
    """Bring the store's schema to this version; return which one it had, ``None`` for a fresh store."""
    from catalog.database import migrate, schema_version

    engine = connect_store(settings)
    try:
        before = schema_version(engine)
        migrate(engine)
    finally:
        engine.dispose()
    return before


def move_store(source: str, target: str, progress: Callable[[str, int], None]) -> "Moved":
    """Take a whole store from one database to another; see :func:`catalog.moving.move_store`.

    Raises:
        UsageError: one of the two is no URL of a store.
    """
    from catalog import moving

    for option, url in (("--from", source), ("--to", target)):
        try:
            check_database_url(url)
            check_database(url)
        except (ValueError, UsageError) as exc:
            raise UsageError(f"{option}: {exc}") from exc
    return moving.move_store(source, target, progress)


@contextmanager
def installation_lock(database: "Engine", home: Path, name: str, wait: float) -> Iterator[None]:
    """Hold a lock of an installation; it is released when the process ends, however it ends.

    Args:
        database: of the store; on PostgreSQL it holds the lock, because machines share it and not HOME.
        home: the folder whose file is locked otherwise.
        name: what is locked.
        wait: seconds after which to give up.

    Raises:
        UnavailableError: another process holds it.
    """
    from filelock import FileLock, Timeout

    if database.dialect.name == "postgresql":
        from catalog.locks import held

        with held(database, name, wait):
            yield
        return
    try:
        with FileLock(home / f"{name}.lock", timeout=wait):
            yield
    except Timeout as exc:
        raise UnavailableError(f"another {name} is running on {home}: wait for it and try again") from exc
