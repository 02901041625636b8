"""Hostile documents and queries on a real Elasticsearch; the cluster is as well afterwards as before."""

import secrets
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import load
from indexes.elasticsearch.client import Connection, Place
from indexes.elasticsearch.index import ElasticsearchIndex
from tests.contract.fuzzed_documents import FuzzedDocumentsContract, FuzzedSearchContract
from tests.fakes.lamp import sell_a_lamp
from tests.servers.stores import store_url


@pytest.fixture(scope="module")
def connection(elasticsearch_url: str) -> Iterator[Connection]:
    made = Connection(Place(tuple(elasticsearch_url.split(","))))
    yield made
    assert made.reads.cluster.health()["status"] != "red"
    made.close()


def clear(connection: Connection, prefix: str) -> None:
    if found := connection.admin.indices.get(index=f"{prefix}-*"):
        connection.admin.indices.delete(index=list(found))


@pytest.fixture
def index(connection: Connection) -> Iterator[ElasticsearchIndex]:
    prefix = f"fuzz{secrets.token_hex(4)}"
    yield ElasticsearchIndex(connection, prefix)
    clear(connection, prefix)


@pytest.fixture(scope="module")
def client(
    module_database: str, elasticsearch_url: str, connection: Connection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    assert module_database
    home, prefix = tmp_path_factory.mktemp("fuzzed"), f"fuzz{secrets.token_hex(4)}"
    settings = load(
        home=home,
        langs="en,ja",
        engines="echo",
        database_url=store_url(home),
        index="elasticsearch",
        elasticsearch_url=elasticsearch_url,
        elasticsearch_prefix=prefix,
    )
    sell_a_lamp(settings)
    with TestClient(create_app(settings), raise_server_exceptions=False) as made:
        yield made
    clear(connection, prefix)


class TestFuzzedDocuments(FuzzedDocumentsContract):
    """All clauses of the contract."""


class TestFuzzedSearch(FuzzedSearchContract):
    """All clauses of the contract."""
