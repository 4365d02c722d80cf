"""Conditions of GitHub Actions (``if:``) → filters of triggers.

A condition is read as an expression, and asked of each trigger: what it can be on an event that fires
this one. A part that no filter says is listed as a restriction, never dropped.
Syntax: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from routine_harness.interop.routine_draft import Draft, listed
from routine_harness.interop.workflows.action_expressions import (
    Node,
    ParseError,
    alternatives,
    parse_expression,
)
from routine_harness.plain import Json, Record

_TEXTS: Final = {
    "user.login": "author", "author.login": "author", "title": "title", "name": "title", "body": "body",
    "base.ref": "base_branch", "head.ref": "head_branch",
}  # fmt: skip
_FLAGS: Final = {"draft": "is_draft", "merged": "is_merged", "head.repo.fork": "from_fork"}
_SUBJECTS: Final = {"pull_request": "pull_request", "issues": "issue", "release": "release"}
_STATUS: Final = {"always": True, "success": True, "cancelled": False, "failure": False}
_SAME_REPOSITORY: Final = {"github.event.pull_request.head.repo.full_name", "github.repository"}
_ACTORS: Final = tuple(f"github.{who}" for who in ("actor", "triggering_actor", "event.sender.login"))
_Way = tuple[tuple[str, ...], list[Record]]
"""Events, and the filters on them."""
_MOST: Final = 32
_UNSAID: Final = "no filter of a routine says it"


class Asked(NamedTuple):
    """What a part of a condition comes to on a trigger: it holds or not, or a filter says it.

    ``events`` are those that are left; ``lost`` is what nothing says.
    """

    holds: bool = True
    filter: Record | None = None
    events: tuple[str, ...] | None = None
    lost: str = ""


def read_condition(draft: Draft, condition: Json, what: str, line: int) -> None:
    """Narrow the triggers of ``draft`` by a condition, which stands at ``what``."""
    text = str(condition).lower() if isinstance(condition, bool) else str(condition)
    try:
        ways = alternatives(parse_expression(text))
    except ParseError as error:
        draft.restrict(what, line, f"{text}: {error}")
        return
    if len(ways) > _MOST:
        draft.restrict(what, line, f"{text}: it has {len(ways)} alternatives")
        return
    lost: dict[str, None] = {}
    triggers: list[Record] = []
    for trigger in draft.triggers:
        narrowed = _narrowed(trigger, ways, draft, lost)
        triggers += narrowed
        if not narrowed:
            what_not = ", ".join(trigger.get("events", ())) or trigger["type"]
            draft.lose(what, line, f"{text}: it never holds on {what_not}, which is left out")
        if len(narrowed) > 1:
            draft.lose(what, line, f"{text}: {len(narrowed)} triggers, and an event of both starts two runs")
    for each in lost:
        draft.restrict(what, line, f"{each}: {_UNSAID}")
    if not triggers:
        draft.restrict(what, line, f"{text}: none of the triggers fulfils it")
    draft.triggers = triggers or draft.triggers


def _narrowed(trigger: Record, ways: list[list[tuple[Node, bool]]], draft: Draft,
              lost: dict[str, None]) -> list[Record]:  # fmt: skip
    """The trigger once for each alternative that can hold of it, alike ones as one."""
    found: list[_Way] = []
    for way in ways:
        events = tuple(trigger.get("events", ()))
        filters: list[Record] = []
        unsaid: list[str] = []
        possible = True
        for node, wanted in way:
            asked = _ask(node, wanted, trigger, events, draft)
            events = asked.events if asked.events is not None else events
            possible = possible and asked.holds and (asked.events is None or bool(asked.events))
            filters += [asked.filter] if asked.filter else []
            unsaid += [asked.lost] if asked.lost else []
        if possible:
            lost.update(dict.fromkeys(unsaid))
            found.append((events, _together(filters)))
    triggers = []
    for events, filters in _merged(sorted(found, key=lambda each: len(each[1]))):
        narrowed = {**trigger, **({"events": list(events)} if events else {})}
        if filters:
            narrowed["filters"] = [*trigger.get("filters", ()), *filters]
        triggers.append(narrowed)
    return triggers


def _together(filters: list[Record]) -> list[Record]:
    """The filters without repetition; those that exclude values of one field as one."""
    found: list[Record] = []
    for each in filters:
        same = next((one for one in found if one["field"] == each["field"]
                     and one["operator"] == each["operator"] == "is_not_one_of"), None)  # fmt: skip
        if same is not None:
            same["value"] = list(dict.fromkeys([*same["value"], *each["value"]]))
        elif each not in found:
            found.append(dict(each))
    return found


def _merged(found: list[_Way]) -> list[_Way]:
    """Alternatives that differ in the value of one field alone as one; what is wider swallows."""
    kept: list[_Way] = []
    for events, filters in found:
        for place, (other, held) in enumerate(kept):
            if set(events) <= set(other) and all(each in filters for each in held):
                break
            one = _one_of(held, filters) if events == other else None
            if one is not None:
                kept[place] = (events, one)
                break
        else:
            kept.append((events, filters))
    return kept


def _one_of(left: list[Record], right: list[Record]) -> list[Record] | None:
    """Two lists of filters as one with ``is_one_of``, where a single field tells them apart."""
    if len(left) != len(right):
        return None
    apart = [(a, b) for a, b in zip(left, right, strict=True) if a != b]
    if len(apart) != 1:
        return None
    first, second = apart[0]
    operators = {first["operator"], second["operator"]}
    if first["field"] != second["field"] or not operators <= {"equals", "is_one_of"}:
        return None
    values = [value for each in (first, second) for value in listed(each["value"])]
    one = {"field": first["field"], "operator": "is_one_of", "value": list(dict.fromkeys(values))}
    return [one if each == first else each for each in left]


def _ask(node: Node, wanted: bool, trigger: Record, events: tuple[str, ...], draft: Draft) -> Asked:
    """What one part is on the events of one trigger; ``wanted`` is false of one that is negated."""
    unsaid = Asked(lost=node.text if wanted else f"!({node.text})")
    if node.kind == "literal":
        return Asked(holds=bool(node.value) is wanted)
    if node.kind == "call" and node.value in _STATUS:
        return Asked(holds=_STATUS[str(node.value)] is wanted) if node.value != "failure" else unsaid
    if node.kind == "compare":
        left, right = node.parts
        if right.kind == "path" and left.kind == "literal":
            left, right = right, left
        equal = wanted is (node.value == "==")
        if node.value not in ("==", "!="):
            return unsaid
        return _compared(left, right, equal, trigger, events, draft) or unsaid
    if node.kind == "path":
        return _flag(str(node.value), wanted, events) or unsaid
    if node.kind == "call" and len(node.parts) == 2:
        return _called(str(node.value), node.parts, wanted, events) or unsaid
    return unsaid


def _compared(left: Node, right: Node, equal: bool, trigger: Record, events: tuple[str, ...],
              draft: Draft) -> Asked | None:  # fmt: skip
    path = str(left.value)
    if left.kind != "path":
        return None
    if right.kind == "path":
        if {path, str(right.value)} != _SAME_REPOSITORY or _category(events) != "pull_request":
            return None
        return Asked(filter={"field": "from_fork", "operator": "equals", "value": not equal})
    value = right.value
    if path == "github.event_name":
        return _named(trigger, events, str(value), equal)
    if path == "github.event.action":
        left_over = tuple(each for each in events if (each.partition(".")[2] == str(value)) is equal)
        return Asked(events=left_over) if events else Asked(holds=not equal)
    if path == "github.repository":
        names = [str(each).removeprefix("github:").lower() for each in draft.repositories]
        same = len(names) == 1 and names[0] == str(value).lower()
        return Asked(holds=equal) if same else None
    if isinstance(value, bool):
        return _flag(path, value is equal, events)
    if not isinstance(value, str):
        return None
    if path == "github.event.label.name":
        return _labelled(value, equal, events)
    field = _text_field(path, events)
    if field is None:
        return _absent(path, events, holds=not equal)
    if equal:
        return Asked(filter={"field": field, "operator": "equals", "value": value})
    return Asked(filter={"field": field, "operator": "is_not_one_of", "value": [value]})


def _named(trigger: Record, events: tuple[str, ...], name: str, equal: bool) -> Asked:
    """A comparison of the event's name: it chooses among the triggers."""
    own = {"schedule": "schedule", "api": "workflow_dispatch"}.get(str(trigger.get("type")))
    if own is not None:
        return Asked(holds=(own == name) is equal)
    name = "pull_request" if name == "pull_request_target" else name
    return Asked(events=tuple(each for each in events if (each.partition(".")[0] == name) is equal))


def _labelled(value: str, equal: bool, events: tuple[str, ...]) -> Asked | None:
    """The label that was just put on: a filter sees all labels, so that a part stays unsaid."""
    if not any(each.endswith("labeled") for each in events):
        return Asked(holds=not equal)
    if not equal:
        return None
    lost = f"github.event.label.name == '{value}' (a filter sees all labels, not the one that was added)"
    return Asked(filter={"field": "labels", "operator": "is_one_of", "value": [value]}, lost=lost)


def _called(name: str, parts: tuple[Node, ...], wanted: bool, events: tuple[str, ...]) -> Asked | None:
    first, second = parts
    if name == "contains" and first.kind == "list" and second.kind == "path":
        field = _text_field(str(second.value), events)
        operator = "is_one_of" if wanted else "is_not_one_of"
        texts = isinstance(first.value, list) and first.value and all(isinstance(e, str) for e in first.value)
        if field is None or not texts:
            return None
        return Asked(filter={"field": field, "operator": operator, "value": first.value})
    if first.kind != "path" or second.kind != "literal" or not isinstance(second.value, str):
        return None
    path, value = str(first.value), second.value
    category = _category(events)
    if name == "contains" and path.endswith(".labels.*.name"):
        if path != f"github.event.{_SUBJECTS.get(category)}.labels.*.name":
            return _absent(path, events, holds=not wanted)
        operator = "is_one_of" if wanted else "is_not_one_of"
        return Asked(filter={"field": "labels", "operator": operator, "value": [value]})
    field = _text_field(path, events)
    if field is None:
        return _absent(path, events, holds=not wanted)
    if not wanted:
        return None
    if name == "endswith":
        ending = f"(?s).*{re.escape(value)}"
        return Asked(filter={"field": field, "operator": "matches_regex", "value": ending})
    operator = {"contains": "contains", "startswith": "starts_with"}.get(name, "")
    return Asked(filter={"field": field, "operator": operator, "value": value}) if operator else None


def _flag(path: str, wanted: bool, events: tuple[str, ...]) -> Asked | None:
    """A value that is true or false by itself, or an object that is there or not."""
    subject = path.removeprefix("github.event.")
    if subject in _SUBJECTS.values() and path != subject:
        return Asked(holds=(_SUBJECTS.get(_category(events)) == subject) is wanted)
    name, _, rest = subject.partition(".")
    if path != subject and name == "issue" and rest == "pull_request":
        return Asked(holds=not wanted) if _category(events) == "issues" else None
    if path != subject and name == "pull_request" and rest in _FLAGS:
        if _category(events) != "pull_request":
            return Asked(holds=not wanted) if _category(events) != "mixed" else None
        return Asked(filter={"field": _FLAGS[rest], "operator": "equals", "value": wanted})
    return None


def _text_field(path: str, events: tuple[str, ...]) -> str | None:
    """The filter field that a path of the context is on these events; None where there is none."""
    category = _category(events)
    if category == "pull_request" and path in ("github.base_ref", "github.head_ref"):
        return "base_branch" if path == "github.base_ref" else "head_branch"
    if path in _ACTORS and events and all(each.endswith(".opened") for each in events):
        return "author"  # whoever opens is the author
    subject = _SUBJECTS.get(category)
    prefix = f"github.event.{subject}."
    found = _TEXTS.get(path.removeprefix(prefix)) if subject and path.startswith(prefix) else None
    return None if found in ("base_branch", "head_branch") and category != "pull_request" else found


def _absent(path: str, events: tuple[str, ...], *, holds: bool) -> Asked | None:
    """What a comparison is of a subject that these events do not have: of nothing."""
    name = path.removeprefix("github.event.").partition(".")[0]
    category = _category(events)
    elsewhere = path.startswith("github.event.") and name in _SUBJECTS.values()
    if category != "mixed" and elsewhere and _SUBJECTS.get(category) != name:
        return Asked(holds=holds)
    return None


def _category(events: tuple[str, ...]) -> str:
    """``pull_request`` of its events, "" of a trigger without events."""
    found = {each.partition(".")[0] for each in events}
    return found.pop() if len(found) == 1 else "mixed" if found else ""
