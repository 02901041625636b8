"""The command models routes: which engine translates which pair, and why."""

from typing import TYPE_CHECKING, Any

import click

from api.commands.common import LANG, json_option, parts, print_json, say, table

if TYPE_CHECKING:
    from translation.engine import Pair
    from translation.routing import Router


@click.command("routes")
@click.option("--from", "sources", type=LANG, multiple=True, help="Only from this language; may be repeated.")
@click.option("--to", "targets", type=LANG, multiple=True, help="Only into this language; may be repeated.")
@click.option("--engine", "engines", multiple=True, help="As `translate --engine` would go.")
@json_option
def routes(sources: tuple[str, ...], targets: tuple[str, ...], engines: tuple[str, ...], as_json: bool) -> None:
    """Show which engine translates which pair of languages, under which licence, over which other, and why.

    LEXICART_ENGINES is the order, LEXICART_ROUTES what holds for single pairs, LEXICART_LICENCES which models may be
    used. Without --from and --to, pairs that nothing serves are only counted.
    """
    from translation.overrides import EVERY_PAIR

    here = parts()
    router = here.router(engines)
    into = targets or here.settings.langs
    pairs = [pair for pair in EVERY_PAIR if pair.source in (sources or (pair.source,)) and pair.target in into]
    rows = [_row(router, pair) for pair in pairs]
    warnings = router.warnings()
    if as_json:
        rules = [str(rule) for rule in router.rules.rules]
        print_json({"licences": router.use.value, "rules": rules, "routes": rows, "warnings": warnings})
        return
    shown = rows if sources or targets else [row for row in rows if row["steps"] or row["rule"]]
    for line in table([(row["pair"], row["reason"]) for row in shown], ("pair", "why"), numbers_from=2):
        say(line)
    if len(shown) < len(rows):
        unserved = len(rows) - len(shown)
        say(f"{unserved} further pairs are served by nothing; --from or --to says why, `models fetch` mends it")
    for sentence in warnings:
        say(f"warning: {sentence}")


def _row(router: "Router", pair: "Pair") -> dict[str, Any]:
    route, rule = router.route(pair), router.rule(pair)
    return {
        "pair": str(pair),
        "steps": [
            {"pair": str(step.pair), "engine": step.name, "model": step.model, "licence": step.licence}
            for step in (route.steps if route else ())
        ],
        "rule": str(rule) if rule else None,
        "reason": router.why(pair),
    }
