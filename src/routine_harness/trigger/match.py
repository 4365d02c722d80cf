"""Whether an event fires a trigger, with the reason for each clause."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from routine_harness.errors import SpecError
from routine_harness.plain import Json, Record
from routine_harness.predicate import ABSENT, conjunction
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import GithubTrigger, Routine, ScheduleTrigger, Trigger
from routine_harness.trigger.clause_words import condition_words, shown, spoken_field, wanted_words
from routine_harness.trigger.clauses import ELSEWHERE, CompiledTrigger, compile_trigger, trigger_settings
from routine_harness.trigger.event import Event, Firing
from routine_harness.trigger.payload import Payload, narrow

MatchOutcome = Literal["fired", "skipped", "undecided"]
_NO_VALUES: Final = (ABSENT, ELSEWHERE)


class Clause(msgspec.Struct, frozen=True):
    """One condition and what became of it; ``matches`` is None where the event lacks the field."""

    field: str
    operator: str
    expected: Json
    actual: Json
    matches: bool | None

    @property
    def wanted(self) -> str:
        """What the field has to be, in words: ``false``, ``one of main, develop``."""
        return wanted_words(self.operator, self.expected)

    @property
    def found(self) -> str:
        """What the event has: ``draft = false``."""
        name = spoken_field(self.field)
        return f"{name} = {shown(self.actual)}" if self.matches is not None else f"{name} is not in the event"

    def __str__(self) -> str:
        if self.matches:
            return self.found if shown(self.actual) == self.wanted else f"{self.found} ({self.wanted})"
        return f"{self.found}, wanted {self.wanted}"


class IgnoredClause(Clause, frozen=True):
    """A filter that the edition ignores on an event of this kind, and which lets it pass."""

    def __str__(self) -> str:
        return f"{condition_words(self.field, self.operator, self.expected)}: ignored on this kind of event"


class UnwrittenClause(Clause, frozen=True):
    """What the platform asks of an event, whatever the filters say."""

    def __str__(self) -> str:
        return f"{super().__str__()}; no filter asks it, the platform does (labeled_draft)"


class PausedClause(Clause, frozen=True):
    """That the routine is paused, which stops only what is ``expected``: this event still starts it."""

    def __str__(self) -> str:
        stopped = " and ".join(self.expected)
        return f"the routine is paused, which stops {stopped}: this event starts it even so"


class UnknownClause(Clause, frozen=True):
    """A filter on a field that the edition does not have: what the platform makes of it nobody knows."""

    def __str__(self) -> str:
        return f"{super().__str__()}; but the platform has no filter {self.field}"


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """What a trigger made of an event. ``trigger`` is its index, None for a manual start.

    ``depends_on`` names the edition's undocumented points another answer to which would have
    given another outcome.
    """

    event: Event
    trigger: int | None
    clauses: tuple[Clause, ...]
    depends_on: tuple[str, ...] = ()

    @property
    def outcome(self) -> MatchOutcome:
        answer = conjunction(clause.matches for clause in self.clauses)
        return "fired" if answer else "undecided" if answer is None else "skipped"

    @property
    def reason(self) -> str:
        """The clauses that decided, in words."""
        answer = conjunction(clause.matches for clause in self.clauses)
        return "; ".join(str(clause) for clause in self.clauses if clause.matches is answer)


class Fired(Match, frozen=True, kw_only=True):
    """Every clause matched: a session starts."""

    def firing(self) -> Firing:
        return Firing(self.event, self.trigger, self.event.id)


class Skipped(Match, frozen=True, kw_only=True):
    """At least one clause did not match."""


class Undecided(Match, frozen=True, kw_only=True):
    """No clause failed, but the event does not carry a field that one of them needs."""


def match_trigger(
    trigger: Trigger,
    event: Event,
    edition: Edition,
    *,
    repositories: tuple[str, ...] = (),
    index: int | None = None,
    enabled: bool = True,
) -> Fired | Skipped | Undecided:
    """What ``trigger`` makes of ``event``, clause by clause.

    ``repositories`` are those of its routine (none: any will do), ``enabled`` is false for a paused
    routine, ``index`` is where the trigger stands in its routine.

    Raises:
        SpecError: the event's payload has a field of a type that no webhook gives it.
    """
    gates = _gates(trigger, event, edition, enabled)
    if not isinstance(trigger, GithubTrigger) or event.kind != "github":
        return _outcome(event, index, gates)
    payload = _narrow(event)
    clauses = (
        gates
        + _paused(edition, enabled)
        + explain(compile_trigger(trigger, edition, repositories), event.name, payload)
    )
    asked = {each.field for each in trigger.filters} - set(edition.filter_fields)
    clauses = tuple(
        UnknownClause(c.field, c.operator, c.expected, c.actual, c.matches)
        if c.field in asked and not isinstance(c, IgnoredClause)
        else c
        for c in clauses
    )
    depends_on = _depends_on(trigger, event.name, payload, edition, repositories, gates)
    return _outcome(event, index, clauses, depends_on)


def match_routine(
    routine: Routine, event: Event, edition: Edition
) -> tuple[Fired | Skipped | Undecided, ...]:
    """What each trigger of ``routine`` makes of ``event``, in the order of the file.

    A manual start fires the routine itself: one ``Fired`` without a trigger.
    """
    if event.kind == "manual":
        return (Fired(event=event, trigger=None, clauses=()),)
    repositories = tuple(repository.full_name for repository in routine.repositories)
    return tuple(
        match_trigger(
            trigger, event, edition, repositories=repositories, index=index, enabled=routine.enabled
        )
        for index, trigger in enumerate(routine.triggers)
    )


def explain(compiled: CompiledTrigger, name: str, payload: Payload) -> tuple[Clause, ...]:
    """Every clause of a compiled trigger with what it found."""
    listens = Clause("event", "is_one_of", list(compiled.listed), name, name in compiled.events)
    values = [(clause, clause.read(payload)) for clause in compiled.clauses]
    return (
        listens,
        *(
            (IgnoredClause if value is ELSEWHERE else Clause if c.written else UnwrittenClause)(
                c.field, c.operator, c.expected, None if value in _NO_VALUES else value, c.test(value)
            )
            for c, value in values
        ),
    )


def match_record(match: Match, routine: str) -> Record:
    """A match as JSON values, the line that ``fires --json`` prints.

    ``depends_on`` is there only where the outcome depends on an undocumented point.
    """
    record = {
        "event": match.event.name,
        "source": match.event.source,
        "routine": routine,
        "trigger": match.trigger,
        "outcome": match.outcome,
        "clauses": [msgspec.to_builtins(clause) for clause in match.clauses],
    }
    return {**record, "depends_on": list(match.depends_on)} if match.depends_on else record


def _gates(trigger: Trigger, event: Event, edition: Edition, enabled: bool) -> tuple[Clause, ...]:
    """The conditions that come before any filter: the kind of event, and what is switched off."""
    kind = trigger_kind(trigger)
    clauses = []
    if event.kind != kind:
        clauses.append(Clause("kind", "equals", kind, event.kind, False))
    if not trigger.enabled:
        clauses.append(Clause("trigger.enabled", "equals", True, False, False))
    if not enabled and kind in (*edition.paused.stops, *edition.paused.fails):
        clauses.append(Clause("routine.enabled", "equals", True, False, False))
    if event.kind == kind == "api":
        text = event.payload.get("text") or ""
        most = edition.payload.max_characters
        if len(text) > most:
            clauses.append(Clause("text", "at_most_characters", most, len(text), False))
    return tuple(clauses)


def _paused(edition: Edition, enabled: bool) -> tuple[Clause, ...]:
    """What is to be said of an event's trigger in a paused routine that the edition lets start."""
    stopped = (*edition.paused.stops, *edition.paused.fails)
    if enabled or "github" in stopped:
        return ()
    return (PausedClause("routine.enabled", "is_one_of", list(stopped), False, True),)


def trigger_kind(trigger: Trigger) -> Literal["github", "schedule", "api"]:
    if isinstance(trigger, GithubTrigger):
        return "github"
    return "schedule" if isinstance(trigger, ScheduleTrigger) else "api"


def _narrow(event: Event) -> Payload:
    try:
        return narrow(event.payload)
    except ValueError as error:
        raise SpecError.at(event.source or event.name, 0, str(error)) from error


def _outcome(
    event: Event, index: int | None, clauses: tuple[Clause, ...], depends_on: tuple[str, ...] = ()
) -> Fired | Skipped | Undecided:
    answer = conjunction(clause.matches for clause in clauses)
    kind = Fired if answer else Undecided if answer is None else Skipped
    return kind(event=event, trigger=index, clauses=clauses, depends_on=depends_on)


def _depends_on(
    trigger: GithubTrigger,
    name: str,
    payload: Payload,
    edition: Edition,
    repositories: tuple[str, ...],
    gates: tuple[Clause, ...],
) -> tuple[str, ...]:
    """The assumed settings of which another value would have changed the outcome."""
    if gates:
        return ()

    def answer(rules: Edition) -> bool | None:
        return compile_trigger(trigger, rules, repositories).decide(name, payload)

    actual, asked = answer(edition), trigger_settings(trigger, edition)
    return tuple(
        key
        for key, setting in edition.settings.items()
        if key in asked
        and setting.assumed
        and any(
            answer(edition.with_setting(key, choice)) is not actual
            for choice in setting.choices
            if choice != setting.chosen
        )
    )
