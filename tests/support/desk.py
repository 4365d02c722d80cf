"""A small service for tests: tickets and messages, with the quirks that verdicts hang on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from routine_harness.routine.spec import Binding, Grant, Repository, Routine
from routine_harness.session.pair import PairPlan, Plan, refiring, run_pair, second_instant
from routine_harness.session.run import Run, RunPair
from routine_harness.session.session import Session
from routine_harness.trigger.event import Event, Firing
from routine_harness.world.effect import Effect
from routine_harness.world.registry import Registry
from routine_harness.world.rule import Rule
from routine_harness.world.state import Record, World
from routine_harness.world.tool import Outcome, Tool, ToolCall, ToolResult

START = 1_777_885_200  # 2026-05-04T09:00:00Z
_ANY: dict[str, Any] = {"type": "object", "properties": {}}


def _tool(name: str, access: str) -> Tool:
    return Tool(name, name, _ANY, access)  # type: ignore[arg-type]


class Desk:
    """Tickets by key, messages by channel; a second ticket of the same ``slug`` is a conflict."""

    name = "desk"
    tools: Mapping[str, Tool] = {
        name: _tool(name, access)
        for name, access in (
            ("list_tickets", "read"), ("get_ticket", "read"), ("create_ticket", "write"),
            ("update_ticket", "write"), ("read_messages", "read"), ("post_message", "write"),
        )
    }  # fmt: skip
    tables: Mapping[str, tuple[str, ...]] = {"tickets": ("id",), "messages": ("id",)}
    rules: Mapping[str, tuple[Rule, ...]] = {
        "create_ticket": (
            {"kind": "ticket.created", "fields": {"title": "title", "body": "body", "project": "project"}},
        ),
        "update_ticket": (
            {"kind": "ticket.updated", "fields": {"title": "title", "id": "id", "target": "id"}},
        ),
        "post_message": ({"kind": "message.posted", "fields": {"channel": "channel", "text": "text"}},),
    }

    def resolve(self, tool: str) -> str | None:
        return tool if tool in self.tools else None

    def canonical(self, call: ToolCall) -> ToolCall:
        return call

    def seed(self, world: World, table: str, record: Record) -> World:
        return world.put(f"desk.{table}", (record["id"],), record)

    def seed_binding(self, world: World, binding: Binding) -> World:
        return world

    def call(self, world: World, call: ToolCall) -> Outcome:
        arguments = call.arguments
        if call.tool == "list_tickets":
            return _json(world, list(world.table("desk.tickets")))
        if call.tool == "read_messages":
            return _json(world, list(world.table("desk.messages")))
        if call.tool == "get_ticket":
            row = world.get("desk.tickets", (arguments.get("id"),))
            if row is not None and "title" not in row:
                text = "known by key only"
                return Outcome(world, ToolResult(text, is_error=True), incomplete=f"the ticket {row['id']}")
            return _json(world, row) if row else Outcome(world, ToolResult("no such ticket", is_error=True))
        return self._write(world, call)

    def _write(self, world: World, call: ToolCall) -> Outcome:
        arguments = call.arguments
        if call.tool == "post_message":
            world, number = world.next_id("desk.messages")
            effect = Effect("message.posted", "desk", f"#{arguments.get('channel')}", dict(arguments))
            return _json(
                world.put("desk.messages", (number,), {"id": number, **arguments}), {"ok": True}, effect
            )
        if call.tool == "update_ticket":
            row = world.get("desk.tickets", (arguments["id"],))
            effect = Effect("ticket.updated", "desk", arguments["id"], dict(arguments))
            if row is None:
                return Outcome(world, ToolResult("no such ticket", is_error=True), (effect,))
            after = {**row, **arguments}
            same = after == row
            return _json(world if same else world.put("desk.tickets", (row["id"],), after), after, effect)
        slug = arguments.get("slug")
        if slug and world.table("desk.tickets").find("slug", slug):
            refused = Effect("ticket.created", "desk", "", dict(arguments))
            return Outcome(world, ToolResult("slug is taken", is_error=True), (refused,))
        world, number = world.next_id("desk.tickets")
        record = {"id": f"DESK-{number}", "url": f"https://desk.example/DESK-{number}", **arguments}
        fields = {**arguments, "id": record["id"], "url": record["url"]}
        effect = Effect("ticket.created", "desk", record["id"], fields)
        return _json(world.put("desk.tickets", (record["id"],), record), record, effect)


def _json(world: World, value: Any, *effects: Effect) -> Outcome:
    return Outcome(world, ToolResult(msgspec.json.encode(value).decode()), effects)


ROUTINE = Routine(
    name="desk-keeper",
    prompt="Keep the desk.",
    repositories=(Repository("acme/core"),),
    connectors=(Grant("desk"),),
)
PAYLOAD = {"pull_request": {"number": 42, "user": {"login": "alice"}, "draft": False}}
FIRING = Firing(Event("github", "pull_request.opened", PAYLOAD, START), 0)
REGISTRY = Registry([Desk()])


def open_desk(world: World | None = None, *, routine: Routine = ROUTINE, **options: Any) -> Session:
    """A session at the desk."""
    start = world if world is not None else World(clock=START)
    return Session(routine, start, FIRING, routine.prompt, REGISTRY, **options)


def run_desk(agent: Any, world: World | None = None, **options: Any) -> Run:
    """One finished run of a function that takes a session."""
    session = open_desk(world, **options)
    agent(session)
    return session.finish()


def pair_desk(agent: Any, second: Any = None, world: World | None = None, **options: Any) -> RunPair:
    """Two runs of ``agent`` (the second one by ``second``, if given) on carried-over state."""
    start = world if world is not None else World(clock=START)
    first = Plan(FIRING, ROUTINE.prompt)
    plan = PairPlan(
        ROUTINE,
        REGISTRY,
        start,
        first,
        lambda run: Plan(refiring(FIRING, second_instant(run)), ROUTINE.prompt),
        **options,
    )

    def execute(session: Session) -> Run:
        (agent if session.number == 1 or second is None else second)(session)
        return session.finish()

    pair = run_pair(plan, execute)
    assert pair is not None
    return pair
