"""What is asked of engines that bill it, and a budget that several processes share."""

import threading
from dataclasses import dataclass
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Usage:
    """What an engine asked of a server.

    Attributes:
        requests: that were answered, in this process.
        characters: of the texts sent, counted as such servers bill them, in this process; a text that was sent again
            counts once.
        retries: requests that had to be sent again, in this process.
        spent: characters of this month, over all runs and workers.
        budget: characters that a month may have; 0: no limit.
    """

    requests: int = 0
    characters: int = 0
    retries: int = 0
    spent: int = 0
    budget: int = 0


@runtime_checkable
class Metered(Protocol):
    """An engine that says what it used."""

    def usage(self) -> Usage:
        """Return what was used so far."""
        ...


class Ledger(Protocol):
    """Counts the characters that were sent in a month."""

    def spend(self, engine: str, characters: int, budget: int) -> bool:
        """Count characters that are about to be sent; ``False``, and nothing counted, where they pass the budget.

        Args:
            engine: to which.
            characters: how many.
            budget: of the month; 0 for no limit.
        """
        ...

    def spent(self, engine: str) -> int:
        """Return the characters of this month."""
        ...


class OwnLedger:
    """Counts what this process sent, however long it runs."""

    def __init__(self) -> None:
        self._spent: dict[str, int] = {}
        self._lock = threading.Lock()

    def spend(self, engine: str, characters: int, budget: int) -> bool:
        """Count characters that are about to be sent."""
        with self._lock:
            total = self._spent.get(engine, 0) + characters
            if budget and total > budget:
                return False
            self._spent[engine] = total
            return True

    def spent(self, engine: str) -> int:
        """Return what was counted."""
        return self._spent.get(engine, 0)
