"""``python -m tests.servers.elasticsearch start [--nodes 1|3]`` and ``stop``: what the Makefile calls."""

import argparse
import sys

from tests.servers.elasticsearch.cluster import Cluster, StartError
from tests.servers.elasticsearch.distribution import missing
from tests.servers.elasticsearch.maven import NotFetchedError, cache_folder
from tests.servers.elasticsearch.running import STANDING

FOLDER = cache_folder() / STANDING
"""Where the cluster of ``make cluster-start`` lies."""


def main() -> int:
    """Start or stop; print the addresses, one a line, as the last thing on standard output."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers.elasticsearch")
    parser.add_argument("action", choices=("start", "stop"))
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    given = parser.parse_args()
    if given.action == "stop":
        Cluster(FOLDER).stop()
        return 0
    if lacking := missing():
        print(f"no cluster: {lacking}", file=sys.stderr)
        return 4
    try:
        urls = Cluster(FOLDER, given.nodes).start()
    except (StartError, NotFetchedError) as exc:
        print(f"no cluster: {exc}", file=sys.stderr)
        return 4
    print("\n".join(urls))
    return 0


if __name__ == "__main__":
    sys.exit(main())
