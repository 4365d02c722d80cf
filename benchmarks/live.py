"""What the live parts cost, each beside the bare thing: ``python benchmarks/live.py``.

A call over our MCP server against the same call on a bare server of the mcp package, over stdio and
streamable HTTP; a played session of 10 calls through the real CLI against the CLI alone; the sandbox of a
script against ``bash -c`` (``--shell``: this alone); every kind of decision of the guard against starting an
interpreter (``benchmarks/guard.py``).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver import MCPServer

ROOT = Path(__file__).parents[1]
ROUTINE = ROOT / "example_routines" / "security-triage-pr"
CALLS, ROUNDS = 200, 5
TEXT = '{"issues":[],"hasNextPage":false}'

Call = Callable[[], Awaitable[Any]]


def bare() -> MCPServer:
    """A server with one tool, as the package's readme would write it."""
    server = MCPServer("bare", log_level="ERROR")

    @server.tool()
    def list_issues(project: str = "") -> str:
        return TEXT

    return server


async def milliseconds(call: Call) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        await call()
    return (time.perf_counter() - started) * 1000 / CALLS


async def over_stdio(*command: str) -> float:
    parameters = StdioServerParameters(command=sys.executable, args=list(command))
    with Path(os.devnull).open("w") as unheard:  # the plan of effects that a served world ends with
        async with (
            stdio_client(parameters, errlog=unheard) as streams,
            ClientSession(streams[0], streams[1]) as session,
        ):
            await session.initialize()
            await session.call_tool("list_issues", {"project": "Security"})
            return await milliseconds(lambda: session.call_tool("list_issues", {"project": "Security"}))


async def over_http(url: str) -> float:
    async with (
        httpx2.AsyncClient() as client,
        streamable_http_client(url, http_client=client) as streams,
        ClientSession(streams[0], streams[1]) as session,
    ):
        await session.initialize()
        await session.call_tool("list_issues", {"project": "Security"})
        return await milliseconds(lambda: session.call_tool("list_issues", {"project": "Security"}))


def compare(name: str, ours: Callable[[], float], theirs: Callable[[], float], limit: str) -> None:
    """Alternate both, and print the best round of each and their ratio."""
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    mine, other = (min(values) for values in zip(*pairs, strict=True))  # the least disturbed round
    print(f"{name:34} {mine:7.2f} ms  bare {other:7.2f} ms  ratio {mine / other:5.2f}  (at most {limit})")


def stdio() -> None:
    ours = ["-m", "routine_harness", "serve", "world", str(ROUTINE), "--connector", "linear"]
    compare(
        "MCP call over stdio",
        lambda: anyio.run(over_stdio, *ours),
        lambda: anyio.run(over_stdio, __file__, "--bare"),
        "1.3",
    )


def http() -> None:
    world = [sys.executable, "-m", "routine_harness", "serve", "world", str(ROUTINE), "--http", "127.0.0.1:0"]
    ours = subprocess.Popen(world, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert ours.stdout is not None
        urls = [ours.stdout.readline().split()[0] for _ in range(3)]
        url = next(url for url in urls if url.endswith("/linear"))
        with bare_http() as other:
            compare(
                "MCP call over streamable HTTP",
                lambda: anyio.run(over_http, url),
                lambda: anyio.run(over_http, other),
                "1.3",
            )
    finally:
        ours.terminate()
        ours.wait()


def ten_calls(tool: str) -> Callable[[list[dict[str, Any]]], Any]:
    """A model that calls ``tool`` ten times, one after the other."""

    def model(messages: list[dict[str, Any]]) -> Any:
        number = sum(message["role"] == "assistant" for message in messages)
        call = {"type": "tool_use", "name": tool, "input": {"project": "Security"}}
        return [call] if number < 10 else "done"

    return model


def cli_alone(url: str, folder: Path) -> float:
    """Seconds of the CLI by itself, with a scripted model and the bare server."""
    from routine_harness.live.client.program import QUIET, find_program
    from routine_harness.serve.mcp import build_application
    from routine_harness.serve.model import ModelEndpoint
    from routine_harness.serve.model_session import ModelSession
    from routine_harness.serve.modes import ScriptMode
    from routine_harness.serve.server import ServerThread, listen

    endpoint = ModelEndpoint()
    session = endpoint.open(ModelSession(ScriptMode(ten_calls("mcp__bare__list_issues"))))
    server = ServerThread(build_application({}, endpoint.routes()), listen("127.0.0.1", 0), lambda *_: None)
    configuration = json.dumps({"mcpServers": {"bare": {"type": "http", "url": url}}})
    environment = {
        **QUIET, "PATH": "/usr/bin:/bin", "HOME": str(folder), "ANTHROPIC_API_KEY": session.token,
        "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{server.port}",
    }  # fmt: skip
    words = ["-p", "--output-format", "stream-json", "--verbose", "--permission-mode", "bypassPermissions"]
    words += ["--strict-mcp-config", "--mcp-config", configuration]
    started = time.perf_counter()
    done = subprocess.run(
        [*find_program().words, *words], input="Go.", text=True, cwd=folder, env=environment,
        capture_output=True, check=True,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    server.close()
    assert done.stdout.count("tool_result") >= 10
    return seconds


def through_the_harness(folder: Path) -> float:
    """Seconds per run of the same session through the harness: sandbox, servers, proxy and all."""
    from routine_harness.harness import Harness, Options
    from routine_harness.live.client.live_agent import LiveOptions, execute_live
    from routine_harness.serve.modes import ScriptMode
    from routine_harness.store.cases import load_case_file

    loaded = load_case_file(folder / "r" / "cases" / "one.yaml")
    options = LiveOptions(model=lambda _: ScriptMode(ten_calls("mcp__Linear__list_issues")))
    harness = Harness(Options(), live=lambda setting: execute_live(setting, options))
    started = time.perf_counter()
    result = harness.check_case(loaded.cases[0], loaded.routine)
    seconds = (time.perf_counter() - started) / 2
    assert result.pair is not None
    assert result.pair.second is not None
    assert [len(run.calls) for run in (result.pair.first, result.pair.second)] == [10, 10]
    return seconds


def session_of_ten_calls() -> None:
    with tempfile.TemporaryDirectory() as name, bare_http() as url:
        folder = Path(name)
        (folder / "r" / "cases").mkdir(parents=True)
        (folder / "r" / "routine.yaml").write_text(
            "name: ten\nconnectors: [linear:Security]\ntriggers: [{type: api}]\nprompt: Go.\n"
        )
        (folder / "r" / "cases" / "one.yaml").write_text("trigger: {api: {text: go}}\nagent: claude-code\n")
        pairs = [(through_the_harness(folder), cli_alone(url, folder)) for _ in range(ROUNDS)]
    ours, alone = (statistics.median(values) for values in zip(*pairs, strict=True))
    print(
        f"{'session of 10 calls':34} {ours:7.2f} s   alone {alone:5.2f} s   "
        f"added {ours - alone:5.2f} s  (at most 0.5 s)"
    )


def shell_in_a_sandbox() -> None:
    """How long the sandbox takes to stand (folders and clones are made before), and what it adds to a
    command, repositories and judging left out."""
    from routine_harness.live.client.live_pair import LivePair
    from routine_harness.live.client.live_run import LiveRun
    from routine_harness.live.outside.served_world import open_setting, open_world
    from routine_harness.live.sandbox.isolation import CONTAINED
    from routine_harness.live.sandbox.scratch import scratch_folder
    from routine_harness.live.sandbox.shell import Shell, worker_words
    from routine_harness.live.sandbox.shell_tools import ShellTools
    from routine_harness.live.sandbox.view import Program
    from routine_harness.store.cases import load_case_file

    def stand(setting: Any) -> tuple[float, float]:
        session = open_world(setting)
        with scratch_folder() as root:
            live_pair = LivePair(setting, root, CONTAINED)
            live_pair.follow(session.world)
            scratch = live_pair.scratch(session)
            live_run = LiveRun(live_pair, session, scratch, "token")
            live_run.workplace.set_up(live_run.authority)
            words = worker_words(scratch.tools, live_run.layout.tools)
            begun = time.perf_counter()
            build = Program(words, {}, live_run.workplace.folder, converses=True)
            with live_run.standing(lambda _: build) as contained:
                tools = ShellTools(Shell(contained, live_run.alarm))
                tools.call("Bash", {"command": "true"})
                started = time.perf_counter() - begun
                return started * 1000, min(timed(tools.call, "Bash", {"command": "true"}) for _ in range(100))

    def timed(call: Callable[..., Any], *given: Any) -> float:
        begun = time.perf_counter()
        call(*given)
        return (time.perf_counter() - begun) * 1000

    def bare() -> float:
        return min(timed(subprocess.run, ["bash", "-c", "true"]) for _ in range(100))

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "r" / "cases").mkdir(parents=True)
        (folder / "r" / "routine.yaml").write_text(
            "name: one\nrepositories: [github:acme/core]\ntriggers: [{type: api}]\nprompt: Go.\n"
        )
        (folder / "r" / "cases" / "one.yaml").write_text("trigger: {api: {text: go}}\n")
        loaded = load_case_file(folder / "r" / "cases" / "one.yaml")
        setting = open_setting(loaded.cases[0], loaded.routine)
        stand(setting)  # what is imported once
        rounds = [(*stand(setting), bare()) for _ in range(ROUNDS)]
    started, command, alone = (min(values) for values in zip(*rounds, strict=True))
    print(f"{'sandbox of a script starts':34} {started:7.2f} ms  (at most 100 ms)")
    print(
        f"{'a command in it':34} {command:7.2f} ms  bash -c {alone:5.2f} ms  ratio {command / alone:5.2f}  "
        f"added {command - alone:5.2f} ms  (at most 15 ms)"
    )


def guard_decisions() -> None:
    # Imported here: the bare servers are this very file, and need nothing of the guard.
    import guard

    for measured in guard.measure(15):
        print(f"guard: {measured}")


@contextmanager
def bare_http() -> Iterator[str]:
    """A bare server over HTTP in a process of its own; its URL."""
    process = subprocess.Popen([sys.executable, __file__, "--bare-http"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def serve_bare_http() -> None:
    import socket

    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp", flush=True)
        config = uvicorn.Config(bare().streamable_http_app(), log_level="error", http="h11")
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    if "--bare" in sys.argv:
        bare().run()
    elif "--bare-http" in sys.argv:
        serve_bare_http()
    elif "--shell" in sys.argv:
        shell_in_a_sandbox()
    else:
        stdio()
        http()
        session_of_ten_calls()
        shell_in_a_sandbox()
        guard_decisions()
