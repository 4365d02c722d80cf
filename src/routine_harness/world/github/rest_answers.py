"""REST requests answered from the world, in the shapes and with the status codes of GitHub's API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from routine_harness.world.arguments import check_arguments
from routine_harness.world.github import tables
from routine_harness.world.github.answers import ApiRefused, Incomplete, Refused, repository_of
from routine_harness.world.github.connector import CONNECTOR, with_branch
from routine_harness.world.github.pull_parts import diff_of
from routine_harness.world.github.rest import rest_call
from routine_harness.world.github.rest_bodies import rest_body
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult

DOCUMENTATION: Final = "https://docs.github.com/rest"


def rest_answer(
    world: World,
    method: str,
    path: str,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    accept: str = "",
) -> tuple[int, Any, Outcome]:
    """Status, decoded JSON body (a text where ``accept`` asks for a diff) and what happened.

    A path that stands for no operation, and one whose operation is known by schema only, is
    answered with 404 and an outcome that is ``incomplete``.
    """
    call = rest_call(method, path, query, body)
    if call is None or call.tool not in CONNECTOR.operations:
        what = f"an answer to {method.upper()} {path}"
        refused = Outcome(world, ToolResult("Not Found", is_error=True), incomplete=what)
        return 404, _message("Not Found"), refused
    call = with_branch(world, CONNECTOR.canonical(call))
    outcome = CONNECTOR.call(world, call)
    status, value = rest_reply(world, method, call, outcome, accept)
    if status == 501 and not outcome.incomplete:
        said = value["message"]
        outcome = Outcome(world, ToolResult(said, is_error=True), incomplete=f"what was asked for: {said}")
    return status, value, outcome


def rest_reply(
    world: World, method: str, call: ToolCall, outcome: Outcome, accept: str = ""
) -> tuple[int, Any]:
    """Status and body of the request for which ``call`` was carried out on ``world``, as ``outcome``."""
    if outcome.result.is_error:
        return _refusal(world, call, outcome)
    if "diff" in accept and call.tool == "pull_request_read":
        return _diff(world, call)
    return _status(method, call), rest_body(world, outcome, call)


def _message(text: str, **more: Any) -> dict[str, Any]:
    return {"message": text, **more, "documentation_url": DOCUMENTATION}


def _refusal(world: World, call: ToolCall, outcome: Outcome) -> tuple[int, Any]:
    """The status of a refusal: operations are pure, so asking again tells why."""
    if outcome.incomplete:
        return 501, _message(outcome.result.text)
    if check_arguments(CONNECTOR.tools[call.tool].input_schema, call.arguments):
        return 422, _message("Invalid request.\n\n" + outcome.result.text)
    try:
        CONNECTOR.operations[call.tool](world, call.arguments)
    except ApiRefused as refused:
        errors = {"errors": list(refused.errors)} if refused.errors else {}
        return refused.status, _message(refused.message, **errors)
    except Refused as refused:
        absent = any(
            word in refused.text.lower() for word in ("not found", "could not resolve", "does not point")
        )
        return (404, _message("Not Found")) if absent else (422, _message(refused.text))
    raise AssertionError(f"{call.name} was refused once and not again")


_STATUS: Final = {
    "merge_branch": 201,
    "actions_run_trigger": 204,
    "lock_issue": 204,
    "unlock_issue": 204,
    "update_pull_request_branch": 202,
    "fork_repository": 202,
    "create_pull_request_review": 200,
    "submit_pending_pull_request_review": 200,
}


def _status(method: str, call: ToolCall) -> int:
    method = method.upper()
    if call.tool == "actions_run_trigger":
        method_called = call.arguments["method"]
        return (
            201 if method_called.startswith("rerun") else 202 if method_called.startswith("cancel") else 204
        )
    if call.tool in _STATUS:
        return _STATUS[call.tool]
    listed = call.tool in (
        "remove_issue_label",
        "remove_issue_assignees",
        "remove_requested_reviewers",
        "delete_file",
    )
    if method == "DELETE" and not listed:
        return 204
    if method == "PUT" and call.tool == "create_or_update_file":
        return 200 if call.arguments.get("sha") else 201
    return 201 if method == "POST" and call.tool != "add_issue_labels" else 200


def _diff(world: World, call: ToolCall) -> tuple[int, Any]:
    pull = tables.get(world, "pulls", repository_of(call.arguments), call.arguments["pullNumber"]) or {}
    try:
        return 200, diff_of(world, pull)
    except Incomplete as gap:
        return 501, _message(f"the simulated world does not hold {gap.what}")
