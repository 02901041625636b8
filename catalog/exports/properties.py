"""Custom properties of a workbook: small named texts that travel with it (OPC, ``docProps/custom.xml``)."""

import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from defusedxml.ElementTree import ParseError, fromstring

PART = "docProps/custom.xml"
TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VALUES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"  # the one that the standard gives to a user's own properties
_MAX_SIZE = 1_000_000


def custom_property(path: Path, name: str) -> str | None:
    """Return a custom property of a workbook, ``None`` where it has none of this name."""
    with zipfile.ZipFile(path) as package:
        if PART not in package.namelist() or package.getinfo(PART).file_size > _MAX_SIZE:
            return None
        try:
            root = fromstring(package.read(PART))
        except (ParseError, ValueError):
            return None  # no spreadsheet program wrote this; whoever did says nothing of an export
    for one in root:
        if one.get("name") == name:
            return "".join(one.itertext()).strip() or None
    return None


def with_property(properties: bytes | None, name: str, value: str) -> bytes:
    """Return the part of custom properties with one property set; ``None``: the workbook has no such part yet."""
    text = properties.decode("utf-8") if properties else ""
    empty = f'<Properties xmlns="{_PROPERTIES}" xmlns:vt="{_VALUES}"></Properties>'
    if "</" not in text:
        text = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{empty}'
    text = re.sub(
        rf'<(?:\w+:)?property\s[^>]*name="{re.escape(name)}".*?</(?:\w+:)?property>', "", text, flags=re.DOTALL
    )
    number = max([1, *map(int, re.findall(r'\bpid="(\d+)"', text))]) + 1
    added = (
        f'<property xmlns="{_PROPERTIES}" fmtid="{_FORMAT}" pid="{number}" name={quoteattr(name)}>'
        f'<vt:lpwstr xmlns:vt="{_VALUES}">{escape(value)}</vt:lpwstr></property>'
    )
    end = text.rindex("</")
    return (text[:end] + added + text[end:]).encode()
