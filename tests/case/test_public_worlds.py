"""Worlds and cases for those who call the harness from Python, and for those who look at them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routine_harness import World, check_case, dry_run, dump_world, load_case, load_world
from routine_harness.cli.main import run
from routine_harness.errors import UsageError
from routine_harness.routine.document import load_document

ROUTINE = """\
name: keeper
connectors: [linear:Security, slack:alerts, pager]
repositories: [github:acme/core]
triggers: [{type: api}]
prompt: File a ticket for the alert, unless there is one. Say what you did.
"""
PAGER = """\
connector: pager
tables: {pages: {new: {id: "P-{n}"}}}
tools: [{name: add_page, creates: pages}, {name: list_pages, lists: pages}]
"""
AGENT = """\
def keep(session):
    issues = session.call("linear.list_issues", query="Leak").json()["issues"]
    session.call("pager.list_pages")
    if issues:
        session.say("There is a ticket.")
        return
    session.call("linear.save_issue", title="Leak", team="Security", description="1e3 no")
    session.say("Filed a ticket.")
"""
CASE = """\
trigger: {api: {text: leak}}
agent: {scripted: "../agents/keeper.py::keep"}
expect: {tickets: 1}
"""


def keep(session: Any) -> None:
    """The same agent as a callable."""
    space: dict[str, Any] = {}
    exec(AGENT, space)
    space["keep"](session)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("cases", "agents", "connectors"):
        (tmp_path / name).mkdir()
    (tmp_path / "policy.yaml").write_text("root: true\n", "utf-8")
    (tmp_path / "routine.yaml").write_text(ROUTINE, "utf-8")
    (tmp_path / "connectors" / "pager.yaml").write_text(PAGER, "utf-8")
    (tmp_path / "agents" / "keeper.py").write_text(AGENT, "utf-8")
    (tmp_path / "cases" / "leak.yaml").write_text(CASE, "utf-8")
    return tmp_path


def _first(result: Any) -> Any:
    assert result.pair is not None
    return result.pair.first


def test_a_dry_run_goes_on_from_a_world(folder: Path) -> None:
    """What an earlier run left is there for the next: it finds the ticket, and files none; the world that was
    handed over stays as it was."""
    earlier = _first(dry_run(folder, agent=keep))
    assert [effect.kind for effect in earlier.effects] == ["ticket.created"]
    world = earlier.world
    before = dump_world(world)
    result = dry_run(folder, agent=keep, world=world, expect={"nothing": True})
    assert result.verdict.passed, result.verdict.findings
    assert _first(result).world_before.same_records(world)
    assert _first(result).world_before.clock == world.clock
    assert dump_world(world) == before


def test_a_dumped_world_is_a_world_file(folder: Path) -> None:
    """What is dumped is read back equal, from YAML and JSON, and is what a dry run takes as data."""
    world = _first(dry_run(folder, agent=keep)).world
    data = dump_world(world, folder / "after.yaml")
    assert load_world(folder / "after.yaml") == world
    dump_world(world, folder / "after.json")
    assert load_world(folder / "after.json") == world
    assert dry_run(folder, agent=keep, world=data, expect={"nothing": True}).verdict.passed
    assert data["linear"]["issues"][0]["description"] == "1e3 no"


def test_a_fork_is_another_world(folder: Path) -> None:
    """What becomes of a fork does not show in its origin, nor the other way round."""
    world = _first(dry_run(folder, agent=keep)).world
    fork = world.fork()
    assert fork == world
    changed = fork.put("pager.pages", ("P-9",), {"id": "P-9"})
    assert len(changed.table("pager.pages")) == 1
    assert len(fork.table("pager.pages")) == len(world.table("pager.pages")) == 0
    assert World().fork() == World()


def test_what_load_case_gives_is_checked(folder: Path) -> None:
    """The tuple of a file, one case of it, and the file itself come to the same verdict."""
    place = folder / "cases" / "leak.yaml"
    cases = load_case(place)
    for given in (place, str(place), cases, cases[0]):
        assert check_case(given).verdict.passed
    place.write_text(CASE + "parametrize: [{id: a}, {id: b}]\n", "utf-8")
    several = load_case(place)
    with pytest.raises(UsageError, match="expected one case, found 2"):
        check_case(several)
    assert [check_case(each).case.key for each in several] == ["leak.a", "leak.b"]
    with pytest.raises(UsageError, match="expected one case, found 0"):
        check_case(())


def test_a_case_in_no_file_has_no_routine(folder: Path) -> None:
    """A case that somebody made says so, and how to run it."""
    made = dry_run(folder / "routine.yaml", agent=keep).case
    lost = type(made)(name="x", routine="keeper", trigger=made.trigger)
    with pytest.raises(UsageError, match="the case is in no file"):
        check_case(lost)


@pytest.mark.parametrize(("number", "tickets"), [(0, 0), (1, 1), (2, 1)])
def test_show_prints_a_world(
    folder: Path, capsys: pytest.CaptureFixture[str], number: int, tickets: int
) -> None:
    """World 0, 1 and 2 as a world file that loads, or as JSON."""
    assert run(["show", str(folder), "--world", str(number)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"# keeper: leak: World {number}\n")
    data = load_document(printed.encode(), "x.yaml").value
    assert len(data["linear"].get("issues", [])) == tickets
    assert run(["show", str(folder), "--world", str(number), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == data


def test_show_knows_three_worlds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is no fourth."""
    assert run(["show", str(folder), "--world", "3"]) == 2
    assert "3" in capsys.readouterr().err
