"""What must hold of every trigger, checked before any event arrives, each failure with a witness.

Some event can fire it; every clause matters; no two clauses contradict each other; no trigger is
part of another of the same routine; what no clause looks at changes nothing.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from routine_harness.finding import Finding, Location, Severity
from routine_harness.predicate import describe
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import GithubTrigger, Routine
from routine_harness.trigger.clauses import CompiledClause
from routine_harness.trigger.facts import Facts, event_of
from routine_harness.trigger.payload import narrow
from routine_harness.trigger.schedules import check_schedules
from routine_harness.trigger.search import TriggerSearch, decide_facts
from routine_harness.trigger.values import FREE_TEXT, Search, disjoint, find_value, implies

EXTRA: Final = "pip install 'routine-harness[properties]'"


def missing_extra() -> str:
    """Why triggers cannot be searched here, or "" if they can."""
    return "" if importlib.util.find_spec("hypothesis") else f"hypothesis is not installed: {EXTRA}"


def check_trigger_properties(routine: Routine, edition: Edition) -> tuple[Finding, ...]:
    """The findings of all triggers of ``routine``, in the order of the file.

    Without Hypothesis the schedules alone are checked, and a warning says so.
    """
    found = list(check_schedules(routine, edition))
    github = [(i, t) for i, t in enumerate(routine.triggers) if isinstance(t, GithubTrigger) and t.enabled]
    if github and (reason := missing_extra()):
        found.append(_finding("trigger.not-searched", reason, routine, (), Severity.WARNING))
        return tuple(found)
    searched = [_Searched(routine, index, trigger, edition) for index, trigger in github]
    for each in searched:
        found += each.findings()
    for one, other in itertools.permutations(searched, 2):
        found += _subset(one, other)
    return tuple(found)


class _Searched(TriggerSearch):
    """One trigger and what was found about it."""

    def findings(self) -> Iterator[Finding]:
        yield from self._events()
        if not self.compiled.events:
            return
        contradicting = list(self._contradictions())
        yield from contradicting
        yield from self._anchored()
        fires = self.witness()
        if isinstance(fires, Facts) and decide_facts(self.compiled, fires) is None:
            yield self._undecidable(fires)
        elif isinstance(fires, Facts):
            yield from self._dead(fires)
            yield from self._unstable(fires)
        elif not contradicting:
            yield self._never(fires)

    def _events(self) -> Iterator[Finding]:
        for position, name in enumerate(self.trigger.events):
            if name not in self.compiled.events and name not in self.edition.events:
                message = f"{name} never fires: the platform sends no such event"
                yield self.finding("trigger.unknown-event", message, ("events", position))
            elif name not in self.compiled.events:
                message = f"a bare {name} was never seen to fire; name its actions"
                yield self.finding("trigger.bare-event", message, ("events", position))

    def _contradictions(self) -> Iterator[Finding]:
        for field, clauses in self.by_field.items():
            for one, other in itertools.combinations(clauses, 2):
                if find_value(field, (one, other), (True, True)).found:
                    continue
                parts = (find_value(field, (one, other), wanted) for wanted in ((True, False), (False, True)))
                shown = [f"{field}: {json.dumps(part.value)}" for part in parts if part.found]
                proved = disjoint(one, other)
                claim = "no event can satisfy" if proved else "no event was found that satisfies"
                message = f"{claim} both {_words(one)} and {_words(other)}"
                detail = tuple(f"satisfies only one of them: {each}" for each in shown)
                place = self._place(other)
                alone = self.witness(other)
                witness = alone if isinstance(alone, Facts) else None
                yield self.finding(
                    "trigger.contradiction", message, place, witness, detail=detail, warn=not proved
                )

    def _anchored(self) -> Iterator[Finding]:
        for clause in self.compiled.clauses:
            if clause.operator != "matches_regex" or clause.field not in FREE_TEXT:
                continue
            search = _inner(clause)
            if search is None:
                continue
            plain = Facts(min(self.compiled.events), repository=self.repository)
            facts = msgspec.structs.replace(plain, **{clause.field: search})
            message = f"{_words(clause)} must match the whole {clause.field}: it misses {json.dumps(search)}"
            pattern = f"({clause.expected})" if "|" in str(clause.expected) else clause.expected
            hint = f"write '.*{pattern}.*', or use contains"
            place = self._place(clause)
            yield self.finding("trigger.regex-whole", message, place, facts, hint=hint, warn=True)

    def _dead(self, fires: Facts) -> Iterator[Finding]:
        for clause in self.compiled.clauses:
            if clause.field == "repository":
                continue
            search = self.witness(clause)
            if isinstance(search, Facts):
                continue
            others = [each for each in self.by_field.get(clause.field, ()) if each is not clause]
            proved = search.proved or any(implies(each, clause) for each in others)
            why = (
                "whatever passes the other clauses passes it too"
                if proved
                else "nothing was found that passes the other clauses and not it"
            )
            shown = json.dumps(getattr(fires, clause.field), ensure_ascii=False)
            message = f"{_words(clause)} decides nothing: {why}; witness: {clause.field} {shown}"
            yield self.finding("trigger.dead-clause", message, self._place(clause), fires, warn=True)

    def _unstable(self, fires: Facts) -> Iterator[Finding]:
        looked_at = {*self.by_field, "event", "repository"}
        for field, other in _RENAMED.items():
            changed = msgspec.structs.replace(fires, **{field: other})
            if field not in looked_at and not decide_facts(self.compiled, changed):
                message = f"renaming {field}, which no clause looks at, changes the outcome"
                yield self.finding("trigger.unstable", message, (), changed)

    def _undecidable(self, facts: Facts) -> Finding:
        payload = narrow(event_of(facts).payload)
        absent = [c.field for c in self.compiled.clauses if c.decide(payload) is None]
        message = (
            f"{facts.event} does not carry {', '.join(dict.fromkeys(absent))}: no one can say if it fires"
        )
        return self.finding("trigger.undecidable", message, (), facts, warn=True)

    def _never(self, search: Search) -> Finding:
        names = ", ".join(self.trigger.events)
        if search.proved:
            return self.finding("trigger.never-fires", f"no event of {names} can satisfy every filter", ())
        message = f"no event of {names} was found that satisfies every filter"
        return self.finding("trigger.never-fires", message, (), warn=True)

    def _place(self, clause: CompiledClause) -> tuple[str | int, ...]:
        for position, each in enumerate(self.trigger.filters):
            if (each.field, each.operator, each.value) == (clause.field, clause.operator, clause.expected):
                return ("filters", position)
        return ("branches",)

    def finding(
        self,
        code: str,
        message: str,
        place: tuple[str | int, ...],
        witness: Facts | None = None,
        *,
        detail: tuple[str, ...] = (),
        hint: str = "",
        warn: bool = False,
    ) -> Finding:
        severity = Severity.WARNING if warn else Severity.ERROR
        path = ("triggers", self.index, *place)
        shown = None if witness is None else self._shown(witness)
        return _finding(code, message, self.routine, path, severity, shown, detail, hint, self.index)

    def _shown(self, witness: Facts) -> dict[str, Any]:
        """A witness with what differs from an ordinary event, and with all that the clauses look at."""
        looked_at = {field: getattr(witness, field) for field in self.by_field}
        shown: dict[str, Any] = msgspec.to_builtins({**msgspec.to_builtins(witness), **looked_at})
        return shown


_RENAMED: Final[dict[str, Any]] = {
    "author": "zoe",
    "title": "Something else",
    "body": None,
    "base_branch": "elsewhere",
    "head_branch": "another",
    "labels": ("unrelated",),
    "from_fork": True,
}


def _subset(one: _Searched, other: _Searched) -> Iterator[Finding]:
    """A finding if whatever fires ``one`` fires ``other`` too; of two equal ones the later is told."""
    if not one.compiled.events or not one.compiled.events <= other.compiled.events:
        return
    fires = one.witness()
    if not isinstance(fires, Facts) or not decide_facts(other.compiled, fires):
        return
    equal = one.compiled.events == other.compiled.events and not _outside(other, one)
    if _outside(one, other) or (equal and one.index < other.index):
        return
    message = f"whatever fires this trigger fires trigger {other.index + 1} too: one of them adds nothing"
    yield one.finding("trigger.subset", message, (), fires, warn=True)


def _outside(one: _Searched, other: _Searched) -> bool:
    """Whether some event fires ``one`` but not ``other``: one that fails a clause of ``other`` alone."""
    for clause in other.compiled.clauses:
        field = clause.field
        own = one.by_field.get(field, [])
        if field == "repository":
            continue
        search = find_value(field, [*own, clause], [*(True for _ in own), False])
        if search.found:
            return True
    return False


def _inner(clause: CompiledClause) -> str | None:
    """A text that holds a match inside but is none as a whole, if the pattern leaves its ends open."""
    pattern = str(clause.expected)
    bare = re.sub(r"^\(\?[a-zA-Z]+\)", "", pattern)
    if bare.startswith(("^", ".*", ".+")) or bare.endswith(("$", ".*", ".+")):
        return None
    inside = find_value(clause.field, [clause], [True])
    if not inside.found:
        return None
    longer = f"Now {inside.value} please"
    return None if clause.test(longer) else longer


def _words(clause: CompiledClause) -> str:
    return f"{clause.field} {describe({clause.operator: clause.expected})}"


def _finding(
    code: str,
    message: str,
    routine: Routine,
    path: Sequence[str | int],
    severity: Severity = Severity.ERROR,
    witness: dict[str, Any] | None = None,
    detail: Iterable[str] = (),
    hint: str = "",
    trigger: int | None = None,
) -> Finding:
    lines = list(detail)
    data: dict[str, Any] = {} if trigger is None else {"trigger": trigger}
    if witness is not None:
        data["witness"] = witness
        lines.append(f"witness: {json.dumps(data['witness'], ensure_ascii=False)}")
    location = Location(routine.source.file, routine.source.line(*path)) if routine.source.file else None
    return Finding(
        code=code,
        message=message,
        severity=severity,
        location=location,
        hint=hint,
        detail=tuple(lines),
        data=data,
    )
