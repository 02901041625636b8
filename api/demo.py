"""The demo: the whole job on the sample catalogs, shown as a person wants to see it."""

import shlex
import shutil
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

from api.bootstrap import Parts
from api.commands.common import TranslationBar, progress_bar
from api.commands.intake import report_lines
from api.commands.searching import why
from api.commands.translating import coverage_lines
from api.intake import import_file
from api.settings import load
from api.translating import translate_pending
from catalog.errors import GateRefusedError, UsageError
from catalog.languages import language
from catalog.options import ImportOptions
from search.model import SearchQuery
from translation.batch import BatchOptions

MARK = ".lexicart-demo"
"""A folder that carries this file was made by the demo and may be emptied by the next one."""

QUERIES = (
    ("ar", "خيمة تخييم لأربعة أشخاص"),
    ("de", "japanisches Kochmesser"),
    ("en", "medjool dates"),
    ("es", "amoladora angular"),
    ("fr", "lampe de bureau LED"),
    ("id", "handuk mandi katun"),
    ("it", "crema solare viso"),
    ("ja", "キャンプ用テント"),
    ("ko", "원목 식탁"),
    ("nl", "tuinslang"),
    ("pl", "drewniane klocki dla dzieci"),
    ("pt", "botas de segurança"),
    ("ru", "оливковое масло"),
    ("tr", "köpek tasması"),
    ("zh", "不锈钢螺丝"),
)
"""One query a language, each for a product that was written in another."""


def run(home: str | None = None, samples: str | None = None) -> Iterator[str]:
    """Run the demo and yield what to show, line by line.

    Args:
        home: folder to work in, ``lexicart-demo`` in the working directory by default; it is emptied first.
        samples: folder of catalogs; the samples of the package by default.

    Raises:
        UsageError: the folder holds what the demo did not make, or there are no samples.
        GateRefusedError: the gate refused the build; raised when all that can be shown was shown.
    """
    place = _samples_folder(samples)
    folder = _fresh_folder(Path(home or "lexicart-demo"))
    # The store is in this folder, whatever the environment says: samples have no place in a real one.
    yield from show(Parts(load(home=folder, database_url="")), place)


def show(parts: Parts, samples: Path) -> Iterator[str]:
    """Do the job on one installation and yield what to show; see :func:`run`."""
    started = time.monotonic()
    yield from _intake(parts, samples)
    yield from _translate(parts)
    reasons: list[str] = []
    yield from _index(parts, reasons)
    if reasons:
        raise GateRefusedError(reasons)
    yield from _search(parts)
    yield f"All of it took {time.monotonic() - started:.0f} seconds."
    yield from _next_steps(parts, samples)


def _fresh_folder(folder: Path) -> Path:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise UsageError(f"{folder} holds something that the demo did not make: give another folder with --home")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    return folder.absolute()


def _samples_folder(given: str | None) -> Path:
    here = Path(__file__).resolve().parent
    for place in [Path(given)] if given else [here / "samples", here.parent / "samples"]:
        if place.is_dir():
            return place
    raise UsageError("no folder of sample catalogs: give one with --samples")


def sample_files(folder: Path) -> list[tuple[Path, ImportOptions]]:
    """Return the catalogs of a folder, each with the options of its supplier in ``suppliers.toml``."""
    told = tomllib.loads((folder / "suppliers.toml").read_text(encoding="utf-8"))
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix not in (".md", ".toml"))
    return [(path, ImportOptions(supplier=path.stem, filename=path.name, **told.get(path.stem, {}))) for path in files]


def _intake(parts: Parts, samples: Path) -> Iterator[str]:
    yield _title("1. Catalogs taken in")
    for path, options in sample_files(samples):
        for report in import_file(parts, path, options):
            yield from report_lines(report)
    counts = parts.products.counts()
    yield f"\n{sum(counts.values())} products of {len(counts)} suppliers."


def _translate(parts: Parts) -> Iterator[str]:
    yield _title("2. Texts in fifteen languages, by state")
    with progress_bar(None, "texts") as bar:
        report = translate_pending(parts, BatchOptions(parts.settings.langs), (), TranslationBar(bar))
    if report.failure is not None:
        raise report.failure
    yield from coverage_lines(report.langs)
    served = ", ".join(sorted(str(pair) for engine in parts.router().engines for pair in engine.info().pairs))
    yield f"\nNeural models are here for {served}. Other pairs show drafts made of {len(parts.termbase.concepts)} known"
    yield "terms (gloss), or the original (missing), until their models are put into LEXICART_MODELS_DIR."


def _index(parts: Parts, reasons: list[str]) -> Iterator[str]:
    yield _title("3. One search index a language")
    with progress_bar(None, "products") as bar:
        report = parts.builder(progress=bar.update).update()
    reasons += report.reasons
    documents = next(iter(report.langs.values())).documents
    state = "verified and promoted" if report.promoted else "refused by the gate"
    yield f"Build {report.build}: {documents} documents in each of {len(report.langs)} languages, {state}."


def _search(parts: Parts) -> Iterator[str]:
    yield _title("4. Found in languages in which they were not written")
    for lang, query in QUERIES:
        if lang not in parts.settings.langs:
            continue
        page = parts.search.search(SearchQuery(query, lang, limit=1))
        yield f"{language(lang).english_name}: {query}   ({page.took_ms:.0f} ms)"
        for hit in page.hits:
            yield f"    {hit.title}" + (" (draft)" if hit.title_state == "gloss" else "")
            if hit.title_lang != hit.source_lang:
                yield f"    {hit.source_lang}: {hit.source_title}"
            yield f"    {hit.id}; found by {why(hit)}"
        if not page.hits:
            yield "    nothing found"
        yield ""


def _next_steps(parts: Parts, samples: Path) -> Iterator[str]:
    program = _program()
    lang = "fr" if "fr" in parts.settings.langs else parts.settings.langs[0]
    catalog = shlex.quote(str(sample_files(samples)[0][0].absolute()))
    yield _title("What to type next")
    yield from _step("in this shell, so that the commands below find the demo", [
        f"export LEXICART_HOME={shlex.quote(str(parts.home))}",
        *(["unset LEXICART_DATABASE_URL"] if load().database_url else []),
    ])  # fmt: skip
    yield from _step("search", [f"{program} search {shlex.quote(dict(QUERIES)[lang])} --lang {lang}"])
    yield from _step("what there is", [f"{program} status"])
    yield from _step("drafts that a person should look at", [f"{program} texts --lang {lang} --state gloss | head"])
    yield from _step("correct a text: put yours in place of this one", _correction(parts, program, lang))
    yield from _step(
        "your own catalog: put it in place of this one",
        [f"{program} import {catalog} --supplier my-shop", f"{program} translate", f"{program} index"],
    )
    yield from _step("the HTTP API, documented at http://127.0.0.1:8000/docs", [f"{program} serve"])


def _step(what: str, commands: list[str]) -> Iterator[str]:
    if commands:
        yield f"{what}:"
        yield from (f"    {command}" for command in commands)


def _correction(parts: Parts, program: str, lang: str) -> list[str]:
    for product in (stored.product for stored in parts.products.stream()):
        if product.lang != lang:
            texts = parts.translations.field_texts([product.id], [lang])[product.id]
            title = next(text for text in texts if text.field == "title")
            words = [product.id, title.field, title.shown, "--lang", lang]
            if not title.shown.startswith("-"):  # it would be taken for an option
                return [f"{program} correct {shlex.join(words)}", f"{program} index"]
    return []


def _program() -> str:
    """Return how this program was called: `make demo` runs it out of an environment that is not on the path."""
    called = Path(sys.argv[0])
    if called.name == "lexicart":
        return shlex.quote(str(called))
    return f"{shlex.quote(sys.executable)} -m api"


def _title(text: str) -> str:
    return f"\n{text}\n{'-' * len(text)}"
