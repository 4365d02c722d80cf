"""Connectors of a world as MCP servers: over stdio and streamable HTTP, by client and conformance suite."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from support.npm import npm_modules

pytest.importorskip("mcp")

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from routine_harness.serve.mcp import Offer, Received, build_application, build_server
from routine_harness.serve.server import ServerThread, listen
from routine_harness.world.registry import Registry
from routine_harness.world.tool import Tool, ToolResult

COMMAND = [sys.executable, "-m", "routine_harness", "serve", "world"]


@contextmanager
def served(routine: Path, *arguments: str) -> Iterator[dict[str, str]]:
    """``serve world --http`` in a process of its own; URL by connector."""
    process = subprocess.Popen(
        [*COMMAND, str(routine), *arguments, "--http", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        urls = {}
        for _ in range(3):
            url = process.stdout.readline().split()[0]
            urls[url.rpartition("/")[2]] = url
        yield urls
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


async def talk(url: str, *calls: tuple[str, dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The tools that a server lists, and its answers to calls."""
    async with (
        httpx2.AsyncClient() as client,
        streamable_http_client(url, http_client=client) as streams,
        ClientSession(streams[0], streams[1]) as session,
    ):
        await session.initialize()
        listed = await session.list_tools()
        return listed.tools, [await session.call_tool(name, arguments) for name, arguments in calls]


def test_tools_are_listed_as_the_service_lists_them(project: Path) -> None:
    """Names, schemas and hints over HTTP are those of the connector's model, in its order."""
    linear = Registry().get("linear")
    assert linear is not None
    with served(project / "example_routines" / "security-triage-pr") as urls:
        assert sorted(urls) == ["github", "linear", "slack"]
        tools, _ = anyio.run(talk, urls["linear"])
    offered = [tool for tool in linear.tools.values() if tool.offered]
    assert [tool.name for tool in tools] == [tool.name for tool in offered]
    assert [tool.input_schema for tool in tools] == [{"type": "object", **t.input_schema} for t in offered]


def test_writes_are_seen_by_later_reads(project: Path) -> None:
    """A ticket that one call files is listed by the next, in the service's own shape."""
    filing = {"title": "A thing", "team": "Security", "project": "Security"}
    with served(project / "example_routines" / "security-triage-pr", "--case", "sql-injection") as urls:
        calls = (("save_issue", filing), ("list_issues", {"project": "Security"}))
        _, (saved, listed) = anyio.run(talk, urls["linear"], *calls)
    assert not saved.is_error
    assert '"title":"A thing"' in listed.content[0].text


def test_the_rules_of_a_session_hold(project: Path) -> None:
    """A repository that is not granted is refused over MCP as it is in a replay."""
    asked = {"method": "get", "owner": "someone", "repo": "else", "pullNumber": 1}
    with served(project / "example_routines" / "security-triage-pr", "--case", "sql-injection") as urls:
        _, [answer] = anyio.run(talk, urls["github"], ("pull_request_read", asked))
    assert answer.is_error
    assert "is not configured for this session" in answer.content[0].text


def test_reads_are_sanitised_as_a_session_gets_them(project: Path) -> None:
    """A marker that one call writes is not in what the next one reads."""
    where = {"owner": "acme-platform", "repo": "core-api"}
    wrote = {**where, "issue_number": 42, "body": "<!-- triage -->\nSeen by the routine."}
    read = {**where, "method": "get_comments", "pullNumber": 42}
    with served(project / "example_routines" / "security-triage-pr", "--case", "sql-injection") as urls:
        calls = (("add_issue_comment", wrote), ("pull_request_read", read))
        _, (made, comments) = anyio.run(talk, urls["github"], *calls)
    assert not made.is_error
    assert "Seen by the routine." in comments.content[0].text
    assert "<!--" not in comments.content[0].text


def test_stdio_speaks_for_one_connector(project: Path) -> None:
    """``--connector`` serves one connector over standard input and output."""
    routine = project / "example_routines" / "security-triage-pr"
    arguments = [*COMMAND[1:], str(routine), "--case", "sql-injection", "--connector", "slack"]

    async def ask() -> tuple[list[str], str]:
        parameters = StdioServerParameters(command=COMMAND[0], args=arguments, env=dict(os.environ))
        async with stdio_client(parameters) as streams, ClientSession(streams[0], streams[1]) as session:
            await session.initialize()
            tools = await session.list_tools()
            answer = await session.call_tool("slack_search_channels", {"query": "security"})
            return [tool.name for tool in tools.tools], answer.content[0].text

    names, text = anyio.run(ask)
    assert "slack_send_message" in names
    assert "security-alerts" in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_on_stdio_ends_at_a_signal_and_tells_the_plan(project: Path, number: signal.Signals) -> None:
    """Ctrl-C ends it although it waits for input; what was called and what went wrong is told."""
    routine = str(project / "example_routines" / "security-triage-pr")
    process = subprocess.Popen(
        [*COMMAND, routine, "--connector", "linear"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    client = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }
    calls = [
        ("initialize", client),
        ("tools/call", {"name": "save_issue", "arguments": {"title": "A thing", "team": "Security"}}),
        ("tools/call", {"name": "launch", "arguments": {}}),
    ]
    for call_id, (method, params) in enumerate(calls):
        request = {"jsonrpc": "2.0", "id": call_id, "method": method, "params": params}
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        process.stdout.readline()
    process.send_signal(number)
    process.wait(10)
    _, told = process.communicate()
    assert process.returncode == 0
    assert '  + ticket SEC-1 "A thing"' in told
    assert "  ? tool called (refused) linear.launch" in told
    assert "call.unexpected: " in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--connector", "notion"], "does not grant notion"),
        (["--http", "127.0.0.1:99999"], "cannot listen"),
        (["--http", "0.0.0.0:0"], "not loopback"),
        ([], "expected one of --connector"),
        (["--case", "nothing", "--connector", "slack"], "there is no case nothing"),
    ],
)
def test_bad_usage_is_one_clear_error(project: Path, arguments: list[str], said: str) -> None:
    """What cannot be served is said in one line, with exit status 2."""
    routine = str(project / "example_routines" / "security-triage-pr")
    done = subprocess.run([*COMMAND, routine, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_one_clear_error(project: Path) -> None:
    """A port that somebody else listens on is named in the error."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        routine = str(project / "example_routines" / "security-triage-pr")
        done = subprocess.run(
            [*COMMAND, routine, "--http", address], capture_output=True, text=True, check=False
        )
    assert done.returncode == 2
    assert f"cannot listen on {address}: Address already in use\n" in done.stderr


def test_a_guarded_server_asks_for_its_token() -> None:
    """Whoever does not show the session's token gets no further than 401."""
    offer = Offer("small", "Small", (Tool("look", "Looks.", {"properties": {}}, "read"),))
    seen: list[Received] = []

    def answer(received: Received) -> ToolResult:
        seen.append(received)
        return ToolResult("fine")

    def unheard(*_: Any) -> None:
        """Nothing fails here."""

    server = ServerThread(
        build_application({"small": build_server(offer, answer, unheard)}, token="secret"),
        listen("127.0.0.1", 0),
        unheard,
    )
    try:
        url = f"http://127.0.0.1:{server.port}/mcp/small"
        assert httpx2.post(url, json={}).status_code == 401
        assert httpx2.post(url, json={}, headers={"authorization": "Bearer wrong"}).status_code == 401
    finally:
        server.close()
    assert seen == []


def test_conformance_suite(project: Path, tmp_path: Path) -> None:
    """The protocol's own suite passes, save the scenarios that are listed with their reasons."""
    modules = npm_modules()
    environment = {**os.environ, "PATH": f"{modules / '.bin'}:{os.environ['PATH']}"}
    with served(project / "example_routines" / "security-triage-pr", "--case", "sql-injection") as urls:
        for connector in ("linear", "slack"):
            done = subprocess.run(
                [str(modules / ".bin" / "conformance"), "server", "--url", urls[connector],
                 "--expected-failures", str(project / "fixtures" / "serve" / "conformance.yaml")],
                cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout[-3000:]
            passed = re.findall(r"✓ ([\w-]+): [1-9]\d* passed, 0 failed", done.stdout)
            assert {"server-initialize", "ping", "tools-list", "dns-rebinding-protection"} <= set(passed)
