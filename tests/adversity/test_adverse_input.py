"""What is wrong with a case's checks and faults is said with file, line and hint."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.errors import SpecError
from routine_harness.store.cases import load_case

HERE = Path(__file__).parents[2]
FIXTURE = HERE / "fixtures/adversity/lost-acknowledgement"


def problem(folder: Path, line: str) -> str:
    """What is said of the fixture's case with ``line`` as its last."""
    (folder / "cases").mkdir()
    (folder / "routine.yaml").write_text((FIXTURE / "routine.yaml").read_text())
    text = (FIXTURE / "cases/careful.yaml").read_text()
    text = text.replace("../../../webhooks", str(HERE / "fixtures/webhooks"))
    kept = [each for each in text.splitlines() if not each.startswith(("checks:", "agent:", "#"))]
    case = folder / "cases/careful.yaml"
    case.write_text("\n".join([*kept, line]) + "\n")
    with pytest.raises(SpecError) as caught:
        load_case(case)
    (found,) = caught.value.problems
    assert f"careful.yaml:{len(kept) + 1}:" in str(found)
    return str(found)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("checks: {faults: [flakey]}", "unknown pack 'flakey'", "did you mean flaky?"),
        ("checks: {adversary: [injections]}", "unknown pack 'injections'", "did you mean injection?"),
        (
            "checks: {crash: false}",
            "switches the check off without a reason",
            "write crash: {off: the reason}",
        ),
        ("checks: {crash: {}}", "needs the key 'off'", "write {off: the reason}"),
        ('checks: {crash: {off: ""}}', "expected a reason, found an empty text", ""),
        ("checks: {adversary: {}}", "needs either packs or off, found neither", "write {off: the reason}"),
        (
            "faults: [{call: sentry.search_issues, timeout: true}]",
            "the routine does not grant sentry.search_issues: a fault on it strikes no call",
            "its connectors are linear",
        ),
        (
            "faults: [{connector: slack, missing: true}]",
            "the routine does not grant slack: a fault on it strikes no call",
            "its connectors are linear",
        ),
    ],
)
def test_bad_input_of_a_check_is_said_with_its_line_and_how_to_mend_it(
    tmp_path: Path, line: str, message: str, hint: str
) -> None:
    found = problem(tmp_path, line)
    assert message in found
    assert hint in found


def test_a_fault_on_a_tool_that_is_denied_strikes_nothing_either(tmp_path: Path) -> None:
    routine = (FIXTURE / "routine.yaml").read_text()
    denied = routine.replace(
        "[linear:Core]", "[{connector: linear, binding: Core, tools: {deny: [save_comment]}}]"
    )
    (tmp_path / "routine.yaml").write_text(denied)
    (tmp_path / "cases").mkdir()
    case = tmp_path / "cases/case.yaml"
    payload = HERE / "fixtures/webhooks/issues.opened.json"
    case.write_text(
        f"trigger: {{github: {{event: issues.opened, payload: {payload}}}}}\n"
        "faults: [{call: linear.save_comment, timeout: true}]\n"
    )
    with pytest.raises(SpecError, match=r"case\.yaml:2: the routine does not grant linear\.save_comment"):
        load_case(case)
