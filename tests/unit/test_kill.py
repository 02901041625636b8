"""kill -9 at random instants: nothing acknowledged is lost, a half-made build never serves, the next run finishes.

Three kills in `make test-all`, ten where changes land; ``LEXICART_TEST_KILLS=100`` for a long run by hand,
``LEXICART_TEST_SEED`` to repeat one.
"""

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.bootstrap import Parts
from api.settings import load
from indexes.embedding import SentenceEncoder
from search.model import SearchQuery
from tests.conftest import ROOT, STORM

pytestmark = STORM
KILLS = int(os.environ.get("LEXICART_TEST_KILLS", "3"))
SEED = int(os.environ.get("LEXICART_TEST_SEED", str(random.randrange(10**6))))
LANGS = "en,fr,pt"
ENCODER = SentenceEncoder()
Texts = dict[tuple[str, str, str], tuple[str, str]]
CATALOGS = ("northgate-outdoor.xml", "porto-casa.xlsx")
COMMANDS = (
    *(("import", str(ROOT / "samples" / name), "--supplier", name.split(".")[0]) for name in CATALOGS),
    ("translate",),
    ("index",),
    ("index", "--full"),
    ("index", "--full"),
)


class Installation:
    """A HOME that commands work in, each in a process of its own."""

    def __init__(self, home: Path) -> None:
        self.environment = {**os.environ, "LEXICART_HOME": str(home), "LEXICART_LANGS": LANGS}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "api", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, f"{arguments}: {err}"
        return out

    def parts(self) -> Parts:
        """Open what the commands left, as the next process would; only the encoder's weights are shared."""
        parts = Parts(load(home=self.environment["LEXICART_HOME"], langs=LANGS))
        parts.__dict__["encoder"] = ENCODER
        return parts

    def texts(self) -> Texts:
        parts = self.parts()
        parts.translations.follow()
        found = parts.translations.field_texts(sorted(parts.products.live_ids()), LANGS.split(","))
        return {
            (one.product, one.field, one.lang): (one.shown, one.translation.state.value)
            for fields in found.values()
            for one in fields
        }

    def found(self, query: str, lang: str) -> list[str]:
        page = self.parts().search.search(SearchQuery(query, lang))
        return [hit.id for hit in page.hits]

    def finish(self) -> None:
        for command in COMMANDS[:4]:
            self.run(*command)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    installation = Installation(tmp_path_factory.mktemp("undisturbed"))
    installation.finish()
    return installation


def kills(random_: random.Random) -> Iterator[tuple[tuple[str, ...], float]]:
    """Yield a command and when to kill it: from the moment it starts until it would be done."""
    for _ in range(KILLS):
        yield random_.choice(COMMANDS), random_.uniform(0.3, 1.0)


def test_kill_9_loses_nothing_that_was_acknowledged(undisturbed: Installation, tmp_path: Path) -> None:
    random_ = random.Random(SEED)
    installation = Installation(tmp_path)
    acknowledged: set[str] = set()
    indexed: set[str] = set()
    translated: Texts = {}
    killed = 0
    for command, seconds in kills(random_):
        process = installation.start(*command)
        time.sleep(seconds)
        process.kill()
        _, err = process.communicate()
        killed += process.returncode == -9
        assert process.returncode in (-9, 0), f"seed {SEED}, {command}: {err}"
        check_nothing_is_lost(installation, acknowledged, translated)
        check_what_serves_is_whole(installation, indexed)
        if process.returncode == 0:
            acknowledged = installation.parts().products.live_ids()
            indexed = acknowledged if command[0] == "index" else indexed
            translated = installation.texts() if command == ("translate",) else translated
    installation.finish()
    print(f"seed {SEED}: {killed} of {KILLS} commands were killed while they ran")
    assert installation.texts() == undisturbed.texts()
    for query, lang in (("cadeira de madeira", "pt"), ("tente 4 personnes", "fr"), ("NGO-10021", "en")):
        assert installation.found(query, lang) == undisturbed.found(query, lang)
    assert killed, "no command was killed while it ran: the instants are too late to test anything"


def check_nothing_is_lost(installation: Installation, acknowledged: set[str], translated: Texts) -> None:
    parts = installation.parts()
    assert acknowledged <= parts.products.live_ids()
    now = installation.texts()
    assert all(now[place] == text for place, text in translated.items())


def check_what_serves_is_whole(installation: Installation, indexed: set[str]) -> None:
    """As many documents in every language, and each product found by its sku that was indexed before."""
    parts = installation.parts()
    live = parts.index.live()
    if live is None:
        assert not indexed
        return
    counts = parts.index.counts(live)
    assert len(set(counts.values())) == 1, counts
    for name in sorted(indexed)[:2]:
        assert name in installation.found(parts.products.get(name).product.sku, "fr")
