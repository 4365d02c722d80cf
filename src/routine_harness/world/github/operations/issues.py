"""Issues: reading, creating and changing them, and who and what is on them."""

from __future__ import annotations

from collections.abc import Callable

from routine_harness.plain import Json, Record
from routine_harness.world.github.operations.labels import (
    check_labels,
    make_labels,
    milestone_number,
    own_names,
)
from routine_harness.world.github.operations.operation import (
    Arguments,
    Done,
    Incomplete,
    Refused,
    Run,
    applied,
    find_issue,
    find_item,
    find_repository,
    found,
    full_name,
    invalid,
    name_of,
)
from routine_harness.world.github.operations.sub_issues import add_sub_issue
from routine_harness.world.github.records import tables
from routine_harness.world.github.records.derived import label_row
from routine_harness.world.state import World


def get_issue(world: World, arguments: Arguments) -> Done:
    """An issue, or a pull request as the issues API shows it."""
    return found(world, find_item(world, arguments)[1])


def list_item_labels(world: World, arguments: Arguments) -> Done:
    _, item = find_item(world, arguments)
    return found(world, [label_row(world, item["repository"], name) for name in item["labels"]])


def create_issue(world: World, arguments: Arguments) -> Done:
    row = find_repository(world, arguments)
    repository = row["full_name"]
    if row.get("has_issues") is False:
        raise Refused(410, "Issues has been disabled in this repository.")
    check_labels(world, arguments)
    milestone = milestone_number(world, repository, arguments.get("milestone"))
    after, issue_number = world.next_id(f"github.number:{repository}")
    after, identity = tables.next_id(after)
    issue: Record = {
        "repository": repository, "number": issue_number, "id": identity, "title": arguments["title"],
        "body": arguments.get("body") or None, "state": "open", "state_reason": None,
        "user": tables.me(world), "closed_at": None,
        "labels": own_names(world, repository, _names(arguments.get("labels") or [], "name")),
        "assignees": _people(world, arguments.get("assignees") or []),
        "milestone": milestone, "locked": False,
        "created_at": tables.now(world), "updated_at": tables.now(world),
        "html_url": f"https://github.com/{repository}/issues/{issue_number}",
    }  # fmt: skip
    fields = _field_values({}, arguments)
    issue |= {"type": arguments["type"]} if arguments.get("type") else {}
    issue |= {"field_values": fields} if fields else {}
    after = make_labels(tables.put(after, "issues", issue), repository, issue["labels"])
    if arguments.get("parent"):
        child = {"repository": repository, "number": arguments["parent"], "sub_issue_id": identity}
        after = add_sub_issue(after, child).world
    return applied(
        world, after, issue, target=name_of(issue), id=identity, number=issue_number,
        url=issue["html_url"], state="open",
    )  # fmt: skip


def _field_values(before: Record, arguments: Arguments) -> Record:
    values = dict(before)
    for field in arguments.get("issue_fields") or ():
        if field.get("delete"):
            values.pop(field["field_name"], None)
        else:
            values[field["field_name"]] = field.get("field_option_name", field.get("value"))
    return values


def _names(given: list[Json], name: str) -> list[str]:
    """The names of a list whose elements are names or carry the agent's reasons too."""
    return list(dict.fromkeys(one[name] if isinstance(one, dict) else one for one in given))


def _people(world: World, given: list[Json]) -> list[str]:
    """Logins; ``@me`` is whom the agent writes as."""
    return [tables.me(world) if login == "@me" else login for login in _names(given, "login")]


def update_issue(world: World, arguments: Arguments) -> Done:
    """Change an issue, or what a pull request has in common with one."""
    table, item = find_item(world, arguments)
    check_labels(world, arguments)
    changed = {name: arguments[name] for name in ("title", "body") if arguments.get(name)}
    changed |= _changed_lists(world, item, arguments)
    if "milestone" in arguments:
        changed["milestone"] = milestone_number(world, item["repository"], arguments["milestone"])
    if "type" in arguments:
        changed["type"] = arguments["type"] or None
    if arguments.get("issue_fields"):
        changed["field_values"] = _field_values(item.get("field_values") or {}, arguments)
    changed |= _moved(world, table, item, arguments.get("state"), arguments.get("state_reason"))
    if arguments.get("duplicate_of"):
        changed["duplicate_of"] = int(arguments["duplicate_of"])
    changed = {name: value for name, value in changed.items() if (item.get(name) or None) != (value or None)}
    after = world
    if changed:
        after = tables.change(world, table, item, **changed, updated_at=tables.now(world))
        after = make_labels(after, item["repository"], changed.get("labels", []))
    row = {**item, **changed}
    known = {"id": item["id"], "url": item["html_url"], "title": row["title"]}
    return applied(world, after, row, target=name_of(item), **known)


def _changed_lists(world: World, item: Record, arguments: Arguments) -> Record:
    """Labels and assignees: set, added to or taken from."""
    changed: Record = {}
    spelt: dict[str, Callable[[list[Json]], list[str]]] = {
        "labels": lambda given: own_names(world, item["repository"], _names(given, "name")),
        "assignees": lambda given: _people(world, given),
    }
    for field, names in spelt.items():
        set_, added, removed = (arguments.get(f"{verb}{field}") for verb in ("", "add_", "remove_"))
        if set_ is None and added is None and removed is None:
            continue
        kept = names(set_) if set_ is not None else list(item[field])
        gone = set(names(removed or []))
        changed[field] = list(dict.fromkeys(one for one in [*kept, *names(added or [])] if one not in gone))
    return changed


def _moved(world: World, table: str, item: Record, state: str | None, reason: str | None) -> Record:
    if not state:
        return {}
    if table == "pulls" and item["merged"] and state == "open":
        message = "state cannot be changed. The pull request was merged"
        raise invalid(resource="PullRequest", code="invalid", field="state", message=message)
    closed_otherwise = state == "closed" and reason and reason != item.get("state_reason")
    if state == item["state"] and not closed_otherwise:
        return {}
    if table == "pulls":
        return {"state": state, "closed_at": tables.now(world) if state == "closed" else None}
    if state == "open":
        return {"state": "open", "state_reason": "reopened", "closed_at": None, "closed_by": None}
    closed = {"closed_at": tables.now(world), "closed_by": tables.me(world)}
    return {"state": "closed", "state_reason": reason or "completed", **closed}


def remove_label(world: World, arguments: Arguments) -> Done:
    _, item = find_item(world, arguments)
    names = own_names(world, item["repository"], [arguments["name"]])
    if names[0] not in item["labels"]:
        raise Refused(404, "Label does not exist")
    return update_issue(world, {**_of(arguments), "remove_labels": names})


def change_list(field: str, verb: str = "") -> Run:
    """The operation that sets labels or assignees, or adds or removes (``verb``) those that it is given."""
    return lambda world, arguments: update_issue(
        world, {**_of(arguments), f"{verb}{field}": arguments[field]}
    )


def _of(arguments: Arguments) -> Arguments:
    return {name: arguments[name] for name in ("repository", "number")}


def set_locked(world: World, arguments: Arguments, *, locked: bool) -> Done:
    table, item = find_item(world, arguments)
    after = world
    if bool(item.get("locked")) is not locked:
        reason = arguments.get("lock_reason") if locked else None
        after = tables.change(world, table, item, locked=locked, active_lock_reason=reason)
    return applied(world, after, target=name_of(item), id=item["id"])


def set_pinned(world: World, arguments: Arguments, *, pinned: bool) -> Done:
    issue = find_issue(world, arguments)
    after = (
        world if bool(issue.get("pinned")) is pinned else tables.change(world, "issues", issue, pinned=pinned)
    )
    return applied(world, after, target=name_of(issue), id=issue["id"])


def list_events(world: World, arguments: Arguments) -> Done:
    """What happened to an issue, as far as a recording holds it.

    Raises:
        Incomplete: no recording does.
    """
    _, item = find_item(world, arguments)
    events = item.get("events")
    if events is None:
        raise Incomplete(f"the events of {name_of(item)}")
    return found(world, events)


def delete_issue(world: World, arguments: Arguments) -> Done:
    issue = find_issue(world, arguments)
    after = tables.remove(world, "issues", issue)
    for comment in tables.rows(world, "comments", "number", issue["number"], issue["repository"]):
        after = tables.remove(after, "comments", comment)
    return applied(world, after, target=name_of(issue), id=issue["id"], title=issue["title"])


def transfer_issue(world: World, arguments: Arguments) -> Done:
    """The issue, with its comments, under the next number of another repository."""
    issue = find_issue(world, arguments)
    home = full_name(world, {"repository": arguments["new_repository"]})
    after, fresh = world.next_id(f"github.number:{home}")
    url = f"https://github.com/{home}/issues/{fresh}"
    moved = {**issue, "repository": home, "number": fresh, "html_url": url, "milestone": None}
    after = tables.put(tables.remove(after, "issues", issue), "issues", moved)
    for comment in tables.rows(world, "comments", "number", issue["number"], issue["repository"]):
        after = tables.remove(after, "comments", comment)
        address = f"{url}#issuecomment-{comment['id']}"
        after = tables.put(
            after, "comments", {**comment, "repository": home, "number": fresh, "html_url": address}
        )
    return applied(world, after, moved, target=name_of(issue), id=issue["id"], url=url)


def comments_of(world: World, item: Record) -> list[Record]:
    """The comments in the conversation of a pull request or issue, oldest first.

    Raises:
        Incomplete: there are more than the world holds.
    """
    rows = tables.rows(world, "comments", "number", item["number"], item["repository"])
    if len(rows) < int(item.get("comments") or 0):
        raise Incomplete(f"the comments of {name_of(item)}")
    return sorted(rows, key=lambda comment: str(comment["created_at"]))
