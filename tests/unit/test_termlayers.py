"""Terms in layers: a supplier's over the operator's over the starter terms, and where each of them holds."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.unit.terms import LAMP, RED, SCREW, concept, small_termbase
from translation.terminology.concepts import Concept, Layer, is_in
from translation.terminology.requirements import Requirement, breaches
from translation.terminology.termbase import Termbase, TermMatch


def said(
    name: str,
    layer: Layer = Layer.SUPPLIER,
    categories: Sequence[str] = (),
    forbidden: dict[str, tuple[str, ...]] | None = None,
    kept: bool = False,
    kind: str = "product",
    **terms: str,
) -> Concept:
    """Return a concept that someone added; the first term of each language is the preferred one."""
    spelled = {lang: tuple(cell.split("|")) for lang, cell in terms.items()}
    return Concept(name, kind, "", spelled, layer, tuple(categories), forbidden or {}, frozenset(spelled), kept)


def over(*concepts: Concept, beneath: Termbase | None = None) -> Termbase:
    return Termbase(concepts, beneath or small_termbase())


def into(base: Termbase, target: str, lang: str, text: str, categories: Sequence[str] = ()) -> list[str]:
    """Return what the terms of a text are called in ``target``."""
    view = base.within(categories, target)
    return [found.concept.preferred(target) for found in view.match(lang, text)]


def test_a_suppliers_term_wins_and_is_sure() -> None:
    base = over(said("bolt-de", de="Schraube", fr="boulon"))
    assert into(base, "fr", "de", "Schrauben rot") == ["boulon", "rouge"]
    [match, _] = base.within((), "fr").match("de", "Schrauben rot")
    assert match.is_sure("fr")
    assert match.rivals == ()


def test_where_a_layer_is_silent_the_one_beneath_speaks() -> None:
    base = over(said("bolt-de", de="Schraube", fr="boulon"))
    assert into(base, "es", "de", "Schraube") == ["tornillo"]
    assert into(base, "fr", "en", "screw") == ["vis"]


def test_a_longer_term_without_a_translation_hides_no_shorter_one() -> None:
    base = over(said("hex-de", de="rote Schraube", fr="vis rouge"))
    assert into(base, "fr", "de", "rote Schraube") == ["vis rouge"]
    assert into(base, "es", "de", "rote Schraube") == ["rojo", "tornillo"]


def test_three_layers_in_order() -> None:
    operators = over(said("a", Layer.INSTALLATION, de="Schraube", fr="vis operateur", es="perno"))
    suppliers = over(said("b", de="Schraube", fr="vis fournisseur"), beneath=operators)
    assert into(suppliers, "fr", "de", "Schraube") == ["vis fournisseur"]
    assert into(suppliers, "es", "de", "Schraube") == ["perno"]
    assert into(suppliers, "pt", "de", "Schraube") == ["parafuso"]
    assert into(operators, "fr", "de", "Schraube") == ["vis operateur"]


def test_the_same_id_says_of_the_same_thing_what_is_different() -> None:
    base = over(said("screw", fr="boulon"))
    assert into(base, "fr", "de", "Schraube") == ["boulon"]
    assert into(base, "es", "de", "Schraube") == ["tornillo"]
    assert into(base, "de", "fr", "vis") == ["Schraube"]  # what the starter calls it is still understood
    assert into(base, "de", "fr", "boulon") == ["Schraube"]


def test_compounds_are_taken_apart_across_layers() -> None:
    base = over(said("bolt-de", de="Bolzen", fr="boulon"))
    assert into(base, "fr", "de", "Edelstahlbolzen") == ["inox", "boulon"]


def test_layers_in_a_language_without_spaces() -> None:
    base = over(said("x", zh="螺丝", de="Bolzen"))
    assert into(base, "de", "zh", "不锈钢螺丝") == ["Edelstahl", "Bolzen"]
    assert into(base, "fr", "zh", "不锈钢螺丝") == ["inox", "vis"]


def test_the_starter_layer_alone_is_the_same_from_everywhere() -> None:
    base = small_termbase()
    assert base.within(("Tools",), "de") is base


def test_languages_that_lack_the_same_terms_share_their_matches() -> None:
    base = over(said("x", de="Schraube", fr="boulon"))
    assert base.within((), "es") is base.within((), "pt")
    assert base.within((), "es") is not base.within((), "fr")


def test_a_kind_that_an_attribute_wants_wins_over_a_higher_layer() -> None:
    brown = concept("brown", "colour", ja="茶色|茶", de="braun")
    base = Termbase([said("tea-ja", ja="茶", de="Tee")], Termbase([brown, concept("colour", "feature", ja="色")]))
    view = base.within((), "de")
    assert [found.concept.preferred("de") for found in view.match("ja", "茶", "色")] == ["braun"]
    assert [found.concept.preferred("de") for found in view.match("ja", "茶")] == ["Tee"]


def test_what_a_supplier_calls_a_colour_does_not_change_what_stands_under_it() -> None:
    brown = concept("brown", "colour", ja="茶", de="braun")
    starter = Termbase([concept("tea", ja="茶", de="Tee"), brown, concept("colour", "feature", ja="色")])
    base = Termbase([said("shade-ja", ja="色", de="Farbton")], starter).within((), "de")
    assert [found.concept.id for found in base.match("ja", "茶", "色")] == ["brown"]


def test_a_form_of_a_suppliers_term_wins_over_a_starter_term_as_it_stands() -> None:
    base = Termbase([said("bolt-de", de="Schraube", fr="boulon")], Termbase([concept("screws", de="Schrauben")]))
    assert into(base, "fr", "de", "Schrauben") == ["boulon"]


def test_what_someone_added_needs_no_kind_under_a_colour() -> None:
    base = Termbase([said("x", ja="藍", de="indigo")], Termbase([concept("colour", "feature", ja="色")]))
    assert [found.concept.id for found in base.within((), "de").match("ja", "藍", "色")] == ["x"]


# -- categories -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "category", "inside"),
    [
        ("Tools > Drill bits", "Tools", True),
        ("Tools > Drill bits", "drill  BITS", True),
        ("Tools > Drill bits > Wood", "Drill bits > Wood", True),
        ("Tools > Drill bits", "Drill", False),
        ("Tools > Drill bits > Wood", "Tools > Wood", False),
        ("", "Tools", False),
    ],
)
def test_a_path_contains_a_category_by_whole_levels(path: str, category: str, inside: bool) -> None:
    assert is_in(path, category) is inside


def test_a_term_with_a_category_holds_when_every_product_is_in_it() -> None:
    base = over(said("x", categories=["Fasteners"], de="Schraube", fr="boulon"))
    assert into(base, "fr", "de", "Schraube", ["Home > Fasteners"]) == ["boulon"]
    assert into(base, "fr", "de", "Schraube", ["Home > Fasteners", "Fasteners > M8"]) == ["boulon"]
    assert into(base, "fr", "de", "Schraube", ["Home > Fasteners", "Boats"]) == ["vis"]
    assert into(base, "fr", "de", "Schraube", ["Fasteners", ""]) == ["vis"]
    assert into(base, "fr", "de", "Schraube") == ["vis"]


def test_one_word_may_be_two_things_in_two_categories() -> None:
    base = over(
        said("nut", categories=["Fasteners"], de="Mutter", fr="écrou"),
        said("mother", categories=["Gifts"], de="Mutter", fr="mère"),
    )
    assert into(base, "fr", "de", "Mutter", ["Fasteners"]) == ["écrou"]
    assert into(base, "fr", "de", "Mutter", ["Gifts"]) == ["mère"]
    assert into(base, "fr", "de", "Mutter", ["Boats"]) == []


def test_who_asks_for_the_category() -> None:
    base = over(said("x", categories=["Fasteners"], de="Schraube", fr="boulon"))
    assert base.asks_category("de", "zehn Schrauben", "fr")
    assert not base.asks_category("de", "Lampe", "fr")
    assert not small_termbase().asks_category("de", "Schraube", "fr")
    of_a_starter_term = over(said("screw", categories=["Fasteners"], fr="boulon"))
    assert of_a_starter_term.asks_category("de", "Schraube", "fr")


# -- names that are kept, words that are forbidden, terms that are demanded -------------------------------------------


def test_kept_names_are_of_every_layer_and_match_nothing() -> None:
    operators = over(said("a", Layer.INSTALLATION, kept=True, en="Lamp", de="Lamp"))
    base = over(said("b", kept=True, categories=["Shoes"], en="Air Max"), beneath=operators)
    assert base.within().kept() == ("Lamp",)
    assert base.within(["Shoes"]).kept() == ("Air Max", "Lamp")
    assert into(base, "de", "en", "lamp red") == ["Lampe", "rot"]  # the starter's lamp is still a term


def test_terms_that_someone_prefers_are_demanded() -> None:
    base = over(said("x", de="Schraube", fr="boulon|vis à tête"), said("lamp", forbidden={"fr": ("lampe",)}))
    view = base.within((), "fr")
    demands = view.required("de", "Schrauben für die Lampe, rot", "fr")
    assert [(one.source, one.accepted, one.forbidden) for one in demands] == [
        ("Schrauben", ("boulon", "vis à tête"), ()),
        ("Lampe", (), ("lampe",)),
    ]
    assert breaches("fr", "boulons pour le luminaire rouge", demands) == []
    assert [str(one) for one in breaches("fr", "vis pour la lampe rouge", demands)] == [
        "'Schrauben' is to be called 'boulon'",
        "'lampe' is forbidden for 'Lampe'",
    ]


def test_what_the_operator_prefers_is_demanded_where_a_supplier_is_silent() -> None:
    operators = over(said("screw", Layer.INSTALLATION, fr="boulon"))
    base = over(said("screw", es="perno"), beneath=operators)
    assert [one.accepted for one in base.within((), "fr").required("de", "Schraube", "fr")] == [("boulon",)]


def test_starter_terms_and_parts_of_compounds_demand_nothing() -> None:
    base = over(said("x", de="Schraube", fr="boulon"))
    assert base.within((), "fr").required("de", "Edelstahlschraube Lampe", "fr") == []
    assert small_termbase().required("de", "Schraube", "fr") == []


def test_a_term_that_may_mean_two_things_demands_nothing() -> None:
    base = over(said("x", de="Mutter", fr="écrou"), said("y", de="Mutter", fr="mère"))
    assert base.within((), "fr").required("de", "Mutter", "fr") == []


def test_a_forbidden_word_is_no_longer_offered() -> None:
    base = over(said("not-rouge", forbidden={"pt": ("vermelho",)}))
    assert into(base, "pt", "en", "red lamp") == ["vermelha", "candeeiro"]
    assert base.within((), "pt").bans("pt") == ("vermelho",)
    assert base.within((), "de").bans("de") == ()
    assert [str(one) for one in breaches("pt", "lâmpada vermelho", [], base.bans("pt"))] == ["'vermelho' is forbidden"]


def test_what_is_forbidden_in_another_case_is_forbidden() -> None:
    base = over(said("not-rouge", forbidden={"pt": ("Vermelho",)}), said("screw", fr="vis|boulon"))
    assert into(base, "pt", "en", "red") == ["vermelha"]
    both = over(said("screw", fr="vis|boulon"), said("not-vis", forbidden={"fr": ("VIS",)}))
    assert into(both, "fr", "en", "screw") == ["boulon"]


def test_a_concept_whose_every_term_is_forbidden_says_nothing() -> None:
    base = over(said("no", forbidden={"fr": ("vis",)}))
    assert into(base, "fr", "de", "Schraube Lampe") == ["lampe"]
    assert into(base, "es", "de", "Schraube") == ["tornillo"]


def test_bans_hold_in_their_categories() -> None:
    base = over(said("no", categories=["Toys"], forbidden={"de": ("billig",)}))
    assert base.within(["Toys"], "de").bans("de") == ("billig",)
    assert base.within(["Tools"], "de").bans("de") == ()
    assert base.within(["Toys"], "de").placed_bans("de") == ("billig",)


# -- digests ----------------------------------------------------------------------------------------------------------


def _digest(base: Termbase, target: str) -> list[str]:
    return [found.digest(target) for found in base.within((), target).match("de", "Schraube")]


def test_a_match_depends_on_its_own_target_language_alone() -> None:
    before = over(said("screw", fr="boulon", es="perno"))
    after = over(said("screw", fr="boulon", es="tornillo"))
    assert _digest(before, "fr") == _digest(after, "fr")
    assert _digest(before, "es") != _digest(after, "es")


def test_a_match_depends_on_what_of_the_text_it_is() -> None:
    match = TermMatch(SCREW, 0, 5)
    assert match.digest("de") != TermMatch(SCREW, 0, 4).digest("de")
    assert match.digest("de") != TermMatch(SCREW, 0, 5, rivals=(LAMP,)).digest("de")
    assert match.digest("de") != TermMatch(RED, 0, 5).digest("de")


def test_version_follows_every_layer() -> None:
    assert over(said("x", de="Schraube")).version != over(said("x", de="Bolzen")).version
    assert over(said("x", de="Schraube")).version != small_termbase().version


# -- a person's term within a longer one of the starter terms ----------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "long", "short", "text"),
    [
        ("en", "with cover", "cover", "Blue blorp with covers"),
        ("en", "cover plate", "cover", "Blue cover plate"),
        ("ja", "保護カバー付き", "保護カバー", "青い保護カバー付き"),
    ],
)
def test_a_bound_term_wins_within_a_longer_starter_term(lang: str, long: str, short: str, text: str) -> None:
    starter = Termbase([concept("with-lid", "feature", **{lang: long}, pt="com capa", de="mit Deckel")])
    for layer in (Layer.INSTALLATION, Layer.SUPPLIER):
        base = Termbase([said("own", layer, pt="tampinha", **{lang: short})], starter)
        assert into(base, "pt", lang, text) == ["tampinha"]
        [demand] = base.within((), "pt").required(lang, text, "pt")
        assert demand.accepted == ("tampinha",)
        # Of German it says nothing, so there the longer term is meant.
        assert into(base, "de", lang, text) == ["mit Deckel"]


def test_an_offered_term_does_not_take_a_longer_one_apart() -> None:
    starter = Termbase([concept("mouse-pad", en="mouse pad", pt="tapete de rato")])
    offered = replace(said("own", en="mouse", pt="rato"), binding=frozenset())
    assert into(Termbase([offered], starter), "pt", "en", "mouse pad") == ["tapete de rato"]
    # Nor does a bound one of the same words or more, or of words that only look alike.
    for term in ("mouse pad", "big mouse pad", "pads"):
        base = Termbase([said("own", en=term, pt="tapetinho")], starter)
        expected = "tapete de rato" if term == "big mouse pad" else "tapetinho"
        assert into(base, "pt", "en", "mouse pad") == [expected]


# -- a required term and the word that it translates -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "source", "translated", "met"),
    [
        ("blorpe", "blorp", "Blorp azul", False),
        ("blorpe", "Blorp", "blorp azul", False),
        ("blorpe", "blorp", "Blorpes azuis", True),
        ("blorpe", "blorp", "Blorpe azul, não blorp", True),
        ("blorp", "blorp", "Blorp azul", True),
        ("blorpe|blorp", "blorp", "Blorp azul", True),
    ],
)
def test_the_word_of_the_source_is_no_form_of_the_term_wanted(
    wanted: str, source: str, translated: str, met: bool
) -> None:
    demand = Requirement(source, tuple(wanted.split("|")), ())
    assert (breaches("pt", translated, [demand]) == []) is met
