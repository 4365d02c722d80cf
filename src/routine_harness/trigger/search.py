"""One github trigger under search: events that fire it, or that one clause alone keeps from it."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import GithubTrigger, Routine
from routine_harness.trigger.clauses import CompiledClause, CompiledTrigger, compile_trigger
from routine_harness.trigger.facts import Facts, event_of, flag_choices
from routine_harness.trigger.payload import narrow
from routine_harness.trigger.values import Search, find_value

_FLAGS: Final = ("is_draft", "is_merged")


class TriggerSearch:
    """One trigger under search; ``by_field`` are its clauses by the field they read."""

    def __init__(self, routine: Routine, index: int, trigger: GithubTrigger, edition: Edition) -> None:
        repositories = tuple(each.full_name for each in routine.repositories)
        self.routine, self.index, self.trigger, self.edition = routine, index, trigger, edition
        self.repository = (trigger.repositories or repositories or ("acme/core",))[0]
        self.compiled: CompiledTrigger = compile_trigger(trigger, edition, repositories)
        self.by_field: dict[str, list[CompiledClause]] = {}
        for clause in self.compiled.clauses:
            if clause.field != "repository":
                self.by_field.setdefault(clause.field, []).append(clause)

    def witness(self, swap: CompiledClause | None = None) -> Facts | Search:
        """Facts that fire the trigger, or, with ``swap``, that only ``swap`` keeps from firing it."""
        values: dict[str, Any] = {}
        for field, clauses in self.by_field.items():
            if field in _FLAGS:
                continue
            search = find_value(field, clauses, [clause is not swap for clause in clauses])
            if not search.found:
                return search
            values[field] = tuple(search.value) if field == "labels" else search.value
        for event in sorted(self.compiled.events, key=self._listed):
            for draft, merged in flag_choices(event):
                if self._flags_fit(draft, merged, swap):
                    kept = {**values, "is_draft": draft, "is_merged": merged}
                    return Facts(event, repository=self.repository, **kept)
        return Search(False, proved=True)

    def _listed(self, event: str) -> tuple[int, str]:
        listed = self.trigger.events
        return (listed.index(event) if event in listed else len(listed), event)

    def _flags_fit(self, draft: bool, merged: bool, swap: CompiledClause | None) -> bool:
        actual = {"is_draft": draft, "is_merged": merged}
        return all(
            clause.test(actual[field]) is (clause is not swap)
            for field in _FLAGS
            for clause in self.by_field.get(field, ())
        )


def decide_facts(compiled: CompiledTrigger, facts: Facts) -> bool | None:
    """What a trigger makes of the event that says ``facts``."""
    return compiled.decide(facts.event, narrow(event_of(facts).payload))
