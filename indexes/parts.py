"""What a builder works with."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from catalog.store import ProductStore
from indexes.backend import SearchIndex
from indexes.embedding import Encoder
from indexes.model import BuildCheck
from indexes.store import IndexStore
from indexes.wordvectors import WordVectors
from translation.store import TranslationStore
from translation.terminology.termbase import Termbase


@dataclass(frozen=True, slots=True)
class BuildParts:
    """What a builder works with.

    Attributes:
        analysis: digest of the analysis of every language.
        checks: what a new build has to pass besides the builder's own checks.
        keep: how many former builds stay for rollback.
        lock: opens the lock under which one builder at a time works.
        moving: opens the lock under which what serves changes hands; held for moments, also while a builder works.
        progress: called with the number of products written.
    """

    products: ProductStore
    translations: TranslationStore
    builds: IndexStore
    index: SearchIndex
    encoder: Encoder
    words: WordVectors
    termbase: Termbase
    langs: tuple[str, ...]
    analysis: str
    checks: Sequence[BuildCheck] = ()
    keep: int = 2
    lock: Callable[[], AbstractContextManager[object]] = nullcontext
    moving: Callable[[], AbstractContextManager[object]] = nullcontext
    progress: Callable[[int], None] = lambda _products: None
