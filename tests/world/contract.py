"""The contract of every connector, as a function of a factory.

``TestSlack = connector_contract(slack)`` makes a class of tests that hold a connector to what a
session relies on. ``contract_table`` gives the same as a table: connector × tool × property.
``recording_contract`` points it at recorded interactions instead of seeded ids.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world.contract_strategies import invalid_arguments, valid_arguments

from routine_harness.world.arguments import check_arguments
from routine_harness.world.effect_table import attempted_effects, rule_kinds
from routine_harness.world.kinds import KINDS
from routine_harness.world.recorded import Interaction
from routine_harness.world.registry import Registry
from routine_harness.world.simulated import reads_only
from routine_harness.world.state import World
from routine_harness.world.tool import Connector, Outcome, Tool, ToolCall
from routine_harness.world.worldfile import world_from_data, world_to_data

Arguments = dict[str, Any]
DEEP = os.environ.get("CONTRACT_EXAMPLES", "")
"""How many random arguments a tool gets; without it a few, and the same ones every time."""
EXAMPLES = int(DEEP or 15)


@dataclass(frozen=True)
class Visible:
    """A write, and a read afterwards whose answer must hold ``text``; ``{id}`` in the read's
    arguments is filled from the write's answer by the pattern ``found``."""

    write: str
    given: Arguments
    read: str
    asked: Arguments
    text: str
    found: str = ""


@dataclass(frozen=True)
class Paged:
    """A list longer than a page: where its limit and cursor go in, where rows and cursor come out."""

    tool: str
    asked: Arguments
    rows: Callable[[str], list[str]]
    following: Callable[[str], str | None]
    limit: str = "limit"
    cursor: str = "cursor"
    size: int = 2
    refuses: str = ""
    """What a cursor of another list is answered with; empty for lists by page number."""


@dataclass(frozen=True)
class Subject:
    """A connector under contract: a seeded world, and arguments that succeed in it by tool."""

    connector: Connector
    world: World
    examples: Mapping[str, Sequence[Arguments]]
    refusal: str
    """The pattern of the service's answer to arguments that do not fit."""
    seeds: Sequence[str] = ()
    visible: Sequence[Visible] = ()
    paged: Sequence[Paged] = ()
    unknown: Sequence[tuple[str, Arguments, str]] = ()
    """Calls about things that are not there, and the pattern of the answer."""
    lenient: Sequence[str] = field(default_factory=tuple)
    """Faults that the service is known to overlook (``issue_number is no number``)."""

    def call(self, tool: str, arguments: Arguments, world: World | None = None) -> Outcome:
        start = self.world if world is None else world
        return self.connector.call(start, self.named(tool, arguments))

    def named(self, tool: str, arguments: Arguments) -> ToolCall:
        """A call as a session names it, once, before it asks anybody."""
        return self.connector.canonical(ToolCall(self.connector.name, tool, arguments))

    def simulated(self) -> list[Tool]:
        return [tool for tool in self.connector.tools.values() if tool.simulated and tool.offered]


Factory = Callable[[], Subject]
PROPERTIES = ("accepts", "refuses", "fuzz", "effects", "deterministic")


def check_accepts(subject: Subject, tool: Tool) -> None:
    """Schema-valid arguments about things that are there are accepted."""
    examples = subject.examples.get(tool.name)
    assert examples, f"the contract has no example of {tool.name}"
    for arguments in examples:
        assert not check_arguments(tool.input_schema, arguments), arguments
        outcome = subject.call(tool.name, arguments)
        assert not outcome.result.is_error, (arguments, outcome.result.text)


def check_refuses(subject: Subject, tool: Tool) -> None:
    """Arguments that the schema does not allow are refused in the service's words; nothing changes."""
    for fault, arguments in invalid_arguments(tool.input_schema, subject.examples[tool.name][0]):
        if f"{tool.name}: {fault}" in subject.lenient:
            continue
        outcome = subject.call(tool.name, arguments)
        assert outcome.result.is_error, (tool.name, fault, outcome.result.text)
        assert re.search(subject.refusal, outcome.result.text), (fault, outcome.result.text)
        assert outcome.world is subject.world
        assert all(effect.outcome == "refused" for effect in outcome.effects)


def check_effects(subject: Subject, tool: Tool) -> None:
    """A write that succeeds yields effects of the table's kinds and fields; a read yields none."""
    registry = Registry([subject.connector])
    kinds = rule_kinds(tuple(subject.connector.rules.get(tool.name, ())))
    for arguments in subject.examples[tool.name]:
        outcome = subject.call(tool.name, arguments)
        attempted = attempted_effects(subject.named(tool.name, arguments), registry)
        if reads_only(tool, arguments):
            assert outcome.effects == attempted == ()
            assert outcome.world.same_records(subject.world), "a read changed the world"
            continue
        assert outcome.effects, f"{tool.name} {arguments} has no effect"
        assert attempted, f"{tool.name} {arguments} attempts nothing"
        assert {effect.kind for effect in outcome.effects} <= {effect.kind for effect in attempted}
        for effect in outcome.effects:
            assert effect.kind in kinds
            assert set(effect.fields) <= set(KINDS[effect.kind]), effect
            assert effect.outcome in ("applied", "unchanged")


def check_deterministic(subject: Subject, tool: Tool) -> None:
    """The same call on the same world gives the same world and the same bytes."""
    for arguments in subject.examples[tool.name]:
        first, second = subject.call(tool.name, arguments), subject.call(tool.name, arguments)
        assert first.result == second.result
        assert first.world == second.world
        assert first.effects == second.effects


def check_fuzz(subject: Subject, tool: Tool) -> None:
    """Whatever the schema allows gets a result, never an exception; an error changes nothing."""
    kinds = rule_kinds(tuple(subject.connector.rules.get(tool.name, ())))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=not DEEP,
    )
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        schema = {**tool.input_schema, "type": "object"}
        arguments = data.draw(valid_arguments(schema, tuple(subject.seeds)))
        outcome = subject.call(tool.name, arguments)
        assert isinstance(outcome.result.text, str)
        if outcome.result.is_error:
            assert outcome.world is subject.world
            assert all(effect.outcome == "refused" for effect in outcome.effects)
        if reads_only(tool, arguments):
            assert outcome.effects == ()
            assert outcome.world.same_records(subject.world)
        else:
            assert {effect.kind for effect in outcome.effects} <= {*kinds, "tool.called"}
            assert outcome.effects or outcome.result.is_error, arguments

    holds()


CHECKS: dict[str, Callable[[Subject, Tool], None]] = {
    "accepts": check_accepts,
    "refuses": check_refuses,
    "fuzz": check_fuzz,
    "effects": check_effects,
    "deterministic": check_deterministic,
}


def connector_contract(factory: Factory) -> type:
    """The contract's tests for the connector that ``factory`` makes."""
    subject = factory()
    tools = subject.simulated()

    class Contract:
        @pytest.mark.parametrize("check", CHECKS)
        @pytest.mark.parametrize("tool", tools, ids=[tool.name for tool in tools])
        def test_holds_for_the_tool(self, tool: Tool, check: str) -> None:
            """Every simulated tool has every property of the contract."""
            CHECKS[check](subject, tool)

        def test_writes_are_visible_to_reads(self) -> None:
            """A read after a write shows what was written, and the old world does not."""
            for one in subject.visible:
                written = subject.call(one.write, one.given)
                assert not written.result.is_error, (one, written.result.text)
                asked = _filled(one, written.result.text)
                read = subject.call(one.read, asked, written.world)
                assert one.text in read.result.text, (one, read.result.text)
                assert one.text not in subject.call(one.read, asked).result.text, one

        def test_pages_are_complete_and_stable(self) -> None:
            """All pages together are the list in order, each row once, however big the pages."""
            for one in subject.paged:
                whole = one.rows(subject.call(one.tool, one.asked).result.text)
                assert len(whole) > one.size, (one, whole)
                assert _all_pages(subject, one) == whole

        def test_cursors_of_another_list_are_refused(self) -> None:
            """A cursor that belongs to no page of this list is answered with the service's refusal."""
            for one in subject.paged:
                if one.refuses:
                    outcome = subject.call(one.tool, {**one.asked, one.cursor: "bm90IG9mIHRoaXMgbGlzdA=="})
                    assert outcome.result.is_error, one
                    assert re.search(one.refuses, outcome.result.text), outcome.result.text

        def test_unknown_things_are_refused(self) -> None:
            """What is not there is refused in the service's words, and nothing changes."""
            for tool, arguments, pattern in subject.unknown:
                outcome = subject.call(tool, arguments)
                assert outcome.result.is_error, (tool, arguments, outcome.result.text)
                assert re.search(pattern, outcome.result.text), (tool, outcome.result.text)
                assert outcome.world is subject.world

        def test_worlds_survive_their_files(self) -> None:
            """A world written as data and read again is the same world, also after every write."""
            connectors = {subject.connector.name: subject.connector}
            for tool in tools:
                world = subject.call(tool.name, subject.examples[tool.name][0]).world
                again = world_from_data(world_to_data(world), connectors)
                assert again == world, tool.name

        def test_aliases_lead_to_tools(self) -> None:
            """Every alias of a tool resolves to it, and a name that nobody knows to nothing."""
            for tool in subject.connector.tools.values():
                for name in (tool.name, *tool.aliases):
                    expected = tool.name if tool.offered else None
                    assert subject.connector.resolve(name) in (expected, name)
            assert subject.connector.resolve("no_such_tool_anywhere") is None

        def test_rules_are_of_tools(self) -> None:
            """Every rule belongs to a tool that writes; every write has a rule or is ``tool.called``."""
            for name in subject.connector.rules:
                assert subject.connector.tools[name].access == "write", name

    Contract.__name__ = Contract.__qualname__ = f"Test{subject.connector.name.capitalize()}Contract"
    return Contract


def recording_contract(subject: Subject, interactions: Iterable[Interaction]) -> list[str]:
    """What recorded interactions say against the model: unknown tools, arguments that it would
    refuse although the service did not, answers of another shape. Empty where they agree."""
    registry, problems = Registry([subject.connector]), []
    for one in interactions:
        call = registry.canonical(ToolCall(registry.name_of(one.server), one.tool, one.arguments))
        tool = subject.connector.tools.get(call.tool)
        if call.connector != subject.connector.name or tool is None:
            problems.append(f"{one.tool} is not known")
            continue
        faults = check_arguments(tool.input_schema, call.arguments)
        if faults and not one.result.is_error:
            problems.append(f"{one.tool} refuses {', '.join(fault.place for fault in faults)}")
        if not reads_only(tool, call.arguments) and not attempted_effects(call, registry):
            problems.append(f"{one.tool} is a write without an effect")
        if tool.simulated and not one.result.is_error:
            answers = [subject.call(tool.name, given).result.text for given in subject.examples[tool.name]]
            if _shape(one.result.text) not in [_shape(text) for text in answers]:
                problems.append(
                    f"{one.tool} answers {_shape(one.result.text)}, the model {_shape(answers[0])}"
                )
    return problems


def contract_table(factories: Iterable[Factory]) -> list[tuple[str, str, dict[str, bool]]]:
    """Connector, tool and whether each property holds: the table that the suite stands for."""
    return [
        (
            subject.connector.name,
            tool.name,
            {name: _holds(check, subject, tool) for name, check in CHECKS.items()},
        )
        for subject in (factory() for factory in factories)
        for tool in subject.simulated()
    ]


def _holds(check: Callable[[Subject, Tool], None], subject: Subject, tool: Tool) -> bool:
    try:
        check(subject, tool)
    except Exception:  # noqa: BLE001 - a property whose check raises does not hold
        return False
    return True


def _all_pages(subject: Subject, one: Paged) -> list[str]:
    rows: list[str] = []
    cursor: str | None = None
    for _ in range(100):
        asked = {**one.asked, one.limit: one.size, **({one.cursor: cursor} if cursor else {})}
        text = subject.call(one.tool, asked).result.text
        rows += one.rows(text)
        cursor = one.following(text)
        if cursor is None:
            return rows
    raise AssertionError(f"{one.tool} never ends")


def _filled(one: Visible, text: str) -> Arguments:
    found = re.search(one.found, text) if one.found else None
    made = found[1] if found else ""
    return {
        name: value.replace("{id}", made) if isinstance(value, str) else value
        for name, value in one.asked.items()
    }


def _shape(text: str) -> Any:
    """The names of a JSON answer's first level, or that it is no JSON."""
    try:
        value = json.loads(text)
    except ValueError:
        return "text"
    return sorted(value) if isinstance(value, dict) else type(value).__name__
