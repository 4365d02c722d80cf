"""A case without a file, for those who call the harness from Python."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from routine_harness.case.case import Case
from routine_harness.case.parse import parse_cases
from routine_harness.errors import Problem, UsageError
from routine_harness.routine.document import Document
from routine_harness.routine.spec import Routine, Source
from routine_harness.trigger.arrivals import event_from_value
from routine_harness.trigger.event import Event
from routine_harness.world.registry import Registry

NAME: Final = "dry-run"


def case_in_memory(
    routine: Routine,
    event: Event | Mapping[str, Any] | None,
    world: Mapping[str, Any],
    expect: Mapping[str, Any],
    registry: Registry | None = None,
) -> Case:
    """The case of a dry run: what a case file with these values says, under the connectors of ``registry``.

    Raises:
        SpecError: a value is malformed, named by its path.
    """
    arrived = event if isinstance(event, Event) or event is None else event_from_value(event, NAME)
    value = {"trigger": _trigger(arrived), "world": dict(world), "expect": dict(expect)}
    document = Document(value, Source(NAME, path=routine.source.path))
    [case] = parse_cases(document, NAME, _NoFiles(), registry=registry)
    return msgspec.structs.replace(case, routine=routine.name)


def _trigger(event: Event | None) -> dict[str, Any]:
    if event is None:
        return {"manual": {}}
    given: dict[str, Any] = {"at": datetime.fromtimestamp(event.at, UTC).isoformat()} if event.at else {}
    if event.kind == "github":
        return {"github": {"event": event.name, "payload": event.payload, **given}}
    text = event.payload.get("text")
    return {event.kind: {**({"text": text} if text else {}), **given}}


class _NoFiles:
    """A dry run names no files: what it needs is passed as values."""

    def world(self, written: str) -> Document:
        raise _no_file(written)

    def payload(self, written: str) -> Any:
        raise _no_file(written)

    def exists(self, written: str) -> bool:
        raise _no_file(written)


def _no_file(written: str) -> UsageError:
    return UsageError(Problem(NAME, 0, f"expected values, found the name of a file: {written}"))
