"""Wakes of a case: how they are written, what they do to the world, and expectations of single turns."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.errors import SpecError
from routine_harness.harness import check_case
from routine_harness.session.transcript import Turn
from routine_harness.store.recordings import load_recording

PAYLOADS = Path(__file__).parents[2] / "fixtures/webhooks"
ROUTINE = """\
name: sorter
description: sorts issues
repositories: [github:acme-platform/core-api]
connectors: [slack:dev]
triggers:
  - {type: github, events: [issues.opened, issues.labeled]}
prompt: |
  Label the issue.
"""
CASE = """\
trigger:
  github: {{event: issues.opened, payload: {payloads}/issues.opened.json}}
{agent}: {{scripted: ../agents/sort.py::run}}
wakes: {wakes}
expect: {expect}
"""
SCRIPT = """\
P = {"owner": "acme-platform", "repo": "core-api"}


def run(session):
    number = session.firing.event.payload["issue"]["number"]
    labels = read(session, number)
    if "triaged" not in labels:
        session.call("github.issue_write", method="update", issue_number=number, labels=["triaged"], **P)
        session.say("labelled")
    while told := session.wait():
        session.say(f"{told.splitlines()[-1]} {read(session, number)}")


def read(session, number):
    issue = session.call("github.issue_read", method="get", issue_number=number, **P).json()
    return issue.get("labels") or []
"""
EVENT = f"{{event: issues.labeled, payload: {PAYLOADS}/issues.labeled.json}}"
LABELED = f"{{after: {{time: 10m}}, github: {EVENT}}}"
ECHO = "{after: {call: 2}, echo: own_label}"
TURN = "{after: {says: {contains: labelled}}, turn: Go on.}"


def write(folder, wakes, expect="{}", script=SCRIPT, agent="agent"):
    for name in ("cases", "agents"):
        (folder / name).mkdir(exist_ok=True)
    (folder / "routine.yaml").write_text(ROUTINE)
    (folder / "agents/sort.py").write_text(script)
    text = CASE.format(payloads=PAYLOADS, wakes=wakes, expect=expect, agent=agent)
    (folder / "cases/sort.yaml").write_text(text)
    return folder / "cases/sort.yaml"


def said(run):
    return [entry.text for entry in run.transcript if type(entry).__name__ == "Message"]


def problems(folder, wakes, expect="{}"):
    with pytest.raises(SpecError) as caught:
        check_case(write(folder, wakes, expect))
    return [problem.message for problem in caught.value.problems]


def test_the_world_changes_as_the_payload_of_an_event_says(tmp_path):
    """A wake of GitHub brings its facts with it; what was known before stays as the run has left it."""
    result = check_case(write(tmp_path, f"[{TURN}, {LABELED}]"))
    assert [text.rpartition(" [")[2] for text in said(result.pair.first)[1:]] == [
        "'triaged']",
        "'bug', 'backend']",
    ]


def test_a_turn_of_the_user_is_worded_as_the_case_says(tmp_path):
    """Nothing is put around it."""
    result = check_case(write(tmp_path, f"[{TURN}]"))
    assert [e.text for e in result.pair.first.transcript if isinstance(e, Turn)] == ["Go on."]


def test_the_echo_of_a_label_is_worded_as_the_platform_words_an_event(tmp_path):
    """It names the event, the repository and the issue, and changes nothing."""
    result = check_case(write(tmp_path, f"[{ECHO}]"))
    [turn] = [e for e in result.pair.first.transcript if isinstance(e, Turn)]
    assert "<github-trigger-context>" in turn.text
    assert "issues.labeled" in turn.text
    assert "#51" in turn.text or "51" in turn.text
    assert said(result.pair.first)[-1].endswith("['triaged']")


def test_a_wake_that_came_into_no_run_is_a_finding_at_its_line(tmp_path):
    """Where one of the runs met it, it was tried; the second run labels nothing, and hears no echo."""
    assert not [f for f in check_case(write(tmp_path, f"[{ECHO}]")).verdict.findings if f.fails]
    result = check_case(write(tmp_path, f"[{ECHO}]", script="def run(session):\n    session.say('x')\n"))
    [finding] = [f for f in result.verdict.check("run").findings if f.code == "wake.idle"]
    assert finding.location.line == 4


def test_each_turn_is_judged_by_itself(tmp_path):
    """Turn 0 is the prompt's; a turn that never came fails each of its items."""
    expect = (
        "{effects: {effect: ticket.updated, count: 1}, "
        "turns: [{effects: {effect: ticket.updated, count: 1}}, "
        "{nothing: true, says: {contains: Go on.}}, {tickets: 0, nothing: true}]}"
    )
    verdict = check_case(write(tmp_path, f"[{TURN}]", expect)).verdict
    outcomes = {check.name: check.outcome for check in verdict.checks if check.name.startswith("turns")}
    assert outcomes == {
        "turns[0].effects": "passed",
        "turns[1].says": "passed",
        "turns[1].nothing": "passed",
        "turns[2].tickets": "failed",
        "turns[2].nothing": "failed",
    }
    [finding] = verdict.check("turns[2].tickets").findings
    assert finding.code == "expect.turn-missing"
    assert finding.message == "there was no turn 2: the run had 2 turns, the first of them turn 0"


def test_what_the_agent_does_when_woken_is_no_act_of_the_first_turn(tmp_path):
    """An act in the wrong turn is red in both."""
    late = (
        "def run(session):\n    session.call('slack.slack_read_channel', channel_id='dev')\n"
        "    while session.wait():\n"
        "        session.call('slack.slack_send_message', channel_id='dev', message='x')\n"
    )
    wakes = "[{after: {time: 1m}, turn: Go on.}]"
    expect = "{idempotent: false, turns: [{messages: 1}, {nothing: true}]}"
    verdict = check_case(write(tmp_path, wakes, expect, late)).verdict
    assert {c.name for c in verdict.checks if c.outcome == "failed"} == {
        "turns[0].messages", "turns[1].nothing",
    }  # fmt: skip


def test_the_context_that_comes_late_begins_no_turn_of_the_case(tmp_path):
    """Turns count alike under every placement of the context."""
    script = (
        "def run(session):\n    told = session.wait()\n"
        "    n = session.firing.event.payload['issue']['number']\n"
        "    session.call('github.issue_read', method='get', issue_number=n, owner='acme-platform', "
        "repo='core-api')\n"
        "    session.say('labelled')\n    session.wait()\n    session.say('woken')\n"
    )
    path = write(tmp_path, f"[{TURN}]", "{turns: [{says: labelled}, {says: woken}]}", script)
    path.write_text(path.read_text() + "context: later\n")
    verdict = check_case(path).verdict
    assert verdict.check("turns[0].says").outcome == verdict.check("turns[1].says").outcome == "passed"


def test_a_recording_plays_each_wake_where_it_came(tmp_path):
    """It is kept with its number, its world changes again, and another wake makes the recording stale."""
    path = write(tmp_path, f"[{TURN}, {ECHO}, {LABELED}]", "{idempotent: false}", agent="record_with")
    recorded = check_case(path, record="once")
    recording = load_recording(tmp_path / "recordings/sort.jsonl")
    assert [e.wake for e in recording.runs[1] if isinstance(e, Turn)] == [1, 2, 3]
    played = check_case(path)
    assert played.pair.first.transcript == recorded.pair.first.transcript
    assert played.pair.first.world == recorded.pair.first.world
    assert played.passed
    write(tmp_path, f"[{TURN}, {ECHO}]", agent="record_with")
    [finding] = check_case(path).verdict.check("run").findings
    assert finding.data["changed"] == ["wakes"]


@pytest.mark.parametrize(
    ("wake", "said"),
    [
        ("{turn: x}", "a wake needs the key 'after'"),
        ("{after: {}, turn: x}", "expected one of time, call, says, found nothing"),
        ("{after: {time: 1m, call: 2}, turn: x}", "expected one of time, call, says, found 2 keys"),
        ("{after: {time: soon}, turn: x}", "expected a span of time, found the text 'soon'"),
        ("{after: {call: 1}}", "a wake needs one of github, turn, echo, found none"),
        (
            "{after: {call: 1}, turn: x, echo: own_label}",
            "a wake needs one of github, turn, echo, found turn and echo",
        ),
        ("{after: {says: {holds: x}}, turn: x}", "unknown operator 'holds'"),
    ],
)  # fmt: skip
def test_a_wake_that_is_written_wrong_is_named(tmp_path, wake, said):
    """Each problem has its own words."""
    assert said in problems(tmp_path, f"[{wake}]")


def test_a_turn_is_asked_for_what_a_turn_can_have(tmp_path):
    """A budget is that of a run."""
    [said] = problems(tmp_path, f"[{TURN}]", "{turns: [{budget: {calls: 1}}]}")
    assert "budget" in said
