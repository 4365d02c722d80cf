"""What a case prints about texts and references: the decisive part, in 80 columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.cli.main import run

ROUTINE = """\
name: opener
repositories: [github:acme/core]
connectors: [linear:Security, slack:dev]
triggers: [{type: schedule, cron: "7 3 * * *"}]
prompt: Open an issue and say so.
"""
AGENT = """\
def opens(session):
    where = {"owner": "acme", "repo": "core"}
    session.call("github.create_branch", **where, branch="claude/clock", from_branch="main")
    session.call("github.create_or_update_file", **where, branch="claude/clock", path="ci.yaml",
                 content="timeout: 20", message="Wait longer")
    session.call("github.create_pull_request", **where, head="claude/clock", base="main", title="Wait longer",
                 body="The job timed out twice this week, and nobody has looked at it so far.")
    session.call("linear.save_issue", title="A job times out", team="Security", project="Security")
    session.call("slack.slack_send_message", channel_id="dev", message="A job times out, see the board.")
"""
CASE = """\
trigger: {schedule: {}}
agent: {scripted: ../agents/opener.py::opens}
expect:
  pull_requests: {count: 0, where: {body: {contains: timed out}}}
  messages: {count: 1, where: {text: {contains: "${tickets.url}"}}}
  idempotent: false
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A routine that opens a pull request which it is not to open; its message names no ticket."""
    for name, text in (("routine.yaml", ROUTINE), ("agents/opener.py", AGENT), ("cases/one.yaml", CASE)):
        path = tmp_path / "opener" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def test_the_place_and_the_wanted_value_are_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The place in the pull request that the case speaks of, and what the reference stands for."""
    assert run(["check", "opener"]) == 1
    out = capsys.readouterr().out
    lines = out.partition("::pull_requests")[2].partition("\nrun 1")[0].splitlines()
    [at] = [number for number, line in enumerate(lines) if line.strip().startswith("body: The job")]
    assert lines[at].index("timed out") == lines[at + 1].index("^^^^^^^^^")
    assert "${tickets.url} is 'https://linear.app/" in out
    assert all(len(line) <= 80 for line in out.splitlines() if "routine-harness " not in line)


def test_a_timeline_stands_once_and_show_in_full_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second check that fails says where the timeline stands, and shows its own calls alone."""
    run(["check", "opener"])
    out = capsys.readouterr().out
    assert out.count("run 1: finished") == 1
    assert "run 1: as above, under ::pull_requests\n>   5 slack.slack_send_message" in out
    assert out.count("in full: routine-harness show opener/cases/one.yaml --full") == 1


def test_a_mismatch_shows_the_nearest_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not how the text begins: the place that is nearly as the case wants it."""
    case = CASE.replace(
        "pull_requests: {count: 0, where: {body: {contains: timed out}}}",
        "pull_requests: {count: 1, where: {body: {contains: no one has looked at it}}}",
    )
    (folder / "opener" / "cases" / "one.yaml").write_text(case)
    assert run(["check", "opener"]) == 1
    lines = capsys.readouterr().out.partition("::pull_requests")[2].splitlines()
    [at] = [number for number, line in enumerate(lines) if "body differs; the nearest:" in line]
    assert lines[at].strip().startswith("call 3: pull_request.created")
    assert lines[at + 1].index("has looked at it") == lines[at + 2].index("^" * len("has looked at it"))


ROBOT = r'"\n\nSent by a robot"'
WORLD = f"""\
world:
  github:
    settings: {{comment_suffix: {ROBOT}, commit_trailer: {ROBOT}, pull_request_footer: {ROBOT}}}
    issues: [{{repository: acme/core, number: 1, title: A job}}]
"""
COMMENT = '    session.call("github.add_issue_comment", **where, issue_number=1, body="It is the clock.")\n'


@pytest.mark.parametrize(
    ("kind", "field"),
    [("comment.created", "body"), ("branch.pushed", "commits"), ("pull_request.created", "body")],
)
def test_a_rule_that_only_what_is_appended_breaks_says_who_put_it_there(
    folder: Path, capsys: pytest.CaptureFixture[str], kind: str, field: str
) -> None:
    """The suffix of a comment, the trailer of a commit, the footer of a pull request."""
    home = folder / "opener"
    (home / "agents" / "opener.py").write_text(AGENT + COMMENT)
    rule = f"{{effect: {kind}, where: {{{field}: {{matches_regex: .*by a robot.*}}}}, reason: People only.}}"
    (folder / "policy.yaml").write_text(f"root: true\nforbid:\n  - {rule}\n")
    case = CASE.partition("expect:")[0] + WORLD + "expect: {idempotent: false}\n"
    (home / "cases" / "one.yaml").write_text(case)
    assert run(["check", "opener"]) == 1
    lines = capsys.readouterr().out.partition("::policy")[2].splitlines()
    [at] = [number for number, line in enumerate(lines) if line.lstrip().startswith(f"{field}: ")]
    column = lines[at].index("by a robot")
    assert lines[at + 1] == " " * column + "^" * len("by a robot")
    assert lines[at + 2] == " " * column + "appended by the platform"


def test_the_platforms_own_signature_breaks_no_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What its tooling appends by itself is nothing that the routine says: its own words are judged."""
    rules = "\n".join(
        f"  - {{effect: {kind}, where: {{{field}: {{matches_regex: .*Claude.*}}}}, reason: No names.}}"
        for kind, field in (("branch.pushed", "commits"), ("pull_request.created", "body"))
    )
    (folder / "policy.yaml").write_text(f"root: true\nforbid:\n{rules}\n")
    case = folder / "opener" / "cases" / "one.yaml"
    case.write_text(CASE.partition("expect:")[0] + "expect: {idempotent: false}\n")
    assert run(["check", "opener"]) == 0, capsys.readouterr().out
    agent = folder / "opener" / "agents" / "opener.py"
    agent.write_text(AGENT.replace("The job timed out", "Claude saw that it timed out"))
    assert run(["check", "opener"]) == 1
    said = capsys.readouterr().out
    assert "body: Claude saw that" in said
    assert "appended by the platform" not in said
