"""Made-up catalogs for the benchmarks: German products as a wholesaler's shop exports them, always the same ones."""

import csv
import random
from collections.abc import Iterator
from pathlib import Path

COLUMNS = (
    "Artikelnummer", "Bezeichnung", "Beschreibung", "Marke", "Kategorie", "Preis", "Währung", "EAN", "Bestand",
    "Bild-URL", "Link", "Gewicht", "Farbe", "Material", "Länge (mm)",
)  # fmt: skip

_THINGS = {
    "Gummihammer": "Werkzeuge > Handwerkzeuge > Hämmer", "Wasserkocher": "Haushalt > Küche > Wasserkocher",
    "Stehleuchte": "Wohnen > Beleuchtung > Stehleuchten", "Spanngurt": "Transport > Ladungssicherung > Gurte",
    "Akkuschrauber": "Werkzeuge > Elektrowerkzeuge > Schrauber", "Regalboden": "Möbel > Regale > Böden",
    "Gartenschere": "Garten > Schneiden > Scheren", "Trinkflasche": "Sport > Zubehör > Flaschen",
    "Verlängerungskabel": "Elektro > Kabel > Verlängerungen", "Malerpinsel": "Farben > Zubehör > Pinsel",
}  # fmt: skip
_KINDS = ("Robuster", "Leichter", "Faltbarer", "Wetterfester", "Rostfreier", "Rutschfester", "Langlebiger", "Kompakter")
_USES = ("für Fliesenleger", "für Küche & Garten", "mit zwei Jahren Garantie", "für den täglichen Gebrauch")
_VERBS = ("liegt sicher in der Hand", "hält hohen Belastungen stand", "lässt sich leicht reinigen", "spart Platz")
_PLACES = ("in der Werkstatt", "auf der Baustelle", "im Haushalt", "unterwegs", "im Außenbereich", "im Gewächshaus")
_PARTS = ("Griff aus Eschenholz", "Gehäuse nach IP44", "verstärkte Nähte", "geprüfte Qualität", "Schlüsselgröße 13 mm")
_COLOURS = ("Rot", "Blau", "Schwarz", "Grün", "Weiß", "Anthrazit")
_MATERIALS = ("Stahl", "Eiche", "Nylon", "Aluminium", "Edelstahl 1.4301", "Polypropylen")


def rows(number: int) -> Iterator[tuple[str, ...]]:
    """Yield products whose titles, descriptions and numbers all differ, about 600 bytes each."""
    choice = random.Random(7).choice
    things = list(_THINGS)
    for n in range(number):
        thing, kind = choice(things), choice(_KINDS)
        text = (
            f"<p>{kind} {thing} Nr. {n}, {choice(_USES)}: {choice(_VERBS)} und {choice(_VERBS)}, "
            f"<b>{choice(_PLACES)}</b> wie {choice(_PLACES)}.</p><ul><li>{choice(_PARTS)}</li>"
            f"<li>{choice(_PARTS)}, Länge {n % 997} mm</li></ul><p>Der {thing} {choice(_VERBS)} &amp; "
            f"{choice(_VERBS)}; er wird {choice(_PLACES)} gern verwendet.</p>"
        )
        yield (
            f"KW-{n:07}", f"{kind} {thing} {n % 997} mm {choice(_USES)}", text, f"Marke {n % 40}", _THINGS[thing],
            _euros(99 + n % 400_000), "EUR", gtin(n), str(n % 300), f"https://bilder.shop.example/artikel/{n}.jpg",
            f"https://www.shop.example/de/produkte/{thing.lower()}-{n}", f"{n % 90 // 10},{n % 10} kg",
            choice(_COLOURS), choice(_MATERIALS), str(n % 997),
        )  # fmt: skip


def gtin(number: int) -> str:
    """Return a GTIN-13 with its check digit."""
    body = f"400{number:09}"
    return body + str(-sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(body)) % 10)


def write_csv(path: Path, number: int) -> None:
    """Write a catalog row by row; memory does not grow with it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(COLUMNS)
        writer.writerows(rows(number))


def _euros(cents: int) -> str:
    euros = f"{cents // 100:,}".replace(",", ".")
    return f"{euros},{cents % 100:02}"
