"""The contract suite over every connector, and the table that it stands for."""

from __future__ import annotations

from world.contract import connector_contract
from world.contract_documents import drive, notion, sentry
from world.contract_github import github
from world.contract_others import declared, third_party
from world.contract_slack_linear import linear, slack

TestGithub = connector_contract(github)
TestSlack = connector_contract(slack)
TestLinear = connector_contract(linear)
TestDrive = connector_contract(drive)
TestNotion = connector_contract(notion)
TestSentry = connector_contract(sentry)
TestDeclared = connector_contract(declared)
TestThirdParty = connector_contract(third_party)
