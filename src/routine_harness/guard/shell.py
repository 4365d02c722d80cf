"""A shell command before it runs: at a glance, roughly, or closely by the harness where it is installed."""

from __future__ import annotations

import os
from typing import Any

OUTWARD = ("git push", "git commit", "gh ", "eval ", "bash ", "sh -c", "alias ")
MESSAGE = '"$(cat <<'


def read_shell(data: Any, command: str, folder: str) -> tuple[list[Any], list[Any], bool]:
    """Effects and calls of a command, and whether it was read roughly: at once where it is an everyday
    one, else by the harness itself, and roughly where that is not installed."""
    branch = branch_of(folder)
    # The readers are imported when a command needs them: each part is compiled then.
    if not (hurried := is_outward(command)):
        found = read_plainly(data, command, branch)
        if found is not None:
            return *found, False
    from routine_harness.guard.closely import look_closely

    try:
        effects, calls = look_closely(command, data["repository"], branch, data["variables"])
    except ImportError:
        found = read_plainly(data, command, branch) if hurried else None
        if found is not None:
            return *found, False
        from routine_harness.guard.decide import UNREAD
        from routine_harness.guard.rough import read_roughly

        rough = read_roughly(command, data["quiet"], data["opaque"], branch)
        rough = [(kind, connector, {**fields, UNREAD: True}) for kind, connector, fields in rough]
        return rough, [("*", {})] if any(kind == "*" for kind, _, _ in rough) else [], True
    return effects, calls, False


def is_outward(command: str) -> bool:
    """Whether a command is better read with the grammar at once: it names a program that acts outside,
    and has what is only known when it runs. A glance that spares time and decides nothing."""
    bare = "".join(command.replace(MESSAGE, "").split("'")[::2])
    return ("$" in bare or "`" in bare) and any(name in bare for name in OUTWARD)


def read_plainly(data: Any, command: str, branch: str) -> Any:
    """Effects and calls of a command that can be told without the grammar; None where they cannot."""
    from routine_harness.guard.everyday import read_everyday

    found = read_everyday(data, command, branch)
    if found is None:
        from routine_harness.guard.told import read_told

        found = read_told(data, command, branch)
    return found


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
