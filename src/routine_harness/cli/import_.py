"""``routine-harness import``: other tools' files turned into ours."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from routine_harness.errors import Problem, RecordingError, SpecError, UsageError
from routine_harness.routine.edition import EDITIONS

if TYPE_CHECKING:
    from routine_harness.interop.routine_files import Answers, ImportedRoutine

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

ROUTINE_EPILOG = """\b
Examples:
  routine-harness import routine .github/workflows/triage.md -o routines/triage --repository acme/core
  routine-harness import routine claude-routines/routines/*.yaml -o routines --platform 2026-10

Takes GitHub's agentic workflows, workflow files with claude-code-action, and routines of an account
kept as YAML or as Markdown with frontmatter.
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
        click.echo(msgspec.json.encode(said).decode())
        return
    click.echo(f"{shown(output)}: {counted(count, 'interaction')} of {imported.kind}")


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
        click.echo(msgspec.json.encode(kept).decode())
        return
    if inner:
        _say(
            f"with {counted(len(inner), 'file')} of subagents from {shown(file.with_suffix('') / SUBAGENTS)}"
        )
    _say(f"{shown(output)}: {counted(kept.calls, 'call')}, {kept.outcome}")
    for note in kept.notes:
        _say(f"  note: {note}")
    if kept.case:
        click.echo(f"{kept.case}: a case to start from")


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


@command.command(name="routine", epilog=ROUTINE_EPILOG)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="The routine's folder; of several files, the folder that gets a folder each.",
)
@click.option("--repository", "repositories", multiple=True, metavar="OWNER/NAME",
              help="The repository of a file that names none.")  # fmt: skip
@click.option("--platform", type=click.Choice(EDITIONS), help="The edition of the platform's rules.")
@click.option("--placeholder", type=click.Choice(["schedule", "api"]),
              help="What a one-off run that never comes stands for.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON.")
def routine(
    files: tuple[Path, ...],
    output: Path,
    repositories: tuple[str, ...],
    platform: str | None,
    placeholder: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Turn other people's routines into ours, and list what has no counterpart.

    What the files leave open or contradict each other about is asked; where nobody can be asked, it
    is listed with the option that answers it.
    """
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.interop.routine_files import (
        Answers,
        import_routines,
        open_questions,
        write_routines,
    )
    from routine_harness.store.files import read_bytes, shown

    held: dict[str, bytes] = {}
    problems: list[Problem] = []
    for file in files:
        try:
            held[shown(file)] = read_bytes(file)
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(*problems)
    answers = Answers(repositories, platform or "", placeholder or "")
    imported = import_routines(held, answers)
    if sys.stdin.isatty() and not as_json and open_questions(imported):
        answers = _ask(answers, imported)
        imported = import_routines(held, answers)
    homes = write_routines(imported, output, force=force)
    if as_json:
        values = [
            {"source": one.source, "form": one.form, "folder": str(home), "lost": list(map(str, one.lost)),
             "questions": one.questions} for one, home in zip(imported, homes, strict=True)
        ]  # fmt: skip
        click.echo(msgspec.json.encode(values).decode())
        return
    for one, home in zip(imported, homes, strict=True):
        _say(f"{one.source}: {one.form} → {shown(home)}: {', '.join(one.texts)}")
        for lost in one.lost:
            _say(f"  not carried over: {lost}")
        for question in one.questions:
            _say(f"  to be decided: {question.text} ({question.option})")


def _say(text: str) -> None:
    """Print a line; on a terminal it is broken between words, and goes on further in."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        text = textwrap.fill(text, width, subsequent_indent="    ", break_long_words=False,
                             break_on_hyphens=False, replace_whitespace=False)  # fmt: skip
    click.echo(text)


def _ask(answers: Answers, imported: Sequence[ImportedRoutine]) -> Answers:
    """The answers with what the user says now, one for each option; an empty one leaves it open."""
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.interop.routine_files import open_questions

    given: dict[str, Any] = {}
    for option, questions in open_questions(imported).items():
        for question, files in questions.items():
            _say(f"{', '.join(files)}: {question.text}")
        choices = next(iter(questions)).choices
        words = f"  {'one of ' + ', '.join(choices) if choices else 'OWNER/NAME'}; Enter leaves it open"
        choice = click.Choice([*choices, ""]) if choices else None
        said = click.prompt(words, default="", type=choice, show_default=False, show_choices=False)
        if said and option == "--repository":
            given["repositories"] = (said,)
        elif said:
            given[option.removeprefix("--")] = said
    return msgspec.structs.replace(answers, **given)
