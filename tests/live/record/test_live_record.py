"""``record``: what is recorded, counted, kept and refused."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from support.live_runs import needs_cli, write_routine
from support.model_api import forget_credentials

from routine_harness.cli.live_options import read_model
from routine_harness.cli.main import run
from routine_harness.cli.record import command
from routine_harness.cli.record_estimate import Due
from routine_harness.cli.recording import CaseRecorder
from routine_harness.errors import HarnessError
from routine_harness.harness import check_case
from routine_harness.live.client.live_agent import LiveOptions
from routine_harness.live.record.recorder import keep_untracked, unreviewed
from routine_harness.live.sandbox.isolation import probe_isolation
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cases import load_case_file
from routine_harness.store.files import shown
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


def test_the_script_that_played_the_model_is_bound_to_the_prompt(case: Path) -> None:
    """The header names it; to record anew for another prompt does not confirm it, ``confirm`` does."""
    assert record(case).exception is None
    recording = load_recording(case.parent.parent / "recordings" / "one.jsonl")
    assert recording is not None
    assert recording.header.agent.script == "../../model.py::turns"
    assert standing(case) == "never"
    folder = str(case.parent.parent)
    assert run(["confirm", folder]) == 0
    assert standing(case) == "confirmed"
    routine = case.parent.parent / "routine.yaml"
    routine.write_text(re.sub(r"(?m)^prompt: .*", "prompt: Write a poem.", routine.read_text()))
    assert standing(case) == "changed"
    assert record(case, "--stale").exception is None
    assert standing(case) == "changed"
    assert run(["confirm", folder]) == 0
    assert standing(case) == "confirmed"


def standing(case: Path) -> str:
    """How the script on which the case rests stands to the prompt."""
    result = check_case(case)
    return result.script.standing if result.script is not None else ""


def test_attempts_are_counted_and_a_failure_never_replaces_a_success(case: Path) -> None:
    """K pairs are recorded and counted; a failing one keeps out of the way unless it is asked for."""
    done = record(case, "--repeat", "2")
    assert done.exception is None, done.output
    assert "passed 2 of 2" in done.output
    assert f"isolation: {probe_isolation().kind}" in done.output
    assert "ticket SEC-1" in done.output
    assert header(case) == (True, 2, 2)
    assert "nothing to record of one: its recording is fresh" in str(record(case).exception)
    (case.parent.parent.parent / "model.py").write_text(SILENT)
    failed = record(case, "--all")
    assert failed.return_value == 1
    assert "kept the pair that passed (passed 2 of 3)" in failed.output
    assert header(case) == (True, 2, 3)
    assert record(case, "--all", "--overwrite").return_value == 1
    assert header(case) == (False, 2, 4)


def test_without_bubblewrap_nothing_is_recorded(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What bubblewrap said and what would help are shown; the exit code is that of bad input."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "bwrap").write_text("#!/bin/sh\necho 'bwrap: no luck today' >&2\nexit 1\n")
    (tmp_path / "bin" / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    model = f"{case.parent.parent.parent / 'model.py'}::turns"
    assert run(["record", str(case.parent.parent), "--script", model]) == 2
    said = capsys.readouterr().err
    assert "a live run needs isolation, and there is none here: bwrap failed: bwrap: no luck today" in said
    assert "hint: " in said
    assert "Traceback" not in said
    assert not (case.parent.parent / "recordings").exists()


def test_stale_recordings_alone(case: Path) -> None:
    """``--stale`` leaves what is absent alone, and records what was changed since."""
    nothing = record(case, "--stale")
    assert nothing.output == "nothing to record\n  small: one: there is no recording that could be stale\n"
    assert nothing.return_value == 0  # a nightly run is not red
    assert record(case).exception is None
    routine = case.parent.parent / "routine.yaml"
    routine.write_text(routine.read_text().replace("Do it.", "Do it well."))
    done = record(case, "--all", "--stale")
    assert "recorded before a change of: prompt" in done.output
    assert header(case) == (True, 1, 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--case", "nothing"], "there is no case nothing"),
        (["--play", "x.jsonl"], "exclude each other"),
        (["--source", "acme"], "expected a repository and where to take it from"),
        (["--source", "other/thing=."], "no routine here has that repository"),
        (["--read", "wiki.get"], "--read is about the servers of --connectors"),
        (["--limit-usd", "-1"], "is not in the range"),
        (["--seconds", "-1"], "is not in the range"),
        (["--program", "/nowhere/claude"], "there is no Claude Code CLI"),
        (["--connectors", "/nowhere/mcp.json"], "there is no such file"),
    ],
)
def test_bad_usage_is_one_clear_error(case: Path, options: list[str], said: str) -> None:
    """What makes no sense is said before anything runs."""
    done = record(case, *options)
    assert isinstance(done.exception, HarnessError | click.UsageError)
    assert said in (
        done.exception.format_message()
        if isinstance(done.exception, click.UsageError)
        else str(done.exception)
    )
    assert not (case.parent.parent / "recordings").exists()


def test_who_records_is_said_and_kept(case: Path) -> None:
    """A stand-in for the model is told in the header and is no live recording; what kept the run in is
    that run's, also where the pair that was there is kept."""
    done = record(case)
    assert "recording small: one by claude-code, a script as its model" in done.output
    told = [line.partition("≤$")[2].partition("  ")[2] for line in done.output.splitlines()]
    assert [line for line in told if line.startswith("run ")] == ["run 1", "run 2"]
    assert sum(line.startswith('Linear save_issue title="A thing"') for line in told) == 2
    recording = load_recording(case.parent.parent / "recordings" / "one.jsonl")
    assert recording is not None
    assert recording.header.agent.played == "script"
    assert recording.header.origin == "live"
    assert recording.header.made_by == "scripted"
    (case.parent.parent.parent / "model.py").write_text(SILENT)
    assert f"isolation: {probe_isolation().kind}" in record(case, "--all").output


def test_a_case_with_a_script_is_recorded_by_it_unless_live_is_asked_for(case: Path) -> None:
    """``record_with`` says who records; ``--live`` keeps to the real agent, which then renews it, too."""
    folder = case.parent.parent
    (folder / "agent.py").write_text(
        "def file(session):\n    session.call('linear.save_issue', title='A', team='Security')\n"
    )
    case.write_text(case.read_text() + "record_with: {scripted: ../agent.py::file}\n")
    done = CliRunner().invoke(command, [str(folder)], standalone_mode=False)
    assert "recording small: one by its script" in done.output
    loaded = load_case_file(case)
    files = CaseFiles(loaded.cases[0], loaded.routine)
    assert files.command(files.recording()) == f"routine-harness record {shown(case)} --case one"
    live = record(case, "--all", "--live", "--overwrite")
    assert f"isolation: {probe_isolation().kind}" in live.output
    assert files.command(files.recording()) == f"routine-harness record {shown(case)} --case one --live"


def test_the_command_that_renews_a_recording_can_be_pasted_into_a_shell(case: Path) -> None:
    """A file with a space in its name is one word."""
    spaced = case.rename(case.with_name("one two.yaml"))
    loaded = load_case_file(spaced)
    command = CaseFiles(loaded.cases[0], loaded.routine).command(None)
    assert shlex.split(command) == ["routine-harness", "record", shown(spaced), "--case", "one two"]


def test_what_kept_a_live_run_in_is_not_said_of_a_scripted_one(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One command may record a case by the real agent and the next by its script."""
    folder = case.parent.parent
    (folder / "agent.py").write_text("def file(session):\n    session.say('done')\n")
    scripted = case.with_name("two.yaml")
    scripted.write_text(case.read_text() + "record_with: {scripted: ../agent.py::file}\n")
    options = LiveOptions(model=read_model(f"{folder.parent / 'model.py'}::turns", None))
    recorder = CaseRecorder(options, repeat=1, overwrite=False, servers=None, reads=(), played="")
    for file, by in ((case, "claude-code"), (scripted, "scripted")):
        loaded = load_case_file(file)
        recorder.record(Due(loaded.cases[0], loaded.routine, "asked for", by))
    assert capsys.readouterr().out.count("isolation: ") == 1


def test_bad_input_of_one_case_keeps_no_other_from_being_recorded(case: Path) -> None:
    """Every case is tried, and what was wrong is told in the end."""
    folder = case.parent.parent
    (folder / "agent.py").write_text("def file(session):\n    session.call('linear.list_issues')\n")
    text = case.read_text() + "record_with: {scripted: ../agent.py::%s}\n"
    for name, function in (("one", "missing"), ("two", "file"), ("zoo", "absent")):
        (case.parent / f"{name}.yaml").write_text(text % function)
    done = CliRunner().invoke(command, [str(folder)], standalone_mode=False)
    assert isinstance(done.exception, HarnessError)
    assert len(done.exception.problems) == 2
    assert [path.stem for path in (folder / "recordings").iterdir()] == ["two"]


def test_the_command_that_renews_a_live_recording_is_one_that_does(case: Path) -> None:
    """Where no script is named, the real agent is what records, before and after."""
    loaded = load_case_file(case)
    files = CaseFiles(loaded.cases[0], loaded.routine)
    assert files.command(None) == f"routine-harness record {shown(case)} --case one"
    words = files.command(None).split()[2:]
    model = f"{case.parent.parent.parent / 'model.py'}::turns"
    done = CliRunner().invoke(command, [str(case), *words[1:], "--script", model], standalone_mode=False)
    assert done.return_value == 0
    assert header(case) == (True, 1, 1)


def test_what_git_holds_as_it_is_has_been_reviewed(tmp_path: Path) -> None:
    """A recording of live text is to be reviewed until it was added, and again when it changes."""
    recording = tmp_path / "recordings" / "one.jsonl"
    recording.parent.mkdir()
    recording.write_text("{}")
    keep_untracked(recording)
    assert unreviewed(tmp_path) == [recording]
    for words in (["init", "-q"], ["add", "--force", str(recording)]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert unreviewed(tmp_path) == []
    recording.write_text("{} ")
    assert unreviewed(tmp_path) == [recording]


def test_live_without_a_credential_is_one_clear_error(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without script, recording or credential nobody can play the model."""
    forget_credentials(monkeypatch)
    done = CliRunner().invoke(command, [str(case.parent.parent)], standalone_mode=False)
    assert isinstance(done.exception, HarnessError)
    assert "needs a credential for the model" in str(done.exception)


def test_a_repository_is_made_from_a_local_folder(case: Path, tmp_path: Path) -> None:
    """``--source`` puts a folder's files into the clone, whatever the case of the name, and leaves the
    folder as it was."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "local.txt").write_text("from here")
    call = {"type": "tool_use", "name": "Bash", "input": {"command": "cat local.txt; echo x >> local.txt"}}
    text = f"def turns(messages):\n    return [{call!r}] if len(str(messages)) and "
    text += "not any(m['role'] == 'assistant' for m in messages) else 'done'\n"
    (tmp_path / "model.py").write_text(text)
    record(case, "--source", f"Acme/Core={source}")
    recording = load_recording(case.parent.parent / "recordings" / "one.jsonl")
    assert recording is not None
    assert "from here" in str(recording.runs[1])
    assert (source / "local.txt").read_text() == "from here"
    assert sorted(path.name for path in source.iterdir()) == ["local.txt"]
