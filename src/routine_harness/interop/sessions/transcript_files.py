"""A transcript on disk → a recording, a case and, where there is none, a routine: all of them or none."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from routine_harness.agents.recording import Header
from routine_harness.case.result import CaseResult
from routine_harness.errors import HarnessError
from routine_harness.interop.routine_draft import Draft
from routine_harness.interop.sessions.imported import Imported
from routine_harness.interop.sessions.revealed import revealed_rows, suggested_case
from routine_harness.interop.sessions.session_effects import describe_outcome, effects_of, played_calls
from routine_harness.interop.sessions.session_policy import policy_after
from routine_harness.interop.sessions.session_repository import origin_of
from routine_harness.interop.sessions.session_routine import draft_of_session, session_routine
from routine_harness.interop.sessions.transcript_places import Places
from routine_harness.interop.sessions.transcripts import import_session
from routine_harness.redaction.redactor import Redactor
from routine_harness.routine.spec import Routine
from routine_harness.store.connectors import connectors_above
from routine_harness.store.files import shown, write_text
from routine_harness.store.policies import load_policy
from routine_harness.store.recordings import save_imported
from routine_harness.store.redact import make_redactor, write_redacted
from routine_harness.store.restoring import restoring
from routine_harness.store.routines import load_routine
from routine_harness.verdict.looking import is_outward
from routine_harness.verdict.policy.rules import Redaction
from routine_harness.world.registry import Registry

Judge = Callable[[Path], CaseResult]
"""Checks the case in a file."""


class Kept(msgspec.Struct, frozen=True):
    """What an import wrote; ``case`` is empty where a case was there already, ``routine_file`` where the
    routine was. ``lost`` and ``questions`` are of that routine, ``allowed`` what it did and the default
    policy leaves to whoever names it. ``undecided`` is why the case decides less than it seems to."""

    output: str
    case: str
    routine: str
    status: str
    outcome: str
    calls: int
    effects: dict[str, int]
    notes: tuple[str, ...]
    routine_file: str = ""
    lost: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    policy_file: str = ""
    allowed: tuple[str, ...] = ()
    undecided: str = ""


def keep_transcript(
    data: bytes,
    file: str,
    output: Path,
    *,
    case: Path | None = None,
    routine: str | None = None,
    inner: Mapping[str, bytes] | None = None,
    environment: Mapping[str, str],
    judge: Judge | None = None,
) -> Kept:
    """Write the session in ``data`` as the recording ``output``, and a case for it; where ``output`` is a
    folder, into the routine in it, which is written where there is none.

    ``inner`` are the files of its subagents, by name; ``environment`` is searched for secrets to keep
    out of everything. ``judge`` plays the case, so that its expectations say what is seen there.

    Raises:
        RecordingError: ``data`` is no session.
        UsageError: a place cannot be written.
    """
    return _Keeping(data, file, Places.of(output, file, case), routine, inner, environment, judge).kept()


class _Keeping:
    """One import on its way to the disk."""

    def __init__(
        self,
        data: bytes,
        file: str,
        places: Places,
        routine: str | None,
        inner: Mapping[str, bytes] | None,
        environment: Mapping[str, str],
        judge: Judge | None,
    ) -> None:
        self._source = Path(file).name
        self._places = places
        self._environment = environment
        self._judge = judge
        self._draft: Draft | None = None
        self._spec: Routine | None = None
        self._routine_text = ""
        self._registry = registry = connectors_above(places.recording)
        if places.is_new:
            self._imported = _located(import_session(data, file, registry, None, inner))
            self._write_routine(data, file, inner)
        else:
            self._spec = _routine(places.home)
            self._imported = import_session(data, file, registry, _granted(self._spec, registry), inner)
        home = places.home
        title = self._spec.name if self._spec is not None else home.name if home is not None else ""
        self._header = _header(self._imported, routine or title, places.name)

    def _write_routine(self, data: bytes, file: str, inner: Mapping[str, bytes] | None) -> None:
        """Draft the routine. A server that was down is none of its connectors, and failed nobody who
        got something done without it; who did nothing may have missed it."""
        calls = played_calls(self._imported, self._registry)
        rows = revealed_rows(self._imported, self._registry)
        home = self._places.home or Path()
        self._draft = draft_of_session(self._imported, self._registry, home.resolve().name, calls, rows)
        self._routine_text, self._spec = session_routine(self._draft, self._source)
        if any(is_outward(effect) and effect.outcome == "applied" for one in calls for effect in one.effects):
            granted = _granted(self._spec, self._registry)
            self._imported = _located(import_session(data, file, self._registry, granted, inner))

    def kept(self) -> Kept:
        places, imported = self._places, self._imported
        effects = effects_of(imported, self._registry, self._spec)
        texts = {places.routine: self._routine_text} if places.routine is not None else {}
        if places.case is not None:
            texts[places.case] = self._case_text()
        policy_file: Path | None = None
        allowed: tuple[str, ...] = ()
        undecided = ""
        with restoring([*texts, *([places.policy] if places.is_new else [])]):
            for path, text in texts.items():
                write_redacted(path, text, self._redactor())
            save_imported(places.recording, self._header, imported.entries, self._redactor().value)
            result = self._judged()
            if result is not None and places.case is not None and result.pair is not None:
                write_redacted(places.case, self._case_text(result), self._redactor())
                undecided = result.check("run").skipped
            if result is not None and places.is_new:
                text, allowed = policy_after(result, places.policy, self._source)
                if text:
                    write_text(places.policy, text)
                    policy_file = places.policy
        lost, questions = _told(self._draft)
        return Kept(
            shown(places.recording),
            shown(places.case) if places.case is not None else "",
            self._header.routine,
            imported.end.status,
            describe_outcome(imported, effects),
            len(imported.calls),
            dict(Counter(effect.kind for effect in effects)),
            (*imported.notes, *places.notes(known=self._spec is not None)),
            shown(places.routine) if places.routine is not None else "",
            lost,
            questions,
            shown(policy_file) if policy_file is not None else "",
            allowed,
            undecided,
        )

    def _case_text(self, result: CaseResult | None = None) -> str:
        played = result.pair.first.calls if result is not None and result.pair is not None else ()
        repository = _only_repository(self._spec)
        return suggested_case(
            self._imported, self._registry, self._source, repository, self._spec, replayed=played
        )

    def _judged(self) -> CaseResult | None:
        """The case as it was written; None where it cannot be judged, which whoever checks it is told."""
        place = self._places.case
        if self._judge is None or place is None:
            return None
        try:
            return self._judge(place)
        except HarnessError:
            if self._places.is_new:
                raise
            return None

    @functools.cached_property
    def _redaction(self) -> Redaction:
        return load_policy(self._places.recording.parent).redact

    def _redactor(self) -> Redactor:
        """A fresh one for each file."""
        return make_redactor(self._redaction, self._environment)


def _located(imported: Imported) -> Imported:
    """The session; where it names no repository, with that of its working folder on this machine."""
    if imported.repository or not Path(imported.folder).is_absolute():
        return imported
    return msgspec.structs.replace(imported, repository=origin_of(Path(imported.folder)))


def _told(draft: Draft | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a drafted routine lacks, and what only the user can say."""
    if draft is None:
        return (), ()
    return tuple(map(str, draft.lost)), tuple(f"{one.option}: {one.text}" for one in draft.questions)


def _granted(spec: Routine | None, registry: Registry) -> set[str] | None:
    """The connectors that the routine grants; a repository brings github. None where it is not known."""
    if spec is None:
        return None
    named = {registry.name_of(one.connector) for one in spec.connectors}
    return named | ({"github"} if spec.repositories else set())


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
    return Header(
        routine, name, "imported", imported.recorder, {}, made, condensed=imported.condensed or msgspec.UNSET
    )
