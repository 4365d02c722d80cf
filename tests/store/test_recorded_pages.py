"""What a cassette holds of any other host: order, bodies, redirects, writes, and what nobody asked for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from recorded_world import Desk, read, world_zero

from routine_harness.case.result import CaseResult
from routine_harness.harness import check_case
from routine_harness.store.cassette_files import save_cassette
from routine_harness.store.interactions import Interaction

STATUS = "https://api.example.com/v1/status"
HTML = "text/html"
REPOSITORY = {"id": 1, "name": "core", "full_name": "acme/core", "default_branch": "main"}


def page(url: str, body: bytes | str, status: int = 200, **headers: str) -> Interaction:
    data = body.encode() if isinstance(body, str) else body
    return Interaction("GET", url, status, data, {name: [value] for name, value in headers.items()})


def sent(url: str, request: Any, answer: Any, status: int = 200, method: str = "POST") -> Interaction:
    body = request if isinstance(request, bytes) else msgspec.json.encode(request)
    return Interaction(method, url, status, msgspec.json.encode(answer), {}, body)


def test_a_url_recorded_several_times_is_answered_in_that_order() -> None:
    """Each answer once, then the last one again and again, whichever tool asks."""
    desk = Desk(world_zero([page(STATUS, text) for text in ("a", "b", "c")]))
    asked = [desk.fetch(STATUS), desk.bash(f"curl -s {STATUS}"), *(desk.fetch(STATUS) for _ in range(3))]
    assert [outcome.result.text for outcome in asked] == ["a", "b", "c", "c", "c"]


def test_the_order_begins_anew_in_the_second_run(tmp_path: Path) -> None:
    """A poll that ended in run 1 is answered from its beginning in run 2."""
    result = checked(tmp_path, [page(STATUS, text) for text in ("busy", "done")], """
        url = "https://api.example.com/v1/status"
        texts = [session.call("WebFetch", url=url, prompt="?").text for _ in "12"]
        session.say(" ".join(texts))
    """)  # fmt: skip
    assert result.pair is not None
    assert result.pair.second is not None
    assert [result.pair.first.closing, result.pair.second.closing] == ["busy done", "busy done"]


def test_a_failure_and_its_end_are_played() -> None:
    """A service that was down at first is up at the second try."""
    desk = Desk(world_zero([page(STATUS, "down", 503), page(STATUS, "up")]))
    assert desk.bash(f"curl -sf {STATUS}").result.is_error
    assert desk.bash(f"curl -sf {STATUS}").result.text == "up"


def test_webfetch_follows_a_redirect_on_its_host_and_tells_of_another() -> None:
    """As the CLI does: the same host with or without ``www.``, and no other."""
    moved = [
        page("https://example.com/a", "", 301, Location="/b"),
        page("https://example.com/b", "", 302, Location="https://www.example.com/c"),
        page("https://www.example.com/c", "here"),
        page("https://example.com/away", "", 307, Location="https://other.example/x"),
        page("https://other.example/x", "there"),
        page("https://example.com/round", "", 302, Location="/round"),
    ]
    desk = Desk(world_zero(moved))
    assert desk.fetch("http://example.com/a").result.text == "here"
    told = desk.fetch("https://example.com/away").result
    assert not told.is_error
    assert told.text.startswith("REDIRECT DETECTED: ")
    assert '- url: "https://other.example/x"' in told.text
    assert desk.fetch("https://example.com/round").result.is_error
    assert desk.bash("curl -sL https://example.com/away").result.text == "there"
    assert desk.bash("curl -sSL --max-redirs 3 https://example.com/round").result.text.startswith(
        "curl: (47)"
    )


def test_bytes_and_charsets_reach_the_agent() -> None:
    """WebFetch reads a page by its charset; a file that curl writes holds it."""
    desk = Desk(world_zero([
        page("https://x.example/a", b"Gr\xfc\xdfe", **{"Content-Type": f"{HTML}; charset=latin-1"}),
        page("https://x.example/b", "Grüße".encode("utf-16")),
        page("https://x.example/c", b'<meta charset="iso-8859-1">Gr\xfc\xdfe', **{"Content-Type": HTML}),
    ]))  # fmt: skip
    assert all("Grüße" in desk.fetch(f"https://x.example/{name}").result.text for name in "abc")


def test_wget_prints_to_standard_output_or_writes_a_file() -> None:
    """``-O -`` prints, nothing else does; a status of failure ends it with its own exit code."""
    desk = Desk(world_zero([page(f"{STATUS}.json", "{}"), page("https://x.example/gone", "no", 404)]))
    assert desk.bash(f"wget -qO- {STATUS}.json").result.text == "{}"
    assert desk.bash(f"wget -q {STATUS}.json && cat status.json").result.text == "{}"
    gone = desk.bash("wget -q https://x.example/gone || echo $?").result
    assert gone.text == "8"


HOOK = "https://hooks.example.com/in"


def test_a_post_to_a_recorded_url_gives_its_recorded_answer() -> None:
    """By its body, else by its address in order; what it does outside is an effect as before."""
    desk = Desk(world_zero([
        sent(HOOK, {"text": "one"}, {"id": 1}, 201), sent(HOOK, {"text": "two"}, {"id": 2}, 201),
        sent(HOOK, {"text": "no"}, {"error": "closed"}, 409),
        sent(f"{HOOK}/7", {}, {"done": True}, method="PUT"),
    ]))  # fmt: skip
    second = desk.bash(f"curl -s -w ' %{{http_code}}' {HOOK} -d '{{\"text\": \"two\"}}'")
    assert second.result.text == '{"id":2} 201'
    assert [effect.kind for effect in second.effects] == ["http.requested"]
    assert desk.bash(f"curl -s {HOOK} -d 'text=other'").result.text == '{"id":1}'
    refused = desk.bash(f'curl -sS --fail-with-body {HOOK} --json \'{{"text":"no"}}\'')
    assert refused.result.is_error
    assert refused.result.text.startswith('{"error":"closed"}')
    assert desk.bash(f"curl -s -X PUT {HOOK}/7").result.text == '{"done":true}'


GRAPHQL = "https://api.example.com/graphql"


def test_a_recorded_graphql_document_is_answered_and_no_other() -> None:
    """White space and the order of names say nothing; another document was never answered."""
    query = "query Q($n: Int!) {\n  issues(first: $n) { title }\n}"
    held = sent(GRAPHQL, {"query": query, "variables": {"n": 2}}, {"data": {"issues": []}})
    other = sent(GRAPHQL, {"query": "{ viewer { login } }"}, {"data": {"viewer": {"login": "bot"}}})
    desk = Desk(world_zero([other, held]))
    same = {"variables": {"n": 2}, "query": " ".join(query.split())}
    assert desk.bash(f"curl -s {GRAPHQL} -d '{json.dumps(same)}'").result.text == '{"data":{"issues":[]}}'
    more = {"variables": {"n": 9}, "query": query}
    assert "issues" not in desk.bash(f"curl -s {GRAPHQL} -d '{json.dumps(more)}'").result.text


def test_githubs_own_graphql_is_answered_where_no_model_knows_the_document() -> None:
    """A recorded document of what the schema here lacks is given as it was recorded."""
    document = {"query": 'query { repository(owner: "acme", name: "core") { fundingLinks { url } } }'}
    answer = {"data": {"repository": {"fundingLinks": [{"url": "https://fund.example"}]}}}
    repository = read(
        "/repos/acme/core", {"id": 1, "name": "core", "full_name": "acme/core", "default_branch": "main"}
    )
    desk = Desk(world_zero([repository, sent("https://api.github.com/graphql", document, answer)]))
    text = desk.bash(f"curl -s https://api.github.com/graphql -d '{json.dumps(document)}'").result.text
    assert "https://fund.example" in text


ROUTINE = """\
name: watcher
repositories: [github:acme/core]
environment: {network: full}
triggers: [{type: api}]
prompt: Look at the status page.
"""
CASE = """\
trigger: {api: {text: go}}
cassettes: [../cassettes/net.yaml]
agent: {scripted: ../agents/watch.py::watch}
expect: {nothing: true}
"""


def checked(folder: Path, held: list[Interaction], script: str) -> CaseResult:
    """A case whose agent does what ``script`` says."""
    files = {
        "routine.yaml": ROUTINE,
        "cases/one.yaml": CASE,
        "agents/watch.py": f"def watch(session):{script}",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    save_cassette(folder / "cassettes" / "net.yaml", tuple(held))
    return check_case(folder / "cases" / "one.yaml")


def test_interactions_that_nobody_asked_for_are_counted(tmp_path: Path) -> None:
    """``call.unplayed`` counts answers over HTTP; what a model knows of GitHub need not be asked for."""
    held = [
        page(STATUS, "a"), page(STATUS, "b"), page("https://other.example/", "x"),
        sent(HOOK, {"text": "hi"}, {"ok": True}),
        read("/repos/acme/core", REPOSITORY),
        read("/repos/acme/core/traffic/views", {"count": 1}),
    ]  # fmt: skip
    result = checked(tmp_path, held, """
        session.call("WebFetch", url="https://api.example.com/v1/status", prompt="?")
        session.say("looked")
    """)  # fmt: skip
    [left] = [finding for finding in result.verdict.findings if finding.code == "call.unplayed"]
    assert left.message == "no call asked for 4 recorded interactions"
    assert not left.fails
    assert any("net.yaml:" in line and "other.example" in line for line in left.detail)


REPORTS = (
    ("cassette-page-two", "tickets"), ("webfetch-of-a-recorded-api", "says"), ("parsed-body", "says"),
    ("charset", "says"), ("curl-404", "says"), ("gh-json-shape", "says"), ("listing-hides-content", "says"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "item"), REPORTS)
def test_a_reported_recording_is_answered(shared_data: Path, tmp_path: Path, name: str, item: str) -> None:
    """Each report of a recorded read that was lost: what its case expects holds, and nothing is unknown."""
    shutil.copytree(shared_data / "reports" / name, tmp_path / name)
    result = check_case(tmp_path / name / "cases" / "x.yaml")
    [check] = [check for check in result.verdict.checks if check.name == item]
    assert check.outcome == "passed"
    codes = {finding.code for finding in result.verdict.findings}
    assert not codes & {"world.incomplete", "call.unexpected", "run.did-not-look", "expect.nothing"}
