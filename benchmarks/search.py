"""How well and how fast the search answers on the samples: quality beside the vectors alone, latency over HTTP."""

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

from api import demo
from api.bootstrap import Parts
from api.evaluating import evaluate_live, evaluate_vectors
from api.settings import load
from search.evaluation import read_queries

ROOT = Path(__file__).resolve().parent.parent
QUERIES = ROOT / "tests" / "data" / "queries.jsonl"


def main() -> None:
    """Print Markdown tables."""
    with tempfile.TemporaryDirectory() as folder:
        home = f"{folder}/demo"
        for _ in demo.run(home):
            pass
        parts = Parts(load(home=home))
        rows = {"vectors alone": evaluate_vectors(parts, QUERIES), "Lexicart": evaluate_live(parts, QUERIES)}
        print("| ranking | recall@10 | success@1 | mrr@10 |\n|---|---|---|---|")
        for name, result in rows.items():
            values = (result.overall[metric] for metric in ("recall@10", "success@1", "mrr@10"))
            print(f"| {name} | {' | '.join(f'{value:.3f}' for value in values)} |")
        over_http(home)


def over_http(home: str) -> None:
    """Ask a real server every query, warm, one after the other."""
    port = _free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "api", "serve", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, "LEXICART_HOME": home},
    )
    try:
        _wait(port)
        queries = read_queries(QUERIES)
        times = []
        for turn in range(2):
            for query in queries:
                asked = urllib.parse.urlencode({"q": query.query, "lang": query.lang})
                started = time.perf_counter()
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/search?{asked}") as answer:
                    json.load(answer)
                if turn:
                    times.append((time.perf_counter() - started) * 1000)
    finally:
        server.terminate()
        server.wait()
    quantiles = statistics.quantiles(times, n=20)
    print(f"\n| over HTTP, warm, {len(times)} searches | ms |\n|---|---|")
    print(f"| p50 | {statistics.median(times):.1f} |\n| p95 | {quantiles[-1]:.1f} |")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/livez").close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server did not start")


if __name__ == "__main__":
    main()
