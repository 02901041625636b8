"""One round trip: the searches of several questions sent together, and each question's own answers given to it."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from indexes.elasticsearch.client import Connection

_Answer = TypeVar("_Answer")
_Answer_co = TypeVar("_Answer_co", covariant=True)

Answers = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Search:
    """One search of one index."""

    index: str
    body: Mapping[str, Any]

    def lines(self, *, several_shards: bool) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return header and body as they are sent."""
        header: dict[str, Any] = {
            "index": self.index,
            # An answer from some of the shards would be taken for one from all.
            "allow_partial_search_results": False,
            # Copies of a shard differ in what deleted documents still count for: the same question goes to the same.
            "preference": f"q{zlib.crc32(str(self.body).encode('utf-8', 'replace')):08x}",
        }
        if several_shards:
            # Rarity is counted over all shards.
            header["search_type"] = "dfs_query_then_fetch"
        return header, self.body


@dataclass(frozen=True, slots=True)
class Question(Generic[_Answer_co]):
    """What is asked of the cluster, and how its answers are read.

    Attributes:
        searches: answered in this order.
        read: called with one answer a search.
    """

    searches: tuple[Search, ...]
    read: Callable[[Answers], _Answer_co]


def ask(connection: Connection, questions: Sequence[Question[_Answer]], *, several_shards: bool) -> list[_Answer]:
    """Ask all questions in one round trip and return their answers in order."""
    sent = [
        line
        for question in questions
        for search in question.searches
        for line in search.lines(several_shards=several_shards)
    ]
    answers = iter(connection.search(sent))
    return [question.read([next(answers) for _ in question.searches]) for question in questions]
