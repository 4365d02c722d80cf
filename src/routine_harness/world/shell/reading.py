"""A shell command read as acts, and acts as plain values: what the guard needs of it, and no more.

Standard library and the shell's grammar only, so that it is quick to import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from routine_harness.world.rule import apply_rules
from routine_harness.world.shell.acts import HTTP_READ, Act, Context, undecided
from routine_harness.world.shell.programs import run_command
from routine_harness.world.shell.reader import Reader


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


def attempted(act: Act) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Kind, target and fields of each effect of one act, by the tables of the connectors."""
    if act.kind == HTTP_READ:
        return
    if not act.tool:
        fields = dict(act.fields)
        yield act.kind, target_of(act.kind, fields), fields
        return
    # Imported here: a command that does not concern GitHub need not load its tables.
    from routine_harness.world.github.effects import RULES

    for kind, fields in apply_rules(RULES.get(act.tool, ()), act.arguments):
        target = str(fields.pop("target", ""))
        yield kind, target, {**fields, **act.fields}


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
