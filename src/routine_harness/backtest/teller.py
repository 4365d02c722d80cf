"""One part of an archive through all triggers → a tally: counts, firings and ids, in a few kilobytes.

This is what runs in every process and on every worker of a cluster: a pure function of the plan,
the part's bytes, and the ids that other parts have already counted. It counts a block of lines at a
time, column by column.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress
from operator import attrgetter
from typing import Final

import msgspec

from routine_harness.backtest.forms import ARCHIVE, ARRIVAL, FLAT, Form
from routine_harness.backtest.instants import Instants
from routine_harness.backtest.plan import Plan, compile_plan
from routine_harness.backtest.recent_ids import WINDOW_HOURS, Seen
from routine_harness.backtest.remembered_answers import Answers, Asked
from routine_harness.backtest.source import ArchiveProblem, Part, has_changed
from routine_harness.backtest.tally import MOST_PROBLEMS, Tally, named_counts, prune
from routine_harness.plain import Json
from routine_harness.trigger.lines import ArchiveLine, FlatLine, Line, archive_name, arrival_of
from routine_harness.trigger.payload import Arrival, Payload
from routine_harness.trigger.webhooks import WEBHOOKS

_MOST_KINDS: Final = 4096
_WINDOW_MINUTES: Final = WINDOW_HOURS * 60
_ID: Final = attrgetter("id")
_CREATED: Final = attrgetter("created_at")
_KIND: Final = attrgetter("type", "payload.action")
_EVENT: Final = attrgetter("event")


class _Names(dict[tuple[Json, Json], str]):
    """(type, action) → the event's qualified name; what is missing is worked out."""

    def __missing__(self, kind: tuple[Json, Json]) -> str:
        if len(self) >= _MOST_KINDS:
            self.clear()
        name = self[kind] = archive_name(*kind)
        return name


class Teller:
    """Counts the events of one part as they come."""

    def __init__(self, plan: Plan, part: Part, known: Iterable[int]) -> None:
        routines = len(plan.routines)
        self.file = part.file
        self.form: Form | None = None  # of the last block that had one alone
        self._triggers = len(plan.triggers)
        compiled = compile_plan(plan)
        self.decoders = compiled.decoders
        self._asked = [Asked(*of, listeners) for of, listeners in compiled.listeners.items()]
        self._audiences: dict[frozenset[str], list[Asked]] = {}
        for asked in self._asked:
            self._audiences.setdefault(asked.names, []).append(asked)
        self._common = frozenset(name for names in self._audiences for name in names)
        self.firings = [array("q") for _ in range(routines)]
        self.authors: list[Counter[Json]] = [Counter() for _ in range(routines)]
        self.branches: list[Counter[Json]] = [Counter() for _ in range(routines)]
        self.undecided, self.fired = [0] * routines, [0] * routines
        self.minutes: Counter[int] = Counter()
        self.unknown: dict[str, int] = {}
        self.problems: list[ArchiveProblem] = []
        self.events = self.repeated = self.late = self.errors = self.read = 0
        self.seen = Seen(known)
        self._instants, self._names = Instants(), _Names()
        self._newest = 0

    def problem(self, offset: int, message: str, *, lost: bool = False) -> None:
        self.errors += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(ArchiveProblem(self.file, offset, message, lost))

    def take_plain(self, lines: Sequence[ArchiveLine] | Sequence[FlatLine], form: Form) -> bool:
        """Count a block of which every event is in time and of a known type.

        False, with nothing counted, if that is not certain; ``take`` can tell.
        """
        ats = list(map(self._instants.__getitem__, map(_CREATED, lines)))
        if form is FLAT:
            names = list(map(_EVENT, lines))
        else:
            names = list(map(self._names.__getitem__, map(_KIND, lines)))
        oldest, newest = min(ats) // 60, max(self._newest, max(ats) // 60)
        if oldest <= 0 or oldest < newest - _WINDOW_MINUTES or not self._are_known(names):
            return False
        try:
            numbers = list(map(int, map(_ID, lines)))
        except ValueError:
            return False
        new = self.seen.add_all(numbers, newest // 60)
        if new is not None:
            self.repeated += new.count(False)
            lines, names, ats = (list(compress(column, new)) for column in (lines, names, ats))
        self._note_minutes(ats)
        self.events += len(lines)
        self._judge(form, lines, names, ats)
        return True

    def take(self, lines: Sequence[Line]) -> list[int]:
        """Count lines of any form; the positions of those that are no events or of an unknown type."""
        odd: list[int] = []
        heard: dict[Form, tuple[list[Json], list[str], list[int]]] = {}
        for position, line in enumerate(lines):
            form, event = _form_of(line)
            if event is None:
                odd.append(position)
                continue
            name = event.name if isinstance(event, Arrival) else form.name(event)
            at = event.at if isinstance(event, Arrival) else self._instants[event.created_at]
            if not self._is_new(event.id, at):
                continue
            self.events += 1
            if name in self._common:
                events, names, ats = heard.setdefault(form, ([], [], []))
                events.append(event)
                names.append(name)
                ats.append(at or self._newest * 60)
            elif name.partition(".")[0] not in WEBHOOKS:
                self.unknown[name] = self.unknown.get(name, 0) + 1
                odd.append(position)
        for form, columns in heard.items():
            self._judge(form, *columns)
        return odd

    def _is_new(self, identity: str | int | None, at: int) -> bool:
        """Whether the event is no repeat; then it is counted in its minute, or as late."""
        minute = at // 60 if at else self._newest
        if identity and not self.seen.add(identity, minute // 60):
            self.repeated += 1
            return False
        self._newest = max(self._newest, minute)
        if minute >= self._newest - _WINDOW_MINUTES:
            self.minutes[minute] += 1
        else:
            self.late += 1
        return True

    def _note_minutes(self, ats: list[int]) -> None:
        if ats:
            oldest, newest = min(ats) // 60, max(ats) // 60
            self._newest = max(self._newest, newest)
            self.minutes.update([oldest] * len(ats) if oldest == newest else [at // 60 for at in ats])

    def _are_known(self, names: list[str]) -> bool:
        """Whether every one is an event that exists."""
        return all(name in self._common or name.partition(".")[0] in WEBHOOKS for name in set(names))

    def _judge(self, form: Form, lines: Sequence[Json], names: list[str], ats: list[int]) -> None:
        """Ask every routine about those of ``lines`` that it listens to, and count what fires."""
        for audience, asked in self._audiences.items():
            listens = list(map(audience.__contains__, names))
            heard, when = list(compress(lines, listens)), list(compress(ats, listens))
            for each in asked if heard else ():
                outcomes = each.ask(form, heard)
                self.undecided[each.routine] += outcomes.count(None)
                if True in outcomes:
                    self._fire(each.routine, form, list(compress(heard, outcomes)), compress(when, outcomes))

    def _fire(self, routine: int, form: Form, lines: list[Json], ats: Iterable[int]) -> None:
        self.fired[routine] += len(lines)
        self.firings[routine].extend(ats)
        for counts, names in (
            (self.authors[routine], form.authors(lines)),
            (self.branches[routine], form.branches(lines)),
        ):
            counts.update(names)
            prune(counts)

    def tally(self) -> Tally:
        patterns: list[dict[Answers, int]] = [{} for _ in range(self._triggers)]
        for asked in self._asked:
            asked.add_patterns(patterns)
        return Tally(
            patterns=patterns,
            firings=[each.tobytes() for each in self.firings],
            authors=[named_counts(each) for each in self.authors],
            branches=[named_counts(each) for each in self.branches],
            undecided=self.undecided,
            fired=self.fired,
            events=self.events,
            repeated=self.repeated,
            late=self.late,
            minutes=dict(self.minutes),
            unknown=self.unknown,
            errors=self.errors,
            problems=self.problems,
            ids=self.seen.runs(),
            read=self.read,
        )


def _form_of(line: Line) -> tuple[Form, Json]:
    """The form of a line, and what is to be read in that form: None if it is no event."""
    if line.type is not None and isinstance(line.payload, Payload):
        return ARCHIVE, line
    if line.event is not None and isinstance(line.repository, str):
        return FLAT, line
    try:
        return ARRIVAL, arrival_of(line)
    except (msgspec.MsgspecError, ValueError):
        return ARRIVAL, None


def note_change(teller: Teller, part: Part) -> None:
    if has_changed(part):
        teller.problem(part.end, "the file changed while it was read; what it held then was counted")
