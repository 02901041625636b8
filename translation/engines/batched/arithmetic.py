"""How numbers are multiplied: in which precision, and by which kernel of onnxruntime on this processor."""

import logging
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from catalog.errors import PermanentEngineError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_LOG = logging.getLogger(__name__)


class Precision(StrEnum):
    """Which parts of a student run in int8, as it was made for (chrF against all float32 over 2,000 titles)."""

    INT8 = "int8"
    """Nearly everything; what stays in float32 says ``graphs`` (96.3; fxtranslate 94.4)."""
    CAREFUL = "careful"
    """The feed-forward layers of the encoder alone; attentions, decoder and choice of words run in float32 (97.6)."""
    FLOAT32 = "float32"
    """Nothing: the yardstick."""


class Kernel(StrEnum):
    """How int8 matrices are multiplied; the first two give the same numbers."""

    SIGNED = "u8s8"
    """Inputs unsigned, weights signed: the fastest. Without VNNI it may saturate."""
    UNSIGNED = "u8u8"
    """Both unsigned: slower on such processors, and exact."""
    FLOAT32 = "float32"
    """Neither is exact here, so that everything runs in float32."""

    @property
    def weight_type(self) -> np.dtype[Any]:
        """The type in which it takes weights."""
        return np.dtype({Kernel.SIGNED: "int8", Kernel.UNSIGNED: "uint8", Kernel.FLOAT32: "float32"}[self])


@cache
def exact_kernel() -> Kernel:
    """Return the fastest kernel whose products are exact on this processor; tried once a process."""
    for kernel in (Kernel.SIGNED, Kernel.UNSIGNED):
        try:
            if is_exact(kernel):
                return kernel
            reason = "it is not exact on this processor"
        except PermanentEngineError as exc:
            reason = str(exc)
        _LOG.warning("students run without the kernel %s, and slower: %s", kernel, reason)
    return Kernel.FLOAT32


def is_exact(kernel: Kernel) -> bool:
    """Whether products of the largest numbers are exact, with weights fixed beforehand and given with each call.

    Raises:
        PermanentEngineError: onnxruntime does not have the kernel here.
    """
    rows, weights = extremes()
    expected = (rows.astype(np.int64) - ZERO) @ weights.astype(np.int64)
    given = shifted(weights, kernel)
    found = (
        _session(kernel, given).run(None, {"rows": rows})[0],
        _session(kernel, None).run(None, {"rows": rows, "weights": given})[0],
    )
    return all(np.array_equal(one.astype(np.int64), expected) for one in found)


def extremes() -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
    """Return rows and weights whose products are as large as they can be.

    In their first half the sum of any two neighbours overflows 16 bits, where kernels without VNNI saturate.
    """
    inputs, outputs = 512, 96
    random = np.random.default_rng(1)
    rows = random.integers(0, 256, (7, inputs)).astype(np.uint8)
    rows[:, : inputs // 2] = 255
    weights = random.integers(-127, 128, (inputs, outputs)).astype(np.int8)
    weights[: inputs // 2] = np.where(np.arange(outputs) % 2, 127, -127)
    return rows, weights


ZERO = 128
"""The unsigned number that stands for zero."""


def shifted(weights: NDArray[Any], kernel: Kernel) -> NDArray[Any]:
    """Return int8 weights as a kernel takes them."""
    if kernel is Kernel.SIGNED:
        return weights
    # To turn the highest bit over is to add 128.
    return weights.view(np.uint8) ^ np.uint8(ZERO)


def _session(kernel: Kernel, weights: NDArray[Any] | None) -> "InferenceSession":
    from translation.engines.batched.onnxgraph import Graph
    from translation.engines.batched.sessions import open_session

    graph = Graph(kernel)
    rows = graph.input("rows", np.uint8, ["rows", "inputs"])
    if weights is None:
        name = graph.input("weights", kernel.weight_type, ["inputs", "outputs"])
    else:
        name = graph.constant(weights)
    one = graph.constant(np.float32(1))
    graph.output("products", graph.product(rows, name, one, one), ["rows", "outputs"])
    return open_session(graph.model())
