"""A nightly run that ends itself by SIGKILL at a chosen instant: ``python -m tests.night_that_dies INSTANT [N]``.

``step NAME``: when a step begins; ``event N``: at the Nth change of a file that Python makes (opening one for writing,
renaming, removing, making a folder); ``before`` and ``after``: around the moving away of the first file; ``count``:
never, and prints how many changes of files there were.
"""

import os
import signal
import sys
from typing import Any

from api import nightly
from api.bootstrap import Parts
from api.settings import load

_CHANGES = {"os.rename", "os.remove", "os.mkdir"}


class Death:
    """Ends this process at an instant.

    Args:
        instant: as above.
        detail: the name of a step, or the number of a change.
    """

    def __init__(self, instant: str, detail: str = "") -> None:
        self.changes = 0
        self._instant = instant
        self._detail = detail
        self._moved = False

    def at_step(self, name: str) -> None:
        if (self._instant, self._detail) == ("step", name):
            os.kill(os.getpid(), signal.SIGKILL)

    def at_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "os.kill":  # ours
            return
        moves = event == "os.rename" and str(arguments[0]).endswith(".csv")
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        self.changes += bool(event in _CHANGES or writes)
        dies = (
            (self._instant == "before" and moves)
            or (self._instant == "after" and self._moved)
            or (self._instant == "event" and self.changes >= int(self._detail))
        )
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        self._moved |= moves


if __name__ == "__main__":
    death = Death(*sys.argv[1:])
    parts = Parts(load())
    sys.addaudithook(death.at_event)
    report = nightly.run(parts, began=death.at_step)
    print(death.changes, *report.reasons, sep="\n", file=sys.stderr)
    sys.exit(report.exit_status)
