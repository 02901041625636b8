"""Commands that keep what is there: backup, restore."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from api.commands.common import ending_in_good_order, json_option, parts, print_json, progress_bar, say, warn

_FOLDER = click.Path(path_type=Path)


@click.command("backup")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--indexes", is_flag=True, help="Copy the build that serves as well.")
@json_option
def backup(folder: Path, indexes: bool, as_json: bool) -> None:
    """Copy the store and the uploads into the new folder DIR, while everything goes on.

    It is one picture of the store. DIR appears when all of it is written, or not at all.
    """
    from api.keeping import backup as make

    here = parts()
    with ending_in_good_order(), progress_bar(None, "rows and files") as bar:
        report = make(here, folder.absolute(), _telling(bar), indexes=indexes)
    for digest, why in sorted(report.manifest.missing.items()):
        warn(f"upload {digest[:12]}… is not in the backup: {why}")
    if as_json:
        print_json(report.as_json())
        return
    kept = report.manifest
    say(f"{sum(kept.tables.values())} rows, {kept.uploads_whole} uploads, {kept.bytes / 1e6:.1f} MB in {folder}")
    if kept.indexes:
        say(f"with the indexes of build {kept.indexes['build']}")


@click.command("restore")
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--replace", "replace_all", is_flag=True, help="Delete the store that is there, and take the backup.")
@click.option("--indexes", is_flag=True, help="Put the build of the backup in place, instead of building anew.")
@json_option
def restore(folder: Path, replace_all: bool, indexes: bool, as_json: bool) -> None:
    """Take the backup in DIR into this installation, whichever database it was made from.

    All of it is checked before anything is touched. Stop `serve`, workers and the nightly run before.
    """
    from api.keeping import restore as take

    here = parts()
    with ending_in_good_order(), progress_bar(None, "rows and files") as bar:
        report = take(here, folder.absolute(), _telling(bar), replace_all=replace_all, indexes=indexes)
    for sentence in report.warnings:
        warn(sentence)
    for digest, why in sorted(report.restored.manifest.missing.items()):
        warn(f"upload {digest[:12]}… was not in the backup: {why}")
    if as_json:
        print_json(report.as_json())
        return
    made = report.restored.manifest
    say(f"the store of {made.made_at:%Y-%m-%d %H:%M:%S} UTC is here: {sum(report.restored.tables.values())} rows")
    say(f"{report.restored.uploads} uploads brought")
    if report.build:
        say(f"build {report.build} serves; what it lacks comes with the next `lexicart index`")
    else:
        say("`lexicart index` makes the indexes anew")


def _telling(bar: Any) -> Callable[[str, int], None]:
    def tell(step: str, number: int) -> None:
        bar.set_postfix_str(step, False)
        bar.update(number)

    return tell
