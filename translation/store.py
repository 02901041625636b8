"""The record of translations: what is there, what is missing, and what readers see.

*Pending is a query, not a flag*: a text is pending in a language when it has no translation there that was looked at
under the present policy (engines, terms, memory, languages).

Several processes may translate one store at once. Each page is saved in one transaction, under the write lock, and
only if nothing that it was made from (corrections, memory) changed meanwhile; otherwise it is made again. So nothing
is lost and nothing is stored twice. Two processes may *do* the same work twice, since pages are not leased.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
    update,
)

from catalog.database import (
    changes,
    engine_results,
    last_position,
    log_changes,
    occurrences,
    own_texts,
    reading,
    texts,
    translations,
    upsert,
    utc_now,
    writing,
)
from catalog.model import Product
from translation import corrections, marks, memory
from translation.marks import STALE
from translation.memory import Sought
from translation.model import State, Translation
from translation.routing import PIVOT
from translation.texts import (
    CHUNK,
    FieldText,
    StoredText,
    carriers,
    chunks,
    field_texts,
    live_products,
    replace_occurrences,
)


@dataclass(frozen=True, slots=True)
class Settled:
    """A translation to be saved: of which text, in which language, and what it depended on."""

    text: str
    lang: str
    translation: Translation
    key: str


class TranslationStore:
    """Texts, translations, memory and corrections of all suppliers.

    Args:
        engine: from :func:`catalog.database.connect`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # -- following the products ---------------------------------------------------------------------------------------

    def follow(self) -> int:
        """Bring texts in line with the products that changed since the last time; return how many changed.

        Each page is one transaction together with the mark of how far it came: a kill in between costs nothing, and
        of two processes that follow at once each takes the pages that the other has not.
        """
        followed = 0
        while self._is_behind():
            with writing(self._engine) as connection:
                page = connection.execute(_unfollowed(_followed(connection))).all()
                if page:
                    ids = sorted({row.product for row in page})
                    live = live_products(connection, ids)
                    replace_occurrences(connection, ids, live)
                    corrections.restore_own_texts(connection, ids, live)
                    memory.learn_given(connection, live)
                    marks.set_mark(connection, marks.FOLLOWED, str(page[-1].position))
                    followed += len(ids)
                else:
                    break
        self._close_up()
        return followed

    def _close_up(self) -> None:
        """Move the mark past the translations logged since the last product, so that the log can be cut there."""
        with reading(self._engine) as connection:
            if _followed(connection) == last_position(connection):
                return
        with writing(self._engine) as connection:
            marks.set_mark(connection, marks.FOLLOWED, str(_no_product_until(connection, _followed(connection))))

    def _is_behind(self) -> bool:
        # Asked by a reader first: who only looks must not wait for another process's write.
        with reading(self._engine) as connection:
            return connection.execute(_unfollowed(_followed(connection)).limit(1)).first() is not None

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
            query = _pending_query(target, policy, since, everything).where(texts.c.digest > after)
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
                marks.set_done(connection, policy, _no_product_until(connection, position))
                marks.set_mark(connection, marks.FOLLOWED, str(_no_product_until(connection, _followed(connection))))

    def readers(self) -> list[int]:
        """Return the positions of the change log that translating has reached; before them it can be cut."""
        with reading(self._engine) as connection:
            done = marks.done(connection)
            return [_followed(connection), done[1] if done else 0]

    def position(self) -> int:
        """Return the newest position of the change log."""
        with reading(self._engine) as connection:
            return last_position(connection)

    def followed(self) -> int:
        """Return the position up to which texts are in line with the products."""
        with reading(self._engine) as connection:
            return _followed(connection)

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
            by_lang: dict[str, list[str]] = defaultdict(list)
            for text, lang in unchanged:
                by_lang[lang].append(text)
            for lang, names in by_lang.items():
                for chunk in chunks(names):
                    same = (translations.c.lang == lang, translations.c.text.in_(chunk))
                    connection.execute(update(translations).where(*same).values(policy=policy))
            if settled:
                log_changes(connection, _write_translations(connection, settled, policy))
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
        """Look segments up in the translation memory; see :func:`translation.memory.recall`."""
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
            log_changes(connection, logged | _write_translations(connection, [reviewed], STALE))
            _forget_derived(connection, basis, lang)
            marks.inputs_changed(connection)
            return len(carriers(connection, [basis], lang))

    # -- reading ------------------------------------------------------------------------------------------------------

    def field_texts(self, ids: Sequence[str], langs: Sequence[str]) -> dict[str, list[FieldText]]:
        """Return every text of products in the languages asked for, by product id, fields in display order."""
        with reading(self._engine) as connection:
            return field_texts(connection, ids, langs)

    def coverage(self, langs: Sequence[str], supplier: str | None = None) -> dict[str, dict[str, int]]:
        """Count texts by language and state over the whole store, every state named."""
        counted = {lang: dict.fromkeys((state.value for state in State), 0) for lang in langs}
        with reading(self._engine) as connection:
            for lang in langs:
                for state, number in connection.execute(_coverage_query(lang, supplier)):
                    counted[lang][state] += number
        return counted


def _followed(connection: Connection) -> int:
    return int(marks.mark(connection, marks.FOLLOWED) or 0)


def _no_product_until(connection: Connection, position: int) -> int:
    """Return the newest position of the log when no product changed after ``position``, else ``position``.

    What follows products need not wait for one to pass the translations logged behind the last: 19,629 of the 19,929
    entries after a first night, which would stay until the next product changes.
    """
    behind = connection.execute(_unfollowed(position).limit(1)).first() is not None
    return position if behind else max(position, last_position(connection))


def _unfollowed(position: int) -> Select[Any]:
    changed = select(changes.c.position, changes.c.product).where(changes.c.position > position, changes.c.lang == "")
    return changed.order_by(changes.c.position).limit(CHUNK)


def _pending_query(target: str, policy: str, since: int | None, everything: bool) -> Select[Any]:
    looked_at = exists().where(
        translations.c.text == texts.c.digest, translations.c.lang == target, translations.c.policy == policy
    )
    carried = exists().where(occurrences.c.text == texts.c.digest)
    query = select(texts).where(texts.c.lang != target, carried)
    if not everything:
        query = query.where(~looked_at)
    if since is not None:
        changed = select(changes.c.product).where(changes.c.position > since, changes.c.lang == "")
        of_changed = exists().where(occurrences.c.text == texts.c.digest, occurrences.c.product.in_(changed))
        stale = exists().where(
            translations.c.text == texts.c.digest, translations.c.lang == target, translations.c.policy == STALE
        )
        query = query.where(or_(of_changed, stale))
    return query


def _coverage_query(lang: str, supplier: str | None) -> Select[Any]:
    state = func.coalesce(own_texts.c.state, translations.c.state, State.MISSING.value)
    in_lang = occurrences.join(texts, texts.c.digest == occurrences.c.text)
    joined = in_lang.outerjoin(
        own_texts,
        and_(
            own_texts.c.product == occurrences.c.product,
            own_texts.c.field == occurrences.c.field,
            own_texts.c.lang == lang,
        ),
    ).outerjoin(translations, and_(translations.c.text == texts.c.digest, translations.c.lang == lang))
    query = select(state, func.count()).select_from(joined).where(texts.c.lang != lang).group_by(state)
    original = select(func.count()).select_from(in_lang).where(texts.c.lang == lang)
    if supplier is not None:
        query = query.where(texts.c.supplier == supplier)
        original = original.where(texts.c.supplier == supplier)
    return select(*union_all(query, select(literal(State.SOURCE.value), original.scalar_subquery())).subquery().columns)


def _write_translations(connection: Connection, settled: Sequence[Settled], policy: str) -> set[tuple[str, str]]:
    """Write translations and return for which products, in which language, readers see a change."""
    now = utc_now()
    before = _present(connection, settled)
    changed: dict[str, set[str]] = defaultdict(set)
    for one in settled:
        if before.get((one.text, one.lang), _UNSEEN) != (one.translation.text, one.translation.state.value):
            changed[one.lang].add(one.text)
    statement = upsert(connection, translations)
    kept = ("translation", "state", "engine", "reason", "checks", "key", "policy", "updated_at")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["text", "lang"], set_={name: statement.excluded[name] for name in kept}
        ),
        [
            {
                "text": one.text,
                "lang": one.lang,
                "translation": one.translation.text,
                "state": one.translation.state.value,
                "engine": one.translation.engine,
                "reason": one.translation.reason,
                "checks": " ".join(one.translation.checks),
                "key": one.key,
                "policy": policy,
                "updated_at": now,
            }
            for one in settled
        ],
    )
    return {(product, lang) for lang, names in changed.items() for product in carriers(connection, sorted(names), lang)}


_UNSEEN = (None, State.MISSING.value)
"""What readers see of a text that was never translated."""


def _present(connection: Connection, settled: Sequence[Settled]) -> dict[tuple[str, str], tuple[str | None, str]]:
    found: dict[tuple[str, str], tuple[str | None, str]] = {}
    names: dict[str, list[str]] = defaultdict(list)
    for one in settled:
        names[one.lang].append(one.text)
    shown = select(translations.c.text, translations.c.translation, translations.c.state)
    for lang, of_lang in names.items():
        for chunk in chunks(of_lang):
            rows = connection.execute(shown.where(translations.c.lang == lang, translations.c.text.in_(chunk)))
            found.update({(row.text, lang): (row.translation, row.state) for row in rows})
    return found


def _forget_derived(connection: Connection, name: str, lang: str) -> None:
    """Let what was translated over a text's English be looked at again when the English changed."""
    if lang == PIVOT:
        connection.execute(
            update(translations).where(translations.c.text == name, translations.c.lang != lang).values(policy=STALE)
        )
