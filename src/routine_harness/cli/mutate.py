"""``routine-harness mutate``: would the cases notice if the agent did something else?"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import click

from routine_harness.cli.cases import Checking
from routine_harness.cli.lines import echo, echo_rendered
from routine_harness.cli.terminal import colour_option, ink, terminal_width
from routine_harness.harness import Harness, Options
from routine_harness.mutating import CaseMutation, Fate, Mutated, mutate_case
from routine_harness.report.text import fold, visible
from routine_harness.store.files import shown
from routine_harness.verdict.words import counted

EPILOG = """\b
Examples:
  routine-harness mutate routines/
  routine-harness mutate routines/security-triage-pr --case sql-injection
  routine-harness mutate routines/ --min 80
"""
_FATES: tuple[Fate, ...] = ("killed", "survived", "equivalent", "invalid")


@click.command(epilog=EPILOG)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--case", metavar="NAME", help="Only the case of this name.")
@click.option(
    "--min", "least", type=click.IntRange(0, 100), metavar="PERCENT",
    help="Exit with 1 if fewer of the mutants are killed.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object a case.")
@colour_option
def command(paths: tuple[Path, ...], case: str | None, least: int | None, as_json: bool) -> int:
    """Change one thing that the agent of a case does, and say whether the case turns red.

    It skips a look, writes twice or elsewhere, drops a link, merges, says what it has not done. A mutant
    that no check notices survives: the line below it would have killed it. Exits with 0 unless --min is
    given.
    """
    harness = Harness(Options(environment=dict(os.environ)))
    checking = Checking(paths or (Path(),), case, harness.options)
    found: list[CaseMutation] = []
    for one, routine in checking.cases():
        mutation = mutate_case(one, routine, harness)
        found.append(mutation)
        if as_json:
            echo(json.dumps(_record(mutation), ensure_ascii=False))
        else:
            _print_case(mutation)
    checking.raise_problems()
    killed, tried = _score(found)
    if not as_json:
        share = f", {100 * killed // tried} %" if tried else ""
        echo(f"{counted(len(found), 'case')}: {killed} of {counted(tried, 'mutant')} killed{share}")
    return int(least is not None and 100 * killed < least * tried)


def _score(found: Sequence[CaseMutation]) -> tuple[int, int]:
    """How many mutants were killed, and how many could have been."""
    return sum(each.count("killed") for each in found), sum(each.tried for each in found)


def _print_case(mutation: CaseMutation) -> None:
    case, paint = mutation.case, ink()
    name = shown(case.source.path) + (f" [{case.id}]" if case.id else "")
    if mutation.skipped or not mutation.tried:
        echo_rendered(f"{'-':>7}  {visible(name)}: {mutation.skipped or 'nothing to change'}")
        return
    killed = mutation.count("killed")
    style = "good" if killed == mutation.tried else "warning"
    echo_rendered(f"{paint(f'{killed:>3}/{mutation.tried:<3}', style)}  {visible(name)}")
    for each in mutation.mutated:
        if each.fate == "survived":
            _print_survivor(each)


def _print_survivor(each: Mutated) -> None:
    width = terminal_width() - 4
    for line in fold(f"survived {each.mutant.name}: {each.mutant.says}", width):
        echo_rendered(f"    {visible(line)}")
    for line in fold(f"add  {each.mutant.add}", width - 2):
        echo_rendered(f"      {visible(line)}")


def _record(mutation: CaseMutation) -> dict[str, object]:
    """A case as JSON values."""
    return {
        "routine": mutation.case.routine,
        "case": mutation.case.key,
        "file": mutation.case.source.file,
        "skipped": mutation.skipped,
        **{fate: mutation.count(fate) for fate in _FATES},
        "mutants": [
            {
                "name": each.mutant.name,
                "says": each.mutant.says,
                "fate": each.fate,
                "killed_by": list(each.by),
                "why": each.why,
                "add": each.mutant.add if each.fate == "survived" else "",
            }
            for each in mutation.mutated
        ],
    }
