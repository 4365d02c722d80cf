"""What a decision of the guard costs, against starting a bare interpreter.

    python benchmarks/guard.py [--repeat N]

Prints the ratio for a tool call, a command that is clear, and one that has to be looked at closely;
exits 1 where the first two take more than 2.5 times a bare start.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from routine_harness.guard.install import install, load_guarded

BUDGET = 2.5
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
CALLS = {
    "a message": ("mcp__slack__slack_send_message", {"channel_id": "C1", "message": "hello"}),
    "a clear command": ("Bash", {"command": "git status && ls -la src | head"}),
    "a push, looked at closely": ("Bash", {"command": "git push origin claude/fix"}),
}


def main() -> int:
    """Measure, print, and say whether the budget holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=25)
    repeat = parser.parse_args().repeat
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        (home / ".git").mkdir()
        (home / "routine.yaml").write_text(ROUTINE)
        (home / "policy.yaml").write_text(POLICY)
        install(load_guarded([home]), home)
        guard = str(home / ".claude" / "routine-harness" / "guard.py")
        events = {name: _event(home, tool, arguments) for name, (tool, arguments) in CALLS.items()}
        ratios: dict[str, list[float]] = {name: [] for name in events}
        for number in range(repeat):
            bare = _timed(["-I", "-c", "pass"], b"")
            for name, event in events.items():
                event["tool_use_id"] = f"{name}-{number}"
                ratios[name].append(_timed(["-I", "-S", guard], json.dumps(event).encode()) / bare)
    medians = {name: statistics.median(found) for name, found in ratios.items()}
    for name, ratio in medians.items():
        print(f"{name}: {ratio:.2f} × a bare interpreter start")
    return int(max(medians["a message"], medians["a clear command"]) > BUDGET)


def _event(home: Path, tool: str, arguments: dict[str, str]) -> dict[str, object]:
    return {"hook_event_name": "PreToolUse", "session_id": "bench", "cwd": str(home), "tool_name": tool,
            "tool_input": arguments}  # fmt: skip


def _timed(words: list[str], stdin: bytes) -> float:
    started = time.perf_counter()
    done = subprocess.run([sys.executable, *words], input=stdin, capture_output=True, check=False)
    if done.returncode or b"deny" in done.stdout:
        raise SystemExit(f"the guard failed: {done.stdout!r} {done.stderr!r}")
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
