"""One part of an archive through all triggers → a tally: counts, firings and ids, in a few kilobytes.

This is what runs in every process and on every worker of a cluster: a pure function of the plan,
the part's bytes, and the ids that other parts have already counted.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from routine_harness.backtest.asked import Answers, Asked
from routine_harness.backtest.blocks import arrival_or_none, outcomes_of, plain_names, prune
from routine_harness.backtest.instants import Instants
from routine_harness.backtest.plan import Plan, compile_plan
from routine_harness.backtest.seen import WINDOW_HOURS, Seen
from routine_harness.backtest.source import ArchiveProblem, Part, has_changed
from routine_harness.backtest.tally import MOST_PROBLEMS, Tally
from routine_harness.predicate import ABSENT
from routine_harness.trigger.fields import author_of, base_branch_of, head_branch_of
from routine_harness.trigger.lines import (
    WEBHOOKS,
    Line,
    archive_name,
    archived_payload,
)
from routine_harness.trigger.payload import Arrival, Payload

_MOST_KINDS: Final = 4096
_WINDOW_MINUTES: Final = WINDOW_HOURS * 60


class Teller:
    """Counts the events of one part as they come."""

    def __init__(self, plan: Plan, part: Part, known: Iterable[int]) -> None:
        compiled = compile_plan(plan)
        routines, triggers = len(plan.routines), len(plan.triggers)
        self.file = part.file
        self.patterns: list[dict[Answers, int]] = [{} for _ in range(triggers)]
        asked = {
            number: Asked(routine, trigger, self.patterns[number])
            for listening in compiled.listeners.values()
            for routine, number, trigger in listening
        }
        self._asked = asked
        self._listeners = {
            name: [asked[number] for _, number, _ in listening]
            for name, listening in compiled.listeners.items()
        }
        self.firings = [array("q") for _ in range(routines)]
        self.authors: list[dict[str, int]] = [{} for _ in range(routines)]
        self.branches: list[dict[str, int]] = [{} for _ in range(routines)]
        self.undecided, self.fired = [0] * routines, [0] * routines
        self.minutes: dict[int, int] = {}
        self.unknown: dict[str, int] = {}
        self.problems: list[ArchiveProblem] = []
        self.events = self.repeated = self.late = self.errors = self.read = 0
        self.seen = Seen(known)
        self._instants = Instants()
        self._names: dict[tuple[Any, Any], str] = {}
        self._newest = 0

    def problem(self, offset: int, message: str) -> None:
        self.errors += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(ArchiveProblem(self.file, offset, message))

    def take(self, lines: list[Line]) -> list[int]:
        """Count ``lines``; the positions of those that are no events or of an unknown type."""
        names = plain_names(lines, self._names)
        if names is not None and self._take_plain(lines, names):
            return []
        return self._take_each(lines)

    def _take_plain(self, lines: list[Line], names: list[str]) -> bool:
        """Count a block of which every event is new, in time and of a known type; else False."""
        instants, listeners = self._instants, self._listeners
        if any(name not in listeners and name.partition(".")[0] not in WEBHOOKS for name in set(names)):
            return False
        try:
            numbers = [int(line.id) for line in lines]  # type: ignore[arg-type]
            stamps = Counter([line.created_at for line in lines])
        except (TypeError, ValueError):
            return False
        counts: dict[int, int] = {}
        for stamp, count in stamps.items():
            at = instants[stamp]
            counts[at // 60] = counts.get(at // 60, 0) + count
        oldest, newest = min(counts), max(self._newest, *counts)
        if not oldest or oldest < newest - _WINDOW_MINUTES or not self.seen.add_all(numbers, newest // 60):
            return False
        self._newest = newest
        for minute, count in counts.items():
            self.minutes[minute] = self.minutes.get(minute, 0) + count
        self.events += len(lines)
        judge = self._judge if lines[0].type is not None else self._judge_flat
        for line, name in zip(lines, names, strict=True):
            listening = listeners.get(name)
            if listening is not None:
                judge(listening, line, instants[line.created_at])
        self._prune()
        return True

    def _take_each(self, lines: list[Line]) -> list[int]:
        """Count lines of any form, one by one."""
        odd: list[int] = []
        formless, repeated = 0, self.repeated
        listeners, instants, minutes = self._listeners, self._instants, self.minutes
        add, names, newest = self.seen.add, self._names, self._newest
        for position, line in enumerate(lines):
            arrival: Arrival | None = None
            kind, body = line.type, line.payload
            flat = False
            if kind is not None and isinstance(body, Payload):
                name = names.get((kind, body.action)) or self._name(kind, body.action)
            elif line.event is not None and line.repository.__class__ is str:
                name, flat = line.event, True
            else:
                arrival = arrival_or_none(line)
                if arrival is None:
                    odd.append(position)
                    formless += 1
                    continue
                name = arrival.name
            if arrival is None:
                at = instants[line.created_at]
                identity: str | int | None = line.id
            else:
                at, identity = arrival.at, arrival.id
            minute = at // 60 if at else newest
            if identity and not add(identity, minute // 60):
                self.repeated += 1
                continue
            if minute > newest:
                newest = minute
            if minute >= newest - _WINDOW_MINUTES:
                minutes[minute] = minutes.get(minute, 0) + 1
            else:
                self.late += 1
            listening = listeners.get(name)
            if listening is None:
                if name.partition(".")[0] not in WEBHOOKS:
                    self.unknown[name] = self.unknown.get(name, 0) + 1
                    odd.append(position)
            elif flat:
                self._judge_flat(listening, line, at or newest * 60)
            else:
                self._judge_payload(
                    listening, arrival.payload if arrival else archived_payload(line), at or newest * 60
                )
        self.events += len(lines) - formless - (self.repeated - repeated)
        self._newest = newest
        self._prune()
        return odd

    def _prune(self) -> None:
        for counts in (*self.authors, *self.branches):
            prune(counts)

    def _judge_flat(self, listening: list[Asked], line: Line, at: int) -> None:
        if len(listening) == 1:
            answer = listening[0].flat(line)
            outcomes: Iterable[tuple[int, bool | None]] = ((listening[0].routine, answer),)
            if answer is False:
                return
        else:
            outcomes = outcomes_of(listening, [asked.flat(line) for asked in listening])
        for routine, answer in outcomes:
            if answer:
                branch = line.base_branch if isinstance(line.base_branch, str) else line.head_branch
                self._fire(routine, at, line.author, branch)
            else:
                self.undecided[routine] += 1

    def _judge(self, listening: list[Asked], line: Line, at: int) -> None:
        self._judge_payload(listening, archived_payload(line), at)

    def _judge_payload(self, listening: list[Asked], payload: Payload, at: int) -> None:
        if len(listening) == 1:
            answer = listening[0].full(payload)
            outcomes: Iterable[tuple[int, bool | None]] = ((listening[0].routine, answer),)
            if answer is False:
                return
        else:
            outcomes = outcomes_of(listening, [asked.full(payload) for asked in listening])
        for routine, answer in outcomes:
            if answer:
                branch = base_branch_of(payload)
                branch = head_branch_of(payload) if branch is ABSENT else branch
                self._fire(routine, at, author_of(payload), branch)
            else:
                self.undecided[routine] += 1

    def _fire(self, routine: int, at: int, author: Any, branch: Any) -> None:
        self.fired[routine] += 1
        self.firings[routine].append(at)
        if author.__class__ is str:
            authors = self.authors[routine]
            authors[author] = authors.get(author, 0) + 1
        if branch.__class__ is str:
            branches = self.branches[routine]
            branches[branch] = branches.get(branch, 0) + 1

    def _name(self, kind: str, action: Any) -> str:
        name = archive_name(kind, action)
        if len(self._names) < _MOST_KINDS:
            self._names[kind, action] = name
        return name

    def tally(self) -> Tally:
        for asked in self._asked.values():
            asked.settle()
        return Tally(
            patterns=self.patterns,
            firings=[each.tobytes() for each in self.firings],
            authors=self.authors,
            branches=self.branches,
            undecided=self.undecided,
            fired=self.fired,
            events=self.events,
            repeated=self.repeated,
            late=self.late,
            minutes=self.minutes,
            unknown=self.unknown,
            errors=self.errors,
            problems=self.problems,
            ids=self.seen.runs(),
            read=self.read,
        )


def note_change(teller: Teller, part: Part) -> None:
    if has_changed(part):
        teller.problem(part.end, "the file changed while it was read; what it held then was counted")
