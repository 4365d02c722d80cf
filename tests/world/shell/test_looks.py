"""Which commands look at something: a run that stays silent must have looked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from routine_harness.world.shell.command_reading import read_shell

LOOKS = [
    ("cat app/db.py", True),
    ("cd x && git log -3 | head", True),
    ("PAGER=cat gh pr view 4", True),
    ("gh api repos/acme/core/issues", True),
    ("gh api user", False),
    ("gh auth status", False),
    ("curl -s http://localhost:8000/health", True),
    ("echo 'nothing to do'", False),
    ("echo a | grep a", False),
    ("grep a < notes.txt", True),
    ("cd /tmp; date; sleep 1", False),
    ("for f in a b; do echo $f; done", False),
    ('while read -r line; do echo "$line"; done < list.txt', True),
    ("echo 'unbalanced", False),
    ("x=$(git status) && echo $x", True),
    ("bash -c 'sleep 1; echo done'", False),
    ("bash -c 'ls src'", True),
    ("git add -A && git commit -m x", False),
    ("git push origin claude/x", False),
    ("find . -name '*.py'", True),
    ("", False),
]


@pytest.mark.parametrize(("command", "looks"), LOOKS)
def test_what_counts_as_a_look(command: str, looks: bool) -> None:
    """Reading files, the network and the outside is a look; printing, waiting and committing are none."""
    assert read_shell(command).looks is looks


def test_the_commands_of_the_reports_look_or_do_not(shared_data: Path) -> None:
    """Commands that were written after real sessions are looks, or are none, as the reports say."""
    known = json.loads((shared_data / "reports" / "commands.json").read_text())
    for wanted, commands in ((True, known["looks"]), (False, known["no_looks"])):
        for command in commands:
            assert read_shell(command).looks is wanted, command
