"""Python's garbage collector, kept from what lives as long as the process, and from looking too often."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_for_good() -> Iterator[None]:
    """Make, without a look of the collector, what stays to the end, and let no later look pass over it.

    Each look at 100,000 terms takes 0.15 s, and many objects made bring it on: a tenth of the time of a batch.
    """
    runs = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if runs:
            gc.enable()


_OBJECTS = 100_000
"""New objects after which those of a job are looked over: some 10 MB. Python's own 700 come a hundred times a page."""


@contextmanager
def seldom_looking() -> Iterator[None]:
    """Let the collector look seldom while millions of objects are made, of which hardly any is part of a ring.

    A tenth of the Python of a batch was spent in looks that found nothing.
    """
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
