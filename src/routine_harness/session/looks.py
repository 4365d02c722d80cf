"""Which calls look at something: a run that stays silent must have looked."""

from __future__ import annotations

from collections.abc import Sequence

from routine_harness.world.effect import Effect
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall, ToolResult

OPAQUE = "command.opaque"


def call_looks(
    call: ToolCall, registry: Registry, effects: Sequence[Effect], result: ToolResult, *, read: bool
) -> bool:
    """Whether ``call`` is a look; ``read`` says whether its command, as it was read, looks at something.

    Of a program that cannot be read, what it printed shows that it looked.
    """
    if call.connector:
        return registry.access(call).kind == "read"
    if registry.command_of(call) is None:
        return call.tool in registry.own_tools.looks
    opaque = any(effect.kind == OPAQUE for effect in effects)
    return read or (opaque and not result.is_error and bool(result.text.strip()))
