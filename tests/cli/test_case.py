"""``case`` writes a new case with its firing and its world, and reads a real pull request without a write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from support.loopback import served

from routine_harness.cli.main import run
from routine_harness.errors import UsageError
from routine_harness.harness import check_case
from routine_harness.interop.github_reads import GithubReads
from routine_harness.store.cases import load_case_file

ROUTINE = """\
name: triage
repositories: [github:acme/core]
connectors: [slack:alerts]
triggers: [{type: github, events: [pull_request.labeled, pull_request.opened]}]
prompt: Look at the pull request.
"""
TOKEN = "ghp_" + "t" * 36
SECRET = "ghp_" + "s" * 36
ANN = {"login": "ann", "id": 1, "url": "https://api.github.com/users/ann", "type": "User"}
REPOSITORY: dict[str, Any] = {
    "id": 7, "full_name": "acme/core", "name": "core", "owner": {"login": "acme"}, "default_branch": "main",
    "private": True, "html_url": "https://github.com/acme/core", "hooks_url": "https://api.github.com/x",
    "has_issues": True,
}  # fmt: skip
HEAD = "a" * 40
PULL: dict[str, Any] = {
    "id": 9, "number": 42, "title": "Fix the leak", "body": f"My key is {SECRET}", "state": "open",
    "draft": False, "merged": False, "user": ANN, "labels": [{"name": "bug", "color": "f00", "id": 3}],
    "head": {"ref": "fix", "sha": HEAD, "repo": {"full_name": "ann/core"}},
    "base": {"ref": "main", "sha": "b" * 40, "repo": {"full_name": "acme/core"}},
    "comments": 2, "commits": 1, "review_comments": 1, "created_at": "2026-05-04T09:00:00Z",
    "updated_at": "2026-05-05T10:00:00Z", "_links": {"self": {"href": "x"}}, "html_url": "https://github.com/x",
}  # fmt: skip
AT = "/repos/acme/core"
COMMENTS = [
    {"id": number, "body": f"comment {number}", "user": ANN, "created_at": "2026-05-04T10:00:00Z"}
    for number in (1, 2)
]
ANSWERS: dict[str, Any] = {
    AT: REPOSITORY,
    f"{AT}/pulls/42": PULL,
    f"{AT}/pulls/42/files": [{"filename": "app.py", "status": "modified", "additions": 1, "deletions": 0,
                              "patch": "@@ -1 +1,2 @@\n import os\n+import sys", "raw_url": "https://x"}],
    f"{AT}/pulls/42/commits": [{"sha": HEAD, "author": ANN, "commit": {
        "message": "Fix", "author": {"name": "Ann", "date": "2026-05-04T09:00:00Z"}}}],
    f"{AT}/pulls/42/reviews": [{"id": 5, "state": "COMMENTED", "body": "hm", "user": ANN,
                                "submitted_at": "2026-05-04T11:00:00Z", "commit_id": HEAD}],
    f"{AT}/pulls/42/comments": [{"id": 6, "body": "here", "path": "app.py", "line": 2, "user": ANN,
                                 "diff_hunk": "@@", "pull_request_review_id": 5}],
    f"{AT}/commits/{HEAD}/check-runs": {"total_count": 1, "check_runs": [
        {"id": 8, "name": "tests", "status": "completed", "conclusion": "failure", "head_sha": HEAD,
         "app": {"id": 1}}]},
    f"{AT}/commits/{HEAD}/statuses": [],
    f"{AT}/labels": [{"name": "bug", "color": "f00", "id": 3}],
}  # fmt: skip


class StandIn(BaseHTTPRequestHandler):
    """A stand-in of GitHub's API on loopback; it counts what it is asked."""

    asked: ClassVar[list[tuple[str, str, str]]] = []
    answers: ClassVar[dict[str, Any]] = {}
    elsewhere: ClassVar[bool] = False

    def do_GET(self) -> None:
        path, _, query = self.path.removeprefix("/api/v3").partition("?")
        self.asked.append(("GET", path, str(self.headers.get("Authorization"))))
        host = f"http://{self.headers['Host']}/api/v3"
        if path == f"{AT}/issues/42/comments":
            page = int(query.partition("&page=")[2] or 1)
            following = f"{'https://evil.example' if self.elsewhere else host}{path}?per_page=100&page=2"
            self._answer(200, COMMENTS[page - 1 : page], following if page == 1 else "")
        elif path in self.answers:
            self._answer(200, self.answers[path])
        else:
            self._answer(404, {"message": "Not Found"})

    def _other(self) -> None:
        self.asked.append((str(self.command), self.path, ""))
        self._answer(500, {})

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _other  # noqa: N815 - the server's names

    def _answer(self, status: int, value: Any, following: str = "") -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if following:
            self.send_header("Link", f'<{following}>; rel="next"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[StandIn]]:
    """The stand-in, named by GITHUB_API_URL as in Actions, and a token."""
    StandIn.asked, StandIn.answers, StandIn.elsewhere = [], dict(ANSWERS), False
    monkeypatch.delenv("GH_TOKEN", raising=False)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with served(StandIn) as url:
        monkeypatch.setenv("GITHUB_API_URL", f"{url}/api/v3")
        yield StandIn


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A routine without a case."""
    home = tmp_path / "routines" / "triage"
    home.mkdir(parents=True)
    (home / "routine.yaml").write_text(ROUTINE)
    return home


def files_of(home: Path) -> dict[str, str]:
    """The files below ``home`` by name, but the routine's."""
    found = (path for path in home.rglob("*") if path.is_file() and path.name != "routine.yaml")
    return {path.relative_to(home).as_posix(): path.read_text() for path in found}


def test_a_real_pull_request_becomes_a_world(home: Path, github: type[StandIn]) -> None:
    """Files, commits, reviews, comments of two pages, checks and labels are in it; only GETs were made."""
    case = home / "cases" / "pr-42.yaml"
    assert run(["case", str(case), "--from-pr", "acme/core#42"]) == 0
    assert {method for method, _, _ in github.asked} == {"GET"}
    assert {token for _, _, token in github.asked} == {f"Bearer {TOKEN}"}
    written = yaml.safe_load(case.read_text())
    assert written["trigger"]["github"] == {
        "event": "pull_request.labeled", "at": "2026-05-05T10:00:00Z", "payload": "../payloads/pr-42.json"
    }  # fmt: skip
    assert "Fix the leak" in written["description"]
    assert written["world"] == "../worlds/pr-42.yaml"
    world = yaml.safe_load((home / "worlds" / "pr-42.yaml").read_text())["github"]
    [pull] = world["pulls"]
    assert (pull["user"], pull["head"], pull["head_repository"], pull["labels"]) == (
        "ann", "fix", "ann/core", ["bug"]
    )  # fmt: skip
    assert [one["filename"] for one in pull["files"]] == ["app.py"]
    assert [one["message"] for one in pull["commits"]] == ["Fix"]
    assert [one["state"] for one in pull["reviews"]] == ["COMMENTED"]
    assert [one["body"] for one in pull["review_comments"]] == ["here"]
    assert [one["body"] for one in pull["comments"]] == ["comment 1", "comment 2"]
    assert [(one["name"], one["conclusion"]) for one in pull["checks"]] == [("tests", "failure")]
    assert world["labels"] == [{"repository": "acme/core", "name": "bug", "color": "f00"}]
    [loaded] = load_case_file(case).cases
    assert loaded.trigger.payload["label"]["name"] == "bug"
    assert "https://api.github.com" not in (home / "payloads" / "pr-42.json").read_text()


AGENT = """
import json

def look(session):
    for method in ("get", "get_files", "get_comments", "get_reviews", "get_check_runs", "get_diff"):
        asked = {"method": method, "owner": "acme", "repo": "core", "pullNumber": 42}
        session.say(method + ": " + session.call("github.pull_request_read", **asked).text)
    session.call("slack.slack_send_message", channel_id="alerts", message="leak")
"""


def test_an_agent_finds_there_what_github_had(home: Path, github: type[StandIn]) -> None:
    """The world answers the reads of the pull request; nothing of it is incomplete."""
    case = home / "cases" / "pr-42.yaml"
    assert run(["case", str(case), "--from-pr", "https://github.com/acme/core/pull/42"]) == 0
    (home / "agents").mkdir()
    (home / "agents" / "a.py").write_text(AGENT)
    case.write_text(
        case.read_text().replace("expect: {}", "agent: {scripted: ../agents/a.py::look}\nexpect: {}")
    )
    result = check_case(case)
    assert result.pair is not None
    said = {call.call.arguments["method"]: call.result.text for call in result.pair.first.calls[:6]}
    assert "import sys" in said["get_files"]
    assert "import sys" in said["get_diff"]
    assert "comment 2" in said["get_comments"]
    assert "COMMENTED" in said["get_reviews"]
    assert "failure" in said["get_check_runs"]
    assert "world.incomplete" not in [one.code for one in result.verdict.findings]


def test_secrets_reach_no_file(home: Path, github: type[StandIn], capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the token nor a key in the pull request's body."""
    assert run(["case", str(home / "cases" / "a.yaml"), "--from-pr", "acme/core#42"]) == 0
    text = "".join(files_of(home).values()) + capsys.readouterr().out
    assert TOKEN not in text
    assert SECRET not in text
    assert "redacted:" in text


def test_the_case_is_red_until_somebody_records(home: Path, github: type[StandIn]) -> None:
    """Nothing is green for nothing: its firing holds, its run is missing."""
    case = home / "cases" / "a.yaml"
    assert run(["case", str(case), "--from-pr", "acme/core#42"]) == 0
    verdict = check_case(case).verdict
    assert verdict.check("fires").outcome == "passed"
    assert [one.code for one in verdict.check("run").findings] == ["recording.absent"]


def test_what_is_not_given_is_said(
    home: Path, github: type[StandIn], capsys: pytest.CaptureFixture[str]
) -> None:
    """A token without the right to checks: the case says that the world has none of them."""
    del github.answers[f"{AT}/commits/{HEAD}/check-runs"]
    case = home / "cases" / "a.yaml"
    assert run(["case", str(case), "--from-pr", "acme/core#42"]) == 0
    assert "not read, so that the world has none: checks (404 Not Found)" in capsys.readouterr().out
    assert "# " in case.read_text() and "checks (404 Not Found)" in case.read_text()  # noqa: PT018


def test_a_pull_request_that_cannot_be_read_is_one_error(
    home: Path, github: type[StandIn], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 with the reason, and nothing is written: absent, other repository, no token, other hosts."""
    case = str(home / "cases" / "a.yaml")

    def refused(reference: str = "acme/core#42", *more: str) -> str:
        assert run(["case", case, "--from-pr", reference, *more]) == 2
        assert files_of(home) == {}
        return capsys.readouterr().err

    assert "acme/core#43: GitHub answers 404 Not Found" in refused("acme/core#43")
    before = len(github.asked)
    assert "acme/other is no repository of the routine triage" in refused("acme/other#1")
    assert "expected a pull request as OWNER/REPO#N" in refused("acme/core")
    assert "expected an event of a pull request" in refused("acme/core#42", "--on", "issues.opened")
    assert len(github.asked) == before
    github.elsewhere = True
    assert "goes on at another host" in refused()
    monkeypatch.setenv("GITHUB_API_URL", "http://github.example/api")
    assert "a token may be sent to" in refused()
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:1/api")
    assert "127.0.0.1:1 cannot be read" in refused()
    monkeypatch.delenv("GITHUB_TOKEN")
    assert "takes a token" in refused()


def test_no_other_request_can_be_made(github: type[StandIn]) -> None:
    """The client itself refuses a write, and any other host."""
    import os

    with GithubReads(dict(os.environ)) as reads:
        for method, url in (("POST", f"{reads._base}{AT}"), ("GET", "http://127.0.0.1:1/x")):
            with pytest.raises(AssertionError, match="only reads"):
                reads._client.request(method, url)
    assert github.asked == []
    with pytest.raises(UsageError):
        GithubReads({})


PAYLOAD: dict[str, Any] = {
    "action": "opened", "number": 42, "pull_request": PULL, "repository": REPOSITORY, "sender": ANN,
}  # fmt: skip
EVENTS: dict[str, str] = {
    "a body": json.dumps(PAYLOAD),
    "a delivery": json.dumps({"event": "pull_request", "request": {
        "headers": {"X-GitHub-Event": "pull_request"}, "payload": PAYLOAD}}),
    "HTTP": f"X-GitHub-Event: pull_request\n\n{json.dumps(PAYLOAD)}",
    "Actions": json.dumps({"event_name": "pull_request", "event": PAYLOAD}),
}  # fmt: skip


@pytest.mark.parametrize("form", EVENTS)
def test_an_event_becomes_a_case(form: str, home: Path, tmp_path: Path) -> None:
    """In each envelope: firing, payload in its own file, the world that it tells, and what it does not."""
    (tmp_path / "event.json").write_text(EVENTS[form])
    case = home / "cases" / "opened.yaml"
    assert run(["case", str(case), "--event", str(tmp_path / "event.json")]) == 0
    written = yaml.safe_load(case.read_text())
    assert written["trigger"]["github"]["event"] == "pull_request.opened"
    [pull] = written["world"]["github"]["pulls"]
    assert (pull["number"], pull["title"], pull["user"]) == (42, "Fix the leak", "ann")
    assert "files: [{filename: …, patch: …}]" in case.read_text()
    assert check_case(case).verdict.check("fires").outcome == "passed"
    assert SECRET not in "".join(files_of(home).values())


def test_a_fire_request_becomes_a_case(home: Path, tmp_path: Path) -> None:
    """Its text is the trigger's; of the world only the repositories are known."""
    (tmp_path / "event.json").write_text(json.dumps({"text": "look at this"}))
    case = home / "cases" / "fired.yaml"
    assert run(["case", str(case), "--event", str(tmp_path / "event.json")]) == 0
    written = yaml.safe_load(case.read_text())
    assert written["trigger"] == {"api": {"text": "look at this"}}
    assert written["world"] == {"github": {"repositories": [{"full_name": "acme/core", "files": {}}]}}


def test_an_event_that_does_not_fire_is_said(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The case is written, and red at once."""
    (tmp_path / "event.json").write_text(json.dumps({**PAYLOAD, "action": "closed"}))
    case = home / "cases" / "closed.yaml"
    assert run(["case", str(case), "--event", str(tmp_path / "event.json")]) == 0
    assert "it does not fire the routine" in capsys.readouterr().out
    assert check_case(case).verdict.check("fires").outcome == "failed"


def test_a_run_on_record_becomes_a_case(home: Path, tmp_path: Path) -> None:
    """Its world and its firing, with the recorded case's own trigger where that lies beside."""
    case = home / "cases" / "first.yaml"
    (home / "agents").mkdir()
    (home / "agents" / "a.py").write_text(AGENT)
    (tmp_path / "event.json").write_text(EVENTS["a body"])
    assert run(["case", str(case), "--event", str(tmp_path / "event.json")]) == 0
    text = case.read_text().replace("expect: {}", "record_with: {scripted: ../agents/a.py::look}\nexpect: {}")
    case.write_text(text)
    check_case(case, record="all", overwrite=True)
    recording = home / "recordings" / "first.jsonl"
    again = home / "cases" / "again.yaml"
    assert run(["case", str(again), "--recording", str(recording)]) == 0
    written = yaml.safe_load(again.read_text())
    assert written["trigger"] == yaml.safe_load(text)["trigger"]
    assert written["world"] == "../worlds/again.yaml"
    world = yaml.safe_load((home / "worlds" / "again.yaml").read_text())
    assert [pull["title"] for pull in world["github"]["pulls"]] == ["Fix the leak"]
    assert check_case(again).verdict.check("fires").outcome == "passed"


def test_an_imported_session_becomes_another_case(home: Path, shared_data: Path) -> None:
    """A recording without a world: what its reads reveal."""
    routine = ROUTINE.replace("acme/core", "example-org/example-repo")
    (home / "routine.yaml").write_text(routine)
    source = shared_data / "transcripts" / "action-sample-turns.json"
    assert run(["import", "transcript", str(source), "-o", str(home)]) == 0
    recording = home / "recordings" / "action-sample-turns.jsonl"
    assert run(["case", str(home / "cases" / "b.yaml"), "--recording", str(recording)]) == 0
    assert yaml.safe_load((home / "cases" / "b.yaml").read_text())["trigger"] == {"manual": {}}


def test_nothing_is_replaced_unasked(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All files that are there are named at once, exit 2; --force replaces them."""
    (tmp_path / "event.json").write_text(EVENTS["a body"])
    for folder, name in (("cases", "a.yaml"), ("payloads", "a.json")):
        (home / folder).mkdir()
        (home / folder / name).write_text("mine")
    command = ["case", str(home / "cases" / "a.yaml"), "--event", str(tmp_path / "event.json")]
    assert run(command) == 2
    assert capsys.readouterr().err.count("is there already") == 2
    assert set(files_of(home).values()) == {"mine"}
    assert run([*command, "--force", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [Path(file).name for file in said["files"]] == ["a.yaml", "a.json"]
    assert said["fires"] is True
    assert "mine" not in files_of(home).values()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["cases/a.yaml"], "found none"),
        (["cases/a.yaml", "--event", "e", "--from-pr", "a/b#1"], "found --event and --from-pr"),
        (["cases/a.yaml", "--event", "e", "--on", "x"], "--on goes with --from-pr"),
        (["cases/a.json", "--event", "e"], "expected a case's file"),
        (["elsewhere/a.yaml", "--event", "e"], "belongs to no routine"),
        (["cases/a.yaml", "--event", "absent.json"], "no such file"),
        (["cases/a.yaml", "--event", "routine.yaml"], "expected JSON"),
        (["cases/a.yaml", "--event", "two.jsonl"], "expected one event, found 2"),
        (["cases/a.yaml", "--recording", "absent.jsonl"], "no such file"),
        (["cases/a.yaml", "--recording", "two.jsonl"], "two.jsonl"),
    ],
)
def test_bad_input_is_one_clear_error(
    arguments: list[str], words: str, home: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Exit 2, no traceback, nothing written."""
    monkeypatch.chdir(home)
    (home / "two.jsonl").write_text(f"{json.dumps(PAYLOAD)}\n{json.dumps(PAYLOAD)}\n")
    assert run(["case", *arguments]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said
    assert set(files_of(home)) == {"two.jsonl"}


def test_real_deliveries_become_cases(home: Path, tmp_path: Path, shared_data: Path) -> None:
    """Each webhook body of the real data, and each delivery of a busy repository, gives a case that loads."""
    bodies = sorted((shared_data / "webhooks").glob("*/*.json"))
    kinds = {"pull_request": "pull_request", "issues": "issues", "release": "release"}
    for number, file in enumerate(bodies):
        delivery = {"event": kinds[file.parent.name], "payload": json.loads(file.read_text())}
        (tmp_path / "event.json").write_text(json.dumps(delivery))
        case = home / "cases" / f"case-{number}.yaml"
        assert run(["case", str(case), "--event", str(tmp_path / "event.json")]) == 0, file.name
        assert "expect: {}" in case.read_text()
    assert len(bodies) > 20
    deliveries = (shared_data / "webhooks" / "mergify.jsonl").read_text().splitlines()
    for number, line in enumerate(deliveries):
        (tmp_path / "event.json").write_text(line)
        case = home / "cases" / f"mergify-{number}.yaml"
        assert run(["case", str(case), "--event", str(tmp_path / "event.json")]) == 0, line[:80]
    assert len(load_case_file(home / "cases" / "mergify-0.yaml").cases) == 1
