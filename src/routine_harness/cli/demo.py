"""``routine-harness demo``: the README's routine run twice, with the ticket that it files again."""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Iterable
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

import click
import msgspec

from routine_harness.case.result import CaseResult
from routine_harness.cli.cases import Checking
from routine_harness.cli.lines import echo, echo_rendered
from routine_harness.cli.terminal import colour_option, ink, terminal_width
from routine_harness.errors import Problem, UsageError
from routine_harness.report.case_plan import render_case_plan
from routine_harness.report.failure import render_finding
from routine_harness.report.text import fold
from routine_harness.store.files import read_bytes, shown, write_text

FOLDER: Final = Path("routine-harness-demo")
ROUTINES: Final = "routines"
ROUTINE: Final = f"{ROUTINES}/security-triage"
_POLICY: Final = "policy.yaml"
_PROMPT: Final = "routine.yaml"
_SCRIPT: Final = "agents/triage.py"
_BOTH: Final = ("cases/sql-injection.yaml",)
_CHANGED: Final = (_PROMPT, _SCRIPT)
"""The files that are others with ``--fixed``."""

_INTRODUCTION: Final = (
    "A routine for pull requests: for each SQL injection it files a ticket in Linear. It runs twice on a "
    "simulated GitHub, Slack and Linear. The second run starts on what the first one left behind, as it does "
    "when a webhook is delivered twice."
)
EPILOG = """\b
Examples:
  routine-harness demo
  routine-harness demo --fixed
  uvx routine-harness demo
"""


@click.command(epilog=EPILOG)
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), default=FOLDER, show_default=True,
    help="Where the files of the demo are written.",
)  # fmt: skip
@click.option("--fixed", is_flag=True, help="The routine that looks for an open ticket first.")
@click.option("--overwrite", is_flag=True, help="Also replace files that you have changed.")
@colour_option
def command(folder: Path, fixed: bool, overwrite: bool) -> None:
    """Show what a second run of a routine does: write an example, run it twice, print both runs.

    It takes no key and no network. The first run files a ticket, the second one files it again; with
    --fixed it does not. A file that you have changed is replaced only with --overwrite. Exits with 0 where
    the demo has run, also where it shows a duplicate: `routine-harness check` exits with 1 there.
    """
    echo_rendered(ink()("routine-harness demo: no key, no network; nothing leaves this machine", "code"))
    echo()
    _write(folder, fixed=fixed, overwrite=overwrite)
    for line in ("", *fold(_INTRODUCTION, terminal_width()), ""):
        echo(line)
    started = time.perf_counter()
    (result,) = Checking((folder / ROUTINES,)).results()
    seconds = time.perf_counter() - started
    _print_runs(result)
    echo(f"\n2 runs in {seconds:.2f}s")
    _print_next(result, folder, fixed)


def demo_files(*, fixed: bool) -> dict[str, str]:
    """The files of the demo, by their path in its folder."""
    starter = resources.files("routine_harness").joinpath("cli", "starter", "demo")
    files = {f"{ROUTINES}/{_POLICY}": _text(starter, _POLICY)}
    files |= {f"{ROUTINE}/{name}": _text(starter, name) for name in _BOTH}
    source = starter.joinpath("fixed") if fixed else starter
    return files | {f"{ROUTINE}/{name}": _text(source, name) for name in _CHANGED}


def _text(folder: Traversable, name: str) -> str:
    return folder.joinpath(*name.split("/")).read_text("utf-8")


class _Written(msgspec.Struct):
    """A file of the demo: its text, what the demo writes there at other times, and what lies there now."""

    path: Path
    text: str
    other: str
    before: str | None

    @property
    def verb(self) -> str:
        if self.before is None:
            return "wrote"
        return "kept" if self.before == self.text else "replaced"

    @property
    def changed(self) -> bool:
        """Whether somebody else has written what lies there."""
        return self.before not in (None, self.text, self.other)


def _write(folder: Path, *, fixed: bool, overwrite: bool) -> None:
    """Write what is not there yet, and say of each file what was done with it."""
    files, other = demo_files(fixed=fixed), demo_files(fixed=not fixed)
    written = [
        _Written(folder / name, text, other[name], _found(folder / name)) for name, text in files.items()
    ]
    changed = [file for file in written if file.changed]
    if changed and not overwrite:
        hint = (
            f"run what is there: {_program()} check {_quoted(folder / ROUTINES)}; replace it: --overwrite; "
            "or write elsewhere: --folder FOLDER"
        )
        raise UsageError(
            *(
                Problem(shown(file.path), 0, "you have changed this file of the demo", hint)
                for file in changed
            )
        )
    for file in written:
        if file.verb != "kept":
            write_text(file.path, file.text)
        echo(f"{file.verb} {file.path.as_posix()}")


def _found(path: Path) -> str | None:
    return read_bytes(path).decode("utf-8", "replace").replace("\r\n", "\n") if path.exists() else None


def _print_runs(result: CaseResult) -> None:
    """The plan of both runs, and the two records beside each other where one repeats the other."""
    width, paint = terminal_width(), ink()
    echo_rendered(paint(result.case.heading, "code"))
    echo_rendered("\n".join(render_case_plan(result, width=width, ink=paint)))
    for finding in result.findings:
        echo()
        echo_rendered("\n".join(render_finding(finding, width=width, ink=paint)))


def _print_next(result: CaseResult, folder: Path, fixed: bool) -> None:
    """Where it is to be fixed, or was, and the commands that run it again."""
    home, routines = (folder / ROUTINE).as_posix(), _quoted(folder / ROUTINES)
    places = (
        f"{home}/{_PROMPT}:{result.routine.source.line('prompt')}",
        f"{home}/{_SCRIPT}:{_line_of('linear.list_issues' if fixed else 'linear.save_issue', fixed)}",
    )
    again = [f"{_program()} check {routines}", f"{_program()} show {routines} --full"]
    if fixed:
        echo("\nThe second run found the ticket and filed none. What makes it look:")
        _list(places)
        echo("\nRun it again, then write a routine of your own:")
        _list([*again, f"{_program()} init"])
        return
    where = "" if folder == FOLDER else f" --folder {_quoted(folder)}"
    echo("\nWhere to fix it: the prompt never says to look first, and the script follows it")
    _list(places)
    echo("\nFix it there, or let the demo do it, and run it again:")
    _list([*again, f"{_program()} demo --fixed{where}"])


def _list(lines: Iterable[str]) -> None:
    for line in lines:
        echo(f"  {line}")


def _line_of(tool: str, fixed: bool) -> int:
    """The line of the script that calls ``tool``."""
    lines = demo_files(fixed=fixed)[f"{ROUTINE}/{_SCRIPT}"].splitlines()
    return next(number for number, line in enumerate(lines, start=1) if tool in line)


def _quoted(path: Path) -> str:
    return shlex.quote(path.as_posix())


def _program() -> str:
    """What to type for this program: `uvx` and `pipx run` leave nothing on the PATH.

    uv runs a tool from `…/uv/archive-v0/…` and sets `UV` (seen in uv 0.9); pipx keeps what it runs once in
    its cache, `…/pipx/….cache/…` or `…/pipx/.cache/…` (seen in pipx 1.7).
    """
    parts = Path(sys.prefix).parts
    if "UV" in os.environ and any(part.startswith("archive-v") for part in parts):
        return "uvx routine-harness"
    if "pipx" in parts and any("cache" in part for part in parts):
        return "pipx run routine-harness"
    return "routine-harness"
