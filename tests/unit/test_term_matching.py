"""How precisely terms are found in fifteen languages: every form of a word, and no other word.

``MATCHES`` and ``DIFFERS`` are labelled by hand from the words of catalogs. A termbase that finds too little leaves
terms untranslated, one that finds too much translates them wrongly: both lists count alike.
"""

import pytest

from tests.unit.terms import concept
from translation.terminology.requirements import says, says_in_any_form
from translation.terminology.termbase import Termbase

MATCHES = [
    # term, text: the text has the term, in some form
    ("de", "Schraube", "Schrauben"),
    ("de", "Schraube", "SCHRAUBEN M8"),
    ("de", "Bohrer", "mit fünf Bohrern"),
    ("de", "Stuhl", "Stühle"),
    ("de", "Kabel", "des Kabels"),
    ("de", "blau", "blaues Hemd"),
    ("de", "Handschuh", "Handschuhe Größe 9"),
    ("en", "case", "cases"),
    ("en", "battery", "two batteries"),
    ("en", "knife", "kitchen knives"),
    ("en", "brush", "Brushes"),
    ("en", "power strip", "Power strips, 3 m"),
    ("en", "PVC", "PVC hose"),
    ("es", "tornillo", "tornillos M8"),
    ("es", "lápiz", "lápices"),
    ("es", "rojo", "camisas rojas"),
    ("es", "cable", "cables"),
    ("fr", "vis", "vis à bois"),
    ("fr", "tuyau", "tuyaux"),
    ("fr", "neuf", "pneus neuves"),
    ("fr", "câble", "câbles USB"),
    ("id", "sepatu", "sepatunya"),
    ("it", "vite", "viti"),
    ("it", "rosso", "scarpe rosse"),
    ("it", "cavo", "cavi"),
    ("nl", "schoen", "schoenen"),
    ("nl", "groot", "grote doos"),
    ("nl", "buis", "buizen"),
    ("pl", "śruba", "śruby"),
    ("pl", "kabel", "kabli"),
    ("pl", "rękawica", "rękawicami"),
    ("pl", "stalowy", "stalowe"),
    ("pt", "parafuso", "parafusos"),
    ("pt", "papel", "papéis"),
    ("pt", "branco", "camisas brancas"),
    ("ru", "винт", "винты"),
    ("ru", "отвёртка", "отвёрткой"),
    ("ru", "кабель", "кабеля"),
    ("ru", "красный", "красная куртка"),
    ("tr", "vida", "vidalar"),
    ("tr", "kablo", "kabloları"),
    ("tr", "kitap", "kitabı"),
    ("tr", "bisiklet", "BİSİKLET"),
    ("ar", "كابل", "الكابل"),
    ("ar", "مصباح", "مصباحان"),
    ("ar", "بطارية", "بطاريات"),
    ("ar", "ثلاجة", "الثلاجات"),
    ("pl", "worek", "worki na śmieci"),
    ("pl", "butelka", "butelek"),
    ("pt", "anel", "anéis"),
    ("ja", "ケーブル", "USBケーブル 2m"),
    ("ja", "ねじ", "ﾈｼﾞではなくねじ"),
    ("ko", "케이블", "케이블을"),
    ("ko", "나사", "스테인리스나사"),
    ("zh", "螺丝", "不锈钢螺丝钉"),
    ("zh", "电缆", "铜电缆"),
]

DIFFERS = [
    # term, text: the text has another word
    ("de", "Rad", "Radio"),
    ("de", "Bohrer", "Bohrung"),
    ("de", "Tor", "Torte"),
    ("de", "Dose", "Dosierer"),
    ("en", "case", "casein"),
    ("en", "ring", "string"),
    ("en", "pin", "pine"),
    ("en", "nut", "nutrition"),
    ("en", "universe", "university bag"),
    ("en", "mat", "mate"),
    ("en", "it", "IT rack"),
    ("es", "cama", "cámara"),
    ("es", "papa", "papel"),
    ("es", "pan", "pantalla"),
    ("fr", "vis", "visage"),
    ("fr", "sac", "sachet"),
    ("fr", "bord", "bordeaux"),
    ("id", "kaca", "kacang"),
    ("id", "lampu", "lampau"),
    ("it", "cane", "canna"),
    ("it", "pala", "palla"),
    ("it", "carta", "cartone"),
    ("nl", "tas", "tasten"),
    ("nl", "kast", "kasteel"),
    ("pl", "pas", "pasta"),
    ("pl", "rower", "rowek"),
    ("pl", "kran", "kraniec"),
    ("pt", "pá", "pão"),
    ("pt", "mala", "malha"),
    ("pt", "cabo", "cabelo"),
    ("pt", "varal", "vara"),
    ("pt", "bocal", "boca"),
    ("pt", "nata", "natal"),
    ("ru", "стол", "столб"),
    ("ru", "лак", "лакомство"),
    ("ru", "мыло", "мысль"),
    ("tr", "kap", "kapak"),
    ("tr", "el", "elbise"),
    ("tr", "top", "toprak"),
    ("ar", "باب", "بابونج"),
    ("ar", "كتاب", "كتان"),
    ("ja", "ラン", "ランプ"),
    ("ja", "パン", "フライパンツ"),
    ("ko", "면", "화면"),
    ("ko", "차", "기차"),
    ("zh", "LED", "OLEDX"),
    ("zh", "书", "书桌"),
]

FORMS_AND_WORDS = [
    # one word is a form of the other by the rules of its language, and a word of its own
    ("de", "Reis", "Reise"),
    ("de", "Kohl", "Kohle"),
    ("de", "Kamm", "Kammer"),
    ("fr", "port", "porte"),
    ("en", "glass", "glasses"),
]

WHOLE = [
    # term, text, whether the text as a whole is the term
    ("de", "Schraube", "Schrauben", True),
    ("de", "Schraube", "Schraubenschlüssel", False),
    ("de", "Schlüssel", "Schraubenschlüssel", False),
    ("de", "Schraube", "Holzschraube", False),
    ("en", "case", "Cases", True),
    ("en", "case", "phone case", False),
    ("en", "case", "case study", False),
    ("nl", "schroef", "schroefsleutel", False),
    ("zh", "螺丝", "螺丝", True),
    ("zh", "螺丝", "螺丝刀", False),
    ("ja", "ねじ", "ねじ回し", False),
    ("ko", "나사", "나사못", False),
    ("ru", "винт", "винтов", True),
    ("tr", "vida", "vida anahtarı", False),
    ("ar", "كابل", "كابل شحن", False),
]


ABBREVIATIONS = [
    # term, text, what is found of it
    ("en", "approx.", "approx. 5 mm", "approx."),
    ("en", "approx.", "APPROX. 5 MM", "APPROX."),
    ("en", "approx.", "length approx 5 mm", "approx"),
    ("en", "incl.", "Drill incl. battery", "incl."),
    ("en", "no.", "Gasket no. 5", "no."),
    ("en", "qty.", "Qty. 5", "Qty."),
    ("en", "in.", "Ring, 5 in.", "in."),
    ("en", "pcs.", "screws, 20 pcs", "pcs"),
    ("de", "Stk.", "100 Stk. Schrauben", "Stk."),
    ("de", "Stk.", "Schrauben Stk", "Stk"),
    ("de", "Stk.", "Stk.", "Stk."),
    ("de", "ca.", "Länge ca. 5 m", "ca."),
    ("de", "ca.", "ca 5 m", "ca"),
    ("de", "inkl.", "Bohrer inkl. Akku", "inkl."),
    ("de", "z. B.", "z.B. Holz", "z.B."),
    ("de", "Art.-Nr.", "Art.-Nr. 4711", "Art.-Nr."),
    ("es", "aprox.", "aprox. 3 m", "aprox."),
    ("fr", "env.", "longueur env. 3 m", "env."),
    ("it", "pz.", "confezione 10 pz.", "pz."),
    ("nl", "st.", "doos 4 st.", "st."),
    ("pl", "szt.", "10 szt.", "szt."),
    ("pt", "un.", "caixa com 10 un.", "un."),
    ("ru", "шт.", "винты, 100 шт.", "шт."),
    ("ru", "прибл.", "прибл. 5 м", "прибл."),
    ("tr", "yak.", "yak. 3 m", "yak."),
    ("id", "dll.", "obeng dll. untuk rumah", "dll."),
    ("zh", "pcs.", "螺丝 10 pcs. 装", "pcs."),
]

NO_ABBREVIATIONS = [
    # term, text: the word has no full stop, or the sentence has it
    ("en", "no.", "no screws"),
    ("en", "no.", "Screws? There are no."),
    ("en", "art.", "Wall art for the office"),
    ("en", "art.", "A lamp that is art."),
    ("en", "fig.", "fig jam"),
    ("en", "in.", "in 5 colours"),
    ("en", "in.", "Shoes to slip in."),
    ("en", "cap.", "baseball caps. Red"),
    ("de", "St.", "Stunde"),
    ("de", "Art.", "Tisch dieser Art"),
    ("de", "inkl.", "inklusive Akku"),
    ("es", "un.", "un tornillo"),
    ("fr", "env.", "envers"),
    ("it", "mis.", "mise en place"),
    ("nl", "doos.", "doosje"),
    ("pl", "op.", "op"),
    ("pt", "un.", "um parafuso un"),
    ("ru", "ок.", "окно"),
    ("tr", "ad.", "ad soyad"),
]


def matches(lang: str, term: str, text: str) -> list[str]:
    base = Termbase([concept("it", **{lang: term})])
    return [text[found.start : found.end] for found in base.match(lang, text) if found.whole]


@pytest.mark.parametrize(("lang", "term", "text"), MATCHES)
def test_every_form_of_a_term_is_found(lang: str, term: str, text: str) -> None:
    assert len(matches(lang, term, text)) == 1
    assert says(lang, text, term)


@pytest.mark.parametrize(("lang", "term", "text"), DIFFERS)
def test_no_other_word_is_taken_for_a_term(lang: str, term: str, text: str) -> None:
    assert matches(lang, term, text) == []
    assert not says(lang, text, term)


@pytest.mark.parametrize(("lang", "one", "other"), FORMS_AND_WORDS)
def test_a_word_of_its_own_is_no_form_of_another(lang: str, one: str, other: str) -> None:
    base = Termbase([concept("one", **{lang: one}), concept("other", **{lang: other})])
    assert [found.concept.id for found in base.match(lang, f"{other} {one}")] == ["other", "one"]


@pytest.mark.parametrize(("lang", "term", "text", "whole"), WHOLE)
def test_a_part_of_a_name_is_not_the_whole_of_it(lang: str, term: str, text: str, whole: bool) -> None:
    assert (Termbase([concept("it", **{lang: term})]).exact(lang, text) is not None) is whole


@pytest.mark.parametrize(
    ("lang", "text", "term", "found"),
    [
        ("de", "Edelstahlschrauben", "Schraube", True),
        ("de", "Edelstahlmuttern", "Schraube", False),
        ("nl", "Accuschroefmachine", "schroef", True),
        ("en", "screwdriver", "screw", False),
        ("zh", "不锈钢灯具", "灯", True),
    ],
)
def test_a_compound_uses_the_term_that_is_wanted(lang: str, text: str, term: str, found: bool) -> None:
    assert says_in_any_form(lang, text, term) is found


@pytest.mark.parametrize(("lang", "term", "text", "found"), ABBREVIATIONS)
def test_abbreviations_are_found_with_their_full_stop(lang: str, term: str, text: str, found: str) -> None:
    assert matches(lang, term, text) == [found]


@pytest.mark.parametrize(("lang", "term", "text"), NO_ABBREVIATIONS)
def test_no_word_is_taken_for_an_abbreviation(lang: str, term: str, text: str) -> None:
    assert matches(lang, term, text) == []


def test_a_text_may_be_one_abbreviation() -> None:
    assert Termbase([concept("it", de="Stk.")]).exact("de", "Stk.") is not None


def test_the_full_stop_decides_between_two_terms() -> None:
    base = Termbase([concept("number", en="no."), concept("not", en="no")])
    assert [one.concept.id for one in base.match("en", "no. 5 with no handle")] == ["number", "not"]


def test_a_translation_may_leave_the_full_stop_out() -> None:
    assert says_in_any_form("de", "inklusive 5 m, ca so lang", "ca.")


def test_the_lists_are_long_enough_and_speak_every_language() -> None:
    assert len(MATCHES) + len(DIFFERS) >= 90
    assert len({lang for lang, *_ in MATCHES}) == 15
    assert len({lang for lang, *_ in DIFFERS}) == 15
