"""Sessions of other triggers and other routines at once, and what else starts a second session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from routine_harness.case.result import CaseResult
from routine_harness.errors import SpecError
from routine_harness.harness import check_case

WEBHOOKS = Path(__file__).parents[2] / "fixtures/webhooks"
ROUTINE = """name: {name}
description: Tells the channel of a bug report.
repositories: [github:acme-platform/core-api]
connectors: [slack:dev]
triggers: {triggers}
prompt: |
  Tell #dev of it, once.
"""
ISSUES = "{type: github, events: [issues.opened, issues.labeled]}"
ALL = f"[{ISSUES}, {{type: schedule, cron: 0 9 * * 1}}, {{type: api}}]"
AGENT = """
PLACE = {"owner": "acme-platform", "repo": "core-api"}

def looks(session):
    seen = session.call("slack.slack_read_channel", channel_id="C0DEV")
    if "a bug" not in seen.text:
        session.call("slack.slack_send_message", channel_id="C0DEV", message="New: a bug")
    session.say("#dev knows.")

def claims(session):
    session.call("slack.slack_read_channel", channel_id="C0DEV")
    if not session.call("github.create_branch", branch="claude/bug", **PLACE).is_error:
        session.call("slack.slack_send_message", channel_id="C0DEV", message="New: a bug")
    session.say("#dev knows.")

def greets(session):
    session.call("slack.slack_send_message", channel_id="C0DEV", message="Good morning")
    session.say("Greeted.")

def labels(session):
    session.call("github.issue_write", method="update", issue_number=51, labels=["seen"], **PLACE)
    looks(session)

def hourly(session):
    post(session, session.now.strftime("%H"))

def daily(session):
    post(session, session.now.strftime("%d %B"))

def post(session, when):
    seen = session.call("slack.slack_read_channel", channel_id="C0DEV")
    if when not in seen.text:
        session.call("slack.slack_send_message", channel_id="C0DEV", message=f"Report of {when}")
    session.say("Reported.")

def needs_an_issue(session):
    session.firing.event.payload["issue"]
    looks(session)
"""
ISSUE = f"{{github: {{event: issues.opened, payload: {WEBHOOKS / 'issues.opened.json'}}}}}"
CASE = """trigger: {trigger}
world: {{slack: {{channels: [{{id: C0DEV, name: dev}}]}}}}
agent: {{scripted: ../agents/agent.py::{script}}}
{checks}
"""
Check = Callable[..., CaseResult]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Checks a case of the routine ``bugs``; a routine ``other`` and further cases stand beside it."""

    def write(routine: str, case: str, script: str, trigger: str, checks: str, triggers: str) -> Path:
        folder = tmp_path / routine
        for name in ("cases", "agents"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "routine.yaml").write_text(ROUTINE.format(name=routine, triggers=triggers))
        (folder / "agents/agent.py").write_text(AGENT)
        file = folder / f"cases/{case}.yaml"
        file.write_text(CASE.format(trigger=trigger, script=script, checks=checks))
        return file

    def run(
        script: str, overlap: str, *, trigger: str = ISSUE, triggers: str = ALL, other: str = "looks",
        monday: str = "", policy: str = "",
    ) -> CaseResult:  # fmt: skip
        (tmp_path / "policy.yaml").write_text("root: true\n" + policy)
        write("other", "there", other, ISSUE, "", ALL)
        if monday:
            write("bugs", "monday", monday, "{schedule: {}}", "", triggers)
        checks = f"checks: {{overlap: {overlap}}}" if overlap else ""
        return check_case(write("bugs", "case", script, trigger, checks, triggers))

    return run


def found(result: CaseResult, name: str = "overlap") -> list[str]:
    return [finding.code for finding in result.check(name).findings]


@pytest.mark.parametrize(("script", "codes"), [("looks", ["overlap.duplicate"]), ("claims", [])])
def test_another_trigger_of_the_routine_fires_at_the_same_time(
    check: Check, script: str, codes: list[str]
) -> None:
    """Its session is that of the case that has it."""
    assert found(check(script, "{with: schedule}", monday=script)) == codes


@pytest.mark.parametrize("kind", ["schedule", "api"])
def test_a_trigger_without_a_case_fires_at_an_example(check: Check, kind: str) -> None:
    assert found(check("looks", f"{{with: {kind}}}")) == ["overlap.duplicate"]


def test_a_script_that_does_not_know_the_other_event_leaves_the_item_open(check: Check) -> None:
    """That is no fault of the routine."""
    item = check("needs_an_issue", "{with: schedule}").check("overlap")
    assert item.skipped.startswith(
        "session 2 does not end well in the world of both (failed: the agent raised"
    )


@pytest.mark.parametrize(
    ("other", "codes"), [("looks", ["overlap.duplicate"]), ("greets", []), ("claims", ["overlap.duplicate"])]
)
def test_two_routines_fire_at_one_event(check: Check, other: str, codes: list[str]) -> None:
    """Each by its own script; two different messages are none too many, and neither may be missing."""
    overlap = "{with: {routine: ../../other, case: there}}"
    assert found(check("looks", overlap, other=other)) == codes


def test_two_routines_that_both_take_the_same_name_get_along(check: Check) -> None:
    overlap = "{with: {routine: ../../other, case: there}}"
    assert found(check("claims", overlap, other="claims")) == []


def test_a_policy_asks_only_routines_that_have_the_trigger(check: Check) -> None:
    policy = "checks: {overlap: {with: schedule}}\n"
    assert check("looks", "", policy=policy).sweeps == ("overlap",)
    one = "[{type: github, events: [issues.opened]}]"
    assert check("looks", "", policy=policy, triggers=one).sweeps == ()


LATER = "{with: same, also: [duplicate, redelivery, out_of_order, retry, catch_up, own_label]}"


def test_a_delivery_that_comes_again_may_do_nothing_again(check: Check) -> None:
    """What makes no sense after the run is no item: a slot of a schedule, a push, a label nobody set."""
    result = check("looks", LATER)
    assert result.sweeps == ("overlap", "overlap[duplicate]", "overlap[redelivery]")
    assert found(result, "overlap[duplicate]") == found(result, "overlap[redelivery]") == []
    result = check("greets", LATER)
    assert found(result, "overlap[duplicate]") == ["idempotency.duplicate"]
    assert found(result, "overlap[redelivery]") == ["idempotency.duplicate"]


@pytest.mark.parametrize(("script", "late"), [("hourly", ["idempotency.duplicate"]), ("daily", [])])
def test_a_slot_that_starts_again_is_one_report(check: Check, script: str, late: list[str]) -> None:
    result = check(script, LATER, trigger="{schedule: {}}")
    assert result.sweeps == ("overlap", "overlap[retry]", "overlap[catch_up]")
    assert found(result, "overlap[retry]") == []
    assert found(result, "overlap[catch_up]") == late
    second = result.swept["overlap[retry]"].second
    assert second is not None
    assert second.firing.event.payload == {"reason": "retry"}


def test_the_runs_own_label_comes_back_as_an_event(check: Check) -> None:
    result = check("labels", LATER)
    assert "overlap[own_label]" in result.sweeps
    second = result.swept["overlap[own_label]"].second
    assert second is not None
    event = second.firing.event
    assert (event.name, event.payload["label"], event.payload["action"]) == (
        "issues.labeled",
        {"name": "seen"},
        "labeled",
    )
    assert {"name": "seen"} in event.payload["issue"]["labels"]


def test_an_echo_that_fires_nothing_is_right(check: Check) -> None:
    result = check("labels", LATER, triggers="[{type: github, events: [issues.opened]}]")
    assert result.check("overlap[own_label]").outcome == "passed"
    assert "overlap[own_label]" not in result.swept


@pytest.mark.parametrize(
    ("overlap", "said"),
    [
        ("{with: githb}", "expected with to be one of same, github, schedule, api, found 'githb'"),
        ("{with: 3}", "expected with to be"),
        ("{also: [redelivry]}", "unknown delivery 'redelivry'"),
        ("{also: []}", "expected at least one delivery, found none"),
        ("{}", "an overlap needs either with, or off, found neither"),
        ("{with: same, off: too slow}", "an overlap needs either with, or off, found both"),
        ("{wiht: same}", "a check has no key 'wiht'"),
        ("{with: {routine: ../../othr, case: there}}", "there is no routine ../../othr"),
        ("{with: {routine: ../../other, case: thre}}", "other has no case 'thre'"),
        ("{with: {routine: ../../other}}", "needs the key 'case'"),
    ],
)
def test_what_cannot_be_meant_is_said(check: Check, overlap: str, said: str) -> None:
    with pytest.raises(SpecError) as raised:
        check("looks", overlap)
    assert said in str(raised.value)
    assert raised.value.problems[0].line == 4


def test_a_trigger_that_the_routine_lacks_is_said(check: Check) -> None:
    with pytest.raises(SpecError, match="bugs has no trigger of the type api"):
        check("looks", "{with: api}", triggers="[{type: github, events: [issues.opened]}]")
