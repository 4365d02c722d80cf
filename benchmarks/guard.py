"""What a decision of the guard costs, against starting a bare interpreter.

    python benchmarks/guard.py [--repeat N]

Prints the ratio for every kind of decision, with the harness installed beside the guard and without
it; exits 1 where one takes more than it may. Requests to addresses that are only known when they run are rare
and have a limit of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any, NamedTuple

from routine_harness.guard.install import install, load_guarded

BUDGET = 2.5
REQUESTED = 4.0
"""The limit of a request to an address that is only known when it runs: it takes much to read."""
ROUTINE = """\
name: bench
repositories: [github:acme/core]
connectors: [slack, linear]
triggers: [{type: api}]
prompt: x
"""
POLICY = """\
root: true
noise: {messages_per_run: 1000}
forbid:
  - {tool: Bash, where: {command: {matches_regex: '.*\\bterraform\\s+apply\\b.*'}}}
"""
GRAMMAR = """\
from routine_harness.world.shell.parser import parser
parser().parse(b'git push origin "$branch"')
"""
GRAMMAR_ALONE = "loading the grammar alone, with site packages"


class Kind(NamedTuple):
    """One kind of decision: the call, where it is made, and what it may cost."""

    name: str
    tool: str
    arguments: dict[str, str]
    alone: bool = False
    most: float = BUDGET


MESSAGE = {"channel_id": "C1", "message": "hello"}
CLEAR = {"command": "git status && ls -la src | head"}
PUSH = {"command": "git add -A && git commit -m 'fix: it' && git push -u origin claude/fix"}
HARMLESS = {"command": 'for f in src/*.py; do ruff check "$f"; done'}
SUBSTITUTED = {"command": 'X=$(date); echo "$X" | tee log.txt'}
BEYOND = {"command": 'for b in claude/a claude/b; do git push origin "$b"; done'}
GH = {"command": 'n=4; gh pr comment "$n" --body "done"'}
REPEATED = {"command": 'for t in a b; do pytest "$t"; done'}
UNTOLD = {"command": 'python3 run.py "$t"'}
REQUEST = {"command": 'for u in a b; do curl -s "https://$u.example.com/"; done'}
KINDS = (
    Kind("a message", "mcp__slack__slack_send_message", MESSAGE),
    Kind("a clear command", "Bash", CLEAR),
    Kind("a commit and a push", "Bash", PUSH),
    Kind("a push that is denied", "Bash", {"command": "git push origin HEAD:main"}),
    Kind("a pull request by gh", "Bash", {"command": "gh pr create --title 'Fix it' --body 'So.'"}),
    Kind("a fetch by curl", "Bash", {"command": "curl -fsSL https://example.com/x | head -5"}),
    Kind("no harness: a message", "mcp__slack__slack_send_message", MESSAGE, alone=True),
    Kind("no harness: a commit and a push", "Bash", PUSH, alone=True),
    Kind("no harness: certainly harmless", "Bash", HARMLESS, alone=True),
    Kind("no harness: needs the grammar, read roughly", "Bash", BEYOND, alone=True),
    Kind("no harness: a program with a variable", "Bash", UNTOLD, alone=True),
    Kind("beyond the everyday, certainly harmless: a loop", "Bash", HARMLESS),
    Kind("the same: a substitution", "Bash", SUBSTITUTED),
    Kind("needs the grammar: a push", "Bash", BEYOND),
    Kind("needs the grammar: tests in a loop", "Bash", REPEATED),
    Kind("needs the grammar: gh", "Bash", GH),
    Kind("needs the grammar: a program with a variable", "Bash", UNTOLD),
    Kind("needs the grammar: an unknown address", "Bash", REQUEST, most=REQUESTED),
)


class Measured(NamedTuple):
    """A kind of decision and how many bare starts it takes."""

    name: str
    ratio: float
    most: float

    def __str__(self) -> str:
        held = f"at most {self.most}" if self.most else "for comparison"
        return f"{self.name:48} {self.ratio:5.2f} × a bare interpreter start  ({held})"


def measure(repeat: int) -> list[Measured]:
    """Every kind against a bare start of the same interpreter: the least disturbed round of each."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        guard = _installed(home)
        venv.create(home / "alone", symlinks=True)
        pythons = {False: sys.executable, True: str(home / "alone" / "bin" / "python")}
        rounds = [_one_round(home, guard, pythons, number) for number in range(repeat)]
    best = {name: min(one[name] for one in rounds) for name in rounds[0]}
    found = [Measured(kind.name, best[kind.name] / best[_bare(kind.alone)], kind.most) for kind in KINDS]
    return [*found, Measured(GRAMMAR_ALONE, best[GRAMMAR_ALONE] / best[_bare(False)], 0)]


def _one_round(home: Path, guard: str, pythons: dict[bool, str], number: int) -> dict[str, float]:
    """Seconds of each kind, of loading the grammar, and of bare starts, one after the other."""
    taken = {_bare(alone): _timed([python, "-I", "-c", "pass"]) for alone, python in pythons.items()}
    for kind in KINDS:
        event = json.dumps(_event(home, kind, number)).encode()
        taken[kind.name] = _timed([pythons[kind.alone], "-I", "-S", guard], event)
    taken[GRAMMAR_ALONE] = _timed([pythons[False], "-I", "-c", GRAMMAR])
    return taken


def _bare(alone: bool) -> str:
    return "a bare start, no harness" if alone else "a bare start"


def main() -> int:
    """Measure, print, and say whether the budget holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=25)
    found = measure(parser.parse_args().repeat)
    for one in found:
        print(one)
    return int(any(one.most and one.ratio > one.most for one in found))


def _installed(home: Path) -> str:
    (home / ".git").mkdir()
    (home / ".git" / "HEAD").write_text("ref: refs/heads/claude/work\n")
    (home / "routine.yaml").write_text(ROUTINE)
    (home / "policy.yaml").write_text(POLICY)
    install(load_guarded([home]), home)
    return str(home / ".claude" / "routine-harness" / "guard.py")


def _event(home: Path, kind: Kind, number: int) -> dict[str, Any]:
    return {"hook_event_name": "PreToolUse", "session_id": kind.name, "cwd": str(home),
            "tool_name": kind.tool, "tool_input": kind.arguments,
            "tool_use_id": f"{kind.name}-{number}"}  # fmt: skip


def _timed(words: list[str], stdin: bytes = b"") -> float:
    # As users have it: with bytecode written for what is imported.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    done = subprocess.run(words, input=stdin, capture_output=True, check=False, env=environment)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"the guard failed: {done.stdout!r} {done.stderr!r}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
