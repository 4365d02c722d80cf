"""Hypothesis strategies for events; public as ``routine_harness.strategies``.

@given(strategies.firing_events(routine.triggers[0]))
def test_main_only(event):
    assert event.payload["pull_request"]["base"]["ref"] == "main"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from routine_harness.plain import Json, Record
from routine_harness.routine.edition import Edition, load_edition
from routine_harness.routine.spec import GithubTrigger
from routine_harness.trigger.clauses import CompiledClause, CompiledTrigger, compile_trigger
from routine_harness.trigger.event import Event
from routine_harness.trigger.facts import Facts, event_of, flag_choices, possible
from routine_harness.trigger.search import decide_facts, flags_fit, unread
from routine_harness.trigger.values import candidates, find_texts, find_value, plausible

_WORDS = "abcdefghijklmnopqrstuvwxyzABC0123456789 -_/."
_SAMPLES = 6
"""Texts that are drawn where no operand of a filter satisfies all of them."""


def events(names: Sequence[str] = (), edition: Edition | None = None) -> SearchStrategy[Event]:
    """Deliveries of any event of the catalogue, or of ``names``, in the shape that GitHub documents."""
    known = tuple(names) or tuple(sorted((edition or load_edition()).event_names))
    return st.builds(event_of, _facts(known, {}))


def firing_events(
    trigger: GithubTrigger, edition: Edition | None = None, repositories: tuple[str, ...] = ()
) -> SearchStrategy[Event]:
    """Deliveries that fire ``trigger``; ``repositories`` are those of its routine.

    Raises:
        ValueError: no event is known that fires it; ``check_trigger_properties`` says why.
    """
    compiled = compile_trigger(trigger, edition or load_edition(), repositories)
    unfiltered = tuple(name for name in sorted(compiled.events) if unread(compiled, name) == ((), True))
    judged = _judged(compiled)
    fields = _by_field(compiled.written)
    drawn = []
    if unfiltered:
        scope = {field: _satisfying(field, own) for field, own in fields.items() if field == "repository"}
        drawn.append(_facts(unfiltered, scope))
    if judged:
        drawn.append(_facts(judged, {field: _satisfying(field, own) for field, own in fields.items()}))
    if not drawn:
        raise ValueError("no event that the trigger lists can satisfy its filters")
    facts = st.one_of(drawn)
    return st.builds(event_of, facts.filter(lambda each: decide_facts(compiled, each) is True))


def near_misses(
    trigger: GithubTrigger, edition: Edition | None = None, repositories: tuple[str, ...] = ()
) -> SearchStrategy[tuple[Event, str]]:
    """Deliveries that one clause alone keeps from firing ``trigger``, each with that clause's field.

    Raises:
        ValueError: no clause can be failed alone, or nothing fires the trigger at all.
    """
    compiled = compile_trigger(trigger, edition or load_edition(), repositories)
    fields = _by_field(compiled.written)
    choices: list[SearchStrategy[tuple[Event, str]]] = []
    for clause in compiled.written:
        missed, names = _missing(clause, fields[clause.field]), _judged(compiled, clause)
        if missed is None or not names:
            continue
        values = {field: _satisfying(field, own) for field, own in fields.items() if field != clause.field}
        facts = _facts(names, {**values, clause.field: missed})
        facts = facts.filter(lambda each: decide_facts(compiled, each) is False)
        choices.append(st.tuples(st.builds(event_of, facts), st.just(clause.field)))
    if not choices:
        raise ValueError("no event misses the trigger by one clause")
    return st.one_of(choices)


def _judged(compiled: CompiledTrigger, swap: CompiledClause | None = None) -> tuple[str, ...]:
    """The events that every clause can read, with flags that all but ``swap`` let pass."""
    return tuple(
        name
        for name in sorted(compiled.events)
        if unread(compiled, name) == ((), False)
        and any(flags_fit(compiled, name, *flags, swap) for flags in flag_choices(name))
    )


def _by_field(clauses: Sequence[CompiledClause]) -> dict[str, list[CompiledClause]]:
    fields: dict[str, list[CompiledClause]] = {}
    for clause in clauses:
        fields.setdefault(clause.field, []).append(clause)
    return fields


def _facts(names: tuple[str, ...], values: dict[str, SearchStrategy[Any]]) -> SearchStrategy[Facts]:
    """Facts of the events ``names``, with the given values and ordinary ones for the other fields."""
    ordinary: dict[str, SearchStrategy[Any]] = {
        "author": st.sampled_from(("alice", "bob", "dependabot[bot]")),
        "title": st.text(_WORDS, min_size=1, max_size=12),
        "body": st.none() | st.text(_WORDS, max_size=12),
        "base_branch": st.sampled_from(("main", "release/1")),
        "head_branch": st.sampled_from(("feature/x", "claude/y")),
        "labels": st.lists(st.sampled_from(("bug", "wip", "security")), unique=True, max_size=2),
        "from_fork": st.booleans(),
    }
    asked = {**ordinary, **values}
    flags = [(name, *flag) for name in names for flag in flag_choices(name)]
    drawn = st.tuples(st.sampled_from(flags), st.fixed_dictionaries(asked))
    return drawn.map(_assembled).filter(possible)


def _assembled(drawn: tuple[tuple[str, bool, bool], Record]) -> Facts:
    (name, draft, merged), values = drawn
    values = {"is_draft": draft, "is_merged": merged, **values}
    return Facts(name, **{**values, "labels": tuple(values["labels"])})


def _satisfying(field: str, clauses: list[CompiledClause]) -> SearchStrategy[Any]:
    return _answering(field, clauses, [True] * len(clauses))


def _missing(clause: CompiledClause, clauses: list[CompiledClause]) -> SearchStrategy[Any] | None:
    wanted = [each is not clause for each in clauses]
    return (
        _answering(clause.field, clauses, wanted) if find_value(clause.field, clauses, wanted).found else None
    )


def _answering(field: str, clauses: list[CompiledClause], wanted: list[bool]) -> SearchStrategy[Any]:
    def fits(value: Json) -> bool:
        return all(c.test(value) is want for c, want in zip(clauses, wanted, strict=True))

    known = [value for value in candidates(field, clauses) if fits(value)]
    if not known:
        found = find_value(field, clauses, wanted)
        if not found.found:
            raise ValueError(f"no value of {field} was found that satisfies its filters")
        known = [found.value]
        if field != "labels":
            known += filter(fits, find_texts(field, clauses, wanted, _SAMPLES))
    strategy = st.sampled_from(known)
    if field in ("title", "body"):
        longer = st.builds(
            lambda a, b, c: a + b + c, st.text(_WORDS, max_size=3), strategy, st.text(_WORDS, max_size=3)
        )
        return strategy | longer.filter(lambda text: plausible(field, text) and fits(text))
    return strategy
