"""TMX 1.4, written: segments of a memory as any translation tool reads them.

One unit a source text and place, with every target language that is wanted. The marks of descriptions (``<b>``,
``<br>``) are written as inline codes, where the text stands in the catalog as ``prop`` elements. There is no date in
the file, so that the same memory gives the same bytes; it appears under its name only when it is whole.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from catalog.errors import UsageError
from translation.memory.tmx import ANY_SOURCE, CONTEXT, KEY, KIND, Place

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_TAG = re.compile(r"(</?(?:b|strong|i|em|u|s|sub|sup)>|<br>)")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEADER = {
    "creationtool": "lexicart",
    "creationtoolversion": "1",
    "segtype": "sentence",
    "o-tmf": "lexicart",
    "adminlang": "en",
    "srclang": ANY_SOURCE,
    "datatype": "html",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A source text with its translations.

    Attributes:
        lang: language of the source text.
        targets: translations by language, at least one.
    """

    lang: str
    text: str
    place: Place
    targets: Mapping[str, str]


def write(path: Path, entries: Iterable[Entry]) -> tuple[int, int]:
    """Write a TMX file; return how many units and how many translations it holds.

    Raises:
        UsageError: the file can't be written.
    """
    from lxml import etree

    units = translations = 0
    with _whole(path) as whole, etree.xmlfile(whole, encoding="utf-8") as file:
        file.write_declaration()
        with file.element("tmx", version="1.4"):
            file.write("\n  ")
            file.write(etree.Element("header", _HEADER))
            file.write("\n  ")
            with file.element("body"):
                for entry in entries:
                    file.write("\n    ")
                    file.write(_unit(entry))
                    units += 1
                    translations += len(entry.targets)
                file.write("\n  ")
            file.write("\n")
    return units, translations


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """Open a file beside ``path`` that takes its place when everything is written."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as exc:
        raise UsageError(f"{path}: it can't be written ({exc.strerror or exc}): name another file") from exc
    finally:
        unfinished.unlink(missing_ok=True)


def _unit(entry: Entry) -> Any:
    from lxml import etree

    unit = etree.Element("tu", srclang=entry.lang)
    for name, value in ((KIND, entry.place.kind), (CONTEXT, entry.place.context), (KEY, entry.place.key)):
        if value:
            etree.SubElement(unit, "prop", type=name).text = _NO_XML.sub("", value)
    for lang, text in ((entry.lang, entry.text), *sorted(entry.targets.items())):
        variant = etree.SubElement(unit, "tuv", {_LANG: lang})
        _fill(etree.SubElement(variant, "seg"), _NO_XML.sub("", text))
    return unit


def _fill(segment: Any, text: str) -> None:
    """Write a text with its tags as codes: pairs as ``bpt`` and ``ept``, what has no partner as ``it``."""
    from lxml import etree

    parts = _TAG.split(text)
    partners = _partners(parts)
    segment.text = parts[0]
    for at in range(1, len(parts), 2):
        tag = parts[at]
        if tag == "<br>":
            code = etree.SubElement(segment, "ph", type="lb")
        elif at in partners:
            code = etree.SubElement(segment, "ept" if tag.startswith("</") else "bpt", i=str(partners[at]))
        else:
            code = etree.SubElement(segment, "it", pos="end" if tag.startswith("</") else "begin")
        code.text = tag
        code.tail = parts[at + 1]


def _partners(parts: list[str]) -> dict[int, int]:
    """Return, for each tag that has a partner, by its place the number of the pair."""
    open_: list[tuple[str, int]] = []
    numbers: dict[int, int] = {}
    for at in range(1, len(parts), 2):
        tag = parts[at]
        name = tag.strip("</>")
        if not tag.startswith("</"):
            open_.append((name, at))
            continue
        found = next((place for place in reversed(range(len(open_))) if open_[place][0] == name), None)
        if found is not None:
            pair = len(numbers) // 2 + 1
            numbers[open_[found][1]] = numbers[at] = pair
            del open_[found:]
    return numbers
