"""Recordings on disk: a header and the entries of both runs, one JSON value a line.

A pair is written whole or not at all, beside its place and then renamed; the header counts every
attempt under the same digests, so that luck shows. What is written has been redacted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.agents.recording import FORMAT, VERSION, Attempts, Header, Recording, changed_since
from routine_harness.errors import RecordingError
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.session.run import Run, RunPair
from routine_harness.session.transcript import Call, End, Entry, Message, Result, Start, Turn
from routine_harness.store.files import write_bytes
from routine_harness.world.state import World

Redact = Callable[[Json], Json]
"""A JSON value → the same without secrets."""


class _StoredStart(msgspec.Struct, frozen=True, tag="start", tag_field="type"):
    """A start whose world is left encoded until somebody asks for it."""

    run: int
    time: int
    prompt: str
    world: msgspec.Raw = msgspec.Raw(b"{}")


_HEADER: Final = msgspec.json.Decoder(Header)
_ENTRY: Final = msgspec.json.Decoder(_StoredStart | Turn | Message | Call | Result | End)
_ENCODE: Final = msgspec.json.Encoder().encode


def load_recording(path: Path, shown: str = "") -> Recording | None:
    """The recording at ``path``; None where there is none. ``shown`` is its name in messages.

    A last line that breaks off is not an error: the recording says so (``cut``).

    Raises:
        RecordingError: the file cannot be read, is of another format or version, or has a line
            that is no entry.
    """
    file = shown or str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordingError.at(file, 0, f"cannot read the recording: {error.strerror}") from error
    return parse_recording(data, file)


def parse_recording(data: bytes, file: str) -> Recording:
    """The recording that ``data`` spells; see ``load_recording``."""
    lines = data.split(b"\n")
    whole = lines.pop() == b""
    header = _parse_header(lines[0] if lines else data, file)
    runs: dict[int, list[Entry]] = {}
    worlds: dict[int, msgspec.Raw] = {}
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        entry = _parse_entry(line, file, number)
        if isinstance(entry, _StoredStart):
            worlds[entry.run] = entry.world
            entry = Start(entry.run, entry.time, entry.prompt)
        runs.setdefault(entry.run, []).append(entry)
    played = {run: tuple(entries) for run, entries in sorted(runs.items())}
    return Recording(header, played, file, 0 if whole else len(lines) + 1, worlds)


def save_recording(
    path: Path,
    recording: Recording,
    pair: RunPair,
    describe: Callable[[World], Record],
    redact: Redact,
) -> None:
    """Write ``pair`` under the header of ``recording``, whole or not at all.

    ``describe`` gives a world in the shape of a world file.

    Raises:
        UsageError: the file cannot be written; what was there is left as it was.
    """
    lines = [_ENCODE(redact(msgspec.to_builtins(recording.header)))]
    for run in pair.runs:
        lines += [_ENCODE(redact(entry)) for entry in _stored_entries(run, describe)]
    write_bytes(path, b"\n".join(lines) + b"\n")


def save_imported(path: Path, header: Header, entries: Sequence[Entry], redact: Redact) -> None:
    """Write the entries of one run that somebody else recorded, whole or not at all.

    Raises:
        UsageError: the file cannot be written; what was there is left as it was.
    """
    values = (msgspec.to_builtins(each) for each in (header, *entries))
    write_bytes(path, b"\n".join(_ENCODE(redact(value)) for value in values) + b"\n")


class Kept(msgspec.Struct, frozen=True):
    """What became of an attempt: whether its pair was written, and its header with the count that it
    brought about."""

    written: bool
    header: Header


def keep_attempt(
    path: Path,
    header: Header,
    pair: RunPair,
    describe: Callable[[World], Record],
    redact: Redact,
    *,
    overwrite: bool = False,
    again: bool = False,
) -> Kept:
    """Write one attempt, unless it failed and what is there, under the same digests, passed.

    Then the old pair is kept, with the attempt counted in its header. ``overwrite`` writes in any
    case. ``again`` says that the same command has recorded the case before: then a script's attempts
    are counted as those of the real agent are.

    Raises:
        RecordingError: see ``load_recording`` and ``save_recording``.
    """
    before = load_recording(path)
    same = before is not None and not changed_since(before.header, header.digests)
    if before is not None and same and before.header.passed and not header.passed and not overwrite:
        known = before.header.attempts
        counted = Attempts(known.passed, known.of + 1)
        _recount(path, msgspec.structs.replace(before.header, attempts=counted))
        return Kept(False, msgspec.structs.replace(header, attempts=counted))
    earlier = _earlier(before.header, header, again=again) if before is not None and same else Attempts()
    attempts = Attempts(earlier.passed + header.passed, earlier.of + 1)
    header = msgspec.structs.replace(header, attempts=attempts)
    save_recording(path, Recording(header), pair, describe, redact)
    return Kept(True, header)


def _earlier(before: Header, header: Header, *, again: bool) -> Attempts:
    """The attempts so far that count beside one more of the same kind."""
    # A script's recording has the same bytes, however often commands have made it.
    if header.origin == "scripted" and not again:
        return Attempts()
    if before.made_by == header.made_by:
        return before.attempts
    # What passed there was a stand-in; what failed may have been the model itself.
    return Attempts(0, before.attempts.of - before.attempts.passed if header.made_by == "live" else 0)


def _recount(path: Path, header: Header) -> None:
    """Put another header over the entries as they stand."""
    _, _, rest = path.read_bytes().partition(b"\n")
    write_bytes(path, _ENCODE(header) + b"\n" + rest)


def _stored_entries(run: Run, describe: Callable[[World], Record]) -> list[Json]:
    entries = [msgspec.to_builtins(entry) for entry in run.transcript]
    entries[0]["world"] = describe(run.world_before)
    return entries


def _parse_header(line: bytes, file: str) -> Header:
    try:
        head = msgspec.json.decode(line)
    except NOT_JSON as error:
        raise RecordingError.at(
            file, 1, "the recording has no header", "line 1 must be a JSON object"
        ) from error
    if not isinstance(head, dict) or head.get("format") != FORMAT:
        hint = "routine-harness import transcript turns a session of Claude Code into a recording"
        raise RecordingError.at(file, 1, "this is not a recording of routine-harness", hint)
    if head.get("version") != VERSION:
        hint = "record it anew, or use the routine-harness that wrote it"
        message = f"expected version {VERSION} of the format, found {head.get('version')!r}"
        raise RecordingError.at(file, 1, message, hint)
    try:
        return _HEADER.decode(line)
    except msgspec.ValidationError as error:
        raise RecordingError.at(file, 1, f"the header is malformed: {error}") from error


def _parse_entry(line: bytes, file: str, number: int) -> Json:
    try:
        return _ENTRY.decode(line)
    except NOT_JSON as error:
        message = f"expected an entry of a transcript: {error}"
        raise RecordingError.at(
            file, number, message, "record it anew; recordings are not edited by hand"
        ) from error
