"""How a tool call is answered, and in which order.

Not granted → refused; a fault → what it says; modelled → the world; one of the agent's own tools →
what the world holds, or what was recorded; recorded → as it was; else refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from routine_harness.finding import Finding
from routine_harness.routine.spec import Routine
from routine_harness.session.answer import Answer, OwnTools, Recorded, Trust
from routine_harness.session.captured import (
    canaries,
    captured_findings,
    check_denial,
    check_homes,
    check_leaks,
    check_said,
    is_denial,
)
from routine_harness.session.faults import TIMEOUT_SECONDS, Fault, FaultPlan, fault_result
from routine_harness.session.grants import Grants
from routine_harness.session.looks import own_tool_looks
from routine_harness.session.outcomes import stamp_effects
from routine_harness.session.run import AnsweredBy
from routine_harness.session.unanswered import idle_fault, incomplete, severity_of, unexpected, unplayed
from routine_harness.world.access import reads_only
from routine_harness.world.captured import captured_outcome, captured_reads, is_captured
from routine_harness.world.effect import Effect, EffectOutcome
from routine_harness.world.effect_table import attempted_effects, recognised
from routine_harness.world.naming import OWN_SERVER, ToolName
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.tool import Connector, Outcome, ToolCall, ToolResult

_ENCODE: Final = msgspec.json.Encoder().encode
_DECODE: Final = msgspec.json.Decoder().decode


class Answering:
    """Answers the calls of one run. Its only state: which names were parsed, and faults counted."""

    __slots__ = (
        "_faults",
        "_grants",
        "_names",
        "_own",
        "_planted",
        "_recorded",
        "_registry",
        "_repository",
        "_run",
        "_sandboxed",
        "_strict",
        "_variables",
    )

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
        self._faults = FaultPlan(faults, lambda name: registry.tool_call(name, {}).name) if faults else None
        self._recorded = recorded
        self._own = own
        self._run = run
        self._sandboxed = False
        self._strict = strict
        self._variables = routine.environment.variables
        self._repository = routine.repositories[0].full_name if routine.repositories else ""
        self._planted = canaries(self._variables)

    def tool_call(self, tool: str, arguments: Mapping[str, Any], server: str = "") -> ToolCall | None:
        """The call that an agent means, its arguments as plain JSON values; None if they are none."""
        try:
            plain = _DECODE(_ENCODE(arguments))
        except (TypeError, ValueError, msgspec.MsgspecError):
            return None
        named = self._names.get(tool)
        if named is None:
            named = self._names[tool] = self._registry.parse(tool)
        if named.connector and self._registry.brings(server):  # as a session was recorded elsewhere
            return ToolCall("", f"{server}{OWN_SERVER}{named.tool}", plain, server)
        return self._registry.canonical(ToolCall(named.connector, named.tool, plain, server or named.server))

    def answer(
        self,
        world: World,
        call: ToolCall,
        number: int,
        recorded: ToolResult | None = None,
        trust: Trust = "world",
        *,
        inside: bool = False,
        captured: bool = False,
    ) -> Answer:
        """Answer ``call``, the ``number``-th of its run; ``recorded`` is what was answered once.

        ``inside``: a program of the sandbox made it; ``captured``: so it is with all that this
        command did outside.
        """
        self._sandboxed = self._sandboxed or inside or captured
        answer = self._answer(world, call, number, recorded, trust, inside=inside, captured=captured)
        watched = (
            *check_leaks(call, answer.result, self._planted, number, self._run),
            *check_homes(call, number, self._run),
            *(check_denial(call, answer.result, number, self._run) if captured else ()),
        )
        return msgspec.structs.replace(answer, findings=(*answer.findings, *watched)) if watched else answer

    def leftovers(self) -> tuple[Finding, ...]:
        """What a run that has ended never came to: ``fault.idle``, and ``call.unplayed`` where
        recorded interactions were asked for by nobody in run 1; a second run that finds its work done
        rightly asks for less.

        What befell the programs of a sandbox is not seen from here.
        """
        severity = severity_of(reads=True, strict=self._strict)
        idle = self._faults.idle() if self._faults is not None and not self._sandboxed else ()
        found = [idle_fault(index, fault, matched, severity) for index, fault, matched in idle]
        left = self._recorded.unplayed() if self._recorded is not None and self._run == 1 else ()
        return (*found, *([unplayed(left, severity)] if left else []))

    def check_said(self, text: str) -> tuple[Finding, ...]:
        """What is wrong with something that the agent says: a canary in it."""
        return tuple(check_said(text, self._planted, self._run))

    def _answer(
        self,
        world: World,
        call: ToolCall,
        number: int,
        recorded: ToolResult | None,
        trust: Trust,
        *,
        inside: bool,
        captured: bool,
    ) -> Answer:
        if inside and not call.connector:
            return self._answer_inside(world, call, number, recorded)
        refusal = self._grants.refusal(call, number, self._run)
        if refusal is not None:
            result = ToolResult(f"No such tool available: {refusal.message}", is_error=True)
            return self._unanswered(world, call, number, result, "refused", (refusal,))
        if captured and recorded is not None:
            if call.connector:  # it never reached the connector's server
                return self._unanswered(world, call, number, recorded, "refused")
            return self._answer_captured(world, call, number, recorded)
        fault = self._strike(call)
        if fault is not None:
            late = world.at(world.clock + TIMEOUT_SECONDS) if fault.timeout else world
            return self._unanswered(late, call, number, fault_result(fault, call), "fault")
        if not call.connector:
            return self._answer_own(world, call, number, recorded)
        connector = self._registry.get(call.connector)
        if connector is not None:
            tool = connector.tools.get(call.tool)
            if tool is not None and tool.modelled:
                reads = reads_only(tool, call.arguments)
                return self._answer_modelled(connector, world, call, number, reads, recorded, trust)
        return self._answer_recorded(world, call, number, recorded)

    def _strike(self, call: ToolCall) -> Fault | None:
        """The fault that befalls a call, or what a command stands for."""
        if self._faults is None:
            return None
        struck = self._faults.strike(call)
        if struck is not None or call.connector or call.tool != "Bash":
            return struck
        # Imported here: the shell's grammar costs 20 ms that a run without commands need not pay.
        from routine_harness.world.shell.acts import Context
        from routine_harness.world.shell.effects import shell_calls

        context = Context(repository=self._repository)
        forms = shell_calls(str(call.arguments.get("command", "")), self._variables, context)
        return next((fault for form in forms if (fault := self._faults.strike(form)) is not None), None)

    def _answer_modelled(
        self,
        connector: Connector,
        world: World,
        call: ToolCall,
        number: int,
        reads: bool,
        recorded: ToolResult | None,
        trust: Trust,
    ) -> Answer:
        outcome = connector.call(world, call)
        if recorded is not None and trust == "recorded":
            return self._trusting(world, outcome, call, number, reads, recorded)
        findings = (self._incomplete(call, outcome, number, reads),) if outcome.incomplete else ()
        effects = stamp_effects(outcome, world, call, number) if outcome.effects else ()
        return Answer(
            outcome.world, outcome.result, "world", reads, effects, not outcome.incomplete, findings
        )

    def _trusting(
        self, world: World, outcome: Outcome, call: ToolCall, number: int, reads: bool, recorded: ToolResult
    ) -> Answer:
        """The recorded answer stands; an error had no effect, a success has had what was attempted."""
        if recorded.is_error:
            return self._unanswered(world, call, number, recorded, "recorded")
        if outcome.result.is_error:
            effects = self._attempted(world, call, number, "applied")
            return Answer(world, recorded, "recorded", reads, effects)
        effects = stamp_effects(outcome, world, call, number)
        return Answer(outcome.world, recorded, "recorded", reads, effects)

    def _answer_own(self, world: World, call: ToolCall, number: int, recorded: ToolResult | None) -> Answer:
        outcome = self._own.call(world, call) if self._own is not None else None
        if outcome is None:
            return self._answer_recorded(world, call, number, recorded)
        if recorded is not None:
            changed = world if recorded.is_error else outcome.world
            outcome = msgspec.structs.replace(outcome, result=recorded, world=changed, incomplete="")
        effects = stamp_effects(outcome, world, call, number)
        reads = self._reads(call, effects)
        findings = (self._incomplete(call, outcome, number, reads),) if outcome.incomplete else ()
        return Answer(outcome.world, outcome.result, "own", reads, effects, not outcome.incomplete, findings)

    def _answer_inside(
        self, world: World, call: ToolCall, number: int, recorded: ToolResult | None
    ) -> Answer:
        """A push or a request of a program: what it was answered stands."""
        result = recorded or ToolResult("")
        outcome = captured_outcome(world, call, result)
        effects = stamp_effects(outcome, world, call, number)
        findings = captured_findings(call, result, number, self._run)
        return Answer(outcome.world, result, "own", captured_reads(call), effects, findings=findings)

    def _answer_captured(self, world: World, call: ToolCall, number: int, recorded: ToolResult) -> Answer:
        """One of the agent's own tools as it really ran; what it did outside is in its own calls."""
        befallen = self._faults is not None and self._faults.strike(call) is not None
        if recorded.is_error and (befallen or is_denial(recorded)):  # it never ran: nobody saw its deeds
            return self._unanswered(world, call, number, recorded, "fault" if befallen else "refused")
        effects = tuple(
            effect
            for effect in self._attempted(world, call, number, "refused" if recorded.is_error else "applied")
            if not is_captured(effect)
        )
        return Answer(world, recorded, "own", self._reads(call, effects), effects)

    def _answer_recorded(
        self, world: World, call: ToolCall, number: int, recorded: ToolResult | None
    ) -> Answer:
        held = self._recorded.answer(call) if self._recorded is not None else None
        result = held if recorded is None else recorded
        if result is None:
            return self._unexpected(world, call, number)
        effects = self._attempted(world, call, number, "refused" if result.is_error else "applied")
        return Answer(
            world, result, "recorded" if call.connector else "own", self._reads(call, effects), effects
        )

    def _unexpected(self, world: World, call: ToolCall, number: int) -> Answer:
        """Refused, as nobody knows the answer."""
        near = self._recorded.explain(call) if self._recorded is not None else ()
        reads = self._reads(call, self._attempted(world, call, number, "refused"))
        severity = severity_of(reads=reads, strict=self._strict)
        finding = unexpected(call, near, self._registry, severity)
        result = ToolResult(f"{call.name} is not available in this dry run", is_error=True)
        return self._unanswered(world, call, number, result, "refused", (self._stamped(finding, number),))

    def _unanswered(
        self,
        world: World,
        call: ToolCall,
        number: int,
        result: ToolResult,
        by: AnsweredBy,
        findings: tuple[Finding, ...] = (),
    ) -> Answer:
        effects = self._attempted(world, call, number, "refused")
        return Answer(world, result, by, self._reads(call, effects), effects, True, findings)

    def _attempted(
        self, world: World, call: ToolCall, number: int, outcome: EffectOutcome
    ) -> tuple[Effect, ...]:
        """What the call attempts by the table, in the words that the world has for its ids."""
        attempted = attempted_effects(call, self._registry, self._variables)
        return tuple(
            msgspec.structs.replace(effect, call=number, outcome=outcome, tool=call.name)
            for effect in recognised(attempted, world, self._registry)
        )

    def _reads(self, call: ToolCall, effects: tuple[Effect, ...]) -> bool:
        if call.connector:
            return self._registry.access(call).kind == "read"
        return own_tool_looks(call.tool, str(call.arguments.get("command", "")), acts=bool(effects))

    def _incomplete(self, call: ToolCall, outcome: Outcome, number: int, reads: bool) -> Finding:
        severity = severity_of(reads=reads, strict=self._strict)
        return self._stamped(incomplete(call, outcome.incomplete, severity), number)

    def _stamped(self, finding: Finding, number: int) -> Finding:
        return msgspec.structs.replace(finding, run=self._run, calls=(number,))
