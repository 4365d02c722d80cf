"""The triggers of a routine without cases, each tried on an example by the script that is there."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from routine_harness.agents.scripted import Script, load_script
from routine_harness.case.result import CaseResult
from routine_harness.errors import Problem, UsageError
from routine_harness.harness import dry_run
from routine_harness.interop.first_cases import example_event
from routine_harness.routine.layout import AGENTS, CASES
from routine_harness.routine.spec import Routine
from routine_harness.store.files import read_bytes, shown

_NOTHING: Final = "run.did-nothing"


def run_examples(routine: Routine) -> Iterator[tuple[str, CaseResult]]:
    """A heading and the result for each trigger, for a manual start where there is none.

    The world is what the example's payload and the routine's grants bring about.

    Raises:
        UsageError: there is no script to play it, or more than one.
    """
    script = _only_script(routine)
    by = f"by {AGENTS}/{Path(script.target).name}"
    if not routine.triggers:
        yield f"{routine.name}: a manual start, {by}", _unasked(dry_run(routine, agent=script))
    for index, trigger in enumerate(routine.triggers):
        event = example_event(routine, index, trigger)
        name = f"{routine.name}: an example of trigger {index + 1} ({event.name}), {by}"
        yield name, _unasked(dry_run(routine, agent=script, event=event))


def _unasked(result: CaseResult) -> CaseResult:
    """``result`` of an example of which nobody said what must come: to do nothing is no fault there."""
    checks = tuple(
        replace(check, findings=tuple(each for each in check.findings if each.code != _NOTHING))
        for check in result.verdict.checks
    )
    return replace(result, verdict=replace(result.verdict, checks=checks))


def _only_script(routine: Routine) -> Script:
    folder = Path(routine.source.path).parent
    targets = [
        f"{file}::{name}" for file in sorted((folder / AGENTS).glob("*.py")) for name in _functions(file)
    ]
    if len(targets) == 1:
        return load_script(targets[0], _text, shown=shown)
    case = shown(folder / CASES / "first.yaml")
    found = "no script in agents/" if not targets else f"{len(targets)} scripts in agents/"
    hint = f"routine-harness case {case} --event PAYLOAD.json writes one, routine-harness record plays it"
    raise UsageError(
        Problem(shown(routine.source.path), 0, f"there is no case, and {found} to play it", hint)
    )


def _functions(file: Path) -> list[str]:
    """The public functions of a file that take a session and nothing else."""
    try:
        tree = ast.parse(_text(str(file)))
    except (SyntaxError, ValueError):
        return []  # another case's script: whoever plays it is told
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)] == ["session"]
    ]


def _text(path: str) -> str:
    return read_bytes(path).decode()
