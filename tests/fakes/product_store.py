"""A store of products in memory, with the transactions of the real one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.errors import NothingTakenError
from catalog.exports.model import Export, Written
from catalog.model import Product
from catalog.taking import Counts, Outcome
from catalog.uploads import ReadingNote


@dataclass(frozen=True, slots=True)
class Saved:
    outcome: Outcome
    first_line: int | None = None


@dataclass
class State:
    products: dict[str, Product] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    reports: list[dict[str, Any]] = field(default_factory=list)


class MemorySession:
    def __init__(self, state: State, supplier: str) -> None:
        self.catalog = "0" * 32
        self._state = state
        self._supplier = supplier
        self._seen: dict[str, tuple[int, Product]] = {}
        self._counts = dict.fromkeys(("created", "updated", "unchanged", "withdrawn"), 0)

    def save(self, rows: Sequence[tuple[int, Product]]) -> list[Saved]:
        return [self._save(line, product) for line, product in rows]

    def _save(self, line: int, product: Product) -> Saved:
        if product.sku in self._seen:
            first_line, first = self._seen[product.sku]
            return Saved("joined" if first == product else "clash", first_line)
        self._seen[product.sku] = (line, product)
        before = self._state.products.get(product.id)
        self._state.products[product.id] = product
        self._state.withdrawn.discard(product.id)
        outcome: Outcome = "created" if before is None else "unchanged" if before == product else "updated"
        self._counts[outcome] += 1
        return Saved(outcome)

    def withdraw_missing(self, *, force: bool) -> int:
        named = {f"{self._supplier}/{sku}" for sku in self._seen}
        missing = set(self._state.products) - self._state.withdrawn - named
        if len(missing) > 0.2 * len(self._state.products) and not force:
            raise NothingTakenError("--replace would withdraw too much: add --force")
        self._state.withdrawn |= missing
        self._counts["withdrawn"] = len(missing)
        return len(missing)

    def repeat(self, key: str) -> None:
        return None

    def finish(self, describe: Callable[[Counts], Mapping[str, Any]], note: ReadingNote | None) -> None:
        self._state.reports.append(dict(describe(self._counts)))


class NoExports:
    def get(self, name: str) -> Export | None:
        return None

    def written(self, export: Export, products: Sequence[str]) -> Written:
        return {}


@dataclass(frozen=True, slots=True)
class Stored:
    product: Product
    withdrawn: bool


class MemoryProductStore:
    """Keeps :class:`catalog.taking.Store`."""

    def __init__(self) -> None:
        self.state = State()
        self.exports = NoExports()
        self.mappings: dict[tuple[str, str], str] = {}

    @property
    def products(self) -> dict[str, Product]:
        return {product.sku: product for product in self.state.products.values()}

    def many(self, ids: Sequence[str]) -> list[Stored]:
        found = [(name, self.state.products[name]) for name in ids if name in self.state.products]
        return [Stored(product, name in self.state.withdrawn) for name, product in found]

    @contextmanager
    def importing(
        self, *, supplier: str, feed: str, path: Path, filename: str, dry_run: bool = False
    ) -> Iterator[MemorySession]:
        before = deepcopy(self.state)
        try:
            yield MemorySession(self.state, supplier)
        except BaseException:
            self.state = before
            raise

    def saved_mapping(self, supplier: str, header: str) -> str | None:
        return self.mappings.get((supplier, header))

    def save_mapping(self, supplier: str, header: str, body: str) -> None:
        self.mappings[supplier, header] = body
