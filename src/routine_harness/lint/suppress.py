"""Suppressions in a file: ``# rh: ignore[code]`` on a line, above it, or for the whole file.

A prompt is no place for comments: what stands beside ``prompt: |`` holds for the whole block.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from routine_harness.lint.rule import chosen

_DIRECTIVE: Final = re.compile(r"#[ \t]*rh:[ \t]*ignore(?P<all>-file)?(?:\[(?P<codes>[^\]\n]*)\])?")


class Suppression(msgspec.Struct, frozen=True):
    """One directive: the lines it holds for (both included) and its selectors (``ALL`` if bare)."""

    line: int
    column: int
    words: str
    selectors: tuple[str, ...]
    first: int
    last: int

    def covers(self, code: str, line: int) -> bool:
        return self.first <= line <= self.last and chosen(code, self.selectors) > 0


def find_suppressions(text: str) -> tuple[Suppression, ...]:
    """The directives that stand in comments of the YAML ``text``, in order."""
    if "rh:" not in text:
        return ()
    found = list(_DIRECTIVE.finditer(text))
    scalars = _scalars(text) if found else []
    lines = text.split("\n")
    return tuple(
        _suppression(match, text, lines, scalars)
        for match in found
        if not any(start <= match.start() < end for start, end, _, _ in scalars)
    )


def _suppression(
    match: re.Match[str], text: str, lines: list[str], scalars: list[tuple[int, int, int, int]]
) -> Suppression:
    line = text.count("\n", 0, match.start()) + 1
    column = match.start() - (text.rfind("\n", 0, match.start()) + 1) + 1
    codes = match["codes"]
    selectors = (
        tuple(code.strip() for code in codes.split(",") if code.strip()) if codes is not None else ("ALL",)
    )
    if match["all"]:
        first, last = 0, len(lines)
    else:
        first = line if lines[line - 1][: column - 1].strip() else _next_line(line, lines)
        last = max([end for _, _, begin, end in scalars if begin == first], default=first)
    return Suppression(line, column, match[0], selectors, min(first, line), last)


def _next_line(line: int, lines: list[str]) -> int:
    """The first line below ``line`` that is neither blank nor a comment."""
    for number in range(line + 1, len(lines) + 1):
        bare = lines[number - 1].strip()
        if bare and not bare.startswith("#"):
            return number
    return line


def _scalars(text: str) -> list[tuple[int, int, int, int]]:
    """Offsets and lines of every scalar; the header line of a block is no part of its offsets."""
    # Imported here: only files with a directive pay for it.
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    spans = []
    for token in yaml.scan(text, Loader=loader):
        if isinstance(token, yaml.ScalarToken):
            start, end = token.start_mark, token.end_mark
            block = token.style in ("|", ">")
            offset = text.find("\n", start.index) if block else start.index
            last = end.line if block and end.column == 0 else end.line + 1
            spans.append((offset if offset >= 0 else end.index, end.index, start.line + 1, last))
    return spans
