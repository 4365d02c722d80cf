"""How operations end: an answer, GitHub's refusal, or the admission that the world does not know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from routine_harness.world.arguments import ArgumentFault
from routine_harness.world.github import tables
from routine_harness.world.modelled import Answer as Answer
from routine_harness.world.modelled import Arguments as Arguments
from routine_harness.world.modelled import Detail
from routine_harness.world.modelled import Refused as Refused
from routine_harness.world.state import Record, World
from routine_harness.world.tool import Tool

Item = TypeVar("Item")


class ApiRefused(Refused):
    """GitHub's API says no: the status and message of its answer, beside the server's words."""

    def __init__(self, text: str, status: int, message: str, errors: Sequence[Any] = ()) -> None:
        super().__init__(text)
        self.status, self.message, self.errors = status, message, errors


class Incomplete(Exception):  # noqa: N818 - the way out of an operation, not an error of ours
    """The world knows a thing only by key; ``what`` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def api(
    doing: str, method: str, path: str, status: int, message: str, errors: Sequence[Any] = ()
) -> ApiRefused:
    """The refusal as the server words an error of GitHub's API."""
    if status == 422:
        details = [e if isinstance(e, str) else _detail(e) for e in errors]
        return ApiRefused("\n".join([f"{doing}: {message}", *details]), status, message, errors)
    url = f"https://api.github.com/{path}"
    return ApiRefused(f"{doing}: {method} {url}: {status} {message} []", status, message)


def _detail(error: dict[str, str]) -> str:
    place = ".".join(error[part] for part in ("resource", "field") if error.get(part))
    place = f"{place} ({error['code']})" if error.get("code") else place
    return ": ".join(part for part in (place, error.get("message", "")) if part)


def not_found(doing: str, method: str, path: str) -> ApiRefused:
    return api(doing, method, path, 404, "Not Found")


def validation_failed(doing: str, **error: str) -> ApiRefused:
    """A 422 about one field: ``resource``, ``field``, ``code``, ``message``."""
    return api(doing, "POST", "", 422, "Validation Failed", [error])


def repository_of(arguments: Arguments) -> str:
    return f"{arguments['owner']}/{arguments['repo']}"


def number(arguments: Arguments, name: str) -> int:
    return int(arguments[name])


def find_repository(world: World, arguments: Arguments, doing: str) -> Record:
    """The repository that the arguments name, whatever case they write it in."""
    name = repository_of(arguments)
    row = tables.get(world, "repositories", name)
    if row is None:
        row = next(
            (r for r in world.table("github.repositories") if r["full_name"].lower() == name.lower()), None
        )
    if row is None:
        raise not_found(doing, "GET", f"repos/{name}")
    return row


def find_pull(world: World, arguments: Arguments, doing: str) -> Record:
    repository, wanted = (
        find_repository(world, arguments, doing)["full_name"],
        number(arguments, "pullNumber"),
    )
    pull = tables.get(world, "pulls", repository, wanted)
    issue = tables.get(world, "issues", repository, wanted) or {}
    if pull is None and issue.get("pull_request"):
        raise Incomplete(f"the branches of {repository}#{wanted}")
    if pull is None:
        raise not_found(doing, "GET", f"repos/{repository}/pulls/{wanted}")
    return pull


def find_issue(world: World, arguments: Arguments, doing: str) -> Record:
    repository, wanted = (
        find_repository(world, arguments, doing)["full_name"],
        number(arguments, "issue_number"),
    )
    issue = tables.get(world, "issues", repository, wanted)
    if issue is None:
        raise not_found(doing, "GET", f"repos/{repository}/issues/{wanted}")
    return issue


def find_item(world: World, arguments: Arguments, doing: str) -> tuple[str, Record]:
    """The issue or pull request with a number, and the table it is in: GitHub counts both as one."""
    repository = find_repository(world, arguments, doing)["full_name"]
    for table in ("issues", "pulls"):
        found = tables.get(world, table, repository, number(arguments, "issue_number"))
        if found is not None:
            return table, found
    raise not_found(doing, "GET", f"repos/{repository}/issues/{number(arguments, 'issue_number')}")


def paged(items: Sequence[Item], arguments: Arguments, default: int = 30) -> list[Item]:
    """The page of ``items`` that the arguments ask for; empty beyond the end, as REST answers."""
    page = int(arguments.get("page") or 1)
    size = int(arguments.get("perPage") or arguments.get("per_page") or default)
    return list(items[(page - 1) * size : page * size])


def respond(world: World, value: Any) -> Answer:
    """The answer to a read."""
    return Answer(world, value)


def applied(
    before: World, after: World, value: Any, *, target: str = "", kind: str = "", **fields: Any
) -> Answer:
    """The answer to a write: ``unchanged`` where the world is the same as before."""
    detail = Detail(target, {"author": tables.me(after), **fields}, kind, unchanged=after is before)
    return Answer(after, value, (detail,))


def applied_all(world: World, value: Any, *details: Detail) -> Answer:
    """The answer to a write with several effects, each with its own detail."""
    return Answer(world, value, details)


def word_faults(_: Tool, faults: list[ArgumentFault]) -> str:
    """What the server says of arguments that do not fit; it stops at the first."""
    fault = faults[0]
    if fault.kind == "required":
        return f"missing required parameter: {fault.place}"
    if fault.kind == "type" and fault.expected == "number":
        return f"parameter {fault.place} is not a valid number: expected number, got {_go(fault.found)}"
    if fault.kind == "type":
        return f"parameter {fault.place} is not of type {fault.expected}, is {_go(fault.found)}"
    if fault.kind == "enum" and fault.place == "method":
        return f"unknown method: {fault.found}"
    if fault.kind == "enum":
        return f"parameter {fault.place} must be one of {', '.join(map(str, fault.expected))}"
    if fault.kind == "too_small":
        return f"{fault.place} must be at least {fault.expected}"
    if fault.kind == "too_big":
        return f"{fault.place} value {fault.found} exceeds maximum of {fault.expected}"
    return f"unknown parameter: {fault.place}"


def _go(value: Any) -> str:
    """The type of ``value`` as Go prints it."""
    if value is None:
        return "<nil>"
    names = {str: "string", bool: "bool", list: "[]interface {}", dict: "map[string]interface {}"}
    return names.get(type(value), "float64")
