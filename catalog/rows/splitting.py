"""Cells that hold several things: category paths, keywords, bullet points, addresses, key=value lists."""

import re
from collections.abc import Iterable, Sequence

from catalog.columns.headers import split_words
from catalog.values.markup import clean_text, is_html, plain_text

_ARROW = re.compile(r"\s*(?:>|›|»|＞|→|::|/{2,})\s*")
_ROOTS = frozenset({"default category", "root catalog", "root", "root category", "home", "all", "saleable"})
_MACHINE_NAME = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)+")
_LEVELS: tuple[tuple[re.Pattern[str], re.Pattern[str], float], ...] = (
    (_ARROW, re.compile(r"[>›»＞→]|::|//"), 0.0),
    (re.compile(r"\s+/\s+"), re.compile(r"\S\s+/\s+\S"), 0.3),
    (re.compile(r"\s*\|\s*"), re.compile(r"\D\s*\|\s*\D"), 0.3),
    (re.compile(r"\s*/\s*"), re.compile(r"\S/\S"), 0.6),
    (re.compile(r"\s*\\\s*"), re.compile(r"\S\\\S"), 0.3),
)
"""How levels are separated, where it shows, and in which share of a column's values it must show to be believed:
``토너/스킨`` is one category beside paths written with ``>``."""


def level_separator(samples: Sequence[str]) -> re.Pattern[str] | None:
    """Return how a column's category paths are cut into levels, or ``None`` where each cell is one level."""
    for cut, shows, share in _LEVELS:
        found = sum(shows.search(sample) is not None for sample in samples)
        if found and found >= share * len(samples):
            return cut
    return None


def read_category(values: Sequence[str], separator: re.Pattern[str] | None, *, listed: bool = False) -> tuple[str, ...]:
    """Return the category path of a product, from wide to narrow.

    Args:
        values: the cells of the row; several cells without levels inside are the levels themselves.
        separator: from :func:`level_separator`, of the whole column.
        listed: a comma separates categories, one inside a name is escaped (``Records\\, Tapes``).
    """
    cleaned = [value for value in (clean_text(value) for value in values) if value]
    if listed or any("\\," in value for value in cleaned):
        paths = [path for value in cleaned for path in _listed_paths(value, separator)]
        levels = _deepest(paths)
    elif separator is None or not any(separator.search(value) for value in cleaned):
        levels = [_first_of_list(value) for value in cleaned]
    else:
        paths = [path for value in cleaned for path in _paths(value, separator)]
        levels = _deepest(paths)
    named = [split_words(level.replace("-", "_")) if _MACHINE_NAME.fullmatch(level) else level for level in levels]
    kept = [level for level in dict.fromkeys(named) if level]
    while len(kept) > 1 and kept[0].casefold() in _ROOTS:
        kept = kept[1:]
    return tuple(kept)


def _deepest(paths: Sequence[tuple[str, ...]]) -> list[str]:
    deepest = max(map(len, paths), default=0)
    return next((list(path) for path in paths if len(path) == deepest), [])


def _first_of_list(value: str) -> str:
    """``webcams,cameras_sales`` is a list of categories; in ``Kitchen, Bath`` the comma belongs to the name."""
    return value.split(",")[0].strip() if re.search(r"[a-z0-9],[a-z0-9]|[^\W\d],[^\W\d]", value) else value


def _paths(value: str, separator: re.Pattern[str]) -> list[tuple[str, ...]]:
    """A cell may list several paths; a comma inside a name is told from one between paths by what follows it."""
    parts = [part.strip() for part in re.split(r"[,;|\n]", value)]
    cut = [tuple(level.strip() for level in separator.split(part) if level.strip()) for part in parts]
    roots = [path[0] for path in cut if len(path) > 1]
    if len(cut) > 1 and all(len(path) > 1 or (path and path[0] in roots) for path in cut):
        return cut
    # No name is its own parent: where a root comes again, the commas stand between paths.
    again = len(set(roots)) < len(roots) or any(len(path) == 1 and path[0] in roots for path in cut)
    return cut if again else [tuple(level.strip() for level in separator.split(value) if level.strip())]


_BARE_COMMA = re.compile(r"(?<!\\),")
_KEYWORD_CUT = re.compile(r"(?:(?<!\\),|[;|\n、，；،])+")


def _listed_paths(value: str, separator: re.Pattern[str] | None) -> list[tuple[str, ...]]:
    parts = [unescape_commas(part).strip() for part in _BARE_COMMA.split(value)]
    cut = [separator.split(part) if separator else [part] for part in parts]
    return [path for levels in cut if (path := tuple(level.strip() for level in levels if level.strip()))]


def unescape_commas(value: str) -> str:
    r"""Return a value of a list as it reads: ``Records\, Tapes`` is one name."""
    return value.replace("\\,", ",")


def read_keywords(values: Iterable[str]) -> tuple[str, ...]:
    """Return keywords in their order, each once."""
    parts = (clean_text(unescape_commas(part)) for value in values for part in _KEYWORD_CUT.split(value))
    return tuple(dict.fromkeys(part for part in parts if part))


def read_bullets(values: Iterable[str]) -> tuple[str, ...]:
    """Return bullet points: one a cell, or one a line or list item of a cell."""
    found = []
    for value in values:
        text = plain_text(value) if is_html(value) else value.replace("\\n", "\n")
        for line in text.split("\n"):
            bullet = re.sub(r"^\s*(?:[•●▪■◆※✓✔・·*]|-(?=\s))\s*", "", clean_text(line))
            if bullet:
                found.append(bullet)
    return tuple(dict.fromkeys(found))


_ONE_ADDRESS = re.compile(r"https?://[^\s/?#\"'<>\],;|][^\s\"'<>\]]*(?<![,;|])", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_ENDS_IN_FILE = re.compile(r"//[^/]+/.*\.[a-z0-9]{2,5}(?:[?#]\S*)?$", re.IGNORECASE)
_SEVERAL = re.compile(r"[\"'<>\],;|\n\t]")


def read_addresses(values: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the web addresses of some cells (a list, a JSON array, ...), each once, and what was none."""
    found: list[str] = []
    wrong: list[str] = []
    for value in values:
        if _ONE_ADDRESS.fullmatch(value) and value.find("://", len("https://")) < 0:
            found.append(value)
            continue
        starts = [match.start() for match in _ADDRESS.finditer(value)]
        if not starts:
            wrong.append(value)
            continue
        for start, end in zip(starts, [*starts[1:], len(value)], strict=True):
            address = re.split(r"[\s\"'<>\]]", value[start:end])[0].rstrip(",;|")
            if _goes_on_behind_blank(address, value[start + len(address) : end]):
                whole = value.strip()
                is_one = len(starts) == 1 and start == 0 and _ENDS_IN_FILE.search(whole) and not _SEVERAL.search(whole)
                (found if is_one else wrong).append(re.sub(r"\s", "%20", whole) if is_one else value)
            elif re.match(r"https?://[^\s/?#]+", address, re.IGNORECASE):
                found.append(address)
            else:
                wrong.append(value)
    return tuple(dict.fromkeys(found)), tuple(wrong)


def _goes_on_behind_blank(address: str, rest: str) -> bool:
    """``https://e.com/a b.jpg``: what stands before the blank would be another address, or none."""
    return rest[:1] in " \u00a0" and rest.strip()[:1].isalnum() and not _ENDS_IN_FILE.search(address)


_PAIR_CUT = re.compile(r"[,;|\n]+(?=[^,;|\n=:]{1,60}[=:])")


def read_pairs(value: str) -> list[tuple[str, str]]:
    """Read ``size=XS,color=Black`` or ``Farbe: rot; Größe: M`` (PrestaShop's trailing position is dropped)."""
    text = plain_text(value)
    mark = "=" if re.match(r"[^:]*?=", text) else ":"
    pairs = []
    for part in _PAIR_CUT.split(text):
        name, found, rest = part.partition(mark)
        if mark == ":":
            rest = re.sub(r":\d+(?::[01])?$", "", rest)
        if found and name.strip() and rest.strip():
            # Magento separates the values of a multiple choice by a bar, and may put each in quotes.
            listed = [_unquoted(one.strip()) if mark == "=" else one for one in re.split(r"\s*\|\s*", rest)]
            pairs.append((clean_text(name), clean_text(", ".join(listed))))
    return pairs


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        return value[1:-1].replace('""', '"')
    return value


_CHOICE = re.compile(r"(?:\[[^\]]*\])?(?P<name>[^{}/]{1,60})\{(?P<values>[^{}]+)\}")


def read_choices(value: str) -> list[tuple[str, str]]:
    """Read what a buyer may choose: ``색상{빨강|파랑}//사이즈{S|M}``; an empty list for any other text."""
    if "{" not in value:
        return []
    found = [(match["name"].strip(" /"), match["values"]) for match in _CHOICE.finditer(value)]
    return [(name, re.sub(r"\s*\|\s*", ", ", values.strip())) for name, values in found if name and values.strip()]


def read_variants(value: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Return sku and options of listed variants: ``sku=A-1,size=S|sku=A-2,size=M``, or a bare sku."""
    if "=" not in value:
        sku = value.strip()
        return [(sku, ())] if sku and len(sku) <= 128 and "\n" not in sku else []
    found = []
    for entry in re.split(r"\|(?=\s*sku=)|;(?=\s*sku=)|,(?=\s*sku=)", value):
        pairs = [pair.partition("=") for pair in re.split(r"[,;](?=[^,;=]{1,60}=)", entry)]
        named = [(name.strip(), text.strip()) for name, mark, text in pairs if mark and text.strip()]
        sku = next((text for name, text in named if name == "sku"), "")
        if sku:
            found.append((sku, tuple((name, text) for name, text in named if name != "sku")))
    return found
