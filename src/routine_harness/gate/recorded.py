"""What the gate demands of recordings, and what renewing them would cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from routine_harness.agents.acted import LIVE, live_command, record_command
from routine_harness.finding import Finding, Location
from routine_harness.gate.decision import Reason
from routine_harness.gate.luck import fewest_attempts, is_settled, wilson_interval
from routine_harness.gate.outcome import CaseOutcome
from routine_harness.lint.subject import RecordingNote
from routine_harness.routine.spec import Routine
from routine_harness.session.transcript import Usage, total_usage
from routine_harness.verdict.policy.rules import GateRules

_DAY = 86_400


def recording_reasons(
    notes: Sequence[RecordingNote], rules: GateRules, routine: Routine, today: int
) -> Iterator[Reason]:
    """Too old, not live, or passed too seldom; what is stale is the case's own reason.

    A script's recordings have no age: they are made anew from files whose digests they carry.
    """
    live = [note for note in notes if note.origin == "live"]
    for note in notes:
        if rules.freshness is not None and note.origin != "scripted":
            yield from _too_old(note, rules.freshness, routine, today)
    if len(live) < rules.live_recordings:
        found = "none" if not live else str(len(live))
        message = f"expected at least {rules.live_recordings} recording of the real agent, found {found}"
        place = Location(routine.source.file, routine.source.line("name"))
        yield _reason("gate.no-live-recording", message, place, live_command(routine.source.file))
    for note in live:
        if rules.of:
            yield from _unlucky(note, rules, routine)
        if rules.pass_rate:
            yield from _unproved(note, rules, routine)


def renewal_of(
    notes: Sequence[RecordingNote], cases: Sequence[CaseOutcome], routine: Routine
) -> tuple[tuple[str, ...], Usage]:
    """The cases to record anew and what their recordings cost the last time."""
    due = [case.id for case in cases if case.state in ("stale", "not recorded")]
    return tuple(due), total_usage(note.usage for note in notes if note.case in due)


def _too_old(note: RecordingNote, freshness: int, routine: Routine, today: int) -> Iterator[Reason]:
    place = Location(note.file, 1)
    step = _step(routine, note)
    if not note.recorded:
        message = f"the recording of {note.case} does not say when it was made"
        yield _reason("gate.recording-old", message, place, step)
    elif today - note.recorded > freshness:
        age, most = (today - note.recorded) // _DAY, freshness // _DAY
        message = f"the recording of {note.case} is {age} days old; {most} are allowed"
        yield _reason("gate.recording-old", message, place, step)


def _unlucky(note: RecordingNote, rules: GateRules, routine: Routine) -> Iterator[Reason]:
    """Too few attempts, or too few of them that passed: the header counts all of them."""
    enough = note.attempts >= rules.of
    if enough and note.passed * rules.of >= rules.passed * note.attempts:
        return
    told = f"{note.passed} of {note.attempts} attempts"
    message = f"{note.case} passed {told}; {rules.passed} of {rules.of} are demanded"
    step = _step(routine, note, "--repeat", str(rules.of))
    yield _reason("gate.attempts", message, Location(note.file, 1), step)


def _unproved(note: RecordingNote, rules: GateRules, routine: Routine) -> Iterator[Reason]:
    """The attempts do not prove the pass rate that is demanded, or disprove it."""
    settled = is_settled(note.passed, note.attempts, rules.pass_rate, rules.confidence)
    if settled:
        return
    interval = wilson_interval(note.passed, note.attempts, rules.confidence)
    told = f"{note.case} passed {note.passed} of {note.attempts}"
    proved = f"a pass rate of {interval} ({rules.confidence:.0%} sure)"
    message = f"{told}: {proved}; {rules.pass_rate:.0%} is demanded"
    fewest = fewest_attempts(rules.pass_rate, rules.confidence)
    step = _step(routine, note, "--repeat", str(max(fewest, note.attempts)), "--until-settled")
    yield _reason("gate.pass-rate", message, Location(note.file, 1), step)


def _step(routine: Routine, note: RecordingNote, *options: str) -> str:
    """The command that records the case of ``note`` anew, by the real agent where it has recorded before."""
    live = (LIVE,) if note.origin == "live" else ()
    folder = str(PurePath(routine.source.file).parent)
    return record_command(folder, "--case", note.case, *live, *options)


def _reason(code: str, message: str, place: Location, step: str) -> Reason:
    return Reason(finding=Finding(code=code, message=message, location=place), next=step)
