"""How a run that the CLI leaves without a result is told."""

from __future__ import annotations

import contextlib
import json
from types import SimpleNamespace
from typing import Any, cast

from routine_harness.live.contained import Contained, spawn
from routine_harness.live.driver import Driver
from routine_harness.session.transcript import Usage


def drive(script: str, **options: Any) -> tuple[str, str, Usage]:
    """What a shell script in the CLI's place amounts to."""
    contained = Contained(spawn(["sh", "-c", script], (), {"PATH": "/usr/bin:/bin"}, "/"), [])
    calls = cast(
        "Any",
        SimpleNamespace(
            session=SimpleNamespace(state="open", say=lambda *_, **__: None),
            pending=(),
            lock=contextlib.nullcontext(),
        ),
    )
    given = {"seconds": 20, "expected": frozenset(), "progress": lambda _: None, **options}
    status, reason, usage = Driver(contained, calls, **given).drive("go")
    contained.end()
    return status, reason, usage


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
