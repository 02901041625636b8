"""Builds: made beside the live one, verified, promoted, rolled back; deltas follow the change log."""

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import indexes.build
from catalog.errors import BackendRefusesError, BrokenIndexError, NotFoundError, UnavailableError, UsageError
from indexes.build import DOCUMENTS_VERSION, Builder
from indexes.embedded import EmbeddedIndex
from indexes.model import Verdict, WriteReport
from indexes.store import REMEMBERED
from tests.fakes.products import product
from tests.fakes.shop import LANGS, Shop

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.save(product("A-1", title="Schraube rot"), product("A-2", title="Mutter rot"), product("A-3", title="Dübel"))
    return shop


def states(shop: Shop) -> list[str]:
    return [build.state for build in shop.builds.existing()]


def test_the_first_build_is_full_and_promoted(shop: Shop) -> None:
    report = shop.update()
    assert (report.mode, report.verified, report.promoted, report.reasons) == ("full", True, True, [])
    assert {lang: count.documents for lang, count in report.langs.items()} == {"de": 3, "en": 3, "fr": 3}
    assert shop.index.live() == report.build
    assert states(shop) == ["live"]


def test_nothing_changed_writes_nothing(shop: Shop) -> None:
    shop.update()
    report = shop.update()
    assert report.mode == "delta"
    assert sum(count.written + count.deleted for count in report.langs.values()) == 0


def test_a_delta_writes_only_what_changed(shop: Shop) -> None:
    shop.update()
    shop.save(product("A-1", title="Schraube gelb"), product("A-4", title="Nagel gelb"))
    shop.products.withdraw(["acme/A-2"])
    report = shop.update()
    assert report.mode == "delta"
    assert {lang: (one.written, one.deleted, one.documents) for lang, one in report.langs.items()} == dict.fromkeys(
        LANGS, (2, 1, 3)
    )
    assert shop.ids("de", "gelb") == {"acme/A-1", "acme/A-4"}
    assert shop.ids("de", "rot") == set()


def test_a_correction_touches_its_language_alone(shop: Shop) -> None:
    shop.update()
    shop.translations.correct(shop.products.get("acme/A-3").product, "title", "fr", "Cheville", only_here=False)
    report = shop.update()
    assert {lang: one.written for lang, one in report.langs.items()} == {"de": 0, "en": 0, "fr": 1}
    assert shop.ids("fr", "chevill") == {"acme/A-3"}


def test_withdrawn_products_come_back(shop: Shop) -> None:
    shop.update()
    shop.products.withdraw(["acme/A-3"])
    shop.update()
    shop.save(product("A-3", title="Dübel"))
    report = shop.update()
    assert report.langs["de"].documents == 3


def test_a_delta_that_was_killed_is_done_again(shop: Shop) -> None:
    shop.update()
    shop.save(product("A-1", title="Schraube gelb"))
    position = shop.builds.all()[0].position

    class Dying(EmbeddedIndex):
        def commit(self, build: str) -> None:
            raise KeyboardInterrupt

    shop.translate()
    with Dying(shop.folder / "indexes") as dying, pytest.raises(KeyboardInterrupt):
        shop.builder(dying).update()
    assert shop.builds.all()[0].position == position
    shop.update()
    assert shop.ids("de", "gelb") == {"acme/A-1"}


def test_a_full_build_catches_up_with_what_changed_while_it_ran(shop: Shop) -> None:
    shop.update()

    class Interrupted(EmbeddedIndex):
        """A supplier uploads in the middle of the build."""

        waiting = True

        def write(self, build: str, documents: object, products: object, position: int = 0) -> WriteReport:
            written = super().write(build, documents, products)  # type: ignore[arg-type]
            if self.waiting:
                self.waiting = False
                shop.save(product("A-1", title="Schraube gelb"), product("A-9", title="Haken gelb"))
                shop.products.withdraw(["acme/A-2"])
            return written

    report = shop.builder(Interrupted(shop.folder / "indexes")).update(full=True)
    assert report.promoted, report.reasons
    assert report.langs["de"].documents == 3
    assert shop.ids("de", "gelb") == {"acme/A-1", "acme/A-9"}


class Busy(EmbeddedIndex):
    """While it is written to and counted, a supplier goes on uploading and withdrawing."""

    shop: Shop
    number = 0

    def write(self, build: str, documents: object, products: object, position: int = 0) -> WriteReport:
        self.change()
        return super().write(build, documents, products)  # type: ignore[arg-type]

    def counts(self, build: str) -> Mapping[str, int]:
        found = super().counts(build)
        self.change()
        return found

    def change(self) -> None:
        self.number += 1
        new = product(f"N-{self.number}", title=f"Haken gelb {self.number}")
        self.shop.save(new, product("A-1", title=f"Schraube {self.number}"))
        if self.number % 2:
            self.shop.products.withdraw([new.id])


def test_writers_that_never_pause_do_not_refuse_a_build(shop: Shop) -> None:
    shop.update()
    with Busy(shop.folder / "indexes") as index:
        index.shop = shop
        full = shop.builder(index).update(full=True)
        delta = shop.builder(index).update()
    assert (full.reasons, full.promoted, full.mode) == ([], True, "full")
    assert (delta.reasons, delta.mode) == ([], "delta")
    report = shop.update()
    assert (report.mode, report.reasons) == ("delta", [])
    assert set(shop.index.documents("fr", sorted(shop.products.live_ids()))) == shop.products.live_ids()
    assert report.langs["de"].documents == len(shop.products.live_ids())
    assert shop.index.documents("de", ["acme/A-1"])["acme/A-1"].title == f"Schraube {index.number}"


def test_more_changes_than_can_be_written_end_the_catching_up(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes.build, "_SMALL_REST", 0)
    with Busy(shop.folder / "indexes") as index:
        index.shop = shop
        shop.translate()
        report = shop.builder(index).update()
    assert (report.promoted, report.reasons) == (True, [])
    assert shop.update().reasons == []


def test_a_refused_build_leaves_the_old_one_serving(tmp_path: Path) -> None:
    def refuse(build: str, live: str | None) -> Verdict:
        return Verdict(["parity fell"] if live else (), {"recall": 0.5})

    shop = Shop(tmp_path, checks=(refuse,))
    shop.save(product("A-1", title="Schraube rot"))
    first = shop.update()
    second = shop.update(full=True)
    assert (second.promoted, second.reasons) == (False, ["parity fell"])
    assert shop.index.live() == first.build
    assert shop.ids("de", "rot") == {"acme/A-1"}
    assert list(shop.index.builds()) == [first.build]
    record = shop.builds.get(second.build)
    assert (record.state, record.reasons, record.evaluation) == ("refused", ("parity fell",), {"recall": 0.5})
    assert record.removed_at is not None
    assert dict(record.counts) == {"de": 1, "en": 1, "fr": 1}
    shop.builder().remove_kept()
    assert shop.builds.get(second.build).reasons == (), "reasons name products of a supplier that is forgotten"


def test_the_record_says_what_became_of_a_build(shop: Shop) -> None:
    first, second = shop.update(), shop.update(full=True)
    shop.update(full=True)
    gone, kept = shop.builds.get(first.build), shop.builds.get(second.build)
    assert (gone.state, kept.state) == ("deleted", "kept")
    moments = [gone.created_at, gone.verified_at, gone.promoted_at, gone.removed_at]
    assert moments == sorted(moment for moment in moments if moment)
    assert gone.code.endswith(f"documents {DOCUMENTS_VERSION}")
    assert gone.as_json()["langs"] == {"de": 3, "en": 3, "fr": 3}
    assert shop.builds.positions() == [build.position for build in shop.builds.existing()]
    assert len(shop.builds.positions()) == 2


def test_only_so_many_builds_that_are_gone_are_remembered(shop: Shop) -> None:
    shop.update()
    for number in range(REMEMBERED + 3):
        shop.builds.add(f"b-{number}", "settings")
        shop.builds.removing(f"b-{number}")
        shop.builds.removed(f"b-{number}")
    names = [build.name for build in shop.builds.all()]
    assert (len(names), names[0], names[-2]) == (REMEMBERED + 1, f"b-{REMEMBERED + 2}", "b-3")
    assert states(shop) == ["live"]


def test_a_build_that_shrinks_needs_force(shop: Shop) -> None:
    shop.update()
    shop.products.withdraw(["acme/A-1"])
    refused = shop.update(full=True)
    assert not refused.promoted
    assert any("--force" in reason for reason in refused.reasons)
    assert shop.update(full=True, force=True).promoted


def test_rejected_documents_refuse_a_build(shop: Shop) -> None:
    class Rejecting(EmbeddedIndex):
        def write(self, build: str, documents: object, products: object, position: int = 0) -> WriteReport:
            written = super().write(build, documents, products)  # type: ignore[arg-type]
            return WriteReport(written.accepted - 1, {"acme/A-1": "too strange"})

    shop.translate()
    report = shop.builder(Rejecting(shop.folder / "indexes")).update()
    assert not report.promoted
    assert "acme/A-1: too strange" in report.reasons
    assert shop.index.live() is None


def test_other_settings_need_a_full_build(shop: Shop) -> None:
    shop.update()
    report = shop.builder(langs=("de", "en")).update(force=True)
    assert report.mode == "full"


def test_old_builds_are_kept_and_removed(shop: Shop) -> None:
    names = [shop.update(full=True).build for _ in range(3)]
    assert [(build.name, build.state) for build in shop.builds.all()] == [
        (names[2], "live"),
        (names[1], "kept"),
        (names[0], "deleted"),
    ]
    assert set(shop.index.builds()) == {names[1], names[2]}


def test_rollback_serves_the_former_build_and_the_next_delta_catches_up(shop: Shop) -> None:
    first = shop.update()
    shop.save(product("A-1", title="Schraube gelb"))
    shop.update(full=True)
    assert shop.builder().rollback().name == first.build
    assert shop.index.live() == first.build
    assert shop.ids("de", "rot") == {"acme/A-1", "acme/A-2"}
    report = shop.update()
    assert (report.mode, report.build) == ("delta", first.build)
    assert shop.ids("de", "gelb") == {"acme/A-1"}


def test_rollback_does_not_wait_for_a_builder_whose_build_then_does_not_take_its_place(shop: Shop) -> None:
    first, second = shop.update().build, shop.update(full=True).build
    mutex = threading.Lock()

    @contextmanager
    def one_builder() -> Iterator[None]:
        assert mutex.acquire(blocking=False)
        yield
        mutex.release()

    parts = replace(shop.parts(), lock=one_builder)

    def roll_back(_products: int) -> None:
        assert Builder(parts).rollback().name == first

    with pytest.raises(UnavailableError, match=f"(?s){first}.*{second}|{second}.*{first}"):
        Builder(replace(parts, progress=roll_back)).update(full=True)
    assert shop.index.live() == first
    assert {build.state for build in shop.builds.existing() if build.name in (first, second)} == {"live", "kept"}


def test_a_build_that_was_rolled_back_from_serves_again_only_by_its_name(tmp_path: Path) -> None:
    shop = Shop(tmp_path, keep=2)
    shop.save(product("A-1", title="Schraube rot"))
    good, bad = (shop.update(full=True).build for _ in range(2))
    shop.builder().rollback()
    shop.update(full=True)
    assert shop.builder().rollback().name == good
    assert shop.builder().rollback(bad).name == bad
    assert [build.reasons for build in shop.builds.existing() if build.name == bad] == [()]


def test_of_kept_builds_those_that_were_rolled_back_from_go_first(tmp_path: Path) -> None:
    shop = Shop(tmp_path, keep=1)
    shop.save(product("A-1", title="Schraube rot"))
    good, _bad = (shop.update(full=True).build for _ in range(2))
    shop.builder().rollback()
    shop.update(full=True)
    assert [build.name for build in shop.builds.existing() if build.state == "kept"] == [good]


def test_a_language_that_was_taken_out_is_no_shrinking(shop: Shop) -> None:
    shop.update()
    report = shop.builder(langs=("de", "en")).update()
    assert (report.mode, report.promoted, report.reasons) == ("full", True, [])


def test_rollback_without_a_kept_build_is_an_error(shop: Shop) -> None:
    shop.update()
    with pytest.raises(NotFoundError, match="no kept build"):
        shop.builder().rollback()


def test_remains_of_a_killed_builder_are_removed(shop: Shop) -> None:
    shop.update()
    build = shop.builds.add("20200101-000000-dead", "settings")
    shop.index.create(build.name, LANGS)
    shop.update()
    assert build.name not in shop.index.builds()
    assert states(shop) == ["live"]


def test_a_kill_between_promotion_and_its_note_is_mended(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(name: str) -> None:
        raise KeyboardInterrupt

    shop.translate()
    builder = shop.builder()
    original: Callable[[str], None] = shop.builds.live
    monkeypatch.setattr(shop.builds, "live", die)
    with pytest.raises(KeyboardInterrupt):
        builder.update()
    monkeypatch.setattr(shop.builds, "live", original)
    assert shop.index.live() is not None
    assert shop.update().mode == "delta"
    assert states(shop) == ["live"]


def test_an_index_that_a_late_request_of_a_killed_builder_made_is_removed(shop: Shop) -> None:
    shop.update()
    build = shop.builds.add("20200101-000000-dead", "settings")
    shop.builds.removing(build.name)
    shop.builds.removed(build.name)
    shop.index.create(build.name, LANGS)
    shop.update()
    assert build.name not in shop.index.builds()


def test_builds_of_which_there_is_no_record_are_never_deleted(shop: Shop) -> None:
    shop.update()
    shop.index.create("20200101-000000-other", LANGS)
    shop.update(full=True)
    assert "20200101-000000-other" in shop.index.builds()


def test_checks_that_cannot_decide_look_again_at_what_changed_meanwhile(tmp_path: Path) -> None:
    looks: list[int] = []

    def change(build: str, live: str | None) -> Verdict:
        looks.append(len(shop.index.documents("de", [f"acme/A-{number}" for number in range(9)], build)))
        if len(looks) < busy:
            shop.save(product(f"A-{len(looks)}", title="Schraube rot"))
        return Verdict(undecided=len(looks) < busy)

    shop = Shop(tmp_path, checks=(change,))
    shop.save(product("A-0", title="Schraube rot"))
    busy = 3
    first = shop.update()
    assert (first.promoted, looks) == (True, [1, 2, 3])
    looks.clear()
    busy = 9
    second = shop.update(full=True)
    assert (second.promoted, len(looks), shop.index.live()) == (False, 3, first.build)
    assert second.reasons[0].startswith("3 times most of what the build is judged by changed")


def test_a_build_of_another_store_is_not_replaced(shop: Shop, tmp_path: Path) -> None:
    theirs = shop.update()
    (tmp_path / "other").mkdir()
    other = Shop(tmp_path / "other")
    other.save(product("B-1", title="Zange"))
    other.translate()
    for act in (other.builder(shop.index).update, other.builder(shop.index).rollback):
        with pytest.raises(BackendRefusesError, match="no record of it"):
            act()
    assert shop.index.live() == theirs.build
    assert not other.builds.all()
    ours = other.builder(shop.index).update(force=True)
    assert (ours.mode, ours.promoted, shop.index.live()) == ("full", True, ours.build)
    assert theirs.build in shop.index.builds(), "it is theirs to delete"
    with pytest.raises(UnavailableError, match="no record of it"):
        shop.update()


def test_what_another_promoted_meanwhile_stays(tmp_path: Path) -> None:
    def be_overtaken(build: str, live: str | None) -> Verdict:
        if live is not None:
            index.create("late", LANGS)
            index.promote("late", live)
        return Verdict()

    index = EmbeddedIndex(tmp_path / "indexes")
    shop = Shop(tmp_path, checks=(be_overtaken,))
    shop.save(product("A-1", title="Schraube rot"))
    shop.update()
    with pytest.raises(UnavailableError, match="somebody else promoted"):
        shop.update(full=True)
    assert shop.index.live() == "late"


def test_a_build_that_missed_a_part_of_the_log_is_made_anew(shop: Shop) -> None:
    """The log is cut back to the builds of one backend; those of another one may be older."""
    shop.update()
    shop.save(product("A-1", title="Schraube gelb"))
    shop.save(product("A-2", title="Mutter gelb"))
    position = shop.products.position()
    assert shop.builds.is_whole_after(shop.builds.get(shop.index.live() or "").position)
    shop.builds.cut_log([position])
    assert shop.products.position() == position, "the newest entry stays: a new build begins there"
    report = shop.update()
    assert (report.mode, report.promoted) == ("full", True)
    assert shop.ids("de", "gelb") == {"acme/A-1", "acme/A-2"}
    assert shop.update().mode == "delta"


def test_documents_that_no_language_has_are_counted_too(shop: Shop) -> None:
    class Forgetful(EmbeddedIndex):
        def counts(self, build: str) -> Mapping[str, int]:
            return {**super().counts(build), "": 2}

    shop.translate()
    with Forgetful(shop.folder / "indexes") as index:
        report = shop.builder(index).update()
    assert report.reasons == ["without language: 2 documents, 3 products in the store; make a full build"]


def test_a_delta_of_one_language_leaves_the_others_for_the_next(shop: Shop) -> None:
    shop.update()
    shop.save(product("A-1", title="Schraube gelb"))
    shop.translate()
    report = shop.builder().update(langs=("de",))
    assert {lang: one.written for lang, one in report.langs.items()} == {"de": 1, "en": 0, "fr": 0}
    assert shop.ids("de", "gelb") == {"acme/A-1"}
    assert {lang: one.written for lang, one in shop.update().langs.items()} == {"de": 1, "en": 1, "fr": 1}
    with pytest.raises(UsageError, match="every language"):
        shop.builder().update(full=True, langs=("de",))


def test_a_delta_sees_that_documents_are_missing(shop: Shop) -> None:
    build = shop.update().build
    shop.index.delete(build, ["acme/A-1"])
    shop.index.commit(build)
    report = shop.update()
    assert not report.verified
    assert "de: 2 documents, 3 products in the store; make a full build" in report.reasons
    assert shop.update(full=True).promoted


def test_what_a_delta_rejects_is_tried_again(shop: Shop) -> None:
    shop.update()
    position = shop.builds.all()[0].position
    shop.save(product("A-1", title="Schraube gelb"))
    shop.translate()

    class Rejecting(EmbeddedIndex):
        def write(self, build: str, documents: object, products: object, position: int = 0) -> WriteReport:
            return WriteReport(0, {"acme/A-1": "too strange"})

    with Rejecting(shop.folder / "indexes") as rejecting:
        report = shop.builder(rejecting).update()
    assert not report.verified
    assert shop.builds.all()[0].position == position
    assert shop.update().verified
    assert shop.ids("de", "gelb") == {"acme/A-1"}


@pytest.mark.parametrize("damage", ["pointer", "folder", "files"])
def test_a_damaged_live_build_is_replaced_by_the_next(shop: Shop, damage: str) -> None:
    live = shop.folder / "indexes" / shop.update().build
    if damage == "pointer":
        (shop.folder / "indexes" / "LIVE").write_text("@@@")
    elif damage == "folder":
        shutil.rmtree(live)
    else:
        for path in live.rglob("*"):
            if path.is_file() and path.suffix in (".term", ".idx", ".store"):
                path.unlink()  # who still has it in memory would die of a file that is cut (SIGBUS)
                path.touch()
    healed = Shop(shop.folder)
    with pytest.raises(BrokenIndexError):
        healed.ids("de", "rot")
    report = healed.update()
    assert (report.mode, report.promoted, report.reasons) == ("full", True, [])
    assert healed.ids("de", "rot") == {"acme/A-1", "acme/A-2"}


def test_builds_that_somebody_deleted_are_told_as_lost(shop: Shop) -> None:
    kept, live = shop.update().build, shop.update(full=True).build
    shutil.rmtree(shop.folder / "indexes")
    healed = Shop(shop.folder)
    made = healed.update()
    assert (made.mode, made.promoted) == ("full", True)
    told = {build.name: build for build in healed.builds.all()}
    assert [build.name for build in healed.builds.existing()] == [made.build]
    for name in (kept, live):
        assert told[name].state == "deleted"
        assert told[name].removed_at is not None
        assert "missing" in told[name].reasons[0]
    with pytest.raises(NotFoundError, match="no kept build"):
        healed.builder().rollback()


def test_a_build_that_was_away_for_a_while_is_kept(shop: Shop) -> None:
    kept = shop.update().build
    live = shop.update(full=True).build
    folder = shop.folder / "indexes"
    (folder / kept).rename(shop.folder / "away")
    assert Shop(shop.folder).update().mode == "delta"
    assert [build.name for build in shop.builds.existing()] == [live]
    (shop.folder / "away").rename(folder / kept)
    back = Shop(shop.folder)
    back.update()
    assert [(build.name, build.state) for build in back.builds.existing()] == [(live, "live"), (kept, "kept")]
    assert back.builder().rollback().name == kept


def test_a_build_that_was_left_by_a_rollback_stays_so_when_it_was_away(shop: Shop) -> None:
    old, left = shop.update().build, shop.update(full=True).build
    shop.builder().rollback()
    (shop.folder / "indexes" / left).rename(shop.folder / "away")
    Shop(shop.folder).update()
    (shop.folder / "away").rename(shop.folder / "indexes" / left)
    back = Shop(shop.folder)
    back.update()
    told = {build.name: build for build in back.builds.existing()}
    assert (told[old].state, told[left].state) == ("live", "kept")
    assert told[left].reasons == (f"rolled back to {old}",)


def test_rolling_back_twice_goes_further_back(tmp_path: Path) -> None:
    shop = Shop(tmp_path, keep=3)
    shop.save(product("A-1", title="Schraube rot"))
    names = [shop.update(full=True).build for _ in range(3)]
    assert [shop.builder().rollback().name for _ in range(2)] == [names[1], names[0]]
    with pytest.raises(NotFoundError):
        shop.builder().rollback()
    assert shop.builder().rollback(names[2]).name == names[2]
