"""``routine-harness import run-log``: what the account keeps of production runs, as recordings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from routine_harness.cli.import_transcript import read_session
from routine_harness.cli.lines import echo, say
from routine_harness.errors import Problem, RecordingError, UsageError
from routine_harness.routine.layout import RECORDINGS

if TYPE_CHECKING:
    from routine_harness.interop.sessions.run_log import ListedRun, RunLog
    from routine_harness.interop.sessions.transcript_files import Kept

EPILOG = """\b
Examples:
  routine-harness import run-log log.json -o routines/triage
  routine-harness import run-log runs.json log-*.json -o routines/triage --json

FILE is the answer of RemoteTrigger to get_run_log or list_runs, saved unchanged. Each log becomes a
recording (origin: imported, condensed: true) and a case that plays it. What a log does not show may still
have happened: such checks are undecided, never green.
"""


@click.command(name="run-log", epilog=EPILOG)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The routine's folder.")
@click.option("--force", is_flag=True, help="Replace recordings that are there.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON.")
def command(files: tuple[Path, ...], output: Path, force: bool, as_json: bool) -> None:
    """Turn logs of production runs into recordings with cases."""
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.harness import check_case
    from routine_harness.interop.sessions.transcript_files import keep_transcript
    from routine_harness.store.files import shown
    from routine_harness.store.restoring import refuse_replacing
    from routine_harness.store.routines import routine_files

    if not output.is_dir() or not routine_files(output):
        hint = "import the routine first: routine-harness import FILE -o " + shown(output)
        raise UsageError(Problem(shown(output), 0, "expected a routine's folder, found no routine", hint))
    logs, runs = _read(files)
    places = {name: output / RECORDINGS / f"{name}.jsonl" for name in logs}
    refuse_replacing(places.values(), force=force)
    status = {run.session: run.status for run in runs}
    kept = [
        keep_transcript(log.encoded(status.get(log.session, "")), name, places[name], environment=os.environ,
                        judge=check_case)
        for name, log in logs.items()
    ]  # fmt: skip
    logged = {log.session for log in logs.values()}
    unlogged = [run for run in runs if run.session not in logged]
    if as_json:
        echo(msgspec.json.encode({"kept": kept, "unlogged": unlogged}).decode())
        return
    _report(kept, unlogged)


def _read(files: tuple[Path, ...]) -> tuple[dict[str, RunLog], list[ListedRun]]:
    """The logs by the names of their recordings, and the listed runs.

    Raises:
        RecordingError: with every file that holds neither, or a log twice.
    """
    # Imported here: --help needs nothing of this.
    from routine_harness.interop.routine_draft import slug
    from routine_harness.interop.sessions.run_log import answers_in, read_run_log

    logs: dict[str, RunLog] = {}
    runs: list[ListedRun] = []
    problems: list[Problem] = []
    for file in files:
        try:
            data, name = read_session(file)
            found, listed = answers_in(data, name)
            for log in found:
                read_run_log(log.encoded(), name)
        except RecordingError as error:
            problems += error.problems
            continue
        runs += listed
        for log in found:
            called = slug(log.session if len(found) > 1 and log.session else file.stem)
            if called in logs:
                problems.append(Problem(name, 0, f"two logs would be called {called}", "rename the file"))
            logs[called] = log
    if problems:
        raise RecordingError(*problems)
    return logs, runs


def _report(kept: list[Kept], unlogged: list[ListedRun]) -> None:
    for line in _lines(kept, unlogged):
        say(line)


def _lines(kept: list[Kept], unlogged: list[ListedRun]) -> Iterator[str]:
    # Imported here: --help needs nothing of this.
    from routine_harness.verdict.words import counted

    for one in kept:
        yield f"{one.output}: {counted(one.calls, 'call')}, {one.outcome}"
        yield from (f"  note: {note}" for note in one.notes)
        if one.case:
            yield f"  {one.case}: a case that plays it"
    for run in unlogged:
        told = " ".join(filter(None, (run.status, run.began)))
        yield f"{run.session} ({told}): listed, and its log is not among the files (get_run_log)"
