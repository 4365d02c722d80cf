"""The seam between a session and a connector: tools, calls, results, outcomes.

A connector is stateless: it takes a world and a call and gives an outcome. Names are
``connector.tool`` with the server's own name for the tool; the agent's own tools
(Bash, Read, …) belong to the connector ``""`` and are written bare.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.spec import Binding
from routine_harness.world.effect import Effect
from routine_harness.world.rule import Rule
from routine_harness.world.state import World


class ToolCall(msgspec.Struct, frozen=True):
    """What the agent asks: a tool of a connector with JSON arguments."""

    connector: str
    tool: str
    arguments: Record = {}
    server: str = ""
    """The server's name as the agent wrote it (``claude_ai_Slack``); empty where it wrote none."""
    through: str = ""
    """The tool that the agent called to have this one called; empty where it called it itself."""

    @property
    def name(self) -> str:
        return f"{self.connector}.{self.tool}" if self.connector else self.tool


class ToolResult(msgspec.Struct, frozen=True):
    """What the agent gets: ``text`` as the service words it, and whether it is an error (``is_error``).

    ``structured`` is the result as values, where the server gives them beside the text.
    """

    text: str
    is_error: bool = False
    structured: Json = None

    def json(self) -> Json:
        """The result's text as JSON values; most connectors answer with JSON, ``Bash`` and ``Read`` do not.

        Raises:
            ValueError: the text is not JSON.
        """
        return msgspec.json.decode(self.text)


class Tool(msgspec.Struct, frozen=True):
    """One callable of a connector, as ``tools/list`` shows it.

    ``access`` is the curated classification; a tool multiplexed by an argument (``method``, or
    what ``method_argument`` names) lists the values that read in ``reading_methods``. ``simulated``
    is false for a tool that is known by schema only. ``annotations`` are the server's own hints,
    shown and never trusted. ``offered`` is false for an operation that the service has and its MCP
    server does not show (``DELETE`` of a git ref): shell commands and HTTP requests reach it,
    ``tools/list`` and ``resolve`` do not.
    """

    name: str
    description: str
    input_schema: Record
    access: Literal["read", "write"]
    reading_methods: tuple[str, ...] = ()
    method_argument: str = "method"
    aliases: tuple[str, ...] = ()
    simulated: bool = True
    offered: bool = True
    annotations: Record = {}
    output_schema: Record = {}


class Outcome(msgspec.Struct, frozen=True):
    """What a call did: the world after it, what the agent sees, and the effects.

    An error leaves the world as it was. ``incomplete`` names what the world knows only by key,
    so that the session reports ``world.incomplete`` instead of answering with emptiness; where it names a
    question that the model cannot answer, ``known`` says which it can. ``not_simulated`` is
    a route of a service that nobody here knows (``GET /x``), ``unanswered`` a command whose program nobody
    runs and nobody has answered for. ``carried``
    is false where no model carried the operation out, so that an equal world proves nothing. ``looks``
    says of a shell's command whether it looks at something. ``found`` is
    what a model found, in its own rows, for a face that words the answer otherwise. ``depends_on`` names
    the settings of the edition another value of which would have given another answer. ``barred`` is what
    the platform may say instead: a recorded answer stands all the same, or nobody here knows.
    """

    world: World
    result: ToolResult
    effects: tuple[Effect, ...] = ()
    incomplete: str = ""
    carried: bool = True
    looks: bool = False
    found: Json = None
    not_simulated: str = ""
    unanswered: str = ""
    depends_on: tuple[str, ...] = ()
    known: str = ""
    barred: str = ""


class Connector(Protocol):
    """A simulated service."""

    @property
    def name(self) -> str: ...

    @property
    def tools(self) -> Mapping[str, Tool]:
        """By the server's own name, in the order the server lists them."""
        ...

    @property
    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """The tables of a world file (``pulls``) → the fields that key their records."""
        ...

    @property
    def rules(self) -> Mapping[str, tuple[Rule, ...]]:
        """The connector's part of the effect table: tool → rules; a write without rules
        is ``tool.called``."""
        ...

    def resolve(self, tool: str) -> str | None:
        """The tool's own name for a name or alias, or None if nobody knows it."""
        ...

    def canonical(self, call: ToolCall) -> ToolCall:
        """``call`` under the tool's own name, an alias's arguments renamed to its own."""
        ...

    def seed_record(self, world: World, table: str, record: Record) -> World:
        """The world with one record of a world file merged in by natural key and field, completed
        by the service's defaults and ids.

        Raises:
            ValueError: the record makes no sense; the text says what was expected and found.
        """
        ...

    def seed_binding(self, world: World, binding: Binding) -> World:
        """The world with the place that a routine's binding names: a channel, a board."""
        ...

    def call(self, world: World, call: ToolCall) -> Outcome:
        """Answer ``call``, which is ``canonical`` and whose tool is one of ``tools`` and simulated; never
        raises for what an agent can do wrong (bad arguments are answered as the service answers them)."""
        ...
