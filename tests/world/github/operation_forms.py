# ruff: noqa: E501 - tables of commands read better unbroken
"""Every form of every operation of GitHub, made from its row, sample values and sample commands of gh."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.github.operations.operation_table import OPERATIONS, Operation
from routine_harness.world.github.tools.tool_calls import arguments_of, call_of
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall

HEAD = "a" * 40
SAMPLES: dict[str, Any] = {
    "repository": "acme/core", "number": 1, "owner": "acme", "repo": "core", "organization": "acme",
    "title": "A title", "body": "A body", "description": "A description", "message": "A message",
    "labels": ["bug"], "assignees": ["alice"], "reviewers": ["alice"], "milestone": 1, "type": "Bug",
    "state": "closed", "state_reason": "not_planned", "draft": True, "base": "main", "head": "feature",
    "maintainer_can_modify": False, "event": "COMMENT", "content": "heart", "commit_id": HEAD,
    "path": "app/db.py", "line": 2, "side": "RIGHT", "subject_type": "LINE", "comment_id": 11, "review_id": 21,
    "thread": "PRRT_31", "merge_method": "squash", "commit_title": "A merge", "commit_message": "All of it",
    "branch": "feature", "sha": HEAD, "force": True, "new_name": "other", "new_owner": "bob", "from": "main",
    "tag": "v1", "tag_name": "v2", "prefix": "heads/", "name": "bug", "color": "ff0000", "lock_reason": "spam",
    "sub_issue_id": 102, "new_repository": "acme/other", "milestone_number": 1, "due_on": "2026-06-01T00:00:00Z",
    "ref": "main", "inputs": {}, "workflow_id": "ci.yml", "run_id": 501, "job_id": 601, "artifact_id": 701,
    "check_run_id": 4_000_000_001, "release_id": 801, "asset_id": 4_000_000_004, "prerelease": True, "context": "ci/build",
    "conclusion": "success", "head_sha": HEAD, "tree_sha": "main", "files": [{"path": "a", "content": "b"}],
    "login": "alice", "username": "bob", "org": "acme", "team_slug": "core", "team": "core", "private": True,
    "visibility": "private", "archived": True, "query": "repo:acme/core fails", "environment": "production",
    "ruleset_id": 3, "hook_id": 3, "part": "3", "after_id": 104, "enabled": False,
    "enforcement": "disabled", "email": "bob@example.org", "permission": "push", "role": "member",
    "event_type": "deploy", "fields": [], "confidence": "HIGH", "is_suggestion": False, "rationale": "It fits",
    "related_issue_number": 2, "filename": "a.py", "gist_id": "3", "commentNodeID": "DC_1", "discussionNumber": 3,
    "method": "add", "item_id": 3, "notificationID": "3", "action": "ignore", "installation_id": 1, "names": ["testing"], "team_id": 1, "basehead": "main...feature",
}  # fmt: skip
"""Name of an argument → a value that the world of ``contract_github`` can be asked with."""

_PENDING: dict[str, Any] = {"number": 43}
OWN: dict[str, dict[str, Any]] = {
    "pull": {"number": 42, "state": "closed"},
    "review": {"number": 42},
    "thread": {"number": 42, "comment_id": 31},
    "review_comment": {"number": 42, "comment_id": 31},
    "pull.create": {"base": "f44"},
    "pull.update": {"base": "f44", "labels": ["ci"]},
    "pull.to_draft": {"number": 43},
    "pull.update_branch": {"number": 43},
    "pull.merged": {"number": 47},
    "repository.protection": {"branch": "guarded"},
    "repository.unprotect": {"branch": "guarded"},
    "issue.events": {"number": 46},
    "pull.no_auto_merge": {"number": 43},
    "pull.remove_reviewers": {"reviewers": ["bob"]},
    "review.submit": {**_PENDING, "review_id": 22},
    "review.delete": {**_PENDING, "review_id": 22},
    "review.add_comment": _PENDING,
    "review.dismiss": {"message": "Not so"},
    "comment": {"number": 42},
    "issue.remove_sub_issue": {"number": 5, "sub_issue_id": 103},
    "issue.move_sub_issue": {"number": 5, "sub_issue_id": 103, "after_id": 104},
    "issue.parent": {"number": 3},
    "label.create": {"name": "fresh"},
    "branch.create": {"branch": "claude/x"},
    "file.put": {"content": "x = 2\n", "path": "new.txt"},
    "file.get": {"ref": "feature"},
    "tag.create": {"tag": "v9"},
    "run.cancel": {"run_id": 502},
    "check.create": {"name": "lint"},
    "repository.create": {"name": "fresh"},
    "repository.update": {"name": "core", "private": True, "archived": False},
    "repository.permission": {"login": "alice"},
    "release.create": {"name": "Second"},
    "release.update": {"tag_name": "v1", "name": "First"},
    "asset.upload": {"name": "a.zip"},
    "run.failed_jobs": {"run_id": 501},
    "asset.delete": {"name": "b.zip"},
    "status.create": {"state": "success"},
    "projects_write": {"method": "create_project"},
    "issue.sub_issues": {"number": 5},
    "search.pulls": {"query": "add repo:acme/core"},
    "search.repositories": {"query": "core"},
    "search.commits": {"query": "Initial"},
    "search.users": {"query": "alice"},
    "search.orgs": {"query": "acme"},
    "search.code": {"query": "x repo:acme/core"},
}
"""Operation, or its family → values of its own."""
_FACES_OWN: dict[str, dict[str, dict[str, Any]]] = {
    "mcp": {
        "run.failed_jobs": {"failed_only": True},
        "job.log": {"return_content": True},
    },
}
"""What one face alone is told, by operation: how its tool names the operation."""
NOT_SAMPLED = frozenset({
    "add_labels", "remove_labels", "add_assignees", "remove_assignees", "delete_branch", "start_line",
    "last", "create_if_none", "files[]",
})  # fmt: skip
"""Arguments that say what others say already, or that gh alone has: see ``GH``."""


class Form(NamedTuple):
    """One form of an operation: the face, how it is asked, and what of the sample it says."""

    face: str
    asked: Any
    given: dict[str, Any]
    operation: Operation

    @property
    def label(self) -> str:
        asked = self.asked if isinstance(self.asked, str) else self.asked[0]
        return f"{self.operation.name} {self.face} {asked}"[:110]


class Request(NamedTuple):
    """A REST request."""

    line: str
    method: str
    path: str
    query: dict[str, Any]
    body: Any


PREPARED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("issue.create", {"title": "With events", "assignees": ["routine-owner"]}),
    ("asset.upload", {"tag": "v1", "name": "b.zip"}),
    ("check.create", {"name": "lint", "head_sha": HEAD, "conclusion": "success"}),
    ("comment.create", {"number": 42, "body": "Mine"}),
    ("branch.create", {"branch": "guarded"}),
    ("repository.protect", {"branch": "guarded"}),
    ("branch.create", {"branch": "side"}),
    ("pull.create", {"title": "Merged", "head": "feature", "base": "side"}),
    ("pull.merge", {"number": 47}),
    ("repository.create", {"name": "other", "organization": "acme"}),
)
"""Operations that make what the world of ``contract_github`` lacks."""


def prepared(world: World) -> World:
    """``world`` with a record for every operation."""
    for name, given in PREPARED:
        run = OPERATIONS[name].run
        assert run is not None
        world = run(world, {"repository": "acme/core", **given}).world
    return world


def sample(operation: Operation) -> dict[str, Any]:
    """Arguments of ``operation``: all that its routes and tools need and that its effects tell.

    Raises:
        KeyError: the table of samples lacks one of them.
    """
    names = wanted(operation)
    values = {**SAMPLES, **OWN.get(operation.name.partition(".")[0], {}), **OWN.get(operation.name, {})}
    missing = sorted(name for name in names if name not in values)
    if missing:
        raise KeyError(f"{operation.name}: no sample of {', '.join(missing)}")
    return {name: values[name] for name in names}


def wanted(operation: Operation) -> list[str]:
    found = ["repository"] if "~" in operation.rest or "{owner}/{repo}" in operation.rest else []
    for tool in operation.tools[:1]:
        found += _required(tool)
    first = operation.rest.partition("; ")[0]
    found += [name for name in _placeholders(first) if name not in ("owner", "repo")]
    found += [*operation.needs.split(), *OWN.get(operation.name, {})]
    can = set().union(*(_known(tool) for tool in operation.tools)) if operation.tools else None
    for rule in operation.effects:
        for source in (*rule["fields"].values(), *rule.get("when", {})):
            name = source.partition("|")[0]
            if (
                "{" not in name
                and name.partition("[]")[0] not in NOT_SAMPLED
                and (can is None or name in can or name in found)
            ):
                found.append(name.partition("[]")[0])
    return list(dict.fromkeys(found))


def _step_call(operation: Operation, tool: str, given: dict[str, Any]) -> Any:
    return call_of((msgspec.structs.replace(operation, tools=(tool,)), given), "")


def _schema(tool: str) -> dict[str, Any]:
    known = CONNECTOR.tools.get(tool.partition(":")[0])
    return {} if known is None else known.input_schema


def _known(tool: str) -> set[str]:
    """Arguments that a tool takes, by the names of operations."""
    properties = _schema(tool).get("properties", {})
    return {_ours(name, tool) for name in properties}


def _required(tool: str) -> list[str]:
    names = _schema(tool).get("required", [])
    found = ["repository"] if "owner" in names and "repo" in names else []
    return found + [
        _ours(name, tool)
        for name in names
        if name not in ("method", "resource_id") and not (found and name in ("owner", "repo"))
    ]


def _ours(name: str, tool: str) -> str:
    return next(iter(arguments_of(ToolCall("github", tool.partition(":")[0], {name: None}))), name)


def _placeholders(route: str) -> list[str]:
    return [name.rstrip("+").removesuffix(":n") for name in re.findall(r"\{([\w:+]+)\}", route)]


def forms(operation: Operation) -> Iterator[Form]:
    """All forms of ``operation``."""
    given = sample(operation)
    for tool in operation.tools:
        yield from _tool_form(operation, tool, given)
    for route in filter(None, operation.rest.split("; ")):
        request, said = rest_request(operation, route, given)
        for face in ("curl", "gh api", "rest (live)", "gh api (live)"):
            yield Form(face, request, said, operation)
    for command in GH.get(operation.name, ()):
        line, said = gh_line(operation, command)
        for face in ("gh", "gh (live)"):
            yield Form(face, line, said, operation)


def _tool_form(operation: Operation, tool: str, given: dict[str, Any]) -> Iterator[Form]:
    schema = _schema(tool)
    if not schema.get("properties") or not CONNECTOR.tools[tool.partition(":")[0]].offered:
        return
    can = _known(tool) | {"repository", "workflow_id", "run_id", "job_id", "artifact_id"}
    said = {name: value for name, value in given.items() if name in can}
    call = _step_call(operation, tool, {**said, **_FACES_OWN["mcp"].get(operation.name, {})})
    arguments = {
        name: _fit(value, schema["properties"].get(name, {})) for name, value in call.arguments.items()
    }
    yield Form("mcp", (tool, call.tool, arguments), said, operation)


def _fit(value: Any, schema: dict[str, Any]) -> Any:
    return str(value) if schema.get("type") == "string" and isinstance(value, int) else value


def rest_request(operation: Operation, route: str, given: dict[str, Any]) -> tuple[Request, dict[str, Any]]:
    """The request of a route, and what of the sample it says."""
    method, _, place = route.partition(" ")
    place, _, _ = place.partition("#")
    place, _, fixed = place.partition("?")
    values = {
        **SAMPLES,
        **OWN.get(operation.name.partition(".")[0], {}),
        **OWN.get(operation.name, {}),
        **given,
    }
    said = dict(given)
    path = place.replace("~", f"/repos/{given.get('repository', '')}")
    for found in re.findall(r"\{([\w:+]+)\}", path):
        name = found.rstrip("+").removesuffix(":n")
        path = path.replace(f"{{{found}}}", quote(str(values[name]), safe="/" if found.endswith("+") else ""))
        if name not in ("owner", "repo") or not route.partition(" ")[2].count("{owner}/{repo}"):
            said[name] = values[name]
    if "~" not in place and "{owner}/{repo}" not in place:
        said.pop("repository", None)
    rest = {
        name: value
        for name, value in said.items()
        if name != "repository" and name not in _placeholders(place)
    }
    rest = _spelt(operation, method, rest)
    query, body = (rest, None) if method == "GET" else ({}, rest or None)
    if fixed:
        said |= dict([fixed.split("=")])
    address = path + (f"?{urlencode(query)}" if query else "")
    return Request(f"{method} {address}", method, path, query, body), said


def _spelt(operation: Operation, method: str, rest: dict[str, Any]) -> dict[str, Any]:
    """What REST spells otherwise."""
    if operation.name in ("branch.create", "tag.create"):
        name = "branch" if operation.name == "branch.create" else "tag"
        kind = "heads" if name == "branch" else "tags"
        return {"ref": f"refs/{kind}/{rest[name]}", **{k: v for k, v in rest.items() if k != name}}
    if operation.name == "file.put":
        return {**rest, "content": base64.b64encode(rest["content"].encode()).decode()}
    if operation.name.startswith("search."):
        return {"q" if name == "query" else name: value for name, value in rest.items()}
    return rest


def curl(request: Request) -> str:
    address = f"https://api.github.com{request.line.partition(' ')[2]}"
    data = "" if request.body is None else f" -d {shlex.quote(json.dumps(request.body))}"
    return f"curl -sS --fail-with-body -X {request.method} {shlex.quote(address)}{data}"


def gh_api(request: Request) -> tuple[list[str], str | None]:
    """Arguments of ``gh api``, and its input."""
    words = ["api", "-X", request.method, request.line.partition(" ")[2].lstrip("/")]
    return (words, None) if request.body is None else ([*words, "--input", "-"], json.dumps(request.body))


# --- gh

_R = "-R {repository}"
GH: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "pull.get": (
        ("pr view {number} " + _R, {}),
        ("pr view {number} " + _R + " --json number,title", {}),
        ("pr checkout {number} " + _R, {}),
    ),
    "pull.diff": (("pr diff {number} " + _R, {}),),
    "pull.checks": (("pr checks {number} " + _R, {}),),
    "pull.list": (("pr list " + _R, {}),),
    "pull.create": (
        (
            "pr create --title {title} --body {body} --base {base} --head {head} --draft --reviewer {reviewers} --no-maintainer-edit "
            + _R,
            {},
        ),
        (
            "pr create -t {title} -b {body} -B {base} -H {head} -l {labels} -a {assignees} " + _R,
            {"known_labels": True},
        ),
    ),
    "pull.update": (
        ("pr edit {number} --title {title} --body {body} " + _R, {}),
        (
            "pr edit {number} --add-label ci --remove-label bug --add-reviewer {reviewers} " + _R,
            {"add_labels": ["ci"], "remove_labels": ["bug"], "known_labels": True},
        ),
        (
            "pr edit {number} --add-assignee alice --milestone May " + _R,
            {"add_assignees": ["alice"], "milestone": "May"},
        ),
        ("pr close {number} " + _R, {"state": "closed"}),
        ("pr close {number} --delete-branch " + _R, {"state": "closed", "delete_branch": True}),
        ("pr reopen {number} " + _R, {"state": "open"}),
    ),
    "pull.remove_reviewers": (),
    "pull.ready": (("pr ready {number} " + _R, {}),),
    "pull.to_draft": (("pr ready {number} --undo " + _R, {}),),
    "pull.merge": (
        (
            "pr merge {number} --squash --subject {commit_title} --body {commit_message} " + _R,
            {"merge_method": "squash"},
        ),
        (
            "pr merge {number} --merge --match-head-commit " + HEAD + " --delete-branch " + _R,
            {"merge_method": "merge", "sha": HEAD, "delete_branch": True},
        ),
    ),
    "pull.auto_merge": (("pr merge {number} --auto --squash " + _R, {"merge_method": "squash"}),),
    "pull.no_auto_merge": (("pr merge {number} --disable-auto " + _R, {}),),
    "pull.update_branch": (("pr update-branch {number} " + _R, {}),),
    "review.create": (
        ("pr review {number} --comment --body {body} " + _R, {"event": "COMMENT"}),
        ("pr review {number} --approve " + _R, {"event": "APPROVE"}),
        ("pr review {number} --request-changes -b {body} " + _R, {"event": "REQUEST_CHANGES"}),
    ),
    "issue.get": (("issue view {number} " + _R, {}),),
    "issue.list": (("issue list " + _R, {}),),
    "issue.create": (
        (
            "issue create --title {title} --body {body} --label {labels} --assignee {assignees} --milestone May "
            + _R,
            {"milestone": "May", "known_labels": True},
        ),
    ),
    "issue.update": (
        (
            "issue edit {number} --title {title} --body {body} --add-assignee bob --remove-label bug " + _R,
            {"add_assignees": ["bob"], "remove_labels": ["bug"]},
        ),
        (
            "issue edit {number} --add-label ci --milestone May " + _R,
            {"add_labels": ["ci"], "milestone": "May", "known_labels": True},
        ),
        (
            "issue close {number} --reason 'not planned' " + _R,
            {"state": "closed", "state_reason": "not_planned"},
        ),
        ("issue reopen {number} " + _R, {"state": "open"}),
    ),
    "issue.lock": (
        ("issue lock {number} --reason {lock_reason} " + _R, {}),
        ("pr lock 42 " + _R, {"number": 42}),
    ),
    "issue.unlock": (("issue unlock {number} " + _R, {}), ("pr unlock 42 " + _R, {"number": 42})),
    "issue.pin": (("issue pin {number} " + _R, {}),),
    "issue.unpin": (("issue unpin {number} " + _R, {}),),
    "issue.delete": (("issue delete {number} --yes " + _R, {}),),
    "issue.transfer": (("issue transfer {number} {new_repository} " + _R, {}),),
    "comment.create": (
        ("issue comment 1 --body {body} " + _R, {"number": 1}),
        ("pr comment {number} --body {body} " + _R, {}),
    ),
    "comment.update": (
        (
            "issue comment {number} --edit-last --create-if-none --body {body} " + _R,
            {"last": True, "create_if_none": True},
        ),
        (
            "pr comment {number} --edit-last --create-if-none --body {body} " + _R,
            {"last": True, "create_if_none": True},
        ),
    ),
    "comment.delete": (("pr comment {number} --delete-last --yes " + _R, {"last": True}),),
    "label.list": (("label list " + _R, {}),),
    "label.create": (("label create {name} --color {color} --description {description} " + _R, {}),),
    "label.update": (("label edit {name} --name {new_name} --color {color} " + _R, {}),),
    "label.delete": (("label delete {name} --yes " + _R, {}),),
    "branch.create": (("issue develop 1 --name {branch} --base {from} " + _R, {}),),
    "release.list": (("release list " + _R, {}),),
    "release.latest": (("release view " + _R, {}),),
    "release.by_tag": (
        ("release view {tag} " + _R, {}),
        ("release download {tag} " + _R, {}),
        ("release verify {tag} " + _R, {}),
    ),
    "release.create": (
        (
            "release create {tag_name} --title {name} --notes {body} --prerelease --draft " + _R,
            {"draft": True, "prerelease": True},
        ),
    ),
    "release.update": (("release edit v1 --title {name} --notes {body} " + _R, {"tag": "v1"}),),
    "release.delete": (("release delete v1 --yes " + _R, {"tag": "v1"}),),
    "asset.upload": (("release upload v1 {name} " + _R, {"tag": "v1"}),),
    "asset.delete": (("release delete-asset v1 {name} --yes " + _R, {"tag": "v1"}),),
    "run.list": (("run list " + _R, {}), ("run list --status failure " + _R, {"status": "failure"})),
    "run.get": (("run view {run_id} " + _R, {}), ("run watch {run_id} " + _R, {})),
    "job.get": (("run view --job {job_id} " + _R, {}),),
    "run.artifacts": (("run download {run_id} " + _R, {}),),
    "job.rerun": (("run rerun --job {job_id} " + _R, {}),),
    "run.rerun": (("run rerun {run_id} " + _R, {}),),
    "run.rerun_failed": (("run rerun {run_id} --failed " + _R, {}),),
    "run.cancel": (("run cancel {run_id} " + _R, {}),),
    "run.delete": (("run delete {run_id} " + _R, {}),),
    "workflow.list": (("workflow list " + _R, {}),),
    "workflow.get": (("workflow view {workflow_id} " + _R, {}),),
    "workflow.start": (("workflow run {workflow_id} --ref {ref} " + _R, {}),),
    "workflow.enable": (("workflow enable {workflow_id} " + _R, {}),),
    "workflow.disable": (("workflow disable {workflow_id} " + _R, {}),),
    "repository.get": (("repo view {repository}", {}), ("repo clone {repository}", {})),
    "repository.list": (("repo list acme", {"owner": "acme"}),),
    "repository.create": (("repo create {name} --private --description {description}", {"private": True}),),
    "repository.update": (
        (
            "repo edit {repository} --description {description} --visibility private",
            {"visibility": "private"},
        ),
        ("repo archive {repository} --yes", {"archived": True}),
        ("repo unarchive {repository} --yes", {"archived": False}),
        ("repo rename renamed " + _R, {"name": "renamed"}),
    ),
    "repository.delete": (("repo delete {repository} --yes", {}),),
    "repository.fork": (("repo fork {repository}", {}),),
    "search.issues": (
        ("search issues fails --repo acme/core", {"query": "fails repo:acme/core"}),
        ("pr status " + _R, {"query": "is:pr is:open author:@me repo:acme/core"}),
        ("issue status " + _R, {"query": "is:issue is:open author:@me repo:acme/core"}),
    ),
    "search.pulls": (("search prs add --repo acme/core", {"query": "add repo:acme/core"}),),
    "search.code": (("search code x --repo acme/core", {"query": "x repo:acme/core"}),),
    "search.repositories": (("search repos core", {"query": "core"}),),
    "search.commits": (("search commits Initial", {"query": "Initial"}),),
    "set_secret": (("secret set {name} --body x " + _R, {}),),
    "delete_secret": (("secret delete {name} " + _R, {}),),
    "set_variable": (("variable set {name} --body x " + _R, {}),),
    "delete_variable": (("variable delete {name} " + _R, {}),),
    "add_key": (
        ("repo deploy-key add key.pub --title {title} " + _R, {}),
        ("ssh-key add key.pub --title {title}", {}),
        ("gpg-key add key.pub --title {title}", {}),
    ),
    "delete_key": (("ssh-key delete 3 --yes", {"title": "3"}), ("gpg-key delete 3 --yes", {"title": "3"})),
    "delete_cache": (("cache delete 3", {"name": "3"}),),
    "codespace_create": (("codespace create " + _R, {"name": "acme/core"}),),
    "codespace_delete": (("codespace delete --codespace x", {"name": "x"}),),
    "create_gist": (("gist create a.py", {"path": "a.py"}),),
    "update_gist": (
        ("gist edit 3 --desc {description}", {"gist_id": "3"}),
        ("gist rename 3 a.py b.py", {"gist_id": "3"}),
    ),
    "delete_gist": (("gist delete 3", {"gist_id": "3"}),),
    "project_create": (("project create --owner acme --title {title}", {}),),
    "project_update": (
        ("project edit 3 --title {title}", {"name": "3"}),
        ("project close 3", {"name": "3"}),
        ("project item-add 3 --url https://github.com/acme/core/issues/1", {"name": "3"}),
        ("project item-create 3 --title {title} --body {body}", {"name": "3"}),
        ("project item-edit --id x --title {title}", {}),
        ("project item-delete 3 --id x", {"name": "3"}),
        ("project item-archive 3 --id x", {"name": "3"}),
        ("project field-create 3 --name x --data-type TEXT", {"name": "3"}),
    ),
    "project_delete": (("project delete 3", {"name": "3"}),),
    "sync_fork": (("repo sync {repository}", {}),),
}
"""Operation → commands of gh that come to it, and what they say besides the values that stand in them."""


def gh_line(operation: Operation, command: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    line, more = command
    values = {**SAMPLES, **OWN.get(operation.name.partition(".")[0], {}), **OWN.get(operation.name, {})}
    said = {name: values[name] for name in re.findall(r"\{(\w+)\}", line)}
    if "--draft" in line and "--repo" not in line:
        more = {"draft": True, **more}
    if "--no-maintainer-edit" in line:
        more = {"maintainer_can_modify": False, **more}
    for name, value in said.items():
        text = ",".join(value) if isinstance(value, list) else str(value)
        line = line.replace(f"{{{name}}}", shlex.quote(text))
    return line, {**said, **more}


def all_forms() -> list[Form]:
    return [form for operation in OPERATIONS.values() for form in forms(operation)]


WITHOUT_OPERATION = frozenset({
    "api", "auth status", "cache list", "gist list", "gist view", "label clone", "pr revert", "repo autolink",
    "repo set-default", "ruleset check", "ruleset list", "ruleset view", "secret list", "variable get",
    "variable list",
})  # fmt: skip
"""Commands of gh that come to no operation: they stay on the machine, or are refused as not known."""
OTHER_ANSWERS = frozenset({
    ("pull.commits", "mcp"), ("issue.parent", "mcp"), ("tag.get", "mcp"), ("run.failed_jobs", "mcp"),
    ("run.artifact", "mcp"), ("team.members", "mcp"), ("search.code", "mcp"), ("search.issues", "curl"),
    ("issue.reactions", "curl"), ("repository.rulesets", "curl"), ("repository.list", "curl"),
})  # fmt: skip
"""Operation and face whose answer is no record: a text, a reference to one, or a list that is empty here."""
