"""What used to pass without being judged: conditions that never held, budgets on replay, silence that is
only put off, records of others, writes that nobody made any more."""

from __future__ import annotations

import msgspec
import pytest
from acting import act, found
from support.desk import open_desk, run_desk
from support.judging import case_of, codes, judge

from routine_harness.agents.playing import play_recording
from routine_harness.agents.recording import Header, Recorder, Recording
from routine_harness.session.run import RunPair


def posts(channel="C0OPS", later=False):
    """An agent that posts once, or schedules a message for later."""

    def agent(session):
        if "hello" not in session.call("slack.slack_read_channel", channel_id=channel).text:
            if later:
                at = int(session.now.timestamp()) + 7200
                session.call("slack.slack_schedule_message", channel_id=channel, message="hello", post_at=at)
            else:
                session.call("slack.slack_send_message", channel_id=channel, message="hello")
        session.say("done")

    return agent


@pytest.mark.parametrize(
    "channel", ["ops", "#ops", "C0OPS", {"is_one_of": ["#ops", "dev"]}, {"starts_with": "#o"}]
)
def test_a_channel_goes_by_any_of_its_names(channel, tmp_path):
    """Its name, its name as people write it, and its id are one channel."""
    result = act(posts(), tmp_path, expect={"messages": {"count": 1, "where": {"channel": channel}}})
    assert result.verdict.check("messages").outcome == "passed"
    none = {"messages": {"count": 0, "where": {"channel": channel}}}
    assert act(posts(), tmp_path, expect=none).verdict.check("messages").outcome == "failed"


@pytest.mark.parametrize("channel", [{"not": "#ops"}, {"is_not_one_of": ["C0OPS"]}, "dev", "#dev"])
def test_another_channel_is_another(channel, tmp_path):
    """What excludes the channel excludes it by each of its names."""
    expect = {"messages": {"count": 0, "where": {"channel": channel}}}
    assert act(posts(), tmp_path, expect=expect).verdict.check("messages").outcome == "passed"


def test_a_channel_that_is_not_there_is_an_error_that_names_the_nearest(tmp_path):
    """A misspelt channel would pass every count of none."""
    expect = {"messages": {"count": 0, "where": {"channel": "#opps"}}}
    [finding] = act(posts("C0DEV"), tmp_path, expect=expect).verdict.check("messages").findings
    assert finding.fails
    assert "no channel of this world is called 'opps'" in finding.message
    assert "ops" in finding.hint


def test_the_policy_knows_channels_by_any_of_their_names(tmp_path):
    """A rule of `forbid` on a channel's name as people write it holds."""
    rule = "forbid: [{effect: message.posted, where: {channel: {is_not_one_of: ['#dev']}}}]\n"
    policy = "root: true\nplatform: 2026-04\n" + rule
    assert found(act(posts(), tmp_path, policy=policy), "policy") == ["policy.forbidden"]
    assert found(act(posts("C0DEV"), tmp_path, policy=policy), "policy") == []


def test_a_block_whose_condition_never_held_is_skipped_with_that_reason(tmp_path):
    """It was not judged, and so it has not passed."""
    block = {"count": 1, "when": {"tickets": {"at_least": 1}}}
    check = act(posts(), tmp_path, expect={"messages": block}).verdict.check("messages")
    assert (check.outcome, check.skipped) == ("skipped", "its `when` did not hold")
    assert not check.undecided


def test_a_scheduled_message_is_no_silence(tmp_path):
    """`messages: {count: 0}` fails on a message that is only put off, and names it."""
    [finding] = (
        act(posts(later=True), tmp_path, expect={"messages": {"count": 0}}).verdict.check("messages").findings
    )
    assert "found 1 message.scheduled" in finding.message
    assert finding.fails
    one = act(posts(later=True), tmp_path, expect={"messages": {"count": 1}})
    assert one.verdict.check("messages").outcome == "failed"


def test_an_effect_on_somebody_elses_record_that_nobody_mentions_is_a_warning(tmp_path):
    """The ticket of another is emptied, and the case counts tickets that are created."""

    def agent(session):
        if session.call("linear.get_issue", id="OPS-1").json().get("description"):
            session.call("linear.save_issue", id="OPS-1", description="")
        session.say("done")

    result = act(agent, tmp_path, expect={"tickets": {"count": 0}})
    assert found(result, "run") == ["~run.unmentioned-effect"]
    assert "ticket.updated OPS-1 (" in result.verdict.check("run").findings[0].message
    mentioned = {"effects": {"effect": "ticket.updated", "count": 1}}
    assert found(act(agent, tmp_path, expect=mentioned), "run") == []


def test_what_the_agent_made_itself_is_mentioned_by_nobody_and_fine(tmp_path):
    """Bringing its own new ticket to its final form is no deed on a record of others."""

    def agent(session):
        if len(session.call("linear.list_issues", team="Ops").json()["issues"]) == 1:
            made = session.call("linear.save_issue", title="Found", team="Ops", project="Ops").json()
            session.call("linear.save_issue", id=made["id"], priority=2)
        session.say("done")

    assert found(act(agent, tmp_path, expect={"tickets": {"count": 1}}), "run") == []


def test_a_budget_is_judged_by_the_turns_and_seconds_of_the_recording():
    """A replay takes no time, and tells how long the recorded run took all the same."""

    def agent(session):
        for _ in range(3):
            session.call("desk.list_tickets")
        session.say("done")

    run = run_desk(agent)
    slow = tuple(
        msgspec.structs.replace(entry, time=entry.time + (600 if type(entry).__name__ == "End" else 0))
        for entry in run.transcript
    )
    header = Header(routine="desk-keeper", case="x", digests={}, agent=Recorder("claude-code"), origin="live")
    replayed = play_recording(Recording(header, {1: slow}), open_desk(), command="")
    assert replayed is not None
    assert replayed.elapsed == 603
    pair = RunPair(replayed)
    for budget, said in (({"seconds": 60}, "603 seconds, at most 60"), ({"turns": 3}, "4 turns, at most 3")):
        case = msgspec.structs.replace(case_of("expect: {nothing: true}"), budget=budget)
        [finding] = judge(pair, case=case).check("run").findings
        assert (finding.code, said in finding.message) == ("run.over-budget", True)
    within = msgspec.structs.replace(case_of("expect: {nothing: true}"), budget={"seconds": 700, "turns": 4})
    assert codes(judge(pair, case=within), "run") == []
