"""What the installation holds."""

from typing import Any

from fastapi import APIRouter

from api.deps import PartsDep
from api.schemas import StatusAnswer
from api.status import status_of

router = APIRouter(prefix="/v1", tags=["status"])


@router.get("/status", response_model=StatusAnswer)
def status(parts: PartsDep) -> dict[str, Any]:
    """Show products, texts by language and state, builds, what waits, and engines with their pairs and licences."""
    return status_of(parts)
