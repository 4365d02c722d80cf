"""``routine-harness import``: other tools' files turned into ours."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from routine_harness.cli.import_routine import command as routine
from routine_harness.cli.import_tools import command as tools
from routine_harness.cli.lines import echo, say
from routine_harness.errors import HarnessError, Problem, RecordingError, SpecError, UsageError

MAX_BYTES = 1024 * 1024 * 1024
"""A session of many hours is large; what is larger than this is no session."""

SUBAGENTS = "subagents"
"""The folder of a session on disk that holds its subagents' lines."""

CASSETTE_EPILOG = """\b
Examples:
  routine-harness import cassette fixtures/get-repository.json -o cassettes/get-repository.yaml
  routine-harness import cassette spec/cassettes/issues.json -o cassettes/issues.jsonl
"""


TRANSCRIPT_EPILOG = """\b
Examples:
  claude -p "$PROMPT" --output-format stream-json --verbose > session.jsonl
  routine-harness import transcript session.jsonl -o routines/triage/recordings/monday.jsonl
  routine-harness import transcript ~/.claude/projects/-work/4f0c.jsonl -o monday.jsonl --case monday.yaml

A recording below routines/NAME/recordings gets a case of its name in routines/NAME/cases, which is
left alone if it is there, and is judged with it. The log of the guard imports as well.
"""


class FilesGroup(click.Group):
    """``import FILE…`` is ``import routine FILE…``: what each file is, the command looks."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if not args or args[0] in own else ["routine", *args])


@click.group(cls=FilesGroup)
def command() -> None:
    """Turn other people's routines and other tools' files into ours.

    `import FILE…` takes routines in any form that `import routine` knows.
    """


command.add_command(routine)
command.add_command(tools)


@command.command(name="cassette", epilog=CASSETTE_EPILOG)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="Where to write it: .yaml and .json are vcrpy's forms, .jsonl is ours.",
)
@click.option("--emails", is_flag=True, help="Redact e-mail addresses as well.")
@click.option("--force", is_flag=True, help="Replace OUTPUT if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON.")
def cassette(file: Path, output: Path, emails: bool, force: bool, as_json: bool) -> None:
    """Turn a recording of nock, Betamax or Ruby VCR into a cassette.

    vcrpy itself plays what is written. Secrets are redacted on the way.
    """
    # Imported here: --help needs nothing of the store.
    from routine_harness.interop.cassettes import import_recording
    from routine_harness.store.cassette_files import save_cassette
    from routine_harness.store.files import shown
    from routine_harness.store.redact import make_redactor
    from routine_harness.verdict.policy import Redaction
    from routine_harness.verdict.words import counted

    _refuse_replacing(output, force=force)
    data, name = _read(file)
    imported = import_recording(data, name)
    redactor = make_redactor(Redaction(emails=emails), os.environ)
    save_cassette(output, imported.interactions, redactor)
    count = len(imported.interactions)
    if as_json:
        import msgspec

        said = {"kind": imported.kind, "interactions": count, "output": str(output)}
        echo(msgspec.json.encode(said).decode())
        return
    echo(f"{shown(output)}: {counted(count, 'interaction')} of {imported.kind}")


@command.command(name="transcript", epilog=TRANSCRIPT_EPILOG)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="The recording to write."
)
@click.option("--case", "case", type=click.Path(path_type=Path), help="Where to write a suggested case.")
@click.option("--routine", help="The routine's name, where the recording lies beside none.")
@click.option("--force", is_flag=True, help="Replace OUTPUT (and a case named by --case) if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON.")
def transcript(
    file: Path, output: Path, case: Path | None, routine: str | None, force: bool, as_json: bool
) -> None:
    """Turn a session of Claude Code into a recording.

    Its expectations and its policy can be checked at once; a second run it does not have. Secrets
    are redacted on the way.
    """
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.interop.transcript_files import keep_transcript
    from routine_harness.store.files import shown
    from routine_harness.verdict.words import counted

    if case is not None and case.resolve() == output.resolve():
        raise UsageError(Problem(shown(case), 0, "--case and --output name the same file", "name another"))
    for place in (output, case):
        if place is not None:
            _refuse_replacing(place, force=force)
    data, name = _read(file)
    inner = {shown(place): _read(place)[0] for place in _subagents(file)}
    kept = keep_transcript(
        data, name, output, case=case, routine=routine, inner=inner, environment=os.environ
    )
    if as_json:
        echo(msgspec.json.encode(kept).decode())
        return
    if inner:
        say(f"with {counted(len(inner), 'file')} of subagents from {shown(file.with_suffix('') / SUBAGENTS)}")
    say(f"{shown(output)}: {counted(kept.calls, 'call')}, {kept.outcome}")
    for note in kept.notes:
        say(f"  note: {note}")
    if kept.case:
        echo(f"{kept.case}: a case to start from")
        for line in _exceptions(Path(kept.case)):
            say(f"  {line}")


def _exceptions(case: Path) -> list[str]:
    """What a policy would have to allow for the case to pass; written by nobody but its owner.

    A routine or policy that cannot be read is told of when the case is checked.
    """
    # Imported here: --help needs nothing of this.
    from routine_harness.harness import check_case
    from routine_harness.verdict.breach import exception_lines

    try:
        checks = check_case(case).verdict.checks
    except HarnessError:
        return []
    entries = [
        finding.data["allow"]
        for check in checks
        for finding in check.findings
        if check.name == "policy" and finding.fails and "allow" in finding.data
    ]
    lines = [line for entry in entries for line in exception_lines(entry) if line != "allow:"]
    told = "the policy forbids what it did; what would allow it, in the outermost policy.yaml:"
    return [told, "allow:", *lines] if lines else []


def _subagents(file: Path) -> list[Path]:
    """The files that the CLI keeps of a session's subagents, beside the session's own."""
    return sorted((file.with_suffix("") / SUBAGENTS).glob("*.jsonl"))


def _refuse_replacing(path: Path, *, force: bool) -> None:
    from routine_harness.store.files import shown

    if path.exists() and not force:
        raise UsageError(Problem(shown(path), 0, "the file is there already", "--force replaces it"))


def _read(file: Path) -> tuple[bytes, str]:
    """The content of ``file``, or of the standard input for ``-``, and its name in messages."""
    from routine_harness.store.files import read_bytes, shown

    if str(file) == "-":
        return sys.stdin.buffer.read(), "-"
    try:
        return read_bytes(file, limit=MAX_BYTES), shown(file)
    except SpecError as error:
        raise RecordingError(*error.problems) from error
