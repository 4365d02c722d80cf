"""Commands of public reports, each with what is right, by ``check`` under their policies."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from routine_harness.finding import Finding
from routine_harness.harness import check_case

ROUTINE = "name: r\nrepositories: [github:acme/core]\ntriggers: [{type: api}]\nprompt: Do it.\n"
CASE = """\
trigger: {api: {text: go}}
agent: {scripted: ../agents/act.py::act}
world:
  github:
    repositories: [{full_name: acme/core, files: {README.md: "1", a.py: "2"}}]
    pulls: [{repository: acme/core, number: 7, title: T, user: alice, head: f, base: main}]
expect: {idempotent: false}
"""
UNDECIDED = {"policy.undecided", "command.undecided"}


def policy_findings(folder: Path, policy: dict[str, Any], command: str) -> tuple[Finding, ...]:
    """What ``check`` finds in ``::policy`` of a run that makes this one command."""
    files = {
        "policy.json": json.dumps({"root": True, **policy}),
        "routine.yaml": ROUTINE,
        "cases/one.yaml": CASE,
        "agents/act.py": f"def act(session):\n    session.call('Bash', command={command!r})\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return check_case(folder / "cases" / "one.yaml").verdict.check("policy").findings


def is_right(verdict: str, found: Iterable[Finding]) -> bool:
    """Whether the findings are what the report calls ``verdict``."""
    errors = {finding.code for finding in found if finding.fails}
    if verdict == "forbidden":
        return "policy.forbidden" in errors
    if verdict == "undecided":
        return bool(errors) and errors <= UNDECIDED
    if verdict == "not-granted":
        return errors == {"repository.not-granted"}
    opaque = any(finding.code == "command.opaque" for finding in found)
    return not errors and (verdict != "opaque" or opaque)


@pytest.mark.parametrize("name", ["commands.json", "honest-commands.json"])
def test_each_reported_command_has_its_verdict(name: str, shared_data: Path, tmp_path: Path) -> None:
    """A forbidden act in any spelling is found, an honest command is no error, the rest is undecided."""
    reported = json.loads((shared_data / "reports" / name).read_text())
    policy = reported.get("policy", {"platform": "2026-04"})
    wrong = {}
    for index, row in enumerate(reported["commands"]):
        found = policy_findings(tmp_path / str(index), policy, row["command"])
        verdicts = row["verdict"] if isinstance(row["verdict"], list) else [row["verdict"]]
        if not any(is_right(verdict, found) for verdict in verdicts):
            wrong[row["command"]] = (verdicts, [finding.message for finding in found])
    assert not wrong
