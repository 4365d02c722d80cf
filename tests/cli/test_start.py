"""What a command loads before it can begin: nothing that nobody asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CASE = "example_routines/docs-drift/cases/no-drift.yaml"
UNASKED = (
    "pluggy", "importlib.metadata", "ssl", "urllib.request", "email.utils", "ctypes", "hypothesis", "vcr",
    "asyncio", "http", "email", "multiprocessing", "xml", "graphql", "pytest", "_pytest",
    "jsonschema", "deepdiff", "jinja2", "rich", "tree_sitter",
    "routine_harness.report.junit", "routine_harness.report.sarif", "routine_harness.report.html",
    "routine_harness.lint", "routine_harness.gate", "routine_harness.backtest", "routine_harness.interop",
    "routine_harness.live", "routine_harness.trigger.properties",
)  # fmt: skip


@pytest.fixture(scope="module")
def loaded(project: Path) -> set[str]:
    """The modules that one replayed case has loaded at its end."""
    code = (
        "import atexit, sys\n"
        f"sys.argv = ['routine-harness', 'check', {CASE!r}]\n"
        "from routine_harness.cli.main import main\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True)
    assert done.stdout.startswith("passed"), done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize("name", UNASKED)
def test_a_replayed_case_loads_nothing_that_nobody_asked_for(loaded: set[str], name: str) -> None:
    """Reports of other forms, lint rules, readers of plugins and of the network stay where they are."""
    assert name not in loaded


def test_patterns_are_compiled_when_they_are_used() -> None:
    """Reading the modules of a case compiles few of their patterns."""
    code = (
        "import re\n"
        "count = 0\n"
        "before = re._compiler.compile\n"
        "def counted(*arguments):\n"
        "    global count\n"
        "    count += 1\n"
        "    return before(*arguments)\n"
        "import click, yaml, msgspec\n"
        "re._compiler.compile = counted\n"
        "import routine_harness.cli.check\n"
        "print(count)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert int(done.stdout) <= 40, done
