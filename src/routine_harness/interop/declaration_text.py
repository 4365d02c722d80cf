"""A guessed declaration as the YAML of ``connectors/NAME.yaml``, every guess in a comment above its line."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

import msgspec

from routine_harness.interop.tool_pairs import Guess, Guesses
from routine_harness.plain import Json
from routine_harness.routine.yaml_writer import yaml_text

_WIDTH: Final = 100
_BLOCKS: Final = ("input_schema", "description")


def declaration_text(guesses: Guesses, source: str) -> str:
    """The text of the file; ``source`` says where the list of tools came from."""
    said = f"Made of {source}. A comment that begins with guessed is about the line below: what it says is"
    said += " not in the list. Look at it, and take the comment away."
    if guesses.tables:
        said += f" Rows stand in world files, as {guesses.connector}: {{{guesses.tables[0].name}: [{{…}}]}}."
    lines = [*(f"# {line}" for line in wrap(said, _WIDTH)), f"connector: {guesses.connector}"]
    if guesses.tables:
        lines.append("tables:")
        for table in guesses.tables:
            lines += _comments(table, "  ")
            lines.append(f"  {_flow(table.name)}: {_flow(table.values)}")
    lines.append("tools:")
    for tool in guesses.tools:
        lines += _comments(tool, "  ")
        lines += _entry(tool)
    return "\n".join(lines) + "\n"


def _comments(guess: Guess, indent: str) -> Iterator[str]:
    for text in guess.guessed:
        first, *rest = wrap(f"guessed: {text}", _WIDTH - len(indent) - 2)
        yield f"{indent}# {first}"
        yield from (f"{indent}#   {line}" for line in rest)


def _entry(tool: Guess) -> Iterator[str]:
    """One tool: short values in flow, its schema as a block."""
    mark = "  - "
    for key, value in tool.values.items():
        if key in _BLOCKS and not (
            isinstance(value, str) and len(value) + len(key) < _WIDTH - 8 and "\n" not in value
        ):
            block = _block(value)
            yield f"{mark}{key}:" + (" " + block[0].strip() if len(block) == 1 else "")
            yield from (f"      {line}".rstrip() for line in (block if len(block) > 1 else ()))
        else:
            yield f"{mark}{key}: {_flow(value)}"
        mark = "    "


def _flow(value: Json) -> str:
    """A value on one line."""
    if isinstance(value, str) and "\n" in value:
        return msgspec.json.encode(value).decode()
    return yaml_text(value, flow=True).strip()


def _block(value: Json) -> list[str]:
    return yaml_text(value).rstrip().splitlines()
