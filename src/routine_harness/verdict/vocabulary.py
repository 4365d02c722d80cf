"""The names that a case or policy may use: effects, fields, connectors, tools.

An unknown one is a problem that names the nearest known one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from routine_harness.routine.reader import Reader, kind_of, suggestion
from routine_harness.routine.spec import Path
from routine_harness.world.kinds import ANY_EFFECT, COMMON_FIELDS, KINDS, PLURALS
from routine_harness.world.naming import EVERY_TOOL, connector_name, split_tool_name

_CLIENT = "mcp__"
"""What a client puts before the names of tools that servers bring."""
ALL_FIELDS = tuple(dict.fromkeys(field for fields in KINDS.values() for field in fields))


class _Joined(Mapping[str, tuple[str, ...]]):
    """Two mappings as one, the first before the second, without copying either."""

    def __init__(self, first: Mapping[str, tuple[str, ...]], second: Mapping[str, tuple[str, ...]]) -> None:
        self._first, self._second = first, second

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self._first[name] if name in self._first else self._second[name]

    def __contains__(self, name: object) -> bool:
        return name in self._first or name in self._second

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._first, *self._second)))

    def __len__(self) -> int:
        return len(dict.fromkeys((*self._first, *self._second)))


class Vocabulary(msgspec.Struct, frozen=True):
    """What is known besides the closed list of effects.

    ``tools`` maps a connector (``""``: the agent's own) to its tools, aliases included; ``tables``
    maps it to the tables of a world file. An empty vocabulary checks neither.
    """

    tools: Mapping[str, tuple[str, ...]] = {}
    tables: Mapping[str, tuple[str, ...]] = {}

    def adding(
        self, tools: Mapping[str, tuple[str, ...]], tables: Mapping[str, tuple[str, ...]]
    ) -> Vocabulary:
        """The same with further connectors; nothing is looked up that is not asked for."""
        return Vocabulary(_Joined(tools, self.tools), _Joined(tables, self.tables))

    def check_connector(self, reader: Reader, name: object, path: Path) -> None:
        """Note a problem if ``name`` is no connector that is known."""
        known = [connector for connector in self.tools if connector]
        if self.tools and isinstance(name, str) and name not in known:
            reader.problem(path, f"unknown connector {name!r}", suggestion(name, known, "the connectors"))

    def tool_name(self, reader: Reader, name: str, path: Path, *, every: bool = False) -> str:
        """``name`` as ``connector.tool``, as which ``mcp__claude_ai_Linear__save_issue`` may be
        written too; a problem is noted if it is not known.

        With ``every``, ``linear.*`` is known as well: all tools of the connector.
        """
        if name.startswith(_CLIENT):
            server, tool, _ = split_tool_name(name)
            name = f"{connector_name(server, [known for known in self.tools if known])}.{tool}"
        connector, _, tool = name.partition(".")
        if not every or tool != EVERY_TOOL:
            self.check_tool(reader, name, path)
        elif self.tools and connector not in self.tools:
            self.check_connector(reader, connector, path)
        return name

    def check_tool(self, reader: Reader, name: str, path: Path) -> None:
        """Note a problem if ``connector.tool`` (bare: one of the agent's own) is not known."""
        if not self.tools:
            return
        connector, dot, tool = name.partition(".")
        if not dot:
            connector, tool = "", name
        if connector not in self.tools:
            self.check_connector(reader, connector, path)
        elif self.tools[connector] and tool not in self.tools[connector]:
            if tool == EVERY_TOOL:
                hint = "forbid, allow and calls take all tools of a connector; here name one"
                reader.problem(path, f"unknown tool {name!r}", hint)
                return
            owner = connector or "the agent's own tools"
            found = suggestion(tool, self.tools[connector], f"the tools of {owner}")
            if dot:
                found = found.replace("did you mean ", f"did you mean {connector}.", 1)
            if not dot and (homes := self._homes(tool)):
                found = f"did you mean {homes[0]}?"
            reader.problem(path, f"unknown tool {name!r}", found)

    def check_table(self, reader: Reader, name: str, path: Path) -> None:
        """Note a problem if ``connector.table`` is not known."""
        known = [f"{connector}.{table}" for connector, tables in self.tables.items() for table in tables]
        if self.tables and name not in known:
            reader.problem(path, f"unknown table {name!r}", suggestion(name, known, "the tables"))

    def _homes(self, tool: str) -> list[str]:
        return [f"{connector}.{tool}" for connector, tools in self.tools.items() if tool in tools]


def read_kinds(reader: Reader, value: object, path: Path) -> tuple[str, ...]:
    """The effect kinds that ``value`` names: a kind, a plural (``tickets``), ``*``, or a list."""
    if isinstance(value, list):
        return tuple(
            kind for part, at in reader.items(value, path, "effects") for kind in read_kinds(reader, part, at)
        )
    if not isinstance(value, str):
        reader.problem(path, f"expected an effect such as ticket.created, found {kind_of(value)}")
        return ()
    if value == ANY_EFFECT:
        return (ANY_EFFECT,)
    if value in PLURALS:
        return PLURALS[value]
    if value not in KINDS:
        reader.problem(path, f"unknown effect {value!r}", suggestion(value, tuple(KINDS), "the effects"))
        return ()
    return (value,)


def fields_of(kinds: Iterable[str]) -> tuple[str, ...]:
    """The fields that any of ``kinds`` may carry."""
    kinds = tuple(kinds)
    if not kinds or ANY_EFFECT in kinds:
        return (*ALL_FIELDS, "text")
    found = dict.fromkeys(COMMON_FIELDS)
    for kind in kinds:
        found.update(dict.fromkeys(KINDS[kind]))
    return tuple(found)
