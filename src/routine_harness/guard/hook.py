"""The hook: reads what is about to happen, decides, writes it down. Fails closed.

Every way out that is no decision is exit 2, which blocks; a hook that is killed or runs out of the
client's time would not.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import signal
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.errors import HarnessError
from routine_harness.guard.checkout import Checkout
from routine_harness.guard.frozen import load_frozen
from routine_harness.guard.guard_decision import Decision, Guard
from routine_harness.guard.guard_log import Log
from routine_harness.guard.hook_settings import SECONDS
from routine_harness.interop.sessions.session_blocks import result_text
from routine_harness.plain import Json, Record

BLOCKED: Final = 2
_ENCODE: Final = msgspec.json.Encoder().encode


def main(policy: str, seconds: float = SECONDS) -> None:
    """Answer one hook by the frozen policy in the file ``policy`` within ``seconds``, and end the process."""
    gc.disable()  # the process ends before there is garbage worth a search
    try:
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, _out_of_time)
            signal.setitimer(signal.ITIMER_REAL, seconds)
        _graphql_in_parts()
        event = msgspec.json.decode(sys.stdin.buffer.read(), type=Record)
        said, code = answer(event, policy, os.environ), 0
    except HarnessError as error:
        said, code = b"", _failed("; ".join(map(str, error.problems)))
    except BaseException as error:  # noqa: BLE001 - it has to block, however it failed
        said, code = b"", _failed(f"{type(error).__name__}: {error}")
    sys.stdout.buffer.write(said)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def answer(event: Mapping[str, Json], policy: str, environment: Mapping[str, str]) -> bytes:
    """What the hook says to the client about one event: nothing, or that the call is denied.

    Raises:
        HarnessError: the policy cannot be read, and so nothing may happen.
    """
    frozen, kind = load_frozen(policy), event["hook_event_name"]
    checkout = Checkout.around(Path(str(event.get("cwd") or ".")), environment)
    with Log(checkout.root / Path(frozen.log).expanduser(), event) as log:
        if kind == "PreToolUse":
            tool, arguments = str(event["tool_name"]), arguments_of(event)
            decision = Guard(frozen.held, frozen.registry()).decide(tool, arguments, checkout, log.effects())
            log.decided(arguments, decision)
            return denial(decision)
        if kind in ("PostToolUse", "PostToolUseFailure"):
            said = event.get("error") if kind == "PostToolUseFailure" else event.get("tool_response")
            log.answered(text_of(said), failed=has_failed(event))
        elif kind == "Stop":
            log.ended(str(event.get("last_assistant_message") or ""))
    return b""


def arguments_of(event: Mapping[str, Json]) -> Record:
    """The arguments of the call that an event tells of."""
    given = event.get("tool_input")
    return given if isinstance(given, dict) else {}


def denial(decision: Decision) -> bytes:
    """The words in which a hook denies a call; empty where it lets it pass."""
    if not decision.denied:
        return b""
    said = {"hookEventName": "PreToolUse", "permissionDecision": "deny"}
    said["permissionDecisionReason"] = decision.reason
    return _ENCODE({"hookSpecificOutput": said}) + b"\n"


def text_of(response: Json) -> str:
    """The text of a result, as the agent reads it; JSON where it has no blocks of text."""
    content = response.get("content") if isinstance(response, dict) else response
    blocks = isinstance(content, list) and all(isinstance(each, dict) and "type" in each for each in content)
    if blocks or isinstance(content, str):
        return result_text(content)
    return "" if response is None else _ENCODE(response).decode()


def has_failed(event: Mapping[str, Json]) -> bool:
    """Whether a call had an error for an answer, by the event that tells of it."""
    response = event.get("tool_response")
    told = isinstance(response, dict) and (response.get("isError") or response.get("is_error"))
    return event["hook_event_name"] == "PostToolUseFailure" or bool(told)


def _failed(why: str) -> int:
    sys.stderr.write(f"routine-harness guard: denied, for it cannot decide: {why}\n")
    return BLOCKED


def _out_of_time(_number: int, _frame: object) -> None:
    raise TimeoutError("the decision took too long")


def _graphql_in_parts() -> None:
    """Let modules of graphql-core be loaded one by one: a decision parses, and the whole takes far longer.

    Only for a process that ends with the hook: the package itself stays empty.
    """
    found = importlib.util.find_spec("graphql")
    if found is not None and found.submodule_search_locations is not None:
        package = types.ModuleType("graphql")
        package.__path__ = list(found.submodule_search_locations)
        sys.modules["graphql"] = package
