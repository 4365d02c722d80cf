"""How a run that the CLI leaves without a result is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from routine_harness.live.contained import Contained, spawn
from routine_harness.live.driver import Driver


def test_what_a_cli_said_last_is_waited_for() -> None:
    """The reason of a run that ends early is what stands on standard error, also where it comes late."""
    script = "exec >&-; (sleep 0.4; echo disk full >&2) & exit 86"
    contained = Contained(spawn(["sh", "-c", script], (), {"PATH": "/usr/bin:/bin"}, "/"), [])
    outside = cast("Any", SimpleNamespace(session=SimpleNamespace(state="open"), pending=()))
    driver = Driver(contained, outside, seconds=20, expected=frozenset(), progress=lambda _: None)
    status, reason, _ = driver.drive("go")
    contained.end()
    assert (status, reason) == ("failed", "the CLI ended with exit code 86 and without a result: disk full")
