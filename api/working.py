"""What a worker does for as long as it runs: translate what is new, and bring the live index up to date.

Each is a loop of its own, in a process of its own (:mod:`api.supervising`), so that an index follows within seconds
while ten million texts are being translated, and one that dies leaves the other working.
"""

import logging
import threading
from collections.abc import Callable

from api.bootstrap import Parts
from api.translating import translate_pending
from catalog.errors import EngineError, GateRefusedError, UnavailableError
from translation.batch import BatchOptions

LOG = logging.getLogger("lexicart.worker")

POLL_SECONDS = 1.0
"""How often the store is asked whether anything changed: a read of two rows."""

LONGEST_WAIT_SECONDS = 60.0
"""Waits double from one second to this while the store, an engine or the index can't be reached."""


def translate_steadily(parts: Parts, stop: threading.Event, *, once: bool = False) -> None:
    """Translate what is pending, again whenever something changed, until ``stop`` is set.

    Args:
        parts: the installation.
        stop: set from outside to end the loop.
        once: end when nothing is pending.
    """

    def step() -> None:
        done = translate_pending(parts, BatchOptions(parts.settings.langs), alone=True)
        if done.segments:
            LOG.info("%d segments, %d by engines, %.0f s", done.segments, done.translated, done.seconds)
        if done.failure is not None:
            raise done.failure

    _steadily(step, lambda: _texts_state(parts), stop, once)


def index_steadily(parts: Parts, stop: threading.Event, *, once: bool = False) -> None:
    """Bring the live index up to date whenever something changed; arguments as above.

    Raises:
        GateRefusedError: with ``once``, the build was refused. Else that is logged, and the next change builds anew.
    """

    def step() -> None:
        done = parts.builder().update()
        if done.reasons and once:
            raise GateRefusedError(done.reasons)
        for reason in done.reasons:
            LOG.error("build %s is refused: %s", done.build, reason)
        LOG.info("%s build %s, %.0f s", done.mode, done.build, done.seconds)

    _steadily(step, lambda: _index_state(parts), stop, once)


def _steadily(step: Callable[[], None], state: Callable[[], object], stop: threading.Event, once: bool) -> None:
    seen: object = None
    wait = POLL_SECONDS
    while not stop.is_set():
        try:
            now = state()
            if now is not None and now != seen:
                step()
                # What changed while it ran is looked at again at once: the state was taken before.
                seen = now
            wait = POLL_SECONDS
            if once:
                return
        except (UnavailableError, EngineError) as exc:
            LOG.warning("%s; trying again in %.0f s", exc, wait)
            if once:
                raise
            stop.wait(wait)
            wait = min(2 * wait, LONGEST_WAIT_SECONDS)
            continue
        stop.wait(POLL_SECONDS)


def _texts_state(parts: Parts) -> object:
    """Return what differs whenever there may be something to translate."""
    return parts.translations.changed()


def _index_state(parts: Parts) -> object:
    """Return what differs whenever the live index is behind; ``None`` while it is not, or there are no products."""
    position = parts.translations.position()
    live = parts.index.live()
    if live is None:
        return position if parts.products.counts() else None
    at = {build.name: build.position for build in parts.builds.all()}.get(live)
    return position if at is None or at < position else None
