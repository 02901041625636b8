"""The record of translations: what is there, what is missing, and what readers see.

*Pending is a query, not a flag*: a text is pending in a language when it has no translation there that was looked at
under the present policy (engines, terms, memory, languages).

Several processes may translate one store at once. Each page is saved in one transaction, under the write lock, and
only if nothing that it was made from (corrections, memory) changed meanwhile; otherwise it is made again. So nothing
is lost and nothing is stored twice. Two processes may *do* the same work twice, since pages are not leased.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Engine, select

from catalog.changelog import last_position, log_changes
from catalog.database import reading, upsert, writing
from catalog.model import Product
from catalog.tables import engine_results, texts, translations
from translation.memory import entries as memory
from translation.memory.entries import Sought
from translation.memory.exporting import ExportReport, export_tmx
from translation.memory.importing import MemoryReport, Progress, import_tmx, no_progress
from translation.model import State, Translation
from translation.records import corrections, following, marks
from translation.records.coverage import count_states
from translation.records.marks import STALE
from translation.records.pending import pending_query
from translation.records.review import ReviewPage, review
from translation.records.settled import Settled, forget_derived, mark_looked_at, write_translations
from translation.records.texts import CHUNK, FieldText, StoredText, carriers, chunks, field_texts

__all__ = ["Settled", "TranslationStore"]


class TranslationStore:
    """Texts, translations, memory and corrections of all suppliers.

    Args:
        engine: from :func:`catalog.database.connect`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # -- following the products ---------------------------------------------------------------------------------------

    def follow(self) -> int:
        """Bring texts in line with the products that changed since the last time; return how many changed."""
        return following.follow(self._engine)

    def followed(self) -> int:
        """Return the position up to which texts are in line with the products."""
        with reading(self._engine) as connection:
            return following.followed(connection)

    # -- pending ------------------------------------------------------------------------------------------------------

    def pending(
        self,
        target: str,
        policy: str,
        *,
        since: int | None = None,
        supplier: str | None = None,
        everything: bool = False,
    ) -> Iterator[list[StoredText]]:
        """Yield pages of the texts that are pending in a language.

        Args:
            target: language code.
            policy: digest of all that translations depend on beside the text.
            since: look only at products that changed after this position (and at stale translations); ``None`` looks
                at all.
            supplier: only this supplier's texts.
            everything: also texts whose translation was looked at under this policy.
        """
        after = ""
        while True:
            query = pending_query(target, policy, since, everything).where(texts.c.digest > after)
            if supplier is not None:
                query = query.where(texts.c.supplier == supplier)
            with reading(self._engine) as connection:
                page = [StoredText(*row) for row in connection.execute(query.order_by(texts.c.digest).limit(CHUNK))]
            if not page:
                return
            yield page
            after = page[-1].digest

    def take_turn(self, policy: str) -> int:
        """Say that this run saves under ``policy``; return the number that :meth:`mark_done` wants back."""
        with writing(self._engine) as connection:
            return marks.take_turn(connection, policy)

    def done_until(self, policy: str) -> int | None:
        """Return the position up to which everything was translated under ``policy``; ``None``: look at all."""
        with reading(self._engine) as connection:
            done = marks.done(connection)
        return done[1] if done and done[0] == policy else None

    def mark_done(self, policy: str, position: int, turn: int) -> None:
        """Remember that everything up to a position was translated under a policy.

        It is not remembered when another process saved under another policy since ``turn`` was taken: some texts may
        be that policy's now.
        """
        with writing(self._engine) as connection:
            if marks.turn(connection) == (policy, turn):
                marks.set_done(connection, policy, following.no_product_until(connection, position))
                following.pass_translations(connection)

    def readers(self) -> list[int]:
        """Return the positions of the change log that translating has reached; before them it can be cut."""
        with reading(self._engine) as connection:
            done = marks.done(connection)
            return [following.followed(connection), done[1] if done else 0]

    def position(self) -> int:
        """Return the newest position of the change log."""
        with reading(self._engine) as connection:
            return last_position(connection)

    def memory_version(self) -> str:
        """Return what changes whenever memory was imported."""
        with reading(self._engine) as connection:
            return marks.mark(connection, marks.MEMORY_VERSION) or ""

    def inputs(self) -> int:
        """Return a number that rises whenever a correction is made or memory learns something."""
        with reading(self._engine) as connection:
            return marks.inputs(connection)

    # -- translations -------------------------------------------------------------------------------------------------

    def keys(self, target: str, names: Sequence[str]) -> dict[str, str]:
        """Return the key under which each text was last translated, for those that were."""
        query = select(translations.c.text, translations.c.key).where(
            translations.c.lang == target, translations.c.text.in_(names)
        )
        with reading(self._engine) as connection:
            return {row.text: row.key for row in connection.execute(query)}

    def save(self, settled: Sequence[Settled], unchanged: Sequence[tuple[str, str]], policy: str, inputs: int) -> bool:
        """Save translations, and mark others as looked at under ``policy``, in one transaction.

        Only a translation that differs from the stored one enters the change log, once for each product whose readers
        see it: the index follows what readers would see change and nothing else.

        Args:
            settled: translations to save.
            unchanged: ``(text, language)`` of those that were found up to date.
            policy: digest of all that translations depend on beside the text.
            inputs: what :meth:`inputs` said before the page was begun.

        Returns:
            Whether it was saved. ``False``: a correction or memory came in between, so that the page must be made
            again; saving it would undo a person's work.
        """
        with writing(self._engine) as connection:
            if marks.inputs(connection) != inputs:
                return False
            marks.take_turn(connection, policy)
            mark_looked_at(connection, unchanged, policy)
            if settled:
                log_changes(connection, write_translations(connection, settled, policy))
        return True

    def engine_results(self, keys: Sequence[str]) -> dict[str, str]:
        """Return what engines answered before, by key."""
        found: dict[str, str] = {}
        with reading(self._engine) as connection:
            for chunk in chunks(keys):
                query = select(engine_results.c.key, engine_results.c.translation).where(
                    engine_results.c.key.in_(chunk)
                )
                found.update({row.key: row.translation for row in connection.execute(query)})
        return found

    def keep_engine_results(self, results: Mapping[str, tuple[str, str]]) -> None:
        """Keep engines' answers, ``key -> (translation, engine)``: from here on a kill does not lose them."""
        if not results:
            return
        with writing(self._engine) as connection:
            connection.execute(
                upsert(connection, engine_results).on_conflict_do_nothing(),
                [
                    {"key": key, "translation": translation, "engine": engine}
                    for key, (translation, engine) in results.items()
                ],
            )

    # -- memory and corrections ---------------------------------------------------------------------------------------

    def recall(self, target: str, sought: Iterable[Sought]) -> dict[Sought, str]:
        """Look segments up in the translation memory; see :func:`translation.memory.entries.recall`."""
        with reading(self._engine) as connection:
            return memory.recall(connection, target, sought)

    def corrections_of(self, names: Sequence[str], target: str) -> dict[str, str]:
        """Return the newest spreading correction of each text in a language, by the text's name."""
        with reading(self._engine) as connection:
            return corrections.spreading(connection, names, target)

    def correct(self, product: Product, field: str, lang: str, text: str, *, only_here: bool) -> int:
        """Record a person's correction and apply it; return how many products it reaches.

        It belongs to the text that it was made for: it spreads to the same supplier's identical texts unless
        ``only_here``, and it is not applied to a text that changed afterwards.
        """
        with writing(self._engine) as connection:
            basis = corrections.record(connection, product, field, lang, text, only_here=only_here)
            if not basis:
                log_changes(connection, {(product.id, lang)})
                return 1
            logged = set()
            # What was corrected only here before shows its own text until now.
            if corrections.take_back(connection, product, field, lang):
                logged.add((product.id, lang))
            reviewed = Settled(basis, lang, Translation(text, State.REVIEWED, "person"), key="person")
            log_changes(connection, logged | write_translations(connection, [reviewed], STALE))
            forget_derived(connection, basis, lang)
            marks.inputs_changed(connection)
            return len(carriers(connection, [basis], lang))

    def import_memory(self, path: Path, supplier: str = "", progress: Progress = no_progress) -> MemoryReport:
        """Take a TMX file into the memory; see :func:`translation.memory.importing.import_tmx`."""
        return import_tmx(self._engine, path, supplier, progress)

    def export_memory(
        self, path: Path, supplier: str = "", source: str | None = None, target: str | None = None
    ) -> ExportReport:
        """Write the memory into a TMX file; see :func:`translation.memory.exporting.export_tmx`."""
        return export_tmx(self._engine, path, supplier, source, target)

    # -- reading ------------------------------------------------------------------------------------------------------

    def field_texts(self, ids: Sequence[str], langs: Sequence[str]) -> dict[str, list[FieldText]]:
        """Return every text of products in the languages asked for, by product id, fields in display order."""
        with reading(self._engine) as connection:
            return field_texts(connection, ids, langs)

    def review(self, langs: Sequence[str], supplier: str | None = None, limit: int = 50, offset: int = 0) -> ReviewPage:
        """Return a page of the texts that need a person; see :func:`translation.records.review.review`."""
        with reading(self._engine) as connection:
            return review(connection, langs, supplier, limit, offset)

    def coverage(self, langs: Sequence[str], supplier: str | None = None) -> dict[str, dict[str, int]]:
        """Count texts by language and state over the whole store, every state named."""
        with reading(self._engine) as connection:
            return {lang: count_states(connection, lang, supplier) for lang in langs}
