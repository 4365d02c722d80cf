"""The decision about one call: what it attempts is read and judged as the harness does it, and nobody
changes what the guard itself consists of."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.case.seed import seed_bindings
from routine_harness.finding import Finding
from routine_harness.guard.checkout import Checkout
from routine_harness.guard.frozen import HeldRoutine
from routine_harness.plain import Json
from routine_harness.routine.edition_rules import OwnToolTable
from routine_harness.session.grants import GRANT_CODES, Grants
from routine_harness.verdict.policy.breach import OTHERWISE
from routine_harness.verdict.policy.default_policy import UNGRANTED
from routine_harness.verdict.policy.judge_call import judge_call
from routine_harness.verdict.policy.noise import noise_of
from routine_harness.verdict.policy.rules import Policy
from routine_harness.world.attribution import in_own_words
from routine_harness.world.effect import Effect
from routine_harness.world.effect_table import attempted_effects, recognised
from routine_harness.world.registry import Registry
from routine_harness.world.shell.act_effects import act_effects, calls_of
from routine_harness.world.shell.command_reading import read_shell
from routine_harness.world.state import World
from routine_harness.world.tool import ToolCall

DELETED: Final = "file.deleted"
CHANGES: Final = ("file.changed", DELETED)
WHY: Final = "why: "
"""How the judge begins the sentence that says what a rule is for."""
NOW: Final = 1  # the number of the call that is judged; earlier ones have none
_MOST_REASON: Final = 2_000


class Decision(msgspec.Struct, frozen=True):
    """What is held against a call (nothing: it passes), and the effects that it attempts."""

    finding: Finding | None
    effects: tuple[Effect, ...] = ()

    @property
    def denied(self) -> bool:
        return self.finding is not None

    @property
    def reason(self) -> str:
        """The finding as the agent is to read it: what is wrong, why, and how to go on."""
        found = self.finding
        if found is None:
            return ""
        why = [line for line in found.detail[:1] if line.startswith(WHY)]
        spelling = [found.hint.partition(OTHERWISE)[0]] if found.code.endswith(".undecided") else []
        return "; ".join((found.message, *why, *spelling))[:_MOST_REASON]

    @property
    def opaque(self) -> tuple[str, ...]:
        """The commands that cannot be read."""
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

    def __init__(self, held: Sequence[HeldRoutine], registry: Registry) -> None:
        self._held = held
        self._registry = registry

    def decide(
        self, tool: str, arguments: Mapping[str, Json], checkout: Checkout, earlier: Sequence[Effect] = ()
    ) -> Decision:
        """Whether ``tool`` may be called; ``earlier`` are the effects that the session has had so far."""
        call = self._registry.tool_call(tool, dict(arguments))
        attempts = [self._attempt(call, held, checkout) for held in self._held]
        effects = attempts[0].effects
        table = self._registry.own_tools
        found = _own_files(call, effects, checkout, table) or self._judged(attempts, earlier)
        return Decision(found, effects)

    def _attempt(self, call: ToolCall, held: HeldRoutine, checkout: Checkout) -> _Attempt:
        variables = held.environment.variables
        command = self._registry.command_of(call)
        if command is not None:
            repository = held.repositories[0].full_name if held.repositories else ""
            known = {**checkout.variables(), **variables}
            reading = read_shell(command, known, checkout.context(repository), checkout.file)
            effects = tuple(effect for act in reading.acts for effect in act_effects(act))
            return _Attempt(call, effects, calls_of(reading.acts))
        effects = attempted_effects(call, self._registry, variables)
        connector = self._registry.get(call.connector) if effects and call.connector else None
        if connector is not None:
            world = seed_bindings(World(), held.routine(), {connector.name: connector})
            effects = recognised(effects, world, self._registry)
        return _Attempt(call, effects)

    def _judged(self, attempts: Sequence[_Attempt], earlier: Sequence[Effect]) -> Finding | None:
        """What the policies hold against a call. What one routine grants is granted to the session."""
        ungranted: list[Finding] = []
        for attempt, held in zip(attempts, self._held, strict=True):
            found = self._findings(attempt, held, earlier)
            refused = [
                one for one in found if one.code in GRANT_CODES or one.data.get("rule") == UNGRANTED.text
            ]
            if other := next((finding for finding in found if finding not in refused), None):
                return other
            ungranted += refused[:1]
        return ungranted[0] if len(ungranted) == len(self._held) else None

    def _findings(self, attempt: _Attempt, held: HeldRoutine, earlier: Sequence[Effect]) -> list[Finding]:
        """What the judge finds in the call that fails a run."""
        policy, grants = _in_force(held.policy), Grants(held.routine(), self._registry)
        effects, forms = in_own_words(attempt.effects), attempt.forms
        found = judge_call(effects, attempt.call, grants, policy, forms=forms, earlier=earlier)
        now = [msgspec.structs.replace(effect, call=NOW) for effect in effects]
        loud = [finding for finding in noise_of((*earlier, *now), policy) if NOW in finding.calls]
        return [finding for finding in (*found, *loud) if finding.fails]


def _own_files(
    call: ToolCall, effects: Sequence[Effect], checkout: Checkout, table: OwnToolTable
) -> Finding | None:
    """That a call would change a file which belongs to the guard."""
    changes = [effect for effect in effects if effect.kind in CHANGES and effect.fields.get("path")]
    found = [checkout.reached(str(each.fields["path"]), deleted=each.kind == DELETED) for each in changes]
    if not call.connector and call.tool in table.edits:
        found.append(checkout.owned(str(call.arguments.get(table.edits[call.tool], ""))))
    elif not call.connector and call.tool not in table.names:  # a tool of a later client, that may write
        paths = (value for name, value in call.arguments.items() if name.endswith("path"))
        found += [checkout.owned(path) for path in paths if isinstance(path, str)]
    for own in filter(None, found):
        message = f"{own} belongs to the guard that holds this session to its policy: leave it as it is"
        return Finding(code="guard.own-file", message=message)
    return None


def _in_force(policy: Policy) -> Policy:
    """The policy without permits that have expired."""
    today = time.strftime("%Y-%m-%d", time.gmtime())
    allow = tuple(permit for permit in policy.allow if not permit.expires or permit.expires >= today)
    return msgspec.structs.replace(policy, allow=allow)
