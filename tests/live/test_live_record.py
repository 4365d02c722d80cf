"""``record``: what is recorded, counted, kept and refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from live_support import needs_cli, write_routine

from routine_harness.cli.record import command
from routine_harness.errors import HarnessError
from routine_harness.store.recordings import load_recording

FILES = (
    "def turns(messages):\n"
    "    if any(message['role'] == 'assistant' for message in messages):\n        return 'done'\n"
    "    call = {'title': 'A thing', 'team': 'Security', 'project': 'Security'}\n"
    "    return [{'type': 'tool_use', 'name': 'mcp__Linear__save_issue', 'input': call}]\n"
)
SILENT = "def turns(messages):\n    return 'done'\n"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    needs_cli()
    (tmp_path / "model.py").write_text(FILES)
    return write_routine(tmp_path / "r", "expect: {idempotent: false, tickets: {count: 1}}\n")


def record(case: Path, *options: str) -> Result:
    folder = case.parent.parent
    model = f"{folder.parent / 'model.py'}::turns"
    return CliRunner().invoke(command, [str(folder), "--script", model, *options], standalone_mode=False)


def header(case: Path) -> tuple[bool, int, int]:
    recording = load_recording(case.parent.parent / "recordings" / "one.jsonl")
    assert recording is not None
    found = recording.header
    return found.passed, found.attempts.passed, found.attempts.of


def test_attempts_are_counted_and_a_failure_never_replaces_a_success(case: Path) -> None:
    """K pairs are recorded and counted; a failing one keeps out of the way unless it is asked for."""
    done = record(case, "--repeat", "2")
    assert done.exception is None, done.output
    assert "passed 2 of 2" in done.output
    assert "isolation: bubblewrap" in done.output
    assert "ticket SEC-1" in done.output
    assert header(case) == (True, 2, 2)
    assert "recording" not in record(case).output  # fresh: nothing to do
    (case.parent.parent.parent / "model.py").write_text(SILENT)
    failed = record(case, "--all")
    assert failed.return_value == 1
    assert "kept the pair that passed (passed 2 of 3)" in failed.output
    assert header(case) == (True, 2, 3)
    assert record(case, "--all", "--overwrite").return_value == 1
    assert header(case) == (False, 2, 4)


def test_stale_recordings_alone(case: Path) -> None:
    """``--stale`` leaves what is absent alone, and records what was changed since."""
    assert record(case, "--stale").output == ""
    assert record(case).exception is None
    routine = case.parent.parent / "routine.yaml"
    routine.write_text(routine.read_text().replace("Do it.", "Do it well."))
    done = record(case, "--stale")
    assert "recorded before a change of: prompt" in done.output
    assert header(case) == (True, 1, 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--all", "--stale"], "exclude each other"),
        (["--case", "nothing"], "there is no case nothing"),
        (["--play", "x.jsonl"], "exclude each other"),
        (["--source", "acme"], "expected a repository and where to take it from"),
        (["--program", "/nowhere/claude"], "there is no Claude Code CLI"),
        (["--connectors", "/nowhere/mcp.json"], "cannot read it"),
    ],
)
def test_bad_usage_is_one_clear_error(case: Path, options: list[str], said: str) -> None:
    """What makes no sense is said before anything runs."""
    done = record(case, *options)
    assert isinstance(done.exception, HarnessError)
    assert said in str(done.exception)
    assert not (case.parent.parent / "recordings").exists()


def test_live_without_a_key_is_one_clear_error(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without script, recording or key nobody can play the model."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    done = CliRunner().invoke(command, [str(case.parent.parent)], standalone_mode=False)
    assert isinstance(done.exception, HarnessError)
    assert "needs a key for the model" in str(done.exception)


def test_a_repository_is_made_from_a_local_folder(case: Path, tmp_path: Path) -> None:
    """``--source`` puts a folder's files into the clone, and leaves the folder as it was."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "local.txt").write_text("from here")
    call = {"type": "tool_use", "name": "Bash", "input": {"command": "cat local.txt; echo x >> local.txt"}}
    text = f"def turns(messages):\n    return [{call!r}] if len(str(messages)) and "
    text += "not any(m['role'] == 'assistant' for m in messages) else 'done'\n"
    (tmp_path / "model.py").write_text(text)
    record(case, "--source", f"acme/core={source}")
    recording = load_recording(case.parent.parent / "recordings" / "one.jsonl")
    assert recording is not None
    assert "from here" in str(recording.runs[1])
    assert (source / "local.txt").read_text() == "from here"
    assert sorted(path.name for path in source.iterdir()) == ["local.txt"]
