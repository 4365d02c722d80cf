"""Sub-issues: the children of an issue, in their order."""

from __future__ import annotations

from routine_harness.plain import Record
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    applied,
    find_issue,
    found,
    invalid,
    name_of,
    not_found,
    number,
)
from routine_harness.world.github.records import tables
from routine_harness.world.state import World


def child_rows(world: World, issue: Record) -> list[Record]:
    """The sub-issues that the world knows, in their order."""
    rows = (tables.rows(world, "issues", "id", identity) for identity in issue.get("sub_issues") or ())
    return [listed[0] for listed in rows if listed]


def parent_row(world: World, issue: Record) -> Record | None:
    issues = world.table("github.issues")
    return next((row for row in issues if issue["id"] in (row.get("sub_issues") or ())), None)


def list_sub_issues(world: World, arguments: Arguments) -> Done:
    return found(world, child_rows(world, find_issue(world, arguments)))


def get_parent(world: World, arguments: Arguments) -> Done:
    return found(world, parent_row(world, find_issue(world, arguments)))


def add_sub_issue(world: World, arguments: Arguments) -> Done:
    parent, child = find_issue(world, arguments), _child(world, arguments)
    owner, after = parent_row(world, child), world
    if owner is not None and owner["id"] != parent["id"]:
        if not arguments.get("replace_parent"):
            raise invalid(message="Sub issue may only have one parent")
        others = [identity for identity in owner["sub_issues"] if identity != child["id"]]
        after = tables.change(after, "issues", owner, sub_issues=others)
    before = list(parent.get("sub_issues") or [])
    listed = before if child["id"] in before else [*before, child["id"]]
    return _set_children(world, after, parent, listed)


def remove_sub_issue(world: World, arguments: Arguments) -> Done:
    parent, others, _ = _without_child(world, arguments)
    return _set_children(world, world, parent, others)


def move_sub_issue(world: World, arguments: Arguments) -> Done:
    parent, others, child = _without_child(world, arguments)
    anchor = int(arguments.get("before_id") or arguments.get("after_id") or 0)
    if anchor not in others:
        raise invalid(message="The anchor is no sub-issue of this issue")
    place = others.index(anchor) + (arguments.get("after_id") is not None)
    return _set_children(world, world, parent, [*others[:place], child["id"], *others[place:]])


def _child(world: World, arguments: Arguments) -> Record:
    rows = tables.rows(world, "issues", "id", number(arguments, "sub_issue_id"))
    if not rows:
        raise not_found()
    return rows[0]


def _without_child(world: World, arguments: Arguments) -> tuple[Record, list[int], Record]:
    parent, child = find_issue(world, arguments), _child(world, arguments)
    before = list(parent.get("sub_issues") or [])
    if child["id"] not in before:
        raise not_found()
    return parent, [identity for identity in before if identity != child["id"]], child


def _set_children(world: World, after: World, parent: Record, listed: list[int]) -> Done:
    if listed != list(parent.get("sub_issues") or []):
        after = tables.change(after, "issues", parent, sub_issues=listed)
    row = {**parent, "sub_issues": listed}
    return applied(world, after, row, target=name_of(parent), id=parent["id"], url=parent["html_url"])
