"""Runs bergamot's C++ on a student model, for ``benchmarks.translation --bergamot PYTHON``.

PYTHON is an interpreter for which PyPI has a wheel of ``bergamot`` (up to 3.10), with that package in it and nothing of
ours: so this file stands alone. Arguments: model, shortlist, vocabulary. Each line of standard input is a JSON list of
texts; each is answered by a line with the seconds that they took, on the clock and of processor time.
"""

import importlib
import importlib.util
import json
import sys
import time
import types
from typing import Any


def extension() -> Any:
    """Import the extension alone: the package asks a server for its list of models when it is imported."""
    place = importlib.util.find_spec("bergamot")
    assert place is not None
    assert place.submodule_search_locations is not None
    package = types.ModuleType("bergamot")
    package.__path__ = list(place.submodule_search_locations)
    sys.modules["bergamot"] = package
    return importlib.import_module("bergamot._bergamot")


def main(model: str, shortlist: str, vocabulary: str) -> None:
    """Translate what is sent, on one thread, in batches as Firefox makes them."""
    bergamot = extension()
    service = bergamot.Service(bergamot.ServiceConfig(numWorkers=1, logLevel="off"))
    loaded = service.modelFromConfig(
        "\n".join(
            (
                f"models: [{model}]",
                f"vocabs: [{vocabulary}, {vocabulary}]",
                f"shortlist: [{shortlist}, false]",
                "beam-size: 1\nnormalize: 1.0\nword-penalty: 0\nmax-length-break: 128\nmax-length-factor: 2.0",
                "mini-batch-words: 1024\nworkspace: 128\nskip-cost: true\ncpu-threads: 0\nquiet: true",
                "quiet-translation: true\ngemm-precision: int8shiftAlphaAll\nalignment: soft",
            )
        )
    )
    options = bergamot.ResponseOptions(alignment=False, qualityScores=False, HTML=False)
    service.translate(loaded, bergamot.VectorString(["Red desk lamp"]), options)
    print("ready", flush=True)
    for line in sys.stdin:
        texts = bergamot.VectorString(json.loads(line))
        started, before = time.perf_counter(), time.process_time()
        service.translate(loaded, texts, options)
        print(json.dumps([time.perf_counter() - started, time.process_time() - before]), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
