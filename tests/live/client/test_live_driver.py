"""How a run that the CLI leaves without a result is told."""

from __future__ import annotations

import contextlib
import json
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.desk import open_desk

from routine_harness.live.client import driver
from routine_harness.live.client.driver import Driver
from routine_harness.live.outside.calls import Calls
from routine_harness.live.outside.egress import HttpResponse
from routine_harness.live.outside.outside import Outside
from routine_harness.live.sandbox.alarm import Alarm
from routine_harness.live.sandbox.contained import Contained, spawn
from routine_harness.routine.spec import Environment
from routine_harness.serve.mcp import Offer, Received
from routine_harness.session.transcript import Usage


def follow(calls: Any, script: str, **options: Any) -> tuple[str, str, Usage]:
    """How a run with ``calls`` ends with a shell script in the CLI's place."""
    contained = Contained(spawn(["sh", "-c", script], (), {"PATH": "/usr/bin:/bin"}, "/"), [])
    given = {"seconds": 20, "expected": frozenset(), "progress": lambda _: None, "alarm": Alarm(), **options}
    status, reason, usage = Driver(contained, calls, **given).drive("go")
    contained.end()
    return status, reason, usage


def drive(script: str, **options: Any) -> tuple[str, str, Usage]:
    """What a shell script in the CLI's place amounts to."""
    calls = cast(
        "Any",
        SimpleNamespace(
            session=SimpleNamespace(state="open", say=lambda *_, **__: None),
            pending=(),
            lock=contextlib.nullcontext(),
            close=lambda: None,
        ),
    )
    return follow(calls, script, **options)


def lines(*each: dict[str, Any]) -> str:
    """A script that prints these lines."""
    return f"cat <<'END'\n{chr(10).join(map(json.dumps, each))}\nEND\n"


def test_a_session_with_several_results_costs_what_the_models_were_asked() -> None:
    """Each result's own ``usage`` leaves out subagents and earlier turns (CLI 2.1.329)."""
    whole = {"m": {"inputTokens": 90, "cacheReadInputTokens": 10, "outputTokens": 7}}
    first = {"type": "result", "subtype": "success", "num_turns": 2, "total_cost_usd": 0.3,
             "usage": {"input_tokens": 50}, "modelUsage": {"m": {"inputTokens": 60}}}  # fmt: skip
    last = {**first, "total_cost_usd": 0.4, "usage": {"input_tokens": 4}, "modelUsage": whole}
    status, _, usage = drive(lines(first, last))
    assert (status, usage.input_tokens, usage.output_tokens, usage.cost_usd) == ("finished", 100, 7, 0.4)


def test_a_result_without_a_turn_takes_back_no_failure() -> None:
    """A subagent's end that wakes nobody is a success of its own, not the session's."""
    failed = {"type": "result", "subtype": "error_during_execution", "errors": ["boom"], "num_turns": 1}
    idle = {"type": "result", "subtype": "success", "num_turns": 0, "total_cost_usd": 0.2}
    assert drive(lines(failed, idle))[:2] == ("failed", "error during execution: boom")
    assert drive(lines(failed, idle))[2].cost_usd == 0.2
    assert drive(lines(failed, {**idle, "num_turns": 1}))[0] == "finished"


RETRY = {"type": "system", "subtype": "api_retry", "attempt": 3, "max_retries": 10, "retry_delay_ms": 2296,
         "error_status": 529, "error": "overloaded"}  # fmt: skip


def test_retries_are_shown_and_named_where_the_run_ends_in_them() -> None:
    """While the API is overloaded that is said, and a limit that is reached meanwhile says so too."""
    shown: list[str] = []
    _, reason, _ = drive(f"{lines(RETRY)}sleep 5", seconds=0.5, progress=shown.append)
    assert shown == ["API error 529 (overloaded): retry 3 of 10 in 2.3 s"]
    ended_at = " (at retry 3 of 10, API error 529 (overloaded))"
    assert reason == f"0.5 seconds of real time are used up{ended_at}"
    assert drive(f"{lines(RETRY)}kill -9 $$")[1] == f"the CLI was killed (SIGKILL){ended_at}"


def test_retries_that_helped_are_no_reason() -> None:
    """Once the model has answered, its failures before are over; what the CLI makes up is no answer."""
    said = {"type": "assistant", "message": {"id": "m", "content": [{"type": "text", "text": "x"}]}}
    own = {"type": "assistant", "message": {**said["message"], "model": "<synthetic>"}}  # type: ignore[dict-item]
    result = {"type": "result", "subtype": "success", "is_error": True, "api_error_status": 529,
              "result": "Overloaded"}  # fmt: skip
    assert drive(lines(RETRY, own, result))[1] == "API error 529: Overloaded (at retry 3 of 10)"
    assert drive(lines(RETRY, said, result))[1] == "API error 529: Overloaded"
    strange = {"type": "system", "subtype": "api_retry", "attempt": "x", "error_status": None}
    assert drive(f"{lines(strange)}exit 3")[1].endswith("(at retry 0 of 0, API error (unknown))")


def test_what_a_cli_said_last_is_waited_for() -> None:
    """The reason of a run that ends early is what stands on standard error, also where it comes late."""
    script = "exec >&-; (sleep 0.4; echo disk full >&2) & exit 86"
    assert drive(script)[:2] == ("failed", "the CLI ended with exit code 86 and without a result: disk full")


def test_a_cli_that_ends_before_it_reads_the_turn_is_no_error_of_ours() -> None:
    """A turn that nobody reads any more is dropped, and its stream is closed; the exit says why."""
    process = spawn(["sh", "-c", "exit 3"], (), {"PATH": "/usr/bin:/bin"}, "/")
    process.wait()
    contained = Contained(process, [])
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(b"go")
        process.stdin.flush()
    contained.end()
    assert process.stdin.closed


def call(name: str, number: int, **result: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The lines of a call and its result."""
    asked = {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": {"title": "x"}}
    got = {"type": "tool_result", "tool_use_id": f"toolu_{number}", "content": "done", **result}
    return (
        {"type": "assistant", "message": {"id": f"m_{number}", "content": [asked]}},
        {"type": "user", "message": {"content": [got]}},
    )


BEGAN = {"type": "system", "subtype": "init", "tools": [], "mcp_servers": [
    {"name": "Desk", "status": "connected"}, {"name": "our own:server", "status": "connected"}]}  # fmt: skip


def test_a_connectors_call_counts_if_a_server_of_ours_answered_it() -> None:
    """One that none has answered is a finding and no call, also of a connector that is not there."""
    calls, alarm = Calls(open_desk()), Alarm()
    calls.answered.add("toolu_1")
    script = lines(
        BEGAN, *call("mcp__Desk__create_ticket", 1), *call("mcp__Desk__create_ticket", 2),
        *call("mcp__desk__create_ticket", 3), {"type": "result", "subtype": "success", "num_turns": 1},
    )  # fmt: skip
    status, _, _ = follow(calls, script, expected=frozenset({"Desk"}), alarm=alarm)
    assert (status, calls.session.calls, calls.session.effects) == ("finished", (), ())
    assert [(finding.code, finding.fails) for finding in alarm.findings] == [("call.unanswered", True)] * 2
    assert [finding.data for finding in alarm.findings] == [
        {"tool": "mcp__Desk__create_ticket"}, {"tool": "mcp__desk__create_ticket"}
    ]  # fmt: skip


def test_what_no_server_of_ours_can_answer_is_honest() -> None:
    """The CLI's own tools, servers of the repository's own, and calls that the CLI denied."""
    calls, alarm = Calls(open_desk()), Alarm()
    denied = {"content": "Permission to use mcp__Desk__create_ticket has been denied.", "is_error": True}
    script = lines(
        BEGAN, *call("Read", 1), *call("ListMcpResourcesTool", 2), *call("mcp__our_own_server__look", 3),
        *call("mcp__Desk__create_ticket", 4, **denied),
    )  # fmt: skip
    follow(calls, script, expected=frozenset({"Desk"}), alarm=alarm)
    assert [record.call.name for record in calls.session.calls] == [
        "Read", "ListMcpResourcesTool", "our_own_server/look", "desk.create_ticket"
    ]  # fmt: skip
    assert [effect.outcome for effect in calls.session.effects] == ["refused"]
    assert alarm.findings == ()


def test_a_request_that_comes_before_the_stream_names_it_is_kept_in_the_order_of_the_turns() -> None:
    """A connector's call of turn 2 reaches its server before the stream has named the command of turn 1."""
    outside = Outside(open_desk(), Environment(), lambda _: HttpResponse(404))
    script = lines(BEGAN, *call("Bash", 1), call("mcp__Desk__create_ticket", 2)[0])
    received = Received(Offer("desk", "Desk", ()), "create_ticket", {"title": "x"}, "toolu_2")
    server = threading.Thread(target=outside.call, args=(received,))
    server.start()
    follow(outside.calls, f"sleep 2.5\n{script}sleep 1", expected=frozenset({"Desk"}))
    server.join()
    records = outside.session.calls
    assert [(record.call.name, record.turn) for record in records] == [("Bash", 1), ("desk.create_ticket", 2)]


def test_a_call_that_the_stream_never_names_is_answered_when_the_stream_ends() -> None:
    """It is kept all the same, and does not wait longer than the run."""
    outside = Outside(open_desk(), Environment(), lambda _: HttpResponse(404))
    received = Received(Offer("desk", "Desk", ()), "create_ticket", {"title": "x"}, "toolu_9")
    server = threading.Thread(target=outside.call, args=(received,))
    server.start()
    follow(outside.calls, lines(BEGAN), expected=frozenset({"Desk"}))
    server.join(5)
    assert not server.is_alive()
    assert [record.call.name for record in outside.session.calls] == ["desk.create_ticket"]


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("head -c 70000000 /dev/zero | tr '\\0' x", f"a line of {driver.MAXIMUM_LINE}"),
        ("yes flood", "2000"),
    ],
)
def test_a_program_that_floods_its_output_ends_its_run(
    script: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its stream is bounded, by the line and in all, and that is a finding; so much is never held."""
    if what == "2000":
        monkeypatch.setattr(driver, "MAXIMUM_OUTPUT", 2000)
    alarm = Alarm()
    assert drive(script, alarm=alarm)[:2] == ("failed", f"the CLI wrote {what} bytes and more")
    assert [finding.code for finding in alarm.findings] == ["sandbox.limit-exceeded"]
    assert drive("yes complaint | head -c 50000000 >&2; exit 3")[1].endswith("without a result: complaint")
