"""``routine-harness import``: other tools' files turned into ours."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from routine_harness.errors import Problem, RecordingError, SpecError, UsageError

CASSETTE_EPILOG = """\b
Examples:
  routine-harness import cassette fixtures/get-repository.json -o cassettes/get-repository.yaml
  routine-harness import cassette spec/cassettes/issues.json -o cassettes/issues.jsonl
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
    from routine_harness.store.files import read_bytes, shown
    from routine_harness.store.redact import make_redactor
    from routine_harness.verdict.policy import Redaction

    if output.exists() and not force:
        raise UsageError(Problem(shown(output), 0, "the file is there already", "--force replaces it"))
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else read_bytes(file)
    except SpecError as error:
        raise RecordingError(*error.problems) from error
    imported = import_recording(data, "-" if str(file) == "-" else shown(file))
    redactor = make_redactor(Redaction(emails=emails), os.environ)
    save_cassette(output, imported.interactions, redactor)
    count = len(imported.interactions)
    if as_json:
        import msgspec

        said = {"kind": imported.kind, "interactions": count, "output": str(output)}
        click.echo(msgspec.json.encode(said).decode())
        return
    click.echo(f"{shown(output)}: {count} interaction{'' if count == 1 else 's'} of {imported.kind}")
