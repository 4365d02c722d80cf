"""What a command knows of its terminal: how wide it is, whether it wants colours."""

from __future__ import annotations

import os
import shutil
import sys


def terminal_width() -> int:
    """The columns of the terminal, at most 120: longer lines are hard to read."""
    return max(40, min(120, shutil.get_terminal_size((80, 24)).columns))


def wants_colour() -> bool:
    """Whether standard output is a terminal that wants colours (``NO_COLOR``, ``FORCE_COLOR``)."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()


def tool_version() -> str:
    # Imported here: two interpreter starts, and few commands say it.
    from importlib.metadata import version

    return version("routine-harness")
