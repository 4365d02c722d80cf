"""The doctor: servers that start, changed tools, and servers that do not answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.model_api import forget_credentials
from support.npm import npm_modules

pytest.importorskip("mcp")

from routine_harness.cli.main import run
from routine_harness.errors import AgentError
from routine_harness.live.outside.server_entries import ServerEntry, fill_in, fill_in_all, parse_servers
from routine_harness.live.record.contract import Expected, compare
from routine_harness.live.record.examination import examine
from routine_harness.live.record.result_shapes import lost_shape
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall, ToolResult

SERVER = """
from mcp.server.mcpserver import MCPServer
server = MCPServer("tickets")

@server.tool()
def create(title: str, team: str) -> str:
    "Create a ticket."
    return "done"

server.run("stdio")
"""
REGISTRY = Registry()


@pytest.fixture
def server(tmp_path: Path) -> ServerEntry:
    file = tmp_path / "server.py"
    file.write_text(SERVER)
    return ServerEntry(command=sys.executable, args=(str(file),))


def recorded(tool: str, **arguments: object) -> Expected:
    return Expected(ToolCall("tickets", tool, dict(arguments)), "r.jsonl")


def test_a_server_is_started_and_compared_with_recordings(server: ServerEntry) -> None:
    """A tool that is gone, an argument newly required and one of another type are findings."""
    calls = [recorded("close"), recorded("create", title="x"), recorded("create", title="x", team=3),
             recorded("create", title="x", team="SEC")]  # fmt: skip
    examined = examine({"tickets": server}, REGISTRY, calls)
    assert {name: [tool.name for tool in tools] for name, tools in examined.tools.items()} == {
        "tickets": ["create"]
    }
    assert [finding.code for finding in examined.findings] == [
        "doctor.tool-gone", "doctor.argument-required", "doctor.call-refused",
    ]  # fmt: skip
    assert "now requires team" in examined.findings[1].message
    assert all(finding.fails for finding in examined.findings)


def test_a_model_that_differs_is_a_warning() -> None:
    """What only the model knows otherwise does not fail."""
    connector = REGISTRY.get("slack")
    assert connector is not None
    listed = {name: tool.input_schema for name, tool in connector.tools.items() if tool.offered}
    assert list(compare("slack", "slack", listed, REGISTRY, ())) == []
    name = "slack_send_message"
    changed = {**listed, name: {**listed[name], "required": ["channel_id", "message", "workspace"]}}
    del changed["slack_search_public"]
    found = list(compare("slack", "slack", changed, REGISTRY, ()))
    assert sorted(finding.code for finding in found) == ["doctor.argument-required", "doctor.tool-gone"]
    assert not any(finding.fails for finding in found)
    [several] = [one for one in compare("slack", "slack", {}, REGISTRY, ()) if one.code == "doctor.tool-gone"]
    assert "tools that the model has are not listed" in several.message
    assert len(several.data["tools"]) == len(listed)
    assert all(len(line) <= 72 for line in several.detail)


def test_a_server_that_does_not_start_is_a_finding(server: ServerEntry) -> None:
    """One that is not there or ends at once is named, and the others are still asked."""
    absent, ends = ServerEntry(command="/no/such/server"), ServerEntry(command="false")
    examined = examine({"a": absent, "b": ends, "c": server}, REGISTRY)
    assert [finding.code for finding in examined.findings] == ["doctor.server-down"] * 2
    assert list(examined.tools) == ["c"]


def test_a_server_that_complains_is_quoted_without_its_secrets(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The last line of its standard error says why it is down, or that it refuses us; nothing else is
    printed, whatever it writes in place of the protocol."""
    words = 'echo hello; echo "$0: $TOKEN" >&2; exit 3'
    for said, code in (("no such team", "doctor.server-down"), ("401 Unauthorized", "doctor.auth-refused")):
        entry = ServerEntry(command="sh", args=("-c", words, said), env={"TOKEN": "hunter2hunter2"})
        [finding] = examine({"x": entry}, REGISTRY).findings
        assert finding.code == code
        assert said in finding.message
        assert "hunter2" not in finding.message
    assert capfd.readouterr() == ("", "")


def test_the_last_of_many_words_is_quoted() -> None:
    """A server may say a lot before it says why it ends."""
    words = "seq 30000 >&2; echo no such team >&2; exit 3"
    [finding] = examine({"x": ServerEntry(command="sh", args=("-c", words))}, REGISTRY).findings
    assert finding.message.endswith("'no such team'")


def test_a_server_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that never answers is down after the time that a server has to start."""
    monkeypatch.setattr("routine_harness.live.outside.mcp_client.START_SECONDS", 0.5)
    [finding] = examine({"x": ServerEntry(command="sleep", args=("60",))}, REGISTRY).findings
    assert finding.code == "doctor.server-down"
    assert "nothing came within" in finding.message


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_runs_on_after_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM end the server that is being asked, too."""
    mark = tmp_path / "started"
    words = f"echo $$ > {mark}; exec sleep 60"
    (tmp_path / ".mcp.json").write_text(
        json.dumps({"mcpServers": {"x": {"command": "sh", "args": ["-c", words]}}})
    )
    doctor = subprocess.Popen(
        [sys.executable, "-m", "routine_harness", "doctor"], cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 30
    while not mark.exists() or not mark.read_text().strip():
        assert time.monotonic() < until
        time.sleep(0.05)
    doctor.send_signal(number)
    assert doctor.wait(30) in (130, 143)
    server = int(mark.read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def test_arguments_that_no_longer_fit_are_told_in_words(server: ServerEntry) -> None:
    """What was expected and what was recorded, by argument."""
    examined = examine({"tickets": server}, REGISTRY, [recorded("create", title="x", team=3)])
    assert [finding.detail for finding in examined.findings] == [("team: expected string, found 3",)]


class Refusing(BaseHTTPRequestHandler):
    """A server that lets nobody in."""

    def do_POST(self) -> None:
        self.send_response(401)
        self.send_header("content-length", "0")
        self.end_headers()

    do_GET = do_DELETE = do_POST  # noqa: N815 - http.server's names

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def refusing() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/mcp"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_address_that_holds_a_secret_is_not_shown(refusing: str) -> None:
    """The client's own words name the address, and the finding does without its secrets."""
    url = f"{refusing}?key=${{TOKEN}}"
    entry = ServerEntry(type="sse", url=url)
    [finding] = examine({"x": entry}, REGISTRY, variables={"TOKEN": "hunter2hunter2"}).findings
    assert f"{refusing}?key=" in finding.message
    assert "hunter2" not in finding.message
    assert "\n" not in finding.message


@pytest.mark.parametrize(
    "entry", [{"url": "http://[::1"}, {"url": "http://127.0.0.1:1/", "headers": {"a": "é"}}]
)
def test_what_is_no_address_or_header_is_a_finding(entry: dict[str, Any]) -> None:
    """A client that cannot even ask is told like a server that does not answer."""
    [finding] = examine({"x": ServerEntry(type="http", **entry)}, REGISTRY).findings
    assert finding.code == "doctor.server-down"


def test_a_server_that_refuses_us_is_told_apart(refusing: str) -> None:
    """401 is auth refused, not a server that is down."""
    [finding] = examine({"slack": ServerEntry(type="http", url=refusing)}, REGISTRY).findings
    assert finding.code == "doctor.auth-refused"


def test_variables_are_filled_in() -> None:
    """${NAME} and ${NAME:-default} are replaced; one without a value is a finding, not an empty text."""
    entry = ServerEntry(command="${BIN:-node}", args=("${ROOT}/x",), env={"T": "${TOKEN}"})
    filled, missing = fill_in(entry, {"ROOT": "/r"})
    assert (filled.command, filled.args, missing) == ("node", ("/r/x",), ("TOKEN",))
    [finding] = examine({"x": entry}, REGISTRY, (), {"ROOT": "/r"}).findings
    assert "TOKEN" in finding.message


def test_an_npm_server_is_examined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A published server passes as it is, and fails where a recording leans on a tool that it lacks."""
    script = npm_modules() / "@modelcontextprotocol" / "server-memory" / "dist" / "index.js"
    config = tmp_path / ".mcp.json"
    memory = str(tmp_path / "memory.json")
    config.write_text(
        json.dumps(
            {
                "mcpServers": {
                    "memory": {"command": "node", "args": [str(script)], "env": {"MEMORY_FILE_PATH": memory}}
                }
            }
        )
    )
    assert run(["doctor", "--connectors", str(config)]) == 0
    assert "memory: 9 tools" in capsys.readouterr().out
    header = {"type": "header", "routine": "x", "case": "y", "origin": "imported", "agent": {"name": "a"},
              "format": "routine-harness-recording", "version": 1}  # fmt: skip
    call = {
        "type": "call",
        "run": 1,
        "turn": 1,
        "id": "1",
        "time": 0,
        "tool": "memory.forget",
        "arguments": {},
    }
    recording = tmp_path / "recordings" / "y.jsonl"
    recording.parent.mkdir()
    recording.write_text(f"{json.dumps(header)}\n{json.dumps(call)}\n")
    assert run(["doctor", str(tmp_path), "--connectors", str(config), "--json"]) == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert finding["code"] == "doctor.tool-gone"


def test_a_configuration_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing or malformed configuration is one clear error."""
    assert run(["doctor", "--connectors", str(tmp_path / "no.json")]) == 2
    (tmp_path / "bad.json").write_text("[]")
    assert run(["doctor", "--connectors", str(tmp_path / "bad.json")]) == 2
    assert "expected an MCP configuration" in capsys.readouterr().err


def test_findings_name_the_line_of_the_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that is down, one that lacks a variable and one that Claude Code skips stand in the
    configuration, each at its line."""
    config = tmp_path / ".mcp.json"
    config.write_text(
        '{"mcpServers": {\n"a": {"command": "/no/such"},\n"b": {"command": "${NO_SUCH_VARIABLE}"},\n'
        '"c": {"url": "http://127.0.0.1:9/mcp"},\n"d": {"type": "ws", "url": "ws://127.0.0.1:9"}}}\n'
    )
    assert run(["doctor", "--connectors", str(config), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert sorted((one["location"]["line"], one["code"]) for one in found) == [
        (2, "doctor.server-down"), (3, "doctor.server-down"), (4, "doctor.server-down"),
        (4, "doctor.type-missing"), (5, "doctor.server-down"),
    ]  # fmt: skip
    assert {one["location"]["file"] for one in found} == {str(config)}


def test_what_only_the_model_has_stands_in_the_configuration(server: ServerEntry) -> None:
    """A tool that the model has and the server lacks is told at the server's line."""
    placed = ServerEntry(command=server.command, args=server.args, file="x.json", line=7)
    found = examine({"slack": placed}, REGISTRY).findings
    assert {str(finding.location) for finding in found} == {"x.json:7"}


def test_every_entry_that_is_wrong_is_named_with_its_line() -> None:
    """Entries of a configuration are judged one by one, all in one error."""
    data = b'{"mcpServers": {"a": {"type": "tcp"},\n"b": {},\n"c": 4, "d": {"command": "x"}}}'
    with pytest.raises(AgentError) as caught:
        parse_servers(data, "m.json")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]


@pytest.mark.parametrize("flat", [False, True])
def test_each_bad_server_is_one_finding(
    server: ServerEntry, tmp_path: Path, capsys: pytest.CaptureFixture[str], flat: bool
) -> None:
    """The others are judged, in a project's file and in a plugin's, which has no ``mcpServers``."""
    bad = ({"link": "https://x.invalid/mcp"}, {}, 4, {"type": "tcp"}, {"command": ["x"]}, {"type": "http"})
    servers: dict[str, object] = {f"bad{number}": entry for number, entry in enumerate(bad)}
    servers["slack"] = {"command": server.command, "args": list(server.args)}
    file = tmp_path / ".mcp.json"
    file.write_text(json.dumps(servers if flat else {"mcpServers": servers}))
    assert run(["doctor", "--connectors", str(file), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [one["message"].split(": ")[0] for one in found if one["code"] == "doctor.bad-entry"] == [
        f"expected an MCP configuration of bad{number}" for number in range(len(bad))
    ]
    assert any(one["message"].startswith("slack") for one in found)


@pytest.mark.parametrize(
    "text", ['{"servers": {"x": {"command": "y"}}}', '{"mcpServers": []}', "[]", '{"mcpservers": {}}', "4"]
)
def test_a_file_that_was_not_understood_is_not_green(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    """What names its servers otherwise is refused; an empty one has none."""
    file = tmp_path / ".mcp.json"
    file.write_text(text)
    assert run(["doctor", "--connectors", str(file)]) == 2
    assert "mcpServers" in capsys.readouterr().err
    file.write_text("{}")
    assert run(["doctor", "--connectors", str(file)]) == 0


def test_the_reported_configurations(
    shared_data: Path, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The bad server is named, the plugin's flat file is read."""
    monkeypatch.chdir(project)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    folder = shared_data / "reports" / "mcp-json"
    assert run(["doctor", "--connectors", str(folder / "one-bad.json")]) == 1
    said = capsys.readouterr().out
    assert said.count("doctor.") == 1
    assert "neither a command nor a url (found: link)" in " ".join(said.split())
    assert "linear: 53 tools" in said
    assert run(["doctor", "--connectors", str(folder / "plugin-flat.json")]) == 1
    assert "doctor.server-down" in capsys.readouterr().out


def test_variables_without_a_value_are_one_error_each() -> None:
    """Where servers are started for a run, every variable that is missing is named with its line."""
    entry = ServerEntry(command="${NO_A}", file="m.json", line=3)
    with pytest.raises(AgentError, match="needs NO_A") as caught:
        fill_in_all({"a": entry, "b": ServerEntry(command="${B}")}, {"B": "x"})
    assert [problem.line for problem in caught.value.problems] == [3]
    assert fill_in_all({"b": ServerEntry(command="${B}")}, {"B": "x"})["b"].command == "x"


SHAPES = """
import json
import sys
from pathlib import Path

from mcp.server.mcpserver import MCPServer

server = MCPServer("linear")

@server.tool()
def list_issues() -> str:
    "List issues."
    Path(sys.argv[1]).open("a").write("list\\n")
    return json.dumps({"incidents": [{"id": "P1", "state": "open", "urgency": None}]})

@server.tool()
def get_incident(id: str) -> dict[str, int]:
    "Get one."
    return {"number": 7}

@server.tool()
def create_incident(title: str) -> str:
    "Create one."
    Path(sys.argv[1]).open("a").write("create\\n")
    return "{}"

server.run("stdio")
"""


def found(tool: str, result: ToolResult, **arguments: object) -> Expected:
    return Expected(ToolCall("linear", tool, dict(arguments)), "r.jsonl", result)


def test_the_shape_of_recorded_results_is_compared(tmp_path: Path) -> None:
    """By the schema that a server states for its output; on request, by making recorded reads again."""
    (tmp_path / "server.py").write_text(SHAPES)
    entry = ServerEntry(command=sys.executable, args=(str(tmp_path / "server.py"), str(tmp_path / "calls")))
    read = ToolResult('{"incidents": [{"id": "P1", "status": "open", "urgency": "high"}], "more": false}')
    expected = [
        found("list_issues", read), found("get_incident", ToolResult("", structured={"number": "7"}), id="1"),
        found("create_incident", ToolResult('{"id": 1}'), title="x"),
    ]  # fmt: skip
    quiet = examine({"linear": entry}, REGISTRY, expected)
    told = [f.data["tool"] for f in quiet.findings if f.code == "doctor.result-changed"]
    assert told == ["linear.get_incident"]
    assert not (tmp_path / "calls").exists()
    asked = examine({"linear": entry}, REGISTRY, expected, reads=True)
    [changed] = [f for f in asked.findings if f.data.get("tool") == "linear.list_issues" and f.fails]
    assert changed.detail == ("incidents[].status: is gone", "more: is gone")
    assert (tmp_path / "calls").read_text() == "list\n"


@pytest.mark.parametrize(
    ("recorded_value", "now", "lines"),
    [
        ({"a": 1, "b": None}, {"a": 2, "c": 3}, ["b: is gone"]),
        ({"a": [{"x": 1}, {"x": 2, "y": 3}]}, {"a": [{"y": 1}]}, ["a[].x: is gone"]),
        ({"a": []}, {"a": [{"x": 1}]}, []),
        ({"a": "1"}, {"a": 1}, ["a: was a text, is a number"]),
        ({"a": {"b": True}}, {"a": {"b": None}}, []),
        ("text", "other text", []),
        ("text", {"a": 1}, ["the result: was a text, is an object"]),
        ([1, 2], ["1"], ["[]: was a number, is a text"]),
    ],
)
def test_values_have_no_say_in_a_shape(recorded_value: Any, now: Any, lines: list[str]) -> None:
    """Only what a reader of the old result would miss is told."""
    assert lost_shape(recorded_value, now) == lines


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_the_credential_of_live_runs_is_named_and_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """Without servers, too: which variable counts, who pays, and what is passed over."""
    monkeypatch.chdir(tmp_path)
    forget_credentials(monkeypatch)

    def said() -> str:
        assert run(["doctor", *words]) == 0
        told = capsys.readouterr()
        assert "HeldOutside" not in told.out + told.err
        return " ".join((told.err if words else told.out).split())

    assert "no credential is set; `claude setup-token` prints one" in said()
    monkeypatch.setenv("CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-HeldOutside")
    assert "live runs: CLAUDE_CODE_OAUTH_TOKEN: a subscription's token, which counts against its" in said()
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-HeldOutside")
    assert "live runs: ANTHROPIC_API_KEY: an API key, billed by the token" in said()


def test_a_malformed_credential_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The doctor exits with 1 for what cannot be a credential, and says how to get another."""
    monkeypatch.chdir(tmp_path)
    forget_credentials(monkeypatch)
    monkeypatch.setenv("CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-Held Outside")
    assert run(["doctor"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "doctor.credential-malformed" in said
    assert "expected CLAUDE_CODE_OAUTH_TOKEN to be one word" in said
    assert "claude setup-token" in said
    assert "Held Outside" not in said
