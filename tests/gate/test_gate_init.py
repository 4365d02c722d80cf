"""``init``: what it writes is green at once, and closed at the gate until the real agent was recorded."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml  # noqa: F401 - libyaml cannot be loaded again once pytester has dropped it
from support.starter import rest_on_scripts

from routine_harness.cli.main import run


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def init(name: str, *options: str) -> int:
    return run(["init", name, "--repository", "acme/core", *options])


@pytest.mark.parametrize("trigger", ["schedule", "github", "api"])
def test_a_new_routine_is_green_and_wants_the_real_agent(
    trigger: str, pytester: pytest.Pytester, capsys: pytest.CaptureFixture[str]
) -> None:
    """By flags, in an empty folder: pytest is green; what keeps the gate closed is that a script stands
    for the agent, and the command that changes it is printed. The policy says how to go without."""
    assert init("first-one", "--trigger", trigger) == 0
    capsys.readouterr()
    assert run(["lint", "routines", "--strict", "--ignore", "test.scripted-only"]) == 0
    assert run(["lint", "routines"]) == 0
    assert "1 warning in 1 routine" in capsys.readouterr().out
    assert run(["gate", "routines"]) == 1
    said = capsys.readouterr().out
    assert re.findall(r"^  (gate\.\S+)", said, re.MULTILINE) == ["gate.no-live-recording"]
    assert "next: routine-harness record routines/first-one --live\n" in said
    rest_on_scripts(Path("routines"))
    assert run(["gate", "routines"]) == 0
    assert "The gate is open" in capsys.readouterr().out
    result = pytester.runpytest_subprocess("routines", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    assert result.ret == 0
    assert result.parseoutcomes().get("skipped", 0) == 0


def test_several_routines_share_the_policy() -> None:
    """The second one finds the policy that the first one brought."""
    assert init("first-one", "--trigger", "schedule") == 0
    policy = Path("routines/policy.yaml").read_text()
    assert init("second-one", "--trigger", "api") == 0
    assert Path("routines/policy.yaml").read_text() == policy
    rest_on_scripts(Path("routines"))
    assert run(["gate", "routines"]) == 0


def test_the_files_are_listed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """For tools that go on from there."""
    assert init("first-one", "--trigger", "schedule", "--json") == 0
    files = json.loads(capsys.readouterr().out)
    assert files[0] == "routines/policy.yaml"
    assert all(Path(file).is_file() for file in files)


def test_nothing_is_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    """What is there stays as it is, and every clash is named."""
    assert init("first-one", "--trigger", "schedule") == 0
    routine = Path("routines/first-one/routine.yaml")
    routine.write_text("mine\n")
    assert init("first-one", "--trigger", "schedule") == 2
    assert routine.read_text() == "mine\n"
    assert "routines/first-one/routine.yaml: is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["Bad Name", "--repository", "acme/core", "--trigger", "api"], "expected a name"),
        (["x", "--repository", "acme", "--trigger", "api"], "expected a repository"),
        (["x", "--repository", "a/b", "--trigger", "api", "--cron", "1 2 3 4 5"], "--cron belongs to"),
        (
            ["x", "--repository", "a/b", "--trigger", "schedule", "--cron", "1 2 3"],
            "--cron: expected five fields",
        ),
        (["x", "--trigger", "api"], "--repository is missing"),
    ],
)
def test_bad_input_writes_nothing(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One clear error with exit code 2, and the folder stays empty."""
    assert run(["init", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert not Path("routines").exists()


def test_what_is_not_given_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """By prompts, where standard input is a terminal."""
    answers = {
        "Name of the routine": "asked-for",
        "Repository (owner/name)": "acme/core",
        "What starts it": "api",
    }
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.prompt", lambda what, **_: answers[what])
    assert run(["init"]) == 0
    assert Path("routines/asked-for/routine.yaml").is_file()


def test_without_a_terminal_everything_that_is_missing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """All at once, and nothing is written."""
    assert run(["init"]) == 2
    said = capsys.readouterr().err
    assert re.findall(r"^error: (\S+) is missing", said, re.MULTILINE) == [
        "NAME",
        "--repository",
        "--trigger",
    ]
    assert run(["init", "ask", "--trigger", "api"]) == 2
    assert re.findall(r"^error: (\S+) is", capsys.readouterr().err, re.MULTILINE) == ["--repository"]
    assert not list(Path().iterdir())
