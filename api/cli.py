"""The command line ``lexicart``: one group, its commands one noun a module under ``api/commands``.

Nothing heavy is imported here or at the top of a command's module: ``lexicart --help`` answers in well under 0.3 s.
"""

import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from catalog.errors import LexicartError

_COMMANDS: dict[str, str] = {
    "import": "api.commands.intake:import_files",
    "export": "api.commands.intake:export",
    "withdraw": "api.commands.intake:withdraw",
    "forget": "api.commands.intake:forget",
    "translate": "api.commands.translating:translate",
    "texts": "api.commands.translating:texts",
    "correct": "api.commands.translating:correct",
    "terms": "api.commands.terms:terms",
    "memory": "api.commands.memory:memory",
    "models": "api.commands.models:models",
    "review": "api.commands.reviewing:review",
    "index": "api.commands.indexing:index",
    "builds": "api.commands.indexing:builds",
    "rollback": "api.commands.indexing:rollback",
    "nightly": "api.commands.nightly:nightly",
    "cluster": "api.commands.cluster:cluster",
    "search": "api.commands.searching:search",
    "suggest": "api.commands.searching:suggest",
    "evaluate": "api.commands.searching:evaluate",
    "status": "api.commands.running:status",
    "settings": "api.commands.running:settings",
    "migrate": "api.commands.running:migrate",
    "backup": "api.commands.keeping:backup",
    "restore": "api.commands.keeping:restore",
    "serve": "api.commands.running:serve",
    "worker": "api.commands.working:worker",
    "demo": "api.commands.running:demo",
}

_SHORT_HELP: dict[str, str] = {
    "import": "Take a supplier's catalog files in.",
    "export": "Give a supplier's workbook back with language columns.",
    "withdraw": "Take products out of the market.",
    "forget": "Delete everything that is kept of a supplier.",
    "translate": "Translate what is pending.",
    "texts": "Print texts with their states, one JSON line each.",
    "correct": "Correct a translation.",
    "terms": "Say what things are called in fifteen languages.",
    "memory": "Take translation memories in and give them out, as TMX.",
    "models": "Show, fetch and remove translation models.",
    "review": "Show the texts that need a person.",
    "index": "Bring the search indexes up to date.",
    "builds": "List the builds of the indexes.",
    "rollback": "Let a former build serve again.",
    "nightly": "Import, translate, index, verify, promote, clean up, report.",
    "cluster": "Show what an Elasticsearch cluster lacks.",
    "search": "Search products in any of the fifteen languages.",
    "suggest": "Complete what a buyer began to type.",
    "evaluate": "Measure the search on judged or known-item queries.",
    "status": "Show products, texts, builds and engines.",
    "settings": "Show every setting, its value and what it does.",
    "migrate": "Bring the store's schema to this version.",
    "backup": "Copy the store and the uploads into a new folder.",
    "restore": "Take a backup into this installation.",
    "serve": "Serve the HTTP API.",
    "worker": "Translate and index what is new, for as long as it runs.",
    "demo": "Run the whole job on the sample catalogs.",
}


_READER_LEFT = 141
"""What a shell reports of a program that SIGPIPE ended (128 + 13); the output was cut off, so it is not 0."""


class _ReaderLeftError(Exception):
    """Whoever read our output left, as in ``lexicart texts | head``.

    click ends a program with status 1 on EPIPE, in every mode, so that the error has to be another before it gets
    there.
    """


@contextmanager
def _noticing_a_reader_that_left() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as exc:
        raise _ReaderLeftError from exc


class _LazyGroup(click.Group):
    """Imports a command's module only when the command is used; help needs its one line alone."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with _noticing_a_reader_that_left():  # --help is printed here
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _noticing_a_reader_that_left():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_SHORT_HELP.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and name not in _COMMANDS and not name.startswith("-"):
            ctx.fail(f"no command {name!r}: there are {', '.join(_COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lexicart")
def lexicart() -> None:
    """Supplier catalogs in any file and encoding, translated into fifteen languages and searched across them.

    Exit status: 0 done; 1 unexpected failure; 2 wrong usage or setting; 3 nothing of the input was taken; 4 a backend
    can't be reached, the schema is outdated, or something asked for by name is absent; 5 the gate refused a new build.
    """


def main(arguments: Sequence[str] | None = None) -> Any:
    """Run the command line; errors are one or two lines for a person, never a traceback."""
    try:
        lexicart.main(
            args=list(arguments) if arguments is not None else None, prog_name="lexicart", standalone_mode=False
        )
    except click.ClickException as exc:
        command = exc.ctx.command_path if isinstance(exc, click.UsageError) and exc.ctx else "lexicart"
        click.echo(f"{command}: {' '.join(exc.format_message().split())} See `{command} --help`.", err=True)
        sys.exit(exc.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped; what was done is kept, the same command goes on from there", err=True)
        sys.exit(130)
    except _ReaderLeftError:
        # Python flushes standard output once more when it ends: into nothing, so that it ends silently.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_READER_LEFT)
    except LexicartError as exc:
        click.echo(f"lexicart: {exc}", err=True)
        sys.exit(exc.exit_status)
    except Exception as exc:
        if os.environ.get("LEXICART_LOG_LEVEL") == "DEBUG":
            raise
        click.echo(
            f"lexicart: unexpected {type(exc).__name__}: {exc}. Run it with LEXICART_LOG_LEVEL=DEBUG to see where.",
            err=True,
        )
        sys.exit(1)
    sys.exit(0)
