"""Sub-issues: adding, removing, moving them."""

from __future__ import annotations

from typing import Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Refused,
    applied,
    find_issue,
    not_found,
    number,
    validation_failed,
)
from routine_harness.world.github.issues import parent_row
from routine_harness.world.github.show import name_of
from routine_harness.world.github.show_items import show_issue
from routine_harness.world.state import World


def _sub_issue(world: World, arguments: Arguments, method: str) -> Answer:
    doing = {"add": "failed to add sub-issue", "remove": "failed to remove sub-issue"}
    doing_now = doing.get(method, "failed to reprioritize sub-issue")
    parent = find_issue(world, arguments, doing_now)
    child_id = number(arguments, "sub_issue_id")
    found = tables.rows(world, "issues", "id", child_id)
    path = f"repos/{parent['repository']}/issues/{parent['number']}/sub_issues"
    if not found:
        raise not_found(doing_now, "POST", path)
    before = list(parent.get("sub_issues") or [])
    after = world
    if method == "add":
        owner = parent_row(world, found[0])
        if owner is not None and owner["id"] != parent["id"]:
            if not arguments.get("replace_parent"):
                raise validation_failed(doing_now, message="Sub issue may only have one parent")
            after = tables.change(
                after, "issues", owner, sub_issues=[i for i in owner["sub_issues"] if i != child_id]
            )
        listed = before if child_id in before else [*before, child_id]
    elif child_id not in before:
        raise not_found(doing_now, "DELETE", path)
    else:
        listed = [identity for identity in before if identity != child_id]
        if method == "reprioritize":
            listed = _placed(listed, child_id, arguments)
    if listed != before:
        after = tables.change(after, "issues", parent, sub_issues=listed)
    shown = {**show_issue(after, {**parent, "sub_issues": listed}), "id": parent["id"]}
    return applied(world, after, shown, target=name_of(parent), id=parent["id"], url=parent["html_url"])


def _placed(listed: list[int], child: int, arguments: Arguments) -> list[int]:
    after_id, before_id = arguments.get("after_id"), arguments.get("before_id")
    if after_id is None and before_id is None:
        raise Refused("either after_id or before_id must be specified")
    if after_id is not None and before_id is not None:
        raise Refused("only one of after_id or before_id should be specified, not both")
    anchor = int(before_id or after_id or 0)
    if anchor not in listed:
        raise validation_failed(
            "failed to reprioritize sub-issue", message="The anchor is no sub-issue of this issue"
        )
    place = listed.index(anchor) + (after_id is not None)
    return [*listed[:place], child, *listed[place:]]


def sub_issue_write(world: World, arguments: Arguments) -> Answer:
    method = str(arguments["method"]).lower()
    if method not in ("add", "remove", "reprioritize"):
        raise Refused(f"unknown method: {arguments['method']}")
    return _sub_issue(world, arguments, method)


def add_sub_issue(world: World, arguments: Arguments) -> Answer:
    return _sub_issue(world, arguments, "add")


def remove_sub_issue(world: World, arguments: Arguments) -> Answer:
    return _sub_issue(world, arguments, "remove")


def reprioritize_sub_issue(world: World, arguments: Arguments) -> Answer:
    return _sub_issue(world, arguments, "reprioritize")


OPERATIONS: Final = {
    "sub_issue_write": sub_issue_write,
    "add_sub_issue": add_sub_issue,
    "remove_sub_issue": remove_sub_issue,
    "reprioritize_sub_issue": reprioritize_sub_issue,
}
