"""Which of the agent's own tools look at something; says nothing of connectors' tools.

A run that stays silent must have looked, so a command that only prints, waits or tidies up its own
scratch files is no look.
"""

from __future__ import annotations

import re
import shlex
from typing import Final

from routine_harness.routine.edition_rules import OwnToolTable
from routine_harness.world.tool import ToolCall

MUTE: Final = frozenset({
    "echo", "printf", "true", "false", ":", "cd", "pushd", "popd", "pwd", "date", "sleep", "wait",
    "export", "set", "unset", "alias", "source", ".", "test", "[", "[[", "mkdir", "touch", "chmod",
    "cp", "mv", "rm", "ln", "tee", "whoami", "hostname", "uname", "id", "seq", "exit", "done", "fi",
    "for", "in",
})  # fmt: skip
"""Programs and words of the shell that look at nothing."""

_LEADING: Final = frozenset({"do", "then", "else", "if", "while", "!"})
"""Words of the shell before a command."""
_SEPARATORS: Final = re.compile(r"[;&|\n(){}]+|\$\(|`")
_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*=")


def own_tool_looks(table: OwnToolTable, call: ToolCall, *, acts: bool) -> bool:
    """Whether a call of one of the agent's own tools is a look; ``acts``: it has effects."""
    command = table.command(call.tool, call.arguments)
    if command is None:
        return call.tool in table.looks
    return not acts and any(_looks(part) for part in _SEPARATORS.split(command))


def _looks(part: str) -> bool:
    try:
        words = shlex.split(part, comments=True)
    except ValueError:
        words = part.split()
    named = (word for word in words if word not in _LEADING and not _ASSIGNMENT.match(word))
    return next(named, ":") not in MUTE
