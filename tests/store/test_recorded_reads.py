"""Recorded reads of a granted repository are answered, through every face that asks for the same."""

# ruff: noqa: E501 - a read is a row of the table

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from recorded_world import API, Desk, read, world_zero
from support.desk import FIRING

from routine_harness.live.outside.rest import answer_rest
from routine_harness.routine.spec import Environment, Repository, Routine
from routine_harness.session.session import Session
from routine_harness.store.interactions import Interaction
from routine_harness.world.github.gh.gh_plan import Request
from routine_harness.world.github.settled_reads import holds
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolResult

R = "/repos/acme/core"
SHA = "1f" * 20
OLD = "2e" * 20
CUT = "7a" * 20
REPOSITORY = {
    "id": 4242,
    "name": "core",
    "full_name": "acme/core",
    "default_branch": "main",
    "owner": {"login": "acme", "id": 7},
}


def commit(sha: str, message: str, date: str = "2026-05-01T10:00:00Z", **more: Any) -> dict[str, Any]:
    who = {"name": "Alice", "email": "alice@acme.test", "date": date}
    return {
        "sha": sha, "commit": {"message": message, "author": who, "committer": who, "tree": {"sha": "3d" * 20}},
        "author": {"login": "alice", "id": 5}, "parents": [], **more,
    }  # fmt: skip


def issue(number: int, title: str) -> dict[str, Any]:
    return {
        "number": number,
        "title": title,
        "state": "open",
        "user": {"login": "alice"},
        "body": "b",
        "labels": [],
    }


def content(path: str, text: str) -> dict[str, Any]:
    encoded = base64.b64encode(text.encode()).decode()
    return {"name": path.rpartition("/")[2], "path": path, "type": "file", "encoding": "base64", "sha": "4c" * 20,
            "size": len(text), "content": encoded}  # fmt: skip


def entry(path: str, kind: str = "file") -> dict[str, Any]:
    return {"name": path, "path": path, "type": kind, "sha": "5b" * 20, "size": 3}


COMPARED = {"status": "ahead", "ahead_by": 1, "behind_by": 0, "total_commits": 1, "commits": [commit(SHA, "Two")],
            "files": [{"filename": "a.py", "status": "modified", "additions": 1, "deletions": 0, "patch": "@@"}]}  # fmt: skip
RUN = {"id": 91, "name": "CI", "run_number": 3, "status": "completed", "conclusion": "timed_out", "head_sha": SHA,
       "head_branch": "main", "event": "push", "workflow_id": 8, "created_at": "2026-05-01T10:00:00Z",
       "updated_at": "2026-05-01T10:09:00Z"}  # fmt: skip
CHECK = {"id": 77, "name": "lint", "head_sha": SHA, "status": "completed", "conclusion": "action_required",
         "started_at": "2026-05-01T10:00:00Z", "completed_at": "2026-05-01T10:01:00Z"}  # fmt: skip

READS: dict[str, Interaction] = {
    "a file at a commit": read(f"{R}/contents/app/db.py?ref={SHA}", content("app/db.py", "old = 1\n")),
    "a folder at a commit": read(f"{R}/contents/app?ref={SHA}", [entry("app/db.py"), entry("app/web", "dir")]),
    "the root": read(f"{R}/contents", [entry("README.md"), entry("app", "dir")]),
    "compare": read(f"{R}/compare/{OLD}...{SHA}", COMPARED),
    "compare by name": read(f"{R}/compare/main...feature/x", COMPARED),
    "languages": read(f"{R}/languages", {"Python": 9000, "Shell": 12}),
    "commits by path": read(f"{R}/commits?path=docs&per_page=5", [commit(SHA, "Say more"), commit(OLD, "Say it")]),
    "commits of a branch": read(f"{R}/commits?sha=release%2F2", [commit(CUT, "Cut")]),
    "a commit": read(f"{R}/commits/{CUT}", commit(CUT, "Cut", files=[], stats={"additions": 0, "deletions": 0, "total": 0})),
    "a missing file": read(f"{R}/contents/NOPE.md", {"message": "Not Found", "status": "404"}, 404),
    "a missing branch": read(f"{R}/branches/gone", {"message": "Branch not found", "status": "404"}, 404),
    "a missing release": read(f"{R}/releases/latest", {"message": "Not Found", "status": "404"}, 404),
    "runs by conclusion": read(f"{R}/actions/runs?status=timed_out", {"total_count": 1, "workflow_runs": [RUN]}),
    "checks": read(f"{R}/commits/{SHA}/check-runs", {"total_count": 1, "check_runs": [CHECK]}),
    "contributors": read(f"{R}/contributors", [{"login": "alice", "contributions": 3}]),
    "traffic": read(f"{R}/traffic/views", {"count": 14850, "uniques": 3782, "views": []}),
    "an issue's timeline": read(f"{R}/issues/3/timeline", [{"event": "labeled", "label": {"name": "bug"}}]),
    "a readme": read(f"{R}/readme", content("README.md", "# Core\n")),
    "code search": read("/search/code?q=eval+repo:acme/core", {"total_count": 1, "incomplete_results": False, "items": [{"name": "a.py", "path": "a.py", "sha": "6a" * 20}]}),
}  # fmt: skip


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("face", ["WebFetch", "curl", "gh api"])
def test_a_recorded_read_is_answered_as_it_was_recorded(name: str, face: str) -> None:
    """Body and status are those of the recording, and nothing is incomplete or not simulated."""
    held = READS[name]
    desk = Desk(world_zero([read(R, REPOSITORY), *READS.values()]))
    url = held.url
    path = url.removeprefix(API)
    if face == "WebFetch":
        outcome = desk.fetch(url)
        said = f"Request failed with status code {held.status}\n" if held.status >= 400 else ""
        assert outcome.result.text.startswith(said)
        text = outcome.result.text.removeprefix(said)
    elif face == "curl":
        outcome = desk.bash(f"curl -s -w '\\n%{{http_code}}' '{url}'")
        text, _, status = outcome.result.text.rpartition("\n")
        assert status == str(held.status)
    else:
        outcome = desk.bash(f"gh api '{path}'")
        text = outcome.result.text.partition("\ngh: ")[0]
        assert outcome.result.is_error == (held.status >= 400)
    shown, recorded = json.loads(text.partition("gh: ")[0] if face == "gh api" else text), held.json()
    assert holds(recorded, shown), shown
    assert not outcome.incomplete
    assert not outcome.not_simulated


TOOLS = {
    "a file at a commit": ("get_file_contents", {"path": "app/db.py", "sha": SHA}, "old = 1"),
    "a folder at a commit": ("get_file_contents", {"path": "app", "ref": SHA}, '"app/web"'),
    "the root": ("get_file_contents", {"path": "/"}, '"README.md"'),
    "commits by path": ("list_commits", {"path": "docs"}, "Say more"),
    "commits of a branch": ("list_commits", {"sha": "release/2"}, "Cut"),
    "a commit": ("get_commit", {"sha": CUT}, "Cut"),
    "runs by conclusion": ("actions_list", {"method": "list_workflow_runs"}, "timed_out"),
}


@pytest.mark.parametrize("name", TOOLS)
def test_the_mcp_server_answers_what_was_recorded_through_rest(name: str) -> None:
    """The tool that asks for the same finds the same, although another face was recorded."""
    tool, arguments, found = TOOLS[name]
    outcome = Desk(world_zero([read(R, REPOSITORY), *READS.values()])).tool(tool, **arguments)
    assert not outcome.incomplete
    assert not outcome.result.is_error, outcome.result.text
    assert found in outcome.result.text


def test_a_recorded_404_is_an_answer_of_the_tool_too() -> None:
    """What was not there is said not to be there, and is not unknown."""
    desk = Desk(world_zero([read(R, REPOSITORY), READS["a missing file"], READS["a missing release"]]))
    for tool, arguments in (("get_file_contents", {"path": "NOPE.md"}), ("get_latest_release", {})):
        outcome = desk.tool(tool, **arguments)
        assert outcome.result.is_error
        assert not outcome.incomplete


def paged(first: str, numbered: str, *, repository: bool = True) -> list[Interaction]:
    """Page one of a list under its name, page two under the number that ``Link`` gives."""
    link = f'<{API}{numbered}>; rel="next"'
    return [
        *([read(R, REPOSITORY)] if repository else []),
        read(first, [issue(11, "eleven"), issue(10, "ten")], link=link),
        read(numbered, [issue(3, "three")]),
    ]


@pytest.mark.parametrize("repository", [True, False])
def test_later_pages_under_numbers_belong_to_the_list(*, repository: bool) -> None:
    """``/repositories/ID`` is the repository, whether a record or ``Link`` alone tells which."""
    page = "/repositories/4242/issues?per_page=2&state=open&page=2"
    world = world_zero(paged(f"{R}/issues?per_page=2&state=open", page, repository=repository),
                       {"github": {"repositories": [{"full_name": "acme/core"}]}})  # fmt: skip
    desk = Desk(world)
    listed = desk.tool("list_issues", state="OPEN").result.text
    assert all(title in listed for title in ("eleven", "ten", "three"))
    assert "three" in desk.bash(f"curl -s '{API}{page}'").result.text
    every = desk.bash("gh api --paginate 'repos/acme/core/issues?per_page=2&state=open' --jq '.[].title'")
    assert every.result.text.split() == ["eleven", "ten", "three"]


def test_pages_of_organisations_and_users_are_named_too() -> None:
    """``/organizations/ID`` and ``/user/ID`` are the account of page one."""
    second = {**REPOSITORY, "id": 4243, "name": "web", "full_name": "acme/web"}
    for first, number in (
        ("/orgs/acme/repos", "/organizations/7/repos?page=2"),
        ("/users/acme/repos", "/user/7/repos?page=2"),
    ):
        link = f'<{API}{number}>; rel="next"'
        desk = Desk(world_zero([read(first, [REPOSITORY], link=link), read(number, [second])]))
        assert "acme/web" in desk.bash(f"curl -s '{API}{number}'").result.text
        assert desk.tool("get_file_contents", repo="web", path="x").incomplete  # it is known by name
        assert "acme/web" in desk.bash(f"gh api --paginate '{first[1:]}' --jq '.[].full_name'").result.text


def test_a_write_is_seen_in_what_was_recorded() -> None:
    """Once a write has changed what a read is about, the world answers it; other reads stay as recorded."""
    listing = read(f"{R}/issues?labels=weekly", [])
    languages = read(f"{R}/languages", {"Python": 1})
    desk = Desk(
        world_zero([read(R, REPOSITORY), listing, languages, read(f"{R}/labels/weekly", {"name": "weekly"})])
    )
    assert desk.bash(f"curl -s '{API}{R}/issues?labels=weekly'").result.text == "[]"
    made = desk.tool("issue_write", method="create", title="Week 18", body="x", labels=["weekly"])
    assert not made.result.is_error, made.result.text
    assert "Week 18" in desk.bash(f"curl -s '{API}{R}/issues?labels=weekly'").result.text
    assert desk.bash(f"gh api {R[1:]}/languages").result.text == '{"Python":1}'


def test_the_case_s_own_world_has_the_last_word() -> None:
    """A world file that says otherwise than a recording is believed."""
    recorded = read(f"{R}/issues/3", {**issue(3, "three"), "active_lock_reason": "odd"})
    changed = {"github": {"issues": [{"repository": "acme/core", "number": 3, "title": "renamed"}]}}
    desk = Desk(world_zero([read(R, REPOSITORY), recorded], changed))
    assert '"title":"renamed"' in desk.bash(f"curl -s {API}{R}/issues/3").result.text


def test_a_read_that_was_recorded_several_times_is_answered_in_that_order() -> None:
    """A run that is watched until it ends ends, and goes on having ended."""
    states = ("queued", "in_progress", "completed")
    polled = [read(f"{R}/actions/runs/91", {**RUN, "status": state, "conclusion": None}) for state in states]
    desk = Desk(world_zero([read(R, REPOSITORY), *polled]))
    command = f"gh api {R[1:]}/actions/runs/91 --jq .status"
    assert [desk.bash(command).result.text for _ in range(4)] == [*states, "completed"]


def test_reads_after_a_recorded_write_do_not_come_before_it() -> None:
    """What a recorded write has made is not there until the agent makes it."""
    made = Interaction(
        "POST", f"{API}{R}/issues", 201, json.dumps(issue(12, "new")).encode(), {}, b'{"title":"new"}'
    )
    around = [read(f"{R}/issues", []), made, read(f"{R}/issues", [issue(12, "new")])]
    desk = Desk(world_zero([read(R, REPOSITORY), *around]))
    assert [desk.bash(f"curl -s {API}{R}/issues").result.text for _ in range(2)] == ["[]", "[]"]


def test_a_redirect_to_a_number_is_followed() -> None:
    """A renamed repository leads on, for curl with -L and for WebFetch."""
    moved = read("/repos/acme/old/languages", {"message": "Moved Permanently"}, 301,
                 Location=f"{API}/repositories/4242/languages")  # fmt: skip
    desk = Desk(world_zero([read(R, REPOSITORY), moved, read("/repositories/4242/languages", {"Go": 5})]))
    for text in (
        desk.bash(f"curl -sL {API}/repos/acme/old/languages").result.text,
        desk.fetch(f"{API}/repos/acme/old/languages").result.text,
    ):
        assert text == '{"Go":5}'
    assert "Moved" in desk.bash(f"curl -s {API}/repos/acme/old/languages").result.text


@pytest.mark.parametrize(
    "name", [name for name in READS if name not in ("contributors", "traffic", "an issue's timeline")]
)
def test_a_live_run_is_answered_as_it_was_recorded(name: str) -> None:
    """A program inside, and ``gh api`` there, get the recorded answer of a session's world."""
    held = READS[name]
    routine = Routine("r", "p", repositories=(Repository("acme/core"),), environment=Environment("full"))
    world = world_zero([read(R, REPOSITORY), *READS.values()])
    session = Session(routine, world, FIRING, "p", Registry())

    def do(tool: str, arguments: dict[str, Any], server: str) -> ToolResult:
        return session.handle(f"github.{tool}", arguments, server=server)

    parts = urlsplit(held.url)
    asked = Request(method="GET", path=unquote(parts.path), query=dict(parse_qsl(parts.query)))
    reply = answer_rest(session, do, asked)
    assert reply is not None
    assert reply.status == held.status
    assert holds(held.json(), json.loads(reply.data))


def test_headers_of_a_recording_reach_curl() -> None:
    """What the model would not say comes with all headers; a recorded HEAD is one of its own."""
    limits = {"X-RateLimit-Remaining": "17", "Content-Type": "application/json"}
    head = Interaction(
        "HEAD", f"{API}{R}/commits?per_page=1", 200, b"", {"Link": [f'<{API}/x?page=812>; rel="last"']}
    )
    desk = Desk(
        world_zero(
            [read(R, REPOSITORY), read(f"{R}/commits?path=docs", [commit(SHA, "One")], **limits), head]
        )
    )
    shown = desk.bash(f"curl -si '{API}{R}/commits?path=docs'").result.text
    assert "x-ratelimit-remaining: 17" in shown
    assert (
        desk.bash(f"gh api -i '{R[1:]}/commits?path=docs'")
        .result.text.lower()
        .count("ratelimit-remaining: 17")
        == 1
    )
    assert "page=812" in desk.bash(f"curl -sI '{API}{R}/commits?per_page=1'").result.text


def test_a_branch_and_its_commit_are_one_place() -> None:
    """A file that was recorded at a commit is read by the branch that stands there, and the other way round."""
    tip = read(f"{R}/branches/main", {"name": "main", "commit": {"sha": SHA}, "protected": False})
    held = [read(R, REPOSITORY), tip, read(f"{R}/contents/a.py?ref={SHA}", content("a.py", "at = 1\n")),
            read(f"{R}/contents/b.py", content("b.py", "by = 2\n"))]  # fmt: skip
    desk = Desk(world_zero(held))
    assert "at = 1" in desk.tool("get_file_contents", path="a.py").result.text
    assert "by = 2" in desk.tool("get_file_contents", path="b.py", sha=SHA).result.text
