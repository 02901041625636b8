"""What a person says about an import."""

from dataclasses import dataclass
from pathlib import Path

from catalog.errors import UnknownValueError, UsageError
from catalog.languages import language
from catalog.model import check_supplier


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Options of one import.

    Attributes:
        supplier: the supplier's name.
        feed: which of the supplier's feeds the file is; ``replace`` compares within it.
        lang: language of the catalog, or ``None`` to detect it.
        currency: ISO 4217 code for prices that name none.
        country: the supplier's country, ISO 3166-1 alpha-2.
        mapping: a mapping by hand (TOML); it is remembered for this supplier and header row.
        dry_run: show the whole reading and write nothing.
        strict: one refused row refuses the file.
        replace: withdraw what this supplier and feed had and this file has not.
        force: withdraw even more than 20 % of a feed.
        refused: where the refused rows are written, in the supplier's own layout with a reason column.
        filename: the file's name as the supplier knows it; else that of the path.

    Raises:
        UsageError: an option that can't be.
    """

    supplier: str
    feed: str = "main"
    lang: str | None = None
    currency: str | None = None
    country: str | None = None
    mapping: Path | None = None
    dry_run: bool = False
    strict: bool = False
    replace: bool = False
    force: bool = False
    refused: Path | None = None
    filename: str | None = None

    def __post_init__(self) -> None:
        check_supplier(self.supplier)
        if not self.feed or len(self.feed) > 63:
            raise UsageError(f"feed {self.feed!r}: a name has 1 to 63 characters")
        if self.lang is not None:
            language(self.lang)
        if self.currency is not None:
            check_currency(self.currency)
        if self.country is not None and not (
            len(self.country) == 2 and self.country.isalpha() and self.country.isupper()
        ):
            raise UsageError(f"country {self.country!r}: give the two-letter ISO 3166 code in capitals, such as DE")
        if self.force and not self.replace:
            raise UsageError("--force goes with --replace: it lets a file withdraw more than 20 % of a feed")

    def said(self) -> dict[str, str | None]:
        """Return what a person said of the catalog, which its export follows when it comes back."""
        return {"lang": self.lang, "currency": self.currency, "country": self.country}


def check_currency(currency: str) -> None:
    """Raise :class:`UnknownValueError` where a code is no currency of today."""
    from catalog.values.currencies import current_codes

    if currency not in current_codes():
        raise UnknownValueError("currency", currency, sorted(current_codes()))
