"""Unified diffs, as GitHub gives them with a file: the hunks, without the two header lines."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record

_HUNK: Final = lazy_pattern(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")


def count_lines(patch: str) -> tuple[int, int]:
    """The lines that ``patch`` adds and deletes."""
    lines = patch.split("\n")
    return (
        sum(line.startswith("+") and not line.startswith("+++ ") for line in lines),
        sum(line.startswith("-") and not line.startswith("--- ") for line in lines),
    )


def make_patch(before: str, after: str) -> str:
    """The hunks from ``before`` to ``after``, without a line break at the end."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    lines = list(difflib.unified_diff(old, new, n=3))[2:]
    text = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    return text.removesuffix("\n")


def apply_patch(before: str, patch: str) -> str | None:
    """``before`` with the hunks of ``patch`` applied; None where they do not fit."""
    old = before.splitlines(keepends=True)
    new: list[str] = []
    place = 0
    for start, lines in _hunks(patch):
        if start < place:
            return None
        new += old[place:start]
        place = start
        for line in lines:
            text = line[1:]
            if line[:1] == "+":
                new.append(text + "\n")
            elif line[:1] == "\\":
                new[-1:] = [new[-1].removesuffix("\n")] if new else []
            else:
                if place >= len(old) or old[place].removesuffix("\n") != text:
                    return None
                new += [old[place]] if line[:1] != "-" else []
                place += 1
    return "".join(new + old[place:])


def _hunks(patch: str) -> Iterator[tuple[int, list[str]]]:
    """Where in the old text each hunk starts (from 0), and its lines."""
    start, lines = None, []
    for line in patch.removesuffix("\n").split("\n"):
        match = _HUNK.match(line)
        if match is None:
            lines.append(line)
            continue
        if start is not None:
            yield start, lines
        start, lines = max(int(match[1]) - (match[2] != "0"), 0), []
    if start is not None:
        yield start, lines


def hunk_to(patch: str, line: int | None) -> str:
    """The hunk of ``patch`` that has the new ``line``, down to it; the first hunk where none has it."""
    kept: list[str] = []
    number = 0
    for text in patch.splitlines():
        head = _HUNK.match(text)
        if head is not None:
            kept, number = [], int(head[3]) - 1
        kept.append(text)
        number += head is None and not text.startswith("-")
        if number == line and head is None:
            return "\n".join(kept)
    return patch.partition("\n@@")[0]


def compare_trees(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[Record]:
    """The files that differ between two trees (path → text or bytes), as GitHub lists them."""
    files = []
    for path in sorted({*before, *after}):
        old, new = before.get(path), after.get(path)
        if old != new:
            files.append(compare_file(path, old, new))
    return files


def compare_file(path: str, old: Json, new: Json) -> Record:
    """What became of one file; ``None`` means that it is not there."""
    status = "added" if old is None else "removed" if new is None else "modified"
    record: Record = {"filename": path, "status": status, "additions": 0, "deletions": 0, "changes": 0}
    if isinstance(old, str | None) and isinstance(new, str | None):
        patch = make_patch(old or "", new or "")
        added, deleted = count_lines(patch)
        record |= {"additions": added, "deletions": deleted, "changes": added + deleted, "patch": patch}
    return record


def join_diff(files: list[Record]) -> str:
    """The diff of several files as ``git diff`` prints it; files without a patch are binary."""
    return "".join(_file_diff(file) for file in files)


def _file_diff(file: Record) -> str:
    new = file["filename"]
    old = file.get("previous_filename") or new
    status = file.get("status")
    lines = [f"diff --git a/{old} b/{new}"]
    lines += ["new file mode 100644"] if status == "added" else []
    lines += ["deleted file mode 100644"] if status == "removed" else []
    lines += [f"rename from {old}", f"rename to {new}"] if status == "renamed" else []
    before = "/dev/null" if status == "added" else f"a/{old}"
    after = "/dev/null" if status == "removed" else f"b/{new}"
    if file.get("patch"):
        lines += [f"--- {before}", f"+++ {after}", file["patch"].removesuffix("\n")]
    elif file.get("changes"):
        lines += [f"Binary files {before} and {after} differ"]
    return "\n".join(lines) + "\n"


def split_diff(diff: str) -> list[Record]:
    """The files of a diff as ``git diff`` prints it, each with its hunks."""
    files = []
    for part in re.split(r"(?m)^(?=diff --git )", diff):
        head, hunks = _split_file(part)
        match = re.match(r"diff --git a/(.+) b/(.+)", part)
        if match is None:
            continue
        status = "modified"
        for line, name in (("new file", "added"), ("deleted file", "removed"), ("rename from", "renamed")):
            status = name if re.search(rf"(?m)^{line}", head) else status
        file: Record = {"filename": match[2], "status": status}
        if status == "renamed":
            file["previous_filename"] = match[1]
        if hunks:
            file["patch"] = hunks.removesuffix("\n")
        files.append(file)
    return files


def _split_file(part: str) -> tuple[str, str]:
    start = re.search(r"(?m)^@@ ", part)
    return (part, "") if start is None else (part[: start.start()], part[start.start() :])
