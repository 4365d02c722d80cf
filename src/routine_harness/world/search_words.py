"""How Claude Code words the answers of ``Grep``, as its CLI 2.1.332 was seen to (November 2026)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from routine_harness.world.own_words import NO_FILES
from routine_harness.world.tool import ToolResult

NO_MATCHES: Final = "No matches found"
MOST_FOUND: Final = 250
LONGEST_LINE: Final = 500
"""A matching line that is longer is left out by ``Grep``."""


class Hit(NamedTuple):
    """A line of a file that matches, or stands beside one that does."""

    path: str
    number: int
    line: str
    matches: bool = True


def searched(hits: Iterable[Hit], mode: str, arguments: Mapping[str, Any], *, one_file: bool) -> ToolResult:
    """The answer of ``Grep`` in its ``mode``: ``content``, ``count`` or ``files_with_matches``.

    ``hits`` are in the order to be shown; ``one_file``: no path stands before the lines of a single file.
    """
    if mode == "content":
        lines, page = _page(list(_lines(hits, arguments, one_file)), arguments)
        page = f"\n\n[Showing results with pagination = {page}]" if page else ""
        return ToolResult(("\n".join(lines) or NO_MATCHES) + page)
    counted: dict[str, int] = {}
    for hit in hits:
        if hit.matches:
            counted[hit.path] = counted.get(hit.path, 0) + 1
    if mode == "count":
        return _counts(counted, arguments)
    paths, page = _page(list(counted), arguments)
    if not paths:
        return ToolResult(NO_FILES)
    limited = f" {page}" if page else ""
    return ToolResult("\n".join([f"Found {_several(len(paths), 'file')}{limited}", *paths]))


def _counts(counted: Mapping[str, int], arguments: Mapping[str, Any]) -> ToolResult:
    lines, page = _page([f"{path}:{count}" for path, count in counted.items()], arguments)
    total = _several(sum(counted.values()), "total occurrence")
    said = f"Found {total} across {_several(len(counted), 'file')}."
    limited = f" with pagination = {page}" if page else ""
    return ToolResult(("\n".join(lines) or NO_MATCHES) + f"\n\n{said}{limited}")


def _lines(hits: Iterable[Hit], arguments: Mapping[str, Any], one_file: bool) -> Iterable[str]:
    with_number, around = arguments.get("-n", True), _has_context(arguments)
    before: Hit | None = None
    for hit in hits:
        if around and before is not None and (hit.path, hit.number) != (before.path, before.number + 1):
            yield "--"
        before = hit
        mark = ":" if hit.matches else "-"
        parts = ([] if one_file else [hit.path]) + ([str(hit.number)] if with_number else [])
        kind = "matching" if hit.matches else "context"
        line = hit.line if len(hit.line) <= LONGEST_LINE else f"[Omitted long {kind} line]"
        yield mark.join([*parts, line])


def _has_context(arguments: Mapping[str, Any]) -> bool:
    return any(arguments.get(name) for name in ("-A", "-B", "-C", "context"))


def _page(lines: list[str], arguments: Mapping[str, Any]) -> tuple[list[str], str]:
    """The lines that are shown, and how they were limited, where they were."""
    offset, limit = int(arguments.get("offset") or 0), arguments.get("head_limit")
    most = MOST_FOUND if limit is None else int(limit)
    left = lines[offset:]
    cut = most > 0 and len(left) > most
    said = [f"limit: {most}"] * cut + [f"offset: {offset}"] * bool(offset)
    return left[:most] if cut else left, ", ".join(said)


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def bad_search(said: str) -> ToolResult:
    """The pattern, glob or file type is none."""
    why = "Search failed — ripgrep rejected the pattern, glob, or file type without searching:"
    return ToolResult(f"{why}\nrg: {said}", is_error=True)
