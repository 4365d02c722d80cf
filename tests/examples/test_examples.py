"""The example routines pass, those under ``fixtures/negative`` fail, each for its own reason."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import pytest

from routine_harness import (
    AgentSession,
    CaseResult,
    Routine,
    check_case,
    check_routine,
    dry_run,
    load_routine,
)
from routine_harness.routine.spec import Binding, Grant

NEGATIVE = Path("fixtures/negative/routines/blind-triage")


def codes(result: CaseResult, check: str) -> set[str]:
    """The codes of what a check found and fails for."""
    return {finding.code for finding in result.check(check).findings if finding.fails}


def failed(result: CaseResult) -> set[str]:
    return {check.name for check in result.verdict.checks if check.outcome == "failed"}


@pytest.mark.parametrize(
    ("case", "check", "code"),
    [
        ("files-without-looking", "idempotent", "idempotency.duplicate"),
        ("rewords-the-title", "idempotent", "idempotency.duplicate"),
        ("merges", "policy", "policy.forbidden"),
        ("posts-three-times", "policy", "noise.messages-per-run"),
        ("writes-to-what-is-not-granted", "policy", "connector.not-granted"),
        ("does-nothing", "run", "run.did-nothing"),
        ("pushes-to-main", "policy", "policy.forbidden"),
        ("merges-by-rest", "policy", "policy.forbidden"),
        ("claims-too-much", "run", "run.claims-unseen"),
    ],
)
def test_wrong_agents_fail(project: Path, case: str, check: str, code: str) -> None:
    """What a routine must not do fails on the item for it, under a code of its own."""
    result = check_case(project / NEGATIVE / "cases" / f"{case}.yaml")
    assert check in failed(result)
    assert code in codes(result, check)


def test_agent_that_looks_first_passes(project: Path) -> None:
    """The agent that looks before it files passes every check."""
    assert failed(check_case(project / NEGATIVE / "cases" / "looks-first.yaml")) == set()


def test_duplicate_shows_both_records(project: Path) -> None:
    """The finding names both tickets side by side, and proposes the missing check."""
    result = check_case(project / NEGATIVE / "cases" / "files-without-looking.yaml")
    [finding] = [f for f in result.findings if f.code == "idempotency.duplicate"]
    shown = "\n".join(finding.detail)
    assert "SEC-1" in shown
    assert "SEC-2" in shown
    assert finding.hint.startswith("look for an open ticket with this title before creating one")


def test_examples_pass_from_python(project: Path) -> None:
    """``check_routine`` gives the same verdicts as the plugin."""
    results = check_routine(project / "example_routines" / "security-triage-pr")
    assert [result.case.name for result in results if not result.passed] == []
    assert len(results) == 8


def test_recordings_of_examples_are_what_their_agents_do(project: Path, tmp_path: Path) -> None:
    """Recorded anew, every example is byte for byte what is committed."""
    copy = tmp_path / "example_routines"
    shutil.copytree(project / "example_routines", copy)
    shutil.copytree(project / "fixtures" / "webhooks", tmp_path / "fixtures" / "webhooks")
    for routine in sorted(copy.glob("*/routine.yaml")):
        check_routine(routine, record="all")
    for recording in sorted(copy.glob("*/recordings/*.jsonl")):
        committed = project / "example_routines" / recording.relative_to(copy)
        assert recording.read_bytes() == committed.read_bytes(), recording.name


def test_the_plugin_agrees_under_xdist(pytester: pytest.Pytester, project: Path) -> None:
    """``pytest example_routines -n 2`` has the same outcomes and counts as one process."""
    folder = str(project / "example_routines")
    counted = []
    for name, workers in (("one", ()), ("two", ("-n2",))):
        report = pytester.path / f"{name}.xml"
        result = pytester.runpytest_subprocess(
            folder, f"--junitxml={report}", "-p", "no:cacheprovider", *workers
        )
        assert result.ret == 0, result.stdout.str()
        suite = ElementTree.parse(report).getroot()[0]
        counted.append(Counter((case.get("classname"), case.get("name")) for case in suite))
    assert counted[0] == counted[1]


def test_dry_run_from_python(project: Path) -> None:
    """``dry_run`` runs a function twice as a routine and gives pair and verdict."""
    routine = load_routine(project / NEGATIVE)

    def look_and_file(session: AgentSession) -> None:
        found = session.call("linear.list_issues", project="Security")
        if not found.json()["issues"]:
            session.call("linear.save_issue", title="A", team="Security", project="Security")

    result = dry_run(routine, agent=look_and_file, expect={"tickets": {"count": 1}})
    assert result.passed, [finding.message for finding in result.findings]
    assert result.pair is not None
    assert [ticket.target for ticket in result.pair.first.tickets] == ["SEC-1"]
    assert result.pair.second is not None
    assert result.pair.second.tickets == ()


def test_dry_run_of_a_routine_in_memory() -> None:
    """A routine that is in no file is judged by the default policy alone."""
    routine = Routine("loose", "Do it.", connectors=(Grant("linear", (Binding("Security"),)),))

    def work(session: AgentSession) -> None:
        session.call("linear.list_issues", project="Security")
        session.call("RemoteTrigger", action="run", trigger_id="trig_1")
        session.say("done")

    result = dry_run(routine, agent=work)
    assert codes(result, "policy") == {"policy.forbidden"}
    unknown = Routine("loose", "Do it.", connectors=(Grant("pagerduty"),))
    assert codes(dry_run(unknown, agent=work), "run") == {"connector.not-intercepted"}
