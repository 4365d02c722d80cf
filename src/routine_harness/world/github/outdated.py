"""What a push does to the review threads of a pull request, and what a comment suggests.

A comment follows its line for as long as the line is there; once the line was changed its thread is
outdated, and the comment keeps only the line that it had.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, Final

from routine_harness.pattern import lazy_pattern
from routine_harness.world.github import tables
from routine_harness.world.state import Record, World

_SUGGESTION: Final = lazy_pattern(
    r"^(`{3,}|~{3,})suggestion[^\S\n]*\n(.*?)^\1[^\S\n]*$", re.MULTILINE | re.DOTALL
)


def suggestion_in(body: str) -> str | None:
    """The text that a comment's suggested change puts in place of its lines; None without one.

    Several of one comment are one under the other.
    """
    found = [match[2] for match in _SUGGESTION.finditer(body.replace("\r\n", "\n"))]
    return "".join(found) if found else None


def follow_lines(world: World, pull: Record, before: Mapping[str, Any], after: Mapping[str, Any]) -> World:
    """``world`` with the comments of ``pull`` where their lines are after a push; the trees are those of
    its head before and after."""
    moved: dict[str, dict[int, int] | None] = {}
    for comment in tables.rows(world, "review_comments", "number", pull["number"], pull["repository"]):
        path, line = comment.get("path"), comment.get("line")
        if not path or not isinstance(line, int) or comment.get("side") == "LEFT":
            continue
        if path not in moved:
            moved[path] = _moved_lines(before.get(path), after.get(path))
        lines = moved[path]
        if lines is not None:
            world = _follow(world, comment, line, lines)
    return world


def _follow(world: World, comment: Record, line: int, lines: Mapping[int, int]) -> World:
    start = comment.get("start_line")
    first = int(start) if isinstance(start, int) else line
    now = [lines[number] for number in range(first, line + 1) if number in lines]
    if len(now) == line - first + 1 and now[-1] - now[0] == line - first:
        at = {"line": now[-1], **({"start_line": now[0]} if start is not None else {})}
        return tables.change(world, "review_comments", comment, **at)
    original = {"original_line": comment.get("original_line") or line}
    world = tables.change(world, "review_comments", comment, line=None, start_line=None, **original)
    thread = tables.get(world, "threads", comment["repository"], comment["thread"])
    return world if thread is None else tables.change(world, "threads", thread, is_outdated=True)


def _moved_lines(before: Any, after: Any) -> dict[int, int] | None:
    """Old line → new line of those that are still there; None where a text is not known."""
    if not isinstance(before, str) or not (after is None or isinstance(after, str)):
        return None
    if before == after:
        return None
    old, new = before.splitlines(), (after or "").splitlines()
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return {
        a + offset + 1: b + offset + 1
        for a, b, size in matcher.get_matching_blocks()
        for offset in range(size)
    }
