"""Labels and milestones of a repository, and the issue types of its owner."""

from __future__ import annotations

from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Record
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Refused,
    applied,
    find_row,
    found,
    full_name,
    invalid,
    not_found,
)
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import DEFAULT_COLOR, find_label, label_row
from routine_harness.world.state import World

_COLOR: Final = lazy_pattern(r"[0-9a-fA-F]{6}")


def own_names(world: World, repository: str, names: list[str]) -> list[str]:
    """``names`` as the repository spells its labels, each once."""
    spelt: dict[str, str] = {}
    for name in names:
        row = find_label(world, repository, name)
        spelt.setdefault(name.lower(), row["name"] if row is not None else name)
    return list(spelt.values())


def check_labels(world: World, arguments: Arguments) -> None:
    """Refuse labels that are not there, where the asker looks them up first (``gh`` does).

    Raises:
        Refused: in gh's words.
    """
    for name in (*(arguments.get("labels") or ()), *(arguments.get("add_labels") or ())):
        if arguments.get("known_labels") and find_label(world, full_name(world, arguments), name) is None:
            message = f"could not add label: '{name}' not found"
            raise Refused(422, message, said=message)


def make_labels(world: World, repository: str, names: list[str]) -> World:
    """GitHub makes a label that is put on something and is not there yet."""
    for name in names:
        if find_label(world, repository, name) is None:
            fresh = {"color": DEFAULT_COLOR, "description": "", "id": tables.user_id(f"{repository}/{name}")}
            world = tables.put(world, "labels", {"repository": repository, "name": name, **fresh})
    return world


def _need(world: World, arguments: Arguments) -> Record:
    repository, name = full_name(world, arguments), arguments["name"]
    label = find_label(world, repository, name)
    if label is None:
        raise not_found(f"label '{name}' not found in {arguments['repository']}")
    return label


def get_label(world: World, arguments: Arguments) -> Done:
    return found(world, label_row(world, _need(world, arguments)["repository"], arguments["name"]))


def list_labels(world: World, arguments: Arguments) -> Done:
    repository = full_name(world, arguments)
    rows = tables.of_repository(world, "labels", repository)
    return found(world, [label_row(world, repository, row["name"]) for row in rows])


def _check_color(color: str) -> str:
    bare = color.removeprefix("#")
    if not _COLOR.fullmatch(bare):
        raise invalid(resource="Label", code="invalid", field="color")
    return bare


def create_label(world: World, arguments: Arguments) -> Done:
    repository, name = full_name(world, arguments), arguments["name"]
    if find_label(world, repository, name) is not None:
        said = "Failed to create label: Name has already been taken"
        raise invalid(said, resource="Label", code="already_exists", field="name")
    color = _check_color(arguments.get("color") or DEFAULT_COLOR)
    after, identity = tables.next_id(world)
    row = {
        "repository": repository, "name": name, "id": identity, "color": color,
        "description": arguments.get("description") or "",
    }  # fmt: skip
    return applied(world, tables.put(after, "labels", row), row, id=identity)


def update_label(world: World, arguments: Arguments) -> Done:
    label = _need(world, arguments)
    changed = {
        "name": arguments.get("new_name"),
        "color": arguments.get("color") and _check_color(arguments["color"]),
        "description": arguments.get("description"),
    }
    row = {**label, **{name: value for name, value in changed.items() if value not in (None, "")}}
    after = world
    if row != label:
        after = tables.put(tables.remove(world, "labels", label), "labels", row)
        after = _rename(after, label, row["name"])
    return applied(world, after, row, id=label.get("id"))


def delete_label(world: World, arguments: Arguments) -> Done:
    label = _need(world, arguments)
    after = _rename(tables.remove(world, "labels", label), label, None)
    return applied(world, after, id=label.get("id"))


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


def list_issue_types(world: World, arguments: Arguments) -> Done:
    owner = arguments.get("owner") or str(arguments.get("repository", "")).partition("/")[0]
    return found(world, world.table("github.issue_types").find("owner", owner))


_MILESTONE: Final = ("title", "description", "due_on", "state")


def milestone_title(world: World, record: Record) -> str:
    """The title of the milestone of an issue or pull request; empty where it has none."""
    milestone = record.get("milestone")
    if isinstance(milestone, int):
        row = tables.get(world, "milestones", record["repository"], milestone) or {}
        return str(row.get("title") or "")
    return str(milestone or "")


def milestone_number(world: World, repository: str, given: object) -> int | None:
    """The number of the milestone that a number or a title names.

    Raises:
        Refused: the repository has no such milestone.
    """
    if given in (None, "", 0):
        return None
    wanted = tables.as_number(str(given))
    for row in tables.of_repository(world, "milestones", repository):
        if row["number"] == wanted or row["title"] == given:
            return int(row["number"])
    raise invalid(resource="Issue", field="milestone", code="invalid", value=str(given))


def list_milestones(world: World, arguments: Arguments) -> Done:
    rows = tables.of_repository(world, "milestones", full_name(world, arguments))
    state = arguments.get("state") or "open"
    return found(world, [row for row in rows if state in ("all", row["state"])])


def get_milestone(world: World, arguments: Arguments) -> Done:
    return found(world, find_row(world, "milestones", arguments, "milestone_number"))


def create_milestone(world: World, arguments: Arguments) -> Done:
    repository = full_name(world, arguments)
    rows = tables.of_repository(world, "milestones", repository)
    if any(row["title"] == arguments["title"] for row in rows):
        raise invalid(resource="Milestone", field="title", code="already_exists")
    given: Record = {name: arguments[name] for name in _MILESTONE if name in arguments}
    following = max((row["number"] for row in rows), default=0) + 1
    row = {"repository": repository, "number": following, "state": "open", "description": "", **given}
    row |= {"creator": tables.me(world), "created_at": tables.now(world), "updated_at": tables.now(world)}
    return applied(world, tables.put(world, "milestones", row), row, target=repository, id=following)


def update_milestone(world: World, arguments: Arguments) -> Done:
    row = find_row(world, "milestones", arguments, "milestone_number")
    given: Record = {name: arguments[name] for name in _MILESTONE if name in arguments}
    if any(row.get(name) != value for name, value in given.items()):
        given["updated_at"] = tables.now(world)
    after = tables.change(world, "milestones", row, **given)
    return applied(world, after, {**row, **given}, target=row["repository"], id=row["number"])


def delete_milestone(world: World, arguments: Arguments) -> Done:
    row = find_row(world, "milestones", arguments, "milestone_number")
    after = tables.remove(world, "milestones", row)
    for table in ("issues", "pulls"):
        for item in tables.of_repository(after, table, row["repository"]):
            if item.get("milestone") == row["number"]:
                after = tables.change(after, table, item, milestone=None)
    return applied(world, after, target=row["repository"], id=row["number"], title=row["title"])
