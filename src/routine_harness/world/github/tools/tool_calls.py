"""An operation as the call of a tool: in this form every face's request is granted, counted and forbidden."""

from __future__ import annotations

import functools
from typing import Final

from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.operations.operation_table import OPERATIONS, Operation, by_name, by_tool
from routine_harness.world.github.tools.tool_table import TOOLS
from routine_harness.world.github.tools.toolsets import OWN
from routine_harness.world.tool import ToolCall

Step = tuple[Operation, Arguments]
"""One operation that a request asks for, and its arguments."""


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
RESOURCES: Final = {
    "get_workflow": "workflow_id", "list_workflow_runs": "workflow_id", "get_workflow_job": "job_id",
    "download_workflow_run_artifact": "artifact_id",
}  # fmt: skip
"""Method of the Actions tools → what its ``resource_id`` identifies; a run in all others."""


def operation_of(call: ToolCall) -> Operation | None:
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
    resource = RESOURCES.get(method, "run_id") if tool in ("actions_list", "actions_get") else ""
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
    operation = operation_of(call) or by_name().get(call.tool)
    if operation is None:
        return []
    given = arguments_of(call)
    if "resource_id" in given:
        given[RESOURCES.get(str(call.arguments.get("method")), "run_id")] = given.pop("resource_id")
    return [(operation, given)]
