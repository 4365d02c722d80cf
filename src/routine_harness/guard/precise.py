"""What a shell command does, by the harness's own reader, where the harness is installed."""

from __future__ import annotations

from typing import Any

from routine_harness.world.shell.acts import Act, Context
from routine_harness.world.shell.reading import attempted, read_shell

Read = tuple[list[tuple[str, str, dict[str, Any]]], list[tuple[str, dict[str, Any]]]]


def read_precisely(command: str, repository: str, branch: str, variables: dict[str, str]) -> Read:
    """The effects of ``command`` and the tool calls that it amounts to, as the guard's values.

    Raises:
        ImportError: the shell's grammar is not installed.
    """
    acts = read_shell(command, variables, Context(repository=repository, branch=branch)).acts
    effects = [
        (kind, act.connector, {**fields, **({"target": target} if target else {})})
        for act in acts
        for kind, target, fields in attempted(act)
    ]
    return effects, [(_name(act), dict(act.arguments)) for act in acts if act.tool]


def _name(act: Act) -> str:
    return f"{act.connector}.{act.tool}" if act.connector else act.tool
