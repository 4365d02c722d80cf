"""What answers the programs of a live run: GitHub's API, the world's pages, a case's cassettes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.live_runs import direct, write_routine

from routine_harness.live.outside.egress import HttpRequest, HttpResponse
from routine_harness.live.outside.outside import Outside
from routine_harness.live.outside.served_world import open_setting, open_world
from routine_harness.live.outside.shim_answers import GhQuestion
from routine_harness.live.outside.web_pages import cassette_answers
from routine_harness.store.cases import load_case_file

CASSETTE = """\
version: 1
interactions:
- request: {method: GET, uri: 'https://status.example.com/api', body: null, headers: {}}
  response: {status: {code: 200, message: OK}, headers: {Content-Type: [text/plain]}, body: {string: fine}}
- request: {method: POST, uri: 'https://search.example.com/q', body: '{"q": "a", "n": 1}', headers: {}}
  response:
    status: {code: 200, message: OK}
    headers: {Content-Type: [application/json]}
    body: {string: '{"hits": 2}'}
- request: {method: GET, uri: 'https://api.github.com/repos/acme/core/traffic/views', body: null, headers: {}}
  response: {status: {code: 200, message: OK}, headers: {}, body: {string: '{"count": 9}'}}
"""


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    case = write_routine(
        tmp_path / "r",
        "  http: [{url: 'https://page.example.com/', body: a page}]\ncassettes: [c.yaml]\n",
        "environment: {network: full}\n",
    )
    (case.parent / "c.yaml").write_text(CASSETTE)
    loaded = load_case_file(case)
    setting = open_setting(loaded.cases[0], loaded.routine)
    return Outside(
        direct(open_world(setting)), loaded.routine.environment, lambda _: HttpResponse(404),
        cassettes=cassette_answers(setting),
    )  # fmt: skip


def ask(outside: Outside, method: str, url: str, body: str = "", **headers: str) -> HttpResponse:
    return outside.request(HttpRequest(method, url, headers, body.encode()))


def kinds(outside: Outside) -> list[str]:
    return [effect.kind for effect in outside.session.effects]


def test_the_world_and_the_cassettes_answer_requests(outside: Outside) -> None:
    """A page of the world, a recorded read, and a recorded write, by its body or its address alone; writes
    stay effects."""
    assert ask(outside, "GET", "https://page.example.com/").body == b"a page"
    assert ask(outside, "GET", "https://status.example.com/api").body == b"fine"
    found = ask(outside, "POST", "https://search.example.com/q", '{"n": 1, "q": "a"}')
    assert (found.status, found.body) == (200, b'{"hits": 2}')
    assert kinds(outside) == ["http.requested"]
    other = ask(outside, "POST", "https://search.example.com/q", '{"q": "b"}')
    assert other.body == b'{"hits": 2}'
    elsewhere = ask(outside, "POST", "https://search.example.com/r", '{"q": "b"}')
    assert elsewhere.headers["x-routine-harness"] == "unanswered"


def test_what_no_operation_of_github_stands_for_is_read_from_the_cassette(outside: Outside) -> None:
    """A path of GitHub's that the world does not model is answered as it was recorded."""
    url = "https://api.github.com/repos/acme/core/traffic/views"
    assert ask(outside, "GET", url).body == b'{"count": 9}'


def test_githubs_api_answers_as_rest(outside: Outside) -> None:
    """curl gets GitHub's status codes and records; the write is the tool's effect."""
    base = "https://api.github.com/repos/acme/core"
    made = ask(outside, "POST", f"{base}/issues", '{"title": "Found"}')
    assert made.status == 201
    assert json.loads(made.body)["html_url"].endswith("/acme/core/issues/1")
    listed = json.loads(ask(outside, "GET", f"{base}/issues?state=open").body)
    assert [issue["title"] for issue in listed] == ["Found"]
    absent = ask(outside, "GET", f"{base}/issues/7")
    assert (absent.status, json.loads(absent.body)["message"]) == (404, "Not Found")
    assert ask(outside, "POST", f"{base}/issues", "{").status == 400
    assert kinds(outside) == ["ticket.created"]


def test_a_pull_request_is_read_as_a_diff_where_that_is_asked_for(project: Path) -> None:
    """The media type of a diff gives its text, and is kept as the call that reads a diff."""
    loaded = load_case_file(project / "example_routines/security-triage-pr/cases/sql-injection.yaml")
    session = direct(open_world(open_setting(loaded.cases[0], loaded.routine)))
    outside = Outside(session, loaded.routine.environment, lambda _: HttpResponse(404))
    url = "https://api.github.com/repos/acme-platform/core-api/pulls/42"
    answer = ask(outside, "GET", url, accept="application/vnd.github.v3.diff")
    assert answer.body.startswith(b"diff --git")
    assert session.calls[0].call.arguments["method"] == "get_diff"


def test_a_path_that_github_does_not_have_is_answered_with_404_and_found(outside: Outside) -> None:
    """curl and ``gh api`` get GitHub's words; ``github.not-simulated`` names the route."""
    absent = ask(outside, "GET", "https://api.github.com/repos/acme/core/no/such")
    assert (absent.status, json.loads(absent.body)["message"]) == (404, "Not Found")
    answer = outside.gh(GhQuestion(arguments=("api", "repos/acme/core/nothing")))
    assert (answer.code, answer.err) == (1, "gh: Not Found (HTTP 404)\n")
    found = [
        finding for finding in outside.session.finish().findings if finding.code == "github.not-simulated"
    ]
    assert [finding.message.split(" for ")[1].split(",")[0] for finding in found] == [
        "GET /repos/acme/core/no/such",
        "GET /repos/acme/core/nothing",
    ]
