"""How an imported session ended: a run's status from everything that the session says of itself.

``success`` alone is no proof: an API error may carry it, and so may a session whose connector was
never there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.interop.sessions.session_blocks import is_interruption
from routine_harness.interop.sessions.session_lines import Line
from routine_harness.plain import Json, Record
from routine_harness.session.transcript import RunStatus, Usage

_OVER: Final = ("error_max_turns", "error_max_budget_usd")
_ENDED: Final = ("end_turn", "stop_sequence", None)


def read_status(
    lines: Sequence[Line], servers: Mapping[str, str], *, cut: int, unanswered: Sequence[str]
) -> tuple[RunStatus, str]:
    """Status and reason. ``servers`` are the MCP servers that it needed, by their last known state,
    ``cut`` is the line that breaks off, ``unanswered`` the tools whose results are missing at the end."""
    results = [line.data for line in lines if line.data.get("type") == "result"]
    # Some lines that other tools saved have no subtype.
    status, reason = (
        result_status({"subtype": "success", **results[-1]})
        if results
        else _without_result(lines, cut, unanswered)
    )
    down = [f"{name} ({state})" for name, state in sorted(servers.items()) if state in _DOWN]
    if status == "finished" and down:
        return "failed", f"it says success, but a connector was missing: {', '.join(down)}"
    return status, reason


_DOWN: Final = ("failed", "needs-auth", "disabled", "pending")
"""States of a server in which none of its tools can be called."""


def read_usage(lines: Sequence[Line]) -> Usage:
    """What the session cost: the result's word, else the sum over turns (each counted once).

    A session that is woken by a subagent has several results. Each has its own time and ``usage``;
    cost and ``modelUsage`` are those of the session so far, subagents included.
    """
    results = [line.data for line in lines if line.data.get("type") == "result"]
    if results:
        timed = results if "result_index" in results[-1] else results[-1:]
        seconds = sum(_number(each.get("duration_ms")) for each in timed) / 1000
        return msgspec.structs.replace(result_usage(results[-1]), seconds=seconds)
    by_turn: Record = {}
    for line in lines:
        message = line.data.get("message")
        if line.data.get("type") == "assistant" and isinstance(message, dict):
            by_turn[str(message.get("id") or line.number)] = message.get("usage")
    return _usage(list(by_turn.values()), 0.0, 0.0)


def result_usage(result: Mapping[str, Json]) -> Usage:
    """What the session has cost up to this result, and the seconds of this result alone."""
    models = result.get("modelUsage")
    counts: list[Json] = [_as_usage(each) for each in models.values()] if isinstance(models, dict) else []
    seconds = _number(result.get("duration_ms")) / 1000
    return _usage(counts or [result.get("usage")], _number(result.get("total_cost_usd")), seconds)


def _as_usage(model: Json) -> Record:
    """An entry of ``modelUsage`` under the names of ``usage``."""
    counts = model if isinstance(model, dict) else {}
    return {
        "input_tokens": counts.get("inputTokens"),
        "cache_creation_input_tokens": counts.get("cacheCreationInputTokens"),
        "cache_read_input_tokens": counts.get("cacheReadInputTokens"),
        "output_tokens": counts.get("outputTokens"),
    }


def _usage(counts: list[Json], cost: float, seconds: float) -> Usage:
    held = [count for count in counts if isinstance(count, dict)]
    taken = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    return Usage(
        sum(int(_number(count.get(name))) for count in held for name in taken),
        sum(int(_number(count.get("output_tokens"))) for count in held),
        cost,
        seconds,
    )


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def result_status(data: Mapping[str, Json]) -> tuple[RunStatus, str]:
    """How a run ended by its result line, and why; ``subtype: success`` does not rule out an error."""
    subtype = str(data.get("subtype", ""))
    errors = data.get("errors")
    said = str(data.get("result") or "; ".join(map(str, errors if isinstance(errors, list) else [])))
    if subtype in _OVER:
        return "over_budget", f"{subtype.removeprefix('error_').replace('_', ' ')} reached"
    if subtype != "success":
        words = subtype.replace("_", " ")
        return "failed", f"{words}: {said}" if said else words
    if data.get("is_error"):
        status = data.get("api_error_status")
        return "failed", f"API error{f' {status}' if status else ''}: {said}"
    if str(data.get("terminal_reason", "")).startswith("aborted"):
        return "interrupted", str(data["terminal_reason"]).replace("_", " ")
    return "finished", ""


def _without_result(lines: Sequence[Line], cut: int, unanswered: Sequence[str]) -> tuple[RunStatus, str]:
    """A session file on disk has no result line: its last turn says whether the agent was done."""
    said = [line for line in lines if line.data.get("type") in ("assistant", "user")]
    if cut:
        return "interrupted", f"the transcript breaks off in line {cut}"
    if said and is_interruption(said[-1]):
        return "interrupted", "the user stopped it"
    if unanswered:
        return "interrupted", f"the transcript ends before {unanswered[-1]} was answered"
    last = said[-1].data
    if last.get("isApiErrorMessage"):
        return "failed", "it ends with an API error"
    message = last.get("message")
    stopped = message.get("stop_reason") if isinstance(message, dict) else None
    if last.get("type") == "assistant" and stopped in _ENDED:
        return "finished", ""
    if last.get("type") == "assistant":
        return "interrupted", f"the last turn stopped for {stopped}"
    return "interrupted", "the transcript ends before the agent has said its last word"
