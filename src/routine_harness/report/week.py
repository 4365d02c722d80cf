"""A week of schedules for a terminal: the list of starts, and beside it the week as a grid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from routine_harness.report.ink import PLAIN, Ink
from routine_harness.report.text import cells, fold
from routine_harness.routine.calendar import Calendar, Day, Slot

_LISTED: Final = 6
"""Starts of one schedule on one day that are listed one by one."""

_GUTTER: Final = "   "


def render_week(calendar: Calendar, *, width: int = 80, ink: Ink = PLAIN) -> Iterator[str]:
    """The days with their starts on the left, and on the right how many start in each hour."""
    grid = list(_grid(calendar))
    room = width - len(grid[0]) - len(_GUTTER)
    listed = [part for line in _listed(calendar) for part in _folded(line, room)]
    column = max(map(cells, listed))
    for line, row in zip_longest(listed, grid, fillvalue=""):
        pad = " " * (column - cells(line)) if row else ""
        yield (
            ink(line, "" if line.startswith(" ") else "code") + pad + (_GUTTER + row if row else "")
        ).rstrip()


def _folded(line: str, room: int) -> list[str]:
    """The line in ``room`` columns; what does not fit goes on below, further in."""
    head, *rest = fold(line, room)
    return [head, *(part for text in rest for part in fold(text.strip(), room, " " * 9))]


def render_loads(calendar: Calendar) -> Iterator[str]:
    """How full the fullest hour and day are."""
    for load in calendar.loads:
        limit = "" if load.limit is None else f" of {load.limit}"
        assumed = " (assumed)" if load.assumed else ""
        over = load.most - load.limit if load.limit is not None else 0
        beyond = f"; what is above {load.beyond}" if over > 0 else ""
        yield f"busiest {load.per}: {load.most}{limit} starts{assumed}{beyond}"


def _grid(calendar: Calendar) -> Iterator[str]:
    """A heading and a row for each hour in which something starts on any day."""
    yield "hour " + " ".join(f"{day.weekday[:2]:>3}" for day in calendar.days)
    starts = Counter(
        (number, slot.time[:2]) for number, day in enumerate(calendar.days) for slot in day.slots
    )
    for hour in sorted({hour for _, hour in starts}):
        counts = (starts[number, hour] for number in range(len(calendar.days)))
        yield f"  {hour} " + " ".join(f"{count or '·':>3}" for count in counts)


def _listed(calendar: Calendar) -> Iterator[str]:
    several = _several(calendar)
    for day in calendar.days:
        yield f"{day.weekday:9} {day.date}  {calendar.timezone}"
        yield from (f"  {line}" for line in _day_lines(day, several))


def _several(calendar: Calendar) -> frozenset[str]:
    """The routines of which more than one schedule is in the calendar: their triggers are numbered."""
    triggers = {(slot.routine, slot.trigger) for day in calendar.days for slot in day.slots}
    return frozenset(name for name, count in Counter(name for name, _ in triggers).items() if count > 1)


def _day_lines(day: Day, several: frozenset[str]) -> Iterator[str]:
    """One line a start; one for all of a schedule that starts too often to list."""
    starts: dict[tuple[str, int], list[Slot]] = {}
    for slot in day.slots:
        starts.setdefault((slot.routine, slot.trigger), []).append(slot)
    for slot in day.slots:
        own = starts[slot.routine, slot.trigger]
        name = f"{slot.routine} trigger {slot.trigger + 1}" if slot.routine in several else slot.routine
        if len(own) <= _LISTED:
            yield f"{slot.time}  {name}{_note(slot)}"
        elif slot is own[0]:
            notes = dict.fromkeys(note for each in own if (note := _note(each)))
            yield f"{slot.time}  {name}: {len(own)} starts until {own[-1].time}{''.join(notes)}"


def _note(slot: Slot) -> str:
    if not slot.shift:
        return ""
    depends_on = f"; depends on undocumented: {', '.join(slot.depends_on)}" if slot.depends_on else ""
    return f"  ({slot.shift}{depends_on})"
