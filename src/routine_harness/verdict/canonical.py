"""Tools under their own names: an alias that a case or policy uses is the tool that it stands for."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from routine_harness.predicate import parse_predicate
from routine_harness.routine.regex import compile_regex
from routine_harness.verdict.where import Condition, Where
from routine_harness.world.naming import EVERY_TOOL
from routine_harness.world.registry import Registry


def canonical_tool(
    tool: str, where: Where, registry: Registry, called: Collection[str] = ()
) -> tuple[str, Where]:
    """``tool`` and its conditions as the connector itself names tool and arguments.

    An alias that stands for one method of a tool gains a condition on the method. Connectors that
    are not among ``called`` are left alone, unless it is empty: they need not be loaded.
    """
    connector, dot, bare = tool.partition(".")
    if not dot or (called and connector not in called and registry.name_of(connector) not in called):
        return tool, where
    if bare == EVERY_TOOL:
        return f"{registry.name_of(connector)}.{EVERY_TOOL}", where
    known = registry.get(connector)
    if known is not None and known.name == connector and known.resolve(bare) == bare:
        return tool, where
    call = registry.tool_call(tool, {condition.field: condition for condition in where})
    if call.name == tool:
        return tool, where
    return call.name, tuple(_condition(name, value) for name, value in call.arguments.items())


def _condition(name: str, value: object) -> Condition:
    if isinstance(value, Condition):
        return msgspec.structs.replace(value, field=name)
    return Condition(name, value, parse_predicate(value, compile_regex))
