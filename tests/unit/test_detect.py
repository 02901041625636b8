"""The language of catalogs and of rows."""

import pytest

from catalog.detect import doubt, guess_catalog

TITLES = {
    "ar": ["تمر مجدول فاخر حجم جامبو", "زيت زيتون بكر ممتاز", "طقم مفارش سرير قطن مصري"],
    "de": ["Sechskantschraube mit Vollgewinde", "Spanplattenschraube gelb verzinkt", "Trennscheibe für Edelstahl"],
    "en": ["Tunnel tent with porch for four people", "Mummy sleeping bag", "Stainless steel water bottle with lid"],
    "es": ["Manguera de jardín trenzada", "Tijera de podar con hoja de acero", "Bomba sumergible para pozo"],
    "fr": ["Blocs de construction en bois naturel", "Classeur à levier", "Ours en peluche lavable en machine"],
    "id": ["Obeng set dengan gagang karet", "Palu besi untuk tukang", "Sarung tangan kebun ukuran besar"],
    "it": ["Trapano a percussione con valigetta", "Martello da carpentiere", "Guanti da giardino lavabili"],
    "ja": ["三徳包丁 ダマスカス33層", "パン切り包丁 波刃", "ひのき まな板 軽量"],
    "ko": ["히알루론산 수분 토너", "달팽이 점액 재생 크림", "무기자차 톤업 선크림"],
    "nl": ["Schroevendraaier met verwisselbare bits", "Hamer met rubberen handvat", "Tuinhandschoenen voor dames"],
    "pl": ["Wkrętarka akumulatorowa z walizką", "Młotek z gumową rączką", "Rękawice ogrodowe do prania"],
    "pt": [
        "Mesa de jantar extensível em carvalho",
        "Cadeira estofada em veludo",
        "Colchão viscoelástico de firmeza média",
    ],
    "ru": ["Перфоратор сетевой с кейсом", "Лобзик электрический", "Перчатки рабочие с точечным покрытием"],
    "tr": ["Erkek gömlek uzun kollu açık mavi", "Kadın örgü hırka yün karışımlı", "Çocuk eşofman takımı"],
    "zh": ["护眼台灯 学生宿舍学习阅读灯", "防水开关电源 户外灯箱", "数字温湿度传感器模块"],
}


@pytest.mark.parametrize("lang", sorted(TITLES))
def test_three_titles_name_their_language(lang: str) -> None:
    guess = guess_catalog(TITLES[lang])
    assert guess is not None
    assert guess.code == lang
    assert guess.known


@pytest.mark.parametrize("lang", sorted(TITLES))
def test_no_row_of_a_catalog_is_sure_to_be_in_another_language(lang: str) -> None:
    assert [title for title in TITLES[lang] if (found := doubt(title, lang)) and found.clear] == []


@pytest.mark.parametrize(
    ("lang", "titles"),
    [
        ("sv", ["Skruvmejsel med utbytbara bits", "Hammare med gummihandtag för hemmet", "Handskar för trädgården"]),
        ("cs", ["Šroubovák s výměnnými bity", "Kladivo s gumovou rukojetí", "Zahradní rukavice velikost L"]),
        ("fa", ["دریل شارژی با دو باتری", "اره برقی حرفه‌ای", "پیچ گوشتی مجموعه کامل"]),
        ("th", ["สว่านไร้สาย 18V พร้อมแบตเตอรี่", "ค้อนหัวยาง 500 กรัม"]),
        ("el", ["Κατσαβίδι με ανταλλακτικές μύτες", "Σφυρί με λαστιχένια λαβή"]),
    ],
)
def test_a_language_outside_the_fifteen_is_named(lang: str, titles: list[str]) -> None:
    guess = guess_catalog(titles)
    assert guess is not None
    assert (guess.code, guess.known) == (lang, False)


def test_a_language_has_a_name_for_messages() -> None:
    guess = guess_catalog(["Skruvmejsel med utbytbara bits", "Hammare med gummihandtag för hemmet"])
    assert guess is not None
    assert guess.english_name == "Swedish"


def test_lorem_ipsum_is_no_latin_catalog() -> None:
    guess = guess_catalog(["Pellentesque habitant morbi tristique senectus et netus et malesuada fames ac turpis"])
    assert guess is not None
    assert guess.known
    assert guess.confidence < 0.9


def test_codes_have_no_language() -> None:
    assert guess_catalog(["M8x40", "A2-70", "123"]) is None


def test_capitals_are_read_like_small_letters() -> None:
    guess = guess_catalog([title.upper() for title in TITLES["de"]])
    assert guess is not None
    assert guess.code == "de"


def test_a_row_that_clearly_is_in_another_language() -> None:
    text = "Cordless drill with two batteries. Powerful motor for wood and metal, comes with a sturdy case."
    found = doubt(text, "de")
    assert found is not None
    assert (found.code, found.clear) == ("en", True)
    foreign = doubt("手电筒强光充电户外", "de")
    assert foreign is not None
    assert (foreign.code, foreign.clear) == ("zh", True)


def test_names_and_codes_are_not_doubted() -> None:
    assert doubt("Canon IXUS 160", "de") is None
    assert doubt("[설빛담] SPF50+ PA++++ Sun Cream 50ml", "ko") is None


def test_the_same_texts_always_give_the_same_answer() -> None:
    assert len({guess_catalog(TITLES["pt"]) for _ in range(5)}) == 1
