"""The hook as a process: what it does where it cannot decide, and where there is no harness."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from guard_session import Session, write_repository

from routine_harness.errors import SpecError
from routine_harness.guard.frozen import load_frozen
from routine_harness.guard.hook_settings import FILE, LOG, POLICY, SETTINGS
from routine_harness.guard.install import install, load_guarded

MERGE = {"hook_event_name": "PreToolUse", "session_id": "s", "tool_name": "Bash", "tool_use_id": "t",
         "tool_input": {"command": "gh pr merge 4"}}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A scratch repository with a routine and its guard."""
    return write_repository(tmp_path)


def start(home: Path, event: dict[str, Any] | str, *flags: str) -> subprocess.CompletedProcess[str]:
    """The hook's own command line, by this Python or, with ``-S``, by one without the harness."""
    hooks = json.loads((home / SETTINGS).read_text())["hooks"]
    kind = event["hook_event_name"] if isinstance(event, dict) else "PreToolUse"
    [entry] = hooks[kind]
    command = entry["hooks"][0]["command"].replace("python3 -I", " ".join((sys.executable, "-I", *flags)))
    return subprocess.run(
        ["sh", "-c", command],
        env={"CLAUDE_PROJECT_DIR": str(home), "PATH": os.environ["PATH"]},
        input=event if isinstance(event, str) else json.dumps({"cwd": str(home), **event}),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def reason(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["hookSpecificOutput"]["permissionDecisionReason"])


def test_the_hook_asks_the_harness(home: Path) -> None:
    """What is forbidden is denied in words, and written down."""
    assert "pull_request.merged" in reason(start(home, MERGE))
    [line] = (home / LOG / "s.jsonl").read_text().splitlines()
    entry = json.loads(line)
    assert (entry["decision"], entry["code"]) == ("deny", "policy.forbidden")
    assert [effect["kind"] for effect in entry["effects"]] == ["pull_request.merged"]


def test_without_the_harness_every_tool_that_can_act_is_denied(home: Path) -> None:
    """The file says how to install it; what only looks goes on."""
    for tool in ("Bash", "Write", "WebFetch", "Monitor", "mcp__slack__slack_read_channel", "NewTool"):
        why = reason(start(home, {**MERGE, "tool_name": tool}, "-S"))
        assert "guard install ROUTINE --setup" in why
        assert "No module named 'routine_harness'" in why
    assert start(home, {**MERGE, "tool_name": "Read"}, "-S").stdout == ""
    stopped = start(home, {"hook_event_name": "Stop", "session_id": "s"}, "-S")
    assert (stopped.returncode, stopped.stdout) == (0, "")


def test_no_tool_that_acts_counts_as_passive(home: Path) -> None:
    """The list in the file leaves out what writes, runs or sends, by the platform's table of own tools."""
    passive = set(load_frozen(home / POLICY).passive)
    assert passive.isdisjoint(
        {"Bash", "Monitor", "Write", "Edit", "NotebookEdit", "WebFetch", "RemoteTrigger"}
    )
    assert passive >= {"Read", "Grep", "Glob", "TodoWrite"}


DAMAGED = [
    ("", "expected the guard's policy"),
    ("{}", "missing required field"),
    ("\xff", "expected the guard's policy"),
    ("[" * 100_000, "expected the guard's policy"),
    ('{"format": "x", "version": 1, "digest": "", "frozen": {"held": []}}', "found x version 1"),
]


@pytest.mark.parametrize(("text", "said"), DAMAGED)
def test_a_policy_that_cannot_be_read_is_named(home: Path, text: str, said: str) -> None:
    """Nothing is allowed by a file that is not whole."""
    (home / POLICY).write_text(text, "latin-1")
    with pytest.raises(SpecError, match=said) as caught:
        Session(home).run("ls")
    assert caught.value.problems[0].file.endswith(POLICY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"pull_request.merged"', '"pull_request.closed"'),
        ('"acme/core"', '"acme/cor\\u0065s"'),
        ("sha256:", "sha256:0"),
    ],
)
def test_a_policy_that_was_changed_is_refused(home: Path, old: str, new: str) -> None:
    """The digest tells a rule that was changed, and a grant that was."""
    text = (home / POLICY).read_text()
    assert old in text
    (home / POLICY).write_text(text.replace(old, new, 1))
    with pytest.raises(SpecError, match="digest does not match"):
        Session(home).run("ls")


def test_what_another_version_froze_is_refused(home: Path) -> None:
    """A field that this harness would not look at may hold a rule."""
    data = json.loads((home / POLICY).read_text())
    data["frozen"]["held"][0]["policy"]["later"] = "whatever this is"
    canonical = json.dumps(data["frozen"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    data["digest"] = "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
    (home / POLICY).write_text(json.dumps(data))
    with pytest.raises(SpecError, match="frozen by another version"):
        load_frozen(home / POLICY)
    del data["frozen"]["held"][0]["policy"]["later"]
    canonical = json.dumps(data["frozen"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    data["digest"] = "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
    (home / POLICY).write_text(json.dumps(data))
    load_frozen(home / POLICY)


def test_the_digest_is_of_what_the_file_says_not_of_its_layout(home: Path) -> None:
    """Another indentation, or line breaks of another system, change nothing."""
    data = json.loads((home / POLICY).read_text())
    (home / POLICY).write_bytes(json.dumps(data, indent=4).replace("\n", "\r\n").encode())
    assert load_frozen(home / POLICY).held[0].name == "small"


def test_the_process_fails_closed_and_names_the_file(home: Path) -> None:
    """Input that is none, a log that is no folder, a policy that is gone: each blocks and says why."""
    done = start(home, "nonsense")
    assert (done.returncode, "cannot decide" in done.stderr) == (2, True)
    (home / LOG).write_text("not a folder")
    assert start(home, MERGE).returncode == 2
    (home / POLICY).unlink()
    done = start(home, MERGE)
    assert done.returncode == 2
    assert POLICY in done.stderr
    assert "guard install" in done.stderr
    assert start(home, {"hook_event_name": "Stop", "session_id": "s"}).returncode == 1  # it may stop
    (home / FILE).unlink()
    assert start(home, MERGE).returncode == 2


def test_it_blocks_at_its_own_deadline(home: Path) -> None:
    """A decision that does not come, here for want of input, is a denial and not the client's timeout."""
    code = "from routine_harness.guard.hook import main; main('x', 0.1)"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.wait(10) == 2
        assert child.stderr is not None
        assert b"took too long" in child.stderr.read()


def test_remote_only_leaves_other_sessions_alone(home: Path) -> None:
    """The file itself says so, before anything is asked."""
    install(load_guarded([home]), home, remote_only=True)
    assert start(home, MERGE).stdout == ""
