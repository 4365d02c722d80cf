"""Connectors of third parties: what a plugin may implement, and how its connectors are taken in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pluggy

from routine_harness.errors import Problem, UsageError
from routine_harness.plain import Json
from routine_harness.world.registry import SIMULATED
from routine_harness.world.tool import Connector

hookspec = pluggy.HookspecMarker("routine_harness")
PARTS: Final = (
    "name",
    "tools",
    "tables",
    "rules",
    "resolve",
    "canonical",
    "seed_record",
    "seed_binding",
    "call",
)


class ConnectorHooks:
    """What a third party may implement, in a module named by the entry point ``routine_harness``."""

    @hookspec
    def routine_harness_connectors(self) -> Sequence[Connector]:  # type: ignore[empty-body]
        """Connectors for services that the harness does not model; their names must not be taken.

        The shortest way to one is ``routine_harness.world.simulated.SimulatedConnector``.
        """


def collect_connectors(manager: pluggy.PluginManager) -> tuple[Connector, ...]:
    """The connectors of the plugins registered with ``manager``, in order of name.

    Raises:
        UsageError: a plugin gives something else than connectors, or a name that is taken.
    """
    manager.add_hookspecs(ConnectorHooks)
    found: dict[str, Connector] = {}
    problems: list[Problem] = []
    for given in manager.hook.routine_harness_connectors():
        for connector in given:
            missing = [part for part in PARTS if not hasattr(connector, part)]
            if missing:
                problems.append(_wrong(connector, f"without {', '.join(missing)}"))
            elif connector.name in found or connector.name in SIMULATED:
                problems.append(_wrong(connector, f"under the name {connector.name!r}, which is taken"))
            else:
                found[connector.name] = connector
    if problems:
        raise UsageError(*problems)
    return tuple(found[name] for name in sorted(found))


def _wrong(given: Json, why: str) -> Problem:
    hint = "see world.tool.Connector for what a connector has"
    return Problem("", 0, f"a plugin gave {type(given).__name__} for a connector, {why}", hint)
