"""Loading cases from disk, with what they name, and what that costs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from routine_harness.errors import SpecError
from routine_harness.routine.document import Document, load_document
from routine_harness.store import files
from routine_harness.store.cases import load_case, load_case_file
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import discover

CASE = """\
description: a SQL injection becomes one High ticket and no Slack post
trigger:                                   # one of github | api | schedule | manual
  github: {event: pull_request.opened, payload: ../payload.json}
world:
  - ../worlds/base.yaml
  - slack: {users: [{id: U1, name: alice}]}
agent: recording
rerun: {}
faults: [{call: WebFetch, where: {url: {contains: x}}, status: 403}]
expect:
  fires: true
  tickets:
    count: 1
    where: {connector: linear, priority: High, title: {matches_regex: '(?i).*sql injection.*'}}
  messages: {count: 0}
  calls: {in_order: [github.pull_request_read, linear.list_issues, linear.save_issue]}
  idempotent: true
  says: {contains: "1 finding"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A routine with a policy above it, a world, a payload and an empty ``cases/``."""
    routine = tmp_path / "routines" / "triage"
    (routine / "cases").mkdir(parents=True)
    (routine / "worlds").mkdir()
    (tmp_path / "routines" / "policy.yaml").write_text("root: true\nforbid: [ticket.deleted]\n")
    (routine / "routine.yaml").write_text(
        "name: triage\nrepositories: [github:acme/core]\nconnectors: [slack, linear, pagerduty]\nprompt: p\n"
    )
    (routine / "worlds" / "base.yaml").write_text("slack: {channels: [{id: C1, name: security-alerts}]}\n")
    payload = {
        "action": "opened",
        "number": 42,
        "repository": {"full_name": "acme/core"},
        "pull_request": {"number": 42},
    }
    (routine / "payload.json").write_text(json.dumps(payload))
    return routine


def test_a_case_comes_with_its_routine_world_and_payload(folder: Path) -> None:
    """Paths are relative to the case; the routine is the one beside ``cases/``."""
    (folder / "cases" / "one.yaml").write_text(CASE)
    loaded = load_case_file(folder / "cases" / "one.yaml")
    [case] = loaded.cases
    assert (case.name, case.routine, loaded.routine.name) == ("one", "triage", "triage")
    assert case.trigger.payload["number"] == 42
    assert [list(world) for world in case.worlds] == [["slack"], ["slack"]]
    assert case.source.path == str(folder / "cases" / "one.yaml")


def test_a_case_loads_alike_from_anywhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory changes how a file is shown, not what it means."""
    (folder / "cases" / "one.yaml").write_text(CASE)
    [there] = load_case(folder / "cases" / "one.yaml")
    monkeypatch.chdir(folder / "cases")
    [here] = load_case("one.yaml")
    assert here.source.file == "one.yaml"
    assert (here.trigger, here.worlds, here.expect, here.routine) == (
        there.trigger, there.worlds, there.expect, there.routine,
    )  # fmt: skip


def test_a_granted_connector_without_a_model_may_be_named(folder: Path) -> None:
    """The routine grants pagerduty, so its cases may speak of it; of others they may not."""
    text = "trigger: api\nexpect: {calls: {never: [pagerduty.create_incident]}}\n"
    (folder / "cases" / "one.yaml").write_text(text)
    assert load_case(folder / "cases" / "one.yaml")
    (folder / "cases" / "two.yaml").write_text(text.replace("pagerduty", "statuspage"))
    with pytest.raises(SpecError, match="unknown connector 'statuspage'"):
        load_case(folder / "cases" / "two.yaml")


def test_a_connector_that_a_world_declares_is_known_with_its_tools(folder: Path) -> None:
    """Its tools are those that the world lists."""
    world = "world: {statuspage: {tools: [{name: post, effect: message.posted}]}}\n"
    text = f"trigger: api\n{world}expect: {{calls: {{in_order: [statuspage.post]}}}}\n"
    (folder / "cases" / "one.yaml").write_text(text)
    assert load_case(folder / "cases" / "one.yaml")
    (folder / "cases" / "two.yaml").write_text(text.replace("[statuspage.post]", "[statuspage.pots]"))
    with pytest.raises(SpecError, match=r"did you mean statuspage\.post\?"):
        load_case(folder / "cases" / "two.yaml")


def test_the_problems_of_case_routine_and_world_are_reported_together(folder: Path) -> None:
    """Nobody has to mend one file to hear of the next."""
    (folder / "routine.yaml").write_text("name: triage\nprompt: ''\n")
    (folder / "worlds" / "base.yaml").write_text("a: 1\na: 2\n")
    (folder / "cases" / "one.yaml").write_text("trigger: api\nworld: ../worlds/base.yaml\nmarks: [1]\n")
    with pytest.raises(SpecError) as caught:
        load_case(folder / "cases" / "one.yaml")
    assert {os.path.basename(problem.file) for problem in caught.value.problems} == {  # noqa: PTH119 - a text
        "routine.yaml", "base.yaml", "one.yaml",
    }  # fmt: skip


def test_a_payload_of_50_mb_is_one_clear_problem(folder: Path) -> None:
    """It is refused by its size."""
    with (folder / "payload.json").open("wb") as handle:
        handle.truncate(50 * 1024 * 1024)
    (folder / "cases" / "one.yaml").write_text(CASE)
    with pytest.raises(SpecError, match=r"payload\.json: expected at most 25 MB, found 50\.0 MB"):
        load_case(folder / "cases" / "one.yaml")


def test_a_payload_of_20_mb_loads(folder: Path) -> None:
    """GitHub may deliver it, so it is read."""
    body = {"action": "opened", "pull_request": {"body": "x" * (20 * 1024 * 1024)}}
    (folder / "payload.json").write_text(json.dumps(body))
    (folder / "cases" / "one.yaml").write_text(CASE)
    assert load_case(folder / "cases" / "one.yaml")


def test_what_cases_share_is_parsed_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty cases cost thirty documents and three that they share."""
    for number in range(30):
        (folder / "cases" / f"case-{number}.yaml").write_text(CASE)
    (folder.parent / "policy.yaml").write_text("root: true\n")
    read: list[str] = []

    def counted(data: bytes, file: str) -> Document:
        read.append(Path(file).name)
        return load_document(data, file)

    monkeypatch.setattr(files, "load_document", counted)
    for case in discover(folder.parent).cases:
        load_case_file(case)
        load_policy(case)
    cases = [f"case-{number}.yaml" for number in range(30)]
    assert sorted(read) == sorted(["base.yaml", *cases, "policy.yaml", "routine.yaml"])


def test_a_world_that_declares_tools_of_a_model_is_refused_where_it_says_so(folder: Path) -> None:
    """Tools under a simulated connector, or wrong ones under another, are errors of their file."""
    base = "slack:\n  channels: [{id: C1, name: x}]\n  tools: [{name: slack_send_message}]\n"
    (folder / "worlds" / "base.yaml").write_text(base)
    case = CASE + "rerun: {meanwhile: {pagerduty: {tools: [{name: page, efect: ticket.created}]}}}\n"
    path = folder / "cases" / "one.yaml"
    path.write_text(case.replace("rerun: {}\n", "").replace("slack: {users", "linear: {tools: [], teams"))
    with pytest.raises(SpecError) as error:
        load_case(path)
    found = [(Path(one.file).name, one.line, one.message) for one in error.value.problems]
    assert ("base.yaml", 3, "slack is simulated, and declares tools") in found
    assert ("one.yaml", 6, "linear is simulated, and declares tools") in found
    assert ("one.yaml", 18, "a tool between the runs has no key 'efect'") in found
