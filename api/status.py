"""What there is: products, texts, builds, engines, and what waits."""

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from api.bootstrap import Parts
from catalog.errors import UnavailableError
from translation.engines.usage import Metered

if TYPE_CHECKING:
    from translation.engine import EngineInfo, TranslationEngine
    from translation.records.leases import AtWork

_PAGE = 20_000


def status_of(parts: Parts) -> dict[str, Any]:
    """Return the state of an installation, the shape of ``lexicart status --json`` and ``/v1/status``.

    Where the index can't be asked, everything else is there, and ``index_error`` says why ``live`` is not.
    """
    parts.translations.follow()
    router = parts.router()
    live, index_error = _serving(parts)
    # Where the index does not say what serves, what waits is counted for the build that served by the store's record.
    serves = [build for build in parts.builds.all() if (build.state == "live" if index_error else build.name == live)]
    position = serves[0].position if serves else None
    return {
        "products": parts.products.counts(),
        "texts": parts.translations.coverage(parts.settings.langs),
        "builds": [build.as_json() for build in parts.builds.existing()],
        "live": live,
        "index_error": index_error,
        "behind": None if position is None else parts.builds.behind(position),
        "queue": _queue(parts, position),
        "workers": [_worker(one) for one in parts.translations.workers()],
        "poisoned": parts.translations.poisoned(),
        "engines": [_engine(*one) for one in zip(router.every, router.infos, strict=True)],
        "warnings": router.warnings(),
        "terms": len(parts.termbase.concepts),
        "langs": list(parts.settings.langs),
    }


def _serving(parts: Parts) -> tuple[str | None, str | None]:
    """Return the build that serves, or why that is not known."""
    try:
        return parts.index.live(), None
    except UnavailableError as exc:
        return None, str(exc)


def _worker(one: "AtWork") -> dict[str, Any]:
    return {"place": one.place, "texts": one.texts, "beat_at": one.beat_at.isoformat()}


def _queue(parts: Parts, indexed: int | None) -> int:
    """Return how many products have changes that are not translated or not in the live index yet."""
    _, translated = parts.translations.readers()
    waiting: set[str] = set() if indexed is not None else parts.products.live_ids()
    if indexed is not None and parts.builds.behind(indexed):
        waiting |= _changed_since(parts, indexed, with_texts=True)
    # A changed text waits for the index alone; a changed product waits for the translation too.
    if parts.builds.behind(translated):
        waiting |= _changed_since(parts, translated, with_texts=False)
    return len(waiting)


def _changed_since(parts: Parts, position: int, *, with_texts: bool) -> set[str]:
    found: set[str] = set()
    page = parts.builds.changes(position, _PAGE)
    while not page.empty:
        found |= page.products | page.texts.keys() if with_texts else page.products
        page = parts.builds.changes(page.until, _PAGE)
    return found


@runtime_checkable
class _Described(Protocol):
    def describe(self) -> str: ...


def _engine(engine: "TranslationEngine", info: "EngineInfo") -> dict[str, Any]:
    return {
        "name": info.name,
        "version": info.version,
        "licence": info.licence,
        "licences": dict(sorted(Counter(info.model(pair).licence for pair in info.pairs).items())),
        "pairs": sorted(str(pair) for pair in info.pairs),
        "runtime": engine.describe() if isinstance(engine, _Described) else "",
        "usage": asdict(engine.usage()) if isinstance(engine, Metered) else None,
    }
