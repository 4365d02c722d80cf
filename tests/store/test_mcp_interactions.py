"""Recorded exchanges with MCP servers: tool calls that seed the world, answer, or have effects."""

# ruff: noqa: E501 - a message of the protocol stays on its line

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest

from routine_harness.case.result import CaseResult
from routine_harness.errors import SpecError
from routine_harness.harness import check_case
from routine_harness.store.cassette_files import save_cassette
from routine_harness.store.interactions import Interaction
from routine_harness.store.mcp_interactions import mcp_call, mcp_result, server_name
from routine_harness.store.requests import request_call
from routine_harness.world.registry import Registry

LINEAR = "https://mcp.linear.app/mcp"
PAGER = "https://mcp.pagerduty.com/mcp"
JSON = {"Content-Type": ["application/json"]}
ISSUE = {"id": "SEC-7", "title": "Leak", "team": "Security", "project": "Security", "status": "Todo"}


def spoken(
    url: str, tool: str, arguments: dict[str, Any], answer: Any, *, stream: bool = False
) -> Interaction:
    params = {"name": tool, "arguments": arguments}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    result = {"content": [{"type": "text", "text": json.dumps(answer)}], "isError": False}
    text = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result})
    said = f"event: message\ndata: {text}\n\n" if stream else text
    return Interaction("POST", url, 200, said.encode(), JSON, body)


ROUTINE = """\
name: pager
repositories: [github:acme/core]
connectors: [linear:Security, pagerduty]
triggers: [{type: api}]
prompt: Comment on every leak and look who is on call.
"""
CASE = """\
trigger: {api: {text: go}}
cassettes: [../cassettes/mcp.jsonl]
agent: {scripted: ../agents/run.py::run}
expect:
  comments: {count: 1, where: {connector: linear, 'on': SEC-7}}
  idempotent: false
"""
AGENT = """\
def run(session):
    for issue in session.call("linear.list_issues", team="Security").json()["issues"]:
        session.call("linear.save_comment", issueId=issue["id"], body="seen")
    session.say(session.call("pagerduty.get_on_call", team="core").text)
"""


def check(folder: Path, *interactions: Interaction, case: str = CASE, agent: str = AGENT) -> CaseResult:
    for name, text in {"routine.yaml": ROUTINE, "cases/one.yaml": case, "agents/run.py": agent}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text))
    save_cassette(folder / "cassettes" / "mcp.jsonl", interactions)
    return check_case(folder / "cases" / "one.yaml")


def codes(result: CaseResult) -> list[str]:
    return [finding.code for finding in result.verdict.findings]


READ = spoken(
    LINEAR, "list_issues", {"team": "Security"}, {"issues": [ISSUE], "hasNextPage": False}, stream=True
)
CALL = spoken(PAGER, "get_on_call", {"team": "core"}, {"user": "alice"})


def test_a_recorded_read_of_a_simulated_server_seeds_its_world(tmp_path: Path) -> None:
    """What Linear's server once answered is read from the world and can be written to."""
    late = spoken(LINEAR, "list_issues", {}, {"issues": [{**ISSUE, "title": "Later"}], "hasNextPage": False})
    wrote = spoken(LINEAR, "save_comment", {"issueId": "SEC-7", "body": "x"}, {"id": "c"})
    result = check(tmp_path, READ, wrote, late, CALL)
    assert result.passed, [finding.message for finding in result.findings]
    assert result.pair is not None
    first, _, on_call = result.pair.first.calls
    assert first.result.json()["issues"][0]["title"] == "Leak"
    assert (first.answered_by, on_call.answered_by, on_call.result.json()) == (
        "world",
        "recorded",
        {"user": "alice"},
    )


def test_a_recorded_call_that_drifts_says_in_what(tmp_path: Path) -> None:
    """A call that no recorded one equals names the nearest; the recorded one is left over."""
    result = check(tmp_path, READ, CALL, agent=AGENT.replace('team="core"', 'team="web"'))
    [finding] = [one for one in result.findings if one.code == "call.unexpected" and one.run == 1]
    assert 'differs in team: recorded "core", asked "web"' in finding.detail[0]
    assert "mcp.jsonl:" in finding.detail[0]
    assert "call.unplayed" in codes(result)


OVER_HTTP = """\
import json
import httpx

def run(session):
    def say(url, method, **params):
        body = {"jsonrpc": "2.0", "id": 9, "method": method, "params": params}
        return httpx.post(url, content=json.dumps(body)).json()

    say("https://mcp.pagerduty.com/mcp", "initialize")
    said = say("https://mcp.pagerduty.com/mcp", "tools/call", name="get_on_call", arguments={"team": "core"})
    say("https://mcp.linear.app/mcp", "tools/call", name="save_comment", arguments={"issueId": "SEC-7", "body": "x"})
    session.say(said["result"]["content"][0]["text"])
"""


def test_an_agent_that_speaks_to_the_server_itself_has_the_same_effects(tmp_path: Path) -> None:
    """A tool called over HTTP is the tool called: granted, counted, and nothing is left over."""
    start = Interaction(
        "POST", PAGER, 200, b"{}", JSON, b'{"jsonrpc":"2.0","id":0,"method":"initialize","params":{}}'
    )
    comment = spoken(LINEAR, "save_comment", {"issueId": "SEC-7", "body": "x"}, {"id": "c"})
    result = check(tmp_path, READ, start, CALL, comment, agent=OVER_HTTP)
    assert result.pair is not None
    names = [call.call.name for call in result.pair.first.calls]
    assert names == ["WebFetch", "pagerduty.get_on_call", "linear.save_comment"]
    assert [effect.kind for effect in result.pair.first.effects] == ["comment.created"]
    assert "call.unplayed" not in codes(result)
    assert result.pair.first.closing == '{"user": "alice"}'


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://mcp.slack.com/mcp", "slack"),
        ("https://mcp.notion.com/sse", "notion"),
        ("https://drivemcp.googleapis.com/mcp/v1", "drive"),
        ("https://api.githubcopilot.com/mcp/", "github"),
        ("http://localhost:8000/slack/mcp", "slack"),
        ("http://127.0.0.1:9/mcp", "127.0.0.1"),
        ("https://mcp.pagerduty.com/mcp", "pagerduty"),
        ("http://localhost/weather/mcp", "weather"),
    ],
)
def test_a_server_is_named_by_its_address(url: str, name: str) -> None:
    """The connector's own name is found in host or path; a stranger goes by its domain."""
    assert server_name(url, Registry()) == name


def test_other_requests_are_no_calls_of_tools() -> None:
    """JSON-RPC of another service is a request like any other, and so is a GET."""
    other = b'{"jsonrpc":"2.0","id":1,"method":"eth_sendTransaction","params":[]}'
    assert mcp_call("POST", "https://node.example.org", other, Registry()) is None
    assert request_call("POST", "https://node.example.org", other).tool == "Bash"
    assert mcp_call("GET", LINEAR, b"", Registry()) is None
    assert mcp_call("POST", LINEAR, b'{"jsonrpc":', Registry()) is None


def test_answers_of_every_form_are_read() -> None:
    """A result, an error of the protocol, an error of the transport, and what is neither."""
    assert mcp_result(200, b'{"result":{"content":[{"type":"image"}],"isError":true}}').text == "[image]"
    assert mcp_result(200, b'{"error":{"code":-1,"message":"no"}}').is_error
    assert mcp_result(503, b"down").is_error
    assert mcp_result(200, b"data: {\n\n").text == "data: {\n\n"
    assert mcp_result(200, b'{"result":{"content":7}}').text == ""


def test_an_answer_of_another_make_reveals_nothing(tmp_path: Path) -> None:
    """A record whose fields are not what they are called is left out; the others of the answer count."""
    odd = [{"id": ["x"], "title": 3}, {**ISSUE, "id": "SEC-8", "labels": "x"}, ISSUE]
    read = spoken(LINEAR, "list_issues", {"team": "Security"}, {"issues": odd, "hasNextPage": False})
    result = check(tmp_path, read, CALL)
    assert result.pair is not None
    assert [one["id"] for one in result.pair.first.calls[0].result.json()["issues"]] == ["SEC-7"]


def test_a_recorded_record_that_cannot_be_names_its_cassette(tmp_path: Path) -> None:
    """What GitHub can never have answered is an error of the file that holds it."""
    url = "https://api.github.com/repos/acme/core/pulls/4"
    with pytest.raises(SpecError) as error:
        check(tmp_path, Interaction("GET", url, 200, b'{"number": 4, "title": 7}', JSON), CALL)
    assert str(error.value.problems[0]).startswith("../cassettes/mcp.jsonl: github.pulls: expected title")
