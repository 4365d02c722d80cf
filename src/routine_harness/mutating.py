"""Would a case notice? Each mutant of its agent carried out and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from routine_harness.adversity.mutants import Mutant, mutants_of, same_outcome
from routine_harness.agents.mutated import Twist, mutate_recording, mutate_script
from routine_harness.case.case import Case
from routine_harness.case.result import CaseResult
from routine_harness.harness import Harness
from routine_harness.routine.spec import Routine
from routine_harness.session.pair import Execute
from routine_harness.session.session import Session
from routine_harness.store.casefiles import CaseFiles
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolResult

Fate = Literal["killed", "survived", "equivalent", "invalid"]
"""``equivalent``: both runs do and say the same as without it; ``invalid``: the service refuses it."""


class Mutated(msgspec.Struct, frozen=True):
    """What became of one mutant; ``by`` are the checks that failed, ``why`` says what made it no test."""

    mutant: Mutant
    fate: Fate
    by: tuple[str, ...] = ()
    why: str = ""


class CaseMutation(msgspec.Struct, frozen=True, eq=False):
    """The mutants of one case; ``skipped`` says why it has none."""

    case: Case
    mutated: tuple[Mutated, ...] = ()
    skipped: str = ""

    def count(self, fate: Fate) -> int:
        return sum(each.fate == fate for each in self.mutated)

    @property
    def tried(self) -> int:
        """How many mutants somebody could notice."""
        return self.count("killed") + self.count("survived")


def mutate_case(case: Case, routine: Routine, harness: Harness) -> CaseMutation:
    """Carry out every mutant of the agent of ``case``.

    Raises:
        HarnessError: an input of the case is bad.
    """
    case = msgspec.structs.replace(case, checks={}, contexts=())
    own = harness.check_case(case, routine)
    if own.pair is None or not own.passed:
        return CaseMutation(case, skipped="it does not pass" if not own.passed else "nothing runs in it")
    agent = _agent_of(own)
    if agent is None:
        return CaseMutation(case, skipped="only a script, or what the real agent did, has mutants")
    found = [_carry_out(mutant, own, agent, harness, case, routine) for mutant in mutants_of(own.pair)]
    return CaseMutation(case, tuple(found))


def _agent_of(own: CaseResult) -> Callable[[Twist], Execute] | None:
    """What carries the case out with a twist."""
    files = CaseFiles(own.case, own.routine)
    if own.by is not None and own.by.kind == "script" and own.case.script is not None:
        script = files.script(own.case.script)
        return lambda twist: mutate_script(script, twist)
    recording = files.recording_to_play()
    if own.by is not None and own.by.kind == "agent" and recording is not None:
        return lambda twist: mutate_recording(recording, twist)
    return None


def _carry_out(
    mutant: Mutant, own: CaseResult, agent: Callable[[Twist], Execute], harness: Harness, case: Case,
    routine: Routine,
) -> Mutated:  # fmt: skip
    twist = _Twist(mutant)
    result = harness.check_case(case, routine, agent(twist))
    assert own.pair is not None  # noqa: S101 - it has passed
    if twist.refused:
        return Mutated(mutant, "invalid", why=twist.refused)
    if not result.passed:
        failed = tuple(check.name for check in result.verdict.checks if check.outcome == "failed")
        return Mutated(mutant, "killed", failed)
    if result.pair is not None and same_outcome(own.pair, result.pair):
        return Mutated(mutant, "equivalent", why="both runs bring about and say the same")
    return Mutated(mutant, "survived")


class _Twist:
    """Does what a mutant does; ``refused`` are the words of a service that would not."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._registry = Registry()
        self.refused = ""

    def __call__(
        self, session: Session, tool: str, nth: int, arguments: Mapping[str, Any]
    ) -> ToolResult | None:
        mutant = self._mutant
        if nth != mutant.nth or self._registry.parse(tool) != self._registry.parse(mutant.tool):
            return None
        if mutant.deed == "pretend":
            return mutant.result
        if mutant.deed == "before":
            self._note(session.handle(mutant.other_tool, mutant.arguments))
            return None
        if mutant.deed == "twice":
            session.handle(tool, arguments)
            return None
        self._put_row(session)
        changed = {name: value for name, value in mutant.arguments.items() if name in arguments}
        result = session.handle(tool, {**arguments, **changed})
        self._note(result)
        return result

    def _note(self, result: ToolResult) -> None:
        if result.is_error and not self.refused:
            self.refused = result.text

    def _put_row(self, session: Session) -> None:
        row = self._mutant.row
        connector = self._registry.get(row.connector) if row is not None else None
        if row is not None and connector is not None:
            session.world = connector.seed_record(session.world, row.table, row.record)
