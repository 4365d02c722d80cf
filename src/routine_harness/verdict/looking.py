"""Did a run look, and did it do anything? The two questions that silence hangs on."""

from __future__ import annotations

from typing import Final

from routine_harness.session.run import CallRecord, Run
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import UNREAD

_LOCAL_NOUNS: Final = ("commit", "file")


def is_outward(effect: Effect) -> bool:
    """Whether an effect reaches the outside.

    What a command does to the scratch clone alone does not. Of a program that cannot be read, and of
    an act that cannot be told, nothing is known: the policy judges them.
    """
    if effect.kind in UNREAD:
        return False
    return bool(effect.connector) or effect.noun not in _LOCAL_NOUNS


def outward_effects(run: Run) -> tuple[Effect, ...]:
    """The outward effects of a run, in order, whatever became of them."""
    return tuple(effect for effect in run.effects if is_outward(effect))


def failed_reads(run: Run) -> tuple[CallRecord, ...]:
    """The reads that failed, were refused or were answered incompletely."""
    return tuple(
        record for record in run.calls if record.reads and (record.result.is_error or not record.complete)
    )


def why_not_looked(run: Run) -> str:
    """Why the run cannot be said to have looked; empty if it has: at least one read succeeded and
    none failed, was refused or was answered incompletely."""
    reads = [record for record in run.calls if record.reads]
    if not reads:
        return "it read nothing"
    failed = failed_reads(run)
    if not failed:
        return ""
    first = failed[0]
    what = "was answered incompletely" if first.complete is False else "failed"
    more = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
    return f"call {first.number}, {first.call.name}, {what}{more}"
