"""The file that a hook starts: it hands over to the harness, and denies where there is none.

Its text needs nothing but Python's standard library, and any Python 3 can read it.
"""

from __future__ import annotations

from typing import Final

from routine_harness.guard.settings import DEADLINE, HOME
from routine_harness.routine.edition import load_edition

REQUESTS: Final = frozenset({"WebFetch", "ReadMcpResourceTool"})
"""Looks that ask somebody outside for an address of the agent's making."""
INSTRUCTION: Final = (
    "the harness that decides is not installed here: put the lines that "
    "`routine-harness guard install ROUTINE --setup` prints into the environment's setup script"
)


def passive_tools() -> tuple[str, ...]:
    """The agent's own tools that cannot act outside, nor change a file, nor start what can."""
    table = load_edition().own_tools
    return tuple(sorted({*table.looks, *table.local} - REQUESTS))


def stub_text(*, remote_only: bool = False) -> str:
    """The text of the file; the same for every policy."""
    passive = "".join(f"    {name!r},\n" for name in passive_tools())
    return _STUB.format(
        home=HOME,
        seconds=int(DEADLINE),
        remote_only=remote_only,
        passive=passive,
        instruction=INSTRUCTION,
    )


_STUB: Final = '''\
#!/usr/bin/env python3
"""Written by `routine-harness guard install`; do not edit, install it anew.

Asks the installed harness whether a call may be made, by the policy beside this file. Where the
harness is not installed, it denies every tool that can act.
"""
import json
import os
import signal
import sys

HOME = "{home}"
PASSIVE = [
{passive}]


def deny(why):
    """Deny the call, unless it is of a tool that cannot act."""
    event = json.load(sys.stdin)
    if event["hook_event_name"] == "PreToolUse" and event["tool_name"] not in PASSIVE:
        said = {{"hookEventName": "PreToolUse", "permissionDecision": "deny"}}
        said["permissionDecisionReason"] = "denied by the guard: {instruction} (" + why + ")"
        print(json.dumps({{"hookSpecificOutput": said}}))


if {remote_only} and os.environ.get("CLAUDE_CODE_REMOTE") != "true":
    sys.exit(0)
if hasattr(signal, "alarm"):
    signal.alarm({seconds})
try:
    from routine_harness.guard.hook import main
except Exception as error:
    python = os.path.join(HOME, "bin", "python")
    if sys.prefix != HOME and os.path.exists(python):
        os.execv(python, [python, "-I", os.path.abspath(__file__)])
    deny(str(error))
else:
    main(os.path.splitext(os.path.abspath(__file__))[0] + ".json")
'''
