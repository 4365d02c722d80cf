"""GitHub's REST API, asked: a request read into an operation, without a world.

``rest_call`` gives the tool call that a request stands for, by which it is granted, counted and
forbidden; ``rest_answers`` writes what the API answers.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.world.github.faces import API
from routine_harness.world.github.operations.operation import Arguments
from routine_harness.world.github.operations.operation_table import OPERATIONS, Operation
from routine_harness.world.github.records.tables import as_number
from routine_harness.world.github.tools.tool_calls import Step, call_of
from routine_harness.world.tool import ToolCall


class Route(NamedTuple):
    """One route of an operation, ready to match."""

    pattern: re.Pattern[str]
    operation: Operation
    fixed: dict[str, str]


def rest_call(
    method: str, path: str, query: Mapping[str, Json] | None = None, body: Json = None, accept: str = ""
) -> ToolCall | None:
    """The tool call that a REST request stands for, or None if no operation has that path.

    ``path`` may carry the API's address; ``body`` is the decoded JSON (a list of labels, too).
    """
    step = read_request(method, path, query, body, accept)
    return None if step is None else call_of(step, API)


def read_request(
    method: str, path: str, query: Mapping[str, Json] | None = None, body: Json = None, accept: str = ""
) -> Step | None:
    """The operation that a request asks for, with its arguments; None where no route has that path."""
    bare = bare_path(path)
    for route in _routes().get(method.upper(), ()):
        match = route.pattern.match(bare)
        if match is not None:
            found = {name: _segment(name, text) for name, text in match.groupdict().items()}
            given = {**_given(route.operation, query, body), **route.fixed, **_placed(found)}
            return _special(route.operation, given, accept)
    return None


def bare_path(path: str) -> str:
    """A path without the API's address, its query and a slash at its end."""
    path = re.sub(r"^https?://[^/]+", "", path).partition("?")[0]
    return "/" + path.removeprefix("/api/v3").strip("/")


@functools.cache
def _routes() -> dict[str, list[Route]]:
    table: dict[str, list[tuple[tuple[int, int, int], Route]]] = {}
    for operation in OPERATIONS.values():
        for form in filter(None, operation.rest.split("; ")):
            method, _, place = form.partition(" ")
            place, _, fixed = place.partition("#")[0].partition("?")
            pattern = re.compile(_pattern(place.replace("~", "/repos/{owner}/{repo}")) + r"\Z")
            # Literal paths come before those with a name in their place, short names before long rests,
            # and of paths with as many names the one that says more.
            order = (place.count("+}"), place.count("{"), -len(place))
            route = Route(pattern, operation, dict(parse_qsl(fixed)))
            table.setdefault(method, []).append((order, route))
    return {
        method: [route for _, route in sorted(routes, key=lambda one: one[0])]
        for method, routes in table.items()
    }


def _pattern(path: str) -> str:
    """A path's template as a regular expression."""
    parts = re.split(r"\{(\w+)(:n|\+)?\}", path)
    pattern = re.escape(parts[0])
    kinds = {":n": r"\d{1,18}", "+": ".+", None: "[^/]+?"}
    for name, kind, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pattern += f"(?P<{name}>{kinds[kind]}){re.escape(text)}"
    return pattern


_NUMBERS: Final = lazy_pattern(r"(?:number|_id)\Z")


def _segment(name: str, text: str) -> Json:
    text = unquote(text)
    number = as_number(text) if _NUMBERS.search(name) and name != "workflow_id" else None
    return text if number is None else number


def _placed(found: Record) -> Arguments:
    """The parts of the path as arguments."""
    if "owner" in found and "repo" in found:
        return {"repository": f"{found.pop('owner')}/{found.pop('repo')}", **found}
    return found


_LISTS: Final = ("labels", "assignees", "reviewers", "team_reviewers")
_FLAGS: Final = ("recursive", "draft", "force", "prerelease", "private", "archived", "protected")
_COUNTS: Final = ("page", "per_page")


def _given(operation: Operation, query: Mapping[str, Json] | None, body: Json) -> Arguments:
    """Query and body as arguments; a bare list is what the operation sets."""
    if isinstance(body, list):
        body = {"labels" if "label" in operation.name else "assignees": body}
    given = {**(query or {}), **(body if isinstance(body, Mapping) else {})}
    given.pop("repository", None)  # named by the path alone
    for name in _LISTS:
        if isinstance(given.get(name), str):
            given[name] = [part for part in given[name].split(",") if part]
    for name in _COUNTS:
        if isinstance(given.get(name), str):
            number = as_number(given[name])
            given[name] = given[name] if number is None else number
    for name in _FLAGS:
        if isinstance(given.get(name), str):
            given[name] = given[name] in ("1", "true")
    return given


def _special(operation: Operation, given: Arguments, accept: str) -> Step:
    """Where REST says the same in another way."""
    if "diff" in accept and operation.name == "pull.get":
        return OPERATIONS["pull.diff"], given
    change = _SPECIAL.get(operation.name)
    other = change(given) if change is not None else None
    return OPERATIONS[other] if other else operation, given


def ref_operation(given: Arguments) -> str:
    """The operation that makes ``ref``, which becomes ``tag`` or ``branch``."""
    ref = str(given.pop("ref", ""))
    if ref.startswith("refs/tags/"):
        given["tag"] = ref.removeprefix("refs/tags/")
        return "tag.create"
    given["branch"] = ref.removeprefix("refs/heads/")
    return "branch.create"


def _issues(given: Arguments) -> None:
    given |= {"pulls": True, "state": given.get("state") or "open"}


def _search(given: Arguments) -> str | None:
    given["query"] = given.pop("q", "")
    return None


def _content(given: Arguments) -> None:
    try:
        given["content"] = base64.b64decode(str(given.get("content", ""))).decode()
    except (binascii.Error, UnicodeDecodeError):
        given["content"] = str(given.get("content", ""))


def _public(given: Arguments) -> None:
    given.setdefault("private", False)  # the MCP server's own default is the other one


def _no_labels(given: Arguments) -> None:
    if given.get("labels") == "":
        given["labels"] = []


def _in_reply(given: Arguments) -> str | None:
    if "in_reply_to" not in given:
        return None
    given["comment_id"] = given.pop("in_reply_to")
    return "review_comment.reply"


def _closed(given: Arguments) -> None:
    if given.get("state") == "close":  # taken by the API, as recorded
        given["state"] = "closed"


_SPECIAL: Final[dict[str, Callable[[Arguments], str | None]]] = {
    "branch.create": ref_operation,
    "tag.create": ref_operation,
    "issue.list": _issues,
    "review_comment.create": _in_reply,
    "issue.update": _closed,
    "pull.update": _closed,
    "repository.create": _public,
    "file.put": _content,
    "issue.set_labels": _no_labels,
    **{f"search.{what}": _search for what in ("issues", "code", "repositories", "commits", "users")},
}
