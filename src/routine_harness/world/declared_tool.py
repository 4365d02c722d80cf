"""One declared tool, and what calling it does to the world."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from routine_harness.world.modelled import Answer, Arguments, Detail, Operation, Refused, merged
from routine_harness.world.state import Record, World
from routine_harness.world.template import fill_template, placeholders
from routine_harness.world.times import iso_seconds


class DeclaredTool(msgspec.Struct, frozen=True):
    """A tool as a world file declares it.

    ``returns`` is the template of its answer: ``{n}`` counts the tool's calls, ``{now}`` is the
    world's time, every other name is an argument; under ``reads`` there are ``{rows}`` and ``{row}``
    as well. ``reads`` and ``writes`` name tables of the connector, whose rows are keyed by ``key``.
    """

    name: str
    description: str = ""
    schema: dict[str, Any] = {}
    access: Literal["read", "write"] | None = None
    effect: str = ""
    fields: dict[str, str] = {}
    returns: Any = None
    error: str = ""
    reads: str = ""
    writes: str = ""
    key: str = "id"


def declared_operation(connector: str, tool: DeclaredTool) -> Operation:
    """What a call of ``tool`` does."""
    if tool.reads:
        return lambda world, arguments: _read(connector, tool, world, arguments)
    return lambda world, arguments: _answer(connector, tool, world, arguments)


def _read(connector: str, tool: DeclaredTool, world: World, arguments: Arguments) -> Answer:
    """The rows that agree with the arguments; asked for by its key, a row must be there."""
    table = world.table(f"{connector}.{tool.reads}")
    rows = [
        row for row in table if all(row[name] == value for name, value in arguments.items() if name in row)
    ]
    if tool.key in arguments and not rows:
        raise Refused(tool.error or f"{tool.reads}: no record with {tool.key} {arguments[tool.key]!r}")
    values = {**arguments, "rows": rows, "row": rows[0] if rows else None, "now": iso_seconds(world.clock)}
    template = {tool.reads: "{rows}"} if tool.returns is None else tool.returns
    return Answer(world, fill_template(template, values))


def _answer(connector: str, tool: DeclaredTool, world: World, arguments: Arguments) -> Answer:
    if tool.error:
        raise Refused(tool.error)
    values = {**arguments, "now": iso_seconds(world.clock)}
    existing = _existing(connector, tool, world, arguments)
    if existing is None and "n" in placeholders(tool.returns):
        world, values["n"] = _number(connector, tool, world, arguments)
    answer = fill_template({} if tool.returns is None else tool.returns, {**(existing or {}), **values})
    if existing is not None and isinstance(answer, dict):
        answer = {**answer, tool.key: existing[tool.key]}
    shown = answer if isinstance(answer, dict) else {}
    unchanged = False
    if tool.writes:
        world, unchanged = _written(connector, tool, world, {**arguments, **shown})
    known = {name: shown[name] for name in ("id", "url", "title") if isinstance(shown.get(name), str)}
    target = str(known.get("id") or known.get("title") or "")
    return Answer(world, answer, (Detail(target, known, unchanged=unchanged),) if tool.effect else ())


def _existing(connector: str, tool: DeclaredTool, world: World, arguments: Arguments) -> Record | None:
    """The row that the call is about: one named by its key must be there to be changed."""
    if not tool.writes or arguments.get(tool.key) is None:
        return None
    _expect_key(tool, arguments[tool.key])
    found = world.get(f"{connector}.{tool.writes}", (arguments[tool.key],))
    if found is None and tool.effect.rpartition(".")[2] not in (
        "created",
        "posted",
        "uploaded",
        "published",
        "",
    ):
        raise Refused(f"{tool.writes}: no record with {tool.key} {arguments[tool.key]!r}")
    return found


def _number(connector: str, tool: DeclaredTool, world: World, arguments: Arguments) -> tuple[World, int]:
    """The next number of the tool whose record is not there yet."""
    while True:
        world, number = world.next_id(f"{connector}.{tool.name}")
        made = fill_template(tool.returns, {**arguments, "n": number})
        key = made.get(tool.key) if isinstance(made, dict) else None
        if not tool.writes or not is_key(key) or world.get(f"{connector}.{tool.writes}", (key,)) is None:
            return world, number


def _written(connector: str, tool: DeclaredTool, world: World, record: Record) -> tuple[World, bool]:
    """The world with the record, and whether it was there just so already."""
    if record.get(tool.key) is None:
        world, record = _keyed(connector, tool, world, record)
    _expect_key(tool, record[tool.key])
    key = (record[tool.key],)
    before = world.get(f"{connector}.{tool.writes}", key)
    after = merged(world, f"{connector}.{tool.writes}", key, record, {})
    return after, before is not None and after.get(f"{connector}.{tool.writes}", key) == before


def is_key(value: object) -> bool:
    """Whether a row can be known by ``value``."""
    return isinstance(value, str | int | float)


def _expect_key(tool: DeclaredTool, value: object) -> None:
    if not is_key(value):
        raise Refused(f"{tool.writes}: expected {tool.key} as a text or number, found {value!r}")


def _keyed(connector: str, tool: DeclaredTool, world: World, record: Record) -> tuple[World, Record]:
    """A record whose template gives no key is keyed by a number of its own."""
    world, number = world.next_id(f"{connector}.{tool.writes}.{tool.key}")
    return world, {**record, tool.key: str(number)}
