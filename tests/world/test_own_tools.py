"""The agent's own tools answer from the world and are never executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import Environment
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.kinds import KINDS
from routine_harness.world.own_tools import OwnTools
from routine_harness.world.rule import apply_rules
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall
from routine_harness.world.worldfile import world_from_data

TABLE = load_edition().own_tools
CONNECTORS = {"github": CONNECTOR}
DATA = {
    "github": {
        "repositories": [
            {
                "full_name": "acme/core",
                "default_branch": "main",
                "files": {
                    "app/db.py": "import os\nx = 1\n",
                    "README.md": "# Core\n",
                    "app/web/a.ts": "let x\n",
                },
            }
        ],
        "pulls": [
            {
                "repository": "acme/core",
                "number": 42,
                "title": "Fix",
                "user": "alice",
                "head": "f",
                "base": "main",
            }
        ],
    },
    "http": [
        {"method": "GET", "url": "https://example.org/status?b=2&a=1", "status": 200, "body": {"up": True}},
        {"method": "GET", "url": "https://example.org/gone", "status": 404, "body": "no"},
    ],
}
"""A world file as a case would hold it."""


@pytest.fixture
def world() -> World:
    return world_from_data(DATA, CONNECTORS)


class Desk:
    """One run's tools over a world that moves along."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tools = OwnTools(CONNECTORS, ["acme/core"], Environment("full", variables={"TOKEN": "x"}))

    def __call__(self, tool: str, **arguments: object) -> Outcome:
        outcome = self.tools.call(self.world, ToolCall("", tool, arguments))
        assert outcome is not None
        self.world = outcome.world
        return outcome


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_read_numbers_the_lines(desk: Desk) -> None:
    """Read answers with numbered lines, from absolute and relative paths alike."""
    assert desk("Read", file_path="app/db.py").result.text == "1\timport os\n2\tx = 1\n3\t"
    assert desk("Read", file_path="/home/user/core/app/db.py", offset=2).result.text == "2\tx = 1\n3\t"


def test_a_command_that_fails_says_why(desk: Desk) -> None:
    """What gh writes to standard error is in the answer, beside what another command prints instead."""
    failed = desk("Bash", command="gh pr view 99 --json title").result
    assert failed.is_error
    assert failed.text
    instead = desk("Bash", command="gh pr view 99 --json title || echo none").result.text
    assert instead == f"none\n{failed.text}"


def test_what_is_not_there_is_an_error_and_not_incomplete(desk: Desk) -> None:
    """A file that a known repository lacks does not exist; that is an answer."""
    outcome = desk("Read", file_path="nope.py")
    assert outcome.result.is_error
    assert not outcome.incomplete


def test_a_repository_without_files_is_incomplete() -> None:
    """Where the world knows a repository by name alone, a read says so instead of finding nothing."""
    bare = world_from_data({"github": {"repositories": [{"full_name": "acme/core"}]}}, CONNECTORS)
    for tool in ("Read", "Grep", "Glob"):
        outcome = Desk(bare)(tool, file_path="a", pattern="a")
        assert outcome.result.is_error
        assert "acme/core" in outcome.incomplete


def test_grep_has_its_output_modes(desk: Desk) -> None:
    """Grep lists files, lines or counts; a malformed pattern is an error."""
    assert desk("Grep", pattern="x").result.text == "Found 2 files\napp/db.py\napp/web/a.ts"
    assert desk("Grep", pattern="x =", output_mode="content").result.text == "app/db.py:2:x = 1"
    assert (
        desk("Grep", pattern="X", output_mode="count", **{"-i": True}, glob="*.py").result.text
        == "app/db.py:1\n\nFound 1 total occurrence across 1 file."
    )
    assert desk("Grep", pattern="(").result.is_error
    assert desk("Grep", pattern="(a+)+$" * 3).result.text == "No files found"


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("**/*.py", "app/db.py"),
        ("*.md", "README.md"),
        ("app/**", "app/db.py\napp/web/a.ts"),
        ("**/*.{py,ts}", "app/db.py\napp/web/a.ts"),
        ("app/*.ts", "No files found"),
    ],
)
def test_glob_stops_at_slashes(desk: Desk, pattern: str, found: str) -> None:
    """A star stops at a slash, two do not, and braces are alternatives."""
    assert desk("Glob", pattern=pattern).result.text == found


def test_edits_stay_in_the_workspace(desk: Desk) -> None:
    """Edit and Write are read back, and the world knows nothing of them."""
    before = desk.world
    desk("Edit", file_path="app/db.py", old_string="x = 1", new_string="x = 2")
    desk("Write", file_path="new.txt", content="hi")
    assert "x = 2" in desk("Read", file_path="app/db.py").result.text
    assert desk("Read", file_path="new.txt").result.text == "1\thi"
    assert desk("Edit", file_path="new.txt", old_string="zz", new_string="").result.is_error
    assert desk.world == before


def test_a_push_carries_the_edits_into_the_world(desk: Desk) -> None:
    """What was edited, committed and pushed is on the branch, and no other clone has the edits."""
    desk("Edit", file_path="app/db.py", old_string="x = 1", new_string="x = 2")
    outcome = desk(
        "Bash", command="git checkout -b claude/x && git commit -am Two && git push -u origin HEAD"
    )
    assert not outcome.result.is_error
    pushed = outcome.effects[-1]
    assert (pushed.kind, pushed.fields["branch"], pushed.fields["commits"]) == (
        "branch.pushed",
        "claude/x",
        ["Two"],
    )
    branch = desk.world.get("github.branches", ("acme/core", "claude/x"))
    assert branch is not None
    later = Desk(desk.world)
    assert "x = 1" in later("Read", file_path="app/db.py").result.text
    later("Bash", command="git checkout claude/x")
    assert "x = 2" in later("Read", file_path="app/db.py").result.text


def test_gh_changes_the_world_as_the_tool_would(desk: Desk) -> None:
    """A pull request merged by gh, by gh api or by curl is merged in the world."""
    commands = (
        "gh pr merge 42 --squash",
        "gh api -X PUT repos/{owner}/{repo}/pulls/42/merge",
        "curl -X PUT https://api.github.com/repos/acme/core/pulls/42/merge",
    )
    for command in commands:
        fresh = Desk(desk.world)
        outcome = fresh("Bash", command=command)
        assert [effect.kind for effect in outcome.effects] == ["pull_request.merged"], command
        assert outcome.effects[0].tool == "Bash"
        record = fresh.world.get("github.pulls", ("acme/core", 42))
        assert record is not None
        assert record["merged"] is True, command


def test_a_part_that_fails_leaves_the_others_applied(desk: Desk) -> None:
    """Of two commands in a row the one that fails is refused, and the other one is applied."""
    outcome = desk("Bash", command="gh pr merge 99; gh pr comment 42 --body hi")
    assert not outcome.result.is_error
    assert [(effect.kind, effect.outcome) for effect in outcome.effects] == [
        ("pull_request.merged", "refused"),
        ("comment.created", "applied"),
    ]


def test_gh_reads_answer_from_the_world(desk: Desk) -> None:
    """A read through gh has no effect and tells what the world holds."""
    outcome = desk("Bash", command="gh pr view 42")
    assert not outcome.effects
    assert "Fix" in outcome.result.text


def test_files_can_be_read_by_commands(desk: Desk) -> None:
    """cat and its like answer from the repository's files; what cannot be told is incomplete."""
    assert desk("Bash", command="cd app && cat db.py").result.text == "import os\nx = 1"
    outcome = desk("Bash", command="sort app/db.py")
    assert outcome.result.is_error
    assert "sort" in outcome.incomplete


def test_the_network_is_the_http_table(desk: Desk) -> None:
    """WebFetch and curl answer from the table, whatever the order of the query."""
    assert desk("WebFetch", url="https://example.org/status?a=1&b=2", prompt="?").result.text == '{"up":true}'
    assert desk("Bash", command="curl -s 'https://example.org/status?b=2&a=1'").result.text == '{"up":true}'
    assert desk("WebFetch", url="https://example.org/gone").result.is_error
    unknown = desk("WebFetch", url="https://example.org/other")
    assert unknown.result.is_error
    assert "example.org/other" in unknown.incomplete


def test_nothing_is_executed(desk: Desk, tmp_path: Path) -> None:
    """A command that would leave a trace leaves none."""
    trace = tmp_path / "trace"
    desk("Bash", command=f"touch {trace}; echo x > {trace}; python3 -c \"open('{trace}','w')\"")
    assert not trace.exists()


def test_outward_tools_have_effects(desk: Desk) -> None:
    """Scheduling, sending and publishing are effects of known kinds and fields."""
    calls = {
        "RemoteTrigger": {"action": "run", "trigger_id": "trig_1", "body": "go"},
        "CronCreate": {"cron": "0 9 * * *", "prompt": "look"},
        "SendMessage": {"to": "bob", "message": "hi"},
        "PushNotification": {"message": "done"},
        "Artifact": {"title": "Report", "content": "x"},
    }
    for tool, arguments in calls.items():
        outcome = desk(tool, **arguments)
        assert len(outcome.effects) == 1, tool
        assert set(outcome.effects[0].fields) <= set(KINDS[outcome.effects[0].kind])
    assert not desk("RemoteTrigger", action="list").effects


def test_every_outward_rule_names_known_kinds_and_fields() -> None:
    """The rules of the outward tools speak the closed table."""
    for tool, rules in TABLE.acts.items():
        for rule in rules:
            assert set(rule["fields"]) - {"target"} <= set(KINDS[rule["kind"]]), tool
        assert apply_rules(rules, {}) or tool == "RemoteTrigger"


def test_unknown_own_tools_are_left_to_recordings(desk: Desk) -> None:
    """A tool that the world cannot answer gives no outcome; one that touches nothing gives an empty one."""
    assert desk.tools.call(desk.world, ToolCall("", "WebSearch", {"query": "x"})) is None
    for tool in TABLE.local:
        assert not desk(tool).effects


def test_a_host_that_the_environment_does_not_reach_is_answered_by_the_proxy(desk: Desk) -> None:
    """403 with its reason, to a page and to a command, and what was to be sent was refused."""
    world = desk.world
    tools = OwnTools(CONNECTORS, ["acme/core"], Environment("trusted"))
    for tool, arguments in (
        ("WebFetch", {"url": "https://status.acme.dev/x"}),
        ("Bash", {"command": "curl -s https://status.acme.dev/x"}),
    ):
        outcome = tools.call(world, ToolCall("", tool, arguments))
        assert outcome is not None
        assert outcome.result.is_error
        assert "x-deny-reason: host_not_allowed" in outcome.result.text
        assert not outcome.incomplete
    sent = tools.call(world, ToolCall("", "Bash", {"command": "curl -d @x https://status.acme.dev/x"}))
    assert sent is not None
    assert [effect.outcome for effect in sent.effects] == ["refused"]
    near = tools.call(world, ToolCall("", "Bash", {"command": "curl -s http://localhost:8000/"}))
    assert near is not None
    assert "host_not_allowed" not in near.result.text


def test_what_gh_says_on_standard_error_is_shown() -> None:
    """A refusal reaches the agent, in a pipe too, unless the command sends it away."""
    world = world_from_data(
        {"clock": "2026-05-04T09:00:00Z", "github": {"repositories": [{"full_name": "acme/core"}]}},
        {"github": CONNECTOR},
    )
    own = OwnTools({"github": CONNECTOR}, ["acme/core"])

    def said(command: str) -> tuple[str, bool]:
        outcome = own.call(world, ToolCall("", "Bash", {"command": command}))
        assert outcome is not None
        return outcome.result.text, outcome.result.is_error

    missing = "GraphQL: Could not resolve to a PullRequest with the number of 9. (repository.pullRequest)"
    assert said("gh pr view 9") == (missing, True)
    assert said("gh pr view 9 | cat") == (missing, True)
    assert said("gh pr view 9 2>/dev/null || echo none") == ("none", True)
    assert said("gh issue list --nope") == ("unknown flag: --nope", True)
    assert said("gh label create x --json name 2>&1 | head -1")[1]


def test_gh_without_a_command_it_knows(desk: Desk) -> None:
    """Without a subcommand gh prints its help; what it does not know is an error in its words."""
    assert "gh <command> <subcommand>" in desk("Bash", command="gh").result.text
    assert "gh pr <command>" in desk("Bash", command="gh pr").result.text
    for command, said in (("gh frob", '"frob" for "gh"'), ("gh pr frob", '"frob" for "gh pr"')):
        outcome = desk("Bash", command=command)
        assert outcome.result.is_error
        assert outcome.result.text.startswith(f"unknown command {said}")
        assert [effect.kind for effect in outcome.effects] == ["command.opaque"]


FOLDER_OF_ITS_NAME = {
    "github": {
        "repositories": [
            {"full_name": "django/django", "files": {"django/urls.py": "a\n", "setup.py": "b\n"}},
            {"full_name": "acme/docs", "files": {"index.md": "c\n", "docs/deep.md": "d\n"}},
        ]
    }
}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("django/urls.py", "a"),
        ("./django/urls.py", "a"),
        ("setup.py", "b"),
        ("django/setup.py", "b"),
        ("django/django/urls.py", "a"),
        ("/home/user/django/django/urls.py", "a"),
        ("/home/user/django/setup.py", "b"),
        ("docs/index.md", "c"),
        ("/workspace/docs/docs/deep.md", "d"),
    ],
)
def test_a_folder_may_bear_the_repository_s_name(path: str, text: str) -> None:
    """A path may begin with the clone or with the folder that bears its name; both are found."""
    world = world_from_data(FOLDER_OF_ITS_NAME, CONNECTORS)
    tools = OwnTools(CONNECTORS, ["django/django", "acme/docs"])
    outcome = tools.call(world, ToolCall("", "Read", {"file_path": path}))
    assert outcome is not None
    assert outcome.result.text == f"1\t{text}\n2\t"


def test_a_new_file_goes_into_the_folder_of_that_name() -> None:
    """Where the repository has a folder of its own name, a new file below it is there; else in the clone."""
    world = world_from_data(FOLDER_OF_ITS_NAME, CONNECTORS)
    for names, path, place in (
        (["django/django"], "django/new.py", "/home/user/django/django/new.py"),
        (["acme/docs"], "docs/new.md", "/home/user/docs/docs/new.md"),
        (["acme/core"], "core/new.md", "/home/user/core/new.md"),
    ):
        tools = OwnTools(CONNECTORS, names)
        tools.call(world, ToolCall("", "Write", {"file_path": path, "content": "x\n"}))
        outcome = tools.call(world, ToolCall("", "Read", {"file_path": place}))
        assert outcome is not None
        assert outcome.result.text == "1\tx\n2\t", (path, place)


ALONE = {
    "github": {
        "repositories": [{"full_name": "acme/core"}],
        "files": [
            {"repository": "acme/core", "ref": "main", "path": "app/db.py", "content": "import os\n"},
            {"repository": "acme/core", "ref": "", "path": "README.md", "content": "# Core\n"},
            {"repository": "acme/core", "ref": "other", "path": "else.py", "content": "import os\n"},
            {"repository": "acme/core", "ref": "main", "path": "logo.png", "content": {"sha": "ab"}},
        ],
    }
}
"""Files that are known by themselves, as a recorded read brings them in."""


def test_files_known_by_themselves_are_read_and_searched() -> None:
    """Read, Grep, Glob and cat answer from the table ``files``, and say that there may be more."""
    desk = Desk(world_from_data(ALONE, CONNECTORS))
    read = desk("Read", file_path="app/db.py")
    assert (read.result.text, read.incomplete) == ("1\timport os\n2\t", "")
    assert desk("Bash", command="cat README.md").result.text == "# Core"
    found = desk("Grep", pattern="import")
    assert (found.result.text, found.incomplete) == ("Found 1 file\napp/db.py", "all files of acme/core")
    assert desk("Glob", pattern="**/*").result.text == "README.md\napp/db.py"
    for path, missing in (("else.py", "all files of acme/core"), ("logo.png", "the text of logo.png")):
        unread = desk("Read", file_path=path)
        assert unread.result.is_error
        assert missing in unread.incomplete


def test_a_commit_on_top_of_files_known_by_themselves_counts() -> None:
    """What the agent has committed through the tools is read over what was recorded."""
    world = world_from_data(ALONE, CONNECTORS)
    change = {
        "owner": "acme", "repo": "core", "path": "new.py", "content": "y\n", "message": "m", "branch": "main",
    }  # fmt: skip
    outcome = CONNECTOR.call(world, ToolCall("github", "create_or_update_file", change))
    assert not outcome.result.is_error, outcome.result.text
    assert Desk(outcome.world)("Read", file_path="new.py").result.text == "1\ty\n2\t"


def test_what_a_command_writes_is_read_and_never_pushed_by_itself(desk: Desk) -> None:
    """Read sees a file that a command wrote; a later Write takes its place for cat, too."""
    desk("Bash", command="echo one > notes.txt; echo two > /tmp/scratch")
    assert desk("Read", file_path="notes.txt").result.text == "1\tone\n2\t"
    assert desk("Read", file_path="/tmp/scratch").result.text == "1\ttwo\n2\t"
    desk("Write", file_path="notes.txt", content="three\n")
    assert desk("Bash", command="cat notes.txt").result.text == "three"
