"""What ``gh`` printed in a session becomes records of the world, as the answers of tools do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine_harness.cli.main import run
from routine_harness.interop.sessions.imported import Imported
from routine_harness.interop.sessions.revealed import revealed_world
from routine_harness.interop.sessions.transcripts import import_session
from routine_harness.live.outside.rest import answer_rest
from routine_harness.live.outside.served_world import open_setting, open_world
from routine_harness.live.outside.shim_answers import GhQuestion, answer_gh
from routine_harness.routine.edition_rules import DIRECT
from routine_harness.session.session import Session
from routine_harness.store.cases import load_case_file
from routine_harness.world.github.records.fields import fields_of
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolResult
from routine_harness.world.worldfile import world_from_data

REGISTRY = Registry()
RESULT = {"type": "result", "subtype": "success", "is_error": False, "result": "done", "usage": {}}
CONTEXT = (
    "<github-trigger-context>\nEvent: pull_request.opened\nRepository: acme/core\n</github-trigger-context>"
)


def shell(*pairs: tuple[str, str], prompt: str = CONTEXT) -> Imported:
    """A session that ran these commands and was told these outputs."""
    lines: list[dict[str, Any]] = [{"type": "user", "message": {"role": "user", "content": prompt}}]
    for number, (command, output) in enumerate(pairs):
        use = {"type": "tool_use", "id": f"c{number}", "name": "Bash", "input": {"command": command}}
        told = {"type": "tool_result", "tool_use_id": f"c{number}", "content": output}
        lines.append({"type": "assistant", "message": {"id": f"m{number}", "content": [use]}})
        lines.append({"type": "user", "message": {"role": "user", "content": [told]}})
    data = b"".join(json.dumps(line).encode() + b"\n" for line in (*lines, RESULT))
    return import_session(data, "session.jsonl", REGISTRY)


def github(*pairs: tuple[str, str], prompt: str = CONTEXT) -> dict[str, Any]:
    world = revealed_world(shell(*pairs, prompt=prompt), REGISTRY)
    connectors = {"github": REGISTRY.get("github")}
    world_from_data(world, connectors)  # type: ignore[arg-type]  # it holds together
    return dict(world.get("github", {}))


PULL = {
    "number": 42, "title": "Find users", "state": "OPEN", "isDraft": False,
    "author": {"login": "app/renovate"},
    "headRefName": "feature/x", "headRefOid": "a" * 40, "baseRefName": "main",
    "labels": [{"id": "LA_kw", "name": "bug", "description": "", "color": "d73a4a"}],
    "files": [{"path": "app.py", "additions": 2, "deletions": 1, "changeType": "MODIFIED"}],
    "comments": [{"id": "IC_kw1", "author": {"login": "ann"}, "body": "Why?", "viewerDidAuthor": False,
                  "createdAt": "2026-05-04T09:00:00Z",
                  "url": "https://github.com/acme/core/pull/42#issuecomment-77"}],
    "reviews": [{"id": "PRR_kw", "author": {"login": "bob"}, "body": "", "state": "APPROVED",
                 "submittedAt": "2026-05-04T09:00:00Z", "commit": {"oid": "a" * 40}}],
    "commits": [{"oid": "a" * 40, "messageHeadline": "Find", "messageBody": "them",
                 "authoredDate": "2026-05-04T08:00:00Z",
                 "authors": [{"login": "ann", "name": "Ann", "email": "ann@example.com"}]}],
    "statusCheckRollup": [{"__typename": "CheckRun", "name": "tests", "status": "COMPLETED",
                           "conclusion": "FAILURE", "workflowName": "ci", "detailsUrl": "https://x.example/1"}],
}  # fmt: skip


def test_a_pull_request_with_all_that_hangs_on_it() -> None:
    """Fields, comments, reviews, files, commits and checks are told in the world's words."""
    told = github((f"gh pr view 42 --json {','.join(PULL)}", json.dumps(PULL) + "\n"))
    [pull] = told["pulls"]
    assert (pull["repository"], pull["state"], pull["user"]) == (
        "acme/core",
        "open",
        {"login": "renovate[bot]"},
    )
    assert (pull["head"], pull["head_sha"]) == ("feature/x", "a" * 40)
    assert pull["comments"][0]["id"] == 77
    assert pull["files"] == [{"filename": "app.py", "status": "modified", "additions": 2, "deletions": 1}]
    assert pull["commits"][0]["message"] == "Find\n\nthem"
    assert [pull["checks"][0][name] for name in ("name", "conclusion")] == ["tests", "failure"]


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("cd core && gh issue list --json number,title -R acme/core 2>/dev/null | jq .", "{}"),
        (
            "echo '=== issues'; gh issue list --json number,title; git status",
            "=== issues\n{}\nOn branch main",
        ),
        ("gh search issues --json number,title,repository bug", "{}"),
        ("gh api repos/acme/core/issues", "{}"),
        ("gh api 'repos/{owner}/{repo}/issues?state=all' --paginate", "{}"),
        ("gh api -X GET /repos/acme/core/issues/7", "{}"),
    ],
)
def test_forms_of_the_same_question(command: str, output: str) -> None:
    """Lists, searches and the REST interface reveal the issue, whatever is printed around it."""
    issue: dict[str, Any] = {"number": 7, "title": "Leak"}
    if "search" in command:
        issue["repository"] = {"name": "core", "nameWithOwner": "acme/core"}
    given = json.dumps(issue if "issues/7" in command else [issue], indent=2)
    [row] = github((command, output.replace("{}", given)))["issues"]
    assert (row["repository"], row["number"], row["title"]) == ("acme/core", 7, "Leak")


@pytest.mark.parametrize(
    ("command", "shown", "table", "row"),
    [
        ("gh run list -L 5 --json databaseId,status,conclusion,headSha,workflowName",
         [{"databaseId": 9, "status": "completed", "conclusion": "failure", "headSha": "b" * 40,
           "workflowName": "ci"}],
         "workflow_runs",
         {"id": 9, "status": "completed", "conclusion": "failure", "head_sha": "b" * 40, "name": "ci"}),
        ("gh run view 9 --json databaseId,jobs",
         {"databaseId": 9, "jobs": [{"databaseId": 3, "name": "test", "conclusion": "failure"}]},
         "workflow_runs", {"id": 9, "jobs": [{"id": 3, "name": "test", "conclusion": "failure"}]}),
        ("gh release view v1 --json tagName,isPrerelease,assets",
         {"tagName": "v1", "isPrerelease": False, "assets": [{"id": "RA_kw", "name": "a.deb", "size": 3}]},
         "releases",
         {"tag_name": "v1", "prerelease": False,
          "assets": [{"node_id": "RA_kw", "name": "a.deb", "size": 3}]}),
        ("gh label list --json name,color", [{"name": "bug", "color": "d73a4a"}],
         "labels", {"name": "bug", "color": "d73a4a"}),
        ("R=acme/core; gh pr view 4 -R $R --json reviewRequests",
         {"reviewRequests": [{"__typename": "User", "login": "ann"},
                             {"__typename": "Team", "name": "Core", "slug": "acme/core-team"}]},
         "pulls", {"number": 4, "requested_reviewers": [{"login": "ann"}],
                   "requested_teams": [{"name": "Core", "slug": "core-team"}]}),
        ("gh api -H 'Accept: application/vnd.github+json' repos/{owner}/{repo}/labels",
         [{"name": "bug", "color": "d73a4a"}], "labels", {"name": "bug", "color": "d73a4a"}),
        ("gh api repos/{owner}/{repo}/labels --paginate --slurp", [[{"name": "bug", "color": "d73a4a"}]],
         "labels", {"name": "bug", "color": "d73a4a"}),
    ],
)  # fmt: skip
def test_every_reading_command_reveals_its_records(
    command: str, shown: Any, table: str, row: dict[str, Any]
) -> None:
    """Runs, releases, labels: what a command shows is a record by GitHub's table of fields."""
    assert github((command, json.dumps(shown)))[table] == [{"repository": "acme/core", **row}]


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("gh pr view 4 --json number,title --jq '{number, title: .body}'", '{"number": 4, "title": "x"}'),
        ("gh api repos/acme/core/issues/7 | jq '{number, title: .body}'", '{"number": 7, "title": "x"}'),
        ("gh api repos/acme/core/issues/7 -q '{number, title: .body}'", '{"number": 7, "title": "x"}'),
        ("cat pulls.json; gh pr list --json number,title", '[{"number": 4, "title": "x", "state": "OPEN"}]'),
        ("gh pr view $N --json title", '{"title": "x"}'),
        ("gh pr view --json title", '{"title": "x"}'),
        ("gh api repos/acme/core/issues -f title=x", '{"number": 7, "title": "x"}'),
        ("gh pr view 4 --json number,title", '{"number": 4, "ti'),
        ("gh pr view 4 --json author,number", '{"number": 4, "author": 5}'),
        ("gh pr comment 4 -b x && gh pr view 4 --json number,title", '{"number": 4, "title": "x"}'),
    ],
)
def test_what_cannot_be_told_is_left_out(command: str, output: str) -> None:
    """Filters, other programs, unknown words, writes and broken output reveal nothing."""
    assert github((command, output)) == {}


def test_reads_after_a_write_by_command_say_nothing_of_before() -> None:
    """A comment by ``gh`` ends what reads tell of GitHub, by command and by tool."""
    view = ("gh issue view 7 --json number,title", '{"number": 7, "title": "Before"}')
    after = ("gh issue view 7 --json number,title", '{"number": 7, "title": "After"}')
    told = github(view, ("gh issue comment 7 --body done", "https://github.com/x"), after)
    assert [row["title"] for row in told["issues"]] == ["Before"]


def test_the_repository_is_told_by_address_option_or_session() -> None:
    """A record's own address counts first, then ``-R``, then what the session is about."""
    address = "https://github.com/other/one/pull/3"
    told = github(
        ("gh pr view --json title,url", json.dumps({"title": "A", "url": address})),
        ("gh pr view 4 -R other/two --json title", '{"title": "B"}'),
        ("gh pr view https://github.com/other/three/pull/5 --json title", '{"title": "C"}'),
        ("gh repo view --json nameWithOwner,defaultBranchRef",
         '{"nameWithOwner": "acme/core", "defaultBranchRef": {"name": "trunk"}}'),
        prompt="go",
    )  # fmt: skip
    assert [(row["repository"], row["number"]) for row in told["pulls"]] == [
        ("other/one", 3), ("other/two", 4), ("other/three", 5),
    ]  # fmt: skip
    assert told["repositories"] == [{"full_name": "acme/core", "default_branch": "trunk"}]


def test_a_diff_is_the_pull_requests(tmp_path: Path) -> None:
    """``gh pr diff`` gives the patches, and the suggested case holds them."""
    diff = "diff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\n+b\n"
    told = github(("gh pr diff 42", diff))
    assert told["pulls"][0]["diff"] == diff
    assert told["pull_files"][0]["filename"] == "a.py"


class Shim:
    """``gh`` over the world of an example."""

    def __init__(self, project: Path) -> None:
        case = project / "example_routines/security-triage-pr/cases/sql-injection.yaml"
        loaded = load_case_file(case)
        self.session: Session = open_world(open_setting(loaded.cases[0], loaded.routine))
        self.session.world = self.session.world.under(DIRECT)  # as a machine sees GitHub, not a cloud session

    def __call__(self, command: str) -> str:
        asked = GhQuestion(tuple(command.split()[1:]), remote="https://github.com/acme-platform/core-api.git")
        answer = answer_gh(
            asked, self.session, self._do, lambda one: answer_rest(self.session, self._do, one)
        )
        assert answer.code == 0, answer.err
        return answer.out

    def _do(self, tool: str, arguments: dict[str, Any], face: str) -> ToolResult:
        return self.session.handle(f"github.{tool}", arguments, via="here", server=face)


def test_what_a_session_read_can_be_asked_again(project: Path) -> None:
    """Every field that gh shows of a pull request comes back the same from the world that it revealed."""
    shim = Shim(project)
    fields = ",".join(sorted({field.name for field in fields_of("pull", "gh")} - {"commits"}))
    commands = [
        f"gh pr view 42 --json {fields}", "gh pr diff 42",
        f"gh issue list --json {','.join(field.name for field in fields_of('issue', 'gh'))}",
        "gh api repos/acme-platform/core-api",
    ]  # fmt: skip
    before = [shim(command) for command in commands]
    prompt = CONTEXT.replace("acme/core", "acme-platform/core-api")
    world = revealed_world(shell(*zip(commands, before, strict=True), prompt=prompt), REGISTRY)
    shim.session.world = world_from_data(world, {"github": REGISTRY.get("github")}, at=0)  # type: ignore[dict-item]
    after = [shim(command) for command in commands]
    told, again = json.loads(before[0]), json.loads(after[0])
    assert {name for name in told if told[name] != again[name]} <= {"mergeStateStatus", "mergeable"}
    assert after[1:3] == before[1:3]


def test_the_command_writes_them_into_the_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``import transcript`` suggests a case whose world holds what gh printed."""
    (tmp_path / "routine.yaml").write_text(
        "name: r\nrepositories: [github:acme/core]\ntriggers: [{type: api}]\nprompt: p\n"
    )
    use = {
        "type": "tool_use",
        "id": "a",
        "name": "Bash",
        "input": {"command": "gh pr view 42 --json number,title"},
    }
    told = {"type": "tool_result", "tool_use_id": "a", "content": '{"number": 42, "title": "Find users"}'}
    lines = [
        {"type": "user", "message": {"role": "user", "content": CONTEXT}},
        {"type": "assistant", "message": {"id": "m", "content": [use]}},
        {"type": "user", "message": {"role": "user", "content": [told]}}, RESULT,
    ]  # fmt: skip
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    code = run(
        ["import", "transcript", str(tmp_path / "s.jsonl"), "-o", str(tmp_path / "recordings" / "s.jsonl")]
    )
    assert code == 0, capsys.readouterr().err
    assert "title: Find users" in (tmp_path / "cases" / "s.yaml").read_text()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(PULL)), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(sorted(PULL)), JSON, min_size=1))
def test_any_output_reveals_what_holds_together_or_nothing(shown: dict[str, Any]) -> None:
    """Whatever a program prints in gh's name, the world that it reveals can be built."""
    github(
        (f"gh pr view 42 --json {','.join(shown)}", json.dumps(shown)),
        ("gh api repos/acme/core/pulls", json.dumps([shown])),
    )
