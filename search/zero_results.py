"""Searches that found nothing: what a catalog, its terms or its translations lack, in the buyers' own words.

Of who searched nothing is kept: only the words, in small letters and cut to 200 characters, the two languages, how
often, and when first and last. Searches with filters, and later pages, say nothing about words and are left out.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, bindparam, delete, func, select, tuple_, update

from catalog.database import reading, upsert, utc_now, writing
from catalog.locks import hold
from catalog.tables import zero_searches
from search.model import SearchPage, SearchQuery

LONGEST_QUERY = 200
"""Characters of a query that are kept."""

KEPT_DAYS = 90
"""Days after which a search that was not repeated is dropped."""

MOST_KEPT = 10_000
"""Different searches that are kept; beyond, those that were not repeated for longest go."""

_SHARE_LEFT = 0.9
"""How full the table is after it was full: so that not every search after that has to make room."""

_LOCK = "zero searches"


@dataclass(frozen=True, slots=True, order=True)
class ZeroSearch:
    """A search that found nothing.

    Attributes:
        query: normalised, see :func:`normalised`.
        query_lang: language in which it was asked.
        lang: the buyer's language.
    """

    query: str
    query_lang: str
    lang: str


@dataclass(frozen=True, slots=True)
class Missed:
    """How often a search found nothing.

    Attributes:
        times: since it was last told of.
        in_all: since it is known.
    """

    search: ZeroSearch
    times: int
    in_all: int
    last_at: datetime

    def as_json(self) -> dict[str, Any]:
        """One entry of ``zero_results`` of a nightly report."""
        return {
            "query": self.search.query,
            "query_lang": self.search.query_lang,
            "lang": self.search.lang,
            "times": self.times,
            "in_all": self.in_all,
            "last_at": self.last_at.isoformat(timespec="seconds"),
        }


def normalised(text: str) -> str:
    """Return a query as it is counted: one writing of each character, small letters, single blanks, 200 characters."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    readable = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in folded)
    return " ".join(readable.split())[:LONGEST_QUERY].rstrip()


def missed_by(query: SearchQuery, page: SearchPage) -> ZeroSearch | None:
    """Return what a search looked for in vain, ``None`` where it found something or its words are not to blame."""
    if page.total or page.hits or query.filters or query.offset:
        return None
    text = normalised(query.text)
    return ZeroSearch(text, page.query_lang, page.lang) if text else None


class ZeroResults:
    """The record of searches that found nothing.

    Args:
        engine: from :func:`catalog.database.connect`.
        most: different searches that are kept.
    """

    def __init__(self, engine: Engine, most: int = MOST_KEPT) -> None:
        self._engine = engine
        self._most = most

    def add(self, counted: Mapping[ZeroSearch, int], at: datetime | None = None) -> None:
        """Count searches that found nothing."""
        if not counted:
            return
        now = at or utc_now()
        rows = [
            {
                "query": search.query,
                "query_lang": search.query_lang,
                "lang": search.lang,
                "times": times,
                "told": 0,
                "first_at": now,
                "last_at": now,
            }
            for search, times in sorted(counted.items())
        ]
        with writing(self._engine) as connection:
            hold(connection, _LOCK)  # two that write the same rows in another order would wait for each other
            statement = upsert(connection, zero_searches)
            again = {"times": zero_searches.c.times + statement.excluded.times, "last_at": statement.excluded.last_at}
            connection.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=again), rows)
            number = connection.execute(select(func.count()).select_from(zero_searches)).scalar_one()
            if number > self._most:
                oldest = select(*_KEY).order_by(zero_searches.c.last_at, *_KEY)
                spare = number - max(1, int(_SHARE_LEFT * self._most))
                connection.execute(delete(zero_searches).where(tuple_(*_KEY).in_(oldest.limit(spare))))

    def untold(self) -> Sequence[Missed]:
        """Return the searches of which :meth:`told` was not called yet, the most frequent first."""
        fresh = zero_searches.c.times - zero_searches.c.told
        query = select(zero_searches).where(fresh > 0).order_by(fresh.desc(), *_KEY)
        with reading(self._engine) as connection:
            return [
                Missed(ZeroSearch(row.query, row.query_lang, row.lang), row.times - row.told, row.times, row.last_at)
                for row in connection.execute(query)
            ]

    def told(self, searches: Sequence[Missed]) -> None:
        """Record that a report told of searches; those that were made since :meth:`untold` are left for the next."""
        if not searches:
            return
        with writing(self._engine) as connection:
            hold(connection, _LOCK)
            same = [column == bindparam(f"the_{column.name}") for column in _KEY]
            statement = update(zero_searches).where(*same).values(told=bindparam("now_told"))
            connection.execute(statement, [_told(one) for one in sorted(searches, key=lambda missed: missed.search)])

    def drop_old(self, at: datetime | None = None) -> int:
        """Delete the searches that were not repeated for 90 days; return how many went."""
        before = (at or utc_now()) - timedelta(days=KEPT_DAYS)
        with writing(self._engine) as connection:
            hold(connection, _LOCK)
            return connection.execute(delete(zero_searches).where(zero_searches.c.last_at < before)).rowcount


_KEY = (zero_searches.c.query, zero_searches.c.query_lang, zero_searches.c.lang)


def _told(one: Missed) -> dict[str, Any]:
    search = one.search
    return {
        "the_query": search.query,
        "the_query_lang": search.query_lang,
        "the_lang": search.lang,
        "now_told": one.in_all,
    }
