"""What must hold of an installation after any kill, and what it must be like in the end; see :mod:`tests.job_kills`."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from catalog.database import reading
from catalog.model import to_json
from catalog.tables import calls, engine_results, leases, texts, translations, uploads, workers
from indexes.model import BrowseLeg, Filters, IndexDocument
from tests.fakes.echo_server import Asked
from tests.fakes.installation import Installation

_SETTLED_SECONDS = 15.0
_EVERY = 10_000
_LISTED = 3


class Watch:
    """Looks at an installation again and again; what was there once must stay.

    Args:
        shop: the installation.
        word: a number in letters, as titles have it.
    """

    def __init__(self, shop: Installation, word: Callable[[int], str]) -> None:
        self._shop = shop
        self._turns = {word(turn): turn for turn in range(1000)}
        self._seen: dict[str, int] = {}
        self._translated: dict[tuple[str, str], str] = {}
        self._answers: set[str] = set()

    def look(self) -> list[str]:
        """Return what is wrong; what is being written at this moment is looked at again."""
        deadline = time.monotonic() + _SETTLED_SECONDS
        while (found := self._index_faults()) and time.monotonic() < deadline:
            time.sleep(0.3)
        return [*found, *self._alias_faults(), *self._store_faults()]

    def close(self) -> None:
        """Close the connections."""
        self._shop.parts.close()

    # -- the index ----------------------------------------------------------------------------------------------------

    def _index_faults(self) -> list[str]:
        index, langs = self._shop.parts.index, self._shop.langs
        live = index.live()
        if live is None:
            return ["nothing serves"]
        states: dict[str, dict[str, int]] = {}
        for lang in langs:
            ids = ids_of(self._shop, lang)
            found = index.documents(lang, ids, live)
            states[lang] = {name: self._turn(document.title) for name, document in found.items()}
        neutral = index.products(sorted(set().union(*states.values())), live)
        states[""] = {name: self._turn(product.source_title) for name, product in neutral.items()}
        faults = [
            f"{lang or 'neutral'} and {langs[0]} of build {live} differ: {some(states[lang], states[langs[0]])}"
            for lang in states
            if states[lang] != states[langs[0]]
        ]
        counts = index.counts(live)
        if set(counts.values()) != {len(neutral)}:
            faults.append(f"build {live} counts {dict(counts)} documents, {len(neutral)} can be read")
        old = {name: turn for name, turn in self._seen.items() if states[""].get(name, -1) < turn}
        if old:
            faults.append(f"build {live} went back: {some(old, states[''])}")
        if not faults:
            self._seen = states[""]
        return faults

    def _turn(self, title: str) -> int:
        """Return the turn that a title tells, whatever its language."""
        return self._turns[title.split()[-1].partition("·")[0]]

    def _alias_faults(self) -> Iterator[str]:
        if self._shop.parts.settings.index != "elasticsearch":
            return
        aliases = self._shop.parts.cluster.reads.indices.get_alias(name=f"{self._shop.prefix}-*").body
        behind = Counter(alias for found in aliases.values() for alias in found["aliases"])
        wanted = Counter(f"{self._shop.prefix}-{part}" for part in (*self._shop.langs, "products"))
        builds = {index.split("-", 2)[2] for index in aliases}
        if behind != wanted or len(builds) != 1:
            yield f"aliases {dict(behind)} point at the builds {builds}"

    # -- the store ----------------------------------------------------------------------------------------------------

    def _store_faults(self) -> Iterator[str]:
        with reading(self._shop.parts.database) as connection:
            there = set(connection.execute(select(texts.c.digest)).scalars())
            query = select(translations.c.text, translations.c.lang, translations.c.translation)
            rows = connection.execute(query.where(translations.c.state == "machine"))
            now = {(row.text, row.lang): row.translation for row in rows}
            answers = set(connection.execute(select(engine_results.c.key)).scalars())
        lost = {key: text for key, text in self._translated.items() if key[0] in there and now.get(key) != text}
        if lost:
            yield f"{len(lost)} translations are lost or changed: {some(lost, now)}"
        if self._answers - answers:
            yield f"{len(self._answers - answers)} answers of engines are lost"
        self._translated, self._answers = now, answers


def ids_of(shop: Installation, lang: str) -> list[str]:
    """Return the ids of all products that a language shows."""
    [answer] = shop.parts.index.legs([BrowseLeg(lang, "relevance", _EVERY)], Filters())
    return sorted(match.id for match in answer.matches)


def some(one: Mapping[Any, object], other: Mapping[Any, object]) -> str:
    """Return a few places in which two differ."""
    different = [key for key in dict.fromkeys([*one, *other]) if one.get(key) != other.get(key)]
    return f"{len(different)} places, {[(key, one.get(key), other.get(key)) for key in different[:_LISTED]]}"


# -- files ------------------------------------------------------------------------------------------------------------


def files_faults(shop: Installation, turns: int, *, finished: bool = False) -> Iterator[str]:
    """Yield what is wrong with the files of the drop folder: each waits there, or is done, once."""
    for folder in shop.drop_folder.iterdir():
        waiting = Counter(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
        done = Counter(path.name.split("-", 2)[2] for path in folder.glob(".done/[0-9]*.csv"))
        refused = [path.name for path in folder.glob(".refused/*")]
        sent = Counter(f"turn-{turn:03}.csv" for turn in range(turns))
        if waiting + done != sent or refused:
            yield f"{folder.name}: of {turns} files {waiting - sent} {done - sent} {sent - waiting - done} {refused}"
        if finished and done != sent:
            yield f"{folder.name}: {sum(waiting.values())} files still wait"
        with reading(shop.parts.database) as connection:
            query = select(uploads.c.filename, func.count()).where(uploads.c.supplier == folder.name)
            taken: dict[str, int] = dict(connection.execute(query.group_by(uploads.c.filename)).tuples().all())
        if missing := set(done) - set(taken):
            yield f"{folder.name}: {missing} are done and were never taken"
        if twice := {name: number for name, number in taken.items() if number > 1}:
            yield f"{folder.name}: taken more than once: {twice}"


# -- engines ----------------------------------------------------------------------------------------------------------


def engine_faults(asked: Sequence[Asked], in_hand: int) -> Iterator[str]:
    """Yield where more was asked for again than those who were killed had in hand."""
    times = Counter((one.pair, text) for one in asked for text in one.texts)
    again = times.total() - len(times)
    print(f"  {len(times)} texts were asked for, {again} of them again; {in_hand} were in hand at a kill")
    if again > in_hand:
        repeated = [key for key, number in times.items() if number > 1]
        yield f"{again} texts were asked for again, {in_hand} were in hand at a kill: {repeated[:_LISTED]}"


# -- the end ----------------------------------------------------------------------------------------------------------


def faults_in_the_end(shop: Installation, calm: Installation) -> Iterator[str]:
    """Yield in what an installation differs from one that nobody disturbed, and what is left over."""
    for what, look in _LOOKS.items():
        found, expected = look(shop), look(calm)
        print(f"  {len(expected)} {what}")
        if found != expected or not expected:
            yield f"{what} differ: {some(found, expected)}"
    with reading(shop.parts.database) as connection:
        for table in (leases, workers, calls):
            if left := connection.execute(select(func.count()).select_from(table)).scalar_one():
                yield f"{left} rows are left in {table.name}"
    recorded = {build.name: build.state for build in shop.parts.builds.existing()}
    if sorted(recorded) != sorted(shop.parts.index.builds()):
        yield f"builds {recorded} are recorded, {shop.parts.index.builds()} are there"
    states = Counter(recorded.values())
    if states["live"] != 1 or set(states) > {"live", "kept"} or states["kept"] > shop.parts.settings.keep_builds:
        yield f"in the end builds are {dict(states)}"
    if shop.parts.settings.index == "embedded":
        left_over = [path.name for path in (shop.home / "indexes").iterdir() if path.is_dir()]
        if sorted(left_over) != sorted(recorded):
            yield f"folders {left_over} for the builds {recorded}"


def _products(shop: Installation) -> dict[object, object]:
    return {one.product.id: (to_json(one.product), one.withdrawn) for one in shop.parts.products.stream()}


def _texts(shop: Installation) -> dict[object, object]:
    ids = sorted(shop.parts.products.live_ids())
    return {
        (one.product, one.field, one.lang): (one.shown, one.translation.state.value, one.translation.engine)
        for fields in shop.parts.translations.field_texts(ids, shop.langs).values()
        for one in fields
    }


def _documents(shop: Installation) -> dict[object, object]:
    index = shop.parts.index
    found: dict[object, object] = {}
    for lang in shop.langs:
        for name, document in index.documents(lang, ids_of(shop, lang)).items():
            found[lang, name] = _ageless(document)
    for name, product in index.products(ids_of(shop, shop.langs[0])).items():
        vector = product.vector.tobytes()
        found["", name] = (product.source_title, product.codes, product.concepts, vector, product.shown)
    return found


def _ageless(document: IndexDocument) -> IndexDocument:
    return replace(document, facts=replace(document.facts, created=0))


_LOOKS: dict[str, Callable[[Installation], dict[object, object]]] = {
    "products": _products,
    "texts": _texts,
    "documents": _documents,
}
