"""The build checks that need a search: is what must be found found on the new build, and as well as before?"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalog.errors import BrokenIndexError, LexicartError, UnavailableError
from catalog.model import Product
from indexes.backend import SearchIndex
from indexes.documents import fold_code
from indexes.model import BuildCheck, IndexDocument, Verdict
from search.evaluation import ASKABLE, DEPTH, JudgedQuery, by_service
from search.model import SearchHit, SearchQuery
from search.planning import MAX_LIMIT, MAX_QUERY_LENGTH, codes_in
from search.service import SearchService

PARITY_MARGIN = 0.05
"""A new build may have this much less cross-language recall than the live one: chance on a few hundred queries."""

LEAST_FOUND = 0.9
"""Share of the probes by title that must be found; near duplicates push each other out of ten places."""


ChangedSince = Callable[[str, Sequence[str]], set[tuple[str, str]]]
"""Returns what changed of some products since a build was last brought up to date: ids with the languages of texts, or
without one where the product itself changed."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A product that must be found.

    Attributes:
        titles: its titles in languages other than its own, by language: translated whole, no drafts or stand-ins.
    """

    product: Product
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Question:
    """One way of asking for a product: the text, the language it is asked in, and what of it is known."""

    product: Product
    text: str
    lang: str
    of_supplier: bool = False

    @property
    def query(self) -> SearchQuery:
        filters = (("supplier", self.product.supplier),) if self.of_supplier else ()
        return SearchQuery(self.text[:MAX_QUERY_LENGTH], self.lang, filters=filters)


def known_item_check(
    service: SearchService,
    index: SearchIndex,
    sample: Callable[[], Iterable[Probe]],
    changed: ChangedSince,
) -> BuildCheck:
    """Return a check that products are found: by id, sku, GTIN and MPN, by their own title and by translated ones.

    Args:
        service: searches a named build.
        index: where it searches.
        sample: returns the products to probe with.
        changed: says what changed since a build was brought up to date; it need not know that.
    """

    def check(build: str, live: str | None) -> Verdict:
        probes = list(sample())
        # Asked after the sample was read: what came into the store in between is told.
        moved = changed(build, [probe.product.id for probe in probes])
        settled = [probe for probe in probes if (probe.product.id, "") not in moved]
        if 2 * len(settled) < len(probes):
            return Verdict(undecided=True)
        probes = [replace(probe, titles=_settled_titles(probe, moved)) for probe in settled]
        try:
            return _probe(service, index, probes, build)
        except LexicartError as exc:
            if isinstance(exc, UnavailableError) and not isinstance(exc, BrokenIndexError):
                raise  # it says nothing of the build that a cluster does not answer
            return Verdict([f"the new build can't be searched: {exc}"])

    return check


def _settled_titles(probe: Probe, moved: Container[tuple[str, str]]) -> dict[str, str]:
    return {lang: title for lang, title in probe.titles.items() if (probe.product.id, lang) not in moved}


def _probe(service: SearchService, index: SearchIndex, probes: Sequence[Probe], build: str) -> Verdict:
    langs = service.languages(build)
    products = [probe.product for probe in probes]
    reasons = list(_lacking(index, [one.id for one in products], langs, build))
    measured = {}
    for how, questions, least in (
        ("sku", [_code_question(one, one.sku, langs) for one in products], 1.0),
        ("GTIN", [_code_question(one, one.gtin, langs) for one in products], LEAST_FOUND),
        ("MPN", [_code_question(one, one.mpn, langs) for one in products], LEAST_FOUND),
        ("title", [_Question(one, one.title, one.lang) for one in products if one.lang in langs], LEAST_FOUND),
        ("translated title", list(_translated(probes, langs)), LEAST_FOUND),
    ):
        asked = [one for one in questions if one is not None and one.text.strip()]
        missed = [one for one in asked if not _found(service, one, build)]
        if asked:
            measured[f"found by {how}"] = round(1 - len(missed) / len(asked), 4)
        if len(asked) - len(missed) < least * len(asked):
            named = _some([_named(one) for one in missed])
            reasons.append(f"{len(missed)} of {len(asked)} products are not found by their {how}: {named}")
    return Verdict(reasons, measured)


def _lacking(index: SearchIndex, ids: Sequence[str], langs: Sequence[str], build: str) -> Iterable[str]:
    there = {lang: index.documents(lang, ids, build).keys() for lang in langs}
    for what, found in {**there, "without language": index.products(ids, build).keys()}.items():
        if missed := [one for one in ids if one not in found]:
            yield f"{what}: {len(missed)} of {len(ids)} products are not there by their id: {_some(missed)}"


def _code_question(product: Product, code: str | None, langs: Sequence[str]) -> _Question | None:
    """Return how to ask for a code; ``None`` for what a query would not be taken for one."""
    if not code or fold_code(code) not in codes_in(code):
        return None
    # Numbers of many suppliers are the same.
    return _Question(product, code, product.lang if product.lang in langs else langs[0], of_supplier=True)


def _translated(probes: Sequence[Probe], langs: Sequence[str]) -> Iterable[_Question]:
    """Yield one question a product, the languages in turn: all languages of all products would take minutes."""
    for number, probe in enumerate(probes):
        there = sorted(lang for lang in probe.titles if lang in langs and lang != probe.product.lang)
        if there:
            lang = there[number % len(there)]
            yield _Question(probe.product, probe.titles[lang], lang)


def _found(service: SearchService, question: _Question, build: str) -> bool:
    query = question.query
    hits = service.search(query, build).hits
    if any(hit.id == question.product.id for hit in hits):
        return True
    # A full page of its equals: sizes of one shirt under one title, a maker's number that stands for none.
    return len(hits) == query.limit and all(_equals(hit, question) for hit in hits)


def _equals(hit: SearchHit, question: _Question) -> bool:
    if question.of_supplier:
        return any(reason.leg == "code" for reason in hit.why)
    return question.text.casefold() in (hit.title.casefold(), hit.source_title.casefold())


def parity_check(
    service: SearchService,
    index: SearchIndex,
    queries: Callable[[], Sequence[JudgedQuery]],
    source_langs: Callable[[Iterable[str]], Mapping[str, str]],
    changed: ChangedSince,
) -> BuildCheck:
    """Return a check that recall, across languages and within, did not fall below the live build's by a margin.

    Both are held against each other by what could compete in both. A catalog of many alike grows by further ones, which
    push others out of ten places, and no build is the worse for it.

    Args:
        service: searches a named build.
        index: where it searches.
        queries: known-item queries that the catalog yields.
        source_langs: returns the languages in which some products were written.
        changed: says what changed since a build was brought up to date; it need not know that.
    """

    def check(build: str, live: str | None) -> Verdict:
        if live is None:
            return Verdict()
        shared = set(service.languages(live)) & set(service.languages(build))
        asked = [query for query in queries() if query.lang in shared]
        moved = changed(build, [name for query in asked for name in query.relevant])
        settled = [query for query in asked if moved.isdisjoint((name, "") for name in query.relevant)]
        if 2 * len(settled) < len(asked):
            return Verdict(undecided=True)
        settled = [query for query in settled if moved.isdisjoint((name, query.lang) for name in query.relevant)]
        langs = source_langs(name for query in settled for name in query.relevant)
        found = _Compared(service, index, settled, build, live)
        reasons, measured = [], {}
        for where, within in (("across languages", False), ("within a language", True)):
            group = {one.id for one in settled if (one.lang in map(langs.get, one.relevant)) is within}
            group -= found.undecided
            if not group:
                continue
            was, is_ = len(found.before & group), len(found.now & group)
            measured[f"recall@10 {where}"] = round(is_ / len(group), 4)
            if was - is_ > max(1, PARITY_MARGIN * len(group)):
                lost = _some(sorted(found.before & group - found.now))
                fell = f"fell from {was / len(group):.3f} to {is_ / len(group):.3f}"
                reasons.append(f"recall@10 {where} of the known-item queries {fell}; not found any more: {lost}")
        return Verdict(reasons, measured)

    return check


class _Compared:
    """Which queries two builds answer with their product in ten places.

    Attributes:
        before: those that the live build answers.
        now: those that the new one answers where newcomers are left out.
        undecided: those of which so many newcomers stand before the product that they can't be left out.
    """

    def __init__(
        self, service: SearchService, index: SearchIndex, queries: Sequence[JudgedQuery], build: str, live: str
    ) -> None:
        there, here = by_service(service, live), by_service(service, build)
        self.before = {query.id for query in queries if _is_among(query, there(query))}
        self.now = {query.id for query in queries if _is_among(query, here(query))}
        self.undecided: set[str] = set()
        far = by_service(service, build, MAX_LIMIT)
        for query in queries:
            if query.id in self.before - self.now:
                page = far(query)
                newcomers = _newcomers(index, query.lang, page, build, live) - query.relevant.keys()
                left = [name for name in page if name not in newcomers]
                if _is_among(query, left[:DEPTH]):
                    self.now.add(query.id)
                elif len(page) == MAX_LIMIT and len(left) < DEPTH:
                    self.undecided.add(query.id)


def _is_among(query: JudgedQuery, names: Sequence[str]) -> bool:
    return not query.relevant.keys().isdisjoint(names)


def _newcomers(index: SearchIndex, lang: str, ids: Sequence[str], build: str, live: str) -> set[str]:
    """Return the products that the live build did not hold, or not with a title that was whole in the language."""
    before, now = index.documents(lang, ids, live), index.documents(lang, ids, build)
    weak = [name for name in ids if not _is_whole(before.get(name))]
    return {name for name in weak if name not in before or _is_whole(now.get(name))}


def _is_whole(document: IndexDocument | None) -> bool:
    return document is not None and document.title_state in ASKABLE


def _named(question: _Question) -> str:
    own = question.lang == question.product.lang or question.of_supplier
    return question.product.id if own else f"{question.product.id} ({question.lang})"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
