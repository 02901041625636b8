"""The same file again: its products are compared with the store, and it is not read a second time."""

import hashlib
from dataclasses import replace
from functools import cache
from pathlib import Path

from catalog.columns.mapping import HandMapping
from catalog.errors import NothingTakenError, UnreadableFileError
from catalog.options import ImportOptions
from catalog.report import CatalogReport, report_from_json
from catalog.taking import Counts, Store


def reading_key(options: ImportOptions) -> str:
    """Return a digest of all that decides how bytes are read, but for the mapping: options and version of the code."""
    said = (options.supplier, options.feed, options.lang, options.currency, options.country, options.strict)
    return hashlib.sha256(f"{said!r}{code_digest()}".encode()).hexdigest()


@cache
def code_digest() -> str:
    """Return a digest of this package's files: another version may understand a file differently."""
    package = Path(__file__).parent
    files = sorted(path for suffix in ("*.py", "*.toml") for path in package.rglob(suffix))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


class _ReadItError(Exception):
    """Leaves the transaction of a file that has to be read after all."""


def repeat(
    store: Store, path: Path, options: ImportOptions, hand: HandMapping | None, filename: str
) -> CatalogReport | None:
    """Take a file that was taken before in the same way; ``None`` where it has to be read."""
    if options.dry_run or options.refused or not path.is_file():
        return None
    try:
        with store.importing(supplier=options.supplier, feed=options.feed, path=path, filename=filename) as session:
            found = session.repeat(reading_key(options))
            if found is None:
                raise _ReadItError
            note, body = found
            mapping = hand.body if hand else store.saved_mapping(options.supplier, note.header)
            if (mapping or "") != note.mapping:
                raise _ReadItError
            report = replace(report_from_json(body), catalog=session.catalog, file=filename)
            if options.replace:
                session.withdraw_missing(force=options.force)
            final = Final(report)
            session.finish(lambda counts: final.settle(counts).as_json(), note)
    except _ReadItError:
        return None
    except NothingTakenError as error:  # --replace would withdraw too much
        if isinstance(error, UnreadableFileError):
            raise
        nothing = CatalogReport(None, report.file, report.feed)
        described = replace(nothing, **{name: getattr(report, name) for name in _DESCRIPTION})
        return replace(described, rows=report.rows, refused=report.rows, refused_as_a_whole=str(error))
    return final.report


_DESCRIPTION = (
    *("format", "encoding", "delimiter", "lang", "lang_confidence", "lang_by", "profile", "mapping", "confidences"),
    *("ignored_columns", "said", "errors", "warnings"),
)
"""What a report says of a file even where nothing of it is taken."""


class Final:
    """A report whose counts are known only when its file is taken.

    Attributes:
        report: the report so far.
    """

    def __init__(self, report: CatalogReport) -> None:
        self.report = report

    def settle(self, counts: Counts) -> CatalogReport:
        """Put the counts of a store into the report."""
        created, updated, unchanged = (counts[name] for name in ("created", "updated", "unchanged"))
        self.report = replace(
            self.report,
            products=created + updated + unchanged,
            created=created,
            updated=updated,
            unchanged=unchanged,
            withdrawn=counts["withdrawn"],
        )
        return self.report
