"""The HTTP API: the contract's JSON, problem documents for every error, readiness that tells the truth."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Parts
from api.intake import import_file
from api.settings import Settings, load
from api.translating import translate_pending
from catalog.options import ImportOptions
from translation.batch import BatchOptions

CATALOG = """sku;name;brand;price;ean
S-1;Edelstahlschraube M8x40 verzinkt;Fixorit;3,10 EUR;4006381333931
A/B 2;Hammer mit Holzstiel 300 g;Nordwerk;12,90 EUR;
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("http")
    settings = load(home=folder / "home", engines="echo", langs="de,en,fr")
    parts = Parts(settings)
    (folder / "catalog.csv").write_text(CATALOG, encoding="utf-8")
    import_file(parts, folder / "catalog.csv", ImportOptions(supplier="keller", filename="catalog.csv", lang="de"))
    translate_pending(parts, BatchOptions(settings.langs))
    assert parts.builder().update().promoted
    return settings


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create_app(load(home=tmp_path)), raise_server_exceptions=False) as client:
        yield client


def problem(response: object, status: int) -> str:
    assert response.status_code == status, response.text  # type: ignore[attr-defined]
    assert response.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    body = response.json()  # type: ignore[attr-defined]
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["status"] == status
    return str(body["detail"])


def test_search_answers_in_the_shape_of_the_command_line(client: TestClient) -> None:
    page = client.get("/v1/search", params={"q": "Hammer", "lang": "de", "facets": "true"}).json()
    hit = page["hits"][0]
    assert (hit["id"], hit["rank"], hit["title_state"], hit["currency"]) == ("keller/A/B 2", 1, "source", "EUR")
    assert [facet["name"] for facet in page["facets"]] == ["category", "brand", "supplier", "country", "currency"]


def test_filters_and_sort(client: TestClient) -> None:
    params = {"q": "", "lang": "de", "filter": ["brand:nordwerk", "price:10..20", "currency:EUR"], "sort": "price"}
    assert [hit["sku"] for hit in client.get("/v1/search", params=params).json()["hits"]] == ["A/B 2"]


@pytest.mark.parametrize(
    "params",
    [
        {"q": "x"},
        {"q": "x", "lang": "vi"},
        {"q": "x", "lang": "de", "filter": "colour:red"},
        {"q": "x", "lang": "de", "filter": "brand"},
        {"q": "x", "lang": "de", "sort": "price"},
        {"q": "x", "lang": "de", "sort": "best"},
        {"q": "x", "lang": "de", "limit": "many"},
        {"q": "x", "lang": "de", "limit": "1000"},
        {"q": "x" * 600, "lang": "de"},
    ],
)
def test_wrong_parameters_are_422(client: TestClient, params: dict[str, str]) -> None:
    assert problem(client.get("/v1/search", params=params), 422)


def test_a_product_with_a_slash_in_its_sku(client: TestClient) -> None:
    for path in ("/v1/products/keller/A%2FB%202", "/v1/products/keller/A/B%202"):
        body = client.get(path, params={"lang": "fr"}).json()
        assert (body["id"], body["source_lang"], body["lang"]) == ("keller/A/B 2", "de", "fr")
        title = next(text for text in body["texts"] if text["field"] == "title")
        assert (title["state"], title["source"]) == ("machine", "Hammer mit Holzstiel 300 g")


def test_an_unknown_product_is_404(client: TestClient) -> None:
    assert "keller/none" in problem(client.get("/v1/products/keller/none", params={"lang": "de"}), 404)


def test_an_unknown_path_and_method_are_problems_too(client: TestClient) -> None:
    problem(client.get("/v1/nothing"), 404)
    answer = client.post("/v1/search")
    problem(answer, 405)
    assert answer.headers["allow"] == "GET"


def test_suggestions(client: TestClient) -> None:
    found = client.get("/v1/suggest", params={"q": "hamm", "lang": "de"}).json()["suggestions"]
    assert found[0] == {"text": "Hammer mit Holzstiel 300 g", "kind": "product"}


def test_languages_and_status(client: TestClient) -> None:
    rows = client.get("/v1/languages").json()["languages"]
    assert [row["code"] for row in rows] == ["de", "en", "fr"]
    status = client.get("/v1/status").json()
    assert status["products"] == {"keller": 2}
    assert status["texts"]["de"]["source"] > 0
    assert (status["queue"], status["index_error"]) == (0, None)


def test_health(client: TestClient) -> None:
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").json()["live"] is not None


def test_an_empty_installation_is_ready_and_its_search_is_503(empty: TestClient) -> None:
    assert empty.get("/readyz").status_code == 200
    assert "lexicart index" in problem(empty.get("/v1/search", params={"q": "x", "lang": "de"}), 503)


def test_a_broken_index_is_503(settings: Settings, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(settings.home_folder, tmp_path / "home")
    for path in (tmp_path / "home" / "indexes").rglob("*"):
        if path.is_file() and path.suffix in (".term", ".idx", ".store", ".db", ".json"):
            path.write_bytes(b"")
    broken = load(home=tmp_path / "home", engines="echo", langs="de,en,fr")
    with TestClient(create_app(broken), raise_server_exceptions=False) as client:
        problem(client.get("/v1/search", params={"q": "x", "lang": "de"}), 503)
        problem(client.get("/readyz"), 503)


def test_the_status_of_an_installation_whose_cluster_is_away_has_all_the_rest(settings: Settings) -> None:
    away = load(
        home=settings.home_folder, engines="echo", langs="de,en,fr", index="elasticsearch",
        elasticsearch_url="http://127.0.0.1:9",
    )  # fmt: skip
    with TestClient(create_app(away), raise_server_exceptions=False) as client:
        problem(client.get("/readyz"), 503)
        answer = client.get("/v1/status")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["products"], body["live"]) == ({"keller": 2}, None)
    assert "can't be reached" in body["index_error"]


def test_openapi_describes_every_route(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/v1/search",
        "/v1/suggest",
        "/v1/products/{supplier}/{sku}",
        "/v1/languages",
        "/v1/status",
        "/livez",
        "/readyz",
        "/metrics",
    }
    for path in ("/v1/status", "/readyz", "/livez"):
        schema = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert schema["$ref"].startswith("#/components/schemas/")
    assert client.get("/docs").status_code == 200


def test_a_running_server_follows_a_promotion(client: TestClient, settings: Settings) -> None:
    before = client.get("/readyz").json()["live"]
    Parts(settings).builder().update(full=True)
    assert client.get("/readyz").json()["live"] != before
    assert client.get("/v1/search", params={"q": "Hammer", "lang": "de"}).json()["hits"]
