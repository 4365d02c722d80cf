"""Shell commands as effects: parsed, never executed, never matched with regular expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from routine_harness.world.effect import Effect
from routine_harness.world.rule import apply_rules
from routine_harness.world.shell.acts import HTTP_READ, Act, Context, undecided
from routine_harness.world.shell.programs import run_command
from routine_harness.world.shell.reader import Reader
from routine_harness.world.tool import ToolCall


class Reading(NamedTuple):
    """The acts of one command in order, where the shell stands after it, and what it writes where
    reading tells that."""

    acts: tuple[Act, ...]
    context: Context
    output: str | None = None


def read_shell(
    command: str,
    variables: Mapping[str, str] | None = None,
    context: Context | None = None,
    files: Callable[[str], str | None] | None = None,
) -> Reading:
    """Everything that ``command`` may do outside, without running it.

    ``variables`` are those of the environment whose values are known; ``context`` is what earlier
    commands of the session left; ``files`` gives the text at a path, as seen from where the session began.
    """
    reader = Reader(run_command, context or Context(), dict(variables or {}), files)
    output = None
    try:
        output = reader.read(command).text
    except RecursionError:
        reader.acts.append(undecided("nested too deeply to be read", command))
    return Reading(tuple(reader.acts), reader.context, output)


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
    reading = read_shell(command, variables, context)
    return tuple(act_call(act) for act in reading.acts if act.tool)


def act_call(act: Act) -> ToolCall:
    """The tool call of an act that is one."""
    return ToolCall(act.connector, act.tool, dict(act.arguments), act.server)


def act_effects(act: Act) -> tuple[Effect, ...]:
    """The effects of one act, by the tables of the connectors."""
    if act.kind == HTTP_READ:
        return ()
    if not act.tool:
        fields = dict(act.fields)
        return (Effect(act.kind, act.connector, target_of(act.kind, fields), fields, tool="Bash"),)
    # Imported here: a command that does not concern GitHub need not load its tables.
    from routine_harness.world.github.effects import RULES

    found = apply_rules(RULES.get(act.tool, ()), act.arguments)
    return tuple(
        Effect(kind, act.connector, str(fields.pop("target", "")), {**fields, **act.fields}, tool="Bash")
        for kind, fields in found
    )


def target_of(kind: str, fields: Mapping[str, object]) -> str:
    """What an effect without a tool is about, for a reader."""
    repository = fields.get("repository", "")
    if "number" in fields:
        return f"{repository}#{fields['number']}"
    name = fields.get("branch") or fields.get("tag")
    if name:
        return f"{repository}@{name}"
    for field in ("path", "host", "name", "program", "workflow", "run", "command"):
        if fields.get(field):
            return str(fields[field])[:120]
    return str(repository)
