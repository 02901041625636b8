"""Messages on standard error: for people, or as JSON Lines for programs that gather them.

Both pass through :func:`without_secrets`, so that neither an error's text nor a traceback shows a password or a key.
"""

import json
import logging
import math
import re
import sys
from datetime import UTC, datetime
from typing import Any

from api.urls import without_password

TEXT = "%(levelname)s %(name)s: %(message)s"

_KEY = re.compile(r"(?i)\b(bearer|apikey|authorization\W{1,4}\w+)\s+[\w+/=.~-]{8,}")
_SECRET_NAME = re.compile(r"(?i)password|secret|token|api_?key|authorization|cookie")

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What every record has, and uvicorn's second writing of its messages, with colours."""


def start(level: str, log_format: str) -> None:
    """Send messages to standard error; does nothing in a program that has set up logging already.

    Args:
        level: least level that is shown.
        log_format: ``text`` or ``json``.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(log_format))
    logging.basicConfig(level=level, handlers=[handler])


def formatter(log_format: str) -> logging.Formatter:
    """Return what writes a record as text or as a line of JSON."""
    return JsonFormatter() if log_format == "json" else TextFormatter(TEXT)


def without_secrets(text: str) -> str:
    """Return a text without the passwords of addresses and without keys of ``Authorization`` headers."""
    return _KEY.sub(r"\1 ***", without_password(text))


class TextFormatter(logging.Formatter):
    """Writes for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a line, and a traceback under it where there is one."""
        return without_secrets(super().format(record))


class JsonFormatter(logging.Formatter):
    """Writes one JSON document a line: time (UTC, ISO 8601), level, logger, message, exception, further fields.

    All characters are ASCII, others escaped, so that no console's encoding can break a line.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return a line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = without_secrets(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = without_secrets(record.stack_info)
        for name, value in vars(record).items():
            if name not in _OWN and name not in line:
                line[name] = "***" if _SECRET_NAME.search(name) else _plain(value)
        return json.dumps(line)


def _plain(value: object) -> object:
    """Return a value that JSON has; numbers that it has not, and everything else, as text."""
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return without_secrets(str(value))
