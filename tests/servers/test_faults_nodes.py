"""Nodes of a cluster of three are killed, and its disks fill: a small storm of ``tests/cluster_kills.py``."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.errors import UnavailableError
from tests.cluster_kills import Storm
from tests.conftest import absent, may_start
from tests.servers.elasticsearch.cluster import Cluster
from tests.servers.elasticsearch.distribution import missing
from tests.servers.elasticsearch.maven import NotFetchedError, cache_folder
from tests.servers.faults.contents import differences
from tests.servers.faults.searching import Searchers
from tests.servers.faults.shop import stock

PRODUCTS = 60
_FOLDERS = "three-"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    if lacking := missing():
        absent("elasticsearch", lacking)
    if not may_start("elasticsearch"):
        absent("elasticsearch", "LEXICART_TEST_START=elasticsearch starts three nodes")
    for folder in cache_folder().glob(f"{_FOLDERS}*[0-9]"):
        if folder.is_dir() and not Path("/proc", folder.name.removeprefix(_FOLDERS)).exists():
            Cluster(folder, 3).stop()
    made = Cluster(cache_folder() / f"{_FOLDERS}{os.getpid()}", 3)
    try:
        made.start()
        yield made
    except NotFetchedError as exc:
        absent("elasticsearch", str(exc))
    finally:
        made.stop()


@pytest.fixture(scope="module")
def storm(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    made = Storm(cluster, tmp_path_factory.mktemp("storm") / "home", PRODUCTS, "de,en,ja")
    made.begin()
    assert made.faults == []
    yield made
    made.close()


def test_a_node_dies_in_a_build_and_the_master_in_a_delta(storm: Storm) -> None:
    with Searchers(storm.buyers, PRODUCTS, threads=2) as searchers:
        searchers.wait_for(20)
        storm.write_and_kill("data", searchers, full=True)
        storm.write_and_kill("master", searchers, full=False)
        searchers.wait_for(20)
    assert searchers.failed == []
    assert storm.faults == []
    assert [role for _, role in storm.killer.killed] == ["data", "master"]


def test_full_disks_end_a_job_with_their_name_and_the_next_one_goes_on(storm: Storm) -> None:
    stock(storm.builder, PRODUCTS, edition=7)
    with storm.disks_full(), pytest.raises(UnavailableError, match="full disk") as failed:
        storm.builder.builder().update()
    assert any(url in str(failed.value) for url in storm.urls)
    assert storm.builder.builder().update().reasons == []
    assert differences(storm.builder) == []
