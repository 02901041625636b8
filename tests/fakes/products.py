"""A product with everything that most tests need."""

from dataclasses import replace
from decimal import Decimal

from catalog.model import Attribute, Price, Product


def product(sku: str = "A-1", **changes: object) -> Product:
    """Return a product with everything that most tests need; ``changes`` replace fields."""
    base = Product(
        supplier="acme",
        sku=sku,
        lang="de",
        title="Edelstahlschraube M8×40",
        description="<p>Rostfrei.</p>",
        brand="Fixorit",
        category=("Verbindungstechnik", "Schrauben"),
        attributes=(Attribute("farbe", "Farbe", "blau"),),
        prices=(Price(Decimal("12.50"), "EUR"),),
    )
    return replace(base, **changes)  # type: ignore[arg-type]
