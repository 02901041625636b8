"""The models that are in memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from translation.engine import Pair
from translation.engines.batched.arithmetic import Precision
from translation.engines.models import StudentModel

Loaded = TypeVar("Loaded")

MEMORY_OF_FILES = {Precision.INT8: 3, Precision.CAREFUL: 4, Precision.FLOAT32: 5}
"""Memory of a loaded model, in bytes a byte of its files: 64 to 66 MB, 62 to 76 and 71 to 106 for 23 MB."""


class LoadedModels(Generic[Loaded]):
    """Models in memory, by when they were used last.

    Args:
        memory: bytes that they may take together; one model is kept whatever it takes.
        load: loads a model.
        precision: in which they run.
    """

    def __init__(
        self, memory: int, load: Callable[[StudentModel], Loaded], precision: Precision = Precision.INT8
    ) -> None:
        self._memory = memory
        self._load = load
        self._times = MEMORY_OF_FILES[precision]
        self._models: OrderedDict[Pair, tuple[Loaded, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, files: StudentModel) -> Loaded:
        """Return a model, loaded when it is not there.

        Those that were unused for longest make room; a thread that still uses one goes on with it.
        """
        with self._lock:
            if files.pair not in self._models:
                size = self._times * sum(path.stat().st_size for path in files.files if path.exists())
                self._make_room(size)
                self._models[files.pair] = self._load(files), size
            self._models.move_to_end(files.pair)
            return self._models[files.pair][0]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Whose models are in memory, the one that was used last at the end."""
        with self._lock:
            return tuple(self._models)

    def _make_room(self, size: int) -> None:
        while self._models and size + sum(taken for _, taken in self._models.values()) > self._memory:
            self._models.popitem(last=False)
