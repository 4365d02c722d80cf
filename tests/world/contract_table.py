"""Prints the contract's table, connector × tool × property: ``python -m world.contract_table`` in tests."""

from __future__ import annotations

import sys

from world.contract import CHECKS, contract_table
from world.contract_documents import drive, notion, sentry
from world.contract_github import github
from world.contract_gmail import gmail
from world.contract_others import declared, third_party
from world.contract_slack_linear import linear, slack

FACTORIES = (github, slack, linear, drive, gmail, notion, sentry, declared, third_party)


def render_table(rows: list[tuple[str, str, dict[str, bool]]]) -> str:
    """One line a tool, one column a property."""
    width = max(len(f"{connector}.{tool}") for connector, tool, _ in rows)
    head = " " * width + "  " + "  ".join(CHECKS)
    lines = [
        f"{connector}.{tool}".ljust(width)
        + "  "
        + "  ".join(("ok" if holds[name] else "FAILS").ljust(len(name)) for name in CHECKS)
        for connector, tool, holds in rows
    ]
    return "\n".join([head, *(line.rstrip() for line in lines)])


def main() -> int:
    """Print the table; 1 if a property does not hold."""
    rows = contract_table(FACTORIES)
    sys.stdout.write(render_table(rows) + "\n")
    held = all(all(holds.values()) for _, _, holds in rows)
    sys.stdout.write(f"{len(rows)} tools, {'all green' if held else 'not all green'}\n")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
