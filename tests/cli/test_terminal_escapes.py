"""What an agent says reaches no terminal as a command to it, whichever face shows it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from routine_harness.cli.main import cli
from routine_harness.cli.recording import say
from routine_harness.live.client.attempt import Step
from routine_harness.report.text import clip, fold, one_line, visible
from routine_harness.session.transcript import Usage

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b2K\r\u202etxt\x7f \u2066"
STEERING = ("\x1b", "\x07", "\x9b", "\x7f", "\u202e", "\u2066", "\r")

AGENT = f"""
HOSTILE = {HOSTILE!r}

def act(session):
    session.call("linear.list_issues", query=HOSTILE)
    session.call("linear.save_issue", title="A" + HOSTILE, team="Security", description=HOSTILE)
    session.call("linear.get_issue", id=HOSTILE)
    session.call("slack.nothing", text=HOSTILE)
    session.say("done " + HOSTILE)
"""


@pytest.fixture
def routine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A routine whose agent writes what steers a terminal, wherever it can."""
    folder = tmp_path / "hostile"
    (folder / "cases").mkdir(parents=True)
    (folder / "agents").mkdir()
    (folder / "agents" / "a.py").write_text(AGENT)
    (folder / "routine.yaml").write_text(
        "name: hostile\nconnectors: [linear:Security]\ntriggers: [{type: api}]\nprompt: Do it.\n"
    )
    (folder / "cases" / "one.yaml").write_text(
        "trigger: {api: {text: go}}\nrecord_with: {scripted: ../agents/a.py::act}\n"
        "expect:\n  tickets: {count: 0}\n  says: {contains: nothing of it}\n"
    )
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["record", str(folder), "--all"])
    assert "FAILED" in done.output
    assert_harmless(done.output)
    return folder


def assert_harmless(output: str) -> None:
    assert output
    assert [each for each in STEERING if each in output] == []


@pytest.mark.parametrize(
    "words",
    [
        ("check",), ("check", "--json"), ("dry-run",), ("dry-run", "--json"), ("show",),
        ("show", "--json"), ("gate",), ("gate", "--format", "github"), ("gate", "--format", "json"),
        ("lint",), ("lint", "--format", "concise"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_face_passes_on_what_steers_a_terminal(routine: Path, words: tuple[str, ...]) -> None:
    """Control characters and turns of direction are spelt out; what is JSON stays so, and keeps them."""
    done = CliRunner().invoke(cli, [words[0], str(routine), *words[1:]])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert_harmless(done.output)
    if "--json" in words:
        entries = [json.loads(line) for line in done.output.splitlines()]
        assert words[0] == "check" or any(HOSTILE in text for text in strings(entries))
    elif words[0] in ("show", "dry-run", "check"):
        assert "\\u001b" in done.output


def strings(value: Any) -> Iterator[str]:
    """Every text in a value of JSON."""
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(part)


def test_pytest_shows_nothing_that_steers_a_terminal(routine: Path, pytester: pytest.Pytester) -> None:
    """Failures, their short summary and the table of routines are plain."""
    done = pytester.runpytest_subprocess("-rA", "-p", "no:cacheprovider", str(routine))
    assert done.parseoutcomes()["failed"]
    assert_harmless(done.stdout.str())


def test_what_a_live_agent_says_meanwhile_is_shown_plainly(capsys: pytest.CaptureFixture[str]) -> None:
    """The progress of a recording is a line for each thing said."""
    say(Step(HOSTILE, 3.0, Usage(cost_usd=0.5)))
    shown = capsys.readouterr().err
    assert_harmless(shown)
    assert shown.startswith("    0:03 ≤$0.50  \\u001b]0;owned")


def test_text_of_others_is_made_visible_wherever_it_is_fitted() -> None:
    """A character that a terminal obeys is spelt as JSON spells it; letters, breaks and emoji stay."""
    assert visible("a\x1b[0m\tb\nc\r\nd é 👨‍👩‍👧") == "a\\u001b[0m\tb\nc\nd é 👨‍👩‍👧"
    assert json.loads(f'"{visible(HOSTILE)}"') == HOSTILE
    assert visible("\U000e0041\udcff") == "\\udb40\\udc41\\udcff"
    for shown in (clip(HOSTILE, 200), one_line(HOSTILE), *fold(HOSTILE, 40)):
        assert_harmless(shown)


def test_every_command_prints_in_one_place() -> None:
    """No module of the command line prints past the place that makes text visible."""
    import routine_harness.cli

    for path in sorted(Path(routine_harness.cli.__file__).parent.glob("*.py")):
        calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        printing = [
            call for call in calls
            if (isinstance(call, ast.Attribute) and call.attr in ("echo", "secho"))
            or (isinstance(call, ast.Name) and call.id == "print")
        ]  # fmt: skip
        assert path.name == "lines.py" or not printing, path.name
