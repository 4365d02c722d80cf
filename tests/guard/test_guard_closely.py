"""The harness's own reader, imported in a hurry in a process of its own, reads as it always does."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from routine_harness.guard.bundle import carried
from routine_harness.guard.precise import read_precisely

ROOT = Path(__file__).parents[2]
COMMANDS = ROOT / "fixtures" / "shell" / "commands.yaml"
CLOSELY = ROOT / "src" / "routine_harness" / "guard" / "closely.py"
HURRIED = """\
import sys  # and nothing that imports what is stood in for
space = {"__name__": "closely"}
exec(sys.argv[1], space)
space["forget"] = lambda: sys.exit("the stand-ins were not enough to import the reader")
given, found = eval(sys.stdin.read()), []
reader = space["installed_reader"](given[0], hurried=True)
slow = [name for name in ("typing", "re", "enum", "contextlib", "functools") if name in sys.modules]
for command in given:
    found.append(reader(command, "acme/core", "claude/x", {"x": "merge"}))
print(ascii([slow, found]))
"""
MORE = [
    'for b in a b; do git push origin "$b"; done',
    "gh pr $x 4",
    'for u in a b; do curl -X POST -d \'{"a": 1}\' "https://$u.example.com/"; done',
    "gh api repos/a/b/pulls/4 -f title=x | jq .title",
    "x='git push origin {main,dev}'; eval \"$x\"; echo ${x%main} ${x:-y}",
    "git push git@github.com:acme/other main && ls $'a\\x41'",
    'kubectl delete pod "$p"; aws s3 rm s3://a/b --recursive',
    "cat > d.sh <<'E'\ngit push\nE\nbash d.sh; ls é",
    "(" * 90 + "ls" + ")" * 90,
    "if [ -f x ; then",
]


def hurried(commands: list[str]) -> tuple[list[str], object]:
    """The slow modules that were imported, and what the hurried reader says of each command."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", HURRIED, carried(CLOSELY.read_text())],
        input=ascii(commands),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    slow, found = ast.literal_eval(done.stdout)
    return slow, found


def test_stand_ins_change_nothing() -> None:
    """Every command of the harness's table is read alike with them and without."""
    commands = [row["command"] for row in yaml.safe_load(COMMANDS.read_text())] + MORE
    expected = [read_precisely(command, "acme/core", "claude/x", {"x": "merge"}) for command in commands]
    assert hurried(commands)[1] == expected


@pytest.mark.parametrize("command", MORE)
def test_a_single_command_is_read_alike(command: str) -> None:
    """What is imported hangs on the command, and does not change what is read."""
    slow, found = hurried([command])
    assert slow == []
    assert found == [read_precisely(command, "acme/core", "claude/x", {"x": "merge"})]
