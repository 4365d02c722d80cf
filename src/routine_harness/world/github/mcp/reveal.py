"""What GitHub's MCP answers say about its world: read as the REST answers whose shape they have.

What the server leaves out of them (ids of inline comments, files behind a folder's names) stays
unknown, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.world.github.records.rest_records import Row, records_from_rest

_AT: Final = "/repos/{owner}/{repo}"
_ADDRESSES: Final = {
    "list_issues": f"{_AT}/issues",
    "list_pull_requests": f"{_AT}/pulls",
    "list_commits": f"{_AT}/commits",
    "list_branches": f"{_AT}/branches",
    "list_releases": f"{_AT}/releases",
    "list_tags": f"{_AT}/tags",
    "get_commit": f"{_AT}/commits/{{sha}}",
    "get_label": f"{_AT}/labels/{{name}}",
    "list_label": f"{_AT}/labels",
    "get_latest_release": f"{_AT}/releases/latest",
    "get_release_by_tag": f"{_AT}/releases/tags/{{tag}}",
    "issue_read:get": f"{_AT}/issues/{{issue_number}}",
    "issue_read:get_comments": f"{_AT}/issues/{{issue_number}}/comments",
    "issue_read:get_labels": f"{_AT}/labels",
    "pull_request_read:get": f"{_AT}/pulls/{{pullNumber}}",
    "pull_request_read:get_diff": f"{_AT}/pulls/{{pullNumber}}",
    "pull_request_read:get_files": f"{_AT}/pulls/{{pullNumber}}/files",
    "pull_request_read:get_commits": f"{_AT}/pulls/{{pullNumber}}/commits",
    "pull_request_read:get_reviews": f"{_AT}/pulls/{{pullNumber}}/reviews",
    "pull_request_read:get_comments": f"{_AT}/issues/{{pullNumber}}/comments",
    "pull_request_read:get_status": f"{_AT}/commits/HEAD/status",
    "actions_list:list_workflow_runs": f"{_AT}/actions/runs",
    "actions_list:list_workflows": f"{_AT}/actions/workflows",
    "actions_list:list_workflow_jobs": f"{_AT}/actions/runs/{{resource_id}}/jobs",
    "actions_get:get_workflow_run": f"{_AT}/actions/runs/{{resource_id}}",
    "actions_get:get_workflow_job": f"{_AT}/actions/jobs/{{resource_id}}",
    "search_repositories": "/user/repos",
    "search_issues": "/search/issues",
}
"""A tool, with its method where it has several → the REST address whose answer has the same shape."""

_FILE: Final = lazy_pattern(r"successfully downloaded (?:text|empty) file \(SHA: \w+\)\n?(.*)\Z", re.DOTALL)
_RESOURCE: Final = lazy_pattern(r"\[Resource from \S+ at repo://[^\]]*\] ?")


def _answer(tool: str, arguments: Record, text: str) -> list[Row]:
    """The records in an answer that has the shape of one of REST's."""
    address = _ADDRESSES.get(tool)
    if address is None:
        return []
    try:
        path = address.format(**arguments)
    except (KeyError, IndexError):
        return []
    try:
        value: Json = msgspec.json.decode(text)
    except NOT_JSON:
        value = text  # a diff
    return records_from_rest("GET", path, 200, _plain(value))


_LISTS: Final = ("issues", "pull_requests", "labels", "items", "releases", "branches", "tags", "commits")


def _plain(value: Json) -> Json:
    """``value`` as REST has it: a bare list, and each record's own spelling of state and author."""
    if isinstance(value, dict):
        listed = next((value[name] for name in _LISTS if isinstance(value.get(name), list)), None)
        if listed is not None and not {"number", "sha", "full_name", "tag_name"} & value.keys():
            value = listed
    records = value if isinstance(value, list) else [value]
    for record in records:
        if isinstance(record, dict):
            _respell(record)
    return value


def _respell(record: Record) -> None:
    if record.get("state") in ("OPEN", "CLOSED"):
        record["state"] = record["state"].lower()
    author = record.get("author")
    if "sha" in record and isinstance(author, dict) and "login" not in author:
        # A commit of a pull request: its author as git has it, where REST has a user.
        record["commit"] = {"message": record.pop("message", ""), "author": record.pop("author")}


def _me(arguments: Record, text: str) -> list[Row]:
    del arguments
    try:
        value = msgspec.json.decode(text)
    except NOT_JSON:
        return []
    if not isinstance(value, dict) or not isinstance(value.get("login"), str):
        return []
    details = value.get("details")
    named = details.get("name") if isinstance(details, dict) else None
    user = {name: value[name] for name in ("login", "id") if name in value}
    return [("github.me", {**user, **({"name": named} if named else {})})]


def _file(arguments: Record, text: str) -> list[Row]:
    """The file that an answer holds; of a folder's names nothing is told apart from its files."""
    found, path = _FILE.match(text), str(arguments.get("path") or "").strip("/")
    if found is None or not path or not {"owner", "repo"} <= arguments.keys():
        return []
    ref = arguments.get("sha") or str(arguments.get("ref") or "").removeprefix("refs/heads/")
    row = {
        "repository": f"{arguments['owner']}/{arguments['repo']}",
        "ref": ref,
        "path": path,
        "content": _RESOURCE.sub("", found[1], count=1),
    }
    return [("github.files", row)]


_OTHERS: Final = {"get_me": _me, "get_file_contents": _file}


def _revealing(tool: str) -> Callable[[Record, str], list[Row]]:
    def reveal(arguments: Record, text: str) -> list[Row]:
        if tool in _OTHERS:
            rows = _OTHERS[tool](arguments, text)
        else:
            method = arguments.get("method")
            rows = _answer(f"{tool}:{method}" if method else tool, arguments, text)
        return [(name.partition(".")[2], record) for name, record in rows]

    return reveal


REVEALS: Final = {
    tool: _revealing(tool) for tool in (*_OTHERS, *dict.fromkeys(key.partition(":")[0] for key in _ADDRESSES))
}
"""A reading tool → what its answer says, see ``world.revealed``."""
