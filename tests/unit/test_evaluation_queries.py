"""Files of judged queries: what is wrong with a line is said with file and line."""

import json
from pathlib import Path

import pytest

from catalog.errors import UsageError
from search.evaluation import read_queries


def line(name: str = "1", lang: str = "de", grade: object = 1) -> bytes:
    row = {"id": name, "query": "a\u2028b", "lang": lang, "relevant": {"keller/S-1": grade}}
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def test_queries_are_read_with_a_mark_blank_lines_and_any_character(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + line("1") + b"\r\n" + line("2"))
    assert [(query.id, query.query) for query in read_queries(file)] == [("1", "a\u2028b"), ("2", "a\u2028b")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: there is no query"),
        (b"\n\n", "line 1: there is no query"),
        (line("1") + line("1"), "line 2: the id '1'"),
        (line("1") + line("2", grade=0), "line 2: no product has a grade"),
        (line("1", grade="many"), "line 1: a query is"),
        (line("1", grade=1e999), "line 1: a query is"),
        (line("1") + b"\xff\xfe\n", "line 2: this is not UTF-8"),
        (line("1", lang="vi"), "line 1: no language 'vi'"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"q\.jsonl") as wrong:
        read_queries(file)
    assert said in str(wrong.value)
