"""The HTTP application: routes, errors, and the parts they use."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio import CapacityLimiter
from fastapi import FastAPI

from api.bootstrap import Parts, start_logging
from api.errors import PROBLEM_RESPONSES, install_error_handlers
from api.metrics import CountedSearches, Metrics
from api.observing import Observed
from api.routes import health, languages, metrics, products, searching, status
from api.settings import Settings, load

_SCRAPES = 2
"""Requests for metrics that are answered side by side."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application for an installation.

    Args:
        settings: read from the environment by default.
    """
    chosen = settings or load()
    start_logging(chosen)
    parts = Parts(chosen)
    counted = Metrics(parts)
    recorder = CountedSearches(lambda: parts.zero_results, counted)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        recorder.close()

    app = FastAPI(
        title="Lexicart",
        summary="Search products across fifteen languages.",
        version=version("lexicart"),
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        responses=PROBLEM_RESPONSES,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.parts = parts
    app.state.zero_results = recorder
    app.state.metrics = counted
    app.state.metrics_limiter = CapacityLimiter(_SCRAPES)
    app.add_middleware(Observed, metrics=counted)
    install_error_handlers(app)
    for module in (searching, products, languages, status, health, metrics):
        app.include_router(module.router)
    return app
