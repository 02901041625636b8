"""Any server that speaks LibreTranslate's HTTP interface."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import urllib3

from catalog.errors import PermanentEngineError, TransientEngineError, UnavailableError, UsageError
from catalog.languages import CODES
from translation.engine import EngineInfo, Pair, TranslationEngine
from translation.engines.usage import Ledger, OwnLedger, Usage

NAME = "libretranslate"

CHARACTERS_AT_ONCE = 4_000
"""Characters of one request; public servers allow 5,000 unless their settings say otherwise."""

TRIES = 5
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0
_CONNECTIONS = 64
"""Kept open at most; beyond them urllib3 warns and closes."""

_TIMEOUT = urllib3.Timeout(connect=5, read=120)

Sleep = Callable[[float], None]


class LibreTranslateEngine(TranslationEngine):
    """Translates by a LibreTranslate server.

    Args:
        url: its address, such as ``http://localhost:5000``.
        key: API key, for servers that want one.
        budget: characters that may be sent in a month; the engine stops before it passes them. 0: no limit.
        ledger: counts them; ``None`` counts what this process sends.
        licence: of the server's models, as its operator says.
        sleep: waits between tries.
    """

    def __init__(
        self,
        url: str,
        key: str = "",
        *,
        budget: int = 0,
        ledger: Ledger | None = None,
        licence: str = "unknown",
        sleep: Sleep = time.sleep,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise UsageError(f"LEXICART_LIBRETRANSLATE_URL={url}: it has to begin with http:// or https://")
        self._url = url.rstrip("/")
        self._key = key
        self._budget = budget
        self._ledger = ledger or OwnLedger()
        self._licence = licence
        self._sleep = sleep
        agent = {"User-Agent": "lexicart"}
        self._http = urllib3.PoolManager(retries=False, timeout=_TIMEOUT, headers=agent, maxsize=_CONNECTIONS)
        self._lock = threading.Lock()
        self._used: Counter[str] = Counter()

    def info(self) -> EngineInfo:
        """Say what the server offers; asks it once.

        Raises:
            UnavailableError: the server can't be reached, or is no LibreTranslate.
        """
        said = f"{self._url} {self._offer.version}"
        return EngineInfo(NAME, said, self._licence, frozenset(self._offer.names))

    def at_once(self, texts: Sequence[str]) -> int:
        """As many as one request may hold: the answer to a request is paid for, and kept before the next."""
        first = next(self._batches(texts), [len(texts) - 1])
        return first[-1] + 1

    def tries_again(self) -> bool:
        """It does, and each request is counted once whatever becomes of it."""
        return True

    def translate(self, pair: Pair, texts: Sequence[str]) -> list[str]:
        """Translate texts, several a request; a text is never cut."""
        names = self._offer.names.get(pair)
        if names is None:
            raise PermanentEngineError(f"engine libretranslate does not serve {pair}: {self._url} has no such model")
        answers = list(texts)
        for places in self._batches(texts):
            asked = [texts[place] for place in places]
            for place, answer in zip(places, self._ask(pair, names, asked), strict=True):
                answers[place] = answer
        return answers

    def usage(self) -> Usage:
        """Return what was asked of the server so far."""
        with self._lock:
            used = dict(self._used)
        return Usage(**used, spent=self._ledger.spent(NAME), budget=self._budget)

    def _count(self, what: str, number: int = 1) -> None:
        with self._lock:
            self._used[what] += number

    @cached_property
    def _offer(self) -> "_Offer":
        try:
            languages = self._read(self._http.request("GET", f"{self._url}/languages"))
            settings = self._read(self._http.request("GET", f"{self._url}/frontend/settings"))
        except (urllib3.exceptions.HTTPError, ValueError) as exc:
            raise UnavailableError(
                f"engine libretranslate: {self._url} can't be reached or is no LibreTranslate server ({exc}): check "
                "LEXICART_LIBRETRANSLATE_URL"
            ) from exc
        return _offer(languages, settings if isinstance(settings, dict) else {})

    def _read(self, response: urllib3.BaseHTTPResponse) -> Any:
        if response.status != 200:
            raise ValueError(f"status {response.status}")
        return json.loads(response.data)

    def _batches(self, texts: Sequence[str]) -> Iterator[list[int]]:
        """Yield places of texts with words, as many as a request may hold."""
        most = min(CHARACTERS_AT_ONCE, self._offer.most_characters or CHARACTERS_AT_ONCE)
        batch: list[int] = []
        size = 0
        for place, text in enumerate(texts):
            if not text.strip():
                continue
            if batch and (size + len(text) > most or len(batch) == self._offer.most_texts):
                yield batch
                batch, size = [], 0
            batch.append(place)
            size += len(text)
        if batch:
            yield batch

    def _ask(self, pair: Pair, names: tuple[str, str], texts: Sequence[str]) -> list[str]:
        size = sum(map(len, texts))
        self._spend(size)
        body = {"q": list(texts), "source": names[0], "target": names[1], "format": "text"}
        if self._key:
            body["api_key"] = self._key
        response = self._sent(pair, body)
        try:
            found = json.loads(response.data)["translatedText"]
        except (ValueError, KeyError, TypeError) as exc:
            raise TransientEngineError(f"engine libretranslate, {pair}: the answer holds no translation") from exc
        if not isinstance(found, list) or len(found) != len(texts) or not all(isinstance(one, str) for one in found):
            raise TransientEngineError(f"engine libretranslate, {pair}: not one answer for each of {len(texts)} texts")
        self._count("requests")
        return found

    def _spend(self, characters: int) -> None:
        if not self._ledger.spend(NAME, characters, self._budget):
            raise UnavailableError(
                f"engine {NAME}: {characters:,} characters more would pass the budget of {self._budget:,} a month "
                f"({self._ledger.spent(NAME):,} sent): what is left stays pending; raise "
                "LEXICART_LIBRETRANSLATE_BUDGET or wait for the next month"
            )
        self._count("characters", characters)

    def _sent(self, pair: Pair, body: dict[str, Any]) -> urllib3.BaseHTTPResponse:
        """Send a request, again after growing waits where the failure may pass."""
        wait, problem = _FIRST_WAIT, ""
        for attempt in range(TRIES):
            if attempt:
                self._count("retries")
                # Half of it by chance, so that workers that failed together don't come back together.
                self._sleep(wait * (0.5 + random.random() / 2))
                wait = min(2 * wait, _LONGEST_WAIT)
            try:
                response = self._http.request("POST", f"{self._url}/translate", json=body)
            except urllib3.exceptions.HTTPError as exc:
                problem = str(exc)
                continue
            if response.status == 200:
                return response
            problem = _said(response)
            if response.status in (401, 403):
                raise UnavailableError(
                    f"engine libretranslate: {self._url} refuses the key ({problem}): check "
                    "LEXICART_LIBRETRANSLATE_API_KEY"
                )
            if response.status not in (408, 429) and response.status < 500:
                raise PermanentEngineError(f"engine libretranslate, {pair}: {problem}")
            wait = max(wait, _asked_wait(response))
        raise TransientEngineError(f"engine libretranslate, {pair}: {TRIES} tries failed, the last with: {problem}")


@dataclass(frozen=True, slots=True)
class _Offer:
    names: dict[Pair, tuple[str, str]]
    most_characters: int
    most_texts: int
    version: str


def _offer(languages: Any, settings: dict[str, Any]) -> _Offer:
    """Read what a server offers; ``zh-Hans`` and ``pt-BR`` stand for the language where it has no plain code."""
    names: dict[Pair, tuple[str, str]] = {}
    if not isinstance(languages, list) or not all(isinstance(row, dict) and "code" in row for row in languages):
        raise ValueError("no list of languages")
    for row in sorted(languages, key=lambda row: len(str(row["code"]))):
        for target in sorted(map(str, row.get("targets", ())), key=len):
            pair = Pair(str(row["code"]).split("-")[0], target.split("-")[0])
            if pair.source in CODES and pair.target in CODES and pair.source != pair.target:
                names.setdefault(pair, (str(row["code"]), target))
    most = settings.get("charLimit")
    texts = settings.get("batchLimit")
    return _Offer(
        names,
        most if isinstance(most, int) and most > 0 else 0,
        texts if isinstance(texts, int) and texts > 0 else 0,
        str(settings.get("version", "")),
    )


def _said(response: urllib3.BaseHTTPResponse) -> str:
    try:
        said = json.loads(response.data).get("error", "")
    except (ValueError, AttributeError):
        said = ""
    return f"status {response.status} {str(said)[:200]}".strip()


def _asked_wait(response: urllib3.BaseHTTPResponse) -> float:
    """Return the seconds that a server asks for, at most a minute."""
    said = response.headers.get("Retry-After", "")
    return min(float(said), _LONGEST_WAIT) if said.isdigit() else 0.0
