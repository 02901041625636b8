"""The command of those who work in the background: worker."""

import click

from api.commands.common import parts


@click.command("worker")
@click.option("--processes", type=click.IntRange(1, 256), help="Processes that translate; default: one a core.")
@click.option("--once", is_flag=True, help="End when nothing is left to translate and to index.")
@click.option("--only", type=click.Choice(["translate", "index"]), help="Do only this, in this process.")
@click.option("--supervised", is_flag=True, help="End with whoever started it; set for the processes of a worker.")
def worker(processes: int | None, once: bool, only: str | None, supervised: bool) -> None:
    """Translate what is new and bring the live index up to date, until a signal ends it.

    Any number of workers share one store, on this machine or on many: none does what another has in hand. A process
    that dies is started again; a text that crashes its engine three times is flagged for review and left alone.
    """
    if only is None:
        _supervise(processes, once)
    else:
        _work(only, once, supervised)


def _supervise(processes: int | None, once: bool) -> None:
    import os

    from api.supervising import Supervisor

    parts().database  # noqa: B018 - an outdated schema is refused before anything is started
    flags = ("--once",) if once else ()
    translating = [("worker", "--only", "translate", "--supervised", *flags)] * (processes or os.cpu_count() or 1)
    indexing = [("worker", "--only", "index", "--supervised", *flags)]
    if once:
        status = Supervisor(translating).run() or Supervisor(indexing).run()
    else:
        status = Supervisor(translating + indexing).run()
    raise SystemExit(status)


def _work(only: str, once: bool, supervised: bool) -> None:
    from api.supervising import DONE, FINAL, said
    from catalog.errors import LexicartError

    try:
        _steadily(only, once, supervised)
    except LexicartError as exc:
        if not supervised or exc.exit_status not in FINAL:
            raise
        click.echo(f"lexicart: {exc}", err=True)
        raise SystemExit(said(exc.exit_status)) from exc
    raise SystemExit(DONE if supervised else 0)


def _steadily(only: str, once: bool, supervised: bool) -> None:
    import os
    import signal
    import threading

    from api.sharing import on_one_core
    from api.working import index_steadily, translate_steadily

    def end(_number: int, _frame: object) -> None:
        raise SystemExit(0)  # what it holds is given back on the way out

    def end_with_supervisor() -> None:
        # It holds the other end for as long as it lives. Not by sys.stdin: its lock is missed when a process ends.
        os.read(0, 1)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    here = parts()
    if supervised:
        here.settings = on_one_core(here.settings)
    here.check_engine_names()
    if supervised:
        threading.Thread(target=end_with_supervisor, daemon=True).start()
    (translate_steadily if only == "translate" else index_steadily)(here, threading.Event(), once=once)
