"""Commands about searching: search, suggest, evaluate."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.commands.common import LANG, READABLE, json_option, parts, print_json, say, table, warn

if TYPE_CHECKING:
    from search.evaluation import Evaluation
    from search.model import SearchHit, SearchPage


class _FilterType(click.ParamType[tuple[str, str]]):
    """NAME=VALUE."""

    name = "NAME=VALUE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, separator, rest = str(value).partition("=")
        if not separator or not name:
            self.fail(f"{value!r} is no NAME=VALUE", param, ctx)
        return name, rest


@click.command("search")
@click.argument("query", type=READABLE)
@click.option("--lang", type=LANG, required=True, help="The buyer's language, in which hits are shown.")
@click.option("--query-lang", type=LANG, help="Language of the query where it is another.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@click.option("--offset", type=click.IntRange(0, 1000), default=0, show_default=True)
@click.option("--filter", "filters", type=_FilterType(), multiple=True, help="Such as brand=bosch or price=10..50.")
@click.option("--sort", type=click.Choice(["relevance", "price", "-price", "newest"]), default="relevance")
@click.option("--facets", is_flag=True, help="Count categories, brands and so on.")
@json_option
def search(
    query: str,
    lang: str,
    query_lang: str | None,
    limit: int,
    offset: int,
    filters: tuple[tuple[str, str], ...],
    sort: str,
    facets: bool,
    as_json: bool,
) -> None:
    """Search products written in any language, in yours."""
    from api.recording import note_zero_result
    from search.model import SearchQuery

    asked = SearchQuery(query, lang, query_lang, limit, offset, filters, sort, facets)
    here = parts()
    page = here.search.search(asked)
    note_zero_result(here, asked, page)
    if as_json:
        print_json(page.as_json())
        return
    for line in page_lines(page):
        say(line)


def page_lines(page: "SearchPage") -> list[str]:
    """Return an answer as people read it."""
    lines = [f"{page.total} found{'' if page.exact else ' at least'} in {page.took_ms:.0f} ms"]
    for hit in page.hits:
        lines += [*hit_lines(hit), ""]
    for facet in page.facets:
        values = ", ".join(f"{value.label} ({value.count}) [{value.id}]" for value in facet.values[:8])
        if values:
            lines.append(f"{facet.label}: {values}")
    return lines


def hit_lines(hit: "SearchHit") -> list[str]:
    """Return one hit as people read it: title, original, and why it was found."""
    price = f"{hit.price} {hit.currency or ''}".strip() if hit.price else ""
    draft = "" if hit.title_state in ("source", "reviewed", "memory", "term", "machine") else f" ({hit.title_state})"
    lines = [f"{hit.rank:>3}. {hit.title}{draft}", f"     {hit.id}  {price}".rstrip()]
    if hit.source_lang != hit.title_lang:
        lines.append(f"     {hit.source_lang}: {hit.source_title}")
    return [*lines, f"     found by {why(hit)}"] if hit.why else lines


def why(hit: "SearchHit") -> str:
    """Return in words why a hit was found."""
    named = {
        "text": "words",
        "original": "words of the query's language",
        "code": "identifier",
        "meaning": "meaning",
        "term": "known terms",
    }
    return "; ".join(
        f"{named[reason.leg]}{' ' + ', '.join(reason.terms) if reason.terms else ''} ({reason.score:.2f})"
        for reason in hit.why
    )


@click.command("suggest")
@click.argument("prefix", type=READABLE)
@click.option("--lang", type=LANG, required=True, help="Language of the suggestions.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@json_option
def suggest(prefix: str, lang: str, limit: int, as_json: bool) -> None:
    """Complete what a buyer began to type, from titles, categories and brands."""
    found = parts().search.suggest(prefix, lang, limit)
    if as_json:
        print_json({"suggestions": [{"text": one.text, "kind": one.kind} for one in found]})
        return
    for one in found:
        say(f"{one.kind:<9} {one.text}")


@click.command("evaluate")
@click.option(
    "--queries",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Judged queries, JSON Lines; without it, queries that the catalog itself yields.",
)
@click.option("--k", "cutoffs", type=click.IntRange(1, 100), multiple=True, help="Also measure at this cutoff.")
@json_option
def evaluate(queries: Path | None, cutoffs: tuple[int, ...], as_json: bool) -> None:
    """Measure the search: recall, nDCG, MRR, by language and by pair of languages."""
    from api.evaluating import evaluate_live, evaluate_vectors, judged_queries

    here = parts()
    asked = judged_queries(here, queries, warn) if queries else None
    result = evaluate_live(here, asked, cutoffs or (10,))
    alone = evaluate_vectors(here, asked, cutoffs or (10,))
    if as_json:
        print_json({**result.as_json(), "vectors_alone": alone.overall})
        return
    for line in evaluation_lines(result, alone):
        say(line)


def evaluation_lines(result: "Evaluation", alone: "Evaluation") -> list[str]:
    """Return an evaluation as people read it, with the matrix of language pairs."""
    from search.evaluation import matrix

    parity = "-" if result.parity is None else f"{result.parity:.3f}"
    lines = [f"{result.queries} queries; parity across languages {parity}"]
    rows = [["fused", *result.overall.values()], ["vectors alone", *alone.overall.values()]]
    lines += table(rows, ["", *result.overall])
    lines += ["", "recall@10: language of the query (down) by language of the product"]
    lines += matrix(result, "recall@10")
    lines += ["", "success@1"]
    return [*lines, *matrix(result, "success@1")]
