"""``on:`` of a GitHub workflow → triggers of a routine.

A routine fires on pull requests, releases and issues, on schedules and on requests; everything else
that starts a workflow has no counterpart.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from routine_harness.interop.routine_draft import Draft

Line = Callable[..., int]
"""The line of the value at a path."""

EVENTS: Final = {
    "pull_request": ("pull_request", ("opened", "synchronize", "reopened")),
    "pull_request_target": ("pull_request", ("opened", "synchronize", "reopened")),
    "issues": ("issues", ("opened", "edited", "closed", "reopened", "labeled", "assigned")),
    "release": ("release", ("published", "created", "edited", "released", "prereleased")),
}
"""A workflow's event → ours, and the actions that it means where it names none."""

_DAYS: Final = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_CLOCK: Final = re.compile(r"(\d{1,2})(?::(\d{2}))? ?(am|pm)?\b")
_QUIET: Final = ("permissions", "steps", "reaction", "status-comment")


def read_on(draft: Draft, on: Any, line: Line) -> None:
    """Add the triggers that ``on`` spells to ``draft``, and list what has no counterpart."""
    if isinstance(on, str):
        on = {on: None}
    elif isinstance(on, list):
        on = {str(name): None for name in on}
    for name, value in (on or {}).items():
        at = line("on", name)
        if name == "schedule":
            _schedule(draft, value, at)
        elif name in EVENTS:
            _github(draft, name, value if isinstance(value, dict) else {}, at)
        elif name == "workflow_dispatch":
            _by_hand(draft, value, at)
        elif name in _QUIET:
            draft.lose(f"on.{name}", at, "a routine has nothing that runs before the agent")
        else:
            draft.lose(f"on.{name}", at, "no trigger of a routine fires on it")
    if not draft.triggers:
        draft.triggers.append({"type": "api"})
        why = "nothing that starts it has a counterpart, so that it waits for its fire endpoint"
        draft.lose("on", line("on"), why)


def _by_hand(draft: Draft, value: Any, at: int) -> None:
    if isinstance(value, dict) and value.get("inputs"):
        names = ", ".join(value["inputs"])
        draft.lose("on.workflow_dispatch.inputs", at, f"a routine takes one text, not {names}")
    if {"type": "api"} not in draft.triggers:
        draft.triggers.append({"type": "api"})


def _github(draft: Draft, name: str, value: dict[str, Any], at: int) -> None:
    event, default = EVENTS[name]
    types = value.get("types") or list(default)
    listed = [types] if isinstance(types, str) else types
    trigger: dict[str, Any] = {"type": "github", "events": [f"{event}.{action}" for action in listed]}
    branches = value.get("branches")
    if branches:
        trigger["branches"] = [branches] if isinstance(branches, str) else branches
    filters = []
    labels = value.get("names") or value.get("labels")
    if labels and event == "pull_request":
        names = [labels] if isinstance(labels, str) else labels
        filters.append({"field": "labels", "operator": "is_one_of", "value": names})
    if isinstance(value.get("draft"), bool):
        filters.append({"field": "is_draft", "operator": "equals", "value": value["draft"]})
    if filters:
        trigger["filters"] = filters
    carried = {"types", "branches", "draft"} | ({"names", "labels"} if event == "pull_request" else set())
    for key in value:
        if key not in carried:
            draft.lose(f"on.{name}.{key}", at, "no filter of a routine looks at it")
    draft.triggers.append(trigger)


def _schedule(draft: Draft, value: Any, at: int) -> None:
    for each in value if isinstance(value, list) else [value]:
        cron = each.get("cron") if isinstance(each, dict) else each
        zone = each.get("timezone") if isinstance(each, dict) else None
        found = _cron(str(cron)) if cron else None
        if found is None:
            draft.lose(f"on.schedule {cron!r}", at, "no schedule of a routine says this")
            continue
        draft.triggers.append({"type": "schedule", **found, **({"timezone": zone} if zone else {})})
        if "cron" not in found and "at" not in found:
            draft.lose(f"on.schedule {cron!r}", at, "it leaves the time open, a routine runs at 09:00 UTC")


def _cron(text: str) -> dict[str, str] | None:
    """A schedule's keys for an expression or for gh-aw's words (``daily around 9:00``)."""
    if len(text.split()) == 5 and re.fullmatch(r"[\d*/,\-A-Za-z ?LW#]+", text) and text[0] in "0123456789*":
        return {"cron": text}
    words = text.lower()
    every = re.fullmatch(r"every (\d+) ?(h|hours?|d|days?)", words)
    if every is not None:
        number = int(every[1])
        if every[2][0] == "h" and 24 % number == 0:
            return {"preset": "hourly"} if number == 1 else {"cron": f"0 */{number} * * *"}
        return {"preset": "daily"} if number == 1 and every[2][0] == "d" else None
    preset = {"hourly": "hourly", "daily": "daily", "weekly": "weekly"}.get(words.split()[0] if words else "")
    if preset is None or re.search(r"\bbetween\b|\butc[+-]", words):
        return None
    return _preset(preset, words)


def _preset(preset: str, words: str) -> dict[str, str]:
    if preset == "hourly":
        return {"preset": "hourly"}
    if preset == "daily" and "weekdays" in words:
        preset = "weekdays"
    day = next((name for name in _DAYS if name in words), "") if preset == "weekly" else ""
    time = _time(words)
    at = " ".join(part for part in (day, time or ("09:00" if day else "")) if part)
    return {"preset": preset, **({"at": at} if at else {})}


def _time(words: str) -> str:
    named = {"midnight": "00:00", "noon": "12:00"}
    found = next((time for word, time in named.items() if word in words), "")
    clock = _CLOCK.search(words)
    if found or clock is None:
        return found
    hour = int(clock[1]) % 12 + (12 if clock[3] == "pm" else 0) if clock[3] else int(clock[1])
    return f"{hour:02}:{clock[2] or '00'}" if hour < 24 else ""
