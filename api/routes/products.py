"""One product in a buyer's language."""

from typing import Any

from fastapi import APIRouter

from api.deps import LangDep, PartsDep
from api.schemas import ProductAnswer
from catalog.errors import NotFoundError

router = APIRouter(prefix="/v1", tags=["products"])


@router.get("/products/{supplier}/{sku:path}", response_model=ProductAnswer)
def product(parts: PartsDep, supplier: str, sku: str, lang: LangDep) -> dict[str, Any]:
    """Show a product with all its texts in a language, each with its state."""
    stored = parts.products.get(f"{supplier}/{sku}")
    if stored.withdrawn:
        raise NotFoundError(f"product {supplier}/{sku} was withdrawn")
    found = stored.product
    texts = parts.translations.field_texts([found.id], [lang])[found.id]
    return {
        "id": found.id,
        "supplier": found.supplier,
        "sku": found.sku,
        "lang": lang,
        "source_lang": found.lang,
        "brand": found.brand or None,
        "prices": [{"amount": str(price.amount), "currency": price.currency} for price in found.prices],
        "stock": found.stock,
        "minimum_order": found.minimum_order,
        "gtin": found.gtin,
        "mpn": found.mpn,
        "images": list(found.images),
        "url": found.url,
        "country": found.country,
        "texts": [
            {
                "field": text.field,
                "text": text.shown,
                "state": text.translation.state.value,
                "engine": text.translation.made_by,
                "source": text.source,
            }
            for text in texts
        ],
    }
