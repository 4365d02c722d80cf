"""Connectors that files of ``connectors/`` declare: which hold where, and what depends on them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from routine_harness.cli.main import run
from routine_harness.errors import SpecError
from routine_harness.harness import check_routine
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cases import load_case_file
from routine_harness.store.cassette_files import save_cassette
from routine_harness.store.connectors import connectors_above, declarations_above
from routine_harness.store.interactions import Interaction
from routine_harness.store.policies import load_policy
from routine_harness.store.redact import make_redactor
from routine_harness.store.worlds import load_world
from routine_harness.verdict.policy.rules import Redaction

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


def stubborn(session):
    session.call("pagerduty.list_incidents", status="open")
    asked = {"title": "Checkout is down", "details": "all of it"}
    while session.call("pagerduty.create_incident", **asked).is_error:
        pass
    session.say("Opened it.")


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
    for spelt in ("PagerDuty", "pagerdutty"):
        place.write_text(f"{spelt}: {{incidents: [{{title: Down}}]}}\n", "utf-8")
        with pytest.raises(SpecError, match=r"did you mean pagerduty\?"):
            load_world(place)
    place.write_text("pagerduty: {incident: []}\n", "utf-8")
    with pytest.raises(SpecError, match=r"did you mean incidents\?"):
        load_world(place)


def _spoken(tool: str, arguments: dict[str, object], answer: object) -> Interaction:
    """One recorded call of the server."""
    params = {"name": tool, "arguments": arguments}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    result = {"content": [{"type": "text", "text": json.dumps(answer)}], "isError": False}
    said = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode()
    headers = {"Content-Type": ["application/json"]}
    return Interaction("POST", "https://mcp.pagerduty.com/mcp", 200, said, headers, body)


def test_recorded_reads_are_rows_of_the_world(tmp_path: Path) -> None:
    """What a cassette holds of a declared connector is in World 0: the incident that was open when it was
    recorded is found, and none is opened."""
    case = CASE.replace("AGENT", "careful").replace("WORLD\n", "cassettes: [../cassettes/pager.jsonl]\n")
    folder = project(tmp_path, "careful", case=case.partition("expect:")[0] + "expect: {nothing: true}\n")
    open_now = {"incidents": [{"id": "PD-7", "title": "Checkout is down", "status": "open"}]}
    place = folder / "cassettes" / "pager.jsonl"
    save_cassette(place, [_spoken("list_incidents", {}, open_now)], make_redactor(Redaction(), {}))
    [result] = check_routine(folder)
    assert result.verdict.passed, result.verdict.findings
    assert result.pair is not None
    assert result.pair.first.world_before.get("pagerduty.incidents", ("PD-7",)) is not None


def test_faults_strike_declared_tools(tmp_path: Path) -> None:
    """A service that acted and whose answer was lost has the incident; who asks again makes a second one."""
    fault = "faults: [{call: pagerduty.create_incident, nth: 1, timeout: true, applied: true}]\n"
    folder = project(tmp_path, "stubborn", world=fault, count=2)
    [result] = check_routine(folder)
    assert result.pair is not None
    assert len(result.pair.first.world.table("pagerduty.incidents")) == 2


def test_a_world_is_expected_of_a_declared_connector(tmp_path: Path) -> None:
    """A case may say what its tables hold afterwards; a misspelt table names the nearest one."""
    case = CASE.replace("AGENT", "careful").replace("WORLD\n", "").partition("expect:")[0]
    rows = "expect: {world: {added: {pagerduty.TABLE: {count: 1, where: {status: open}}}}}\n"
    folder = project(tmp_path, "careful", case=case + rows.replace("TABLE", "incidents"))
    [result] = check_routine(folder)
    assert result.verdict.passed, result.verdict.findings
    (folder / "cases" / "down.yaml").write_text(case + rows.replace("TABLE", "incident"), "utf-8")
    with pytest.raises(SpecError, match=r"did you mean pagerduty.incidents\?"):
        check_routine(folder)


def test_an_imported_session_is_judged_by_what_is_declared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A transcript's calls have the declared effects: its case expects the ticket, its policy judges it."""
    folder = project(tmp_path, "careful")
    (tmp_path / "policy.yaml").write_text("root: true\nforbid: [{effect: ticket.created}]\n", "utf-8")
    asked = {"name": "mcp__PagerDuty__create_incident", "input": {"title": "Down"}}
    use = {"type": "tool_use", "id": "a", **asked}
    answer = {"type": "tool_result", "tool_use_id": "a", "content": '{"id": "PD-9"}'}
    lines = [
        {"type": "system", "subtype": "init", "session_id": "s", "model": "m",
         "mcp_servers": [{"name": "PagerDuty", "status": "connected"}]},
        {"type": "assistant", "message": {"id": "m", "content": [use]}},
        {"type": "user", "message": {"role": "user", "content": [answer]}},
        {"type": "result", "subtype": "success", "is_error": False, "result": "Opened PD-9.", "usage": {}},
    ]  # fmt: skip
    log = tmp_path / "session.jsonl"
    log.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    place = folder / "recordings" / "monday.jsonl"
    assert run(["import", "transcript", str(log), "-o", str(place)]) == 0
    assert "tickets" in (folder / "cases" / "monday.yaml").read_text("utf-8")
    result = next(each for each in check_routine(folder) if each.case.name == "monday")
    assert "policy.forbidden" in [finding.code for finding in result.verdict.findings]


def test_a_broken_declaration_is_exit_2_with_all_of_its_problems(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever reads the routine is told once, with file, line and hint."""
    folder = project(tmp_path, "careful")
    text = PAGERDUTY.replace("lists: incidents", "lists: incident").replace("ticket.updated", "ticket.update")
    (tmp_path / "connectors" / "pagerduty.yaml").write_text(text, "utf-8")
    for command in ("check", "dry-run", "lint"):
        assert run([command, str(folder)]) == 2, command
        said = capsys.readouterr().err
        assert said.count("pagerduty.yaml:5: list_incidents lists 'incident'") == 1, (command, said)
        assert said.count("pagerduty.yaml:7: unknown effect 'ticket.update'") == 1, (command, said)
        assert "did you mean incidents?" in said
