"""Writes well-formed markup from any order of tags: blocks hold blocks, paragraphs hold text, nothing is empty."""

import re
from html import escape

_INLINE = frozenset({"b", "strong", "i", "em", "u", "s", "sub", "sup"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"ul", "ol"})
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_PARAGRAPHS = frozenset(
    {"p", "div", "section", "article", "header", "footer", "main", "aside", "center", "address", "form", "hr"}
) | {"figure", "figcaption", "caption", "fieldset", "legend"}

_FLOW = frozenset({"", "blockquote", "li", "td", "th", "dd"})
_ALLOWED_IN: dict[str, frozenset[str]] = {
    **dict.fromkeys(("ul", "ol", "dl", "table", "blockquote"), _FLOW),
    **dict.fromkeys((*_HEADINGS, "pre"), frozenset({"", "blockquote"})),
    **dict.fromkeys(_SECTIONS, frozenset({"table"})),
    "li": _LISTS,
    "tr": _SECTIONS | {"table"},
    "td": frozenset({"tr"}),
    "th": frozenset({"tr"}),
    "dt": frozenset({"dl"}),
    "dd": frozenset({"dl"}),
}
"""Every block that is kept, and what may hold it; elsewhere it only ends a paragraph."""

_WRAPPED: dict[str, str] = {
    "": "<p>{}</p>",
    "blockquote": "<p>{}</p>",
    "ul": "<li>{}</li>",
    "ol": "<li>{}</li>",
    "dl": "<dd>{}</dd>",
    "tr": "<td>{}</td>",
    **dict.fromkeys((*_SECTIONS, "table"), "<tr><td>{}</td></tr>"),
}
"""How text is written that stands directly in a block; in all others (``li``, ``td``, ``h2``) it stands bare."""

_SPACE = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_UNEVEN = re.compile(r"[\t\r\n\f\v\u00a0]|  ")
_BREAK = re.compile(r"\s*<br>\s*")
_EMPTY = re.compile(r"<(\w+)>((?:\s|<br>)*)</\1>")
_EDGES = re.compile(r"^(?:\s|<br>)+|(?:\s|<br>)+$")

_BLOCKS = frozenset(_ALLOWED_IN)
_ENDS_PARAGRAPH = _BLOCKS | _PARAGRAPHS


class MarkupWriter:
    """Takes tags and text as they come and writes clean markup."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._blocks: list[tuple[str, int]] = []  # name and place in the output
        self._holder = ""  # the innermost open block
        self._marks: list[str] = []
        self._line: list[str] = []
        self._bare_at = -1  # length of the output behind bare text: what follows there needs a line break

    def open(self, tag: str) -> None:
        """Begin an element; one that is not kept is as if it were not there."""
        if tag in _ENDS_PARAGRAPH:
            if self._line:
                self._flush()
            if tag in _BLOCKS and self._holder in _ALLOWED_IN[tag]:
                self._blocks.append((tag, len(self._out)))
                self._holder = tag
                self._out.append(f"<{tag}>")
        elif tag == "br":
            self._line.append("<br>")
        elif tag in _INLINE:
            self._marks.append(tag)
            self._line.append(f"<{tag}>")

    def text(self, text: str) -> None:
        """Write text."""
        if _UNEVEN.search(text):
            text = _SPACE.sub(" ", text)
        self._line.append(escape(text, quote=False))

    def close(self, tag: str) -> None:
        """End an element."""
        if tag in _ENDS_PARAGRAPH:
            if self._line:
                self._flush()
            if self._holder == tag:
                self._end_block()
        elif tag in _INLINE and tag in self._marks:
            self._marks.reverse()
            self._marks.remove(tag)
            self._marks.reverse()
            self._line.append(f"</{tag}>")

    def finish(self) -> str:
        """Return everything written."""
        self._flush()
        while self._blocks:
            self._end_block()
        return "".join(self._out)

    def _end_block(self) -> None:
        name, place = self._blocks.pop()
        self._holder = self._blocks[-1][0] if self._blocks else ""
        if len(self._out) == place + 1 and name not in ("td", "th"):  # an empty cell keeps its place in the row
            self._out.pop()
        else:
            self._out.append(f"</{name}>")

    def _flush(self) -> None:
        """End the paragraph; inline marks that are open go on in the next one."""
        line = "".join(self._line)
        if self._marks:
            line += "".join(f"</{mark}>" for mark in reversed(self._marks))
        self._line = [f"<{mark}>" for mark in self._marks]
        content = _clean_line(line)
        if not content:
            return
        wrapped = _WRAPPED.get(self._holder)
        if wrapped is not None:
            self._out.append(wrapped.replace("{}", content))
            return
        self._out.append(f"<br>{content}" if self._bare_at == len(self._out) else content)
        self._bare_at = len(self._out)


def _clean_line(line: str) -> str:
    if "</" in line:
        before = None
        while before != line:
            before = line
            line = _EMPTY.sub(r"\2", line)
    if _UNEVEN.search(line):
        line = _SPACE.sub(" ", line)
    return _EDGES.sub("", _BREAK.sub("<br>", line)) if "<br>" in line else line.strip()
