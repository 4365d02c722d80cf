"""See in a test what a Claude Code routine does, before its trigger is enabled.

The public names are loaded when they are asked for, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

from routine_harness.plain import Json

if TYPE_CHECKING:
    from routine_harness.agents.protocol import AgentSession
    from routine_harness.case.case import Case
    from routine_harness.case.result import CaseResult
    from routine_harness.errors import AgentError, HarnessError, RecordingError, SpecError, UsageError
    from routine_harness.finding import Finding, Location, Severity
    from routine_harness.harness import Harness, Options, check_case, check_routine, dry_run
    from routine_harness.routine.edition import Edition, load_edition
    from routine_harness.routine.spec import Routine
    from routine_harness.session.run import Run, RunPair
    from routine_harness.store.cases import load_case
    from routine_harness.store.policies import load_policy
    from routine_harness.store.routines import load_routine
    from routine_harness.store.worlds import dump_world, load_world
    from routine_harness.trigger import strategies
    from routine_harness.trigger.arrivals import parse_arrival
    from routine_harness.trigger.event import Event, Firing
    from routine_harness.trigger.match import Fired, Skipped, Undecided, match_routine, match_trigger
    from routine_harness.verdict.verdict import Check, Verdict
    from routine_harness.world.effect import Effect
    from routine_harness.world.state import World
    from routine_harness.world.tool import Connector, Tool, ToolCall, ToolResult

_PUBLIC: Final = {
    "agents.protocol": ("AgentSession",),
    "case.case": ("Case",),
    "case.result": ("CaseResult",),
    "errors": ("AgentError", "HarnessError", "RecordingError", "SpecError", "UsageError"),
    "finding": ("Finding", "Location", "Severity"),
    "harness": ("Harness", "Options", "check_case", "check_routine", "dry_run"),
    "routine.edition": ("Edition", "load_edition"),
    "routine.spec": ("Routine",),
    "session.run": ("Run", "RunPair"),
    "store.cases": ("load_case",),
    "store.policies": ("load_policy",),
    "store.routines": ("load_routine",),
    "store.worlds": ("dump_world", "load_world"),
    "trigger.arrivals": ("parse_arrival",),
    "trigger.event": ("Event", "Firing"),
    "trigger.match": ("Fired", "Skipped", "Undecided", "match_routine", "match_trigger"),
    "verdict.verdict": ("Check", "Verdict"),
    "world.effect": ("Effect",),
    "world.state": ("World",),
    "world.tool": ("Connector", "Tool", "ToolCall", "ToolResult"),
}
_HOMES: Final = {name: home for home, names in _PUBLIC.items() for name in names}

__all__ = [
    "AgentError",
    "AgentSession",
    "Case",
    "CaseResult",
    "Check",
    "Connector",
    "Edition",
    "Effect",
    "Event",
    "Finding",
    "Fired",
    "Firing",
    "Harness",
    "HarnessError",
    "Location",
    "Options",
    "RecordingError",
    "Routine",
    "Run",
    "RunPair",
    "Severity",
    "Skipped",
    "SpecError",
    "Tool",
    "ToolCall",
    "ToolResult",
    "Undecided",
    "UsageError",
    "Verdict",
    "World",
    "check_case",
    "check_routine",
    "dry_run",
    "dump_world",
    "load_case",
    "load_edition",
    "load_policy",
    "load_routine",
    "load_world",
    "match_routine",
    "match_trigger",
    "parse_arrival",
    "strategies",
]


def __getattr__(name: str) -> Json:
    if name == "strategies":
        return importlib.import_module(f"{__name__}.trigger.strategies")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
