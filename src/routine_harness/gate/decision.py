"""The gate's answer as values: open or closed, for each routine and each trigger, with reasons."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from routine_harness.agents.acted import by_script_only, count_by
from routine_harness.finding import Finding
from routine_harness.gate.outcome import CaseOutcome
from routine_harness.session.transcript import Usage

Standing = Literal["open", "closed", "off"]
"""``off``: the trigger or the routine is not enabled, so there is nothing to decide."""


OPEN_BY_SCRIPT: Final = "open, by script only"
NOTED: Final = ("policy.", "command.")
"""Areas of which a warning is listed at the gate, open as it may be."""


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why a trigger is closed: a finding and what to do next, a command where there is one."""

    finding: Finding
    next: str = ""

    @property
    def code(self) -> str:
        return self.finding.code


class Excused(msgspec.Struct, frozen=True):
    """A reason that an exception of the policy takes away until it expires."""

    reason: Reason
    owner: str
    expires: str
    why: str


class TriggerDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One trigger; ``label`` says which in words, ``cases`` are the cases that speak for it, and ``by``
    counts who carried them out, by word."""

    index: int
    kind: str
    label: str
    standing: Standing
    line: int = 0
    reasons: tuple[Reason, ...] = ()
    cases: tuple[str, ...] = ()
    by: dict[str, int] = {}

    @property
    def by_script_only(self) -> bool:
        """Whether every case that speaks for it rests on a script, which says nothing about the prompt."""
        return by_script_only(self.by)

    @property
    def answer(self) -> str:
        """The standing in words: ``open, by script only`` where that is so."""
        return OPEN_BY_SCRIPT if self.standing == "open" and self.by_script_only else self.standing


class RoutineDecision(msgspec.Struct, frozen=True, kw_only=True):
    """One routine: its triggers, what else was found, and what renewing its recordings would cost."""

    name: str
    file: str
    enabled: bool
    triggers: tuple[TriggerDecision, ...]
    cases: tuple[CaseOutcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    excused: tuple[Excused, ...] = ()
    renewal: Usage = Usage()
    renew: tuple[str, ...] = ()

    @property
    def by(self) -> dict[str, int]:
        """Who carried out its cases, by word."""
        return count_by(case.by for case in self.cases)

    @property
    def open_by_script(self) -> tuple[TriggerDecision, ...]:
        """The triggers that are open although scripts alone speak for them."""
        return tuple(trigger for trigger in self.triggers if trigger.answer == OPEN_BY_SCRIPT)

    @property
    def noted(self) -> tuple[tuple[str, Finding], ...]:
        """What cases did that the policy notes, and the programs that nobody can read, by case."""
        return tuple(
            (case.id, finding)
            for case in self.cases
            for finding in case.findings
            if not finding.fails and finding.code.startswith(NOTED)
        )

    @property
    def standing(self) -> Standing:
        """Closed if any enabled trigger is; off if none is enabled."""
        standings = {trigger.standing for trigger in self.triggers}
        return "closed" if "closed" in standings else "open" if "open" in standings else "off"

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every reason of every trigger, each once."""
        seen: dict[tuple[str, str, str], Reason] = {}
        for trigger in self.triggers:
            for reason in trigger.reasons:
                place = reason.finding.location
                seen.setdefault((reason.code, reason.finding.message, str(place)), reason)
        return tuple(seen.values())


class GateDecision(msgspec.Struct, frozen=True):
    """The answer for everything that was looked at; ``unread`` counts what is wrong with inputs.

    What cannot be read may be a routine of which nothing is known, so the gate is closed.
    """

    routines: tuple[RoutineDecision, ...]
    unread: int = 0

    @property
    def open(self) -> bool:
        """Whether everything could be read and every enabled trigger is open."""
        return not self.unread and all(routine.standing != "closed" for routine in self.routines)

    @property
    def by(self) -> dict[str, dict[str, int]]:
        """Who carried out the cases of each routine, by the routine's file."""
        return {routine.file: routine.by for routine in self.routines}

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Reasons first, then whatever else was found; each once."""
        every = [r.finding for routine in self.routines for r in routine.reasons]
        every += [finding for routine in self.routines for finding in routine.findings]
        seen: dict[tuple[str, str, str], Finding] = {}
        for finding in every:
            seen.setdefault((finding.code, finding.message, str(finding.location)), finding)
        return tuple(seen.values())
