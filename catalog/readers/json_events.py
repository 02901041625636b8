"""The events of a JSON document with their lines, in bounded memory, and how to go on behind a syntax error."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import InvalidOperation
from pathlib import Path
from typing import Any

from catalog.readers.text import MAX_CELL, Piece, mark_half_characters, marks_of, too_long

MOST_NESTED = 200
KEYED = "*"
"""Step of a place for the values of an object whose keys are article numbers."""
_UNFINISHED = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}(?:\\(?:u[0-9a-fA-F]{0,3})?)?$|\\(?:u[0-9a-fA-F]{0,3})?$")
_LONGEST_NUMBER = 4_000
"""Digits; Python converts no more than 4,300, and ijson's C parser crashes when it refuses."""
_LONG_NUMBER = re.compile(rf"\d{{{_LONGEST_NUMBER}}}")
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u([dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
_DEPTH_CHANGE = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}

Step = tuple[int, str, Any]
"""Line, event and value of the push parser."""


class BrokenJsonError(Exception):
    """JSON that can't be parsed, and the line on which that shows."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        super().__init__(reason)


@dataclass(slots=True)
class JsonSource:
    """The pieces of a document, which a parser takes up again where another one gave up."""

    pieces: Iterator[Piece]
    text: str = ""
    line: int = 1
    again: Piece | None = None

    def take(self) -> Iterator[Piece]:
        """Yield the pieces from here on."""
        if self.again is not None:
            piece, self.again = self.again, None
            yield piece
        for piece in self.pieces:
            self.text, self.line = piece.text, piece.line
            yield piece

    def skip_to(self, beginning: re.Pattern[str]) -> bool:
        """Go on to the next line with such a beginning; say whether there is one."""
        broken = self.line
        for piece in self.pieces:
            self.text, self.line = piece.text, piece.line
            if piece.line > broken and beginning.match(piece.text):
                self.again = piece
                return True
        return False


def beginning_of(text: str) -> re.Pattern[str] | None:
    """Return how the line of a record begins: as far in as ``text``, and with a brace (or a key, then a brace).

    Without indentation only a record that is whole on its line shows where others begin.
    """
    found = re.match(r'([ \t]*)(\{|"(?:[^"\\]|\\.)*"\s*:\s*\{)', text)
    if found is None or not (found.group(1) or text.rstrip().rstrip(",").endswith("}")):
        return None
    brace = r"\{" if found.group(2) == "{" else r'"(?:[^"\\]|\\.)*"\s*:\s*\{'
    return re.compile(re.escape(found.group(1)) + brace)


def opening_at(place: tuple[str, ...]) -> str:
    """Return the beginning of a document whose next value stands at ``place``."""
    steps = {"[]": "[", KEYED: "{"}
    return "".join(steps.get(step) or "{" + json.dumps(step) + ":" for step in place)


def read_steps(path: Path, source: JsonSource, opening: str = "") -> Iterator[Step]:
    """Yield the events of a document with their lines.

    Raises:
        UnreadableFileError: a text or number is longer than the limit.
    """
    import ijson

    events = ijson.sendable_list()
    parser = ijson.basic_parse_coro(events, use_float=False)
    silent = line = depth = 0
    held = before = ""
    try:
        if opening:  # nothing at all would mean the end
            parser.send(opening.encode())
        for piece in source.take():
            line = piece.line
            if _LONG_NUMBER.search(before + piece.text):
                raise BrokenJsonError(line, "a number of more than 4,000 digits")
            before = "" if piece.ends_line else piece.text[-_LONGEST_NUMBER:]
            text, held = _without_half_characters(held + piece.text, piece.ends_line)
            if text:
                parser.send(text.encode())
            silent = 0 if events else silent + len(piece.text)
            if silent > MAX_CELL:
                raise too_long(path, line)
            for event, value in events:
                depth += _DEPTH_CHANGE.get(event, 0)
                if depth > MOST_NESTED:
                    raise BrokenJsonError(line, f"nested more than {MOST_NESTED} levels deep")
                yield line, event, value
            del events[:]
        if held:
            parser.send(held.encode())
        parser.close()
        yield from ((line, event, value) for event, value in events)
    except (ijson.JSONError, ValueError, InvalidOperation) as problem:  # the last: an exponent that no Decimal has
        yield from ((line, event, value) for event, value in events)
        why = "a number beyond all bounds" if isinstance(problem, InvalidOperation) else " ".join(str(problem).split())
        raise BrokenJsonError(line, why[:120]) from problem


def _without_half_characters(text: str, whole: bool) -> tuple[str, str]:
    r"""Put marks in the places of lone surrogates, for which the parser would write ``?`` without a word.

    Returns:
        The text, and the end of it that may be the beginning of an escape such as ``\ud83d\ude00``.
    """
    held = ""
    unfinished = None if whole else _UNFINISHED.search(text, max(0, len(text) - 12))
    if unfinished is not None:
        before = text[: unfinished.start()]
        cut = len(before.rstrip("\\"))
        text, held = text[:cut], text[cut:]
    if "\\ud" in text or "\\uD" in text:
        text = _ESCAPE.sub(lambda match: marks_of(int(match.group(1), 16)) if match.group(1) else match.group(), text)
    return mark_half_characters(text), held
