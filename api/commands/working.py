"""The command of those who work in the background: worker."""

import click

from api.commands.common import parts


@click.command("worker")
@click.option("--processes", type=click.IntRange(1, 256), help="Processes that translate; default: one a core.")
@click.option("--once", is_flag=True, help="End when nothing is left to translate and to index.")
@click.option("--only", type=click.Choice(["translate", "index"]), help="Do only this, in this process.")
def worker(processes: int | None, once: bool, only: str | None) -> None:
    """Translate what is new and bring the live index up to date, until a signal ends it.

    Any number of workers share one store, on this machine or on many: none does what another has in hand. A process
    that dies is started again; a text that crashes its engine three times is flagged for review and left alone.
    """
    if only is None:
        _supervise(processes, once)
    else:
        _work(only, once)


def _supervise(processes: int | None, once: bool) -> None:
    import os

    from api.supervising import Supervisor

    parts().database  # noqa: B018 - an outdated schema is refused before anything is started
    flags = ("--once",) if once else ()
    translating = [("worker", "--only", "translate", *flags)] * (processes or os.cpu_count() or 1)
    indexing = [("worker", "--only", "index", *flags)]
    if once:
        status = Supervisor(translating).run() or Supervisor(indexing).run()
    else:
        status = Supervisor(translating + indexing).run()
    raise SystemExit(status)


def _work(only: str, once: bool) -> None:
    import signal
    import threading

    from api.working import index_steadily, translate_steadily

    def end(_number: int, _frame: object) -> None:
        raise SystemExit(0)  # what it holds is given back on the way out

    signal.signal(signal.SIGTERM, end)
    here = parts()
    (translate_steadily if only == "translate" else index_steadily)(here, threading.Event(), once=once)
