"""The CLI's stream, its arguments and what is missing, without starting it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.errors import AgentError
from routine_harness.live.client.program import build_arguments, find_program, server_configuration
from routine_harness.live.client.stream import Asked, Began, Ended, Got, Said, read_line
from routine_harness.routine.spec import Repository, Routine


def line(**data: Any) -> bytes:
    return json.dumps(data).encode()


def ended(**data: Any) -> Ended:
    [event] = read_line(line(type="result", **data))
    assert isinstance(event, Ended)
    return event


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        ({"subtype": "success", "is_error": False, "result": "ok"}, "finished", ""),
        (
            {"subtype": "success", "is_error": True, "api_error_status": 529, "result": "Overloaded"},
            "failed",
            "API error 529: Overloaded",
        ),
        ({"subtype": "error_max_turns", "errors": []}, "over_budget", "max turns reached"),
        ({"subtype": "error_max_budget_usd"}, "over_budget", "max budget usd reached"),
        (
            {"subtype": "error_during_execution", "errors": ["boom"]},
            "failed",
            "error during execution: boom",
        ),
        ({"subtype": "error_during_execution", "errors": "boom"}, "failed", "error during execution"),
        ({"subtype": "success", "terminal_reason": "aborted_streaming"}, "interrupted", "aborted streaming"),
        ({}, "failed", ""),
    ],
    ids=["success", "api-error", "turns", "budget", "execution", "odd-errors", "aborted", "unknown"],
)
def test_the_result_line_is_mapped_to_a_status(data: dict[str, Any], status: str, reason: str) -> None:
    """A success that carries an error is a failure; limits are over budget."""
    event = ended(**data)
    assert (event.status, event.reason) == (status, reason)


def test_usage_counts_cached_tokens_once() -> None:
    """Tokens in are those sent, written to and read from the cache."""
    usage = {
        "input_tokens": 1,
        "cache_read_input_tokens": 2,
        "cache_creation_input_tokens": 4,
        "output_tokens": 8,
    }
    event = ended(subtype="success", usage=usage, total_cost_usd=0.5, duration_ms=1500)
    assert (event.usage.input_tokens, event.usage.output_tokens) == (7, 8)
    assert (event.usage.cost_usd, event.usage.seconds) == (0.5, 1.5)


def test_turns_calls_and_answers_are_told_apart() -> None:
    """Text, calls and results become events; thinking, subagents' text and unknown lines do not count."""
    blocks = [
        {"type": "thinking", "thinking": "…"},
        {"type": "text", "text": "hello"},
        {"type": "tool_use", "id": "a", "name": "Bash", "input": {"command": "ls"}},
    ]
    message = {"id": "m", "content": blocks}
    assert list(read_line(line(type="assistant", message=message, parent_tool_use_id=None))) == [
        Said("m", "hello"),
        Asked("m", "a", "Bash", {"command": "ls"}),
    ]
    inner = read_line(line(type="assistant", message=message, parent_tool_use_id="t"))
    assert next(inner) == Said("m", "hello", inner=True)
    content = [{"type": "text", "text": "one"}, {"type": "image"}, {"type": "text", "text": "two"}]
    result = {"type": "tool_result", "tool_use_id": "a", "content": content, "is_error": True}
    assert list(read_line(line(type="user", message={"content": [result]}))) == [
        Got("a", "one\n[image]\ntwo", is_error=True)
    ]
    servers = [{"name": "Linear", "status": "failed"}]
    plugins = [{"name": "fmt", "path": "/p", "source": "fmt@tools"}, {"name": "old"}, "no plugin"]
    start = line(type="system", subtype="init", mcp_servers=servers, model="m", plugins=plugins, tools=3)
    [began] = read_line(start)
    assert isinstance(began, Began)
    assert began.servers == {"Linear": "failed"}
    assert began.plugins == {"fmt", "fmt@tools", "old"}
    assert began.tools == ()
    for other in (b"", b"not json", b"[1]", line(type="system", subtype="status"), line(type="new")):
        assert list(read_line(other)) == []


NAMES = st.sampled_from(["type", "subtype", "message", "content", "id", "usage", "mcp_servers"]) | st.text()
KINDS = st.sampled_from(["assistant", "user", "result", "system", "init", "text", "tool_use"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | KINDS,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(st.binary() | VALUES.map(msgspec.json.encode))
def test_no_line_breaks_the_reader(data: bytes) -> None:
    """Whatever a line holds, reading it gives events or nothing."""
    list(read_line(data))


def test_every_flag_is_explicit() -> None:
    """The CLI is told everything: model, tools, configuration; no secret stands among its arguments."""
    routine = Routine("r", "p", repositories=(Repository("a/b"),), tools=("Bash", "Read"), model="claude-x")
    words = build_arguments(routine, configuration="/c", settings="/s", own_servers=["/own"], folders=["/f"])
    for flag in ("--strict-mcp-config", "bypassPermissions", "--verbose", "stream-json"):
        assert flag in words
    assert words[words.index("--model") + 1] == "claude-x"
    assert words[words.index("--tools") + 1] == "Bash,Read"
    assert words[-3:] == ("--mcp-config", "/c", "/own")
    headers = server_configuration({"Linear": "http://x"})["mcpServers"]["Linear"]["headers"]
    assert headers == {"Authorization": "Bearer ${ROUTINE_TOKEN}"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#!/bin/sh\necho '1.9.9 (Claude Code)'", "expected Claude Code 2.0.0 or newer, found 1.9.9"),
        ("#!/bin/sh\necho hello; echo and more", "this is no Claude Code CLI: it answers 'hello'"),
        ("#!/bin/sh\nexit 3", "this is no Claude Code CLI: it answers 'nothing'"),
        ("#!/usr/bin/env -S bash -e\necho 2.1.5", "expected the CLI itself, found a script of bash"),
        ("no program at all", "the CLI does not start"),
    ],
    ids=["old", "strange", "silent", "wrapper", "text"],
)
def test_an_old_or_strange_cli_is_one_clear_error(tmp_path: Path, text: str, expected: str) -> None:
    """One that is too old, a program that is none, and a script that only starts it are told apart."""
    path = tmp_path / "claude"
    path.write_text(text + "\n")
    path.chmod(0o755)
    with pytest.raises(AgentError) as caught:
        find_program(str(path))
    [problem] = caught.value.problems
    assert problem.message.startswith(expected)


@pytest.mark.parametrize("name", ["nothing", ""], ids=["absent", "folder"])
def test_a_missing_cli_is_one_clear_error(tmp_path: Path, name: str) -> None:
    """What is not there, and what is no file, is named."""
    with pytest.raises(AgentError, match="no Claude Code CLI"):
        find_program(str(tmp_path / name))
