"""The packages of Lexicart among those of others."""

from importlib import import_module
from pathlib import Path

from catalog.errors import UsageError

PACKAGES = ("catalog", "translation", "indexes", "search", "api")


def refuse_foreign_packages() -> None:
    """Refuse to start when a package of ours is another distribution's.

    ``search`` and ``api`` are names that others use too; in a shared environment Python may import theirs.

    Raises:
        UsageError: names the package and the file that was imported.
    """
    home = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        found = import_module(name).__file__
        if found is None or Path(found).resolve().parent.parent != home:
            raise UsageError(
                f"the package {name!r} was imported from {found}, which is not Lexicart's: install Lexicart in a "
                "virtual environment of its own (pipx install, or python -m venv)"
            )
