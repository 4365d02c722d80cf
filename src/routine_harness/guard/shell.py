"""A shell command before it runs: at a glance, roughly, or closely by the harness where it is installed."""

from __future__ import annotations

import os
from typing import Any

OUTWARD = ("git push", "git commit", "gh ", "eval ", "bash ", "sh -c", "alias ", "curl ", "wget ")
"""With something that is only known when it runs, these are for the grammar to read."""
STRUCTURES = ("`", "<(", "<<<", "() {", "(){", "case ", "$'")
"""What only the grammar reads."""
LOOPS = ("for ", "while ", "xargs ")
"""In these, and with variables, what a program does whose deeds cannot be read is for the grammar to say."""
EXPANDING = ("$", "\\", "<")
"""What no everyday command has outside of single quotes, but for a message."""
MESSAGE = '"$(cat <<'


def read_shell(data: Any, command: str, folder: str) -> tuple[list[Any], list[Any], bool]:
    """Effects and calls of a command, and whether it was read roughly: at once where it is an everyday
    one, else by the harness itself, and roughly where that is not installed."""
    branch = branch_of(folder)
    # The readers are imported when a command needs them: each part is compiled then.
    bare = "".join(command.replace(MESSAGE, "").split("'")[::2])
    if not needs_grammar(bare, data["opaque"]):
        found = read_plainly(data, command, bare, branch)
        if found is not None:
            return *found, False
    from routine_harness.guard.closely import look_closely

    try:
        effects, calls = look_closely(command, data["repository"], branch, data["variables"])
    except ImportError:
        from routine_harness.guard.decide import UNREAD
        from routine_harness.guard.rough import read_roughly

        rough = read_roughly(command, data["quiet"], data["opaque"], branch)
        rough = [(kind, connector, {**fields, UNREAD: True}) for kind, connector, fields in rough]
        return rough, [("*", {})] if any(kind == "*" for kind, _, _ in rough) else [], True
    return effects, calls, False


def needs_grammar(bare: str, opaque: Any) -> bool:
    """Whether a command is better read with the grammar at once. A glance that spares time: what it
    wrongly says of a command makes the answer late, or rough where the grammar is not there."""
    marks = STRUCTURES + OUTWARD if "$" in bare else STRUCTURES
    hangs = "$" in bare.replace("$?", "") or any(mark in bare for mark in LOOPS)
    unreadable = hangs and not set(opaque).isdisjoint(bare.split())
    return unreadable or any(mark in bare for mark in marks)


def read_plainly(data: Any, command: str, bare: str, branch: str) -> Any:
    """Effects and calls of a command that can be told without the grammar; None where they cannot."""
    if not any(mark in bare for mark in EXPANDING):
        from routine_harness.guard.everyday import read_everyday

        found = read_everyday(data, command, branch)
        if found is not None:
            return found
    from routine_harness.guard.told import read_told

    return read_told(data, command, branch)


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
