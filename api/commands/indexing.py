"""Commands about indexes: index, builds, rollback."""

import sys

import click

from api.commands.common import LANG, json_option, parts, print_json, progress_bar, say, table

_REASONS = 3
"""Reasons that `builds` shows of a refused one."""


@click.command("index")
@click.option("--full", is_flag=True, help="Make a new build instead of a delta.")
@click.option("--force", is_flag=True, help="Promote even with far fewer documents than the live build.")
@click.option("--lang", "langs", type=LANG, multiple=True, help="Only this language; may be repeated.")
@json_option
def index(full: bool, force: bool, langs: tuple[str, ...], as_json: bool) -> None:
    """Bring the search indexes up to date: a delta where it can be, else a full build behind the gate."""
    here = parts()
    with progress_bar(None, "products") as bar:
        report = here.builder(bar.update).update(full=full, force=force, langs=langs)
    if as_json:
        print_json(report.as_json())
    else:
        documents = {count.documents for count in report.langs.values()}
        shown = "/".join(str(number) for number in sorted(documents))
        say(f"{report.mode} build {report.build}: {shown} documents in each of {len(report.langs)} languages")
        say(f"{sum(one.written for one in report.langs.values())} documents written; {report.seconds:.1f} s")
        for reason in report.reasons:
            say(f"refused: {reason}")
        if report.mode == "full":
            say("promoted" if report.promoted else "NOT promoted; the build before still serves")
    if report.reasons:
        sys.exit(5)


@click.command("builds")
@json_option
def builds(as_json: bool) -> None:
    """List the builds of the indexes, the newest first; also those that are gone, and why one was refused."""
    here = parts()
    found = here.builds.all()
    if as_json:
        print_json({"builds": [build.as_json() for build in found]})
        return
    rows = [
        [
            build.name,
            build.state,
            build.documents,
            "" if build.removed_at else here.builds.behind(build.position),
            f"{build.created_at:%Y-%m-%d %H:%M:%S}",
            f"{build.promoted_at:%Y-%m-%d %H:%M:%S}" if build.promoted_at else "",
        ]
        for build in found
    ]
    for line in table(rows, ["build", "state", "documents", "behind", "made (UTC)", "promoted"], numbers_from=2):
        say(line)
    for build in found:
        for reason in build.reasons[:_REASONS]:
            say(f"{build.name}, {build.state}: {reason}")
        if len(build.reasons) > _REASONS:
            say(f"{build.name}: {len(build.reasons) - _REASONS} more reasons; --json has them all")


@click.command("rollback")
@click.argument("build", required=False)
@json_option
def rollback(build: str | None, as_json: bool) -> None:
    """Let a kept build serve again: BUILD, or the one before the live one."""
    chosen = parts().builder().rollback(build)
    if as_json:
        print_json(chosen.as_json())
    else:
        say(f"build {chosen.name} serves; what changed since it was made comes with the next `lexicart index`")
