"""What an import says of one file: the ``catalogs`` entries of the contract."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from catalog.model import Product, RowError

MOST_LISTED = 1_000
"""Errors and warnings that a report lists each; beyond, they are only counted."""


@dataclass(frozen=True, slots=True)
class CatalogReport:
    """The reading of one file.

    Attributes:
        catalog: id of the upload; ``None`` where nothing was stored.
        file: the file's name as the supplier knows it.
        rows: records read; ``taken`` and ``refused`` add up to it.
        joined: of the taken ones, those that only continued or repeated a product.
        products: ``created`` and ``updated`` and ``unchanged`` together.
        profile: the known source that the file comes from: ``key``, ``name``, ``confidence``; or ``None``.
        confidences: how sure each column's meaning is, 0 to 1.
        doubtful_lang: rows that may be in another language than they were taken in.
        refused_as_a_whole: why nothing of the file was taken, or ``None``.
        said: what a person said of the file: ``lang``, ``currency``, ``country``, each ``None`` where not.
        export: of an export that came back, its id.
        corrections: texts that a person corrected in it.
        errors: refused rows, the first 1,000.
        warnings: values left out and columns in doubt, the first 1,000.
        samples: five products, in a dry run.
    """

    catalog: str | None
    file: str
    feed: str
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    lang: str | None = None
    lang_confidence: float | None = None
    lang_by: str | None = None
    rows: int = 0
    taken: int = 0
    refused: int = 0
    joined: int = 0
    products: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    doubtful_lang: int = 0
    profile: Mapping[str, Any] | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    confidences: Mapping[str, float] = field(default_factory=dict)
    ignored_columns: tuple[str, ...] = ()
    refused_as_a_whole: str | None = None
    said: Mapping[str, str | None] = field(default_factory=dict)
    export: str | None = None
    corrections: int = 0
    errors: tuple[RowError, ...] = ()
    warnings: tuple[RowError, ...] = ()
    samples: tuple[Product, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The shape of the contract."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return plain | {
            "profile": None if self.profile is None else dict(self.profile),
            "mapping": dict(self.mapping),
            "confidences": dict(self.confidences),
            "ignored_columns": list(self.ignored_columns),
            "said": dict(self.said),
            "errors": [error.as_json() for error in self.errors],
            "warnings": [warning.as_json() for warning in self.warnings],
            "samples": [_product_json(product) for product in self.samples],
        }


def _product_json(product: Product) -> dict[str, Any]:
    """A product as JSON takes it: amounts as texts, so that 24.90 stays 24.90."""
    body = asdict(product)
    for name in ("prices", "price_tiers"):
        body[name] = [{**row, "amount": str(row["amount"])} for row in body[name]]
    return body


def report_from_json(body: Mapping[str, Any]) -> CatalogReport:
    """Read a report of a taken file back; it holds no samples."""
    plain = {name: body[name] for name in CatalogReport.__dataclass_fields__ if name in body and name != "samples"}
    return CatalogReport(
        **plain
        | {
            "ignored_columns": tuple(body["ignored_columns"]),
            "errors": tuple(RowError(**row, refused=True) for row in body["errors"]),
            "warnings": tuple(RowError(**row, refused=False) for row in body["warnings"]),
        }
    )


class Tally:
    """Rows, errors and warnings of a file as they come, in memory that does not grow with it."""

    def __init__(self) -> None:
        self.rows = 0
        self.refused = 0
        self.doubtful = 0
        self.without_currency = 0
        self.outcomes: dict[str, int] = {}
        self.errors: list[RowError] = []
        self.warnings: list[RowError] = []
        self.samples: list[Product] = []
        self._unlisted_warnings = 0
        self._line_beyond = 0

    def refuse(self, error: RowError) -> None:
        """Count a refused row."""
        self.refused += 1
        if len(self.errors) < MOST_LISTED:
            self.errors.append(error)

    def warn(self, warning: RowError) -> None:
        """Count a warning."""
        if len(self.warnings) < MOST_LISTED - 1:
            self.warnings.append(warning)
            return
        self._line_beyond = self._line_beyond or warning.line
        self._unlisted_warnings += 1

    def count(self, outcome: str) -> None:
        """Count what the store made of a product."""
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    @property
    def taken(self) -> int:
        """Rows that were taken."""
        return self.rows - self.refused

    def counted(self, report: CatalogReport, catalog: str | None) -> CatalogReport:
        """Return the report of a file that is taken."""
        created, updated, unchanged = (self.outcomes.get(name, 0) for name in ("created", "updated", "unchanged"))
        return replace(
            report,
            catalog=catalog,
            rows=self.rows,
            taken=self.taken,
            refused=self.refused,
            joined=self.outcomes.get("joined", 0),
            products=created + updated + unchanged,
            created=created,
            updated=updated,
            unchanged=unchanged,
            doubtful_lang=self.doubtful,
            errors=self._sorted_errors(),
            warnings=self.all_warnings(),
            samples=tuple(self.samples),
        )

    def refused_whole(self, report: CatalogReport, reason: str) -> CatalogReport:
        """Return the report of a file of which nothing was kept: every row counts as refused."""
        return replace(
            report,
            rows=self.rows,
            refused=self.rows,
            refused_as_a_whole=reason,
            errors=self._sorted_errors(),
            warnings=self.all_warnings(),
        )

    def _sorted_errors(self) -> tuple[RowError, ...]:
        return tuple(sorted(self.errors, key=lambda error: error.line))

    def all_warnings(self) -> tuple[RowError, ...]:
        """Return the warnings; the last one says how many are not listed."""
        if not self._unlisted_warnings:
            return tuple(self.warnings)
        reason = f"{self._unlisted_warnings} more warnings of this file are not listed"
        more = RowError(self._line_beyond, None, None, None, reason, "more_warnings", refused=False)
        return (*self.warnings, more)
