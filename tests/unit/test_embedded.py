"""The embedded backend: the contract, and what only a folder on a disk can suffer."""

import errno
import gc
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import BrokenIndexError, UnavailableError, UsageError
from catalog.languages import CODES
from indexes.embedded import EmbeddedIndex
from indexes.embedded.damage import reporting_damage
from indexes.facts import HIGHEST_AMOUNT, bounds, units
from indexes.model import BrowseLeg, CodeLeg, Filters, IndexDocument, TextLeg, VectorLeg
from tests.contract.search_index import (
    SHOP_DOCUMENTS,
    SHOP_PRODUCTS,
    SearchIndexContract,
    direction,
    document,
    ids,
    product,
)

ROOT = Path(__file__).resolve().parents[2]
ALL = Filters()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "indexes"


@pytest.fixture
def index(folder: Path) -> Iterator[EmbeddedIndex]:
    with EmbeddedIndex(folder) as made:
        yield made


class TestEmbeddedIndex(SearchIndexContract):
    """All clauses of the contract."""


def fill(index: EmbeddedIndex, build: str = "b1") -> None:
    index.create(build, ["de", "en"])
    assert not index.write(build, SHOP_DOCUMENTS, SHOP_PRODUCTS).rejected
    index.commit(build)


def titled(index: EmbeddedIndex, word: str, lang: str = "en") -> list[str]:
    tokens = tuple(token.text for token in index.analyze(lang, word))
    [answer] = index.legs([TextLeg(lang, tokens, 1_000)], ALL)
    return ids(answer)


# -- other processes --------------------------------------------------------------------------------------------------


def run(script: str, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """Start a Python process that has ``index`` on the folder and ``arguments``."""
    head = (
        "import sys\n"
        "from pathlib import Path\n"
        "from indexes.embedded import EmbeddedIndex\n"
        "from indexes.model import *\n"
        "from tests.contract.search_index import *\n"
        "index, arguments = EmbeddedIndex(Path(sys.argv[1])), sys.argv[2:]\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", head + script, str(folder), *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def within_two_seconds(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + 2
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


FOLLOWER = """
print("ready", flush=True)
for line in sys.stdin:
    token = tuple(token.text for token in index.analyze("en", "drill"))
    [answer] = index.legs([TextLeg("en", token, 10)], Filters())
    print(index.live(), answer.total, flush=True)
"""


def test_another_process_follows_promotions_and_deltas(index: EmbeddedIndex, folder: Path) -> None:
    fill(index)
    index.promote("b1", None)
    with run(FOLLOWER, folder) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == "ready\n"

        def answer() -> str:
            assert other.stdin
            assert other.stdout
            other.stdin.write("search\n")
            other.stdin.flush()
            return other.stdout.readline().strip()

        assert answer() == "b1 2"
        index.write("b1", [document("new/9", "en", "Drill press")], [])
        index.commit("b1")
        assert within_two_seconds(lambda: answer() == "b1 3")
        fill(index, "b2")
        index.promote("b2", "b1")
        assert within_two_seconds(lambda: answer() == "b2 2")
        index.drop("b1")
        assert answer() == "b2 2"
        index.promote("b2", "b2")
        index.create("b1", ["de", "en"])
        index.write("b1", SHOP_DOCUMENTS[:1], [])
        index.commit("b1")
        index.promote("b1", "b2")
        assert within_two_seconds(lambda: answer() == "b1 1")
        other.stdin.close()


def test_a_second_writer_is_turned_away_and_the_first_goes_on(index: EmbeddedIndex, folder: Path) -> None:
    fill(index)
    index.promote("b1", None)
    index.write("b1", [document("new/9", "en", "Drill press")], [])
    script = """
from catalog.errors import UnavailableError
try:
    index.write("b1", [], [])
except UnavailableError as exc:
    print(exc)
"""
    with run(script, folder) as other:
        said, _ = other.communicate()
    assert "another process" in said
    index.commit("b1")
    assert "new/9" in titled(index, "drill")


# A killed writer writes generation after generation of the same 40 products, each title naming its generation, in two
# languages and the neutral index, and says when a commit was acknowledged.
WRITER = """
from indexes.model import Facts
names = [f"s/{at}" for at in range(40)]
generation = int(arguments[0])
while True:
    generation += 1
    for lang in ("de", "en"):
        index.write("b1", [document(name, lang, f"common gen{generation}x") for name in names], [])
    index.write("b1", [], [product(name, direction((0, 1)), codes=(f"GEN{generation}",)) for name in names])
    index.commit("b1")
    print(generation, flush=True)
"""


def test_a_writer_killed_at_any_instant_leaves_one_whole_commit(index: EmbeddedIndex, folder: Path) -> None:
    index.create("b1", ["de", "en"])
    index.commit("b1")
    index.promote("b1", None)
    chance = random.Random(7)
    acknowledged = 0
    for _ in range(6):
        with run(WRITER, folder, str(acknowledged)) as writer:
            assert writer.stdout
            acknowledged = int(writer.stdout.readline())
            time.sleep(chance.uniform(0, 0.4))
            writer.send_signal(signal.SIGKILL)
            said = writer.stdout.read().split()
        acknowledged = int(said[-1]) if said else acknowledged
        found = {generation_of(index, lang) for lang in ("de", "en")}
        assert len(found) == 1
        [seen] = found
        # What was acknowledged is there; a commit that was done and not yet told may be there too.
        assert seen in (acknowledged, acknowledged + 1)
        [answer] = index.legs([CodeLeg((f"GEN{seen}",), 100)], ALL)
        assert answer.total == 40
        assert dict(index.counts("b1")) == {"de": 40, "en": 40, "": 40}
        acknowledged = seen
    # The next writer goes on, and clears away what the killed ones left.
    index.write("b1", [document("s/0", "en", "afterwards")], [])
    index.commit("b1")
    assert titled(index, "afterwards") == ["s/0"]
    assert len([path for path in (folder / "b1").iterdir() if path.is_dir()]) <= 4


def generation_of(index: EmbeddedIndex, lang: str) -> int:
    found = index.documents(lang, [f"s/{at}" for at in range(40)])
    [title] = {one.title for one in found.values()}
    return int(title.removeprefix("common gen").removesuffix("x"))


def test_a_killed_creation_leaves_nothing_in_the_way(index: EmbeddedIndex, folder: Path) -> None:
    script = """
print("ready", flush=True)
while True:
    index.create("b1", ["de", "en"])
    index.drop("b1")
"""
    for delay in (0.0, 0.01, 0.02, 0.05):
        with run(script, folder) as creator:
            assert creator.stdout
            creator.stdout.readline()
            time.sleep(delay)
            creator.send_signal(signal.SIGKILL)
        assert set(index.builds()) <= {"b1"}
        fill(index)
        assert dict(index.counts("b1")) == {"de": 4, "en": 4, "": 4}
    assert [path.name for path in folder.iterdir() if path.name.startswith((".making", ".discarded"))] == []


def test_searches_during_many_commits_see_whole_commits(index: EmbeddedIndex, folder: Path) -> None:
    names = [f"s/{at}" for at in range(5)]
    index.create("b1", ["de", "en"])

    def commit(number: int) -> None:
        for lang in ("de", "en"):
            index.write("b1", [document(name, lang, f"common gen{number}x") for name in names], [])
        index.write("b1", [], [product(name, direction((0, 1)), codes=(f"GEN{number}",)) for name in names])
        index.commit("b1")

    commit(0)
    index.promote("b1", None)
    seen: list[set[int]] = []
    stop = False

    def search() -> None:
        with EmbeddedIndex(folder) as reader:
            while not stop:
                tokens = tuple(f"gen{number}x" for number in range(9))
                answers = reader.legs([TextLeg("de", tokens, 9), TextLeg("en", tokens, 9)], ALL)
                assert [answer.total for answer in answers] == [5, 5]
                matched = {match.matched for answer in answers for match in answer.matches}
                seen.append({int(token[3:-1]) for tokens in matched for token in tokens})

    threads = [Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(1, 9):
        commit(number)
    stop = True
    for thread in threads:
        thread.join()
    assert all(len(numbers) == 1 for numbers in seen)
    assert len(seen) > 10


# -- damage -----------------------------------------------------------------------------------------------------------


def reads(index: EmbeddedIndex) -> Iterator[Callable[[], object]]:
    yield lambda: index.legs([TextLeg("en", ("drill",), 5)], ALL)
    yield lambda: index.documents("en", ["north/1"])
    yield lambda: index.counts("b1")
    yield lambda: index.suggest("en", "dr", 5)


def put(path: Path, content: bytes) -> None:
    """Put other bytes in the place of a file's; who still has the old ones in memory does not die of it (SIGBUS)."""
    other = path.with_name(f"{path.name}.other")
    other.write_bytes(content)
    other.replace(path)


@pytest.mark.parametrize("suffix", [".idx", ".term", ".store", ".fast", ".fieldnorm", "meta.json"])
@pytest.mark.parametrize("harm", ["lost", "cut", "altered"])
def test_a_damaged_language_is_an_error_that_says_what_to_do(folder: Path, suffix: str, harm: str) -> None:
    with EmbeddedIndex(folder) as whole:
        fill(whole)
        whole.promote("b1", None)
    for path in folder.glob(f"b1/en.*/*{suffix}"):
        if harm == "lost":
            path.unlink()
        else:
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 0xFF
            put(path, content if harm == "altered" else content[: len(content) // 2])
    with EmbeddedIndex(folder) as index:
        for read in reads(index):
            with pytest.raises(BrokenIndexError) as caught:
                read()
            assert str(folder / "b1") in str(caught.value)
            assert "lexicart index --full" in str(caught.value)
        with pytest.raises(BrokenIndexError):
            index.promote("b1", "b1")
        # The other language goes on.
        assert titled(index, "Kreissäge", "de") == ["north/2"]


@pytest.mark.parametrize("harm", ["lost", "altered"])
@pytest.mark.parametrize("suffix", [".idx", ".store", "meta.json"])
def test_a_change_does_not_turn_damage_into_content(folder: Path, suffix: str, harm: str) -> None:
    with EmbeddedIndex(folder) as whole:
        fill(whole)
        whole.promote("b1", None)
    [path] = folder.glob(f"b1/en.*/*{suffix}")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.unlink()
    if harm == "altered":
        put(path, content)

    def change(index: EmbeddedIndex) -> None:
        index.write("b1", [document("new/9", "en", "Drill press")], [])
        index.commit("b1")
        titled(index, "drill")

    with EmbeddedIndex(folder) as index, pytest.raises(BrokenIndexError):
        change(index)


@pytest.mark.parametrize("harm", ["lost", "cut", "altered", "empty"])
def test_a_damaged_neutral_file_is_an_error_that_says_what_to_do(folder: Path, harm: str) -> None:
    with EmbeddedIndex(folder) as index:
        fill(index)
        index.promote("b1", None)
    path = folder / "b1" / "neutral.db"
    if harm == "lost":
        path.unlink()
    else:
        content = path.read_bytes()
        put(path, {"cut": content[:3000], "altered": b"x" * len(content), "empty": b""}[harm])
    with EmbeddedIndex(folder) as index:
        for read in reads(index):
            with pytest.raises(BrokenIndexError, match="lexicart index --full"):
                read()


def test_a_live_build_that_is_gone_is_an_error(index: EmbeddedIndex, folder: Path) -> None:
    fill(index)
    index.promote("b1", None)
    shutil.rmtree(folder / "b1")
    with pytest.raises(BrokenIndexError, match="b1"):
        index.legs([CodeLeg(("GSR18",), 5)], ALL)


@pytest.mark.parametrize("content", ["", "../b1\n", "\x00", "Ä"])
def test_a_pointer_that_names_no_build_is_an_error(index: EmbeddedIndex, folder: Path, content: str) -> None:
    fill(index)
    index.promote("b1", None)
    (folder / "LIVE").write_text(content, encoding="utf-8")
    with pytest.raises(BrokenIndexError, match="LIVE"):
        index.legs([CodeLeg(("GSR18",), 5)], ALL)


def test_a_failed_write_gives_up_what_was_not_committed(index: EmbeddedIndex) -> None:
    fill(index)
    index.promote("b1", None)

    def breaking() -> Iterator[IndexDocument]:
        yield document("new/9", "en", "Drill press")
        raise RuntimeError("the store went away")

    with pytest.raises(RuntimeError, match="went away"):
        index.write("b1", breaking(), [])
    index.commit("b1")
    assert "new/9" not in titled(index, "drill")
    index.write("b1", [document("new/8", "en", "Drill press")], [])
    index.commit("b1")
    assert "new/8" in titled(index, "drill")


def test_a_search_does_not_wait_for_a_writer_of_its_process(index: EmbeddedIndex) -> None:
    fill(index)
    index.promote("b1", None)
    began, answered = Event(), Event()

    def slow() -> Iterator[IndexDocument]:
        yield document("new/9", "en", "Drill press")
        began.set()
        assert answered.wait(20)

    writer = Thread(target=lambda: index.write("b1", slow(), []))
    writer.start()
    assert began.wait(20)
    assert sorted(titled(index, "drill")) == ["north/1", "west/4"]
    answered.set()
    writer.join()
    index.commit("b1")
    assert "new/9" in titled(index, "drill")


def test_an_index_that_is_forgotten_does_not_keep_the_lock(index: EmbeddedIndex, folder: Path) -> None:
    fill(index)
    index.promote("b1", None)
    gc.collect()
    gc.disable()
    try:
        forgotten = EmbeddedIndex(folder)
        forgotten.write("b1", [document("new/9", "en", "Drill press")], [])
        del forgotten
        index.write("b1", [document("new/8", "en", "Drill press")], [])
        index.commit("b1")
    finally:
        gc.enable()
    assert sorted(titled(index, "press")) == ["new/8"]


def test_closing_gives_up_what_was_not_committed(folder: Path) -> None:
    with EmbeddedIndex(folder) as index:
        fill(index)
        index.promote("b1", None)
        index.write("b1", [document("new/9", "en", "Drill press")], [])
    with EmbeddedIndex(folder) as index:
        assert "new/9" not in titled(index, "drill")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), UnavailableError),
        (PermissionError(errno.EACCES, "Permission denied"), UnavailableError),
        (FileNotFoundError(errno.ENOENT, "No such file"), BrokenIndexError),
        (OSError(errno.EIO, "Input/output error"), BrokenIndexError),
        (UsageError("wrong"), UsageError),
        (RuntimeError("a bug"), RuntimeError),
    ],
)
def test_what_passes_is_told_apart_from_damage(tmp_path: Path, raised: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught, reporting_damage(tmp_path):
        raise raised
    assert type(caught.value) is expected


def test_a_full_disk_is_no_damage_and_loses_nothing(index: EmbeddedIndex, folder: Path) -> None:
    fill(index)
    index.promote("b1", None)
    script = """
import os, resource, signal
from catalog.errors import LexicartError
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    index.write("b1", [document(f"s/{at}", "en", os.urandom(3000).hex()) for at in range(1000)], [])
    index.commit("b1")
except LexicartError as exc:
    print(type(exc).__name__, flush=True)
"""
    with run(script, folder) as other:
        said, _ = other.communicate()
    assert said == "UnavailableError\n"
    assert "north/1" in titled(index, "drill")
    index.write("b1", [document("new/9", "en", "Drill press")], [])
    index.commit("b1")
    assert "new/9" in titled(index, "drill")


# -- memory and disk --------------------------------------------------------------------------------------------------


def test_a_delta_brings_everything_in_memory_up_to_date(index: EmbeddedIndex) -> None:
    fill(index)
    index.promote("b1", None)
    means = {"de": direction((3, 1)), "en": direction((4, 1))}

    def everything() -> object:
        legs = (
            TextLeg("en", ("drill", "lamp", "press"), 9),
            VectorLeg(direction((0, 1), (2, 1)), 9),
            VectorLeg(direction((0, 1), (2, 1)), 9, means),
            BrowseLeg("en", "newest", 9),
        )
        facts = [index.facets(["brand", "category", "currency"], None, ALL)]
        filtered = Filters({"currency": ("EUR",)}, ((Decimal(1), Decimal(120)),))
        return [*index.legs(legs, ALL), *index.legs(legs, filtered), facts, sorted(index.products(["west/4", "new/9"]))]

    everything()
    facts = replace(SHOP_PRODUCTS[1].facts, brand="festo", prices={"EUR": Decimal(77)})
    index.delete("b1", ["east/3"])
    index.write(
        "b1",
        [document("new/9", "en", "Drill press", facts=facts)],
        [
            product("new/9", direction((2, 1), (7, 1)), lang="pl", facts=facts),
            replace(SHOP_PRODUCTS[0], source_lang="fr"),
        ],
    )
    index.commit("b1")
    after = everything()
    with EmbeddedIndex(index._shelf.folder) as fresh:
        index, warm = fresh, after
        assert everything() == warm


def test_a_language_that_did_not_change_keeps_its_folder(index: EmbeddedIndex, folder: Path) -> None:
    fill(index)
    for number in range(3):
        index.write("b1", [document("new/9", "en", f"Drill press {number}")], [])
        index.commit("b1")
    names = sorted(path.name for path in (folder / "b1").iterdir() if path.is_dir())
    assert names == ["de.1", "en.3", "en.4"]


def test_prices_are_compared_exactly() -> None:
    assert units(Decimal("0.0035")) == 3500
    assert units(Decimal("1E+30")) == units(Decimal("99999999999999")) == HIGHEST_AMOUNT
    assert units(Decimal("-5")) == units(Decimal("-1E+30")) == 0
    assert bounds((Decimal("1.00000001"), Decimal("2.99999999"))) == (1_000_001, 2_999_999)
    assert bounds((None, None)) == (0, HIGHEST_AMOUNT)


# -- any text ---------------------------------------------------------------------------------------------------------

any_text = st.text(st.characters(), max_size=60)
awkward = "aäßñçıİşłжёй가힣方漢カ゛ー١٢२ﬁ²½µ™\ufe0f\u0301\u0640\u200d\u00ad\u037a\ufdfa\x00\x1f\ud800\udfff \t\n.-/'"
word_text = st.text(st.sampled_from(awkward), max_size=40)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(any_text | word_text, any_text | word_text), min_size=1, max_size=8), st.sampled_from(CODES))
def test_no_text_crashes_or_loses_a_document(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]], lang: str
) -> None:
    with EmbeddedIndex(tmp_path_factory.mktemp("any")) as index:
        index.create("b1", [lang])
        documents = [
            document(f"s/{at}", lang, title, category=(other,), body=(other, title), brand=other)
            for at, (title, other) in enumerate(texts)
        ]
        products = [
            product(f"s/{at}", direction((at, 1)), codes=(other,), concepts=(title,), title=title)
            for at, (title, other) in enumerate(texts)
        ]
        report = index.write("b1", documents, products)
        assert (report.accepted, dict(report.rejected)) == (2 * len(texts), {})
        index.commit("b1")
        assert dict(index.counts("b1")) == {lang: len(texts), "": len(texts)}
        index.promote("b1", None)
        found = index.documents(lang, [one.id for one in documents])
        for at, (title, _) in enumerate(texts):
            assert found[f"s/{at}"].title == re.sub("[\ud800-\udfff]", "\ufffd", title)
            tokens = tuple(token.text for token in index.analyze(lang, title))
            [answer] = index.legs([TextLeg(lang, tokens, 10)], ALL)
            assert not tokens or f"s/{at}" in ids(answer)
            assert all(token.documents > 0 for token in index.analyze(lang, title))
            index.suggest(lang, title, 5)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1, 1, width=32), min_size=8, max_size=8))
def test_stored_vectors_keep_their_direction(tmp_path_factory: pytest.TempPathFactory, values: list[float]) -> None:
    vector = np.array(values, dtype=np.float32)
    if np.linalg.norm(vector) < 1e-3:
        return
    vector /= np.linalg.norm(vector)
    with EmbeddedIndex(tmp_path_factory.mktemp("vectors")) as index:
        index.create("b1", ["en"])
        index.write("b1", [], [product("s/1", vector)])
        index.commit("b1")
        [answer] = index.legs([VectorLeg(vector, 1)], ALL, "b1")
        assert answer.matches[0].score == pytest.approx(1.0, abs=1e-3)
