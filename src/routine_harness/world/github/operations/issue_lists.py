"""Lists of issues and pull requests: what filters leave, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.labels import (
    milestone_number,
)
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    found,
    full_name,
)
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import count_of
from routine_harness.world.state import World

_ORDERS: Final = {"created": "created_at", "updated": "updated_at", "long-running": "created_at"}


def list_issues(world: World, arguments: Arguments) -> Done:
    """The issues that the filters leave; with ``pulls`` the pull requests among them, as REST lists both."""
    repository = full_name(world, arguments)
    rows = [row for row in tables.of_repository(world, "issues", repository) if not row.get("pull_request")]
    if arguments.get("pulls"):
        rows += tables.of_repository(world, "pulls", repository)
    state = arguments.get("state") or "open"
    kept = [row for row in rows if state in ("all", row["state"]) and passes(world, row, arguments)]
    return found(world, sort_items(world, kept, arguments))


_ROLES: Final[dict[str, Callable[[World, Record], bool]]] = {
    "assigned": lambda world, item: tables.me(world) in item["assignees"],
    "created": lambda world, item: item["user"] == tables.me(world),
    "mentioned": lambda world, item: f"@{tables.me(world)}" in (item["body"] or ""),
}
"""``filter`` of the issues that concern the agent; ``all`` (and what else there is) leaves none out."""


def list_assigned(world: World, arguments: Arguments) -> Done:
    """Issues and pull requests of all repositories (of one owner) that concern the agent."""
    concerns = _ROLES.get(arguments.get("filter") or "assigned")
    state, owner = arguments.get("state") or "open", arguments.get("owner")
    rows = [
        row
        for table in ("issues", "pulls")
        for row in world.table(f"github.{table}")
        if state in ("all", row["state"])
        and (concerns is None or concerns(world, row))
        and owner in (None, row["repository"].partition("/")[0])
        and passes(world, row, {**arguments, "filter": None})
    ]
    return found(world, sort_items(world, rows, arguments))


def passes(world: World, item: Record, arguments: Arguments) -> bool:
    """Whether an issue or pull request has what the filters of a list ask for."""
    own = {label.lower() for label in item["labels"]}
    wanted = {label.lower() for label in arguments.get("labels") or ()}
    if wanted and not (wanted & own if arguments.get("any_label") else wanted <= own):
        return False
    if arguments.get("since") and item["updated_at"] < arguments["since"]:
        return False
    tests = (test(world, item, arguments[name]) for name, test in _FILTERS.items() if arguments.get(name))
    return all(tests) and all(_has_field(item, field) for field in arguments.get("field_filters") or ())


def _login(world: World, wanted: str) -> str:
    return tables.me(world) if wanted == "@me" else wanted.removeprefix("app/")


def _is_by(world: World, item: Record, wanted: str) -> bool:
    return bool(item["user"].removesuffix("[bot]") == _login(world, wanted).removesuffix("[bot]"))


def _is_assigned(world: World, item: Record, wanted: str) -> bool:
    if wanted in ("*", "none"):
        return bool(item["assignees"]) is (wanted == "*")
    return bool(_login(world, wanted) in item["assignees"])


def _has_milestone(world: World, item: Record, wanted: Json) -> bool:
    if wanted in ("*", "none"):
        return bool(item.get("milestone")) is (wanted == "*")
    return bool(item.get("milestone") == milestone_number(world, item["repository"], wanted))


_FILTERS: Final[dict[str, Callable[[World, Record, Json], bool]]] = {
    "creator": _is_by,
    "assignee": _is_assigned,
    "milestone": _has_milestone,
    "mentioned": lambda world, item, wanted: f"@{_login(world, wanted)}" in (item["body"] or ""),
    "type": lambda _, item, wanted: wanted in ("*", item.get("type")),
    "draft": lambda _, item, wanted: bool(item.get("draft")) is bool(wanted),
    "head_branch": lambda _, item, wanted: item.get("head") == wanted,
}
"""Argument of a list → whether an item has what it asks for."""


def _has_field(item: Record, wanted: Record) -> bool:
    values = {name.lower(): str(value) for name, value in (item.get("field_values") or {}).items()}
    return bool(values.get(wanted["field_name"].lower()) == wanted["value"])


def sort_items(world: World, rows: list[Record], arguments: Arguments) -> list[Record]:
    """Issues or pull requests in the order that the arguments ask for; newest first by default."""
    sort = arguments.get("sort") or "created"

    def key(item: Record) -> tuple[Json, int]:
        if sort in ("comments", "popularity"):
            return count_of(world, "comments", item, "comments"), item["number"]
        return item[_ORDERS.get(sort, "created_at")], item["number"]

    return sorted(rows, key=key, reverse=(arguments.get("direction") or "desc") == "desc")
