"""A shell command before it runs: at a glance, roughly, or closely by the harness where it is installed."""

from __future__ import annotations

import os
from typing import Any

from routine_harness.guard.everyday import read_everyday


def read_shell(data: Any, command: str, folder: str) -> tuple[list[Any], list[Any], bool]:
    """Effects and calls of a command, and whether it was read roughly: at once where it is an everyday
    one, else by the harness itself, and roughly where that is not installed."""
    branch = branch_of(folder)
    found = read_everyday(data, command, branch)
    if found is not None:
        return *found, False
    # Imported here, as below: each part is compiled when a decision needs it.
    from routine_harness.guard.closely import look_closely

    try:
        effects, calls = look_closely(command, data["repository"], branch, data["variables"])
    except ImportError:
        from routine_harness.guard.rough import read_roughly

        rough = read_roughly(command, data["quiet"], data["opaque"], branch)
        return rough, [("*", {})] if any(kind == "*" for kind, _, _ in rough) else [], True
    return effects, calls, False


def branch_of(folder: str) -> str:
    """What is checked out in ``folder``; empty where that cannot be told."""
    while True:
        try:
            with open(os.path.join(folder, ".git", "HEAD")) as file:
                head = file.read().strip()
            return head.removeprefix("ref: refs/heads/") if head.startswith("ref: ") else ""
        except OSError:
            above = os.path.dirname(os.path.abspath(folder))
            if above == folder:
                return ""
            folder = above
