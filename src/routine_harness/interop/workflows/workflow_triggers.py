"""``on:`` of a GitHub workflow → triggers of a routine.

A routine fires on pull requests, releases and issues, on schedules and on requests; everything else
that starts a workflow has no counterpart. ``on:`` of an agentic workflow may be a phrase (``weekly on
thursday``, ``/review``): its compiler turns the phrase into the long form, and so does this module.
Source: https://github.github.com/gh-aw/reference/triggers/ and schedule-syntax, read in November 2026.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from routine_harness.interop.routine_draft import Draft, listed, settings_of
from routine_harness.interop.schedule_words import schedule_of_words
from routine_harness.interop.workflows.action_conditions import read_condition
from routine_harness.plain import Json, Record

Line = Callable[..., int]
"""The line of the value at a path."""

EVENTS: Final = {
    "pull_request": ("pull_request", ("opened", "synchronize", "reopened")),
    "pull_request_target": ("pull_request", ("opened", "synchronize", "reopened")),
    "issues": ("issues", ("opened", "edited", "closed", "reopened", "labeled", "assigned")),
    "release": ("release", ("published", "created", "edited", "released", "prereleased")),
}
"""A workflow's event → ours, and the actions that it means where it names none."""

_QUIET: Final = ("permissions", "steps", "reaction", "status-comment")
_GATES: Final = {
    "skip-if-match": "the prompt has to look for such an item and stop",
    "skip-if-no-match": "the prompt has to look for such an item and stop",
    "skip-if-check-failing": "the prompt has to look at the checks and stop",
    "stop-after": "a routine runs until somebody switches it off",
    "manual-approval": "a routine starts without asking anybody",
    "roles": "a routine starts for every actor",
    "skip-roles": "a routine starts for every actor",
    "bots": "a routine starts for every actor",
    "skip-bots": "a routine starts for every actor",
}
"""What keeps a workflow from starting, and no trigger of a routine knows."""

_SCHEDULED: Final = re.compile(
    r"(?:hourly|daily|weekly|bi-?weekly|tri-?weekly|monthly|every)\b", re.IGNORECASE
)
_SUBJECTS: Final = {
    "issue": "issues", "issues": "issues", "pull_request": "pull_request", "pull request": "pull_request",
    "pull": "pull_request", "pr": "pull_request", "release": "release", "discussion": "discussion",
}  # fmt: skip
_ACTED: Final = re.compile(
    r"(?P<subject>issues?|pull[_ ]request|pull|pr|release|discussion) (?P<action>[a-z_]+)(?: (?P<rest>.+))?",
    re.IGNORECASE,
)
_ACTIONS: Final = {"updated": "synchronize", "merged": "closed"}
_OTHERS: Final = (
    (re.compile(r"push\b.*", re.IGNORECASE), "push"),
    (re.compile(r"comment \w+", re.IGNORECASE), "issue_comment"),
    (re.compile(r"workflow completed\b.*", re.IGNORECASE), "workflow_run"),
    (re.compile(r"api dispatch\b.*", re.IGNORECASE), "repository_dispatch"),
    (re.compile(r"deployment \w+", re.IGNORECASE), "deployment_status"),
    (re.compile(r"repository (?:starred|forked)", re.IGNORECASE), "watch"),
    (re.compile(r"(?:security|code scanning) alert\b.*", re.IGNORECASE), "code_scanning_alert"),
)
"""Phrases that come to an event which starts no routine."""


def read_on(draft: Draft, on: Json, line: Line) -> None:
    """Add the triggers that ``on`` spells to ``draft``, and list what has no counterpart."""
    events = settings_of(on)
    for phrase in () if isinstance(on, dict) else listed(on):
        events |= spelled_out(str(phrase)) or {str(phrase): None}
    condition = None if isinstance(on, dict) else events.pop("if", None)
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
        elif name in _GATES:
            draft.restrict(f"on.{name}", at, _GATES[name])
        else:
            draft.lose(f"on.{name}", at, "no trigger of a routine fires on it")
    if condition is not None:
        read_condition(draft, condition, "on", line("on"))
    if not draft.triggers:
        draft.triggers.append({"type": "api"})
        why = "nothing that starts it has a counterpart, so that it waits for its fire endpoint"
        draft.lose("on", line("on"), why)


def _by_hand(draft: Draft, value: Json, at: int) -> None:
    inputs = settings_of(settings_of(value).get("inputs"))
    if inputs:
        names = ", ".join(inputs)
        draft.lose("on.workflow_dispatch.inputs", at, f"a routine takes one text, not {names}")
    if {"type": "api"} not in draft.triggers:
        draft.triggers.append({"type": "api"})


def _github(draft: Draft, name: str, value: Record, at: int) -> None:
    event, default = EVENTS[name]
    actions = listed(value.get("types")) or list(default)
    trigger: Record = {"type": "github", "events": [f"{event}.{action}" for action in actions]}
    branches = listed(value.get("branches"))
    if branches:
        trigger["branches"] = branches
    filters = []
    names = listed(value.get("names") or value.get("labels"))
    if names and event != "release":
        filters.append({"field": "labels", "operator": "is_one_of", "value": names})
        if "labeled" in actions:
            why = "a filter sees all labels, not the one that was added"
            draft.restrict(f"on.{name}.names", at, why)
    if isinstance(value.get("draft"), bool):
        filters.append({"field": "is_draft", "operator": "equals", "value": value["draft"]})
    left_out = listed(value.get("branches-ignore"))
    plain = [branch for branch in left_out if not set(str(branch)) & set("*?[]!+")]
    if plain and plain == left_out and event == "pull_request":
        filters.append({"field": "base_branch", "operator": "is_not_one_of", "value": plain})
    if filters:
        trigger["filters"] = filters
    carried = {"types", "branches", "draft"} | (set() if event == "release" else {"names", "labels"})
    carried |= {"branches-ignore"} if plain and plain == left_out and event == "pull_request" else set()
    for key in value:
        if key == "forks" and event == "pull_request":
            continue  # of agentic workflows, which read it themselves
        if key not in carried:
            draft.restrict(f"on.{name}.{key}", at, "no filter of a routine looks at it")
    draft.triggers.append(trigger)


def _schedule(draft: Draft, value: Json, at: int) -> None:
    for each in listed(value):
        cron = each.get("cron") if isinstance(each, dict) else each
        zone = each.get("timezone") if isinstance(each, dict) else None
        found = schedule_of_words(str(cron)) if cron else None
        if found is None:
            draft.lose(f"on.schedule {cron!r}", at, "no schedule of a routine says this")
            continue
        draft.triggers.append({"type": "schedule", **({"timezone": zone} if zone else {}), **found.keys})
        if found.note:
            draft.lose(f"on.schedule {cron!r}", at, found.note)


def spelled_out(phrase: str) -> Record | None:
    """The long form of a phrase; None where it is the plain name of an event or not known.

    A condition that the long form has no key for stands under ``if``.
    """
    words = " ".join(phrase.split())
    if _SCHEDULED.match(words) or _is_cron(words):
        return {"schedule": words}
    if words.startswith("/"):
        return {"slash_command": {"name": words[1:]}}
    if words.lower() == "manual":
        return {"workflow_dispatch": None}
    by_hand = re.fullmatch(r"manual with input (.+)", words, re.IGNORECASE)
    if by_hand:
        return {"workflow_dispatch": {"inputs": dict.fromkeys(re.split(r"[ ,]+", by_hand[1]))}}
    if words.lower() == "dependabot pull request":
        author = "github.event.pull_request.user.login == 'dependabot[bot]'"
        return {"pull_request": {"types": ["opened", "synchronize", "reopened"]}, "if": author}
    acted = _ACTED.fullmatch(words)
    if acted:
        return _acted(acted)
    others = [name for pattern, name in _OTHERS if " " in words and pattern.fullmatch(words)]
    return {others[0]: {"phrase": words}} if others else None


def _acted(found: re.Match[str]) -> Record:
    subject = _SUBJECTS[found["subject"].lower()]
    action, rest = found["action"].lower(), found["rest"] or ""
    settings: Record = {"types": [_ACTIONS.get(action, action)]}
    affecting = re.search(r"\baffecting (\S+)", rest, re.IGNORECASE)
    if affecting:
        settings["paths"] = [affecting[1]]
        rest = rest.replace(affecting[0], "")
    labels = re.sub(r"\b(?:with )?label(?:s|ed)?\b", " ", rest, flags=re.IGNORECASE)
    names = [each for each in re.split(r"[ ,]+", labels) if each]
    if names:
        settings["names"] = names
    merged = {"if": "github.event.pull_request.merged == true"} if action == "merged" else {}
    return {subject: settings, **merged}


def _is_cron(words: str) -> bool:
    return len(words.split()) == 5 and words[0] in "0123456789*"
