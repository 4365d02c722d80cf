"""One rule against one call: does it hold, is it excluded, and does an ``allow`` take it back?

The answer has three values. A field that is absent counts as a match; a field that is known only in a run
leaves the rule undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from routine_harness.plain import Json
from routine_harness.predicate import ABSENT, Partly
from routine_harness.routine.network import Reach, reach_of
from routine_harness.routine.spec import Routine
from routine_harness.session.faults import lookup_argument
from routine_harness.verdict.policy.rules import Forbidden, Permitted
from routine_harness.verdict.where import Condition, Where, field_of, match_where, nothing_to_look_up
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import ANY_EFFECT, is_of
from routine_harness.world.naming import covers_tool
from routine_harness.world.tool import ToolCall

UNREACHED: Reach = "unreached"


class Ruling(msgspec.Struct, frozen=True):
    """What a rule says of something: it holds, or hangs on the ``open`` fields, known only in a run."""

    open: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        return not self.open


def rule_on_effect(rule: Forbidden, effect: Effect, routine: Routine) -> Ruling | None:
    """Whether ``rule`` holds for ``effect``; None where it does not."""
    if rule.tool or rule.ungranted or not _is_about(rule, effect.kind):
        return None
    if rule.reach:
        return _rule_on_host(rule, effect, routine)
    return _ruling(rule.where, lambda field: field_of(effect, rule.kinds, field))


def rule_on_call(rule: Forbidden, call: ToolCall) -> Ruling | None:
    """Whether the rule about a tool holds for ``call``; None where it does not."""
    if not covers_tool(rule.tool, call.name):
        return None
    return _ruling(rule.where, lambda field: lookup_argument(call.arguments, field))


def permits_effect(permit: Permitted, effect: Effect) -> bool:
    """Whether ``permit`` surely means ``effect``: its very kind, with every condition known to hold."""
    if permit.tool or (
        effect.kind not in permit.kinds
        and not (ANY_EFFECT in permit.kinds and is_of(effect.kind, permit.kinds))
    ):
        return False
    return _surely(permit.where, lambda field: field_of(effect, permit.kinds, field))


def permits_call(permit: Permitted, calls: Iterable[ToolCall]) -> bool:
    """Whether ``permit`` surely means one of the forms of a call."""
    meant = (call for call in calls if covers_tool(permit.tool, call.name))
    return any(_surely(permit.where, _argument_of(call)) for call in meant)


def _is_about(rule: Forbidden, kind: str) -> bool:
    """A file's rule means narrower kinds as well; the default policy has a rule for each of them."""
    return kind in rule.kinds if rule.tier else is_of(kind, rule.kinds)


def _rule_on_host(rule: Forbidden, effect: Effect, routine: Routine) -> Ruling | None:
    """A request by what its host is to the routine; an unknown host is left to the first such rule."""
    host = effect.fields.get("host")
    if not isinstance(host, str) or isinstance(host, Partly):
        return Ruling(("host",)) if UNREACHED in rule.reach else None
    reach = reach_of(host, routine.environment, github=bool(routine.repositories))
    return Ruling() if reach in rule.reach else None


def _ruling(where: Where, value_of: Callable[[str], Json]) -> Ruling | None:
    """The conditions one by one: a single one that fails excludes the rule."""
    open_fields = []
    for condition in where:
        value = value_of(condition.field)
        answer = _holds(condition, value)
        if answer is False:
            return None
        if answer is None and value is not ABSENT:
            open_fields.append(condition.field)
    return Ruling(tuple(open_fields))


def _surely(where: Where, value_of: Callable[[str], Json]) -> bool:
    return match_where(where, value_of, nothing_to_look_up) is True


def _holds(condition: Condition, value: Json) -> bool | None:
    return match_where((condition,), lambda _: value, nothing_to_look_up)


def _argument_of(call: ToolCall) -> Callable[[str], Json]:
    return lambda field: lookup_argument(call.arguments, field)
