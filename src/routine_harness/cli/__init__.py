"""The console script: one module a command, loaded when it is called; no logic."""

from __future__ import annotations

import importlib
import keyword
from typing import Final

import click

COMMANDS: Final = {
    "demo": "Run an example twice and see its ticket filed twice.",
    "init": "Write a new routine with policy, case and scripted agent.",
    "check": "Run every case twice and judge it, without pytest.",
    "dry-run": "Print the plan of effects of a case.",
    "show": "Print a transcript beside that of the second run.",
    "diff": "Say what differs between two recordings of a case.",
    "fires": "Say whether an event fires a routine, and why not.",
    "schedule": "List the next times of a routine's schedules.",
    "backtest": "Run archives of events through the triggers.",
    "case": "Write a case from an event, a recording or a real pull request.",
    "record": "Record a case with the real agent.",
    "confirm": "Confirm that scripts do what the prompt says.",
    "import": "Turn other tools' files into ours.",
    "schema": "Print the JSON Schema of a file that you write.",
    "doctor": "Compare configured MCP servers with models and recordings.",
    "lint": "Judge routines by their files alone.",
    "platform": "Compare editions of the platform's rules.",
    "mutate": "Say what an agent could do wrong without a case noticing.",
    "gate": "Decide whether triggers may be enabled.",
    "report": "Write the HTML report.",
    "serve": "Serve a world over MCP, a model endpoint, a fire endpoint.",
    "guard": "Install and run the runtime hook.",
}
"""Name → one line of help; the module is ``cli.<module_name>`` and holds ``command``."""


def module_name(command_name: str) -> str:
    """The module of a command: ``_`` for ``-``, and after a word that Python keeps for itself."""
    name = command_name.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name


class LazyGroup(click.Group):
    """Commands by name without importing any of them until one is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{module_name(cmd_name)}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
