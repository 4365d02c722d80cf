"""What ``check`` and the guard say of a command: ``python -m guard.decision_table`` in tests prints it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from routine_harness.agents.protocol import AgentSession
from routine_harness.guard.checkout import Checkout
from routine_harness.guard.frozen import freeze
from routine_harness.guard.guard_decision import Decision, Guard
from routine_harness.guard.install import load_guarded
from routine_harness.harness import dry_run
from routine_harness.world.shell.command_reading import shell_effects

TABLE_FILE = Path(__file__).parents[2] / "fixtures" / "shell" / "commands.yaml"
ROUTINE = """\
name: keeper
repositories: [github:acme/core]
connectors: [slack]
triggers: [{type: api}]
prompt: Do it.
"""
WORLD = {"github": {"repositories": [{"full_name": "acme/core", "files": {"README.md": "hello"}}]}}
WIDTH = 72


class Row(NamedTuple):
    """A command, its effects, and the codes of what ``check`` and the guard find in it (empty: it passes)."""

    command: str
    effects: tuple[str, ...]
    check: tuple[str, ...]
    guard: str

    @property
    def agrees(self) -> bool:
        """Whether both let it pass, or both hold the same against it."""
        return self.guard in self.check if self.check else not self.guard


class Table:
    """Asks both about commands of one routine under one policy, which is frozen once."""

    def __init__(self, folder: Path, policy: str) -> None:
        (folder / "routine.yaml").write_text(ROUTINE)
        (folder / "policy.yaml").write_text(policy)
        (folder / ".git").mkdir(exist_ok=True)
        (folder / ".git" / "HEAD").write_text("ref: refs/heads/claude/session\n")
        self._routine = folder / "routine.yaml"
        frozen = freeze(load_guarded([self._routine]))
        self._guard = Guard(frozen.held, frozen.registry())
        self._checkout = Checkout(folder)

    def rows(self, commands: Iterable[str]) -> Iterator[Row]:
        """Each command with both answers."""
        for command in commands:
            effects = tuple(f"{each.kind} {each.target}".rstrip() for each in shell_effects(command))
            yield Row(command, effects, self.check(command), self.guard(command))

    def check(self, command: str) -> tuple[str, ...]:
        """The codes of what fails ``::policy`` of a run that gives this command alone."""

        def act(session: AgentSession) -> None:
            session.call("Bash", command=command)
            session.say("done")

        result = dry_run(self._routine, agent=act, world=WORLD, expect={"idempotent": False})
        found = result.verdict.check("policy").findings
        return tuple(dict.fromkeys(finding.code for finding in found if finding.fails))

    def guard(self, command: str) -> str:
        """The code of what the guard denies the command for."""
        found = self.decide(command).finding
        return found.code if found is not None else ""

    def decide(self, command: str) -> Decision:
        """What the guard decides."""
        return self._guard.decide("Bash", {"command": command}, self._checkout)


def known_commands() -> list[dict[str, Any]]:
    """The rows of the shell's own table that need nothing but a command."""
    rows = yaml.safe_load(TABLE_FILE.read_text())
    return [row for row in rows if not {"context", "variables", "files"} & set(row)]


def main() -> int:
    """Print every command of the table."""
    with tempfile.TemporaryDirectory() as scratch:
        rows = list(Table(Path(scratch), "root: true\n").rows(row["command"] for row in known_commands()))
    for row in rows:
        shown = row.command.replace("\n", "⏎")[:WIDTH]
        check, guard = ", ".join(row.check) or "passes", row.guard or "passes"
        sys.stdout.write(f"{shown:{WIDTH}}  {', '.join(row.effects) or 'nothing'}  {check}  {guard}\n")
    sys.stdout.write(f"{len(rows)} commands\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
