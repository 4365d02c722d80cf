"""``routine-harness platform``: the dated editions of the platform's rules."""

from __future__ import annotations

import time
from pathlib import Path

import click

from routine_harness.cli.lines import echo, echo_rendered
from routine_harness.cli.terminal import terminal_width, wants_colour
from routine_harness.errors import Problem, SpecError, UsageError
from routine_harness.routine.edition import EDITIONS
from routine_harness.routine.reader import suggestion

EPILOG = """\b
Examples:
  routine-harness platform diff 2026-04 2026-10
"""
DIFF_EPILOG = """\b
Examples:
  routine-harness platform diff 2026-04 2026-10
  routine-harness platform diff 2026-08 2026-10 routines/ --json
"""


@click.group(epilog=EPILOG)
def command() -> None:
    """What the platform's rules were when, and what a change of them means for routines."""


@command.command("diff", epilog=DIFF_EPILOG)
@click.argument("before")
@click.argument("after")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(before: str, after: str, paths: tuple[Path, ...], as_json: bool) -> None:
    """Print what changed between two editions, and which routines it touches.

    Rules, limits, settings and wordings, each with its source. The routines are those of PATHS (default:
    this folder), judged by their files alone, under their own policy's overrides. A setting that a policy
    answers is the same in both editions.
    """
    for edition in (before, after):
        if edition not in EDITIONS:
            message = f"there is no edition {edition!r} of the platform's rules"
            raise UsageError(Problem("", 0, message, suggestion(edition, EDITIONS, "the editions")))
    # Imported here: a wrong edition needs no rules of lint.
    from routine_harness.lint.edition_comparison import compare_editions
    from routine_harness.lint.registry import collect_rules
    from routine_harness.report.edition_diff import edition_diff_json, render_edition_diff
    from routine_harness.store.plugins import load_plugins
    from routine_harness.store.survey import survey_folder

    survey = survey_folder(paths or (Path(),), today=int(time.time()))
    overrides = [policy.platform_overrides for policy in survey.policies]
    found = compare_editions(before, after, survey.subjects, overrides, collect_rules(load_plugins()))
    if as_json:
        echo(edition_diff_json(found))
    else:
        echo_rendered(render_edition_diff(found, width=terminal_width(), colour=wants_colour()), nl=False)
    if survey.problems:
        raise SpecError(*survey.problems)
