"""The hook itself: reads what is about to happen, decides, writes it down. Fails closed.

Every way out that is not a decision is exit 2, which blocks; a hook that is killed or runs out of
the client's time would not.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from routine_harness.guard.decide import decide
from routine_harness.guard.values import json_text, parse_json

try:
    # ``signal`` itself makes enumerations of its numbers, which takes a third of a bare start.
    import _signal as signal  # type: ignore[import-not-found]
except ImportError:
    import signal

LOG_FORMAT = "routine-harness-guard-log"
LOG_VERSION = 1
KEPT_TEXT = 20_000
"""Characters of a result that the log keeps."""


def main(encoded: str) -> None:
    """Answer one hook; ``encoded`` is the compiled policy as JSON."""
    try:
        data = parse_json(encoded)
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, out_of_time)
            signal.setitimer(signal.ITIMER_REAL, data["deadline"])
        code = answer(data, parse_json(sys.stdin.buffer.read().decode("utf-8", "surrogatepass")))
    except BaseException as error:  # noqa: BLE001 - whatever goes wrong here has to block
        print(
            f"routine-harness guard: denied, for it failed itself: {type(error).__name__}: {error}",
            file=sys.stderr,
        )
        code = 2
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def out_of_time(_number: int, _frame: object) -> None:
    """The deadline is over."""
    raise TimeoutError("the decision took too long")


def answer(data: Any, event: Any) -> int:
    """The exit code for one event; a decision goes to the standard output."""
    kind = event["hook_event_name"]
    if data["remote_only"] and os.environ.get("CLAUDE_CODE_REMOTE") != "true":
        return 0
    if kind == "PreToolUse":
        return before(data, event)
    if kind in ("PostToolUse", "PostToolUseFailure"):
        with Log(data, event) as log:
            failed = kind == "PostToolUseFailure" or is_failure(event.get("tool_response"))
            text = event.get("error") if kind == "PostToolUseFailure" else event.get("tool_response")
            log.write("result", text=text_of(text)[:KEPT_TEXT], is_error=failed)
    elif kind == "Stop":
        with Log(data, event) as log:
            log.write("end", text=str(event.get("last_assistant_message") or ""))
    return 0


def before(data: Any, event: Any) -> int:
    """Decide about a call and write it down, while no other hook of the session can."""
    name, arguments = str(event["tool_name"]), event.get("tool_input")
    arguments = arguments if isinstance(arguments, dict) else {}

    def read_command(command: str) -> Any:
        # Imported here: each part is compiled when a decision needs it, which is most of what it costs.
        from routine_harness.guard.shell import read_shell

        return read_shell(data, command, str(event.get("cwd") or "."))

    with Log(data, event) as log:
        why, effects = decide(data, name, arguments, log.counted(), read_command)
        kinds = [effect[0] for effect in effects]
        log.write(
            "call",
            tool=name,
            arguments=arguments,
            decision="deny" if why else "allow",
            reason=why,
            effects=kinds,
        )
    if why:
        said = {"hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": why}
        sys.stdout.buffer.write(json_text({"hookSpecificOutput": said}).encode("utf-8", "replace") + b"\n")
    return 0


def text_of(response: Any) -> str:
    """The text of a result, as the agent reads it."""
    if isinstance(response, str):
        return response
    blocks = response.get("content") if isinstance(response, dict) else response
    if isinstance(blocks, str):
        return blocks
    if isinstance(blocks, list) and all(isinstance(block, dict) and "type" in block for block in blocks):
        return "\n".join(str(block.get("text", f"[{block['type']}]")) for block in blocks)
    return "" if response is None else json_text(response)


def is_failure(response: Any) -> bool:
    """Whether a result says of itself that it is an error."""
    return isinstance(response, dict) and bool(response.get("isError") or response.get("is_error"))


class Log:
    """The log of one session, locked while it is read and added to."""

    def __init__(self, data: Any, event: Any) -> None:
        folder = os.path.expanduser(data["log"])
        if not os.path.isabs(folder):
            folder = os.path.join(
                os.environ.get("CLAUDE_PROJECT_DIR") or str(event.get("cwd") or "."), folder
            )
        os.makedirs(folder, exist_ok=True)
        session = "".join(char for char in str(event.get("session_id")) if char.isalnum() or char in "-_")
        self.event = event
        self.file = open(os.path.join(folder, f"{session or 'session'}.jsonl"), "a+b")  # noqa: SIM115

    def __enter__(self) -> Log:
        try:
            import fcntl

            fcntl.flock(self.file, fcntl.LOCK_EX)
        except ImportError:  # Windows has no such lock; its sessions are not the cloud's
            pass
        return self

    def __exit__(self, *_error: object) -> None:
        self.file.close()

    def counted(self) -> dict[str, int]:
        """The effects of the session so far, by kind; a call that failed had none."""
        self.file.seek(0)
        held = {}
        for line in self.file:
            try:
                entry = parse_json(line.decode())
            except ValueError:
                continue
            if entry["event"] == "call" and entry["decision"] == "allow":
                held[entry["id"]] = entry["effects"]
            elif entry["event"] == "result" and entry["is_error"]:
                held.pop(entry["id"], None)
        counted: dict[str, int] = {}
        for kinds in held.values():
            for kind in kinds:
                counted[kind] = counted.get(kind, 0) + 1
        return counted

    def write(self, event: str, **fields: Any) -> None:
        """Append one line."""
        entry = {
            "format": LOG_FORMAT,
            "version": LOG_VERSION,
            "event": event,
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "session": str(self.event.get("session_id")),
            "cwd": str(self.event.get("cwd") or ""),
            "id": str(self.event.get("tool_use_id") or ""),
        }
        self.file.seek(0, 2)
        self.file.write(json_text({**entry, **fields}).encode("utf-8", "replace") + b"\n")
        self.file.flush()
