"""The languages of the market."""

from typing import Any

from fastapi import APIRouter

from api.deps import PartsDep
from api.schemas import Languages
from catalog.languages import language

router = APIRouter(prefix="/v1", tags=["languages"])


@router.get("/languages", response_model=Languages)
def languages(parts: PartsDep) -> dict[str, Any]:
    """List the languages in which buyers can search here."""
    rows = [language(code) for code in parts.settings.langs]
    return {
        "languages": [
            {"code": row.code, "name": row.own_name, "english_name": row.english_name, "direction": row.direction}
            for row in rows
        ]
    }
