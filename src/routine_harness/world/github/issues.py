"""Issues: reading, listing, writing them; their comments, labels, sub-issues and reactions."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.answers import (
    Answer,
    Arguments,
    Refused,
    find_issue,
    find_item,
    find_repository,
    paged,
    respond,
)
from routine_harness.world.github.pull_parts import comments_of
from routine_harness.world.github.show import compact, pick, show_label
from routine_harness.world.github.show_items import (
    show_comment,
    show_issue,
    show_issue_ref,
    show_listed_issue,
)
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
        labels = [show_label(label_row(world, item["repository"], name)) for name in item["labels"]]
        return respond(world, {"labels": labels, "totalCount": len(labels)})
    if table == "pulls":  # the issues API shows a pull request as an issue
        return respond(world, {**show_issue(world, item), **compact(draft=item["draft"])})
    return respond(world, _with_relations(world, item))


def _with_relations(world: World, issue: Record) -> Any:
    shown = show_issue(world, issue)
    parent, children = parent_row(world, issue), _child_rows(world, issue)
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


def parent_row(world: World, issue: Record) -> Record | None:
    issues = world.table("github.issues")
    return next((row for row in issues if issue["id"] in (row.get("sub_issues") or ())), None)


def _sub_issues(world: World, issue: Record, arguments: Arguments) -> Any:
    return [
        {**show_issue(world, row), "id": row["id"]} for row in paged(_child_rows(world, issue), arguments)
    ]


def _parent(world: World, issue: Record) -> Any:
    parent = parent_row(world, issue)
    return {"parent": None if parent is None else show_issue_ref(parent)}


def label_row(world: World, repository: str, name: str) -> Record:
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


OPERATIONS: Final = {
    "issue_read": issue_read,
    "list_issues": list_issues,
}
