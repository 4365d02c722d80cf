"""A diff as text, taken apart."""

from __future__ import annotations

import re

from routine_harness.world.state import Record


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
