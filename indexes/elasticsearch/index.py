"""The Elasticsearch backend behind the contract of :class:`~indexes.backend.SearchIndex`."""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from elasticsearch import NotFoundError as IndexMissing

from catalog.errors import NoLiveBuildError, NotFoundError, UnknownValueError
from catalog.languages import language
from indexes.completion import choose
from indexes.elasticsearch.analyzers import Analyzers
from indexes.elasticsearch.client import Connection, PassingError, Vanished, reason
from indexes.elasticsearch.directory import COMMIT, LANGS, Directory
from indexes.elasticsearch.documents import Means, internal_id, read_document, read_product
from indexes.elasticsearch.legs import Legs, frequencies
from indexes.elasticsearch.mappings import FORMAT
from indexes.elasticsearch.naming import NEUTRAL, Names
from indexes.elasticsearch.queries import EVERYTHING, any_value, counted, counting, facet_counts, one_with, within
from indexes.elasticsearch.questions import Question, Search, ask
from indexes.elasticsearch.remembered import Remembered
from indexes.elasticsearch.shelf import Shelf
from indexes.elasticsearch.suggesting import completions
from indexes.elasticsearch.tokens import analyse
from indexes.elasticsearch.vectors import Vectors
from indexes.elasticsearch.writing import Writer
from indexes.facts import attribute_key, attribute_pair, check_facet_names, check_filters, readable_filters
from indexes.model import (
    Filters,
    IndexDocument,
    Leg,
    LegAnswer,
    ProductDocument,
    Suggestion,
    Token,
    WriteReport,
)
from indexes.readable import is_readable

_Answer = TypeVar("_Answer")

_REMEMBERED = 10_000
"""Products that are kept in memory, about 40 MB: fusion reads several hundred a search, which takes 25 ms."""

_MOST_VALUES = 10_000
"""Values of a facet that are counted, the most frequent; nobody is shown more."""


class ElasticsearchIndex:
    """Search on a cluster: one index a language and one without, a set of them for each build, behind aliases.

    See :class:`~indexes.backend.SearchIndex` for the contract. Any number of processes on any number of machines may
    read and write.

    Args:
        connection: the cluster.
        prefix: what all names on it begin with; installations with different prefixes never touch each other.
        analyzers: of the languages.
        means: language code to the mean by which products of that language are compared; what the search's vector
            legs carry as well.
        dimensions: length of the vectors, ``None`` for that of the first one written.
        shards: into how many parts each index is cut.
        replicas: copies of each part beside the first, as far as there are nodes for them.

    Raises:
        UsageError: the prefix can't be one.
    """

    writes_beside = True

    def __init__(
        self,
        connection: Connection,
        prefix: str = "lexicart",
        analyzers: Analyzers | None = None,
        means: Means | None = None,
        dimensions: int | None = None,
        shards: int = 1,
        replicas: int = 1,
    ) -> None:
        self.name = f"elasticsearch:{prefix}"
        self._connection = connection
        self._names = Names(prefix)
        self._directory = Directory(connection, self._names)
        self._shelf = Shelf(
            connection, self._names, self._directory, analyzers or Analyzers(), dimensions, shards, replicas
        )
        self._writer = Writer(connection, self._names, means or {})
        self._vectors = Vectors(means or {})
        self._products: Remembered[tuple[str, str | None, str], ProductDocument] = Remembered(_REMEMBERED)
        self._several_shards = shards > 1

    # -- builds -------------------------------------------------------------------------------------------------------

    def create(self, build: str, langs: Sequence[str]) -> None:
        """Make an empty build for ``langs``; remains under the same name are removed first."""
        for lang in langs:
            language(lang)
        self._shelf.create(build, langs)

    def languages(self, build: str | None = None) -> Sequence[str]:
        """Return the languages that a build has."""
        return self._directory.languages(self._directory.resolve(build))

    def counts(self, build: str) -> Mapping[str, int]:
        """Return documents by language, and language-neutral ones under ``""``."""

        def questions(name: str) -> list[Question[int]]:
            parts = [*self._directory.languages(name), NEUTRAL]
            return [
                Question((Search(self._names.index(part, name), counting({})),), lambda found: counted(found[0])[1])
                for part in parts
            ]

        numbers = self._ask(build, questions)
        return dict(zip([*self._directory.languages(build), ""], numbers, strict=True))

    def live(self) -> str | None:
        """Return the name of the build that serves, or ``None`` before the first promotion."""
        return self._directory.live()

    def builds(self) -> Sequence[str]:
        """Return the names of all builds that are there, finished or not."""
        return sorted(self._directory.contents(fresh=True).builds)

    def promote(self, build: str, expected: str | None) -> None:
        """Let a build serve all languages at once."""
        self._shelf.promote(build, expected)

    def drop(self, build: str) -> None:
        """Delete a build that is not live; a missing one is no error."""
        self._shelf.drop(build)

    # -- writing ------------------------------------------------------------------------------------------------------

    def write(
        self,
        build: str,
        documents: Iterable[IndexDocument],
        products: Iterable[ProductDocument],
        position: int = 0,
    ) -> WriteReport:
        """Write documents of any languages and language-neutral documents."""
        # Asked anew: a cluster makes an index of its own for documents of one that is gone.
        self._still_there(build)
        return self._writer.write(build, self._directory.languages(build), documents, products, position)

    def delete(self, build: str, ids: Sequence[str], position: int = 0) -> int:
        """Remove products from every index of a build; return how many were there."""
        self._still_there(build)
        return self._writer.delete(build, self._directory.languages(build), ids, position)

    def commit(self, build: str) -> None:
        """Make visible what was written to a build; it was durable when it was written."""
        self._still_there(build)
        indexes = [self._names.index(part, build) for part in (*self._directory.languages(build), NEUTRAL)]
        with self._connection.reporting(f"commit the build {build}"):
            # What has no language first: a new product that a language shows and this index does not yet is no hit, and
            # the newest page was empty for that moment.
            for together in (indexes[-1:], indexes[:-1]):
                self._connection.through_outages(partial(self._refresh, build, together))
        # The mark comes last: who sees it, sees what was written.
        mark = {"format": FORMAT, LANGS: self._directory.made_with(build), COMMIT: secrets.token_hex(8)}
        with self._connection.reporting(f"commit the build {build}"):
            self._connection.through_outages(
                lambda: self._connection.bulk.indices.put_mapping(index=indexes[-1:], meta=mark)
            )
        self._directory.forget()

    def _refresh(self, build: str, indexes: Sequence[str]) -> None:
        answer = self._connection.bulk.indices.refresh(index=indexes)
        if answer["_shards"]["failed"]:
            raise PassingError(f"build {build} is not committed: {answer['_shards']}")

    def _still_there(self, build: str) -> None:
        """Look whether a build is there that is worked on, as soon as the cluster answers."""
        self._connection.through_outages(lambda: self._directory.resolve(build, fresh=True))

    # -- reading ------------------------------------------------------------------------------------------------------

    def legs(self, legs: Sequence[Leg], filters: Filters, build: str | None = None) -> Sequence[LegAnswer]:
        """Run the legs of one search in one round trip."""

        def questions(name: str) -> list[Question[LegAnswer]]:
            made = Legs(partial(self._index, build=name), filters, self._vectors)
            return [made.question(leg) for leg in legs]

        return self._ask(build, questions)

    def documents(self, lang: str, ids: Sequence[str], build: str | None = None) -> Mapping[str, IndexDocument]:
        """Return the stored documents of ids in a language, without what was analysed."""
        found = self._read(build, lambda name: self._stored(name, lang, ids, ["id", "shown"]))
        return {source["id"]: read_document(lang, source) for source in found}

    def products(self, ids: Sequence[str], build: str | None = None) -> Mapping[str, ProductDocument]:
        """Return the stored language-neutral documents of ids."""

        def read(name: str) -> dict[str, ProductDocument]:
            commit = self._directory.commit(name)
            known = {key[-1]: one for key, one in self._products.known((name, commit, one) for one in ids).items()}
            wanted = ["id", "source_lang", "codes", "concepts", "vector", "shown"]
            sources = self._stored(name, NEUTRAL, [one for one in ids if one not in known], wanted)
            found = {source["id"]: read_product(source) for source in sources}
            if commit is not None:
                self._products.keep({(name, commit, one): product for one, product in found.items()})
            return known | found

        return self._read(build, read)

    def facets(
        self, names: Sequence[str], ids: Sequence[str] | None, filters: Filters, build: str | None = None
    ) -> Mapping[str, Mapping[str, int]]:
        """Count the values of each named facet over ``ids``, or over all products that pass ``filters``."""
        check_filters(filters)
        check_facet_names(names)
        conditions = within(readable_filters(filters)) if ids is None else [any_value("id", filter(is_readable, ids))]
        body = {
            "size": 0,
            "query": {"bool": {"filter": [EVERYTHING, *conditions]}},
            "aggs": {str(at): facet_counts(name, _MOST_VALUES) for at, name in enumerate(names)},
        }

        def questions(build: str) -> list[Question[dict[str, dict[str, int]]]]:
            return [Question((Search(self._index(NEUTRAL, build), body),), partial(_read_facets, names))]

        [counts] = self._ask(build, questions)
        return counts

    def examples(
        self, lang: str, pairs: Sequence[tuple[str, str]], build: str | None = None
    ) -> Mapping[tuple[str, str], str]:
        """Return for each facet and value a product that has it and a document in a language, in one round trip."""
        check_facet_names(name for name, _ in pairs)
        asked = [(name, value) for name, value in pairs if is_readable(value)]

        def questions(build: str) -> list[Question[str | None]]:
            index = self._index(lang, build)
            return [Question((Search(index, one_with(name, value)),), _read_example) for name, value in asked]

        found = zip(asked, self._ask(build, questions), strict=True)
        return {pair: example for pair, example in found if example is not None}

    def suggest(self, lang: str, prefix: str, limit: int, build: str | None = None) -> Sequence[Suggestion]:
        """Return completions of ``prefix`` from titles, categories and brands of a language."""
        [found] = self._ask(build, lambda name: [completions(self._index(lang, name), lang, prefix, limit)])
        return choose(found, limit)

    def analyze(self, lang: str, text: str, build: str | None = None) -> Sequence[Token]:
        """Return the tokens of a text as the index of ``lang`` holds them, with document frequencies."""

        def read(name: str) -> list[Token]:
            index = self._index(lang, name)
            recount = partial(self._frequencies, index) if self._several_shards else None
            return analyse(self._connection, index, lang, text, recount)

        return self._read(build, read)

    def _frequencies(self, index: str, tokens: Sequence[str]) -> Mapping[str, int]:
        [numbers] = ask(self._connection, [frequencies(index, tokens)], several_shards=True)
        return numbers

    def _index(self, part: str, build: str) -> str:
        """Return the index of a language (or the neutral one) in a build.

        Raises:
            UnknownValueError: the build lacks the language.
        """
        if part != NEUTRAL and part not in (there := self._directory.languages(build)):
            raise UnknownValueError("language", part, there)
        return self._names.index(part, build)

    def _ask(self, build: str | None, questions: Callable[[str], Sequence[Question[_Answer]]]) -> list[_Answer]:
        return self._read(
            build, lambda name: ask(self._connection, questions(name), several_shards=self._several_shards)
        )

    def _read(self, build: str | None, read: Callable[[str], _Answer]) -> _Answer:
        """Read from a build; the live one is looked up again when it was dropped after another was promoted."""
        name = self._directory.resolve(build)
        try:
            return self._try(name, read)
        except (Vanished, IndexMissing) as first:
            self._directory.forget()
            if build is not None:
                raise NotFoundError(f"build {name} under {self._names.prefix} is gone") from first
        try:
            return self._try(self._directory.resolve(None), read)
        except (Vanished, IndexMissing) as second:
            raise NoLiveBuildError(
                f"the live build under {self._names.prefix} is gone: run `lexicart index`"
            ) from second

    def _try(self, name: str, read: Callable[[str], _Answer]) -> _Answer:
        with self._connection.reporting("search"):
            return self._connection.patiently(lambda: read(name))

    def _stored(self, build: str, part: str, ids: Sequence[str], wanted: Sequence[str]) -> list[dict[str, Any]]:
        index = self._index(part, build)
        asked = [internal_id(name) for name in dict.fromkeys(ids) if name and is_readable(name)]
        if not asked:
            return []
        # Not `realtime`: what was not committed is not seen.
        answer = self._connection.reads.mget(index=index, ids=asked, source_includes=list(wanted), realtime=False)
        for one in answer["docs"]:
            if "error" in one:
                if one["error"].get("type") == "index_not_found_exception":
                    raise Vanished(index)
                # A copy of its shard that is on its way to another node.
                raise PassingError(f"{index} could not be read: {reason(one)}")
        return [one["_source"] for one in answer["docs"] if one["found"]]

    # -- the end ------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close all connections."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _read_facets(names: Sequence[str], answers: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    [answer] = answers
    counts: dict[str, dict[str, int]] = {}
    for at, name in enumerate(names):
        key = attribute_key(name)
        prefix = "" if key is None else attribute_pair(key, "")
        buckets = answer["aggregations"][str(at)]["buckets"]
        counts[name] = {bucket["key"].removeprefix(prefix): bucket["doc_count"] for bucket in buckets}
    return counts


def _read_example(answers: Sequence[Mapping[str, Any]]) -> str | None:
    [answer] = answers
    return next((str(hit["fields"]["id"][0]) for hit in answer["hits"]["hits"]), None)
