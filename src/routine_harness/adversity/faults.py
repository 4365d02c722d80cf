"""Packs of faults, laid over each call of a run in turn, and what is wrong with a run that one struck."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.finding import Finding, Location
from routine_harness.session.faults import Fault, Lapse, Malformed
from routine_harness.session.run import CallRecord, Run
from routine_harness.verdict.claims.unreported import tells_of_failure
from routine_harness.verdict.looking import outward_effects
from routine_harness.verdict.where import texts_of

Lay = Callable[["Struck"], Fault | None]
"""Makes the fault that strikes one call; None where it makes no sense there."""
RETRY_AFTER: Final = {"retry-after": "30"}


class Struck(msgspec.Struct, frozen=True, eq=False):
    """A call to be struck: the ``nth`` of its tool and the ``of_connector``-th of its connector, with the
    tools that the run uses of that."""

    record: CallRecord
    nth: int
    of_connector: int
    tools: tuple[str, ...]

    @property
    def tool(self) -> str:
        return self.record.call.name

    @property
    def connector(self) -> str:
        return self.record.call.connector


class FaultTrial(msgspec.Struct, frozen=True):
    """One fault over one call; ``name`` is the item's: ``linear.save_issue#1:timeout-applied``."""

    name: str
    fault: Fault
    call: int


def _once(**what: object) -> Lay:
    return lambda at: msgspec.convert({"tool": at.tool, "nth": at.nth, **what}, Fault)


def _on(**what: object) -> Lay:
    return lambda at: msgspec.convert({"tool": at.tool, "from_nth": at.nth, **what}, Fault)


def _lost(at: Struck) -> Fault | None:
    """The service acts, and its answer is lost: only a write can be done twice by it."""
    return None if at.record.reads else Fault(tool=at.tool, nth=at.nth, timeout=True, applied=True)


def _garbled(how: Malformed) -> Lay:
    """A read whose answer is none; what a service answers to a write is seldom read."""
    return lambda at: Fault(tool=at.tool, nth=at.nth, malformed=how) if at.record.reads else None


def _lapsed(at: Struck) -> Fault | None:
    """From this call on the connector's access has expired."""
    return (
        Fault(connector=at.connector, lapses=Lapse(after_call=at.of_connector - 1)) if at.connector else None
    )


def _without(at: Struck) -> Fault | None:
    """The connector is there without this tool."""
    if not at.connector or at.nth != 1:
        return None
    return Fault(connector=at.connector, offers=tuple(t for t in at.tools if t != at.record.call.tool))


PACKS: Final[Mapping[str, Mapping[str, Lay]]] = {
    "outage": {
        "timeouts": _on(timeout=True),
        "status-503": _on(status=503, error="Service Unavailable"),
        "disconnect": _on(disconnect=True),
    },
    "flaky": {
        "timeout": _once(timeout=True),
        "timeout-applied": _lost,
        "status-500": _once(status=500, error="Internal Server Error"),
        "truncated": _garbled("truncated"),
        "html": _garbled("html"),
        "empty": _garbled("empty"),
        "slow": _once(slow=90),
    },
    "lapsed": {"lapsed": _lapsed},
    "rate_limited": {"status-429": _once(status=429, error="Too Many Requests", headers=RETRY_AFTER)},
    "partial_offer": {"not-offered": _without},
}
"""Each pack's faults by the name that their items bear."""


def fault_trials(calls: Iterable[CallRecord], packs: Sequence[str]) -> Iterator[FaultTrial]:
    """Every single fault of ``packs`` over every one of ``calls``, those that reach the outside."""
    calls = list(calls)
    tools: dict[str, tuple[str, ...]] = {}
    for record in calls:
        known = tools.get(record.call.connector, ())
        tools[record.call.connector] = tuple(dict.fromkeys((*known, record.call.tool)))
    named: dict[str, int] = {}
    connected: dict[str, int] = {}
    for record in calls:
        name, connector = record.call.name, record.call.connector
        named[name] = named.get(name, 0) + 1
        connected[connector] = connected.get(connector, 0) + 1
        at = Struck(record, named[name], connected[connector], tools[connector])
        for pack in packs:
            for label, lay in PACKS[pack].items():
                fault = lay(at)
                if fault is not None:
                    yield FaultTrial(f"{name}#{at.nth}:{label}", fault, record.number)


def check_told_of(whole: Run, struck: Run, place: Location) -> Iterator[Finding]:
    """``faults.untold``: the run did less than it does undisturbed, and nobody learns that it could not.

    Writes that failed are ``run.failure-untold``'s.
    """
    failed = [record for record in struck.calls if record.answered_by == "fault" and record.failed]
    if not failed or not all(record.reads for record in failed) or _as_much(whole, struck):
        return
    said = [struck.closing, *(text for effect in struck.applied for text in texts_of(effect))]
    if struck.status == "finished" and not any(map(tells_of_failure, said)):
        yield Finding(
            code="faults.untold",
            message=f"{failed[0].call.name} could not be read, the run left undone what it does otherwise, "
            "and no message says so",
            location=place,
            hint="have the prompt say what to write where something cannot be read",
            calls=tuple(record.number for record in failed),
        )


def _as_much(whole: Run, struck: Run) -> bool:
    """Whether the struck run brought about all that the undisturbed one does."""
    wanted = [effect.kind for effect in outward_effects(whole) if effect.outcome == "applied"]
    for effect in outward_effects(struck):
        if effect.outcome == "applied" and effect.kind in wanted:
            wanted.remove(effect.kind)
    return not wanted
