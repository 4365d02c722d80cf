"""``on:`` of a GitHub workflow → triggers of a routine.

A routine fires on pull requests, releases and issues, on schedules and on requests; everything else
that starts a workflow has no counterpart.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from routine_harness.interop.routine_draft import Draft, listed, settings_of

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
_GATES: Final = {
    "skip-if-match": "the prompt has to look for such an item and stop",
    "skip-if-no-match": "the prompt has to look for such an item and stop",
    "skip-if-check-failing": "the prompt has to look at the checks and stop",
    "stop-after": "a routine runs until somebody switches it off",
    "manual-approval": "a routine starts without asking anybody",
    "roles": "a routine starts whoever it was that acted",
    "skip-roles": "a routine starts whoever it was that acted",
    "bots": "a routine starts whoever it was that acted",
    "skip-bots": "a routine starts whoever it was that acted",
}
"""What keeps a workflow from starting, and no trigger of a routine knows."""
OPEN_TIME: Final = "it leaves the time open, a routine runs at 09:00 UTC"
_AUTHOR: Final = re.compile(r"github\.event\.pull_request\.user\.login\s*(==|!=)\s*'([^']+)'")
_READY: Final = re.compile(
    r"!\s*github\.event\.pull_request\.draft|github\.event\.pull_request\.draft\s*==\s*false"
)


def read_on(draft: Draft, on: Any, line: Line) -> None:
    """Add the triggers that ``on`` spells to ``draft``, and list what has no counterpart."""
    events = settings_of(on) if isinstance(on, dict) else {str(name): None for name in listed(on)}
    for name, value in events.items():
        at = line("on", name)
        if name == "schedule":
            _schedule(draft, value, at)
        elif name in EVENTS:
            _github(draft, name, settings_of(value), at)
        elif name == "workflow_dispatch":
            _by_hand(draft, value, at)
        elif name in _QUIET:
            draft.lose(f"on.{name}", at, "a routine has nothing that runs before the agent")
        else:
            draft.lose(f"on.{name}", at, _GATES.get(name, "no trigger of a routine fires on it"))
    if not draft.triggers:
        draft.triggers.append({"type": "api"})
        why = "nothing that starts it has a counterpart, so that it waits for its fire endpoint"
        draft.lose("on", line("on"), why)


def read_if(draft: Draft, condition: Any) -> bool:
    """Turn an ``if:`` about a pull request's author or draft state into filters; False where it says
    something else, or where not every trigger is one of pull requests."""
    filters = _filters(str(condition).strip().removeprefix("${{").removesuffix("}}").strip())
    pulls = [each for each in draft.triggers if str(each.get("events", "")).count("pull_request.")]
    if not filters or len(pulls) != len(draft.triggers):
        return False
    for trigger in pulls:
        trigger["filters"] = [*trigger.get("filters", ()), *filters]
    return True


def _filters(condition: str) -> list[dict[str, Any]]:
    """The filters that a condition comes to: authors joined by ``||``, or clauses joined by ``&&``."""
    either = [_AUTHOR.fullmatch(part.strip()) for part in condition.split("||")]
    names = [found[2] for found in either if found is not None and found[1] == "=="]
    if len(names) == len(either):
        return [{"field": "author", "operator": "is_one_of", "value": names}]
    filters: list[dict[str, Any]] = []
    others: list[str] = []
    for part in condition.split("&&"):
        found = _AUTHOR.fullmatch(part.strip())
        if found is not None and found[1] == "!=":
            others.append(found[2])
        elif _READY.fullmatch(part.strip()):
            filters.append({"field": "is_draft", "operator": "equals", "value": False})
        else:
            return []
    return [
        *filters,
        *([{"field": "author", "operator": "is_not_one_of", "value": others}] if others else []),
    ]


def _by_hand(draft: Draft, value: Any, at: int) -> None:
    inputs = settings_of(settings_of(value).get("inputs"))
    if inputs:
        names = ", ".join(inputs)
        draft.lose("on.workflow_dispatch.inputs", at, f"a routine takes one text, not {names}")
    if {"type": "api"} not in draft.triggers:
        draft.triggers.append({"type": "api"})


def _github(draft: Draft, name: str, value: dict[str, Any], at: int) -> None:
    event, default = EVENTS[name]
    actions = listed(value.get("types")) or list(default)
    trigger: dict[str, Any] = {"type": "github", "events": [f"{event}.{action}" for action in actions]}
    branches = listed(value.get("branches"))
    if branches:
        trigger["branches"] = branches
    filters = []
    names = listed(value.get("names") or value.get("labels"))
    if names and event == "pull_request":
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
    for each in listed(value):
        cron = each.get("cron") if isinstance(each, dict) else each
        zone = each.get("timezone") if isinstance(each, dict) else None
        found = cron_of_words(str(cron)) if cron else None
        if found is None:
            draft.lose(f"on.schedule {cron!r}", at, "no schedule of a routine says this")
            continue
        draft.triggers.append({"type": "schedule", **found, **({"timezone": zone} if zone else {})})
        if "cron" not in found and "at" not in found:
            draft.lose(f"on.schedule {cron!r}", at, OPEN_TIME)


def cron_of_words(text: str) -> dict[str, str] | None:
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
