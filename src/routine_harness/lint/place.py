"""From a mark to a place in the file: line, column, length, and offset for a fix."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from routine_harness.lint.rule import Mark
from routine_harness.routine.spec import Source

_BLOCK: Final = re.compile(r"(?:^|[\s:-])([|>])[-+0-9]*[ \t]*(?:#.*)?$")


class Span(NamedTuple):
    """Line and column count from 1 (0: unknown); ``exact`` says that the words stand there."""

    line: int
    column: int
    length: int
    exact: bool = False


def locate(mark: Mark, source: Source, prompt: str, lines: Sequence[str]) -> Span:
    """Where ``mark`` points in the file whose ``lines`` are given."""
    start = source.line(*mark.path)
    if not 0 < start <= len(lines):
        return Span(start, 0, 0)
    header = _BLOCK.search(lines[start - 1])
    words = mark.words.partition("\n")[0].rstrip()
    if words and mark.path == ("prompt",) and mark.offset >= 0 and header and header[1] == "|":
        span = _in_literal(mark.offset, words, prompt, start, lines)
        if span:
            return span
    return _search(words, start, lines, block=header is not None) or _whole_line(start, lines)


def locate_in_text(mark: Mark, prompt: str, lines: Sequence[str]) -> Span:
    """Where ``mark``, which points into the prompt, stands in the file that holds nothing else."""
    words = mark.words.partition("\n")[0].rstrip()
    if words and mark.offset >= 0:
        line = prompt.count("\n", 0, mark.offset) + 1
        column = mark.offset - (prompt.rfind("\n", 0, mark.offset) + 1)
        if lines[line - 1].startswith(words, column):
            return Span(line, column + 1, len(words), exact=True)
    return _search(words, 1, lines, block=False) or _whole_line(1, lines)


def _in_literal(offset: int, words: str, prompt: str, start: int, lines: Sequence[str]) -> Span | None:
    """The place of the prompt's ``offset``: a literal block keeps its lines, behind a margin."""
    line = start + 1 + prompt.count("\n", 0, offset)
    column = offset - (prompt.rfind("\n", 0, offset) + 1)
    margin = next((len(text) - len(text.lstrip(" ")) for text in lines[start:] if text.strip()), 0)
    if line <= len(lines) and lines[line - 1].startswith(words, margin + column):
        return Span(line, margin + column + 1, len(words), exact=True)
    return None


def _search(words: str, start: int, lines: Sequence[str], *, block: bool) -> Span | None:
    """The first place at or below ``start`` where the words stand in the value."""
    if not words:
        return None
    margin = len(lines[start - 1]) - len(lines[start - 1].lstrip())
    for number in range(start, len(lines) + 1):
        text = lines[number - 1]
        if number > start and text.strip() and len(text) - len(text.lstrip()) <= margin and block:
            return None
        column = text.find(words)
        if column >= 0:
            return Span(number, column + 1, len(words), exact=True)
    return None


def _whole_line(start: int, lines: Sequence[str]) -> Span:
    text = lines[start - 1]
    bare = text.strip()
    return Span(start, len(text) - len(text.lstrip()) + 1, len(bare))
