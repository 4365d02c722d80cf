"""Answers to calls of the agent's own tools, and to calls of the programs that they start.

The world answers them; or they really ran, as a recording or a sandbox says, and their answers stand.
"""

from __future__ import annotations

import msgspec

from routine_harness.session.answer import Answer, Asked, OwnTools
from routine_harness.session.consequences import Consequences, carried_out, stamped
from routine_harness.session.incidents import captured_findings, is_denial
from routine_harness.world.commands import Commands
from routine_harness.world.failures import failure_of
from routine_harness.world.git_output import told_branch
from routine_harness.world.registry import Registry
from routine_harness.world.sandbox_calls import PROGRAM, captured_outcome, captured_reads, is_captured
from routine_harness.world.tool import ToolResult


class OwnCalls:
    """Answers such calls of one run; ``tools`` are the agent's own as the world answers them."""

    __slots__ = ("_consequences", "_registry", "_run", "_tools")

    def __init__(
        self, tools: OwnTools | None, registry: Registry, consequences: Consequences, run: int
    ) -> None:
        self._tools = tools
        self._registry = registry
        self._consequences = consequences
        self._run = run

    @property
    def commands(self) -> Commands:
        """What programs print in this run."""
        return self._tools.commands if self._tools is not None else Commands()

    def stand_on(self, branch: str) -> None:
        """Note the branch that is checked out."""
        if self._tools is not None and branch:
            self._tools.stand_on(branch)

    def simulated(self, asked: Asked) -> Answer | None:
        """The world's answer; None where it has none to this tool. A recorded result takes its place."""
        self._note_branch(asked, before=True)
        if self._tools is None:
            return None
        outcome = self._tools.call(asked.world, asked.call, believed=asked.believed is not None)
        if outcome is None:
            return None
        if asked.recorded is not None:
            world = asked.world if asked.recorded.is_error else outcome.world
            outcome = msgspec.structs.replace(
                outcome, result=asked.recorded, world=world, incomplete="", unanswered=""
            )
        judged = self._consequences.judged(asked.call, outcome.effects, outcome.result, looks=outcome.looks)
        self._note_branch(asked, before=False)
        effects, failure = judged.effects, judged.failure
        if asked.believed is None:
            failure = failure_of(asked.call, outcome.result)
            effects = carried_out(outcome, asked.world, failure)
        return self._consequences.of_outcome(asked, outcome, "own", effects, failure, looks=judged.looks)

    def captured(self, asked: Asked, result: ToolResult, *, struck: bool) -> Answer:
        """The answer of a tool that really ran; its programs' outward acts are calls of their own.

        ``struck``: a fault has struck the call.
        """
        if result.is_error and (struck or is_denial(result)):  # it never ran, so it made no calls
            return self._consequences.of_result(asked, result, "fault" if struck else "refused")
        answer = self._consequences.of_result(asked, result, "own")
        command = self._registry.command_of(asked.call)
        effects = tuple(
            effect for effect in answer.effects if not is_captured(effect, of_command=command is not None)
        )
        if command is not None and self._tools is not None:
            self._tools.ran(asked.world, command)
        return msgspec.structs.replace(answer, effects=effects)

    def of_program(self, asked: Asked) -> Answer:
        """The answer to a push or a request of a program: its recorded one stands."""
        result = asked.recorded or ToolResult("")
        outcome = captured_outcome(asked.world, asked.call, result)
        effects = stamped(carried_out(outcome, asked.world, ""), asked.call, asked.number)
        findings = captured_findings(asked.call, result, asked.number, self._run)
        reads = captured_reads(asked.call)
        if asked.call.tool == PROGRAM and self._tools is not None:
            self._tools.commands.note(str(asked.call.arguments.get("run")))
        return Answer(outcome.world, result, "own", reads, effects, findings=findings)

    def _note_branch(self, asked: Asked, *, before: bool) -> None:
        """Note the branch that git printed in a recorded session: a push without a name pushes it."""
        command = self._registry.command_of(asked.call) or ""
        if asked.believed is not None and "git" in command:
            self.stand_on(told_branch(asked.believed.text, before=before))
