"""Recorded interactions of tools without a model, looked up once and played in order.

Keyed by server, method, tool and canonical arguments. Calls that repeat are answered by the
recorded answers in turn; after the last one, a read is answered by it again and a write is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.world.naming import connector_key
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall, ToolResult

METHOD: Final = "tools/call"
NEAREST: Final = 3
Key = tuple[str, str, str, bytes]


class Interaction(msgspec.Struct, frozen=True):
    """One recorded request and its answer; ``source`` says where it was read (``file:line``)."""

    server: str
    tool: str
    arguments: Record = {}
    result: ToolResult = ToolResult("")
    method: str = METHOD
    source: str = ""


class RecordedInteractions:
    """The interactions of one run; ``rewound`` gives them as if none had been played."""

    __slots__ = ("_by_key", "_by_tool", "_interactions", "_played", "_registry")

    def __init__(self, interactions: Iterable[Interaction], registry: Registry) -> None:
        self._interactions = tuple(interactions)
        self._registry = registry
        self._by_key: dict[Key, list[int]] = {}
        self._by_tool: dict[tuple[str, str], list[int]] = {}
        self._played: dict[Key, int] = {}
        for place, one in enumerate(self._interactions):
            call = registry.canonical(ToolCall(registry.name_of(one.server), one.tool, one.arguments))
            self._by_key.setdefault(_key(call, one.method), []).append(place)
            self._by_tool.setdefault((connector_key(call.connector), call.tool), []).append(place)

    def __len__(self) -> int:
        return len(self._interactions)

    def rewound(self) -> RecordedInteractions:
        """The same interactions, none of them played; the index is shared."""
        fresh = RecordedInteractions((), self._registry)
        fresh._interactions, fresh._by_key, fresh._by_tool = self._interactions, self._by_key, self._by_tool
        return fresh

    def servers(self) -> frozenset[str]:
        """The connectors that interactions were recorded of."""
        return frozenset(self._registry.name_of(one.server) for one in self._interactions)

    def answer(self, call: ToolCall) -> ToolResult | None:
        """What was answered to this call, or None where nothing matches or a write is used up."""
        key = _key(call, METHOD)
        places = self._by_key.get(key)
        if places is None:
            return None
        turn = self._played.get(key, 0)
        if turn >= len(places):
            if self._registry.access(call).kind == "write":
                return None
            turn = len(places) - 1
        self._played[key] = turn + 1
        return self._interactions[places[turn]].result

    def explain(self, call: ToolCall) -> Sequence[str]:
        """The nearest recorded interactions, a line each, with what differs."""
        places = self._by_key.get(_key(call, METHOD))
        if places is not None:
            count = len(places)
            often = f"recorded {count} time{'s' if count != 1 else ''}"
            return (f"{often}, and played as often already: {self._shown(places[-1])}",)
        same_tool = self._by_tool.get((connector_key(call.connector), call.tool), [])
        if not same_tool:
            return self._others(call)
        ranked = sorted(same_tool, key=lambda place: (len(self._drift(call, place)), place))
        return tuple(
            f"{self._shown(place)} differs in {'; '.join(self._drift(call, place))}"
            for place in ranked[:NEAREST]
        )

    def unplayed(self) -> tuple[Interaction, ...]:
        """The interactions that nothing asked for, in the order of recording."""
        left = {place for key, places in self._by_key.items() for place in places[self._played.get(key, 0) :]}
        return tuple(one for place, one in enumerate(self._interactions) if place in left)

    def _others(self, call: ToolCall) -> Sequence[str]:
        tools = sorted({tool for server, tool in self._by_tool if server == connector_key(call.connector)})
        if tools:
            return (f"of {call.connector} there are recorded: {', '.join(tools)}",)
        return (f"nothing is recorded of {call.connector}",) if self._interactions else ()

    def _shown(self, place: int) -> str:
        one = self._interactions[place]
        where = f" ({one.source})" if one.source else ""
        return f"{self._registry.name_of(one.server)}.{one.tool} {_written(one.arguments)}{where}"

    def _drift(self, call: ToolCall, place: int) -> list[str]:
        one = self._interactions[place]
        recorded = self._registry.canonical(ToolCall(call.connector, one.tool, one.arguments)).arguments
        return argument_drift(recorded, call.arguments)


def argument_drift(recorded: Record, asked: Record) -> list[str]:
    """Which arguments differ, and how: ``title: recorded 'a', asked 'b'``."""
    lines = []
    for name in dict.fromkeys([*recorded, *asked]):
        if name not in asked:
            lines.append(f"{name}: recorded {_written(recorded[name])}, not asked")
        elif name not in recorded:
            lines.append(f"{name}: not recorded, asked {_written(asked[name])}")
        elif _canonical(recorded[name]) != _canonical(asked[name]):
            lines.append(f"{name}: recorded {_written(recorded[name])}, asked {_written(asked[name])}")
    return lines


def _key(call: ToolCall, method: str) -> Key:
    return connector_key(call.connector), method, call.tool, _canonical(call.arguments)


def _canonical(value: Json) -> bytes:
    """Equal for values that JSON takes for equal: the order of names and ``1.0`` for ``1`` do not count."""
    return msgspec.json.encode(_plain(value), order="deterministic")


def _plain(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def _written(value: Json) -> str:
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else text[:77] + "…"
