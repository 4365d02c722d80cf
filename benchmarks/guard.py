"""What a decision of the guard costs, against starting a bare interpreter with the same flags.

    python benchmarks/guard.py [--repeat N]

Prints the ratio for every kind of decision; exits 1 where one takes more than it may.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from routine_harness.guard.install import install, load_guarded

BUDGET = 20.0
FLAGS = ("-I",)
"""Those of the hook's own command line."""
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
LONG = "\n".join(f"echo 'step {number}' | tee -a log.txt" for number in range(200))


class Kind(NamedTuple):
    """One kind of decision: the call that it is about."""

    name: str
    tool: str
    arguments: dict[str, str]

    @classmethod
    def command(cls, name: str, command: str) -> Kind:
        return cls(name, "Bash", {"command": command})


KINDS = (
    Kind("a read", "Read", {"file_path": "README.md"}),
    Kind("an edit", "Edit", {"file_path": "README.md", "old_string": "a", "new_string": "b"}),
    Kind("a message", "mcp__slack__slack_send_message", {"channel_id": "C1", "message": "hello"}),
    Kind("a merge by GitHub's server", "mcp__github__merge_pull_request", {"owner": "acme", "repo": "core"}),
    Kind.command("a clear command", "git status && ls -la src | head"),
    Kind.command(
        "a commit and a push", "git add -A && git commit -m 'fix: it' && git push -u origin claude/fix"
    ),
    Kind.command("a push that is denied", "git push origin HEAD:main"),
    Kind.command("a pull request by gh", "gh pr create --title 'Fix it' --body 'So.'"),
    Kind.command("a request of GitHub's REST interface", "gh api -X PUT repos/acme/core/pulls/7/merge"),
    Kind.command(
        "a GraphQL mutation",
        "gh api graphql -f query='mutation{closeIssue(input:{issueId:\"I\"}){clientMutationId}}'",
    ),
    Kind.command("a loop over branches", 'for b in claude/a claude/b; do git push origin "$b"; done'),
    Kind.command(
        "a request to an unknown address", 'for u in a b; do curl -s "https://$u.example.com/"; done'
    ),
    Kind.command(
        "code of another language", "python3 -c \"import os; os.system('git push origin HEAD:main')\""
    ),
    Kind.command("a script of 200 lines", LONG),
)


class Measured(NamedTuple):
    """A kind of decision and how many bare starts it takes."""

    name: str
    ratio: float

    def __str__(self) -> str:
        return f"{self.name:40} {self.ratio:5.2f} × a bare interpreter start  (at most {BUDGET})"


def measure(repeat: int) -> list[Measured]:
    """Every kind against a bare start of the same interpreter: the least disturbed round of each."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        guard = _installed(home)
        rounds = [_one_round(home, guard, number) for number in range(repeat)]
    bare = min(one[""] for one in rounds)
    return [Measured(kind.name, min(one[kind.name] for one in rounds) / bare) for kind in KINDS]


def _one_round(home: Path, guard: str, number: int) -> dict[str, float]:
    """Seconds of each kind, and of a bare start, one after the other."""
    taken = {"": _timed([sys.executable, *FLAGS, "-c", "pass"])}
    for kind in KINDS:
        event = json.dumps(_event(home, kind, number)).encode()
        taken[kind.name] = _timed([sys.executable, *FLAGS, guard], event)
    return taken


def main() -> int:
    """Measure, print, and say whether the budget holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=10)
    found = measure(parser.parse_args().repeat)
    for one in found:
        print(one)
    return int(any(one.ratio > BUDGET for one in found))


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
