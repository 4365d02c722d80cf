"""``slack.*``: all tools of a connector, in policies and in expectations of calls."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.errors import SpecError
from routine_harness.harness import check_routine
from routine_harness.store.cases import load_case
from routine_harness.store.policies import load_policy

ROUTINE = """\
name: herald
connectors: [slack:alerts, linear:Security]
triggers: [{type: api}]
prompt: Look at what was said in the alerts channel, and say hello there.
"""
AGENT = """\
def greet(session):
    session.call("slack.slack_read_channel", channel_id="C0ALERTS")
    session.call("slack.slack_send_message", channel_id="C0ALERTS", message="hello")
    session.say("Said hello.")
"""
CASE = """\
trigger: {api: {text: go}}
world: {slack: {channels: [{id: C0ALERTS, name: alerts}]}}
agent: {scripted: "../agents/herald.py::greet"}
rerun: {allow: [message.posted]}
expect: EXPECT
"""


def project(root: Path, policy: str = "root: true\n", expect: str = "{messages: {count: 1}}") -> Path:
    for name in ("cases", "agents"):
        (root / name).mkdir(parents=True)
    (root / "policy.yaml").write_text(policy, "utf-8")
    (root / "routine.yaml").write_text(ROUTINE, "utf-8")
    (root / "agents" / "herald.py").write_text(AGENT, "utf-8")
    (root / "cases" / "go.yaml").write_text(CASE.replace("EXPECT", expect), "utf-8")
    return root


def failing(root: Path) -> list[str]:
    """What the policy and the expectations of calls hold against the case."""
    [result] = check_routine(root)
    found = (finding for finding in result.verdict.findings if finding.fails)
    return [
        f"{each.code}: {each.message}" for each in found if each.code in ("policy.forbidden", "expect.calls")
    ]


@pytest.mark.parametrize("pattern", ["slack.*", "mcp__Slack__*"])
def test_a_policy_forbids_every_tool_of_a_connector(tmp_path: Path, pattern: str) -> None:
    """Both calls break the rule; a connector that the run leaves alone breaks none."""
    found = failing(project(tmp_path / "a", f"root: true\nforbid: [{{tool: '{pattern}'}}]\n"))
    assert len(found) == 1
    assert "(2 attempts)" in found[0]
    assert failing(project(tmp_path / "b", "root: true\nforbid: [{tool: 'linear.*'}]\n")) == []


def test_a_policy_allows_some_of_what_it_forbids(tmp_path: Path) -> None:
    """One tool is taken back out of all, and all tools out of one rule."""
    all_but = (
        "root: true\nforbid: [{tool: 'slack.*'}]\nallow: [{tool: slack.slack_read_channel, reason: r}]\n"
    )
    [found] = failing(project(tmp_path / "a", all_but))
    assert "slack.* (1 attempt)" in found
    one = "root: true\nforbid: [{tool: slack.slack_send_message}]\nallow: [{tool: 'slack.*', reason: r}]\n"
    assert failing(project(tmp_path / "b", one)) == []


def test_a_nearer_policy_cannot_allow_what_an_outer_one_forbids(tmp_path: Path) -> None:
    """A connector's tools are met by the rule about one of them."""
    (tmp_path / "policy.yaml").write_text("root: true\nforbid: [{tool: slack.slack_send_message}]\n", "utf-8")
    folder = project(tmp_path / "inner", "allow: [{tool: 'slack.*', reason: r}]\n")
    with pytest.raises(SpecError, match=r"cannot allow slack\.\* here"):
        load_policy(folder)


def test_calls_are_expected_of_a_connector(tmp_path: Path) -> None:
    """Orders, counts and what is never called may name all tools of a connector."""
    counted = "never: ['linear.*'], counts: {'slack.*': 2}"
    green = f"{{calls: {{in_order: [slack.slack_read_channel, 'slack.*'], {counted}}}}}"
    assert failing(project(tmp_path / "a", expect=green)) == []
    red = failing(project(tmp_path / "b", expect="{calls: {never: ['slack.*'], any_order: ['linear.*']}}"))
    assert sorted(red) == [
        "expect.calls: expected linear.*, found no such call",
        "expect.calls: found 2, expected no call of slack.*",
    ]


def test_an_unknown_connector_and_a_place_for_one_tool_are_named(tmp_path: Path) -> None:
    """A misspelt connector names the nearest one; a fault strikes one tool, and says so."""
    folder = project(tmp_path / "a", "root: true\nforbid: [{tool: 'slak.*'}]\n")
    with pytest.raises(SpecError, match=r"did you mean slack\?"):
        load_policy(folder)
    place = project(tmp_path / "b") / "cases" / "go.yaml"
    place.write_text(place.read_text("utf-8") + "faults: [{call: 'slack.*', timeout: true}]\n", "utf-8")
    with pytest.raises(SpecError, match="here name one"):
        load_case(place)
