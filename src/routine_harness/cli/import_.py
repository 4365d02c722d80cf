"""``routine-harness import``: other tools' files turned into ours."""

from __future__ import annotations

import os
from pathlib import Path

import click

from routine_harness.cli.import_routine import command as routine
from routine_harness.cli.import_run_log import command as run_log
from routine_harness.cli.import_tools import command as tools
from routine_harness.cli.import_transcript import command as transcript
from routine_harness.cli.import_transcript import read_session
from routine_harness.cli.lines import echo

EPILOG = """\b
Examples:
  routine-harness import account.json -o routines
  routine-harness import .github/workflows/triage.md -o routines/triage --repository acme/core
  routine-harness import transcript --last -o routines/triage
"""
CASSETTE_EPILOG = """\b
Examples:
  routine-harness import cassette fixtures/get-repository.json -o cassettes/get-repository.yaml
  routine-harness import cassette spec/cassettes/issues.json -o cassettes/issues.jsonl
"""


class FilesGroup(click.Group):
    """``import FILE…`` is ``import routine FILE…``: what each file is, the command looks."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {*self.commands, *ctx.help_option_names}
        return super().parse_args(ctx, args if not args or args[0] in own else ["routine", *args])


@click.group(cls=FilesGroup, epilog=EPILOG)
def command() -> None:
    """Turn other people's routines and other tools' files into ours.

    `import FILE…` takes routines in any form that `import routine` knows.
    """


command.add_command(routine)
command.add_command(tools)
command.add_command(run_log)
command.add_command(transcript)


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
    from routine_harness.store.restoring import refuse_replacing
    from routine_harness.verdict.policy.rules import Redaction
    from routine_harness.verdict.words import counted

    refuse_replacing([output], force=force)
    data, name = read_session(file)
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
