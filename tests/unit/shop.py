"""A store with products of tests in it, and engines that misbehave on purpose."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine, select, update

from catalog.changelog import log_changes
from catalog.database import upsert, utc_now, writing
from catalog.errors import PermanentEngineError, TransientEngineError
from catalog.model import Product, to_json
from catalog.tables import changes, products
from tests.servers.stores import open_store
from tests.unit.terms import small_termbase
from translation.batch import Batch, BatchOptions, BatchReport
from translation.engine import EngineInfo, Pair
from translation.engines.echo import EchoEngine
from translation.records.texts import FieldText
from translation.routing import Router
from translation.store import TranslationStore
from translation.terminology.termbase import Termbase


class Recorder(EchoEngine):
    """An echo that remembers what it was asked and fails where it is told to.

    Args:
        pairs: pairs to serve, such as ``en-de``.
        broken: texts that hold this word fail for good.
        flaky: so many calls fail before one succeeds.
        dies_after: after so many texts every call fails for good measure with an error of its own.
    """

    def __init__(self, pairs: Sequence[str], broken: str = "", flaky: int = 0, dies_after: int | None = None) -> None:
        super().__init__([Pair(*pair.split("-")) for pair in pairs])
        self.asked: list[tuple[str, str]] = []
        self.broken, self.flaky, self.dies_after = broken, flaky, dies_after
        self.version = "1"

    def info(self) -> EngineInfo:
        return EngineInfo("recorder", self.version, "Apache-2.0", self._pairs)

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        if self.flaky:
            self.flaky -= 1
            raise TransientEngineError("try again")
        if self.dies_after is not None and len(self.asked) + len(texts) > self.dies_after:
            raise KeyboardInterrupt
        if self.broken and any(self.broken in text for text in texts):
            raise PermanentEngineError(f"{self.broken} can't be translated")
        self.asked += [(str(pair), text) for text in texts]
        return super().translate(pair, texts)


class Shop:
    """A store, what is put into it, and what readers see.

    Args:
        folder: whose store it is.
        database: the store itself, for a process that did not make it.
    """

    def __init__(self, folder: Path, database: Engine | None = None) -> None:
        self.folder = folder
        self.database: Engine = open_store(folder) if database is None else database
        self.store = TranslationStore(self.database)

    def put(self, *given: Product) -> None:
        """Save products as an import does: body and change log in one transaction."""
        with writing(self.database) as connection:
            for product in given:
                row = {
                    "id": product.id,
                    "supplier": product.supplier,
                    "feed": "main",
                    "lang": product.lang,
                    "brand": product.brand,
                    "digest": product.digest(),
                    "body": to_json(product),
                    "withdrawn": 0,
                    "upload": "",
                    "created_at": utc_now(),
                    "updated_at": utc_now(),
                }
                statement = upsert(connection, products).values(row)
                connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))
            log_changes(connection, {(product.id, "") for product in given})

    def withdraw(self, product: Product) -> None:
        with writing(self.database) as connection:
            connection.execute(update(products).where(products.c.id == product.id).values(withdrawn=1))
            log_changes(connection, {(product.id, "")})

    def translate(
        self,
        engine: EchoEngine,
        *langs: str,
        termbase: Termbase | None = None,
        brands: Sequence[str] = (),
        **options: object,
    ) -> BatchReport:
        batch = self.batch(engine, termbase, brands)
        return batch.translate_pending(BatchOptions(langs=langs, **options))  # type: ignore[arg-type]

    def batch(self, engine: EchoEngine, termbase: Termbase | None = None, brands: Sequence[str] = ()) -> Batch:
        return Batch(
            self.store, Router([engine]), termbase or small_termbase(), lambda _supplier: brands, 1, waits=(0.0, 0.0)
        )

    def shown(self, product: Product, lang: str, field: str = "title") -> FieldText:
        (found,) = [one for one in self.store.field_texts([product.id], [lang])[product.id] if one.field == field]
        return found

    def log(self, after: int = 0) -> list[tuple[str, str]]:
        """Return ``(product, language)`` of the changes after a position."""
        with writing(self.database) as connection:
            rows = connection.execute(select(changes).where(changes.c.position > after).order_by(changes.c.position))
            return [(row.product, row.lang) for row in rows]


def lamp(
    sku: str = "1", supplier: str = "acme", lang: str = "en", title: str = "green garden hose", **more: object
) -> Product:
    """Return a product with a title that no term covers."""
    return Product(supplier, sku, lang, title, **more)  # type: ignore[arg-type]
