"""``record`` over several cases: what it says before it starts, what it spends, and what it leaves out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from support.live_runs import needs_cli, write_routine
from support.model_api import forget_credentials

from routine_harness.cli.main import run
from routine_harness.cli.record import command
from routine_harness.harness import check_case
from routine_harness.live.record.recording_plan import choose
from routine_harness.live.sandbox import bubblewrap
from routine_harness.store.cases import load_case_file
from routine_harness.store.recordings import load_recording

INLINE = "agent: {scripted: ../agent.py::files}\n"
AGENT = """\
def files(session):
    session.call("linear.save_issue", title="By the script", team="Security", project="Security")
    session.say("done")
"""
MODEL = """\
def use(name, **given):
    return {"type": "tool_use", "name": name, "input": given}

TURNS = [
    [use("Bash", command="git switch -q -c claude/x && git commit -q --allow-empty -m Empty")],
    [use("Bash", command="git push -q origin claude/x")],
    [use("Bash", command="git push -q origin HEAD:main")],
    [use("mcp__Linear__save_issue", title="By the agent", team="Security", project="Security")],
]

def turns(messages):
    number = sum(message["role"] == "assistant" for message in messages)
    return TURNS[number] if number < len(TURNS) else "done"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A routine with two cases whose agent is a script, and one that does not fire."""
    (tmp_path / "policy.yaml").write_text("root: true\n")
    (tmp_path / "model.py").write_text(MODEL)
    one = write_routine(tmp_path / "r", INLINE)
    one.with_name("two.yaml").write_text(one.read_text())
    one.with_name("zoo.yaml").write_text("trigger: {schedule: {}}\nexpect: {fires: false}\n")
    (tmp_path / "r" / "agent.py").write_text(AGENT)
    return tmp_path / "r"


def record(folder: Path, *options: str, played: bool = True) -> Result:
    model = ["--script", f"{folder.parent / 'model.py'}::turns"] if played else []
    return CliRunner().invoke(command, [str(folder), *model, *options], standalone_mode=False)


def cost_usd(folder: Path, case: str) -> float:
    recording = load_recording(folder / "recordings" / f"{case}.jsonl")
    assert recording is not None
    return recording.usage.cost_usd


def test_the_real_agent_records_beside_a_script(folder: Path) -> None:
    """One command takes every case, also those whose agent is a script; they play what it did."""
    needs_cli()
    done = record(folder, "--live")
    assert done.exception is None, done.output
    assert "to record by claude-code: 2 cases, at no cost: a script is its model" in done.output
    assert "recording small: two by claude-code, a script as its model: there is no recording" in done.output
    result = check_case(folder / "cases" / "one.yaml")
    assert result.pair is not None
    assert result.pair.first.tickets[0].fields["title"] == "By the agent"
    said = [line.partition("≤$")[2].partition("  ")[2] for line in done.output.splitlines()]
    assert [line for line in said if "push" in line][:2] == [
        "Bash git push -q origin claude/x",
        "Bash git push -q origin HEAD:main",
    ]
    plans = done.output.partition("small: one\nfirst run\n")[2].partition("Plan:")[0].split("second run\n")
    assert [plan.count("  ! branch pushed acme/core:main") for plan in plans] == [1, 1]
    assert ["  ~ branch pushed acme/core:claude/x" in plan for plan in plans] == [False, True]


def test_what_was_recorded_beside_a_script_is_renewed_with_the_others(folder: Path) -> None:
    """A nightly ``--stale`` need not know which cases have a script: a stale recording is renewed by the real
    agent, which made it."""
    needs_cli()
    record(folder, "--live", "--case", "one")
    place = folder / "cases" / "one.yaml"
    loaded = load_case_file(place)
    assert choose(loaded.cases[0], loaded.routine, "stale").why == "its recording is fresh"
    routine = folder / "routine.yaml"
    routine.write_text(routine.read_text().replace("Do it.", "Do it well."))
    loaded = load_case_file(place)
    found = choose(loaded.cases[0], loaded.routine, "stale")
    assert found.due
    assert found.why == "recorded before a change of: prompt"


def test_the_limit_holds_for_all_cases_together(folder: Path) -> None:
    """When it is reached, the cases that are left are named and not started."""
    needs_cli()
    record(folder, "--live")
    spent = cost_usd(folder, "one")
    done = record(folder, "--live", "--all", "--limit-usd", f"{spent * 0.75:.6f}")
    assert done.return_value == 1
    assert "(--limit-usd) is spent; not started: small: two" in done.output
    assert done.output.count("recording small:") == 1


def test_attempts_stop_at_the_limit(folder: Path) -> None:
    """``--repeat`` goes on as long as there is something to spend."""
    needs_cli()
    done = record(folder, "--live", "--case", "one", "--repeat", "3", "--limit-usd", "0.000001")
    assert "attempts 2 to 3 are not started" in done.output
    assert "passed 0 of 1" in done.output
    assert [each.name for each in (folder / "recordings/attempts/one").iterdir()] == ["1.jsonl"]


def test_all_that_is_missing_is_told_before_anything_starts(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CLI, isolation and credential at once, each with what brings it; nothing is recorded."""
    forget_credentials(monkeypatch)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "bwrap").write_text("#!/bin/sh\necho 'bwrap: no luck' >&2\nexit 1\n")
    (tmp_path / "bin" / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    assert run(["record", str(folder), "--live", "--program", "/nowhere/claude"]) == 2
    said = capsys.readouterr().err
    assert "there is no Claude Code CLI" in said
    assert "install routine-harness[claude]" in said
    assert "a live run needs isolation" in said
    assert "a live run needs a credential for the model" in said
    assert said.count("error: ") == said.count("hint: ") == 3
    assert "recording small" not in said
    assert not (folder / "recordings").exists()


def test_a_script_without_its_sandbox_is_told_with_the_rest(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each at its line, beside what the real agent lacks; a script that needs no sandbox waits, too."""
    cases, bare = folder / "cases", (folder / "cases" / "one.yaml").read_text().removesuffix(INLINE)
    plain = bare + INLINE.replace("agent:", "record_with:")
    boxed = bare + "record_with: {scripted: ../agent.py::files, shell: sandbox}\n"
    for name, text in {"one": boxed, "two": boxed, "plain": plain}.items():
        (cases / f"{name}.yaml").write_text(text)
    monkeypatch.setattr(bubblewrap, "PROGRAM", "no-such-bwrap")
    line = boxed.count("\n")
    words = "this case needs a sandbox, and there is none here: bubblewrap (bwrap) is not installed"
    assert run(["record", str(folder)]) == 2
    said = capsys.readouterr().err
    assert [f"cases/{name}.yaml:{line}: {words}" in said for name in ("one", "two", "plain")] == [
        True, True, False,
    ]  # fmt: skip
    assert said.count("error: ") == said.count("hint: ") == 2
    (cases / "bare.yaml").write_text(bare)  # by the real agent
    forget_credentials(monkeypatch)
    assert run(["record", str(folder), "--program", "/nowhere/claude"]) == 2
    said = capsys.readouterr().err
    assert said.count(words) == 2
    assert said.count("error: ") == said.count("hint: ") == 5  # CLI, isolation, credential
    assert "recording small" not in said
    assert not (folder / "recordings").exists()


def test_nothing_to_record_names_each_case_and_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A script of the case's own, and no firing: each with what would change it; exit code 2."""
    assert run(["record", str(folder)]) == 2
    said = capsys.readouterr().err
    assert "one.yaml: nothing to record of one: its own script runs it each time" in said
    assert "zoo.yaml: nothing to record of zoo: nothing fires, so nothing runs" in said
    assert said.count("--live has the real agent record beside it") == 2
    assert run(["record", str(folder), "--stale"]) == 0
    assert "small: one: its own script runs it each time" in capsys.readouterr().err


def test_what_it_will_cost_is_said_before_it_starts(
    folder: Path, monkeypatch: pytest.MonkeyPatch, recorded: Any
) -> None:
    """As the recordings of the real agent cost, else estimated; ``--all`` gives the figure alone."""
    needs_cli()
    recorded(folder, "one", 0.4)
    forget_credentials(monkeypatch)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-none-that-opens-anything")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("routine_harness.cli.record._record_all", lambda *_: True)
    shown = record(folder, "--live", "--all", "--repeat", "2", "--limit-usd", "1", played=False).output
    shown = " ".join(shown.split())
    assert "to record by claude-code: 2 cases, 2 times each: about $1.60, 1 of them estimated" in shown
    assert "--limit-usd stops at $1.00: what is left then is not started" in shown
    assert "small: two: $" not in shown
    listed = record(folder, "--live", played=False).output
    assert "  small: two: $0.40, estimated" in listed
    assert "ANTHROPIC_API_KEY: an API key, billed by the token" in listed
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-none-that-opens-anything")
    subscribed = record(folder, "--live", played=False).output
    assert "1 case: tokens that would cost about $0.40, estimated" in subscribed


@pytest.fixture
def recorded() -> Any:
    """Puts a recording of the real agent beside a case that cost so much."""

    def put(folder: Path, case: str, usd: float) -> None:
        record(folder, "--live", "--case", case)
        path = folder / "recordings" / f"{case}.jsonl"
        text = path.read_text().replace('"played":"script"', '"played":""')
        before = cost_usd(folder, case) / 2
        path.write_text(text.replace(f'"cost_usd":{before:g}', f'"cost_usd":{usd / 2:g}'))

    return put
