"""What a command knows of its terminal: how wide it is, whether it wants colours."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Final

import click

from routine_harness.plain import Json
from routine_harness.report.ink import Ink

COLOURS: Final = ("auto", "yes", "no")


def terminal_width() -> int:
    """The columns of the terminal, at most 120: longer lines are hard to read."""
    return max(40, min(120, shutil.get_terminal_size((80, 24)).columns))


def wants_colour() -> bool:
    """Whether standard output is to be coloured, decided as pytest decides it.

    ``--color`` goes before the variables, ``NO_COLOR`` before ``FORCE_COLOR``; without any of them a
    terminal is coloured that is not ``TERM=dumb``.
    """
    context = click.get_current_context(silent=True)
    if context is not None and context.color is not None:
        return context.color
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def ink() -> Ink:
    """The colours of standard output."""
    return Ink(colour=wants_colour())


def colour_option(command: Json) -> Json:
    """Give a command the option ``--color``, as pytest has it."""
    return click.option(
        "--color",
        type=click.Choice(COLOURS),
        default=COLOURS[0],
        show_default=True,
        expose_value=False,
        callback=_set_colour,
        help="Colours: where output is a terminal, always, or never.",
    )(command)


def _set_colour(context: click.Context, _: click.Parameter, chosen: str) -> None:
    context.color = {"yes": True, "no": False}.get(chosen)


def tool_version() -> str:
    # Imported here: two interpreter starts, and few commands say it.
    from importlib.metadata import version

    return version("routine-harness")
