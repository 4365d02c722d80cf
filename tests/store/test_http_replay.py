"""HTTP clients are answered from a cassette; nothing gets past it, and both sides are accounted for."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from routine_harness.agents.sockets import SocketDeniedError
from routine_harness.errors import RecordingError, UsageError
from routine_harness.store.cassette_files import save_cassette
from routine_harness.store.cassettes import load_cassette
from routine_harness.store.http_replay import HttpReplay, RecordMode
from routine_harness.store.interactions import Interaction
from routine_harness.store.requests import request_call
from routine_harness.world.tool import ToolCall, ToolResult

READ = "https://example.org/a?x=1&y=2"
RPC = "https://example.org/rpc"
JSON = {"Content-Type": ["application/json"]}
BODY = b'{"jsonrpc":"2.0","id":7,"method":"m","params":{"a":1,"b":2}}'


@pytest.fixture(params=["yaml", "json", "jsonl"])
def cassette(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"c.{request.param}"
    interactions = (
        Interaction("GET", READ, 200, b'{"n":1}', JSON),
        Interaction("GET", READ, 200, b'{"n":2}', JSON),
        Interaction("POST", RPC, 200, b'{"ok":1}', JSON, BODY),
        Interaction("GET", "https://example.org/never", 200, b""),
    )
    save_cassette(path, interactions)
    return path


def httpx2_get(url: str) -> Any:
    return pytest.importorskip("httpx2").get(url).json()


async def _async_get(url: str) -> Any:
    async with httpx.AsyncClient() as client:
        return (await client.get(url)).json()


CLIENTS = {
    "requests": lambda url: requests.get(url, timeout=5).json(),
    "httpx": lambda url: httpx.get(url).json(),
    "httpx2": httpx2_get,
    "httpx async": lambda url: asyncio.run(_async_get(url)),
    "urllib": lambda url: json.load(urllib.request.urlopen(url, timeout=5)),
}


@pytest.mark.parametrize("client", sorted(CLIENTS))
def test_clients_are_answered_in_recorded_order(client: str, cassette: Path) -> None:
    """Each client gets the recorded answers in order, whatever the order of its query."""
    with HttpReplay((cassette,)).playing():
        answers = [CLIENTS[client](url) for url in (READ, "https://example.org/a?y=2&x=1", READ)]
    assert answers == [{"n": 1}, {"n": 2}, {"n": 2}]


def test_a_json_rpc_id_is_no_part_of_a_request(cassette: Path) -> None:
    """A call with another id and another order of names is the recorded one."""
    with HttpReplay((cassette,)).playing():
        body = {"id": "other", "params": {"b": 2, "a": 1}, "method": "m", "jsonrpc": "2.0"}
        assert requests.post(RPC, json=body, timeout=5).json() == {"ok": 1}


def test_what_nothing_answers_is_refused_and_found(cassette: Path) -> None:
    """An unexpected request gets 501 with the nearest; a read is a warning, a write an error."""
    replay = HttpReplay((cassette,))
    with replay.playing():
        missed = requests.post(
            RPC, json={"jsonrpc": "2.0", "method": "m", "params": {"a": 1, "b": 3}}, timeout=5
        )
        assert missed.status_code == 501
        assert httpx.get("https://example.org/b").status_code == 501
    write, read = [finding for finding in replay.findings() if finding.code == "call.unexpected"]
    assert write.fails
    assert not read.fails
    assert "body params.b is 3, recorded 2" in write.detail[0]
    assert "path is /b, recorded /" in read.detail[0]


def test_a_write_goes_nowhere_and_is_an_effect(cassette: Path) -> None:
    """Whoever observes is told of each request as the tool call that it amounts to."""
    seen: list[tuple[ToolCall, ToolResult]] = []
    with HttpReplay((cassette,), observe=lambda call, result: seen.append((call, result))).playing():
        requests.post(RPC, data=BODY, timeout=5)
        requests.get(READ, timeout=5)
        requests.delete("https://api.github.com/repos/acme/core/git/refs/heads/old", timeout=5)
    posted, read, deleted = seen
    assert posted[0].tool == "Bash"
    assert posted[0].arguments["command"].startswith(f"curl -X POST {RPC} --data-raw ")
    assert (read[0].tool, read[0].arguments) == ("WebFetch", {"url": READ})
    assert (deleted[0].connector, deleted[0].tool) == ("github", "delete_branch")
    assert deleted[1].is_error


def test_both_sides_are_accounted_for(cassette: Path) -> None:
    """What was recorded and not asked for is found."""
    replay = HttpReplay((cassette,))
    with replay.playing():
        requests.get(READ, timeout=5)
    [left] = replay.findings()
    assert left.code == "cassette.unplayed"
    assert left.message.startswith("3 recorded answers")


def test_sockets_are_denied_while_replaying(cassette: Path) -> None:
    """A client that goes past the cassette fails at once and is found; afterwards sockets work again."""
    replay = HttpReplay((cassette,))
    with replay.playing():
        with pytest.raises(SocketDeniedError):
            socket.create_connection(("192.0.2.1", 80), timeout=1)
        with pytest.raises(SocketDeniedError):
            socket.getaddrinfo("example.org", 80)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, pytest.raises(SocketDeniedError):
            datagrams.sendto(b"x", ("192.0.2.1", 53))
    assert replay.findings()[0].code == "cassette.bypassed"
    listener = socket.create_server(("127.0.0.1", 0))
    socket.create_connection(listener.getsockname()[:2]).close()
    listener.close()


class _Echo(BaseHTTPRequestHandler):
    """A server whose answers count up."""

    count = 0

    def do_GET(self) -> None:
        type(self).count += 1
        body = json.dumps({"n": type(self).count, "token": "ghp_" + "x1" * 18}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *arguments: object) -> None:
        """Be quiet."""


@pytest.fixture
def server() -> Iterator[str]:
    _Echo.count = 0
    with HTTPServer(("127.0.0.1", 0), _Echo) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def ask(path: Path, mode: RecordMode, *urls: str) -> list[Any]:
    replay = HttpReplay((path,), mode)
    with replay.playing():
        return [requests.get(url, timeout=5).json().get("n") for url in urls]


@pytest.mark.parametrize("suffix", ["yaml", "json", "jsonl"])
def test_record_modes(server: str, tmp_path: Path, suffix: str) -> None:
    """once fills what is absent, new_episodes adds, all records anew, none only plays."""
    path = tmp_path / f"c.{suffix}"
    with pytest.raises(RecordingError, match="no such file"):
        ask(path, "none", server)
    assert ask(path, "once", f"{server}/a") == [1]
    assert ask(path, "once", f"{server}/a", f"{server}/b") == [1, None]
    assert ask(path, "none", f"{server}/a") == [1]
    assert ask(path, "new_episodes", f"{server}/a", f"{server}/b") == [1, 2]
    assert ask(path, "none", f"{server}/a", f"{server}/b") == [1, 2]
    assert ask(path, "all", f"{server}/a") == [3]
    assert [each.url for each in load_cassette(path)] == [f"{server}/a"]
    assert "ghp_" not in path.read_text()


def test_writes_go_out_only_where_that_was_asked_for(server: str, tmp_path: Path) -> None:
    """While recording, a request that changes something is refused unless writes are allowed."""
    for writes, status in ((False, 501), (True, 200)):
        replay = HttpReplay((tmp_path / f"{writes}.yaml",), "all", writes=writes)
        with replay.playing():
            assert httpx.post(server, json={"a": 1}).status_code == status
    assert _Echo.count == 1


def test_an_unknown_record_mode_is_named(tmp_path: Path) -> None:
    """A mode that does not exist is an error of the caller."""
    with pytest.raises(UsageError, match="unknown record mode 'sometimes'"):
        HttpReplay((tmp_path / "c.yaml",), "sometimes")  # type: ignore[arg-type]


def test_requests_to_github_are_its_tools() -> None:
    """A REST request is the tool call that does the same; any other host is not."""
    merge = request_call(
        "PUT", "https://api.github.com/repos/acme/core/pulls/4/merge", b'{"merge_method": "squash"}'
    )
    assert merge.name == "github.merge_pull_request"
    assert merge.arguments["merge_method"] == "squash"
    assert request_call("GET", "https://example.org/repos/acme/core/pulls/4").tool == "WebFetch"
