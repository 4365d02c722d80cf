"""What the policy notes and what nobody can read stands at the gate, which is open all the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from routine_harness.cli.main import cli

FILES = {
    "policy.yaml": "root: true\ngate: {require: {levels: [spec, cases]}}\n",
    "r/routine.yaml": "name: r\nrepositories: [github:acme/core]\ntriggers: [{type: api}]\nprompt: Do it.\n",
    "r/cases/one.yaml": """\
trigger: {api: {text: go}}
agent: {scripted: ../agents/act.py::act}
world: {github: {repositories: [{full_name: acme/core}]}}
expect: {idempotent: false}
""",
    "r/agents/act.py": """\
def act(session):
    session.call("Bash", command="make lint")
    session.call("Bash", command="make test")
    session.call("Bash", command="gh run rerun 3")
    session.say("done")
""",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A routine whose case runs a workflow again and two targets of make."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_gate_lists_what_is_noted(folder: Path) -> None:
    """Once for each program and case, with a count, in the table and in the JSON."""
    told = CliRunner().invoke(cli, ["gate", "r"])
    assert "noted r (one): policy.noted: noted by default policy: workflow.rerun" in " ".join(
        told.output.split()
    )
    assert "noted r (one): command.opaque: what make does is not known (4 calls)" in told.output
    data = json.loads(CliRunner().invoke(cli, ["gate", "r", "--json", "-"]).output)
    [case] = data["routines"][0]["cases"]
    codes = [finding["code"] for finding in case["findings"]]
    assert codes.count("command.opaque") == 1
    assert codes.count("policy.noted") == 1


def test_check_prints_them(folder: Path) -> None:
    """A line each, beside a case that passes."""
    told = CliRunner().invoke(cli, ["check", "r"])
    assert "command.opaque: what make does is not known (4 calls)" in told.output
    assert "policy.noted: noted by default policy: workflow.rerun" in told.output


def test_the_page_holds_them(folder: Path) -> None:
    """The report has them with their case."""
    CliRunner().invoke(cli, ["report", "r", "-o", "report.html"])
    assert "what make does is not known" in (folder / "report.html").read_text()
