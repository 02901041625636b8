"""A network as two ONNX graphs: the encoder, and one step of the decoder.

Rows are two-dimensional, ``[positions of all sentences, size]``, except inside attentions.

In int8 two things stay in float32, because what is lost in them is lost for every word that follows: the recurrence,
and the decoder's attentions with what the encoder hands to them. Over 1,000 product titles that brings those that come
out as in float32 from 76.1 to 79.7 %, and chrF from 95.5 to 96.4, for about 15 % more time.
"""

from typing import Any

import numpy as np

from translation.engines.batched.arithmetic import Kernel, shifted
from translation.engines.batched.modelfile import Matrix
from translation.engines.batched.network import (
    Attention,
    EncoderLayer,
    FeedForward,
    Linear,
    Network,
    Recurrence,
)
from translation.engines.batched.onnxgraph import Graph


def encoder_graph(network: Network, kernel: Kernel, *, careful: bool = False) -> bytes:
    """Return the graph that reads sentences; a careful one has its attentions in float32.

    Inputs: ``words`` [sentences, length, size], rows of the source embedding as the model stores them; ``positions``
    [length, size]; ``mask`` [sentences, 1, 1, length].
    Outputs for each layer of the decoder: ``keys_0`` [sentences, heads, size of a head, length] and ``values_0``
    [sentences, heads, length, size of a head].
    """
    graph = Graph(kernel)
    words = graph.input("words", network.source.values.dtype, ["sentences", "length", network.size])
    positions = graph.input("positions", np.float32, ["length", network.size])
    mask = graph.input("mask", np.float32, ["sentences", 1, 1, "length"])
    heads = _Heads(graph, network, words)
    scale = graph.constant(_embedding_scale(network, network.source))
    embedded = graph.node("Mul", graph.node("Cast", words, to=graph.FLOAT32), scale)
    rows = heads.rows(graph.node("Add", embedded, positions))
    for layer in network.encoder:
        rows = _encoder_layer(graph, heads, layer, rows, mask, careful=careful)
    for number, decoder in enumerate(network.decoder):
        keys, values = graph.linears_in_float32(rows, (decoder.attention.key, decoder.attention.value))
        graph.output(f"keys_{number}", heads.keys(keys), ["sentences", network.heads, network.split, "length"])
        graph.output(f"values_{number}", heads.values(values), ["sentences", network.heads, "length", network.split])
    return graph.model()


def decoder_graph(network: Network, kernel: Kernel, *, shortlisted: bool) -> bytes:
    """Return the graph that takes one step of writing.

    Inputs: ``words`` [sentences, size], rows of the target embedding for the words written last, zeros in the first
    step; ``position`` [size]; ``mask``, ``keys_0`` ... as of the encoder; ``state_0`` [sentences, size] for each layer;
    with a shortlist ``weights`` [candidates, size] as :func:`output_kernel` takes them.
    Outputs: ``scores`` [candidates, sentences], without their bias, or [sentences, target words]; ``next_0``
    [sentences, size].
    """
    graph = Graph(kernel)
    words = graph.input("words", network.target.values.dtype, ["sentences", network.size])
    position = graph.input("position", np.float32, [network.size])
    mask = graph.input("mask", np.float32, ["sentences", 1, 1, "length"])
    heads = _Heads(graph, network, None)
    scale = graph.constant(_embedding_scale(network, network.target))
    embedded = graph.node("Mul", graph.node("Cast", words, to=graph.FLOAT32), scale)
    rows = graph.node("Add", embedded, position)
    for number, layer in enumerate(network.decoder):
        state = graph.input(f"state_{number}", np.float32, ["sentences", network.size])
        keys = graph.input(f"keys_{number}", np.float32, ["sentences", network.heads, network.split, "length"])
        values = graph.input(f"values_{number}", np.float32, ["sentences", network.heads, "length", network.split])
        rows, after = _recurrence(graph, layer.recurrence, rows, state)
        graph.output(f"next_{number}", after, ["sentences", network.size])
        rows = _cross_attention(graph, heads, layer.attention, rows, keys, values, mask)
        rows = _feed_forward(graph, layer.feed, rows)
    if shortlisted:
        graph.output("scores", _listed_scores(graph, network, rows), ["candidates", "sentences"])
    else:
        graph.output("scores", _all_scores(graph, network, rows), ["sentences", "words"])
    return graph.model()


def output_kernel(network: Network, kernel: Kernel) -> Kernel:
    """Return the kernel of the output layer of a decoder that has ``kernel``."""
    in_int8 = network.output_alpha is not None and network.target.is_int8
    return kernel if in_int8 else Kernel.FLOAT32


def output_type(kernel: Kernel) -> np.dtype[Any]:
    """Return the type in which the decoder takes output weights: as the first factor they are unsigned."""
    return np.dtype(np.float32 if kernel is Kernel.FLOAT32 else np.uint8)


class _Heads:
    """Cuts rows into heads and joins them again.

    Args:
        words: value of the shape [sentences, length, size]; ``None`` where each sentence has one row.
    """

    def __init__(self, graph: Graph, network: Network, words: str | None) -> None:
        self.factor = network.split**-0.5
        self._graph = graph
        self._flat = graph.constant(np.array([-1, network.size], np.int64))
        if words is None:
            self._cut = graph.constant(np.array([-1, 1, network.heads, network.split], np.int64))
        else:
            heads = graph.constant(np.array([network.heads, network.split], np.int64))
            self._cut = graph.node("Concat", graph.node("Shape", words, end=2), heads, axis=0)

    def rows(self, values: str) -> str:
        return self._graph.node("Reshape", values, self._flat)

    def keys(self, rows: str) -> str:
        """Return ``[sentences, heads, size of a head, length]``."""
        return self._transposed(rows, [0, 2, 3, 1])

    def values(self, rows: str) -> str:
        """Return ``[sentences, heads, length, size of a head]``, the shape of queries too."""
        return self._transposed(rows, [0, 2, 1, 3])

    def attended(self, queries: str, keys: str, values: str, mask: str) -> str:
        """Return rows of values, weighed by how well their keys answer the queries."""
        graph = self._graph
        weights = graph.node("Softmax", graph.node("Add", graph.node("MatMul", queries, keys), mask), axis=-1)
        return self.rows(graph.node("Transpose", graph.node("MatMul", weights, values), perm=[0, 2, 1, 3]))

    def _transposed(self, rows: str, axes: list[int]) -> str:
        return self._graph.node("Transpose", self._graph.node("Reshape", rows, self._cut), perm=axes)


def _embedding_scale(network: Network, words: Matrix) -> np.ndarray:
    return np.array([network.size**0.5 / words.multiplier], np.float32)


def _encoder_layer(graph: Graph, heads: _Heads, layer: EncoderLayer, rows: str, mask: str, *, careful: bool) -> str:
    attention = layer.attention
    if careful:
        query = attention.query.scaled(heads.factor)
        queries, keys, values = graph.linears_in_float32(rows, (query, attention.key, attention.value))
    else:
        queries = graph.linear(rows, attention.query, heads.factor)
        keys, values = (graph.linear(rows, one) for one in (attention.key, attention.value))
    attended = heads.attended(heads.values(queries), heads.keys(keys), heads.values(values), mask)
    if careful:
        (attended,) = graph.linears_in_float32(attended, (attention.output,))
    else:
        attended = graph.linear(attended, attention.output)
    return _feed_forward(graph, layer.feed, graph.norm(rows, attended, attention.norm))


def _recurrence(graph: Graph, layer: Recurrence, rows: str, state: str) -> tuple[str, str]:
    """Take a step of the SSRU: ``c = w + sigmoid(f) * (c - w)``; return the rows and the state after it."""
    forget, candidate = graph.linears_in_float32(rows, (layer.forget, layer.candidate))
    kept = graph.node("Mul", graph.node("Sigmoid", forget), graph.node("Sub", state, candidate))
    after = graph.node("Add", candidate, kept)
    return graph.norm(graph.node("Relu", after), rows, layer.norm), after


def _cross_attention(
    graph: Graph, heads: _Heads, layer: Attention, rows: str, keys: str, values: str, mask: str
) -> str:
    (queries,) = graph.linears_in_float32(rows, (layer.query.scaled(heads.factor),))
    attended = heads.attended(heads.values(queries), keys, values, mask)
    (attended,) = graph.linears_in_float32(attended, (layer.output,))
    return graph.norm(rows, attended, layer.norm)


def _feed_forward(graph: Graph, feed: FeedForward, rows: str) -> str:
    return graph.norm(rows, graph.linear_of_relu(graph.linear(rows, feed.inner), feed.outer), feed.norm)


def _listed_scores(graph: Graph, network: Network, rows: str) -> str:
    """Score the words of the batch's lists; their weights come with each call, their bias is added afterwards.

    The words are multiplied with the sentences and not the other way round: onnxruntime packs the second factor anew in
    each call, and eight thousand words take as long to pack as to multiply.
    """
    kernel = output_kernel(network, graph.kernel)
    weights = graph.input("weights", output_type(kernel), ["candidates", network.size])
    if kernel is Kernel.FLOAT32:
        return graph.node("MatMul", weights, graph.node("Transpose", rows, perm=[1, 0]))
    assert network.output_alpha is not None
    zero = shifted(np.zeros((), np.int8), kernel)
    step = graph.constant(np.float32(1 / network.output_alpha))
    columns = graph.node("Transpose", graph.node("QuantizeLinear", rows, step, graph.constant(zero)), perm=[1, 0])
    return graph.product(weights, columns, graph.constant(np.float32(1 / network.target.multiplier)), step)


def _all_scores(graph: Graph, network: Network, rows: str) -> str:
    words = Matrix(network.target.values.T, network.target.multiplier)
    return graph.linear(rows, Linear(words, network.output_bias, network.output_alpha))
