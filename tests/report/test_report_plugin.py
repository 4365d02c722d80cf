"""``--routine-report``: a pytest session written into one file, whatever runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support.starter import rest_on_scripts

from routine_harness.cli.main import run
from routine_harness.routine.schema import parse_schema

PLUGINS = ("-q", "-p", "no:cacheprovider")


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One routine that is open."""
    monkeypatch.chdir(pytester.path)
    assert run(["init", "ask-twice", "--repository", "acme/core", "--trigger", "schedule"]) == 0
    rest_on_scripts(pytester.path / "routines")
    return pytester.path


def test_every_form_is_written(folder: Path, pytester: pytest.Pytester) -> None:
    """HTML, JSON by its schema, SARIF; and the command ``report`` says the same."""
    files = ["--routine-report=a.html", "--routine-report=a.json", "--routine-report=a.sarif"]
    assert pytester.runpytest_subprocess("routines", *files, *PLUGINS).ret == 0
    data = json.loads((folder / "a.json").read_text())
    Draft202012Validator(parse_schema("report")).validate(data)
    assert data["summary"]["open"] is True
    assert (folder / "a.html").read_text().startswith("<!doctype html>")
    assert json.loads((folder / "a.sarif").read_text())["version"] == "2.1.0"
    assert run(["report", "routines", "-o", "b.json"]) == 0
    other = json.loads((folder / "b.json").read_text())
    assert {**other, "made": ""} == {**data, "made": ""}


def test_workers_change_nothing(folder: Path, pytester: pytest.Pytester) -> None:
    """Under xdist the controller gathers what the workers found."""
    assert pytester.runpytest_subprocess("routines", "--routine-report=a.json", *PLUGINS, "-n", "2").ret == 0
    cases = json.loads((folder / "a.json").read_text())["routines"][0]["cases"]
    assert [case["state"] for case in cases] == ["passed", "passed"]


def test_a_case_that_was_not_run_is_not_open(folder: Path, pytester: pytest.Pytester) -> None:
    """A filtered session says what it left out."""
    pytester.runpytest_subprocess("routines", "-k", "asks-once", "--routine-report=a.json", *PLUGINS)
    data = json.loads((folder / "a.json").read_text())
    states = {case["id"]: case["reason"] for case in data["routines"][0]["cases"]}
    assert states["nothing-to-ask"] == "it was not run in this session"
    assert data["summary"]["open"] is False


def test_a_report_that_cannot_be_written_is_said_at_once(folder: Path, pytester: pytest.Pytester) -> None:
    """Another ending, or a folder in its place: nothing runs."""
    for name in ("a.txt", "routines"):
        result = pytester.runpytest_subprocess("routines", f"--routine-report={name}", *PLUGINS)
        assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_secrets_reach_no_report(folder: Path, pytester: pytest.Pytester) -> None:
    """What a case holds is redacted on its way into the file."""
    case = folder / "routines/ask-twice/cases/asks-once.yaml"
    secret = "ghp_R2d2C3poBb8K2soL3mandoGr0guBoba9F"
    case.write_text(case.read_text().replace("Please help.", f"Please help, my token is {secret}"))
    pytester.runpytest_subprocess("routines", "--routine-report=a.html", "--routine-report=a.json", *PLUGINS)
    assert secret not in (folder / "a.html").read_text()
    assert secret not in (folder / "a.json").read_text()
