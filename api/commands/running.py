"""Commands about the installation: status, settings, migrate, serve, demo."""

import click

from api.commands import common
from api.commands.common import json_option, parts, print_json, say
from api.commands.translating import coverage_lines


@click.command("status")
@json_option
def status(as_json: bool) -> None:
    """Show products, texts by language and state, builds, what waits, engines with their pairs and licences."""
    from api.status import status_of

    found = status_of(parts())
    if as_json:
        print_json(found)
        return
    say(f"{sum(found['products'].values())} products of {len(found['products'])} suppliers")
    for supplier, number in found["products"].items():
        say(f"  {supplier}: {number}")
    for line in coverage_lines(found["texts"]):
        say(line)
    for engine in found["engines"]:
        pairs = ", ".join(engine["pairs"][:12]) + (" ..." if len(engine["pairs"]) > 12 else "")
        runtime = f", {engine['runtime']}" if engine["runtime"] else ""
        say(f"engine {engine['name']} ({engine['licence']}{runtime}): {pairs or 'no pair; fetch models'}")
    say(f"termbase: {found['terms']} concepts")
    for build in found["builds"]:
        say(f"build {build['build']} {build['state']}: {build['documents']} documents")
    say(f"{found['queue']} products wait to be translated or indexed")
    if not found["builds"]:
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
def migrate() -> None:
    """Bring the store's schema to this version of Lexicart."""
    from catalog.database import SCHEMA_VERSION

    before = parts().migrate()
    say(f"schema {before or 'none'} -> {SCHEMA_VERSION}")


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
