"""BMEcat 1.2 and 2005: the catalog exchange of German industry and wholesale.

Articles come out under the standard's own tags (``SUPPLIER_AID``, ``DESCRIPTION_SHORT``, ``DESCRIPTION_LONG_en``) with
what the standard says in several places brought together: features as ``attributes.NAME``, one price with its currency
and its tiers, the path of the catalog groups as ``category``, pictures as ``image``. The document type that most files
name is never loaded. Codes are UN/ECE Recommendation 20 (units) and ISO 639-2 (languages).
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.languages import CODES
from catalog.readers.flattening import Entries, Node, words
from catalog.readers.text import clean, read_pieces
from catalog.readers.xml_feed import BrokenXmlError, Place, XmlReader, elements_named, no_record
from catalog.readers.xml_nodes import children_of, local_name, text_of

_UNITS = {
    "MMT": "mm", "CMT": "cm", "DMT": "dm", "MTR": "m", "KMT": "km", "INH": "in", "FOT": "ft", "MMK": "mm²",
    "CMK": "cm²", "MTK": "m²", "MTQ": "m³", "CMQ": "cm³", "DMQ": "dm³", "LTR": "l", "MLT": "ml", "CLT": "cl",
    "GRM": "g", "KGM": "kg", "MGM": "mg", "TNE": "t", "LBR": "lb", "VLT": "V", "KVT": "kV", "AMP": "A", "4K": "mA",
    "WTT": "W", "KWT": "kW", "OHM": "Ω", "HTZ": "Hz", "KHZ": "kHz", "MHZ": "MHz", "CEL": "°C", "KEL": "K",
    "BAR": "bar", "PAL": "Pa", "MPA": "MPa", "NEW": "N", "NU": "N·m", "SEC": "s", "MIN": "min", "HUR": "h",
    "DAY": "d", "P1": "%", "LUM": "lm", "CDL": "cd", "2N": "dB", "DD": "°", "KWH": "kWh", "AMH": "Ah", "B22": "kA",
    "C62": "", "PCE": "", "EA": "",
}  # fmt: skip
_ARTICLE = words("article product")
_GROUP_TREE = words("catalog_structure")
_GROUP_MAP = words("article_to_cataloggroup_map product_to_cataloggroup_map")
_IN_DETAILS = words("article_details product_details article_order_details product_order_details logistic_details")
_FEATURES = words("article_features product_features")
_PRICES = words("article_price_details product_price_details")
_PRICE = words("article_price product_price")
_ARTICLE_NUMBER = words("supplier_aid supplier_pid")
_LIST_PRICES = words("nrp gros_list")
_DEEPEST_GROUPS = 20
_MOST_GROUPS = 200_000


class BmecatReader(XmlReader):
    """Reads the articles of a BMEcat document; see :class:`~catalog.readers.base.CatalogReader`."""

    format = "bmecat"

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._catalog: _Catalog | None = None

    def place_among(self, places: dict[tuple[str, ...], Place], broken: BrokenXmlError | None) -> tuple[str, ...]:
        """Return the path of the articles, which stand right inside the transaction (``T_NEW_CATALOG``).

        Raises:
            UnreadableFileError: there is no article.
        """
        articles = [place for place in places if len(place) == 3 and local_name(place[-1]) in _ARTICLE]
        if not any(places[place].elements for place in articles):
            raise no_record(self._path, broken)
        return max(articles, key=lambda place: places[place].elements)

    def node_of(self, element: Any) -> Node:
        """Return an article with its features, prices, groups and pictures."""
        if self._catalog is None:
            self._catalog = _read_catalog(self._path, self._encoding)
        return _article(element, self._catalog)


@dataclass(slots=True)
class _Catalog:
    """What the document says about all its articles.

    Attributes:
        lang: the language of texts that name none, as a two-letter code, or nothing.
        currency: of prices that name none.
        mime_root: what the names of pictures are relative to.
        groups: names by language (the catalog's own is ``""``) and parent of each catalog group.
        places: the groups of each article; on disk, because there may be millions.
    """

    lang: str = ""
    currency: str = ""
    mime_root: str = ""
    groups: dict[str, tuple[dict[str, str], str]] = field(default_factory=dict)
    places: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect("", check_same_thread=False))

    def paths_of(self, article: str) -> dict[str, str]:
        """Return ``Tools > Hammers`` for an article by language, nothing where it stands in no group.

        A language in which a group of the path has no name is left out.
        """
        row = self.places.execute("SELECT grp FROM places WHERE article = ? ORDER BY rowid", (article,)).fetchone()
        group = row[0] if row else ""
        names: list[dict[str, str]] = []
        for _ in range(_DEEPEST_GROUPS):  # a group may be its own ancestor
            if group not in self.groups:
                break
            called, parent = self.groups[group]
            # The root of the tree is the catalog itself, and names no category.
            if called and parent in self.groups:
                names.append({"": next(iter(called.values())), **called})
            group = parent
        langs = [lang for lang in (names[0] if names else ()) if all(lang in called for called in names)]
        return {lang: " > ".join(called[lang] for called in reversed(names)) for lang in langs}

    def __del__(self) -> None:
        self.places.close()


def _read_catalog(path: Path, encoding: str) -> _Catalog:
    catalog = _Catalog()
    catalog.places.execute("CREATE TABLE places (article TEXT, grp TEXT)")
    wanted = _GROUP_TREE | _GROUP_MAP | {"header"}
    try:
        for element in elements_named(path, read_pieces(path, encoding), wanted):
            name = local_name(element.tag)
            if name == "header":
                _read_header(element, catalog)
            elif name in _GROUP_TREE and len(catalog.groups) < _MOST_GROUPS:
                texts = _texts(element, catalog.lang)
                called = {
                    _lang(child, catalog): text
                    for child in children_of(element)
                    if local_name(child.tag) == "group_name" and (text := clean(text_of(child)))
                }
                catalog.groups[texts.get("group_id", "")] = (called, texts.get("parent_id", ""))
            elif name in _GROUP_MAP:
                texts = _texts(element, catalog.lang)
                article = texts.get("art_id") or texts.get("prod_id") or ""
                catalog.places.execute("INSERT INTO places VALUES (?, ?)", (article, texts.get("catalog_group_id", "")))
    except BrokenXmlError:
        pass  # the articles are read as far as they go, and the break is reported there
    catalog.places.execute("CREATE INDEX by_article ON places (article)")
    return catalog


def _read_header(header: Any, catalog: _Catalog) -> None:
    langs: list[str] = []
    for element in header.iter("*"):
        name, text = local_name(element.tag), clean(text_of(element))
        if name == "language" and text:
            langs.insert(0 if element.get("default") == "true" else len(langs), _two_letters(text))
        elif name == "currency" and text and not catalog.currency:
            catalog.currency = text
        elif name == "mime_root" and text and not catalog.mime_root:
            catalog.mime_root = text
    catalog.lang = langs[0] if langs else ""


def _article(element: Any, catalog: _Catalog) -> Entries:
    entries = Entries()
    number = ""
    for child in children_of(element):
        name = local_name(child.tag)
        if name in _ARTICLE_NUMBER:
            number = clean(text_of(child))
            entries.append((_tag(child), number))
        elif name in _IN_DETAILS:
            entries += _details(child, catalog)
        elif name in _FEATURES:
            entries += _features(child, catalog)
        elif name in _PRICES:
            entries += _prices(child, catalog)
        elif name == "mime_info":
            entries += _pictures(child, catalog)
    for lang, category in catalog.paths_of(number).items():
        entries.append((f"category_{lang}" if lang else "category", category))
    return entries


def _details(element: Any, catalog: _Catalog) -> Iterator[tuple[str, Node]]:
    """Yield the plain texts of a section, keywords and numbers by another issuer included."""
    for child in children_of(element):
        name = local_name(child.tag)
        if name == "international_pid" and child.get("type", "gtin").casefold() in ("gtin", "ean", "upc"):
            yield "EAN", text_of(child)
        elif name in ("special_treatment_class", "article_status", "product_status"):
            yield f"{_tag(child)}.{child.get('type', '')}", text_of(child)
        elif name == "price_quantity":
            yield _tag(child), _whole(text_of(child))
        elif not children_of(child):
            yield _in_language(child, catalog), text_of(child)


def _features(element: Any, catalog: _Catalog) -> Iterator[tuple[str, Node]]:
    system = group = ""
    for child in children_of(element):
        name = local_name(child.tag)
        text = clean(text_of(child))
        if name == "reference_feature_system_name":
            system = text
        elif name in ("reference_feature_group_id", "reference_feature_group_name") and text and not group:
            group = text
        elif name == "feature":
            yield from _feature(child, catalog)
    if system and group:
        yield f"classification.{system}", group


def _feature(element: Any, catalog: _Catalog) -> Iterator[tuple[str, Node]]:
    """Yield a feature under its name in the catalog's language, its values joined and with its unit.

    What it is called and what it says in other languages stands beside it (``Farbe_en``, ``Farbe.name_en``).
    """
    names: dict[str, str] = {}
    values: dict[str, list[str]] = {}
    unit = ""
    for child in children_of(element):
        tag, text = local_name(child.tag), clean(text_of(child))
        lang = _lang(child, catalog)
        if tag == "fname":
            names[lang] = text
        elif tag == "fvalue" and text and text != "-":
            values.setdefault(lang, []).append(text)
        elif tag == "funit":
            unit = _UNITS.get(text, text)
    plain = names.get("") or next(filter(None, names.values()), "")
    if not plain or not values:
        return
    own = "" if "" in values else next(iter(values))
    for lang, texts in {own: values[own], **values}.items():
        value = f"{', '.join(texts)} {unit}".strip()
        if lang == own:
            yield f"attributes.{plain}", value
        elif lang in CODES:
            yield f"attributes.{plain}_{lang}", value
    for lang, name in names.items():
        if name and name != plain and lang in CODES:
            yield f"attributes.{plain}.name_{lang}", name


def _prices(element: Any, catalog: _Catalog) -> Iterator[tuple[str, Node]]:
    """Yield the buyer's price with its tiers, and the list price beside it."""
    prices = [child for child in children_of(element) if local_name(child.tag) in _PRICE]
    buyers = [price for price in prices if price.get("price_type", "") not in _LIST_PRICES] or prices
    kind = buyers[0].get("price_type", "") if buyers else ""
    tiers = sorted((_price(one, catalog) for one in buyers if one.get("price_type", "") == kind), key=lambda p: p[0])
    if tiers:
        yield "price", tiers[0][1]
        yield "currency", tiers[0][2]
        if tiers[0][0] > 1:
            yield "minimum order", f"{tiers[0][0]:g}"
    if len(tiers) > 1:
        yield "price tiers", "; ".join(f"{low:g}: {amount} {currency}" for low, amount, currency in tiers[1:])
    for one in prices:
        if one.get("price_type", "") in _LIST_PRICES and one not in buyers:
            yield "list price", "{1} {2}".format(*_price(one, catalog))


def _price(element: Any, catalog: _Catalog) -> tuple[float, str, str]:
    """Return the least quantity, the amount and the currency of a price."""
    texts = _texts(element, "")
    try:
        low = float(texts.get("lower_bound", "1"))
    except ValueError:
        low = 1.0
    return low, texts.get("price_amount", ""), texts.get("price_currency") or catalog.currency


def _whole(number: str) -> str:
    """Write a whole number without the decimals that some systems add: in ``100.000`` the point is BMEcat's own."""
    whole, point, decimals = clean(number).partition(".")
    return whole if point and not decimals.strip("0") else clean(number)


def _pictures(element: Any, catalog: _Catalog) -> Iterator[tuple[str, Node]]:
    for child in children_of(element):
        texts = _texts(child, "")
        source = texts.get("mime_source", "")
        if not source:
            continue
        if "://" in catalog.mime_root and "://" not in source:
            source = f"{catalog.mime_root.rstrip('/')}/{source.lstrip('/')}"
        is_picture = texts.get("mime_type", "image").casefold().startswith("image")
        yield "image" if is_picture else "document", source


def _texts(element: Any, lang: str) -> dict[str, str]:
    """Return the texts of an element's children by tag; of several languages the catalog's own, else the first."""
    texts: dict[str, str] = {}
    for child in children_of(element):
        name = local_name(child.tag)
        if name not in texts or _two_letters(child.get("lang", "")) == lang:
            texts[name] = clean(text_of(child))
    return texts


def _in_language(element: Any, catalog: _Catalog) -> str:
    lang = _lang(element, catalog)
    return f"{_tag(element)}_{lang}" if lang else _tag(element)


def _lang(element: Any, catalog: _Catalog) -> str:
    """Return the language that an element names, nothing where it is the catalog's own."""
    lang = _two_letters(element.get("lang", ""))
    return "" if lang == catalog.lang else lang


def _two_letters(code: str) -> str:
    from babel.core import get_global

    code = code.strip().casefold()
    return str(get_global("language_aliases").get(code, code)) if len(code) == 3 else code[:2]


def _tag(element: Any) -> str:
    return local_name(element.tag, fold=False)
