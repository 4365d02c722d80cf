"""A server's own list turned into a declared connector: what is paired, what is guessed, how it works."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world.contract_strategies import valid_arguments

from routine_harness.cli.main import run
from routine_harness.interop.declaration_text import declaration_text
from routine_harness.interop.tool_lists import parse_tool_lists, server_named
from routine_harness.interop.tool_pairs import guess_declaration
from routine_harness.routine.document import load_document
from routine_harness.store.connectors import load_declaration
from routine_harness.world.declared.connector import DeclaredConnector, declared_connector
from routine_harness.world.declared.declaration import Declaration, DeclaredEffect
from routine_harness.world.declared.parse import parse_connector
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall


def schema(*required: str, **properties: Any) -> dict[str, Any]:
    found = {
        name: value if isinstance(value, dict) else {"type": value} for name, value in properties.items()
    }
    return {"type": "object", "properties": found, "required": list(required)}


PAGER = [
    {"name": "create_incident", "description": "Opens: an \"incident\".\nOn a service.",
     "inputSchema": schema("title", title="string", details="string", urgency="string", service_id="string")},
    {"name": "list_incidents", "annotations": {"readOnlyHint": True},
     "inputSchema": schema(status={"enum": ["triggered", "resolved"]}, service_id="string", query="string",
                           sort_by="string", limit={"type": "integer", "maximum": 100}, pageToken="string")},
    {"name": "get_incident", "inputSchema": schema("incident_id", incident_id="string")},
    {"name": "updateIncident", "inputSchema": schema("incident_id", incident_id="string", title="string")},
    {"name": "resolve-incident", "inputSchema": schema("incident_id", incident_id="string", note="string")},
    {"name": "delete_incident", "annotations": {"destructiveHint": True},
     "inputSchema": schema("incident_id", incident_id="string")},
    {"name": "get_service_incidents",
     "inputSchema": schema("service_id", service_id="string", page="integer")},
    {"name": "add_incident_note",
     "inputSchema": schema("incident_id", "content", incident_id="string", content="string")},
    {"name": "get_on_call", "inputSchema": schema(schedule_id="string")},
    {"name": "create_report", "annotations": {"readOnlyHint": True}, "inputSchema": schema(since="string")},
    {"name": "manage_teams", "inputSchema": schema("method", method={"enum": ["list", "create"]})},
]  # fmt: skip


def declaration_of(tools: list[dict[str, Any]], name: str = "pager") -> tuple[Declaration, str]:
    """What the list is made to, through its text."""
    [listed] = (parse_tool_lists(json.dumps(tools).encode(), "x.json") or {}).values()
    text = declaration_text(guess_declaration(name, listed), "x.json")
    declaration, problems = parse_connector(load_document(text.encode(), f"{name}.yaml"))
    assert problems == ()
    return declaration, text


def test_tools_are_paired_by_name_schema_and_hints() -> None:
    """What creates, lists, gets, updates and deletes the same rows has their table, and knows them by key."""
    declaration, _ = declaration_of(PAGER)
    assert list(declaration.tables) == ["incidents"]
    assert declaration.tables["incidents"].new == {"id": "incident-{n}", "status": "triggered"}
    tools = declaration.tools
    assert {name: tool.action for name, tool in tools.items()} == {
        "create_incident": "creates", "list_incidents": "lists", "get_incident": "gets",
        "updateIncident": "updates", "resolve-incident": "updates", "delete_incident": "deletes",
        "get_service_incidents": "lists", "add_incident_note": None, "get_on_call": None,
        "create_report": None, "manage_teams": None,
    }  # fmt: skip
    assert tools["get_incident"].fields == {"id": "incident_id"}
    assert tools["resolve-incident"].set == {"status": "resolved"}
    listed = tools["list_incidents"]
    assert (listed.filter_by, listed.ignores) == (("status", "service_id"), ("sort_by",))
    assert listed.page is not None
    assert (listed.page.limit, listed.page.cursor, listed.page.size) == (100, "pageToken", "limit")
    numbered = tools["get_service_incidents"].page
    assert numbered is not None
    assert numbered.number == "page"


def test_effects_are_guessed_with_their_fields() -> None:
    """A noun that is a ticket elsewhere is one here; what is a read by its server's hint has no effect."""
    tools = declaration_of(PAGER)[0].tools
    assert tools["create_incident"].effect == DeclaredEffect(
        "ticket.created", {"body": "details", "priority": "urgency"}
    )
    assert tools["resolve-incident"].effect == DeclaredEffect("ticket.updated", {"state": "status"})
    assert tools["delete_incident"].effect == DeclaredEffect("ticket.deleted")
    assert tools["add_incident_note"].effect == DeclaredEffect(
        "comment.created", {"body": "content", "on": "incident_id"}
    )
    assert tools["create_report"].effect is None
    assert tools["create_report"].access == "read"


def test_a_list_selects_by_the_columns_that_are_written() -> None:
    """An argument in the singular, in another spelling or about the state is the column that others set."""
    tools = [
        {
            "name": "create_task",
            "inputSchema": schema("title", title="string", assignees="array", state="string"),
        },
        {"name": "list_tasks", "inputSchema": schema(assignee="string", status="string", projectId="string")},
        {"name": "update_task", "inputSchema": schema("task_id", task_id="string", project_id="string")},
    ]
    listed = declaration_of(tools)[0].tools["list_tasks"]
    assert listed.filter_by == ("assignees", "state", "project_id")
    assert listed.fields == {"assignees": "assignee", "state": "status", "project_id": "projectId"}


def test_every_guess_is_marked_where_it_stands() -> None:
    """A comment above the line says what was guessed, and what nobody knows."""
    _, text = declaration_of(PAGER)
    said = " ".join(
        line.strip().removeprefix("#").strip() for line in text.splitlines() if line.lstrip().startswith("#")
    )
    for guess in (
        "guessed: how a new id looks",
        "guessed: incident_id says which row",
        "guessed: it is a ticket.created",
        "guessed: what query selects is not declared",
        "guessed: resolve sets status",
        "the server's hints and the name disagree",
        "nothing pairs with it",
    ):
        assert guess in said, guess
    lines = text.splitlines()
    at = lines.index("  - name: resolve-incident")
    assert any("resolve sets status" in line for line in lines[at - 4 : at])


def test_the_imported_declaration_remembers() -> None:
    """What was created is found again, resolved and deleted, by the tools of the list as they stand."""
    connector = declared_connector(declaration_of(PAGER)[0])
    world = World()

    def call(tool: str, **arguments: Any) -> Any:
        nonlocal world
        outcome = connector.call(world, ToolCall("pager", tool, arguments))
        world = outcome.world
        return outcome

    made = call("create_incident", title="Down", service_id="S1").result.json()
    assert made["id"] == "incident-1"
    assert [
        row["id"] for row in call("get_service_incidents", service_id="S1").result.json()["incidents"]
    ] == ["incident-1"]
    [effect] = call("resolve-incident", incident_id="incident-1").effects
    assert (effect.kind, effect.fields["state"], effect.outcome) == ("ticket.updated", "resolved", "applied")
    assert call("list_incidents", status="triggered").result.json()["incidents"] == []
    assert call("list_incidents", query="down").incomplete
    call("delete_incident", incident_id="incident-1")
    assert call("get_incident", incident_id="incident-1").result.is_error


def _lists(shared_data: Path) -> dict[str, list[dict[str, Any]]]:
    files = sorted((shared_data / "tools" / "servers").glob("*.json"))
    found = {file.name.partition(".")[0]: json.loads(file.read_text("utf-8"))["tools"] for file in files}
    hub = [
        json.loads(file.read_text("utf-8"))
        for file in sorted((shared_data / "tools" / "github").glob("*.json"))
    ]
    return {**found, "hub": hub}


def test_every_public_list_becomes_a_connector(shared_data: Path) -> None:
    """Each list is a declaration without a problem, with every tool of the server and its own schema."""
    for name, tools in _lists(shared_data).items():
        declaration, _ = declaration_of(tools, name)
        connector = declared_connector(declaration)
        assert list(connector.tools) == list(dict.fromkeys(tool["name"] for tool in tools))
        for tool in tools:
            given = tool["inputSchema"].get("properties", {})
            assert connector.tools[tool["name"]].input_schema.get("properties", {}) == given


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=40,
    deadline=None,
)
@given(data=st.data())
def test_imported_tools_answer_every_call(shared_data: Path, data: st.DataObject) -> None:
    """Every tool of a public list answers arguments that its schema allows, and never raises."""
    connector = _imported(shared_data, data.draw(st.sampled_from(sorted(_lists(shared_data)))))
    tool = connector.tools[data.draw(st.sampled_from(sorted(connector.tools)))]
    arguments = data.draw(valid_arguments(tool.input_schema, ()))
    outcome = connector.call(World(), ToolCall(connector.name, tool.name, arguments))
    assert isinstance(outcome.result.text, str)


_IMPORTED: dict[str, DeclaredConnector] = {}


def _imported(shared_data: Path, name: str) -> DeclaredConnector:
    if name not in _IMPORTED:
        _IMPORTED[name] = declared_connector(declaration_of(_lists(shared_data)[name], name)[0])
    return _IMPORTED[name]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("mcp-servers/everything", "everything"), ("@acme/pager-mcp-server", "pager"),
        ("mcp-server-slack", "slack"), ("PagerDuty MCP", "pagerduty"), ("server-github", "github"),
        ("mcp", "mcp"), ("Google Calendar", "google-calendar"),
    ],
)  # fmt: skip
def test_servers_are_called_as_connectors_are(given: str, name: str) -> None:
    """What every server's name says of itself is left out."""
    assert server_named(given) == name


@pytest.mark.parametrize(
    "form",
    [
        lambda tools: tools,
        lambda tools: {"tools": tools},
        lambda tools: {"jsonrpc": "2.0", "id": 1, "result": {"tools": tools}},
        lambda tools: {"serverInfo": {"name": "pager"}, "tools": tools},
        lambda tools: {"serverInfo": {"serverInfo": {"name": "mcp-servers/pager"}}, "tools": tools},
        lambda tools: {"servers": {"pager": {"tools": tools}}},
        lambda tools: tools[0],
    ],
)
def test_a_list_is_read_in_every_form(tmp_path: Path, form: Any) -> None:
    """A bare list, an answer of the protocol, what doctor keeps, and one lone tool."""
    file = tmp_path / "pager.json"
    file.write_text(json.dumps(form(PAGER)), "utf-8")
    assert run(["import", "tools", str(file), "-o", str(tmp_path / "connectors")]) == 0
    assert "create_incident" in load_declaration(tmp_path / "connectors" / "pager.yaml").tools


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "expected JSON"),
        ("{}", "the file lists no tools"),
        ('{"tools": []}', "the file lists no tools"),
        ('[{"nam": "x"}]', "entry 1 is no tool: it has no name"),
    ],
)
def test_what_is_no_list_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    """A file of another kind is an error that says what was expected."""
    file = tmp_path / "pager.json"
    file.write_text(text, "utf-8")
    assert run(["import", "tools", str(file), "-o", str(tmp_path / "out.yaml")]) == 2
    assert said in capsys.readouterr().err


def test_a_model_and_a_file_that_is_there_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of several servers the simulated ones are skipped; alone it is an error; --force replaces a file."""
    both = {"servers": {"slack": {"tools": PAGER}, "pager": {"tools": PAGER}}}
    file, place = tmp_path / "servers.json", tmp_path / "connectors"
    file.write_text(json.dumps(both), "utf-8")
    assert run(["import", "tools", str(file), "-o", str(place)]) == 0
    assert [each.name for each in place.iterdir()] == ["pager.yaml"]
    assert "slack is simulated" in capsys.readouterr().err
    assert run(["import", "tools", str(file), "-o", str(place)]) == 2
    assert "the file is there already" in capsys.readouterr().err
    assert run(["import", "tools", str(file), "-o", str(place), "--force"]) == 0
    assert run(["import", "tools", str(file), "-o", str(tmp_path / "one.yaml"), "--name", "slack"]) == 2
    assert "slack is simulated" in capsys.readouterr().err


SERVER = """
from mcp.server.mcpserver import MCPServer
server = MCPServer("pager")

@server.tool()
def create_incident(title: str) -> str:
    "Open an incident."
    return "done"

@server.tool()
def list_incidents(status: str = "") -> str:
    return "none"

server.run("stdio")
"""


def test_servers_of_a_configuration_are_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each server of an .mcp.json is started and asked; doctor keeps the same lists for later; a server that
    does not start is told of."""
    pytest.importorskip("mcp")
    (tmp_path / "server.py").write_text(SERVER, "utf-8")
    servers = {
        "pager": {"command": sys.executable, "args": [str(tmp_path / "server.py")]},
        "gone": {"command": "/no/such/server"},
    }
    config = tmp_path / ".mcp.json"
    config.write_text(json.dumps({"mcpServers": servers}), "utf-8")
    assert run(["import", "tools", str(config), "-o", str(tmp_path / "a")]) == 0
    assert "gone" in capsys.readouterr().err
    assert run(["doctor", "--connectors", str(config), "--tools", str(tmp_path / "servers.json")]) == 1
    assert run(["import", "tools", str(tmp_path / "servers.json"), "-o", str(tmp_path / "b")]) == 0
    first, second = (load_declaration(tmp_path / each / "pager.yaml") for each in "ab")
    assert list(first.tables) == ["incidents"]
    assert first.tools == second.tools


def test_a_recording_shows_the_tools_that_were_called(tmp_path: Path) -> None:
    """Tools that nobody models are taken from a recording's calls, with the arguments that were seen."""
    lines = [
        {"type": "header", "routine": "r", "case": "c", "origin": "live", "agent": {"name": "claude-code"},
         "format": "routine-harness-recording", "version": 1},
        {"type": "start", "run": 1, "time": 0, "prompt": "p", "world": {}},
        {"type": "call", "run": 1, "turn": 1, "id": "a", "time": 1, "tool": "mcp__Pager__list_incidents",
         "arguments": {"status": "open"}},
        {"type": "result", "run": 1, "id": "a", "turn": 1, "time": 1, "text": "{}"},
        {"type": "call", "run": 1, "turn": 2, "id": "b", "time": 2, "tool": "mcp__Pager__create_incident",
         "arguments": {"title": "x"}},
        {"type": "result", "run": 1, "id": "b", "turn": 2, "time": 2, "text": "{}"},
        {"type": "end", "run": 1, "turn": 2, "time": 3, "status": "finished"},
    ]  # fmt: skip
    file = tmp_path / "down.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert run(["import", "tools", str(file), "-o", str(tmp_path / "connectors")]) == 0
    declaration = load_declaration(tmp_path / "connectors" / "pager.yaml")
    assert list(declaration.tables) == ["incidents"]
    assert set(declaration.tools["create_incident"].schema["properties"]) == {"title"}
