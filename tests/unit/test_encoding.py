"""Which encoding a text is in: every language in every encoding that its suppliers use, short files and long ones."""

import itertools
import random
from pathlib import Path

import pytest

from catalog.errors import UnreadableFileError
from catalog.languages import CODES
from catalog.readers.encoding import decide_encoding, rank
from catalog.readers.plausibility import plausibility

TITLES = {
    "ar": (
        "طقم أكواب شاي زجاجية ستة قطع",
        "مصباح مكتب قابل للطي بإضاءة بيضاء",
        "حقيبة سفر كبيرة مقاومة للماء",
        "ساعة حائط خشبية صامتة",
        "سجادة صلاة قطنية ناعمة",
        "مكنسة كهربائية بدون كيس",
    ),
    "de": (
        "Schlüsselanhänger aus Edelstahl",
        "Gartenschlauch 20 m, weiß",
        "Kühlschrank mit Gefrierfach",
        "Bürostuhl, höhenverstellbar",
        "Maßband für Heimwerker",
        "Überwurfmutter M8, 12,50 €",
    ),
    "en": (
        "Café style cups, set of four",
        "Garden hose – 20 m, green",
        "Men’s running shoes, size 9",
        "Wall clock, price £12.50",
        "Oven mitts up to 250 °C",
        "Plain steel bolts",
    ),
    "es": (
        "Cañas de pescar para niños",
        "Lámpara de pie con regulación",
        "Cafetera eléctrica de diez tazas",
        "Sábanas de algodón para cama pequeña",
        "Cinturón de piel marrón",
        "Mesa de jardín, tamaño único",
    ),
    "fr": (
        "Étagère murale en chêne massif",
        "Poêle à frire antiadhésive",
        "Sac à dos imperméable pour écolier",
        "Théière en porcelaine décorée à la main",
        "Chaîne de vélo renforcée",
        "Tapis de salle à manger",
    ),
    "id": (
        "Panci presto aluminium Ø 24 cm",
        "Termometer dapur sampai 300 °C",
        "Rak buku kayu jati 3 tingkat",
        "Kaos katun pria lengan panjang",
        "Gelas café isi enam buah",
        "Kain batik tulis ukuran 2 m²",
    ),
    "it": (
        "Caffettiera in acciaio da sei tazze",
        "Lenzuola di qualità per letto matrimoniale",
        "Così comodo: cuscino cervicale",
        "Tovaglia antimacchia, più colori",
        "Set da caffè in porcellana",
        "Servizio di piatti per la città",
    ),
    "ja": (
        "ステンレス製の水筒 五百ミリ",
        "折りたたみ式デスクライト",
        "防水スーツケース 大型",
        "木製の静かな掛け時計",
        "綿百パーセントのバスタオル",
        "コードレス掃除機 軽量",
    ),
    "ko": (
        "스테인리스 보온병 대용량",
        "접이식 책상 조명",
        "방수 여행 가방 대형",
        "무소음 원목 벽시계",
        "순면 목욕 수건 세트",
        "무선 청소기 가벼운 제품",
    ),
    "nl": (
        "Tuinmeubelen voor vier personen",
        "Geëmailleerde pan met deksel",
        "Financiële rekenmachine",
        "Koffiekopjes, set van zes stuks",
        "Ruiten wisser voor de auto, één stuk",
        "Reële schaal 1:18 modelauto",
    ),
    "pl": (
        "Żarówka energooszczędna ciepła biel",
        "Wąż ogrodowy wzmocniony",
        "Łóżeczko dziecięce drewniane",
        "Szczotka do włosów, mała",
        "Krzesło biurowe z regulacją wysokości",
        "Zestaw śrub nierdzewnych",
    ),
    "pt": (
        "Edredão de algodão para cama de casal",
        "Cadeira de escritório ergonómica",
        "Máquina de café expresso",
        "Mala de viagem com rodízios",
        "Lâmpada de mesa regulável",
        "Coleção de pratos de porcelana",
    ),
    "ru": (
        "Набор отвёрток из закалённой стали",
        "Складная настольная лампа",
        "Большой водонепроницаемый чемодан",
        "Бесшумные настенные часы",
        "Хлопковое банное полотенце",
        "Беспроводной пылесос, лёгкий",
    ),
    "tr": (
        "Paslanmaz çelik termos şişe",
        "Katlanabilir masa lambası, beyaz ışık",
        "Su geçirmez büyük boy bavul",
        "Sessiz ahşap duvar saati",
        "Pamuklu banyo havlusu, yumuşak dokulu",
        "Kablosuz süpürge, hafif ve güçlü",
    ),
    "zh": (
        "不锈钢保温杯大容量便携水壶",
        "折叠式护眼台灯",
        "防水旅行箱大号",
        "实木静音挂钟",
        "纯棉浴巾套装",
        "无线吸尘器轻便家用",
    ),
}
TRADITIONAL = (
    "不鏽鋼保溫杯大容量",
    "折疊式護眼檯燈",
    "防水旅行箱大號",
    "實木靜音掛鐘",
    "純棉浴巾套裝",
    "無線吸塵器輕便家用",
)
WESTERN = ("cp1252", "iso8859-15")
USED = {
    "ar": ("cp1256", "iso8859-6"),
    "de": (*WESTERN, "cp1250"),
    "en": WESTERN,
    "es": WESTERN,
    "fr": WESTERN,
    "id": WESTERN,
    "it": WESTERN,
    "ja": ("cp932", "euc_jp"),
    "ko": ("cp949",),
    "nl": WESTERN,
    "pl": ("cp1250", "iso8859-2"),
    "pt": WESTERN,
    "ru": ("cp1251", "koi8-r", "iso8859-5"),
    "tr": ("cp1254", "iso8859-9"),
    "zh": ("gb18030",),
}
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")
LEGACY = [(lang, codec) for lang in CODES for codec in USED[lang]]


def table(titles: tuple[str, ...], rows: int) -> str:
    """A short price list with an ASCII header."""
    lines = [f"SK-{1000 + number};{text};{number}.90" for number, text in enumerate(titles[:rows])]
    return "\r\n".join(["sku;title;price", *lines, ""])


def long_table(titles: tuple[str, ...]) -> str:
    """A price list of 216 rows: the titles in all threes."""
    triples = itertools.product(titles, titles, titles)
    lines = [f"SK-{number};{', '.join(parts)};{number}.90" for number, parts in enumerate(triples)]
    return "\r\n".join(["sku;title;price", *lines, ""])


def decided(folder: Path, data: bytes) -> str:
    path = folder / "catalog.csv"
    path.write_bytes(data)
    return decide_encoding(path)


def encoded(text: str, codec: str) -> bytes:
    """Encode, leaving out the few signs (dash, euro) that an older encoding lacks."""
    return text.encode(codec, "ignore")


def test_every_language_has_its_texts() -> None:
    assert tuple(TITLES) == CODES
    assert tuple(USED) == CODES


@pytest.mark.parametrize(("lang", "codec"), LEGACY)
def test_a_file_of_five_rows(tmp_path: Path, lang: str, codec: str) -> None:
    data = encoded(table(TITLES[lang], 5), codec)
    assert data.decode(decided(tmp_path, data)) == data.decode(codec)


@pytest.mark.parametrize(("lang", "codec"), LEGACY)
def test_a_long_file(tmp_path: Path, lang: str, codec: str) -> None:
    data = encoded(long_table(TITLES[lang]), codec)
    assert data.decode(decided(tmp_path, data)) == data.decode(codec)


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("codec", UNICODE)
@pytest.mark.parametrize("rows", [5, 6])
def test_unicode_with_and_without_mark(tmp_path: Path, lang: str, codec: str, rows: int) -> None:
    text = table(TITLES[lang], rows)
    assert decided(tmp_path, text.encode(codec)) == codec


@pytest.mark.parametrize("text", [table(TRADITIONAL, 5), long_table(TRADITIONAL)])
def test_big5(tmp_path: Path, text: str) -> None:
    assert decided(tmp_path, text.encode("big5")) == "cp950"


@pytest.mark.parametrize(
    ("lang", "codec", "name"),
    [
        ("zh", "gbk", "gb18030"),
        ("zh", "gb2312", "gb18030"),
        ("ko", "euc_kr", "cp949"),
        ("ja", "shift_jis", "cp932"),
        ("ja", "euc_jp", "euc_jp"),
        ("fr", "latin-1", "cp1252"),
        ("ru", "koi8-r", "koi8-r"),
        ("pl", "iso8859-2", "iso8859-2"),
    ],
)
def test_the_name_is_that_of_the_customary_superset(tmp_path: Path, lang: str, codec: str, name: str) -> None:
    assert decided(tmp_path, encoded(table(TITLES[lang], 5), codec)) == name


@pytest.mark.parametrize(("text", "codec"), [("12,50 €", "iso8859-15"), ("12,50 €", "cp1252"), ("3½ Zoll", "cp1252")])
def test_a_single_sign_is_enough(tmp_path: Path, text: str, codec: str) -> None:
    rows = "".join(f"SK-{number};Schraube verzinkt;{text}\r\n" for number in range(5))
    assert rows.encode(codec).decode(decided(tmp_path, rows.encode(codec))) == rows


def test_signs_of_the_windows_page_are_not_lost_to_iso(tmp_path: Path) -> None:
    text = table(("“Qualität” – für Küche…", "Größe 12 ‚fein‘", "Öl für Möbel", "Übertopf", "Maß"), 5)
    assert decided(tmp_path, text.encode("cp1252")) == "cp1252"


def test_ascii_is_utf8(tmp_path: Path) -> None:
    assert decided(tmp_path, b"sku,title\r\nA,Cup\r\n") == "utf-8"


def test_iso_2022_jp(tmp_path: Path) -> None:
    assert decided(tmp_path, table(TITLES["ja"], 5).encode("iso2022_jp")) == "iso2022_jp"


def test_the_whole_file_is_looked_at(tmp_path: Path) -> None:
    ascii_rows = "".join(f"SK-{number};Plain steel bolt, size {number};1.90\r\n" for number in range(60_000))
    data = ascii_rows.encode() + table(TITLES["ru"], 6).encode("cp1251")
    assert len(data) > 2_000_000
    assert decided(tmp_path, data) == "cp1251"


def test_utf8_that_is_cut_by_the_end_of_a_piece_is_still_utf8(tmp_path: Path) -> None:
    data = ("[" + "漢字" * 700_000 + "]").encode()
    assert decided(tmp_path, data) == "utf-8"


@pytest.mark.parametrize(("lang", "codec"), [("ko", "cp949"), ("zh", "gb18030"), ("ja", "cp932"), ("ja", "euc_jp")])
def test_one_truncated_character_does_not_turn_the_file_into_another_script(
    tmp_path: Path, lang: str, codec: str
) -> None:
    lines = table(TITLES[lang], 6).encode(codec).split(b"\r\n")
    lines.insert(3, b"SK-9;" + TITLES[lang][0].encode(codec)[:-1] + b";1.90")
    found = decided(tmp_path, b"\r\n".join(lines))
    assert b"\r\n".join(lines[:3]).decode(found) == b"\r\n".join(lines[:3]).decode(codec)


def test_lines_in_another_encoding_do_not_win_over_utf8(tmp_path: Path) -> None:
    utf8 = table(TITLES["fr"], 6).encode()
    assert decided(tmp_path, utf8 + encoded("X;Crème brûlée;1\r\n", "cp1252")) == "utf-8"


def test_where_no_reading_is_clean_the_line_and_its_bytes_are_named(tmp_path: Path) -> None:
    noise = b"".join(b"a;\x81\x8d\xff\xfe\x81 \xff\x80;\x9d\x90\xff\r\n" for _ in range(30))
    with pytest.raises(UnreadableFileError, match=r"line 2: no encoding reads this text cleanly \(bytes [0-9a-f ]+\)"):
        decided(tmp_path, b"sku;title\r\n" + noise)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Müller", "MÃ¼ller"),
        ("café", "cafй"),
        ("większe", "wiÍksze"),
        ("Açık", "AÃ§Ä±k"),
        ("вес", "âĺń"),
        ("12 €", "12 ¤"),
    ],
)
def test_mojibake_is_less_plausible(right: str, wrong: str) -> None:
    assert plausibility(wrong) < plausibility(right)


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp866", "Перфоратор сетевой; Дрель ударная с чемоданом; Ключ гаечный; Отвёртка крестовая; Шуруповёрт"),
        ("cp850", "Größe für Möbel; Türgriff aus Stahl; Fußbodenöl; Schraubenschlüssel; Bügeleisen weiß"),
        ("cp852", "Młotek ślusarski; Wkrętarka żółta; Śruba nierdzewna; Klucz płaski; Zestaw narzędzi"),
        ("mac_roman", "Clé à molette; Théière émaillée; Gâteau au café; Pâte à modeler; Lampe très économique"),
    ],
)
def test_old_exports_of_dos_and_macintosh_are_read(tmp_path: Path, codec: str, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\n".join(text.split("; ")).encode(codec))
    assert path.read_bytes().decode(decide_encoding(path)) == text.replace("; ", "\n")


@pytest.mark.parametrize("values", [range(128, 256), range(0xA1, 0xFF)])
def test_noise_is_no_text(tmp_path: Path, values: range) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(bytes(random.Random(3).choices([*values, 10], k=1_000)))
    with pytest.raises(UnreadableFileError, match="no encoding reads"):
        decide_encoding(path)


def test_single_bytes_are_read_or_refused(tmp_path: Path) -> None:
    refused = set()
    for byte in range(128, 256):
        (tmp_path / "a.csv").write_bytes(bytes([byte]))
        try:
            assert "x".encode(decide_encoding(tmp_path / "a.csv"))
        except UnreadableFileError:
            refused.add(byte)
    assert len(refused) < 128


def test_lines_that_no_encoding_reads_are_ranked_too() -> None:
    assert rank([b"\x81\x00\x8d", b"\xb0\xa1\xb0\xa1", b"\xb0\xa2\xb0\xa2"]) == []
