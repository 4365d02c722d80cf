"""Google Calendar's lists: times and words, which a declaration cannot read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from routine_harness.plain import Record
from routine_harness.world.simulated import Answer, Arguments, Operation, Refused
from routine_harness.world.state import World
from routine_harness.world.times import parse_instant
from routine_harness.world.tool import ToolResult
from routine_harness.world.words_in_text import said_in

_EVENTS: Final = "calendar.events"
_WEEK: Final = 7 * 86400
_KNOWN: Final = "calendarId, startTime, endTime and fullText; an event that recurs stands once"


def between_times(listing: Operation) -> Operation:
    """``listing`` with the events between ``startTime`` (by default now) and ``endTime`` (by default a week
    later) that say all words of ``fullText``: the defaults are those of the tool's own schema."""

    def list_events(world: World, arguments: Arguments) -> Answer:
        start = _instant(arguments, "startTime", float(world.clock))
        end = _instant(arguments, "endTime", start + _WEEK)
        calendar = arguments.get("calendarId") or "primary"
        words = str(arguments.get("fullText") or "").split()
        rows = list(world.table(_EVENTS).find("calendar", calendar))
        recurring = next((row for row in rows if row.get("recurrence")), None)
        if recurring is not None:
            return _unknown(world, f"when the event {recurring['id']} recurs")

        def chosen(row: Record) -> bool:
            begins, ends = parse_instant(row["start"]), parse_instant(row.get("end") or row["start"])
            during = begins < end and (ends > start or begins >= start)
            return row["calendar"] == calendar and during and _says(row, words)

        asked = {
            n: v for n, v in arguments.items() if n not in ("startTime", "endTime", "fullText", "calendarId")
        }
        return Answer(world, listing(_only(world, chosen), asked).value)

    return list_events


def by_words(listing: Operation) -> Operation:
    """``listing`` with the events of the primary calendar that say all words; where none does, the real
    search, which goes by meaning, may still find one."""

    def search_events(world: World, arguments: Arguments) -> Answer:
        words = arguments["query"].split()
        asked = {name: value for name, value in arguments.items() if name != "query"}
        primary = _only(world, lambda row: row["calendar"] == "primary")
        found = _only(primary, lambda row: _says(row, words))
        if not len(found.table(_EVENTS)) and len(primary.table(_EVENTS)):
            return _unknown(world, f"which events mean {arguments['query']!r}")
        return Answer(world, listing(found, asked).value)

    return search_events


def _only(world: World, test: Callable[[Record], bool]) -> World:
    """The world with the events alone that pass."""
    for key, row in world.table(_EVENTS).items():
        if not test(row):
            world = world.remove(_EVENTS, key)
    return world


def _says(row: Record, words: list[str]) -> bool:
    people = [str(one.get("email", "")) for one in row.get("attendees") or () if isinstance(one, dict)]
    said = " ".join([*(str(row.get(name) or "") for name in ("summary", "description", "location")), *people])
    return all(said_in(said, word) for word in words)


def _instant(arguments: Arguments, name: str, default: float) -> float:
    given = arguments.get(name)
    if not given:
        return default
    try:
        return parse_instant(given)
    except ValueError:
        raise Refused(f"Request contains an invalid argument. {name}: expected ISO 8601.") from None


def _unknown(world: World, what: str) -> Answer:
    said = f"The simulated calendar cannot answer this: {what}."
    return Answer(world, ToolResult(said, is_error=True), incomplete=what, known=_KNOWN)
