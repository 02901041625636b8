"""Firefox's student models in batches, by onnxruntime in int8: seven times the words of one call a text.

``modelfile`` reads Marian's file and ``network`` finds in it which tensor does what; ``shortlist`` and ``vocabulary``
read the files beside it. ``onnxgraph`` and ``graphs`` make ONNX graphs of a network, ``arithmetic`` says in which
numbers, ``sessions`` runs them. ``student`` takes one batch through, with ``decoding`` and ``choice`` for its steps;
``scheduling`` forms batches and spreads them over threads. ``model`` is a pair from text to text, ``loaded`` the pairs
in memory, ``engine`` all of it.
"""
