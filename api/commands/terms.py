"""Commands about terms: import, export, add, forbid, remove, list."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.common import LANG, READABLE, json_option, parts, print_json, say, warn
from catalog.languages import CODES

if TYPE_CHECKING:
    from api.bootstrap import Parts
    from translation.terminology.concepts import Concept
    from translation.terminology.store import Saved

_SUPPLIER = click.option("--supplier", help="Terms of this supplier, not the operator's, which hold for all.")
_CATEGORY = click.option(
    "--category",
    "categories",
    type=READABLE,
    multiple=True,
    help="Only for products whose category path contains it; may be repeated.",
)
_FILES_SHOWN = 20


class _Term(click.ParamType[tuple[str, str]]):
    """``LANG=TERM``."""

    name = "LANG=TERM"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        text = READABLE.convert(value, param, ctx)
        lang, equals, term = text.partition("=")
        if not equals or lang not in CODES or not term.strip():
            self.fail(f"{text!r} is no LANG=TERM with one of the languages {' '.join(CODES)}", param, ctx)
        return lang, term.strip()


_TERM = _Term()


@click.group("terms")
def terms() -> None:
    """Say what things are called in fifteen languages: per supplier, for all, or as the starter terms have it."""


@terms.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@_SUPPLIER
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "tbx", "shopify", "google"]),
    help="What the file is; without it its content decides.",
)
@click.option("--lang", type=LANG, help="Language of a taxonomy's file whose name does not tell it.")
@json_option
def import_terms(
    files: tuple[Path, ...], supplier: str | None, format_: str | None, lang: str | None, as_json: bool
) -> None:
    """Take terms in: a table (CSV), TBX-Basic, or the taxonomy files that Shopify and Google publish.

    Files of a taxonomy, one a language, are given together and joined by id. Languages of which a file does not speak
    are left as they are. A wrong row is named, the rest is taken.
    """
    from catalog.errors import NothingTakenError
    from translation.terminology.files import read_term_files

    here = parts()
    whose = _whose(here, supplier)
    read = read_term_files(files, format_, lang)
    for sentence in read.warnings:
        warn(sentence)
    saved = here.terms.save(whose, read.concepts, read.langs)
    if as_json:
        print_json(
            {
                "supplier": supplier,
                "format": read.format,
                "files": [path.name for path in files],
                "langs": sorted(read.langs),
                "concepts": len(read.concepts),
                "refused": len(read.errors),
                **_saved(saved),
                "errors": [error.as_json() for error in read.errors],
                "warnings": list(read.warnings),
            }
        )
    else:
        for error in read.errors[:_FILES_SHOWN]:
            say(
                f"{error.file}, line {error.line}: {error.reason}" if error.line else f"{error.concept}: {error.reason}"
            )
        if len(read.errors) > _FILES_SHOWN:
            say(f"... and {len(read.errors) - _FILES_SHOWN} more; --json has them all")
        say(f"{len(read.concepts)} concepts taken as {read.format}, {len(read.errors)} refused.")
        _say_saved(saved)
    if not read.concepts:
        raise NothingTakenError(f"{files[0].name}: no concept was taken")


@terms.command("export")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@_SUPPLIER
@click.option("--format", "format_", type=click.Choice(["csv", "tbx"]), help="Instead of what the file's name says.")
@json_option
def export_terms(file: Path, supplier: str | None, format_: str | None, as_json: bool) -> None:
    """Write terms into FILE, as a table or as TBX-Basic; `terms import` takes them back."""
    from translation.terminology.files import write_term_file

    here = parts()
    written = write_term_file(file, here.terms.concepts(_whose(here, supplier)), format_)
    if as_json:
        print_json({"supplier": supplier, "file": str(file), "concepts": written})
        return
    say(f"{written} concepts written into {file}")


@terms.command("add")
@click.option(
    "--term", "given", type=_TERM, multiple=True, help="A term; the first of a language is the preferred one."
)
@_SUPPLIER
@_CATEGORY
@click.option("--concept", type=READABLE, help="Id of the concept, one of the starter terms too; may be left out.")
@click.option("--kind", help="What it is (product, part, material, colour ...); a product unless known.")
@click.option(
    "--dnt", is_flag=False, flag_value="", help="Never translate these terms, or this NAME.", metavar="[NAME]"
)
@json_option
def add_term(
    given: tuple[tuple[str, str], ...],
    supplier: str | None,
    categories: tuple[str, ...],
    concept: str | None,
    kind: str | None,
    dnt: str | None,
    as_json: bool,
) -> None:
    """Add a concept, or say what one is called: `--term de=Schraube --term fr=vis`.

    Languages that are not named are left as they are.
    """
    from api.terminology import said_concept

    here = parts()
    whose = _whose(here, supplier)
    if dnt:
        given += tuple((code, dnt) for code in CODES)
    if not given:
        raise click.UsageError("name at least one term: --term de=Schraube, or --dnt NAME")
    said: dict[str, list[str]] = {}
    for lang, term in given:
        said.setdefault(lang, []).append(term)
    made = said_concept(here, whose, concept, said, {}, categories, kind, kept=dnt is not None)
    _print_saved(made, here.terms.save(whose, [made], frozenset(said)), supplier, as_json)


@terms.command("forbid")
@click.argument("given", metavar="LANG=TERM...", type=_TERM, nargs=-1, required=True)
@_SUPPLIER
@_CATEGORY
@click.option("--concept", type=READABLE, help="Forbidden for this concept alone, not in every text.")
@json_option
def forbid_term(
    given: tuple[tuple[str, str], ...],
    supplier: str | None,
    categories: tuple[str, ...],
    concept: str | None,
    as_json: bool,
) -> None:
    """Forbid words in translations into their language; what uses one is held back for review."""
    from api.terminology import said_concept
    from catalog.errors import NotFoundError

    here = parts()
    whose = _whose(here, supplier)
    forbidden: dict[str, list[str]] = {}
    for lang, term in given:
        forbidden.setdefault(lang, []).append(term)
    if concept is not None and not any(one.id == concept for one in here.terms.of(whose).concepts):
        raise NotFoundError(f"no concept {concept!r}: `lexicart terms list` names what is there")
    made = said_concept(here, whose, concept, {}, forbidden, categories, None)
    _print_saved(made, here.terms.save(whose, [made], frozenset(forbidden)), supplier, as_json)


@terms.command("remove")
@click.argument("concepts", metavar="CONCEPT...", nargs=-1, type=READABLE)
@_SUPPLIER
@click.option("--all", "everything", is_flag=True, help="Remove every concept of the supplier, or of the operator.")
@json_option
def remove_terms(concepts: tuple[str, ...], supplier: str | None, everything: bool, as_json: bool) -> None:
    """Remove concepts by id; starter terms can't be removed, but overruled."""
    if bool(concepts) is everything:
        raise click.UsageError("name the concepts to remove, or give --all")
    here = parts()
    whose = _whose(here, supplier)
    names = [one.id for one in here.terms.concepts(whose)] if everything else sorted(set(concepts))
    texts = here.terms.remove(whose, names)
    if as_json:
        print_json({"supplier": supplier, "removed": names, "texts": texts})
        return
    say(f"{len(names)} concepts removed.")
    _say_texts(texts)


@terms.command("list")
@click.option("--supplier", help="This supplier's terms too, above the others.")
@click.option("--lang", "langs", type=LANG, multiple=True, help="Show this language; may be repeated.")
@click.option("--domain", help="Only this field of trade, such as tools.")
@click.option("--layer", type=click.Choice(["supplier", "installation", "starter"]), help="Only what this layer says.")
@click.argument("word", required=False)
@json_option
def list_terms(
    supplier: str | None, langs: tuple[str, ...], domain: str | None, layer: str | None, word: str | None, as_json: bool
) -> None:
    """List concepts with their terms, the layer that wins first; with WORD, those that have a term containing it."""
    here = parts()
    shown = langs or here.settings.langs
    every = here.terms.of(_whose(here, supplier)).concepts
    found = [
        concept
        for concept in every
        if (domain is None or concept.domain == domain)
        and (layer is None or concept.layer.name.lower() == layer)
        and (word is None or _has(concept, word.casefold()))
    ]
    if as_json:
        print_json({"concepts": [_as_json(concept, shown) for concept in found]})
        return
    for concept in found:
        _say_concept(concept, shown)
    say(f"{len(found)} of {len(every)} concepts")


def _whose(here: "Parts", supplier: str | None) -> str:
    """Return whose terms are meant; terms may be there before the supplier's first catalog."""
    from catalog.model import check_supplier

    if supplier is None:
        return ""
    if check_supplier(supplier) not in here.products.counts():
        warn(f"supplier {supplier!r} has no products here yet")
    return supplier


def _has(concept: "Concept", folded: str) -> bool:
    every = (*concept.terms.values(), *concept.forbidden.values())
    return folded in concept.id or any(folded in term.casefold() for found in every for term in found)


def _as_json(concept: "Concept", langs: Sequence[str]) -> dict[str, Any]:
    return {
        "concept": concept.id,
        "layer": concept.layer.name.lower(),
        "kind": concept.kind,
        "domain": concept.domain,
        "categories": list(concept.categories),
        "kept": concept.kept,
        "preferred": sorted(concept.binding.intersection(langs)),
        "terms": {lang: list(concept.terms.get(lang, ())) for lang in langs},
        "forbidden": {lang: list(concept.forbidden[lang]) for lang in langs if lang in concept.forbidden},
    }


def _say_concept(concept: "Concept", langs: Sequence[str]) -> None:
    what = [concept.layer.name.lower(), concept.domain, concept.kind, "never translated" if concept.kept else ""]
    what += [f"in {category}" for category in concept.categories]
    say(f"{concept.id} ({', '.join(filter(None, what))})")
    for lang in langs:
        every = [*concept.terms.get(lang, ()), *(f"!{term}" for term in concept.forbidden.get(lang, ()))]
        if every:
            say(f"  {lang}  {' | '.join(every)}")


def _saved(saved: "Saved") -> dict[str, int]:
    return {
        "created": saved.created,
        "updated": saved.updated,
        "unchanged": saved.unchanged,
        "texts": saved.texts,
    }


def _print_saved(concept: "Concept", saved: "Saved", supplier: str | None, as_json: bool) -> None:
    if as_json:
        print_json({"supplier": supplier, "concept": concept.id, **_saved(saved)})
        return
    _say_concept(concept, CODES)
    _say_saved(saved)


def _say_saved(saved: "Saved") -> None:
    say(f"{saved.created} new, {saved.updated} changed, {saved.unchanged} as before.")
    _say_texts(saved.texts)


def _say_texts(texts: int) -> None:
    if texts:
        say(f"{texts} texts may contain them: `lexicart translate` looks at these again.")
