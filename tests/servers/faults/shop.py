"""A shop of any size on a cluster: products whose texts all differ, and a store that knows what must be found."""

import csv
from collections.abc import Iterable
from pathlib import Path

from api.bootstrap import Parts
from api.intake import import_file
from api.settings import load
from api.translating import translate_pending
from catalog.options import ImportOptions
from translation.batch import BatchOptions

SUPPLIERS = {"keller": "de", "northgate": "en", "lumiere": "fr"}

_WORDS = {
    "de": ("Schraube", "Lampe", "Bohrer", "Zange", "Leiter", "Kabel", "Stuhl", "Messer", "Tasche", "Uhr"),
    "en": ("screw", "lamp", "drill", "pliers", "ladder", "cable", "chair", "knife", "bag", "watch"),
    "fr": ("vis", "lampe", "perceuse", "pince", "échelle", "câble", "chaise", "couteau", "sac", "montre"),
}


def open_parts(home: Path, urls: Iterable[str], prefix: str, langs: str = "", timeout: float = 5.0) -> Parts:
    """Return an installation of its own whose indexes lie on a cluster.

    Args:
        timeout: seconds that a search waits for a node.
    """
    given = {"langs": langs} if langs else {}
    return Parts(
        load(
            home=home,
            database_url="",
            index="elasticsearch",
            elasticsearch_url=",".join(urls),
            elasticsearch_prefix=prefix,
            elasticsearch_timeout=timeout,
            engines="echo",
            **given,
        )
    )


def stock(parts: Parts, products: int, edition: int = 0) -> None:
    """Import products and translate their texts; another edition changes the price of each, and so every document."""
    for at, (supplier, lang) in enumerate(SUPPLIERS.items()):
        path = parts.home / f"{supplier}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("sku", "title", "price", "currency", "brand", "category"))
            writer.writerows(_row(lang, number, edition) for number in range(at, products, len(SUPPLIERS)))
        import_file(parts, path, ImportOptions(supplier, lang=lang, filename=path.name))
    if edition == 0:
        done = translate_pending(parts, BatchOptions(parts.settings.langs))
        assert done.failure is None


def sku(number: int) -> str:
    """Return the article number of a product."""
    return f"FX-{number:06}"


def _row(lang: str, number: int, edition: int) -> tuple[str, ...]:
    words = _WORDS[lang]
    first, second = words[number % len(words)], words[number // len(words) % len(words)]
    letters = "".join(chr(97 + int(digit)) for digit in f"{number:05}")
    title = f"{first} {letters} {second}"
    return (sku(number), title, f"{number % 500 + edition}.90", "EUR", f"Marke{number % 7}", first)
