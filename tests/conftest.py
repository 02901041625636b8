"""Fixtures that every test may use, and the rule for tests whose means are absent.

A test that needs something which this machine may lack asks for it by fixture and skips by name. Where
``LEXICART_TEST_REQUIRE`` lists that name (``shared,postgres,elasticsearch,browser``) the skip is a failure.
"""

import os
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

# How long one example takes says how busy the machine is, and nothing about the code.
settings.register_profile(
    "lexicart",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=100 if "LEXICART_TEST_EXAMPLES" in os.environ else 30,
)
settings.load_profile("lexicart")

LONG = (
    *("search_quality", "kill", "cli", "hostile_files", "nightly", "two_thousand_titles", "seq2seq", "batched_engine"),
    *("export_command", "readers", "embedded", "facts", "terms_command", "sample_facts", "starter_terms"),
)
"""Files of tests that take longest; they begin first, so that no process works on one alone at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest (with pytest-xdist's ``--no-loadscope-reorder``)."""
    place = {f"test_{name}.py": number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.name, len(place)))


ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
SHARED_DATA = ROOT.parent / "shared" / "data"


def absent(name: str, reason: str) -> NoReturn:
    """Skip the running test because ``name`` is not here, or fail it where ``name`` is required."""
    required = os.environ.get("LEXICART_TEST_REQUIRE", "").split(",")
    message = f"needs {name}: {reason}"
    if name in [part.strip() for part in required]:
        pytest.fail(f"{message} (required by LEXICART_TEST_REQUIRE)")
    pytest.skip(message)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real catalogs that is kept beside the project and not in it."""
    if not SHARED_DATA.is_dir():
        absent("shared", "no ../shared/data beside the project")
    return SHARED_DATA


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
