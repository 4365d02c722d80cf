"""``routine-harness import routine``: other people's routines turned into ours."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from routine_harness.cli.lines import echo, say
from routine_harness.errors import Problem, SpecError
from routine_harness.plain import Record
from routine_harness.routine.edition import EDITIONS
from routine_harness.routine.layout import ROUTINE

if TYPE_CHECKING:
    from routine_harness.interop.routine_files import ImportedRoutine
    from routine_harness.interop.routine_forms import Answers

_WANTED = {"--repository": "OWNER/NAME", "--connector": "names, with commas between them",
           "--on": "an event (pull_request.opened), a cron expression or api"}  # fmt: skip
_SEVERAL = {"--repository": "repositories", "--connector": "connectors", "--on": "on"}
EPILOG = """\b
Examples:
  routine-harness import routine .github/workflows/triage.md -o routines/triage --repository acme/core
  routine-harness import routine claude-routines/routines/*.yaml -o routines --platform 2026-10
  routine-harness import routine prompts/brief.md -o routines/brief --cron "0 7 * * *" --connector slack
  routine-harness import routine account-1.json account-2.json -o routines
  routine-harness import routine account-1.json account-2.json -o routines --diff

Takes the account's own export (what RemoteTrigger answers; all pages at once), prompts with or without
frontmatter (SKILL.md, prompt.md beside schedule.yaml, a folder of the two), GitHub's agentic workflows,
workflow files with claude-code-action, and routines of an account kept as YAML or as Markdown.
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
@click.option("--connector", "connectors", multiple=True, metavar="NAME",
              help="A connector of a file that names none.")  # fmt: skip
@click.option("--on", "on", multiple=True, metavar="EVENT",
              help="What starts one whose file does not say it: pull_request.opened, or api.")  # fmt: skip
@click.option("--cron", "crons", multiple=True, metavar="EXPRESSION",
              help="The schedule of a routine whose file does not say it.")  # fmt: skip
@click.option("--platform", type=click.Choice(EDITIONS), help="The edition of the platform's rules.")
@click.option("--placeholder", type=click.Choice(["schedule", "api"]),
              help="What a one-off run that never comes stands for.")  # fmt: skip
@click.option("--partial", is_flag=True, help="Import an export although pages of it are missing.")
@click.option("--diff", "diff", is_flag=True,
              help="Write nothing: say what differs from the routines in OUTPUT.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.option("--json", "as_json", is_flag=True, help="Say what was done as JSON.")
def command(
    files: tuple[Path, ...],
    output: Path,
    repositories: tuple[str, ...],
    connectors: tuple[str, ...],
    on: tuple[str, ...],
    crons: tuple[str, ...],
    platform: str | None,
    placeholder: str | None,
    partial: bool,
    diff: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Turn other people's routines into ours, and list what has no counterpart.

    The command asks what the files do not say or contradict. Without a terminal it lists each question
    with the option that answers it.
    """
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.interop.routine_files import import_routines, open_questions
    from routine_harness.interop.routine_folders import lost_by_most, write_routines
    from routine_harness.interop.routine_forms import Answers
    from routine_harness.lint.mandates import mandates_of
    from routine_harness.store.files import shown
    from routine_harness.store.policy_edit import outermost_policy

    answers = Answers(repositories, connectors, (*on, *crons), platform or "", placeholder or "", partial)
    held = _read(_chosen(files))
    imported = import_routines(held, answers, _beside)
    if sys.stdin.isatty() and not as_json and open_questions(imported):
        answers = _ask(answers, imported)
        imported = import_routines(held, answers, _beside)
    if diff:
        return _differ(imported, output, as_json=as_json)
    homes = write_routines(imported, output, force=force)
    if as_json:
        values = [_record(one, home) for one, home in zip(imported, homes, strict=True)]
        echo(msgspec.json.encode(values).decode())
        return 0
    common = lost_by_most(imported)
    for one, home in zip(imported, homes, strict=True):
        say(f"{one.source}: {one.form} → {shown(home)}: {', '.join(one.texts)}")
        _tell_forbidden(one, home)
        for lost in one.lost:
            if lost.kind not in common:
                say(f"  {'restriction ' if lost.restriction else ''}not carried over: {lost}")
        for mandate in mandates_of(one.prompt):
            say(f"  allowed in {shown(outermost_policy(output))}: {mandate.kind}: {mandate.sentence}")
        for question in one.questions:
            say(f"  to be decided: {question.text} ({question.option})")
    for (what, why), count in common.items():
        say(f"not carried over by {count} of {len(imported)}: {what}: {why}")
    if any(any(home.glob("cases/first-*.yaml")) for home in homes):
        say(f"next: fill in the first cases, then routine-harness record {shown(output)} --live")
    return 0


def _tell_forbidden(one: ImportedRoutine, home: Path) -> None:
    """Say what the prompt forbids: by which rules, and how much of it no rule says."""
    # Imported here: --help needs nothing of this.
    from routine_harness.interop.drawn_policy import UNREAD, forbade_by
    from routine_harness.store.files import shown
    from routine_harness.verdict.words import counted

    forbade = forbade_by(one.prompt)
    for rule in forbade.rules:
        kinds = rule["effect"] if isinstance(rule["effect"], str) else ", ".join(rule["effect"])
        say(f"  forbidden in {shown(home / 'policy.yaml')}: {kinds}: {rule['reason']}")
    if forbade.unread:
        say(f"  {UNREAD}: write it into {shown(home / 'policy.yaml')}")
    if forbade.unheld:
        count = counted(len(forbade.unheld), "prohibition")
        say(f"  no rule says {count} of the prompt: listed in {shown(home / 'policy.yaml')}")


def _differ(imported: Sequence[ImportedRoutine], output: Path, *, as_json: bool) -> int:
    """Print what differs from what is committed; the exit status is 1 where something does."""
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.interop.drift import drifts
    from routine_harness.interop.routine_folders import homes_of
    from routine_harness.store.files import shown
    from routine_harness.store.routines import load_routine
    from routine_harness.verdict.words import counted

    there = {home.name: home for home in homes_of(imported, output)}
    if output not in there.values():
        there |= {file.parent.name: file.parent for file in sorted(output.glob("*/routine.yaml"))}
    else:
        there = {imported[0].name: output}
    committed = {name: load_routine(home) for name, home in there.items() if (home / ROUTINE).is_file()}
    found = drifts(imported, committed)
    if as_json:
        echo(msgspec.json.encode(found).decode())
    for one in () if as_json else found:
        echo(str(one))
    if not as_json and not found:
        echo(f"{shown(output)}: {counted(len(imported), 'routine')} as committed")
    return 1 if found else 0


def _chosen(files: Sequence[Path]) -> list[Path]:
    """The files to read: of a folder and of a prompt, the schedule that stands there; each once."""
    from routine_harness.interop.prompt_files import PROMPT, SCHEDULES

    chosen: list[Path] = []
    for file in files:
        folder = file if file.is_dir() else file.parent
        alone = [PROMPT, "SKILL.md"] if file.is_dir() else []
        wanted = [*SCHEDULES, *alone] if alone or file.name == PROMPT else []
        chosen.append(next((folder / name for name in wanted if (folder / name).is_file()), file))
    return list(dict.fromkeys(chosen))


def _beside(file: str, written: str) -> bytes | None:
    """What ``file`` names: beside it, else below one of the folders above it, up to a repository's."""
    from routine_harness.store.files import read_bytes

    for folder in Path(file).absolute().parents:
        if (folder / written).is_file():
            return read_bytes(folder / written)
        if (folder / ".git").exists():
            return None
    return None


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


def _record(one: ImportedRoutine, home: Path) -> Record:
    from routine_harness.interop.drawn_policy import forbade_by
    from routine_harness.lint.mandates import mandates_of

    forbade = forbade_by(one.prompt)
    return {
        "source": one.source, "form": one.form, "folder": str(home), "lost": list(map(str, one.lost)),
        "questions": one.questions, "allowed": [each.permit(one.name) for each in mandates_of(one.prompt)],
        "files": list(one.texts), "forbidden": forbade.rules, "unheld": forbade.unheld,
    }  # fmt: skip


def _ask(answers: Answers, imported: Sequence[ImportedRoutine]) -> Answers:
    """The answers with what the user says now, one for each option; an empty one leaves it open."""
    # Imported here: --help needs nothing of this.
    import msgspec

    from routine_harness.interop.routine_files import open_questions

    given: Record = {}
    for option, questions in open_questions(imported).items():
        for question, files in questions.items():
            say(f"{', '.join(files)}: {question.text}")
        choices = next(iter(questions)).choices
        wanted = f"one of {', '.join(choices)}" if choices else _WANTED[option]
        words = f"  {wanted}; Enter leaves it open"
        choice = click.Choice([*choices, ""]) if choices else None
        said = click.prompt(words, default="", type=choice, show_default=False, show_choices=False)
        if said and option in _SEVERAL:
            given[_SEVERAL[option]] = tuple(each.strip() for each in said.split(","))
        elif said:
            given[option.removeprefix("--")] = said
    return msgspec.structs.replace(answers, **given)
