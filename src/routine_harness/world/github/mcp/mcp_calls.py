"""GitHub's MCP server, asked: a tool's call read into operations, without a world.

The server's words are those of github/github-mcp-server @64a49f34; ``mcp_answers`` writes what it answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.plain import Json
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.operations.operation_table import OPERATIONS, Operation, by_tool
from routine_harness.world.github.records import tables
from routine_harness.world.github.tools.tool_calls import RESOURCES, Step, arguments_of, operation_of
from routine_harness.world.tool import ToolCall


class ToolRefused(Exception):  # noqa: N818 - the server's own no, before it asks the API
    """The server refuses arguments that its schema allows; the text is its own."""


def steps_of(call: ToolCall) -> list[Step]:
    """The operations that a call under its own name asks for, in order; none for a tool of no model.

    Raises:
        ToolRefused: the server refuses such arguments itself.
    """
    special = _SPECIAL.get(call.tool)
    if special is not None:
        return special(call)
    operation = operation_of(call)
    return [] if operation is None else [(operation, arguments_of(call))]


def likely_steps(call: ToolCall) -> list[Step]:
    """The operation that a call means whose arguments the server refuses: what it attempts, it attempted."""
    operation = operation_of(call)
    return [] if operation is None else [(operation, arguments_of(call))]


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
    operation = operation_of(call)
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
    operation = operation_of(call)
    return [] if operation is None else [(operation, arguments_of(call))]


def _actions(call: ToolCall) -> list[Step]:
    """The Actions tools: ``resource_id`` is a workflow, a run, a job or an artifact."""
    given, method = arguments_of(call), str(call.arguments.get("method"))
    wanted = given.pop("resource_id", None)
    given |= given.pop("workflow_runs_filter", None) or {}
    given.pop("workflow_jobs_filter", None)
    name = RESOURCES.get(method, "run_id")
    if name == "workflow_id":
        given |= {"workflow_id": wanted} if wanted else {}
    elif method != "list_workflows":
        given[name] = _whole(wanted, method)
    operation = operation_of(call)
    return [] if operation is None else [(operation, given)]


def _whole(value: Json, method: str) -> int:
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
    operation = operation_of(call)
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


def request_of(operation: Operation, arguments: Arguments) -> tuple[str, str]:
    """Method and path of the API's request that carries ``operation`` out."""
    method, _, path = (operation.rest or "GET ~").partition(" ")
    path = path.partition("#")[0].replace("~", f"/repos/{arguments.get('repository', '')}")
    return method, filled(path, arguments)


def filled(template: str, arguments: Arguments) -> str:
    """``template`` with the arguments that it names: ``{number:n}``, ``{path+}``."""
    for name, value in arguments.items():
        for kind in ("", ":n", "+"):
            template = template.replace(f"{{{name}{kind}}}", str(value))
    return template
