"""Connectors that files of ``connectors/`` declare: which hold where, and what depends on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine_harness.errors import SpecError
from routine_harness.harness import check_routine
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cases import load_case_file
from routine_harness.store.connectors import connectors_above, declarations_above
from routine_harness.store.policies import load_policy
from routine_harness.store.worlds import load_world

PAGERDUTY = """\
connector: pagerduty
tables: {incidents: {key: id, new: {id: "INC-{n}", status: open}}}
tools:
  - {name: create_incident, creates: incidents, effect: ticket.created, fields: {title: title, body: details}, answer: [id, status]}
  - {name: list_incidents, lists: incidents, filter_by: [status, service], page: {limit: 25, cursor: next}}
  - {name: get_incident, gets: incidents, missing: {error: "Incident not found"}}
  - {name: resolve_incident, updates: incidents, set: {status: resolved}, effect: ticket.updated}
"""  # noqa: E501 - the declaration of the issue, as it stands there
ROUTINE = """\
name: checkout-alarm
connectors: [pagerduty]
triggers: [{type: api}]
prompt: Open an incident for the alert, unless one is open already. Say what you did.
"""
CASE = """\
trigger: {api: {text: checkout is down}}
agent: {scripted: "../agents/pager.py::AGENT"}
WORLD
expect:
  tickets: {count: COUNT, where: {connector: pagerduty}}
  calls: {in_order: [pagerduty.list_incidents, pagerduty.create_incident]}
"""
AGENTS = """\
def careful(session):
    found = session.call("pagerduty.list_incidents", status="open").json()["incidents"]
    if any(row["title"] == "Checkout is down" for row in found):
        session.say("An incident is open already.")
        return
    made = session.call("pagerduty.create_incident", title="Checkout is down", details="all of it").json()
    session.say(f"Opened {made['id']}.")


def careless(session):
    session.call("pagerduty.list_incidents", status="open")
    made = session.call("pagerduty.create_incident", title="Checkout is down", details="all of it").json()
    session.say(f"Opened {made['id']}.")
"""


def project(root: Path, agent: str, *, world: str = "", count: int = 1, case: str = "") -> Path:
    """A routine with one case below ``root``, its connector declared beside the policy."""
    folder = root / "routines" / "alarm"
    for name in ("cases", "agents"):
        (folder / name).mkdir(parents=True)
    (root / "connectors").mkdir()
    (root / ".git").mkdir()
    (root / "connectors" / "pagerduty.yaml").write_text(PAGERDUTY, "utf-8")
    (root / "policy.yaml").write_text("forbid: [{tool: pagerduty.resolve_incident}]\n", "utf-8")
    (folder / "routine.yaml").write_text(ROUTINE, "utf-8")
    (folder / "agents" / "pager.py").write_text(AGENTS, "utf-8")
    text = CASE.replace("AGENT", agent).replace("WORLD\n", world).replace("COUNT", str(count))
    (folder / "cases" / "down.yaml").write_text(case or text, "utf-8")
    return folder


def codes(folder: Path) -> list[str]:
    [result] = check_routine(folder)
    return [finding.code for finding in result.verdict.findings]


def test_an_agent_that_looks_before_it_writes_is_green(tmp_path: Path) -> None:
    """Run 2 sees the incident of run 1, opens none, and the case passes."""
    [result] = check_routine(project(tmp_path, "careful"))
    assert result.verdict.passed, result.verdict.findings
    assert result.pair is not None
    assert [effect.kind for effect in result.pair.first.effects] == ["ticket.created"]
    assert result.pair.second is not None
    assert result.pair.second.effects == ()


def test_a_careless_agent_is_red(tmp_path: Path) -> None:
    """Who opens the same incident again has made a duplicate."""
    assert "idempotency.duplicate" in codes(project(tmp_path, "careless"))


def test_rows_of_the_world_are_there_before_the_first_run(tmp_path: Path) -> None:
    """An incident that the world holds is found by the look, and none is opened."""
    world = "world: {pagerduty: {incidents: [{id: INC-7, title: Checkout is down}]}}\n"
    case = CASE.replace("AGENT", "careful").replace("WORLD\n", world).partition("expect:")[0]
    [result] = check_routine(project(tmp_path, "careful", case=case + "expect: {nothing: true}\n"))
    assert result.verdict.passed, result.verdict.findings


def test_others_act_between_the_runs(tmp_path: Path) -> None:
    """What others did meanwhile is seen by run 2 alone: a resolved incident is opened again."""
    rerun = "rerun: {meanwhile: {pagerduty: {incidents: [{id: INC-1, status: resolved}]}}}\n"
    folder = project(tmp_path / "a", "careful", world=rerun)
    [result] = check_routine(folder)
    assert result.pair is not None
    assert result.pair.second is not None
    assert [effect.target for effect in result.pair.first.effects] == ["INC-1"]
    assert [effect.target for effect in result.pair.second.effects] == ["INC-2"]
    gone = "rerun: {meanwhile: {remove: {pagerduty: {incidents: [{id: INC-1}]}}}}\n"
    [result] = check_routine(project(tmp_path / "b", "careful", world=gone))
    assert result.pair is not None
    assert result.pair.second is not None
    assert [effect.kind for effect in result.pair.second.effects] == ["ticket.created"]


def test_a_fixed_answer_that_others_change_reaches_run_2_alone(tmp_path: Path) -> None:
    """The answer of run 1 is the world's, although the case says what it will be later."""
    tools = "tools: [{name: list_incidents, returns: {incidents: []}}, {name: create_incident, effect: ticket.created, returns: {id: X}}]"  # noqa: E501
    changed = "tools: [{name: list_incidents, returns: {incidents: [{title: Checkout is down}]}}]"
    world = f"world: {{pagerduty: {{{tools}}}}}\nrerun: {{meanwhile: {{pagerduty: {{{changed}}}}}}}\n"
    [result] = check_routine(project(tmp_path, "careful", world=world))
    assert result.verdict.passed, result.verdict.findings


def test_the_nearest_declaration_holds_up_to_the_root(tmp_path: Path) -> None:
    """A nearer file replaces one further out; nothing beyond the repository's root is read; other YAML in a
    folder of that name is left alone."""
    folder = project(tmp_path / "repository", "careful")
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / "broken.yaml").write_text("connector: broken\ntols: []\n", "utf-8")
    (tmp_path / "repository" / "connectors" / "kafka.yaml").write_text(
        "name: sink\nconfig: {a: 1}\n", "utf-8"
    )
    (tmp_path / "repository" / "connectors" / "tabs.yaml").write_text("a:\n\t- b\n", "utf-8")
    assert [len(each.tools) for each in declarations_above(folder)] == [4]
    (folder / "connectors").mkdir()
    nearer = PAGERDUTY.partition("  - {name: get_incident")[0]
    (folder / "connectors" / "pagerduty.yaml").write_text(nearer, "utf-8")
    assert [len(each.tools) for each in declarations_above(folder / "routine.yaml")] == [2]
    assert connectors_above(folder) is connectors_above(folder / "cases" / "down.yaml")
    with pytest.raises(SpecError, match="a connector has no key 'tols'"):
        declarations_above(tmp_path)


def test_a_policy_and_a_case_know_the_declared_tools(tmp_path: Path) -> None:
    """A misspelt tool names the nearest one; a policy is read anew when the declaration changes."""
    folder = project(tmp_path, "careful")
    (tmp_path / "policy.yaml").write_text("forbid: [{tool: pagerduty.resolve_incidents}]\n", "utf-8")
    with pytest.raises(SpecError, match=r"did you mean pagerduty.resolve_incident\?"):
        load_policy(folder)
    text = PAGERDUTY.replace("resolve_incident", "resolve_incidents")
    (tmp_path / "connectors" / "pagerduty.yaml").write_text(text, "utf-8")
    assert load_policy(folder).forbid


def test_a_declaration_is_in_the_digest(tmp_path: Path) -> None:
    """A recording is stale when the declaration of a granted connector means something else, and is not
    when it is merely written otherwise."""
    folder = project(tmp_path, "careful")
    before = _digests(folder)
    assert "connectors" in before
    place = tmp_path / "connectors" / "pagerduty.yaml"
    place.write_text("# a comment\n" + PAGERDUTY, "utf-8")
    assert _digests(folder) == before
    place.write_text(PAGERDUTY.replace("Incident not found", "No such incident"), "utf-8")
    assert {name for name, value in _digests(folder).items() if value != before[name]} == {"connectors"}


def _digests(folder: Path) -> dict[str, str]:
    loaded = load_case_file(folder / "cases" / "down.yaml")
    return CaseFiles(loaded.cases[0], loaded.routine).digests


def test_a_world_file_stands_on_the_declarations_above_it(tmp_path: Path) -> None:
    """Rows of a world file are those of the declared connector, with what it says of new ones."""
    folder = project(tmp_path, "careful")
    place = folder / "worlds" / "base.yaml"
    place.parent.mkdir()
    place.write_text("pagerduty: {incidents: [{title: Down}]}\n", "utf-8")
    assert load_world(place).get("pagerduty.incidents", ("INC-1",)) == {
        "id": "INC-1",
        "status": "open",
        "title": "Down",
    }
    place.write_text("pagerduty: {incident: []}\n", "utf-8")
    with pytest.raises(SpecError, match=r"did you mean incidents\?"):
        load_world(place)
