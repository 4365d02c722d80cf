"""GitHub's MCP server, asked: a tool's call read into operations, without a world.

The server's words are those of github/github-mcp-server @64a49f34; ``mcp_answers`` writes what it answers.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

from routine_harness.world.github import tables
from routine_harness.world.github.operation import Arguments
from routine_harness.world.github.table import OPERATIONS, Operation, by_name, by_tool
from routine_harness.world.github.tools import TOOLS
from routine_harness.world.github.toolsets import OWN
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


def call_of(step: Step, server: str, name: str = "") -> ToolCall:
    """The tool call that an operation amounts to, whichever face asked for it (``server``); ``name`` is
    one of its tools."""
    operation, given = step
    tool, _, method = (name or tool_of(operation)).partition(":")
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


_PARTS: Final[dict[str, tuple[str, Arguments]]] = {
    "issue.close": ("issue.update", {"state": "closed"}),
    "issue.reopen": ("issue.update", {"state": "open"}),
    "issue.add_labels": ("issue.update", {}),
    "issue.set_labels": ("issue.update", {}),
    "issue.remove_labels": ("issue.update", {"labels": []}),
    "issue.remove_label": ("issue.update", {"remove_labels": []}),
    "issue.add_assignees": ("issue.update", {}),
    "issue.remove_assignees": ("issue.update", {}),
    "pull.ready": ("pull.update", {"draft": False}),
    "pull.to_draft": ("pull.update", {"draft": True}),
}
"""Operations that are a part of what a tool does → the tool's operation, and what they give it."""


def as_asked_by(tool: str, call: ToolCall, steps: list[Step]) -> ToolCall | None:
    """``call``, which asks for ``steps``, as ``tool`` would ask; None where that is another operation.

    A tool for a part of an operation (``update_issue_labels``) asks for no more than its part.
    """
    parts = [(_PARTS[operation.name], given) for operation, given in steps if operation.name in _PARTS]
    wider = [(OPERATIONS[name], {**given, **also}) for (name, also), given in parts]
    for step in (*steps, *wider):
        for name in step[0].tools or (tool_of(step[0]),):
            if name.partition(":")[0] == tool and (name == tool_of(step[0]) or _covers(tool, step[1])):
                return call_of(step, call.server, name)
    return None


def _covers(tool: str, given: Arguments) -> bool:
    """Whether ``given`` holds what ``tool`` is for: what it requires besides a number and a repository."""
    asked = {_NAMES.get(name, name) for name in TOOLS[tool].input_schema.get("required", ())}
    asked -= {"owner", "repo", "number", "method"}
    return all(given.keys() & {name, f"add_{name}", f"remove_{name}"} for name in asked)


@functools.cache
def _own_names(tool: str) -> dict[str, str]:
    """Names of arguments of operations → the names that ``tool`` has for them."""
    curated = TOOLS.get(tool) or OWN.get(tool)
    known = curated.input_schema.get("properties", {}) if curated is not None else {}
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
