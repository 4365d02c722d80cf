"""A github trigger compiled into clauses: the one implementation of filters.

``match_trigger`` explains with it, ``backtest`` counts with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec

from routine_harness.plain import Json
from routine_harness.predicate import ABSENT, conjunction, parse_predicate
from routine_harness.routine.edition import Edition
from routine_harness.routine.glob import glob_regex, match_globs
from routine_harness.routine.languages import EVERYTHING, Language
from routine_harness.routine.regex import compile_filter_regex
from routine_harness.routine.spec import Filter, GithubTrigger
from routine_harness.trigger.fields import FIELDS, TEXT_FIELDS, Read, base_branch_of, repository_of
from routine_harness.trigger.payload import Payload

Test = Callable[[Json], bool | None]
_EACH: Final = ("equals", "starts_with", "is_one_of", "matches_regex")


class CompiledClause(msgspec.Struct, frozen=True):
    """One condition: what it reads, and a three-valued test of that.

    ``language`` is that test over texts, for proofs; None where it has no such form. Of a list the
    test asks that some element is in it or, with ``every``, all of them. ``written`` is false of what
    the platform itself asks, whatever the filters say.
    """

    field: str
    operator: str
    expected: Json
    read: Read
    test: Test
    language: Language | None = None
    every: bool = False
    written: bool = True

    def decide(self, payload: Payload) -> bool | None:
        return self.test(self.read(payload))


class CompiledTrigger(msgspec.Struct, frozen=True):
    """The events that a trigger listens to, and its conditions in the order they are reported.

    ``events`` are the qualified names that can fire it; ``listed`` those that its file lists.
    """

    events: frozenset[str]
    listed: tuple[str, ...]
    clauses: tuple[CompiledClause, ...]

    @property
    def written(self) -> tuple[CompiledClause, ...]:
        """The conditions that the routine's file has."""
        return tuple(clause for clause in self.clauses if clause.written)

    def decide(self, name: str, payload: Payload) -> bool | None:
        """True if the event fires the trigger, False if not, None if a field is missing to say so."""
        if name not in self.events:
            return False
        return conjunction(clause.decide(payload) for clause in self.clauses)


def compile_trigger(
    trigger: GithubTrigger, edition: Edition, repositories: tuple[str, ...] = ()
) -> CompiledTrigger:
    """The trigger under the rules of ``edition``.

    ``repositories`` are the routine's; none of them means that any repository will do.
    """
    clauses: list[CompiledClause] = []
    scope = trigger.repositories or repositories
    if scope and edition.setting("repository_scope") == "routine":
        clauses.append(_repository_clause(scope))
    filters = [_branch_clause(trigger.branches)] if trigger.branches else []
    filters += [compile_filter(each, edition) for each in trigger.filters]
    if edition.setting("filters_elsewhere") == "ignored":
        filters = [_of_pull_requests(each) for each in filters]
    clauses += filters
    if LABELED in trigger.events and edition.setting("labeled_draft") == "ignored":
        clauses.append(_no_labelled_draft())
    return CompiledTrigger(effective_events(trigger, edition), trigger.events, tuple(clauses))


def effective_events(trigger: GithubTrigger, edition: Edition) -> frozenset[str]:
    """The listed events that exist; a bare category counts only if the edition says that it fires."""
    known = edition.event_names
    events = {name for name in trigger.events if name in known}
    if edition.setting("bare_event_fires"):
        bare = {name for name in trigger.events if name in edition.events}
        events |= {name for name in known if name.partition(".")[0] in bare}
    return frozenset(events)


def compile_filter(each: Filter, edition: Edition) -> CompiledClause:
    """One filter; the edition's settings decide about case, lists of labels and empty values."""
    read = _with_empty(FIELDS[each.field], each.field, edition)
    test: Test = each.predicate.match
    if each.field in TEXT_FIELDS and not edition.setting("case_sensitive"):
        test = _folded(each)
    every = each.field == "labels" and each.operator in _EACH and edition.setting("label_operators") == "all"
    if every:
        test = _every(test)
    language = _language(each, folded=each.field in TEXT_FIELDS and not edition.setting("case_sensitive"))
    every = every or each.operator == "is_not_one_of"
    return CompiledClause(each.field, each.operator, each.value, read, test, language, every)


def _language(each: Filter, *, folded: bool) -> Language | None:
    """The texts that pass one filter; of labels, those for which a list passes it."""
    values = each.value if isinstance(each.value, list | tuple) else [each.value]
    if not all(isinstance(value, str) for value in values) or (
        isinstance(each.value, list | tuple) and each.operator == "equals"
    ):
        return None
    if folded and any(len(value.casefold()) != len(value) for value in values):
        return None  # a letter that is two without its case
    if each.operator == "matches_regex":
        found = str(each.value)
    else:
        listed = "|".join(re.escape(value) for value in values)
        before = EVERYTHING if each.operator == "contains" and each.field != "labels" else ""
        after = EVERYTHING if before or each.operator == "starts_with" else ""
        found = f"{before}(?:{listed}){after}"
    found = f"(?i:{found})" if folded else found
    return ((EVERYTHING, True), (found, False)) if each.operator == "is_not_one_of" else ((found, True),)


def clause_settings(field: str, operator: str) -> tuple[str, ...]:
    """The settings that ``compile_filter`` asks for such a filter."""
    if field not in TEXT_FIELDS:
        return ()
    labels = ("label_operators",) if field == "labels" and operator in _EACH else ()
    return ("case_sensitive", *labels, "empty_value")


def trigger_settings(trigger: GithubTrigger, edition: Edition) -> frozenset[str]:
    """The settings that ``compile_trigger`` asks for this one, beside whose events reach it."""
    asked = {name for each in trigger.filters for name in clause_settings(each.field, each.operator)}
    if any(name in edition.events for name in trigger.events):
        asked.add("bare_event_fires")
    if (trigger.filters or trigger.branches) and not all(
        name.startswith("pull_request") for name in trigger.events
    ):
        asked.add("filters_elsewhere")
    if LABELED in trigger.events:
        asked.add("labeled_draft")
    return frozenset(asked)


LABELED: Final = "pull_request.labeled"


def _no_labelled_draft() -> CompiledClause:
    """A label on a draft fires nothing, as one observer saw; an event that does not say so is of none."""

    def read(payload: Payload) -> Json:
        labelled = payload.action == "labeled" and payload.pull_request
        return FIELDS["is_draft"](payload) if labelled else False

    def test(value: Json) -> bool | None:
        return value is not True

    return CompiledClause("is_draft", "equals", False, read, test, written=False)


def _repository_clause(scope: tuple[str, ...]) -> CompiledClause:
    wanted = frozenset(name.lower() for name in scope)

    def test(value: Json) -> bool | None:
        return None if value is ABSENT else value.lower() in wanted

    return CompiledClause("repository", "is_one_of", list(scope), repository_of, test)


def _branch_clause(globs: tuple[str, ...]) -> CompiledClause:
    def test(value: Json) -> bool | None:
        return None if value is ABSENT else match_globs(globs, value)

    patterns = ((glob, not glob.startswith("!")) for glob in globs)
    language = tuple((f"(?s:{glob_regex(glob.removeprefix('!'))})", adds) for glob, adds in patterns)
    return CompiledClause("base_branch", "matches_glob", list(globs), base_branch_of, test, language)


class _Elsewhere:
    """What an ignored filter finds in an event of which filters are not documented."""

    def __repr__(self) -> str:
        return "ignored"


ELSEWHERE: Final = _Elsewhere()


def _of_pull_requests(clause: CompiledClause) -> CompiledClause:
    """The same filter, which any event passes that is of no pull request."""

    def read(payload: Payload) -> Json:
        return clause.read(payload) if payload.pull_request else ELSEWHERE

    def test(value: Json) -> bool | None:
        return True if value is ELSEWHERE else clause.test(value)

    return msgspec.structs.replace(clause, read=read, test=test)


def _with_empty(read: Read, field: str, edition: Edition) -> Read:
    rule = edition.setting("empty_value")
    if rule == "no_match" or field not in TEXT_FIELDS:
        return read
    replacement: Json = "" if rule == "empty_text" else ABSENT

    def reading(payload: Payload) -> Json:
        value = read(payload)
        return replacement if value is None else value

    return reading


def _folded(each: Filter) -> Test:
    """The same filter for texts of any case."""
    if each.operator == "matches_regex":
        return parse_predicate({"matches_regex": f"(?i:{each.value})"}, compile_filter_regex).match
    folded = parse_predicate({each.operator: _fold(each.value)}, compile_filter_regex)
    return lambda value: folded.match(_fold(value))


def _fold(value: Json) -> Json:
    if isinstance(value, str):
        return value.casefold()
    return [_fold(element) for element in value] if isinstance(value, list | tuple) else value


def _every(test: Test) -> Test:
    """The test for each label of a list that has any."""

    def matches(value: Json) -> bool | None:
        if not isinstance(value, list):
            return test(value)
        return bool(value) and all(test([label]) for label in value)

    return matches
