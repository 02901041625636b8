"""The models that are in memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from translation.engine import Pair
from translation.engines.models import StudentModel

Loaded = TypeVar("Loaded")

MEMORY_OF_FILES = 3
"""Memory of a loaded model, in bytes a byte of its files: 53 to 66 MB for 23 MB."""


class LoadedModels(Generic[Loaded]):
    """Models in memory, by when they were used last.

    Args:
        memory: bytes that they may take together; one model is kept whatever it takes.
        load: loads a model.
    """

    def __init__(self, memory: int, load: Callable[[StudentModel], Loaded]) -> None:
        self._memory = memory
        self._load = load
        self._models: OrderedDict[Pair, tuple[Loaded, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, files: StudentModel) -> Loaded:
        """Return a model, loaded when it is not there.

        Those that were unused for longest make room; a thread that still uses one goes on with it.
        """
        with self._lock:
            if files.pair not in self._models:
                size = MEMORY_OF_FILES * sum(path.stat().st_size for path in files.files)
                self._make_room(size)
                self._models[files.pair] = self._load(files), size
            self._models.move_to_end(files.pair)
            return self._models[files.pair][0]

    def _make_room(self, size: int) -> None:
        while self._models and size + sum(taken for _, taken in self._models.values()) > self._memory:
            self._models.popitem(last=False)
