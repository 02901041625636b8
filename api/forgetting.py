"""Forgetting a supplier on one installation: store, uploads and index entries."""

from dataclasses import dataclass

from api.bootstrap import Parts


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten.

    Attributes:
        products: how many products the supplier had.
        builds: how many kept builds went, because they held them; a rollback needs another build first.
    """

    products: int
    builds: int


def forget(parts: Parts, supplier: str) -> Forgotten:
    """Delete everything that is kept of a supplier, and take it out of the live index.

    Raises:
        NotFoundError: nothing is kept of this supplier.
    """
    try:
        products = parts.products.forget(supplier)
    finally:  # also where a run before was killed in between
        builder = parts.builder()
        if parts.index.live() is not None:
            builder.update()
        builds = builder.remove_kept()
    return Forgotten(products, builds)
