"""Remembering words changes no answer of py3langid, to the last bit."""

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from catalog.identifier import Identifier
from catalog.languages import CODES

TEXTS = (
    "Gummihammer für Fliesenleger, Stiel aus Esche, 500 g",
    "Gummihammer für Tischler, Stiel aus Esche, Kopf aus Gummi",
    "für für für  für \n für",
    "Tente pour quatre personnes avec double toit",
    "三徳包丁 ダマスカス33層",
    "12 34",
    "",
    " ",
    "Donaudampfschifffahrtsgesellschaftskapitän " * 3,
)


@pytest.mark.parametrize("codes", [None, CODES])
def test_the_answers_are_those_of_the_library(codes: tuple[str, ...] | None) -> None:
    library = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    library.set_languages(codes)
    identifier = Identifier.load() if codes is None else Identifier.load().restricted(codes)
    for text in TEXTS * 2:  # the second time from memory
        assert identifier.classify(text) == library.classify(text)
        assert identifier.rank(text) == library.rank(text)
        if text.strip(" 1234"):
            assert identifier.most_likely(text) == library.classify(text)[0]


def test_a_restricted_one_leaves_the_other_as_it_is() -> None:
    identifier = Identifier.load()
    before = identifier.classify("Skruvmejsel med utbytbara bits")
    identifier.restricted(CODES).classify("Skruvmejsel med utbytbara bits")
    assert identifier.classify("Skruvmejsel med utbytbara bits") == before == ("sv", before[1])
