"""GitHub's MCP server: a tool's call read into operations, and rows written as the server answers.

The server gives small objects without empty fields; its words are those of github/github-mcp-server
@64a49f34.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable, Mapping
from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.actions import log_of
from routine_harness.world.github.derived import API, DERIVED, WEB, git_author, user_row
from routine_harness.world.github.fields import Kind, show_row
from routine_harness.world.github.issues import child_rows, count_of, parent_row
from routine_harness.world.github.labels import milestone_title
from routine_harness.world.github.operation import Arguments, Done, Refused
from routine_harness.world.github.table import OPERATIONS, Operation, by_name, by_tool
from routine_harness.world.github.tools import TOOLS
from routine_harness.world.paging import InvalidCursor, page_of
from routine_harness.world.state import Record, World
from routine_harness.world.tool import ToolCall

Step = tuple[Operation, Arguments]
"""One operation that a request asks for, and its arguments."""


class ToolRefused(Exception):  # noqa: N818 - the server's own no, before it asks the API
    """The server refuses arguments that its schema allows; the text is its own."""


# --- reading a call

_NAMES: Final = {
    "pullNumber": "number", "issue_number": "number", "commitID": "commit_id", "threadId": "thread",
    "threadID": "thread", "commentId": "comment_id", "expectedHeadSha": "expected_head_sha",
    "subjectType": "subject_type", "startLine": "start_line", "startSide": "start_side",
    "issue_type": "type", "perPage": "per_page", "from_branch": "from", "autoInit": "auto_init",
}  # fmt: skip
"""The server's names of arguments → those of operations."""
_METHODS: Final = {
    "pull_request_read": "method", "issue_read": "method", "issue_write": "method", "label_write": "method",
    "pull_request_review_write": "method", "sub_issue_write": "method", "actions_list": "method",
    "actions_get": "method", "actions_run_trigger": "method",
}  # fmt: skip
"""Tools of which an argument chooses the operation."""
_RESOURCES: Final = {
    "get_workflow": "workflow_id", "list_workflow_runs": "workflow_id", "get_workflow_job": "job_id",
    "download_workflow_run_artifact": "artifact_id",
}  # fmt: skip
"""Method of the Actions tools → what its ``resource_id`` identifies; a run in all others."""


def steps_of(call: ToolCall) -> list[Step]:
    """The operations that a call under its own name asks for, in order; none for a tool of no model.

    Raises:
        ToolRefused: the server refuses such arguments itself.
    """
    special = _SPECIAL.get(call.tool)
    if special is not None:
        return special(call)
    operation = _operation_of(call)
    return [] if operation is None else [(operation, arguments_of(call))]


def likely_steps(call: ToolCall) -> list[Step]:
    """The operation that a call means whose arguments the server refuses: what it attempts, it attempted."""
    operation = _operation_of(call)
    return [] if operation is None else [(operation, arguments_of(call))]


def _operation_of(call: ToolCall) -> Operation | None:
    chosen = _METHODS.get(call.tool)
    name = call.tool if chosen is None else f"{call.tool}:{str(call.arguments.get(chosen)).lower()}"
    return by_tool().get(name)


def arguments_of(call: ToolCall) -> Arguments:
    """The arguments of a call under the names of operations."""
    given = dict(call.arguments)
    found: Arguments = {}
    if "owner" in given and "repo" in given:
        owner, repo = given.pop("owner"), given.pop("repo")
        found["repository"] = owner if owner == repo and not str(owner).isascii() else f"{owner}/{repo}"
    if call.tool in _METHODS:
        given.pop(_METHODS[call.tool], None)
    for name, value in given.items():
        found[_NAMES.get(name, name)] = value
    for name in ("number", "comment_id", "milestone"):
        if isinstance(found.get(name), float):
            found[name] = int(found[name])
    return found


def call_of(step: Step, server: str) -> ToolCall:
    """The tool call that an operation amounts to, whichever face asked for it (``server``)."""
    operation, given = step
    tool, _, method = tool_of(operation).partition(":")
    arguments: Arguments = {}
    if "repository" in given:
        owner, slash, repo = str(given["repository"]).partition("/")
        arguments |= {"owner": owner, "repo": repo if slash else owner}  # "$REPO" holds both
    if method and tool in _METHODS:
        arguments[_METHODS[tool]] = method
    names = _own_names(tool)
    resource = _RESOURCES.get(method, "run_id") if tool in ("actions_list", "actions_get") else ""
    for name, value in given.items():
        if name != "repository":
            arguments["resource_id" if name == resource else names.get(name, name)] = value
    return ToolCall("github", tool, arguments, server)


def tool_of(operation: Operation) -> str:
    """The name under which an operation is granted, counted and forbidden: its first tool's, else its own."""
    return operation.tools[0] if operation.tools else operation.name.replace(".", "_")


@functools.cache
def _own_names(tool: str) -> dict[str, str]:
    """Names of arguments of operations → the names that ``tool`` has for them."""
    known = TOOLS[tool].input_schema.get("properties", {}) if tool in TOOLS else {}
    return {ours: theirs for theirs, ours in _NAMES.items() if theirs in known}


def asked_directly(call: ToolCall) -> list[Step]:
    """The operation of a call that another face has read: its arguments are the operation's already."""
    operation = _operation_of(call) or by_name().get(call.tool)
    if operation is None:
        return []
    given = arguments_of(call)
    if "resource_id" in given:
        given[_RESOURCES.get(str(call.arguments.get("method")), "run_id")] = given.pop("resource_id")
    return [(operation, given)]


def _issue_list(call: ToolCall) -> list[Step]:
    given = arguments_of(call)
    sort = {"CREATED_AT": "created", "UPDATED_AT": "updated", "COMMENTS": "comments"}
    changed = {
        "state": str(given.get("state") or "all").lower(),
        "sort": sort.get(str(given.pop("orderBy", "CREATED_AT")), "created"),
        "direction": str(given.get("direction") or "DESC").lower(),
        "any_label": True,
    }
    return [(OPERATIONS["issue.list"], {**given, **changed})]


def _issue_write(call: ToolCall) -> list[Step]:
    given = call.arguments
    if given.get("method") == "create":
        if not given.get("title"):
            raise ToolRefused("missing required parameter: title")
        return [(OPERATIONS["issue.create"], arguments_of(call))]
    return _issue_update(call)


def _issue_update(call: ToolCall) -> list[Step]:
    given = call.arguments
    if "issue_number" not in given:
        raise ToolRefused("missing required parameter: issue_number")
    duplicate = given.get("state") == "closed" and given.get("state_reason") == "duplicate"
    if duplicate and not given.get("duplicate_of"):
        raise ToolRefused("duplicate_of must be provided when state_reason is 'duplicate'")
    return [(OPERATIONS["issue.update"], arguments_of(call))]


def _comment(call: ToolCall) -> list[Step]:
    """A comment, a reaction to the issue or to a comment of it, or both."""
    given = arguments_of(call)
    body, reaction, on = (given.pop(name, None) for name in ("body", "reaction", "comment_id"))
    if on is not None and body is not None:
        raise ToolRefused("comment_id cannot be combined with body")
    if on is not None and reaction is None:
        raise ToolRefused("comment_id can only be provided when reaction is provided")
    if body is None and reaction is None:
        raise ToolRefused("at least one of body or reaction is required")
    steps: list[Step] = []
    if reaction is not None and on is not None:
        steps.append((OPERATIONS["comment.react"], {**given, "comment_id": int(on), "content": reaction}))
    elif reaction is not None:
        steps.append((OPERATIONS["issue.react"], {**given, "content": reaction}))
    if body is not None:
        steps.append((OPERATIONS["comment.create"], {**given, "body": body}))
    return steps


def _reply(call: ToolCall) -> list[Step]:
    given = arguments_of(call)
    body, reaction = given.pop("body", None), given.pop("reaction", None)
    if body is None and reaction is None:
        raise ToolRefused("at least one of body or reaction is required")
    if body is not None and not body:
        raise ToolRefused("body cannot be empty when provided")
    steps: list[Step] = []
    if reaction is not None:
        steps.append((OPERATIONS["review_comment.react"], {**given, "content": reaction}))
    if body is not None:
        steps.append((OPERATIONS["review_comment.reply"], {**given, "body": body}))
    return steps


def _pull_update(call: ToolCall) -> list[Step]:
    given = arguments_of(call)
    if not given.keys() - {"repository", "number"}:
        raise ToolRefused("No update parameters provided.")
    return [(OPERATIONS["pull.update"], given)]


def _reviewers(call: ToolCall) -> list[Step]:
    if not call.arguments.get("reviewers"):
        raise ToolRefused("missing required parameter: reviewers")
    return [(OPERATIONS["pull.request_reviewers"], arguments_of(call))]


def _review_write(call: ToolCall) -> list[Step]:
    given, method = arguments_of(call), str(call.arguments.get("method"))
    if method.endswith("_thread") and not given.get("thread"):
        raise ToolRefused("threadId is required for resolve_thread and unresolve_thread methods")
    operation = by_tool().get(f"pull_request_review_write:{method}")
    return [] if operation is None else [(operation, given)]


def _sub_issue(call: ToolCall) -> list[Step]:
    method = str(call.arguments.get("method", "")).lower()
    if call.tool == "sub_issue_write" and method not in ("add", "remove", "reprioritize"):
        raise ToolRefused(f"unknown method: {call.arguments.get('method')}")
    operation = _operation_of(call)
    given = arguments_of(call)
    if operation is not None and operation.name == "issue.move_sub_issue":
        places = [name for name in ("after_id", "before_id") if given.get(name) is not None]
        if not places:
            raise ToolRefused("either after_id or before_id must be specified")
        if len(places) > 1:
            raise ToolRefused("only one of after_id or before_id should be specified, not both")
    return [] if operation is None else [(operation, given)]


def _label_write(call: ToolCall) -> list[Step]:
    given = call.arguments
    if given.get("method") == "create" and not given.get("color"):
        raise ToolRefused("color is required for create")
    changes = [given.get(name) for name in ("new_name", "color", "description")]
    if given.get("method") == "update" and not any(changes):
        raise ToolRefused("at least one of new_name, color, or description must be provided for update")
    operation = _operation_of(call)
    return [] if operation is None else [(operation, arguments_of(call))]


def _actions(call: ToolCall) -> list[Step]:
    """The Actions tools: ``resource_id`` is a workflow, a run, a job or an artifact."""
    given, method = arguments_of(call), str(call.arguments.get("method"))
    wanted = given.pop("resource_id", None)
    given |= given.pop("workflow_runs_filter", None) or {}
    given.pop("workflow_jobs_filter", None)
    name = _RESOURCES.get(method, "run_id")
    if name == "workflow_id":
        given |= {"workflow_id": wanted} if wanted else {}
    elif method != "list_workflows":
        given[name] = _whole(wanted, method)
    operation = _operation_of(call)
    return [] if operation is None else [(operation, given)]


def _whole(value: Any, method: str) -> int:
    if value in (None, ""):
        raise ToolRefused("missing required parameter for method: resource_id")
    found = tables.as_number(str(value))
    if found is None:
        raise ToolRefused(f"invalid resource_id, must be an integer for method {method}: {value!r}")
    return found


def _trigger(call: ToolCall) -> list[Step]:
    given, method = arguments_of(call), str(call.arguments.get("method"))
    needed = ("workflow_id", "ref") if method == "run_workflow" else ("run_id",)
    for name in needed:
        if not given.get(name):
            text = f"{name} is required for run_workflow action"
            raise ToolRefused(text if len(needed) > 1 else f"missing required parameter: {name}")
    operation = _operation_of(call)
    return [] if operation is None else [(operation, given)]


def _job_logs(call: ToolCall) -> list[Step]:
    given = arguments_of(call)
    if given.get("failed_only"):
        if not given.get("run_id"):
            raise ToolRefused("run_id is required when failed_only is true")
        return [(OPERATIONS["run.failed_jobs"], given)]
    if not given.get("job_id"):
        raise ToolRefused("job_id is required when failed_only is false")
    return [(OPERATIONS["job.log" if given.get("return_content") else "job.get"], given)]


def _searched(call: ToolCall) -> list[Step]:
    operation = by_tool()[call.tool]
    kind = {"search_issues": "issue", "search_pull_requests": "pr"}[call.tool]
    return [(operation, {**arguments_of(call), "kind": kind})]


_SPECIAL: Final[dict[str, Callable[[ToolCall], list[Step]]]] = {
    "list_issues": _issue_list,
    "issue_write": _issue_write,
    **{f"update_issue_{field}": _issue_update for field in
       ("title", "body", "assignees", "labels", "milestone", "type", "state")},
    "add_issue_comment": _comment,
    "add_reply_to_pull_request_comment": _reply,
    "update_pull_request": _pull_update,
    "request_pull_request_reviewers": _reviewers,
    "pull_request_review_write": _review_write,
    "sub_issue_write": _sub_issue,
    "reprioritize_sub_issue": _sub_issue,
    "label_write": _label_write,
    "actions_list": _actions,
    "actions_get": _actions,
    "actions_run_trigger": _trigger,
    "get_job_logs": _job_logs,
    "search_issues": _searched,
    "search_pull_requests": _searched,
}  # fmt: skip
"""Tools whose arguments need more than other names."""


# --- writing an answer


def word_refusal(operation: Operation, arguments: Arguments, refused: Refused) -> str:
    """What the server says where GitHub's API refuses: its own words, or what it was doing and the answer."""
    if refused.said:
        return refused.said
    doing = _filled(operation.doing or f"failed to {operation.name}", arguments)
    if refused.status == 422:
        details = [part if isinstance(part, str) else _detail(part) for part in refused.errors]
        return "\n".join([f"{doing}: {refused.message}", *details])
    method, path = request_of(operation, arguments)
    return f"{doing}: {method} {API}{path}: {refused.status} {refused.message} []"


def _detail(error: Mapping[str, str]) -> str:
    place = ".".join(error[part] for part in ("resource", "field") if error.get(part))
    place = f"{place} ({error['code']})" if error.get("code") else place
    return ": ".join(part for part in (place, error.get("message", "")) if part)


def request_of(operation: Operation, arguments: Arguments) -> tuple[str, str]:
    """Method and path of the API's request that carries ``operation`` out."""
    method, _, path = (operation.rest or "GET ~").partition(" ")
    path = path.partition("#")[0].replace("~", f"/repos/{arguments.get('repository', '')}")
    return method, _filled(path, arguments)


def _filled(template: str, arguments: Arguments) -> str:
    """``template`` with the arguments that it names: ``{number:n}``, ``{path+}``."""
    for name, value in arguments.items():
        for kind in ("", ":n", "+"):
            template = template.replace(f"{{{name}{kind}}}", str(value))
    return template


def _user(world: World, _: Record, login: Any) -> Any:
    return None if not login else show_row("mcp", KINDS, "user", world, user_row(world, login))


def _tip(world: World, pull: Record, ref: Any) -> Any:
    side = "head" if ref == pull.get("head") else "base"
    return _tip_of(world, pull, side)


def _tip_of(world: World, pull: Record, side: str) -> Record:
    repository = pull["head_repository"] if side == "head" else pull["repository"]
    shown: Record = {"ref": pull[side], "sha": pull[f"{side}_sha"]}
    if repository is None:
        return shown
    row = tables.get(world, "repositories", repository) or {}
    described = {"description": row["description"]} if row.get("description") else {}
    return {**shown, "repo": {"full_name": repository, **described}}


REACTIONS: Final = ("+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes")


def _reactions(world: World, row: Record, _: Any) -> Any:
    on = row["id"] if "number" not in row or "title" not in row else f"{row['repository']}#{row['number']}"
    contents = [one["content"] for one in tables.rows(world, "reactions", "on", on)]
    if not contents:
        return None
    return {"total_count": len(contents), **{name: contents.count(name) for name in REACTIONS}}


def _git_commit(_: World, row: Record, message: Any) -> Record:
    author = git_author(row)
    return {"message": message or "", **({"author": author, "committer": author} if author else {})}


def _found_user(world: World, _: Record, login: Any) -> Record:
    row = user_row(world, login)
    return {"login": login, "id": row["id"], "html_url": row["html_url"]}


KINDS: Final[dict[str, Kind]] = {
    **DERIVED,
    "person": _user,
    "name": lambda _, __, value: value,
    "names": lambda _, __, value: value,
    "milestone": lambda world, row, _: milestone_title(world, row),
    "tip": _tip,
    "reactions": _reactions,
    "git_commit": _git_commit,
    "label_id": lambda _, row, value: str(row.get("node_id") or value or ""),
    "found_user": _found_user,
    "found_people": lambda world, row, people: [_found_user(world, row, login) for login in people],
}
"""How the server spells the kinds of fields."""


def show(record: str, world: World, row: Record) -> Record:
    """``row`` as the server shows a ``record``."""
    return show_row("mcp", KINDS, record, world, row)


def answer(world: World, call: ToolCall, steps: list[Step], done: list[Done]) -> Any:
    """What the server answers to ``call`` whose ``steps`` gave ``done``: a text, or JSON values."""
    (operation, arguments), result = steps[-1], done[-1]
    special = _ANSWERS.get(operation.name)
    if special is not None:
        return special(world, call, arguments, result.rows)
    if operation.rows == "text":
        return result.rows
    record, many = operation.rows.removesuffix("*"), operation.rows.endswith("*")
    if many:
        shown = [show(record, world, row) for row in paged(result.rows, arguments)]
        return pick(shown, arguments.get("fields"))
    if not operation.reads:
        return minimal(result.rows)
    return show(record, world, result.rows)


def paged(rows: list[Record], arguments: Arguments, default: int = 30) -> list[Record]:
    """The page of ``rows`` that the arguments ask for; empty beyond the end."""
    page, size = int(arguments.get("page") or 1), int(arguments.get("per_page") or default)
    return rows[(page - 1) * size : page * size]


def pick(items: list[Record], fields: list[str] | None) -> list[Record]:
    """``items`` with the chosen ``fields`` alone, where any are chosen."""
    if not fields:
        return items
    return [{name: item[name] for name in fields if name in item} for item in items]


def minimal(row: Record) -> Record:
    """What the server answers to a write: an id and a link."""
    return {"id": str(row["id"]), "url": row["html_url"]}


Write = Callable[[World, ToolCall, Arguments, Any], Any]


def _said(text: str) -> Write:
    return lambda _, __, arguments, ___: _filled(text, arguments)


def _issue(world: World, _: ToolCall, __: Arguments, issue: Record) -> Any:
    shown = show("issue", world, issue)
    if "head" in issue:
        return {**shown, **({"draft": True} if issue["draft"] else {})}
    parent, children = parent_row(world, issue), child_rows(world, issue)
    shown |= {"has_parent": parent is not None, "has_children": bool(children)}
    if parent is not None:
        shown["parent"] = _issue_ref(parent)
    if children:
        closed = sum(child["state"] == "closed" for child in children)
        percent = closed * 100 // len(children)
        summary = {"total": len(children), "completed": closed, "percent_completed": percent}
        shown["sub_issues_summary"] = summary
    return shown


def _issue_ref(issue: Record) -> Record:
    names = {
        "number": "number",
        "title": "title",
        "state": "state",
        "html_url": "url",
        "repository": "repository",
    }
    return {theirs: issue[ours] for ours, theirs in names.items()}


def _sub_issue_shown(world: World, issue: Record) -> Record:
    return {**show("issue", world, issue), "id": issue["id"]}


def _issue_page(world: World, call: ToolCall, given: Arguments, rows: list[Record]) -> Any:
    asked = call.arguments
    identity = [
        "issues",
        given["repository"],
        *(asked.get(n) for n in ("state", "labels", "since", "orderBy")),
    ]
    page, info = _cursor_page(rows, "number", given, identity, "failed to list issues")
    shown = pick([_listed_issue(world, row) for row in page], given.get("fields"))
    return {"issues": shown, "totalCount": len(rows), "pageInfo": info}


def _listed_issue(world: World, issue: Record) -> Record:
    """An issue as ``list_issues`` shows it: its state in capitals, its author by login alone."""
    kept = {name: issue[name] for name in ("number", "title")}
    body = {"body": issue["body"]} if issue["body"] else {}
    labels = {"labels": issue["labels"]} if issue["labels"] else {}
    counted = count_of(world, "comments", issue, "comments")
    return {
        **kept, **body, "state": issue["state"].upper(), "user": {"login": issue["user"]}, **labels,
        "assignees": issue["assignees"], **({"comments": counted} if counted else {}),
        "created_at": issue["created_at"], "updated_at": issue["updated_at"],
    }  # fmt: skip


def _cursor_page(
    rows: list[Record], key: str, given: Arguments, identity: list[Any], doing: str
) -> tuple[list[Record], Record]:
    """A page behind a cursor, and what the server says of the pages around it."""
    size = int(given.get("per_page") or 30)
    try:
        page = page_of(rows, lambda row: str(row[key]), size, given.get("after"), identity)
    except InvalidCursor as error:
        raise ToolRefused(f"{doing}: `{error}` does not appear to be a valid cursor.") from error
    ends = {"endCursor": page.cursor} if page.cursor is not None else {}
    info = {"hasNextPage": page.cursor is not None, "hasPreviousPage": bool(given.get("after")), **ends}
    return list(page.rows), info


def _threads(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Any:
    identity = ["threads", f"{given['repository']}#{given['number']}"]
    doing = "failed to get pull request review threads"
    page, info = _cursor_page(rows, "id", given, identity, doing)
    shown = [
        {
            "id": thread["id"], "is_resolved": bool(thread["is_resolved"]),
            "is_outdated": bool(thread["is_outdated"]), "is_collapsed": bool(thread["is_resolved"]),
            "comments": [show("review_comment", world, comment) for comment in thread["comments"]],
            "total_count": len(thread["comments"]),
        }
        for thread in page
    ]  # fmt: skip
    return {"review_threads": shown, "totalCount": len(rows), "pageInfo": info}


_NOT_LISTED: Final = (
    "mergeable_state", "merged_by", "additions", "deletions", "changed_files", "commits", "comments",
)  # fmt: skip
"""What GitHub's list of pull requests leaves out."""


def _pull_page(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Any:
    shown = [show("pull", world, row) for row in paged(rows, given)]
    kept = [{name: value for name, value in one.items() if name not in _NOT_LISTED} for one in shown]
    return pick([{**one, "merged": False} for one in kept], given.get("fields"))  # the list does not say


def _labels(world: World, _: ToolCall, __: Arguments, rows: list[Record]) -> Any:
    shown = [show("label", world, row) for row in rows]
    return {"labels": shown, "totalCount": len(shown)}


def counted_page(name: str, record: str) -> Write:
    """A page beside the number of all rows."""

    def write(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Any:
        shown = [show(record, world, row) for row in paged(rows, given)]
        return {"total_count": len(rows), name: shown}

    return write


def _results(record: str) -> Write:
    def write(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Any:
        shown = pick([show(record, world, row) for row in paged(rows, given)], given.get("fields"))
        return {"total_count": len(rows), "incomplete_results": False, "items": shown}

    return write


def _found_code(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Any:
    names = ("name", "path", "sha", "repository", "text_matches")
    shown = [{name: row[name] for name in names if row.get(name)} for row in paged(rows, given)]
    return {"total_count": len(rows), "incomplete_results": False, "items": pick(shown, given.get("fields"))}


def _found_commits(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Any:
    shown = []
    for row in paged(rows, given):
        home = tables.get(world, "repositories", row["repository"]) or {"full_name": row["repository"]}
        private = {"private": True} if home.get("private") else {}
        place = {"full_name": home["full_name"], "html_url": home.get("html_url"), **private}
        shown.append({**show("commit", world, row), "repository": place})
    return {"total_count": len(rows), "incomplete_results": False, "items": shown}


def _combined(world: World, _: ToolCall, __: Arguments, rows: Record) -> Any:
    statuses = [show("status", world, row) for row in rows["statuses"]]
    return {name: rows[name] for name in ("state", "sha", "total_count")} | {"statuses": statuses}


def _contents(world: World, _: ToolCall, given: Arguments, rows: Any) -> Any:
    if isinstance(rows, list):
        return pick([show("entry", world, row) for row in rows], given.get("fields"))
    data, sha = rows["content"], rows["sha"]
    if not data:
        return f"successfully downloaded empty file (SHA: {sha})"
    try:
        return f"successfully downloaded text file (SHA: {sha})\n{data.decode()}"
    except UnicodeDecodeError:
        return f"successfully downloaded binary file (SHA: {sha})\n{base64.b64encode(data).decode()}"


def _tree(_: World, call: ToolCall, given: Arguments, rows: Record) -> Any:
    return {
        "sha": rows["sha"], "truncated": False, "tree": rows["tree"], "tree_sha": rows["tree_sha"],
        "owner": call.arguments["owner"], "repo": call.arguments["repo"],
        "recursive": bool(given.get("recursive")), "count": len(rows["tree"]),
    }  # fmt: skip


def _file_commit(_: World, __: ToolCall, given: Arguments, rows: Record) -> Any:
    commit, file = rows["commit"], rows["content"]
    shown = {
        "sha": commit["sha"], "message": commit["message"],
        "html_url": f"{WEB}/{commit['repository']}/commit/{commit['sha']}", "author": git_author(commit),
    }  # fmt: skip
    if file is None:
        return {"commit": shown, "content": None}
    content = {name: file[name] for name in ("name", "path", "sha", "size")}
    content["html_url"] = f"{WEB}/{file['repository']}/blob/{file['ref']}/{file['path']}"
    return {"content": content, "commit": shown}


def _pushed_ref(_: World, __: ToolCall, ___: Arguments, row: Record) -> Any:
    return {"ref": row["ref"], "object": {"type": "commit", "sha": row["sha"]}}


def _commit(world: World, call: ToolCall, given: Arguments, row: Record) -> Any:
    shown = show("commit", world, row)
    detail = given.get("detail") or "stats"
    if detail != "none":
        files = [show("file", world, file) for file in paged(row["files"], given)]
        if detail != "full_patch":
            files = [{name: value for name, value in file.items() if name != "patch"} for file in files]
        shown["stats"] = {name: value for name, value in row["stats"].items() if value}
        shown["files"] = files
    return shown


def _commit_page(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Any:
    return pick([show("commit", world, row) for row in paged(rows, given)], given.get("fields"))


def _pull_commits(world: World, _: ToolCall, given: Arguments, rows: list[Record]) -> Any:
    return [show("pull_commit", world, row) for row in paged(rows, given)]


def _tag(_: World, __: ToolCall, ___: Arguments, row: Record) -> Any:
    sha = row.get("sha") or ""
    return {
        "sha": sha,
        "tag": row["name"],
        "message": row.get("message") or "",
        "object": {"type": "commit", "sha": sha},
    }


def _me(world: World, _: ToolCall, __: Arguments, row: Record) -> Any:
    details = {name: row[name] for name in ("name", "company", "email") if row.get(name)}
    return {**show("user", world, user_row(world, row["login"])), "details": details}


def _teams(_: World, __: ToolCall, ___: Arguments, rows: list[Record]) -> Any:
    teams: dict[str, list[Record]] = {}
    for team in rows:
        described = {"slug": team["slug"], "description": team.get("description") or ""}
        teams.setdefault(team["organization"], []).append(
            {"name": team.get("name") or team["slug"], **described}
        )
    return [{"org": organization, "teams": listed} for organization, listed in teams.items()]


def _job(_: World, call: ToolCall, given: Arguments, rows: Any) -> Any:
    if call.tool != "get_job_logs":
        return show("job", _, rows)
    return _log(rows, given)


def _job_log(world: World, call: ToolCall, given: Arguments, _: Any) -> Any:
    job = tables.get(world, "jobs", given["repository"], int(given["job_id"])) or {}
    return _log(job, given)


def _log(job: Record, given: Arguments) -> Record:
    shown: Record = {"job_id": job["id"], "job_name": job["name"]}
    if not given.get("return_content"):
        url = f"{API}/repos/{job['repository']}/actions/jobs/{job['id']}/logs"
        return {**shown, "logs_url": url, "message": "Job logs are available for download"}
    text = log_of(job).splitlines()
    tail = "\n".join(text[-int(given.get("tail_lines") or 500) :])
    message = "Job logs content retrieved successfully"
    return {**shown, "logs_content": tail, "message": message, "original_length": len(text)}


def _failed_jobs(_: World, __: ToolCall, given: Arguments, jobs: list[Record]) -> Any:
    failed = [job for job in jobs if job["conclusion"] == "failure"]
    common = {"run_id": given["run_id"], "total_jobs": len(jobs), "failed_jobs": len(failed)}
    if not failed:
        return {"message": "No failed jobs found in this workflow run", **common}
    logs = [_log(job, given) for job in failed]
    return {"message": f"Retrieved logs for {len(failed)} failed jobs", **common, "logs": logs}


def _run_said(message: str, status: str) -> Write:
    code = int(status.partition(" ")[0])
    return lambda _, __, ___, run: {
        "message": message,
        "run_id": run["id"],
        "status": status,
        "status_code": code,
    }


def _started(_: World, call: ToolCall, given: Arguments, __: Any) -> Any:
    return {
        "message": "Workflow run has been queued", "workflow_type": "workflow_id", "ref": given["ref"],
        "workflow_id": given["workflow_id"], "inputs": given.get("inputs"),
        "status": "204 No Content", "status_code": 204,
    }  # fmt: skip


def _artifact(_: World, __: ToolCall, ___: Arguments, row: Record) -> Any:
    url = f"{API}/repos/{row['repository']}/actions/artifacts/{row['id']}/zip"
    return {"download_url": url, "message": "Artifact is available for download", "artifact_id": row["id"]}


def _run_logs(_: World, __: ToolCall, ___: Arguments, run: Record) -> Any:
    url = f"{API}/repos/{run['repository']}/actions/runs/{run['id']}/logs"
    return {"logs_url": url, "message": "Workflow run logs are available for download"}


def _usage(_: World, __: ToolCall, ___: Arguments, run: Record) -> Any:
    duration = run.get("run_duration_ms")
    return {"billable": {}, **({"run_duration_ms": duration} if duration else {})}


def _reaction(_: World, __: ToolCall, given: Arguments, row: Record) -> Any:
    place = f"{API}/repos/{row['repository']}"
    if "comment_id" not in given:
        return {"id": str(row["id"]), "url": f"{place}/issues/{given['number']}/reactions/{row['id']}"}
    return {
        "id": str(row["id"]),
        "url": f"{place}/issues/comments/{given['comment_id']}/reactions/{row['id']}",
    }


def _pull_reaction(world: World, call: ToolCall, given: Arguments, row: Record) -> Any:
    if call.tool == "add_reply_to_pull_request_comment":
        first = tables.get(world, "review_comments", row["repository"], int(given["comment_id"])) or {}
        return {"id": str(row["id"]), "url": f"{first['html_url']}/reactions/{row['id']}"}
    place = f"{API}/repos/{row['repository']}/pulls/comments/{given['comment_id']}"
    return {"id": str(row["id"]), "url": f"{place}/reactions/{row['id']}"}


def _review_made(_: World, __: ToolCall, given: Arguments, ___: Any) -> Any:
    return (
        "pull request review submitted successfully" if given.get("event") else "pending pull request created"
    )


def _review_comment_made(_: World, call: ToolCall, __: Arguments, row: Record) -> Any:
    if call.tool == "add_pull_request_review_comment":
        return minimal(row)
    return "pull request review comment successfully added to pending review"


_BARE: Final = ("repository", "owner")


def _bare(_: World, __: ToolCall, ___: Arguments, row: Record) -> Any:
    return {name: value for name, value in row.items() if name not in _BARE}


def _bare_page(name: str = "") -> Write:
    def write(world: World, call: ToolCall, given: Arguments, rows: list[Record]) -> Any:
        shown = [_bare(world, call, given, row) for row in paged(rows, given)]
        return {"total_count": len(rows), name: shown} if name else shown

    return write


_ANSWERS: Final[dict[str, Write]] = {
    "pull.list": _pull_page,
    "pull.commits": _pull_commits,
    "pull.status": _combined,
    "pull.checks": counted_page("check_runs", "check"),
    "pull.threads": _threads,
    "pull.merge": lambda _, __, ___, rows: rows,
    "pull.update_branch": _said("Pull request branch update is in progress"),
    "review.create": _review_made,
    "review.submit": _said("pending pull request review successfully submitted"),
    "review.delete": _said("pending pull request review successfully deleted"),
    "review.add_comment": _review_comment_made,
    "review_comment.create": lambda world, call, given, row: minimal(row),
    "review_comment.react": _pull_reaction,
    "thread.resolve": _said("review thread resolved successfully"),
    "thread.unresolve": _said("review thread unresolved successfully"),
    "issue.get": _issue,
    "issue.list": _issue_page,
    "issue.labels": _labels,
    "issue.sub_issues": lambda world, _, given, rows: [
        _sub_issue_shown(world, row) for row in paged(rows, given)
    ],
    "issue.parent": lambda _, __, ___, row: {"parent": None if row is None else _issue_ref(row)},
    "issue.add_sub_issue": lambda world, _, __, row: _sub_issue_shown(world, row),
    "issue.remove_sub_issue": lambda world, _, __, row: _sub_issue_shown(world, row),
    "issue.move_sub_issue": lambda world, _, __, row: _sub_issue_shown(world, row),
    "issue.react": _reaction,
    "comment.react": _reaction,
    "label.list": _labels,
    "label.create": lambda _, __, ___, row: f"label '{row['name']}' created successfully",
    "label.update": lambda _, __, ___, row: f"label '{row['name']}' updated successfully",
    "label.delete": lambda _, __, given, ___: f"label '{given['name']}' deleted successfully",
    "issue_type.list": _bare_page(),
    "file.get": _contents,
    "file.tree": _tree,
    "file.put": _file_commit,
    "file.delete": _file_commit,
    "file.push": _pushed_ref,
    "tag.get": _tag,
    "commit.list": _commit_page,
    "commit.get": _commit,
    "branch.create": lambda world, _, __, row: show("ref", world, row),
    "workflow.list": _bare_page("workflows"),
    "workflow.get": _bare,
    "workflow.start": _started,
    "run.list": counted_page("workflow_runs", "run"),
    "run.jobs": counted_page("jobs", "job"),
    "run.artifacts": _bare_page("artifacts"),
    "run.artifact": _artifact,
    "run.logs": _run_logs,
    "run.usage": _usage,
    "run.rerun": _run_said("Workflow run has been queued for re-run", "201 Created"),
    "run.rerun_failed": _run_said("Failed jobs have been queued for re-run", "201 Created"),
    "run.cancel": _run_said("Workflow run has been cancelled", "202 Accepted"),
    "run.delete_logs": _run_said("Workflow run logs have been deleted", "204 No Content"),
    "run.failed_jobs": _failed_jobs,
    "job.get": _job,
    "job.log": _job_log,
    "me.get": _me,
    "team.list": _teams,
    "team.members": lambda _, __, ___, rows: [row["login"] for row in rows],
    "repository.star": _said("Successfully starred repository {repository}"),
    "repository.unstar": _said("Successfully unstarred repository {repository}"),
    "search.issues": _results("found"),
    "search.pulls": _results("found"),
    "search.repositories": _results("repository"),
    "search.code": _found_code,
    "search.commits": _found_commits,
    "search.users": _results("user"),
    "search.orgs": _results("user"),
}  # fmt: skip
"""Operation → how the server answers, where it is not the record or a page of them."""
