"""GitHub's REST API over the same operations: what ``gh api``, ``curl`` and HTTP clients ask.

``rest_call`` needs no world: the REST form of an operation is the tool call. ``rest_answer`` carries
it out and answers in REST's shapes; ``records_from_rest`` reads recorded answers.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.world.github.rest_records import records_from_rest as records_from_rest
from routine_harness.world.github.rest_routes import REPOSITORY, ROUTES
from routine_harness.world.github.settings import ROUTES as SETTINGS
from routine_harness.world.github.tables import as_number
from routine_harness.world.tool import ToolCall

API: Final = "api.github.com"
"""The ``server`` of a tool call that came as a REST request."""


class Route(NamedTuple):
    """One row of the table, ready to match."""

    pattern: re.Pattern[str]
    tool: str
    fixed: dict[str, str]
    renamed: dict[str, str]


def rest_call(
    method: str, path: str, query: Mapping[str, Any] | None = None, body: Any = None
) -> ToolCall | None:
    """The tool call that a REST request stands for, or None if no operation has that path.

    ``path`` may carry the API's address; ``body`` is the decoded JSON (a list of labels, too).
    """
    path = _bare_path(path)
    for route in _routes().get(method.upper(), ()):
        match = route.pattern.match(path)
        if match is None:
            continue
        found = {name: _segment(name, text) for name, text in match.groupdict().items()}
        given = _given(route.tool, query, body)
        renamed = {route.renamed.get(name, name): value for name, value in given.items()}
        return _special(ToolCall("github", route.tool, {**renamed, **route.fixed, **found}, API))
    return None


def _bare_path(path: str) -> str:
    path = re.sub(r"^https?://[^/]+", "", path).partition("?")[0]
    path = path.removeprefix("/api/v3")
    return "/" + path.strip("/")


@functools.cache
def _routes() -> dict[str, list[Route]]:
    table: dict[str, list[Route]] = {}
    for line in (ROUTES + SETTINGS).strip().splitlines():
        place, tool, fixed, renamed = (part.strip() for part in (line + " | | | ").split("|")[:4])
        method, path = place.split(" ", 1)
        pairs: list[list[str]] = [pair.split("=", 1) for pair in fixed.split()]
        table.setdefault(method, []).append(
            Route(
                re.compile(_pattern(path.replace("~", REPOSITORY)) + r"\Z"),
                tool,
                dict(pairs),
                dict(pair.split(">", 1) for pair in renamed.split()),
            )
        )
    return table


def _pattern(path: str) -> str:
    """A path's template as a regular expression; numbers are marked in the group's name."""
    parts = re.split(r"\{(\w+)(:n|\+)?\}", path)
    pattern = re.escape(parts[0])
    kinds = {":n": r"\d{1,18}", "+": ".+", None: "[^/]+?"}
    for name, kind, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pattern += f"(?P<{name}>{kinds[kind]}){re.escape(text)}"
    return pattern


_NUMBERS: Final = lazy_pattern(r"(?:[nN]umber|_id|Id)\Z")


def _segment(name: str, text: str) -> Any:
    text = unquote(text)
    texts = ("resource_id", "workflow_id")
    number = as_number(text) if _NUMBERS.search(name) and name not in texts else None
    return text if number is None else number


def _given(tool: str, query: Mapping[str, Any] | None, body: Any) -> dict[str, Any]:
    """Query and body as arguments; a bare list is what the operation sets."""
    if isinstance(body, list):
        body = {"labels" if "label" in tool else "assignees": body}
    given = {**(query or {}), **(body if isinstance(body, Mapping) else {})}
    for name in ("labels", "assignees", "reviewers"):
        if isinstance(given.get(name), str):
            given[name] = [part for part in given[name].split(",") if part]
    for name in ("page", "per_page"):
        if isinstance(given.get(name), str):
            number = as_number(given[name])
            given[name] = given[name] if number is None else number
    for name in ("recursive", "draft", "force"):
        if isinstance(given.get(name), str):
            given[name] = given[name] in ("1", "true")
    return given


def _special(call: ToolCall) -> ToolCall:
    """Where REST says the same in another way."""
    arguments = dict(call.arguments)
    change = _SPECIAL.get(call.tool)
    if change is None:
        return call
    tool = change(arguments) or call.tool
    return msgspec.structs.replace(call, tool=tool, arguments=arguments)


def _create_ref(arguments: dict[str, Any]) -> str:
    ref = str(arguments.pop("ref", ""))
    if ref.startswith("refs/tags/"):
        arguments["tag"] = ref.removeprefix("refs/tags/")
        return "create_tag"
    arguments["branch"] = ref.removeprefix("refs/heads/")
    return "create_branch"


def _list_issues(arguments: dict[str, Any]) -> None:
    state = arguments.pop("state", "open")
    if state != "all":
        arguments["state"] = str(state).upper()
    orders = {"created": "CREATED_AT", "updated": "UPDATED_AT", "comments": "COMMENTS"}
    if arguments.get("sort") in orders:
        arguments["orderBy"] = orders[arguments.pop("sort")]
    if "direction" in arguments:
        arguments["direction"] = str(arguments["direction"]).upper()


def _search_issues(arguments: dict[str, Any]) -> str | None:
    return "search_pull_requests" if re.search(r"\b(?:is|type):pr\b", str(arguments.get("query"))) else None


def _write_file(arguments: dict[str, Any]) -> None:
    try:
        arguments["content"] = base64.b64decode(str(arguments.get("content", ""))).decode()
    except (binascii.Error, UnicodeDecodeError):
        arguments["content"] = str(arguments.get("content", ""))


def _inline_comment(arguments: dict[str, Any]) -> str | None:
    if "commentId" in arguments:
        return "add_reply_to_pull_request_comment"
    arguments["subjectType"] = str(arguments.get("subjectType", "line")).upper()
    return None


def _job_logs(arguments: dict[str, Any]) -> None:
    arguments["return_content"] = True


def _no_labels(arguments: dict[str, Any]) -> None:
    if arguments.get("labels") == "":
        arguments["labels"] = []


def _runs(arguments: dict[str, Any]) -> None:
    chosen = {
        name: arguments.pop(name) for name in ("branch", "event", "status", "actor") if name in arguments
    }
    if chosen:
        arguments["workflow_runs_filter"] = chosen


def _create_gist(arguments: dict[str, Any]) -> None:
    files = arguments.pop("files", None)
    if isinstance(files, Mapping) and files:
        name, file = next(iter(files.items()))
        arguments |= {"filename": name, "content": file.get("content") if isinstance(file, Mapping) else ""}


def _draft_state(arguments: dict[str, Any]) -> None:
    arguments["draft"] = arguments.get("draft") in (True, "true")


_SPECIAL: Final[dict[str, Any]] = {
    "update_pull_request_draft_state": _draft_state,
    "create_ref": _create_ref,
    "list_issues": _list_issues,
    "search_issues": _search_issues,
    "create_or_update_file": _write_file,
    "add_pull_request_review_comment": _inline_comment,
    "get_job_logs": _job_logs,
    "set_issue_labels": _no_labels,
    "actions_list": _runs,
    "create_gist": _create_gist,
}
