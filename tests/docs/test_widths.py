"""A code block of a page fits 80 columns, so that nobody scrolls sideways to read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
COLUMNS = 80
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTED = ("console", "text")
"""What a program prints at its own width; the site breaks those lines, see ``test_site``."""

ONE_LINE = re.compile(r"name=|\.jsonl")
"""Commands that CI reads as one line, and files with one value a line."""
WHOLE = re.compile(r'\S{70}|^\s*"(?:[^"\\]|\\.)*"[]},]*$')
"""What cannot be broken: a long word, such as an address with a commit; a line that is one JSON text."""


def pages() -> list[Path]:
    return [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]


def wide_lines(text: str) -> Iterator[tuple[int, str]]:
    """(number, line) of every line that is too wide."""
    for block in BLOCK.finditer(text):
        kind, after, body = block.groups()
        if kind in PRINTED or ONE_LINE.search(after):
            continue
        first = text.count("\n", 0, block.start()) + 2
        yield from (
            (number, line)
            for number, line in enumerate(body.splitlines(), first)
            if len(line) > COLUMNS and not WHOLE.search(line)
        )


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_a_block_fits_80_columns(page: Path) -> None:
    """What is to be written or typed; a command goes on in the next line after a backslash."""
    assert [*wide_lines(page.read_text("utf-8"))] == []


def test_a_wide_line_would_be_noticed() -> None:
    """By its number; output and files of one value a line are left alone."""
    wide = "x " * 41
    assert [*wide_lines(f"a\n\n```yaml\nb\n{wide}\n```\n")] == [(5, wide)]
    assert [*wide_lines(f'```json title="a.jsonl"\n{wide}\n```\n```console\n{wide}\n```\n')] == []
    assert [*wide_lines(f"```sh name=test\n{wide}\n```\n```py\n{wide[2:]}\n```\n")] == []
