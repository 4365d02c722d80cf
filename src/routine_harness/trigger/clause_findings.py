"""What is wrong with single clauses of a trigger: contradictions, dead ones, regexes without ``.*``."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator

import msgspec

from routine_harness.finding import Finding
from routine_harness.trigger.clauses import CompiledClause
from routine_harness.trigger.facts import Facts
from routine_harness.trigger.search import TriggerSearch, words_of
from routine_harness.trigger.values import FREE_TEXT, Search, disjoint, find_value, implies


def find_contradictions(searched: TriggerSearch) -> Iterator[Finding]:
    """Pairs of clauses that nothing satisfies both of."""
    for field, clauses in searched.by_field.items():
        for one, other in itertools.combinations(clauses, 2):
            if find_value(field, (one, other), (True, True)).found:
                continue
            parts = (find_value(field, (one, other), wanted) for wanted in ((True, False), (False, True)))
            shown = [f"{field}: {json.dumps(part.value)}" for part in parts if part.found]
            proved = disjoint(one, other)
            claim = "no event can satisfy" if proved else "no event was found that satisfies"
            message = f"{claim} both {words_of(one)} and {words_of(other)}"
            detail = [f"satisfies only one of them: {each}" for each in shown]
            alone = searched.witness(other)
            witness = alone if isinstance(alone, Facts) else None
            place = searched.place(other)
            yield searched.finding(
                "trigger.contradiction", message, place, witness, detail=detail, warn=not proved
            )


def find_open_ends(searched: TriggerSearch) -> Iterator[Finding]:
    """Patterns for titles and bodies that seem to forget that they must match the whole value."""
    for clause in searched.compiled.clauses if searched.judged else ():
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
    dead: list[tuple[CompiledClause, Search]] = []
    for clauses in searched.by_field.values():
        for clause in clauses:
            search = searched.witness(clause)
            if isinstance(search, Search):
                dead.append((clause, search))
    groups: list[list[tuple[CompiledClause, Search]]] = []
    for each in dead:
        alike = next((group for group in groups if _alike(group[0][0], each[0])), None)
        groups.append([each]) if alike is None else alike.append(each)
    for group in groups:
        if len(group) > 1:
            yield _duplicates(searched, [clause for clause, _ in group], fires)
        else:
            yield _dead(searched, *group[0], fires)


def _dead(searched: TriggerSearch, clause: CompiledClause, search: Search, fires: Facts) -> Finding:
    others = [each for each in searched.by_field[clause.field] if each is not clause]
    why = (
        "whatever passes the other clauses passes it too"
        if search.proved or any(implies(each, clause) for each in others)
        else "nothing was found that passes the other clauses and not it"
    )
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
    """Whether nothing was found that passes one of the two and not the other."""
    pair = (one, other)
    return one.field == other.field and not any(
        find_value(one.field, pair, wanted).found for wanted in ((True, False), (False, True))
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
