"""Lines of text for people: the one place where the command line prints."""

from __future__ import annotations

import shutil
import sys
import textwrap

import click

from routine_harness.report.text import visible


def say(text: str) -> None:
    """Print a line; on a terminal it is broken between words, and goes on further in."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        text = textwrap.fill(text, width, subsequent_indent="    ", break_long_words=False,
                             break_on_hyphens=False, replace_whitespace=False)  # fmt: skip
    echo(text)


def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text, whoever wrote it: no character of it steers the terminal."""
    click.echo(visible(text), err=err, nl=nl)


def echo_rendered(text: str, *, err: bool = False, nl: bool = True, colour: bool = False) -> None:
    """Print what a renderer made, whose colours are its own and whose text it made visible."""
    click.echo(text, err=err, nl=nl, color=colour or None)
