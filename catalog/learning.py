"""Understanding a whole file before its first row is taken.

The file is read once to see every column's values, and a second time only where rows speak of other rows (a parent
lists its variants, two products carry one article number). Memory does not grow with the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.columns.evidence import CatalogEvidence
from catalog.columns.fields import PRICE_FIELDS, TEXT_FIELDS, Field
from catalog.columns.headers import parse_headers
from catalog.columns.mapping import HandMapping, Mapping
from catalog.columns.matching import map_columns
from catalog.detect import LanguageGuess, guess_catalog
from catalog.errors import UnreadableFileError
from catalog.languages import CODES, LANGUAGES
from catalog.model import Product
from catalog.options import ImportOptions
from catalog.readers.base import CatalogReader, FileShape, Record
from catalog.rows.joining import Group, Grouper
from catalog.rows.products import ProductBuilder
from catalog.rows.relations import Relations
from catalog.rows.splitting import level_separator
from catalog.rows.understanding import Understanding
from catalog.rows.views import is_store_view, language_of_name, view_name
from catalog.values.identifiers import read_gtin
from catalog.values.markup import plain_text

UNSURE_OF_LANGUAGE = 0.5
"""Confidence up to which the report asks for --lang."""

_ENOUGH = 0.9
_CLEARLY = 0.95
_FEW_LETTERS = 400


@dataclass(frozen=True, slots=True)
class Learned:
    """What one look at a file taught.

    Attributes:
        understanding: how its rows are to be taken.
        evidence: the columns' values, counted.
        lang: the catalog's language and how sure it is.
        lang_by: ``given`` or ``detected``.
    """

    understanding: Understanding
    evidence: CatalogEvidence
    lang: LanguageGuess
    lang_by: str


def learn(
    reader: CatalogReader,
    shape: FileShape,
    options: ImportOptions,
    hand: HandMapping | None,
    relations: Relations,
    file: str,
) -> Learned:
    """Read a file through and decide what its columns, its language and its numbers mean.

    Raises:
        UnreadableFileError: the file's texts are in a language outside the fifteen or can't be told, or no column
            can be a title.
    """
    evidence = _gather(reader, shape)
    mapping = map_columns(evidence, hand)
    if evidence.records and not mapping.columns(Field.TITLE):
        raise UnreadableFileError(file, _no_title_column(evidence))
    lang, lang_by, by_columns = _language(evidence, mapping, options, file)
    understanding = Understanding(
        supplier=options.supplier,
        mapping=mapping,
        lang=lang.code,
        currency=options.currency,
        country=options.country,
        marks={
            column: mapping.decimal or evidence.columns[column].mark
            for column in mapping.columns(*PRICE_FIELDS, Field.TIER_PRICE)
        },
        separators={
            column: level_separator(evidence.columns[column].samples) for column in mapping.columns(Field.CATEGORY)
        },
        relations=relations,
        lang_by_columns=by_columns,
    )
    _relate(reader, understanding, evidence)
    return Learned(understanding, evidence, lang, lang_by)


def _gather(reader: CatalogReader, shape: FileShape) -> CatalogEvidence:
    """Look at every record; rows of store views are texts in other languages and say nothing of the catalog's own."""
    names = [column for column in shape.columns if is_store_view(column)]
    evidence, views = CatalogEvidence(shape.columns), CatalogEvidence(shape.columns)
    for record in _records(reader):
        is_view = names and any(view_name(record.first(column) or "") for column in names)
        (views if is_view else evidence).add(record)
    if not evidence.records:
        evidence, views = views, evidence
    evidence.other_views = views.records
    return evidence


def _records(reader: CatalogReader) -> Iterator[Record]:
    return (record for record in reader.records() if isinstance(record, Record))


def _no_title_column(evidence: CatalogEvidence) -> str:
    columns = ", ".join(repr(name) for name in list(evidence.columns)[:12]) or "(none)"
    return (
        f"no column can be told to be the products' title among {columns}: "
        "name it in the header row, or give a mapping file with --mapping"
    )


# -- the language -----------------------------------------------------------------------------------------------------


def _language(
    evidence: CatalogEvidence, mapping: Mapping, options: ImportOptions, file: str
) -> tuple[LanguageGuess, str, bool]:
    """Decide the catalog's language: given, said by its columns, or detected."""
    by_columns = _language_of_columns(evidence, mapping)
    if options.lang is not None:
        return LanguageGuess(options.lang, 1.0), "given", by_columns is not None
    if by_columns is not None and _titles_agree(evidence, mapping, by_columns):
        return LanguageGuess(by_columns, 1.0), "detected", True
    guess = _detect(evidence, mapping)
    by_rows = _language_of_rows(evidence, mapping)
    if by_rows is not None and guess is not None and guess.code in by_rows:
        return LanguageGuess(by_rows[0], 1.0), "detected", False
    if guess is not None and not guess.known:
        raise UnreadableFileError(file, _ask_for_language(f"its texts are in {guess.english_name} ({guess.code})"))
    from_header = _language_of_header(evidence)
    if from_header is not None and (guess is None or guess.confidence < UNSURE_OF_LANGUAGE):
        return LanguageGuess(from_header, UNSURE_OF_LANGUAGE), "detected", False
    if guess is None and not _samples(evidence, mapping, Field.TITLE):
        # No row has a title, so none will be taken, and each is to be told why.
        return LanguageGuess(from_header or CODES[0], 0.0), "detected", False
    if guess is None:
        raise UnreadableFileError(file, _ask_for_language("its language can't be told: it has hardly any words"))
    return guess, "detected", False


def _titles_agree(evidence: CatalogEvidence, mapping: Mapping, lang: str) -> bool:
    """Titles that name no language are in that of the descriptions, unless they clearly are in another."""
    guess = guess_catalog(_samples(evidence, mapping, Field.TITLE))
    return guess is None or guess.code == lang or guess.confidence < _CLEARLY


def _ask_for_language(what: str) -> str:
    known = ", ".join(LANGUAGES[code].english_name for code in CODES)
    return f"{what}, and Lexicart takes catalogs in {known}; if it is one of these, say so with --lang"


def _language_of_columns(evidence: CatalogEvidence, mapping: Mapping) -> str | None:
    """The language of most texts, where all titles or all descriptions stand in columns that name one."""
    for kind in (Field.TITLE, Field.DESCRIPTION, Field.SHORT_DESCRIPTION):
        columns = mapping.columns(kind)
        langs = {mapping.targets[column].lang for column in columns}
        if not columns or (None in langs and kind is not Field.TITLE):
            continue
        if None in langs:
            if _has_plain_text(mapping):
                return None
            continue
        filled: dict[str, int] = {}
        for column in evidence.columns:
            if column in columns:
                lang = str(mapping.targets[column].lang)
                filled[lang] = filled.get(lang, 0) + evidence.columns[column].filled
        return max(filled, key=lambda lang: filled[lang])
    return None


def _language_of_rows(evidence: CatalogEvidence, mapping: Mapping) -> list[str] | None:
    """The languages that the rows themselves name, the most frequent first; ``None`` where a column says more."""
    values = [sample for column in mapping.columns(Field.LANG) for sample in evidence.columns[column].samples]
    codes = [code for value in values if (code := language_of_name(value))]
    if not codes or len(codes) < len(values):
        return None
    return sorted(set(codes), key=lambda code: (-codes.count(code), codes.index(code)))


def _has_plain_text(mapping: Mapping) -> bool:
    """Whether a column of longer texts names no language, so that detection has sentences to look at."""
    longer = mapping.columns(Field.DESCRIPTION, Field.SHORT_DESCRIPTION)
    return not longer or any(mapping.targets[column].lang is None for column in longer)


def _detect(evidence: CatalogEvidence, mapping: Mapping) -> LanguageGuess | None:
    """Look at titles first; where they are few or unclear, at the other texts as well."""
    titles = _samples(evidence, mapping, Field.TITLE)
    guess = guess_catalog(titles)
    if guess is not None and guess.confidence >= _ENOUGH and sum(map(len, titles)) >= _FEW_LETTERS:
        return guess
    longer = _samples(evidence, mapping, *(TEXT_FIELDS - {Field.TITLE}))
    together = guess_catalog([*titles, *longer])
    if guess is None or (together is not None and together.confidence > guess.confidence):
        return together
    return guess


def _samples(evidence: CatalogEvidence, mapping: Mapping, *kinds: Field) -> list[str]:
    columns = [column for column in mapping.columns(*kinds) if mapping.targets[column].lang is None]
    return [plain_text(sample) for column in columns for sample in evidence.columns[column].samples]


def _language_of_header(evidence: CatalogEvidence) -> str | None:
    """The one language, other than English, in which most known header names are written.

    Shop software writes English headers in every country, so English says nothing.
    """
    votes: dict[str, int] = {}
    for header in parse_headers(evidence.columns).values():
        langs = header.named.langs if header.named else frozenset()
        if len(langs) == 1:
            (lang,) = langs
            votes[lang] = votes.get(lang, 0) + 1
    best = max(votes, key=lambda lang: votes[lang], default=None)
    return best if best not in (None, "en") and votes[str(best)] >= 2 else None


# -- relations --------------------------------------------------------------------------------------------------------


def _relate(reader: CatalogReader, understanding: Understanding, evidence: CatalogEvidence) -> None:
    """Read the file again where its rows speak of other rows, and once more for the parents that they name."""
    mapping, relations = understanding.mapping, understanding.relations
    repeated = evidence.repeated_gtins(mapping.columns(Field.GTIN, Field.ATTRIBUTE_VALUE))
    lists, names = _filled(evidence, mapping, Field.VARIANTS), _filled(evidence, mapping, Field.PARENT)
    languages = (
        evidence.other_views or _filled(evidence, mapping, Field.STORE_VIEW) or _several_languages(evidence, mapping)
    )
    if not (repeated or lists or names or languages):
        return
    builder, grouper = ProductBuilder(understanding), Grouper(mapping, relations)
    for record in _records(reader):
        if languages:
            sku, view = grouper.identity(record)
            if sku:
                relations.add_view(sku, view, record)
        if names and (parent := builder.parent_name_of(record)):
            relations.want_parent(parent)
    if repeated or lists:
        for group in _groups(reader, grouper):
            _note_numbers(builder, grouper, group, relations, repeated if repeated else set(), lists=lists)
    if relations.wants_parents:
        for group in _groups(reader, grouper):
            _keep_parents(builder, grouper, group, relations)


def _filled(evidence: CatalogEvidence, mapping: Mapping, kind: Field) -> bool:
    return any(evidence.columns[column].filled for column in mapping.columns(kind))


def _several_languages(evidence: CatalogEvidence, mapping: Mapping) -> bool:
    return any(len(evidence.columns[column].distinct) > 1 for column in mapping.columns(Field.LANG))


def _groups(reader: CatalogReader, grouper: Grouper) -> Iterator[Group]:
    return (group for group in grouper.groups(reader.records()) if isinstance(group, Group))


def _note_numbers(
    builder: ProductBuilder,
    grouper: Grouper,
    group: Group,
    relations: Relations,
    repeated: set[int],
    *,
    lists: bool,
) -> None:
    """Note which product carries which article number of the world, and which variants it lists."""
    merged = grouper.merged(group)
    sku = builder.sku_of(merged)
    if lists and sku is not None:
        for variant, options in builder.listed_by(merged):
            if variant != sku:
                relations.add_variant(variant, sku, options)
    if not repeated:
        return
    for record in [merged, *(variant for variant, _ in grouper.own_variants(group))]:
        own = sku if record is merged else builder.sku_of(record)
        for _, value in record.cells:
            if value.isdigit() and len(value) <= 14 and int(value) in repeated and own is not None:
                gtin = read_gtin(value).gtin
                if gtin is not None:
                    relations.add_gtin(gtin, own)


def _keep_parents(builder: ProductBuilder, grouper: Grouper, group: Group, relations: Relations) -> None:
    merged = grouper.merged(group)
    names = builder.names_of(merged)
    wanted = relations.wanted_of(names) if names else []
    if not wanted:
        return
    built = builder.build(merged, views=group.views).result
    if isinstance(built, Product):
        for name in wanted:
            relations.add_parent(name, built)
