"""What the guard's tests share: a scratch repository with a routine, and a session that asks its guard."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from routine_harness.guard.frozen import Guarded
from routine_harness.guard.hook import answer
from routine_harness.guard.hook_settings import HOME, MANAGED, POLICY
from routine_harness.guard.install import install, load_guarded, setup_script

ROUTINE = """\
name: small
repositories: [github:acme/core]
connectors:
  - {connector: slack, bindings: [{name: alerts, id: C0ALERTS}], tools: {deny: [slack_create_canvas]}}
  - linear
triggers: [{type: api}]
prompt: Do it.
"""


def write_repository(folder: Path, policy: str = "root: true\n", routine: str = ROUTINE) -> Path:
    """A repository on a branch of its own, with a routine, its policy and its guard."""
    (folder / ".git").mkdir()
    (folder / ".git" / "HEAD").write_text("ref: refs/heads/claude/work\n")
    (folder / "routine.yaml").write_text(routine)
    (folder / "policy.yaml").write_text(policy)
    install(load_guarded([folder]), folder)
    return folder


COMMIT = "git+https://github.com/acme/routine-harness@" + "a1" * 20
FAKE = """\
#!/bin/sh
mkdir -p "$3/bin"
printf '%s\\n' '#!/bin/sh' \\
  'if [ "$2" = pip ]; then echo "$@" > {installed}; exit; fi' 'exec {python} "$@"' > "$3/bin/python"
chmod +x "$3/bin/python"
"""
"""A Python whose environments install nothing, and have the harness all the same."""


def run_setup(guarded: Sequence[Guarded], home: Path, place: Path) -> Path:
    """Run the lines for a setup script, with ``place`` in front of every path that they write to; the
    folder of managed settings."""
    text = setup_script(guarded, home, f"routine-harness @ {COMMIT}", ["msgspec==0.20.0"])
    for path in (HOME, MANAGED):
        text = text.replace(path, f"{place}{path}")
    (place / "bin").mkdir()
    (place / "opt").mkdir()
    python = place / "bin" / "python3"
    python.write_text(FAKE.format(installed=place / "installed", python=sys.executable))
    python.chmod(0o755)
    subprocess.run(
        ["bash", "-c", text], env={"PATH": f"{place}/bin:/usr/bin:/bin"}, check=True, capture_output=True
    )
    return Path(f"{place}{MANAGED}")


class Session:
    """Asks the installed guard as the client does, in this process."""

    def __init__(self, home: Path, where: Path | None = None) -> None:
        self.home = home
        self.where = where or home
        self.number = 0

    def hook(self, event: str, **fields: Any) -> bytes:
        data = {"hook_event_name": event, "session_id": "s-1", "cwd": str(self.where), **fields}
        return answer(data, str(self.home / POLICY), {"CLAUDE_PROJECT_DIR": str(self.home)})

    def ask(self, tool: str, **arguments: Any) -> str:
        """Why a call is denied; empty if it is not."""
        self.number += 1
        said = self.hook("PreToolUse", tool_name=tool, tool_input=arguments, tool_use_id=f"t{self.number}")
        if not said:
            return ""
        output = json.loads(said)["hookSpecificOutput"]
        assert output["permissionDecision"] == "deny"
        return str(output["permissionDecisionReason"])

    def run(self, command: str) -> str:
        """The same for a command."""
        return self.ask("Bash", command=command)
