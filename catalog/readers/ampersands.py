"""Ampersands in XML that people wrote by hand: ``&nbsp;`` without a declaration, and a bare ``&`` in a text.

Both are errors of XML at which every parser stops; what they mean is in no doubt.
"""

import re
from html.entities import html5

_TOKEN = re.compile(r"<!\[CDATA\[|\]\]>|&(?:#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|([^\W\d]\w{0,31});)?")
_OF_XML = frozenset(("amp", "lt", "gt", "quot", "apos"))
_LONGEST = 34


class Ampersands:
    """Writes ampersands as XML wants them, piece by piece of a document; CDATA is left alone."""

    def __init__(self) -> None:
        self._in_cdata = False

    def mended(self, text: str, *, ends_line: bool) -> str:
        """Return a piece with HTML's named characters as numbers and bare ampersands escaped.

        Args:
            text: the next piece of the document.
            ends_line: it is a line's end; else what its last characters begin may go on in the next piece.
        """
        if "&" not in text and "CDATA" not in text and "]]>" not in text:
            return text
        safe = len(text) if ends_line else len(text) - _LONGEST
        return _TOKEN.sub(lambda found: self._written(found, safe), text)

    def _written(self, found: re.Match[str], safe: int) -> str:
        token = found[0]
        if token == "<![CDATA[" or token == "]]>":
            self._in_cdata = token != "]]>"
        elif not self._in_cdata and token == "&":
            return "&amp;" if found.start() < safe else token
        elif not self._in_cdata and found[1] and found[1] not in _OF_XML:
            known = html5.get(f"{found[1]};")
            return token if known is None else "".join(f"&#{ord(letter)};" for letter in known)
        return token
