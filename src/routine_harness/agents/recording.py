"""What a recording holds: who made it, from what, and the transcripts of one case.

All the ways in which one can miss are findings; only a file that cannot be read is an error, and that
is ``store.recordings``' to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

import msgspec
from msgspec import Meta

from routine_harness.errors import RecordingError
from routine_harness.finding import Finding, Location
from routine_harness.plain import Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.form import ALWAYS
from routine_harness.session.transcript import Call, End, Entry, Usage, total_usage

Origin = Literal["live", "scripted", "imported"]
FORMAT: Final = "routine-harness-recording"
VERSION: Final = 1
ABSENT: Final = "recording.absent"
OF_THE_SCRIPT: Final = frozenset({"script", "network", "shell"})
"""The digests of the script that a case names: what another than that script did does not hang on them."""


class Recorder(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which agent was recorded."""

    name: Annotated[str, Meta(description="claude-code or scripted.")]
    version: Annotated[str, Meta(description="The version of its program.")] = ""
    model: Annotated[str, Meta(description="The model that answered.")] = ""
    isolation: Annotated[
        str, Meta(description="What kept a live run in: bubblewrap, or none with --unsafe.")
    ] = ""
    clock: Annotated[str, Meta(description="How its programs saw the world's time.")] = ""
    through: Annotated[tuple[str, ...], Meta(description="Connectors whose reads went to real servers.")] = ()
    played: Annotated[
        str,
        Meta(
            description="What stood in for the model: script or recording; absent if the real model answered."
        ),
    ] = ""
    script: Annotated[
        str, Meta(description="The script that stood in for the model, as agents/confirmed.yaml names it.")
    ] = ""
    without: Annotated[
        tuple[str, ...],
        Meta(description="Plugins that a session would have installed and that could not be fetched."),
    ] = ()
    branch: Annotated[
        str, Meta(description="Of an imported session: what was checked out when it began.")
    ] = ""
    silent: Annotated[
        tuple[str, ...],
        Meta(description="Of an imported session: connectors that were connected and offered no tool."),
    ] = ()
    folder: Annotated[str, Meta(description="Of an imported session: the folder in which it worked.")] = ""


class Attempts(msgspec.Struct, frozen=True):
    """How often the case was recorded under the same digests, and how often it passed."""

    passed: Annotated[int, Meta(description="Recordings under the same digests that passed.")] = 0
    of: Annotated[int, Meta(description="All recordings under the same digests.")] = 0

    def __str__(self) -> str:
        return f"passed {self.passed} of {self.of}"


class Header(msgspec.Struct, frozen=True, tag="header", tag_field="type"):
    """What was recorded, by whom, under what; line 1 of a recording.

    ``condensed`` is not written where no event is left out."""

    examples: ClassVar[tuple[object, ...]] = (
        {
            "type": "header",
            "format": "routine-harness-recording",
            "version": 1,
            "routine": "security-triage",
            "case": "sql-injection",
            "origin": "live",
            "agent": {
                "name": "claude-code",
                "version": "2.1.300",
                "model": "claude-opus-5-5",
                "isolation": "bubblewrap",
                "clock": "libfaketime",
            },
            "digests": {"prompt": "sha256:104a…"},
            "time": "2026-11-02T09:07:00+00:00",
            "attempts": {"passed": 3, "of": 3},
            "passed": True,
        },
        {
            "type": "header",
            "format": "routine-harness-recording",
            "version": 1,
            "routine": "security-triage",
            "case": "monday",
            "origin": "imported",
            "agent": {"name": "claude-code"},
            "time": "2026-11-02T09:07:00+00:00",
            "condensed": True,
        },
    )

    routine: Annotated[str, Meta(description="The routine's name.")]
    case: Annotated[str, Meta(description="The case's name, with its variant.")]
    origin: Annotated[
        Origin,
        Meta(description="Who was recorded: the real agent, a script, or a session that was imported."),
    ]
    agent: Annotated[Recorder, Meta(description="Which agent it was.")]
    digests: Annotated[
        dict[str, str],
        Meta(description="Of what was recorded, by name; any difference makes the recording stale."),
    ] = {}
    time: Annotated[str, Meta(description="When it was recorded, ISO 8601.")] = ""
    attempts: Annotated[Attempts, Meta(description="How often it was recorded under the same digests.")] = (
        Attempts()
    )
    passed: Annotated[bool, Meta(description="Whether this pair passed.")] = False
    condensed: Annotated[
        bool | msgspec.UnsetType, Meta(description="Whether it comes from a log that leaves events out.")
    ] = msgspec.UNSET
    format: Annotated[
        str,
        Meta(
            description="Tells that the file is a recording.",
            extra_json_schema={"const": FORMAT, ALWAYS: True},
        ),
    ] = FORMAT
    version: Annotated[
        int,
        Meta(description="The version of the format.", extra_json_schema={"const": VERSION, ALWAYS: True}),
    ] = VERSION

    @property
    def made_by(self) -> Origin:
        """``live`` only where the model itself spoke: the real CLI with a stand-in for it proves as
        much as a scripted agent."""
        return "scripted" if self.agent.played else self.origin


class Recording(msgspec.Struct, frozen=True, eq=False):
    """The transcripts of one case, by run; ``cut`` is the line at which the file breaks off (0: it
    does not). ``worlds`` holds, still encoded, the world that each run started from."""

    header: Header
    runs: dict[int, tuple[Entry, ...]] = {}
    file: str = ""
    cut: int = 0
    worlds: dict[int, msgspec.Raw] = {}

    def world(self, run: int) -> Record:
        """The world that ``run`` started from, in the shape of a world file; empty if unknown.

        Raises:
            RecordingError: it is no JSON object.
        """
        raw = self.worlds.get(run)
        try:
            return msgspec.json.decode(raw, type=Record) if raw is not None else {}
        except NOT_JSON as error:
            message = f"expected the world of run {run} as a JSON object: {error}"
            hint = "record it anew; recordings are not edited by hand"
            raise RecordingError.at(self.file, 0, message, hint) from error

    @property
    def usage(self) -> Usage:
        """What both runs cost together."""
        entries = (entry for run in self.runs.values() for entry in run)
        return total_usage(entry.usage for entry in entries if isinstance(entry, End))

    @property
    def connectors(self) -> frozenset[str]:
        """The connectors that are called in it."""
        calls = (entry for run in self.runs.values() for entry in run if isinstance(entry, Call))
        return frozenset(call.tool.partition(".")[0] for call in calls if "." in call.tool)


def changed_since(header: Header, digests: Mapping[str, str]) -> list[str]:
    """The names of what the recording with this ``header`` depends on and what has changed since;
    ``digests`` are those of the case as it stands."""
    others = frozenset[str]() if header.origin == "scripted" else OF_THE_SCRIPT
    names = {*header.digests, *digests} - others
    return [name for name in sorted(names) if header.digests.get(name) != digests.get(name)]


def check_recording(
    recording: Recording | None, digests: Mapping[str, str], *, file: str, command: str
) -> tuple[Finding, ...]:
    """Why a recording cannot be played: ``recording.absent`` or ``recording.stale``; nothing if it can.

    ``digests`` are those of the case as it stands; ``command`` is what records it anew.
    """
    if recording is None or not recording.runs.get(1):
        what = "there is no recording" if recording is None else "the recording holds no run"
        return (missed("absent", f"{what} of this case", file, command),)
    if recording.header.origin == "imported" and not recording.header.digests:
        return ()
    differing = changed_since(recording.header, digests)
    if not differing:
        return ()
    said = ", ".join(differing)
    return (
        missed("stale", f"recorded before a change of: {said}", file, command, data={"changed": differing}),
    )


def missed(
    kind: str,
    message: str,
    file: str,
    command: str,
    *,
    line: int = 0,
    detail: tuple[str, ...] = (),
    calls: tuple[int, ...] = (),
    data: Record | None = None,
) -> Finding:
    """The finding ``recording.KIND``: what misses, and the ``command`` that records anew."""
    return Finding(
        code=f"recording.{kind}",
        message=message,
        location=Location(file, line),
        hint=f"record it anew: {command}",
        detail=detail,
        calls=calls,
        data=data or {},
    )
