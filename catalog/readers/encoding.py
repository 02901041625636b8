"""Which encoding is a text file written in? Decided on evidence from the whole file, in bounded memory.

The order of the evidence: a byte order mark; NUL bytes on one side of every pair (UTF-16); strict UTF-8 over all
lines; else, among the encodings of :data:`CANDIDATES`, the one in which the lines decode and the decoded words look
like words. The first ranking is chardet's: right for 99.4 % of files of five rows and for all of sixty rows in
24 pairs of language and encoding, where charset-normalizer reached 72 %. What it gets wrong in short files are words
of two alphabets ("cafй"), which :func:`plausibility` marks down.
"""

import codecs
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.errors import UnreadableFileError
from catalog.readers.plausibility import CONTROLS, kana_share, plausibility

CANDIDATES = (
    "cp1252", "cp1250", "cp1251", "cp1254", "cp1256", "cp1253", "cp1255", "cp1257", "cp874",
    "iso8859-1", "iso8859-15", "iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "iso8859-9",
    "iso8859-13", "koi8-r", "koi8-u", "cp932", "euc_jis_2004", "cp949", "gb18030", "big5hkscs",
    "cp850", "cp852", "cp866", "mac-roman", "mac-cyrillic",
)  # fmt: skip
"""Python codecs that are considered once a file is no UTF; multi-byte ones by their widest superset."""

PREFERRED = (
    "cp1252", "cp1250", "cp1251", "cp1254", "cp1256", "cp1253", "cp1255", "cp1257", "iso8859-15", "iso8859-2",
    "koi8-r", "cp932", "euc_jp", "cp949", "gb18030", "cp950",
)  # fmt: skip
"""Codecs whose name is given when they read the file just as the codec that was found does."""

MULTI_BYTE = ("cp932", "euc_jis_2004", "cp949", "gb18030", "big5hkscs")
JAPANESE = ("cp932", "euc_jis_2004")
KANA_SHARE = 0.3
"""Text of which so much is full-width kana is Japanese; chardet drops short lists that are all katakana."""
RARE = {"cp1253", "cp1255", "cp1257", "cp874", "iso8859-7", "iso8859-8", "iso8859-13", "koi8-u"}
"""Encodings that none of the fifteen languages uses: a short text must speak for them clearly."""
RARE_WEIGHT = 0.85
OLD = {"cp850", "cp852", "cp866", "mac-roman", "mac-cyrillic"}
"""Of DOS and of the first Macintosh: read when nothing else fits, because any byte is a letter or a sign in them."""
OLD_WEIGHT = 0.6

CHUNK = 1 << 20
SAMPLE_BYTES = 256 * 1024
CONTEXT_BYTES = 16 * 1024
CONTEXT_LINES = 4
SAMPLE_LINE = 4096
VERIFIED = 4
LEAST_PLAUSIBLE = 0.1
"""Rightly read files of five rows score 0.80 and more in fifteen languages. The floor catches gross damage only:
random high bytes reach 0.57 as KOI8-R, and more as rare ideographs."""
WORTH_A_LOOK = 10
"""Candidates this many times less likely than the first are not decoded at all."""

BAD_SHARE = 0.2
"""A file of which more than this share of the lines with letters does not decode is refused as a whole."""
UTF8_SHARE = 0.5
"""Legacy text is hardly ever valid UTF-8 by chance, so half of the lines decide."""

NOISE_BYTES = 300
NOISE_ENTROPY = 6.42
"""Bits a byte, of the bytes above 127. Text of the fifteen languages has 5.1 to 6.2, Chinese in GBK most; it can't have
more than 6.32 with its common characters. Noise has 7.0 (128 values), 6.55 where it keeps to the 94 of GB2312."""

_SUPERSETS = {"iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# These bytes are never the second byte of a character in any candidate, so text may be cut after them.
_SAFE_CUTS = (b"\n", b"\r", b",", b'"', b" ", b">", b";", b"\t")


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over a file found.

    Attributes:
        text_lines: lines with bytes above 127.
        utf8_lines: of these, the lines that are valid UTF-8.
        sample: such lines, spread evenly over the file.
        context: ASCII lines from between them.
        shifted: whether the escape sequences of ISO-2022-JP occur.
    """

    text_lines: int
    utf8_lines: int
    sample: tuple[bytes, ...]
    context: tuple[bytes, ...]
    shifted: bool


def decide_encoding(path: Path) -> str:
    """Return the Python codec in which ``path`` is written; pure ASCII is ``utf-8``.

    Raises:
        UnreadableFileError: no reading is clean; names the first line that can't be read, with its bytes.
    """
    with path.open("rb") as file:
        head = file.read(1 << 16)
    marked = encoding_by_mark(head)
    if marked is not None:
        return marked
    survey = _survey(path)
    if is_noise(b"".join(survey.sample)):
        raise _no_clean_reading(path)
    if survey.shifted and not survey.text_lines:
        return "iso2022_jp"
    if survey.utf8_lines >= survey.text_lines * UTF8_SHARE:
        return "utf-8"
    return _verified(path, survey, rank(survey.sample, survey.context))


def honour_declared(path: Path, declared: str | None) -> str:
    """Return the codec of a file that names its own encoding, as XML does: the evidence weighs more than the name.

    Text that is valid UTF-8 is UTF-8 whatever it declares; a declared encoding that does not read the file is ignored.

    Raises:
        UnreadableFileError: as :func:`decide_encoding`.
    """
    with path.open("rb") as file:
        marked = encoding_by_mark(file.read(1 << 16))
    try:
        codec = codecs.lookup(declared or "utf-8").name
    except LookupError:
        codec = "utf-8"
    codec = _SUPERSETS.get(codec, codec)
    if marked is not None or codec.startswith("utf"):
        return decide_encoding(path)
    if not _bad_lines(path, "utf-8"):
        return "utf-8"
    return decide_encoding(path) if _bad_lines(path, codec) else codec


def is_noise(data: bytes) -> bool:
    """Whether bytes above 127 are spread as evenly as no text in any encoding of the list; needs 300 of them."""
    counts = Counter(data.translate(None, bytes(range(128))))
    total = sum(counts.values())
    if total < NOISE_BYTES:
        return False
    entropy = -sum(count / total * math.log2(count / total) for count in counts.values())
    # A sample shows less entropy than its source (Miller and Madow's correction).
    return entropy + (len(counts) - 1) / (2 * total * math.log(2)) > NOISE_ENTROPY


def encoding_by_mark(head: bytes) -> str | None:
    """Return the codec that a byte order mark or the places of NUL bytes give away, or ``None``."""
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return codec
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even + odd < max(2, len(head) // 200) or min(even, odd) * 5 > max(even, odd):
        return None
    codec = "utf-16-le" if odd > even else "utf-16-be"
    try:
        head[: len(head) // 4 * 4].decode(codec, "strict")
    except UnicodeDecodeError as problem:
        # A pair of surrogates may be cut by the end of the head; nothing else may be wrong.
        if problem.start < len(head) - 8:
            return None
    return codec


def rank(lines: Sequence[bytes], context: Sequence[bytes] = ()) -> list[tuple[str, float]]:
    """Return the candidates that can have written these lines, the likeliest first, each with its score.

    A multi-byte encoding may lead although a few lines (at most :data:`BAD_SHARE`) do not decode in it: one
    truncated character must not turn a Korean catalog into accented Latin letters.

    Args:
        lines: lines with bytes above 127.
        context: ASCII lines of the same file: their language tells an Italian "caffè" from a Czech "caffč".
    """
    # Few letters among much ASCII must not be judged by the ASCII.
    context = context[: CONTEXT_LINES * len(lines)]
    best = _rank(lines, context)
    for codec in MULTI_BYTE:
        good = [line for line in lines if _decodes(line, codec)]
        if len(good) < max(1, (1 - BAD_SHARE) * len(lines)):
            continue
        if codec in JAPANESE and kana_share(b"".join(good).decode(codec)) > KANA_SHARE:
            return [(codec, 1.0), *best]
        if 2 <= len(good) < len(lines):
            among_good = _rank(good, context)
            if among_good and among_good[0][0] == codec and among_good[0][1] > 2 * _score_of_first(best):
                return [among_good[0], *best]
    return best


def _score_of_first(ranked: list[tuple[str, float]]) -> float:
    return ranked[0][1] if ranked else 0.0


def _rank(lines: Sequence[bytes], context: Sequence[bytes]) -> list[tuple[str, float]]:
    from chardet import detect_all  # 3.6 MB that a UTF-8 file never needs

    data = b"\n".join(lines)
    found = detect_all(
        b"\n".join((data, *context)),
        ignore_threshold=True,
        max_bytes=2 * SAMPLE_BYTES,
        prefer_superset=False,
        compat_names=False,
        include_encodings=CANDIDATES,
        no_match_encoding=CANDIDATES[0],
    )
    best = max((guess["confidence"] for guess in found), default=0.0)
    ranked = []
    for guess in found:
        codec = guess["encoding"]
        if codec is not None and guess["confidence"] * WORTH_A_LOOK >= best:
            weight = RARE_WEIGHT if codec in RARE else OLD_WEIGHT if codec in OLD else 1.0
            ranked.append((codec, guess["confidence"] * weight * plausibility(data.decode(codec, "replace"))))
    return sorted(ranked, key=lambda pair: -pair[1])


def _decodes(line: bytes, codec: str) -> bool:
    try:
        line.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield a file in pieces that end at a line's end, or where one line is longer than a chunk, between words."""
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            rest += chunk
            cut = max(rest.rfind(b"\n"), rest.rfind(b"\r", 0, -1)) + 1
            if not cut:
                cut = max(rest.rfind(mark) for mark in _SAFE_CUTS) + 1 or _before_last_character(rest)
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def _before_last_character(data: bytes) -> int:
    """Return where UTF-8 without any ASCII can be cut: before the lead byte of its last character."""
    return next((place for place in range(len(data) - 1, max(-1, len(data) - 4), -1) if data[place] >= 0xC0), len(data))


def _survey(path: Path) -> Survey:
    text_lines = utf8_lines = 0
    shifted = False
    sample, context = _Sample(SAMPLE_BYTES), _Sample(CONTEXT_BYTES)
    for piece in _pieces(path):
        if piece.isascii():
            shifted = shifted or b"\x1b$B" in piece or b"\x1b$@" in piece
            continue
        lines = [line for line in piece.splitlines() if not line.isascii()]
        text_lines += len(lines)
        if _decodes(piece, "utf-8"):
            utf8_lines += len(lines)
        else:
            utf8_lines += sum(_decodes(line, "utf-8") for line in lines)
            sample.extend(lines)
            context.extend(line for line in piece.splitlines() if line.isascii())
    return Survey(text_lines, utf8_lines, tuple(sample.lines), tuple(context.lines), shifted)


class _Sample:
    """Every n-th line, n doubling whenever the sample is full: spread evenly over a file of unknown length."""

    def __init__(self, limit: int) -> None:
        self.lines: list[bytes] = []
        self._limit = limit
        self._bytes = 0
        self._stride = 1
        self._seen = 0

    def extend(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self._seen += 1
            if self._seen % self._stride == 0:
                self._add(_shorten(line))

    def _add(self, line: bytes) -> None:
        self.lines.append(line)
        self._bytes += len(line)
        if self._bytes > self._limit:
            self.lines = self.lines[1::2]
            self._bytes = sum(map(len, self.lines))
            self._stride *= 2


def _shorten(line: bytes) -> bytes:
    """Cut a long line (HTML in a cell) to the part around its first letters beyond ASCII, at safe places."""
    if len(line) <= SAMPLE_LINE:
        return line
    first = next((place for place, byte in enumerate(line) if byte > 127), 0)
    start = max(line.rfind(mark, 0, first) for mark in _SAFE_CUTS) + 1
    piece = line[start : start + SAMPLE_LINE]
    end = max(piece.rfind(mark) for mark in _SAFE_CUTS)
    return piece[:end] if end > 0 else piece


def _verified(path: Path, survey: Survey, ranked: list[tuple[str, float]]) -> str:
    """Return the best-ranked codec that reads the whole file, or nearly.

    A single-byte codec reads anything, so it may replace the favourite only where that fails on many lines.
    """
    most = survey.text_lines * BAD_SHARE
    failed: list[tuple[int, str]] = []
    data = b"\n".join(survey.sample)
    for codec in _with_preferred([codec for codec, _ in ranked[:VERIFIED]], data):
        if plausibility(data.decode(codec, "replace")) < LEAST_PLAUSIBLE:
            continue
        bad = _bad_lines(path, codec)
        if bad == 0 and all(others > most for others, _ in failed):
            return codec
        failed.append((bad, codec))
    acceptable = [codec for bad, codec in failed if bad <= most]
    if not acceptable:
        raise _no_clean_reading(path)
    return acceptable[0]


def _with_preferred(ranked: list[str], data: bytes) -> list[str]:
    """Put before each codec the customary ones that read the sample in the same way."""
    result: list[str] = []
    for codec in ranked:
        text = data.decode(codec, "replace")
        result += [same for same in PREFERRED if data.decode(same, "replace") == text]
        result.append(codec)
    return list(dict.fromkeys(result))


def _bad_lines(path: Path, codec: str) -> int:
    """Count the lines of the file that can't be read in a codec."""
    bad = 0
    for piece in _pieces(path):
        if not piece.isascii() and not _reads(piece, codec):
            bad += sum(not _reads(line, codec) for line in piece.splitlines() if not line.isascii())
    return bad


def _reads(data: bytes, codec: str) -> bool:
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return False
    return not (codec.startswith("iso") and CONTROLS.search(text))


def _no_clean_reading(path: Path) -> UnreadableFileError:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as problem:
                shown = line[problem.start : problem.start + 8].hex(" ")
                reason = f"no encoding reads this text cleanly (bytes {shown}): save the file as UTF-8"
                return UnreadableFileError(path.name, reason, number)
    return UnreadableFileError(path.name, "no encoding reads this text cleanly: save the file as UTF-8")
