"""The decision about one call: what it attempts is read and judged as the harness does it.

A call is denied that any of the policies forbids, that no routine grants, that is too loud, or that
changes what the guard itself consists of.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from routine_harness.case.seed import seed_bindings
from routine_harness.finding import Finding
from routine_harness.guard.checkout import Checkout
from routine_harness.guard.frozen import Held
from routine_harness.routine.edition_rules import OwnToolTable
from routine_harness.session.grants import GRANT_CODES, Grants
from routine_harness.session.run import CallRecord, Run
from routine_harness.trigger.event import Event, Firing
from routine_harness.verdict.breach import OTHERWISE
from routine_harness.verdict.judge_call import judge_call
from routine_harness.verdict.noise import judge_noise
from routine_harness.verdict.policy import Policy
from routine_harness.world.effect import Effect
from routine_harness.world.effect_table import attempted_effects, recognised
from routine_harness.world.registry import Registry
from routine_harness.world.shell.effects import act_effects, calls_of
from routine_harness.world.shell.reading import read_shell
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall, ToolResult

DELETED: Final = "file.deleted"
CHANGES: Final = ("file.changed", DELETED)
_MOST_REASON: Final = 2_000


class Decision(msgspec.Struct, frozen=True):
    """Why a call is denied (empty: it passes), and the effects that it attempts."""

    reason: str
    effects: tuple[Effect, ...] = ()

    @property
    def opaque(self) -> tuple[str, ...]:
        """The commands of which nobody can tell what they do."""
        return tuple(
            str(effect.fields.get("command") or effect.target)
            for effect in self.effects
            if effect.kind == "command.opaque"
        )


class _Attempt(msgspec.Struct, frozen=True):
    """A call with the effects that it attempts and the calls of connectors that it stands for."""

    call: ToolCall
    effects: tuple[Effect, ...]
    forms: tuple[ToolCall, ...] = ()


class Guard:
    """Decides about the calls of one session, which runs one of the routines in ``held``."""

    def __init__(self, held: Sequence[Held], registry: Registry) -> None:
        self._held = held
        self._registry = registry

    def decide(
        self, tool: str, arguments: Mapping[str, Any], checkout: Checkout, earlier: Sequence[Effect] = ()
    ) -> Decision:
        """Whether ``tool`` may be called; ``earlier`` are the effects that the session has had so far."""
        call = self._registry.tool_call(tool, dict(arguments))
        attempts = [self._attempt(call, held, checkout) for held in self._held]
        effects = attempts[0].effects
        table = self._registry.own_tools
        reason = _own_files(call, effects, checkout, table) or self._judged(attempts, earlier)
        return Decision(reason[:_MOST_REASON], effects)

    def _attempt(self, call: ToolCall, held: Held, checkout: Checkout) -> _Attempt:
        granted = held.granted
        variables = granted.environment.variables
        command = self._registry.command_of(call)
        if command is not None:
            repository = granted.repositories[0].full_name if granted.repositories else ""
            known = {**checkout.variables(), **variables}
            reading = read_shell(command, known, checkout.context(repository), checkout.file)
            effects = tuple(effect for act in reading.acts for effect in act_effects(act))
            return _Attempt(call, effects, calls_of(reading.acts))
        effects = attempted_effects(call, self._registry, variables)
        connector = self._registry.get(call.connector) if effects and call.connector else None
        if connector is not None:
            world = seed_bindings(World(), granted.routine(), {connector.name: connector})
            effects = recognised(effects, world, self._registry)
        return _Attempt(call, effects)

    def _judged(self, attempts: Sequence[_Attempt], earlier: Sequence[Effect]) -> str:
        """Why the policies deny a call. What one routine grants is granted to the session."""
        ungranted: list[Finding] = []
        for attempt, held in zip(attempts, self._held, strict=True):
            found = self._findings(attempt, held, earlier)
            refused = [finding for finding in found if finding.code in GRANT_CODES]
            if other := next((finding for finding in found if finding not in refused), None):
                return _said(other)
            ungranted += refused[:1]
        return _said(ungranted[0]) if len(ungranted) == len(self._held) else ""

    def _findings(self, attempt: _Attempt, held: Held, earlier: Sequence[Effect]) -> list[Finding]:
        """What the judge finds in the call that fails a run."""
        number = len(earlier) + 1
        record = _record(number, attempt.call, attempt.effects)
        policy, grants = _in_force(held.policy), Grants(held.granted.routine(), self._registry)
        found = judge_call(
            attempt.effects, attempt.call, grants, policy, forms=attempt.forms, earlier=earlier
        )
        noise = judge_noise(_run((*_records(earlier), record)), policy)
        loud = [finding for finding in noise if number in finding.calls]
        return [finding for finding in (*found, *loud) if finding.fails]


def _own_files(call: ToolCall, effects: Sequence[Effect], checkout: Checkout, table: OwnToolTable) -> str:
    """Why a call may not change a file: it belongs to the guard."""
    changes = [effect for effect in effects if effect.kind in CHANGES and effect.fields.get("path")]
    found = [checkout.reached(str(each.fields["path"]), deleted=each.kind == DELETED) for each in changes]
    if not call.connector and call.tool in table.edits:
        found.append(checkout.owned(str(call.arguments.get(table.edits[call.tool], ""))))
    elif not call.connector and call.tool not in table.names:  # a tool of a later client, that may write
        paths = (value for name, value in call.arguments.items() if name.endswith("path"))
        found += [checkout.owned(path) for path in paths if isinstance(path, str)]
    own = next(filter(None, found), "")
    return own and f"{own} belongs to the guard that holds this session to its policy: leave it as it is"


def _said(finding: Finding) -> str:
    """A finding as the agent is to read it: what is wrong, why, and how to go on."""
    why = [line for line in finding.detail[:1] if not line.startswith("call ")]
    spelling = [finding.hint.partition(OTHERWISE)[0]] if finding.code.endswith(".undecided") else []
    return "; ".join((finding.message, *why, *spelling))


def _in_force(policy: Policy) -> Policy:
    """The policy without permits that have expired."""
    today = time.strftime("%Y-%m-%d", time.gmtime())
    allow = tuple(permit for permit in policy.allow if not permit.expires or permit.expires >= today)
    return msgspec.structs.replace(policy, allow=allow)


def _records(effects: Sequence[Effect]) -> list[CallRecord]:
    """Earlier effects as calls of their own."""
    return [_record(number, ToolCall("", ""), (effect,)) for number, effect in enumerate(effects, 1)]


def _record(number: int, call: ToolCall, effects: Sequence[Effect]) -> CallRecord:
    stamped = tuple(msgspec.structs.replace(effect, call=number) for effect in effects)
    return CallRecord(number, call, ToolResult(""), "own", reads=False, effects=stamped)


def _run(records: tuple[CallRecord, ...], findings: tuple[Finding, ...] = ()) -> Run:
    """A run that consists of these calls."""
    firing, world = Firing(Event("manual", "manual")), World()
    return Run(1, firing, "", "finished", records, (), world, world, findings=findings)
