"""Writes the pages of ``docs/reference`` that come from the code; a test holds both together."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from routine_harness.agents.protocol import AgentSession
from routine_harness.cli import COMMANDS
from routine_harness.cli.main import cli
from routine_harness.lint.registry import BUILT_IN
from routine_harness.report.file_pages import expectations_page, schema_page
from routine_harness.report.interfaces import interface_page
from routine_harness.report.reference import WRITTEN, codes_page, effects_page, policy_page
from routine_harness.report.rules import rules_page
from routine_harness.routine.schema import parse_schema, schema_names
from routine_harness.serve.modes import Script
from routine_harness.trigger.event import Event, Firing
from routine_harness.world.tool import ToolResult

AGENT = (
    "A function takes the place of the agent: it is handed a session, calls tools and says something. "
    "[Record and replay](../how-to/record.md#with-a-script) shows one at work."
)
MODEL = (
    "The real CLI runs, and a function says what its model says. "
    "[From a script to the real agent](../how-to/real-agent.md) tells when that helps.\n\n"
    "```python\n"
    "def turns(messages):\n"
    '    number = sum(message["role"] == "assistant" for message in messages)\n'
    "    if number == 0:\n"
    '        command = {"command": "git log -1"}\n'
    '        return [{"type": "tool_use", "name": "Bash", "input": command}]\n'
    '    return "done"\n'
    "```"
)
FILES = ("routine", "case", "policy", "world", "connector", "confirmed", "recording", "report")


def reference_pages() -> dict[str, str]:
    """Name of the file → its text."""
    return {
        "cli.md": _cli_page(),
        "lint-rules.md": f"# Lint rules\n\n{WRITTEN}\n\n{rules_page(BUILT_IN)}",
        "finding-codes.md": codes_page(BUILT_IN),
        "effects.md": effects_page(),
        "default-policy.md": policy_page(),
        "expectations.md": expectations_page(parse_schema("case")),
        "files.md": _files_page(),
        "scripted-agent.md": interface_page(
            "The scripted agent", AGENT, (AgentSession, ToolResult, Firing, Event)
        ),
        "model-script.md": interface_page("A script as the model", MODEL, (Script,)),
    }


def _files_page() -> str:
    names = [*(name for name in FILES if name in schema_names()), *sorted(set(schema_names()) - set(FILES))]
    about = "Keys marked with * are required. Paths are relative to the file that holds them."
    head = f"# File formats\n\n{WRITTEN}\n\n{about}\n\n"
    return head + "\n".join(schema_page(name, parse_schema(name)) for name in names)


def _cli_page() -> str:
    lines = ["# Commands", "", WRITTEN, ""]
    lines += [
        "Exit codes: 0 passed · 1 a verdict failed or the gate is closed · 2 bad input · 130 interrupted.",
        "",
    ]
    context = click.Context(cli, info_name="routine-harness", **cli.context_settings)
    for name in COMMANDS:
        try:
            command = cli.get_command(context, name)
        except ModuleNotFoundError:
            continue
        if command is not None:
            lines += _command(command, name, context)
    return "\n".join(lines)


def _command(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    context = click.Context(command, info_name=name, parent=parent, max_content_width=80, terminal_width=80)
    yield f"## routine-harness {name} {{#{name}}}"
    yield ""
    yield "```text"
    yield command.get_help(context).replace("\b", "").rstrip()
    yield "```"
    yield ""
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            sub = command.get_command(context, child)
            if sub is not None:
                inner = click.Context(
                    sub, info_name=child, parent=context, max_content_width=80, terminal_width=80
                )
                yield f"### routine-harness {name} {child}"
                yield ""
                yield "```text"
                yield sub.get_help(inner).replace("\b", "").rstrip()
                yield "```"
                yield ""


def main(folder: Path) -> None:
    """Write every page into ``folder``."""
    folder.mkdir(exist_ok=True)
    for name, text in reference_pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "reference")
