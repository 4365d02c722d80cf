"""Labels and milestones of a repository, and the issue types of its owner."""

from __future__ import annotations

from typing import Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Refused,
    applied,
    find_repository,
    not_found,
    number,
    respond,
    validation_failed,
)
from routine_harness.world.github.show import compact, show_label
from routine_harness.world.state import Record, World


def _find(world: World, arguments: Arguments) -> Record | None:
    repository = find_repository(world, arguments, "Failed to find repository")["full_name"]
    name = arguments["name"].lower()
    labels = tables.of_repository(world, "labels", repository)
    return next((label for label in labels if label["name"].lower() == name), None)


def make_labels(world: World, repository: str, names: list[str]) -> World:
    """GitHub makes a label that is put on something and is not there yet."""
    known = {label["name"].lower() for label in tables.of_repository(world, "labels", repository)}
    for name in names:
        if name.lower() not in known:
            fresh = {"color": "ededed", "description": "", "id": tables.user_id(f"{repository}/{name}")}
            world = tables.put(world, "labels", {"repository": repository, "name": name, **fresh})
    return world


def _missing(arguments: Arguments) -> Refused:
    return Refused(f"label '{arguments['name']}' not found in {arguments['owner']}/{arguments['repo']}")


def get_label(world: World, arguments: Arguments) -> Answer:
    label = _find(world, arguments)
    if label is None:
        raise _missing(arguments)
    return respond(world, show_label(label))


def list_label(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "Failed to list labels")["full_name"]
    labels = [show_label(label) for label in tables.of_repository(world, "labels", repository)]
    return respond(world, {"labels": labels, "totalCount": len(labels)})


def label_write(world: World, arguments: Arguments) -> Answer:
    label = _find(world, arguments)
    write = {"create": _create, "update": _update, "delete": _delete}[arguments["method"]]
    return write(world, arguments, label)


def _create(world: World, arguments: Arguments, label: Record | None) -> Answer:
    if not arguments.get("color"):
        raise Refused("color is required for create")
    if label is not None:
        raise Refused("Failed to create label: Name has already been taken")
    repository = find_repository(world, arguments, "Failed to find repository")["full_name"]
    after, identity = tables.next_id(world)
    row = {
        "repository": repository,
        "name": arguments["name"],
        "id": identity,
        "color": arguments["color"].removeprefix("#"),
        "description": arguments.get("description") or "",
    }
    after = tables.put(after, "labels", row)
    return applied(world, after, f"label '{row['name']}' created successfully", id=identity)


def _update(world: World, arguments: Arguments, label: Record | None) -> Answer:
    changed = compact(
        name=arguments.get("new_name"),
        color=(arguments.get("color") or "").removeprefix("#"),
        description=arguments.get("description"),
    )
    if not changed:
        raise Refused("at least one of new_name, color, or description must be provided for update")
    if label is None:
        raise _missing(arguments)
    row = {**label, **changed}
    after = world
    if row != label:
        after = tables.put(tables.remove(world, "labels", label), "labels", row)
        after = _rename(after, label, row["name"])
    return applied(world, after, f"label '{row['name']}' updated successfully", id=label.get("id"))


def _delete(world: World, arguments: Arguments, label: Record | None) -> Answer:
    if label is None:
        raise _missing(arguments)
    after = _rename(tables.remove(world, "labels", label), label, None)
    return applied(world, after, f"label '{arguments['name']}' deleted successfully", id=label.get("id"))


def _rename(world: World, label: Record, name: str | None) -> World:
    """What carries the label carries its new name, or no longer carries it."""
    if name == label["name"]:
        return world
    for table in ("issues", "pulls"):
        for item in tables.of_repository(world, table, label["repository"]):
            if label["name"] in item["labels"]:
                renamed = [name if one == label["name"] else one for one in item["labels"]]
                world = tables.change(world, table, item, labels=[one for one in renamed if one])
    return world


def list_issue_types(world: World, arguments: Arguments) -> Answer:
    owner = arguments["owner"]
    rows = world.table("github.issue_types").find("owner", owner)
    return respond(world, [{k: v for k, v in row.items() if k != "owner"} for row in rows])


def list_milestones(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to list milestones")["full_name"]
    return respond(world, [_show(row) for row in tables.of_repository(world, "milestones", repository)])


def _show(row: Record) -> Record:
    return {name: value for name, value in row.items() if name != "repository"}


_MILESTONE: Final = ("title", "description", "due_on", "state")


def create_milestone(world: World, arguments: Arguments) -> Answer:
    doing = "failed to create milestone"
    repository = find_repository(world, arguments, doing)["full_name"]
    rows = tables.of_repository(world, "milestones", repository)
    if any(row["title"] == arguments["title"] for row in rows):
        raise validation_failed(doing, resource="Milestone", field="title", code="already_exists")
    given: Record = {name: arguments[name] for name in _MILESTONE if name in arguments}
    following = max((row["number"] for row in rows), default=0) + 1
    row = {"repository": repository, "number": following, "state": "open", "description": "", **given}
    after = tables.put(world, "milestones", row)
    return applied(world, after, _show(row), target=repository, id=following)


def update_milestone(world: World, arguments: Arguments) -> Answer:
    repository = find_repository(world, arguments, "failed to update milestone")["full_name"]
    row = tables.get(world, "milestones", repository, number(arguments, "milestone_number"))
    if row is None:
        path = f"repos/{repository}/milestones/{number(arguments, 'milestone_number')}"
        raise not_found("failed to update milestone", "PATCH", path)
    given: Record = {name: arguments[name] for name in _MILESTONE if name in arguments}
    after = tables.change(world, "milestones", row, **given)
    return applied(world, after, _show({**row, **given}), target=repository, id=row["number"])


OPERATIONS: Final = {
    "get_label": get_label,
    "list_label": list_label,
    "label_write": label_write,
    "list_issue_types": list_issue_types,
    "list_milestones": list_milestones,
    "create_milestone": create_milestone,
    "update_milestone": update_milestone,
}
