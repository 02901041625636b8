"""The cluster that a run of the tests uses: one that is there already, or one started for it and stopped at its end."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from tests.servers.elasticsearch.cluster import Cluster
from tests.servers.elasticsearch.distribution import missing
from tests.servers.elasticsearch.maven import NotFetchedError, cache_folder

STANDING = "cluster"
"""Name of the folder of the cluster that ``make cluster-start`` starts."""

_FOLDER = "LEXICART_TEST_ELASTICSEARCH_FOLDER"
_URL = "LEXICART_TEST_ELASTICSEARCH_URL"
_OF_A_RUN = "test-"


def begin() -> None:
    """Say where the cluster lies that all processes of this run share; end those of runs that were killed."""
    os.environ[_FOLDER] = str(cache_folder() / f"{_OF_A_RUN}{os.getpid()}")
    for folder in cache_folder().glob(f"{_OF_A_RUN}*[0-9]"):
        if folder.is_dir() and not Path("/proc", folder.name.removeprefix(_OF_A_RUN)).exists():
            Cluster(folder).stop()


def end() -> None:
    """Stop the cluster of this run, if there is one."""
    Cluster(Path(os.environ.pop(_FOLDER))).stop()


def url(may_start: Callable[[str], bool], absent: Callable[[str, str], NoReturn]) -> str:
    """Return the addresses of a cluster, separated by commas.

    Args:
        may_start: whether a server may be started for the tests.
        absent: ends the test because a thing is not.
    """
    given = os.environ.get(_URL) or ",".join(Cluster(cache_folder() / STANDING).urls)
    if given:
        return given
    if lacking := missing():
        absent("elasticsearch", lacking)
    if not may_start("elasticsearch"):
        absent("elasticsearch", f"LEXICART_TEST_START=elasticsearch or make cluster-start starts it, {_URL} names one")
    try:
        return ",".join(Cluster(Path(os.environ[_FOLDER])).start())
    except NotFetchedError as exc:
        absent("elasticsearch", str(exc))
