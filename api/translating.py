"""Translating and correcting on one installation: what the command line, the nightly run and the API share."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from api.bootstrap import Parts
from api.sharing import WORTH_A_PROCESS, Shares, helpers, on_one_core, processes_for
from catalog.errors import NotFoundError, UsageError
from translation.batch import BatchOptions, BatchReport
from translation.records.corrections import checked
from translation.report import NoProgress, Progress


def translate_pending(
    parts: Parts,
    options: BatchOptions,
    engines: Sequence[str] = (),
    progress: Progress | None = None,
    workers: int | None = None,
    *,
    alone: bool = False,
) -> BatchReport:
    """Translate what is pending and count the whole store's texts afterwards.

    Args:
        parts: the installation.
        options: what to translate.
        engines: by hand, instead of those of the settings.
        progress: hears how far it is.
        workers: side by side: processes where there is much to do and engines run in them, else threads.
        alone: by this process alone, because it is one of several already.
    """
    started = time.monotonic()
    batch = parts.batch(engines, workers)
    shares = Shares(progress or NoProgress())
    shared = BatchReport()
    processes = 1 if alone else processes_for(parts.settings, options, engines, workers)
    if processes > 1:
        expected = batch.expected(options)
        processes = min(processes, expected // WORTH_A_PROCESS)
        if processes > 1:
            shares.begin(expected)
            single = Parts(on_one_core(parts.settings))
            try:
                with helpers(parts.settings, options, engines, processes - 1, shares) as shared:
                    own = single.batch(engines).translate_pending(options, shares.share())
            finally:
                single.close()
            shared.add(own)
            shared.failures = {**shared.failures, **own.failures}
    # After helpers this one looks whether one of them left anything.
    report = batch.translate_pending(options, shares.share() if progress else None)
    report.add(shared)
    report.failures = {**shared.failures, **report.failures}
    report.seconds = time.monotonic() - started
    report.langs = parts.translations.coverage(parts.settings.langs)
    return report


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction that was made.

    Attributes:
        text: as it is kept.
        products: how many products it reaches.
    """

    text: str
    products: int


def correct_text(parts: Parts, product_id: str, field: str, lang: str, text: str, *, only_here: bool) -> Corrected:
    """Correct a text; blanks around it are not kept, a description's HTML is cleaned as imports clean it.

    Raises:
        NotFoundError: no such product or field.
        UsageError: the text is the supplier's own original, or the correction is empty or holds what no text holds.
    """
    stored = parts.products.get(product_id)
    product = stored.product
    if stored.withdrawn:
        raise NotFoundError(f"product {product_id} is withdrawn: its texts can't be corrected")
    fields = {one.field: one for one in product.texts()}
    if field not in fields:
        raise NotFoundError(f"product {product_id} has no field {field!r}: it has {', '.join(fields)}")
    if lang == product.lang:
        raise UsageError(f"product {product_id} is written in {lang}: send a new catalog to change its original")
    kept = checked(fields[field].kind, text, f"product {product_id}, {field}")
    parts.translations.follow()
    return Corrected(kept, parts.translations.correct(product, field, lang, kept, only_here=only_here))
