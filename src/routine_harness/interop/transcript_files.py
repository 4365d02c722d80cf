"""A transcript on disk → a recording and a case beside it, both or neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.agents.recording import Header
from routine_harness.errors import HarnessError
from routine_harness.interop.imported import Imported
from routine_harness.interop.revealed import suggested_case
from routine_harness.interop.session_effects import describe_outcome, effects_of
from routine_harness.interop.transcripts import import_session
from routine_harness.redaction.redactor import Redactor
from routine_harness.routine.spec import Routine
from routine_harness.store.connectors import connectors_above
from routine_harness.store.files import remove_file, shown, write_bytes
from routine_harness.store.policies import load_policy
from routine_harness.store.recordings import save_imported
from routine_harness.store.redact import make_redactor, write_redacted
from routine_harness.store.routines import load_routine
from routine_harness.world.registry import Registry

RECORDINGS: Final = "recordings"
CASES: Final = "cases"


class Kept(msgspec.Struct, frozen=True):
    """What an import wrote; ``case`` is empty where a case was there already."""

    output: str
    case: str
    routine: str
    status: str
    outcome: str
    calls: int
    effects: dict[str, int]
    notes: tuple[str, ...]


def keep_transcript(
    data: bytes,
    file: str,
    output: Path,
    *,
    case: Path | None = None,
    routine: str | None = None,
    inner: Mapping[str, bytes] | None = None,
    environment: Mapping[str, str],
) -> Kept:
    """Write the session in ``data`` as the recording ``output``, and a case for it.

    ``inner`` are the files of its subagents, by name; ``environment`` is searched for secrets to keep
    out of both.

    Raises:
        RecordingError: ``data`` is no session.
        UsageError: a place cannot be written.
    """
    registry = connectors_above(output)
    home = output.resolve().parent.parent if output.resolve().parent.name == RECORDINGS else None
    spec = _routine(home)
    imported = import_session(data, file, registry, _granted(spec, registry), inner)
    effects = effects_of(imported, registry, spec)
    name = output.name.removesuffix(".jsonl")
    beside = home / CASES / f"{name}.yaml" if home is not None else None
    left = case is None and beside is not None and beside.exists()
    place = case or (None if left else beside)
    title = spec.name if spec is not None else home.name if home is not None else ""
    header = _header(imported, routine or title, name)
    text = suggested_case(imported, registry, Path(file).name, _only_repository(spec), spec)

    def redactor() -> Redactor:
        return make_redactor(load_policy(output.parent).redact, environment)

    with _written(place, text, redactor):
        save_imported(output, header, imported.entries, redactor().value)
    return Kept(
        shown(output),
        shown(place) if place is not None else "",
        header.routine,
        imported.end.status,
        describe_outcome(imported, effects),
        len(imported.calls),
        dict(Counter(effect.kind for effect in effects)),
        (*imported.notes, *_places(output, place, beside, left=left, known=spec is not None)),
    )


@contextmanager
def _written(place: Path | None, text: str, redactor: Callable[[], Redactor]) -> Iterator[None]:
    """The case ``text`` at ``place``, if there is one; what was there before where the body fails."""
    if place is None:
        yield
        return
    before = place.read_bytes() if place.is_file() else None
    write_redacted(place, text, redactor())
    try:
        yield
    except BaseException:
        if before is not None:
            write_bytes(place, before)
        else:
            remove_file(place)
        raise


def _granted(spec: Routine | None, registry: Registry) -> set[str] | None:
    """The connectors that the routine grants; a repository brings github. None where it is not known."""
    if spec is None:
        return None
    named = {registry.name_of(one.connector) for one in spec.connectors}
    return named | ({"github"} if spec.repositories else set())


def _places(output: Path, place: Path | None, beside: Path | None, *, left: bool, known: bool) -> list[str]:
    """What a reader should know about where the files lie."""
    notes = []
    if beside is None or not known:
        notes.append(f"{shown(output)} is judged beside its routine: write it to routines/NAME/recordings")
    elif place is not None and place.resolve() != beside:
        notes.append(f"a case plays the recording of its own name: call this one {shown(beside)}")
    if left and beside is not None:
        notes.append(
            f"{shown(beside)} is left as it is; --case FILE writes the one that the session suggests"
        )
    return notes


def _only_repository(spec: Routine | None) -> str:
    """The repository in which the routine works, if there is just one."""
    return spec.repositories[0].full_name if spec is not None and len(spec.repositories) == 1 else ""


def _routine(home: Path | None) -> Routine | None:
    """The routine that the recording lies beside; None without one that can be read, whose problems are
    reported when it is checked."""
    if home is None:
        return None
    try:
        return load_routine(home)
    except HarnessError:
        return None


def _header(imported: Imported, routine: str, name: str) -> Header:
    start = imported.entries[0]
    made = datetime.fromtimestamp(start.time, UTC).isoformat(timespec="seconds") if start.time else ""
    return Header(routine, name, "imported", imported.recorder, {}, made)
