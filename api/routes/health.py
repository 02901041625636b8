"""Health, for what watches the process."""

from typing import Any

from fastapi import APIRouter

from api.deps import PartsDep
from api.schemas import LiveAnswer, ReadyAnswer

router = APIRouter(tags=["health"])


@router.get("/livez", response_model=LiveAnswer)
async def livez() -> dict[str, str]:
    """Answer while the process runs."""
    # Not in a thread: all of them may be waiting for a cluster that hangs, and nobody should end the process for that.
    return {"status": "ok"}


@router.get("/readyz", response_model=ReadyAnswer)
def readyz(parts: PartsDep) -> dict[str, Any]:
    """Answer 200 when store and index can be read, also when they are empty; else 503 (problem+json)."""
    parts.products.position()
    live = parts.index.live()
    if live is not None:
        parts.index.languages(live)  # opens the build: a damaged one raises
    return {"status": "ok", "live": live}
