"""The hook: reads what is about to happen, decides, writes it down. Fails closed.

Every way out that is no decision is exit 2, which blocks; a hook that is killed or runs out of the
client's time would not.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from routine_harness.errors import HarnessError
from routine_harness.guard.checkout import Checkout
from routine_harness.guard.decision import Decision, Guard
from routine_harness.guard.frozen import Frozen, load_frozen
from routine_harness.guard.log import Log
from routine_harness.guard.settings import DEADLINE

BLOCKED: Final = 2
_ENCODE: Final = msgspec.json.Encoder().encode


def main(policy: str, seconds: float = DEADLINE) -> None:
    """Answer one hook by the frozen policy in the file ``policy`` within ``seconds``, and end the process."""
    gc.disable()  # one decision leaves nothing worth collecting
    try:
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, _out_of_time)
            signal.setitimer(signal.ITIMER_REAL, seconds)
        event = msgspec.json.decode(sys.stdin.buffer.read(), type=dict[str, Any])
        said, code = answer(event, policy, os.environ), 0
    except HarnessError as error:
        said, code = b"", _failed("; ".join(map(str, error.problems)))
    except BaseException as error:  # noqa: BLE001 - it has to block, however it failed
        said, code = b"", _failed(f"{type(error).__name__}: {error}")
    sys.stdout.buffer.write(said)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def answer(event: Mapping[str, Any], policy: str, environment: Mapping[str, str]) -> bytes:
    """What the hook says to the client about one event: nothing, or that the call is denied.

    Raises:
        HarnessError: the policy cannot be read, and so nothing may happen.
    """
    frozen = load_frozen(policy)
    checkout = Checkout.around(Path(str(event.get("cwd") or ".")), environment)
    with Log(_log_folder(frozen, checkout), event) as log:
        kind = event["hook_event_name"]
        if kind == "PreToolUse":
            decision = decide(frozen, event, checkout, log)
            log.decided(decision)
            return denial(decision)
        if kind in ("PostToolUse", "PostToolUseFailure"):
            failed = kind == "PostToolUseFailure" or is_failure(event.get("tool_response"))
            said = event.get("error") if kind == "PostToolUseFailure" else event.get("tool_response")
            log.answered(text_of(said), failed=failed)
        elif kind == "Stop":
            log.ended(str(event.get("last_assistant_message") or ""))
    return b""


def decide(frozen: Frozen, event: Mapping[str, Any], checkout: Checkout, log: Log) -> Decision:
    """The decision about the call that an event tells of."""
    arguments = event.get("tool_input")
    arguments = arguments if isinstance(arguments, dict) else {}
    return Guard(frozen.held, frozen.registry()).decide(
        str(event["tool_name"]), arguments, checkout, log.effects()
    )


def denial(decision: Decision) -> bytes:
    """The words in which a hook denies a call; empty where it lets it pass."""
    if not decision.reason:
        return b""
    said = {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": decision.reason,
    }
    return _ENCODE({"hookSpecificOutput": said}) + b"\n"


def text_of(response: Any) -> str:
    """The text of a result, as the agent reads it."""
    if isinstance(response, str):
        return response
    blocks = response.get("content") if isinstance(response, dict) else response
    if isinstance(blocks, str):
        return blocks
    if isinstance(blocks, list) and all(isinstance(block, dict) and "type" in block for block in blocks):
        return "\n".join(str(block.get("text", f"[{block['type']}]")) for block in blocks)
    return "" if response is None else _ENCODE(response).decode()


def is_failure(response: Any) -> bool:
    """Whether a result says of itself that it is an error."""
    return isinstance(response, dict) and bool(response.get("isError") or response.get("is_error"))


def _log_folder(frozen: Frozen, checkout: Checkout) -> Path:
    folder = Path(frozen.log).expanduser()
    return folder if folder.is_absolute() else checkout.root / folder


def _failed(why: str) -> int:
    sys.stderr.write(f"routine-harness guard: denied, for it cannot decide: {why}\n")
    return BLOCKED


def _out_of_time(_number: int, _frame: object) -> None:
    raise TimeoutError("the decision took too long")
