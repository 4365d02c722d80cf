"""``--help`` of every command and subcommand shows examples of its own, spelt as it takes them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from routine_harness.cli.main import cli

NAME = "routine-harness"


def _commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            assert found is not None
            yield from _commands(found, f"{name} {child}")


def _examples(name: str) -> list[str]:
    """The lines under Examples, each from the name of the program on."""
    shown = CliRunner().invoke(cli, [*name.split()[1:], "--help"])
    assert shown.exit_code == 0, shown.output
    block = shown.output.partition("\n  Examples:\n")[2].partition("\n\n")[0]
    return [line[line.index(NAME) :] for line in block.splitlines() if NAME in line]


COMMANDS = dict(_commands(cli, NAME))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_shows_examples_of_its_own(name: str) -> None:
    """Each example begins with the command's full name; a subcommand does not show its sister's."""
    examples = _examples(name)
    assert examples
    assert [line for line in examples if not f"{line} ".startswith(f"{name} ")] == []


@pytest.mark.parametrize("name", [name for name, it in COMMANDS.items() if not isinstance(it, click.Group)])
def test_an_example_names_options_that_exist(name: str) -> None:
    """An option that was renamed or taken away is not shown any more."""
    known = {option for parameter in COMMANDS[name].params for option in parameter.opts} | {"--help"}
    for example in _examples(name):
        own = re.split(r" [|>]", example)[0]
        used = {word.partition("=")[0] for word in shlex.split(own) if word.startswith("-") and word != "-"}
        assert used <= known, example


def test_sister_commands_share_no_help() -> None:
    """``serve world``, ``serve model`` and ``serve fire`` print different examples."""
    leaves = [name for name, it in COMMANDS.items() if not isinstance(it, click.Group)]
    shown = [tuple(_examples(name)) for name in leaves]
    assert len(set(shown)) == len(leaves) > 20
