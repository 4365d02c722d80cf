"""What lies in a folder, for those who judge it whole: routines with cases, recordings and policy.

Everything is read once; what is wrong with one file keeps no other from being looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from routine_harness.agents.recording import Recording, changed_since
from routine_harness.case.case import Case
from routine_harness.case.placement import variants_of
from routine_harness.errors import HarnessError, Problem
from routine_harness.lint.settings import LintSettings, with_options
from routine_harness.lint.subject import RecordingNote, Subject
from routine_harness.routine.edition import Edition, load_edition
from routine_harness.routine.layout import RECORDINGS
from routine_harness.routine.spec import Routine
from routine_harness.session.transcript import Call, Result
from routine_harness.store.cases import load_case_file
from routine_harness.store.connectors import connectors_above
from routine_harness.store.files import shown
from routine_harness.store.policies import load_policy
from routine_harness.store.recordings import load_recording
from routine_harness.store.routines import discover, load_routine
from routine_harness.verdict.policy.rules import Policy
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.registry import Registry

Digests = Callable[[Routine, Case], Mapping[str, str]]
"""The digests of a case as it stands; what a recording was made under must equal them."""


class Chosen(msgspec.Struct, frozen=True):
    """What the command line adds to the lint settings of every folder."""

    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


class Survey(msgspec.Struct, frozen=True):
    """The subjects in the order of their files, the policy of each, and what could not be read."""

    subjects: tuple[Subject, ...]
    policies: tuple[Policy, ...]
    problems: tuple[Problem, ...]

    @property
    def sources(self) -> dict[str, str]:
        """The text of every routine's files, by the name that locations use."""
        return {source.file: source.text for s in self.subjects for source in s.routine.sources}


def survey_folder(
    roots: tuple[str | os.PathLike[str], ...],
    *,
    chosen: Chosen = Chosen(),  # noqa: B008 - immutable
    today: int = 0,
    digests: Digests | None = None,
) -> Survey:
    """Everything under ``roots``; problems are collected instead of raised.

    Raises:
        UsageError: one of the roots does not exist.
    """
    surveyor = _Surveyor(chosen, today, digests)
    seen: set[Path] = set()
    for root in roots:
        found = discover(root)
        for path in found.routines:
            if path not in seen:
                seen.add(path)
                surveyor.look_at(path, found.cases_of(path))
    return Survey(tuple(surveyor.subjects), tuple(surveyor.policies), tuple(dict.fromkeys(surveyor.problems)))


class _Surveyor:
    """Gathers subjects; policies, editions and settings are shared by the routines of a folder."""

    def __init__(self, chosen: Chosen, today: int, digests: Digests | None) -> None:
        self.subjects: list[Subject] = []
        self.policies: list[Policy] = []
        self.problems: list[Problem] = []
        self._chosen, self._today, self._digests = chosen, today, digests
        self._judged: dict[int, tuple[Edition, LintSettings]] = {}

    def look_at(self, path: Path, cases: tuple[Path, ...]) -> None:
        try:
            policy = load_policy(path)
            edition, settings = self._rules_of(policy)
            routine = policy.reaching(load_routine(path))
        except HarnessError as error:
            self.problems += error.problems
            return
        found = tuple(case for file in cases for case in self._cases(file, routine))
        self.policies.append(policy)
        self.subjects.append(
            Subject(
                routine=routine,
                edition=edition,
                settings=settings,
                cases=found,
                recordings=tuple(self._notes(path, routine, found)),
                tested=True,
                today=self._today,
                plan=policy.plan,
                policy=policy,
                registry=connectors_above(path),
            )
        )

    def _rules_of(self, policy: Policy) -> tuple[Edition, LintSettings]:
        if id(policy) not in self._judged:
            edition = load_edition(policy.platform, policy.platform_overrides)
            chosen = self._chosen
            settings = with_options(
                LintSettings(**policy.lint), chosen.select, chosen.extend_select, chosen.ignore
            )
            self._judged[id(policy)] = edition, settings
        return self._judged[id(policy)]

    def _cases(self, file: Path, routine: Routine) -> Iterator[Case]:
        try:
            loaded = load_case_file(file)
        except HarnessError as error:
            self.problems += error.problems
            return
        yield from (case for case in loaded.cases if case.routine == routine.name)

    def _notes(self, path: Path, routine: Routine, cases: tuple[Case, ...]) -> Iterator[RecordingNote]:
        folder = path.parent / RECORDINGS
        for file in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
            try:
                recording = load_recording(file, shown(file))
            except HarnessError as error:
                self.problems += error.problems
                continue
            if recording is not None and recording.header.routine == routine.name:
                yield self._note(recording, routine, cases)

    def _note(self, recording: Recording, routine: Routine, cases: tuple[Case, ...]) -> RecordingNote:
        header = recording.header
        named = (variant for case in cases for variant in variants_of(case))
        case = next((case for case in named if case.key == header.case), None)
        stale: tuple[str, ...] = ()
        if case is not None and self._digests is not None:
            stale = tuple(changed_since(header, self._digests(routine, case)))
        return RecordingNote(
            file=recording.file,
            case=header.case,
            origin=header.made_by,
            recorded=_instant(header.time),
            stale=stale,
            writes=_writes(recording, connectors_above(routine.source.path)),
            passed=header.attempts.passed,
            attempts=header.attempts.of,
            usage=recording.usage,
            isolation=header.agent.isolation,
        )


def _writes(recording: Recording, registry: Registry) -> dict[str, tuple[str, ...]]:
    """The tools of connectors that changed something in the recording, with the kinds of change."""
    entries = [entry for run in recording.runs.values() for entry in run]
    refused = {(entry.run, entry.id) for entry in entries if isinstance(entry, Result) and entry.is_error}
    kinds: dict[str, dict[str, None]] = {}
    for entry in entries:
        if isinstance(entry, Call) and "." in entry.tool and (entry.run, entry.id) not in refused:
            call = registry.tool_call(entry.tool, entry.arguments)
            for effect in attempted_effects(call, registry):
                kinds.setdefault(call.name, {})[effect.kind] = None
    return {tool: tuple(found) for tool, found in kinds.items()}


def _instant(time: str) -> int:
    """Seconds since the epoch of an ISO 8601 time; 0 where there is none."""
    try:
        return int(datetime.fromisoformat(time).timestamp()) if time else 0
    except ValueError:
        return 0
