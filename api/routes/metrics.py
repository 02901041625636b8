"""Metrics, for what watches the installation."""

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from api.metrics import CONTENT_TYPE, Metrics

router = APIRouter(tags=["health"])


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> PlainTextResponse:
    """Show counts, times and what the installation holds as Prometheus reads it; 200 also when the store is away."""
    chosen: Metrics = request.app.state.metrics
    limiter: CapacityLimiter = request.app.state.metrics_limiter
    # Not in the threads of the others: all of them may be waiting for a cluster that hangs.
    body = await to_thread.run_sync(chosen.text, limiter=limiter)
    return PlainTextResponse(body, media_type=CONTENT_TYPE)
