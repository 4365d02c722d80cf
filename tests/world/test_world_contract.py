"""The contract suite over every connector, and the table that it stands for."""

from __future__ import annotations

import dataclasses

from world.contract import connector_contract, contract_table
from world.contract_documents import drive, notion, sentry
from world.contract_github import github
from world.contract_others import declared, third_party
from world.contract_slack_linear import linear, slack
from world.contract_table import render_table

TestGithub = connector_contract(github)
TestSlack = connector_contract(slack)
TestLinear = connector_contract(linear)
TestDrive = connector_contract(drive)
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
