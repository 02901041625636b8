"""Which files were taken already: what a run needs that was killed after it had taken one."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from catalog.database import reading
from catalog.tables import uploads
from catalog.uploads import digest_of


def taken_since(
    engine: Engine, supplier: str, path: Path, filename: str, since: datetime
) -> list[dict[str, Any]] | None:
    """Return the reports of a file that was taken after a moment, ``None`` where it was not.

    A file with the same bytes and name, of the same supplier, that was taken after it was last touched is this file.

    Args:
        engine: of the store.
        supplier: who sent it.
        path: where it lies.
        filename: its name as the supplier knows it.
        since: when the file was last touched.

    Raises:
        OSError: the file can't be read.
    """
    mine = (uploads.c.supplier == supplier, uploads.c.filename == filename, uploads.c.received_at > since)
    latest = select(uploads.c.digest, uploads.c.report).where(*mine).order_by(uploads.c.received_at.desc()).limit(1)
    with reading(engine) as connection:
        found = connection.execute(latest).first()
    if found is None or found.digest != digest_of(path):
        return None
    report = json.loads(found.report)
    return list(report.get("catalogs", [report]))
