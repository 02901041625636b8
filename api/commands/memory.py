"""Commands about the translation memory: memory import, memory export."""

import sys
from pathlib import Path

import click

from api.commands.common import LANG, json_option, parts, print_json, progress_bar, say

_SHOWN = 10


@click.group("memory")
def memory() -> None:
    """Take translations of other tools into the translation memory, and give them out, as TMX 1.4."""


@memory.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--supplier", help="Whose memory it is; without it, it holds for every supplier.")
@json_option
def import_memory(file: Path, supplier: str | None, as_json: bool) -> None:
    """Take a TMX FILE into the memory: of one supplier, or of the installation.

    Exactly the texts that hold one of its segments are looked at again by the next `lexicart translate`. Importing a
    file again changes nothing. A unit that can't be taken is named with its number and reason; the rest is taken.
    Context is told by `prop` elements as `memory export` writes them; a unit without them fits any text.
    """
    from catalog.errors import NothingTakenError, UsageError
    from catalog.model import check_supplier

    supplier = check_supplier(supplier) if supplier is not None else ""
    if not file.is_file():
        raise UsageError(f"{file}: no such file")
    with progress_bar(None, "units") as bar:
        report = parts().translations.import_memory(file, supplier, bar.update)
    if as_json:
        print_json(report.as_json())
    else:
        say(
            f"{report.file}: {report.units} units, {report.taken} taken, {report.refused} refused; translations: "
            f"{report.created} new, {report.updated} changed, {report.unchanged} as before"
        )
        if report.other_languages:
            say(f"  {report.other_languages} texts are in other languages than the fifteen and were passed over")
        if report.doubled:
            say(f"  {report.doubled} translations gave way to a later one for the same text")
        for bad in report.errors[:_SHOWN]:
            say(f"  refused: unit {bad.number}: {bad.reason}")
        if report.refused > _SHOWN:
            say(f"  and {report.refused - _SHOWN} more; --json lists them")
        if report.texts:
            say(f"{report.texts} texts hold one of its segments; `lexicart translate` looks at them again.")
    if not report.taken:
        if as_json:
            sys.exit(NothingTakenError.exit_status)
        raise NothingTakenError(f"nothing was taken from {report.file}")


@memory.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--supplier", help="Whose memory, corrections included; without it, the memory that holds for all.")
@click.option("--from", "source", type=LANG, help="Only texts in this language.")
@click.option("--to", "target", type=LANG, help="Only translations into this language.")
@json_option
def export_memory(file: Path, supplier: str | None, source: str | None, target: str | None, as_json: bool) -> None:
    """Write the memory into a TMX FILE: of one supplier with its corrections, or of the installation.

    What a supplier gave in two languages is in its memory. Corrections made with --only-here stay out.
    """
    from catalog.model import check_supplier

    here = parts()
    supplier = check_supplier(supplier) if supplier is not None else ""
    here.translations.follow()
    report = here.translations.export_memory(file, supplier, source, target)
    if supplier and not report.units:
        here.supplier(supplier)
    if as_json:
        print_json(
            {
                "file": file.name,
                "supplier": supplier or None,
                "units": report.units,
                "translations": report.translations,
                "corrections": report.corrections,
                "unaligned": report.unaligned,
            }
        )
        return
    say(
        f"{file}: {report.units} units with {report.translations} translations, "
        f"{report.corrections} of them corrected by people"
    )
    if report.unaligned:
        say(f"  {report.unaligned} corrected texts are no sentence-by-sentence translation and were left out")
