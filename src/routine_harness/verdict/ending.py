"""How a run ended, and what its silence is worth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routine_harness.finding import Finding, Location
from routine_harness.session.run import Run
from routine_harness.verdict.call_forms import CallReader
from routine_harness.verdict.looking import failed_reads, outward_effects, why_not_looked
from routine_harness.verdict.words import counted

_STATUS_HINTS: Final = {
    "failed": "the transcript up to there is kept: routine-harness show",
    "over_budget": "budget: in the case sets turns, calls, tokens and seconds",
    "interrupted": "run it again",
}


def check_status(run: Run, expected: str = "") -> Iterator[Finding]:
    """A finding where the session did not end well, unless another has said why or ``expected`` says so."""
    if run.status in ("finished", expected) or any(_says_why(finding, run) for finding in run.findings):
        return
    reason = f": {run.reason}" if run.reason else ""
    last = (run.calls[-1].number,) if run.calls else ()
    yield Finding(
        code=f"run.{run.status.replace('_', '-')}",
        message=f"run {run.number} ended {_words(run.status)}{reason}",
        hint=_STATUS_HINTS[run.status],
        run=run.number,
        calls=last,
    )


def check_expected_status(run: Run, expected: str, place: Location) -> Iterator[Finding]:
    """``expect.status``: the run ended otherwise than the case says."""
    if run.status != expected:
        reason = f": {run.reason}" if run.reason else ""
        yield Finding(
            code="expect.status",
            message=f"expected run 1 to end {_words(expected)}, it ended {_words(run.status)}{reason}",
            location=place,
            run=run.number,
        )


def why_undecided(run: Run, expected: str) -> str:
    """Why a run that ended as the case says proves little all the same; empty where it ended well."""
    if expected in ("", "finished") or run.status != expected:
        return ""
    reason = f" ({run.reason})" if run.reason else ""
    return f"run 1 ended {_words(run.status)}{reason}: what it would have done after that is not known"


def _words(status: str) -> str:
    return status.replace("_", " ")


def _says_why(finding: Finding, run: Run) -> bool:
    return finding.fails and (finding.code.startswith("agent.") or finding.message == run.reason)


def check_action(run: Run, read: CallReader) -> Iterator[Finding]:
    """``run.did-nothing``: the run ended well without any effect, although nobody asked for that."""
    if run.status != "finished":
        return
    effects = outward_effects(run)
    if any(effect.outcome != "refused" for effect in effects):
        return
    what = f"{counted(len(effects), 'effect')}, all refused" if effects else "without any effect"
    hint = "a case that wants silence says nothing: true"
    numbers = tuple(dict.fromkeys(effect.call for effect in effects))
    yield Finding(
        code="run.did-nothing",
        message=f"did nothing: run 1 ended well, {what}",
        hint=hint,
        calls=numbers,
    )
    reason = "" if effects else why_not_looked(run, read)
    if reason:
        yield _did_not_look(run, read, reason, None)


def check_nothing(run: Run, read: CallReader, place: Location) -> Iterator[Finding]:
    """``nothing: true``: no effect, and it looked."""
    acted = acts_of(run, place)
    yield from acted
    reason = "" if acted else why_not_looked(run, read)
    if reason:
        yield _did_not_look(run, read, reason, place)


def acts_of(run: Run, place: Location) -> tuple[Finding, ...]:
    """``expect.nothing``: effects where none were expected."""
    wrong = [effect for effect in outward_effects(run) if effect.outcome != "unchanged"]
    if not wrong:
        return ()
    shown = (f"call {effect.call}: {effect.kind} {effect.target} ({effect.outcome})" for effect in wrong[:5])
    return (
        Finding(
            code="expect.nothing",
            message=f"found {counted(len(wrong), 'effect')}, expected none",
            location=place,
            detail=tuple(shown),
            run=run.number,
            calls=tuple(dict.fromkeys(effect.call for effect in wrong)),
        ),
    )


def _did_not_look(run: Run, read: CallReader, reason: str, place: Location | None) -> Finding:
    failed = tuple(record.number for record in failed_reads(run, read))
    return Finding(
        code="run.did-not-look",
        message=f"run {run.number} did nothing, and cannot be said to have looked: {reason}",
        location=place,
        hint="silence counts only if a read succeeded and none failed; say so when it could not look",
        run=run.number,
        calls=failed,
    )
