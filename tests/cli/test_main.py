"""The console script: every command helps, and errors become the exit codes that are promised."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.filing import AGENT, CASE, ROUTINE

from routine_harness.cli import COMMANDS
from routine_harness.cli.main import run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one routine that passes, as the working directory."""
    for name, text in {"routine.yaml": ROUTINE, "agents/filing.py": AGENT, "cases/one.yaml": CASE}.items():
        path = tmp_path / "filing" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "policy.yaml").write_text("root: true\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_help_lists_commands_without_loading_them() -> None:
    """The list of commands costs no import of any of them."""
    code = "import sys; from routine_harness.cli.main import run; run(['--help']); "
    code += "sys.exit(any(name in sys.modules for name in ('msgspec', 'yaml', 'rich', 'mcp', 'jsonschema')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in COMMANDS)


def test_check_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder in which all cases pass exits with 0."""
    assert run(["check", "."]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "passed  filing/cases/one.yaml  by a script",
        "1 case: 1 passed, 0 failed (script)",
    ]


def test_check_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A verdict that fails exits with 1 and says why, as pytest does."""
    (folder / "filing/cases/blind.yaml").write_text(CASE.replace("::file_it", "::files_blindly"))
    assert run(["check", "--quiet"]) == 1
    shown = capsys.readouterr().out
    assert "FAILED  filing/cases/blind.yaml" in shown
    assert "idempotency.duplicate" in shown
    assert "one.yaml" not in shown
    assert run(["check", "--json", "--case", "blind"]) == 1
    line = json.loads(capsys.readouterr().out)
    assert (line["case"], line["passed"]) == ("blind", False)


def test_check_finds_committed_secrets(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A token in a file beside a routine fails the check, and is not printed."""
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    (folder / "filing/cases/two.yaml").write_text(f"description: {token}\n{CASE.partition(chr(10))[2]}")
    assert run(["check"]) == 1
    shown = capsys.readouterr().out
    assert "secret.committed" in shown
    assert token not in shown


def test_bad_input_is_two(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All problems of all files are reported, the rest is checked, and the exit code is 2."""
    (folder / "filing/cases/broken.yaml").write_text("trigger: {api: {}}\nexpekt: {}\n")
    (folder / "filing/cases/worse.yaml").write_text("a: [\n")
    assert run(["check"]) == 2
    captured = capsys.readouterr()
    assert "passed  filing/cases/one.yaml" in captured.out
    assert "broken.yaml:2: " in captured.err
    assert "worse.yaml:" in captured.err
    assert "Traceback" not in captured.err


@pytest.mark.parametrize(
    "arguments",
    [["check", "nowhere"], ["check", "--case", "none"], ["nonsense"], ["show"], ["dry-run", "nowhere"]],
)
def test_usage_errors_are_two(folder: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A command line that makes no sense exits with 2 and one clear message."""
    assert run(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_dry_run_prints_the_plan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan of effects has a line for each effect of either run, and a total."""
    assert run(["dry-run", "filing"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "filing: one",
        "first run",
        '  + ticket SEC-1 "A matter"',
        "second run",
        "  no effects",
        "Plan: 1 to create.",
        "",
    ]
    assert run(["dry-run", "filing", "--json"]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert [effect["kind"] for effect in first["effects"]] == ["ticket.created"]
    assert second["effects"] == []


def test_show_puts_both_runs_side_by_side(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What both runs did stands on one line, what one did alone on its side."""
    assert run(["show", "filing/cases/one.yaml"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "filing: one"
    assert sum("linear.list_issues" in line for line in lines) == 1
    [saved] = [line for line in lines if "linear.save_issue" in line]
    assert saved.rstrip().endswith("│")
    assert all(len(line) <= 80 for line in lines)
    assert run(["show", "filing/cases/one.yaml", "--json"]) == 0
    kinds = [json.loads(line)["type"] for line in capsys.readouterr().out.splitlines()]
    assert kinds.count("start") == kinds.count("end") == 2


def test_interrupt_is_one_hundred_and_thirty(folder: Path) -> None:
    """Ctrl-C ends the command at once, without a traceback."""
    slow = "import time\n\ndef file_it(session):\n    print('x')\n    time.sleep(30)\n"
    (folder / "filing/agents/filing.py").write_text(slow)
    command = [sys.executable, "-m", "routine_harness", "check"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ})
    time.sleep(2.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in errors


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    """``| head -1`` ends the command quietly."""
    command = f"{sys.executable} -m routine_harness schema routine | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("{")
    assert done.stderr == ""


def test_check_agrees_with_pytest_on_marks_and_routines(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``skip`` and ``xfail`` count as in pytest, and a routine without cases is judged by its files."""
    (folder / "filing/cases/one.yaml").write_text(f"skip: not today\n{CASE}")
    blind = CASE.replace("::file_it", "::files_blindly")
    (folder / "filing/cases/two.yaml").write_text(f"xfail: files blindly\n{blind}")
    assert run(["check"]) == 0
    shown = capsys.readouterr().out
    assert "skipped filing/cases/one.yaml: not today" in shown
    assert shown.endswith("2 cases: 0 passed, 0 failed, 1 skipped, 1 xfailed (script)\n")
    (folder / "other").mkdir()
    (folder / "other/routine.yaml").write_text("name: z\nprompt: x\ntriggers: [{type: gihub}]\n")
    assert run(["check", "other"]) == 2
    assert "other/routine.yaml:3" in capsys.readouterr().err
