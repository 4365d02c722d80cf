"""Issues: reading, listing, writing them; their comments, labels, sub-issues and reactions."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Refused,
    api,
    applied,
    applied_all,
    find_issue,
    find_item,
    find_repository,
    not_found,
    number,
    paged,
    respond,
    validation_failed,
)
from routine_harness.world.github.labels import make_labels
from routine_harness.world.github.pulls import comments_of, name_of
from routine_harness.world.github.reviews import react
from routine_harness.world.github.show import (
    compact,
    minimal,
    pick,
    show_comment,
    show_issue,
    show_issue_ref,
    show_label,
    show_listed_issue,
    show_pull,
)
from routine_harness.world.modelled import Detail
from routine_harness.world.paging import InvalidCursor, page_of
from routine_harness.world.state import Record, World


def issue_read(world: World, arguments: Arguments) -> Answer:
    method = arguments["method"]
    if method in ("get_sub_issues", "get_parent"):
        issue = find_issue(world, arguments, "failed to get issue")
        value = _sub_issues(world, issue, arguments) if method == "get_sub_issues" else _parent(world, issue)
        return respond(world, value)
    table, item = find_item(world, arguments, "failed to get issue")
    if method == "get_comments":
        return respond(world, [show_comment(world, c) for c in paged(comments_of(world, item), arguments)])
    if method == "get_labels":
        labels = [show_label(_label_row(world, item["repository"], name)) for name in item["labels"]]
        return respond(world, {"labels": labels, "totalCount": len(labels)})
    return respond(world, _with_relations(world, item) if table == "issues" else show_pull(world, item))


def _with_relations(world: World, issue: Record) -> Any:
    shown = show_issue(world, issue)
    parent, children = _parent_row(world, issue), _child_rows(world, issue)
    shown |= {"has_parent": parent is not None, "has_children": bool(children)}
    if parent is not None:
        shown["parent"] = show_issue_ref(parent)
    if children:
        done = sum(child["state"] == "closed" for child in children)
        percent = done * 100 // len(children)
        summary = {"total": len(children), "completed": done, "percent_completed": percent}
        shown["sub_issues_summary"] = summary
    return shown


def _child_rows(world: World, issue: Record) -> list[Record]:
    found = (tables.rows(world, "issues", "id", identity) for identity in issue.get("sub_issues") or ())
    return [rows[0] for rows in found if rows]


def _parent_row(world: World, issue: Record) -> Record | None:
    issues = world.table("github.issues")
    return next((row for row in issues if issue["id"] in (row.get("sub_issues") or ())), None)


def _sub_issues(world: World, issue: Record, arguments: Arguments) -> Any:
    return [
        {**show_issue(world, row), "id": row["id"]} for row in paged(_child_rows(world, issue), arguments)
    ]


def _parent(world: World, issue: Record) -> Any:
    parent = _parent_row(world, issue)
    return {"parent": None if parent is None else show_issue_ref(parent)}


def _label_row(world: World, repository: str, name: str) -> Record:
    row = tables.get(world, "labels", repository, name)
    return row or {"name": name, "color": "ededed", "description": ""}


_ORDERS: Final = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}


def list_issues(world: World, arguments: Arguments) -> Answer:
    row = find_repository(world, arguments, "failed to list issues")
    found = filter_issues(world, row["full_name"], arguments)
    identity = [
        "issues",
        row["full_name"],
        *(arguments.get(n) for n in ("state", "labels", "since", "orderBy")),
    ]
    size = int(arguments.get("perPage") or 30)
    try:
        page = page_of(found, lambda i: str(i["number"]), size, arguments.get("after"), identity)
    except InvalidCursor as error:
        cursor = f"`{error}` does not appear to be a valid cursor."
        raise Refused(f"failed to list issues: {cursor}") from error
    shown = pick([show_listed_issue(world, issue) for issue in page.rows], arguments.get("fields"))
    info = {
        "hasNextPage": page.cursor is not None,
        "hasPreviousPage": bool(arguments.get("after")),
        **compact(endCursor=page.cursor),
    }
    return respond(world, {"issues": shown, "totalCount": len(found), "pageInfo": info})


def filter_issues(world: World, repository: str, arguments: Arguments) -> list[Record]:
    """The issues that the filters of ``list_issues`` leave, in its order."""
    state, labels, since = (arguments.get(name) for name in ("state", "labels", "since"))
    found = [row for row in tables.of_repository(world, "issues", repository) if not row.get("pull_request")]
    if state:
        found = [issue for issue in found if issue["state"] == state.lower()]
    if labels:
        wanted = {label.lower() for label in labels}
        found = [issue for issue in found if wanted & {label.lower() for label in issue["labels"]}]
    if since:
        found = [issue for issue in found if issue["updated_at"] >= since]
    if arguments.get("field_filters"):
        found = [issue for issue in found if _has_fields(issue, arguments["field_filters"])]
    order = arguments.get("orderBy") or "CREATED_AT"

    def key(issue: Record) -> tuple[Any, int]:
        if order == "COMMENTS":
            rows = tables.rows(world, "comments", "number", issue["number"], repository)
            return max(len(rows), int(issue.get("comments") or 0)), issue["number"]
        return issue[_ORDERS[order]], issue["number"]

    return sorted(found, key=key, reverse=(arguments.get("direction") or "DESC") == "DESC")


def _has_fields(issue: Record, wanted: list[Record]) -> bool:
    values = {name.lower(): str(value) for name, value in (issue.get("field_values") or {}).items()}
    return all(values.get(one["field_name"].lower()) == one["value"] for one in wanted)


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
        "body": arguments.get("body") or None, "state": "open", "state_reason": None, "user": tables.me(world),
        "labels": list(arguments.get("labels") or []), "assignees": list(arguments.get("assignees") or []),
        "milestone": milestone, "locked": False, "created_at": tables.now(world), "updated_at": tables.now(world),
        "closed_at": None, "html_url": f"https://github.com/{repository}/issues/{issue_number}",
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
    shown = [show_label(_label_row(world, item["repository"], name)) for name in values]
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
        path = f"repos/{arguments['owner']}/{arguments['repo']}/issues/{number(arguments, 'issue_number')}/labels"
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


def add_issue_comment(world: World, arguments: Arguments) -> Answer:
    doing = "failed to create comment"
    body, reaction, on = (arguments.get(name) for name in ("body", "reaction", "comment_id"))
    if on is not None and body is not None:
        raise Refused("comment_id cannot be combined with body")
    if on is not None and reaction is None:
        raise Refused("comment_id can only be provided when reaction is provided")
    if body is None and reaction is None:
        raise Refused("at least one of body or reaction is required")
    table, item = find_item(world, arguments, doing)
    after, details, value = world, [], {}
    if reaction is not None:
        given = {**arguments, "content": reaction}
        answer = add_comment_reaction(world, given) if on is not None else add_reaction(world, given)
        after, value = answer.world, answer.value
        details.append(
            Detail(name_of(item), answer.details[0].fields, "reaction.added", answer.details[0].unchanged)
        )
    if body is not None:
        after, comment = _put_comment(after, table, item, body)
        kind = "issue" if table == "issues" else "pull_request"
        fields = {"id": comment["id"], "url": comment["html_url"], "on_kind": kind, "author": comment["user"]}
        details.append(Detail(name_of(item), {**fields, "body": comment["body"]}, "comment.created"))
        value = minimal(comment)
    return applied_all(after, value, *details)


def _put_comment(world: World, table: str, item: Record, body: str) -> tuple[World, Record]:
    world, identity = tables.next_id(world)
    comment = {
        "repository": item["repository"],
        "number": item["number"],
        "id": identity,
        "user": tables.me(world),
        "body": tables.with_appended(world, body, "comment_suffix"),
        "html_url": f"{item['html_url']}#issuecomment-{identity}",
        "created_at": tables.now(world),
        "updated_at": tables.now(world),
    }
    world = tables.put(world, "comments", comment)
    counted = {"comments": int(item["comments"]) + 1} if "comments" in item else {}
    return tables.change(world, table, item, updated_at=tables.now(world), **counted), comment


def _comment(world: World, arguments: Arguments, doing: str) -> Record:
    repository = find_repository(world, arguments, doing)["full_name"]
    identity = number(arguments, "comment_id")
    comment = tables.get(world, "comments", repository, identity)
    if comment is None:
        raise not_found(doing, "GET", f"repos/{repository}/issues/comments/{identity}")
    return comment


def get_comment(world: World, arguments: Arguments) -> Answer:
    return respond(world, show_comment(world, _comment(world, arguments, "failed to get issue comment")))


def update_comment(world: World, arguments: Arguments) -> Answer:
    comment = _comment(world, arguments, "failed to update comment")
    after = world
    if comment["body"] != arguments["body"]:
        after = tables.change(
            world, "comments", comment, body=arguments["body"], updated_at=tables.now(world)
        )
    shown = show_comment(after, {**comment, "body": arguments["body"]})
    where = {"on": name_of(comment), "number": comment["number"], "url": comment["html_url"]}
    return applied(world, after, shown, target=name_of(comment), **where)


def delete_comment(world: World, arguments: Arguments) -> Answer:
    comment = _comment(world, arguments, "failed to delete comment")
    after = tables.remove(world, "comments", comment)
    for table in ("issues", "pulls"):
        item = tables.get(after, table, comment["repository"], comment["number"])
        if item is not None and item.get("comments"):
            after = tables.change(after, table, item, comments=int(item["comments"]) - 1)
    where = {"on": name_of(comment), "number": comment["number"]}
    return applied(world, after, "", target=name_of(comment), **where)


def add_reaction(world: World, arguments: Arguments) -> Answer:
    _, item = find_item(world, arguments, "failed to add reaction to issue")
    url = f"https://api.github.com/repos/{item['repository']}/issues/{item['number']}"
    return react(world, item["repository"], name_of(item), arguments["content"], url)


def add_comment_reaction(world: World, arguments: Arguments) -> Answer:
    comment = _comment(world, arguments, "failed to get issue comment")
    if "issue_number" in arguments and comment["number"] != number(arguments, "issue_number"):
        raise Refused(f"comment_id does not belong to issue_number {number(arguments, 'issue_number')}")
    url = f"https://api.github.com/repos/{comment['repository']}/issues/comments/{comment['id']}"
    return react(world, comment["repository"], comment["id"], arguments["content"], url)


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
        owner = _parent_row(world, found[0])
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
    "issue_read": issue_read,
    "list_issues": list_issues,
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
    "add_issue_comment": add_issue_comment,
    "get_issue_comment": get_comment,
    "update_issue_comment": update_comment,
    "delete_issue_comment": delete_comment,
    "add_issue_reaction": add_reaction,
    "add_issue_comment_reaction": add_comment_reaction,
    "sub_issue_write": sub_issue_write,
    "add_sub_issue": add_sub_issue,
    "remove_sub_issue": remove_sub_issue,
    "reprioritize_sub_issue": reprioritize_sub_issue,
}
