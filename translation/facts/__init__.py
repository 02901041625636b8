"""Facts of a text: what a translation must not change, found, locked and counted again.

Measures, dates, codes, links, tags, brands, names and signs are replaced by ``[0]``, ``[1]`` ... before an engine sees
the text. Square brackets survive the student models in 99.9 % of titles; ``{0}``, ``#0`` and ``<x0>`` in none. Whole
numbers before a noun stay visible, because Russian, Polish and Arabic inflect by them; they are compared afterwards.

Unlocked, 17.5 % of product titles are damaged (numbers changed, codes and brands dropped).
"""

from translation.casing import is_all_capitals
from translation.facts.comparing import difference, values
from translation.facts.finding import find
from translation.facts.masking import Masked, mask
from translation.facts.model import Fact, FactKind, half_width
from translation.facts.rendering import render, uncertain_numbers

__all__ = [
    "Fact",
    "FactKind",
    "Masked",
    "difference",
    "find",
    "half_width",
    "is_all_capitals",
    "mask",
    "render",
    "uncertain_numbers",
    "values",
]
