"""How a tool call is answered, and in which order.

Not granted → refused; a fault → what it says; simulated → the world; one of the agent's own tools →
what the world holds, or what was recorded; recorded → as it was; else refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from routine_harness.finding import Finding
from routine_harness.plain import Json
from routine_harness.routine.spec import Routine
from routine_harness.session.answer import Answer, Asked, OwnTools, Recorded
from routine_harness.session.consequences import Consequences, carried_out
from routine_harness.session.faults import Fault, FaultPlan, fault_result, lost_seconds
from routine_harness.session.gaps import severity_of, unexpected, unmet
from routine_harness.session.grants import NOT_OFFERED, OTHER_REPOSITORY, Grants
from routine_harness.session.incidents import canaries, check_call, check_said
from routine_harness.session.own_calls import OwnCalls
from routine_harness.world.access import reads_only
from routine_harness.world.commands import Commands
from routine_harness.world.failures import failure_of
from routine_harness.world.http import unplayed
from routine_harness.world.naming import OWN_SERVER, ToolName
from routine_harness.world.platform_server import session_answer
from routine_harness.world.registry import OFFERED, Registry
from routine_harness.world.state import World
from routine_harness.world.tool import Connector, ToolCall, ToolResult

if TYPE_CHECKING:
    from routine_harness.world.github.proxy import Passage

_ENCODE: Final = msgspec.json.Encoder().encode
_DECODE: Final = msgspec.json.Decoder().decode


class Answering:
    """Answers the calls of one run. Its only state: parsed names, counted faults, and whether programs of a
    sandbox have made calls."""

    __slots__ = (
        "_consequences", "_faults", "_folder", "_grants", "_names", "_own", "_planted", "_recorded",
        "_registry", "_run", "_sandboxed", "_strict",
    )  # fmt: skip

    def __init__(
        self,
        routine: Routine,
        registry: Registry,
        *,
        faults: tuple[Fault, ...] = (),
        recorded: Recorded | None = None,
        own: OwnTools | None = None,
        run: int = 1,
        strict: bool = False,
    ) -> None:
        self._grants = Grants(routine, registry)
        self._registry = registry
        self._names: dict[str, ToolName] = {}
        variables = routine.environment.variables
        repository = routine.repositories[0].full_name if routine.repositories else ""
        self._faults = FaultPlan(faults, registry, variables, repository, run) if faults else None
        self._consequences = Consequences(registry, variables, own, run=run, strict=strict)
        self._recorded = recorded
        self._own = OwnCalls(own, registry, self._consequences, run)
        self._run = run
        self._sandboxed = False
        self._folder = ""
        self._strict = strict
        self._planted = canaries(variables)

    def tool_call(self, tool: str, arguments: Mapping[str, Json], server: str = "") -> ToolCall | None:
        """The call that an agent means, its arguments as plain JSON values; None where they have no JSON.

        This is the one place where a call of a session is named: everybody behind it takes connector, tool
        and arguments under their own names.
        """
        try:
            plain = _DECODE(_ENCODE(arguments))
        except (TypeError, ValueError, msgspec.MsgspecError):
            return None
        named = self._names.get(tool)
        if named is None:
            named = self._names[tool] = self._registry.parse(tool)
        # Elsewhere, a recorded session had the repository's own server under this name.
        if named.connector and self._registry.brings(server):
            return ToolCall("", f"{server}{OWN_SERVER}{named.tool}", plain, server)
        return self._registry.canonical(ToolCall(named.connector, named.tool, plain, server or named.server))

    def answer(self, asked: Asked) -> Answer:
        """Answer one call, with the findings about it."""
        self._sandboxed = self._sandboxed or bool(asked.via) or asked.captured
        answer = self._answer(asked)
        watched = check_call(
            asked.call, answer.result, self._planted, asked.number, self._run,
            captured=asked.captured, folder=self._folder,
        )  # fmt: skip
        return msgspec.structs.replace(answer, findings=(*answer.findings, *watched)) if watched else answer

    def leftovers(self, world: World) -> tuple[Finding, ...]:
        """What a run that has ended in ``world`` never met: faults, recorded interactions, commands.

        Faults do not reach the programs of a sandbox, so that none counts as idle there.
        """
        idle = self._faults.idle() if self._faults is not None and not self._sandboxed else ()
        left = self._recorded.unplayed() if self._recorded is not None else ()
        commands = self._own.commands.idle(sandboxed=self._sandboxed)
        pages = tuple(unplayed(world)) if self._run == 1 else ()
        found = unmet(idle, left, pages, commands, self._registry, run=self._run, strict=self._strict)
        return tuple(found)

    @property
    def commands(self) -> Commands:
        """What programs print in this run."""
        return self._own.commands

    def grants(self, connector: str) -> bool:
        """Whether the routine grants a connector."""
        return self._grants.has(connector)

    def work_in(self, folder: str) -> None:
        """Note the folder in which a recorded session worked."""
        self._folder = folder

    def stand_on(self, branch: str) -> None:
        """Note the branch that is checked out."""
        self._own.stand_on(branch)

    def check_said(self, text: str) -> tuple[Finding, ...]:
        """The findings about something that the agent says."""
        return tuple(check_said(text, self._planted, self._run))

    def _answer(self, asked: Asked) -> Answer:
        if asked.via and not asked.call.connector:
            return self._own.of_program(asked)
        refusal = self._grants.refusal(asked.call, asked.number, self._run)
        if refusal is None:
            return self._granted(asked)
        if asked.believed is not None and not failure_of(asked.call, asked.believed):
            answer = self._granted(asked)  # it was not refused where it was recorded
            if refusal.code == NOT_OFFERED:
                return answer
            return msgspec.structs.replace(answer, findings=(refusal, *answer.findings))
        text = f"No such tool available: {refusal.message}"
        points: tuple[str, ...] = ()
        if refusal.code == NOT_OFFERED:
            call = asked.call
            text = f"No such tool available: mcp__{call.server or call.connector}__{call.tool}"
            points = (OFFERED,)
        if refusal.code == OTHER_REPOSITORY and asked.world.rules.settings:
            passed = self._passage(asked)
            if passed.refused is None:  # the platform carries out what it allows, granted or not
                answer = self._granted(asked)
                return msgspec.structs.replace(answer, findings=(refusal, *answer.findings))
            text, points = passed.refused.message, passed.depends_on
        answer = self._consequences.of_result(asked, ToolResult(text, is_error=True), "refused", (refusal,))
        return msgspec.structs.replace(answer, depends_on=points)

    def _passage(self, asked: Asked) -> Passage:
        """What the platform does with a call of GitHub."""
        # Imported here: the connector costs 40 ms that a run without GitHub need not pay.
        from routine_harness.world.github.connector import call_passage

        return call_passage(asked.world.rules, asked.call)

    def _granted(self, asked: Asked) -> Answer:
        call = asked.call
        if asked.captured and asked.recorded is not None:
            if call.connector:  # it never reached the connector's server
                return self._consequences.of_result(asked, asked.recorded, "refused")
            struck = self._faults is not None and self._faults.strike(call) is not None
            return self._own.captured(asked, asked.recorded, struck=struck)
        fault = self._faults.strike_forms(call, asked.world.clock) if self._faults is not None else None
        return self._served(asked) if fault is None else self._struck(asked, fault)

    def _struck(self, asked: Asked, fault: Fault) -> Answer:
        """What a fault makes of a call: nothing happens, or it happens and the answer is lost or late."""
        # A call that does not arrive must not use up a recorded answer.
        arrives = fault.applied or bool(fault.slow) or fault.malformed == "truncated"
        served = self._served(asked) if arrives else None
        if served is not None and fault.slow:
            return msgspec.structs.replace(served, world=_later(served.world, fault))
        result = fault_result(fault, asked.call, served.result if served is not None else None)
        if served is not None and fault.applied:
            answer = served
        else:
            refusal = msgspec.structs.replace(result, is_error=True)
            answer = self._consequences.of_result(asked, refusal, "fault")
        failure = result.text if result.is_error else f"no answer: {fault.malformed} ({result.text[:40]!r})"
        return msgspec.structs.replace(
            answer, world=_later(answer.world, fault), result=result, by="fault", failure=failure
        )

    def _served(self, asked: Asked) -> Answer:
        """The call as the world, an own tool of the agent or a recording answers it."""
        if asked.believed is not None and not asked.world.rules.recorded:
            rules = asked.world.rules
            answer = self._served(
                msgspec.structs.replace(asked, world=asked.world.under(rules.as_recorded()))
            )
            return msgspec.structs.replace(answer, world=answer.world.under(rules))
        call = asked.call
        if not call.connector:
            return self._own.simulated(asked) or self._by_recording(asked)
        connector = self._registry.get(call.connector)
        tool = connector.tools.get(call.tool) if connector is not None else None
        said = session_answer(call)
        if said is not None:
            return self._consequences.of_result(asked, asked.believed or ToolResult(said), "world")
        if call.connector == "github" and (tool is None or not tool.simulated):
            passed = self._passage(asked)
            if passed.refused is not None and not asked.world.rules.recorded:
                refused = ToolResult(passed.refused.message, is_error=True)
                answer = self._consequences.of_result(asked, refused, "refused")
                return msgspec.structs.replace(answer, depends_on=passed.depends_on)
        if connector is not None and tool is not None and tool.simulated:
            return self._by_model(asked, connector, reads=reads_only(tool, call.arguments))
        return self._by_recording(asked)

    def _by_model(self, asked: Asked, connector: Connector, *, reads: bool) -> Answer:
        outcome, result = connector.call(asked.world, asked.call), asked.believed
        if result is None:
            failure = failure_of(asked.call, outcome.result)
            effects = carried_out(outcome, asked.world, failure) if outcome.effects else ()
            return self._consequences.of_outcome(asked, outcome, "world", effects, failure, looks=reads)
        if failure_of(asked.call, result) or outcome.result.is_error:  # the world knows less than the service
            return self._consequences.of_result(asked, result, "recorded")
        effects = carried_out(outcome, asked.world, "")
        believed = msgspec.structs.replace(outcome, result=result, incomplete="")
        return self._consequences.of_outcome(asked, believed, "recorded", effects, looks=reads)

    def _by_recording(self, asked: Asked) -> Answer:
        held = self._recorded.answer(asked.call) if self._recorded is not None else None
        result = held if asked.recorded is None else asked.recorded
        if result is None:
            return self._unexpected(asked)
        return self._consequences.of_result(asked, result, "recorded" if asked.call.connector else "own")

    def _unexpected(self, asked: Asked) -> Answer:
        """The refusal of a call that nobody can answer."""
        call = asked.call
        near = self._recorded.explain(call) if self._recorded is not None else ()
        result = ToolResult(f"{call.name} is not available in this dry run", is_error=True)
        answer = self._consequences.of_result(asked, result, "refused")
        severity = severity_of(reads=answer.reads, strict=self._strict)
        finding = unexpected(call, near, self._registry, severity)
        finding = msgspec.structs.replace(finding, run=self._run, calls=(asked.number,))
        return msgspec.structs.replace(answer, findings=(finding,))


def _later(world: World, fault: Fault) -> World:
    """``world`` when the agent has waited for what the fault made of its call."""
    return world.at(world.clock + lost_seconds(fault))
