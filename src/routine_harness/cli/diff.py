"""``routine-harness diff``: what differs between two recordings of a case."""

from __future__ import annotations

import itertools
import json
import os
from pathlib import Path

import click
import msgspec

from routine_harness.agents.playing import play_recording
from routine_harness.agents.recording import Recording
from routine_harness.case.result import CaseResult
from routine_harness.cli.lines import echo, echo_rendered
from routine_harness.cli.terminal import colour_option, ink, terminal_width
from routine_harness.errors import Problem, UsageError
from routine_harness.harness import Harness, Options
from routine_harness.report.pair_diff import Difference, differences, header_differences
from routine_harness.report.text import fold, visible
from routine_harness.session.run import Run
from routine_harness.session.session import Session
from routine_harness.store.cases import load_case_file
from routine_harness.store.files import shown
from routine_harness.store.recordings import load_recording
from routine_harness.store.routines import discover, routine_files

EPILOG = """\b
Examples:
  routine-harness diff yesterday.jsonl routines/triage/recordings/sql-injection.jsonl
  routine-harness diff attempts/sql-injection/1.jsonl attempts/sql-injection/2.jsonl
  routine-harness diff opus.jsonl sonnet.jsonl --case routines/triage/cases/sql-injection.yaml
"""
_STYLES = {"-": "error", "+": "good"}


@click.command(epilog=EPILOG)
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option(
    "--case", "file", type=click.Path(path_type=Path), help="The case file that both recordings are of."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a difference.")
@colour_option
def command(first: Path, second: Path, file: Path | None, as_json: bool) -> int:
    """Say what differs between two recordings of one case: yesterday and today, two models, before and after
    a change of the prompt.

    Calls, effects, words, checks and cost. Both are played and judged by the case of today, which is looked
    for above the recordings. Exits with 1 if anything differs but the cost and
    by whom and under which files they were recorded.
    """
    before, after = (_load(path) for path in (first, second))
    one, other = _played(first, before, file), _played(second, after, file)
    found = (*header_differences(before.header, after.header), *differences(one, other))
    if as_json:
        for each in found:
            echo(json.dumps(msgspec.to_builtins(each), ensure_ascii=False))
    else:
        _print(found)
    return int(any(each.part not in ("cost", "recording") for each in found))


def _print(found: tuple[Difference, ...]) -> None:
    paint = ink()
    if not found:
        echo("no difference")
    for (run, part), lines in itertools.groupby(found, lambda each: (each.run, each.part)):
        echo_rendered(paint(f"run {run}: {part}" if run else part, "code"))
        for each in lines:
            for line in fold(each.text, terminal_width() - 4, "  "):
                echo_rendered(paint(visible(line), _STYLES.get(each.text[:1], "")))


def _load(path: Path) -> Recording:
    """The recording at ``path``.

    Raises:
        UsageError: there is none.
    """
    recording = load_recording(path, shown(path))
    if recording is None:
        raise UsageError(Problem(shown(path), 0, "there is no such recording"))
    return recording


def _played(path: Path, recording: Recording, file: Path | None) -> CaseResult:
    """The ``recording`` at ``path``, played and judged by its case.

    Raises:
        UsageError: its case is not found.
    """

    def execute(session: Session) -> Run | None:
        return play_recording(recording, session, command="record it anew")

    options = Options(environment=dict(os.environ))
    for cases in (file,) if file is not None else _case_files(path, recording):
        loaded = load_case_file(cases)
        for case in loaded.cases:
            if case.key == recording.header.case or file is not None:
                case = msgspec.structs.replace(case, checks={}, contexts=())
                result = Harness(options).check_case(case, loaded.routine, execute)
                if result.pair is not None:
                    return result
    message = f"found no case {recording.header.case} of the routine {recording.header.routine} to play it by"
    raise UsageError(Problem(shown(path), 1, message, "name the case file: --case routines/x/cases/y.yaml"))


def _case_files(path: Path, recording: Recording) -> tuple[Path, ...]:
    """The case files of the nearest routine folder above ``path``."""
    for folder in path.resolve().parents:
        for routine in routine_files(folder):
            found = discover(routine)
            if found.cases:
                return tuple(found.cases)
    return ()
