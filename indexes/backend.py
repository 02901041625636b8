"""The contract of every search backend, whatever stands behind it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from indexes.model import (
    Filters,
    IndexDocument,
    Leg,
    LegAnswer,
    ProductDocument,
    Suggestion,
    Token,
    WriteReport,
)


@runtime_checkable
class SearchIndex(Protocol):
    """Holds builds of the fifteen language indexes and the one language-neutral index, and searches them.

    The contract, tested on every backend by ``tests/contract/search_index.py``:

    * A build is made by ``create`` and filled by ``write``; nobody sees it before ``promote``. All reading methods
      take ``build=None`` for the live one, or a build's name (the gate probes a build before it is live).
    * Writing is idempotent: the same id overwrites. ``write`` says of every document whether it was accepted; a
      rejected document is named with its reason and is not there afterwards.
    * What ``write`` and ``delete`` did can be read once ``commit`` returned, in every process, within two seconds.
    * ``promote`` is atomic over all languages: a search sees the old build or the new one, never a mixture.
    * A backend that can't answer raises (:class:`~catalog.errors.UnavailableError` and its children); it never
      answers with nothing instead. ``build=None`` without a live build raises ``NoLiveBuildError``.
    * ``legs`` answers all legs of a search in one round trip, in their order; filters hold for each of them. Equal
      scores are ordered by id, so that answers repeat.
    * Build names are ``[0-9a-z-]{1,40}`` (else ``UsageError``); a build that is named and not there raises
      ``NotFoundError``; a language that the build lacks, an unknown filter, facet or sort raises
      ``UnknownValueError``.
    * Rejected are: an id of no character or of more than 512, a language that the build lacks, a price that is no
      amount, a vector that is not finite, not of unit length or not as long as the build's others. Any Unicode is
      taken; halves of surrogate pairs become U+FFFD.
    """

    name: str
    """Backend and place, such as ``embedded`` or ``elasticsearch:shop``; builds are recorded under it."""

    writes_beside: bool
    """Whether ``write`` may run in another thread than its caller's, which gains where it waits for somebody else. The
    caller sees to it that one is done before the next call that changes the build."""

    def create(self, build: str, langs: Sequence[str]) -> None:
        """Make an empty build for ``langs``; remains of a killed builder under the same name are removed first.

        Raises:
            UsageError: the build serves.
        """
        ...

    def write(
        self,
        build: str,
        documents: Iterable[IndexDocument],
        products: Iterable[ProductDocument],
        position: int = 0,
    ) -> WriteReport:
        """Write documents of any languages and language-neutral documents.

        Args:
            build: where to.
            documents: of languages.
            products: without language.
            position: of the change log before they were read; where a request may be held up on its way, one that
                arrives after a later one changes nothing. 0 says nothing.

        Raises:
            BackendRefusesError: what is there was read at a later position; the store is older than the build.
        """
        ...

    def delete(self, build: str, ids: Sequence[str], position: int = 0) -> int:
        """Remove products from every index of a build; return how many were there. ``position`` as in :meth:`write`."""
        ...

    def commit(self, build: str) -> None:
        """Make durable and visible what was written to a build."""
        ...

    def languages(self, build: str | None = None) -> Sequence[str]:
        """Return the languages that a build has."""
        ...

    def counts(self, build: str) -> Mapping[str, int]:
        """Return documents by language, and those of the language-neutral index under ``""``."""
        ...

    def live(self) -> str | None:
        """Return the name of the build that serves, or ``None`` before the first promotion."""
        ...

    def builds(self) -> Sequence[str]:
        """Return the names of all builds that are there, finished or not."""
        ...

    def promote(self, build: str, expected: str | None) -> None:
        """Let a build serve all languages at once.

        Raises:
            UnavailableError: the live build is not ``expected`` (somebody else promoted); nothing changed.
        """
        ...

    def drop(self, build: str) -> None:
        """Delete a build that is not live; a missing one is no error.

        Raises:
            UsageError: the build serves.
        """
        ...

    def legs(self, legs: Sequence[Leg], filters: Filters, build: str | None = None) -> Sequence[LegAnswer]:
        """Run the legs of one search."""
        ...

    def documents(self, lang: str, ids: Sequence[str], build: str | None = None) -> Mapping[str, IndexDocument]:
        """Return the stored documents of ids in a language (``analysed`` may be left empty)."""
        ...

    def products(self, ids: Sequence[str], build: str | None = None) -> Mapping[str, ProductDocument]:
        """Return the stored language-neutral documents of ids."""
        ...

    def facets(
        self, names: Sequence[str], ids: Sequence[str] | None, filters: Filters, build: str | None = None
    ) -> Mapping[str, Mapping[str, int]]:
        """Count the values of each named facet over ``ids``, or over all products that pass ``filters`` (``ids=None``).

        ``category`` counts a product under each level of its path. ``attributes.KEY`` counts the values of an
        attribute, ``attributes`` the KEYs themselves. Values without a product are left out, and so may be those
        beyond the 10,000 most frequent of a facet. Filters do not narrow ``ids``; ids that are not there count
        nowhere.
        """
        ...

    def examples(
        self, lang: str, pairs: Sequence[tuple[str, str]], build: str | None = None
    ) -> Mapping[tuple[str, str], str]:
        """Return for each pair of a facet (or ``attributes.KEY``) and a value the id of a product that has it.

        Only products with a document in ``lang`` count; a pair that none of them has is left out.
        """
        ...

    def suggest(self, lang: str, prefix: str, limit: int, build: str | None = None) -> Sequence[Suggestion]:
        """Return completions of ``prefix`` from titles, categories and brands of a language.

        A text is completed from its beginning and from each word; case, accents and punctuation do not matter. Titles
        and categories are those written in the language, never stand-ins. :mod:`indexes.completion` says which of
        those found are shown, and in what order.
        """
        ...

    def analyze(self, lang: str, text: str, build: str | None = None) -> Sequence[Token]:
        """Return the tokens of a text as the index of ``lang`` holds them, with document frequencies."""
        ...
