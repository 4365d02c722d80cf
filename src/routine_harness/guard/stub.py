#!/usr/bin/env python3
"""Written by `routine-harness guard install`; do not edit, install it anew.

What a hook starts: asks the installed harness whether a call may be made, by the policy beside this file.
Where the harness is not installed, it denies every tool that can act. Needs nothing but Python 3.
"""

import json
import os
import signal
import sys
from pathlib import Path

HOME = ""
"""Where the setup script installs the harness, apart from everything else."""
SECONDS = 0
"""What a decision may take; the client gives a hook up later, and would let the call through."""
REMOTE_ONLY = False
PASSIVE: "list[str]" = []
"""The agent's own tools that cannot act; the installation fills in both."""
INSTRUCTION = (
    "denied, for the guard's harness is not installed here: put the lines that "
    "`routine-harness guard install ROUTINE --setup` prints into the environment's setup script"
)


def ask() -> None:
    """Hand over to the harness: this Python's, else the one at ``HOME``."""
    if REMOTE_ONLY and os.environ.get("CLAUDE_CODE_REMOTE") != "true":
        return
    if hasattr(signal, "alarm"):
        signal.alarm(SECONDS)
    here, python = Path(__file__).absolute(), Path(HOME, "bin", "python")
    try:
        from routine_harness.guard.hook import main
    except Exception as error:  # noqa: BLE001 - an installation that is broken is none
        if sys.prefix != HOME and python.exists():
            os.execv(str(python), [str(python), "-I", str(here)])  # noqa: S606 - another Python for the same file
        deny(str(error))
    else:
        main(str(here.with_suffix(".json")))


def deny(why: str) -> None:
    """Deny the call, unless it is of a tool that cannot act."""
    try:
        event = json.load(sys.stdin)
        asked = event["hook_event_name"] == "PreToolUse" and event["tool_name"] not in PASSIVE
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        sys.stderr.write("the guard cannot read what it is asked: " + str(error) + "\n")
        sys.exit(2)  # what cannot be read is blocked
    if asked:
        said = {"hookEventName": "PreToolUse", "permissionDecision": "deny"}
        said["permissionDecisionReason"] = INSTRUCTION + " (" + why + ")"
        json.dump({"hookSpecificOutput": said}, sys.stdout)


if __name__ == "__main__":
    ask()
