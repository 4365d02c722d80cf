"""Our hooks in a settings file: put in and found again, without disturbing what is there."""

from __future__ import annotations

import json
from typing import Any, Final

from routine_harness.errors import SpecError
from routine_harness.guard.settings_text import put_hooks
from routine_harness.routine.document import parse_json

FOLDER: Final = ".claude/routine-harness"
FILE: Final = f"{FOLDER}/guard.py"
POLICY: Final = f"{FOLDER}/guard.json"
"""What is frozen stands beside the file that starts the harness, under the same name."""
LOG: Final = f"{FOLDER}/log"
SETTINGS: Final = ".claude/settings.json"
LOCAL_SETTINGS: Final = ".claude/settings.local.json"
MANAGED: Final = "/etc/claude-code"
MANAGED_FILE: Final = f"{MANAGED}/routine-harness-guard.py"
MANAGED_POLICY: Final = f"{MANAGED}/routine-harness-guard.json"
MANAGED_LOG: Final = "~/.claude/routine-harness-log"
EVENTS: Final = ("PreToolUse", "PostToolUse", "PostToolUseFailure", "Stop")
TIMEOUT: Final = 30
"""Seconds after which the client gives a hook up, and would let the call through."""

_OURS: Final = "routine-harness"
_MARK: Final = "\ufeff"


def hooks_for(file: str) -> dict[str, Any]:
    """Our hooks by event, for a guard at ``file``.

    Before a call every failure becomes exit 2, which blocks; after it none does, since a session that may
    not stop would go on for ever.
    """
    found: dict[str, Any] = {}
    for event in EVENTS:
        before = event == "PreToolUse"
        command = f'python3 -I "{file}" || exit {2 if before else 1}'
        hook = {"type": "command", "command": command, "timeout": TIMEOUT}
        hook |= {"onFailure": "block"} if before else {}
        found[event] = [{"matcher": "*", "hooks": [hook]}] if "Tool" in event else [{"hooks": [hook]}]
    return found


PROJECT_HOOKS: Final = hooks_for(f"$CLAUDE_PROJECT_DIR/{FILE}")


def read_settings(text: str, file: str) -> dict[str, Any]:
    """The settings in ``text``; an empty text has none.

    Raises:
        SpecError: it is no JSON object, or its hooks are malformed.
    """
    if not text.strip():
        return {}
    settings = parse_json(text.encode(), file)
    hooks = settings.get("hooks", {}) if isinstance(settings, dict) else None
    lists = hooks.values() if isinstance(hooks, dict) else [None]
    if not all(isinstance(entries, list) for entries in lists):
        raise SpecError.at(file, 1, "expected settings with hooks as lists by event", "mend them first")
    return dict(settings)


def with_hooks(text: str, file: str, hooks: dict[str, Any] = PROJECT_HOOKS) -> str:
    """The text of the settings with our hooks, which take the place of older ones of ours.

    Every other character stays as it is.

    Raises:
        SpecError: see ``read_settings``.
    """
    settings = read_settings(text, file)
    if text.strip() and has_hooks(settings, hooks):
        return text
    if not text.strip():
        return json.dumps({"hooks": hooks}, indent=2) + "\n"
    mark = _MARK if text.startswith(_MARK) else ""
    return mark + put_hooks(text.removeprefix(_MARK), hooks, without_ours)


def has_hooks(settings: dict[str, Any], hooks: dict[str, Any] = PROJECT_HOOKS) -> bool:
    """Whether our hooks are there as they should be, and no older ones."""
    held = settings.get("hooks", {})
    found = {event: [each for each in held.get(event, []) if without_ours(each) != each] for event in hooks}
    return found == hooks


def without_ours(entry: Any) -> Any:
    """An entry without our hooks; None if it held nothing else."""
    held = entry.get("hooks") if isinstance(entry, dict) else None
    hooks = held if isinstance(held, list) else []
    others = [hook for hook in hooks if not _is_our_hook(hook)]
    if len(others) == len(hooks):
        return entry
    return {**entry, "hooks": others} if others else None


def _is_our_hook(hook: Any) -> bool:
    command = str(hook.get("command")) if isinstance(hook, dict) else ""
    return _OURS in command and "guard.py" in command
