"""Taking files in on one installation, and giving workbooks back: what command line, nightly run and API share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from api.bootstrap import Parts

if TYPE_CHECKING:
    from catalog.exports.exporting import ExportReport
    from catalog.exports.model import Correction
    from catalog.exports.planning import ExportOptions
    from catalog.importing import Applied
    from catalog.options import ImportOptions
    from catalog.report import CatalogReport


def import_file(parts: Parts, path: Path, options: "ImportOptions") -> "list[CatalogReport]":
    """Import one file in a transaction of its own and return the report of each catalog in it.

    What a person corrected in an export that comes back is applied behind it; it would be found again, and applied
    then, if this were killed in between.
    """
    from catalog.importing import import_catalogs

    return import_catalogs(parts.products, path, options, lambda found: apply_corrections(parts, found))


def apply_corrections(parts: Parts, found: "Sequence[Correction]") -> "Applied":
    """Apply corrections that a file brought, but for those that were made before."""
    from api.translating import correct_text
    from catalog.errors import LexicartError
    from catalog.importing import Applied

    made = 0
    refused: list[tuple[Correction, str]] = []
    for start in range(0, len(found), _PAGE):
        page = found[start : start + _PAGE]
        known = _reviewed(parts, page)
        for one in page:
            where = (one.product.id, one.field, one.lang)
            if known.get(where) == one.text:
                continue
            try:
                correct_text(parts, *where, one.text, only_here=one.only_here)
            except LexicartError as exc:
                refused.append((one, str(exc)))
            else:
                made += 1
    return Applied(made, tuple(refused))


_PAGE = 200


def _reviewed(parts: Parts, page: "Sequence[Correction]") -> dict[tuple[str, str, str], str]:
    """Return what people said before of the texts that are corrected."""
    from translation.model import State

    ids, langs = sorted({one.product.id for one in page}), sorted({one.lang for one in page})
    return {
        (text.product, text.field, text.lang): text.translation.text or ""
        for texts in parts.translations.field_texts(ids, langs).values()
        for text in texts
        if text.translation.state is State.REVIEWED
    }


@dataclass(frozen=True, slots=True)
class _Shown:
    text: str | None
    state: str


def export_workbook(parts: Parts, options: "ExportOptions") -> "ExportReport":
    """Write a feed's workbook with language columns."""
    from catalog.exports.exporting import export_feed

    def texts(ids: Sequence[str], langs: Sequence[str]) -> Mapping[str, Mapping[tuple[str, str], _Shown]]:
        return {
            product: {
                (text.field, text.lang): _Shown(text.translation.text, text.translation.state.value) for text in found
            }
            for product, found in parts.translations.field_texts(ids, langs).items()
        }

    parts.translations.follow()
    return export_feed(parts.products, parts.products.exports, texts, options)
