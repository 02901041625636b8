"""The smallest shop that can be searched."""

from api.bootstrap import Parts
from api.intake import import_file
from api.settings import Settings
from catalog.options import ImportOptions


def sell_a_lamp(settings: Settings) -> None:
    """Import and index one product, called "lamp", with everything that can be filtered by."""
    parts = Parts(settings)
    path = parts.home / "lamp.csv"
    path.write_text("sku;name;brand;category;colour;price\nL-1;lamp;Acme;Lamps;red;3,10 EUR\n", encoding="utf-8")
    import_file(parts, path, ImportOptions(supplier="acme", filename="lamp.csv", lang="en"))
    report = parts.builder().update()
    assert report.promoted, report.reasons
    parts.close()
