"""What is kept of a supplier's HTML."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.values.markup import clean_description, clean_text, is_html, plain_text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("<p>a <b>b</b></p><script>x()</script><p>c</p>", "<p>a <b>b</b></p><p>c</p>"),
        ('<div class="x">c<div>d</div>e</div>', "<p>c</p><p>d</p><p>e</p>"),
        ("<ul><li>one</li><li><p>two</p></li></ul>tail", "<ul><li>one</li><li>two</li></ul><p>tail</p>"),
        ("x <!-- secret --> y", "x y"),
        ('<a href="javascript:steal()">click</a> me', "click me"),
        ('<p><img src="https://x.example/1.jpg"/></p>', ""),
        ("&lt;p&gt;x&lt;/p&gt;&lt;p&gt;y&lt;/p&gt;", "<p>x</p><p>y</p>"),
        ("<b>Design</b>\\n\\nText", "<p><b>Design</b><br><br>Text</p>"),
        ("<style>p{}</style><h2>T</h2>para", "<h2>T</h2><p>para</p>"),
        ("one\r\n\r\n\r\ntwo  three", "one\n\ntwo three"),
        ("Ra<90 &amp; CRI>80", "Ra<90 & CRI>80"),
        ("<p>one &amp; only</p>", "one & only"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "<table><tr><td>a</td><td>b</td></tr></table>"),
    ],
)
def test_blocks_and_inline_marks_stay_the_rest_goes(text: str, cleaned: str) -> None:
    assert clean_description(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Hose &amp;quot;Flex&amp;quot; 3/4&quot;", 'Hose "Flex" 3/4"'),
        ("<b>Bold</b> title", "Bold title"),
        ("3 < 4 & 5", "3 < 4 & 5"),
        ("two  spaces\nand a line", "two spaces and a line"),
        ("ＬＥＤ 電球\u3000９Ｗ", "ＬＥＤ 電球\u3000９Ｗ"),
        ("a\x00b", "ab"),
    ],
)
def test_a_title_is_one_plain_line(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@given(st.text(alphabet=st.sampled_from(list("<>/&;\"'=abpiscrtdvon \n!-")), max_size=120))
def test_nothing_but_allowed_tags_without_attributes_ever_comes_out(text: str) -> None:
    cleaned = clean_description(f"<p>{text}</p><b>x</b>")
    assert not re.search(r"<(?!/?(?:p|b|i|s|br|tr|td|dd|dt|ol|li|ul)>)[a-z!/]", cleaned)


@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<div>", "</div>", "<ul>", "<li>", "</li>", "</ul>", "word ", "<br>", "<b>", "</b>"]
        )
    )
)
def test_cleaning_keeps_every_word_and_is_done_once(parts: list[str]) -> None:
    cleaned = clean_description("".join(parts))
    assert plain_text(cleaned).split().count("word") == "".join(parts).count("word")
    assert clean_description(cleaned) == cleaned


def test_plain_text_is_told_from_html() -> None:
    assert is_html("<p>x")
    assert not is_html("5 < 6 > 4")
    assert plain_text("<p>a</p><ul><li>b</li><li>c</li></ul>").split() == ["a", "b", "c"]


_LINES = st.lists(
    st.sampled_from(
        ["word", " ", "  ", "&amp;", "&lt;", "&nbsp;", ">", "é", "<b>", "</b>", "<em>", "</em>", "<br>", "日本"]
    ),
    max_size=6,
).map("".join)
_BLOCKS = st.one_of(
    _LINES.map("<p>{}</p>".format),
    _LINES.map("<h2>{}</h2>".format),
    _LINES.map("<ul><li>x</li><li>{}</li></ul>".format),
)


@given(st.lists(_BLOCKS, min_size=2, max_size=4).map("".join))
def test_what_is_taken_for_clean_is_what_the_parser_would_give(text: str) -> None:
    by_parser = clean_description(f"{text}<!-- a comment, which only the parser takes away -->")
    assert clean_description(text) == by_parser
