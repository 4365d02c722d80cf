"""One command makes of a session a routine with its recording and a case that holds all that it did."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from session_lines import ToolUse, session_text

from routine_harness.cli.main import run
from routine_harness.harness import check_case, load_routine
from routine_harness.routine.spec import GithubTrigger
from routine_harness.verdict.verdict import Verdict

INIT: dict[str, Any] = {
    "type": "system", "subtype": "init", "session_id": "s1", "model": "claude-opus-5-5",
    "cwd": "/home/ann/core", "claude_code_version": "2.1.329",
    "tools": ["Bash", "Read", "Write", "mcp__slack__slack_send_message", "mcp__linear__save_issue"],
    "mcp_servers": [{"name": "slack", "status": "connected"}, {"name": "linear", "status": "connected"},
                    {"name": "browser", "status": "connected"}, {"name": "sentry", "status": "needs-auth"}],
}  # fmt: skip
WORK: list[ToolUse] = [
    ("Read", {"file_path": "/home/ann/core/app.py"}, "     1→import os\n     2→"),
    ("Write", {"file_path": "/home/ann/core/app.py", "content": "import sys\n"}, "File written"),
    ("Bash", {"command": "git add -A && git commit -m 'Use sys'"},
     "[claude/fix 1a2b3c4] Use sys\n 1 file changed"),
    ("Bash", {"command": "git push -u origin claude/fix"},
     "To https://github.com/acme/core\n * [new branch]      claude/fix -> claude/fix"),
    ("mcp__github__create_pull_request",
     {"owner": "acme", "repo": "core", "title": "Use sys", "head": "claude/fix", "base": "main", "body": "x"},
     '{"number": 43, "html_url": "https://github.com/acme/core/pull/43"}'),
    ("mcp__github__add_issue_comment",
     {"owner": "acme", "repo": "core", "issue_number": 3, "body": "see #43"}, '{"id": "1"}'),
    ("mcp__github__add_issue_comment",
     {"owner": "acme", "repo": "core", "issue_number": 4, "body": "see #43"}, '{"id": "2"}'),
    ("Bash", {"command": "gh pr review 42 -R acme/core --comment -b hi"},
     "- Reviewed pull request acme/core#42"),
    ("mcp__github__create_or_update_file",
     {"owner": "acme", "repo": "core", "path": "docs/a.md", "branch": "claude/fix", "content": "a",
      "message": "Tell it"}, '{"commit": {"sha": "abc"}}'),
    ("mcp__linear__save_issue", {"title": "A hole", "team": "SEC", "priority": 2}, '{"id": "SEC-1"}'),
    ("mcp__slack__slack_send_message", {"channel_id": "C7NEVER", "message": "hi"},
     '{"ok": true, "ts": "1.2"}'),
]  # fmt: skip


def session(*calls: ToolUse, closing: str = "Done.", prompt: str = "Do it", **init: Any) -> str:
    """The lines of a session of ``calls``: name, arguments, answer."""
    return session_text({**INIT, **init}, *calls, closing=closing, prompt=prompt)


def imported(folder: Path, *calls: ToolUse, **more: Any) -> Path:
    """The routine's folder, after one command on a session of ``calls``."""
    (folder / "monday.jsonl").write_text(session(*calls, **more))
    home = folder / "routines" / "core"
    assert run(["import", "transcript", str(folder / "monday.jsonl"), "-o", str(home)]) == 0
    return home


def failing(verdict: Verdict) -> list[str]:
    """The codes of what fails."""
    return [finding.code for finding in verdict.findings if finding.fails]


def case_of(home: Path) -> Path:
    """The only case of a routine."""
    [case] = (home / "cases").iterdir()
    return case


def test_one_command_makes_a_green_test_of_all_effects(tmp_path: Path) -> None:
    """Routine, recording and case; pushes, commits, files, comments, reviews count, and what it wrote."""
    home = imported(tmp_path, *WORK)
    result = check_case(case_of(home))
    assert failing(result.verdict) == []
    assert [check.name for check in result.verdict.checks if check.skipped] == ["idempotent"]
    expect = yaml.safe_load(case_of(home).read_text())["expect"]
    assert expect["branches"]["where"] == {"repository": "acme/core", "branch": "claude/fix"}
    assert [block["where"]["number"] for block in expect["comments"]] == [3, 4]
    assert {block.get("effect") for block in expect["effects"]} >= {"commit.created", None}
    assert expect["reviews"]["count"] == 1
    assert expect["pull_requests"]["count"] == expect["tickets"]["count"] == expect["messages"]["count"] == 1
    [written] = expect["calls"]["counts"]
    assert written == {"tool": "Write", "where": {"file_path": "/home/ann/core/app.py"}, "count": 1}
    assert result.pair is not None
    done = [one for one in result.pair.first.effects if one.outcome == "applied"]
    assert expect["effects"][-1] == {"name": "all", "count": len(done)}


def test_the_routine_is_what_the_session_shows(tmp_path: Path) -> None:
    """Prompt, model, tools, servers, repository; folder, what was down and what starts it are listed."""
    home = imported(tmp_path, *WORK, prompt="Look at the core.\nThen mend it.")
    routine = load_routine(home)
    assert routine.prompt == "Look at the core.\nThen mend it.\n"
    assert routine.model == "claude-opus-5-5"
    assert routine.tools == ("Bash", "Read", "Write")
    assert [one.full_name for one in routine.repositories] == ["acme/core"]
    assert [one.connector for one in routine.connectors] == ["slack", "linear"]
    text = (home / "routine.yaml").read_text()
    for words in ("the working folder /home/ann/core", "the server sentry: it was not there (needs-auth)",
                  "the server browser: nothing called it", "what starts the routine?"):  # fmt: skip
        assert words in text


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to everything that an expectation demands; names are no demand."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if key not in ("name", "tool"):
            yield from leaves(inner, (*path, key))
    if not isinstance(value, dict | list):
        yield path


OTHER: dict[Any, Any] = {
    "interrupted": "finished", "commit.created": "branch.deleted", "review.submitted": "review.dismissed",
    "branch.pushed": "branch.created", "branch.created": "branch.deleted",
}  # fmt: skip
"""A value → another one that is sensible in its place."""


def planted(expect: Any, path: tuple[Any, ...]) -> Any:
    """``expect`` with another value at ``path``."""
    changed = copy.deepcopy(expect)
    at = changed
    for key in path[:-1]:
        at = at[key]
    held = at[path[-1]]
    if isinstance(held, bool):
        at[path[-1]] = not held
    elif isinstance(held, int):
        at[path[-1]] = held + (1 if path[-1] == "count" else 1000)
    else:
        at[path[-1]] = OTHER.get(held, f"{held}-other")
    return changed


def assert_every_plant_is_found(case: Path) -> int:
    """Change each value of ``expect`` in turn: the case fails every time."""
    held = yaml.safe_load(case.read_text())
    places = list(leaves(held["expect"]))
    for path in places:
        case.write_text(yaml.safe_dump({**held, "expect": planted(held["expect"], path)}, sort_keys=False))
        assert failing(check_case(case).verdict), path
    case.write_text(yaml.safe_dump(held, sort_keys=False))
    assert failing(check_case(case).verdict) == []
    return len(places)


def test_planted_faults_in_the_expectations_are_found(tmp_path: Path) -> None:
    """A session that did a lot: no count and no place can be changed unseen."""
    assert assert_every_plant_is_found(case_of(imported(tmp_path, *WORK))) > 25


@pytest.mark.parametrize(
    "name",
    ["action-sample-turns.json", "daaain-edge_cases.jsonl", "daaain-representative_messages.jsonl",
     "daaain-todowrite_examples.jsonl", "simonw-sample_session.jsonl", "spotter-short.jsonl",
     "spotter-tool_heavy.jsonl"],
)  # fmt: skip
def test_a_real_transcript_becomes_a_test_in_one_command(
    name: str, tmp_path: Path, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of it fails, every planted fault does; a session that was interrupted decides no run."""
    home = tmp_path / "routines" / "taken"
    source = shared_data / "transcripts" / name
    assert run(["import", "transcript", str(source), "-o", str(home)]) == 0
    told = capsys.readouterr().out
    verdict = check_case(case_of(home)).verdict
    assert failing(verdict) == []
    assert "home.reached" not in [finding.code for finding in verdict.findings]
    interrupted = yaml.safe_load(case_of(home).read_text())["expect"].get("status") == "interrupted"
    assert verdict.check("run").undecided == interrupted == ("undecided: run 1 ended interrupted" in told)
    assert assert_every_plant_is_found(case_of(home)) >= 5


def test_pytest_is_green_on_what_was_written(tmp_path: Path, shared_data: Path) -> None:
    """``pytest routines/NAME`` passes; the gate stays closed, as there is one run."""
    home = tmp_path / "routines" / "taken"
    source = shared_data / "transcripts" / "simonw-sample_session.jsonl"
    assert run(["import", "transcript", str(source), "-o", str(home)]) == 0
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", str(home)], cwd=tmp_path, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    assert tested.returncode == 0, tested.stdout
    assert run(["gate", str(home)]) == 1


def test_what_the_session_did_against_the_named_rules_is_allowed_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A push to another branch may be what the routine is for; a merge is never allowed by an import."""
    push = ("Bash", {"command": "git push origin ci-fix/x"},
            "To https://github.com/acme/core\n * [new branch]      ci-fix/x -> ci-fix/x")  # fmt: skip
    home = imported(tmp_path, push)
    assert failing(check_case(case_of(home)).verdict) == []
    [entry] = yaml.safe_load((home / "policy.yaml").read_text())["allow"]
    assert entry["where"]["branch"] == "ci-fix/x"
    assert entry["routines"] == ["core"]
    assert "the session in monday.jsonl did it" in entry["reason"]
    assert "read it: branch.pushed" in capsys.readouterr().out
    merge = ("Bash", {"command": "gh api -X PUT repos/acme/core/pulls/42/merge"}, '{"merged":true,"sha":"a"}')
    (tmp_path / "two").mkdir()
    home = imported(tmp_path / "two", merge)
    assert failing(check_case(case_of(home)).verdict) == ["policy.forbidden"]
    assert "effect: pull_request.merged" in capsys.readouterr().out
    policy = yaml.safe_load((home / "policy.yaml").read_text())
    assert policy == {"gate": {"require": {"live_recordings": 1}}}


def test_the_own_project_is_no_home_and_many_findings_are_one(tmp_path: Path) -> None:
    """Reads below the working folder say nothing; twelve of another home are one warning with a count."""
    own = [("Bash", {"command": f"cat /home/ann/core/{number}.py"}, "x") for number in range(5)]
    home = imported(tmp_path, *own, *WORK)
    assert "home.reached" not in [one.code for one in check_case(case_of(home)).verdict.findings]
    others = [("Bash", {"command": f"cat /home/bob/notes/{number}.md"}, "x") for number in range(12)]
    (tmp_path / "two").mkdir()
    found = check_case(case_of(imported(tmp_path / "two", *own, *others, *WORK))).verdict.findings
    [reached] = [one for one in found if one.code == "home.reached"]
    assert reached.message.endswith("(12 findings of this kind)")
    assert "/home/bob/notes/0.md" in reached.message
    assert len(reached.calls) == 12
    assert reached.detail[-1] == "and 6 more"


def test_a_server_that_was_down_fails_who_did_nothing(tmp_path: Path) -> None:
    """It may have been what was missing; who got its work done did without it."""
    home = imported(tmp_path, ("Bash", {"command": "git log -3"}, "abc x"), closing="Nothing to do.")
    assert "run.failed" in failing(check_case(case_of(home)).verdict)


def test_a_firing_is_the_trigger_and_leaves_the_prompt(tmp_path: Path) -> None:
    """The block by which the platform tells of a webhook is no part of the saved prompt."""
    context = (
        "<github-trigger-context>\nThis routine was triggered by a GitHub webhook.\n"
        "Event: pull_request.opened\nRepository: acme/core\nPR: #7\n"
        "Branch: feature/x -> main\n</github-trigger-context>"
    )
    home = imported(tmp_path, WORK[5], prompt=f"Look at it.\n\n{context}")
    routine = load_routine(home)
    assert routine.prompt == "Look at it.\n"
    assert [type(trigger) for trigger in routine.triggers] == [GithubTrigger]
    assert failing(check_case(case_of(home)).verdict) == []


def test_an_existing_routine_gets_recording_and_case(tmp_path: Path) -> None:
    """Its file stays as it is, and a second session goes beside the first."""
    home = imported(tmp_path, *WORK)
    text = (home / "routine.yaml").read_text()
    (tmp_path / "Tuesday 2.jsonl").write_text(session(WORK[9]))
    assert run(["import", "transcript", str(tmp_path / "Tuesday 2.jsonl"), "-o", str(home)]) == 0
    assert (home / "routine.yaml").read_text() == text
    assert sorted(path.name for path in (home / "cases").iterdir()) == ["monday.yaml", "tuesday-2.yaml"]
    assert failing(check_case(home / "cases" / "tuesday-2.yaml").verdict) == []


def test_nothing_is_replaced_and_nothing_half_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A recording that is there stays without --force; where one file cannot be written, none is."""
    home = imported(tmp_path, *WORK)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    source = str(tmp_path / "monday.jsonl")
    assert run(["import", "transcript", source, "-o", str(home)]) == 2
    assert "there already" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    blocked = tmp_path / "blocked"
    (blocked / "recordings" / "monday.jsonl").mkdir(parents=True)
    assert run(["import", "transcript", source, "-o", str(blocked), "--force"]) == 2
    assert not [path for path in blocked.rglob("*") if path.is_file()]


def test_secrets_reach_none_of_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the prompt's nor a command's; a variable's value counts, too."""
    monkeypatch.setenv("DEPLOY_TOKEN", "hunter2-hunter2-hunter2")
    key = "sk-ant-api03-" + "a" * 90
    leak = ("Bash", {"command": f"curl -H 'x: {key}' https://api.github.com/x"}, "hunter2-hunter2-hunter2")
    home = imported(tmp_path, leak, *WORK, prompt=f"Use {key} and hunter2-hunter2-hunter2.")
    for path in home.rglob("*"):
        if path.is_file():
            assert key not in path.read_text()
            assert "hunter2-hunter2" not in path.read_text()


def kept_session(folder: Path, name: str, text: str, at: int) -> Path:
    """A session on disk, last written ``at`` that many seconds."""
    file = folder / f"{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    os.utime(file, (at, at))
    return file


def test_the_newest_session_of_this_project_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--last`` in a folder of the project; another project's newer session is not looked at."""
    work = tmp_path / "my.core"
    (work / ".git").mkdir(parents=True)
    (work / "src").mkdir()
    projects = tmp_path / "config" / "projects"
    named = "".join(each if each.isalnum() else "-" for each in str(work))
    kept_session(projects / named, "one", session(WORK[9], prompt="The first"), 100)
    newest = kept_session(projects / named, "two", session(*WORK, prompt="The second"), 200)
    kept_session(projects / "-other", "three", session(prompt="Another project"), 300)
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.chdir(work / "src")
    assert run(["import", "transcript", "--all"]) == 0
    listed = capsys.readouterr().out
    assert next(line for line in listed.splitlines() if line.endswith(".jsonl")) == str(newest)
    told = [words for words in ("The second", "The first", "Another") if words in listed]
    assert told == ["The second", "The first"]
    assert run(["import", "transcript", "--all", "--json"]) == 0
    assert [one["prompt"] for one in json.loads(capsys.readouterr().out)] == ["The second", "The first"]
    assert run(["import", "transcript", "--last", "-o", str(tmp_path / "routines" / "core")]) == 0
    assert load_routine(tmp_path / "routines" / "core").prompt == "The second\n"


def test_no_session_and_no_clear_word_are_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 with what to do: no session of the project, two sources, none, no output."""
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    for arguments, words in [
        (["--last", "-o", "x"], "no session of this project"),
        (["s.jsonl", "--last", "-o", "x"], "found FILE and --last"),
        (["-o", "x"], "no session is named"),
        (["s.jsonl"], "--output is missing"),
        (["--all", "-o", "x"], "writes nothing"),
    ]:
        assert run(["import", "transcript", *arguments]) == 2
        assert words in capsys.readouterr().err


PRINTED: list[ToolUse] = [
    ("Bash", {"command": "git remote -v"},
     "origin\tgit@github.com:bob/shop.git (fetch)\norigin\tgit@github.com:bob/shop.git (push)"),
    ("Bash", {"command": "git push -u origin claude/x"},
     "To https://github.com/bob/shop\n * [new branch]      claude/x -> claude/x"),
    ("Bash", {"command": "gh pr create --title T --body B --head claude/x"},
     "https://github.com/bob/shop/pull/18"),
]  # fmt: skip


@pytest.mark.parametrize("printed", PRINTED, ids=lambda call: call[1]["command"])
def test_the_repository_is_the_one_that_git_and_gh_printed(tmp_path: Path, printed: ToolUse) -> None:
    """A local session names its repository in no prompt: what it read and wrote there is the routine's."""
    write = (
        "Bash",
        {"command": "gh issue comment 3 -b hi"},
        "https://github.com/bob/shop/issues/3#issuecomment-9",
    )
    home = imported(tmp_path, printed, write)
    assert [one.full_name for one in load_routine(home).repositories] == ["bob/shop"]
    assert failing(check_case(case_of(home)).verdict) == []


GIT_CONFIG = """\
[core]
\tbare = false
[remote "origin"]
\turl = git@github.com:bob/shop.git
\tfetch = +refs/heads/*:refs/remotes/origin/*
[branch "main"]
\tremote = origin
"""


def test_the_repository_is_the_one_of_the_working_folder(tmp_path: Path) -> None:
    """Where the session names none and its folder is here; a page that it read names none of its own."""
    work = tmp_path / "shop" / "src"
    work.mkdir(parents=True)
    page = ("Bash", {"command": "cat notes.md"}, "see https://github.com/evil/other/pull/1")
    assert load_routine(imported(tmp_path, page, WORK[9], cwd=str(work))).repositories == ()
    config = tmp_path / "shop" / ".git" / "config"
    config.parent.mkdir()
    config.write_text(GIT_CONFIG)
    (tmp_path / "two").mkdir()
    home = imported(tmp_path / "two", page, WORK[9], cwd=str(work))
    assert [one.full_name for one in load_routine(home).repositories] == ["bob/shop"]


def test_a_name_that_only_the_run_knows_is_no_record(tmp_path: Path) -> None:
    """A merge in a repository that nobody names: imported, and red by the policy alone."""
    home = imported(tmp_path, ("Bash", {"command": "gh pr merge 18 -R $REPO"}, "✓ Merged pull request #18"))
    assert "pull_request.merged" in case_of(home).read_text()


def test_a_place_that_says_less_counts_what_says_more(tmp_path: Path) -> None:
    """A comment on a pull request and one on a line of it: both are comments on it."""
    on_a_line = ("mcp__github__add_comment_to_pending_review",
                 {"owner": "acme", "repo": "core", "pullNumber": 3, "path": "app.py", "line": 2, "body": "x",
                  "subjectType": "LINE"}, '{"id": "9"}')  # fmt: skip
    home = imported(tmp_path, WORK[5], on_a_line)
    assert failing(check_case(case_of(home)).verdict) == []
    comments = yaml.safe_load(case_of(home).read_text())["expect"]["comments"]
    told = [(block["count"], block["where"].get("path")) for block in comments]
    assert told == [(2, None), (1, "app.py")]


@pytest.mark.parametrize("answer", ["Error: no such team", "[]"])
def test_a_server_of_github_without_a_repository_is_granted(tmp_path: Path, answer: str) -> None:
    """Its tools were there, also those that a cloud session is offered when it asks; its answers stand."""
    calls: list[ToolUse] = [
        ("mcp__github__search_code", {"query": "x"}, "[]"),
        ("mcp__github__get_team_members", {"org": "a", "team_slug": "b"}, answer),
    ]
    home = imported(tmp_path, *calls, WORK[9])
    assert [one.connector for one in load_routine(home).connectors] == ["slack", "linear", "github"]
    assert failing(check_case(case_of(home)).verdict) == []


def test_import_of_a_session_as_a_routine_says_the_right_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``import FILE…`` takes routines; who gives it a transcript is one word away."""
    (tmp_path / "monday.jsonl").write_text(session(*WORK))
    assert run(["import", str(tmp_path / "monday.jsonl"), "-o", str(tmp_path / "r")]) == 2
    assert "routine-harness import transcript" in capsys.readouterr().err
