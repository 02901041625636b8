"""Completions of what a buyer began to type, looked up on the cluster."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from indexes.completion import Completion, prefix_key
from indexes.elasticsearch.documents import FROM_START, FROM_WORD, SEPARATOR
from indexes.elasticsearch.questions import Answers, Question, Search

_RESERVED = frozenset('.?+*|{}[]()"\\#@&<>~^$-')
"""What has a meaning of its own in Lucene's regular expressions."""

_KINDS: Mapping[str, Literal["brand", "category"]] = {"b": "brand", "c": "category"}

_SAME_TITLES = 4
"""Several products may carry the same title: so many are looked at for each that is shown."""


def completions(index: str, lang: str, typed: str, limit: int) -> Question[list[Completion]]:
    """Ask for what begins with what was typed: at least the best ``limit`` of each kind that there are."""
    prefix = prefix_key(lang, typed)
    if not prefix:
        return Question((), lambda _answers: [])
    searches = (
        _groups(index, prefix, limit),
        _titles(index, "title_starts", prefix, limit),
        _titles(index, "word_starts", prefix, limit),
    )
    return Question(searches, _read)


def _groups(index: str, prefix: str, limit: int) -> Search:
    """Count categories and brands that begin with a prefix, the most frequent first."""
    counts = {
        start: {
            "terms": {
                "field": "groups",
                "size": limit,
                "include": _pattern(start + prefix) + ".*",
                "order": [{"_count": "desc"}, {"_key": "asc"}],
            }
        }
        for start in (FROM_START, FROM_WORD)
    }
    begins = [{"prefix": {"groups": start + prefix}} for start in (FROM_START, FROM_WORD)]
    return Search(index, {"size": 0, "query": {"bool": {"should": begins}}, "aggs": counts})


def _titles(index: str, field: str, prefix: str, limit: int) -> Search:
    return Search(
        index,
        {
            "query": {"prefix": {field: prefix}},
            "sort": [{"title_key": "asc"}, {"id": "asc"}],
            "size": _SAME_TITLES * limit,
            "_source": ["shown.title"],
            "track_total_hits": False,
        },
    )


def _pattern(text: str) -> str:
    return "".join(f"\\{one}" if one in _RESERVED else one for one in text)


def _read(answers: Answers) -> list[Completion]:
    groups, from_start, from_word = answers
    return [*_read_groups(groups), *_read_titles(from_start, True), *_read_titles(from_word, False)]


def _read_groups(answer: Mapping[str, Any]) -> Iterator[Completion]:
    for start, found in answer["aggregations"].items():
        for bucket in found["buckets"]:
            text = bucket["key"].partition(SEPARATOR)[2]
            yield Completion(_KINDS[text[0]], text[1:], bucket["doc_count"], start == FROM_START)


def _read_titles(answer: Mapping[str, Any], from_start: bool) -> Iterator[Completion]:
    for hit in answer["hits"]["hits"]:
        yield Completion("product", hit["_source"]["shown"]["title"], 1, from_start)
