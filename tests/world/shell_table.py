"""Prints the table of shell commands and their effects: ``python -m world.shell_table`` in tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

from routine_harness.world.shell.acts import Context
from routine_harness.world.shell.command_reading import shell_effects

TABLE_FILE = Path(__file__).parents[2] / "fixtures" / "shell" / "commands.yaml"
WIDTH = 72


def render_row(row: dict[str, Any]) -> str:
    """One command on a line with the effects that it is read to have."""
    effects = shell_effects(row["command"], row.get("variables"), Context(**row.get("context", {})))
    shown = row["command"].replace("\n", "⏎")
    said = ", ".join(f"{each.kind} {each.target}".rstrip() for each in effects) or "nothing"
    return f"{shown[:WIDTH]:{WIDTH}}  {said}"


def main() -> int:
    """Print every command of the table."""
    rows = yaml.safe_load(TABLE_FILE.read_text())
    sys.stdout.write("\n".join(render_row(row) for row in rows) + f"\n{len(rows)} commands\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
