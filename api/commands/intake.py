"""Commands about what suppliers send and get back: import, export, withdraw, forget."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.common import LANG, READABLE, json_option, parts, print_json, say

if TYPE_CHECKING:
    from catalog.report import CatalogReport

_SHOWN = 10
_WIDTH = 100


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
            raise UsageError(f"{path}: {'a folder; name the files in it' if path.is_dir() else 'no such file'}")
    here = parts()
    reports = [
        report
        for path in files
        for report in import_file(here, path, ImportOptions(supplier=supplier, filename=path.name, **options))
    ]
    if as_json:
        print_json({"supplier": supplier, "catalogs": [report.as_json() for report in reports]})
    else:
        for report in reports:
            for line in report_lines(report, whole=options["dry_run"]):
                say(line)
    if not any(report.taken for report in reports):
        if as_json:
            sys.exit(NothingTakenError.exit_status)
        raise NothingTakenError(f"nothing was taken from {', '.join(path.name for path in files)}")


def report_lines(report: "CatalogReport", *, whole: bool = False) -> list[str]:
    """Return the report of one file as people read it.

    Args:
        whole: show every column's meaning and the sample products as well.
    """
    body = report.as_json()
    if body["refused_as_a_whole"]:
        lines = [f"{body['file']}: refused as a whole: {body['refused_as_a_whole']}"]
        return lines + _problems("refused", body["errors"]) + _problems("warning", body["warnings"])
    read_as = ", ".join(str(part) for part in (body["format"], body["encoding"]) if part)
    lang = f"language {body['lang'] or 'not told'} ({body['lang_by']})"
    lines = [
        f"{body['file']}: {read_as}, {lang}: {body['rows']} rows, {body['taken']} taken, {body['refused']} refused",
        f"  {body['products']} products: {body['created']} new, {body['updated']} changed, "
        f"{body['unchanged']} as before, {body['withdrawn']} withdrawn",
    ]
    if body["export"]:
        lines.append(f"  an export that came back: {body['corrections']} texts corrected")
    if body["profile"]:
        lines.append(f"  recognised as {body['profile']['name']} ({body['profile']['confidence']:.0%} sure)")
    if whole:
        lines += _understood(body)
    elif body["ignored_columns"]:
        lines.append(f"  columns not used: {', '.join(body['ignored_columns'])} (--dry-run shows what each means)")
    lines += _problems("refused", body["errors"])
    lines += _problems("warning", body["warnings"])
    if whole:
        lines += [line for sample in body["samples"] for line in _sample(sample)]
    return lines


def _understood(body: dict[str, Any]) -> list[str]:
    lines = [
        f"  column {column!r}: {field} ({body['confidences'][column]:.0%} sure)"
        for column, field in body["mapping"].items()
    ]
    return lines + [f"  column {column!r}: not used" for column in body["ignored_columns"]]


def _sample(product: dict[str, Any]) -> list[str]:
    lines = [f"  sample {product['sku']}: {product['title']} ({product['lang']})"]
    prices = [f"{price['amount']} {price['currency'] or '(no currency)'}" for price in product["prices"]]
    facts = {
        "brand": product["brand"],
        "category": " > ".join(product["category"]),
        "price": ", ".join(prices),
        "gtin": product["gtin"],
        "parent": product["parent"],
        "description": product["description"],
        "attributes": "; ".join(f"{one['name']}: {one['value']}" for one in product["attributes"]),
        "given": "; ".join(f"{one['field']} ({one['lang']}): {one['text']}" for one in product["given"]),
        "images": ", ".join(product["images"]),
    }
    return lines + [f"    {name}: {_short(value)}" for name, value in facts.items() if value]


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _WIDTH else f"{one_line[: _WIDTH - 1]}…"


def _problems(word: str, rows: list[dict[str, Any]]) -> list[str]:
    lines = []
    for row in rows[:_SHOWN]:
        named = [str(part) for part in (row["sku"], row["field"]) if part]
        value = f" {_short(row['value'])!r}" if row["value"] else ""
        where = f"line {row['line']} ({', '.join(named)})" if named else f"line {row['line']}"
        lines.append(f"  {word}: {where}{value}: {row['reason']}")
    if len(rows) > _SHOWN:
        lines.append(f"  ... and {len(rows) - _SHOWN} more; --json lists them")
    return lines


@click.command("export")
@click.option("--supplier", required=True, help="Whose catalog it is.")
@click.option("--feed", default="main", show_default=True, help="Which of the supplier's feeds.")
@click.option("--lang", "langs", type=LANG, multiple=True, help="Add this language; may be repeated. All by default.")
@click.option(
    "--field",
    "fields",
    type=click.Choice(("title", "description", "bullets", "category", "keywords", "attributes")),
    multiple=True,
    help="Add columns for this field alone; may be repeated. All but attributes by default.",
)
@click.option(
    "-o",
    "--output",
    "file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The workbook to write: its ending, .xlsx, .csv or .tsv, decides the format.",
)
@json_option
def export(
    supplier: str, feed: str, langs: tuple[str, ...], fields: tuple[str, ...], file: Path, as_json: bool
) -> None:
    """Give a supplier's own workbook back with language columns, to be corrected.

    It has the supplier's sheet, columns and order, and behind them a column for each text in each language
    (title_fr ...) and the states of each language. What a person changes in these columns comes back as corrections
    by `lexicart import`; a workbook that comes back unchanged changes nothing.
    """
    from api.intake import export_workbook
    from catalog.exports.planning import USUAL_FIELDS, ExportOptions
    from catalog.model import check_supplier

    here = parts()
    options = ExportOptions(check_supplier(supplier), feed, langs or here.settings.langs, fields or USUAL_FIELDS, file)
    report = export_workbook(here, options)
    if as_json:
        print_json(report.as_json())
        return
    say(f"{file}: {report.rows} products in {', '.join(report.langs)}: {report.cells} texts")
    if report.left_empty:
        say(f"  {report.left_empty} cells are empty: nothing that a buyer should read is there yet")
    if report.kind == "texts":
        say("  the feed did not come as one table with a header, so the workbook holds article numbers and texts alone")


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


@click.command("forget")
@click.option("--supplier", required=True, help="Whom to forget.")
@json_option
def forget(supplier: str, as_json: bool) -> None:
    """Delete everything that is kept of a supplier: products, texts, corrections, terms, uploads, index entries.

    Nothing of it can be brought back. Builds that are kept for a rollback go as well, because they hold the products.
    """
    from api.forgetting import forget as forget_everything
    from catalog.model import check_supplier

    done = forget_everything(parts(), check_supplier(supplier))
    if as_json:
        print_json({"supplier": supplier, "products": done.products, "builds": done.builds})
    else:
        say(
            f"{supplier} is forgotten: {done.products} products with their texts and uploads; {done.builds} kept builds"
        )
