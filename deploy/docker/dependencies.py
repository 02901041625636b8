"""Prints what pyproject.toml depends on, one requirement a line: ``dependencies.py pyproject.toml [EXTRA]...``.

So that an image has the dependencies in a layer of their own, below the source that changes more often.
"""

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["project"]
for requirement in (
    *project["dependencies"],
    *(one for name in sys.argv[2:] for one in project["optional-dependencies"][name]),
):
    sys.stdout.write(f"{requirement}\n")
