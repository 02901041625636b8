"""The command about texts that need a person: review."""

import click

from api.commands.common import LANG, json_option, parts, print_json, say


@click.command("review")
@click.option("--supplier", help="Only this supplier's texts.")
@click.option("--lang", "langs", type=LANG, multiple=True, help="Only texts needed in this language; may be repeated.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many to show.")
@click.option("--offset", type=click.IntRange(0), default=0, help="How many to pass over.")
@json_option
def review(supplier: str | None, langs: tuple[str, ...], limit: int, offset: int, as_json: bool) -> None:
    """Show the texts that need a person, each with past translations of similar texts.

    First corrections whose source text changed, which are not applied any more, then texts whose translation did not
    pass the checks. `lexicart correct` settles one; equal texts of the supplier are shown and settled once.
    """
    here = parts()
    supplier = here.supplier(supplier) if supplier is not None else None
    here.translations.follow()
    page = here.translations.review(langs or here.settings.langs, supplier, limit, offset)
    if as_json:
        print_json(page.as_json())
        return
    for item in page.items:
        others = f" and {item.products - 1} more" if item.products > 1 else ""
        say(f"{item.product}{others}  {item.field}  {item.source_lang} > {item.lang}: {item.reason}")
        if item.correction is not None:
            say(f"  corrected      {item.correction}")
            if item.old_source is not None:
                say(f"  made for       {item.old_source}")
        say(f"  text           {item.source}")
        for match in item.matches:
            say(f"  similar {match.score:3d} %  {match.source}")
            say(f"                 {match.target} ({match.state})")
    say(f"{len(page.items)} of {page.total} texts that need a person")
