"""The files of deployment name what there is: settings, commands, plugins, files; and nothing that is secret."""

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]

from api.cli import lexicart
from api.settings import Settings, load
from indexes.elasticsearch.analyzers import PLUGINS
from tests.conftest import ROOT
from tests.servers.elasticsearch.distribution import VERSION

DOCKER = ROOT / "deploy" / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
IMAGE = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
CLUSTER_IMAGE = (DOCKER / "elasticsearch.Dockerfile").read_text(encoding="utf-8")
EXAMPLE = (DOCKER / "lexicart.env.example").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
CLUSTER_PAGE = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")

OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("lexicart:")}
NODES = {name: service for name, service in SERVICES.items() if name.startswith("elasticsearch-")}


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield the instructions of a Dockerfile, their lines joined."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for line in lines.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, " ".join(rest.split())


def settings_named(text: str) -> set[str]:
    return set(re.findall(r"LEXICART_[A-Z0-9_]*[A-Z0-9]", text))


# -- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [IMAGE, str(COMPOSE), EXAMPLE, PAGE], ids=["image", "compose", "example", "page"])
def test_every_setting_that_is_named_exists(text: str) -> None:
    known = {f"LEXICART_{name.upper()}" for name in Settings.model_fields} | {"LEXICART_PORT"}
    assert settings_named(text) - known == set()


def test_the_services_settings_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for service in OURS.values():
        for name, value in service["environment"].items():
            monkeypatch.setenv(name, value)
    settings = load()
    assert settings.index == "elasticsearch"
    assert [url.split("/")[2].partition(":")[0] for url in settings.elasticsearch_url] == list(NODES)


def test_the_example_has_every_secret_and_none_of_them_filled_in() -> None:
    given = dict(line.split("=", 1) for line in EXAMPLE.splitlines() if line and not line.startswith("#"))
    assert {"LEXICART_DATABASE_URL", "LEXICART_ELASTICSEARCH_API_KEY"} <= given.keys()
    assert [given[name] for name in ("LEXICART_DATABASE_URL", "LEXICART_ELASTICSEARCH_API_KEY")] == ["", ""]


def test_no_file_holds_a_password() -> None:
    for text in (IMAGE, CLUSTER_IMAGE):
        assert not [
            rest for name, rest in instructions(text) if name in ("ARG", "ENV") and re.search("PASS|KEY|SECRET", rest)
        ]
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|API_KEY|SECRET", variable):
                assert value.startswith("/run/secrets/"), (name, variable)
                assert value.removeprefix("/run/secrets/") in service["secrets"], (name, variable)
    ignored = (DOCKER / ".gitignore").read_text(encoding="utf-8").split()
    assert all(f"{one['file']}".startswith("deploy/docker/secrets/") for one in COMPOSE["secrets"].values())
    assert ignored == ["lexicart.env", "secrets/"]


# -- commands ---------------------------------------------------------------------------------------------------------


def command_of(service: dict[str, Any]) -> list[str]:
    said = service.get("command")
    if said is None:
        [(_, rest)] = [one for one in instructions(IMAGE) if one[0] == "CMD"]
        said = yaml.safe_load(rest)
    return [str(word) for word in said]


@pytest.mark.parametrize("name", list(OURS))
def test_every_service_of_ours_runs_a_command_that_there_is(name: str) -> None:
    check_command(command_of(OURS[name]))


def check_command(words: list[str]) -> None:
    command: click.Command = lexicart
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, words
        command, words = found, words[1:]
    command.make_parser(click.Context(command)).parse_args(list(words))


def test_every_command_of_the_page_exists() -> None:
    said = re.findall(r"(?:serve lexicart|lexicart:[\d.]+) ((?:[a-z-]+ ?)+)", PAGE)
    assert len(said) == 3
    for words in said:
        check_command(shlex.split(words))
    started = re.findall(r"docker compose run --rm (?:-T )?(\S+)", PAGE.replace("`", " "))
    assert set(started) == {"nightly", "certificates"}


def test_the_image_runs_lexicart_as_nobody_in_particular() -> None:
    said = list(instructions(IMAGE))
    users = [rest for name, rest in said if name == "USER"]
    assert users
    assert all(re.fullmatch(r"[1-9]\d+:[1-9]\d+", user) for user in users)
    assert ("ENTRYPOINT", '["lexicart"]') in said
    assert [name for name, _ in said].count("FROM") == 2
    assert [name for name, _ in said].count("HEALTHCHECK") == 1


# -- images -----------------------------------------------------------------------------------------------------------


def test_every_image_has_a_version() -> None:
    bases = [rest.split()[0] for text in (IMAGE, CLUSTER_IMAGE) for name, rest in instructions(text) if name == "FROM"]
    for image in [*bases, *(service["image"] for service in SERVICES.values())]:
        assert re.fullmatch(r"[a-z-]+:\d+\.\d+[\w.-]*", image), image
    assert f"elasticsearch:{VERSION}" in bases
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {service["image"] for service in OURS.values()} == {f"lexicart:{project['version']}"}


def test_the_plugins_are_those_that_the_languages_need() -> None:
    [installed] = [rest for name, rest in instructions(CLUSTER_IMAGE) if name == "RUN"]
    assert sorted(re.findall(r"analysis-\w+", installed)) == sorted(PLUGINS.values())
    assert sorted(re.findall(r"elasticsearch-plugin install (analysis-\w+)", CLUSTER_PAGE)) == sorted(PLUGINS.values())


def test_the_image_has_all_that_lexicart_stands_on_in_the_versions_of_the_tests() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    command = [sys.executable, str(DOCKER / "dependencies.py"), str(ROOT / "pyproject.toml"), "postgres"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert printed == [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    assert "-c constraints.txt" in IMAGE


def test_the_image_is_given_every_file_that_it_copies() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    given = {line[1:] for line in ignored if line.startswith("!")}
    copied = [
        path
        for name, rest in instructions(IMAGE)
        if name == "COPY" and not rest.startswith("--from")
        for path in rest.split()[:-1]
    ]
    assert set(copied) == given
    assert [path for path in copied if not (ROOT / path).exists()] == []
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert set(packages["targets"]["wheel"]["packages"]) <= given


# -- services ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(SERVICES))
def test_every_service_says_how_it_is_or_why_not(name: str) -> None:
    check = SERVICES[name]["healthcheck"]
    if check.get("disable"):
        assert SERVICES[name]["x-no-healthcheck"]
    else:
        assert check["test"]
        assert {"interval", "timeout", "retries", "start_period"} <= check.keys()


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "certificates"])
def test_every_service_has_a_limit_of_memory(name: str) -> None:
    assert SERVICES[name]["deploy"]["resources"]["limits"]["memory"]


def test_services_wait_for_those_that_they_need() -> None:
    for name, service in SERVICES.items():
        for needed, how in service.get("depends_on", {}).items():
            ends = SERVICES[needed].get("restart") == "no"
            assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy"), (name, needed)
    for name in ("serve", "worker", "nightly"):
        assert {"schema", *NODES} <= SERVICES[name]["depends_on"].keys()


def test_every_volume_secret_and_file_is_there() -> None:
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).is_file(), (name, source)
            elif not source.startswith(("/", "$")):
                assert source in COMPOSE["volumes"], (name, source)
        assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys()
        if "build" in service:
            assert (ROOT / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_three_nodes_know_each_other_and_show_certificates_of_their_own() -> None:
    assert len(NODES) == 3
    issued = yaml.safe_load((DOCKER / "instances.yml").read_text(encoding="utf-8"))["instances"]
    assert [one["name"] for one in issued] == [*NODES, "postgres"]
    for name, service in NODES.items():
        given = service["environment"]
        assert given["node.name"] == name
        assert given["cluster.initial_master_nodes"].split(",") == list(NODES)
        assert given["discovery.seed_hosts"].split(",") == [one for one in NODES if one != name]
        for layer in ("http", "transport"):
            assert given[f"xpack.security.{layer}.ssl.enabled"] == "true"
            assert given[f"xpack.security.{layer}.ssl.certificate"] == f"certificates/{name}/{name}.crt"
            assert given[f"xpack.security.{layer}.ssl.key"] == f"certificates/{name}/{name}.key"
        assert name in next(one["dns"] for one in issued if one["name"] == name)


def test_nothing_is_reachable_from_outside_but_the_api_on_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"serve": ["127.0.0.1:${LEXICART_PORT:-8000}:8000"]}


def test_the_store_is_ready_when_it_answers_others() -> None:
    # The server of the first initdb listens on its socket alone, and goes away again.
    assert "--host=127.0.0.1" in SERVICES["postgres"]["healthcheck"]["test"]
