"""Faults: what goes wrong on purpose, so that "could not look" can be told from "found nothing"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from routine_harness.predicate import ABSENT, Predicate, parse_predicate
from routine_harness.routine.regex import compile_regex
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall, ToolResult


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """What goes wrong: for the ``nth`` call (from 1; 0 means every one) of ``tool`` whose arguments
    match ``where``, for every call ``from_nth`` on, or for a whole connector that is ``missing``.

    ``applied``: the service acts all the same, and its answer is lost.
    """

    tool: str = ""
    connector: str = ""
    where: dict[str, Any] = {}
    nth: int = 0
    error: str = ""
    timeout: bool = False
    status: int = 0
    headers: dict[str, str] = {}
    missing: bool = False
    applied: bool = False
    from_nth: int = 0

    def strikes(self, nth: int) -> bool:
        """Whether it befalls the ``nth`` call that is as it says."""
        return nth >= self.from_nth if self.from_nth else self.nth in (0, nth)


class FaultPlan:
    """The faults of one run, with how often each has matched and struck: the only state they have."""

    __slots__ = ("_compiled", "_matched", "_registry", "_repository", "_struck", "_variables")

    def __init__(
        self,
        faults: tuple[Fault, ...],
        registry: Registry,
        variables: Mapping[str, str] | None = None,
        repository: str = "",
    ) -> None:
        """``repository`` is the one whose clone commands run in, ``variables`` are their environment."""
        self._registry, self._variables, self._repository = registry, variables, repository
        self._compiled = tuple(
            (fault, registry.tool_call(fault.tool, {}) if fault.tool else None, _conditions(fault))
            for fault in faults
        )
        self._matched = [0] * len(faults)
        self._struck = [False] * len(faults)

    def strike(self, call: ToolCall) -> Fault | None:
        """The fault that befalls ``call`` itself, if any; counts it for every fault that it matches.

        A fault on a tool befalls the same operation by another one, too: its conditions are about the
        arguments that the fault's own tool would have been given.
        """
        struck = None
        for index, (fault, tool, conditions) in enumerate(self._compiled):
            asked = self._concerned(fault, tool, call)
            if asked is None or not all(
                predicate.match(lookup_argument(asked.arguments, path)) for path, predicate in conditions
            ):
                continue
            self._matched[index] += 1
            if struck is None and fault.strikes(self._matched[index]):
                struck = fault
                self._struck[index] = True
        return struck

    def strike_forms(self, call: ToolCall) -> Fault | None:
        """The fault that befalls ``call``, or what a command stands for."""
        struck = self.strike(call)
        command = self._registry.command_of(call)
        if struck is not None or command is None:
            return struck
        # Imported here: the shell's grammar costs 20 ms that a run without commands need not pay.
        from routine_harness.world.shell.acts import Context
        from routine_harness.world.shell.effects import shell_calls

        forms = shell_calls(command, self._variables, Context(repository=self._repository))
        return next((fault for form in forms if (fault := self.strike(form)) is not None), None)

    def _concerned(self, fault: Fault, tool: ToolCall | None, call: ToolCall) -> ToolCall | None:
        """``call`` as the fault's tool would ask for it; None where the fault is about another operation.

        An older tool's name may stand for one method of a tool (``update_issue``).
        """
        if fault.connector and fault.connector != call.connector:
            return None
        if tool is None:
            return call
        asked = self._registry.as_asked_by(tool, call)
        fits = asked is not None and all(
            asked.arguments.get(name) == value for name, value in tool.arguments.items()
        )
        return asked if fits else None

    def idle(self) -> tuple[tuple[int, Fault, int], ...]:
        """The faults that struck no call: their index, and how many calls they matched.

        A connector that is missing is not among them: an agent that is not offered it calls nothing.
        """
        return tuple(
            (index, fault, self._matched[index])
            for index, (fault, _, _) in enumerate(self._compiled)
            if not self._struck[index] and not fault.missing
        )


def lookup_argument(arguments: dict[str, Any], path: str) -> Any:
    """The argument at a dotted path; ``ABSENT`` where there is none."""
    if path in arguments:
        return arguments[path]
    value: Any = arguments
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return ABSENT
        value = value[part]
    return value


def fault_result(fault: Fault, call: ToolCall) -> ToolResult:
    """What the agent gets instead of an answer."""
    if fault.missing:
        return ToolResult(f"No such tool available: {call.name}", is_error=True)
    if fault.timeout:
        return ToolResult(
            fault.error or f"{call.name} timed out after {TIMEOUT_SECONDS} seconds", is_error=True
        )
    lines = [fault.error] if fault.error else []
    if fault.status:
        lines.insert(0, f"Request failed with status code {fault.status}")
    lines += [f"{name}: {value}" for name, value in fault.headers.items()]
    return ToolResult("\n".join(lines) or f"{call.name} failed", is_error=True)


TIMEOUT_SECONDS: Final = 60
"""How long a call takes, on the world's clock, that times out."""


def lost_seconds(fault: Fault) -> int:
    """How long the agent waits for nothing, on the world's clock."""
    return TIMEOUT_SECONDS if fault.timeout else 0


def _conditions(fault: Fault) -> tuple[tuple[str, Predicate], ...]:
    return tuple((path, parse_predicate(data, compile_regex)) for path, data in fault.where.items())
