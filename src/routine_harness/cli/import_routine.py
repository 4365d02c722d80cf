"""``routine-harness import routine``: other people's routines turned into ours."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from routine_harness.cli.lines import echo, say
from routine_harness.errors import Problem, SpecError
from routine_harness.routine.edition import EDITIONS

if TYPE_CHECKING:
    from routine_harness.interop.routine_files import ImportedRoutine
    from routine_harness.interop.routine_forms import Answers

EPILOG = """\b
Examples:
  routine-harness import routine .github/workflows/triage.md -o routines/triage --repository acme/core
  routine-harness import claude-routines/routines/*.yaml -o routines --platform 2026-10
  routine-harness import account-1.json account-2.json -o routines

Takes the account's own export (what RemoteTrigger answers; all pages at once), GitHub's agentic
workflows, workflow files with claude-code-action, and routines of an account kept as YAML or as
Markdown with frontmatter.
"""


@click.command(name="routine", epilog=EPILOG)
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
@click.option("--partial", is_flag=True, help="Import an export although pages of it are missing.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON.")
def command(
    files: tuple[Path, ...],
    output: Path,
    repositories: tuple[str, ...],
    platform: str | None,
    placeholder: str | None,
    partial: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Turn other people's routines into ours, and list what has no counterpart.

    What the files leave open or contradict each other about is asked; where nobody can be asked, it
    is listed with the option that answers it.
    """
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.interop.routine_files import import_routines, open_questions, write_routines
    from routine_harness.interop.routine_forms import Answers
    from routine_harness.lint.mandates import mandates_of
    from routine_harness.store.files import shown
    from routine_harness.store.policy_edit import outermost_policy

    answers = Answers(repositories, platform or "", placeholder or "", partial)
    held = _read(files)
    imported = import_routines(held, answers)
    if sys.stdin.isatty() and not as_json and open_questions(imported):
        answers = _ask(answers, imported)
        imported = import_routines(held, answers)
    homes = write_routines(imported, output, force=force)
    if as_json:
        values = [_record(one, home) for one, home in zip(imported, homes, strict=True)]
        echo(msgspec.json.encode(values).decode())
        return
    for one, home in zip(imported, homes, strict=True):
        say(f"{one.source}: {one.form} → {shown(home)}: {', '.join(one.texts)}")
        for lost in one.lost:
            say(f"  {'restriction ' if lost.restriction else ''}not carried over: {lost}")
        for mandate in mandates_of(one.prompt):
            say(f"  allowed in {shown(outermost_policy(output))}: {mandate.kind}: {mandate.sentence}")
        for question in one.questions:
            say(f"  to be decided: {question.text} ({question.option})")


def _read(files: Sequence[Path]) -> dict[str, bytes]:
    """The contents of the files by their names.

    Raises:
        SpecError: with every file that cannot be read.
    """
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
    return held


def _record(one: ImportedRoutine, home: Path) -> dict[str, Any]:
    from routine_harness.lint.mandates import mandates_of

    return {
        "source": one.source, "form": one.form, "folder": str(home), "lost": list(map(str, one.lost)),
        "questions": one.questions, "allowed": [each.permit(one.name) for each in mandates_of(one.prompt)],
    }  # fmt: skip


def _ask(answers: Answers, imported: Sequence[ImportedRoutine]) -> Answers:
    """The answers with what the user says now, one for each option; an empty one leaves it open."""
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.interop.routine_files import open_questions

    given: dict[str, Any] = {}
    for option, questions in open_questions(imported).items():
        for question, files in questions.items():
            say(f"{', '.join(files)}: {question.text}")
        choices = next(iter(questions)).choices
        words = f"  {'one of ' + ', '.join(choices) if choices else 'OWNER/NAME'}; Enter leaves it open"
        choice = click.Choice([*choices, ""]) if choices else None
        said = click.prompt(words, default="", type=choice, show_default=False, show_choices=False)
        if said and option == "--repository":
            given["repositories"] = (said,)
        elif said:
            given[option.removeprefix("--")] = said
    return msgspec.structs.replace(answers, **given)
