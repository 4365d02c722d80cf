"""REST lists have pages as GitHub's have; what only a cassette holds is answered from it, by gh, too."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.live_runs import codes, direct, in_turns, needs_cli, run_live, use, write_routine

from routine_harness.live.outside.egress import HttpRequest, HttpResponse
from routine_harness.live.outside.outside import Outside
from routine_harness.live.outside.served_world import open_setting, open_world
from routine_harness.live.outside.shim_answers import GhQuestion
from routine_harness.live.outside.web_pages import cassette_answers
from routine_harness.session.grants import Grants
from routine_harness.store.cases import load_case_file
from routine_harness.world.github.gh.gh_print import GhAnswer

LABELS = "".join(f"{{repository: acme/core, name: l{number:02}}}, " for number in range(35))
ISSUES = "".join(f"{{repository: acme/core, number: {number}, title: T{number}}}, " for number in range(1, 6))
WORLD = f"""\
    issues: [{ISSUES}]
    labels: [{LABELS}]
    pulls: [{{repository: acme/core, number: 9, title: P, head: x, base: main}}]
    comments: [{{repository: acme/core, number: 1, body: a}}, {{repository: acme/core, number: 1, body: b}}]
cassettes: [c.yaml]
"""


def recorded(
    method: str, path: str, answer: str, *, body: str = "null", status: int = 200, link: str = ""
) -> str:
    headers = f"{{Link: ['{link}']}}" if link else "{}"
    return (
        f"- request: {{method: {method}, uri: 'https://api.github.com{path}', body: {body}, headers: {{}}}}\n"
        f"  response: {{status: {{code: {status}, message: OK}}, headers: {headers},"
        f" body: {{string: '{answer}'}}}}\n"
    )


NEXT = '<https://api.github.com/repositories/1/traffic/paths?per_page=100&page=2>; rel="next"'
CASSETTE = "version: 1\ninteractions:\n" + "".join(
    [
        recorded("GET", "/repos/acme/core/traffic/views", '{"count": 9}'),
        recorded("GET", "/repos/acme/core/traffic/paths?per_page=100", '[{"path": "/a"}]', link=NEXT),
        recorded("GET", "/repositories/1/traffic/paths?per_page=100&page=2", '[{"path": "/b"}]'),
        recorded("POST", "/repos/acme/core/hooks", '{"id": 5}', body='\'{"name": "web"}\'', status=201),
        recorded("GET", "/repos/acme/other/traffic/views", '{"count": 1}'),
        recorded("GET", "/repos/acme/core/dependabot/alerts", '[{"number": 3}]'),
        recorded("PUT", "/user/starred/acme/core", "", status=204),
    ]
)


class Programs:
    """What programs inside get: ``gh``, and requests by ``curl``."""

    def __init__(self, folder: Path) -> None:
        case = write_routine(folder / "r", WORLD)
        (case.parent / "c.yaml").write_text(CASSETTE)
        loaded = load_case_file(case)
        setting = open_setting(loaded.cases[0], loaded.routine)
        grants = Grants(setting.routine, setting.registry)
        self.outside = Outside(
            direct(open_world(setting)), loaded.routine.environment, lambda _: HttpResponse(404),
            cassettes=cassette_answers(setting), granted=lambda call: grants.refusal(call, 0, 1) is None,
        )  # fmt: skip

    def gh(self, *arguments: str) -> GhAnswer:
        return self.outside.gh(GhQuestion(arguments, remote="https://github.com/acme/core.git"))

    def api(self, *arguments: str) -> Any:
        answer = self.gh("api", *arguments)
        assert answer.code == 0, answer.err
        return json.loads(answer.out)

    def curl(self, address: str, method: str = "GET") -> HttpResponse:
        url = address if "://" in address else f"https://api.github.com{address}"
        return self.outside.request(HttpRequest(method, url, {}, b""))

    @property
    def found(self) -> list[str]:
        return [finding.code for finding in self.outside.session.finish().findings]


@pytest.fixture
def inside(tmp_path: Path) -> Programs:
    return Programs(tmp_path)


LINK = re.compile(r'<https://api\.github\.com(/repositories/\d+/\S+)>; rel="(\w+)"')


def links(response: HttpResponse) -> dict[str, str]:
    return {name: path for path, name in LINK.findall(response.headers.get("link", ""))}


def test_the_link_header_is_githubs(inside: Programs) -> None:
    """Repositories by number, the query kept, the page last; prev, next, last and first in that order."""
    first = inside.curl("/repos/acme/core/issues?state=open&per_page=2")
    number = re.search(r"/repositories/(\d+)/", first.headers["link"])
    assert number is not None
    base = f"https://api.github.com/repositories/{number[1]}/issues?state=open&per_page=2&page="
    assert first.headers["link"] == f'<{base}2>; rel="next", <{base}3>; rel="last"'
    second = inside.curl(links(first)["next"])
    assert second.headers["link"] == (
        f'<{base}1>; rel="prev", <{base}3>; rel="next", <{base}3>; rel="last", <{base}1>; rel="first"'
    )
    third = inside.curl(links(second)["next"])
    assert third.headers["link"] == f'<{base}2>; rel="prev", <{base}1>; rel="first"'
    numbers = [one["number"] for page in (first, second, third) for one in json.loads(page.body)]
    assert numbers == [9, 5, 4, 3, 2, 1]
    assert json.loads(inside.curl("/repos/acme/core/issues?per_page=2&page=4").body) == []
    assert inside.curl(links(first)["next"], "HEAD").headers["link"] == second.headers["link"]


@pytest.mark.parametrize(
    ("path", "sizes"),
    [
        ("/repos/acme/core/labels", [30, 5]),
        ("/repos/acme/core/labels?per_page=500", [35]),
        ("/repos/acme/core/issues/1/comments?per_page=1", [1, 1]),
        ("/repos/acme/core/issues?per_page=5", [5, 1]),
        ("/repos/acme/core/pulls", [1]),
        ("/search/issues?q=repo:acme/core+is:issue&per_page=3", [3, 2]),
        ("/repos/acme/core/contents/", [1]),
    ],
)
def test_every_list_ends(inside: Programs, path: str, sizes: list[int]) -> None:
    """Who follows ``next`` gets each row once, whether or not the operation has pages; so does who counts."""
    found, at, seen = [], path, []
    while at:
        answer = inside.curl(at)
        rows = json.loads(answer.body)
        rows = rows["items"] if isinstance(rows, dict) else rows
        found.append(len(rows))
        seen += [json.dumps(row) for row in rows]
        next_link = re.search(r'<([^>]+)>; rel="next"', answer.headers.get("link", ""))
        at = next_link[1] if next_link else ""
    assert (found, len(set(seen))) == (sizes, sum(sizes))
    if "contents" not in path:
        beyond = json.loads(inside.curl(f"{path}{'&' if '?' in path else '?'}page=9").body)
        assert (beyond["items"] if isinstance(beyond, dict) else beyond) == []


def test_an_answer_that_did_not_change_is_not_sent_again(inside: Programs) -> None:
    """Who names the answer's ``ETag`` gets 304 and no body, until a write changes it."""
    url = "https://api.github.com/repos/acme/core/issues/1"

    def ask(etag: str) -> HttpResponse:
        return inside.outside.request(HttpRequest("GET", url, {"if-none-match": etag}))

    first = ask('"other"')
    assert (first.status, first.headers["etag"][:3]) == (200, 'W/"')
    again = ask(first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert inside.gh("issue", "edit", "1", "--title", "New").code == 0
    assert ask(first.headers["etag"]).status == 200


def test_gh_paginates(inside: Programs) -> None:
    """Lists come as one list, ``--jq`` sees page after page, ``--slurp`` keeps them apart."""
    path = "repos/{owner}/{repo}/issues?per_page=2"
    assert [one["number"] for one in inside.api(path, "--paginate")] == [9, 5, 4, 3, 2, 1]
    assert inside.gh("api", path, "--paginate", "-q", "length").out == "2\n2\n2\n"
    assert [len(page) for page in inside.api(path, "--paginate", "--slurp")] == [2, 2, 2]
    assert len(inside.api("repos/acme/core/labels", "--paginate")) == 35
    head = inside.gh("api", "-i", path).out
    assert head.startswith("HTTP/2.0 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nEtag: W/")
    assert "\r\nLink: <https" in head
    assert "required when passing" in inside.gh("api", path, "--slurp").err
    assert "non-GET" in inside.gh("api", "repos/acme/core/issues", "-f", "title=x", "--paginate").err


def test_gh_is_answered_from_the_cassette(inside: Programs) -> None:
    """A path without an operation, a tool known by schema only, pages as they were recorded."""
    assert inside.api("repos/acme/core/traffic/views") == {"count": 9}
    assert inside.gh("api", "repos/acme/core/traffic/views", "-q", ".count").out == "9\n"
    paths = inside.api("repos/acme/core/traffic/paths", "--paginate")
    assert [one["path"] for one in paths] == ["/a", "/b"]
    assert inside.api("repos/acme/core/dependabot/alerts") == [{"number": 3}]
    assert inside.gh("api", "-X", "PUT", "user/starred/acme/core").code == 0
    tools = [record.call.tool for record in inside.outside.session.calls]
    assert tools == [*["HttpRequest"] * 5, "star_repository"]


def test_the_rules_of_a_session_hold_for_it(inside: Programs) -> None:
    """A write is answered as often as it was recorded and is an effect; other repositories are refused."""
    made = ("repos/acme/core/hooks", "-f", "name=web")
    assert inside.api(*made) == {"id": 5}
    again = inside.gh("api", *made)
    assert "github.create_webhook is not available in this dry run" in again.err
    other = inside.gh("api", "repos/acme/other/traffic/views")
    assert (other.code, "HTTP 403" in other.err) == (1, True)
    assert [effect.kind for effect in inside.outside.session.effects if effect.outcome == "applied"] == [
        "webhook.created"
    ]
    assert "repository.not-granted" in inside.found


def test_programs_of_the_real_cli_paginate(tmp_path: Path) -> None:
    """``gh`` and ``curl`` inside get every page, and what the cassette holds."""
    needs_cli()
    case = write_routine(tmp_path / "r", WORLD)
    (case.parent / "c.yaml").write_text(CASSETTE)
    last = """sed -n 's/^link: .*rel="last".*/last/p'"""
    look = (
        "gh api repos/acme/core/issues?per_page=2 --paginate -q '.[].number' | tr '\\n' ' '; "
        f"curl -sI 'https://api.github.com/repos/acme/core/issues?per_page=2' | {last}; "
        "gh api repos/acme/core/traffic/views -q .count"
    )
    result = run_live(case, in_turns([use("Bash", command=look)]), once=True)
    assert result.pair is not None
    [text] = [record.result.text for record in result.pair.first.calls if record.call.tool == "Bash"]
    assert text.split() == ["9", "5", "4", "3", "2", "1", "last", "9"]
    assert "command.unknown" not in codes(result)
