"""Lines of text for people."""

from __future__ import annotations

import shutil
import sys
import textwrap

import click


def say(text: str) -> None:
    """Print a line; on a terminal it is broken between words, and goes on further in."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        text = textwrap.fill(text, width, subsequent_indent="    ", break_long_words=False,
                             break_on_hyphens=False, replace_whitespace=False)  # fmt: skip
    click.echo(text)
