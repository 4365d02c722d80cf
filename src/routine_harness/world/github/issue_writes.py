"""Issues: creating and changing them; labels, people and locks of issues and pull requests."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Refused,
    api,
    applied,
    find_item,
    find_repository,
    number,
    repository_of,
    validation_failed,
)
from routine_harness.world.github.issues import label_row
from routine_harness.world.github.labels import make_labels
from routine_harness.world.github.show import compact, minimal, name_of, show_label
from routine_harness.world.state import Record, World


def create_issue(world: World, arguments: Arguments) -> Answer:
    doing = "failed to create issue"
    if not arguments.get("title"):
        raise Refused("missing required parameter: title")
    row = find_repository(world, arguments, doing)
    repository = row["full_name"]
    if row.get("has_issues") is False:
        raise api(
            doing, "POST", f"repos/{repository}/issues", 410, "Issues has been disabled in this repository."
        )
    milestone = _check_milestone(world, repository, arguments, doing)
    after, issue_number = world.next_id(f"github.number:{repository}")
    after, identity = tables.next_id(after)
    issue: Record = {
        "repository": repository, "number": issue_number, "id": identity, "title": arguments["title"],
        "body": arguments.get("body") or None, "state": "open", "state_reason": None,
        "user": tables.me(world), "closed_at": None,
        "labels": list(arguments.get("labels") or []), "assignees": list(arguments.get("assignees") or []),
        "milestone": milestone, "locked": False,
        "created_at": tables.now(world), "updated_at": tables.now(world),
        "html_url": f"https://github.com/{repository}/issues/{issue_number}",
        **compact(type=arguments.get("type"), field_values=_field_values({}, arguments)),
    }  # fmt: skip
    after = make_labels(tables.put(after, "issues", issue), repository, issue["labels"])
    return applied(
        world, after, minimal(issue), target=name_of(issue), id=identity, number=issue_number,
        url=issue["html_url"], state="open",
    )  # fmt: skip


def _check_milestone(world: World, repository: str, arguments: Arguments, doing: str) -> int | None:
    given = arguments.get("milestone")
    if not given:
        return None
    if tables.get(world, "milestones", repository, int(given)) is None:
        raise validation_failed(
            doing, resource="Issue", field="milestone", code="invalid", value=str(int(given))
        )
    return int(given)


def _field_values(before: Record, arguments: Arguments) -> Record:
    values = dict(before)
    for field in arguments.get("issue_fields") or ():
        if field.get("delete"):
            values.pop(field["field_name"], None)
        else:
            values[field["field_name"]] = field.get("field_option_name", field.get("value"))
    return values


def update_issue(world: World, arguments: Arguments) -> Answer:
    doing = "failed to update issue"
    if "issue_number" not in arguments:
        raise Refused("missing required parameter: issue_number")
    state, reason = arguments.get("state"), arguments.get("state_reason")
    if state == "closed" and reason == "duplicate" and not arguments.get("duplicate_of"):
        raise Refused("duplicate_of must be provided when state_reason is 'duplicate'")
    table, item = find_item(world, arguments, doing)
    changed: Record = {name: arguments[name] for name in ("title", "body") if arguments.get(name)}
    for field, name in (("labels", "name"), ("assignees", "login")):
        if field in arguments:
            changed[field] = _names(arguments[field], name)
    if arguments.get("milestone"):
        changed["milestone"] = _check_milestone(world, item["repository"], arguments, doing)
    for name in ("type", "issue_type"):
        if name in arguments:
            changed["type"] = arguments[name] or None
    if arguments.get("issue_fields"):
        changed["field_values"] = _field_values(item.get("field_values") or {}, arguments)
    if state and (
        state != item["state"] or (state == "closed" and reason and reason != item.get("state_reason"))
    ):
        changed |= _moved(world, state, reason)
    changed = {name: value for name, value in changed.items() if (item.get(name) or None) != (value or None)}
    after = world
    if changed:
        after = tables.change(world, table, item, **changed, updated_at=tables.now(world))
        after = make_labels(after, item["repository"], changed.get("labels", []))
    known = {"id": item["id"], "url": item["html_url"], "title": {**item, **changed}["title"]}
    return applied(world, after, minimal(item), target=name_of(item), **known)


def _names(given: list[Any], name: str) -> list[str]:
    """The names of a list whose elements are names or carry the agent's reasons too."""
    return list(dict.fromkeys(one[name] if isinstance(one, dict) else one for one in given))


def _moved(world: World, state: str, reason: str | None) -> Record:
    if state == "open":
        return {"state": "open", "state_reason": "reopened", "closed_at": None, "closed_by": None}
    closed = {"closed_at": tables.now(world), "closed_by": tables.me(world)}
    return {"state": "closed", "state_reason": reason or "completed", **closed}


def issue_write(world: World, arguments: Arguments) -> Answer:
    return (
        create_issue(world, arguments) if arguments["method"] == "create" else update_issue(world, arguments)
    )


def _set_list(world: World, arguments: Arguments, field: str, values: list[str]) -> Answer:
    table, item = find_item(world, arguments, "failed to update issue")
    after = world
    if item[field] != values:
        after = tables.change(world, table, item, **{field: values, "updated_at": tables.now(world)})
        after = make_labels(after, item["repository"], values) if field == "labels" else after
    shown = [show_label(label_row(world, item["repository"], name)) for name in values]
    value = shown if field == "labels" else minimal(item)
    known = {"id": item["id"], "url": item["html_url"], "title": item["title"], field: values}
    return applied(world, after, value, target=name_of(item), **known)


def _merged(world: World, arguments: Arguments, field: str, given: list[str]) -> list[str]:
    before = find_item(world, arguments, "failed to update issue")[1][field]
    return list(dict.fromkeys([*before, *given]))


def add_labels(world: World, arguments: Arguments) -> Answer:
    return _set_list(world, arguments, "labels", _merged(world, arguments, "labels", arguments["labels"]))


def set_labels(world: World, arguments: Arguments) -> Answer:
    return _set_list(world, arguments, "labels", list(dict.fromkeys(arguments["labels"])))


def remove_label(world: World, arguments: Arguments) -> Answer:
    before = find_item(world, arguments, "failed to remove label")[1]["labels"]
    if arguments["name"] not in before:
        path = f"repos/{repository_of(arguments)}/issues/{number(arguments, 'issue_number')}/labels"
        raise api("failed to remove label", "DELETE", path, 404, "Label does not exist")
    return _set_list(world, arguments, "labels", [name for name in before if name != arguments["name"]])


def add_assignees(world: World, arguments: Arguments) -> Answer:
    return _set_list(
        world, arguments, "assignees", _merged(world, arguments, "assignees", arguments["assignees"])
    )


def remove_assignees(world: World, arguments: Arguments) -> Answer:
    before = find_item(world, arguments, "failed to remove assignees")[1]["assignees"]
    return _set_list(
        world, arguments, "assignees", [one for one in before if one not in arguments["assignees"]]
    )


def _set_locked(world: World, arguments: Arguments, locked: bool) -> Answer:
    table, item = find_item(world, arguments, "failed to lock issue")
    after = world
    if bool(item.get("locked")) is not locked:
        reason = arguments.get("lock_reason") if locked else None
        after = tables.change(world, table, item, locked=locked, active_lock_reason=reason)
    return applied(world, after, "", target=name_of(item), id=item["id"])


def lock_issue(world: World, arguments: Arguments) -> Answer:
    return _set_locked(world, arguments, locked=True)


def unlock_issue(world: World, arguments: Arguments) -> Answer:
    return _set_locked(world, arguments, locked=False)


OPERATIONS: Final = {
    "issue_write": issue_write,
    "create_issue": create_issue,
    "update_issue_title": update_issue,
    "update_issue_body": update_issue,
    "update_issue_assignees": update_issue,
    "update_issue_labels": update_issue,
    "update_issue_milestone": update_issue,
    "update_issue_type": update_issue,
    "update_issue_state": update_issue,
    "add_issue_labels": add_labels,
    "set_issue_labels": set_labels,
    "remove_issue_label": remove_label,
    "add_issue_assignees": add_assignees,
    "remove_issue_assignees": remove_assignees,
    "lock_issue": lock_issue,
    "unlock_issue": unlock_issue,
}
