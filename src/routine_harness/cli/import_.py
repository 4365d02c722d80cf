"""``routine-harness import``: other tools' files turned into ours."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from routine_harness.errors import Problem, RecordingError, SpecError, UsageError

MAX_BYTES = 1024 * 1024 * 1024
"""A session of many hours is large; what is larger than this is no session."""

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
left alone if it is there. The log of the guard imports as well.
"""


@click.group()
def command() -> None:
    """Turn other tools' files into ours."""


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

    _refuse_replacing(output, force=force)
    data, name = _read(file)
    imported = import_recording(data, name)
    redactor = make_redactor(Redaction(emails=emails), os.environ)
    save_cassette(output, imported.interactions, redactor)
    count = len(imported.interactions)
    if as_json:
        import msgspec

        said = {"kind": imported.kind, "interactions": count, "output": str(output)}
        click.echo(msgspec.json.encode(said).decode())
        return
    click.echo(f"{shown(output)}: {count} interaction{'' if count == 1 else 's'} of {imported.kind}")


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

    for place in (output, case):
        if place is not None:
            _refuse_replacing(place, force=force)
    data, name = _read(file)
    kept = keep_transcript(data, name, output, case=case, routine=routine, environment=os.environ)
    if as_json:
        click.echo(msgspec.json.encode(kept).decode())
        return
    click.echo(f"{shown(output)}: {kept.calls} calls, {kept.outcome}")
    for note in kept.notes:
        click.echo(f"  note: {note}")
    if kept.case:
        click.echo(f"{kept.case}: a case to start from")


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
