"""What commands share: their options, their parts, and how they print."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from catalog.languages import CODES

if TYPE_CHECKING:
    from api.bootstrap import Parts
    from api.settings import Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])

LANG = click.Choice(CODES)


class _ReadableText(click.ParamType[str]):
    """Text; bytes that are none in the terminal's encoding are refused here, since no store can keep them."""

    name = "TEXT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as exc:
            self.fail(f"character {exc.start + 1} is no readable text; give it in UTF-8", param, ctx)
        return text


READABLE = _ReadableText()


def json_option(command: _Command) -> _Command:
    """Add ``--json``: one JSON document on standard output instead of text for people."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(command)


def parts() -> "Parts":
    """Return the parts of the installation that the settings describe; they are closed when the command ends."""
    from api.bootstrap import Parts, start_logging

    loaded = settings()
    start_logging(loaded)
    made = Parts(loaded)
    click.get_current_context().call_on_close(made.close)
    return made


def settings() -> "Settings":
    """Return the settings; names of the environment that are none are warned of."""
    from api.settings import load, unknown_names

    loaded = load()
    for sentence in unknown_names():
        warn(sentence)
    return loaded


def warn(sentence: str) -> None:
    """Print a warning on standard error."""
    click.echo(f"lexicart: warning: {sentence}", err=True)


def print_json(document: Any) -> None:
    """Print one JSON document on standard output."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def say(text: str = "") -> None:
    """Print a line for people."""
    click.echo(text)


def table(rows: Sequence[Sequence[Any]], header: Sequence[str], *, numbers_from: int = 1) -> Iterable[str]:
    """Yield the lines of a table; columns from ``numbers_from`` on are aligned to the right."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        padded = [
            " " * (width - _width(cell)) + cell if column >= numbers_from else cell + " " * (width - _width(cell))
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Return how many columns a terminal needs: East Asian wide characters take two."""
    import unicodedata

    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


@contextmanager
def ending_in_good_order() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl+C does: what it has in hand is given back on the way out."""
    import signal

    def end(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class TranslationBar:
    """A bar on standard error for the batch: texts settled, time left, words a second.

    Args:
        bar: from :func:`progress_bar`.
    """

    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._begun = time.monotonic()

    def begin(self, texts: int) -> None:
        """Hear how many texts there are at most, each counted once a language."""
        self._bar.reset(total=texts)

    def advance(self, lang: str, texts: int, words: int) -> None:
        """Hear that texts were settled, and how many words engines translated so far."""
        self._bar.set_postfix_str(f"{lang}, {words / max(time.monotonic() - self._begun, 1e-3):,.0f} words/s", False)
        self._bar.update(texts)


def progress_bar(total: int | None, unit: str) -> Any:
    """Return a tqdm bar on standard error; silent where that is no terminal."""
    from tqdm import tqdm

    return tqdm(total=total, unit=f" {unit}", disable=None, leave=False)
