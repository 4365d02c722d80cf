"""Gaps between a run and what answers it: calls without an answer or with a part of one, and faults,
recorded interactions and commands that no call met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from routine_harness.finding import Finding, Location, Severity
from routine_harness.routine.reader import nearest
from routine_harness.session.answer import Asked
from routine_harness.session.faults import Fault
from routine_harness.world.commands import Command
from routine_harness.world.failures import failure_of
from routine_harness.world.recorded import Interaction
from routine_harness.world.registry import Registry
from routine_harness.world.tool import Outcome, ToolCall

_SHOWN: Final = 5
IDLE_FAULT: Final = "fault.idle"
IDLE_COMMAND: Final = "command.idle"
UNPLAYED: Final = "call.unplayed"
NOT_SIMULATED: Final = "github.not-simulated"
REFUSED: Final = "platform.refused"
UNDECIDED: Final = "platform.undecided"


def severity_of(*, reads: bool, strict: bool) -> Severity:
    """A warning for a read, an error for a write, and for both under ``strict``."""
    return Severity.WARNING if reads and not strict else Severity.ERROR


def unexpected(call: ToolCall, near: Sequence[str], registry: Registry, severity: Severity) -> Finding:
    """``call.unexpected``: no model and no recording answers; ``near`` are the nearest recordings."""
    hint = "record it, give the world an answer, or expect the call to fail"
    connector = registry.get(call.connector) if call.connector else None
    if connector is not None and call.tool not in connector.tools:
        near_tool = nearest(call.tool, connector.tools, 0.5)
        hint = f"did you mean {connector.name}.{near_tool}? else {hint}" if near_tool else hint
    return Finding(
        code="call.unexpected",
        message=f"nothing answers {call.name}: it is not simulated, and no recorded interaction matches",
        severity=severity,
        hint=hint,
        detail=tuple(near),
    )


def outcome_gaps(
    asked: Asked, outcome: Outcome, *, looks: bool, acts: bool, opaque: bool, strict: bool
) -> Iterator[Finding]:
    """What the world lacks for a full answer.

    ``looks`` and ``acts`` say whether the call looks at something and has effects; ``opaque``: a command
    that nobody can read.
    """
    call, recorded = asked.call, asked.believed
    if outcome.incomplete:
        severity = severity_of(reads=looks or opaque, strict=strict)
        yield _incomplete(call, outcome.incomplete, severity, outcome.known)
    if outcome.not_simulated:
        severity = severity_of(reads=looks and not acts, strict=strict)
        yield _not_simulated(call, outcome.not_simulated, severity)
    if outcome.unanswered:
        yield _unanswered(call, outcome.unanswered, severity_of(reads=True, strict=strict))
    if outcome.barred and not (recorded is not None and failure_of(call, recorded)):
        yield _barred(call, outcome.barred, recorded=recorded is not None)


def _incomplete(call: ToolCall, what: str, severity: Severity, known: str = "") -> Finding:
    """``world.incomplete``: the world knows ``what`` by key only, or no model of the service knows it;
    ``known`` then says what it knows."""
    if known:
        return Finding(
            code="world.incomplete",
            message=f"{call.name} asked for what the simulation does not know: {what}",
            severity=severity,
            hint=f"the simulation knows {known}; a recording answers the rest",
        )
    return Finding(
        code="world.incomplete",
        message=f"{call.name} asked for what the world knows only by key: {what}",
        severity=severity,
        hint="put it into the case's world (a program's output: commands), or name a cassette with it",
    )


def _not_simulated(call: ToolCall, route: str, severity: Severity) -> Finding:
    """``github.not-simulated``: a request of GitHub's API that stands for no operation."""
    return Finding(
        code=NOT_SIMULATED,
        message=f"{call.name} asked GitHub's API for {route}, which the simulated GitHub does not know",
        severity=severity,
        hint="put the answer into the world's http table, or name a cassette that holds it",
    )


def _unanswered(call: ToolCall, command: str, severity: Severity) -> Finding:
    """``world.incomplete``: a program ran, and nobody knows what it prints."""
    return Finding(
        code="world.incomplete",
        message=f"{call.name} ran a program, and the world does not say what it prints: {command}",
        severity=severity,
        hint="say what it prints under commands in the case or its world",
    )


def _barred(call: ToolCall, words: str, *, recorded: bool) -> Finding:
    """``platform.refused``: recorded as carried out, and the platform of the edition would refuse it;
    ``platform.undecided``: nobody here knows whether it is carried out."""
    if recorded:
        return Finding(
            code=REFUSED,
            message=f"{call.name} went through where it was recorded; today's platform refuses it: {words}",
            severity=Severity.WARNING,
            hint="use the REST API or the MCP tool that does the same, or name the edition of that time",
        )
    return Finding(
        code=UNDECIDED,
        message=f"{call.name}: {words}",
        severity=Severity.WARNING,
        hint="the dry run carried it out; try it on that runner, or use the MCP tool that does the same",
    )


def unmet(
    faults: Iterable[tuple[int, Fault, int]],
    interactions: Sequence[Interaction],
    pages: Sequence[tuple[str, int]],
    commands: Iterable[Command],
    registry: Registry,
    *,
    run: int,
    strict: bool,
) -> Iterator[Finding]:
    """What no call of a run met: idle ``faults``, recorded ``interactions`` and ``pages`` of HTTP that were
    not asked for, idle ``commands``.

    Recorded reads count in run 1 alone: a second run that finds its work done rightly asks for less.
    Recorded writes are named in both runs: the judge of the pair finds those that neither run has made.
    """
    severity = severity_of(reads=True, strict=strict)
    for index, fault, matched in faults:
        yield _idle_fault(index, fault, matched, severity)
    writes = [one for one in interactions if _is_write(one, registry)]
    yield from map(_unplayed_write, writes)
    reads = [one for one in interactions if one not in writes] if run == 1 else []
    if reads or pages:
        yield _unplayed(reads, pages, severity)
    yield from map(_idle_command, commands)


def _idle_fault(index: int, fault: Fault, matched: int, severity: Severity) -> Finding:
    """``fault.idle``: the fault with that ``index`` of a case struck no call."""
    what = fault.tool or fault.connector
    found = (
        f"it has no call number {fault.nth or fault.from_nth}, only {matched}"
        if matched
        else "no call matches it"
    )
    return Finding(
        code=IDLE_FAULT,
        message=f"the fault on {what} struck no call: {found}",
        severity=severity,
        hint="correct its call, where or nth: as it stands, nothing went wrong in this case",
        data={"fault": index},
    )


def _unplayed_write(one: Interaction) -> Finding:
    """``call.unplayed``, as an error, for a recorded write that this run did not make: where no run of the
    case makes it, the recording tells of an agent that did more."""
    return Finding(
        code=UNPLAYED,
        message=f"a recorded write was played by no run: {one.server}.{one.tool} {one.source}".rstrip(),
        hint="take it out of the cassette, or look why the agent does not write any more",
        data={"write": True},
    )


def _unplayed(
    interactions: Sequence[Interaction], pages: Sequence[tuple[str, int]], severity: Severity
) -> Finding:
    """``call.unplayed``: recorded interactions that nobody has asked for: calls of tools, and ``pages`` of
    HTTP (a line and the number of its answers each)."""
    lines = [f"{one.server}.{one.tool} {one.source}".rstrip() for one in interactions]
    lines += [f"{line} ({left} times)" if left > 1 else line for line, left in pages]
    count = len(interactions) + sum(left for _, left in pages)
    more = (f"… and {len(lines) - _SHOWN} more",) if len(lines) > _SHOWN else ()
    return Finding(
        code=UNPLAYED,
        message=(
            "no call asked for 1 recorded interaction"
            if count == 1
            else f"no call asked for {count} recorded interactions"
        ),
        severity=severity,
        hint="take them out of the cassette, or look why the agent does not ask any more",
        detail=(*lines[:_SHOWN], *more),
        data={"pages": len(pages)} if pages and not interactions else {},
    )


def _is_write(one: Interaction, registry: Registry) -> bool:
    """Whether a recorded interaction is known to have written."""
    call = registry.canonical(ToolCall(registry.name_of(one.server), one.tool, one.arguments))
    access = registry.access(call)
    return access.kind == "write" and access.ground != "unknown"


def _idle_command(command: Command) -> Finding:
    """``command.idle``: a pattern of ``commands:`` that no command of a run fits."""
    place = Location(command.file, command.line) if command.file else None
    return Finding(
        code=IDLE_COMMAND,
        message=f"no command fits `{command.run}`",
        severity=Severity.WARNING,
        location=place,
        hint="correct the pattern, or take it out: as it stands, it answers nothing",
    )
