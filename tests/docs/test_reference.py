"""The documentation names everything that is there: commands, options, settings, routes, packages, dependencies."""

import re
import tomllib
from collections.abc import Iterator

import click
import pytest

from api.app import create_app
from api.cli import lexicart
from api.settings import Settings, load
from catalog.languages import CODES
from tests.conftest import ROOT

REFERENCE = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(f"{path} {name}", inner)
    else:
        yield path, command


def sections() -> dict[str, str]:
    parts = re.split(r"^### `(lexicart [^`]*)`$", REFERENCE, flags=re.MULTILINE)
    return {
        " ".join(word for word in name.split() if word.islower()): text
        for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }


@pytest.mark.parametrize(("path", "command"), list(commands("lexicart", lexicart)))
def test_every_command_and_option_is_documented(path: str, command: click.Command) -> None:
    text = sections()[path]
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert all(f"`{name}`" in text for name in parameter.opts), f"{path}: {parameter.opts}"
            assert parameter.help or parameter.show_default or isinstance(parameter.type, click.Choice), parameter.opts


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    description = Settings.model_fields[name].description
    assert description
    assert f"`LEXICART_{name.upper()}`" in REFERENCE
    assert description in REFERENCE


def test_no_setting_is_documented_that_is_not_there() -> None:
    named = set(re.findall(r"LEXICART_([A-Z0-9_]+)", REFERENCE + README + ARCHITECTURE))
    assert {name.lower() for name in named if not name.startswith("TEST_")} <= set(Settings.model_fields)


def test_every_route_is_documented(tmp_path: object) -> None:
    for path in create_app(load(home=str(tmp_path))).openapi()["paths"]:
        assert f" {path}`" in REFERENCE, path


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    table = ARCHITECTURE.split("## What Lexicart stands on")[1].casefold()
    for dependency in project["dependencies"]:
        name = re.split(r"[<>=\[]", dependency)[0]
        assert name.casefold() in table, f"{name} has no reason in ARCHITECTURE.md"


def test_the_readme_names_the_languages_and_both_commands() -> None:
    assert " ".join(CODES) in README
    assert "make demo" in README
    assert "make test" in README
    assert not re.search(r"NUMBER_OF|_TABLE", README), "a number of the README was never filled in"


def test_the_changelog_has_a_section_for_what_is_not_released() -> None:
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
