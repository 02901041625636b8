"""Saying what something is called, on one installation."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.bootstrap import Parts
from catalog.errors import UsageError
from translation.terminology.concepts import Concept, Layer
from translation.terminology.entries import EntryError, Status, make_concept, with_status


def said_concept(
    here: Parts,
    whose: str,
    name: str | None,
    said: dict[str, list[str]],
    forbidden: dict[str, list[str]],
    categories: Sequence[str],
    kind: str | None,
    *,
    kept: bool = False,
) -> Concept:
    """Return a concept as someone says it; what is not said is taken from the concept that is there.

    Args:
        here: the installation.
        whose: supplier whose concept it is; empty: the operator's.
        name: its id; ``None``: it is named after its first term.
        said: its terms by language, the preferred one first.
        forbidden: terms that are not to be used; what else the concept says in these languages stays.
        categories: it holds only in these.
        kind: what it is.
        kept: whether its terms are never translated.

    Raises:
        UsageError: it breaks a rule of terms.
    """
    places = (Status.PREFERRED, *(Status.ADMITTED,) * 200)
    entries = {lang: list(zip(found, places, strict=False)) for lang, found in said.items()}
    try:
        named = name or make_concept("", {**entries, **_banned(forbidden)}, categories=categories, kept=kept).id
        own = next((one for one in here.terms.concepts(whose) if one.id == named), None)
        known = own or next((one for one in here.terms.of(whose).concepts if one.id == named), None)
        for lang, terms_ in forbidden.items():
            before = [one for one in with_status(own, lang) if one[0] not in terms_] if own else []
            entries[lang] = [*before, *_banned({lang: terms_})[lang]]
        made = make_concept(
            named,
            entries,
            kind or (known.kind if known else "product"),
            known.domain if known else "",
            categories or (own.categories if own else ()),
            kept=kept or (own.kept if own else False),
        )
        return replace(made, layer=Layer.SUPPLIER if whose else Layer.INSTALLATION)
    except EntryError as problem:
        raise UsageError(str(problem)) from problem


def _banned(forbidden: dict[str, list[str]]) -> dict[str, list[Any]]:
    return {lang: [(term, Status.FORBIDDEN) for term in found] for lang, found in forbidden.items()}
