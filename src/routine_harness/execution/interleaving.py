"""Two sessions at once on one world, in every order that can make a difference, until one ends badly.

Each session plays its cassettes from their beginning, as if it were alone: what they hold no other session
changes. HTTP clients of a script are answered from cassettes for one session at a time, so that such a case
stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from routine_harness.adversity.orders import Order, always, interleavings, number_of
from routine_harness.adversity.overlap import Alone, Steps, as_alone, meeting, steps_of, sure_of
from routine_harness.adversity.together import applied_kinds
from routine_harness.agents.overlapping import Side, run_overlapping
from routine_harness.agents.scripted import Script
from routine_harness.case.plan import Setting, plan_pair
from routine_harness.execution.companions import Companion
from routine_harness.finding import Finding
from routine_harness.session.pair import PairPlan, open_session
from routine_harness.session.run import Run, RunPair
from routine_harness.session.session import Session
from routine_harness.world.state import World

Check = Callable[[Alone, RunPair, Sequence[int]], tuple[Finding, ...]]
_NETWORK: Final = "agent.network-refused"
_CASSETTES: Final = "its HTTP clients are answered from cassettes, which play for one session at a time"


class Ended(NamedTuple):
    """What the orders have shown: the findings of the first bad one with its pair, or why nobody knows."""

    findings: tuple[Finding, ...] = ()
    pair: RunPair | None = None
    skipped: str = ""


class Opening(NamedTuple):
    """What one of the sessions starts from: session ``number`` of ``plan`` in ``world``."""

    plan: PairPlan
    world: World
    number: int
    script: Script

    def session(self) -> Session:
        return open_session(self.plan, self.plan.first, self.world, self.number)


class Interleaving:
    """The orders of two sessions: ``check`` judges the pair that one of them gives, with what the sessions do
    alone and by whom each call was made."""

    def __init__(self, openings: tuple[Opening, Opening], check: Check) -> None:
        self._openings = openings
        self._check = check

    def beside_itself(self, alone: Run) -> Ended:
        """Both sessions are of one firing; ``alone`` is what it does by itself."""
        steps = steps_of(alone)
        return self._search((steps, steps), Alone((alone,), applied_kinds((alone,))))

    def beside_another(self) -> Ended:
        """The sessions are of different firings: what comes about whichever is first has to come about."""
        alone = [opening.script.run(opening.session()) for opening in self._openings]
        if any(finding.code == _NETWORK for run in alone for finding in run.findings):
            return Ended(skipped=_CASSETTES)
        for run in alone:
            if run.status != "finished":
                why = f"{run.status.replace('_', ' ')}: {run.reason}".rstrip(": ")
                return Ended(skipped=f"session {run.number} does not end well in the world of both ({why})")
        steps = (steps_of(alone[0]), steps_of(alone[1]))
        first, second = (len(each.numbers) for each in steps)
        serial = ((0,) * first + (1,) * second, (1,) * second + (0,) * first)
        wanted = sure_of([self._run(order, steps)[0] for order in serial])
        return self._search(steps, Alone(tuple(alone), wanted))

    def _search(self, steps: tuple[Steps, Steps], alone: Alone) -> Ended:
        """The first order that ends badly. Where a session reaches something else beside the other than it
        does alone, its steps may not commute as was thought: every order is tried."""
        sizes = (len(steps[0].numbers), len(steps[1].numbers))
        meets = meeting(*steps)
        whole = number_of(*sizes) == number_of(*sizes, meets)
        for order in interleavings(*sizes, meets=meets):
            pair, made = self._run(order, steps)
            if any(finding.code == _NETWORK for run in pair.runs for finding in run.findings):
                return Ended(skipped=_CASSETTES)
            if found := self._bad(alone, pair, made):
                return Ended(found, pair)
            if not whole and not as_alone(pair, steps):
                break
        else:
            return Ended()
        for order in interleavings(*sizes, meets=always):
            pair, made = self._run(order, steps)
            if found := self._bad(alone, pair, made):
                return Ended(found, pair)
        return Ended()

    def _bad(self, alone: Alone, pair: RunPair, made: Sequence[int]) -> tuple[Finding, ...]:
        found = self._check(alone, pair, made)
        return found if any(finding.fails for finding in found) else ()

    def _run(self, order: Order, steps: tuple[Steps, Steps]) -> tuple[RunPair, tuple[int, ...]]:
        one, other = (
            Side(opening.script, opening.session(), frozenset(own.numbers))
            for opening, own in zip(self._openings, steps, strict=True)
        )
        return run_overlapping((one, other), order)


def openings_of(setting: Setting, script: Script, companion: Companion | None) -> tuple[Opening, Opening]:
    """What both sessions start from: two of ``setting``, or one and that of its companion, whose worlds are
    laid over each other, at the later of their firings."""
    if companion is None or companion.script is None:
        plan = plan_pair(setting)
        return Opening(plan, plan.world, 1, script), Opening(plan, plan.world, 2, script)
    at = max(setting.firing.at, companion.setting.firing.at)
    own = plan_pair(_moved(setting, at))
    other = plan_pair(msgspec.structs.replace(_moved(companion.setting, at), base=own.world))
    world = other.world.under(own.world.rules)
    return Opening(own, world, 1, script), Opening(other, other.world, 2, companion.script)


def _moved(setting: Setting, at: int) -> Setting:
    event = msgspec.structs.replace(setting.firing.event, at=at)
    return msgspec.structs.replace(setting, firing=msgspec.structs.replace(setting.firing, event=event))
