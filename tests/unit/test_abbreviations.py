"""Abbreviated prepositions: which are written out, and which stand for something else."""

import pytest

from translation.abbreviations import left_in, written_out


@pytest.mark.parametrize(
    ("lang", "text", "written"),
    [
        ("pt", "Suco s/ açúcar", "Suco sem açúcar"),
        ("pt", "Capinha p/ iPhone 15 Pro", "Capinha para iPhone 15 Pro"),
        ("pt", "Kit 2 panelas c/tampa c/ 10 peças", "Kit 2 panelas com tampa com 10 peças"),
        ("pt", "LENÇOL S/ ELÁSTICO", "LENÇOL SEM ELÁSTICO"),
        ("pt", "S/ elástico", "Sem elástico"),
        ("pt", "Camisa <b>s/ mangas</b>", "Camisa <b>sem mangas</b>"),
        ("en", "Jar w/o lid, w/ handle", "Jar without lid, with handle"),
        ("en", "Case w/other lid w/outlet", "Case with other lid with outlet"),
        ("de", "Topf o. Deckel, Pfanne m. Griff", "Topf ohne Deckel, Pfanne mit Griff"),
        ("de", "Topf m/Deckel", "Topf mit Deckel"),
        ("nl", "Pan z/ deksel", "Pan zonder deksel"),
        ("ru", "Крем д/рук б/запаха", "Крем для рук без запаха"),
        ("id", "Sarung utk HP", "Sarung untuk HP"),
    ],
)
def test_written_out(lang: str, text: str, written: str) -> None:
    assert written_out(lang, text) == written


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("pt", "Camiseta P/M/G, P/ GG"),
        ("pt", "R$ 10 c/u, 10 m/s"),
        ("es", "precio S/ 20"),
        ("en", "lens f/ 2.8, 10 w/w, AC/DC, Input/Output"),
        ("de", "Kabel 5 m. Stecker, 5 m/ Rolle, M/XXL, o. Ä."),
        ("ru", "телефон б/у"),
        ("fr", "garniture s/ mesure"),
        ("ja", "S/ サイズ"),
    ],
)
def test_what_is_something_else_stays(lang: str, text: str) -> None:
    assert written_out(lang, text) == text


def test_what_is_left_of_them_is_seen() -> None:
    assert left_in("pt", "en", "Suco s/ açúcar", "Juice s/ sugar") == "s/"
    assert left_in("pt", "en", "Lençol sem elástico", "S/ elastic sheet") == "S/"
    assert left_in("pt", "es", "Suco s/ açúcar", "Zumo s/ azúcar") == ""
    assert left_in("pt", "en", "Suco de uva", "Juice s/ sugar") == ""
