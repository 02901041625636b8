"""Nodes of a cluster killed while it is built on and searched: nothing is lost, and no search fails.

``python -m tests.cluster_kills --searches 10000`` by hand; it starts a cluster of three nodes in a folder of its own
and ends it. The first kills meet a full build and a delta each, halfway; then disks are full, then all nodes are gone
for a while (only then a search may fail, by saying so); further kills come while only searches run, a data node and the
master in turn. Prints what happened and exits with status 1 when a document was lost or changed, or a search failed.
"""

import argparse
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from catalog.errors import UnavailableError
from tests.servers.elasticsearch.cluster import Cluster
from tests.servers.faults.contents import differences, number_of_documents
from tests.servers.faults.killing import Halfway, Killer
from tests.servers.faults.searching import Searchers
from tests.servers.faults.shop import open_parts, stock

ROLES = ("data", "master")

_OUTAGE_SECONDS = 20
_BLOCK_SECONDS = 120

_DISK = "cluster.routing.allocation.disk"
_WATERMARKS = ("low", "high", "flood_stage")


class Storm:
    """An installation on a cluster whose nodes are killed.

    Args:
        cluster: runs already.
        home: folder of the store.
        products: how many products there are.
        langs: languages of its indexes, all fifteen where it is empty.
    """

    def __init__(self, cluster: Cluster, home: Path, products: int, langs: str = "") -> None:
        self.killer = Killer(cluster)
        self.products = products
        self.urls = cluster.urls
        prefix = f"storm{secrets.token_hex(3)}"
        self.builder = open_parts(home, self.urls, prefix, langs)
        self.buyers = open_parts(home, self.urls, prefix, langs)
        self.edition = 0
        self.faults: list[str] = []

    def begin(self) -> None:
        """Fill the store and make the first build, undisturbed."""
        stock(self.builder, self.products)
        self._build("the first build", full=True)

    def write_and_kill(self, role: str, searchers: Searchers, *, full: bool) -> None:
        """Change every product and kill a node when half of them are on the cluster."""
        self.edition += 1
        stock(self.builder, self.products, self.edition)
        halfway = Halfway(self.products, lambda: self.killer.kill(role))
        what = f"{'full build' if full else 'delta'}, {role} node killed"
        with self._watched(what, searchers):
            self._build(what, full=full, progress=halfway)
        if not halfway.done:
            self.faults.append(f"{what}: the kill came too late")
        self.killer.revive_all()
        self.compare(f"{what}, node back")

    def search_and_kill(self, role: str, searchers: Searchers, number: int) -> None:
        """Kill a node while only searches run, and bring it back."""
        with self._watched(f"searches, {role} node killed", searchers):
            self.killer.kill(role)
            searchers.wait_for(number)
            self.killer.revive_all()

    def outage(self, searchers: Searchers) -> None:
        """Kill all nodes while a delta is written, and bring them back: searches fail meanwhile, the delta goes on."""
        self.edition += 1
        stock(self.builder, self.products, self.edition)
        reviver = threading.Timer(_OUTAGE_SECONDS, self.killer.revive_all)

        def kill() -> None:
            self.killer.kill_all()
            reviver.start()

        halfway, started, failed = Halfway(self.products, kill), time.monotonic(), len(searchers.failed)
        self._build("delta, all nodes killed", full=False, progress=halfway)
        reviver.join()
        searchers.wait_for(20)
        fresh = searchers.failed[failed:]
        del searchers.failed[failed:]
        print(
            f"  delta, all nodes killed for {_OUTAGE_SECONDS} s: done after {time.monotonic() - started:.0f} s by "
            f"itself; {len(fresh)} searches meanwhile said so: {fresh[:1]}"
        )
        self.faults += [one for one in fresh if "UnavailableError" not in one][:5]

    def fill_disks(self) -> None:
        """Let a delta meet full disks, and the next one find room again."""
        self.edition += 1
        stock(self.builder, self.products, self.edition)
        with self.disks_full():
            try:
                self.builder.builder().update()
                self.faults.append("full disks: the delta went on")
            except UnavailableError as exc:
                print(f"  full disks: {exc}")
        self._build("delta, disks have room again", full=False)

    @contextmanager
    def disks_full(self) -> Iterator[None]:
        """Let the cluster take its disks for full, until it has blocked what is written to."""
        live = f"{self.builder.settings.elasticsearch_prefix}-en"
        self._want_free("900tb")
        self._wait_for_block(live, True)
        try:
            yield
        finally:
            self._want_free("1b")
            self._wait_for_block(live, False)

    def _want_free(self, space: str) -> None:
        """Let disks count as full that have less free space."""
        settings = {f"{_DISK}.watermark.{name}": space for name in _WATERMARKS}
        checked = {f"{_DISK}.threshold_enabled": True, "cluster.info.update.interval": "10s"}
        self.builder.cluster.admin.cluster.put_settings(persistent={**settings, **checked})

    def _wait_for_block(self, index: str, is_there: bool) -> None:
        end = time.monotonic() + _BLOCK_SECONDS
        while True:
            found = self.builder.cluster.reads.indices.get_settings(index=index, flat_settings=True)
            [settings] = [one["settings"] for one in found.values()]
            if (settings.get("index.blocks.read_only_allow_delete") == "true") == is_there:
                return
            assert time.monotonic() < end, "the cluster does not look at its disks"
            time.sleep(0.2)

    def close(self) -> None:
        """Close all connections."""
        for one in (self.builder, self.buyers):
            one.cluster.close()
            one.close()

    def _build(self, what: str, *, full: bool, progress: Halfway | None = None) -> None:
        builder = self.builder.builder(progress) if progress else self.builder.builder()
        report = builder.update(full=full)
        print(f"  {what}: {report.mode}, {report.seconds:.1f} s, promoted {report.promoted}, {report.reasons[:3]}")
        if report.reasons or report.mode != ("full" if full else "delta"):
            self.faults.append(f"{what}: {report.mode} {report.reasons}")
        self.compare(what)

    def compare(self, what: str) -> None:
        """Note what is not on the cluster as the store says."""
        self.faults += [f"{what}: {one}" for one in differences(self.builder)]

    @contextmanager
    def _watched(self, what: str, searchers: Searchers) -> Iterator[None]:
        since, before, failed = time.monotonic(), searchers.answered, len(searchers.failed)
        yield
        fresh = searchers.failed[failed:]
        gap, began = searchers.gap(since)
        print(
            f"  {what}: {searchers.answered - before} searches answered, {len(fresh)} failed, longest gap {gap:.2f} s "
            f"({began - self.killer.killed_at:.1f} s after the kill), {time.monotonic() - since:.0f} s in all",
            flush=True,
        )
        self.faults += [f"{what}: {one}" for one in fresh[:5]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Let a storm pass and say what it broke."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--searches", type=int, default=10_000, help="go on killing until so many were answered")
    parser.add_argument("--products", type=int, default=1_500)
    parser.add_argument("--langs", default="", help="languages, separated by commas; all fifteen by default")
    parser.add_argument("--only-searches", action="store_true", help="kill nodes while only searches run")
    parser.add_argument("--threads", type=int, default=3, help="searches side by side")
    parser.add_argument("--folder", type=Path, help="of the cluster; one that runs there is used, and left running")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        cluster = Cluster(chosen.folder or Path(scratch) / "cluster", 3)
        print("nodes:", *cluster.start())
        try:
            storm = Storm(cluster, Path(scratch) / "home", chosen.products, chosen.langs)
            found = run(storm, chosen.searches, chosen.threads, only_searches=chosen.only_searches)
        finally:
            if chosen.folder is None:
                cluster.stop()
    for fault in found:
        print(f"FAULT: {fault}")
    return bool(found)


def run(storm: Storm, searches: int, threads: int, *, only_searches: bool = False) -> list[str]:
    """Do all kills; return what is not as it should be."""
    storm.begin()
    print(f"{number_of_documents(storm.builder)} documents of {storm.products} products")
    with Searchers(storm.buyers, storm.products, threads) as searchers:
        searchers.wait_for(100)
        if not only_searches:
            for full in (True, False):
                for role in ROLES:
                    storm.write_and_kill(role, searchers, full=full)
            storm.fill_disks()
            storm.outage(searchers)
        turn = 0
        while searchers.answered < searches:
            storm.search_and_kill(ROLES[turn % 2], searchers, min(500, searches))
            turn += 1
    storm.killer.revive_all()
    storm.compare("in the end")
    print(
        f"{len(storm.killer.killed)} nodes killed ({sum(role == 'master' for _, role in storm.killer.killed)} of them "
        f"the master), {searchers.answered} searches answered by {threads} threads, {len(searchers.failed)} failed, "
        f"longest gap {searchers.gap()[0]:.2f} s; median {1000 * searchers.slowest(0.5):.0f} ms, 99 % in "
        f"{searchers.slowest(0.99):.2f} s, the slowest in {searchers.slowest():.2f} s"
    )
    storm.close()
    return storm.faults


if __name__ == "__main__":
    raise SystemExit(main())
