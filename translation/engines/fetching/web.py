"""Files over HTTP: by TLS alone, and going on where a download stopped."""

import base64
import hashlib
import ipaddress
import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3

from catalog.errors import UnavailableError, UsageError
from translation.engines.fetching.offers import Content
from translation.engines.fetching.unpacking import LARGEST, WrongContentError

TRIES = 5
"""Times that a broken connection is made again before the user has to."""

_MOST_TRIES = 100
"""However much came with each of them."""

_FIRST_WAIT = 1.0
_REDIRECTS = 5
_CHUNK = 1 << 16
_LARGEST_LIST = 50_000_000
_TIMEOUT = urllib3.Timeout(connect=10, read=60)

Progress = Callable[[int], object]
Sleep = Callable[[float], None]


class NoSuchFileError(UnavailableError):
    """The server has nothing under this URL."""


class _BrokenOffError(Exception):
    """The connection failed or the server is busy; it may work again."""


class Web:
    """Gets files from one source and from where it points.

    Args:
        source: the URL that the user gave. Plain HTTP is allowed where this names the user's own machine: then, and for
            addresses of that machine only.
        sleep: waits between tries.

    Raises:
        UsageError: the URL is none, or not by TLS.
    """

    def __init__(self, source: str, sleep: Sleep = time.sleep) -> None:
        self._local = _is_local(source)
        self._sleep = sleep
        # Without automatic unpacking: size and digest are of the bytes as they are stored.
        headers = {"User-Agent": "lexicart", "Accept-Encoding": "identity"}
        self._http = urllib3.PoolManager(retries=False, timeout=_TIMEOUT, headers=headers)
        if not re.match(r"https?://[^/?#\s]+[^\s]*$", source):
            raise UsageError(f"{source!r} is no URL of a list of models and no folder")
        if not self._allowed(source):
            raise UsageError(f"{source}: models are fetched by TLS only; give the https:// address")

    def document(self, url: str) -> tuple[Any, Mapping[str, str]]:
        """Return a JSON document with the answer's headers.

        Raises:
            UnavailableError: it can't be reached or is no JSON; names the URL.
        """
        wait = _FIRST_WAIT
        for attempt in range(TRIES):
            try:
                response = self._opened(url, {})
                try:
                    if response.status != 200:
                        raise self._refused(url, response.status)
                    data = response.read(_LARGEST_LIST + 1, decode_content=True)
                    headers = {name.lower(): value for name, value in response.headers.items()}
                finally:
                    response.release_conn()
                if len(data) > _LARGEST_LIST:
                    raise UnavailableError(
                        f"{url}: this is no list of models: it has more than {_LARGEST_LIST:,} bytes"
                    )
                return json.loads(data), headers
            except ValueError as exc:
                raise UnavailableError(f"{url}: this is no list of models (no JSON: {exc})") from exc
            except (_BrokenOffError, urllib3.exceptions.HTTPError) as exc:
                if attempt == TRIES - 1:
                    raise _unreachable(url, exc) from exc
                self._sleep(wait)
                wait *= 2
        raise AssertionError("not reached")

    def download(self, url: str, part: Path, announced: Content, progress: Progress) -> bool:
        """Write a file into ``part``, going on after what is there; say whether it went on.

        ``progress`` gets the bytes as they come, those that were there included; negative when they have to come again.

        Raises:
            UnavailableError: it can't be reached, or broke off too often; what came stays for the next time.
            WrongContentError: it has another size than was announced, or another digest than the server says itself.
        """
        resumed = part.exists() and part.stat().st_size > 0
        progress(part.stat().st_size if resumed else 0)
        wait, tries = _FIRST_WAIT, 0
        for last in (*[False] * (_MOST_TRIES - 1), True):
            before = part.stat().st_size if part.exists() else 0
            if announced.size is not None and before == announced.size:
                return resumed
            try:
                self._go_on(url, part, announced, progress)
                return resumed
            except (_BrokenOffError, urllib3.exceptions.HTTPError) as exc:
                # A server that gives a piece at every try gets there; one that gives nothing is asked TRIES times.
                came = part.exists() and part.stat().st_size > before
                tries = 1 if came else tries + 1
                if last or tries >= TRIES:
                    raise _unreachable(url, exc, part.stat().st_size if part.exists() else 0) from exc
                wait = _FIRST_WAIT if came else wait * 2
                self._sleep(wait)
        raise AssertionError("not reached")

    def _go_on(self, url: str, part: Path, announced: Content, progress: Progress) -> None:
        there = part.stat().st_size if part.exists() else 0
        tag = _tag_file(part)
        asked = {"Range": f"bytes={there}-"} if there else {}
        if there and tag.exists():
            asked["If-Range"] = tag.read_text(encoding="ascii")
        response = self._opened(url, asked)
        try:
            if response.status == 416 or (response.status == 206 and _begins_at(response) != there):
                # What is there is not the beginning of what is offered now.
                _forget(part, there, progress)
                raise _BrokenOffError("the file has changed")
            if response.status not in (200, 206):
                raise self._refused(url, response.status)
            if response.status == 200 and there:
                _forget(part, there, progress)
                there = 0
            self._keep_tag(tag, response)
            length = response.headers.get("Content-Length", "")
            if announced.size is not None and length.isdecimal() and there + int(length) != announced.size:
                _forget(part, there, progress)
                raise WrongContentError(f"it has {there + int(length):,} bytes and not {announced.size:,}")
            self._write(response, part, there, announced, progress)
        finally:
            response.close()
        _compare_with_header(part, response)

    @staticmethod
    def _write(
        response: urllib3.BaseHTTPResponse, part: Path, there: int, announced: Content, progress: Progress
    ) -> None:
        most, size = announced.size or LARGEST, there
        with part.open("ab") as file:
            for chunk in response.stream(_CHUNK, decode_content=False):
                size += len(chunk)
                if size > most:
                    raise WrongContentError(f"it has more than {most:,} bytes")
                file.write(chunk)
                progress(len(chunk))
        if announced.size is not None and size < announced.size:
            raise _BrokenOffError(f"it ended after {size:,} of {announced.size:,} bytes")

    @staticmethod
    def _keep_tag(tag: Path, response: urllib3.BaseHTTPResponse) -> None:
        etag = response.headers.get("ETag", "")
        if etag.isascii() and etag.startswith('"'):
            tag.write_text(etag, encoding="ascii")
        else:
            tag.unlink(missing_ok=True)

    def _opened(self, url: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Send a request and follow where it is sent on to; every address has to be allowed."""
        at = url
        for _ in range(_REDIRECTS + 1):
            if not self._allowed(at):
                raise UnavailableError(f"{url}: it leads to {at}, which is not by TLS: nothing is fetched from there")
            asked = {**self._http.headers, **headers}
            response = self._http.request("GET", at, headers=asked, preload_content=False, redirect=False)
            location = response.get_redirect_location()
            if not location:
                if response.status in (408, 425, 429) or response.status >= 500:
                    response.close()
                    raise _BrokenOffError(f"status {response.status}")
                return response
            response.close()
            at = urljoin(at, location)
        raise UnavailableError(f"{url}: it leads from address to address ({_REDIRECTS} times) and to no file")

    def _allowed(self, url: str) -> bool:
        return urlsplit(url).scheme == "https" or (urlsplit(url).scheme == "http" and self._local and _is_local(url))

    @staticmethod
    def _refused(url: str, status: int) -> UnavailableError:
        if status in (404, 410):
            return NoSuchFileError(
                f"{url}: there is no such file (status {status}): check --from or LEXICART_MODELS_URL"
            )
        return UnavailableError(f"{url}: the server refuses it (status {status}): check --from or LEXICART_MODELS_URL")


def _unreachable(url: str, exc: Exception, there: int | None = None) -> UnavailableError:
    kept = f"; {there:,} bytes are kept and the same command goes on from there" if there else ""
    said = getattr(exc, "reason", None) or exc
    return UnavailableError(f"{url} can't be reached or breaks off ({said}){kept}. Try again, or fetch from a folder.")


def _is_local(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        if host == "localhost":
            return True
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _begins_at(response: urllib3.BaseHTTPResponse) -> int | None:
    begin = response.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
    return int(begin) if begin.isdecimal() else None


def _tag_file(part: Path) -> Path:
    return part.with_name(part.name + ".etag")


def _forget(part: Path, there: int, progress: Progress) -> None:
    part.unlink(missing_ok=True)
    _tag_file(part).unlink(missing_ok=True)
    progress(-there)


def _compare_with_header(part: Path, response: urllib3.BaseHTTPResponse) -> None:
    """Compare with the MD5 that Google's storage sends along, the only digest there of what has none announced."""
    said = ",".join(response.headers.getlist("x-goog-hash"))
    stored = response.headers.get("x-goog-stored-content-encoding", "identity")
    if stored != response.headers.get("Content-Encoding", "identity"):
        return  # unpacked on the way: the digest is of what is stored
    for one in said.split(","):
        name, _, value = one.strip().partition("=")
        if name == "md5":
            with part.open("rb") as file:
                found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()
            if base64.b64encode(found).decode() != value:
                raise WrongContentError("its MD5 is not the one that its server says")
