"""Errors over HTTP: application/problem+json (RFC 9457), with a status for every branch of the error tree."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from catalog.errors import LexicartError, NotFoundError, UnavailableError, UsageError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_STATUS: tuple[tuple[type[LexicartError], int], ...] = (
    (NotFoundError, 404),
    (UsageError, 422),
    (UnavailableError, 503),
    (LexicartError, 500),
)

_RETRY_SECONDS = "5"
"""When a program that got 503 should ask again: a node that died is replaced by another in less."""


class Problem(BaseModel):
    """An error as RFC 9457 writes it."""

    type: str = "about:blank"
    title: str = Field(description="What the status means.")
    status: int
    detail: str = Field(description="What happened, where, and what to do.")


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "content": {MEDIA_TYPE: {}}, "description": HTTPStatus(status).phrase}
    for status in (404, 422, 503)
}


def install_error_handlers(app: FastAPI) -> None:
    """Let every error of an application leave it as a problem document."""
    app.add_exception_handler(LexicartError, _lexicart_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(Exception, _unexpected_error)


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return a problem document as a response; ``headers`` are those that its status asks for, such as Allow."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return JSONResponse(body.model_dump(), status_code=status, media_type=MEDIA_TYPE, headers=headers)


async def _lexicart_error(_request: Request, exc: Exception) -> JSONResponse:
    status = next(status for kind, status in _STATUS if isinstance(exc, kind))
    if status >= 500:
        logger.error("%s", exc)
    return problem(status, str(exc), {"Retry-After": _RETRY_SECONDS} if status == 503 else None)


async def _http_error(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    return problem(exc.status_code, str(exc.detail), exc.headers)


async def _validation_error(_request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    said = "; ".join(f"{'.'.join(map(str, error['loc'][1:]))}: {error['msg']}" for error in exc.errors())
    return problem(422, said)


async def _unexpected_error(_request: Request, exc: Exception) -> JSONResponse:
    logger.exception("unexpected error", exc_info=exc)
    return problem(500, "An unexpected error; the server's log has the details.")
