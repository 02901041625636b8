"""A cluster with TLS and API keys, through Lexicart's own settings: what a key needs, and what each failure says."""

import base64
import json
import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from api.cli import main
from catalog.errors import UnavailableError
from catalog.languages import CODES
from indexes.elasticsearch.analyzers import Analyzers
from indexes.elasticsearch.client import Connection, Place
from indexes.elasticsearch.index import ElasticsearchIndex
from indexes.model import CodeLeg, Filters
from tests.conftest import absent, may_start
from tests.contract.search_index import SHOP_DOCUMENTS, SHOP_PRODUCTS, ids
from tests.servers.elasticsearch.distribution import missing
from tests.servers.elasticsearch.maven import NotFetchedError, cache_folder
from tests.servers.elasticsearch.secure import SecureNode

DEPLOY = Path(__file__).parents[2] / "docs" / "deploy.md"

CATALOG = "sku,title,price,currency\nS-1,Steel screw M8,1.20,EUR\nH-1,Hammer,9.90,EUR\n"


def documented_role(prefix: str) -> dict[str, Any]:
    """Return the role of docs/deploy.md, for a prefix."""
    text = DEPLOY.read_text(encoding="utf-8").partition("```json")[2].partition("```")[0]
    role: dict[str, Any] = json.loads(text.replace("PREFIX", prefix))
    return role


@pytest.fixture(scope="module")
def node() -> Iterator[SecureNode]:
    if lacking := missing():
        absent("elasticsearch", lacking)
    if shutil.which("openssl") is None:
        absent("elasticsearch", "no openssl on this machine to make certificates")
    if not may_start("elasticsearch"):
        absent("elasticsearch", "LEXICART_TEST_START=elasticsearch starts one with security")
    # Not among pytest's folders, which the server's user can't enter.
    made = SecureNode(cache_folder() / f"secure-{os.getpid()}")
    try:
        made.start()
        yield made
    except NotFetchedError as exc:
        absent("elasticsearch", str(exc))
    finally:
        made.stop()


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Shop:
    """An installation on the secure node, used by its command line."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    node: SecureNode
    prefix: str
    home: Path

    def run(self, *words: str, **settings: str) -> Done:
        common = {
            "HOME": str(self.home),
            "INDEX": "elasticsearch",
            "ELASTICSEARCH_URL": self.node.url,
            "ELASTICSEARCH_CERTIFICATES": str(self.node.authority.certificates),
            "ELASTICSEARCH_PREFIX": self.prefix,
            "ENGINES": "echo",
            "LANGS": "de,en",
        }
        with self.monkeypatch.context() as patch:
            for name, value in {**common, **settings}.items():
                patch.setenv(f"LEXICART_{name}", value)
            with pytest.raises(SystemExit) as stopped:
                main(words)
        printed = self.capsys.readouterr()
        return Done(int(stopped.value.code or 0), printed.out, printed.err)


@pytest.fixture
def shop(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], node: SecureNode, tmp_path: Path
) -> Iterator[Shop]:
    prefix = f"test{secrets.token_hex(4)}"
    yield Shop(monkeypatch, capsys, node, prefix, tmp_path / "home")
    found = node.ask("GET", f"/{prefix}-*")
    if found:
        node.ask("DELETE", f"/{','.join(found)}")


def refused(done: Done, status: int = 4) -> str:
    """Return what a command said that could not do its work: a line or two, and no traceback."""
    assert (done.status, done.out) == (status, ""), done
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) <= 2, done.err
    return done.err


# -- privileges -------------------------------------------------------------------------------------------------------


def test_the_documented_role_does_for_everything(shop: Shop) -> None:
    key = {"ELASTICSEARCH_API_KEY": shop.node.key(documented_role(shop.prefix))}
    (catalog := shop.home.parent / "catalog.csv").write_text(CATALOG, encoding="utf-8")
    for words in (
        ("cluster", "check"),
        ("import", str(catalog), "--supplier", "acme", "--lang", "en"),
        ("translate",),
        ("index",),
        ("withdraw", "acme/H-1"),
        ("index",),
        ("index", "--full"),
        ("rollback",),
        ("builds",),
        ("status",),
    ):
        done = shop.run(*words, **key)
        assert done.status == 0, (words, done)
    done = shop.run("search", "screw", "--lang", "en", "--facets", "--json", **key)
    assert [hit["sku"] for hit in json.loads(done.out)["hits"]] == ["S-1"]


def _without(role: Mapping[str, Any], part: str, privilege: str) -> dict[str, Any]:
    kept = json.loads(json.dumps(role))
    place = kept if part == "cluster" else kept["indices"][0]
    name = "cluster" if part == "cluster" else "privileges"
    place[name].remove(privilege)
    return dict(kept)


def _do_everything(place: Place, prefix: str) -> None:
    with ElasticsearchIndex(Connection(place, pause=lambda _seconds: None), prefix) as index:
        connection = index._connection
        connection.version()
        assert not [one for one in Analyzers().check(connection, CODES) if one.problem]
        for build, before in (("b1", None), ("b2", "b1")):
            index.create(build, ["de", "en"])
            assert not index.write(build, SHOP_DOCUMENTS, SHOP_PRODUCTS).rejected
            index.commit(build)
            index.promote(build, before)
        index.delete("b2", ["west/4"])
        index.commit("b2")
        index.drop("b1")
        assert ids(index.legs([CodeLeg(("GSR18",), 5)], Filters())[0]) == ["north/1"]
        assert index.facets(["attributes.colour"], None, Filters())["attributes.colour"]
        index.documents("de", ["north/1"])


@pytest.mark.parametrize(
    ("part", "privilege"),
    [
        ("cluster", "monitor"),
        ("cluster", "cluster:admin/analyze"),
        ("index", "manage"),
        ("index", "read"),
        ("index", "write"),
    ],
)
def test_each_privilege_of_the_role_is_needed_and_named_when_it_lacks(shop: Shop, part: str, privilege: str) -> None:
    key = shop.node.key(_without(documented_role(shop.prefix), part, privilege))
    # Elasticsearch lists the privileges that would do, or names the action itself.
    with pytest.raises(UnavailableError, match=rf"\(403\).*\[([^]]*,)?{re.escape(privilege)}[],]") as raised:
        _do_everything(Place((shop.node.url,), key, str(shop.node.authority.certificates)), shop.prefix)
    assert key not in str(raised.value)


def test_the_role_does_for_all_that_an_index_does(shop: Shop) -> None:
    key = shop.node.key(documented_role(shop.prefix))
    _do_everything(Place((shop.node.url,), key, str(shop.node.authority.certificates)), shop.prefix)


def test_the_role_names_no_other_privilege(shop: Shop) -> None:
    role = documented_role(shop.prefix)
    assert (role["cluster"], sorted(role["indices"][0]["privileges"])) == (
        ["monitor", "cluster:admin/analyze"],
        ["manage", "read", "write"],
    )
    assert role["indices"][0]["names"] == [f"{shop.prefix}-*"]


def test_another_installations_indexes_are_out_of_reach(shop: Shop) -> None:
    key = shop.node.key(documented_role(shop.prefix))
    place = Place((shop.node.url,), key, str(shop.node.authority.certificates))
    with (
        ElasticsearchIndex(Connection(place), f"other{shop.prefix}") as index,
        pytest.raises(UnavailableError, match=r"403.*LEXICART_ELASTICSEARCH_API_KEY"),
    ):
        index.create("b1", ["de"])


# -- keys -------------------------------------------------------------------------------------------------------------


def test_a_wrong_key_is_named_and_not_shown(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    wrong = base64.b64encode(f"{secrets.token_hex(8)}:{secrets.token_hex(8)}".encode()).decode("ascii")
    with caplog.at_level(logging.DEBUG):
        for words in (("cluster", "check"), ("search", "x", "--lang", "en")):
            done = shop.run(*words, ELASTICSEARCH_API_KEY=wrong, LOG_LEVEL="DEBUG")
            assert "401" in done.err
            assert "LEXICART_ELASTICSEARCH_API_KEY" in refused(done)
            assert wrong not in done.err
    assert wrong not in caplog.text


def test_no_key_is_an_error_that_names_the_setting(shop: Shop) -> None:
    assert "LEXICART_ELASTICSEARCH_API_KEY" in refused(shop.run("cluster", "check"))


@pytest.mark.parametrize("key", ["two words", "ключ", "a\nheader: b"])
def test_what_can_be_no_key_is_a_wrong_setting(shop: Shop, key: str) -> None:
    said = refused(shop.run("cluster", "check", ELASTICSEARCH_API_KEY=key), 2)
    assert "LEXICART_ELASTICSEARCH_API_KEY" in said
    assert key not in said


def test_a_name_and_password_in_the_address_do_and_are_not_shown(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    given = shop.node.url.replace("//", f"//admin:{shop.node.password}@")
    shown = []
    with caplog.at_level(logging.DEBUG):
        for words in (("cluster", "check"), ("settings",), ("settings", "--json"), ("status",)):
            done = shop.run(*words, ELASTICSEARCH_URL=given, LOG_LEVEL="DEBUG")
            assert done.status == 0, done
            shown += [done.out, done.err]
    assert shop.node.password not in "".join(shown) + caplog.text
    wrong = refused(shop.run("cluster", "check", ELASTICSEARCH_URL=given.replace(shop.node.password, "Wr0ng-one")))
    assert "401" in wrong
    assert "Wr0ng-one" not in wrong


def test_the_cluster_is_told_who_asks(shop: Shop) -> None:
    done = shop.run("cluster", "check", ELASTICSEARCH_API_KEY=shop.node.key(documented_role(shop.prefix)))
    assert done.status == 0, done
    place = Place((shop.node.url,), shop.node.key(None), str(shop.node.authority.certificates))
    connection = Connection(place)
    clients = connection.reads.nodes.stats(metric="http")["nodes"].values()
    agents = {one.get("agent") for stats in clients for one in stats["http"]["clients"]}
    connection.close()
    assert f"lexicart/{version('lexicart')}" in agents


# -- certificates -----------------------------------------------------------------------------------------------------


def test_an_authority_that_is_not_ours_is_not_trusted(shop: Shop) -> None:
    said = refused(shop.run("cluster", "check", ELASTICSEARCH_CERTIFICATES=""))
    assert "certificate" in said
    assert "self-signed certificate" in said or "unable to get local issuer" in said


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_file_of_certificates_that_is_none_is_named(shop: Shop, tmp_path: Path, content: str | None) -> None:
    given = tmp_path / "given.pem"
    if content is not None:
        given.write_text(content, encoding="utf-8")
    said = refused(shop.run("cluster", "check", ELASTICSEARCH_CERTIFICATES=str(given)))
    assert "given.pem" in said
    assert "LEXICART_ELASTICSEARCH_CERTIFICATES" in said


def test_a_certificate_of_another_host_is_refused_and_both_hosts_are_named(shop: Shop) -> None:
    said = refused(shop.run("cluster", "check", ELASTICSEARCH_URL=shop.node.url.replace("localhost", "127.0.0.1")))
    assert "127.0.0.1" in said.partition("certificate")[2]
    assert "mismatch" in said or "not valid for" in said or "doesn't match" in said


def test_an_expired_certificate_is_refused_and_a_renewed_one_serves(shop: Shop) -> None:
    shop.node.show(*shop.node.authority.issue("old", days=-1))
    try:
        said = refused(shop.run("cluster", "check", ELASTICSEARCH_API_KEY=shop.node.key(None)))
        assert "certificate has expired" in said
    finally:
        shop.node.show(*shop.node.authority.issue("renewed"))
    assert shop.run("cluster", "check", ELASTICSEARCH_API_KEY=shop.node.key(None)).status == 0


def test_http_to_a_port_of_https_is_said(shop: Shop) -> None:
    given = shop.node.url.replace("https", "http")
    said = refused(shop.run("cluster", "check", ELASTICSEARCH_URL=given))
    assert "Give https://" in said
    said = refused(shop.run("cluster", "check", ELASTICSEARCH_URL=given, ELASTICSEARCH_CERTIFICATES=""))
    assert "can't be reached" in said or "is not what answers" in said
    assert "LEXICART_ELASTICSEARCH_URL" in said
