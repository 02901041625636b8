"""What endpoints depend on."""

from typing import Annotated

from fastapi import Depends, Query, Request

from api.bootstrap import Parts
from catalog.languages import language


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _lang(lang: Annotated[str, Query(description="One of the fifteen language codes.")]) -> str:
    return language(lang).code


PartsDep = Annotated[Parts, Depends(_parts)]
"""The parts of the installation."""

LangDep = Annotated[str, Depends(_lang)]
"""A required language; another than the fifteen is answered with 422."""
