"""A case to fill in, from what is there already: an event that came, a run on record, a real pull request.

Firing and world are told; what the run has to do, only the user can say, so that it is red until then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.agents.recording import Recording
from routine_harness.interop.pull_request_reads import PullReference, ReadPull
from routine_harness.interop.sessions.imported import RUN, Imported
from routine_harness.interop.sessions.revealed import revealed_world
from routine_harness.interop.sessions.revealed_trigger import revealed_trigger
from routine_harness.interop.slim_records import Row, slim_world
from routine_harness.plain import Json, Record
from routine_harness.routine.spec import Routine
from routine_harness.routine.yaml_writer import yaml_text
from routine_harness.session.transcript import Start
from routine_harness.trigger.arrivals import body_instant
from routine_harness.trigger.event import Event
from routine_harness.verdict.words import clip
from routine_harness.world.github.records.record_parts import payload_data
from routine_harness.world.registry import Registry
from routine_harness.world.times import iso_seconds

_NO_FILES: Final = (
    "the payload does not tell which files the pull request changes: add them to it, "
    "files: [{filename: …, patch: …}]"
)


class CaseDraft(msgspec.Struct, frozen=True):
    """A case on its way to its file. ``payload`` is the webhook's body, which gets a file of its own;
    ``gaps`` are what the world lacks and nobody can guess, a sentence each."""

    source: str
    subject: str
    trigger: Record
    world: Record
    payload: Record | None = None
    gaps: tuple[str, ...] = ()


def draft_of_event(event: Event, source: str, routine: Routine, registry: Registry) -> CaseDraft:
    """The case of an event that came."""
    at = {"at": iso_seconds(event.at)} if event.at and event.at != body_instant(event.payload) else {}
    if event.kind != "github":
        text = {"text": event.payload["text"]} if event.payload.get("text") else {}
        trigger: Record = {event.kind: {**text, **at}}
        return CaseDraft(source, f"a firing by {event.kind}", trigger, _bare_world(routine))
    rows = list(_payload_rows(event.payload))
    pull = event.payload.get("pull_request")
    gaps = (_NO_FILES,) if isinstance(pull, Mapping) and not pull.get("files") else ()
    trigger = {"github": {"event": event.name, **at}}
    world = slim_world(rows, registry)
    return CaseDraft(source, _subject(event), trigger, world, event.payload, gaps)


def draft_of_pull(read: ReadPull, reference: PullReference, event: str, registry: Registry) -> CaseDraft:
    """The case of a real pull request, as it is now; a manual start where no ``event`` is told."""
    at = {"at": read.at} if read.at else {}
    title = read.payload["pull_request"].get("title")
    subject = f"{event or 'a start by hand'} on {reference}{_titled(title)}"
    gaps = tuple(f"not read, so that the world has none: {what}" for what in read.unread)
    kept = "the files of the repository are not read, only what the pull request changes in them"
    trigger = {"github": {"event": event, **at}} if event else {"manual": at}
    payload = read.payload if event else None
    return CaseDraft(
        str(reference), subject, trigger, slim_world(read.rows, registry), payload, (*gaps, kept)
    )


def draft_of_recording(
    recording: Recording, source: str, trigger: Mapping[str, Json] | None, registry: Registry
) -> CaseDraft:
    """The case of a run on record: its World 0, and the firing that ``trigger`` (of the recorded case) or
    its prompt tells of."""
    header, entries = recording.header, recording.runs.get(RUN, ())
    told = Imported(entries, folder=header.agent.folder, branch=header.agent.branch)
    world = recording.world(RUN) or revealed_world(told, registry)
    rows = [
        (f"{connector}.{table}", record)
        for connector, tables in world.items() if isinstance(tables, Mapping)
        for table, records in tables.items() if isinstance(records, list)
        for record in records if isinstance(record, dict)
    ]  # fmt: skip
    start = next((entry for entry in entries if isinstance(entry, Start)), None)
    at = iso_seconds(start.time) if start is not None and start.time else None
    firing = dict(trigger) if trigger is not None else revealed_trigger(told.told, at, rows)
    return CaseDraft(source, f"what {header.case} of {header.routine} began with", firing, world)


def case_text(
    draft: CaseDraft, name: str, routine: Routine, *, routine_key: str = "", world_file: str = ""
) -> tuple[str, str]:
    """The case's text, and that of its payload's file (``payloads/NAME.json`` beside ``cases``), empty where
    it has none. ``world_file`` is where the world stands, if not in the case."""
    trigger, payload = dict(draft.trigger), ""
    if draft.payload is not None:
        trigger["github"] = {**trigger["github"], "payload": f"../payloads/{name}.json"}
        payload = msgspec.json.format(msgspec.json.encode(draft.payload), indent=2).decode() + "\n"
    case: Record = {
        "description": f"{draft.subject}, to fill in",
        **({"routine": routine_key} if routine_key else {}),
        "trigger": trigger,
        **({"world": world_file or draft.world} if draft.world else {}),
        "expect": {},
    }
    return "\n".join(_head(draft, routine)) + "\n" + yaml_text(case), payload


def _head(draft: CaseDraft, routine: Routine) -> Iterator[str]:
    yield f"# Written from {draft.source}, to fill in:"
    yield "#   expect: what the run has to do (tickets, messages, comments, says …), or nothing: true"
    tables = ", ".join(sorted({one.connector for one in routine.connectors} - draft.world.keys()))
    if tables:
        yield f"#   world: what the run finds of {tables}; what is not there, it finds empty"
    for gap in draft.gaps:
        yield f"#   {gap}"
    yield "# It is red until a run is recorded: routine-harness record FOLDER --live"


def _payload_rows(payload: Mapping[str, Json]) -> Iterator[Row]:
    for connector, tables in payload_data(payload).items():
        for table, records in tables.items():
            yield from ((f"{connector}.{table}", record) for record in records)


def _bare_world(routine: Routine) -> Record:
    """The routine's repositories, whose files the user knows."""
    repositories = [{"full_name": one.full_name, "files": {}} for one in routine.repositories]
    return {"github": {"repositories": repositories}} if repositories else {}


def _subject(event: Event) -> str:
    """The event and what it is about, as its payload says."""
    repository = event.payload.get("repository")
    where = str(repository.get("full_name") or "") if isinstance(repository, Mapping) else ""
    for field in ("pull_request", "issue", "release"):
        record = event.payload.get(field)
        if isinstance(record, Mapping):
            number = record.get("number") or record.get("tag_name")
            title = record.get("title") or record.get("name")
            told = f"{where}#{number}" if isinstance(number, int) else f"{where} {number}"
            return f"{event.name} on {told}{_titled(title)}"
    return f"{event.name} on {where}" if where else event.name


def _titled(title: Json) -> str:
    return f" ({clip(title, 60)})" if isinstance(title, str) and title else ""
