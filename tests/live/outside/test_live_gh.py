"""``gh`` over a world: the commands that users lean on, and clear refusals of the rest."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.live_runs import direct

from routine_harness.live.outside.rest import answer_rest
from routine_harness.live.outside.served_world import open_setting, open_world
from routine_harness.live.outside.shim_answers import GhQuestion, answer_gh
from routine_harness.live.sandbox import shims
from routine_harness.session.faults import Fault
from routine_harness.session.session import Session
from routine_harness.store.cases import load_case_file
from routine_harness.world.github.gh.command_line import commands
from routine_harness.world.github.gh.gh_print import GhAnswer
from routine_harness.world.github.rest.replies import Reply
from routine_harness.world.tool import ToolResult


class Shim:
    """``gh`` as a program inside would call it, over an open session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def __call__(self, *arguments: str, **question: Any) -> GhAnswer:
        asked = GhQuestion(
            arguments, remote="https://github.com/acme-platform/core-api.git", branch="feature/user-search",
            **question,
        )  # fmt: skip
        return answer_gh(asked, self.session, self.do, lambda one: answer_rest(self.session, self.do, one))

    def do(self, tool: str, arguments: dict[str, Any], server: str) -> ToolResult:
        return self.session.handle(f"github.{tool}", arguments, server=server, via="here")

    @property
    def kinds(self) -> list[str]:
        return [effect.kind for effect in self.session.effects]


@pytest.fixture
def gh(project: Path) -> Shim:
    loaded = load_case_file(project / "example_routines/security-triage-pr/cases/sql-injection.yaml")
    return Shim(direct(open_world(open_setting(loaded.cases[0], loaded.routine))))


def test_view_by_number_url_branch_and_alone(gh: Shim) -> None:
    """A pull request is found by its number, its URL, its branch, or that of the clone."""
    url = "https://github.com/acme-platform/core-api/pull/42"
    for words in (["42"], ["#42"], [url], ["feature/user-search"], []):
        answer = gh("pr", "view", *words, "--json", "number,title,author")
        assert answer.code == 0, answer.err
        assert json.loads(answer.out) == {
            "author": {"id": "U_7001", "is_bot": False, "login": "alice", "name": ""},
            "number": 42,
            "title": "Find users by name",
        }


def test_jq_prints_texts_bare_and_the_rest_as_json(gh: Shim) -> None:
    """``--jq`` works as gh's own does."""
    assert gh("pr", "view", "42", "--json", "author", "-q", ".author.login").out == "alice\n"
    assert gh("pr", "list", "--json", "number", "--jq", ".[].number").out == "42\n"
    assert gh("pr", "view", "42", "--json", "author", "-q", ".[").code == 1


def test_plain_output_has_the_fields_in_ghs_order(gh: Shim) -> None:
    """Without ``--json`` the view is gh's own for a pipe: fields, a rule, the body."""
    lines = gh("pr", "view", "42").out.splitlines()
    assert lines[:3] == ["title:\tFind users by name", "state:\tOPEN", "author:\talice"]
    assert "--" in lines
    assert gh("pr", "list").out.startswith("42\tFind users by name\tfeature/user-search\tOPEN\t")


def test_diff_names_and_text(gh: Shim) -> None:
    """The diff is the world's; ``--name-only`` lists the files."""
    assert gh("pr", "diff", "42", "--name-only").out == "app/db.py\n"
    assert "cursor.execute" in gh("pr", "diff", "42").out


def test_writes_change_the_world_and_are_effects(gh: Shim) -> None:
    """What gh writes is read back by gh, and is what the tools would have done."""
    assert gh("issue", "create", "-t", "A thing", "-b", "broken", "-l", "backend").code == 0
    number = json.loads(gh("issue", "list", "--json", "number").out)[0]["number"]
    assert gh("issue", "comment", str(number), "--body-file", "note.md", files={"note.md": "seen"}).code == 0
    assert gh("issue", "close", str(number), "-r", "not planned").code == 0
    shown = json.loads(gh("issue", "view", str(number), "--json", "state,comments,stateReason").out)
    assert (shown["state"], shown["stateReason"]) == ("CLOSED", "NOT_PLANNED")
    assert shown["comments"][0]["body"].startswith("seen")
    assert gh.kinds == ["ticket.created", "comment.created", "ticket.updated"]


def test_pull_requests_are_reviewed_and_merged(gh: Shim) -> None:
    """A review and a merge are effects, merged is what the next look says."""
    assert gh("pr", "review", "42", "--approve", "-b", "good").code == 0
    assert gh("pr", "merge", "42", "--squash").code == 0
    assert json.loads(gh("pr", "view", "42", "--json", "state").out) == {"state": "MERGED"}
    assert gh.kinds == ["review.approved", "pull_request.merged"]


def test_api_on_rest_paths(gh: Shim) -> None:
    """``gh api`` fills in the repository, reads by GET and writes by fields."""
    shown = json.loads(gh("api", "repos/{owner}/{repo}/pulls/42").out)
    assert shown["title"] == "Find users by name"
    assert gh("api", "repos/{owner}/{repo}/issues/42/comments", "-f", "body=hello").code == 0
    assert gh.kinds == ["comment.created"]


def test_api_answers_in_the_shape_of_rest(gh: Shim) -> None:
    """``gh api`` prints what GitHub's API sends, not what a tool of its MCP server says."""
    repository = "repos/acme-platform/core-api"
    made = json.loads(gh("api", f"{repository}/issues/42/comments", "-f", "body=hello").out)
    assert made["user"]["type"] == "User"
    assert made["issue_url"].endswith("/issues/42")
    assert gh("api", f"{repository}/issues/42/comments", "-q", ".[].body").out.startswith("hello")
    assert gh("api", f"{repository}/pulls/42", "-q", ".head.ref, .base.sha != null").out == (
        "feature/user-search\ntrue\n"
    )
    diff = gh("api", f"{repository}/pulls/42", "-H", "Accept: application/vnd.github.diff")
    assert diff.out.startswith("diff --git")
    filed = gh("api", f"{repository}/issues", "--input", "i.json", files={"i.json": '{"title": "Found"}'})
    assert json.loads(filed.out)["title"] == "Found"
    assert gh.kinds == ["comment.created", "ticket.created"]


def test_api_takes_a_field_for_a_number_only_where_it_is_one(gh: Shim) -> None:
    """``-F`` reads whole numbers and true, false, null; anything else is a text."""
    for given, title in (("--5", "--5"), ("-", "-"), ("1_000", "1_000"), ("①", "①")):
        made = gh("api", "repos/acme-platform/core-api/issues", "-F", f"title={given}")
        assert json.loads(made.out)["title"] == title


def test_api_includes_a_status_that_nobody_has_named(gh: Shim) -> None:
    """A cassette may hold any number; its phrase is left out where there is none."""
    asked = GhQuestion(("api", "x", "--include"))
    answer = answer_gh(asked, gh.session, gh.do, lambda _: Reply(299, {"a": 1}))
    assert answer.out.startswith("HTTP/2.0 299\r\n")


def test_api_fails_as_gh_does(gh: Shim) -> None:
    """A refusal is GitHub's JSON on standard output and its status on standard error."""
    absent = gh("api", "repos/acme-platform/core-api/pulls/7")
    assert (absent.code, absent.err) == (1, "gh: Not Found (HTTP 404)\n")
    assert json.loads(absent.out)["message"] == "Not Found"
    broken = gh("api", "-X", "POST", "repos/a/b/issues", "--input", "x", files={"x": "{"})
    assert (broken.code, broken.unknown) == (1, "")
    assert "HTTP 400" in broken.err


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault(tool="github.pull_request_read", status=429, error="slow down"), 429),
        (Fault(connector="github", error="on fire"), 500),
    ],
)
def test_a_fault_befalls_the_api_too(project: Path, fault: Fault, status: int) -> None:
    """A fault of the case is the status of a REST answer; the world is not asked."""
    loaded = load_case_file(project / "example_routines/security-triage-pr/cases/sql-injection.yaml")
    case = msgspec.structs.replace(loaded.cases[0], faults=(fault,))
    shim = Shim(direct(open_world(open_setting(case, loaded.routine))))
    answer = shim("api", "repos/acme-platform/core-api/pulls/42")
    assert f"(HTTP {status})" in answer.err


CREATES = 'mutation($id: ID!) { createIssue(input: {repositoryId: $id, title: "down"}) { issue { number } } }'


@pytest.mark.parametrize(
    "arguments",
    [
        ("issue", "create", "-t", "down", "-b", "x"),
        ("api", "-X", "POST", "repos/acme-platform/core-api/issues", "-f", "title=down"),
        (
            "api",
            "graphql",
            "-F",
            "id={id}",
            "-f",
            f"query={CREATES}",
        ),
    ],
)
def test_a_fault_on_an_operation_strikes_its_live_forms(project: Path, arguments: tuple[str, ...]) -> None:
    """A fault on a tool befalls ``gh`` and requests that do the same inside the sandbox."""
    loaded = load_case_file(project / "example_routines/security-triage-pr/cases/sql-injection.yaml")
    fault = Fault(tool="github.create_issue", error="boom")
    case = msgspec.structs.replace(loaded.cases[0], faults=(fault,))
    shim = Shim(direct(open_world(open_setting(case, loaded.routine))))
    query = 'query={ repository(owner: "acme-platform", name: "core-api") { id } }'
    node = json.loads(shim("api", "graphql", "-f", query).out)["data"]["repository"]["id"]
    answer = shim(*(word.replace("{id}", node) for word in arguments))
    assert (answer.code, "boom" in answer.err + answer.out) == (1, True)
    assert shim.session.calls[-1].answered_by == "fault"
    assert [effect.outcome for effect in shim.session.effects] == ["refused"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pr", "revert", "42"), "not known to the dry run's gh"),
        (("nonsense", "42"), 'unknown command "nonsense" for "gh"'),
        (("api", "user/nonsense", "-f", "key=x"), "not known to the dry run's gh"),
    ],
)
def test_what_it_does_not_know_is_refused_and_reported(
    gh: Shim, arguments: tuple[str, ...], said: str
) -> None:
    """An unknown command, option or path changes nothing and says so."""
    answer = gh(*arguments)
    assert answer.code == 1
    assert said in answer.unknown
    assert gh.kinds == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pr", "view", "7"), "GraphQL: Could not resolve to a PullRequest with the number of 7."),
        (("pr", "view", "nowhere"), "no pull requests found for branch"),
        (("pr", "view", "42", "--json", "nonsense"), "Unknown JSON field"),
        (("pr", "create"), "must provide `--title`"),
        (("pr", "review", "42"), "--approve, --request-changes, or --comment required"),
        (("issue", "view"), "accepts 1 arg(s), received 0"),
        (("pr", "list", "-L", "0"), "invalid limit"),
        (("pr", "comment", "42", "-F", "gone.md"), "no such file"),
    ],
)
def test_what_gh_itself_refuses_fails_in_its_words(gh: Shim, arguments: tuple[str, ...], said: str) -> None:
    """A mistake of the agent's is gh's error on standard error, with status 1."""
    answer = gh(*arguments, files={"gone.md": None})
    assert (answer.code, answer.unknown) == (1, "")
    assert said in answer.err


COMMENTS = "repos/acme-platform/core-api/issues/42/comments"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("pr", "comment", "42", "-F", "-"), "-"),
        (("pr", "comment", "42", "--body-file", "a note.md"), "a note.md"),
        (("pr", "comment", "42", "--body-file=note.md"), "note.md"),
        (("issue", "create", "-t", "T", "-Fnote.md"), "note.md"),
        (("pr", "review", "42", "-cF", "note.md"), "note.md"),
        (("release", "create", "v9", "--notes-file", "-"), "-"),
        (("api", COMMENTS, "-F", "body=@note.md"), "note.md"),
        (("api", COMMENTS, "--field", "body=@-"), "-"),
        (("api", COMMENTS, "--field=body=@note.md"), "note.md"),
    ],
)
def test_the_shim_sends_the_files_that_the_command_reads(
    gh: Shim, arguments: tuple[str, ...], name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every option that names a file is sent with its text; ``-`` is standard input."""
    asked: list[dict[str, Any]] = []

    def ask(_: str, question: dict[str, Any]) -> Any:
        asked.append(question)
        return msgspec.to_builtins(gh(*question["arguments"], files=question.get("files", {})))

    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text("seen it")
    monkeypatch.setattr("sys.argv", ["gh", *arguments])
    monkeypatch.setattr("sys.stdin", io.StringIO("seen it"))
    monkeypatch.setenv("ROUTINE_GH_URL", "")
    monkeypatch.setattr(shims, "ask_json", ask)
    assert shims.main() == 0
    assert [question.get("files") for question in asked] == [None, {name: "seen it"}]
    assert len(gh.kinds) == 1
    assert any("seen it" in str(effect.fields) for effect in gh.session.effects)


def test_the_shim_sends_no_file_that_the_command_does_not_read(gh: Shim) -> None:
    """``-F`` is a field to ``gh api`` and an input to nobody else; a text with an at-sign is a text."""
    for arguments in (("api", COMMENTS, "-f", "body=@note.md"), ("pr", "comment", "42", "-b", "@note.md")):
        assert gh(*arguments).files == ()


def test_every_command_is_either_answered_or_refused(gh: Shim) -> None:
    """No command of the table raises, whatever it lacks."""
    for name in commands():
        for words in ((), ("42",), ("42", "-b", "x"), ("42", "acme/other", "-t", "x")):
            assert isinstance(gh(*name.split(), *words), GhAnswer)


def test_an_option_that_gh_lacks_fails_in_its_words_and_is_told(gh: Shim) -> None:
    """An unknown option changes nothing; it is never dropped in silence."""
    answer = gh("pr", "merge", "42", "--nonsense")
    assert (answer.code, answer.err) == (1, "unknown flag: --nonsense\n")
    assert "--nonsense" in answer.unknown
    assert gh.kinds == []
