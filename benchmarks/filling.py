"""Fills a store with a market whose translations no engine made, through the interface by which the batch writes."""

import random
from collections.abc import Iterator, Sequence

from api.bootstrap import Parts
from benchmarks.synthetic import Market
from translation.model import State, Translation
from translation.records.texts import name_of
from translation.store import Settled

_PAGE = 1_000

Places = Sequence[tuple[int, int]]
"""Products by place and version."""


class Filler:
    """Brings products and their translations into a store.

    Args:
        parts: of the installation.
        market: whose products they are.
    """

    def __init__(self, parts: Parts, market: Market) -> None:
        self.parts = parts
        self.market = market

    def fill(self, places: Places) -> int:
        """Bring products, by place and version, and their translations into the store; return how many of these."""
        by_lang: dict[str, list[tuple[int, int]]] = {}
        for place, version in places:
            by_lang.setdefault(self.market.choose(place).lang, []).append((place, version))
        for lang, own in by_lang.items():
            self._import(f"market-{lang}", own)
        self.parts.translations.follow()
        known: set[str] = set()
        return sum(self._translate(page, known) for page in _pages(places))

    def _import(self, supplier: str, places: Places) -> None:
        path = self.parts.home / f"{supplier}-{places[0][0]}-{places[0][1]}.txt"
        path.write_text(f"{places}", encoding="utf-8")
        with self.parts.products.importing(supplier=supplier, feed="main", path=path, filename=path.name) as session:
            for page in _pages(places):
                session.save([(place, self.market.write(self.market.choose(place, at))) for place, at in page])
        path.unlink()

    def _translate(self, places: Places, known: set[str]) -> int:
        """Write what each text of these products is in all other languages, unless it is ``known``."""
        settled: dict[str, list[Settled]] = {lang: [] for lang in self.parts.settings.langs}
        for place, version in places:
            chosen = self.market.choose(place, version)
            original = self.market.write(chosen)
            names = [name_of(original, text) for text in original.texts()]
            fresh = [name not in known for name in names]
            known.update(names)
            for lang in settled.keys() - {chosen.lang}:
                texts = zip(names, fresh, self.market.write(chosen, lang).texts(), strict=True)
                settled[lang] += [
                    Settled(name, lang, Translation(text.text, State.MACHINE, "synthetic"), "synthetic")
                    for name, is_fresh, text in texts
                    if is_fresh
                ]
        store = self.parts.translations
        for found in settled.values():
            store.save(list({one.text: one for one in found}.values()), (), "synthetic", store.inputs())
        return sum(map(len, settled.values()))

    def change(self, products: int, share: float) -> None:
        """Let a share of the products change: half differ, a quarter is withdrawn, and a quarter is new."""
        chosen = random.Random(3).sample(range(products), max(3, int(products * share * 3 / 4)))
        gone, other = chosen[: len(chosen) // 3], chosen[len(chosen) // 3 :]
        new = range(products, products + len(gone))
        self.fill([*((place, 1) for place in other), *((place, 0) for place in new)])
        self.parts.products.withdraw([self.market.write(self.market.choose(place)).id for place in gone])


def _pages(places: Places) -> Iterator[Places]:
    for start in range(0, len(places), _PAGE):
        yield places[start : start + _PAGE]
