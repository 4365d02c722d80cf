"""Would a case notice? Each mutant of its agent carried out and judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec

from routine_harness.adversity.mutants import Mutant, mutants_of, same_outcome
from routine_harness.adversity.world_mutants import line_between, same_deeds, silence_of, world_mutants_of
from routine_harness.agents.mutated import mutate_recording, mutate_script
from routine_harness.case.case import Case
from routine_harness.case.result import CaseResult
from routine_harness.harness import Harness
from routine_harness.plain import Json
from routine_harness.routine.spec import Routine
from routine_harness.session.pair import Execute
from routine_harness.session.session import Session
from routine_harness.store.casefiles import CaseFiles
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall, ToolResult

Fate = Literal["killed", "survived", "equivalent", "invalid"]
"""``equivalent``: both runs do and say the same as without it; ``invalid``: the service refuses it, or the
run breaks off in another world."""
_NOTICED: Final = ("run.did-nothing", "run.did-not-look")
"""What the check of a run itself says of an agent that leaves its work."""


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
    mutants = [*mutants_of(own.pair)]
    if own.by is not None and own.by.kind == "script":
        # A recording cannot answer another world, nor leave out what it has said.
        mutants += [*silence_of(own.pair.first), *world_mutants_of(own.pair)]
    found = [_carry_out(mutant, own, agent, harness, case, routine) for mutant in mutants]
    return CaseMutation(case, tuple(found))


def _agent_of(own: CaseResult) -> Callable[[_Twist], Execute] | None:
    """What carries the case out with a twist."""
    files = CaseFiles(own.case, own.routine)
    if own.by is not None and own.by.kind == "script" and own.case.script is not None:
        script = files.script(own.case.script)
        return lambda twist: mutate_script(script, twist, twist.voice)
    recording = files.recording_to_play()
    if own.by is not None and own.by.kind == "agent" and recording is not None:
        return lambda twist: mutate_recording(recording, twist)
    return None


def _carry_out(
    mutant: Mutant, own: CaseResult, agent: Callable[[_Twist], Execute], harness: Harness, case: Case,
    routine: Routine,
) -> Mutated:  # fmt: skip
    twist = _Twist(mutant)
    result = harness.check_case(case, routine, agent(twist))
    assert own.pair is not None  # noqa: S101 - it has passed
    if twist.refused:
        return Mutated(mutant, "invalid", why=twist.refused)
    if mutant.deed in ("world", "silent"):
        broken = [one for one in result.check("run").findings if one.fails and one.code not in _NOTICED]
        if broken:
            return Mutated(mutant, "invalid", why=broken[0].message)
    if not result.passed:
        failed = tuple(check.name for check in result.verdict.checks if check.outcome == "failed")
        return Mutated(mutant, "killed", failed)
    if result.pair is not None and same_outcome(own.pair, result.pair):
        return Mutated(mutant, "equivalent", why="both runs bring about and say the same")
    if result.pair is not None and (mutant.deed == "world" or mutant.name.endswith(":unlooked")):
        if mutant.deed == "world" and same_deeds(own.pair, result.pair):
            return Mutated(mutant, "equivalent", why="in that world it does the same, in other words")
        mutant = msgspec.structs.replace(mutant, add=line_between(own.pair, result.pair))
    return Mutated(mutant, "survived")


class _Twist:
    """Does what a mutant does; ``refused`` are the words of a service that would not."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._registry = Registry()
        self._silent = False
        self.refused = ""

    def voice(self, text: str) -> str:
        """What is said instead of ``text``."""
        return "Nothing to report." if self._silent else text

    def __call__(
        self, session: Session, tool: str, nth: int, arguments: Mapping[str, Json]
    ) -> ToolResult | None:
        mutant = self._mutant
        if self._silent and self._writes(tool, arguments):
            return ToolResult("ok")
        if nth != mutant.nth or self._registry.parse(tool) != self._registry.parse(mutant.tool):
            return None
        if mutant.deed == "silent":
            self._silent = True
            return None
        if mutant.world is not None:
            if session.number == 1:
                session.world = mutant.world
            return None
        if mutant.deed == "pretend":
            return mutant.result
        if mutant.deed == "before":
            self._note(session.handle(mutant.other_tool, mutant.arguments))
            return None
        if mutant.deed == "twice":
            result = session.handle(tool, arguments)
            self._note(session.handle(tool, arguments))
            return result
        self._put_row(session)
        changed = {name: value for name, value in mutant.arguments.items() if name in arguments}
        result = session.handle(tool, {**arguments, **changed})
        self._note(result)
        return result

    def _writes(self, tool: str, arguments: Mapping[str, Json]) -> bool:
        named = self._registry.parse(tool)
        call = self._registry.canonical(ToolCall(named.connector, named.tool, dict(arguments)))
        return self._registry.access(call).kind != "read"

    def _note(self, result: ToolResult) -> None:
        if result.is_error and not self.refused:
            self.refused = result.text

    def _put_row(self, session: Session) -> None:
        row = self._mutant.row
        connector = self._registry.get(row.connector) if row is not None else None
        if row is not None and connector is not None:
            session.world = connector.seed_record(session.world, row.table, row.record)
