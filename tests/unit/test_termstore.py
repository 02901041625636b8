"""Terms in the store: whose they are, and that a change touches exactly the texts that it concerns."""

from dataclasses import replace
from pathlib import Path

import pytest

from catalog.database import writing
from catalog.errors import NotFoundError
from catalog.forgetting import forget_supplier
from catalog.model import Attribute, GivenText, Product
from tests.fakes.shop import Shop as IndexedShop
from tests.unit.shop import Recorder, Shop, lamp
from tests.unit.terms import small_termbase
from tests.unit.test_termlayers import said
from translation.batch import Batch, BatchOptions, BatchReport
from translation.engines.echo import EchoEngine
from translation.model import State
from translation.routing import Router
from translation.terminology.affected import mark_left
from translation.terminology.concepts import Layer
from translation.terminology.store import EVERYBODY, Saved, TermStore

pytestmark = pytest.mark.usefixtures("database")

GERMAN = [
    lamp("1", lang="de", title="Schraube"),
    lamp("2", lang="de", title="Schrauben rot"),
    lamp("3", lang="de", title="Lampe"),
    lamp("4", lang="de", title="Lampe rot"),
    lamp("1", supplier="other", lang="de", title="Schraube"),
]


class Works:
    """A shop with terms of its own and no engine: what is translated is made of terms."""

    def __init__(self, folder: Path) -> None:
        self.shop = Shop(folder)
        self.terms = TermStore(self.shop.database, small_termbase())
        self.engine = Recorder([])

    def run(self, *langs: str, **options: object) -> BatchReport:
        batch = Batch(self.shop.store, Router([self.engine]), self.terms, waits=(0.0, 0.0))
        return batch.translate_pending(BatchOptions(langs or ("fr",), **options))  # type: ignore[arg-type]

    def shown(self, product: Product, lang: str = "fr") -> str | None:
        return self.shop.shown(product, lang).translation.text


@pytest.fixture
def works(tmp_path: Path) -> Works:
    return Works(tmp_path)


@pytest.fixture
def german(works: Works) -> Works:
    works.shop.put(*GERMAN)
    works.run("fr", "es")
    return works


def test_terms_come_back_as_they_were_saved(works: Works) -> None:
    bolt = said("bolt", categories=["Tools", "A > B"], de="Schraube|Bolzen", fr="vis", forbidden={"fr": ("clou",)})
    keep = said("keep", kept=True, en="Dri-FIT")
    assert works.terms.save("acme", [bolt, keep]) == Saved(2, 0, 0, 0)
    assert works.terms.save("acme", [bolt, keep]) == Saved(0, 0, 2, 0)
    found = works.terms.concepts("acme")
    assert [one.id for one in found] == ["bolt", "keep"]
    assert found[0] == bolt
    assert found[1].kept
    assert works.terms.concepts(EVERYBODY) == []


def test_languages_of_which_nothing_is_said_stay(works: Works) -> None:
    works.terms.save("acme", [said("bolt", de="Schraube", fr="vis", forbidden={"fr": ("clou",)})])
    works.terms.save("acme", [said("bolt", de="Bolzen")], ["de", "es"])
    [found] = works.terms.concepts("acme")
    assert found == said("bolt", de="Bolzen", fr="vis", forbidden={"fr": ("clou",)})
    works.terms.save("acme", [said("bolt", de="Bolzen")])
    assert works.terms.concepts("acme") == [said("bolt", de="Bolzen")]


def test_a_suppliers_terms_reach_that_supplier_alone(german: Works) -> None:
    german.terms.save("acme", [said("bolt-de", de="Schraube", fr="boulon")])
    german.run()
    assert german.shown(GERMAN[0]) == "Boulon"
    assert german.shown(GERMAN[4]) == "Vis"
    assert german.shop.shown(GERMAN[0], "fr").translation.state is State.TERM


def test_the_operators_terms_reach_all_and_a_suppliers_own_win(german: Works) -> None:
    german.terms.save(EVERYBODY, [said("bolt-de", de="Schraube", fr="boulon")])
    german.terms.save("other", [said("bolt-de", fr="vis à tête")])
    german.run()
    assert [german.shown(one) for one in (GERMAN[0], GERMAN[4])] == ["Boulon", "Vis à tête"]


def test_one_changed_term_translates_exactly_the_texts_that_contain_it(german: Works) -> None:
    position = german.shop.store.position()
    saved = german.terms.save("acme", [said("bolt-de", de="Schraube", fr="boulon")])
    assert saved.texts == 2  # "Schraube" and "Schrauben rot" of this supplier
    report = german.run("fr", "es")
    assert german.shop.log(position) == [("acme/1", "fr"), ("acme/2", "fr")]
    assert report.by_engine == {"term": 1, "gloss": 1}  # Spanish was looked at and found as it was
    assert report.reused == 2
    assert german.run("fr", "es").segments == 0


def test_a_language_whose_terms_did_not_change_is_found_as_it_was(german: Works) -> None:
    bolt = said("bolt-de", de="Schraube", fr="boulon", es="perno")
    german.terms.save("acme", [bolt])
    german.run("fr", "es")
    german.terms.save("acme", [said("bolt-de", de="Schraube", fr="vis", es="perno")])
    report = german.run("fr", "es")
    assert (sum(report.by_engine.values()), report.reused) == (2, 2)


def test_a_term_that_is_taken_back_leaves_no_trace(german: Works) -> None:
    before = [german.shown(one) for one in GERMAN]
    german.terms.save("acme", [said("bolt-de", de="Schraube", fr="boulon")])
    german.run("fr", "es")
    position = german.shop.store.position()
    assert german.terms.remove("acme", ["bolt-de"]) == 2
    german.run("fr", "es")
    assert [german.shown(one) for one in GERMAN] == before
    assert german.shop.log(position) == [("acme/1", "fr"), ("acme/2", "fr")]
    assert german.terms.concepts("acme") == []


def test_a_term_for_a_starter_concept_finds_its_texts_by_the_starters_words(german: Works) -> None:
    position = german.shop.store.position()
    german.terms.save(EVERYBODY, [said("screw", fr="boulon")])
    german.run("fr", "es")
    assert german.shop.log(position) == [("acme/1", "fr"), ("acme/2", "fr"), ("other/1", "fr")]


def test_an_unrelated_term_changes_nothing(german: Works) -> None:
    position = german.shop.store.position()
    assert german.terms.save("acme", [said("x", de="Gartenschlauch", fr="tuyau")]).texts == 0
    report = german.run("fr", "es")
    assert (report.segments, report.reused, german.shop.log(position)) == (0, 0, [])


def test_a_missing_concept_is_named_and_nothing_is_removed(works: Works) -> None:
    works.terms.save("acme", [said("bolt", de="Schraube")])
    with pytest.raises(NotFoundError, match="supplier acme has no concept 'nut'"):
        works.terms.remove("acme", ["bolt", "nut"])
    assert len(works.terms.concepts("acme")) == 1


def test_a_termbase_is_made_again_only_when_its_terms_changed(works: Works) -> None:
    works.terms.save("acme", [said("bolt", de="Schraube")])
    acme, other = works.terms.of("acme"), works.terms.of("other")
    assert works.terms.of("acme") is acme
    works.terms.save("third", [said("bolt", de="Schraube")])
    assert works.terms.of("acme") is acme
    works.terms.save(EVERYBODY, [said("nut", de="Mutter")])
    assert works.terms.of("acme") is not acme
    assert works.terms.of("other") is not other


def test_another_process_sees_the_change(works: Works, tmp_path: Path) -> None:
    before = works.terms.of("acme")
    TermStore(Shop(tmp_path).database, small_termbase()).save("acme", [said("bolt", de="Schraube")])
    assert works.terms.of("acme") is not before


def test_a_supplier_that_was_forgotten_has_no_terms(works: Works) -> None:
    works.terms.save("acme", [said("bolt", de="Schraube", fr="boulon")])
    plain = works.terms.of("other")
    assert works.terms.of("acme") is not plain
    works.shop.put(lamp("1"))
    with writing(works.shop.database) as connection:
        forget_supplier(connection, "acme")
    assert works.terms.of("acme") is plain
    assert works.terms.concepts("acme") == []
    works.terms.save("acme", [said("bolt", de="Schraube", fr="vis")])
    assert works.terms.of("acme").naming("fr", "vis")[0].layer is Layer.SUPPLIER


# -- names that are kept, words that are forbidden --------------------------------------------------------------------


def test_a_name_is_kept_in_every_language(works: Works) -> None:
    works.shop.put(lamp("1", lang="de", title="Lampe Rot"), lamp("2", lang="de", title="Lampe"))
    works.run()
    assert works.shown(lamp("1")) == "Lampe rouge"
    position = works.shop.store.position()
    assert works.terms.save("acme", [said("keep-rot", kept=True, en="Rot")]).texts == 1
    works.run()
    assert works.shown(lamp("1")) == "Lampe Rot"
    assert works.shop.log(position) == [("acme/1", "fr")]


def test_a_text_that_is_a_kept_name_is_copied(works: Works) -> None:
    works.shop.put(lamp("1", lang="de", title="Kaltschaum"))
    works.terms.save(EVERYBODY, [said("keep-kaltschaum", kept=True, de="Kaltschaum")])
    works.run()
    found = works.shop.shown(lamp("1"), "fr").translation
    assert (found.text, found.state) == ("Kaltschaum", State.SOURCE)


def test_a_forbidden_word_touches_the_translations_that_use_it(german: Works) -> None:
    position = german.shop.store.position()
    saved = german.terms.save(EVERYBODY, [said("not-rouge-fr", forbidden={"fr": ("rouge",)})])
    assert saved.texts == 2
    german.run("fr", "es")
    assert sorted({product for product, _ in german.shop.log(position)}) == ["acme/2", "acme/4"]
    assert {lang for _, lang in german.shop.log(position)} == {"fr"}
    assert "rouge" not in str(german.shown(GERMAN[1])).split()


def test_a_word_that_is_allowed_again_comes_back(german: Works) -> None:
    before = [german.shown(one) for one in GERMAN]
    german.terms.save(EVERYBODY, [said("not-rouge-fr", forbidden={"fr": ("rouge",)})])
    german.run("fr", "es")
    german.terms.remove(EVERYBODY, ["not-rouge-fr"])
    german.run("fr", "es")
    assert [german.shown(one) for one in GERMAN] == before


def test_a_suppliers_word_for_what_was_forbidden_comes_back_too(works: Works) -> None:
    works.terms.save("acme", [said("screw", de="Schräubli")])
    works.terms.save(EVERYBODY, [said("screw", fr="vis|boulon")])
    works.shop.put(lamp(lang="de", title="Schräubli"))
    works.run()
    assert works.shown(lamp()) == "Vis"
    works.terms.save(EVERYBODY, [said("not-vis-fr", forbidden={"fr": ("vis",)})])
    works.run()
    assert works.shown(lamp()) == "Boulon"
    works.terms.remove(EVERYBODY, ["not-vis-fr"])
    works.run()
    assert works.shown(lamp()) == "Vis"


HOSES = lamp("1"), lamp("2", title="green garden gate")


@pytest.fixture
def hoses(works: Works) -> Works:
    works.engine = Recorder(["en-de"])
    works.shop.put(*HOSES)
    works.run("de")
    assert works.shown(HOSES[0], "de") == "green·de garden·de hose·de"
    return works


def test_a_word_of_an_engine_may_be_forbidden_and_allowed_again(hoses: Works) -> None:
    position = hoses.shop.store.position()
    assert hoses.terms.save("acme", [said("not-hose-de", forbidden={"de": ("hose",)})]).texts == 1
    hoses.run("de")
    assert hoses.shop.shown(HOSES[0], "de").translation.state is State.NEEDS_REVIEW
    hoses.terms.remove("acme", ["not-hose-de"])
    hoses.run("de")
    assert hoses.shown(HOSES[0], "de") == "green·de garden·de hose·de"
    assert hoses.shop.log(position) == [("acme/1", "de")] * 2
    assert len(hoses.engine.asked) == 2  # what it said was kept


def test_a_term_that_becomes_the_preferred_one_is_demanded(hoses: Works) -> None:
    offered = said("hose-en", en="hose", de="Schlauch")
    hoses.terms.save("acme", [replace(offered, binding=frozenset())])
    hoses.run("de")
    assert hoses.shown(HOSES[0], "de") == "green·de garden·de hose·de"
    hoses.terms.save("acme", [offered])
    hoses.run("de")
    assert "Schlauch" in str(hoses.shown(HOSES[0], "de"))


# -- categories -------------------------------------------------------------------------------------------------------

SCREW_HERE = Product("acme", "s", "de", "Schraube", category=("Werkzeug", "Befestigung"))
SCREW_THERE = Product("acme", "t", "de", "Schraube", category=("Boote",))


def test_a_term_holds_in_its_category(works: Works) -> None:
    works.terms.save("acme", [said("x", categories=["Befestigung"], de="Schraube", fr="boulon")])
    works.shop.put(SCREW_HERE)
    works.run()
    assert works.shown(SCREW_HERE) == "Boulon"


def test_a_text_that_other_products_carry_too_is_not_that_categorys(works: Works) -> None:
    works.terms.save("acme", [said("x", categories=["Befestigung"], de="Schraube", fr="boulon")])
    works.shop.put(SCREW_HERE, SCREW_THERE)
    works.run()
    assert works.shown(SCREW_HERE) == "Vis"


def test_a_product_that_moves_takes_the_terms_of_its_new_category(works: Works) -> None:
    works.terms.save("acme", [said("x", categories=["Boote"], de="Schraube", fr="boulon")])
    works.shop.put(SCREW_HERE, lamp("9", lang="de", title="Lampe"))
    works.run()
    assert works.shown(SCREW_HERE) == "Vis"
    works.shop.put(Product("acme", "s", "de", "Schraube", category=("Boote", "Teile")))
    position = works.shop.store.position()
    report = works.run()
    assert works.shown(SCREW_HERE) == "Boulon"
    assert works.shop.log(position) == [("acme/s", "fr")]
    assert report.segments + report.reused == 3  # its title and the two levels of its category, and not the lamp


def test_a_text_whose_other_carrier_is_withdrawn_stands_in_fewer_categories(works: Works) -> None:
    works.terms.save("acme", [said("x", categories=["Befestigung"], de="Schraube", fr="boulon")])
    works.shop.put(SCREW_HERE, SCREW_THERE)
    works.run()
    works.shop.withdraw(SCREW_THERE)
    works.shop.store.follow()  # as the index or a look at the status may do first
    works.run()
    assert works.shown(SCREW_HERE) == "Boulon"


def test_a_text_whose_other_carrier_says_something_else_stands_in_fewer_categories(works: Works) -> None:
    works.terms.save("acme", [said("x", categories=["Befestigung"], de="Schraube", fr="boulon")])
    works.shop.put(SCREW_HERE, SCREW_THERE)
    works.run()
    works.shop.put(replace(SCREW_THERE, title="Lampe"))
    works.shop.store.follow()
    works.run()
    assert works.shown(SCREW_HERE) == "Boulon"


def test_without_terms_of_a_category_a_changed_product_lets_nothing_be_looked_at(works: Works) -> None:
    works.terms.save("acme", [said("x", de="Schraube", fr="boulon")])
    works.shop.put(SCREW_HERE, SCREW_THERE)
    works.run()
    with writing(works.shop.database) as connection:
        mark_left(connection, [SCREW_HERE.id, SCREW_THERE.id])
    report = works.run()
    assert (report.segments, report.reused) == (0, 0)


def test_a_term_reaches_an_attribute_in_its_category(works: Works) -> None:
    works.terms.save("acme", [said("x", categories=["Boote"], de="Karton", fr="étui")])
    works.shop.put(
        Product("acme", "a", "de", "Lampe", category=("Boote",), attributes=(Attribute("art", "Art", "Karton"),))
    )
    works.run()
    found = works.shop.store.field_texts(["acme/a"], ["fr"])["acme/a"]
    assert [one.translation.text for one in found if one.field == "attributes.art.value"] == ["Étui"]


def test_a_word_may_be_forbidden_in_one_category(works: Works) -> None:
    works.engine = Recorder(["en-de"])
    works.terms.save("acme", [said("no", categories=["boats"], forbidden={"de": ("hose",)})])
    works.shop.put(lamp(category=("garden stuff",)))
    works.run("de")
    assert works.shop.shown(lamp(), "de").translation.state is State.MACHINE
    works.shop.put(lamp(category=("boats",)))
    works.run("de")
    assert works.shop.shown(lamp(), "de").translation.state is State.NEEDS_REVIEW


def test_the_first_term_with_a_category_lets_nothing_else_be_looked_at(german: Works) -> None:
    german.terms.save("acme", [said("x", categories=["Boote"], de="Schraube", fr="boulon")])
    report = german.run("fr", "es")
    assert (report.segments, report.reused) == (0, 4)  # two texts that have the term, in two languages


# -- engines and the index --------------------------------------------------------------------------------------------


def test_a_term_that_changes_while_a_page_is_in_work_is_not_lost(works: Works) -> None:
    class Interrupting(Recorder):
        def translate(self, pair, texts):  # type: ignore[no-untyped-def]
            if not self.asked:
                works.terms.save("acme", [said("x", de="Schraube", fr="boulon")])
            return super().translate(pair, texts)

    works.engine = Interrupting(["de-fr"])
    works.shop.put(lamp("1", lang="de", title="Schraube"), lamp("2", lang="de", title="grüner Gartenschlauch"))
    works.run()
    assert works.shown(lamp("1")) == "Boulon"


def test_a_term_of_the_english_that_a_supplier_gave_concerns_the_text(works: Works) -> None:
    works.engine = Recorder(["en-fr"])
    hose = lamp(lang="de", title="grüner Gartenschlauch", given=(GivenText("title", "en", "green garden hose"),))
    works.shop.put(hose, lamp("2", lang="de", title="Lampe"))
    works.run("en", "fr")
    assert works.shown(hose) == "green·fr garden·fr hose·fr"
    position = works.shop.store.position()
    works.terms.save("acme", [said("hose-en", en="hose", fr="tuyau")])
    works.run("en", "fr")
    assert works.shop.log(position) == [("acme/1", "fr")]
    assert "tuyau" in str(works.shown(hose))


def test_the_delta_index_follows_a_changed_term(tmp_path: Path) -> None:
    shop = IndexedShop(tmp_path)
    terms = TermStore(shop.database, small_termbase())

    def translate() -> None:
        Batch(shop.translations, Router([EchoEngine([])]), terms).translate_pending(BatchOptions(("de", "en", "fr")))

    shop.save(
        *(Product("acme", str(number), "de", title) for number, title in enumerate(["Schraube", "Lampe", "Akku"]))
    )
    translate()
    shop.builder().update()
    assert shop.ids("fr", "vis") == {"acme/0"}
    terms.save("acme", [said("bolt-de", de="Schraube", fr="boulon")])
    translate()
    report = shop.builder().update()
    assert report.mode == "delta"
    assert {lang: counted.written for lang, counted in report.langs.items()} == {"de": 0, "en": 0, "fr": 1}
    assert shop.ids("fr", "boulon") == {"acme/0"}
    assert shop.ids("fr", "vis") == set()
