"""The plan of docs/scale.md, computed: ``python -m benchmarks.plan`` prints its tables from what was measured.

Every option is a measured number or an assumption of the plan; after measuring anew, give the new one and take the
tables over.
"""

import argparse
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

DOCUMENT_BYTES: Mapping[str, int] = {
    **{"ar": 1_861, "de": 1_557, "en": 1_616, "es": 1_698, "fr": 1_693, "id": 1_658, "it": 1_702, "ja": 2_097},
    **{"ko": 1_941, "nl": 1_563, "pl": 1_691, "pt": 1_687, "ru": 1_931, "tr": 1_653, "zh": 1_913},
}
"""Of a document in each language, ``benchmarks.cluster``."""

GB = 10**9
TB = 10**12


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the plan is computed from; bytes are of one product unless they say otherwise."""

    products: float = 100e6
    changed: float = 0.01
    neutral_bytes: float = 4_950
    searched_vector_bytes: float = 564
    builder_rate: float = 2_729
    node_rate: float = 2_596
    shard_gb: float = 40
    copies: float = 2
    builds: float = 3
    disk_full: float = 0.75
    node_cores: float = 16
    node_memory_gb: float = 128
    node_heap_gb: float = 16
    node_disk_tb: float = 4
    words: float = 33
    distinct: float = 0.9
    legs: float = 1.0
    words_rate: float = 4_700
    texts: float = 2.5
    translation_row: float = 248
    text_row: float = 368
    product_row: float = 1_196
    occurrence_row: float = 247
    occurrences: float = 9
    store_rate: float = 5_000
    import_rate: float = 3_000
    follow_rate: float = 9_100
    window: float = 8
    core_hour: float = 0.05
    disk_month: float = 0.10


Row = tuple[str, str, str]

_TARGETS = len(DOCUMENT_BYTES) - 1
"""Languages into which a text is translated."""


def index(given: Inputs) -> Iterator[Row]:
    """Yield what the indexes take: name, value, formula."""
    documents = sum(DOCUMENT_BYTES.values())
    copied = _build_bytes(given)
    peak = copied * given.builds / given.disk_full
    by_disk, by_memory = _nodes_for(given)
    shards = shards_needed(given)
    yield "all languages, one build", f"{given.products * documents / TB:.1f} TB", "products x sum of bytes a document"
    yield "index without language", f"{given.products * given.neutral_bytes / TB:.2f} TB", "products x its bytes"
    yield "one build with a copy", f"{copied / TB:.1f} TB", f"x {given.copies:.0f}"
    yield (
        "disk at the peak of a full build",
        f"{peak / TB:.0f} TB",
        f"x {given.builds:.0f} (live, new, one kept) / {given.disk_full} (what a node may fill)",
    )
    yield "shards of each index", f"{shards}", f"largest index / {given.shard_gb:.0f} GB, as one setting holds for all"
    yield "shards in all", f"{shards * 16 * given.copies * given.builds:,.0f}", "x 16 indexes x copies x builds"
    yield "vectors and graphs in memory", f"{_vectors(given) / GB:.0f} GB", "products x bytes read at random x copies"
    yield (
        "nodes for the disk, for the memory",
        f"{by_disk}, {by_memory}",
        "peak / disk; 2 x vectors / (memory - heap) x .8",
    )
    yield (
        "**nodes**",
        f"**{max(by_disk, by_memory, 3)}**",
        f"the greater; {given.node_cores:.0f} cores, {given.node_memory_gb:.0f} GB each",
    )


def builds(given: Inputs) -> Iterator[Row]:
    """Yield what builds take."""
    documents = given.products * (len(DOCUMENT_BYTES) + 1)
    builder, node = _building(given), given.copies * documents / given.node_rate / 3600
    delta = given.changed
    yield "documents of a full build", f"{documents / 1e9:.1f} billion", "products x 16"
    yield "builders", f"{builder:,.0f} core-hours", "documents / rate of a builder's core"
    yield "**with one builder, as it is now**", f"**{builder / 24:,.0f} days**", "one process, one core"
    yield "builders for a full build in two days", f"{math.ceil(builder / 48)}", "core-hours / 48"
    yield "nodes", f"{node:,.0f} core-hours", "copies x documents / rate of a node's core"
    yield f"delta of {delta:.0%}, one builder", f"{builder * delta:,.1f} h", "core-hours x share"
    yield f"delta of {delta:.0%}, nodes", f"{node * delta:,.0f} core-hours", "core-hours x share"


def translation(given: Inputs) -> Iterator[Row]:
    """Yield what translation takes."""
    first = given.products * given.words * given.distinct * _TARGETS
    hours = _translating(given)
    night = hours * given.changed
    rows = given.products * given.changed * given.texts * _TARGETS
    yield "words of a first translation", f"{first / 1e9:.0f} billion", "products x words x distinct x 14 languages"
    yield (
        "first translation",
        f"{hours:,.0f} core-hours",
        f"x {given.legs:g} (over English, whose answers are kept) / words a core and second",
    )
    yield "on 200 cores", f"{hours / 200 / 24:.1f} days", "core-hours / 200"
    yield "a night", f"{night:,.0f} core-hours", f"x {given.changed:.0%}"
    cores = math.ceil(night / given.window)
    yield "**cores for a night**", f"**{cores}**", f"core-hours / {given.window:.0f} h"
    yield "rows written a night", f"{rows / 1e6:.0f} million", "products x share x texts x 14"
    yield (
        "time of one connection",
        f"{rows / given.store_rate / 3600:.1f} h",
        f"rows / {given.store_rate:,.0f} a second",
    )


def store(given: Inputs) -> Iterator[Row]:
    """Yield what the store takes."""
    rows = given.products * given.texts * _TARGETS
    parts = {
        "`translations`": (rows, given.translation_row),
        "`products`": (given.products, given.product_row),
        "`occurrences`": (given.products * given.occurrences, given.occurrence_row),
        "`texts`": (given.products * given.texts, given.text_row),
    }
    for name, (number, size) in parts.items():
        yield (
            name,
            f"{number / 1e9:.2f} billion rows, {number * size / TB:.2f} TB",
            f"{size:,.0f} bytes a row with indexes",
        )
    whole = sum(number * size for number, size in parts.values())
    answers = rows * 120
    yield (
        "`engine_results`",
        f"{rows / 1e9:.1f} billion rows, {answers / TB:.2f} TB",
        "one for each translation, 120 bytes",
    )
    yield "**store, with a third of air**", f"**{(whole + answers) * 1.33 / TB:.1f} TB**", "sum x 1.33"


def _in_two_hours(hours: float) -> str:
    """Return how many processes do in two hours what one does in more, or how long one takes."""
    return f"{math.ceil(hours / 2)} processes, 2 h" if hours > 2 else f"1 process, {hours:.1f} h"


def night(given: Inputs) -> Iterator[Row]:
    """Yield the steps of a night."""
    changed = given.products * given.changed
    reading = given.products / given.import_rate / 3600
    translating, building = _translating(given) * given.changed, _building(given) * given.changed
    nodes = given.copies * changed * (_TARGETS + 2) / given.node_rate / 3600
    cores = max(*_nodes_for(given), 3) * given.node_cores
    yield (
        "import, all feeds sent whole",
        f"{reading:.1f} h of a process",
        f"products / {given.import_rate:,.0f} a second",
    )
    yield "... suppliers side by side", _in_two_hours(reading), "hours / 2"
    yield "follow", f"{changed / given.follow_rate / 60:.0f} min", f"changed / {given.follow_rate:,.0f} a second"
    yield "translate", f"{math.ceil(translating / 2)} cores, 2 h", "core-hours of a night / 2"
    yield "delta, builders", _in_two_hours(building), "core-hours of a night / 2"
    yield "delta, nodes", f"{nodes / cores * 60:.0f} min of all", "core-hours of a night / cores of all nodes"
    yield "**together**", "**6.5 h**", "2 + 2 + 2 h, and half an hour for the rest"


def costs(given: Inputs) -> Iterator[Row]:
    """Yield money, from assumed prices."""
    nodes = max(*_nodes_for(given), 3)
    cluster = nodes * given.node_cores * 730 * given.core_hour + nodes * given.node_disk_tb * 1_000 * given.disk_month
    first, documents = _translating(given), _building(given)
    price = f"{given.core_hour} a core-hour"
    yield "cluster, a month", f"{cluster:,.0f}", f"nodes x (cores x 730 h x {price} + disk x {given.disk_month} a GB)"
    yield "first translation, once", f"{first * given.core_hour:,.0f}", f"core-hours x {price}"
    yield "builders of a full build", f"{documents * given.core_hour:,.0f}", f"core-hours x {price}"
    night = (first + documents) * given.changed * given.core_hour
    yield "nights, a month", f"{30 * night:,.0f}", "30 x (translation + builders) x share"


def _build_bytes(given: Inputs) -> float:
    return given.products * (sum(DOCUMENT_BYTES.values()) + given.neutral_bytes) * given.copies


def _vectors(given: Inputs) -> float:
    return given.products * given.searched_vector_bytes * given.copies


def _nodes_for(given: Inputs) -> tuple[int, int]:
    """Return how many nodes the disk asks for, and how many the memory."""
    peak = _build_bytes(given) * given.builds / given.disk_full
    cache = (given.node_memory_gb - given.node_heap_gb) * GB * 0.8
    return math.ceil(peak / (given.node_disk_tb * TB)), math.ceil(2 * _vectors(given) / cache)


def _building(given: Inputs) -> float:
    """Return the core-hours of the builders of a full build."""
    return given.products * (len(DOCUMENT_BYTES) + 1) / given.builder_rate / 3600


def _translating(given: Inputs) -> float:
    """Return the core-hours of a first translation."""
    words = given.products * given.words * given.distinct * _TARGETS
    return words * given.legs / given.words_rate / 3600


def shards_needed(given: Inputs) -> int:
    """Return into how many parts the largest index has to be cut."""
    largest = max(given.neutral_bytes, *DOCUMENT_BYTES.values()) * given.products
    return math.ceil(largest / given.shard_gb / GB)


def languages(given: Inputs) -> Iterator[str]:
    """Yield the rows of the table of languages."""
    rows = {**DOCUMENT_BYTES, "without language": int(given.neutral_bytes)}
    shards = shards_needed(given)
    for lang, size in rows.items():
        whole = size * given.products
        fitting = math.ceil(whole / given.shard_gb / GB)
        yield f"| {lang} | {size:,} | {whole / GB:,.0f} | {fitting} | {whole / GB / shards:.0f} |"


def main(arguments: Sequence[str] = ()) -> None:
    """Print Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    for one in fields(Inputs):
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=float, default=one.default)
    given = Inputs(**vars(parser.parse_args(arguments)))
    print(
        f"| index | bytes a document | GB | shards of {given.shard_gb:.0f} GB | GB a shard of {shards_needed(given)} |"
    )
    print("|---|---|---|---|---|", *languages(given), sep="\n")
    for title, rows in (
        ("indexes", index(given)),
        ("builds", builds(given)),
        ("translation", translation(given)),
        ("PostgreSQL", store(given)),
        ("a night", night(given)),
        ("USD", costs(given)),
    ):
        print(f"\n| {title} | computed | formula |\n|---|---|---|")
        for name, value, formula in rows:
            print(f"| {name} | {value} | {formula} |")


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
