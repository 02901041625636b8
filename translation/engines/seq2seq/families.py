"""Families of open checkpoints: which languages each speaks, how its input says so, and what its licence allows.

======== ==========================================  ===============  =============
family   input                                       target           licence
======== ==========================================  ===============  =============
marian   pieces ``</s>``                             one pair         CC-BY-4.0
m2m100   ``__de__`` pieces ``</s>``                  ``__fr__``       MIT
nllb     ``deu_Latn`` pieces ``</s>``                ``fra_Latn``     CC-BY-NC-4.0
madlad   ``<2fr>`` pieces ``</s>``                   in the input     Apache-2.0
======== ==========================================  ===============  =============

Sources: the model cards of Helsinki-NLP/opus-mt, facebook/m2m100, facebook/nllb-200 and google/madlad400.
"""

import json
import logging
import re
from collections.abc import Set
from dataclasses import dataclass
from itertools import pairwise, permutations
from pathlib import Path
from typing import Literal

from catalog.errors import UsageError
from catalog.languages import CODES
from translation.engine import Pair
from translation.licences import UNKNOWN, forbids_business, is_known, joined

_log = logging.getLogger(__name__)

FamilyName = Literal["marian", "m2m100", "nllb", "madlad"]

LONGEST = {"marian": 500, "m2m100": 1000, "nllb": 1000, "madlad": 500}
"""Pieces of a text that a family was trained to read at once, its own marks aside."""

FLORES = {
    "ar": "arb_Arab", "de": "deu_Latn", "en": "eng_Latn", "es": "spa_Latn", "fr": "fra_Latn", "id": "ind_Latn",
    "it": "ita_Latn", "ja": "jpn_Jpan", "ko": "kor_Hang", "nl": "nld_Latn", "pl": "pol_Latn", "pt": "por_Latn",
    "ru": "rus_Cyrl", "tr": "tur_Latn", "zh": "zho_Hans",
}  # fmt: skip
"""NLLB's names of the fifteen (FLORES-200)."""

_USUAL_LICENCES = {"marian": "CC-BY-4.0", "m2m100": "MIT", "nllb": "CC-BY-NC-4.0", "madlad": "Apache-2.0"}
_OWN_NAMES = {"marian": "opus-mt", "m2m100": "m2m100", "nllb": "nllb", "madlad": "madlad"}
_SAID = re.compile(r"^(license|license_name):([^\n]*(?:\n[ \t]*- [^\n]*)*)", re.MULTILINE)
_VALUE = re.compile(r"(?<![\w.+-])\w[\w.+-]*")
_CARD = re.compile(r"\A---\s*\n(.*?)\n---\s*\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Family:
    """What has to be known of a checkpoint to use it.

    Attributes:
        name: the family.
        pairs: directions among the fifteen languages.
        licence: of the weights, as the model card says, else the family's usual one.
        marks: how the family writes each of its languages; empty for Marian, which has one pair.
    """

    name: FamilyName
    pairs: frozenset[Pair]
    licence: str
    marks: dict[str, str]

    def source_marks(self, pair: Pair) -> list[str]:
        """Return the marks that stand before the pieces of the source."""
        if self.name == "madlad":
            return [self.marks[pair.target]]
        return [self.marks[pair.source]] if self.marks else []

    def target_marks(self, pair: Pair) -> list[str]:
        """Return the marks with which the translation begins."""
        return [self.marks[pair.target]] if self.name in ("m2m100", "nllb") else []


def family_of(folder: Path, vocabulary: Set[str], name: str) -> Family:
    """Tell the family of a checkpoint by what its vocabulary says.

    Args:
        folder: its files.
        vocabulary: its pieces and marks.
        name: what its owner calls it; of a Marian model it tells the pair, such as ``opus-mt-en-de``.

    Raises:
        UsageError: it is none of the families, or its pair can't be told.
    """
    kinds: list[tuple[FamilyName, dict[str, str]]] = [
        ("m2m100", {lang: f"__{lang}__" for lang in CODES}),
        ("nllb", FLORES),
        ("madlad", {lang: f"<2{lang}>" for lang in CODES}),
    ]
    for kind, marks in kinds:
        known = {lang: mark for lang, mark in marks.items() if mark in vocabulary}
        if len(known) > 1:
            pairs = frozenset(Pair(source, target) for source, target in permutations(known, 2))
            return Family(kind, pairs, licence_of(folder, kind, name), known)
    pair = _pair_of(folder, name)
    if pair is None:
        raise UsageError(
            f"model {name}: it is no M2M100, NLLB or MADLAD, and of a Marian model the folder must name the pair, "
            "such as opus-mt-en-de or en-de"
        )
    return Family("marian", frozenset((pair,)), licence_of(folder, "marian", name), {})


def _pair_of(folder: Path, name: str) -> Pair | None:
    said = folder / "tokenizer_config.json"
    if said.is_file():
        body = json.loads(said.read_text("utf-8"))
        source, target = body.get("source_lang"), body.get("target_lang")
        if source in CODES and target in CODES:
            return Pair(source, target)
    parts = re.split(r"[-_/.]", name.lower())
    for source, target in pairwise(parts):
        if source in CODES and target in CODES and source != target:
            return Pair(source, target)
    return None


def licence_of(folder: Path, kind: FamilyName, name: str) -> str:
    """Return the licence of a checkpoint; one that forbids business use is warned of.

    As its model card says. Without a card, what is called after its family has the family's usual one; of others it is
    unknown, but for NLLB, whose licence binds whatever was made of it.
    """
    said = _said_by_card(folder / "README.md")
    licence = said or (_USUAL_LICENCES[kind] if _OWN_NAMES[kind] in name.lower() or kind == "nllb" else UNKNOWN)
    if forbids_business(licence):
        _log.warning("model %s: its licence %s does not allow business use", name, licence)
    return licence


def _said_by_card(card: Path) -> str:
    """Return what the head of a model card says; several licences hold together."""
    if not card.is_file():
        return ""
    head = _CARD.match(card.read_text("utf-8-sig", errors="replace"))
    said = dict(_SAID.findall(head[1])) if head else {}
    # A licence of its own has its name beside it: "license: other", "license_name: ...".
    named = [said.get("license_name", ""), said.get("license", "")]
    values = named[0] if named[0] and not is_known(named[1].strip()) else named[1]
    return joined(_VALUE.findall(values)) if values.strip() else ""
