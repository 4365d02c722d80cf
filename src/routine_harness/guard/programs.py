"""What the guard's everyday reading takes from the harness's tables of programs."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.shell.git import HANDLERS, LOCAL
from routine_harness.world.shell.programs import PROGRAMS
from routine_harness.world.shell.quiet import QUIET
from routine_harness.world.shell.table import TABLE

CLEAR: Final = frozenset(("cat", "echo", "true", "false", "sleep"))
"""Programs that the harness looks at for what they write, and which do nothing else."""
LOOKED_AT: Final = frozenset((*PROGRAMS, *TABLE, *(
    "test [ [[ ]] declare typeset local readonly export unset let alias help kill pkill killall".split()
)))  # fmt: skip
"""What the everyday reading leaves to the harness: readers of its own, and words of the grammar."""
PACKAGES: Final = ("npm", "yarn", "pnpm", "bun", "cargo", "uv", "poetry", "bundle")
INSTALLING: Final = ("install", "ci", "i", "add", "sync", "build", "check", "list")


def everyday_programs() -> dict[str, Any]:
    """The parts of a compiled policy: ``clear`` programs leave the outside alone whatever they are told,
    and so do the commands ``local_git``; ``packages`` are the package managers' commands."""
    return {
        "clear": sorted(CLEAR | (QUIET - LOOKED_AT)),
        "packages": _packages(),
        "local_git": sorted(LOCAL - set(HANDLERS)),
    }


def _packages() -> dict[str, dict[str, str]]:
    """Package manager → command → ``command.opaque``, or nothing; commands of several words, and those
    that do more, are left out."""
    found = {}
    for program in PACKAGES:
        commands = TABLE[program][1]
        heads = {name.partition(" ")[0] for name in commands if " " in name}
        quiet = {} if commands.get("*") else dict.fromkeys(INSTALLING, "")
        found[program] = {
            name: kind
            for name, kind in (quiet | commands).items()
            if kind in ("", "command.opaque") and name.isalpha() and name not in heads
        }
    return found
