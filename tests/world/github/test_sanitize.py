"""Texts come out of GitHub's MCP server as its own source gives them."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.world.github.mcp.sanitize import policy
from routine_harness.world.github.mcp.sanitize.policy import sanitize

TABLE = Path(__file__).parents[3] / "fixtures/sanitize/texts.jsonl"
ROWS = [json.loads(line) for line in TABLE.read_text("utf-8").splitlines()]
"""Texts with what the Go source of the server (@64a49f34, bluemonday 1.0.27) gave for each."""

PIECES = st.sampled_from(
    ["<!--", "-->", "--", "<", "</", ">", "/>", " ", "\n", "\r\n", "&", ";", "&lt;", "&#60;", "&#8203;",
     "&#x;", "<b>", "</b>", "<n>", "<br/>", '<a href="https://e.org/?a=1&b">', "</a>", "<img src=x>",
     "<script>", "</script>", "<title>", "</title>", "<textarea>", "```", "```js x", "\n```", "\u200b",
     "\ufe0f", "\u2708", "1", "a", "'", '"', "=", "!", "?", "é", "\u00a0", "\0"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=40)


def test_the_table_covers_each_kind_of_text() -> None:
    kinds = {row["about"] for row in ROWS}
    assert len(ROWS) >= 60
    assert {
        "comment", "unknown tag", "entity", "invisible character", "fence", "variation selector",
        "mark of direction", "tag character", "allowed element", "link", "image", "unfinished",
    } <= kinds  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=[f"{i}-{row['about']}" for i, row in enumerate(ROWS)])
def test_each_text_of_the_table_is_given_as_the_server_gives_it(row: dict[str, str]) -> None:
    assert sanitize(row["text"]) == row["gives"]


@given(TEXTS)
def test_what_was_sanitised_once_stays_as_it_is(text: str) -> None:
    once = sanitize(text)
    assert sanitize(once) == once


@given(TEXTS)
def test_nothing_invisible_and_no_comment_is_left(text: str) -> None:
    given_text = sanitize(text)
    assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069\U000e0020-\U000e007f]", given_text)
    assert "<!" not in given_text


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E, exclude_characters="&<>\"'`")))
def test_plain_text_is_the_same_object(text: str) -> None:
    """The quick way copies nothing."""
    assert sanitize(text) is text


LETTERS = st.characters(
    min_codepoint=0x20, max_codepoint=0x24F, exclude_categories=["Cc"], exclude_characters="&<`\xad"
)


@given(st.text(alphabet=LETTERS))
def test_clean_text_changes_by_entities_alone(text: str) -> None:
    assert html.unescape(sanitize(text)) == text


@given(
    st.lists(
        st.sampled_from(["<!-- ", " -->", "a", "&", "&amp;", "&nbsp;", '"', "'", ">", "-", "<", "\u00a0"]),
        max_size=10,
    )
)
def test_the_fast_parser_gives_what_the_servers_order_gives(pieces: list[str]) -> None:
    text = "".join(pieces)
    if policy._NH3_AGREES.fullmatch(text):
        assert policy._by_nh3(text) == policy.filter_tokens(text)


def test_the_parser_is_loaded_for_texts_that_need_it_alone() -> None:
    """A clean text, and one with quotation marks or tags, costs no import of nh3."""
    code = (
        "import sys; from routine_harness.world.github.mcp.sanitize.policy import sanitize; "
        "sanitize('clean'); sanitize('so & <b>more</b>'); early = 'nh3' in sys.modules; "
        "sanitize('<!-- x -->'); sys.exit(early or 'nh3' not in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
