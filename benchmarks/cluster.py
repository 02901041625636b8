"""What fifteen languages cost on an Elasticsearch cluster: building, bytes, searching meanwhile, a delta, the swap.

``python -m benchmarks.cluster --products 100000``. It starts a node of its own (``--url`` names a cluster instead) and
fills a store with products of fifteen suppliers. **Their translations are not made by engines**, which takes hours:
they are the words of the same concepts in each language, written through the store's own interface as ``translate``
does. Then it makes a full build; another one beside it, while a process searches; a delta after a hundredth of the
products changed; and moves the aliases. Processor time is told beside the clock's: other work on the machine disturbs
it less.
"""

import argparse
import random
import secrets
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from elasticsearch import Elasticsearch

from api.bootstrap import Parts
from api.settings import load
from benchmarks.filling import Filler
from benchmarks.meanwhile import latencies, searching
from benchmarks.nodes import Most, Nodes
from benchmarks.synthetic import Market
from catalog.languages import CODES
from indexes.build import IndexReport

CHANGED = 0.01
"""Share of the products that a delta brings in: half of them differ, a quarter is withdrawn, a quarter is new."""

_QUERIES_A_LANGUAGE = 8


@dataclass(slots=True)
class Phase:
    """A stretch of work: when it was, and the processor time of this process and of the nodes, in seconds."""

    began: float
    ended: float = 0.0
    ours: float = 0.0
    nodes: float = 0.0
    collecting: float = 0.0
    written: float = 0.0
    most: list[Most] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """By the clock."""
        return self.ended - self.began

    @property
    def processor(self) -> float:
        """Of both."""
        return self.ours + self.nodes


class Bench:
    """One installation, and what is measured on it.

    Args:
        parts: of the process that builds.
        products: how many the market has.
    """

    def __init__(self, parts: Parts, products: int) -> None:
        self.parts = parts
        self.products = products
        self.market = Market()
        self.filler = Filler(parts, self.market)
        self.nodes = Nodes(parts.cluster.admin)
        self.phases: dict[str, Phase] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[Phase]:
        """Measure what is done within."""
        with self.nodes.gauge() as most:
            phase = Phase(time.time())
            ours, nodes, collecting = time.process_time(), self.nodes.processor(), self.nodes.collecting()
            yield phase
            phase.ended = time.time()
            phase.ours = time.process_time() - ours
            phase.nodes = self.nodes.processor() - nodes
            phase.collecting = self.nodes.collecting() - collecting
        phase.most = most
        self.phases[name] = phase

    def build(self, name: str, *, full: bool) -> IndexReport:
        """Bring the indexes up to date; note when the last product was written."""
        with self.phase(name) as phase:
            builder = self.parts.builder(lambda _products: setattr(phase, "written", time.time()))
            report = builder.update(full=full)
        if report.reasons:
            raise SystemExit(f"the build {report.build} was refused: {report.reasons[:3]}")
        return report

    def queries(self) -> list[tuple[str, str]]:
        """Return what is searched for and the buyer's language: kinds of goods, with a colour, a material, a code."""
        chance = random.Random(5)
        found = []
        for lang in self.parts.settings.langs:
            for number in range(_QUERIES_A_LANGUAGE):
                one = self.market.choose(chance.randrange(self.products))
                noun, colour = one.noun.preferred(lang), one.colour.preferred(lang)
                asked = (noun, f"{noun} {colour}", f"{noun} {one.material.preferred(lang)} {one.size} {one.unit}")
                found.append((one.code if number == 0 else asked[number % 3], lang))
        chance.shuffle(found)
        return found

    # -- moving the aliases -------------------------------------------------------------------------------------------

    def swap(self) -> dict[str, float]:
        """Roll back to the build before and promote the newest again; return the seconds of each."""
        newest = self.parts.index.live()
        assert newest is not None
        started = time.perf_counter()
        before = self.parts.builder().rollback()
        rolled = time.perf_counter()
        self.parts.index.promote(newest, before.name)
        swapped = time.perf_counter()
        self.parts.builds.live(newest)
        return {"rollback": rolled - started, "aliases": swapped - rolled}


# -- the whole --------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] = ()) -> None:
    """Print Markdown tables, each as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=2_000)
    parser.add_argument("--langs", default=",".join(CODES))
    parser.add_argument("--url", help="of a cluster; without it a node is started, and stopped at the end")
    parser.add_argument("--folder", type=Path, help="for the node and the store; removed at the end")
    parser.add_argument("--watch", type=float, default=30.0, help="seconds of searching before and after a build")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # a node must not outlive its benchmark
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=chosen.folder)))
        folder.chmod(0o755)  # a node that root starts runs as somebody else
        settings = {
            "home": f"{folder}/home",
            "langs": chosen.langs,
            "index": "elasticsearch",
            "elasticsearch_url": chosen.url or _own_node(stack, folder / "node"),
            "elasticsearch_prefix": f"bench-{secrets.token_hex(4)}",
        }
        parts = Parts(load(**settings))
        stack.callback(parts.close)
        stack.callback(_clear, parts)
        measure(Bench(parts, chosen.products), settings, folder / "searches.jsonl", chosen.watch)


def _own_node(stack: ExitStack, folder: Path) -> str:
    from tests.servers.elasticsearch.cluster import Cluster

    cluster = Cluster(folder, 1)
    stack.callback(cluster.stop)
    urls = cluster.start()
    with Elasticsearch(urls) as client:
        # This collector lets the heap fill before it collects; at 95 % of a small one the node would refuse searches.
        client.cluster.put_settings(persistent={"indices.breaker.total.limit": "100%"})
    return ",".join(urls)


def _clear(parts: Parts) -> None:
    """Remove what was made on the cluster, by full names."""
    client = parts.cluster.admin
    names = list(client.indices.get(index=f"{parts.settings.elasticsearch_prefix}-*", filter_path="*.aliases"))
    if names:
        client.indices.delete(index=names)


def measure(bench: Bench, settings: dict[str, str], file: Path, watch: float) -> None:
    """Go through all that is measured."""
    with bench.phase("fill") as filling:
        translations = bench.filler.fill([(place, 0) for place in range(bench.products)])
    _say(f"store filled: {bench.products:,} products, {translations:,} translations in {filling.seconds:,.0f} s\n")
    first = bench.build("build", full=True)
    merged = bench.nodes.settle(_indexes(bench, first.build))
    _say(*_costs(bench, "build"), f"\nmerges ended {merged:.0f} s after the build\n")
    _say(*_sizes(bench, first.build))
    with searching(settings, bench.queries(), file):
        with bench.phase("before"):
            time.sleep(watch)
        bench.build("build while searched", full=True)
        with bench.phase("after"):
            time.sleep(watch)
    _say("| searches, with facets | number | p50, ms | p95, ms | slowest | failed | without a hit |", "|---" * 7 + "|")
    for name, label in (("before", "before the build"), ("build while searched", "during it"), ("after", "after it")):
        _say(f"| {label} | {latencies(file, bench.phases[name].began, bench.phases[name].ended)} |")
    _say("", *_costs(bench, "build while searched"))
    with bench.phase("change"):
        bench.filler.change(bench.products, CHANGED)
    delta = bench.build("delta", full=False)
    bench.build("delta of nothing", full=False)
    _say("", *_shares(bench, delta))
    _say("", *(f"{what}: {seconds * 1000:,.0f} ms" for what, seconds in bench.swap().items()))


def _indexes(bench: Bench, build: str) -> list[str]:
    prefix = bench.parts.settings.elasticsearch_prefix
    return [f"{prefix}-{part}-{build}" for part in (*bench.parts.settings.langs, "products")]


def _costs(bench: Bench, name: str) -> Iterator[str]:
    phase = bench.phases[name]
    documents = bench.products * (len(bench.parts.settings.langs) + 1)
    writing = phase.written - phase.began
    [most] = phase.most
    yield f"| {name}: {documents:,} documents | s | documents/s |"
    yield "|---|---|---|"
    yield f"| by the clock | {phase.seconds:,.0f} | {documents / phase.seconds:,.0f} |"
    yield f"| of these until the last was written | {writing:,.0f} | {documents / writing:,.0f} |"
    yield f"| processor: builder | {phase.ours:,.0f} | {documents / phase.ours:,.0f} |"
    yield f"| processor: nodes | {phase.nodes:,.0f} | {documents / phase.nodes:,.0f} |"
    yield f"| of these collecting garbage | {phase.collecting:,.1f} | |"
    yield ""
    yield (
        f"builder at most {most.resident:,.0f} MiB; heap at most {most.heap:,.0f} of {most.heap_limit:,.0f} MiB, "
        f"at least {most.least_heap:,.0f} in the second half"
    )


def _sizes(bench: Bench, build: str) -> Iterator[str]:
    """Yield bytes a product, which in a language is one document; Elasticsearch itself counts each price as well."""
    yield "| index | segments | bytes a document | inverted | stored | doc values | points, norms | vectors |"
    yield "|---" * 8 + "|"
    total = 0
    indexes = _indexes(bench, build)
    for name, part in zip(indexes, (*bench.parts.settings.langs, "without language"), strict=True):
        size, segments = bench.nodes.size(name)
        total += size
        found = bench.nodes.fields(name)[""]
        small = found["points"] + found["norms"]
        parts = [*(found[kind] for kind in ("inverted_index", "stored_fields", "doc_values")), small]
        columns = " | ".join(f"{one / bench.products:,.0f}" for one in (size, *parts, found["knn_vectors"]))
        yield f"| {part} | {segments} | {columns} |"
    yield f"\nof a product in all languages: {total / bench.products:,.0f} bytes"
    fields = bench.nodes.fields(indexes[-1])
    vectors, whole, searched = (
        f"{size / bench.products:,.0f}"
        for size in (fields["nearness"]["total"], fields[""]["total"], bench.nodes.searched(indexes[-1]))
    )
    yield f"vectors: {vectors} bytes a product of {whole} in the index without language; read at random {searched}"
    for name, one in sorted(fields.items(), key=lambda item: -item[1]["total"])[1:6]:
        yield f"  {name}: {one['total'] / bench.products:,.0f}"
    yield ""


def _shares(bench: Bench, delta: IndexReport) -> Iterator[str]:
    whole, night = bench.phases["build"], bench.phases["delta"]
    written = sum(one.written for one in delta.langs.values())
    yield f"| delta of {CHANGED:.0%}: {written:,} documents written | s | share of the build |"
    yield "|---|---|---|"
    yield f"| by the clock | {night.seconds:.2f} | **{night.seconds / whole.seconds:.2%}** |"
    yield f"| processor, both | {night.processor:.2f} | {night.processor / whole.processor:.2%} |"
    yield f"| when nothing changed, by the clock | {bench.phases['delta of nothing'].seconds:.2f} | |"


def _say(*lines: str) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
