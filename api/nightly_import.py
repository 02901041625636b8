"""The first step of a night: the files of the drop folder go into the store and out of the way."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from api.bootstrap import Parts
from api.dropping import DONE, REFUSED, DropFolder, Looked, Waiting, put_away
from api.patience import Clock
from api.reporting import UNEXPECTED, NightlyReport, is_of_the_house, sentence_of, status_of
from catalog.errors import LexicartError, NothingTakenError, UnavailableError
from catalog.model import check_supplier
from catalog.received import taken_since

LOG = logging.getLogger("lexicart.nightly")

_ROUNDING_SECONDS = 0.01
"""Of clocks that count times of files in other steps than ours."""


class NightlyImport:
    """Takes the files that wait.

    Args:
        parts: the installation.
        report: where it is told what became of them.
        clock: to wait by, for files that changed a moment ago.
    """

    def __init__(self, parts: Parts, report: NightlyReport, clock: Clock) -> None:
        self._parts = parts
        self._report = report
        self._clock = clock
        self._tried: set[Path] = set()
        self._held: set[str] = set()

    def work(self) -> str:
        """Take every file that can be taken; return a sentence about them."""
        settings = self._parts.settings
        drop = DropFolder(settings.drop_folder, settings.drop_settled_seconds, settings.drop_temporary, self._clock.now)
        looked = drop.look()
        self._take_all(looked.ready)
        if looked.unsettled:
            self._clock.sleep(looked.wait + _ROUNDING_SECONDS)
            looked = self._look_again(drop, looked.unsettled)
            self._take_all(looked.ready)
        self._report.reasons += [
            f"{file.shown}: it is being written; it is taken when it has not changed for "
            f"{settings.drop_settled_seconds} s"
            for file in looked.unsettled
        ]
        self._report.reasons += looked.left
        taken = sum(one["taken"] for one in self._report.imported)
        if self._tried and not taken:
            self._report.fail(f"nothing was taken of {len(self._tried)} files", NothingTakenError.exit_status)
        return f"{len(self._tried)} files, {len(self._report.imported)} catalogs, {taken} rows taken"

    def _look_again(self, drop: DropFolder, before: Sequence[Waiting]) -> Looked:
        """Return what can be taken after the wait: what did not change meanwhile, whatever its times say."""
        looked = drop.look()
        known = {file.path: file for file in before}
        fresh = [file for file in (*looked.ready, *looked.unsettled) if file.path not in self._tried]
        ready = [file for file in fresh if (known[file.path] == file if file.path in known else file in looked.ready)]
        return replace(looked, ready=ready, unsettled=[file for file in fresh if file not in ready])

    def _take_all(self, files: Sequence[Waiting]) -> None:
        for file in files:
            if file.supplier in self._held:
                # Taken now, it would be overwritten by the older one in the next night.
                self._report.reasons.append(f"{file.shown}: it waits for the file before it that stays")
                continue
            self._tried.add(file.path)
            self._take(file)

    def _take(self, file: Waiting) -> None:
        """Import a file and put it away; whatever is wrong with it, the night goes on."""
        try:
            catalogs = self._taken_before(file) or self._import(file)
        except (UnavailableError, OSError) as exc:
            # Nothing is known to be wrong with the file: it waits for the next night.
            if isinstance(exc, UnavailableError):
                self._held.add(file.supplier)
            self._stays(file, exc, status_of(exc) if is_of_the_house(exc) else 0)
        except LexicartError as exc:
            self._report.reasons.append(f"{file.shown}: {exc}")
            self._put_away(file, REFUSED, {"supplier": file.supplier, "catalogs": [], "reason": str(exc)})
        except Exception as exc:
            LOG.exception("nightly, file %s", file.shown)
            self._stays(file, exc, UNEXPECTED)
        else:
            self._tell_of(file, catalogs)
            body = {"supplier": file.supplier, "catalogs": catalogs}
            self._put_away(file, DONE if any(one["taken"] for one in catalogs) else REFUSED, body)

    def _taken_before(self, file: Waiting) -> list[dict[str, Any]] | None:
        """Return the reports of a file that was taken by a run which was killed before it could put it away.

        An export that comes back is imported again: its corrections are made after the file is taken.
        """
        found = taken_since(
            self._parts.database, check_supplier(file.supplier), file.path, file.path.name, file.touched_at
        )
        if found is None or any(one.get("export") for one in found):
            return None
        return found

    def _import(self, file: Waiting) -> list[dict[str, Any]]:
        from api.intake import import_file
        from catalog.options import ImportOptions

        options = ImportOptions(supplier=check_supplier(file.supplier), filename=file.path.name)
        return [one.as_json() for one in import_file(self._parts, file.path, options)]

    def _tell_of(self, file: Waiting, catalogs: list[dict[str, Any]]) -> None:
        for one in catalogs:
            self._report.imported.append({"supplier": file.supplier, **one})
            if not one["taken"]:
                why = one["refused_as_a_whole"] or "none of its rows was taken"
                self._report.reasons.append(f"{file.supplier}/{one['file']}: {why}")

    def _stays(self, file: Waiting, exc: Exception, status: int) -> None:
        self._report.fail(f"{file.shown}: {sentence_of(exc)}; it stays in the drop folder", status)

    def _put_away(self, file: Waiting, folder: str, body: dict[str, Any]) -> None:
        for problem in put_away(file, folder, body).problems:
            self._report.fail(problem, UnavailableError.exit_status)
