"""Recorded answers of GitHub's REST API → records for the world's tables."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from urllib.parse import parse_qs, unquote

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.routine.network import split_url
from routine_harness.world.github.records.patches import split_diff
from routine_harness.world.github.records.tables import as_number

Row = tuple[str, Record]
"""A record and the full name of its table."""


def records_from_rest(method: str, url: str, status: int, response: Json) -> list[Row]:
    """What the answer to a request says of the world: table (``github.pulls``) and record.

    Reads, and writes whose answer is the record they made. Empty for errors, for addresses that
    say nothing of a repository, and for bodies that are not what the address promises. A diff is
    given as text. A file that was not found is a record without content.
    """
    parts = split_url(url)
    path = unquote(parts.path).removeprefix("/api/v3").rstrip("/")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    absent = _ABSENT.match(path) if method.upper() == "GET" and status == 404 else None
    if absent is not None:
        row = {"repository": absent["repository"], "ref": query.get("ref", ""), "path": absent["path"]}
        return [("github.files", {**row, "content": None})]
    if not 200 <= status < 300 or method.upper() == "DELETE":
        return []
    for pattern, read in _READERS:
        match = pattern.match(path)
        if match is not None:
            where = match.groupdict()
            return [(f"github.{table}", row) for table, row in read(where, response, query)]
    return []


Found = Iterable[tuple[str, Record]]
Where = Mapping[str, str]
Read = Callable[[Where, Json, Mapping[str, str]], Found]


def _objects(response: Json, field: str = "") -> list[Record]:
    """The records of an answer: a list, a list under ``field``, or one object."""
    if isinstance(response, dict) and field and isinstance(response.get(field), list):
        response = response[field]
    listed = response if isinstance(response, list) else [response]
    return [one for one in listed if isinstance(one, dict)]


def _plain(table: str, key: str = "", field: str = "") -> Read:
    """A reader whose objects are the records of ``table``, if they have ``key``."""

    def read(where: Where, response: Json, _: Mapping[str, str]) -> Found:
        for one in _objects(response, field):
            if not key or key in one:
                yield table, {**one, "repository": where["repository"], **_numbered(where)}

    return read


def _numbered(where: Where) -> Record:
    return {"number": int(where["number"])} if where.get("number") else {}


def _repositories(where: Where, response: Json, query: Mapping[str, str]) -> Found:
    return _repository(where, _objects(response, "repositories"), query)


def _repository(_: Where, response: Json, __: Mapping[str, str]) -> Found:
    for one in _objects(response):
        if isinstance(one.get("full_name"), str):
            yield "repositories", one


def _person(_: Where, response: Json, __: Mapping[str, str]) -> Found:
    if isinstance(response, dict) and isinstance(response.get("login"), str):
        yield "users", response


def _me(where: Where, response: Json, query: Mapping[str, str]) -> Found:
    for _, row in _person(where, response, query):
        yield "me", row
        yield "users", row


def _organization(where: Where, response: Json, query: Mapping[str, str]) -> Found:
    for table, row in _person(where, response, query):
        yield table, {**row, "type": "Organization"}


def _installation(_: Where, response: Json, __: Mapping[str, str]) -> Found:
    for one in _objects(response, "installations"):
        account = one.get("account")
        if "id" in one and isinstance(account, dict) and isinstance(account.get("login"), str):
            yield "users", account
            yield "installations", {**one, "account": account["login"]}


def _assigned(_: Where, response: Json, __: Mapping[str, str]) -> Found:
    """Issues of several repositories, each of which names its own."""
    for one in _objects(response, "items"):
        repository = "/".join(str(one.get("repository_url", "")).split("/")[-2:])
        if "number" in one and "/" in repository:
            yield "issues", {**one, "repository": repository}


def _pull(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    if isinstance(response, str):
        if response.startswith("diff --git"):
            yield "pulls", {"repository": where["repository"], "diff": response, **_numbered(where)}
            for file in split_diff(response):
                yield "pull_files", {"repository": where["repository"], **_numbered(where), **file}
        return
    for one in _objects(response):
        if "number" in one:
            yield "pulls", {**one, "repository": where["repository"]}


def _issue(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    for one in _objects(response):
        if "number" in one and "title" in one:
            yield "issues", {**one, "repository": where["repository"]}


def _comment(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    for one in _objects(response):
        number = where.get("number") or str(one.get("issue_url", "")).rpartition("/")[2]
        if "id" in one and (on := as_number(number)) is not None:
            yield "comments", {**one, "repository": where["repository"], "number": on}


def _review_comment(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    for one in _objects(response):
        number = where.get("number") or str(one.get("pull_request_url", "")).rpartition("/")[2]
        if "id" in one and (on := as_number(number)) is not None:
            yield "review_comments", {**one, "repository": where["repository"], "number": on}


def _item_labels(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    labels = [one for one in _objects(response) if isinstance(one.get("name"), str)]
    for one in labels:
        yield "labels", {**one, "repository": where["repository"]}


def _requested(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    if isinstance(response, dict) and isinstance(response.get("users"), list):
        yield (
            "pulls",
            {"repository": where["repository"], **_numbered(where), "requested_reviewers": response["users"]},
        )


def _content(where: Where, response: Json, query: Mapping[str, str]) -> Found:
    """A file of a branch, or a folder with the names in it."""
    if isinstance(response, list):
        place = f"{str(where.get('path') or '').strip('/')}/"
        entries = [{name: one.get(name) for name in _ENTRY} for one in _objects(response)]
        row = {"repository": where["repository"], "ref": query.get("ref", ""), "path": place}
        yield "files", {**row, "content": {"entries": entries}}
    if isinstance(response, dict) and isinstance(response.get("commit"), dict):
        yield from _written(where, response)
        return
    for one in _objects(response):
        content: Json = {"sha": one.get("sha"), "size": one.get("size")}
        if one.get("encoding") == "base64" and isinstance(one.get("content"), str):
            content = _decoded(one["content"])
        if isinstance(one.get("path"), str) and one.get("type") in (None, "file"):
            ref = query.get("ref", "")
            yield (
                "files",
                {"repository": where["repository"], "ref": ref, "path": one["path"], "content": content},
            )


def _written(where: Where, response: Record) -> Found:
    """The commit that has changed a file, and the branch that is at it now."""
    commit, file = response["commit"], response.get("content")
    link = str(file.get("url", "")) if isinstance(file, dict) else ""
    parents = [one.get("sha") for one in commit.get("parents") or () if isinstance(one, dict)]
    kept = {"sha": commit.get("sha"), "message": commit.get("message"), "parents": parents}
    branch = parse_qs(split_url(link).query).get("ref")
    if kept["sha"]:
        yield "commits", {"repository": where["repository"], **kept}
    if kept["sha"] and branch:
        yield "branches", {"repository": where["repository"], "name": branch[0], "sha": kept["sha"]}


_ENTRY: Final = ("type", "size", "name", "path", "sha")


def _decoded(text: str) -> Json:
    try:
        data = base64.b64decode(text)
        return data.decode()
    except binascii.Error:
        return {"sha": None}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _ref(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    for one in _objects(response):
        ref, target = str(one.get("ref", "")), one.get("object")
        if isinstance(target, dict) and ref.startswith(("refs/heads/", "refs/tags/")):
            table = "branches" if ref.startswith("refs/heads/") else "tags"
            row = {"repository": where["repository"], "name": ref.split("/", 2)[2], "sha": target.get("sha")}
            yield table, row


def _assets(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    """The assets of a release that another recording shows."""
    if isinstance(response, list):
        yield "releases", {"repository": where["repository"], "id": int(where["id"]), "assets": response}


def _status(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    """The combined status of a commit, or the list of its statuses, newest first."""
    sha = response.get("sha", where["sha"]) if isinstance(response, dict) else where["sha"]
    for one in reversed(_objects(response, "statuses")):
        if "context" in one:
            yield "statuses", {**one, "repository": where["repository"], "sha": sha}


def _permission(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    if isinstance(response, dict) and isinstance(response.get("permission"), str):
        row = {
            "repository": where["repository"],
            "login": where["login"],
            "role_name": response["permission"],
        }
        yield "collaborators", row


def _jobs(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    for one in _objects(response, "jobs"):
        if "id" in one:
            run = one.get("run_id") or int(where.get("run") or 0)
            yield "jobs", {**one, "repository": where["repository"], "run_id": run}


def _log(where: Where, response: Json, _: Mapping[str, str]) -> Found:
    if isinstance(response, str):
        yield "jobs", {"repository": where["repository"], "id": int(where["job"]), "logs": response}


_AT: Final = r"/repos/(?P<repository>[^/]+/[^/]+)"
_PULL: Final = _AT + r"/pulls/(?P<number>\d{1,18})"
_ISSUE: Final = _AT + r"/issues/(?P<number>\d{1,18})"
_RUNS: Final = _AT + r"/actions"


_ABSENT: Final = lazy_pattern(_AT + r"/contents/(?P<path>.+)\Z")


def _reader(pattern: str, read: Read) -> tuple[re.Pattern[str], Read]:
    return lazy_pattern(pattern + r"\Z"), read


_READERS: Final = (
    _reader(_AT, _repository),
    _reader(r"/repositories/\d+", _repository),
    _reader(r"/(?:orgs|users)/[^/]+/repos|/user/repos", _repository),
    _reader("/installation/repositories", _repositories),
    _reader("/user", _me),
    _reader("/users/[^/]+", _person),
    _reader("/orgs/[^/]+", _organization),
    _reader(r"/(?:users|orgs)/[^/]+/installation|/app/installations(?:/\d+)?", _installation),
    _reader(_AT + "/installation", _installation),
    _reader(r"(?:/orgs/[^/]+|/user)?/issues", _assigned),
    _reader(_AT + "/pulls", _pull),
    _reader(_PULL, _pull),
    _reader(_PULL + "/files", _plain("pull_files", "filename")),
    _reader(_PULL + "/commits", _plain("pull_commits", "sha")),
    _reader(_PULL + "/reviews(?:/[0-9]+)?", _plain("reviews", "state")),
    _reader(_PULL + "/requested_reviewers", _requested),
    _reader(_PULL + "/comments", _review_comment),
    _reader(_AT + r"/pulls/comments(?:/\d+)?", _review_comment),
    _reader(_AT + "/issues", _issue),
    _reader(_ISSUE, _issue),
    _reader(_ISSUE + "/comments", _comment),
    _reader(_AT + r"/issues/comments(?:/\d+)?", _comment),
    _reader(_ISSUE + "/labels", _item_labels),
    _reader(_AT + "/labels(?:/.+)?", _item_labels),
    _reader(_AT + r"/milestones(?:/\d+)?", _plain("milestones", "number")),
    _reader(_AT + "/contents(?:/(?P<path>.*))?", _content),
    _reader(_AT + "/git/(?:refs?|matching-refs)(?:/.+)?", _ref),
    _reader(_AT + "/branches(?:/[^/]+)?", _plain("branches", "name")),
    _reader(_AT + "/commits/(?P<sha>[^/]+)/status(?:es)?", _status),
    _reader(_AT + "/statuses/(?P<sha>[^/]+)", _status),
    _reader(_AT + "/commits/[^/]+/check-runs", _plain("checks", "id", "check_runs")),
    _reader(_AT + "/check-runs(?:/[0-9]+)?", _plain("checks", "head_sha")),
    _reader(_AT + "/commits(?:/[^/]+)?", _plain("commits", "sha")),
    _reader(_AT + "/tags", _plain("tags", "name")),
    _reader(_AT + r"/releases/(?P<id>\d{1,18})/assets", _assets),
    _reader(_AT + "/releases(?:/.+)?", _plain("releases", "tag_name")),
    _reader(_AT + "/collaborators/(?P<login>[^/]+)/permission", _permission),
    _reader(_AT + "/collaborators", _plain("collaborators", "login")),
    _reader(_AT + r"/rulesets(?:/\d+)?", _plain("rulesets", "id")),
    _reader(_RUNS + "/workflows(?:/[^/]+)?", _plain("workflows", "path", "workflows")),
    _reader(
        _RUNS + "(?:/workflows/[^/]+)?/runs(?:/[0-9]+)?",
        _plain("workflow_runs", "run_number", "workflow_runs"),
    ),
    _reader(_RUNS + r"/runs/(?P<run>\d{1,18})/jobs", _jobs),
    _reader(_RUNS + r"/jobs/(?P<job>\d{1,18})", _jobs),
    _reader(_RUNS + r"/jobs/(?P<job>\d{1,18})/logs", _log),
    _reader("/search/issues", _assigned),
)
