"""Real third-party MCP servers: reads go through, writes never do."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from click.testing import CliRunner
from support.live_runs import needs_cli, write_routine
from support.npm import npm_modules

from routine_harness.cli.record import command
from routine_harness.errors import AgentError, UsageError
from routine_harness.harness import Harness
from routine_harness.live.outside.mcp_client import all_tools
from routine_harness.live.outside.real_servers import RealServers, Through, check_reads, real_servers
from routine_harness.live.outside.server_entries import parse_servers
from routine_harness.session.transcript import Call, Result
from routine_harness.store.cases import load_case_file
from routine_harness.store.recordings import load_recording
from routine_harness.world.registry import Registry
from routine_harness.world.tool import Tool, ToolCall

MODEL = """
def use(name, **given):
    return {"type": "tool_use", "name": name, "input": given}

def turns(messages):
    number = sum(message["role"] == "assistant" for message in messages)
    if number == 0:
        return [
            use("mcp__everything__echo", message="hello"),
            use("mcp__everything__get-sum", a=2, b=3),
            use("mcp__filesystem__read_text_file", path=PATH + "/note.txt"),
            use("mcp__filesystem__list_directory", path=PATH),
            use("mcp__filesystem__write_file", path=PATH + "/note.txt", content="gone"),
            use("mcp__filesystem__move_file", source=PATH + "/note.txt", destination=PATH + "/away.txt"),
            use("mcp__memory__read_graph"),
            use("mcp__memory__create_entities", entities=[dict(name="x", entityType="y", observations=[])]),
            use("mcp__memory__read_graph"),
        ]
    return "done"
"""
READS = (
    "everything.echo",
    "filesystem.read_text_file",
    "filesystem.list_directory",
    "memory.read_graph",
)


def digest(folder: Path) -> str:
    """Every path below ``folder`` with its content, as one digest."""
    state = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        state.update(f"{path.relative_to(folder)} {path.is_dir()}\n".encode())
        state.update(b"" if path.is_dir() else path.read_bytes())
    return state.hexdigest()


def test_third_party_servers_are_byte_for_byte_what_they_were(tmp_path: Path) -> None:
    """A run that tries to write leaves files and memory as they were; its reads are real and replay."""
    needs_cli()
    modules = npm_modules()
    data, memory = tmp_path / "data", tmp_path / "memory"
    data.mkdir()
    memory.mkdir()
    (data / "note.txt").write_text("keep me")
    (memory / "graph.jsonl").write_text('{"type":"entity","name":"old","entityType":"t","observations":[]}\n')
    node = str(modules / ".bin" / "node")
    scope = modules / "@modelcontextprotocol"
    servers = {
        "everything": {"command": node, "args": [str(scope / "server-everything/dist/index.js")]},
        "filesystem": {"command": node, "args": [str(scope / "server-filesystem/dist/index.js"), str(data)]},
        "memory": {
            "command": node,
            "args": [str(scope / "server-memory/dist/index.js")],
            "env": {"MEMORY_FILE_PATH": str(memory / "graph.jsonl")},
        },
    }
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": servers}))
    (tmp_path / "model.py").write_text(f"PATH = {str(data)!r}\n{MODEL}")
    (tmp_path / "r" / "cases").mkdir(parents=True)
    (tmp_path / "r" / "routine.yaml").write_text(
        "name: through\nconnectors: [everything, filesystem, memory]\ntriggers: [{type: api}]\nprompt: Go.\n"
    )
    (tmp_path / "r" / "cases" / "one.yaml").write_text(
        "trigger: {api: {text: go}}\nexpect:\n  idempotent: false\n  says: {contains: done}\n"
    )
    before = digest(data), digest(memory)
    reads = [word for read in READS for word in ("--read", read)]
    model = f"{tmp_path / 'model.py'}::turns"
    options = ["--script", model, *reads, "--connectors", str(tmp_path / "mcp.json")]
    done = CliRunner().invoke(command, [str(tmp_path / "r"), *options], standalone_mode=False)
    assert done.exception is None, done.output
    assert (digest(data), digest(memory)) == before
    path = tmp_path / "r" / "recordings" / "one.jsonl"
    recording = load_recording(path)
    assert recording is not None
    calls = [entry for entry in recording.runs[1] if isinstance(entry, Call)]
    answers = {entry.id: entry.text for entry in recording.runs[1] if isinstance(entry, Result)}
    results = {call.tool: answers[call.id] for call in calls}  # of equal calls the last
    assert results["everything.echo"] == "Echo: hello"
    assert results["everything.get-sum"] == "Done."  # nobody listed get-sum as a read
    assert results["filesystem.read_text_file"] == "keep me"
    assert results["filesystem.write_file"] == results["filesystem.move_file"] == "Done."
    assert '"old"' in results["memory.read_graph"]
    assert "one.jsonl" in (path.parent / ".gitignore").read_text()
    review = CliRunner().invoke(command, [str(tmp_path / "r"), "--review"], standalone_mode=False)
    assert "keep me" in review.output
    assert "git add --force" in review.output


@pytest.mark.parametrize(
    "data", [b"{", b'{"mcpServers": 1}', b'{"mcpServers": {"a": 1}}', b'{"mcpServers": {"a": {"args": 1}}}']
)
def test_a_configuration_that_is_none_is_one_clear_error(data: bytes) -> None:
    """What is no MCP configuration is named with its file and how it should look."""
    with pytest.raises(AgentError, match="expected an MCP configuration") as caught:
        parse_servers(data, "mcp.json")
    assert caught.value.problems[0].hint


def test_a_server_that_does_not_start_is_one_clear_error() -> None:
    """A command that is none of an MCP server is named."""
    servers = parse_servers(b'{"mcpServers": {"nothing": {"command": "false"}}}', "mcp.json")
    with (
        pytest.raises(AgentError, match="the MCP server nothing does not answer"),
        real_servers(servers, Registry()),
    ):
        pass


def test_every_server_that_does_not_start_is_named() -> None:
    """One that fails does not hide the next, and the one that runs is ended without a word of its own."""
    own = {"command": sys.executable, "args": ["-c", SERVER, "unused"]}
    servers = {"a": {"command": "false"}, "b": {"command": "/nowhere/at/all"}, "linear": own}
    data = json.dumps({"mcpServers": servers}).encode()
    with (
        pytest.raises(AgentError) as caught,
        real_servers(parse_servers(data, "mcp.json"), Registry()),
    ):
        pass
    assert [problem.message.split(" does")[0] for problem in caught.value.problems] == [
        "the MCP server a", "the MCP server b",
    ]  # fmt: skip
    assert {problem.file for problem in caught.value.problems} == {"mcp.json"}


def test_what_goes_wrong_while_servers_run_stays_what_it_is() -> None:
    """An error in between is not wrapped by the connections that it ends."""
    own = {"command": sys.executable, "args": ["-c", SERVER, "unused"]}
    data = json.dumps({"mcpServers": {"wiki": own}}).encode()
    with (
        pytest.raises(UsageError) as caught,
        real_servers(parse_servers(data, "mcp.json"), Registry()) as servers,
    ):
        check_reads(("wiki.list_issues", "wiki.nothing", "slack.read", "other.thing"), servers, Registry())
    assert [problem.message for problem in caught.value.problems] == [
        "--read wiki.nothing: there is no such tool",
        "--read slack.read: slack is simulated",
        "--read other.thing: there is no such tool",
    ]


def test_tools_are_listed_from_all_pages() -> None:
    """A server may list its tools in pages."""
    pages = {
        None: SimpleNamespace(tools=["a", "b"], next_cursor="2"),
        "2": SimpleNamespace(tools=["c"], next_cursor=None),
    }

    async def list_tools(params: Any = None) -> Any:
        return pages[params.cursor if params is not None else None]

    assert anyio.run(all_tools, SimpleNamespace(list_tools=list_tools)) == ["a", "b", "c"]


def test_a_servers_own_hints_never_make_a_read() -> None:
    """A tool that nobody lists is a write, whatever its name says."""
    tool = Tool("get_all", "", {}, "write", simulated=False, annotations={"readOnlyHint": True})
    servers = RealServers(None, {"thing": None}, {"thing": (tool,)})
    registry = Registry().adding(servers.connectors(Registry(), []))
    answer = Through(servers, registry).answer(ToolCall("thing", "get_all"))
    assert answer is not None
    assert answer.text == "Done."


SERVER = """
import json, sys
from mcp.server.mcpserver import MCPServer

server = MCPServer("linear", log_level="ERROR")
ISSUES = [{"id": "SEC-9", "title": "An old thing", "team": "Security", "project": "Security"}]

@server.tool()
def list_issues(project: str = "") -> str:
    return json.dumps({"issues": ISSUES, "hasNextPage": False})

@server.tool()
def save_issue(title: str = "", team: str = "", id: str = "") -> str:
    open(sys.argv[1], "w").write("written")
    return "{}"

server.run()
"""


def test_reads_of_a_simulated_connector_reflect_captured_writes(tmp_path: Path) -> None:
    """What the real server lists and what the run has filed are listed together; nothing is written."""
    needs_cli()
    (tmp_path / "server.py").write_text(SERVER)
    written = tmp_path / "written"
    entry = {"command": sys.executable, "args": [str(tmp_path / "server.py"), str(written)]}
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": {"linear": entry}}))
    turns = [
        {"type": "tool_use", "name": "mcp__Linear__list_issues", "input": {"project": "Security"}},
        {
            "type": "tool_use",
            "name": "mcp__Linear__save_issue",
            "input": {"title": "A new thing", "team": "Security", "project": "Security"},
        },
        {
            "type": "tool_use",
            "name": "mcp__Linear__save_issue",
            "input": {"id": "SEC-9", "title": "An old thing, renamed"},
        },
        {"type": "tool_use", "name": "mcp__Linear__list_issues", "input": {"project": "Security"}},
    ]
    (tmp_path / "model.py").write_text(
        f"TURNS = {turns!r}\n\ndef turns(messages):\n"
        "    number = sum(message['role'] == 'assistant' for message in messages)\n"
        "    return [TURNS[number]] if number < len(TURNS) else 'done'\n"
    )
    case = write_routine(tmp_path / "r", "expect: {idempotent: false, tickets: {count: 1}}\n")
    options = ["--script", f"{tmp_path / 'model.py'}::turns", "--connectors", str(tmp_path / "mcp.json")]
    done = CliRunner().invoke(command, [str(tmp_path / "r"), *options], standalone_mode=False)
    assert done.exception is None, done.output
    assert not written.exists()
    recording = load_recording(case.parent.parent / "recordings" / "one.jsonl")
    assert recording is not None
    assert recording.header.agent.through == ("linear",)
    results = [entry.text for entry in recording.runs[1] if entry.__class__.__name__ == "Result"]
    assert "An old thing" in results[0]
    assert "A new thing" in results[3]
    assert "An old thing, renamed" in results[3]
    loaded = load_case_file(case)
    replayed = Harness().check_case(loaded.cases[0], loaded.routine)
    assert replayed.passed, [finding.message for finding in replayed.verdict.findings]


COUNTING = """
import json, sys
from mcp.server.mcpserver import MCPServer

server = MCPServer(sys.argv[1], log_level="ERROR")

def count(what):
    with open(sys.argv[2], "a") as asked:
        asked.write(what + chr(10))

@server.tool()
def list_issues(project: str = "") -> str:
    count("list_issues")
    return json.dumps({"issues": [], "hasNextPage": False})

@server.tool()
def get_release(id: str = "") -> str:
    count("get_release")
    return json.dumps({"id": id})

@server.tool()
def get_page(title: str = "") -> str:
    count("get_page " + title)
    return "the page"

server.run()
"""


def test_a_read_reaches_the_real_server_once(tmp_path: Path) -> None:
    """One call of the agent is one call of the server: of a tool that a model answers, of one that no model
    answers, and of a server without a model; what the routine does not grant never arrives."""
    needs_cli()
    (tmp_path / "server.py").write_text(COUNTING)
    asked = tmp_path / "asked"
    entries = {
        name: {"command": sys.executable, "args": [str(tmp_path / "server.py"), name, str(asked)]}
        for name in ("linear", "wiki", "other")
    }
    (tmp_path / "mcp.json").write_text(json.dumps({"mcpServers": entries}))
    turns = [
        {"type": "tool_use", "name": "mcp__Linear__list_issues", "input": {"project": "Security"}},
        {"type": "tool_use", "name": "mcp__Linear__get_release", "input": {"id": "one"}},
        {"type": "tool_use", "name": "mcp__wiki__get_page", "input": {"title": "first"}},
        {"type": "tool_use", "name": "mcp__wiki__get_page", "input": {"title": "first"}},
        {"type": "tool_use", "name": "mcp__other__get_page", "input": {"title": "not granted"}},
    ]
    (tmp_path / "model.py").write_text(
        f"TURNS = {turns!r}\n\ndef turns(messages):\n"
        "    number = sum(message['role'] == 'assistant' for message in messages)\n"
        "    return [TURNS[number]] if number < len(TURNS) else 'done'\n"
    )
    case = write_routine(tmp_path / "r")
    routine = case.parent.parent / "routine.yaml"
    routine.write_text(routine.read_text().replace("[linear:Security]", "[linear:Security, wiki]"))
    options = ["--script", f"{tmp_path / 'model.py'}::turns", "--connectors", str(tmp_path / "mcp.json")]
    reads = ["--read", "wiki.get_page", "--read", "other.get_page"]
    done = CliRunner().invoke(command, [str(tmp_path / "r"), *options, *reads], standalone_mode=False)
    assert done.exception is None, done.output
    once = ["list_issues", "get_release", "get_page first", "get_page first"]
    assert asked.read_text().splitlines() == once * 2  # two runs
