"""What endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query, Request

from api.bootstrap import Parts
from api.recording import ZeroResultRecorder
from catalog.languages import language


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _lang(lang: Annotated[str, Query(description="One of the fifteen language codes.")]) -> str:
    return language(lang).code


def _recorder(request: Request) -> ZeroResultRecorder:
    recorder: ZeroResultRecorder = request.app.state.zero_results
    return recorder


PartsDep = Annotated[Parts, Depends(_parts)]
"""The parts of the installation."""

LangDep = Annotated[str, Depends(_lang)]
"""A required language; another than the fifteen is answered with 422."""

RecorderDep = Annotated[ZeroResultRecorder, Depends(_recorder)]
"""What counts the searches that found nothing."""
