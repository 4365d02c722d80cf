"""What must hold of every trigger, checked before any event arrives, each failure with a witness.

Some event can fire it; every clause matters; no two clauses contradict each other; no trigger is
part of another of the same routine; what no clause looks at changes nothing.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from routine_harness.finding import Finding
from routine_harness.plain import Record
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import GithubTrigger, Routine
from routine_harness.trigger.clause_findings import find_contradictions, find_dead, find_open_ends, unproved
from routine_harness.trigger.clauses import trigger_settings
from routine_harness.trigger.facts import Facts
from routine_harness.trigger.schedules import check_schedules
from routine_harness.trigger.search import Place, TriggerSearch, decide_facts
from routine_harness.trigger.values import Search, find_value

_Key = tuple[str, int, Place]
_RENAMED: Final[Record] = {
    "author": "zoe",
    "title": "Something else",
    "body": None,
    "base_branch": "elsewhere",
    "head_branch": "another",
    "labels": ("unrelated",),
    "from_fork": True,
}
"""For each field, another value than that of an ordinary event."""


def check_trigger_properties(routine: Routine, edition: Edition) -> tuple[Finding, ...]:
    """The findings of all triggers of ``routine``, in the order of the file.

    A finding says which of the edition's undocumented points it depends on.
    """
    found = list(check_schedules(routine, edition))
    github = [(i, t) for i, t in enumerate(routine.triggers) if isinstance(t, GithubTrigger) and t.enabled]
    searched = _search(routine, github, edition)
    depends_on: dict[_Key, list[str]] = {}
    for name, other in _other_answers(github, edition) if searched else ():
        still = {_key(finding) for finding in _search(routine, github, other)}
        for finding in searched:
            names = depends_on.setdefault(_key(finding), [])
            if _key(finding) not in still and name not in names:
                names.append(name)
    return (*found, *(_depending(finding, depends_on.get(_key(finding), ())) for finding in searched))


def _search(routine: Routine, github: Sequence[tuple[int, GithubTrigger]], edition: Edition) -> list[Finding]:
    searched = [TriggerSearch(routine, index, trigger, edition) for index, trigger in github]
    found = [finding for each in searched for finding in _check(each)]
    for one, other in itertools.permutations(searched, 2):
        found += _subset(one, other)
    return found


def _other_answers(
    github: Iterable[tuple[int, GithubTrigger]], edition: Edition
) -> Iterator[tuple[str, Edition]]:
    """The edition with each other answer to the undocumented points that the triggers touch."""
    touched = {name for _, trigger in github for name in trigger_settings(trigger, edition)}
    touched -= {"empty_value"}  # no finding has a witness with an empty value
    for name in sorted(touched):
        setting = edition.settings[name]
        for choice in setting.choices if setting.assumed else ():
            if choice != setting.chosen:
                yield name, edition.with_setting(name, choice)


def _key(finding: Finding) -> _Key:
    """What makes two findings the same, whatever witness they show."""
    return (finding.code, finding.data["trigger"], tuple(finding.data["place"]))


def _depending(finding: Finding, names: Sequence[str]) -> Finding:
    if not names:
        return finding
    message = f"{finding.message} (depends on undocumented: {', '.join(names)})"
    return msgspec.structs.replace(finding, message=message, data={**finding.data, "depends_on": list(names)})


def _check(searched: TriggerSearch) -> Iterator[Finding]:
    yield from _events(searched)
    yield from _gone(searched)
    if not searched.judged and searched.unfiltered:
        yield from _ignored(searched)
        return
    contradicting = list(find_contradictions(searched)) if searched.compiled.events else []
    yield from contradicting
    yield from find_open_ends(searched)
    yield from _undecidable(searched)
    fires = searched.witness()
    if isinstance(fires, Facts):
        yield from find_dead(searched, fires)
        yield from _unstable(searched, fires)
    elif searched.judged and not contradicting:
        yield _never(searched, fires)


def _events(searched: TriggerSearch) -> Iterator[Finding]:
    for position, name in enumerate(searched.trigger.events):
        if name not in searched.compiled.events and name not in searched.edition.events:
            message = f"{name} never fires: the platform sends no such event"
            close = difflib.get_close_matches(name, sorted(searched.edition.event_names), 1, 0.75)
            hint = f"did you mean {close[0]}?" if close else ""
            yield searched.finding("trigger.unknown-event", message, ("events", position), hint=hint)
        elif name not in searched.compiled.events and not searched.edition.setting("bare_event_fires"):
            message = f"a bare {name} was never seen to fire; name its actions"
            yield searched.finding("trigger.bare-event", message, ("events", position))


def _gone(searched: TriggerSearch) -> Iterator[Finding]:
    """Filters that the edition does not have: the platform knows no such field or operator."""
    edition = searched.edition
    for position, each in enumerate(searched.trigger.filters):
        for noun, name, known in (
            ("filter", each.field, edition.filter_fields),
            ("operator", each.operator, edition.operators),
        ):
            if name not in known:
                message = f"there is no {noun} {name} under the rules of {edition.edition}"
                hint = f"the {noun}s are {', '.join(known)}"
                yield searched.finding(
                    "trigger.unknown-filter", message, ("filters", position), hint=hint, warn=True
                )


def _ignored(searched: TriggerSearch) -> Iterator[Finding]:
    """Filters on events of which the policy says that filters are ignored."""
    names = ", ".join(searched.unfiltered)
    message = f"its filters decide nothing: filters_elsewhere says that they are ignored on {names}"
    fires = searched.witness()
    place = searched.place(next(clause for clauses in searched.by_field.values() for clause in clauses))
    witness = fires if isinstance(fires, Facts) else None
    yield searched.finding("trigger.dead-clause", message, place, witness, warn=True)
    yield from _undecidable(searched)


def _undecidable(searched: TriggerSearch) -> Iterator[Finding]:
    """Listed events that lack a field which a filter reads, those that lack the same fields together."""
    lacking: dict[tuple[str, ...], list[str]] = {}
    for event, fields in searched.undecidable.items():
        lacking.setdefault(fields, []).append(event)
    for fields, events in lacking.items():
        verb, pronoun = ("does", "it fires") if len(events) == 1 else ("do", "they fire")
        absent = ", ".join(fields)
        message = f"{', '.join(events)} {verb} not carry {absent}: no one can say if {pronoun}"
        facts = Facts(events[0], repository=searched.repository)
        yield searched.finding("trigger.undecidable", message, (), facts, warn=True)


def _unstable(searched: TriggerSearch, fires: Facts) -> Iterator[Finding]:
    looked_at = {*searched.by_field, "event", "repository"}
    for field, other in _RENAMED.items():
        changed = msgspec.structs.replace(fires, **{field: other})
        if field not in looked_at and not decide_facts(searched.compiled, changed):
            message = f"renaming {field}, which no clause looks at, changes the outcome"
            yield searched.finding("trigger.unstable", message, (), changed)


def _never(searched: TriggerSearch, search: Search) -> Finding:
    names = ", ".join(searched.judged)
    if search.proved:
        return searched.finding("trigger.never-fires", f"no event of {names} can satisfy every filter")
    return unproved(searched, f"whether any event of {names} can satisfy every filter", search)


def _subset(one: TriggerSearch, other: TriggerSearch) -> Iterator[Finding]:
    """A finding if whatever fires ``one`` fires ``other`` too; of two equal ones the later is told."""
    if not one.compiled.events or not one.compiled.events <= other.compiled.events:
        return
    fires = one.witness()
    if not isinstance(fires, Facts) or not decide_facts(other.compiled, fires):
        return
    equal = one.compiled.events == other.compiled.events and not _outside(other, one)
    if _outside(one, other) or (equal and one.index < other.index):
        return
    message = f"each event that fires this trigger fires trigger {other.index + 1} too: one adds nothing"
    yield one.finding("trigger.subset", message, (), fires, warn=True)


def _outside(one: TriggerSearch, other: TriggerSearch) -> bool:
    """Whether some event may fire ``one`` but not ``other``: one that fails a clause of ``other`` alone."""
    if _elsewhere(one, other):
        return True
    for field, clauses in other.by_field.items() if one.judged else ():
        own = one.by_field.get(field, [])
        for clause in clauses:
            if not find_value(field, [*own, clause], [*(True for _ in own), False]).proved:
                return True
    return False


def _elsewhere(one: TriggerSearch, other: TriggerSearch) -> bool:
    """Whether events of a repository reach ``one`` that do not reach ``other``."""
    own, others = _scope(one), _scope(other)
    return others is not None and (own is None or not own <= others)


def _scope(searched: TriggerSearch) -> frozenset[str] | None:
    """The repositories whose events reach the trigger; None for all."""
    for clause in searched.compiled.clauses:
        if clause.field == "repository":
            return frozenset(name.lower() for name in clause.expected)
    return None
