"""The files that belong to one case: its recording, its snapshot, its agent, what they depend on."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final

from routine_harness.agents.acted import LIVE, record_command
from routine_harness.agents.recording import Attempts, Header, Recorder, Recording
from routine_harness.agents.scripted import Script, load_script
from routine_harness.case.case import REAL, AgentSpec, Case
from routine_harness.case.digests import case_digests
from routine_harness.errors import AgentError, Problem, RecordingError, SpecError, UsageError
from routine_harness.plain import Json, Record
from routine_harness.redaction.redactor import Redactor
from routine_harness.routine.layout import CASES, RECORDINGS, SNAPSHOTS
from routine_harness.routine.spec import Routine
from routine_harness.session.run import RunPair
from routine_harness.store.attempts import save_attempt
from routine_harness.store.cassettes import parse_cassette, read_cassette, recorded
from routine_harness.store.confirmed import script_name
from routine_harness.store.connectors import declarations_above
from routine_harness.store.files import as_committed, beside, read_bytes, shown
from routine_harness.store.interactions import Interaction
from routine_harness.store.mcp_interactions import recorded_calls
from routine_harness.store.recordings import keep_attempt, load_recording
from routine_harness.store.redact import write_redacted
from routine_harness.store.seeding import recorded_layers
from routine_harness.world.recorded import RecordedInteractions
from routine_harness.world.registry import Registry
from routine_harness.world.worldfile import world_to_data

_ENCODING: Final = "utf-8"


class CaseFiles:
    """Reads and writes what lies around a case file. ``name`` is the case's, as recordings say it."""

    def __init__(self, case: Case, routine: Routine) -> None:
        self.case = case
        self.routine = routine
        self.name = case.key

    @cached_property
    def _home(self) -> Path:
        if not self.case.source.path:
            message = "the case is in no file, so that nothing can lie beside it"
            raise UsageError(Problem(self.case.source.file, 0, message))
        file = Path(self.case.source.path)
        folders = [folder.parent for folder in file.parents if folder.name == CASES]
        return folders[0] if folders else file.parent

    @property
    def recording_path(self) -> Path:
        return self._home / RECORDINGS / f"{self.name}.jsonl"

    @property
    def snapshot_path(self) -> Path:
        return self._home / SNAPSHOTS / f"{self.name}.txt"

    def command(self, recording: Recording | None) -> str:
        """The command that records this case anew, by the agent that made ``recording``; without one,
        by the agent that the case names."""
        inline = self.case.agent.name == "scripted"
        by_script = recording is None or recording.header.agent.name == "scripted"
        live = (LIVE,) if self.case.script is not None and (inline or not by_script) else ()
        placed: tuple[str, ...] = ("--context", self.case.placed) if self.case.placed else ()
        if self.case.trial is not None:
            placed, live = (f"--{self.case.trial.check}",), ()
        return record_command(shown(self.case.source.path), "--case", self.case.own_key, *placed, *live)

    def script(self, spec: AgentSpec) -> Script:
        """The scripted agent that ``spec`` names, relative to the case.

        Raises:
            AgentError: it cannot be loaded.
        """
        place, separator, function = spec.target.rpartition("::")
        target = f"{beside(self.case.source, place)}::{function}" if place.endswith(".py") else spec.target
        named = target if separator else spec.target
        return load_script(named, _read_script, shown=shown, network=spec.network == "real")

    @property
    def own_script(self) -> str:
        """The script that the case names, as ``agents/confirmed.yaml`` names it; empty without one."""
        spec = self.case.script
        return script_name(spec.target, self.routine, self.case.source) if spec is not None else ""

    @property
    def resting_script(self) -> str:
        """The script that carries the case out, by the same name; empty where nothing but what the real agent
        did, or an import, is to be played."""
        if self.case.agent.name == REAL:
            return ""
        recording = self.recording_to_play()
        if recording is not None and recording.header.made_by != "scripted":
            return ""
        return (recording.header.agent.script if recording is not None else "") or self.own_script

    def recording(self) -> Recording | None:
        """The stored recording; None where there is none.

        Raises:
            RecordingError: it cannot be read.
        """
        return load_recording(self.recording_path, shown(self.recording_path))

    def recording_to_play(self) -> Recording | None:
        """The stored recording that the case plays: any, or beside a script in ``agent:`` only what the
        real CLI did; None where there is none.

        Raises:
            RecordingError: it cannot be read.
        """
        stored = self.recording()
        if stored is None or self.case.agent.name == "recording" or stored.header.origin == "live":
            return stored
        return None

    def keep(
        self, pair: RunPair, header: Header, redactor: Callable[[], Redactor], *, overwrite: bool = False,
        again: bool = False, apart: bool = False,
    ) -> None:  # fmt: skip
        """Store an attempt (see ``store.recordings.keep_attempt``), and with ``apart`` its transcript by
        itself as well. ``redactor`` gives a fresh one for each file."""
        path, redact = self.recording_path, redactor().value
        kept = keep_attempt(path, header, pair, world_to_data, redact, overwrite=overwrite, again=again)
        if apart:
            save_attempt(path, kept.header, pair, world_to_data, redactor().value)

    def header(self, origin: Json, recorder: Recorder, *, passed: bool, time: str = "") -> Header:
        """The header of an attempt. ``time`` stays empty for a script, whose output has no age."""
        return Header(self.routine.name, self.name, origin, recorder, self.digests, time, Attempts(), passed)

    @cached_property
    def digests(self) -> dict[str, str]:
        """What a recording of this case depends on; see ``case.digests``."""
        scripted = self.case.script
        source = self._script_source(scripted.target) if scripted else None
        return case_digests(
            self.routine,
            self.case,
            cassettes=self.cassettes,
            script=source,
            connectors=declarations_above(self.case.source.path),
        )

    @cached_property
    def cassettes(self) -> dict[str, bytes]:
        """The contents of the case's cassettes by the names that it gives them; an empty file is one
        that is yet to be recorded, as it is to vcrpy."""
        found = {name: beside(self.case.source, name) for name in self.case.cassettes}
        return {
            name: as_committed(read_cassette(path, name)) for name, path in found.items() if recorded(path)
        }

    @property
    def cassette_paths(self) -> tuple[Path, ...]:
        """Where the case's cassettes lie, those included that are yet to be recorded."""
        return tuple(beside(self.case.source, name) for name in self.case.cassettes)

    def recorded_layers(self, registry: Registry, record: str = "none") -> tuple[Record, ...]:
        """What the reads in the case's cassettes reveal, as layers of a world.

        Raises:
            RecordingError: one cannot be read, or is absent or empty although nothing is to record it.
        """
        unrecorded = [name for name in self.case.cassettes if name not in self.cassettes]
        if unrecorded and record == "none":
            raise RecordingError(*map(self._unrecorded, unrecorded))
        sources = [f"{name}:{each.line}" for name, held in self._read.items() for each in held]
        return recorded_layers(self.interactions, registry, sources)

    def _unrecorded(self, name: str) -> Problem:
        """A cassette that nobody has recorded yet, where the case names it."""
        record = "--routine-record=once records what a scripted agent asks for"
        if beside(self.case.source, name).exists():
            return Problem(name, 0, "the cassette is empty", record)
        listed = self.case.cassettes.index(name)
        source, own = self.case.source, self.case.source.line("cassettes")
        line = source.line("cassettes", listed) or own
        hint = f"paths are relative to the file that holds them; {record}"
        return Problem(source.file, line, f"there is no file {name}", hint)

    def recorded_calls(self, registry: Registry) -> RecordedInteractions | None:
        """The cassettes' calls of tools without a model; None if there are none."""
        found = [each for name, held in self._read.items() for each in recorded_calls(held, registry, name)]
        return RecordedInteractions(found, registry) if found else None

    @property
    def interactions(self) -> tuple[Interaction, ...]:
        """What the case's cassettes hold, in their order.

        Raises:
            RecordingError: one cannot be read.
        """
        return tuple(each for held in self._read.values() for each in held)

    @cached_property
    def _read(self) -> dict[str, tuple[Interaction, ...]]:
        return {name: parse_cassette(data, name) for name, data in self.cassettes.items()}

    def snapshot(self) -> str | None:
        """The stored snapshot; None where there is none.

        Raises:
            SpecError: it cannot be read.
        """
        path = self.snapshot_path
        if not path.exists():
            return None
        data = as_committed(read_bytes(path))
        try:
            return data.decode(_ENCODING)
        except UnicodeDecodeError as error:
            hint, line = "write it anew: --routine-update", data.count(b"\n", 0, error.start) + 1
            message = f"expected UTF-8, found the byte 0x{data[error.start]:02x}"
            raise SpecError.at(shown(path), line, message, hint) from error

    def save_snapshot(self, text: str, redactor: Redactor) -> None:
        write_redacted(self.snapshot_path, text, redactor)

    def _script_source(self, target: str) -> str | None:
        place, _, _ = target.rpartition("::")
        if place.endswith(".py"):
            path = beside(self.case.source, place)
            return _read_script(str(path)) if path.is_file() else None
        try:
            found = importlib.util.find_spec(place)
        except (ImportError, ValueError):
            return None
        return _read_script(found.origin) if found and found.origin and Path(found.origin).is_file() else None


def _read_script(path: str) -> str:
    try:
        return as_committed(read_bytes(path)).decode(_ENCODING)
    except SpecError as error:
        raise AgentError(*error.problems) from error
    except UnicodeDecodeError as error:
        raise AgentError(Problem(shown(path), 0, f"expected UTF-8 text: {error.reason}")) from error
