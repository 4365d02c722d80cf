"""Our hooks in a settings file: put in, found and taken out, while every other character stays as it is.

The places of the guard's files are named here, too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from routine_harness.errors import SpecError
from routine_harness.plain import Json, Record
from routine_harness.routine.document import parse_json

FOLDER: Final = ".claude/routine-harness"
FILE: Final = f"{FOLDER}/guard.py"
POLICY: Final = f"{FOLDER}/guard.json"
"""What is frozen stands beside the file that starts the harness, under the same name."""
LOG: Final = f"{FOLDER}/log"
SETTINGS: Final = ".claude/settings.json"
LOCAL_SETTINGS: Final = ".claude/settings.local.json"
MANAGED: Final = "/etc/claude-code"
HOME: Final = "/opt/routine-harness"
"""Where the setup script installs the harness, apart from everything else."""
EVENTS: Final = ("PreToolUse", "PostToolUse", "PostToolUseFailure", "Stop")
TIMEOUT: Final = 30
"""Seconds after which the client gives a hook up, and would let the call through."""

SECONDS: Final = 5
"""What a decision may take, which is less."""

_OURS: Final = "routine-harness"
_MARK: Final = "\ufeff"
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_DECODE: Final = json.JSONDecoder().raw_decode


def hooks_for(file: str) -> Record:
    """Our hooks by event, for a guard at ``file``.

    Before a call every failure becomes exit 2, which blocks; after it none does, since a session that may
    not stop would go on for ever.
    """
    found: Record = {}
    for event in EVENTS:
        before = event == "PreToolUse"
        command = f'python3 -I "{file}" || exit {2 if before else 1}'
        hook = {"type": "command", "command": command, "timeout": TIMEOUT}
        hook |= {"onFailure": "block"} if before else {}
        found[event] = [{"matcher": "*", "hooks": [hook]}] if "Tool" in event else [{"hooks": [hook]}]
    return found


PROJECT_HOOKS: Final = hooks_for(f"$CLAUDE_PROJECT_DIR/{FILE}")


def read_settings(text: str, file: str) -> Record:
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


def with_hooks(text: str, file: str, hooks: Record = PROJECT_HOOKS) -> str:
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
    return mark + _put_hooks(text.removeprefix(_MARK), hooks)


def has_hooks(settings: Record, hooks: Record = PROJECT_HOOKS) -> bool:
    """Whether our hooks are there as they should be, and no older ones."""
    held = settings.get("hooks", {})
    found = {event: [each for each in held.get(event, []) if without_ours(each) != each] for event in hooks}
    return found == hooks


def without_ours(entry: Json) -> Json:
    """An entry without our hooks; None if it held nothing else."""
    held = entry.get("hooks") if isinstance(entry, dict) else None
    hooks = held if isinstance(held, list) else []
    others = [hook for hook in hooks if not _is_our_hook(hook)]
    if len(others) == len(hooks):
        return entry
    return {**entry, "hooks": others} if others else None


def _is_our_hook(hook: Json) -> bool:
    command = str(hook.get("command")) if isinstance(hook, dict) else ""
    return _OURS in command and "guard.py" in command


class _Part(NamedTuple):
    """A member of an object or an element of a list: its key (empty in a list), where its value begins
    and ends in the text, and the value."""

    key: str
    start: int
    end: int
    value: Json


def _put_hooks(text: str, hooks: Mapping[str, list[Json]]) -> str:
    """``text``, a JSON object, with ``hooks`` at the end of their events' lists, in place of older ones."""
    unit = _unit(text)
    if not any(part.key == "hooks" for part in _parts(text, _after(text, 0))):
        text = _added(text, _after(text, 0), '"hooks": {}', unit, 1)
    for event, ours in hooks.items():
        at = _value(text, _after(text, 0), "hooks").start
        if not any(part.key == event for part in _parts(text, at)):
            text = _added(text, at, f"{json.dumps(event)}: []", unit, 2)
        text = _stripped(text, event)
        for entry in ours:
            at = _value(text, _value(text, _after(text, 0), "hooks").start, event).start
            text = _added(text, at, json.dumps(entry, indent=unit), unit, 3)
    return text


def _stripped(text: str, event: str) -> str:
    """The text without our hooks of the event, from the last entry backwards."""
    at = _value(text, _value(text, _after(text, 0), "hooks").start, event).start
    parts = list(_parts(text, at))
    for place in range(len(parts) - 1, -1, -1):
        part, left = parts[place], without_ours(parts[place].value)
        if left == part.value:  # nothing of ours
            continue
        if left is not None:
            text = text[: part.start] + json.dumps(left, ensure_ascii=False) + text[part.end :]
            continue
        start, end = part.start, part.end
        if place:
            start = parts[place - 1].end
        elif len(parts) > 1:
            end = parts[1].start
        else:
            start, end = at + 1, _after(text, part.end)
        text = text[:start] + text[end:]
        parts = list(_parts(text, at))
    return text


def _value(text: str, at: int, key: str) -> _Part:
    """The member ``key`` of the object at ``at``; of several the last, as a reader takes it."""
    return [part for part in _parts(text, at) if part.key == key][-1]


def _parts(text: str, at: int) -> Iterator[_Part]:
    """The members or elements of the object or list that begins at ``at``."""
    is_object = text[at] == "{"
    at = _after(text, at + 1)
    while text[at] not in "]}":
        key = ""
        if is_object:
            key, at = _DECODE(text, at)
            at = _after(text, _after(text, at) + 1)
        value, end = _DECODE(text, at)
        yield _Part(key, at, end, value)
        at = _after(text, end)
        if text[at] == ",":
            at = _after(text, at + 1)


def _added(text: str, at: int, words: str, unit: str, level: int) -> str:
    """``words`` as the last thing in the object or list at ``at``, on a line of their own."""
    line = "\r\n" if "\r\n" in text else "\n"
    words = words.replace("\n", line + unit * level)
    parts = list(_parts(text, at))
    if parts:
        end = parts[-1].end
        return f"{text[:end]},{line}{unit * level}{words}{text[end:]}"
    inner = f"{line}{unit * level}{words}{line}{unit * (level - 1)}"
    return text[: at + 1] + inner + text[_after(text, at + 1) :]


def _after(text: str, at: int) -> int:
    """The place of the next character that is no space."""
    found = _SPACE.match(text, at)
    return found.end() if found is not None else at


def _unit(text: str) -> str:
    """What one level is indented by."""
    found = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    return found[1] if found else "  "
