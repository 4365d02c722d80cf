"""A case without a file, for those who call the harness from Python."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from routine_harness.case.case import Case
from routine_harness.case.parse import parse_cases
from routine_harness.errors import Problem, UsageError
from routine_harness.plain import Json, Record
from routine_harness.routine.document import Document
from routine_harness.routine.spec import Routine, Source
from routine_harness.trigger.arrivals import event_from_value
from routine_harness.trigger.event import Event
from routine_harness.world.registry import Registry

NAME: Final = "dry-run"


def case_in_memory(
    routine: Routine,
    event: Event | Mapping[str, Json] | None,
    world: Mapping[str, Json],
    expect: Mapping[str, Json],
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


def _trigger(event: Event | None) -> Record:
    if event is None:
        return {"manual": {}}
    given: Record = {"at": datetime.fromtimestamp(event.at, UTC).isoformat()} if event.at else {}
    if event.kind == "github":
        return {"github": {"event": event.name, "payload": event.payload, **given}}
    text = event.payload.get("text")
    return {event.kind: {**({"text": text} if text else {}), **given}}


class _NoFiles:
    """A dry run names no files: what it needs is passed as values."""

    def world(self, written: str) -> Document:
        raise _no_file(written)

    def payload(self, written: str) -> Json:
        raise _no_file(written)

    def exists(self, written: str) -> bool:
        raise _no_file(written)


def _no_file(written: str) -> UsageError:
    return UsageError(Problem(NAME, 0, f"expected values, found the name of a file: {written}"))
