"""The record of translations: what is there, what is missing, and what readers see.

Several processes may translate one store at once: what one has in hand is leased (:mod:`translation.records.leases`).
Each page is saved in one transaction, and only if nothing that it was made from (corrections, memory) changed
meanwhile; otherwise it is made again.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import Engine, func, select

from catalog.changelog import last_position, log_changes, reading_log
from catalog.database import reading, writing
from catalog.model import Product
from catalog.tables import term_concepts, translations
from translation.memory import entries as memory
from translation.memory.entries import Sought
from translation.memory.exporting import ExportReport, export_tmx
from translation.memory.importing import MemoryReport, Progress, import_tmx, no_progress
from translation.model import State, Translation
from translation.records import corrections, following, leases, marks
from translation.records.coverage import count_states
from translation.records.leases import AtWork
from translation.records.marks import STALE
from translation.records.pending import Wanted, waiting
from translation.records.review import ReviewPage, review
from translation.records.settled import Settled, forget_derived, mark_looked_at, write_translations
from translation.records.texts import FieldText, carriers, field_texts
from translation.run import Run
from translation.worker import alive, at_work

__all__ = ["Settled", "TranslationStore"]


class TranslationStore:
    """Texts, translations, memory and corrections of all suppliers.

    Args:
        engine: from :func:`catalog.database.connect`.

    Attributes:
        database: that engine.
    """

    def __init__(self, engine: Engine) -> None:
        self.database = engine

    # -- following the products ---------------------------------------------------------------------------------------

    def follow(self) -> int:
        """Bring texts in line with the products that changed since the last time; return how many changed."""
        return following.follow(self.database)

    def followed(self) -> int:
        """Return the position up to which texts are in line with the products."""
        with reading(self.database) as connection:
            return following.followed(connection)

    # -- pending ------------------------------------------------------------------------------------------------------

    def begin(self, wanted: Wanted) -> Run:
        """Begin a run over what is pending."""
        return Run(self.database, wanted)

    def waiting(self, wanted: Wanted, lang: str, names: Sequence[str]) -> list[str]:
        """Return those of the texts that wait in one language, in the order given."""
        with reading(self.database) as connection:
            return waiting(connection, wanted, lang, names)

    def changed(self) -> object:
        """Return what differs whenever something may be pending that was not: by products, terms, memory or persons.

        It differs as well when another worker ended, or died and left what it had in hand.
        """
        with reading_log(self.database) as connection:
            terms = connection.execute(select(func.max(term_concepts.c.version))).scalar()
            memory_version = marks.mark(connection, marks.MEMORY_VERSION)
            return last_position(connection), marks.inputs(connection), memory_version, terms, alive(connection)

    def workers(self) -> list[AtWork]:
        """Return the workers that translate now."""
        with reading(self.database) as connection:
            return at_work(connection)

    def poisoned(self) -> int:
        """Return how many requests no engine gets any more, because its process died of them."""
        with reading(self.database) as connection:
            return leases.poisoned(connection)

    def readers(self) -> list[int]:
        """Return the positions of the change log that translating has reached; before them it can be cut."""
        with reading(self.database) as connection:
            done = marks.done(connection)
            return [following.followed(connection), done[1] if done else 0]

    def position(self) -> int:
        """Return the newest position of the change log."""
        with reading_log(self.database) as connection:
            return last_position(connection)

    def memory_version(self) -> str:
        """Return what changes whenever memory was imported."""
        with reading(self.database) as connection:
            return marks.mark(connection, marks.MEMORY_VERSION) or ""

    def inputs(self) -> int:
        """Return a number that rises whenever a correction is made or memory learns something."""
        with reading(self.database) as connection:
            return marks.inputs(connection)

    # -- translations -------------------------------------------------------------------------------------------------

    def keys(self, target: str, names: Sequence[str]) -> dict[str, str]:
        """Return the key under which each text was last translated, for those that were."""
        query = select(translations.c.text, translations.c.key).where(
            translations.c.lang == target, translations.c.text.in_(names)
        )
        with reading(self.database) as connection:
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
        with writing(self.database) as connection:
            if marks.inputs(connection, hold_still=True) != inputs:
                return False
            marks.take_turn(connection, policy)
            mark_looked_at(connection, unchanged, policy)
            if settled:
                log_changes(connection, write_translations(connection, settled, policy))
        return True

    # -- memory and corrections ---------------------------------------------------------------------------------------

    def recall(self, target: str, sought: Iterable[Sought]) -> dict[Sought, str]:
        """Look segments up in the translation memory; see :func:`translation.memory.entries.recall`."""
        with reading(self.database) as connection:
            return memory.recall(connection, target, sought)

    def corrections_of(self, names: Sequence[str], target: str) -> dict[str, str]:
        """Return the newest spreading correction of each text in a language, by the text's name."""
        with reading(self.database) as connection:
            return corrections.spreading(connection, names, target)

    def correct(self, product: Product, field: str, lang: str, text: str, *, only_here: bool) -> int:
        """Record a person's correction and apply it; return how many products it reaches.

        It belongs to the text that it was made for: it spreads to the same supplier's identical texts unless
        ``only_here``, and it is not applied to a text that changed afterwards. Where the supplier gave a text, it takes
        that one's place here, and spreads to the products for which none was given.
        """
        with writing(self.database) as connection:
            made = corrections.record(connection, product, field, lang, text, only_here=only_here)
            if not made.name:
                log_changes(connection, {(product.id, lang)})
                return 1
            # What was corrected only here before shows its own text until now.
            own = made.is_own or corrections.take_back(connection, product, field, lang)
            logged = {(product.id, lang)} if own else set()
            if made.is_own:
                memory.unlearn_given(connection, product, field, lang)
            reviewed = Settled(made.name, lang, Translation(text, State.REVIEWED, "person"), key="person")
            log_changes(connection, logged | write_translations(connection, [reviewed], STALE))
            forget_derived(connection, made.name, lang)
            marks.inputs_changed(connection)
            return len(carriers(connection, [made.name], lang) | {product.id})

    def import_memory(self, path: Path, supplier: str = "", progress: Progress = no_progress) -> MemoryReport:
        """Take a TMX file into the memory; see :func:`translation.memory.importing.import_tmx`."""
        return import_tmx(self.database, path, supplier, progress)

    def export_memory(
        self, path: Path, supplier: str = "", source: str | None = None, target: str | None = None
    ) -> ExportReport:
        """Write the memory into a TMX file; see :func:`translation.memory.exporting.export_tmx`."""
        return export_tmx(self.database, path, supplier, source, target)

    # -- reading ------------------------------------------------------------------------------------------------------

    def field_texts(self, ids: Sequence[str], langs: Sequence[str]) -> dict[str, list[FieldText]]:
        """Return every text of products in the languages asked for, by product id, fields in display order."""
        with reading(self.database) as connection:
            return field_texts(connection, ids, langs)

    def review(self, langs: Sequence[str], supplier: str | None = None, limit: int = 50, offset: int = 0) -> ReviewPage:
        """Return a page of the texts that need a person; see :func:`translation.records.review.review`."""
        with reading(self.database) as connection:
            return review(connection, langs, supplier, limit, offset)

    def coverage(self, langs: Sequence[str], supplier: str | None = None) -> dict[str, dict[str, int]]:
        """Count texts by language and state over the whole store, every state named."""
        with reading(self.database) as connection:
            return count_states(connection, langs, supplier)
