"""What a shell command does, by the harness's own reader, where the harness is installed."""

from __future__ import annotations

from typing import Any

from routine_harness.world.shell.acts import Context
from routine_harness.world.shell.effects import act_call, act_effects, read_shell

Read = tuple[list[tuple[str, str, dict[str, Any]]], list[tuple[str, dict[str, Any]]]]


def read_precisely(command: str, repository: str, branch: str, variables: dict[str, str]) -> Read:
    """The effects of ``command`` and the tool calls that it amounts to, as the guard's values.

    Raises:
        ImportError: the shell's grammar is not installed.
    """
    acts = read_shell(command, variables, Context(repository=repository, branch=branch)).acts
    effects = [
        (
            effect.kind,
            effect.connector,
            {**effect.fields, **({"target": effect.target} if effect.target else {})},
        )
        for act in acts
        for effect in act_effects(act)
    ]
    calls = [act_call(act) for act in acts if act.tool]
    return effects, [(call.name, dict(call.arguments)) for call in calls]
