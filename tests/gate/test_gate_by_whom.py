"""On what a verdict rests: every face says who stood for the agent, and a poem does not change that."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml  # noqa: F401 - libyaml cannot be loaded again once pytester has dropped it
from jsonschema import Draft202012Validator
from support.starter import rest_on_scripts

from routine_harness.cli.main import run
from routine_harness.routine.schema import parse_schema

LIVE = {
    "origin": "live",
    "agent": {"name": "claude-code", "model": "claude-opus-5-5"},
    "time": "2026-11-02T07:09:00+00:00",
    "attempts": {"passed": 3, "of": 3},
}
REAL = "by the real agent (claude-opus-5-5, 2026-11-02, 3 of 3)"
NEXT = "routine-harness record routines/ask --live"
FILE = "routines/ask/routine.yaml"
Said = Callable[..., str]


@pytest.fixture
def said(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Said:
    """What a command prints; around it a routine with two cases by a script, and no demand beyond that."""
    monkeypatch.chdir(pytester.path)
    monkeypatch.setenv("COLUMNS", "80")
    assert run(["init", "ask", "--repository", "acme/core", "--trigger", "schedule"]) == 0
    rest_on_scripts(Path("routines"))

    def told(*arguments: str) -> str:
        capsys.readouterr()
        run(list(arguments))
        return capsys.readouterr().out

    return told


def recorded(header: dict[str, Any]) -> None:
    """Record the case ``asks-once`` by its script, and put ``header`` on the file."""
    case = Path("routines/ask/cases/asks-once.yaml")
    case.write_text(case.read_text().replace("agent:", "record_with:"))
    assert run(["record", "routines/ask"]) == 0
    path = Path("routines/ask/recordings/asks-once.jsonl")
    head, _, rest = path.read_text().partition("\n")
    path.write_text(json.dumps(json.loads(head) | header) + "\n" + rest)


def faces(said: Said, pytester: pytest.Pytester) -> dict[str, str]:
    """What each face says of it: a word or counts of the routine, a sentence for each case."""
    session = pytester.runpytest_subprocess(
        "routines", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--junitxml=session.xml",
        "--routine-report=report.json",
    )  # fmt: skip
    row = next(line for line in session.outlines if line.startswith("ask  "))
    table = said("gate", "routines", "--json=gate.json", "--junit=gate.xml", "--sarif=gate.sarif",
                 "--summary", "gate.md", "--attestation", "gate.intoto.json")  # fmt: skip
    gate, report = (json.loads(Path(name).read_text()) for name in ("gate.json", "report.json"))
    for data in (gate, report):
        Draft202012Validator(parse_schema("report")).validate(data)
    statement = json.loads(Path("gate.intoto.json").read_text())["predicate"]["routineHarnessTestedBy"]
    return {
        "summary of pytest": _between(row, "2 cases  ", r"  \d+ passed"),
        "pytest's junit": _properties("session.xml"),
        "check": "; ".join(re.findall(r"\.yaml  (.+)", said("check", "routines"))),
        "check --json": "; ".join(
            json.loads(line)["by"]["text"] for line in said("check", "routines", "--json").splitlines()
        ),
        "gate": _between(table, r"schedule [\d *-]+  (?:open|closed) +", r"  +\S"),
        "gate --json": _counts(gate["routines"][0]["triggers"][0]["by"]),
        "gate --json, routine": _counts(gate["routines"][0]["by"]),
        "gate --json, cases": _cases(gate),
        "gate --junit": _properties("gate.xml"),
        "gate --sarif": _counts(
            json.loads(Path("gate.sarif").read_text())["runs"][0]["properties"]["by"][FILE]
        ),
        "gate --summary": _between(
            Path("gate.md").read_text(), r"\| ask .*?(?:open|closed)[^|]* \| ", r" \|"
        ),
        "gate --attestation": "; ".join(each["text"] for each in statement),
        "report": _cases(report),
    }


def _between(text: str, before: str, after: str) -> str:
    found = re.search(f"{before}(.*?){after}", text)
    assert found is not None, text
    return found[1]


def _counts(by: dict[str, int]) -> str:
    return ", ".join(f"{count} {word}" for word, count in by.items())


def _cases(data: dict[str, Any]) -> str:
    return "; ".join(case["by"]["text"] for case in data["routines"][0]["cases"])


def _properties(file: str) -> str:
    """The values of ``by``, each once."""
    found = [each.get("value", "") for each in ET.parse(file).iter("property") if each.get("name") == "by"]
    return "; ".join(dict.fromkeys(found))


SCRIPTS = {
    "summary of pytest": "script",
    "pytest's junit": "by a script",
    "check": "by a script; by a script",
    "check --json": "by a script; by a script",
    "gate": "script",
    "gate --json": "2 script",
    "gate --json, routine": "2 script",
    "gate --json, cases": "by a script; by a script",
    "gate --junit": "script; by a script",
    "gate --sarif": "2 script",
    "gate --summary": "script",
    "gate --attestation": "by a script; by a script",
    "report": "by a script; by a script",
}


def test_every_face_says_that_a_script_did_it(said: Said, pytester: pytest.Pytester) -> None:
    """One word a routine, a sentence a case."""
    assert faces(said, pytester) == SCRIPTS
    verified = said("gate", "routines", "--verify", "gate.intoto.json")
    assert verified.endswith(" files are what was tested: PASSED (script)\n")


def test_a_poem_as_the_prompt_changes_nothing_of_what_a_script_does(
    said: Said, pytester: pytest.Pytester
) -> None:
    """The script goes on as before, so that every face has to say that it was the script."""
    file = Path(FILE)
    head, _, _ = file.read_text().partition("prompt:")
    file.write_text(f"{head}prompt: Write a poem.\n")
    assert run(["check", "routines"]) == 0
    assert faces(said, pytester) == SCRIPTS
    policy = Path("routines/policy.yaml")
    policy.write_text(policy.read_text().replace("live_recordings: 0", "live_recordings: 1"))
    table = said("gate", "routines")
    assert f"  gate.no-live-recording  {FILE}:1\n" in table
    assert f"  gate.unconfirmed  {FILE}:7\n" in table
    assert table.endswith("The gate is closed: 1 of 1 enabled trigger\n")


def test_every_face_counts_where_cases_differ(said: Said, pytester: pytest.Pytester) -> None:
    """One by a script, one by the real agent, with its model, its day and its attempts."""
    recorded(LIVE)
    both, sentences = "1 script, 1 live", f"{REAL}; by a script"
    assert faces(said, pytester) == {
        "summary of pytest": both,
        "pytest's junit": sentences,
        "check": sentences,
        "check --json": sentences,
        "gate": both,
        "gate --json": both,
        "gate --json, routine": both,
        "gate --json, cases": sentences,
        "gate --junit": f"{both}; {sentences}",
        "gate --sarif": both,
        "gate --summary": both,
        "gate --attestation": sentences,
        "report": sentences,
    }


@pytest.mark.parametrize(
    ("header", "word"),
    [
        ({"origin": "imported"}, "imported"),
        ({**LIVE, "agent": {"name": "claude-code", "played": "script"}}, "script"),
    ],
)
def test_an_import_and_a_played_model_are_not_the_real_agent(
    said: Said, header: dict[str, Any], word: str
) -> None:
    """What somebody brought along is imported; the real CLI with a script for its model is a script."""
    recorded(header)
    check = said("check", "routines", "--case", "asks-once", "--json")
    assert json.loads(check)["by"]["who"] == word


def test_the_gate_is_open_by_script_only_and_prints_the_command_for_the_rest(said: Said) -> None:
    """Exit code 0, a sentence and a command a routine; JSON carries both as values."""
    assert run(["gate", "routines"]) == 0
    out = said("gate", "routines")
    [label] = re.findall(r"^open, by script only: ask \((.+)\)$", out, re.MULTILINE)
    assert f"    next: {NEXT}\n" in out
    assert out.endswith("The gate is open, by script only: 1 enabled trigger\n")
    assert said("gate", "routines", "-q") == "The gate is open, by script only: 1 enabled trigger\n"
    data = json.loads(said("gate", "routines", "--json"))
    [trigger] = data["routines"][0]["triggers"]
    assert (trigger["gate"], trigger["by_script_only"], trigger["next"]) == ("open", True, NEXT)
    assert trigger["label"] == label
    assert data["summary"]["by_script_only"] == 1
    said("gate", "routines", "--summary", "gate.md", "-q")
    assert f"- open, by script only: `{label}`\n    - next: `{NEXT}`\n" in Path("gate.md").read_text()


def test_one_recording_of_the_real_agent_ends_that(said: Said) -> None:
    """Then the trigger rests on more than scripts, and what ``init`` demands is there."""
    recorded(LIVE)
    rules = Path("routines/policy.yaml")
    rules.write_text(rules.read_text().replace("live_recordings: 0", "live_recordings: 1"))
    out = said("gate", "routines")
    assert out.endswith("\nThe gate is open: 1 enabled trigger\n")
    assert "by script only" not in out
    data = json.loads(said("gate", "routines", "--json"))
    [trigger] = data["routines"][0]["triggers"]
    assert (trigger["by_script_only"], trigger["next"]) == (False, "")


def test_a_trigger_at_a_time(said: Said) -> None:
    """A recording speaks for the trigger that it fired; the other one is still open by script only."""
    file = Path(FILE)
    text = file.read_text().replace("triggers:\n", "triggers:\n  - {type: api}\n")
    file.write_text(text)
    cases = Path("routines/ask/cases")
    quiet = (cases / "nothing-to-ask.yaml").read_text()
    (cases / "called.yaml").write_text(quiet.replace("trigger: {schedule: {}}", "trigger: {api: {}}"))
    recorded(LIVE)
    out = said("gate", "routines")
    assert "\nopen, by script only: ask (api)\n" in out
    assert out.endswith("The gate is open: 2 enabled triggers, 1 of them by script only\n")


def test_where_nothing_ran_nobody_is_named(said: Said) -> None:
    """A case that expects no firing rests on nobody, neither on a script nor on the real agent."""
    for case in Path("routines/ask/cases").iterdir():
        case.unlink()
    Path("routines/ask/cases/other.yaml").write_text(
        "trigger: {github: {event: issues.opened, payload: {action: opened,"
        " repository: {full_name: acme/core}, issue: {number: 1, title: a, user: {login: b}}}}}\n"
        "expect: {fires: false}\n"
    )
    assert said("check", "routines").startswith("passed  routines/ask/cases/other.yaml\n1 case: 1 passed")
    data = json.loads(said("gate", "routines", "--json"))
    [routine] = data["routines"]
    assert (routine["by"], routine["cases"][0]["by"]) == ({}, None)
    assert routine["triggers"][0]["by_script_only"] is False
