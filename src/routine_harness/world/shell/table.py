"""Programs that change things outside, as data: which of their commands do, and what that is called.

A block of the notation is ``program, program : options that take a value``, then lines ``kind = command,
command``. A command may be several words (``s3 rm``), the longest that fits wins; ``*`` is any other,
``(none)`` a program without one, ``nothing`` changes nothing, and under ``?`` a verb among the words
decides, so that one which is not known to read counts as a change.
"""

from __future__ import annotations

from typing import Final

from routine_harness.world.shell import clouds, registries
from routine_harness.world.shell.options import names

Row = tuple[frozenset[str], dict[str, str]]
"""The options that take a value, and command → kind of effect."""

READ_VERBS: Final = names(
    "get list describe show head ls search query select export lookup check validate view tail wait filter "
    "scan test help batch-get detect estimate preview read log logs status info cat print diff history "
    "version configure config auth login init presign assume-role sso stat du"
)
DELETE_VERBS: Final = names("delete rm remove terminate destroy purge deregister drop")


def parse_table(text: str) -> dict[str, Row]:
    """Program → its row."""
    table: dict[str, Row] = {}
    row: Row = (frozenset(), {})
    kind = ""
    for line in _joined(text):
        if not line.startswith(" "):
            programs, _, valued = line.partition(" : ")
            row = (names(valued), {})
            table |= dict.fromkeys(programs.split(", "), row)
            continue
        kind, _, commands = line.strip().partition(" = ")
        kind = "" if kind == "nothing" else kind
        row[1].update({"" if command == "(none)" else command: kind for command in commands.split(", ")})
    for _, commands_of in table.values():
        commands_of.setdefault("*", "")
    return table


def _joined(text: str) -> list[str]:
    """Lines with their continuations, which are indented by eight."""
    lines: list[str] = []
    for line in text.strip("\n").split("\n"):
        if line.startswith(" " * 8):
            lines[-1] += " " + line.strip()
        elif line:
            lines.append(line)
    return lines


TABLE: Final = parse_table(clouds.TEXT + registries.TEXT)
