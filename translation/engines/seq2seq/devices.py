"""Where checkpoints compute: the processor or graphics cards."""

from catalog.errors import UnavailableError

Cards = tuple[int, ...]
"""Numbers of graphics cards; none stands for the processor."""


def cards_of(wanted: str, present: int, library: str) -> Cards:
    """Return the graphics cards on which a model shall run.

    A model has a copy on each, and each of the batch's workers uses one that is free; a process that shall keep to one
    card names it.

    Args:
        wanted: ``cpu``; ``auto`` for every card, the processor where there is none; ``cuda`` for every card; ``cuda:1``
            for that one.
        present: how many cards the library finds.
        library: its name, for messages.

    Raises:
        UnavailableError: a card is wanted that is not there.
    """
    if wanted == "cpu" or (wanted == "auto" and not present):
        return ()
    _, _, number = wanted.partition(":")
    cards = (int(number),) if number else tuple(range(present))
    if not cards or cards[-1] >= present:
        found = f"{present} graphics cards" if present else "no graphics card"
        raise UnavailableError(f"LEXICART_DEVICE={wanted}: {library} finds {found}; use cpu or auto")
    return cards


def held_to(told: str, found: str, model: str) -> None:
    """Refuse a model that was replaced between the start, when its digest was told, and now, when it is loaded.

    Raises:
        UnavailableError: the digests differ.
    """
    if found != told:
        raise UnavailableError(
            f"model {model}: its files were replaced while this process runs ({found} instead of {told}): start again, "
            "and texts are translated with what is there now"
        )
