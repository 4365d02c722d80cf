"""Lines of text for people: the one place where the command line prints."""

from __future__ import annotations

import io
import shutil
import sys
import textwrap
from collections.abc import Sequence, Sized
from typing import Final

import click

from routine_harness.errors import Problem, UsageError
from routine_harness.report.text import visible

MOST_ERRORS: Final = 20
_COMMANDS: Final = (": routine-harness ", "`routine-harness ")
_ROUTINES: Final = "a routine is routine.yaml, routine-*.yaml or *.routine.yaml"
_KINDS: Final = {
    "routine": _ROUTINES,
    "case": "a case is a YAML file in cases/ beside its routine",
    "routine and no case": f"{_ROUTINES}, with cases/ beside it",
}


def print_what_can_be_encoded() -> None:
    """Where standard output cannot encode a character, it is written as ``\\u2713``: none is lost."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def say(text: str, *, err: bool = False) -> None:
    """Print lines; on a terminal each is broken between words, and goes on further in.

    A line with a command of ours stays whole: it is there to be copied.
    """
    if (sys.stderr if err else sys.stdout).isatty():
        width = shutil.get_terminal_size().columns
        text = "\n".join(_broken(line, width) for line in text.split("\n"))
    echo(text, err=err)


def _broken(line: str, width: int) -> str:
    if any(command in line for command in _COMMANDS):
        return line
    return textwrap.fill(line, width, subsequent_indent="    ", break_long_words=False,
                         break_on_hyphens=False, replace_whitespace=False)  # fmt: skip


def say_errors(problems: Sequence[object]) -> None:
    """Print what is wrong with the input: the first ones, and how many more there are."""
    for problem in problems[:MOST_ERRORS]:
        say(f"error: {problem}", err=True)
    if len(problems) > MOST_ERRORS:
        echo(f"and {len(problems) - MOST_ERRORS:,} more errors", err=True)


def refuse_nothing(found: Sized, what: str = "routine") -> None:
    """A command that has nothing to do has not done what it was asked for.

    Raises:
        UsageError: nothing was found.
    """
    if not found:
        raise UsageError(Problem("", 0, f"no {what} was found", _KINDS[what]))


def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text, whoever wrote it: no character of it steers the terminal."""
    click.echo(visible(text), file=sys.stderr if err else sys.stdout, nl=nl)


def echo_rendered(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print what a renderer made, whose colours are its own and whose text it made visible."""
    click.echo(text, file=sys.stderr if err else sys.stdout, nl=nl, color=True)
