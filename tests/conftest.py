"""Fixtures that every test may use, and the rule for tests whose means are absent.

A test that needs something which this machine may lack asks for it by fixture and skips by name. Where
``LEXICART_TEST_REQUIRE`` lists that name (``shared,postgres,elasticsearch,browser``) the skip is a failure.

PostgreSQL is used where ``LEXICART_TEST_POSTGRES_URL`` names a server on which databases may be made, and started where
``LEXICART_TEST_START`` or ``LEXICART_TEST_REQUIRE`` names it.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from tests.servers.elasticsearch import running as elasticsearch
from tests.servers.postgres import Postgres, new_folder, program
from tests.servers.stores import Server, stores_on

# How long one example takes says how busy the machine is, and nothing about the code.
settings.register_profile(
    "lexicart",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=100 if "LEXICART_TEST_EXAMPLES" in os.environ else 15,
)
settings.load_profile("lexicart")

LONG = (
    *("agreement", "nightly_kills", "elasticsearch", "job_kills", "kill", "worker_kills"),
    *("worker", "builds", "batched_engine", "sharing", "nightly", "embedded", "cli", "hostile_files", "readers"),
    *("build", "backup_command", "fuzzed_documents", "two_thousand_titles", "starter_terms", "leases"),
    *("export_command", "seq2seq", "importing_shared", "facts", "service"),
)
"""Files of tests that take longest; they begin first, so that no process works on one alone at the end.

The first makes the samples' index, for which others would wait.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest (with pytest-xdist's ``--no-loadscope-reorder``)."""
    place = {f"test_{name}.py": number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


STORM = pytest.mark.skipif(
    "LEXICART_TEST_KILLS" not in os.environ,
    reason="needs LEXICART_TEST_KILLS, how many commands each storm kills: `make test-all` says three",
)
"""Tests that kill one command after another at random instants: a minute and a half of processor time."""

_POSTGRES_FOLDER = "LEXICART_TEST_POSTGRES_FOLDER"


def pytest_configure(config: pytest.Config) -> None:
    """Say where the servers lie that all processes of this run share."""
    if not hasattr(config, "workerinput"):
        os.environ[_POSTGRES_FOLDER] = str(new_folder())
        elasticsearch.begin()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers, when all others have ended."""
    if not hasattr(config, "workerinput") and _POSTGRES_FOLDER in os.environ:
        Postgres(Path(os.environ.pop(_POSTGRES_FOLDER))).stop()
        elasticsearch.end()


ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
SHARED_DATA = ROOT.parent / "shared" / "data"


def is_required(name: str) -> bool:
    """Say whether ``name`` has to be here."""
    required = os.environ.get("LEXICART_TEST_REQUIRE", "").split(",")
    return name in [part.strip() for part in required]


def may_start(name: str) -> bool:
    """Say whether a server of this name may be started for the tests: ``make test-all`` lets them be."""
    started = os.environ.get("LEXICART_TEST_START", "").split(",")
    return is_required(name) or name in [part.strip() for part in started]


def absent(name: str, reason: str) -> NoReturn:
    """Skip the running test because ``name`` is not here, or fail it where ``name`` is required."""
    message = f"needs {name}: {reason}"
    if is_required(name):
        pytest.fail(f"{message} (required by LEXICART_TEST_REQUIRE)")
    pytest.skip(message)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real catalogs that is kept beside the project and not in it."""
    if not SHARED_DATA.is_dir():
        absent("shared", "no ../shared/data beside the project")
    return SHARED_DATA


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """URL of a PostgreSQL server on which databases may be made."""
    given = os.environ.get("LEXICART_TEST_POSTGRES_URL")
    if given:
        return given
    if program("initdb") is None or program("pg_ctl") is None:
        absent("postgres", "no initdb and pg_ctl on this machine, and LEXICART_TEST_POSTGRES_URL names no server")
    if not may_start("postgres"):
        absent("postgres", "LEXICART_TEST_START=postgres starts it, LEXICART_TEST_POSTGRES_URL names one")
    server = Postgres(Path(os.environ[_POSTGRES_FOLDER]))
    server.start()
    return server.url


@pytest.fixture(scope="session")
def elasticsearch_url() -> str:
    """Addresses of the nodes of an Elasticsearch cluster, separated by commas."""
    return elasticsearch.url(may_start, absent)


@pytest.fixture
def postgres(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which this test makes databases."""
    server = Server(postgres_url, _common(tmp_path_factory) / "postgres.lock")
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Every store of the test is on this database, and the test runs on each; its name."""
    yield from _database(request, tmp_path_factory)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def module_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """As ``database``, for stores that all tests of a file share."""
    yield from _database(request, tmp_path_factory)


def _database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = None
    if request.param == "postgresql":
        server = Server(request.getfixturevalue("postgres_url"), _common(tmp_path_factory) / "postgres.lock")
    with stores_on(server):
        yield request.param


def _common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all processes of this run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A HOME folder with the sample catalogs imported, translated and indexed; tests change nothing in it.

    Made once for all processes that run tests: it takes 20 seconds.
    """
    base = tmp_path_factory.getbasetemp()
    folder = base if worker_id == "master" else base.parent
    home, done = folder / "samples", folder / "samples.done"
    with FileLock(folder / "samples.lock"):
        if not done.exists():
            _make_sample_home(home)
            done.touch()
    return home


def _make_sample_home(home: Path) -> None:
    from api.bootstrap import Parts
    from api.demo import sample_files
    from api.intake import import_file
    from api.settings import load
    from api.translating import translate_pending
    from translation.batch import BatchOptions

    parts = Parts(load(home=home))
    for path, options in sample_files(SAMPLES):
        import_file(parts, path, options)
    translate_pending(parts, BatchOptions(parts.settings.langs))
    report = parts.builder().update()
    assert report.promoted, report.reasons
    parts.database.dispose()
