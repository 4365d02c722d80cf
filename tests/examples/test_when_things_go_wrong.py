"""The examples under every further check: crash, overlap, all packs of faults, and the pack of attacks."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from routine_harness.harness import Harness
from routine_harness.store.cases import load_case_file
from routine_harness.verdict.trials import check_of

ROOT = Path(__file__).parents[2]
NAMES = sorted(file.parent.name for file in ROOT.glob("example_routines/*/routine.yaml"))
ASKED = "checks: {crash: true}\n"
EVERYTHING = """\
checks:
  crash: true
  overlap: true
  faults: {packs: [outage, flaky, lapsed, rate_limited, partial_offer]}
  adversary: {packs: [injection]}
"""
TWICE_AT_ONCE = {
    "alert-triage",
    "backlog-maintenance",
    "bespoke-code-review",
    "ci-failure-responder",
    "deploy-verification",
    "library-port",
    "release-announcement",
    "security-triage-pr",
    "weekly-health-check",
}
"""Those whose services take the same words twice: their policy switches overlap off, and says why."""


def example(name: str, folder: Path, checks: str) -> Path:
    """A copy of an example, whose policy asks for ``checks``."""
    for part in (f"example_routines/{name}", "fixtures/webhooks"):
        copytree(ROOT / part, folder / part)
    policy = (ROOT / "example_routines/policy.yaml").read_text(encoding="utf-8")
    assert ASKED in policy
    (folder / "example_routines/policy.yaml").write_text(policy.replace(ASKED, checks), encoding="utf-8")
    return folder / "example_routines" / name / "cases"


@pytest.mark.parametrize("name", NAMES)
def test_an_example_stands_when_things_go_wrong(tmp_path: Path, name: str) -> None:
    carried_out: set[str] = set()
    for file in sorted(example(name, tmp_path, EVERYTHING).glob("*.yaml")):
        loaded = load_case_file(file)
        for case in loaded.cases:
            result = Harness().check_case(case, loaded.routine)
            assert not [check for check in result.verdict.checks if check.outcome == "failed"], case.key
            further = [check for check in result.verdict.checks if check_of(check.name)]
            assert not [check for check in further if check.skipped], case.key
            carried_out |= {check_of(check.name) for check in further}
    assert {"crash", "faults"} <= carried_out
    assert ("overlap" in carried_out) == (name not in TWICE_AT_ONCE)


def test_a_result_after_an_outage_was_told_is_no_duplicate(tmp_path: Path) -> None:
    """First "cannot be read", then the result: two messages on one matter, and both are wanted."""
    loaded = load_case_file(
        example("alert-triage", tmp_path, "checks: {faults: [outage]}\n") / "plain-cause.yaml"
    )
    [case] = loaded.cases
    result = Harness().check_case(case, loaded.routine)
    trial = "faults[github.get_file_contents#1:timeouts]"
    assert result.check(trial).outcome == "passed"
    pair = result.swept[trial]
    assert pair.second is not None
    assert [len(run.messages) for run in (pair.first, pair.second)] == [1, 1]
