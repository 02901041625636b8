"""The network of a student: which tensors of a model file do what, with their sizes read from the model.

Marian's ``tiny`` and ``base`` students: a transformer encoder, and a decoder whose self-attention is a simpler simple
recurrent unit (SSRU). What a file asks for beyond that is refused by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from catalog.errors import PermanentEngineError
from translation.engines.batched.modelfile import Matrix, ModelFile

# What this network is, in Marian's options; another value is another network.
_OPTIONS = {
    "type": "transformer",
    "dec-cell": "ssru",
    "dec-cell-base-depth": "2",
    "dec-cell-high-depth": "1",
    "transformer-decoder-autoreg": "rnn",
    "transformer-ffn-activation": "relu",
    "transformer-ffn-depth": "2",
    "transformer-preprocess": "",
    "transformer-postprocess": "dan",
    "transformer-postprocess-emb": "d",
    "transformer-postprocess-top": "",
    "transformer-no-projection": "false",
    "transformer-rnn-projection": "false",
    "transformer-train-position-embeddings": "false",
    "transformer-tied-layers": "[]",
    "transformer-pool": "false",
    "input-types": "[]",
    "lemma-dim-emb": "0",
    "output-omit-bias": "false",
    "right-left": "false",
    "ulr": "false",
}

NEVER = np.float32(-1e9)
"""Added to the score of what must not be chosen: far below every real one."""

_SHARED, _SOURCE, _TARGET = "Wemb", "encoder_Wemb", "decoder_Wemb"
_OUTPUT_ALPHAS = ("none_QuantMultA", f"{_TARGET}_QuantMultA", f"{_SHARED}_QuantMultA")
"""Names of what the output layer's input is multiplied with. Marian's converter takes those that begin with the name of
an embedding for embeddings, and writes the number as one int8 with a multiplier of its own."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear layer.

    Attributes:
        matrix: ``[inputs, outputs]``.
        bias: one number an output.
        alpha: what its input is multiplied with before it is rounded to int8; ``None`` where the model has none, so
            that it runs in float32.
    """

    matrix: Matrix
    bias: NDArray[np.float32]
    alpha: float | None

    def scaled(self, factor: float) -> "Linear":
        """Return a layer, in float32, that gives ``factor`` times as much."""
        weights = self.matrix.weights * np.float32(factor)
        return Linear(Matrix(weights, 1.0), self.bias * np.float32(factor), None)


@dataclass(frozen=True, slots=True)
class Norm:
    """Layer normalisation."""

    scale: NDArray[np.float32]
    bias: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Attention:
    """Attention of several heads, with the normalisation after it."""

    query: Linear
    key: Linear
    value: Linear
    output: Linear
    norm: Norm


@dataclass(frozen=True, slots=True)
class FeedForward:
    """Two linear layers with a relu between them, and the normalisation after them."""

    inner: Linear
    outer: Linear
    norm: Norm


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The SSRU: a forget gate and a candidate, both linear in the input, and the normalisation after it."""

    forget: Linear
    candidate: Linear
    norm: Norm


@dataclass(frozen=True, slots=True)
class EncoderLayer:
    """One layer of the encoder."""

    attention: Attention
    feed: FeedForward


@dataclass(frozen=True, slots=True)
class DecoderLayer:
    """One layer of the decoder."""

    recurrence: Recurrence
    attention: Attention
    feed: FeedForward


@dataclass(frozen=True, slots=True)
class Network:
    """A student.

    Attributes:
        size: numbers a position.
        heads: of every attention.
        source: embedding of the source's words, ``[words, size]``.
        target: embedding of the target's words, and their output weights.
        output_bias: one number a target word.
        output_alpha: ``alpha`` of the output layer.
    """

    size: int
    heads: int
    source: Matrix
    target: Matrix
    output_bias: NDArray[np.float32]
    output_alpha: float | None
    encoder: tuple[EncoderLayer, ...]
    decoder: tuple[DecoderLayer, ...]

    @property
    def split(self) -> int:
        """Numbers of one head."""
        return self.size // self.heads


def without_words(network: Network, words: Sequence[int]) -> Network:
    """Return a network that never writes some target words."""
    bias = network.output_bias.copy()
    bias[list(words)] = NEVER
    return replace(network, output_bias=bias)


def read_network(file: ModelFile) -> Network:
    """Find the network in a model file.

    Raises:
        PermanentEngineError: it is another network; names the file and the option or tensor.
    """
    return _Reading(file).network()


class _Reading:
    """Takes tensors out of a file and remembers which, so that none stays over unknown."""

    def __init__(self, file: ModelFile) -> None:
        self._file = file
        self._taken: set[str] = set()

    def network(self) -> Network:
        options = self._file.options
        for name, wanted in _OPTIONS.items():
            if options.get(name, wanted) != wanted:
                raise self._refusal(f"{name} is {options[name]!r}, and only {wanted!r} can be run")
        heads, encoders, decoders = (self._number(name) for name in ("transformer-heads", "enc-depth", "dec-depth"))
        source, target = self._embeddings()
        size = source.values.shape[1]
        if size != target.values.shape[1] or size % heads:
            raise self._refusal(f"embeddings of {size} and {target.values.shape[1]} with {heads} heads fit no network")
        network = Network(
            size=size,
            heads=heads,
            source=source,
            target=target,
            output_bias=self._vector("decoder_ff_logit_out_b", target.values.shape[0]),
            output_alpha=self._output_alpha(),
            encoder=tuple(self._encoder_layer(f"encoder_l{number}", size) for number in range(1, encoders + 1)),
            decoder=tuple(self._decoder_layer(f"decoder_l{number}", size) for number in range(1, decoders + 1)),
        )
        self._refuse_the_rest()
        return network

    def _embeddings(self) -> tuple[Matrix, Matrix]:
        # A source embedding has no input that is quantised.
        self._taken.add(f"{_SOURCE}_QuantMultA")
        if _SHARED in self._file.matrices:
            shared = self._matrix(_SHARED)
            return shared, shared
        return self._matrix(_SOURCE), self._matrix(_TARGET)

    def _encoder_layer(self, prefix: str, size: int) -> EncoderLayer:
        return EncoderLayer(self._attention(f"{prefix}_self", size), self._feed(f"{prefix}_ffn", size))

    def _decoder_layer(self, prefix: str, size: int) -> DecoderLayer:
        forget = self._linear(f"{prefix}_rnn_Wf", f"{prefix}_rnn_bf", size, size)
        no_bias = np.zeros(size, np.float32)
        candidate = Linear(self._matrix(f"{prefix}_rnn_W", (size, size)), no_bias, self._alpha_of(f"{prefix}_rnn_W"))
        return DecoderLayer(
            Recurrence(forget, candidate, self._norm(f"{prefix}_rnn_ffn", size)),
            self._attention(f"{prefix}_context", size),
            self._feed(f"{prefix}_ffn", size),
        )

    def _attention(self, prefix: str, size: int) -> Attention:
        query, key, value, output = (
            self._linear(f"{prefix}_W{letter}", f"{prefix}_b{letter}", size, size) for letter in "qkvo"
        )
        return Attention(query, key, value, output, self._norm(f"{prefix}_Wo", size))

    def _feed(self, prefix: str, size: int) -> FeedForward:
        hidden = self._matrix(f"{prefix}_W1").values.shape[1]
        return FeedForward(
            self._linear(f"{prefix}_W1", f"{prefix}_b1", size, hidden),
            self._linear(f"{prefix}_W2", f"{prefix}_b2", hidden, size),
            self._norm(f"{prefix}_ffn", size),
        )

    def _linear(self, weights: str, bias: str, inputs: int, outputs: int) -> Linear:
        return Linear(self._matrix(weights, (inputs, outputs)), self._vector(bias, outputs), self._alpha_of(weights))

    def _norm(self, prefix: str, size: int) -> Norm:
        return Norm(self._vector(f"{prefix}_ln_scale", size), self._vector(f"{prefix}_ln_bias", size))

    def _matrix(self, name: str, shape: tuple[int, int] | None = None) -> Matrix:
        if name not in self._file.matrices:
            raise self._refusal(f"it has no tensor {name}")
        matrix = self._file.matrices[name]
        if shape is not None and matrix.values.shape != shape:
            raise self._refusal(f"tensor {name} has the shape {matrix.values.shape} and should have {shape}")
        self._taken.add(name)
        return matrix

    def _vector(self, name: str, size: int) -> NDArray[np.float32]:
        if name not in self._file.vectors:
            raise self._refusal(f"it has no tensor {name}")
        vector = self._file.vectors[name]
        if vector.size != size:
            raise self._refusal(f"tensor {name} has {vector.size} numbers and should have {size}")
        self._taken.add(name)
        return vector

    def _alpha_of(self, weights: str) -> float | None:
        return self._alpha(f"{weights}_QuantMultA")

    def _alpha(self, name: str) -> float | None:
        if name in self._file.vectors:
            alpha = float(self._vector(name, 1)[0])
        elif name in self._file.matrices:
            alpha = float(self._matrix(name, (1, 1)).weights[0, 0])
        else:
            return None
        if not 0 < alpha < float("inf"):
            raise self._refusal(f"tensor {name} is {alpha}")
        return alpha

    def _output_alpha(self) -> float | None:
        """Return the first that is there; all say the same."""
        found = [alpha for name in _OUTPUT_ALPHAS if (alpha := self._alpha(name)) is not None]
        return found[0] if found else None

    def _number(self, name: str) -> int:
        value = self._file.options.get(name, "")
        if not value.isdecimal() or not int(value):
            raise self._refusal(f"its options say {name}: {value!r}, which is no number of layers or heads")
        return int(value)

    def _refuse_the_rest(self) -> None:
        over = (self._file.matrices.keys() | self._file.vectors.keys()) - self._taken
        if over:
            raise self._refusal(f"what its tensor {min(over)} is for is unknown ({len(over)} such)")

    def _refusal(self, reason: str) -> PermanentEngineError:
        return PermanentEngineError(
            f"model {self._file.path}: {reason}. Use the engine fxtranslate for this pair, or another model."
        )
