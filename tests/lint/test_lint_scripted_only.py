"""``test.scripted-only``: whether anything but a script has ever stood for the agent."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from lint_fragments import fragment_subject

from routine_harness.lint.registry import BUILT_IN
from routine_harness.lint.run import check_routines

SCRIPT = {"agent": {"scripted": "acme.agents::run"}}
PLAYED: dict[str, Any] = {"trigger": {"schedule": {}}}


def found(cases: dict[str, Any], recordings: dict[str, Any] | None = None) -> bool:
    fragment = {"cases": cases, "recordings": recordings or {}}
    alarms = check_routines([fragment_subject(yaml.safe_dump(fragment))], BUILT_IN)
    return "test.scripted-only" in [alarm.finding.code for alarm in alarms]


@pytest.mark.parametrize(
    ("cases", "recordings"),
    [
        pytest.param({"a": PLAYED | SCRIPT}, {}, id="a script in the case"),
        pytest.param({"a": PLAYED}, {"a": {"case": "a", "origin": "scripted"}}, id="a script's recording"),
        pytest.param(
            {"a": PLAYED | SCRIPT, "b": PLAYED}, {"b": {"case": "b", "origin": "scripted"}}, id="one of each"
        ),
        pytest.param({"a": PLAYED | SCRIPT, "b": PLAYED}, {}, id="beside a case without a recording"),
    ],
)
def test_scripts_alone_are_found(cases: dict[str, Any], recordings: dict[str, Any]) -> None:
    """Whether a case names its script or plays a recording of it."""
    assert found(cases, recordings)


@pytest.mark.parametrize(
    ("cases", "recordings"),
    [
        pytest.param({"a": PLAYED | SCRIPT}, {"a": {"case": "a"}}, id="a live recording beside the script"),
        pytest.param({"a": PLAYED | SCRIPT}, {"a": {"case": "a", "origin": "imported"}}, id="an import"),
        pytest.param({"a": PLAYED | SCRIPT, "b": PLAYED}, {"b": {"case": "b"}}, id="another case is live"),
        pytest.param(
            {"a": PLAYED | SCRIPT, "b": PLAYED | {"agent": "claude-code"}}, {}, id="a case runs the agent"
        ),
        pytest.param({"a": PLAYED | SCRIPT | {"skip": "not now"}}, {}, id="the script is skipped"),
        pytest.param({"a": PLAYED | SCRIPT | {"expect": {"fires": False}}}, {}, id="nothing is to run"),
        pytest.param({"a": PLAYED}, {}, id="nothing was recorded"),
    ],
)
def test_no_false_alarm(cases: dict[str, Any], recordings: dict[str, Any]) -> None:
    """Where the real agent has run, somebody else's session was imported, or no script runs."""
    assert not found(cases, recordings)
