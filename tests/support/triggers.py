"""Small makers for the tests of triggers and backtests."""

from __future__ import annotations

from typing import Any

from routine_harness.predicate import parse_predicate
from routine_harness.routine.document import load_document
from routine_harness.routine.parse import parse_routine
from routine_harness.routine.regex import compile_filter_regex
from routine_harness.routine.spec import Filter, GithubTrigger, Routine


def clause(field: str, operator: str, value: Any) -> Filter:
    """A filter of a github trigger."""
    return Filter(field, operator, value, parse_predicate({operator: value}, compile_filter_regex))


def github(
    *filters: Filter, events: tuple[str, ...] = ("pull_request.opened",), branches: tuple[str, ...] = ()
) -> GithubTrigger:
    return GithubTrigger(events=events, branches=branches, filters=filters)


def routine(*triggers: Any, name: str = "triage", repositories: tuple[Any, ...] = ()) -> Routine:
    return Routine(name=name, prompt="Look.", triggers=triggers, repositories=repositories)


def parsed(text: str) -> Routine:
    """The routine that YAML text spells, with the lines of its values."""
    return parse_routine(load_document(text.encode(), "routine.yaml"))
