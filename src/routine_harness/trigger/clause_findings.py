"""What is wrong with clauses of a trigger: contradictions, dead ones, regexes without ``.*``."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator

import msgspec

from routine_harness.finding import Finding
from routine_harness.trigger.clauses import CompiledClause
from routine_harness.trigger.facts import Facts
from routine_harness.trigger.search import Place, TriggerSearch, words_of
from routine_harness.trigger.values import FREE_TEXT, Search, find_value


def find_contradictions(searched: TriggerSearch) -> Iterator[Finding]:
    """Pairs of clauses that nothing satisfies both of."""
    for field, clauses in searched.by_field.items():
        for one, other in itertools.combinations(clauses, 2):
            both = find_value(field, (one, other), (True, True))
            if both.found:
                continue
            if not both.proved:
                what = f"both {words_of(one)} and {words_of(other)}"
                yield unproved(searched, f"whether any event can satisfy {what}", both, searched.place(other))
                continue
            parts = (find_value(field, (one, other), wanted) for wanted in ((True, False), (False, True)))
            shown = [f"{field}: {json.dumps(part.value)}" for part in parts if part.found]
            message = f"no event can satisfy both {words_of(one)} and {words_of(other)}"
            detail = [f"satisfies only one of them: {each}" for each in shown]
            alone = searched.witness(other)
            witness = alone if isinstance(alone, Facts) else None
            yield searched.finding(
                "trigger.contradiction", message, searched.place(other), witness, detail=detail
            )


def unproved(searched: TriggerSearch, what: str, search: Search, place: Place = ()) -> Finding:
    """A finding that says what could not be decided, and why."""
    message = f"{what} is not decided: {search.reason}"
    hint = "write it so that it can be: RE2 without \\p, [[:…:]] and (?m), or use contains and starts_with"
    return searched.finding("trigger.unproved", message, place, hint=hint, warn=True)


def find_open_ends(searched: TriggerSearch) -> Iterator[Finding]:
    """Patterns for titles and bodies that seem to forget that they must match the whole value."""
    for clause in searched.compiled.written if searched.judged else ():
        if clause.operator != "matches_regex" or clause.field not in FREE_TEXT:
            continue
        missed = _holding(clause)
        if missed is None:
            continue
        plain = Facts(searched.judged[0], repository=searched.repository)
        facts = msgspec.structs.replace(plain, **{clause.field: missed})
        message = f"{words_of(clause)} must match the whole {clause.field}: it misses {json.dumps(missed)}"
        pattern = f"({clause.expected})" if "|" in str(clause.expected) else clause.expected
        hint = f"write '.*{pattern}.*', or use contains"
        place = searched.place(clause)
        yield searched.finding("trigger.regex-whole", message, place, facts, hint=hint, warn=True)


def find_dead(searched: TriggerSearch, fires: Facts) -> Iterator[Finding]:
    """Clauses without which no event's outcome changes; those that ask the same are told together."""
    dead: list[CompiledClause] = []
    for clauses in searched.by_field.values():
        for clause in clauses:
            search = searched.witness(clause)
            if not isinstance(search, Search):
                continue
            if search.proved:
                dead.append(clause)
            else:
                what = f"whether {words_of(clause)} decides anything"
                yield unproved(searched, what, search, searched.place(clause))
    groups: list[list[CompiledClause]] = []
    for each in dead:
        alike = next((group for group in groups if _alike(group[0], each)), None)
        groups.append([each]) if alike is None else alike.append(each)
    for group in groups:
        yield _duplicates(searched, group, fires) if len(group) > 1 else _dead(searched, group[0], fires)


def _dead(searched: TriggerSearch, clause: CompiledClause, fires: Facts) -> Finding:
    why = "every event that passes the other clauses passes it too"
    message = f"{words_of(clause)} decides nothing: {why}; {_shown(clause, fires)}"
    return searched.finding("trigger.dead-clause", message, searched.place(clause), fires, warn=True)


def _duplicates(searched: TriggerSearch, clauses: list[CompiledClause], fires: Facts) -> Finding:
    places = [searched.place(clause) for clause in clauses]
    named = [f"{words_of(clause)} ({_named(place)})" for clause, place in zip(clauses, places, strict=True)]
    message = f"{' and '.join(named)} ask the same: one of them is enough; {_shown(clauses[0], fires)}"
    return searched.finding("trigger.duplicate-clause", message, places[-1], fires, warn=True)


def _shown(clause: CompiledClause, witness: Facts) -> str:
    value = json.dumps(getattr(witness, clause.field), ensure_ascii=False)
    return f"witness: {clause.field} {value}"


def _named(place: tuple[str | int, ...]) -> str:
    return "branches" if place == ("branches",) else f"filter {int(place[1]) + 1}"


def _alike(one: CompiledClause, other: CompiledClause) -> bool:
    """Whether nothing passes one of the two and not the other."""
    pair = (one, other)
    return one.field == other.field and all(
        find_value(one.field, pair, wanted).proved for wanted in ((True, False), (False, True))
    )


def _holding(clause: CompiledClause) -> str | None:
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
