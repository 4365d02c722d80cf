"""Faults: what goes wrong on purpose, so that "could not look" can be told from "found nothing"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.predicate import ABSENT, parse_predicate
from routine_harness.routine.regex import compile_regex
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall, ToolResult

Malformed = Literal["truncated", "html", "empty", "wrong_type"]
"""Ways in which a success is no answer."""


class RateLimit(msgspec.Struct, frozen=True, omit_defaults=True):
    """At most ``per_minute`` calls in sixty seconds of the world's clock; the next is told to come back in
    ``retry_after`` seconds."""

    per_minute: int
    retry_after: int = 60


class Lapse(msgspec.Struct, frozen=True, omit_defaults=True):
    """The grant lapses: after so many calls of a run, or between the runs."""

    after_call: int = 0
    between_runs: bool = False


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """What goes wrong, and when.

    It concerns the calls of ``tool`` whose arguments match ``where``, or every call of a ``connector``.
    Of these it strikes the ``nth`` (from 1), all ``from_nth`` on, or each ``every``-th; at most ``times``
    of a run. Without any of them it strikes each.

    ``applied``: the service acts all the same, and its answer is lost. ``slow`` are the seconds that an
    answer takes, on the world's clock. ``offers``: the connector has these tools only.
    """

    tool: str = ""
    connector: str = ""
    where: Record = {}
    nth: int = 0
    error: str = ""
    timeout: bool = False
    status: int = 0
    headers: dict[str, str] = {}
    missing: bool = False
    applied: bool = False
    from_nth: int = 0
    every: int = 0
    times: int = 0
    disconnect: bool = False
    slow: int = 0
    malformed: Malformed | None = None
    offers: tuple[str, ...] | None = None
    lapses: Lapse | None = None
    rate_limit: RateLimit | None = None

    def strikes(self, nth: int) -> bool:
        """Whether it strikes the ``nth`` call that it concerns, as far as counting says."""
        if self.from_nth:
            return nth >= self.from_nth
        if self.every:
            return nth % self.every == 0
        return self.nth in (0, nth)


class FaultPlan:
    """The faults of one run, with how often each has matched and struck: the only state they have."""

    __slots__ = (
        "_compiled", "_matched", "_registry", "_repository", "_run", "_struck", "_told", "_variables",
    )  # fmt: skip

    def __init__(
        self,
        faults: tuple[Fault, ...],
        registry: Registry,
        variables: Mapping[str, str] | None = None,
        repository: str = "",
        run: int = 1,
    ) -> None:
        """``repository`` is the one whose clone commands run in, ``variables`` are their environment;
        ``run`` is the run's number, 1 or 2."""
        self._run = run
        self._registry, self._variables, self._repository = registry, variables, repository
        self._compiled = tuple(
            (
                fault,
                registry.tool_call(fault.tool, {}) if fault.tool else None,
                tuple((path, parse_predicate(data, compile_regex)) for path, data in fault.where.items()),
            )
            for fault in faults
        )
        self._matched = [0] * len(faults)
        self._struck = [0] * len(faults)
        self._told: list[list[int]] = [[] for _ in faults]

    def strike(self, call: ToolCall, clock: int = 0) -> Fault | None:
        """The fault that strikes ``call`` itself at ``clock``, if any; counts it for every fault that it
        concerns.

        A fault on a tool strikes the same operation by another one, too: its conditions are about the
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
            if struck is None and self._strikes(index, fault, call, clock):
                struck = fault
                self._struck[index] += 1
        return struck

    def _strikes(self, index: int, fault: Fault, call: ToolCall, clock: int) -> bool:
        """Whether ``fault`` strikes the call that has just been counted for it."""
        nth = self._matched[index]
        if fault.times and self._struck[index] >= fault.times:
            return False
        if fault.offers is not None:
            return call.tool not in fault.offers
        if fault.lapses is not None:
            lapsed = fault.lapses
            return self._run == 2 if lapsed.between_runs else self._run == 2 or nth > lapsed.after_call
        if fault.rate_limit is not None:
            return self._is_over(index, fault.rate_limit, clock)
        return fault.strikes(nth)

    def _is_over(self, index: int, limit: RateLimit, clock: int) -> bool:
        """Whether a call at ``clock`` is one too many; one that is answered counts for a minute."""
        answered = self._told[index] = [at for at in self._told[index] if at > clock - MINUTE]
        if len(answered) >= limit.per_minute:
            return True
        answered.append(clock)
        return False

    def strike_forms(self, call: ToolCall, clock: int = 0) -> Fault | None:
        """The fault that strikes ``call``, or what a command stands for."""
        struck = self.strike(call, clock)
        command = self._registry.command_of(call)
        if struck is not None or command is None:
            return struck
        # Imported here: the shell's grammar costs 20 ms that a run without commands need not pay.
        from routine_harness.world.shell.acts import Context
        from routine_harness.world.shell.command_reading import shell_calls

        forms = shell_calls(command, self._variables, Context(repository=self._repository))
        return next((fault for form in forms if (fault := self.strike(form, clock)) is not None), None)

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

        A connector that is missing, or a tool of it, is not among them: an agent that is not offered it
        calls nothing.
        """
        return tuple(
            (index, fault, self._matched[index])
            for index, (fault, _, _) in enumerate(self._compiled)
            if not self._struck[index] and not fault.missing and fault.offers is None
        )


def lookup_argument(arguments: Record, path: str) -> Json:
    """The argument at a dotted path; ``ABSENT`` where there is none."""
    if path in arguments:
        return arguments[path]
    value: Json = arguments
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return ABSENT
        value = value[part]
    return value


def fault_result(fault: Fault, call: ToolCall, answer: ToolResult | None = None) -> ToolResult:
    """What the agent gets instead of ``answer``, which the service gave; None where it gave none."""
    if fault.missing or fault.offers is not None:
        return ToolResult(f"No such tool available: {call.name}", is_error=True)
    if fault.malformed is not None:
        return ToolResult(_garbled(fault.malformed, answer.text if answer is not None else ""))
    if fault.disconnect:
        return ToolResult(fault.error or "MCP error -32000: Connection closed", is_error=True)
    if fault.timeout:
        return ToolResult(
            fault.error or f"{call.name} timed out after {TIMEOUT_SECONDS} seconds", is_error=True
        )
    status, said, headers = fault.status, fault.error, fault.headers
    if fault.lapses is not None:
        status, said = 401, said or "the access of this connector has expired; it has to be granted again"
    if fault.rate_limit is not None:
        status, headers = 429, {"retry-after": str(fault.rate_limit.retry_after), **headers}
    lines = [said] if said else []
    if status:
        lines.insert(0, f"Request failed with status code {status}")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ToolResult("\n".join(lines) or f"{call.name} failed", is_error=True)


_PAGE: Final = (
    "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def _garbled(how: Malformed, text: str) -> str:
    """A success that is no answer."""
    if how == "empty":
        return ""
    if how == "html":
        return _PAGE
    return text[: max(len(text) // 2, 1)] if how == "truncated" else "true"


MINUTE: Final = 60
"""How long a call counts for a limit of calls a minute, in seconds."""
TIMEOUT_SECONDS: Final = 60
"""How long a call takes, on the world's clock, that times out."""


def lost_seconds(fault: Fault) -> int:
    """How long the agent waits for nothing, on the world's clock."""
    return fault.slow or (TIMEOUT_SECONDS if fault.timeout else 0)
