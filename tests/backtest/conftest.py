"""Backtests in processes of their own, to see what they take."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PROGRAM = r"""
import re, sys
from pathlib import Path
from routine_harness.backtest.run import run_backtest
from routine_harness.routine.spec import GithubTrigger, Routine
routine = Routine(name="x", prompt="x", triggers=(GithubTrigger(("pull_request.opened",), ("main",)),))
result = run_backtest([routine], [Path(sys.argv[1])], jobs=1)
assert result.routines[0].fired
# Not getrusage: its peak is inherited from the process that started this one.
print(int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.fixture
def measure() -> Callable[[Path], int]:
    """The peak memory in megabytes of a backtest of one file."""

    def run(path: Path) -> int:
        command = [sys.executable, "-c", PROGRAM, str(path)]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    return run
