"""A backup holds the store whole or is not there; a restore brings it back whole, or changes nothing."""

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select, text, update

from catalog.backups import Manifest, check_backup, make_backup, read_manifest
from catalog.changelog import log_changes
from catalog.database import SCHEMA_VERSION, connect, migrate, prepare, reading, schema_version, writing
from catalog.errors import NotFoundError, SchemaOutdatedError, UnavailableError, UnreadableFileError, UsageError
from catalog.tables import builds, changes, marks, metadata, uploads
from tests.fakes.backups import contents, files, take
from tests.servers.filling import MOMENT, fill

ROWS = 3


def put_upload(kept: Path, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    place = kept / digest[:2] / digest
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return digest


def opened(folder: Path) -> Engine:
    folder.mkdir(parents=True, exist_ok=True)
    engine = connect(f"sqlite:///{folder / 'store.db'}")
    prepare(engine)
    return engine


class Home:
    """A store with rows in every table, and the uploads that it names."""

    def __init__(self, folder: Path, rows: int = ROWS) -> None:
        self.engine = opened(folder)
        self.folder, self.kept = folder, folder / "uploads"
        with writing(self.engine) as connection:
            fill(connection, metadata, rows)
            for number, name in enumerate(connection.execute(select(uploads.c.id).order_by(uploads.c.id)).scalars()):
                digest = put_upload(self.kept, f"upload {number}".encode())
                connection.execute(update(uploads).where(uploads.c.id == name).values(digest=digest))
        self.digests = sorted(path.name for path in self.kept.rglob("*") if path.is_file())
        (self.kept / self.digests[0][:2] / f"{self.digests[0]}.{'0' * 32}.manifest.gz").write_bytes(b"noted")

    def backup(self, folder: Path) -> Manifest:
        return make_backup(self.engine, self.kept, folder)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    made = Home(tmp_path_factory.mktemp("home"))
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def made(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup that tests only read."""
    folder = tmp_path_factory.mktemp("backups") / "made"
    home.backup(folder)
    return folder


@pytest.fixture
def mine(made: Path, tmp_path: Path) -> Path:
    """A backup that the test may change."""
    return Path(shutil.copytree(made, tmp_path / "mine"))


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    engine = opened(tmp_path / "empty")
    yield engine
    engine.dispose()


def rewrite(folder: Path, **changed: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))


# -- round trip -------------------------------------------------------------------------------------------------------


def test_a_backup_comes_back_as_it_was(home: Home, made: Path, empty: Engine, tmp_path: Path) -> None:
    before = contents(home.engine)
    assert all(len(rows) == ROWS for rows in before.values())
    restored = take(made, empty, tmp_path / "empty" / "uploads")
    assert contents(empty) == before
    assert files(tmp_path / "empty" / "uploads") == files(home.kept)
    assert (restored.uploads, restored.replaced) == (ROWS, False)
    assert {name: number for name, number in restored.tables.items() if name in before} == dict.fromkeys(before, ROWS)
    assert sorted(path.name for path in tmp_path.joinpath("empty").iterdir() if path.is_dir()) == ["uploads"]


def test_the_manifest_says_what_there_is(home: Home, made: Path) -> None:
    manifest = read_manifest(made)
    assert (manifest.schema, manifest.database, manifest.indexes) == (SCHEMA_VERSION, "sqlite", None)
    assert manifest.tables == {table.name: ROWS for table in metadata.sorted_tables}
    assert manifest.uploads_whole == ROWS
    there = {place: digest for place, digest in files(made).items() if place != "manifest.json"}
    assert {place: file.sha256 for place, file in manifest.files.items()} == there
    assert sorted(path.name for path in made.iterdir()) == ["manifest.json", "store.db", "uploads"]


def test_what_was_going_on_is_over(home: Home, made: Path, empty: Engine, tmp_path: Path) -> None:
    """A request that a worker had at an engine when the backup was made is no crash; what crashed stays known."""
    take(made, empty, tmp_path / "empty" / "uploads")
    with reading(empty) as connection:
        for table in ("workers", "leases"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0
        left = connection.execute(text("SELECT worker, crashes FROM calls ORDER BY crashes")).all()
    assert left == [("", number + 1) for number in range(ROWS)]


def test_calls_without_a_crash_are_forgotten(tmp_path: Path, empty: Engine) -> None:
    home = Home(tmp_path / "home", 1)
    with writing(home.engine) as connection:
        connection.execute(text("UPDATE calls SET crashes = 0"))
    home.backup(tmp_path / "backup")
    home.engine.dispose()
    take(tmp_path / "backup", empty, tmp_path / "empty" / "uploads")
    with reading(empty) as connection:
        assert connection.execute(text("SELECT count(*) FROM calls")).scalar() == 0


def test_positions_of_the_log_go_on(home: Home, made: Path, empty: Engine, tmp_path: Path) -> None:
    """No position is given twice: neither one of the backup's, nor one that the store had given before."""
    with writing(empty) as connection:
        log_changes(connection, {(f"old/{number}", "") for number in range(5_000)})
        gone = connection.execute(text("SELECT max(position) FROM changes")).scalar_one()
        connection.execute(delete(changes))
    take(made, empty, tmp_path / "empty" / "uploads")
    with writing(empty) as connection:
        log_changes(connection, {("acme/1", "")})
        assert connection.execute(text("SELECT max(position) FROM changes")).scalar_one() == gone + 1
    with writing(empty) as connection:
        connection.execute(delete(changes))
    take(made, empty, tmp_path / "empty" / "uploads", replace=True)
    with writing(empty) as connection:
        log_changes(connection, {("acme/2", "")})
        assert connection.execute(text("SELECT max(position) FROM changes")).scalar_one() == gone + 2


def test_builds_are_not_claimed(home: Home, made: Path, empty: Engine, tmp_path: Path) -> None:
    take(made, empty, tmp_path / "empty" / "uploads")
    with reading(empty) as connection:
        assert connection.execute(select(builds)).all() == []


# -- the place of a backup --------------------------------------------------------------------------------------------


def test_a_place_that_is_taken_is_refused(home: Home, made: Path, tmp_path: Path) -> None:
    before = files(made)
    with pytest.raises(UsageError, match="is not empty"):
        home.backup(made)
    assert files(made) == before
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="no folder"):
        home.backup(tmp_path / "file")
    (tmp_path / "bare").mkdir()
    assert home.backup(tmp_path / "bare").tables["products"] == ROWS
    check_backup(tmp_path / "bare")


def test_what_fails_leaves_nothing(home: Home, tmp_path: Path) -> None:
    def fail(step: str, _number: int) -> None:
        if step == "uploads":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_backup(home.engine, home.kept, tmp_path / "new" / "backup", fail)
    assert list((tmp_path / "new").iterdir()) == []


def test_remains_of_a_killed_process_go_with_the_next(home: Home, tmp_path: Path) -> None:
    dead = tmp_path / ".backup.making-12345678"
    dead.mkdir()
    (dead / ".lock").touch()
    (dead / "store.db").touch()
    (tmp_path / ".other.making-1").mkdir()
    home.backup(tmp_path / "backup")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".other.making-1", "backup"]


# -- uploads ----------------------------------------------------------------------------------------------------------


def test_uploads_that_are_not_there_are_named(tmp_path: Path, empty: Engine) -> None:
    home = Home(tmp_path / "home")
    lost, damaged, whole = home.digests
    (home.kept / lost[:2] / lost).unlink()
    (home.kept / damaged[:2] / damaged).write_bytes(b"other")
    (home.kept / whole[:2] / f"{whole}.0000.part").write_bytes(b"half")
    manifest = home.backup(tmp_path / "backup")
    home.engine.dispose()
    assert set(manifest.missing) == {lost, damaged}
    assert "not those that came" in manifest.missing[damaged]
    assert manifest.uploads_whole == 1
    restored = take(tmp_path / "backup", empty, tmp_path / "empty" / "uploads")
    assert restored.uploads == 1
    assert restored.manifest.missing == manifest.missing


def test_a_supplier_that_is_forgotten_meanwhile_is_in_no_backup(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")

    def forget(step: str, _number: int) -> None:
        if step == "uploads":
            with writing(home.engine) as connection:
                connection.execute(delete(uploads))

    with pytest.raises(UnavailableError, match="forgotten"):
        make_backup(home.engine, home.kept, tmp_path / "backup", forget)
    home.engine.dispose()
    assert not (tmp_path / "backup").exists()


def test_an_upload_that_is_there_and_damaged_is_mended(home: Home, made: Path, empty: Engine, tmp_path: Path) -> None:
    kept = tmp_path / "empty" / "uploads"
    place = kept / home.digests[1][:2] / home.digests[1]
    place.parent.mkdir(parents=True)
    place.write_bytes(b"damaged")
    take(made, empty, kept)
    assert files(kept) == files(home.kept)


# -- writers ----------------------------------------------------------------------------------------------------------


def test_a_backup_is_one_picture_while_others_write(tmp_path: Path) -> None:
    """Each transaction writes the same number in two tables, which are copied one after the other."""
    engine = opened(tmp_path / "home")
    stop = threading.Event()
    done = [0]

    def write() -> None:
        own = connect(engine.url.render_as_string())
        while not stop.is_set():
            with writing(own) as connection:
                done[0] += 1
                connection.execute(marks.insert(), [{"name": f"{done[0]}", "value": "x"}])
                log_changes(connection, {(f"acme/{done[0]}", "")})
        own.dispose()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while done[0] < 6:  # the last that was begun may not be committed
            pass
        went_on = []

        def hear(_step: str, _number: int) -> None:
            """Wait between two tables until two more transactions were begun: one of them was committed."""
            now, end = done[0], time.monotonic() + 10
            while done[0] < now + 2 and time.monotonic() < end:
                time.sleep(0.01)
            went_on.append(done[0] >= now + 2)

        manifest = make_backup(engine, tmp_path / "home" / "uploads", tmp_path / "backup", hear)
    finally:
        stop.set()
        writer.join()
    assert manifest.tables["marks"] == manifest.tables["changes"] >= 5
    assert went_on == [True, True], "nobody wrote while it was made"
    engine.dispose()


# -- a store that is there --------------------------------------------------------------------------------------------


def test_a_store_that_is_not_empty_is_refused_and_stays(made: Path, tmp_path: Path) -> None:
    there = Home(tmp_path / "there", 2)
    before, kept = contents(there.engine, but=frozenset()), files(there.kept)
    with pytest.raises(UsageError, match="--replace"):
        take(made, there.engine, there.kept)
    assert contents(there.engine, but=frozenset()) == before
    assert files(there.kept) == kept
    there.engine.dispose()


def test_replace_takes_the_place_of_all(home: Home, made: Path, tmp_path: Path) -> None:
    there = Home(tmp_path / "there", 5)
    with writing(there.engine) as connection:
        connection.execute(update(builds).values(backend="embedded"))
    only_there = put_upload(there.kept, b"of nobody")
    restored = take(made, there.engine, there.kept, replace=True)
    assert restored.replaced
    assert contents(there.engine) == contents(home.engine)
    expected = files(home.kept)
    assert {name for name in files(there.kept) if only_there not in name} == set(expected)
    assert (there.kept / only_there[:2] / only_there).exists(), "the store never named it: it may be an import's"
    with reading(there.engine) as connection:
        left = connection.execute(select(builds.c.name, builds.c.settings)).all()
    assert len(left) == 5, "these builds are still in the backend, and are removed one day"
    assert {row.settings for row in left} == {"-"}, "no delta may go on with them"
    there.engine.dispose()


def test_a_restore_that_fails_leaves_the_store_that_was_there(made: Path, tmp_path: Path) -> None:
    there = Home(tmp_path / "there", 5)
    before, kept = contents(there.engine, but=frozenset()), files(there.kept)

    def fail(step: str, _number: int) -> None:
        if step == "translations":
            raise KeyboardInterrupt

    from catalog.backups import restore_backup
    from tests.fakes.backups import NO_BUILDS

    with pytest.raises(KeyboardInterrupt):
        restore_backup(check_backup(made), made, there.engine, there.kept, NO_BUILDS, fail, replace=True)
    assert contents(there.engine, but=frozenset()) == before
    assert files(there.kept) == kept
    assert not list(there.folder.glob(".restoring*"))
    there.engine.dispose()


# -- damage -----------------------------------------------------------------------------------------------------------


def places(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(mine: Path, number: int, damage: str) -> None:
    path = places(mine)[number]
    content = bytearray(path.read_bytes())
    if damage == "gone":
        path.unlink()
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content if damage == "flipped" else content[:-1])
    with pytest.raises(UnreadableFileError, match=path.name[:12]):
        check_backup(mine)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"{}", b'{"format": 1, "lexicart": "0.1.0"}', b"\xff\xfe", b'{"format": "x"}'],
)
def test_a_damaged_manifest_is_refused(mine: Path, content: bytes) -> None:
    (mine / "manifest.json").write_bytes(content)
    with pytest.raises(UnreadableFileError, match=r"manifest\.json"):
        check_backup(mine)


@pytest.mark.parametrize(
    "place",
    [
        *("../outside", "/etc/passwd", "uploads/../../outside", "uploads/ab/x", "indexes/../x", "indexes/b/..", "else"),
        f"uploads/ab/{'c' * 64}/d",
    ],
)
def test_a_manifest_leads_nowhere_else(mine: Path, place: str) -> None:
    known = json.loads((mine / "manifest.json").read_text())["files"]
    rewrite(mine, files=known | {place: {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}})
    with pytest.raises(UnreadableFileError, match="damaged"):
        read_manifest(mine)


def test_an_upload_under_another_name_is_refused(home: Home, mine: Path) -> None:
    known = json.loads((mine / "manifest.json").read_text())["files"]
    (old,) = [place for place in known if place.endswith(home.digests[1])]
    new = f"uploads/ab/ab{'0' * 62}"
    (mine / "uploads" / "ab").mkdir(exist_ok=True)
    (mine / old).rename(mine / new)
    rewrite(mine, files={new if place == old else place: file for place, file in known.items()})
    with pytest.raises(UnreadableFileError, match="not the upload"):
        check_backup(mine)


def test_a_folder_without_a_backup_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"no manifest\.json"):
        check_backup(tmp_path)


# -- versions ---------------------------------------------------------------------------------------------------------


def age(folder: Path, revision: str) -> None:
    """Let a backup be one that an older version made."""
    engine = connect(f"sqlite:///{folder / 'store.db'}")
    migrate(engine, down_to=revision)
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    for name in ("store.db-wal", "store.db-shm"):
        (folder / name).unlink(missing_ok=True)
    content = (folder / "store.db").read_bytes()
    known = json.loads((folder / "manifest.json").read_text())["files"]
    known["store.db"] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    rewrite(folder, schema=revision, files=known)


@pytest.mark.parametrize("revision", ["0001", "0005"])
def test_a_backup_of_an_older_version_is_brought_up(
    home: Home, mine: Path, empty: Engine, tmp_path: Path, revision: str
) -> None:
    age(mine, revision)
    before = files(mine)
    take(mine, empty, tmp_path / "empty" / "uploads")
    assert schema_version(empty) == SCHEMA_VERSION
    old, new = contents(home.engine), contents(empty)
    for table in ("products", "texts", "translations", "corrections", "changes", "memory"):
        assert len(new[table]) == len(old[table])
    assert new["products"] == old["products"]
    assert files(mine) == before, "a restore changes nothing of the backup"


def test_a_backup_of_a_newer_version_is_refused(mine: Path) -> None:
    rewrite(mine, schema="9999", lexicart="7.0")
    with pytest.raises(SchemaOutdatedError, match=r"Lexicart 7\.0 with schema 9999"):
        check_backup(mine)
    rewrite(mine, format=2)
    with pytest.raises(SchemaOutdatedError, match="format 2"):
        check_backup(mine)


def test_moments_keep_their_zone(made: Path) -> None:
    assert read_manifest(made).made_at.utcoffset() == MOMENT.utcoffset()
