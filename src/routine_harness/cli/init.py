"""``routine-harness init``: a new routine with policy, cases and a scripted agent, green from the start."""

from __future__ import annotations

import os
import re
import sys
import zlib
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import click

from routine_harness.agents.acted import live_command
from routine_harness.case.confirmation import Confirmations, prompt_texts
from routine_harness.cli.lines import echo
from routine_harness.errors import Problem, UsageError
from routine_harness.report.findings_json import pretty
from routine_harness.routine.cron import parse_cron
from routine_harness.routine.document import load_document
from routine_harness.routine.layout import AGENTS, CASES, PAYLOADS, POLICY, ROUTINE
from routine_harness.routine.parse import parse_routine
from routine_harness.routine.spec import Routine
from routine_harness.store.confirmed import CONFIRMED, confirmed_text
from routine_harness.store.files import write_text
from routine_harness.store.policies import policy_files
from routine_harness.store.policy_edit import LIVE, name_mandates
from routine_harness.store.written_at import written_at

TRIGGERS: Final = ("schedule", "github", "api")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
EPILOG = """\b
Examples:
  routine-harness init
  routine-harness init ask-for-details --repository acme/core --trigger schedule --cron "7 6 * * 1-5"
  routine-harness init describe-changes --repository acme/core --trigger github --folder routines
"""


@click.command(epilog=EPILOG)
@click.argument("name", required=False)
@click.option("--repository", metavar="OWNER/NAME", help="The repository that the routine works on.")
@click.option("--trigger", type=click.Choice(TRIGGERS), help="What starts it.")
@click.option("--cron", metavar="CRON", help="When, for a schedule (UTC).")
@click.option("--branch", default="main", show_default=True, help="The base branch, for a github trigger.")
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("routines"), show_default=True,
    help="Where routines live; policy.yaml is written there.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="List the files that were written as JSON.")
def command(
    name: str | None,
    repository: str | None,
    trigger: str | None,
    cron: str | None,
    branch: str,
    folder: Path,
    as_json: bool,
) -> None:
    """Write a new routine whose cases pass by a script; then make it yours.

    The gate stays closed until the real agent was recorded once; policy.yaml says how to go without.
    It asks for what you leave out, where standard input is a terminal.
    """
    _require({"NAME": name, "--repository": repository, "--trigger": trigger})
    name = name or _ask("Name of the routine", "ask-for-details")
    repository = repository or _ask("Repository (owner/name)", None)
    trigger = trigger or _ask("What starts it", "schedule", TRIGGERS)
    _refuse(name, repository, cron, trigger)
    values = _values(name, repository, branch, cron)
    files = _render(trigger, values, folder / name)
    if not policy_files(folder.absolute()):
        files = {folder / POLICY: _text(_starter().joinpath(POLICY)) + LIVE, **files}
    taken = [file for file in files if file.exists()]
    if taken:
        hint = "choose another NAME, or remove what is there"
        raise UsageError(*(Problem(str(file), 0, "is there already", hint) for file in taken))
    routine = parse_routine(load_document(files[folder / name / ROUTINE].encode(), ROUTINE))
    files[folder / name / AGENTS / CONFIRMED] = _confirmed(f"{values['module']}.py::run", routine)
    files |= name_mandates({name: routine.prompt}, folder, files)
    for file, text in files.items():
        write_text(file, text)
    if as_json:
        echo(pretty([file.as_posix() for file in files]), nl=False)
        return
    for file in files:
        echo(f"wrote {file.as_posix()}")
    steps = (f"pytest {folder.as_posix()}", f"routine-harness gate {folder.as_posix()}",
             live_command((folder / name / ROUTINE).as_posix()))  # fmt: skip
    echo("\n  ".join(("\nNext:", *steps)))


def _require(given: dict[str, str | None]) -> None:
    """Refuse what is missing, all at once, where nobody is there to be asked."""
    if sys.stdin.isatty():
        return
    hint = "standard input is no terminal, so nothing is asked"
    missing = [Problem("", 0, f"{option} is missing", hint) for option, value in given.items() if not value]
    if missing:
        raise UsageError(*missing)


def _ask(what: str, default: str | None, choices: tuple[str, ...] = ()) -> str:
    kind = click.Choice(choices) if choices else None
    answer: str = click.prompt(what, default=default, type=kind)
    return answer


def _refuse(name: str, repository: str, cron: str | None, trigger: str) -> None:
    problems = []
    if not _NAME.fullmatch(name):
        problems.append(Problem("", 0, f"expected a name of small letters, digits and '-', found {name!r}"))
    if not _REPOSITORY.fullmatch(repository):
        problems.append(Problem("", 0, f"expected a repository as owner/name, found {repository!r}"))
    if cron is not None:
        if trigger != "schedule":
            problems.append(Problem("", 0, "--cron belongs to --trigger schedule"))
        try:
            parse_cron(cron)
        except ValueError as error:
            problems.append(Problem("", 0, f"--cron: {error}"))
    if problems:
        raise UsageError(*problems)


def _values(name: str, repository: str, branch: str, cron: str | None) -> dict[str, str]:
    owner, _, repo = repository.partition("/")
    minute = 5 + zlib.crc32(name.encode()) % 50
    return {
        "name": name,
        "module": name.replace("-", "_"),
        "repository": repository,
        "owner": owner,
        "repo": repo,
        "branch": branch,
        "cron": cron or f"{minute} 6 * * 1-5",
    }


def _render(trigger: str, values: dict[str, str], home: Path) -> dict[Path, str]:
    """The files of the starter, by where they go."""
    starter = _starter().joinpath(trigger)
    files = {
        home / ROUTINE: starter.joinpath(ROUTINE),
        home / AGENTS / f"{values['module']}.py": starter.joinpath("agent.py"),
    }
    payload = starter.joinpath("payload.yaml")
    if payload.is_file():
        files[home / PAYLOADS / "opened.yaml"] = payload
    for case in sorted(starter.joinpath(CASES).iterdir(), key=lambda file: file.name):
        files[home / CASES / case.name] = case
    return {file: _fill(_text(template), values) for file, template in files.items()}


def _confirmed(script: str, routine: Routine) -> str:
    """The starter's script, which was written for its prompt, as confirmed for it."""
    day = written_at(os.environ).date().isoformat()
    return confirmed_text(Confirmations().confirming([script], prompt_texts(routine), day))


def _fill(text: str, values: dict[str, str]) -> str:
    return re.sub(r"@([a-z]+)@", lambda found: values[found[1]], text)


def _starter() -> Traversable:
    return resources.files("routine_harness").joinpath("cli", "starter")


def _text(file: Traversable) -> str:
    return file.read_text("utf-8")
