"""``routine-harness import transcript``: a session of Claude Code turned into a recording and its test."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from routine_harness.cli.lines import echo, say
from routine_harness.errors import HarnessError, Problem, RecordingError, SpecError, UsageError

if TYPE_CHECKING:
    from routine_harness.case.result import CaseResult
    from routine_harness.interop.sessions.transcript_files import Kept

MAX_BYTES = 1024 * 1024 * 1024
"""A session of many hours is large; what is larger than this is no session."""

SUBAGENTS = "subagents"
"""The folder of a session on disk that holds its subagents' lines."""

EPILOG = """\b
Examples:
  claude -p "$PROMPT" --output-format stream-json --verbose > session.jsonl
  routine-harness import transcript session.jsonl -o routines/triage && pytest routines/triage
  routine-harness import transcript --all
  routine-harness import transcript --last -o routines/triage
  routine-harness import transcript session.jsonl -o routines/triage/recordings/monday.jsonl
  routine-harness import transcript ~/.claude/projects/-work/4f0c.jsonl -o monday.jsonl --case monday.yaml

OUTPUT is a routine's folder, or a recording (.jsonl). A folder without a routine gets one, too. A recording
below routines/NAME/recordings gets a case of its name in routines/NAME/cases, which is left alone if it is
there, and is judged with it. The log of the guard imports as well.
"""


@click.command(name="transcript", epilog=EPILOG)
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path),
    help="The routine's folder, or the recording (.jsonl) to write.",
)  # fmt: skip
@click.option("--last", is_flag=True, help="The newest session that the CLI keeps of this project.")
@click.option("--all", "every", is_flag=True, help="List the sessions of this project, and write nothing.")
@click.option("--case", "case", type=click.Path(path_type=Path), help="Where to write a suggested case.")
@click.option("--routine", help="The routine's name, where the recording lies beside none.")
@click.option("--force", is_flag=True, help="Replace what is there (a case only if --case names it).")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON.")
def command(
    file: Path | None,
    output: Path | None,
    last: bool,
    every: bool,
    case: Path | None,
    routine: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Turn a session of Claude Code into a recording, a case that plays it and, if there is none, a routine.

    Its expectations and its policy can be checked at once; a second run it does not have. Secrets
    are redacted on the way.
    """
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.harness import check_case
    from routine_harness.interop.sessions.transcript_files import keep_transcript
    from routine_harness.interop.sessions.transcript_places import Places
    from routine_harness.store.files import shown
    from routine_harness.store.restoring import refuse_replacing
    from routine_harness.verdict.words import counted

    _refuse_contradictions(file, output, last=last, every=every)
    if every:
        _list_sessions(as_json=as_json)
        return
    if output is None:
        raise UsageError(Problem("", 0, "--output is missing", "name a routine's folder: -o routines/NAME"))
    source = file if file is not None else _newest()
    if case is not None and case.resolve() == output.resolve():
        raise UsageError(Problem(shown(case), 0, "--case and --output name the same file", "name another"))
    refuse_replacing(Places.of(output, str(source), case).written, force=force)
    data, name = read_session(source)
    inner = {shown(place): read_session(place)[0] for place in _subagents(source)}
    kept = keep_transcript(
        data, name, output, case=case, routine=routine, inner=inner, environment=os.environ, judge=check_case
    )
    if as_json:
        echo(msgspec.json.encode(kept).decode())
        return
    if last:
        say(f"the newest session of this project: {name}")
    if inner:
        folder = shown(source.with_suffix("") / SUBAGENTS)
        say(f"with {counted(len(inner), 'file')} of subagents from {folder}")
    _report(kept, check_case(kept.case) if kept.case and _is_readable(kept.case) else None)


def _is_readable(case: str) -> bool:
    """Whether the case belongs to a routine that can be read; what is wrong is told when it is checked."""
    # Imported here: --help needs nothing of this.
    from routine_harness.store.cases import load_case_file

    try:
        load_case_file(case)
    except HarnessError:
        return False
    return True


def _report(kept: Kept, result: CaseResult | None) -> None:
    # Imported here: --help needs nothing of this.
    from routine_harness.verdict.words import counted

    if kept.routine_file:
        say(f"{kept.routine_file}: a routine to go on from")
        for lost in kept.lost:
            say(f"  not carried over: {lost}")
        for question in kept.questions:
            say(f"  to be decided: {question}")
    if kept.policy_file and not kept.allowed:
        say(f"{kept.policy_file}: the gate waits for a recording of the real agent")
    say(f"{kept.output}: {counted(kept.calls, 'call')}, {kept.outcome}")
    for note in kept.notes:
        say(f"  note: {note}")
    for allowed in kept.allowed:
        say(f"{kept.policy_file}: allows what it did, read it: {allowed}")
    if kept.case:
        echo(f"{kept.case}: a case to start from")
        if kept.undecided:
            say(f"  undecided: {kept.undecided}")
        for line in _exceptions(result) if result is not None else ():
            say(f"  {line}")


def _exceptions(result: CaseResult) -> Iterator[str]:
    """What a policy would have to allow for the case to pass; written by nobody but its owner."""
    # Imported here: --help needs nothing of this.
    from routine_harness.verdict.policy.breach import exception_lines

    entries = [
        finding.data["allow"]
        for check in result.verdict.checks
        for finding in check.findings
        if check.name == "policy" and finding.fails and "allow" in finding.data
    ]
    lines = [line for entry in entries for line in exception_lines(entry) if line != "allow:"]
    if lines:
        yield "the policy forbids what it did; what would allow it, in the outermost policy.yaml:"
        yield from ("allow:", *lines)


def _refuse_contradictions(file: Path | None, output: Path | None, *, last: bool, every: bool) -> None:
    ways = [name for name, given in (("FILE", file), ("--last", last), ("--all", every)) if given]
    if len(ways) > 1:
        raise UsageError(
            Problem("", 0, f"expected one of FILE, --last and --all, found {' and '.join(ways)}")
        )
    if not ways:
        hint = "name a session's file; --last takes the newest of this project, --all lists them"
        raise UsageError(Problem("", 0, "no session is named", hint))
    if every and output is not None:
        raise UsageError(Problem("", 0, "--all lists sessions and writes nothing", "leave --output out"))


def _list_sessions(*, as_json: bool) -> None:
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.interop.sessions.project_sessions import project_sessions
    from routine_harness.verdict.words import shorten

    sessions = project_sessions(Path.cwd(), os.environ)
    if as_json:
        echo(msgspec.json.encode(sessions).decode())
        return
    for one in sessions:
        echo(one.file)
        echo(f"  {one.written}, {one.bytes / 1024:,.0f} kB: {shorten(one.prompt, 60) or '(no message)'}")


def _newest() -> Path:
    # Imported here: --help needs nothing of this.
    from routine_harness.interop.sessions.project_sessions import project_sessions

    return Path(project_sessions(Path.cwd(), os.environ)[0].file)


def _subagents(file: Path) -> list[Path]:
    """The files that the CLI keeps of a session's subagents, beside the session's own."""
    return sorted((file.with_suffix("") / SUBAGENTS).glob("*.jsonl"))


def read_session(file: Path) -> tuple[bytes, str]:
    """The content of ``file``, or of the standard input for ``-``, and its name in messages."""
    from routine_harness.store.files import read_bytes, shown

    if str(file) == "-":
        return sys.stdin.buffer.read(), "-"
    try:
        return read_bytes(file, limit=MAX_BYTES), shown(file)
    except SpecError as error:
        raise RecordingError(*error.problems) from error
