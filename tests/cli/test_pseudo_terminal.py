"""What a person sees at a terminal of 80 and 100 columns: no bar in the text, no line too long, colours."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from support.terminal import PROGRAM, frames, mixed, on_terminal, screen

COMMANDS = {
    "check": ["check", "routines"],
    "dry-run": ["dry-run", "routines"],
    "show": ["show", "routines/filing"],
    "gate": ["gate", "routines"],
    "lint": ["lint", "routines"],
    "fires": ["fires", "routines", "--event", "opened.json"],
    "schedule": ["schedule", "routines"],
    "backtest": ["backtest", "routines", "--events", "opened.json"],
    "mutate": ["mutate", "routines"],
    "confirm": ["confirm", "routines", "--check"],
    "report": ["report", "routines"],
    "doctor": ["doctor", "routines"],
}
"""Every command that draws a bar, and those that print much."""

ROUTINE = """\
name: {name}
repositories: [github:acme-platform/core-api]
connectors: [linear:Security]
triggers: [{trigger}]
prompt: Look at {{{{repository}}}} and file one ticket for what you find. You are done when it is filed.
"""
FILTER = "{field: is_draft, operator: equals, value: false}"
GITHUB = f"{{type: github, events: [pull_request.opened], filters: [{FILTER}]}}"
AGENT = """\
def files(session):
    session.call("linear.save_issue", title="A finding with a title that needs more columns than eighty have",
                 team="Security", project="Security")
    session.say("Filed.")
"""
CASE = """\
trigger: {github: {event: pull_request.opened, payload: ../../../opened.json}}
agent: {scripted: ../agents/filing.py::files}
expect: {tickets: {count: 1}, messages: {at_least: 1}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Path:
    """A routine that files its ticket twice, and one that starts by the clock."""
    home = tmp_path_factory.mktemp("terminal")
    shutil.copy(project / "fixtures/webhooks/pull_request.opened.json", home / "opened.json")
    for name, trigger in (("filing", GITHUB), ("nightly", '{type: schedule, cron: "7 3 * * 1-5"}')):
        place = home / "routines" / name
        for part in ("cases", "agents"):
            (place / part).mkdir(parents=True)
        (place / "routine.yaml").write_text(ROUTINE.format(name=name, trigger=trigger))
    (home / "routines/filing/cases/one.yaml").write_text(CASE)
    (home / "routines/filing/agents/filing.py").write_text(AGENT)
    return home


@pytest.mark.parametrize("columns", [80, 100])
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_mixes_and_nothing_is_too_long(folder: Path, name: str, columns: int) -> None:
    """No line holds a bar and text, no bar is left standing, and no line is wider than the terminal."""
    code, raw = on_terminal([PROGRAM, *COMMANDS[name]], folder, columns=columns)
    assert code in (0, 1), raw
    assert mixed(raw) == []
    lines = screen(raw)
    # What is there to be copied stands on one line, however long: the commands after `next:` and the like.
    assert [line for line in lines if len(line) > columns and "routine-harness " not in line] == []
    assert any(lines)


def test_every_command_that_draws_a_bar_is_among_them(project: Path) -> None:
    """A command that is new here, or a module that draws a bar, is tried too; ``demo`` in its own tests."""
    sources = (project / "src" / "routine_harness" / "cli").glob("*.py")
    drawing = {path.stem for path in sources if re.search(r"cli\.(progress|cases) import", path.read_text())}
    assert {name.replace("_", "-") for name in drawing - {"cases", "demo"}} <= set(COMMANDS)


def test_a_bar_where_output_goes_elsewhere(folder: Path, tmp_path: Path) -> None:
    """With standard output in a file the terminal shows how far the work has come, and is left clean."""
    with (tmp_path / "out").open("wb") as file:
        _, raw = on_terminal([PROGRAM, "check", "routines"], folder, output=file.fileno())
    assert any(re.fullmatch(r"checking ━+ 1/1 *", line) for line in frames(raw)), raw
    assert not any(screen(raw))
    text = (tmp_path / "out").read_text()
    assert "FAILED" in text
    assert "\x1b" not in text


def test_no_bar_where_a_pipe_leads_back_to_the_terminal(folder: Path) -> None:
    """What reads the output writes to the terminal on which the bar would stand."""
    _, raw = on_terminal(["bash", "-c", f"{PROGRAM} check routines | grep FAILED"], folder)
    assert frames(raw)[0].startswith("FAILED  routines/filing/cases/one.yaml")
    assert not any("checking ━" in line for line in frames(raw))


def test_a_bar_glued_to_text_would_be_found() -> None:
    """The check can fail: this is what the terminal got before."""
    glued = "\rchecking  [------------------------------------]FAILED  cases/one.yaml\r\n"
    assert mixed(glued)
    assert mixed("\rcases  [####################]  100%\r\n")
    assert not mixed("\rcases [####----] 1/2\r\x1b[K\rthe text\r\n")


RED = "\x1b[31;1m"
FAINT = "\x1b[2m"


@pytest.mark.parametrize(
    ("name", "red", "dim"),
    [
        ("check", "FAILED", "hint: "),
        ("dry-run", '  = ticket SEC-2 (same as SEC-1) "A finding', ""),
        ("show", "    1 linear.save_issue", "in full: "),
        ("gate", "closed", ""),
        ("lint", "error", "hint: "),
        ("fires", "", "skipped"),
    ],
)
def test_red_is_what_is_wrong_and_dim_what_did_not_matter(
    folder: Path, name: str, red: str, dim: str
) -> None:
    """Errors and duplicates are red; what explains, or was not asked, is dim."""
    if name == "lint":
        (folder / "bad").mkdir(exist_ok=True)
        (folder / "bad/routine.yaml").write_text(
            "name: bad\nconnectors: [slack:a]\ntriggers: [{type: api}]\nprompt: 'token: ghp_"
            + "a1B2" * 9
            + "'\n"
        )
        command = ["lint", "bad"]
    else:
        command = COMMANDS[name]
    _, raw = on_terminal([PROGRAM, *command], folder)
    assert RED + red in raw or not red, raw
    assert re.search(re.escape(FAINT) + " *" + dim, raw) or not dim, raw


def test_the_difference_of_a_prompt_has_the_colours_of_a_difference(folder: Path) -> None:
    """``confirm`` shows what went in red and what came in green."""
    home = folder / "confirmed"
    shutil.copytree(folder / "routines" / "filing", home / "filing")
    routine = home / "filing" / "routine.yaml"
    on_terminal([PROGRAM, "confirm", "confirmed"], folder)
    routine.write_text(routine.read_text().replace("Look at", "Look hard at"))
    code, raw = on_terminal([PROGRAM, "confirm", "confirmed", "--check"], folder)
    assert code == 1
    assert f"{RED}-Look at" in raw
    assert "\x1b[32;1m+Look hard at" in raw
    code, raw = on_terminal([PROGRAM, "confirm", "confirmed", "--check", "--color=no"], folder)
    assert "\x1b[" not in raw


def test_an_error_is_broken_between_its_words(folder: Path) -> None:
    """Not in the middle of one, as the terminal breaks it; what a hint has one type stays on its line."""
    place = "a-folder-with-a-name-of-some-length/and-another-one-in-it"
    (folder / place).mkdir(parents=True)
    (folder / place / "routine.yaml").write_text("name: bad\nprompt: {file: there-is-no-such-prompt.md}\n")
    code, raw = on_terminal([PROGRAM, "check", place], folder)
    assert code == 2
    lines = [line for line in screen(raw) if line]
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].startswith(f"error: {place}/routine.yaml:")
    assert any(line.startswith("    ") for line in lines)
    assert any("there-is-no-such-prompt.md" in line for line in lines)


COLOUR_CASES = [
    ({}, [], True),
    ({"NO_COLOR": "1"}, [], False),
    ({"TERM": "dumb"}, [], False),
    ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, [], False),
    ({"NO_COLOR": "1"}, ["--color", "yes"], True),
    ({"FORCE_COLOR": "1"}, ["--color=no"], False),
]


@pytest.mark.parametrize(("environment", "options", "coloured"), COLOUR_CASES)
def test_colour_follows_the_option_then_the_variables(
    folder: Path, environment: dict[str, str], options: list[str], coloured: bool
) -> None:
    """``--color`` goes before ``NO_COLOR``, which goes before ``FORCE_COLOR``, as in pytest."""
    _, raw = on_terminal([PROGRAM, "gate", "routines", *options], folder, environment=environment)
    assert (RED in raw) is coloured


def test_force_color_colours_a_pipe(folder: Path) -> None:
    """And without it a pipe gets plain text."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as got:
        on_terminal([PROGRAM, "check", "routines"], folder, environment={"FORCE_COLOR": "1"}, output=writing)
        os.close(writing)
        assert RED.encode() in got.read()
