"""``serve world --http``: one world for all clients or one for each, and a token where one is asked for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

pytest.importorskip("mcp")

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

PAGER = """\
connector: pager
tables: {incidents: {new: {id: "INC-{n}", status: open}}}
tools:
  - {name: create_incident, creates: incidents, effect: ticket.created, fields: {title: title}}
  - {name: list_incidents, lists: incidents, filter_by: [status]}
"""
ROUTINE = """\
name: alarm
connectors: [pager]
triggers: [{type: api}]
prompt: Open an incident.
"""


class Served:
    """A running server: its address, and what it said when it ended."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.said = ""


@contextmanager
def served(folder: Path, *arguments: str, **variables: str) -> Iterator[Served]:
    """``serve world --http`` of a routine with a declared connector, in a process of its own."""
    (folder / "connectors").mkdir()
    (folder / "connectors" / "pager.yaml").write_text(PAGER, "utf-8")
    (folder / "policy.yaml").write_text("root: true\n", "utf-8")
    (folder / "routine.yaml").write_text(ROUTINE, "utf-8")
    command = [sys.executable, "-m", "routine_harness", "serve", "world", str(folder), *arguments]
    process = subprocess.Popen(
        [*command, "--http", "127.0.0.1:0"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **variables},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        server = Served(process.stdout.readline().split()[0])
        yield server
    finally:
        process.terminate()
        _, server.said = process.communicate(timeout=10)
        assert process.returncode == 0


async def talk(url: str, headers: dict[str, str], *calls: tuple[str, dict[str, Any]]) -> list[Any]:
    """The answers to calls in one client session, as JSON."""
    async with (
        httpx2.AsyncClient(headers=headers) as client,
        streamable_http_client(url, http_client=client) as streams,
        ClientSession(streams[0], streams[1]) as session,
    ):
        await session.initialize()
        return [json.loads((await session.call_tool(name, given)).content[0].text) for name, given in calls]


MAKE = ("create_incident", {"title": "Down"})
LIST = ("list_incidents", {"status": "open"})


def ids(answer: Any) -> list[str]:
    return [row["id"] for row in answer["incidents"]]


def test_clients_share_a_world_unless_they_ask_for_their_own(tmp_path: Path) -> None:
    """By default the second client sees what the first one did, and the server says so."""
    with served(tmp_path) as server:
        anyio.run(talk, server.url, {}, MAKE)
        [found] = anyio.run(talk, server.url, {}, LIST)
    assert ids(found) == ["INC-1"]
    assert "one world for all clients" in server.said
    assert "no token" in server.said
    assert '+ ticket INC-1 "Down"' in server.said


def test_each_client_session_has_a_world_of_its_own(tmp_path: Path) -> None:
    """Every session starts from World 0, remembers its own writes, and is told of apart; a world that the URL
    names is shared by those who name it."""
    with served(tmp_path, "--worlds", "session") as server:
        made = anyio.run(talk, server.url, {}, MAKE, MAKE, LIST)
        other = anyio.run(talk, server.url, {}, LIST)
        named = anyio.run(talk, f"{server.url}?world=blue", {}, MAKE)
        again = anyio.run(talk, f"{server.url}?world=blue", {}, LIST)
    assert ids(made[2]) == ["INC-1", "INC-2"]
    assert ids(other[0]) == []
    assert named[0]["id"] == "INC-1"
    assert ids(again[0]) == ["INC-1"]
    assert "a world for each client session" in server.said
    plans = server.said.split("world ")
    assert sum("Plan: 2 to create" in plan for plan in plans) == 1
    assert "blue:" in server.said


def test_a_token_is_asked_for_where_one_is_set(tmp_path: Path) -> None:
    """Without the bearer there is no answer, with it there is; the client of the protocol and curl agree."""
    with served(tmp_path, ROUTINE_WORLD_TOKEN="s3cret") as server:
        [made] = anyio.run(talk, server.url, {"Authorization": "Bearer s3cret"}, MAKE)
        assert made["id"] == "INC-1"
        for shown, code in (("", 401), ("Bearer wrong", 401), ("Bearer s3cret", 200)):
            assert _curl(server.url, shown) == code
    assert "has to show ROUTINE_WORLD_TOKEN" in server.said


def _curl(url: str, authorization: str) -> int:
    """The status that curl is answered when it opens a session."""
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    client = {"clientInfo": {"name": "c", "version": "1"}, "capabilities": {}}
    given = {"protocolVersion": "2025-06-18", **client}
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": given}
    command = [
        "curl", "-s", "-o", os.devnull, "-w", "%{http_code}", "-X", "POST", url,
        "-H", "content-type: application/json", "-H", "accept: application/json, text/event-stream",
        *(("-H", f"authorization: {authorization}") if authorization else ()), "-d", json.dumps(body),
    ]  # fmt: skip
    return int(subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout)
