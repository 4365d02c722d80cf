"""One request for each REST route of GitHub's table, that succeeds in a sample world."""

from __future__ import annotations

import base64
import re
from typing import Any, NamedTuple

from world.contract_github import HEAD, WORLD

from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.github.operations.operation_table import OPERATIONS, Operation
from routine_harness.world.state import World
from routine_harness.world.worldfile import world_from_data

TEXT = base64.b64encode(b"hi\n").decode()
HERE = {"repository": "acme/core"}

EVENT = {
    "id": 999, "node_id": "E_999", "url": "https://api.github.com/repos/acme/core/issues/events/999",
    "event": "closed", "commit_id": None, "commit_url": None, "created_at": "2026-05-01T09:00:00Z",
    "actor": None, "performed_via_github_app": None,
}  # fmt: skip
MORE: dict[str, Any] = {
    "github": {
        "pulls": [
            {**HERE, "number": 43, "auto_merge": None, "mergeable_state": "behind"},
            {**HERE, "number": 45, "draft": True},
            {**HERE, "number": 46, "head": "old", "state": "closed", "merged": True, "user": "alice"},
        ],
        "branches": [{**HERE, "name": "kept", "sha": HEAD, "protected": True}],
        "issues": [{**HERE, "number": 1, "events": [EVENT]}, {**HERE, "number": 5, "sub_issues": [103, 104]}],
        "reactions": [{**HERE, "id": 901, "on": "issue:acme/core#1", "content": "+1", "user": "bob"}],
        "releases": [{**HERE, "id": 801, "assets": [{"id": 811, "name": "a.zip", "size": 3}]}],
        "installations": [{"id": 961, "account": "acme", "app_id": 5, "app_slug": "ci"}],
        "teams": [{"organization": "acme", "slug": "core", "id": 71}],
        "rulesets": [{**HERE, "id": 951, "name": "main", "rules": [], "enforcement": "disabled"}],
        "reviews": [{**HERE, "number": 44, "id": 23, "user": "bob", "state": "APPROVED"}],
        "checks": [{**HERE, "id": 651, "name": "lint", "head_sha": HEAD, "conclusion": "success"}],
    }
}
"""What the contract's world lacks for some route."""

PLACES: dict[str, Any] = {
    "owner": "acme", "repo": "core", "organization": "acme", "org": "acme", "team_slug": "core",
    "login": "alice", "username": "alice", "review_id": 21, "comment_id": 31, "name": "bug",
    "milestone_number": 1, "path": "app/db.py", "tree_sha": "main", "branch": "feature", "prefix": "heads/",
    "tag": "v1", "sha": HEAD, "base": "main", "head": "feature", "check_run_id": 651, "release_id": 801,
    "asset_id": 811, "workflow_id": "ci.yml", "run_id": 501, "artifact_id": 701, "job_id": 601,
    "part": "required_status_checks", "installation_id": 961, "team": "core", "team_id": 71,
}  # fmt: skip
"""What stands in the places of a route; a ``number`` is an issue's or a pull request's."""

LINE: dict[str, Any] = {"body": "Why?", "path": "app/db.py", "line": 2, "side": "RIGHT", "commit_id": HEAD}
FILE = {"message": "Change it", "content": TEXT, "branch": "feature"}
GUARDED = {
    "required_status_checks": {"strict": True, "contexts": ["unit"]}, "enforce_admins": True,
    "required_pull_request_reviews": None, "restrictions": None,
}  # fmt: skip

ASKED: dict[str, dict[str, Any]] = {
    "org.get": {"login": "acme"},
    "GET /users/{login}/installation": {"login": "acme"},
    "GET /orgs/{login}/installation": {"login": "acme"},
    "pull.list": {"query": {"state": "all"}},
    "pull.create": {"body": {"title": "Another", "head": "feature", "base": "f44"}},
    "pull.update": {"body": {"title": "Add z"}},
    "pull.merged": {"number": 46},
    "pull.update_branch": {"number": 43, "body": {}},
    "pull.request_reviewers": {"body": {"reviewers": ["alice"]}},
    "pull.remove_reviewers": {"body": {"reviewers": ["alice"]}},
    "pull.auto_merge": {"number": 43, "body": {}},
    "pull.no_auto_merge": {"number": 43},
    "pull.ready": {"number": 45},
    "review.create": {"body": {"event": "APPROVE", "body": "Good"}},
    "review.submit": {"number": 43, "review_id": 22, "body": {"event": "COMMENT", "body": "Hm"}},
    "review.delete": {"number": 43, "review_id": 22},
    "review.dismiss": {"number": 44, "review_id": 23, "body": {"message": "Too old"}},
    "review_comment.create": {"body": LINE},
    "review_comment.reply": {"body": {"body": "Because"}},
    "review_comment.update": {"body": {"body": "Why then?"}},
    "review_comment.react": {"body": {"content": "heart"}},
    "issue.create": {"body": {"title": "New", "labels": ["bug"], "assignees": ["alice"], "milestone": 1}},
    "issue.update": {"body": {"state": "closed", "state_reason": "not_planned"}},
    "issue.add_labels": {"body": {"labels": ["ci"]}},
    "issue.set_labels": {"body": {"labels": ["ci"]}},
    "repository.set_topics": {"body": {"names": ["ci"]}},
    "issue.add_assignees": {"body": {"assignees": ["alice"]}},
    "issue.remove_assignees": {"body": {"assignees": ["alice"]}},
    "issue.sub_issues": {"number": 5},
    "issue.parent": {"number": 3},
    "issue.add_sub_issue": {"body": {"sub_issue_id": 102}},
    "issue.remove_sub_issue": {"number": 5, "body": {"sub_issue_id": 103}},
    "issue.move_sub_issue": {"number": 5, "body": {"sub_issue_id": 103, "after_id": 104}},
    "issue.react": {"body": {"content": "+1"}},
    "issue.events": {"number": 1},
    "comment.list": {"number": 42},
    "comment.get": {"comment_id": 11},
    "comment.create": {"body": {"body": "Hello"}},
    "comment.update": {"comment_id": 11, "body": {"body": "Better"}},
    "comment.delete": {"comment_id": 11},
    "comment.react": {"comment_id": 11, "body": {"content": "eyes"}},
    "label.create": {"body": {"name": "new", "color": "ff0000"}},
    "label.update": {"body": {"new_name": "defect"}},
    "milestone.create": {"body": {"title": "June"}},
    "milestone.update": {"body": {"title": "July", "state": "closed"}},
    "file.put": {"path": "new.txt", "body": FILE},
    "file.delete": {
        "path": "README.md",
        "body": {"message": "Drop it", "sha": "a" * 40, "branch": "feature"},
    },
    "branch.create": {"body": {"ref": "refs/heads/claude/x", "sha": HEAD}},
    "branch.move": {"body": {"sha": HEAD, "force": True}},
    "branch.rename": {"body": {"new_name": "renamed"}},
    "branch.merge": {"body": {"base": "main", "head": "feature"}},
    "tag.create": {"body": {"ref": "refs/tags/v2", "sha": HEAD}},
    "tag.move": {"body": {"sha": HEAD, "force": True}},
    "status.create": {"body": {"state": "success", "context": "ci/x", "description": "Fine"}},
    "check.create": {"body": {"name": "later", "head_sha": HEAD}},
    "check.update": {"body": {"status": "completed", "conclusion": "failure"}},
    "release.create": {"body": {"tag_name": "v2", "name": "Two", "target_commitish": "main"}},
    "release.update": {"body": {"name": "One"}},
    "asset.upload": {"query": {"name": "b.txt"}, "body": "text"},
    "workflow.start": {"body": {"ref": "main"}},
    "run.cancel": {"run_id": 502},
    "repository.create": {"body": {"name": "fresh", "auto_init": True}},
    "repository.update": {"body": {"description": "Other"}},
    "repository.transfer": {"body": {"new_owner": "alice"}},
    "repository.fork": {"body": {}},
    "repository.protection": {"branch": "kept"},
    "repository.unprotect": {"branch": "kept"},
    "repository.protect": {"body": GUARDED},
    "repository.add_collaborator": {"username": "bob", "body": {"permission": "push"}},
    "search.issues": {"query": {"q": "fails repo:acme/core"}},
    "search.repositories": {"query": {"q": "core"}},
    "search.code": {"query": {"q": "x repo:acme/core"}},
    "search.commits": {"query": {"q": "Initial repo:acme/core"}},
    "search.users": {"query": {"q": "alice"}},
}
"""Operation → the places that differ, ``query`` and ``body``."""


class Request(NamedTuple):
    """One request, and the operation and form that it stands for."""

    operation: Operation
    form: str
    method: str
    path: str
    query: dict[str, Any]
    body: Any


def sample_world() -> World:
    world = world_from_data(WORLD, {"github": CONNECTOR})
    return world_from_data(MORE, {"github": CONNECTOR}, world)


def requests() -> list[Request]:
    """A request for every REST route that a model carries out."""
    found = []
    for operation in OPERATIONS.values():
        if operation.run is not None:
            found += [_request(operation, form) for form in filter(None, operation.rest.split("; "))]
    return found


def _request(operation: Operation, form: str) -> Request:
    asked = ASKED.get(form) or ASKED.get(operation.name, {})
    method, _, place = form.partition(" ")
    place = place.partition("#")[0].partition("?")[0].replace("~", "/repos/{owner}/{repo}")
    number = 1 if "/issues/" in place else 42
    places = {"number": number, **PLACES, **asked}
    path = re.sub(r"\{(\w+)(?::n|\+)?\}", lambda match: str(places[match[1]]), place)
    return Request(operation, form, method, path, asked.get("query", {}), asked.get("body"))
