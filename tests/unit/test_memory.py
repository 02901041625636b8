"""The memory: what is imported is used where it fits, concerns exactly its texts, and survives a kill."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import event, select

from catalog.database import reading
from catalog.model import Attribute, GivenText, Product
from catalog.tables import marks, memory, translations
from tests.servers.stores import copy_store
from tests.unit.shop import Recorder, Shop, lamp
from translation.engine import Pair
from translation.memory.entries import Sought, context_digest
from translation.memory.exporting import aligned
from translation.memory.importing import MemoryReport
from translation.memory.tmx import BadUnit, Place, Unit, read
from translation.memory.tmx_writing import Entry, write
from translation.model import State
from translation.records.marks import MEMORY_VERSION, STALE

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def tmx(shop: Shop, *entries: Entry, name: str = "memory.tmx") -> Path:
    path = shop.folder / name
    write(path, entries)
    return path


def hose(translation: str = "Gartenschlauch", place: Place | None = None, lang: str = "de") -> Entry:
    return Entry("en", "green garden hose", place or Place(), {lang: translation})


def units_of(path: Path) -> list[tuple[Place, tuple[tuple[str, str, str, str], ...]]]:
    found = list(read(path))
    assert not any(isinstance(one, BadUnit) for one in found)
    return [(one.place, one.pairs) for one in found if isinstance(one, Unit)]


def stale(shop: Shop) -> set[tuple[str, str]]:
    """Return ``(text, language)`` of what will be looked at again."""
    with reading(shop.database) as connection:
        rows = connection.execute(select(translations).where(translations.c.policy == STALE))
        return {(row.text, row.lang) for row in rows}


def version(shop: Shop) -> str | None:
    with reading(shop.database) as connection:
        return connection.execute(select(marks.c.value).where(marks.c.name == MEMORY_VERSION)).scalar()


def counts(report: MemoryReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.texts


# -- exactly the texts that are concerned -----------------------------------------------------------------------------

CATALOG = (
    lamp("1"),
    lamp("2", brand="X"),
    lamp("3", title="blue garden hose"),
    lamp("4", title="Description only", description="<p>It is long.</p><p>green garden hose</p>"),
    lamp("1", supplier="other"),
    lamp("9", supplier="other", lang="de", title="green garden hose"),
)


@pytest.mark.parametrize(
    ("supplier", "concerned"),
    [("", ["acme/1", "acme/2", "acme/4", "other/1"]), ("acme", ["acme/1", "acme/2", "acme/4"])],
)
def test_an_import_changes_exactly_the_texts_that_hold_its_segments(
    shop: Shop, supplier: str, concerned: list[str]
) -> None:
    shop.put(*CATALOG)
    engine = Recorder(["en-de", "en-fr"])
    shop.translate(engine, "de", "fr")
    position, asked = shop.store.position(), len(engine.asked)
    report = shop.store.import_memory(tmx(shop, hose()), supplier)
    assert counts(report) == (1, 0, 0, len(concerned) - 1)  # two products of acme carry one title
    done = shop.translate(engine, "de", "fr")
    assert shop.log(position) == [(product, "de") for product in concerned]
    assert sum(done.by_engine.values()) == report.texts
    assert done.segments == report.texts + 1  # the description has two
    assert done.reused == 1  # the answer to its other sentence; no text but these was looked at
    assert len(engine.asked) == asked
    assert shop.shown(CATALOG[0], "de").translation.state is State.MEMORY
    assert shop.shown(CATALOG[2], "de").translation.state is State.MACHINE
    described = shop.shown(CATALOG[3], "de", "description").translation
    assert described.text == "<p>It·de is·de long·de.</p><p>Gartenschlauch</p>"
    assert shop.translate(engine, "de", "fr").segments == 0


def test_only_their_language_is_looked_at_unless_it_is_the_pivot(shop: Shop) -> None:
    german = lamp(lang="de", title="grüner Gartenschlauch")
    shop.put(german, lamp("2", lang="de", title="Regenmantel"))
    engine = Recorder(["de-en", "en-fr", "en-es"])
    shop.translate(engine, "en", "es", "fr")
    shop.store.import_memory(tmx(shop, Entry("de", german.title, Place(), {"fr": "tuyau vert"})))
    assert {lang for _, lang in stale(shop)} == {"fr"}
    position = shop.store.position()
    shop.translate(engine, "en", "es", "fr")
    assert shop.log(position) == [(german.id, "fr")]
    shop.store.import_memory(tmx(shop, Entry("de", german.title, Place(), {"en": "hose, green"})))
    assert {lang for _, lang in stale(shop)} == {"en", "es", "fr"}
    shop.translate(engine, "en", "es", "fr")
    assert shop.log(position) == [(german.id, "fr"), (german.id, "en"), (german.id, "es")]
    assert shop.shown(german, "es").translation.text == "hose·es, green·es"


def test_importing_again_changes_nothing(shop: Shop) -> None:
    shop.put(lamp())
    shop.translate(Recorder([]), "de")
    path = tmx(shop, hose(), hose("Wasserschlauch"), Entry("en", "other", Place(), {"de": "anderes"}))
    first = shop.store.import_memory(path)
    assert (*counts(first), first.doubled) == (2, 0, 0, 1, 1)
    shop.translate(Recorder([]), "de")
    assert shop.shown(lamp(), "de").translation.text == "Wasserschlauch"  # the later of the file
    before, position = shop.store.inputs(), shop.store.position()
    again = shop.store.import_memory(path)
    assert (*counts(again), again.doubled) == (0, 0, 2, 0, 1)
    assert (shop.store.inputs(), stale(shop)) == (before, set())
    shop.translate(Recorder([]), "de")
    assert shop.log(position) == []


def test_a_changed_unit_concerns_its_texts_alone(shop: Shop) -> None:
    shop.put(lamp("1"), lamp("2", title="blue garden hose"))
    blue = Entry("en", "blue garden hose", Place(), {"de": "blauer Schlauch"})
    shop.store.import_memory(tmx(shop, hose(), blue))
    shop.translate(Recorder([]), "de")
    position = shop.store.position()
    assert counts(shop.store.import_memory(tmx(shop, hose("grüner Schlauch"), blue))) == (0, 1, 1, 1)
    shop.translate(Recorder([]), "de")
    assert shop.log(position) == [("acme/1", "de")]


def test_the_newest_change_wins_within_a_file(shop: Shop, tmp_path: Path) -> None:
    def unit(text: str, date: str) -> str:
        variants = f'<tuv xml:lang="en"><seg>green garden hose</seg></tuv><tuv xml:lang="de"><seg>{text}</seg></tuv>'
        return f"<tu {date}>{variants}</tu>"

    body = unit("neu", 'changedate="20260102T000000Z"') + unit("alt", 'creationdate="20250102T000000Z"') + unit("x", "")
    path = tmp_path / "dates.tmx"
    path.write_text(f'<tmx version="1.4"><header srclang="en"/><body>{body}</body></tmx>', encoding="utf-8")
    shop.put(lamp())
    shop.store.import_memory(path)
    shop.translate(Recorder([]), "de")
    assert shop.shown(lamp(), "de").translation.text == "neu"


# -- what is used where -----------------------------------------------------------------------------------------------


def test_the_suppliers_own_comes_before_the_installations(shop: Shop) -> None:
    shop.put(lamp(), lamp(supplier="other"))
    shop.store.import_memory(tmx(shop, hose("für alle")))
    shop.store.import_memory(tmx(shop, hose("für acme")), "acme")
    shop.translate(Recorder([]), "de")
    assert shop.shown(lamp(), "de").translation.text == "für acme"
    assert shop.shown(lamp(supplier="other"), "de").translation.text == "für alle"


def test_a_context_is_used_only_there_and_before_one_that_fits_any(shop: Shop) -> None:
    value = Attribute("colour", "colour", "orange tint"), Attribute("fruit", "fruit", "orange tint")
    product = Product("acme", "1", "en", "orange tint", attributes=value)
    shop.put(product)
    anywhere = Entry("en", "orange tint", Place(), {"de": "Orange"})
    colour = Entry("en", "orange tint", Place("attribute_value", "colour"), {"de": "Orangeton"})
    shop.translate(Recorder([]), "de")
    assert counts(shop.store.import_memory(tmx(shop, colour))) == (1, 0, 0, 1)
    shop.translate(Recorder([]), "de")
    assert shop.shown(product, "de").translation.state is not State.MEMORY
    shop.store.import_memory(tmx(shop, anywhere))
    shop.translate(Recorder([]), "de")
    shown = {field: shop.shown(product, "de", field).shown for field in ("title", "attributes.fruit.value")}
    assert set(shown.values()) == {"Orange"}
    assert shop.shown(product, "de", "attributes.colour.value").shown == "Orangeton"


def test_a_memory_is_not_trusted_with_facts(shop: Shop) -> None:
    product = lamp(title="garden hose 12 m")
    shop.put(product)
    shop.store.import_memory(tmx(shop, Entry("en", product.title, Place(), {"de": "Gartenschlauch 15 m"})))
    shop.translate(Recorder(["en-de"]), "de")
    assert shop.shown(product, "de").translation.state is State.MACHINE


def test_the_memory_is_read_by_its_key(shop: Shop) -> None:
    """Without supplier and language before the digest the whole table would be read for every page."""
    asked: list[tuple[str, tuple[str, ...]]] = []

    def remember(_connection: object, _cursor: object, statement: str, values: tuple[str, ...], *_: object) -> None:
        if "FROM memory" in statement:
            asked.append((statement, values))

    event.listen(shop.database, "before_cursor_execute", remember)
    shop.store.recall("de", [Sought("acme", "en", "hose", context_digest("title", ""))])
    event.remove(shop.database, "before_cursor_execute", remember)
    [(statement, values)] = asked
    with reading(shop.database) as connection:
        if shop.database.dialect.name == "sqlite":
            steps = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert all("SEARCH memory" in step and "source=?" in step for step in steps)
            return
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # an empty table is never worth an index
        (condition,) = [
            row[0] for row in connection.exec_driver_sql(f"EXPLAIN {statement}", values) if "Cond" in row[0]
        ]
        assert all(f"{name} =" in condition for name in ("supplier", "source_lang", "source"))


# -- kills and others at work -----------------------------------------------------------------------------------------


class Killer:
    """Ends what is done with a store at its n-th statement from now on, as a kill would: nothing behind it happens."""

    def __init__(self, shop: Shop, statements: int) -> None:
        self._shop, self._left = shop, statements

    def __enter__(self) -> None:
        event.listen(self._shop.database, "before_cursor_execute", self._count)

    def __exit__(self, *_error: object) -> None:
        event.remove(self._shop.database, "before_cursor_execute", self._count)

    def _count(self, *_arguments: object) -> None:
        self._left -= 1
        if self._left < 0:
            raise KeyboardInterrupt


def test_an_import_that_is_killed_anywhere_costs_no_text(shop: Shop, tmp_path: Path) -> None:
    shop.put(*CATALOG)
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    path = tmx(shop, hose())
    shop.database.dispose()
    concerned = [(CATALOG[0], "title"), (CATALOG[1], "title"), (CATALOG[3], "description"), (CATALOG[4], "title")]
    outcomes, statements = [], 0
    while "whole" not in outcomes:
        folder = tmp_path / str(statements)
        folder.mkdir()
        copy_store(shop.folder, folder)
        killed = Shop(folder)
        try:
            with Killer(killed, statements):
                killed.store.import_memory(path)
            outcomes.append("whole")
        except KeyboardInterrupt:
            outcomes.append("taken" if memory_of(killed) else "nothing")
        if outcomes[-1] == "taken":
            assert_all_from_memory(killed, engine, concerned)
        killed.store.import_memory(path)
        assert_all_from_memory(killed, engine, concerned)
        assert killed.translate(engine, "de").segments == 0
        statements += 1
    assert {"nothing", "taken"} < set(outcomes)


def assert_all_from_memory(shop: Shop, engine: Recorder, concerned: Sequence[tuple[Product, str]]) -> None:
    shop.translate(engine, "de")
    assert all("Gartenschlauch" in shop.shown(product, "de", field).shown for product, field in concerned)


def test_an_import_after_a_killed_one_hides_nothing(shop: Shop) -> None:
    shop.put(*CATALOG)
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    path, statements = tmx(shop, hose()), 3
    while not memory_of(shop):
        with pytest.raises(KeyboardInterrupt), Killer(shop, statements):
            shop.store.import_memory(path)
        statements += 1
    assert stale(shop) == set()
    shop.store.import_memory(tmx(shop, Entry("en", "blue garden hose", Place(), {"de": "blau"})))
    position = shop.store.position()
    shop.translate(engine, "de")
    assert {product for product, _ in shop.log(position)} == {"acme/1", "acme/2", "acme/3", "acme/4", "other/1"}


def test_an_import_that_ends_does_not_hide_another_that_was_killed(shop: Shop) -> None:
    shop.put(*CATALOG)
    engine = Recorder(["en-de"])
    shop.translate(engine, "de")
    folder = shop.folder
    first, second = tmx(shop, hose()), tmx(shop, Entry("en", "blue garden hose", Place(), {"de": "blau"}), name="b.tmx")

    others: list[Shop] = []

    def import_second_and_kill_it(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM texts" not in statement or others:
            return
        # The first import has stored its units and looks for the texts that hold them.
        others.append(Shop(folder))
        statements = 3
        while "blau" not in memory_of(others[0]):
            with pytest.raises(KeyboardInterrupt), Killer(others[0], statements):
                others[0].store.import_memory(second)
            statements += 1

    event.listen(shop.database, "before_cursor_execute", import_second_and_kill_it)
    shop.store.import_memory(first)
    event.remove(shop.database, "before_cursor_execute", import_second_and_kill_it)
    shop.translate(engine, "de")
    assert shop.shown(CATALOG[2], "de").translation.text == "blau"


def memory_of(shop: Shop) -> set[str]:
    with reading(shop.database) as connection:
        return set(connection.execute(select(memory.c.target_text)).scalars())


def test_the_version_is_as_before_when_an_import_is_over(shop: Shop) -> None:
    before = version(shop)
    shop.store.import_memory(tmx(shop, hose()))
    assert (version(shop) or None) == before


@pytest.mark.parametrize("translated_before", [False, True])
def test_an_import_while_a_page_is_in_work_is_not_lost(shop: Shop, translated_before: bool) -> None:
    class Interrupted(Recorder):
        def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
            if not self.asked:
                shop.store.import_memory(path)
            return super().translate(pair, texts)

    shop.put(lamp())
    if translated_before:
        shop.translate(Recorder([]), "de")
    path = tmx(shop, hose())
    engine = Interrupted(["en-de"])
    report = shop.translate(engine, "de")
    assert shop.shown(lamp(), "de").translation.text == "Gartenschlauch"
    assert (report.by_engine, len(engine.asked)) == ({"memory": 1}, 1)


# -- export -----------------------------------------------------------------------------------------------------------


def test_an_export_holds_what_was_given_imported_and_corrected(shop: Shop, tmp_path: Path) -> None:
    given = lamp("1", given=(GivenText("title", "fr", "tuyau vert"),))
    shop.put(given, lamp("2"), lamp("3", supplier="other"))
    shop.store.follow()
    shop.store.import_memory(tmx(shop, hose("aus der Datei"), hose("vert", lang="it")), "acme")
    shop.store.import_memory(tmx(shop, hose("für alle")))
    shop.store.correct(lamp("2"), "title", "de", "Gartenschlauch", only_here=False)
    shop.store.correct(lamp("2"), "title", "pl", "nur hier", only_here=True)
    shop.store.correct(lamp("3", supplier="other"), "title", "de", "fremd", only_here=False)
    out = tmp_path / "out.tmx"
    report = shop.store.export_memory(out, "acme")
    assert (report.units, report.translations, report.corrections, report.unaligned) == (2, 4, 1, 0)
    source = ("en", "green garden hose")
    assert sorted(units_of(out), key=str) == [
        (Place(), ((*source, "de", "aus der Datei"), (*source, "it", "vert"))),
        (Place("title"), ((*source, "de", "Gartenschlauch"), (*source, "fr", "tuyau vert"))),
    ]
    assert shop.store.export_memory(out, "acme", "en", "it").translations == 1
    assert shop.store.export_memory(out, "acme", "de").units == 0
    shop.store.export_memory(out)
    assert units_of(out) == [(Place(), ((*source, "de", "für alle"),))]


def test_what_is_exported_is_imported_elsewhere_and_serves_there(shop: Shop, tmp_path: Path) -> None:
    colour = Attribute("farbe", "Farbe", "hell <b>")
    product = lamp(lang="de", title="grüner Gartenschlauch", attributes=(colour,))
    shop.put(product)
    shop.store.follow()
    shop.store.correct(product, "title", "en", "Green hose", only_here=False)
    shop.store.correct(product, "attributes.farbe.value", "en", "light", only_here=False)
    shop.store.export_memory(tmp_path / "out.tmx", "acme")
    (tmp_path / "there").mkdir()
    there = Shop(tmp_path / "there")
    there.put(product)
    assert counts(there.store.import_memory(tmp_path / "out.tmx"))[0] == 2
    there.translate(Recorder([]), "en")
    assert there.shown(product, "en").translation.state is State.MEMORY
    there.store.export_memory(tmp_path / "again.tmx")
    assert (tmp_path / "again.tmx").read_bytes() == (tmp_path / "out.tmx").read_bytes()


def test_a_context_that_no_product_names_comes_back_by_its_digest(shop: Shop, tmp_path: Path) -> None:
    place = Place("attribute_value", "nowhere in this store")
    shop.store.import_memory(tmx(shop, hose(place=place)))
    shop.store.export_memory(tmp_path / "out.tmx")
    key = context_digest(place.kind, place.context)
    assert [found for found, _ in units_of(tmp_path / "out.tmx")] == [Place(key=key)]
    assert counts(shop.store.import_memory(tmp_path / "out.tmx")) == (0, 0, 1, 0)


@pytest.mark.parametrize(
    ("source", "correction", "pairs"),
    [
        ("<p>One hose. It bends.</p>", "<p>Ein Schlauch. Er biegt sich.</p>", 2),
        ("<p>One hose. It bends.</p>", "<p>Ein Schlauch, der sich biegt.</p>", 0),
        ("<p>One hose. It bends.</p>", "<p>Ein Schlauch.</p><p>Er biegt sich.</p>", 0),
        ("One hose.\nIt bends.", "Ein Schlauch.\n\nEr biegt sich.", 2),
    ],
)
def test_a_corrected_description_is_written_by_sentences(
    shop: Shop, tmp_path: Path, source: str, correction: str, pairs: int
) -> None:
    product = lamp(description=source)
    shop.put(product)
    shop.store.follow()
    (text,) = [one for one in product.texts() if one.field == "description"]
    assert len(aligned(text, "en", correction, "de")) == pairs
    shop.store.correct(product, "description", "de", correction, only_here=False)
    report = shop.store.export_memory(tmp_path / "out.tmx", "acme")
    assert (report.corrections, report.unaligned) == (pairs, int(not pairs))


def test_an_empty_memory_is_an_empty_file(shop: Shop, tmp_path: Path) -> None:
    assert shop.store.export_memory(tmp_path / "out.tmx").units == 0
    assert units_of(tmp_path / "out.tmx") == []
