"""``routine-harness confirm``: a person says that a script does what the prompt of today asks for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from routine_harness.cli.lines import echo, echo_rendered, refuse_nothing
from routine_harness.cli.terminal import colour_option, ink, terminal_width
from routine_harness.errors import SpecError
from routine_harness.report.findings_json import pretty
from routine_harness.report.ink import style_of_difference
from routine_harness.report.text import fold, visible
from routine_harness.store.files import shown
from routine_harness.store.scripts import RestingScript, confirm_found, find_scripts
from routine_harness.store.written_at import written_at
from routine_harness.verdict.words import counted

EPILOG = """\b
Examples:
  routine-harness confirm routines/security-triage-pr
  routine-harness confirm routines/ --check
  routine-harness confirm routines/ --json | jq '.scripts[] | select(.standing != "confirmed")'

A script stands in for the model: it remembers no prompt. agents/confirmed.yaml keeps the prompt that each
was confirmed for. Once the prompt changes, ::run warns and the gate is closed, until somebody has read the
script again and confirms it, or a recording of the real agent takes its place.
"""


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a script is not confirmed.")
@click.option("--json", "as_json", is_flag=True, help="Print the scripts as JSON.")
@colour_option
def command(paths: tuple[Path, ...], check: bool, as_json: bool) -> int:
    """Show what changed in the prompt since each script was confirmed, and confirm the script for it.

    Entries that hold are left as they are.
    """
    found = find_scripts(paths)
    if found.problems:
        raise SpecError(*found.problems)
    refuse_nothing(range(found.cases), "case")
    due = [each for each in found.scripts if each.binding.standing != "confirmed"]
    day = written_at(os.environ).date().isoformat()
    written = [] if check else [shown(path) for path in confirm_found(due, day)]
    if as_json:
        echo(pretty({"scripts": [_data(each) for each in found.scripts], "written": written}), nl=False)
    else:
        for each in due:
            echo_rendered("\n".join(_lines(each)))
        for file in written:
            echo(f"wrote {file}")
        echo(_total(len(due), len(found.scripts) - len(due), check=check))
    return int(check and bool(due))


def _lines(script: RestingScript) -> Iterator[str]:
    """What there is to know of a script that is not confirmed, with the whole difference of the prompt."""
    binding, width, paint = script.binding, terminal_width(), ink()
    yield f"{paint(script.routine.name, 'code')}: {visible(binding.script)}"
    yield from fold(binding.message, width, "  ")
    yield from fold(f"cases: {', '.join(script.cases)}", width, "  ")
    if binding.standing == "never":
        yield f"  the prompt: {visible(str(binding.place))}"
    for line in binding.difference:
        style = style_of_difference(line)
        first, *rest = fold(line, width - 4) or [""]
        yield f"    {paint(first, style)}"
        yield from (f"      {paint(part, style)}" for part in rest)
    yield ""


def _total(due: int, others: int, *, check: bool) -> str:
    if not due:
        return f"{counted(others, 'script')} confirmed already" if others else "no case rests on a script"
    said = "not confirmed" if check else "confirmed"
    return f"{counted(due, 'script')} {said}" + (f", {others} confirmed already" if others else "")


def _data(script: RestingScript) -> dict[str, object]:
    """A script as JSON values, as it stood before it was confirmed."""
    binding = script.binding
    return {
        "routine": script.routine.name,
        "file": script.routine.source.file,
        "script": binding.script,
        "standing": binding.standing,
        "confirmed": binding.since or None,
        "changed": list(binding.changed),
        "difference": list(binding.difference),
        "cases": list(script.cases),
    }
