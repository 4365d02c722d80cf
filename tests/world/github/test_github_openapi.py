"""GitHub's REST answers against GitHub's OpenAPI description: each route, and each deviation's reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from world.github_description import faults_of, responses_of
from world.github_requests import Request, requests, sample_world

from routine_harness.world.github.connector import answer_request
from routine_harness.world.github.rest.replies import Reply
from routine_harness.world.state import World

R = "/repos/acme/core"
REQUESTS = requests()

UNDESCRIBED = {
    "ccr": "routes of Claude Code's own GitHub, which GitHub's API lacks",
    "git/refs": "reads that GitHub answers though it describes git/ref and git/matching-refs alone",
    "GET ~/contents": "the root, described as contents/{path} with an empty path",
    "GET ~/statuses/{sha}": "the old address of commits/{sha}/statuses, which GitHub still answers",
    "protection/{part+}": "parts that GitHub describes for other methods alone",
}
"""A part of a route that the description lacks → why it is answered."""

_NO_DATE = "the world does not hold when an account, a team or an installation was made"
_NO_APP = "the world does not hold which app wrote a check run"
_NULL_LABEL = "GitHub gives null for a label without a description, as recorded"
_DATES = ("created_at is null, not string", "updated_at is null, not string")
_TEAM_DATES = tuple(f"[].{place}{line}" for place in ("", "organization.") for line in _DATES)

DEVIATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "pull.list": (_NULL_LABEL, ("[].labels[].description is null, not string",)),
    "pull.of_commit": (_NULL_LABEL, ("[].labels[].description is null, not string",)),
    "pull.request_reviewers": (_NULL_LABEL, ("labels[].description is null, not string",)),
    "pull.remove_reviewers": (_NULL_LABEL, ("labels[].description is null, not string",)),
    "issue.events": (
        "events are answered as recorded; GitHub gives null for an actor that is gone",
        ("[].actor is null, not object",),
    ),
    "commit.checks": (_NO_APP, ("check_runs[].app is missing",)),
    "check.get": (_NO_APP, ("app is missing",)),
    "check.create": (_NO_APP, ("app is missing",)),
    "check.update": (_NO_APP, ("app is missing",)),
    "run.logs": (
        "the logs' 302 leads to a storage outside; the world answers at once",
        ("status 200 is not described",),
    ),
    "job.log": (
        "the log's 302 leads to a storage outside; the world answers at once",
        ("status 200 is not described",),
    ),
    "me.get": (_NO_DATE, _DATES),
    "user.get": (_NO_DATE, _DATES),
    **dict.fromkeys(
        ("repository.get", "repository.create", "repository.update", "repository.fork"),
        ("the world does not hold who subscribes to a repository", ("subscribers_count is missing",)),
    ),
    "org.get": (_NO_DATE, _DATES),
    "installation.get": (_NO_DATE, _DATES),
    "team.list": (_NO_DATE, _TEAM_DATES),
    "PATCH ~/branches/{branch+}/protection/{part+}": (
        "a part of a protection is answered as it was sent; no rule of the model reads it",
        tuple(f"{name} is missing" for name in ("strict", "contexts", "contexts_url", "checks")),
    ),
}
"""Operation, or one route of it → why its answer departs from the description, and where."""


@pytest.fixture(scope="module")
def world() -> World:
    return sample_world()


def ask(world: World, request: Request) -> Reply:
    return answer_request(world, request.method, request.path, request.query, request.body)[0]


def known_of(request: Request) -> tuple[str, ...]:
    found = DEVIATIONS.get(request.form) or DEVIATIONS.get(request.operation.name)
    return found[1] if found else ()


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: f"{one.operation.name} {one.form}")
def test_a_route_answers_as_described(world: World, request_: Request) -> None:
    """Status and body are as GitHub describes them, but for the deviations that are listed; none is stale."""
    reply = ask(world, request_)
    assert not reply.failed, reply.value
    responses = responses_of(request_.method, request_.path)
    if responses is None:
        assert any(part in request_.form for part in UNDESCRIBED)
        return
    assert sorted(faults_of(responses, reply.status, reply.value)) == sorted(known_of(request_))


def test_each_reason_is_needed() -> None:
    """A route that left the table, or that the description knows by now, loses its line here."""
    names = {name for one in REQUESTS for name in (one.operation.name, one.form)}
    assert DEVIATIONS.keys() <= names
    lacking = [one.form for one in REQUESTS if responses_of(one.method, one.path) is None]
    assert all(any(part in form for form in lacking) for part in UNDESCRIBED)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", f"{R}/issues/999", None, 404),
        ("GET", f"{R}/pulls/999", None, 404),
        ("GET", "/repos/acme/none", None, 404),
        ("GET", f"{R}/labels/none", None, 404),
        ("GET", f"{R}/contents/none.py", None, 404),
        ("POST", f"{R}/issues", {}, 422),
        ("POST", f"{R}/labels", {"name": "bug", "color": "ff0000"}, 422),
        ("POST", f"{R}/pulls", {"title": "x", "head": "none", "base": "main"}, 422),
        ("POST", f"{R}/pulls/42/comments", {"body": "x"}, 422),
        ("POST", f"{R}/git/refs", {"ref": "refs/heads/feature", "sha": "a" * 40}, 422),
        ("PUT", f"{R}/pulls/42/merge", {"sha": "c" * 40}, 409),
    ],
)
def test_a_refusal_is_an_error_object(world: World, method: str, path: str, body: Any, status: int) -> None:
    """A refusal has a status that the description lists, and the error object that it describes."""
    reply, _ = answer_request(world, method, path, None, body)
    assert reply.status == status
    assert reply.value["status"] == str(status)
    assert {"message", "documentation_url"} <= reply.value.keys()
    responses = responses_of(method, path)
    assert responses is not None
    assert faults_of(responses, status, reply.value) == []


@pytest.mark.parametrize(
    ("query", "count", "link"),
    [
        ({}, 9, ""),
        ({"per_page": "4"}, 4, "next last"),
        ({"per_page": "4", "page": "2"}, 4, "prev next last first"),
        ({"per_page": "4", "page": "3"}, 1, "prev first"),
        ({"per_page": "4", "page": "9"}, 0, "prev first"),
        ({"per_page": "0"}, 9, ""),
        ({"per_page": "101"}, 9, ""),
        ({"per_page": "-1", "page": "x"}, 9, ""),
    ],
)
def test_pages_are_bounded_and_linked(world: World, query: Mapping[str, str], count: int, link: str) -> None:
    """A list is cut at its page; ``Link`` names the pages around it; an ``ETag`` goes along."""
    reply, _ = answer_request(world, "GET", f"{R}/issues", {**query, "state": "open"})
    assert len(reply.value) == count
    rels = [part.partition('rel="')[2].rstrip('"') for part in reply.headers.get("link", "").split(", ")]
    assert " ".join(rels) == link
    assert reply.headers["etag"].startswith('W/"')


def test_a_reply_without_a_body_is_refused(world: World) -> None:
    """The API says which argument is lacking (the description has no 422 here; GitHub answers one)."""
    reply, _ = answer_request(world, "POST", f"{R}/pulls/42/comments/31/replies", None, {})
    assert (reply.status, reply.value["message"]) == (422, 'Invalid request.\n\n"body" wasn\'t supplied.')
