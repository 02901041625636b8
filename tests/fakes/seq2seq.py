"""Tiny sequence-to-sequence models with random weights, made on the spot: right in shape, meaningless in content."""

import json
from pathlib import Path
from typing import Any

import numpy as np

SENTENCES = """Red desk lamp with metal foot
Garden hose with nozzle and holder
Stainless steel kitchen knife
The lamp is red and it stands on the table
Rote Schreibtischlampe mit Metallfuß
Gartenschlauch mit Düse und Halter
Küchenmesser aus Edelstahl
"""
_WIDTH = 32
_PIECES = 150


def train_pieces(folder: Path, *names: str) -> list[str]:
    """Train a SentencePiece model, write it under some names and return its pieces."""
    from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

    text = folder / "sentences.txt"
    text.write_text(SENTENCES * 20, "utf-8")
    SentencePieceTrainer.train(
        input=str(text), model_prefix=str(folder / "tiny"), vocab_size=_PIECES, hard_vocab_limit=False, minloglevel=2
    )
    model = (folder / "tiny.model").read_bytes()
    for name in names:
        (folder / name).write_bytes(model)
    pieces = SentencePieceProcessor(model_proto=model)
    return [pieces.id_to_piece(number) for number in range(pieces.get_piece_size())]


def converted_model(folder: Path, marks: list[str], *names: str) -> Path:
    """Write a model as CTranslate2 has them: one layer, random weights, a SentencePiece model under some names."""
    from ctranslate2.specs import TransformerSpec

    folder.mkdir(parents=True)
    pieces = ["<unk>", "<s>", "</s>", *train_pieces(folder, *names)[3:], *marks]
    spec = TransformerSpec.from_config((1, 1), 2)
    _fill(spec, len(pieces))
    spec.config.decoder_start_token = "</s>"
    spec.register_source_vocabulary(pieces)
    spec.register_target_vocabulary(pieces)
    spec.validate()
    spec.save(str(folder))
    return folder


def _fill(spec: Any, vocabulary: int) -> None:
    random = np.random.default_rng(7)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return random.normal(0, 0.5, (rows, columns)).astype(np.float32)

    def linear(layer: Any, rows: int, columns: int) -> None:
        layer.weight, layer.bias = matrix(rows, columns), np.zeros(rows, np.float32)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(_WIDTH, np.float32), np.zeros(_WIDTH, np.float32)

    spec.encoder.embeddings[0].weight = matrix(vocabulary, _WIDTH)
    spec.decoder.embeddings.weight = matrix(vocabulary, _WIDTH)
    linear(spec.decoder.projection, vocabulary, _WIDTH)
    spec.decoder.projection.bias[2] = 3  # so that it comes to an end
    for half in (spec.encoder, spec.decoder):
        norm(half.layer_norm)
        for layer in half.layer:
            norm(layer.self_attention.layer_norm)
            linear(layer.self_attention.linear[0], 3 * _WIDTH, _WIDTH)
            linear(layer.self_attention.linear[1], _WIDTH, _WIDTH)
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, 4 * _WIDTH, _WIDTH)
            linear(layer.ffn.linear_1, _WIDTH, 4 * _WIDTH)
    for layer in spec.decoder.layer:
        norm(layer.attention.layer_norm)
        for part, rows in enumerate((_WIDTH, 2 * _WIDTH, _WIDTH)):
            linear(layer.attention.linear[part], rows, _WIDTH)


def marian_checkpoint(folder: Path) -> Path:
    """Write a MarianMT checkpoint of transformers with random weights."""
    import torch
    from transformers import MarianConfig, MarianMTModel

    folder.mkdir(parents=True)
    pieces = train_pieces(folder, "source.spm", "target.spm")
    names = ["</s>", "<unk>", *[piece for piece in pieces if piece not in ("<unk>", "<s>", "</s>")], "<pad>"]
    (folder / "vocab.json").write_text(json.dumps({name: number for number, name in enumerate(names)}), "utf-8")
    said = {"source_lang": "en", "target_lang": "de", "tokenizer_class": "MarianTokenizer", "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(said), "utf-8")
    torch.manual_seed(3)
    pad = len(names) - 1
    config = MarianConfig(
        vocab_size=len(names), d_model=_WIDTH, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=64, decoder_ffn_dim=64, max_position_embeddings=1100, init_std=0.5,
        pad_token_id=pad, eos_token_id=0, bos_token_id=0, decoder_start_token_id=pad, forced_eos_token_id=0,
    )  # fmt: skip
    model = MarianMTModel(config)
    model.final_logits_bias[0, 0] = 4  # so that it comes to an end
    model.save_pretrained(folder)
    return folder


def m2m_checkpoint(folder: Path, langs: tuple[str, ...] = ("de", "en", "fr")) -> Path:
    """Write an M2M100 checkpoint of transformers with random weights."""
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    folder.mkdir(parents=True)
    pieces = train_pieces(folder, "sentencepiece.bpe.model")
    names = ["<s>", "<pad>", "</s>", "<unk>", *[piece for piece in pieces if piece not in ("<unk>", "<s>", "</s>")]]
    (folder / "vocab.json").write_text(json.dumps({name: number for number, name in enumerate(names)}), "utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "M2M100Tokenizer"}), "utf-8")
    torch.manual_seed(3)
    config = M2M100Config(
        vocab_size=len(names) + 110, d_model=_WIDTH, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=64, decoder_ffn_dim=64, max_position_embeddings=1100, init_std=0.5,
    )  # fmt: skip
    model = M2M100ForConditionalGeneration(config)
    with torch.no_grad():
        model.model.shared.weight[2] *= 5  # so that it comes to an end
    model.save_pretrained(folder)
    return folder
