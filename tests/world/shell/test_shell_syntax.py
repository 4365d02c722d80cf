"""Whether a script goes on after a statement that failed."""

from __future__ import annotations

import pytest

from routine_harness.world.shell.syntax import goes_on


@pytest.mark.parametrize(
    "script",
    [
        "",
        "npm ci",
        "npm ci && npm test",
        "# a comment\nnpm ci",
        "npm ci &&\n  npm test",
        "set -euo pipefail\nnpm ci\nnpm test",
        "set -o errexit; npm ci; npm test",
        "trap 'exit 1' ERR\nnpm ci\nnpm test",
        "#!/bin/bash -e\nnpm ci\nnpm test",
        "npm ci || exit 1\nnpm test",
        "npm ci || { echo no; exit 1; }\nnpm test",
        "cat > x <<'EOF'\nset x\na; b\nEOF",
        "echo 'a; b'",
    ],
)
def test_what_stops_at_a_failure_is_checked(script: str) -> None:
    """One statement, or several that a failure ends."""
    assert goes_on(script) == ""


@pytest.mark.parametrize(
    "script",
    [
        "npm ci\nnpm test",
        "npm ci; npm test",
        "npm ci && npm test\nnpm run build",
        "npm ci || true\nnpm test",
        "npm ci\necho 'set -e'",
        "npm ci\nset -x\nnpm test",
        "npm ci\ncat <<'EOF'\nset -e\nEOF",
    ],
)
def test_what_goes_on_after_a_failure_is_told(script: str) -> None:
    """Words in quotes and heredocs check nothing."""
    assert goes_on(script) in ("npm ci", script.split("\n")[0])
    assert goes_on(f"# first\n{script}") == goes_on(script)
