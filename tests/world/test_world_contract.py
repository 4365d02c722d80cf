"""The contract suite over every connector, and the table that it stands for."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from world import access_table, shell_table
from world.contract import connector_contract, contract_table
from world.contract_documents import drive, notion, sentry
from world.contract_github import github
from world.contract_gmail import gmail
from world.contract_others import declared, third_party
from world.contract_slack_linear import linear, slack
from world.contract_table import render_table

TestGithub = connector_contract(github)
TestSlack = connector_contract(slack)
TestLinear = connector_contract(linear)
TestDrive = connector_contract(drive)
TestGmail = connector_contract(gmail)
TestNotion = connector_contract(notion)
TestSentry = connector_contract(sentry)
TestDeclared = connector_contract(declared)
TestThirdParty = connector_contract(third_party)


def test_the_table_shows_what_fails() -> None:
    """A connector that breaks its word is named by tool and property."""
    honest = third_party()
    silent = dataclasses.replace(honest.connector, rules={})
    rows = contract_table(
        [lambda: honest, lambda: dataclasses.replace(honest, connector=silent, refusal="never")]
    )
    first, second = rows[2], rows[5]
    assert all(first[2].values())
    assert [name for name, holds in second[2].items() if not holds] == ["refuses", "effects"]
    lines = render_table(rows).splitlines()
    assert lines[3].split() == ["weather.raise_alert", *["ok"] * 5]
    assert lines[6].split() == ["weather.raise_alert", "ok", "FAILS", "ok", "FAILS", "ok"]


def test_the_other_tables_print_a_row_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Commands with their effects, and the tools of a list with read or write and what contradicts."""
    assert shell_table.main() == 0
    printed = capsys.readouterr().out.splitlines()
    assert any(line.split("  ")[0] == "git push origin main" and "branch.pushed" in line for line in printed)
    hints = {"readOnlyHint": True, "destructiveHint": True}
    tools = [{"name": "get_weather"}, {"name": "list_alerts", "annotations": hints}]
    (tmp_path / "weather.json").write_text(json.dumps({"tools": tools}))
    assert access_table.main([str(tmp_path)]) == 0
    first, second, count = capsys.readouterr().out.splitlines()
    assert first.split()[:2] == ["weather.get_weather", "read"]
    assert "CONFLICT readOnlyHint and destructiveHint are both true" in second
    assert count == "2 tools"
