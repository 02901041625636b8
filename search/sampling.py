"""What a catalog says of itself: products that a new build has to find, and queries that it has to answer.

A choice is random and stays the same while the same products are live, so that a build that failed fails again. Only
what was chosen is read: a market of millions has no more probes than one of hundreds.
"""

from collections.abc import Iterable, Sequence

from catalog.model import Product
from catalog.store import ProductStore
from search.evaluation import ASKABLE, JudgedQuery, known_items
from search.gate import Probe
from translation.store import TranslationStore

PROBES = 40
"""Products that the gate looks for in a new build."""

_ASKED_OF_ONE = 20
"""Products that are looked at for each known-item query of a language: not every title is one, in every language."""


class Sampler:
    """Chooses among the live products of a store.

    Args:
        products: the record of products.
        translations: the record of their texts.
        langs: languages that are indexed.
    """

    def __init__(self, products: ProductStore, translations: TranslationStore, langs: Sequence[str]) -> None:
        self._products = products
        self._translations = translations
        self._langs = langs

    def sample(self) -> list[Product]:
        """Return the products that the gate looks for."""
        return self._choose(PROBES)

    def probes(self) -> list[Probe]:
        """Return the sample with its titles that were translated whole."""
        products = self.sample()
        texts = self._translations.field_texts([one.id for one in products], self._langs)
        titles: dict[str, dict[str, str]] = {}
        for text in (text for fields in texts.values() for text in fields):
            if text.field == "title" and text.translation.state in ASKABLE:
                titles.setdefault(text.product, {})[text.lang] = text.shown
        return [Probe(one, titles.get(one.id, {})) for one in products]

    def known_items(self, limit: int) -> list[JudgedQuery]:
        """Return known-item queries that the catalog itself yields, at most ``limit`` a language."""
        chosen = {one.id: one for one in self._choose(_ASKED_OF_ONE * limit)}
        texts = self._translations.field_texts(sorted(chosen), self._langs)
        return known_items(((chosen[name], fields) for name, fields in texts.items()), self._langs, limit)

    def source_langs(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the language in which each of some products was written, of those that are live."""
        found = self._products.many(sorted(set(ids)))
        return {one.product.id: one.product.lang for one in found if not one.withdrawn}

    def _choose(self, count: int) -> list[Product]:
        return [one.product for one in self._products.many(self._products.sample_ids(count)) if not one.withdrawn]
