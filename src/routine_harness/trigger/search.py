"""One github trigger under search: events that fire it, or that one clause alone keeps from it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import msgspec

from routine_harness.finding import Finding, Location, Severity
from routine_harness.plain import Record
from routine_harness.predicate import ABSENT, describe
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import GithubTrigger, Routine
from routine_harness.trigger.clauses import ELSEWHERE, CompiledClause, CompiledTrigger, compile_trigger
from routine_harness.trigger.facts import Facts, event_of, flag_choices
from routine_harness.trigger.payload import narrow
from routine_harness.trigger.values import Search, find_value

Place = tuple[str | int, ...]
"""Where in a trigger something stands: a path of keys and positions."""

_FLAGS: Final = ("is_draft", "is_merged")


class TriggerSearch:
    """One trigger under search.

    ``by_field`` are its clauses by the field they read. Its events are ``judged`` by every clause,
    ``unfiltered`` where the edition says that filters are ignored on them, or ``undecidable`` for
    lack of the fields named with them.
    """

    def __init__(self, routine: Routine, index: int, trigger: GithubTrigger, edition: Edition) -> None:
        repositories = tuple(each.full_name for each in routine.repositories)
        self.routine, self.index, self.trigger, self.edition = routine, index, trigger, edition
        self.repository = (trigger.repositories or repositories or ("acme/core",))[0]
        self.compiled: CompiledTrigger = compile_trigger(trigger, edition, repositories)
        self.by_field: dict[str, list[CompiledClause]] = {}
        for clause in self.compiled.written:
            if clause.field != "repository":
                self.by_field.setdefault(clause.field, []).append(clause)
        self.judged: list[str] = []
        self.unfiltered: list[str] = []
        self.undecidable: dict[str, tuple[str, ...]] = {}
        for event in sorted(self.compiled.events, key=self._listed):
            self._classify(event)

    def witness(self, swap: CompiledClause | None = None) -> Facts | Search:
        """Facts that fire the trigger, or, with ``swap``, that only ``swap`` keeps from firing it."""
        values: Record = {}
        found = Search(True) if self.judged else Search(False, proved=True)
        for field, clauses in self.by_field.items() if found.found else ():
            if field in _FLAGS:
                continue
            found = find_value(field, clauses, [clause is not swap for clause in clauses])
            if not found.found:
                break
            values[field] = tuple(found.value) if field == "labels" else found.value
        for event in self.judged if found.found else ():
            for draft, merged in flag_choices(event):
                if flags_fit(self.compiled, event, draft, merged, swap):
                    kept = {**values, "is_draft": draft, "is_merged": merged}
                    return Facts(event, repository=self.repository, **kept)
        if swap is None and self.unfiltered:
            return Facts(self.unfiltered[0], repository=self.repository)
        return Search(False, proved=True) if found.found else found

    def place(self, clause: CompiledClause) -> Place:
        """Where the clause stands in the trigger."""
        written = self.compiled.written
        filters = written[len(written) - len(self.trigger.filters) :]
        positions = (position for position, each in enumerate(filters) if each is clause)
        position = next(positions, None)
        return ("branches",) if position is None else ("filters", position)

    def finding(
        self,
        code: str,
        message: str,
        place: Place = (),
        witness: Facts | None = None,
        *,
        detail: Iterable[str] = (),
        hint: str = "",
        warn: bool = False,
    ) -> Finding:
        """A finding at ``place``; the witness is shown with all that the clauses look at."""
        source, lines = self.routine.source, list(detail)
        data: Record = {"trigger": self.index, "place": list(place)}
        if witness is not None:
            looked_at = {field: getattr(witness, field) for field in self.by_field}
            shown = {"event": witness.event, **looked_at, **msgspec.to_builtins(witness)}
            data["witness"] = msgspec.to_builtins(shown)
            lines.append(f"witness: {json.dumps(data['witness'], ensure_ascii=False)}")
        line = source.line("triggers", self.index, *place)
        return Finding(
            code=code,
            message=message,
            severity=Severity.WARNING if warn else Severity.ERROR,
            location=Location(source.file, line) if source.file else None,
            hint=hint,
            detail=tuple(lines),
            data=data,
        )

    def _classify(self, event: str) -> None:
        absent, ignored = unread(self.compiled, event)
        if absent:
            self.undecidable[event] = absent
        else:
            (self.unfiltered if ignored else self.judged).append(event)

    def _listed(self, event: str) -> tuple[int, str]:
        listed = self.trigger.events
        return (listed.index(event) if event in listed else len(listed), event)


def decide_facts(compiled: CompiledTrigger, facts: Facts) -> bool | None:
    """What a trigger makes of the event that says ``facts``."""
    return compiled.decide(facts.event, narrow(event_of(facts).payload))


def flags_fit(
    compiled: CompiledTrigger, event: str, draft: bool, merged: bool, swap: CompiledClause | None = None
) -> bool:
    """Whether the clauses about flags hold of these, of which ``swap`` must not.

    What the platform asks besides counts where no filter on a flag is to fail.
    """
    actual = {"is_draft": draft, "is_merged": merged}
    if swap is None or swap.field not in _FLAGS:
        payload = narrow(event_of(Facts(event, is_draft=draft, is_merged=merged)).payload)
        if not all(clause.decide(payload) for clause in compiled.clauses if not clause.written):
            return False
    return all(
        clause.test(actual[clause.field]) is (clause is not swap)
        for clause in compiled.written
        if clause.field in _FLAGS
    )


def unread(compiled: CompiledTrigger, event: str) -> tuple[tuple[str, ...], bool]:
    """The fields that clauses read and ``event`` does not carry; whether filters are ignored on it."""
    payload = narrow(event_of(Facts(event)).payload)
    read = [(clause.field, clause.read(payload)) for clause in compiled.clauses]
    absent = dict.fromkeys(field for field, value in read if value is ABSENT)
    return tuple(absent), any(value is ELSEWHERE for _, value in read)


def words_of(clause: CompiledClause) -> str:
    """A clause as a person says it."""
    return f"{clause.field} {describe({clause.operator: clause.expected})}"
