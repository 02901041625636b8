"""An ONNX graph in the making, with the operators that a student needs.

Linear layers in int8 quantise their input by the ``alpha`` that the model brings and multiply integers exactly.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from translation.engines.batched.arithmetic import ZERO, Kernel, shifted
from translation.engines.batched.network import Linear, Norm

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto, ValueInfoProto

_OPSET, _IR = 17, 9
_EPSILON = 1e-6
_MICROSOFT = "com.microsoft"


class Graph:
    """A graph in the making; what its methods return are names of values.

    Args:
        kernel: how int8 layers are multiplied; ``FLOAT32`` for none.
    """

    FLOAT32 = 1
    """ONNX's number for the type."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._inputs: list[ValueInfoProto] = []
        self._outputs: list[ValueInfoProto] = []
        self._quantised: dict[tuple[str, float, int], str] = {}

    def input(self, name: str, kind: DTypeLike, shape: Sequence[str | int]) -> str:
        """Declare an input."""
        self._inputs.append(_value(name, kind, shape))
        return name

    def output(self, name: str, value: str, shape: Sequence[str | int]) -> None:
        """Give a float32 value out under a name."""
        self.node("Identity", value, outputs=(name,))
        self._outputs.append(_value(name, np.float32, shape))

    def constant(self, values: Any) -> str:
        """Keep numbers in the graph."""
        from onnx import numpy_helper

        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values).reshape(np.shape(values)), name))
        return name

    def node(
        self, operator: str, *inputs: str, outputs: Sequence[str] = (), domain: str = "", **attributes: Any
    ) -> str:
        """Add an operator; return its (first) output."""
        from onnx import helper

        names = list(outputs) or [f"{operator}_{len(self._nodes)}"]
        self._nodes.append(helper.make_node(operator, inputs, names, domain=domain, **attributes))
        return names[0]

    def model(self) -> bytes:
        """Return the graph as an ONNX file."""
        from onnx import helper

        graph = helper.make_graph(self._nodes, "student", self._inputs, self._outputs, self._constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        model: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=_IR).SerializeToString()
        return model

    # -- arithmetic ---------------------------------------------------------------------------------------------------

    def product(
        self, rows: str, weights: str, row_scale: str, weight_scale: str, bias: str = "", zero: int = ZERO
    ) -> str:
        """Multiply uint8 rows with weights in the kernel's type, exactly, into float32."""
        nothing = self.constant(np.uint8(ZERO)) if self.kernel is Kernel.UNSIGNED else ""
        inputs = [rows, weights, row_scale, weight_scale, self.constant(np.uint8(zero)), nothing, bias]
        while not inputs[-1]:
            inputs.pop()
        return self.node("MatMulIntegerToFloat", *inputs, domain=_MICROSOFT)

    def linear(self, rows: str, layer: Linear, factor: float = 1.0) -> str:
        """Run a linear layer; ``factor`` multiplies what comes out."""
        bias = self.constant(layer.bias * np.float32(factor))
        if layer.alpha is None or not self._in_int8(layer):
            weights = self.constant(layer.matrix.weights * np.float32(factor))
            return self.node("Add", self.node("MatMul", rows, weights), bias)
        return self._product_of(self.quantised(rows, layer.alpha), layer.alpha, layer, factor, bias)

    def linears_in_float32(self, rows: str, layers: Sequence[Linear]) -> list[str]:
        """Run linear layers on the same rows as one multiplication, never in int8."""
        weights = np.concatenate([layer.matrix.weights for layer in layers], axis=1)
        bias = np.concatenate([layer.bias for layer in layers])
        joined = self.node("Add", self.node("MatMul", rows, self.constant(weights)), self.constant(bias))
        if len(layers) == 1:
            return [joined]
        names = [f"{joined}_{number}" for number in range(len(layers))]
        sizes = self.constant(np.array([layer.bias.size for layer in layers], np.int64))
        self.node("Split", joined, sizes, outputs=names, axis=1)
        return names

    def linear_of_relu(self, rows: str, layer: Linear) -> str:
        """Run a linear layer on what a relu leaves of the rows.

        In int8 the relu is the lower end of the unsigned numbers, which leaves room for steps half as large.
        """
        if layer.alpha is None or not self._in_int8(layer):
            return self.linear(self.node("Relu", rows), layer)
        double = 2 * layer.alpha
        return self._product_of(self.quantised(rows, double, 0), double, layer, 1.0, self.constant(layer.bias), 0)

    def quantised(self, rows: str, alpha: float, zero: int = ZERO) -> str:
        """Round rows to uint8; layers that read the same rows share them."""
        key = rows, alpha, zero
        if key not in self._quantised:
            step = self.constant(np.float32(1 / alpha))
            self._quantised[key] = self.node("QuantizeLinear", rows, step, self.constant(np.uint8(zero)))
        return self._quantised[key]

    def _in_int8(self, layer: Linear) -> bool:
        return self.kernel is not Kernel.FLOAT32 and layer.matrix.is_int8

    def _product_of(self, rows: str, alpha: float, layer: Linear, factor: float, bias: str, zero: int = ZERO) -> str:
        weights = self.constant(shifted(layer.matrix.values, self.kernel))
        scale = self.constant(np.float32(factor / layer.matrix.multiplier))
        return self.product(rows, weights, self.constant(np.float32(1 / alpha)), scale, bias, zero)

    def norm(self, rows: str, added: str, norm: Norm) -> str:
        """Add two and normalise the sum."""
        scale, bias = self.constant(norm.scale), self.constant(norm.bias)
        return self.node("LayerNormalization", self.node("Add", rows, added), scale, bias, axis=-1, epsilon=_EPSILON)


def _value(name: str, kind: DTypeLike, shape: Sequence[str | int]) -> "ValueInfoProto":
    from onnx import helper

    return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(np.dtype(kind)), shape)
