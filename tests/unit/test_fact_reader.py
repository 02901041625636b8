"""The reader that counts damage sees it, and sees none where there is none."""

import pytest

from tests.unit.fact_reader import damage


@pytest.mark.parametrize(
    ("source_lang", "source", "lang", "shown", "kinds"),
    [
        ("en", "Fuse .5 A", "de", "Sicherung 5 A", {"number", "invented"}),
        ("pt", "Fusível ,5 A", "ru", "Предохранитель 5 А", {"number", "invented"}),
        ("en", "A++ fridge", "de", "Kühlschrank", {"designation"}),
        ("en", "Class A++ freezer", "pt", "Congelador A+", {"designation"}),
        ("en", "Type A plug", "de", "Typ Stecker", {"designation"}),
        ("en", "Size S shirt", "pt", "Camisa de tamanho s", {"designation"}),
        ("en", "EU 42 / UK 8", "pt", "EU 42 / REINO 8", {"designation"}),
        ("en", "$1,299.99 laptop", "de", "Laptop 1.299,99", {"sign"}),
        ("en", "1920 x 1080 pixels", "pt", "1920 x 1080", {"unit"}),
        ("en", "Height 5' 10\"", "de", 'Höhe 5, 10"', {"feet"}),
        ("de", "SCHRAUBE M6 X 20 MM", "en", "Millimeter screw M6 X 20", {"unit"}),
        ("en", "-20 to +60 °C", "de", "-20, +60 °C", {"range"}),
        ("ar", "قميص مقاس ٤٢", "en", "shirt size ٤٢", {"script"}),
    ],
)
def test_damage_is_seen(source_lang: str, source: str, lang: str, shown: str, kinds: set[str]) -> None:
    assert set(damage(source_lang, source, lang, shown)) == kinds


@pytest.mark.parametrize(
    ("source_lang", "source", "lang", "shown"),
    [
        ("fr", "230 x 115 mm", "pl", "230 x 115 mm"),
        ("ru", "230 x 115 мм", "fr", "230 x 115 mm"),
        ("en", "Fuse .5 A", "de", "Sicherung 0,5 A"),
        ("en", "-20 to +60 °C", "pt", "-20…+60 °C"),
        ("en", "1'000 pcs", "pt", "1.000 un."),
        ("en", "1 000 000 km", "pt", "1.000.000 km"),
        ("en", "Height 5' 10\"", "de", "Höhe 5' 10\""),
        ("en", "Class A cable", "pt", "Cabo de classe A"),
        ("en", "10 µF, 4.7 kΩ", "ru", "10 мкФ, 4,7 кОм"),
        ("zh", "3×1.5平方毫米", "en", "3×1.5 mm²"),
        ("ar", "قميص مقاس ٤٢", "en", "shirt size 42"),
    ],
)
def test_nothing_is_invented(source_lang: str, source: str, lang: str, shown: str) -> None:
    assert damage(source_lang, source, lang, shown) == {}
