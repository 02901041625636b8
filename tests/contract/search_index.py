"""What every search backend must do; a test class a backend inherits it and says how a fresh index is made.

Nothing here knows a backend. Each test makes the builds that it needs in an index that has none yet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

import numpy as np
import pytest

from catalog.errors import NoLiveBuildError, NotFoundError, UnavailableError, UnknownValueError, UsageError
from catalog.languages import CODES
from indexes.backend import SearchIndex
from indexes.model import (
    FACETS,
    BrowseLeg,
    CodeLeg,
    ConceptLeg,
    Facts,
    Filters,
    IndexDocument,
    Leg,
    LegAnswer,
    Match,
    ProductDocument,
    TextLeg,
    VectorLeg,
)

DIMENSIONS = 512
ALL = Filters()

TOOLS, DRILLS, SAWS, LAMPS = "c-tools", "c-drills", "c-saws", "c-lamps"


def direction(*parts: tuple[int, float]) -> np.ndarray:
    """Return a unit vector with the given components."""
    vector = np.zeros(DIMENSIONS, dtype=np.float32)
    for at, value in parts:
        vector[at] = value
    unit: np.ndarray = vector / np.linalg.norm(vector)
    return unit


def document(
    name: str,
    lang: str,
    title: str,
    *,
    category: Sequence[str] = (),
    body: Sequence[str] = (),
    brand: str = "",
    facts: Facts | None = None,
    title_lang: str | None = None,
    analysed: Mapping[str, tuple[str, ...]] | None = None,
) -> IndexDocument:
    """Return a document whose texts are all analysed, unless said otherwise."""
    texts = {"title": (title,), "category": tuple(category), "body": tuple(body)}
    return IndexDocument(
        id=name,
        lang=lang,
        title=title,
        title_lang=title_lang or lang,
        title_state="machine" if title_lang in (None, lang) else "missing",
        analysed=texts if analysed is None else analysed,
        category_path=tuple(category),
        brand=brand,
        facts=facts or Facts(supplier=name.partition("/")[0]),
    )


def product(
    name: str,
    vector: np.ndarray,
    *,
    lang: str = "de",
    codes: Sequence[str] = (),
    concepts: Sequence[str] = (),
    facts: Facts | None = None,
    title: str = "",
) -> ProductDocument:
    """Return a language-neutral document."""
    return ProductDocument(
        id=name,
        source_title=title or name,
        source_lang=lang,
        codes=tuple(codes),
        concepts=tuple(concepts),
        vector=vector,
        facts=facts or Facts(supplier=name.partition("/")[0]),
        shown='{"sku": "x"}',
    )


def _facts(
    supplier: str,
    category: tuple[str, ...],
    brand: str,
    country: str,
    created: int,
    attributes: Mapping[str, str],
    **prices: str,
) -> Facts:
    amounts = {name: Decimal(value) for name, value in prices.items()}
    return Facts(supplier, category, brand, country, amounts, created, attributes)


# Four products of three suppliers in two languages; what differs between them is what the tests ask for.
DRILL = _facts("north", (TOOLS, DRILLS), "bosch", "DE", 400, {"colour": "blue", "größe": "m"}, EUR="99.90", USD="110")
SAW = _facts("north", (TOOLS, SAWS), "makita", "JP", 300, {"colour": "green", "colour-code": "blue"}, EUR="149.5")
LAMP = _facts("east", (LAMPS,), "bosch", "DE", 200, {"colour": "dark-blue~0f0f0f0f"}, USD="20")
BIT = _facts("west", (TOOLS, DRILLS), "", "", 100, {}, EUR="5.25")

SHOP_DOCUMENTS = (
    document(
        "north/1",
        "en",
        "Cordless drill 18 V",
        category=("Tools", "Drills"),
        body=("With two batteries and a lamp",),
        brand="Bosch",
        facts=DRILL,
    ),
    document("north/2", "en", "Circular saw", category=("Tools", "Saws"), brand="Makita", facts=SAW),
    document("east/3", "en", "Garden lamp", category=("Lamps",), brand="Bosch", facts=LAMP),
    document("west/4", "en", "Bit set", category=("Tools", "Drills"), body=("For your cordless drill",), facts=BIT),
    document("north/1", "de", "Akkuschrauber 18 V", category=("Werkzeug", "Bohrer"), brand="Bosch", facts=DRILL),
    document("north/2", "de", "Kreissäge", category=("Werkzeug", "Sägen"), brand="Makita", facts=SAW),
    document(
        "east/3", "de", "Garden lamp", brand="Bosch", facts=LAMP, title_lang="en", category=("Lamps",), analysed={}
    ),
    document("west/4", "de", "Bitsatz", category=("Werkzeug", "Bohrer"), facts=BIT),
)

SHOP_PRODUCTS = (
    product(
        "north/1", direction((0, 1)), lang="de", codes=("GSR18", "4006381333931"), concepts=("drill",), facts=DRILL
    ),
    product("north/2", direction((0, 1), (1, 1)), codes=("HS7601",), concepts=("saw",), facts=SAW),
    product("east/3", direction((1, 1)), lang="en", codes=("L-3",), concepts=("lamp", "garden"), facts=LAMP),
    product("west/4", direction((2, 1)), lang="en", codes=("GSR18",), concepts=("drill", "bit"), facts=BIT),
)

MEET = {
    "ar": (("مصباح", "المصباح الكهربائي"), ("الكتب", "كتب للأطفال")),
    "de": (("Schrauben", "Schraube M8 verzinkt"), ("Häuser", "Haus aus Holz")),
    "en": (("cordless drills", "drill with battery"), ("shoes", "shoe for men")),
    "es": (("taladros inalámbricos", "taladro"), ("zapatos", "zapato de cuero")),
    "fr": (("chaussures", "chaussure de sécurité"), ("l'écran", "écran plat")),
    "id": (("sepatu lari", "sepatu untuk wanita"), ("lampu", "lampu taman")),
    "it": (("viti", "vite per legno"), ("scarpe", "scarpa da lavoro")),
    "ja": (("ランニングシューズ", "防水のランニングシューズ"), ("電動ドリル", "ドリル")),
    "ko": (("신발을", "신발"), ("가방", "여행 가방")),
    "nl": (("lampen", "lamp met sensor"), ("boormachines", "boormachine")),
    "pl": (("lampy", "lampa stojąca"), ("telefony", "telefon")),
    "pt": (("furadeiras", "furadeira a bateria"), ("parafusos", "parafuso")),
    "ru": (("ноутбуков", "ноутбук"), ("лампы", "лампа для кухни")),
    "tr": (("lambalar", "lamba"), ("vidalar", "vida")),
    "zh": (("不锈钢", "不锈钢螺丝"), ("鼠标", "无线鼠标")),
}
"""Query and title that share a token: other forms of a word, its compounds in scripts without spaces."""

APART = {
    "ar": (("مصباح في المطبخ", "قدر في الحديقة"), ("مطرقة", "طاولة")),
    "de": (("Lampe für die Küche", "Topf für die Suppe"), ("Bohrer", "Bohnen")),
    "en": (("lamp for the kitchen", "pot for the soup"), ("drill", "grill")),
    "es": (("lámpara para la cocina", "olla para la sopa"), ("taladro", "taza")),
    "fr": (("lampe pour la cuisine", "casserole pour la soupe"), ("vis", "visière")),
    "id": (("lampu untuk dapur", "panci untuk sup"), ("sepatu", "sepeda")),
    "it": (("lampada per la cucina", "pentola per la zuppa"), ("trapano", "tamburo")),
    "ja": (("台所のランプ", "庭の鍋"), ("靴", "鞄")),
    "ko": (("신발", "가방"), ("책상", "의자")),
    "nl": (("lamp voor de keuken", "pan voor de soep"), ("boor", "boek")),
    "pl": (("lampa do kuchni", "garnek do zupy"), ("wiertarka", "wieszak")),
    "pt": (("lâmpada para a cozinha", "panela para a sopa"), ("parafuso", "panela")),
    "ru": (("лампа для кухни", "кастрюля для супа"), ("дрель", "дверь")),
    "tr": (("mutfak için lamba", "çorba için tencere"), ("matkap", "mantar")),
    "zh": (("鼠标", "键盘"), ("螺丝", "手套")),
}
"""Query and title that share none: function words alone, and words that only look alike."""


def ids(answer: LegAnswer) -> list[str]:
    """Return the ids of an answer in its order."""
    return [match.id for match in answer.matches]


class SearchIndexContract:
    """Inherit, and provide a fixture ``index``: a backend without any build."""

    KEPT_APART: ClassVar[frozenset[str]] = frozenset()
    """Queries of ``MEET`` that this backend's analysis does not bring together with their titles."""

    # -- helpers ------------------------------------------------------------------------------------------------------

    def fill(
        self,
        index: SearchIndex,
        build: str,
        documents: Iterable[IndexDocument] = SHOP_DOCUMENTS,
        products: Iterable[ProductDocument] = SHOP_PRODUCTS,
        langs: Sequence[str] = ("de", "en"),
    ) -> None:
        """Make a build that holds the given documents, all accepted."""
        index.create(build, langs)
        report = index.write(build, documents, products)
        assert not report.rejected
        index.commit(build)

    def shop(self, index: SearchIndex) -> SearchIndex:
        """Make the shop's build and let it serve."""
        self.fill(index, "b1")
        index.promote("b1", None)
        return index

    def leg(self, index: SearchIndex, leg: Leg, filters: Filters = ALL, build: str | None = None) -> LegAnswer:
        """Run one leg."""
        [answer] = index.legs([leg], filters, build)
        return answer

    def text(self, index: SearchIndex, lang: str, query: str, limit: int = 10, filters: Filters = ALL) -> LegAnswer:
        """Search a text in a language, analysed as the index does it."""
        tokens = tuple(token.text for token in index.analyze(lang, query))
        return self.leg(index, TextLeg(lang, tokens, limit), filters)

    def browse(self, index: SearchIndex, filters: Filters, sort: str = "newest") -> LegAnswer:
        """Browse the English products."""
        return self.leg(index, BrowseLeg("en", sort, 10), filters)

    # -- builds -------------------------------------------------------------------------------------------------------

    def test_it_keeps_the_protocol(self, index: SearchIndex) -> None:
        assert isinstance(index, SearchIndex)
        assert index.name

    def test_without_a_promotion_nothing_serves_and_nothing_pretends_to(self, index: SearchIndex) -> None:
        self.fill(index, "b1")
        assert index.live() is None
        reads = (
            lambda: index.legs([CodeLeg(("GSR18",), 5)], ALL),
            lambda: index.documents("en", ["north/1"]),
            lambda: index.products(["north/1"]),
            lambda: index.facets(FACETS, None, ALL),
            lambda: index.suggest("en", "dr", 5),
            lambda: index.analyze("en", "drill"),
        )
        for read in reads:
            with pytest.raises(NoLiveBuildError):
                read()

    def test_a_build_can_be_searched_by_name_before_it_serves(self, index: SearchIndex) -> None:
        self.fill(index, "b1")
        assert ids(self.leg(index, CodeLeg(("HS7601",), 5), build="b1")) == ["north/2"]
        assert index.documents("de", ["north/2"], "b1")["north/2"].title == "Kreissäge"
        assert index.live() is None

    def test_builds_are_listed_and_dropped_and_the_live_one_is_not(self, index: SearchIndex) -> None:
        self.fill(index, "b1")
        self.fill(index, "b2")
        assert sorted(index.builds()) == ["b1", "b2"]
        index.promote("b1", None)
        with pytest.raises(UsageError, match="b1"):
            index.drop("b1")
        index.drop("b2")
        index.drop("b2")
        assert list(index.builds()) == ["b1"]
        assert self.text(index, "en", "drill").total == 2

    def test_promotion_moves_all_languages_and_back(self, index: SearchIndex) -> None:
        self.shop(index)
        changed = [replace(one, title=f"New {one.title}") for one in SHOP_DOCUMENTS]
        self.fill(index, "b2", changed, SHOP_PRODUCTS[:1])
        assert index.documents("en", ["north/1"])["north/1"].title == "Cordless drill 18 V"
        index.promote("b2", "b1")
        assert index.live() == "b2"
        assert index.documents("en", ["north/1"])["north/1"].title == "New Cordless drill 18 V"
        assert index.documents("de", ["north/1"])["north/1"].title == "New Akkuschrauber 18 V"
        assert sorted(index.products(["north/1", "north/2"])) == ["north/1"]
        index.promote("b1", "b2")
        assert index.documents("de", ["north/1"])["north/1"].title == "Akkuschrauber 18 V"
        assert sorted(index.products(["north/1", "north/2"])) == ["north/1", "north/2"]

    def test_promotion_against_another_expectation_changes_nothing(self, index: SearchIndex) -> None:
        self.shop(index)
        self.fill(index, "b2")
        for expected in (None, "b2", "b0"):
            with pytest.raises(UnavailableError, match="b1"):
                index.promote("b2", expected)
            assert index.live() == "b1"

    def test_creating_again_removes_the_remains(self, index: SearchIndex) -> None:
        self.fill(index, "b1")
        index.create("b1", ["en"])
        assert dict(index.counts("b1")) == {"en": 0, "": 0}
        assert not index.products(["north/1"], "b1")

    def test_the_live_build_is_not_created_again(self, index: SearchIndex) -> None:
        self.shop(index)
        with pytest.raises(UsageError, match="b1"):
            index.create("b1", ["en"])
        assert self.text(index, "en", "drill").total == 2

    def test_what_was_not_committed_is_not_seen(self, index: SearchIndex) -> None:
        self.shop(index)
        index.write("b1", [document("new/9", "en", "Drill press")], [])
        assert self.text(index, "en", "drill").total == 2
        index.commit("b1")
        assert self.text(index, "en", "drill").total == 3

    def test_a_build_that_is_not_there_is_named(self, index: SearchIndex) -> None:
        self.shop(index)
        calls = (
            lambda: index.write("nowhere", [], []),
            lambda: index.delete("nowhere", ["x/1"]),
            lambda: index.commit("nowhere"),
            lambda: index.counts("nowhere"),
            lambda: index.promote("nowhere", "b1"),
            lambda: index.legs([CodeLeg(("A",), 1)], ALL, "nowhere"),
        )
        for call in calls:
            with pytest.raises(NotFoundError, match="nowhere"):
                call()

    @pytest.mark.parametrize("name", ["", "../b1", "B1", "a" * 41, "b_1", "b1/en", "*"])
    def test_a_name_that_no_build_can_have_is_refused(self, index: SearchIndex, name: str) -> None:
        with pytest.raises(UsageError):
            index.create(name, ["en"])
        with pytest.raises(UsageError):
            index.drop(name)
        assert list(index.builds()) == []

    def test_an_unknown_language_is_refused(self, index: SearchIndex) -> None:
        with pytest.raises(UnknownValueError, match="xx"):
            index.create("b1", ["de", "xx"])
        self.shop(index)
        for call in (
            lambda: index.analyze("fr", "vis"),
            lambda: index.suggest("fr", "vis", 5),
            lambda: index.documents("fr", ["north/1"]),
            lambda: index.legs([TextLeg("fr", ("vis",), 5)], ALL),
            lambda: index.legs([BrowseLeg("fr", "newest", 5)], ALL),
        ):
            with pytest.raises(UnknownValueError, match="fr"):
                call()

    # -- writing ------------------------------------------------------------------------------------------------------

    def test_counts_are_by_language_and_neutral(self, index: SearchIndex) -> None:
        self.fill(index, "b1", SHOP_DOCUMENTS[:5], SHOP_PRODUCTS[:3], langs=("de", "en", "fr"))
        assert dict(index.counts("b1")) == {"de": 1, "en": 4, "fr": 0, "": 3}

    def test_writing_twice_is_writing_once(self, index: SearchIndex) -> None:
        self.shop(index)
        before = self.text(index, "en", "cordless drill")
        for _ in range(2):
            report = index.write("b1", SHOP_DOCUMENTS, SHOP_PRODUCTS)
            assert (report.accepted, dict(report.rejected)) == (12, {})
        index.commit("b1")
        assert dict(index.counts("b1")) == {"de": 4, "en": 4, "": 4}
        after = self.text(index, "en", "cordless drill")
        assert (sorted(ids(after)), after.total) == (sorted(ids(before)), before.total)
        assert self.leg(index, CodeLeg(("GSR18",), 5)).total == 2

    def test_what_was_read_later_or_no_earlier_overwrites(self, index: SearchIndex) -> None:
        self.fill(index, "b1")
        for position, title in ((5, "Impact wrench"), (5, "Hammer"), (8, "Torque wrench")):
            assert not index.write("b1", [document("north/1", "en", title, facts=DRILL)], [], position).rejected
            index.commit("b1")
            assert index.documents("en", ["north/1"], "b1")["north/1"].title == title
        assert index.delete("b1", ["north/1"], 9) == 1
        assert index.delete("b1", ["north/1"], 9) == 0
        index.write("b1", [document("north/1", "en", "Saw", facts=DRILL)], [], 9)
        index.commit("b1")
        assert index.documents("en", ["north/1"], "b1")["north/1"].title == "Saw"

    def test_the_same_id_overwrites_in_its_language_only(self, index: SearchIndex) -> None:
        self.shop(index)
        index.write("b1", [document("north/1", "en", "Impact wrench", facts=DRILL)], [])
        index.commit("b1")
        assert "north/1" not in ids(self.text(index, "en", "cordless"))
        assert ids(self.text(index, "en", "wrench")) == ["north/1"]
        assert ids(self.text(index, "de", "Akkuschrauber")) == ["north/1"]
        assert dict(index.counts("b1")) == {"de": 4, "en": 4, "": 4}

    def test_the_last_of_several_writes_before_a_commit_counts(self, index: SearchIndex) -> None:
        self.shop(index)
        for title in ("Impact wrench", "Hammer", "Torque wrench"):
            index.write("b1", [document("north/1", "en", title, facts=DRILL)], [])
        index.commit("b1")
        assert index.documents("en", ["north/1"])["north/1"].title == "Torque wrench"
        assert not ids(self.text(index, "en", "hammer"))
        assert index.counts("b1")["en"] == 4

    def test_a_neutral_document_is_overwritten_whole(self, index: SearchIndex) -> None:
        self.shop(index)
        index.write(
            "b1", [], [product("north/1", direction((5, 1)), codes=("NEW1",), concepts=("hammer",), facts=LAMP)]
        )
        index.commit("b1")
        assert ids(self.leg(index, CodeLeg(("GSR18",), 5))) == ["west/4"]
        assert ids(self.leg(index, CodeLeg(("NEW1",), 5))) == ["north/1"]
        assert ids(self.leg(index, ConceptLeg(("drill", "hammer"), 5))) == ["north/1", "west/4"]
        nearest = self.leg(index, VectorLeg(direction((5, 1)), 1)).matches[0]
        assert (nearest.id, round(nearest.score, 3)) == ("north/1", 1.0)
        assert index.facets(["category"], None, ALL)["category"][LAMPS] == 2

    def test_stored_documents_come_back(self, index: SearchIndex) -> None:
        self.shop(index)
        found = index.documents("de", ["north/1", "east/3", "nobody/0"])
        assert sorted(found) == ["east/3", "north/1"]
        assert replace(found["north/1"], analysed={}) == replace(SHOP_DOCUMENTS[4], analysed={})
        assert (found["east/3"].title_lang, found["east/3"].title_state) == ("en", "missing")
        products = index.products(["north/1", "nobody/0"])
        assert list(products) == ["north/1"]
        assert products["north/1"].vector.dtype == np.float32
        assert np.allclose(products["north/1"].vector, SHOP_PRODUCTS[0].vector, atol=1e-3)
        one, other = products["north/1"], SHOP_PRODUCTS[0]
        for name in ("id", "source_title", "source_lang", "facts", "shown"):
            assert getattr(one, name) == getattr(other, name)
        assert (sorted(one.codes), sorted(one.concepts)) == (sorted(other.codes), sorted(other.concepts))

    def test_rejected_documents_are_named_and_the_others_taken(self, index: SearchIndex) -> None:
        index.create("b1", ["de", "en"])
        not_finite = direction((0, 1))
        not_finite[3] = np.nan
        report = index.write(
            "b1",
            [
                document("", "en", "No id"),
                document("x" * 513, "en", "Long id"),
                document("s/fr", "fr", "Langue absente"),
                document("s/price", "en", "Bad price", facts=Facts("s", prices={"EUR": Decimal("NaN")})),
                document("s/ok", "en", "Good drill"),
            ],
            [
                product("s/ok", direction((0, 1))),
                product("s/nan", not_finite),
                product("s/short", direction((0, 1))[:7]),
                product("s/zero", np.zeros(DIMENSIONS, dtype=np.float32)),
            ],
        )
        assert sorted(report.rejected) == sorted(["", "x" * 513, "s/fr", "s/price", "s/nan", "s/short", "s/zero"])
        assert all(report.rejected.values())
        assert report.accepted == 2
        index.commit("b1")
        assert dict(index.counts("b1")) == {"de": 0, "en": 1, "": 1}

    def test_a_rejected_overwrite_does_not_leave_the_old_document(self, index: SearchIndex) -> None:
        self.shop(index)
        bad = Facts("north", prices={"EUR": Decimal("Infinity")})
        report = index.write(
            "b1",
            [document("north/1", "en", "Drill", facts=bad)],
            [product("north/1", np.full(DIMENSIONS, np.inf, dtype=np.float32))],
        )
        assert list(report.rejected) == ["north/1"]
        index.commit("b1")
        assert dict(index.counts("b1")) == {"de": 4, "en": 3, "": 3}
        assert ids(self.text(index, "en", "drill")) == ["west/4"]
        assert ids(self.text(index, "de", "Akkuschrauber")) == ["north/1"]
        assert ids(self.leg(index, CodeLeg(("GSR18",), 5))) == ["west/4"]

    def test_deleting_removes_a_product_from_every_index(self, index: SearchIndex) -> None:
        self.shop(index)
        assert index.delete("b1", ["north/1", "nobody/0", "north/1"]) == 1
        index.commit("b1")
        assert dict(index.counts("b1")) == {"de": 3, "en": 3, "": 3}
        for answer in (
            self.text(index, "en", "cordless drill"),
            self.text(index, "de", "Akkuschrauber"),
            self.leg(index, CodeLeg(("GSR18",), 5)),
            self.leg(index, ConceptLeg(("drill",), 5)),
            self.leg(index, VectorLeg(direction((0, 1)), 5)),
            self.browse(index, ALL),
        ):
            assert "north/1" not in ids(answer)
        assert not index.documents("en", ["north/1"])
        assert not index.products(["north/1"])
        assert not [one for one in index.suggest("en", "cordless", 5) if one.kind == "product"]
        assert index.facets(["country"], None, ALL)["country"] == {"DE": 1, "JP": 1}
        assert index.delete("b1", ["north/1"]) == 0

    def test_a_deleted_product_can_come_back(self, index: SearchIndex) -> None:
        self.shop(index)
        index.delete("b1", ["north/1"])
        index.commit("b1")
        index.write("b1", SHOP_DOCUMENTS[:1], SHOP_PRODUCTS[:1])
        index.commit("b1")
        assert "north/1" in ids(self.text(index, "en", "drill"))
        assert not ids(self.text(index, "de", "Akkuschrauber"))
        assert dict(index.counts("b1")) == {"de": 3, "en": 4, "": 4}

    def test_deleting_and_writing_in_one_commit_keeps_their_order(self, index: SearchIndex) -> None:
        self.shop(index)
        index.delete("b1", ["north/1"])
        index.write("b1", SHOP_DOCUMENTS[:1], [])
        index.write("b1", [document("new/9", "en", "Drill press")], [])
        index.delete("b1", ["new/9"])
        index.commit("b1")
        # In no order: statistics may count what was deleted until the index is tidied.
        assert sorted(ids(self.text(index, "en", "drill"))) == ["north/1", "west/4"]

    def test_any_unicode_is_stored(self, index: SearchIndex) -> None:
        texts = (
            "\x00 nul",
            "👩‍🔬 lab",
            "a\u0301 mark",
            "\u202eright to left",
            "x" * 100_000,
            "line\nbreak\ttab",
            "   ",
        )
        documents = [document(f"s/{at}", "en", text) for at, text in enumerate(texts)]
        self.fill(index, "b1", documents, [])
        found = index.documents("en", [one.id for one in documents], "b1")
        assert [found[one.id].title for one in documents] == list(texts)

    # -- the text leg -------------------------------------------------------------------------------------------------

    def test_a_match_names_the_tokens_and_those_of_the_title(self, index: SearchIndex) -> None:
        self.shop(index)
        drill, lamp, saw = (index.analyze("en", word)[0].text for word in ("drill", "lamp", "saw"))
        answer = self.leg(index, TextLeg("en", (lamp, saw, drill), 10))
        found = {match.id: match for match in answer.matches}
        assert answer.total == 4
        assert (found["north/1"].matched, found["north/1"].in_title) == ((lamp, drill), (drill,))
        assert (found["north/2"].matched, found["north/2"].in_title) == ((saw,), (saw,))
        assert (found["west/4"].matched, found["west/4"].in_title) == ((drill,), ())

    def test_title_counts_more_than_category_and_category_more_than_body(self, index: SearchIndex) -> None:
        filler = "red green blue"
        documents = [
            document("s/body", "en", filler, category=(filler,), body=("hammer",)),
            document("s/category", "en", filler, category=("hammer",), body=(filler,)),
            document("s/title", "en", "hammer", category=(filler,), body=(filler,)),
        ]
        self.fill(index, "b1", documents, [])
        index.promote("b1", None)
        assert ids(self.text(index, "en", "hammer")) == ["s/title", "s/category", "s/body"]

    def test_rarer_tokens_weigh_more(self, index: SearchIndex) -> None:
        documents = [document(f"s/{at}", "en", f"steel bolt {word}") for at, word in enumerate(("one", "two", "six"))]
        self.fill(index, "b1", [*documents, document("s/9", "en", "gold bracket plain")], [])
        index.promote("b1", None)
        assert ids(self.text(index, "en", "steel bracket"))[0] == "s/9"

    def test_more_than_twelve_tokens_are_all_named(self, index: SearchIndex) -> None:
        title = " ".join(f"word{at}" for at in range(40))
        self.fill(index, "b1", [document("s/1", "en", title), document("s/2", "en", "word7 word39")], [])
        index.promote("b1", None)
        first, second = self.text(index, "en", title).matches
        assert len(first.matched) == len(first.in_title) == len(index.analyze("en", title))
        assert second.matched == tuple(token.text for token in index.analyze("en", "word7 word39"))

    def test_equal_scores_are_ordered_by_id_also_at_the_limit(self, index: SearchIndex) -> None:
        names = [f"s/{at:03}" for at in range(60)]
        shuffled = [names[at * 37 % 60] for at in range(60)]
        self.fill(
            index,
            "b1",
            [document(name, "en", "same title", facts=Facts("s", created=1)) for name in shuffled],
            [product(name, direction((0, 1)), concepts=("same",), codes=("SAME",)) for name in shuffled],
        )
        index.promote("b1", None)
        token = index.analyze("en", "title")[0].text
        legs = (
            TextLeg("en", (token,), 7),
            VectorLeg(direction((0, 1), (1, 1)), 7),
            ConceptLeg(("same",), 7),
            CodeLeg(("SAME",), 7),
            BrowseLeg("en", "newest", 7),
            BrowseLeg("en", "relevance", 7),
        )
        for answer in index.legs(legs, ALL):
            assert ids(answer) == names[:7]
            assert answer.total == 60

    def test_totals_count_beyond_the_limit(self, index: SearchIndex) -> None:
        self.shop(index)
        answer = self.text(index, "en", "drill", limit=1)
        assert (ids(answer), answer.total) == (["north/1"], 2)

    def test_frequencies_are_those_of_the_whole_index(self, index: SearchIndex) -> None:
        self.shop(index)
        drill, lamp = (index.analyze("en", word)[0].text for word in ("drill", "lamp"))
        only_east = Filters({"supplier": ("east",)})
        answer = self.leg(index, TextLeg("en", (drill, lamp, "absent"), 5), only_east)
        assert dict(answer.frequencies) == {drill: 2, lamp: 2, "absent": 0}
        assert answer.documents == 4
        assert answer.total == 1
        answer = self.leg(index, ConceptLeg(("drill", "lamp", "absent"), 5), only_east)
        assert dict(answer.frequencies) == {"drill": 2, "lamp": 1, "absent": 0}
        assert answer.documents == 4

    def test_stand_ins_are_shown_and_not_found(self, index: SearchIndex) -> None:
        self.shop(index)
        assert not ids(self.text(index, "de", "garden lamp"))
        assert index.documents("de", ["east/3"])["east/3"].title == "Garden lamp"

    def test_nothing_asked_for_finds_nothing(self, index: SearchIndex) -> None:
        self.shop(index)
        for leg in (TextLeg("en", (), 5), CodeLeg((), 5), ConceptLeg((), 5), TextLeg("en", ("absent",), 5)):
            answer = self.leg(index, leg)
            assert (answer.matches, answer.total) == ((), 0)

    def test_an_empty_build_answers_with_nothing(self, index: SearchIndex) -> None:
        self.fill(index, "b1", [], [])
        index.promote("b1", None)
        legs = (TextLeg("en", ("drill",), 5), VectorLeg(direction((0, 1)), 5), BrowseLeg("en", "newest", 5))
        assert [answer.total for answer in index.legs(legs, ALL)] == [0, 0, 0]
        assert not index.suggest("en", "dr", 5)
        assert index.facets(["brand"], None, ALL) == {"brand": {}}
        assert [token.documents for token in index.analyze("en", "drill")] == [0]

    # -- the other legs -----------------------------------------------------------------------------------------------

    def test_codes_find_exactly_and_the_more_the_better(self, index: SearchIndex) -> None:
        self.shop(index)
        answer = self.leg(index, CodeLeg(("GSR18", "4006381333931", "GSR"), 5))
        assert [(match.id, match.matched) for match in answer.matches] == [
            ("north/1", ("GSR18", "4006381333931")),
            ("west/4", ("GSR18",)),
        ]
        assert answer.total == 2

    def test_the_rarer_concept_weighs_more(self, index: SearchIndex) -> None:
        self.shop(index)
        answer = self.leg(index, ConceptLeg(("drill", "garden"), 5))
        assert [(match.id, match.matched) for match in answer.matches] == [
            ("east/3", ("garden",)),
            ("north/1", ("drill",)),
            ("west/4", ("drill",)),
        ]

    def test_vectors_are_ordered_by_cosine(self, index: SearchIndex) -> None:
        self.shop(index)
        answer = self.leg(index, VectorLeg(direction((0, 1)), 3))
        assert ids(answer)[:2] == ["north/1", "north/2"]
        assert [round(match.score, 2) for match in answer.matches] == [1.0, 0.71, 0.0]
        assert answer.total == 4

    def test_means_are_taken_from_each_product_by_its_language(self, index: SearchIndex) -> None:
        self.shop(index)
        means = {"de": np.zeros(DIMENSIONS, dtype=np.float32), "en": direction((1, 1)) * np.float32(0.5)}
        query = direction((0, 1), (1, 1))
        answer = self.leg(index, VectorLeg(query, 4, means))
        expected = {}
        for one in SHOP_PRODUCTS:
            shifted = one.vector - means[one.source_lang]
            expected[one.id] = float(query @ shifted / np.linalg.norm(shifted))
        assert {match.id: match.score for match in answer.matches} == pytest.approx(expected, abs=2e-3)
        assert ids(answer) == sorted(expected, key=lambda name: (-expected[name], name))

    def test_a_query_of_another_encoder_is_an_error(self, index: SearchIndex) -> None:
        self.shop(index)
        with pytest.raises(UnavailableError, match="512"):
            self.leg(index, VectorLeg(direction((0, 1))[:7], 3))

    def test_browsing_is_sorted(self, index: SearchIndex) -> None:
        self.shop(index)
        assert ids(self.browse(index, ALL, "newest")) == ["north/1", "north/2", "east/3", "west/4"]
        euro = Filters({"currency": ("EUR",)})
        assert ids(self.browse(index, euro, "price")) == ["west/4", "north/1", "north/2"]
        assert ids(self.browse(index, euro, "-price")) == ["north/2", "north/1", "west/4"]
        dollar = Filters({"currency": ("USD",)})
        assert ids(self.browse(index, dollar, "price")) == ["east/3", "north/1"]
        assert sorted(ids(self.browse(index, ALL, "relevance"))) == ["east/3", "north/1", "north/2", "west/4"]

    def test_browsing_shows_what_the_language_has(self, index: SearchIndex) -> None:
        self.fill(index, "b1", SHOP_DOCUMENTS[:5], SHOP_PRODUCTS)
        index.promote("b1", None)
        assert ids(self.leg(index, BrowseLeg("de", "newest", 5))) == ["north/1"]
        answer = self.leg(index, BrowseLeg("en", "newest", 2))
        assert (ids(answer), answer.total) == (["north/1", "north/2"], 4)

    def test_sorting_by_price_needs_a_currency(self, index: SearchIndex) -> None:
        self.shop(index)
        with pytest.raises(UsageError, match="currency"):
            self.browse(index, ALL, "price")
        with pytest.raises(UnknownValueError, match="weight"):
            self.browse(index, ALL, "weight")

    def test_legs_answer_in_their_order(self, index: SearchIndex) -> None:
        self.shop(index)
        answers = index.legs(
            [ConceptLeg(("saw",), 5), CodeLeg(("L-3",), 5), CodeLeg(("none",), 5), ConceptLeg(("bit",), 5)], ALL
        )
        assert [ids(answer) for answer in answers] == [["north/2"], ["east/3"], [], ["west/4"]]

    def test_the_same_question_has_the_same_answer(self, index: SearchIndex) -> None:
        self.shop(index)
        legs: list[Leg] = [TextLeg("en", (index.analyze("en", "lamp")[0].text,), 5), VectorLeg(direction((0, 1)), 5)]
        assert list(index.legs(legs, ALL)) == list(index.legs(legs, ALL))

    # -- filters ------------------------------------------------------------------------------------------------------

    FILTERS: ClassVar[tuple[tuple[Filters, set[str]], ...]] = (
        (Filters({"category": (TOOLS,)}), {"north/1", "north/2", "west/4"}),
        (Filters({"category": (DRILLS,)}), {"north/1", "west/4"}),
        (Filters({"category": (SAWS, LAMPS)}), {"north/2", "east/3"}),
        (Filters({"brand": ("bosch",)}), {"north/1", "east/3"}),
        (Filters({"brand": ("Bosch",)}), set()),
        (Filters({"supplier": ("north", "west")}), {"north/1", "north/2", "west/4"}),
        (Filters({"country": ("DE",)}), {"north/1", "east/3"}),
        (Filters({"currency": ("USD",)}), {"north/1", "east/3"}),
        (Filters({"brand": ("bosch",), "category": (TOOLS,)}), {"north/1"}),
        (Filters({"brand": ("bosch",), "country": ("JP",)}), set()),
        (Filters({"supplier": ("nobody",)}), set()),
        (Filters(prices=((Decimal("99.90"), None),)), {"north/1", "north/2"}),
        (Filters(prices=((None, Decimal("20")),)), {"east/3", "west/4"}),
        (Filters(prices=((Decimal("99.91"), Decimal("110")),)), {"north/1"}),
        (Filters({"currency": ("EUR",)}, ((Decimal("99.91"), Decimal("149.50")),)), {"north/2"}),
        (Filters({"currency": ("EUR",)}, ((Decimal("5.25"), Decimal("5.25")),)), {"west/4"}),
        (Filters({"currency": ("EUR",)}, ((Decimal("5.2500001"), Decimal("5.26")),)), set()),
        (Filters({"currency": ("EUR", "USD")}, ((Decimal("100"), None),)), {"north/1", "north/2"}),
        (Filters({"currency": ("GBP",)}, ((Decimal("0"), None),)), set()),
        (Filters(prices=((Decimal("50"), Decimal("40")),)), set()),
        (Filters({"attributes.colour": ("blue",)}), {"north/1"}),
        (Filters({"attributes.colour": ("blue", "green")}), {"north/1", "north/2"}),
        (Filters({"attributes.colour": ("blue", "green"), "attributes.größe": ("m",)}), {"north/1"}),
        (Filters({"attributes.colour": ("dark-blue~0f0f0f0f",), "brand": ("bosch",)}), {"east/3"}),
        (Filters({"attributes.colour": ("blue",)}, ((None, Decimal("20")),)), set()),
        (Filters({"attributes.nobody-has": ("blue",)}), set()),
        (Filters(prices=((None, None),)), {"north/1", "north/2", "east/3", "west/4"}),
    )

    @pytest.mark.parametrize(("filters", "expected"), FILTERS)
    def test_filters_hold_for_every_leg(self, index: SearchIndex, filters: Filters, expected: set[str]) -> None:
        self.shop(index)
        everything = "drill saw lamp bit"
        tokens = tuple(token.text for token in index.analyze("en", everything))
        legs = (
            TextLeg("en", tokens, 10),
            CodeLeg(("GSR18", "HS7601", "L-3"), 10),
            ConceptLeg(("drill", "saw", "lamp"), 10),
            VectorLeg(direction((0, 1)), 10),
            VectorLeg(direction((0, 1)), 10, {"de": direction((3, 1)), "en": direction((4, 1))}),
            BrowseLeg("en", "newest", 10),
        )
        for answer in index.legs(legs, filters):
            assert set(ids(answer)) == expected
            assert answer.total == len(expected)

    def test_filters_come_before_the_limit(self, index: SearchIndex) -> None:
        self.shop(index)
        last = Filters({"supplier": ("west",)})
        token = index.analyze("en", "drill")[0].text
        legs = (TextLeg("en", (token,), 1), VectorLeg(direction((0, 1)), 1), ConceptLeg(("drill",), 1))
        assert [ids(answer) for answer in index.legs(legs, last)] == [["west/4"]] * 3

    def test_a_filter_follows_a_changed_fact(self, index: SearchIndex) -> None:
        self.shop(index)
        moved = replace(LAMP, country="IT", prices={"EUR": Decimal("7")})
        index.write(
            "b1",
            [replace(one, facts=moved) for one in SHOP_DOCUMENTS if one.id == "east/3"],
            [replace(SHOP_PRODUCTS[2], facts=moved)],
        )
        index.commit("b1")
        italy = Filters({"country": ("IT",), "currency": ("EUR",)}, ((Decimal("6"), Decimal("8")),))
        token = index.analyze("en", "lamp")[0].text
        legs = (TextLeg("en", (token,), 5), CodeLeg(("L-3",), 5), BrowseLeg("en", "price", 5))
        assert [ids(answer) for answer in index.legs(legs, italy)] == [["east/3"]] * 3
        assert index.documents("en", ["east/3"])["east/3"].facts == moved
        assert not ids(self.browse(index, Filters({"country": ("DE",), "supplier": ("east",)})))

    def test_an_unknown_filter_or_facet_is_refused(self, index: SearchIndex) -> None:
        self.shop(index)
        with pytest.raises(UnknownValueError, match="colour"):
            self.leg(index, CodeLeg(("GSR18",), 5), Filters({"colour": ("red",)}))
        with pytest.raises(UnknownValueError, match="colour"):
            index.facets(["colour"], None, ALL)

    @pytest.mark.parametrize(
        "name", ["attributes", "attributes.", "attributes.a b", "attributes.a=b", "attributes.a.*"]
    )
    def test_a_name_that_no_attribute_can_have_is_refused(self, index: SearchIndex, name: str) -> None:
        self.shop(index)
        with pytest.raises(UnknownValueError, match="filter"):
            self.leg(index, CodeLeg(("GSR18",), 5), Filters({name: ("red",)}))
        if name != "attributes":
            with pytest.raises(UnknownValueError, match="facet"):
                index.facets([name], None, ALL)

    # -- facets -------------------------------------------------------------------------------------------------------

    def test_facets_count_all_products(self, index: SearchIndex) -> None:
        self.shop(index)
        assert index.facets(FACETS, None, ALL) == {
            "category": {TOOLS: 3, DRILLS: 2, SAWS: 1, LAMPS: 1},
            "brand": {"bosch": 2, "makita": 1},
            "supplier": {"north": 2, "east": 1, "west": 1},
            "country": {"DE": 2, "JP": 1},
            "currency": {"EUR": 3, "USD": 2},
        }

    def test_facets_count_what_passes_the_filters(self, index: SearchIndex) -> None:
        self.shop(index)
        found = index.facets(["category", "brand"], None, Filters({"currency": ("EUR",)}, ((Decimal(50), None),)))
        assert found == {"category": {TOOLS: 2, DRILLS: 1, SAWS: 1}, "brand": {"bosch": 1, "makita": 1}}

    def test_facets_count_over_ids(self, index: SearchIndex) -> None:
        self.shop(index)
        found = index.facets(["category", "currency"], ["north/2", "west/4", "nobody/0", "west/4"], ALL)
        assert found == {"category": {TOOLS: 2, SAWS: 1, DRILLS: 1}, "currency": {"EUR": 2}}
        assert index.facets(["brand"], [], ALL) == {"brand": {}}

    def test_attributes_are_counted_by_key_and_by_value(self, index: SearchIndex) -> None:
        self.shop(index)
        names = ["attributes", "attributes.colour", "attributes.größe", "attributes.code", "brand"]
        assert index.facets(names, None, ALL) == {
            "attributes": {"colour": 3, "größe": 1, "colour-code": 1},
            "attributes.colour": {"blue": 1, "green": 1, "dark-blue~0f0f0f0f": 1},
            "attributes.größe": {"m": 1},
            "attributes.code": {},
            "brand": {"bosch": 2, "makita": 1},
        }
        narrowed = Filters({"attributes.colour": ("blue", "green"), "supplier": ("north",)})
        assert index.facets(["attributes.größe"], None, narrowed) == {"attributes.größe": {"m": 1}}
        assert index.facets(["attributes"], ["east/3"], ALL) == {"attributes": {"colour": 1}}

    def test_attributes_follow_the_product(self, index: SearchIndex) -> None:
        self.shop(index)
        # Asked before as well: what a backend keeps of the facts has to follow.
        assert index.facets(["attributes.colour"], None, ALL)["attributes.colour"]["green"] == 1
        repainted = replace(SAW, attributes={"finish": "matt"})
        live = index.live() or ""
        written = [replace(SHOP_DOCUMENTS[1], facts=repainted), replace(SHOP_DOCUMENTS[5], facts=repainted)]
        index.write(live, written, [replace(SHOP_PRODUCTS[1], facts=repainted)])
        index.delete(live, ["north/1"])
        index.commit(live)
        assert index.facets(["attributes", "attributes.colour"], None, ALL) == {
            "attributes": {"colour": 1, "finish": 1},
            "attributes.colour": {"dark-blue~0f0f0f0f": 1},
        }
        assert ids(self.browse(index, Filters({"attributes.finish": ("matt",)}))) == ["north/2"]
        assert not ids(self.browse(index, Filters({"attributes.colour": ("green",)})))

    def test_thousands_of_attributes_are_as_good_as_one(self, index: SearchIndex) -> None:
        named = {f"attribute-{number}": f"value-{number % 7}" for number in range(5_000)}
        facts = Facts("s", attributes=named)
        self.fill(
            index, "b1", [document("s/1", "en", "Odd", facts=facts)], [product("s/1", direction((0, 1)), facts=facts)]
        )
        index.promote("b1", None)
        assert index.facets(["attributes.attribute-4999"], None, ALL) == {"attributes.attribute-4999": {"value-1": 1}}
        assert len(index.facets(["attributes"], None, ALL)["attributes"]) == 5_000
        assert ids(self.browse(index, Filters({"attributes.attribute-4999": ("value-1",)}))) == ["s/1"]
        assert index.documents("en", ["s/1"])["s/1"].facts == facts

    def test_every_value_has_an_example_in_the_language(self, index: SearchIndex) -> None:
        self.shop(index)
        pairs = [
            ("category", LAMPS),
            ("brand", "makita"),
            ("attributes.colour", "blue"),
            ("attributes.colour", "x\ud800"),
        ]
        assert index.examples("en", pairs) == {
            ("category", LAMPS): "east/3",
            ("brand", "makita"): "north/2",
            ("attributes.colour", "blue"): "north/1",
        }
        assert index.examples("de", [("brand", "nobody")]) == {}
        with pytest.raises(UnknownValueError, match="colour"):
            index.examples("de", [("colour", "blue")])
        with pytest.raises(UnknownValueError, match="xx"):
            index.examples("xx", pairs)

    def test_attributes_are_shown_as_the_language_calls_them(self, index: SearchIndex) -> None:
        shown = {"colour": ("Farbe", 'blau · "matt"'), "größe": ("Größe", "M")}
        self.fill(index, "b1", [replace(SHOP_DOCUMENTS[4], attributes=shown), SHOP_DOCUMENTS[0]], SHOP_PRODUCTS[:1])
        assert index.documents("de", ["north/1"], "b1")["north/1"].attributes == shown
        assert index.documents("en", ["north/1"], "b1")["north/1"].attributes == {}

    # -- suggestions --------------------------------------------------------------------------------------------------

    def test_suggestions_complete_titles_categories_and_brands(self, index: SearchIndex) -> None:
        self.shop(index)
        assert [(one.text, one.kind) for one in index.suggest("en", "dr", 5)] == [
            ("Drills", "category"),
            ("Cordless drill 18 V", "product"),
        ]
        assert [(one.text, one.kind) for one in index.suggest("en", "BOS", 5)] == [("Bosch", "brand")]
        assert [(one.text, one.kind) for one in index.suggest("de", "kreissag", 5)] == [("Kreissäge", "product")]

    def test_a_title_is_suggested_in_the_language_that_it_is_written_in(self, index: SearchIndex) -> None:
        self.shop(index)
        assert [one.text for one in index.suggest("en", "garden", 5)] == ["Garden lamp"]
        assert not index.suggest("de", "garden", 5)

    def test_suggestions_keep_their_limit_and_are_not_repeated(self, index: SearchIndex) -> None:
        titles = ["Drill one", "Drill two", "Drill two", "Drill three", "Hand drill"]
        documents = [
            document(f"s/{at}", "en", title, category=(f"Drill kind {at}",)) for at, title in enumerate(titles)
        ]
        self.fill(index, "b1", documents, [])
        index.promote("b1", None)
        found = [one.text for one in index.suggest("en", "drill", 4)]
        assert found == ["Drill kind 0", "Drill kind 1", "Drill one", "Drill three"]
        assert len(index.suggest("en", "drill", 20)) == 5 + 4

    def test_nothing_is_suggested_for_nothing(self, index: SearchIndex) -> None:
        self.shop(index)
        for prefix in ("", "  ", "?!", "zzz"):
            assert not index.suggest("en", prefix, 5)

    # -- analysis -----------------------------------------------------------------------------------------------------

    def test_tokens_have_document_frequencies(self, index: SearchIndex) -> None:
        self.shop(index)
        assert [token.documents for token in index.analyze("en", "Drills lamp absent")] == [2, 2, 0]

    @pytest.mark.parametrize("lang", CODES)
    def test_words_meet_and_stay_apart(self, index: SearchIndex, lang: str) -> None:
        titles = [title for _, title in (*MEET[lang], *APART[lang])]
        documents = [document(f"s/{at}", lang, title) for at, title in enumerate(titles)]
        self.fill(index, "b1", documents, [], langs=(lang,))
        index.promote("b1", None)
        for at, (query, _) in enumerate((*MEET[lang], *APART[lang])):
            found = ids(self.text(index, lang, query))
            expected = at < len(MEET[lang]) and query not in self.KEPT_APART
            assert (f"s/{at}" in found) == expected, (query, titles[at], index.analyze(lang, query))

    # -- shapes -------------------------------------------------------------------------------------------------------

    def test_answers_are_of_the_model(self, index: SearchIndex) -> None:
        self.shop(index)
        answer = self.text(index, "en", "drill")
        assert all(isinstance(match, Match) for match in answer.matches)
        assert answer.matches[0].score > answer.matches[1].score > 0
