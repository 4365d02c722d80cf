"""Shell commands as effects: parsed, never executed, never matched with regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from routine_harness.world.effect import Effect
from routine_harness.world.holes import told
from routine_harness.world.shell.acts import HTTP_READ, Act, Context
from routine_harness.world.shell.attempts import act_call, act_effects
from routine_harness.world.shell.reading import read_shell
from routine_harness.world.tool import ToolCall


def shell_effects(
    command: str, variables: Mapping[str, str] | None = None, context: Context | None = None
) -> tuple[Effect, ...]:
    """The effects that ``command`` attempts, in order; reads yield none.

    What cannot be decided is ``command.undecided``, a program that cannot be read is
    ``command.opaque``; what is certain of such a command is there as well.
    """
    reading = read_shell(command, variables, context)
    return tuple(effect for act in reading.acts for effect in act_effects(act))


def shell_calls(
    command: str, variables: Mapping[str, str] | None = None, context: Context | None = None
) -> tuple[ToolCall, ...]:
    """The tool calls that parts of ``command`` amount to, reads included: ``gh pr view 4`` is
    ``github.pull_request_read``."""
    return calls_of(read_shell(command, variables, context).acts)


def calls_of(acts: Iterable[Act]) -> tuple[ToolCall, ...]:
    """The tool calls among ``acts``. A read of a path of GitHub's for which no tool stands counts as one
    of its repository, so that grants hold for it, too."""
    found = []
    for act in acts:
        if act.tool:
            found.append(act_call(act))
        elif act.kind == HTTP_READ and (place := _REPOSITORY.match(str(act.fields.get("url", "")))):
            found.append(ToolCall("github", PATH_READ, told(place.groupdict())))
    return tuple(found)


PATH_READ: Final = "rest_read"
"""The name of a read for which GitHub's server has no tool."""

_REPOSITORY: Final = re.compile(r"https?://api\.github\.com/repos/(?P<owner>[^/?]+)/(?P<repo>[^/?]+)")
