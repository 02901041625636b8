"""Everything that can go wrong, in one tree.

    LexicartError                    exit status 1
    ├── UsageError                   2  wrong usage or setting
    │   └── UnknownValueError        2  a name that is not in its list; names the list
    ├── NothingTakenError            3  the input gave nothing
    │   └── UnreadableFileError      3  a file that no reader can take as a whole
    ├── UnavailableError             4  a backend that can't be reached, or an absent thing asked for by name
    │   ├── BackendRefusesError      4  a backend that refuses until somebody does something
    │   │   └── SchemaOutdatedError  4  the store was made by another version
    │   ├── NoLiveBuildError         4  nothing has been promoted yet
    │   └── BrokenIndexError         4  an index is there and can't be read
    ├── GateRefusedError             5  a build that must not be promoted
    ├── NotFoundError                2  no such product, text or build
    └── EngineError                  1  a translation engine failed
        ├── TransientEngineError        may succeed when tried again
        └── PermanentEngineError        will fail again on this text

Every message is for a person: what happened, where (file, row, field or id), and what to do. The exit status belongs
to the class, so that the command line never decides by reading text.
"""

import difflib
from collections.abc import Iterable
from typing import ClassVar


class LexicartError(Exception):
    """Base of all errors that Lexicart raises on purpose."""

    exit_status: ClassVar[int] = 1


class UsageError(LexicartError):
    """Wrong usage of a command or a wrong setting."""

    exit_status = 2


class UnknownValueError(UsageError):
    """A value that is not in a known list; the message names the list.

    Args:
        what: what kind of thing was named ("language", "setting").
        value: the value given.
        known: the values that would have been right.
    """

    def __init__(self, what: str, value: str, known: Iterable[str]) -> None:
        self.what = what
        self.value = value
        self.known = tuple(known)
        close = difflib.get_close_matches(value.casefold(), self.known, 5) or difflib.get_close_matches(
            value.upper(), self.known, 5, 0.5
        )
        listed = self.known if len(self.known) <= _MOST_LISTED else close
        rest = f" and {len(self.known) - len(listed)} more" if len(listed) < len(self.known) else ""
        super().__init__(f"unknown {what} {value!r}: it is one of {', '.join(listed) or '(none)'}{rest}")


_MOST_LISTED = 40
"""Values that a message names; of longer lists, those that look like what was given."""


class NotFoundError(UsageError):
    """A product, text or build that was named and is not there."""


class NothingTakenError(LexicartError):
    """Nothing of the input was taken."""

    exit_status = 3


class UnreadableFileError(NothingTakenError):
    """A file that can't be read as a catalog at all.

    Args:
        file: the file's name as the supplier knows it.
        reason: what is wrong and what to do.
        line: line (from 1) where it was found, if there is one.
    """

    def __init__(self, file: str, reason: str, line: int | None = None) -> None:
        self.file = file
        self.reason = reason
        self.line = line
        where = file if line is None else f"{file}, line {line}"
        super().__init__(f"{where}: {reason}")


class UnavailableError(LexicartError):
    """A backend can't be reached, or something asked for by name is absent."""

    exit_status = 4


class BackendRefusesError(UnavailableError):
    """A backend refuses, or can't be asked, until somebody does something: trying again mends nothing."""


class SchemaOutdatedError(BackendRefusesError):
    """The store's schema is not the one this version works with."""


class NoLiveBuildError(UnavailableError):
    """No build has been promoted: there is nothing to search yet."""


class BrokenIndexError(UnavailableError):
    """An index is there and can't be read."""


class GateRefusedError(LexicartError):
    """A new build was refused; the old one still serves.

    Args:
        reasons: one sentence for each check that failed.
    """

    exit_status = 5

    def __init__(self, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("the new build was refused: " + "; ".join(self.reasons))


class EngineError(LexicartError):
    """A translation engine failed."""


class TransientEngineError(EngineError):
    """An engine failed in a way that may pass: time-out, rate limit, lost connection."""

    exit_status = 4


class PermanentEngineError(EngineError):
    """An engine failed in a way that will repeat on this text."""
