"""Taking files in on one installation: what the command line, the nightly run and the API share."""

from pathlib import Path
from typing import TYPE_CHECKING

from api.bootstrap import Parts

if TYPE_CHECKING:
    from catalog.options import ImportOptions
    from catalog.report import CatalogReport


def import_file(parts: Parts, path: Path, options: "ImportOptions") -> "CatalogReport":
    """Import one file in a transaction of its own and return its report."""
    from catalog.importing import import_catalog

    return import_catalog(parts.products, path, options)
