"""Commands about what suppliers send: import, withdraw."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.common import LANG, READABLE, json_option, parts, print_json, say

if TYPE_CHECKING:
    from catalog.report import CatalogReport

_SHOWN = 10


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--supplier", required=True, help="Whose catalog it is: a-z, 0-9 and hyphens.")
@click.option("--feed", default="main", show_default=True, help="Which of the supplier's feeds.")
@click.option("--lang", type=LANG, help="Language of the catalog; told from its texts by default.")
@click.option("--currency", help="Currency of prices without one, such as EUR.")
@click.option("--country", help="Country of the supplier, such as DE.")
@click.option("--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Columns by hand, TOML.")
@click.option("--dry-run", is_flag=True, help="Show how the files are read; write nothing.")
@click.option("--strict", is_flag=True, help="Refuse a file as a whole when one of its rows is refused.")
@click.option("--replace", is_flag=True, help="Withdraw the feed's products that the file does not name.")
@click.option("--force", is_flag=True, help="With --replace: also when more than a fifth would vanish.")
@click.option(
    "--refused",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the refused rows of the one FILE here, in its own layout with a reason, to mend and send again.",
)
@json_option
def import_files(files: tuple[Path, ...], supplier: str, as_json: bool, **options: Any) -> None:
    """Take a supplier's catalog FILES in: CSV, XLSX, JSON, JSON Lines or XML, in any encoding."""
    from api.intake import import_file
    from catalog.errors import NothingTakenError, UsageError
    from catalog.model import check_supplier
    from catalog.options import ImportOptions

    check_supplier(supplier)
    if options["refused"] and len(files) > 1:
        raise UsageError("--refused takes the refused rows of one file: import the files one by one")
    for path in files:
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
    here = parts()
    reports = [
        import_file(here, path, ImportOptions(supplier=supplier, filename=path.name, **options)) for path in files
    ]
    if as_json:
        print_json({"supplier": supplier, "catalogs": [report.as_json() for report in reports]})
    else:
        for report in reports:
            for line in report_lines(report):
                say(line)
    if not any(report.taken for report in reports):
        if as_json:
            sys.exit(NothingTakenError.exit_status)
        raise NothingTakenError(f"nothing was taken from {', '.join(path.name for path in files)}")


def report_lines(report: "CatalogReport") -> list[str]:
    """Return the report of one file as people read it."""
    body = report.as_json()
    if body["refused_as_a_whole"]:
        return [f"{body['file']}: refused as a whole: {body['refused_as_a_whole']}"]
    read_as = ", ".join(str(part) for part in (body["format"], body["encoding"]) if part)
    lines = [
        f"{body['file']}: {read_as}, language {body['lang']} ({body['lang_by']}): {body['rows']} rows, "
        f"{body['taken']} taken, {body['refused']} refused",
        f"  {body['products']} products: {body['created']} new, {body['updated']} changed, "
        f"{body['unchanged']} as before, {body['withdrawn']} withdrawn",
    ]
    if body["profile"]:
        lines.append(f"  recognised as {body['profile']['name']} ({body['profile']['confidence']:.0%} sure)")
    lines += _problems("refused", body["errors"])
    lines += _problems("warning", body["warnings"])
    return lines


def _problems(word: str, rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        f"  {word}: line {row['line']}{' (' + row['sku'] + ')' if row['sku'] else ''}: {row['reason']}"
        for row in rows[:_SHOWN]
    ]
    if len(rows) > _SHOWN:
        lines.append(f"  ... and {len(rows) - _SHOWN} more; --json lists them")
    return lines


@click.command("withdraw")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=READABLE)
@json_option
def withdraw(ids: tuple[str, ...], as_json: bool) -> None:
    """Take products out of the market; they leave the indexes at the next `lexicart index` and can come back."""
    number = parts().products.withdraw(ids)
    if as_json:
        print_json({"withdrawn": number, "ids": list(ids)})
    else:
        say(f"{number} of {len(ids)} withdrawn; `lexicart index` takes them out of the search")
