"""Commands about an Elasticsearch cluster."""

import sys

import click

from api.commands import common
from api.commands.common import json_option, print_json, say


@click.group("cluster")
def cluster() -> None:
    """Look at an Elasticsearch cluster."""


@cluster.command("check")
@json_option
def check(as_json: bool) -> None:
    """Show what an Elasticsearch cluster lacks for the languages, and how to install it; status 4 when it lacks any."""
    from api.cluster import analyzers, connect

    settings = common.settings()
    connection = connect(settings)
    version = connection.version()
    findings = analyzers(settings).check(connection, settings.langs)
    connection.close()
    lacking = [one for one in findings if one.problem]
    if as_json:
        print_json(
            {
                "url": connection.place.shown,
                "version": version,
                "analyzers": [
                    {"lang": one.lang, "analyzer": one.analyzer, "there": not one.problem, "substitute": one.substitute}
                    for one in findings
                ],
                "missing": [
                    {"lang": one.lang, "analyzer": one.analyzer, "problem": one.problem, "install": one.install}
                    for one in lacking
                ],
            }
        )
    else:
        say(f"Elasticsearch {version} at {connection.place.shown}")
        for one in findings:
            marks = [mark for mark, holds in (("missing", one.problem), ("substitute", one.substitute)) if holds]
            say(f"  {one.lang or 'all':<4}{one.analyzer:<18}{', '.join(marks) or 'there'}")
        if lacking:
            say("On every node of the cluster:")
            for todo in dict.fromkeys(one.install for one in lacking):
                say(f"  {todo}")
            say("Or name other analyzers by LEXICART_ANALYSIS_SUBSTITUTES.")
    sys.exit(4 if lacking else 0)
