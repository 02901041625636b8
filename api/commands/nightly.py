"""Command nightly."""

import sys

import click

from api.commands.common import ending_in_good_order, json_option, parts, print_json, say


@click.command("nightly")
@click.option("--full", is_flag=True, help="Make a new build instead of a delta.")
@json_option
def nightly(full: bool, as_json: bool) -> None:
    """Import what waits in the drop folder, translate, index, verify, promote, clean up and report.

    Exit status: 0 done; 3 files were there and nothing of them was taken; 4 store, index or engine could not be
    reached, or another nightly runs; 5 the gate refused the new build and the old one serves. Of several the gravest.
    """
    from api.nightly import run

    with ending_in_good_order():
        report = run(parts(), full=full, began=lambda step: click.echo(f"{step} ...", err=True))
    if as_json:
        print_json(report.as_json())
    else:
        for step in report.steps:
            say(f"{step['step']:<10} {step['seconds']:>8.1f} s  {step['said']}")
        for reason in report.reasons:
            say(f"problem: {reason}")
        if report.zero_results:
            say("searches that found nothing:")
        for one in report.zero_results[:10]:
            say(f"  {one['times']:>6} x {one['query']} ({one['query_lang']} in {one['lang']})")
        if report.page is not None:
            say(f"report: {report.page}")
    sys.exit(report.exit_status)
