"""A guard judges the calls of connectors that files declare by the effects that they declare."""

from __future__ import annotations

from pathlib import Path

import pytest
from guard_session import write_repository

from routine_harness.errors import UsageError
from routine_harness.guard.checkout import Checkout
from routine_harness.guard.frozen import freeze, load_frozen
from routine_harness.guard.guard_decision import Guard
from routine_harness.guard.hook_settings import POLICY
from routine_harness.guard.install import load_guarded

DECLARED = """\
connector: pagerduty
tables: {incidents: {key: id}}
tools:
  - {name: raise_incident, creates: incidents, effect: ticket.created, fields: {title: summary}}
  - {name: list_incidents, lists: incidents}
"""
ROUTINE = """\
name: small
connectors: [pagerduty]
triggers: [{type: api}]
prompt: Do it.
"""
RULE = 'root: true\nforbid: [{effect: ticket.created, where: {title: {contains: "test"}}}]\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / "pagerduty.yaml").write_text(DECLARED, "utf-8")
    return write_repository(tmp_path, RULE, ROUTINE)


def test_an_installed_guard_knows_what_is_declared(repository: Path) -> None:
    """The frozen policy holds the declaration, so that the hook needs no file of it."""
    (repository / "connectors" / "pagerduty.yaml").unlink()
    frozen = load_frozen(repository / POLICY)
    guard = Guard(frozen.held, frozen.registry())
    checkout = Checkout.around(repository, {})
    tool = "mcp__PagerDuty__raise_incident"
    denied = guard.decide(tool, {"summary": "a test"}, checkout, ())
    assert denied.finding is not None
    assert denied.finding.code == "policy.forbidden"
    passed = guard.decide(tool, {"summary": "checkout is down"}, checkout, ())
    assert not passed.denied
    assert [effect.kind for effect in passed.effects] == ["ticket.created"]
    assert not guard.decide("mcp__PagerDuty__list_incidents", {}, checkout, ()).denied


def test_one_guard_has_one_declaration_of_a_name(repository: Path) -> None:
    """Two routines under declarations that differ cannot share a guard."""
    other = repository / "other"
    (other / "connectors").mkdir(parents=True)
    (other / "connectors" / "pagerduty.yaml").write_text(DECLARED.replace("summary", "title"), "utf-8")
    (other / "routine.yaml").write_text(ROUTINE, "utf-8")
    with pytest.raises(UsageError, match="pagerduty is declared twice, and differently"):
        freeze(load_guarded([repository / "routine.yaml", other]))
