"""A connector made of tables, tools, rules and operations: what all our models share.

An operation knows its service and nothing of effects' outcomes: it gives a new world and an
answer, or raises ``Refused`` with the service's words. What was attempted is read from the rules
alone, so a refused call and an applied one are named by the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.spec import Binding
from routine_harness.world.access import reads_only
from routine_harness.world.arguments import ArgumentError, check_arguments
from routine_harness.world.effect import Effect, EffectOutcome
from routine_harness.world.rule import Rule, apply_rules
from routine_harness.world.state import Key, Table, World
from routine_harness.world.table_columns import Columns
from routine_harness.world.tool import Outcome, Tool, ToolCall, ToolResult

Arguments = Record


class Refused(Exception):  # noqa: N818 - the way out of an operation, not an error of ours
    """The service says no; the text is what the agent reads."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Detail(msgspec.Struct, frozen=True):
    """What an operation knows of an effect beyond its arguments.

    ``kind`` says which effect is meant where a call has several; empty means all of them.
    ``target`` and ``fields`` complete it; ``unchanged`` says that nothing differs afterwards,
    ``skipped`` that this effect did not come about at all, ``again`` that it came about once more than
    the call asked for.
    """

    target: str = ""
    fields: Record = {}
    kind: str = ""
    unchanged: bool = False
    skipped: bool = False
    again: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What an operation gives: the world after it, and a text or JSON value for the agent."""

    world: World
    value: Json
    details: tuple[Detail, ...] = ()
    incomplete: str = ""
    known: str = ""
    """What the model does know, where ``incomplete`` names a question that is beyond it."""
    depends_on: tuple[str, ...] = ()
    """The settings of the edition on which the answer hangs."""


class Alias(msgspec.Struct, frozen=True):
    """An older or community name of ``tool``: its arguments by our names, and fixed ones.

    A name that the official server uses as well renames only what is no argument of it there.
    """

    tool: str
    rename: dict[str, str] = {}
    fixed: Record = {}


class Point(msgspec.Struct, frozen=True):
    """One point of a service's behaviour: its value, how far it is known, and the sentence for readers.

    ``trust`` is DOC (documented), OBS (seen in sessions), 3P (named by one) or INFER (inferred).
    """

    value: str
    trust: str
    sentence: str


Operation = Callable[[World, Arguments], Answer]
WordErrors = Callable[[Tool, list[ArgumentError]], str]
Recognise = Callable[[World, Effect], Effect]
SeedRecord = Callable[[World, str, Record], World]
SeedBinding = Callable[[World, Binding], World]


def keep_world(world: World, _: Binding) -> World:
    """The binding of a connector in which a binding makes nothing."""
    return world


def as_attempted(_: World, effect: Effect) -> Effect:
    """The effect of a connector whose arguments say all there is to say."""
    return effect


def as_called(call: ToolCall) -> ToolCall:
    """The call of a connector without a dispatcher."""
    return call


@dataclass(frozen=True, eq=False)
class SimulatedConnector:
    """A connector by its parts; see ``world.tool.Connector`` for what each is."""

    name: str
    tools: Mapping[str, Tool]
    tables: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, tuple[Rule, ...]]
    operations: Mapping[str, Operation]
    word_errors: WordErrors
    seed_record: SeedRecord
    bind: SeedBinding = keep_world
    recognise: Recognise = as_attempted
    """Puts names for ids into an attempted effect, also where the call is refused afterwards."""
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    unwrap: Callable[[ToolCall], ToolCall] = as_called
    """A dispatcher's call as the call of the tool that it names."""
    reveals: Mapping[str, Callable[[Arguments, str], list[tuple[str, Record]]]] = field(default_factory=dict)
    """What a read's answer says about the world; see ``world.revealed``."""
    columns: Columns | None = None
    """What the records of its tables may say; None where anything goes."""
    toolsets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The server's own groups of tools, by name."""
    fixed: frozenset[str] = frozenset()
    """Tools that answer by a template and keep nothing: nobody knows what they would find."""
    title: str = ""
    source: str = ""
    limits: tuple[str, ...] = ()
    """What is not simulated, in sentences for the connector's page."""
    trust: Mapping[str, str] = field(default_factory=dict)
    """Tool → how far it is known, and where from; empty where all tools are known alike."""
    points: tuple[Point, ...] = ()
    """What rests on more or less than documentation, for the connector's page."""

    def __post_init__(self) -> None:
        """Tools list the aliases that lead to them."""
        others: dict[str, tuple[str, ...]] = {}
        for name, alias in self.aliases.items():
            if name != alias.tool:
                others[alias.tool] = (*others.get(alias.tool, ()), name)
        tools = {
            name: msgspec.structs.replace(tool, aliases=others[name]) if name in others else tool
            for name, tool in self.tools.items()
        }
        object.__setattr__(self, "tools", tools)

    def resolve(self, tool: str) -> str | None:
        """The tool's own name for a name or alias, or None if nobody knows it."""
        if tool in self.tools:
            return tool
        alias = self.aliases.get(tool)
        return alias.tool if alias else None

    def canonical(self, call: ToolCall) -> ToolCall:
        """``call`` under the tool's own name, an alias's arguments renamed to its own."""
        alias = self.aliases.get(call.tool)
        if alias is None:
            return self.unwrap(call)
        own = self.tools[call.tool].input_schema["properties"] if call.tool in self.tools else {}
        wanted = self.tools[alias.tool].input_schema["properties"]
        arguments = dict(alias.fixed)
        for given, value in call.arguments.items():
            name = given if given in own else alias.rename.get(given, given)
            arguments[name] = _as_listed(value, wanted.get(name, {}))
        return ToolCall(call.connector, alias.tool, arguments, call.server)

    def as_asked_by(self, tool: str, call: ToolCall) -> ToolCall | None:
        """``call`` as ``tool`` would ask for the same operation; None where it asks for another."""
        return call if call.tool == tool else None

    def seed_binding(self, world: World, binding: Binding) -> World:
        """The world with the place that a routine's binding names."""
        return self.bind(world, binding)

    def call(self, world: World, call: ToolCall) -> Outcome:
        """Answer ``call``; bad arguments and refusals are answers like any other."""
        tool = self.tools[call.tool]
        attempted = tuple(self.recognise(world, effect) for effect in attempted_by(self, call))
        errors = check_arguments(tool.input_schema, call.arguments)
        if errors:
            return _refusal(world, self.word_errors(tool, errors), attempted)
        try:
            answer = self.operations[call.tool](world, call.arguments)
        except Refused as refused:
            return _refusal(world, refused.text, attempted)
        effects = tuple(completed(attempted, answer.details))
        carried = call.tool not in self.fixed
        result = result_of(answer.value)
        return Outcome(
            answer.world, result, effects, answer.incomplete, carried,
            known=answer.known, depends_on=answer.depends_on,
        )  # fmt: skip


def _as_listed(value: Json, schema: Mapping[str, Json]) -> Json:
    """An alias's one value where we have a list of them, and the other way round."""
    wanted = schema.get("type")
    if wanted == "array" and isinstance(value, str):
        return [value]
    if wanted == "string" and isinstance(value, list) and len(value) == 1:
        return value[0]
    return value


def attempted_by(connector: SimulatedConnector | Json, call: ToolCall) -> tuple[Effect, ...]:
    """What ``call`` (under its own name) attempts by the connector's rules, without a world."""
    own: Callable[[ToolCall], tuple[Effect, ...]] | None = getattr(connector, "attempted", None)
    if own is not None:
        return own(call)
    tool: Tool | None = connector.tools.get(call.tool)
    if tool is not None and reads_only(tool, call.arguments):
        return ()
    found = apply_rules(connector.rules.get(call.tool, ()), call.arguments)
    if not found:
        found = [("tool.called", {"arguments": call.arguments})]
    name = f"{connector.name}.{call.tool}"
    return tuple(
        Effect(kind, connector.name, str(fields.pop("target", "")), fields, tool=name)
        for kind, fields in found
    )


def result_of(value: Json, plain: Callable[[Json], Json] | None = None) -> ToolResult:
    """A text as it is, anything else as JSON in a text block, the way MCP servers answer.

    ``plain`` turns values of other types than JSON's into those.
    """
    if isinstance(value, ToolResult):
        return value
    if isinstance(value, str):
        return ToolResult(value)
    return ToolResult(msgspec.json.encode(value, enc_hook=plain).decode())


def _refusal(world: World, text: str, attempted: Iterable[Effect]) -> Outcome:
    refused = tuple(msgspec.structs.replace(effect, outcome="refused") for effect in attempted)
    return Outcome(world, ToolResult(text, is_error=True), refused)


def completed(attempted: Iterable[Effect], details: tuple[Detail, ...]) -> Iterable[Effect]:
    """Each attempted effect with what is known of it; the nth of a kind takes the nth detail of it."""
    seen: dict[str, int] = {}
    for effect in attempted:
        place = seen[effect.kind] = seen.get(effect.kind, -1) + 1
        fitting = [one for one in details if one.kind in ("", effect.kind)]
        asked = [one for one in fitting if not one.again]
        if not asked:
            yield effect
            continue
        detail = asked[min(place, len(asked) - 1)]
        if not detail.skipped:
            yield _with_detail(effect, detail)
            yield from (_with_detail(effect, one) for one in fitting if one.again)


def _with_detail(effect: Effect, detail: Detail) -> Effect:
    outcome: EffectOutcome = "unchanged" if detail.unchanged else "applied"
    known = {name: value for name, value in detail.fields.items() if value is not None}
    target = detail.target or effect.target
    return msgspec.structs.replace(effect, target=target, fields={**effect.fields, **known}, outcome=outcome)


def merged(
    world: World, name: str, key: Key, given: Record, default: Record, indexed: Iterable[str] = ()
) -> World:
    """The world in which ``given`` completes the record at ``key``, or the ``default`` one."""
    table = world.table(name) if name in world.tables else Table.empty(indexed)
    return world.with_table(name, table.put(key, {**(table.get(key) or default), **given}))
