"""Commands about texts: translate, texts, correct."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from api.commands.common import (
    LANG,
    READABLE,
    TranslationBar,
    ending_in_good_order,
    json_option,
    parts,
    print_json,
    progress_bar,
    say,
    table,
)

if TYPE_CHECKING:
    from translation.report import BatchReport


@click.command("translate")
@click.option("--supplier", help="Only this supplier's texts.")
@click.option("--to", "langs", type=LANG, multiple=True, help="Only into this language; may be repeated.")
@click.option(
    "--engine",
    "engines",
    multiple=True,
    help="Use this engine instead of those of LEXICART_ENGINES; LEXICART_ROUTES is set aside.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    help="Threads that translate side by side, or processes where there is much to do; default: one a core.",
)
@click.option("--limit", type=click.IntRange(1), help="Look at no more than so many texts.")
@click.option("--all", "everything", is_flag=True, help="Look at every text again, not only at what is pending.")
@json_option
def translate(
    supplier: str | None,
    langs: tuple[str, ...],
    engines: tuple[str, ...],
    workers: int | None,
    limit: int | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Translate what is pending, page by page; a run that was interrupted goes on where it was."""
    from api.translating import translate_pending
    from translation.batch import BatchOptions

    here = parts()
    supplier = here.supplier(supplier) if supplier is not None else None
    options = BatchOptions(langs or here.settings.langs, supplier, limit, everything, partial=bool(langs or engines))
    with ending_in_good_order(), progress_bar(None, "texts") as bar:
        report = translate_pending(here, options, engines, TranslationBar(bar), workers)
    if as_json:
        print_json(report.as_json())
        _raise_failure(report)
        return
    say(
        f"{report.segments} segments settled ({report.distinct} distinct), {report.translated} by engines, "
        f"{report.reused} known from before, {report.needs_review} need review; {report.seconds:.1f} s"
    )
    for name, usage in report.usage.items():
        say(usage_line(name, asdict(usage)))
    for line in coverage_lines(report.langs):
        say(line)
    _raise_failure(report)


def _raise_failure(report: "BatchReport") -> None:
    """End with the status of an engine that failed: its texts wait, whatever else was done."""
    if report.failure is not None:
        hint = "What waits for it stays pending: run `lexicart translate` again, or take it out of LEXICART_ENGINES."
        click.echo(hint, err=True)
        raise report.failure


def usage_line(name: str, usage: Mapping[str, int]) -> str:
    """Return a line on what was asked of an engine that bills it."""
    of = f" of {usage['budget']:,}" if usage["budget"] else ""
    return (
        f"{name}: {usage['characters']:,} characters sent in {usage['requests']:,} requests, {usage['retries']:,} "
        f"again; {usage['spent']:,}{of} this month"
    )


def coverage_lines(langs: object) -> list[str]:
    """Return a table of texts by language and state."""
    assert isinstance(langs, dict)
    states = list(next(iter(langs.values()))) if langs else []
    ordered = list(reversed(states))
    rows = [[lang, *(counts[state] for state in ordered)] for lang, counts in langs.items()]
    return list(table(rows, ["language", *ordered]))


@click.command("texts")
@click.option("--supplier", help="Only this supplier's texts.")
@click.option("--lang", "langs", type=LANG, multiple=True, help="Only this language; may be repeated.")
@click.option("--state", "states", multiple=True, help="Only texts in this state; may be repeated.")
@json_option
def texts(supplier: str | None, langs: tuple[str, ...], states: tuple[str, ...], as_json: bool) -> None:
    """Print every text of every product with its state, one JSON document a line."""
    from catalog.errors import UnknownValueError
    from translation.model import State

    for state in states:
        if state not in list(State):
            raise UnknownValueError("state", state, list(State))
    here = parts()
    supplier = here.supplier(supplier) if supplier is not None else None
    here.translations.follow()
    ids = [one.product.id for one in here.products.stream(supplier)]
    for start in range(0, len(ids), 200):
        found = here.translations.field_texts(ids[start : start + 200], langs or here.settings.langs)
        for _, fields in sorted(found.items()):
            for text in fields:
                if not states or text.translation.state.value in states:
                    click.echo(json.dumps(text.as_json(), ensure_ascii=False))


@click.command("correct")
@click.argument("product_id", metavar="ID", type=READABLE)
@click.argument("field", type=READABLE)
@click.argument("text", type=READABLE)
@click.option("--lang", type=LANG, required=True, help="Language of the corrected text.")
@click.option("--only-here", is_flag=True, help="Correct this product alone, not the supplier's identical texts.")
@json_option
def correct(product_id: str, field: str, text: str, lang: str, only_here: bool, as_json: bool) -> None:
    """Correct a text: FIELD of product ID becomes TEXT, for this supplier's identical texts as well.

    FIELD is title, description, bullets.N, category, keywords, attributes.KEY.name or attributes.KEY.value. The index
    follows at the next `lexicart index`.
    """
    from api.translating import correct_text

    done = correct_text(parts(), product_id, field, lang, text, only_here=only_here)
    if as_json:
        print_json({"id": product_id, "field": field, "lang": lang, "text": done.text, "products": done.products})
        return
    say(f"{product_id} {field} in {lang} is now: {done.text}")
    number = f"{done.products} product{'s' if done.products != 1 else ''}"
    say(f"It reaches {number}. `lexicart index` brings it into the search.")
