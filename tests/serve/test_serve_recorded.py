"""Connectors without a model are served with the tools that cassettes and recordings know."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

pytest.importorskip("mcp")

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from support.live_runs import in_turns, needs_cli, run_live, use

from routine_harness.case.plan import Setting
from routine_harness.harness import Harness, Options
from routine_harness.live.outside.served_world import (
    offers_of,
    open_setting,
    open_world,
    recording_calls,
    with_recording,
)
from routine_harness.store.cases import load_case_file
from routine_harness.store.cassette_files import save_cassette
from routine_harness.store.interactions import Interaction

PAGER = "https://mcp.pagerduty.com/mcp"
LINEAR = "https://mcp.linear.app/mcp"
ROUTINE = """\
name: pager
repositories: [github:acme/core]
connectors: [linear:Security, {connector: pagerduty, tools: {deny: [delete_incident]}}]
triggers: [{type: api}]
prompt: Look who is on call.
"""
CASE = "trigger: {api: {text: go}}\ncassettes: [../cassettes/mcp.jsonl]\n"
LISTED = {
    "name": "get_on_call",
    "description": "Who is on call.",
    "inputSchema": {"type": "object", "properties": {"team": {"type": "string"}}, "required": ["team"]},
    "annotations": {"readOnlyHint": True},
}


def spoken(url: str, method: str, params: dict[str, Any], result: dict[str, Any]) -> Interaction:
    """One exchange of the protocol, the answer as a stream of events."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    said = f"event: message\ndata: {json.dumps({'jsonrpc': '2.0', 'id': 1, 'result': result})}\n\n"
    return Interaction("POST", url, 200, said.encode(), {"Content-Type": ["text/event-stream"]}, body)


def called(url: str, tool: str, arguments: dict[str, Any], answer: str) -> Interaction:
    result = {"content": [{"type": "text", "text": answer}], "isError": False}
    return spoken(url, "tools/call", {"name": tool, "arguments": arguments}, result)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A routine whose case has a cassette of two servers."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "cassettes").mkdir()
    (tmp_path / "routine.yaml").write_text(ROUTINE)
    (tmp_path / "cases" / "one.yaml").write_text(CASE)
    gone = {"name": "delete_incident", "inputSchema": {"type": "object"}}
    held = [
        spoken(PAGER, "tools/list", {}, {"tools": [LISTED, gone]}),
        called(PAGER, "get_on_call", {"team": "core"}, "dana"),
        called(PAGER, "create_incident", {"title": "Down"}, "made"),
        called(PAGER, "create_incident", {"title": "Up", "urgency": "low"}, "made, too"),
        called(LINEAR, "brand_new_tool", {"id": "SEC-1"}, "new"),
    ]
    save_cassette(tmp_path / "cassettes" / "mcp.jsonl", held)
    return tmp_path


def setting_of(folder: Path) -> Setting:
    loaded = load_case_file(folder / "cases" / "one.yaml")
    return open_setting(loaded.cases[0], loaded.routine)


def test_tools_have_the_schemas_that_are_known(folder: Path) -> None:
    """A listed tool as it was listed, a called one with the arguments seen; what is denied is not there."""
    offers = {
        offer.connector: {tool.name: tool for tool in offer.tools} for offer in offers_of(setting_of(folder))
    }
    assert list(offers["pagerduty"]) == ["get_on_call", "create_incident"]
    shown = offers["pagerduty"]["get_on_call"]
    assert (shown.description, shown.input_schema) == (LISTED["description"], LISTED["inputSchema"])
    seen = offers["pagerduty"]["create_incident"].input_schema
    assert seen == {"type": "object", "properties": {"title": {}, "urgency": {}}}
    assert "brand_new_tool" in offers["linear"]
    assert "save_issue" in offers["linear"]


def test_a_connector_of_which_nothing_is_known_is_not_offered(folder: Path) -> None:
    """Without the cassette there is no server to serve."""
    (folder / "cases" / "one.yaml").write_text("trigger: {api: {text: go}}\n")
    assert [offer.connector for offer in offers_of(setting_of(folder))] == ["github", "linear"]


def test_a_recording_answers_what_no_cassette_does(folder: Path) -> None:
    """What the first run was told is told again; errors are not, and the cassette comes first."""
    agent = folder / "run.py"
    agent.write_text(
        "def run(session):\n"
        "    session.call('pagerduty.get_on_call', team='core')\n"
        "    session.call('pagerduty.get_nothing')\n"
    )
    case = folder / "cases" / "one.yaml"
    case.write_text(CASE + "record_with: {scripted: ../run.py::run}\n")
    loaded = load_case_file(case)
    Harness(Options(record="all")).check_case(loaded.cases[0], loaded.routine)
    case.write_text("trigger: {api: {text: go}}\n")  # the recording is left
    setting = setting_of(folder)
    calls = recording_calls(setting)
    assert [(one.server, one.tool, one.result.text) for one in calls] == [
        ("pagerduty", "get_on_call", "dana")
    ]
    offers = offers_of(setting, (), calls)
    assert [tool.name for tool in offers[-1].tools] == ["get_on_call"]
    session = open_world(with_recording(setting, calls))
    assert session.handle("pagerduty.get_on_call", {"team": "core"}).text == "dana"
    assert session.handle("pagerduty.get_on_call", {"team": "web"}).is_error


def test_it_is_served_over_stdio_under_the_rules_of_a_session(folder: Path) -> None:
    """A recorded read is answered again, a write as often as it was recorded, anything else refused."""
    words = [
        "-m",
        "routine_harness",
        "serve",
        "world",
        str(folder),
        "--case",
        "one",
        "--connector",
        "pagerduty",
    ]

    async def talk() -> list[str]:
        server = StdioServerParameters(command=sys.executable, args=words)
        async with stdio_client(server) as streams, ClientSession(streams[0], streams[1]) as session:
            await session.initialize()
            said = [",".join(tool.name for tool in (await session.list_tools()).tools)]
            for tool, arguments in (
                ("get_on_call", {"team": "core"}), ("get_on_call", {"team": "core"}),
                ("create_incident", {"title": "Down"}), ("create_incident", {"title": "Down"}),
                ("get_on_call", {"team": "web"}),
            ):  # fmt: skip
                answer: Any = await session.call_tool(tool, arguments)
                said.append(f"{answer.is_error} {answer.content[0].text}")
            return said

    refused = "is not available in this dry run"
    assert anyio.run(talk) == [
        "get_on_call,create_incident", "False dana", "False dana", "False made",
        f"True pagerduty.create_incident {refused}", f"True pagerduty.get_on_call {refused}",
    ]  # fmt: skip


def test_the_real_cli_is_offered_them(folder: Path) -> None:
    """A live run calls a tool that only the cassette knows; the effect and the answer are kept."""
    needs_cli()
    model = in_turns(
        [
            use("mcp__pagerduty__get_on_call", team="core"),
            use("mcp__pagerduty__create_incident", title="Down"),
        ]
    )
    result = run_live(folder / "cases" / "one.yaml", model, once=True)
    assert result.pair is not None
    first = result.pair.first
    assert [(one.call.name, one.result.text) for one in first.calls] == [
        ("pagerduty.get_on_call", "dana"), ("pagerduty.create_incident", "made"),
    ]  # fmt: skip
    assert [effect.tool for effect in first.effects] == ["pagerduty.create_incident"]
