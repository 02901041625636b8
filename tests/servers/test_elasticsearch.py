"""The Elasticsearch backend on a real server: the contract, and what only a cluster can suffer."""

import random
import secrets
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from elasticsearch import Elasticsearch, NotFoundError

from api.cli import lexicart
from catalog.errors import BackendRefusesError, BrokenIndexError, NoLiveBuildError, UnavailableError, UsageError
from catalog.languages import CODES
from indexes.elasticsearch.analyzers import Analyzers
from indexes.elasticsearch.client import Connection, Place
from indexes.elasticsearch.index import ElasticsearchIndex
from indexes.elasticsearch.mappings import mappings_digest
from indexes.model import CodeLeg, ConceptLeg, Facts, Filters, TextLeg, VectorLeg
from indexes.readable import readable
from tests.contract.search_index import (
    SHOP_DOCUMENTS,
    SHOP_PRODUCTS,
    SearchIndexContract,
    direction,
    document,
    ids,
    product,
)

ALL = Filters()
TITLES = Path(__file__).parent.parent / "data" / "analysis.txt"


@pytest.fixture(scope="module")
def connection(elasticsearch_url: str) -> Iterator[Connection]:
    made = Connection(Place(tuple(elasticsearch_url.split(","))))
    yield made
    made.close()


def new_prefix() -> str:
    return f"test{secrets.token_hex(4)}"


def clear(connection: Connection, prefix: str) -> None:
    found = connection.admin.indices.get(index=f"{prefix}-*")
    if found:
        connection.admin.indices.delete(index=list(found))


@pytest.fixture
def prefix(connection: Connection) -> Iterator[str]:
    """A prefix that nobody else on the cluster has; what is under it is removed."""
    made = new_prefix()
    yield made
    clear(connection, made)


@pytest.fixture
def index(connection: Connection, prefix: str) -> ElasticsearchIndex:
    return ElasticsearchIndex(connection, prefix)


class TestElasticsearchIndex(SearchIndexContract):
    """All clauses of the contract."""

    KEPT_APART = frozenset({"viti", "boormachines"})
    # Lucene's Italian stemmer leaves words of up to five letters as they are, its Dutch one a plural after a vowel.


def fill(index: ElasticsearchIndex, build: str = "b1") -> None:
    index.create(build, ["de", "en"])
    assert not index.write(build, SHOP_DOCUMENTS, SHOP_PRODUCTS).rejected
    index.commit(build)


# -- analysis ---------------------------------------------------------------------------------------------------------


def titles() -> list[tuple[str, str, str, str]]:
    rows = []
    for line in TITLES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            lang, sign, rest = line.split(" ", 2)
            query, _, title = rest.partition(" | ")
            rows.append((lang, sign, query, title))
    return rows


@pytest.fixture(scope="module")
def titled(connection: Connection) -> Iterator[ElasticsearchIndex]:
    """All titles of the table, each in the index of its language."""
    made = new_prefix()
    index = ElasticsearchIndex(connection, made)
    index.create("b1", CODES)
    documents = [document(f"s/{at}", lang, title) for at, (lang, _, _, title) in enumerate(titles())]
    assert not index.write("b1", documents, []).rejected
    index.commit("b1")
    yield index
    clear(connection, made)


def test_there_are_about_twenty_titles_a_language() -> None:
    for lang in CODES:
        signs = [sign for one, sign, _, _ in titles() if one == lang]
        assert len(signs) >= 20
        assert signs.count("+") + signs.count("!") >= 10
        assert signs.count("-") + signs.count("?") >= 10
        assert signs.count("!") + signs.count("?") <= 4


@pytest.mark.parametrize("lang", CODES)
def test_what_must_meet_meets_and_the_rest_stays_apart(titled: ElasticsearchIndex, lang: str) -> None:
    wrong = []
    for at, (of, sign, query, title) in enumerate(titles()):
        if of == lang:
            tokens = tuple(token.text for token in titled.analyze(lang, query, "b1"))
            [answer] = titled.legs([TextLeg(lang, tokens, 100)], ALL, "b1")
            if (f"s/{at}" in ids(answer)) != (sign in "+?"):
                wrong.append(f"{sign} {query} | {title}: {tokens}")
    assert not wrong


def test_accents_that_a_buyer_leaves_out_are_no_hindrance(index: ElasticsearchIndex) -> None:
    index.create("b1", ["tr", "pl"])
    index.write("b1", [document("s/1", "tr", "Gözlük siyah"), document("s/2", "pl", "Łóżko drewniane")], [])
    index.commit("b1")
    for lang, query, found in (("tr", "gozluk", "s/1"), ("pl", "lozko", "s/2")):
        tokens = tuple(token.text for token in index.analyze(lang, query, "b1"))
        [answer] = index.legs([TextLeg(lang, tokens, 5)], ALL, "b1")
        assert ids(answer) == [found]
        assert answer.matches[0].in_title == tokens
        assert all(token.startswith("=") for token in tokens)


def test_a_product_that_is_called_by_a_function_word_is_found(index: ElasticsearchIndex) -> None:
    index.create("b1", ["en"])
    index.write("b1", [document("s/1", "en", "On"), document("s/2", "en", "Lamp")], [])
    index.commit("b1")
    tokens = tuple(token.text for token in index.analyze("en", "on", "b1"))
    [answer] = index.legs([TextLeg("en", tokens, 5)], ALL, "b1")
    assert ids(answer) == ["s/1"]


def test_several_shards_count_as_one(connection: Connection, prefix: str) -> None:
    names = [f"s/{at:02}" for at in range(30)]
    answers = []
    for shards in (1, 4):
        index = ElasticsearchIndex(connection, f"{prefix}-{shards}", shards=shards)
        index.create("b1", ["en"])
        documents = [document(name, "en", f"Lamp {at % 3}") for at, name in enumerate(names)]
        index.write("b1", documents, [product(name, direction((0, 1)), concepts=("lamp",)) for name in names])
        index.commit("b1")
        tokens = index.analyze("en", "lamps 2 absent", "b1")
        assert [token.documents for token in tokens] == [30, 10, 0]
        legs = [
            TextLeg("en", tuple(token.text for token in tokens), 7),
            ConceptLeg(("lamp",), 7),
            VectorLeg(direction((0, 1)), 7),
        ]
        answers.append([(ids(one), one.total, one.frequencies) for one in index.legs(legs, ALL, "b1")])
    assert answers[0] == answers[1]


def test_what_is_missing_is_named_with_its_remedy_and_nothing_is_indexed(connection: Connection, prefix: str) -> None:
    index = ElasticsearchIndex(connection, prefix, Analyzers({"pl": "absent", "zh": "hunspell:zh_CN"}))
    with pytest.raises(UnavailableError, match=r"absent \(pl\).*config/hunspell/zh_CN") as refused:
        index.create("b1", ["de", "pl", "zh"])
    assert refused.value.exit_status == 4
    assert not index.builds()


def test_a_named_substitute_is_used(connection: Connection, prefix: str) -> None:
    index = ElasticsearchIndex(connection, prefix, Analyzers({"zh": "cjk"}))
    index.create("b1", ["zh"])
    assert [token.text for token in index.analyze("zh", "不锈钢", "b1")] == ["不锈", "锈钢"]
    assert [token.text for token in index.analyze("zh", "不锈钢", "b1")] != _own_tokens(connection, "不锈钢")


def _own_tokens(connection: Connection, text: str) -> list[str]:
    return [token["token"] for token in connection.reads.indices.analyze(analyzer="smartcn", text=text)["tokens"]]


def test_the_digest_follows_analyzers_and_the_version(connection: Connection) -> None:
    own = mappings_digest(Analyzers(), connection.version())
    assert own == mappings_digest(Analyzers(), connection.version())
    assert own != mappings_digest(Analyzers({"zh": "cjk"}), connection.version())
    assert own != mappings_digest(Analyzers(), "9.6.0")


def test_the_command_tells_what_a_cluster_lacks(
    elasticsearch_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEXICART_HOME", str(tmp_path))
    monkeypatch.setenv("LEXICART_ELASTICSEARCH_URL", elasticsearch_url)
    done = CliRunner().invoke(lexicart, ["cluster", "check"])
    assert (done.exit_code, "kuromoji" in done.stdout) == (0, True)
    monkeypatch.setenv("LEXICART_ANALYSIS_SUBSTITUTES", "pl=absent")
    done = CliRunner().invoke(lexicart, ["cluster", "check", "--json"])
    assert done.exit_code == 4
    assert '"lang": "pl"' in done.stdout.partition('"missing"')[2]


# -- aliases ----------------------------------------------------------------------------------------------------------


def test_every_language_is_behind_its_alias(index: ElasticsearchIndex, connection: Connection, prefix: str) -> None:
    fill(index)
    index.promote("b1", None)
    aliases = connection.reads.indices.get_alias(index=f"{prefix}-*").body
    assert {name: list(found["aliases"]) for name, found in aliases.items()} == {
        f"{prefix}-{part}-b1": [f"{prefix}-{part}"] for part in ("de", "en", "products")
    }


def test_a_language_that_the_new_build_lacks_loses_its_alias(index: ElasticsearchIndex) -> None:
    fill(index)
    index.promote("b1", None)
    index.create("b2", ["en", "fr"])
    index.promote("b2", "b1")
    assert index.languages() == ["en", "fr"]
    index.promote("b1", "b2")
    assert index.languages() == ["de", "en"]


def test_of_two_promotions_the_stale_one_changes_nothing(
    connection: Connection, prefix: str, index: ElasticsearchIndex
) -> None:
    other = ElasticsearchIndex(connection, prefix)
    for build in ("b1", "b2", "b3"):
        fill(index, build)
    index.promote("b1", None)
    # The other one looked just before the first promoted: its swap names aliases that have moved.
    stale = other._directory.contents(fresh=True)
    index.promote("b2", "b1")
    actions = [*other._shelf._removals(stale), *other._shelf._additions(stale.builds["b3"], "b3")]
    with pytest.raises(NotFoundError, match="aliases_not_found"):
        connection.admin.indices.update_aliases(actions=actions)
    with pytest.raises(UnavailableError, match="b2"):
        other.promote("b3", "b1")
    assert index._directory.contents(fresh=True).pointed_at == {"b2"}


def test_aliases_that_were_moved_by_hand_are_told_and_mended(
    connection: Connection, prefix: str, index: ElasticsearchIndex
) -> None:
    fill(index, "b1")
    fill(index, "b2")
    index.promote("b1", None)
    connection.admin.indices.put_alias(index=f"{prefix}-de-b2", name=f"{prefix}-de")
    index._directory.forget()
    with pytest.raises(BrokenIndexError, match="b1, b2"):
        index.live()
    index.promote("b2", None)
    assert index.live() == "b2"


def test_a_promotion_elsewhere_is_followed(connection: Connection, prefix: str, index: ElasticsearchIndex) -> None:
    reader = ElasticsearchIndex(connection, prefix)
    fill(index, "b1")
    with pytest.raises(NoLiveBuildError):
        reader.documents("en", ["north/1"])
    index.promote("b1", None)
    fill(index, "b2")
    reader._directory.forget()
    assert reader.live() == "b1"
    index.promote("b2", "b1")
    index.drop("b1")
    # It still takes the first for live, which is gone already: no search fails by that.
    assert reader.documents("en", ["north/1"])["north/1"].title == "Cordless drill 18 V"
    assert reader.live() == "b2"


def test_prefixes_never_touch_each_other(connection: Connection) -> None:
    prefix = new_prefix()
    shop, test = ElasticsearchIndex(connection, prefix), ElasticsearchIndex(connection, f"{prefix}-test")
    try:
        fill(shop)
        fill(test)
        shop.promote("b1", None)
        test.promote("b1", None)
        test.delete("b1", ["north/1"])
        test.commit("b1")
        assert shop.counts("b1")["en"] == 4
        fill(test, "b2")
        assert (list(shop.builds()), list(test.builds())) == (["b1"], ["b1", "b2"])
        test.promote("b2", "b1")
        test.drop("b1")
        assert (shop.live(), list(shop.builds())) == ("b1", ["b1"])
        shop.create("b2", ["en"])
        shop.drop("b2")
        assert (test.live(), list(test.builds())) == ("b2", ["b2"])
        assert test.counts("b2")["en"] == 4
    finally:
        clear(connection, prefix)


@pytest.mark.parametrize("prefix", ["shop-de", "products", "a-products-b", "Shop", "shop_test", "-shop", "", "a" * 64])
def test_a_prefix_that_could_be_anothers_is_refused(prefix: str) -> None:
    with pytest.raises(UsageError, match="PREFIX"):
        ElasticsearchIndex(Connection(Place(("http://127.0.0.1:9",))), prefix)


# -- documents --------------------------------------------------------------------------------------------------------


def test_what_the_cluster_rejects_is_named_and_the_old_one_is_gone(index: ElasticsearchIndex) -> None:
    fill(index)
    late = Facts("north", created=2**70)
    report = index.write("b1", [replace(SHOP_DOCUMENTS[0], facts=late), SHOP_DOCUMENTS[1]], [])
    assert list(report.rejected) == ["north/1"]
    assert "created" in report.rejected["north/1"]
    assert report.accepted == 1
    index.commit("b1")
    assert index.counts("b1")["en"] == 3


class Overheard(Connection):
    """Notes the requests that write, so that they can arrive once more."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.place)
        self.requests: list[list[Any]] = []

    @property
    def bulk(self) -> Any:
        return Overhearing(super().bulk, self.requests)


class Overhearing:
    def __init__(self, client: Elasticsearch, requests: list[list[Any]]) -> None:
        self._client = client
        self._requests = requests

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def bulk(self, operations: list[Any]) -> Any:
        self._requests.append(operations)
        return self._client.bulk(operations=operations)


def test_a_request_that_was_held_up_undoes_nothing(connection: Connection, prefix: str) -> None:
    overheard = Overheard(connection)
    index = ElasticsearchIndex(overheard, prefix)
    index.create("b1", ["en"])
    lamps = [document(f"s/{at}", "en", "Lamp") for at in range(3)]
    index.write("b1", lamps, [product(one.id, direction((0, 1))) for one in lamps], 5)
    [held_up] = overheard.requests
    index.write("b1", [replace(lamps[0], title="Red lamp")], [], 7)
    index.delete("b1", ["s/1"], 7)
    answer = connection.bulk.bulk(operations=held_up)
    assert [item["index"]["status"] for item in answer["items"][:3]] == [409, 409, 200]
    index.commit("b1")
    assert dict(index.counts("b1")) == {"en": 2, "": 2}
    assert index.documents("en", ["s/0", "s/1"], "b1")["s/0"].title == "Red lamp"
    # As long as the cluster remembers what was deleted.
    settings = connection.admin.indices.get_settings(index=f"{prefix}-en-b1")[f"{prefix}-en-b1"]["settings"]
    assert settings["index"]["gc_deletes"] == "1h"
    overheard.close()


def test_a_store_that_was_set_back_is_told(index: ElasticsearchIndex) -> None:
    index.create("b1", ["en"])
    index.write("b1", [document("s/0", "en", "Lamp")], [], 700)
    with pytest.raises(BackendRefusesError, match=r"position 500.*--full"):
        index.write("b1", [document("s/0", "en", "Other lamp")], [], 500)
    with pytest.raises(BackendRefusesError, match="position 500"):
        index.delete("b1", ["s/0"], 500)
    index.commit("b1")
    assert index.documents("en", ["s/0"], "b1")["s/0"].title == "Lamp"


def test_ids_of_any_length_and_script_come_back(index: ElasticsearchIndex) -> None:
    names = ["s/" + "字" * 510, "s/" + "字" * 509 + "典", "s/a b?*#", "s/😀/é"]
    index.create("b1", ["en"])
    index.write(
        "b1", [document(name, "en", "Lamp") for name in names], [product(name, direction((0, 1))) for name in names]
    )
    index.commit("b1")
    assert sorted(index.documents("en", names, "b1")) == sorted(index.products(names, "b1")) == sorted(names)
    [answer] = index.legs([TextLeg("en", ("lamp",), 10)], ALL, "b1")
    assert ids(answer) == sorted(names)
    assert index.delete("b1", names) == 4


AWKWARD = "aäßñçıİşłжёй가힣方漢カ゛ー١٢٢ﬁ²½µ™\ufe0f\u0301\u0640\u200d\u00ad\u037a\ufdfa\x00\x1f\ud800\udfff \t\n"
AWKWARD += ".-/'=~*?\"\\😀"


def test_no_text_crashes_or_loses_a_document(index: ElasticsearchIndex) -> None:
    chance = random.Random(7)
    texts = ["".join(chance.choices(AWKWARD, k=chance.randint(1, 40))) for _ in range(60)]
    index.create("b1", CODES)
    documents = [
        document(f"s/{at}", lang, text, category=(texts[-at],), body=(texts[at - 1],), brand=text)
        for lang in CODES
        for at, text in enumerate(texts)
    ]
    facts = [Facts("s", (text,), text, text, {text: Decimal(at)}, at) for at, text in enumerate(texts)]
    products = [
        product(f"s/{at}", direction((at, 1)), codes=(text,), concepts=(text,), title=text, facts=facts[at])
        for at, text in enumerate(texts)
    ]
    report = index.write("b1", documents, products)
    assert (report.accepted, dict(report.rejected)) == (len(documents) + len(products), {})
    index.commit("b1")
    assert dict(index.counts("b1")) == {**dict.fromkeys(CODES, len(texts)), "": len(texts)}
    for lang in CODES:
        found = index.documents(lang, [f"s/{at}" for at in range(len(texts))], "b1")
        for at, text in enumerate(texts):
            assert found[f"s/{at}"].title == readable(text)
            tokens = index.analyze(lang, text, "b1")
            if at % 6 == 0 and any(token.documents for token in tokens):
                [answer] = index.legs([TextLeg(lang, tuple(token.text for token in tokens), 100)], ALL, "b1")
                assert f"s/{at}" in ids(answer)
            if at % 6 == 0:
                index.suggest(lang, text[:3], 5, "b1")
    for at, text in enumerate(texts[:20]):
        given = Filters({"brand": (text,), "category": (text,), "currency": (text,)})
        for answer in index.legs([CodeLeg((readable(text),), 100), ConceptLeg((readable(text),), 100)], given, "b1"):
            assert f"s/{at}" in ids(answer)


def test_a_long_query_is_answered(index: ElasticsearchIndex) -> None:
    fill(index)
    tokens = tuple(f"w{at}" for at in range(600))
    [answer, code] = index.legs([TextLeg("en", ("drill", *tokens), 5), CodeLeg(("X" * 40_000,), 5)], ALL, "b1")
    assert sorted(ids(answer)) == ["north/1", "west/4"]
    assert not code.matches


def test_vectors_are_searched_by_the_means_of_the_index(connection: Connection, prefix: str) -> None:
    generator = np.random.default_rng(5)
    means = {lang: direction((at, 1)) * np.float32(0.4) for at, lang in enumerate(("de", "en"))}
    index = ElasticsearchIndex(connection, prefix, means=means, dimensions=512)
    vectors = generator.normal(size=(300, 512)).astype(np.float32) + 1
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index.create("b1", ["de", "en"])
    langs = ["de" if at % 2 else "en" for at in range(300)]
    index.write("b1", [], [product(f"s/{at:03}", vectors[at], lang=langs[at]) for at in range(300)])
    index.commit("b1")
    query = direction(*((at, float(value)) for at, value in enumerate(generator.normal(size=512))))
    for given in (means, None, {"de": direction((7, 1))}):
        [answer] = index.legs([VectorLeg(query, 20, given)], ALL, "b1")
        shifted = np.stack([one - (given or {}).get(lang, 0) for one, lang in zip(vectors, langs, strict=True)])
        cosines = shifted @ query / np.linalg.norm(shifted, axis=1)
        best = np.argsort(-cosines)[:20]
        assert len({f"s/{at:03}" for at in best} & set(ids(answer))) >= 19
        assert answer.matches[0].score == pytest.approx(cosines[best[0]], abs=2e-3)
        assert answer.total == 300


# -- failures ---------------------------------------------------------------------------------------------------------


def test_a_cluster_that_is_not_there_is_an_error_and_no_empty_answer() -> None:
    with ElasticsearchIndex(Connection(Place(("http://user:secret@127.0.0.1:9",)))) as index:
        for ask in (index.live, index.builds, lambda: index.legs([CodeLeg(("A",), 1)], ALL, "b1")):
            with pytest.raises(UnavailableError, match=r"http://127\.0\.0\.1:9 can't be reached") as failed:
                ask()
            assert "secret" not in str(failed.value)


def test_one_of_several_addresses_may_be_dead(elasticsearch_url: str, prefix: str) -> None:
    alive = elasticsearch_url.split(",")
    with ElasticsearchIndex(Connection(Place(("http://127.0.0.1:9", *alive))), prefix) as index:
        fill(index)
        index.promote("b1", None)
        assert [index.counts("b1")["en"] for _ in range(4)] == [4] * 4


def test_a_read_only_index_is_told(connection: Connection, prefix: str, index: ElasticsearchIndex) -> None:
    fill(index)
    block: dict[str, object] = {"index.blocks.read_only_allow_delete": True}
    connection.admin.indices.put_settings(index=f"{prefix}-en-b1", settings=block)
    with pytest.raises(UnavailableError, match="full disk"):
        index.write("b1", SHOP_DOCUMENTS[:1], [])
    connection.admin.indices.put_settings(
        index=f"{prefix}-en-b1", settings={"index.blocks.read_only_allow_delete": None}
    )
    assert index.write("b1", SHOP_DOCUMENTS[:1], []).accepted == 1
