"""Builds: made beside the live one, verified, promoted, rolled back; deltas follow the change log."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from catalog.errors import BrokenIndexError, NotFoundError, UsageError
from indexes.embedded import EmbeddedIndex
from indexes.model import WriteReport
from tests.fakes.products import product
from tests.fakes.shop import LANGS, Shop

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    shop.save(product("A-1", title="Schraube rot"), product("A-2", title="Mutter rot"), product("A-3", title="Dübel"))
    return shop


def states(shop: Shop) -> list[str]:
    return [build.state for build in shop.builds.all()]


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

        def write(self, build: str, documents: object, products: object) -> WriteReport:
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


def test_a_refused_build_leaves_the_old_one_serving(tmp_path: Path) -> None:
    def refuse(build: str, live: str | None) -> Sequence[str]:
        return ["parity fell"] if live else []

    shop = Shop(tmp_path, checks=(refuse,))
    shop.save(product("A-1", title="Schraube rot"))
    first = shop.update()
    second = shop.update(full=True)
    assert (second.promoted, second.reasons) == (False, ["parity fell"])
    assert shop.index.live() == first.build
    assert shop.ids("de", "rot") == {"acme/A-1"}
    assert list(shop.index.builds()) == [first.build]


def test_a_build_that_shrinks_needs_force(shop: Shop) -> None:
    shop.update()
    shop.products.withdraw(["acme/A-1"])
    refused = shop.update(full=True)
    assert not refused.promoted
    assert any("--force" in reason for reason in refused.reasons)
    assert shop.update(full=True, force=True).promoted


def test_rejected_documents_refuse_a_build(shop: Shop) -> None:
    class Rejecting(EmbeddedIndex):
        def write(self, build: str, documents: object, products: object) -> WriteReport:
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
    assert [build.name for build in shop.builds.all()] == [names[2], names[1]]
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
        def write(self, build: str, documents: object, products: object) -> WriteReport:
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
                path.write_bytes(b"")
    healed = Shop(shop.folder)
    with pytest.raises(BrokenIndexError):
        healed.ids("de", "rot")
    report = healed.update()
    assert (report.mode, report.promoted, report.reasons) == ("full", True, [])
    assert healed.ids("de", "rot") == {"acme/A-1", "acme/A-2"}


def test_rolling_back_twice_goes_further_back(tmp_path: Path) -> None:
    shop = Shop(tmp_path, keep=3)
    shop.save(product("A-1", title="Schraube rot"))
    names = [shop.update(full=True).build for _ in range(3)]
    assert [shop.builder().rollback().name for _ in range(2)] == [names[1], names[0]]
    with pytest.raises(NotFoundError):
        shop.builder().rollback()
    assert shop.builder().rollback(names[2]).name == names[2]
