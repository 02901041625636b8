"""Commands about the installation: status, settings, migrate, serve, demo."""

import sys
from collections.abc import Mapping
from typing import Any

import click

from api.commands import common
from api.commands.common import json_option, parts, print_json, progress_bar, say
from api.commands.translating import coverage_lines, usage_line
from catalog.errors import UnavailableError, UsageError


@click.command("status")
@json_option
def status(as_json: bool) -> None:
    """Show products, texts by language and state, builds, what waits, engines with their pairs and licences."""
    from api.status import status_of

    found = status_of(parts())
    if as_json:
        print_json(found)
    else:
        _say_status(found)
    if found["index_error"] is not None:
        sys.exit(UnavailableError.exit_status)


def _say_status(found: Mapping[str, Any]) -> None:
    say(f"{sum(found['products'].values())} products of {len(found['products'])} suppliers")
    for supplier, number in found["products"].items():
        say(f"  {supplier}: {number}")
    for line in coverage_lines(found["texts"]):
        say(line)
    for engine in found["engines"]:
        pairs = ", ".join(engine["pairs"][:12]) + (" ..." if len(engine["pairs"]) > 12 else "")
        runtime = f", {engine['runtime']}" if engine["runtime"] else ""
        say(f"engine {engine['name']} ({engine['licence']}{runtime}): {pairs or 'no pair; fetch models'}")
        if engine["usage"]:
            say(f"  {usage_line(engine['name'], engine['usage'])}")
    for sentence in found["warnings"]:
        say(f"warning: {sentence}")
    say(f"termbase: {found['terms']} concepts")
    for build in found["builds"]:
        say(f"build {build['build']} {build['state']}: {build['documents']} documents")
    for worker in found["workers"]:
        say(f"worker {worker['place']}: {worker['texts']} texts in hand")
    if found["poisoned"]:
        say(f"{found['poisoned']} texts crash their engine: `lexicart translate --all` tries them once more")
    say(f"{found['queue']} products wait to be translated or indexed")
    if found["index_error"] is not None:
        say(f"the index can't be asked: {found['index_error']}")
    elif not found["builds"]:
        say("no index build yet: `lexicart index` makes one")


@click.command("settings")
@json_option
def settings(as_json: bool) -> None:
    """Show every setting, its value, where the value comes from and what it does."""
    from api.settings import describe

    rows = describe(common.settings())
    if as_json:
        print_json({"settings": rows})
        return
    for row in rows:
        say(f"{row['name']}={row['value']}  ({row['source']})")
        say(f"    {row['description']}")


@click.command("migrate")
@click.option("--from", "source", metavar="URL", help="Database of a store that is taken to another database.")
@click.option("--to", "target", metavar="URL", help="The other database, which has to be empty.")
@json_option
def migrate(source: str | None, target: str | None, as_json: bool) -> None:
    """Bring the store's schema to this version of Lexicart, or take a whole store to another database.

    A URL is sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE. The store that is read stays as it is.
    """
    from api.stores import migrate_store
    from catalog.database import SCHEMA_VERSION

    if (source is None) != (target is None):
        raise UsageError("--from and --to belong together: the store that is there, and the database it goes to")
    if source is not None and target is not None:
        _move(source, target, as_json)
        return
    before = migrate_store(parts().settings)
    if as_json:
        print_json({"from": before, "to": SCHEMA_VERSION})
        return
    say(f"schema {before or 'none'} -> {SCHEMA_VERSION}")


def _move(source: str, target: str, as_json: bool) -> None:
    from api.stores import move_store

    installation = parts()
    with progress_bar(None, "rows") as bar:
        moved = move_store(source, target, lambda _table, rows: bar.update(rows))
    if as_json:
        print_json(moved.as_json())
        return
    for table, number in moved.tables.items():
        say(f"{table}: {number}")
    say(f"{sum(moved.tables.values())} rows of {moved.source} are in {moved.target}")
    say(f"set LEXICART_DATABASE_URL to use it; uploads and indexes stay in {installation.home}")


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the HTTP API; its documentation is at /docs. The URL is printed on standard error."""
    from api import serving

    parts().database  # noqa: B018 - an outdated schema is refused before the port is opened
    serving.serve(host, port, workers)


@click.command("demo")
@click.option("--home", help="Folder to work in, emptied first; ./lexicart-demo by default.")
@click.option("--samples", help="Folder of catalogs; the samples that come with Lexicart by default.")
def demo(home: str | None, samples: str | None) -> None:
    """Run the whole job on the sample catalogs and show what came of it."""
    from api.demo import run

    common.settings()
    for line in run(home, samples):
        say(line)
