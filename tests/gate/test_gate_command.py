"""The command: decide, write evidence, verify it, and say what is wrong with the input."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from support.starter import rest_on_scripts

from routine_harness.cli.main import run
from routine_harness.routine.schema import parse_schema


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh folder with one routine as ``init`` writes it, open on scripts alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert invoke("init", "ask-twice", "--repository", "acme/core", "--trigger", "schedule")[0] == 0
    rest_on_scripts(tmp_path / "routines")
    return tmp_path / "routines"


def invoke(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    code = 0

    def call() -> None:
        nonlocal code
        code = run(arguments)

    result: Result = CliRunner().invoke(_as_command(call))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return code, result.stdout, result.stderr


def _as_command(call: Any) -> Any:
    import click

    return click.Command("call", callback=call)


def test_a_routine_is_open(folder: Path) -> None:
    """Exit code 0, and the table says so."""
    code, out, _ = invoke("gate", str(folder))
    assert code == 0
    assert "The gate is open, by script only: 1 enabled trigger" in out


def test_a_failing_case_closes_with_the_command_that_shows_it(folder: Path) -> None:
    """Exit code 1, the reason, and what to do next."""
    case = folder / "ask-twice/cases/asks-once.yaml"
    case.write_text(case.read_text().replace("count: 1", "count: 2"))
    code, out, _ = invoke("gate", "routines")
    assert code == 1
    assert "gate.case-failed  routines/ask-twice/cases/asks-once.yaml" in out
    assert "next: pytest routines/ask-twice/cases/asks-once.yaml" in out
    assert "The gate is closed: 1 of 1 enabled trigger" in out


def test_bad_input_is_reported_once_with_exit_code_2(folder: Path) -> None:
    """The file and the line; the gate is not decided open behind it."""
    case = folder / "ask-twice/cases/asks-once.yaml"
    case.write_text(case.read_text() + "nonsense: true\n")
    code, out, err = invoke("gate", "routines")
    assert code == 2
    assert "nonsense" in err
    assert "routines/ask-twice/cases/asks-once.yaml" in err
    assert "closed" in out


def test_bad_input_is_no_open_gate(folder: Path) -> None:
    """A routine of which nothing is known closes the gate, a verification too, and leaves no statement."""
    assert invoke("gate", "routines", "--attestation", "before.json")[0] == 0
    (folder / "other").mkdir()
    (folder / "other" / "routine.yaml").write_text("nme: other\n")
    code, out, _ = invoke("gate", "routines", "--attestation", "after.json")
    assert code == 2
    assert "The gate is closed: bad input, 2 problems" in out
    assert not Path("after.json").exists()
    code, out, error = invoke("gate", "routines", "--verify", "before.json")
    assert (code, out) == (2, "")
    assert "other/routine.yaml" in error


def test_an_empty_folder_is_no_open_gate(tmp_path: Path) -> None:
    """Nothing looked at is not the same as nothing wrong: no output calls the gate open."""
    files = ("--attestation", str(tmp_path / "x.json"), "--json", str(tmp_path / "gate.json"))
    code, out, err = invoke("gate", str(tmp_path), *files)
    assert (code, out) == (2, "")
    assert "no routine was found" in err
    assert [*tmp_path.iterdir()] == []


def test_json_is_as_its_schema_says(folder: Path) -> None:
    """The published schema holds, printed and written."""
    validator = Draft202012Validator(parse_schema("report"))
    code, out, _ = invoke("gate", "--json", "routines")
    assert code == 0
    validator.validate(json.loads(out))
    invoke("gate", "routines", "--json", "gate.json")
    assert json.loads(Path("gate.json").read_text()) == json.loads(out)
    assert json.loads(out)["summary"]["open"] is True


def test_junit_has_a_test_for_each_trigger_and_check(folder: Path) -> None:
    """What CI shows: the trigger, and every check of every case."""
    invoke("gate", "routines", "--junit", "gate.xml")
    text = Path("gate.xml").read_text()
    assert 'name="gate schedule' in text
    assert 'name="asks-once::idempotent"' in text
    assert 'failures="0"' in text


def test_github_gets_annotations_and_a_summary(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Annotations on standard output, the summary where the job wants it."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    Path("summary.md").write_text("before\n")
    case = folder / "ask-twice/cases/asks-once.yaml"
    case.write_text(case.read_text().replace("count: 1", "count: 2"))
    _, out, _ = invoke("gate", "routines", "--github")
    assert "::error file=routines/ask-twice/cases/asks-once.yaml,line=" in out
    summary = Path("summary.md").read_text()
    assert summary.startswith("before\n## The gate is closed")
    assert "| ask-twice |" in summary


def test_a_file_that_cannot_be_written_is_said_before_anything_runs(folder: Path) -> None:
    """No decision, no partial file."""
    code, out, err = invoke("gate", "routines", "--attestation", "routines")
    assert (code, out) == (2, "")
    assert "cannot be written" in err


def attest(folder: Path) -> Path:
    assert invoke("gate", "routines", "--attestation", "gate.intoto.json")[0] == 0
    return Path("gate.intoto.json")


def test_the_statement_verifies(folder: Path) -> None:
    """Files that are as they were tested pass."""
    statement = json.loads(attest(folder).read_text())
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert statement["predicate"]["result"] == "PASSED"
    assert [each["name"] for each in statement["subject"]] == ["ask-twice/routine.yaml"]
    code, out, _ = invoke("gate", "routines", "--verify", "gate.intoto.json")
    assert code == 0
    assert "files are what was tested: PASSED" in out


@pytest.mark.parametrize("repository", [False, True])
def test_names_are_those_of_the_root_from_wherever_the_gate_is_run(folder: Path, repository: bool) -> None:
    """A statement about all verifies a part, and from another working directory."""
    if repository:
        (folder.parent / ".git").mkdir()
    shutil.copytree(folder / "ask-twice", folder / "other")
    other = folder / "other" / "routine.yaml"
    other.write_text(other.read_text().replace("name: ask-twice", "name: other"))
    shutil.rmtree(folder / "other" / "recordings", ignore_errors=True)
    invoke("gate", "routines", "--attestation", "gate.intoto.json")
    statement = json.loads(Path("gate.intoto.json").read_text())
    statement["predicate"].update(result="PASSED", failedTests=[])
    Path("gate.intoto.json").write_text(json.dumps(statement))
    file = str(folder.parent / "gate.intoto.json")
    prefix = "routines/" if repository else ""
    assert {each["name"] for each in statement["subject"]} == {
        f"{prefix}{name}/routine.yaml" for name in ("ask-twice", "other")
    }
    assert invoke("gate", "routines/ask-twice", "--verify", file)[0] == 0
    assert invoke("gate", "routines/ask-twice/routine.yaml", "--verify", file)[0] == 0

    def elsewhere(*arguments: str) -> tuple[int, str]:
        """The command in a process of its own, in another working directory."""
        words = [sys.executable, "-m", "routine_harness", "gate", *arguments, "--verify", file]
        done = subprocess.run(words, cwd=folder / "other", capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    assert elsewhere("../ask-twice")[0] == elsewhere(str(folder))[0] == 0
    other.write_text(other.read_text() + "\n")
    assert elsewhere()[0] == 1
    assert elsewhere("../ask-twice")[0] == 0
    (folder / "ask-twice" / "cases" / "nothing-to-ask.yaml").unlink()
    code, out = elsewhere("../ask-twice")
    assert (code, "attestation.missing" in out) == (1, True)


def test_quiet_names_the_closed_triggers_with_a_reason_each(folder: Path) -> None:
    """One line a trigger, and the answer."""
    assert invoke("gate", "routines", "--quiet")[1].splitlines() == [
        "The gate is open, by script only: 1 enabled trigger"
    ]
    case = folder / "ask-twice/cases/asks-once.yaml"
    case.write_text(case.read_text().replace("count: 1", "count: 2"))
    code, out, _ = invoke("gate", "routines", "--quiet")
    [why, answer] = out.splitlines()
    assert code == 1
    assert why.startswith("ask-twice: schedule")
    assert "gate.case-failed" in why
    assert answer == "The gate is closed: 1 of 1 enabled trigger"


FILES = [
    "routine.yaml",
    "cases/asks-once.yaml",
    "cases/nothing-to-ask.yaml",
    "agents/ask_twice.py",
    "../policy.yaml",
]


@pytest.mark.parametrize("name", FILES)
def test_any_byte_of_a_tested_file_breaks_it(folder: Path, name: str) -> None:
    """Routine, case, agent or policy: one more byte and it is not what was tested."""
    attest(folder)
    file = folder / "ask-twice" / name
    file.write_bytes(file.read_bytes() + b"\n")
    code, out, _ = invoke("gate", "routines", "--verify", "gate.intoto.json")
    assert code == 1
    assert "attestation.changed" in out
    assert file.name in out


def test_a_file_that_came_or_went_breaks_it(folder: Path) -> None:
    """A case taken away or put in is a difference too."""
    attest(folder)
    cases = folder / "ask-twice" / "cases"
    shutil.move(cases / "nothing-to-ask.yaml", cases / "other.yaml")
    code, out, _ = invoke("gate", "routines", "--verify", "gate.intoto.json")
    assert code == 1
    assert "attestation.missing" in out
    assert "attestation.untested" in out


def test_a_signed_statement_is_read_from_its_envelope(folder: Path) -> None:
    """What a signing tool wraps around it is looked through."""
    file = attest(folder)
    payload = base64.b64encode(file.read_bytes()).decode()
    envelope = {"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": []}
    Path("signed.json").write_text(json.dumps(envelope))
    assert invoke("gate", "routines", "--verify", "signed.json")[0] == 0


def test_a_closed_gate_never_verifies(folder: Path) -> None:
    """The same bytes are no proof where the result was a failure."""
    case = folder / "ask-twice/cases/asks-once.yaml"
    case.write_text(case.read_text().replace("count: 1", "count: 2"))
    assert invoke("gate", "routines", "--attestation", "gate.intoto.json")[0] == 1
    code, out, _ = invoke("gate", "routines", "--verify", "gate.intoto.json")
    assert code == 1
    assert "attestation.failed" in out


OTHER_KIND = {
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [],
    "predicateType": "other",
    "predicate": {"result": "PASSED", "configuration": []},
}
NO_STATEMENTS = (
    "",
    "{",
    "[]",
    '{"_type": "x"}',
    '{"payload": "%%", "payloadType": "x"}',
    '{"payload": "W10=", "payloadType": "x"}',
    json.dumps(OTHER_KIND),
)


@pytest.mark.parametrize("text", NO_STATEMENTS)
def test_something_else_than_a_statement_is_bad_input(folder: Path, text: str) -> None:
    """One clear error with exit code 2."""
    Path("other.json").write_text(text)
    code, _, err = invoke("gate", "routines", "--verify", "other.json")
    assert code == 2
    assert err.startswith("error: other.json")


def test_one_word_of_a_prompt_closes_the_gate_as_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    """The recording was made for another prompt; the reason names the command that reopens the gate."""
    home = tmp_path / "example_routines"
    shutil.copytree(project / "example_routines", home)
    shutil.copytree(project / "fixtures" / "webhooks", tmp_path / "fixtures" / "webhooks")
    monkeypatch.chdir(tmp_path)
    routine = home / "ci-failure-responder" / "routine.yaml"
    assert invoke("gate", str(routine.parent))[0] == 0
    routine.write_text(routine.read_text().replace("every six hours", "every 6 hours"))
    code, out, _ = invoke("gate", str(routine.parent))
    assert code == 1
    assert "gate.stale" in out
    assert out.count("6 recordings are stale: the prompt changed\n") == 1
    assert out.count("next: routine-harness record example_routines/ci-failure-responder --stale\n") == 1
    assert out.count("gate.stale") == 2  # in the table and in the one block
    assert invoke("record", "example_routines/ci-failure-responder")[0] == 0
    assert invoke("confirm", "example_routines/ci-failure-responder")[0] == 0
    assert invoke("gate", str(routine.parent))[0] == 0
