"""The ``wakes`` of a case: their keys, and the Wake values that they spell."""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from typing import Annotated, Final

from msgspec import UNSET, UnsetType

from routine_harness.case.case import CaseTrigger
from routine_harness.case.read_trigger import EventForm, LoadPayload, read_event
from routine_harness.plain import Json
from routine_harness.routine.duration import parse_duration
from routine_harness.routine.form import NOT_BLANK, Form, Text, key
from routine_harness.routine.reader import Reader
from routine_harness.session.wakes import After, Echo, Wake
from routine_harness.verdict.file_parts import PREDICATE

_WHEN: Final = ("time", "call", "says")
_WHAT: Final = ("github", "turn", "echo")
_HINT: Final = "write {after: {time: 10m}, turn: Go on.}"


class AfterForm(Form, frozen=True, kw_only=True):
    """When a wake comes."""

    what = "after"
    hint = "write {time: 10m}, {call: 3} or {says: {contains: opened}}"
    rules = {"minProperties": 1, "maxProperties": 1}

    time: Annotated[
        str | UnsetType,
        Text(
            "a span of time",
            hint="write 10m or 1h 30m",
            fits=lambda text: (parse_duration(text) or -1) >= 0,
            schema={"pattern": r"^\s*\+?\s*\d+[smhdw](\s*\d+[smhdw])*\s*$"},
        ),
        key("So long after the session began, on the world's clock.", "10m"),
    ] = UNSET
    call: Annotated[int | UnsetType, key("After so many calls of the run.", UNSET, least=1)] = UNSET
    says: Annotated[
        Json, PREDICATE, key("After a message of the agent that satisfies this predicate.", UNSET)
    ] = UNSET

    def check(self, reader: Reader) -> None:
        if self.sound and len(self.written) != 1:
            found = f"{len(self.written)} keys" if self.written else "nothing"
            reader.problem(self.place, f"expected one of {', '.join(_WHEN)}, found {found}", self.hint)


class WakeForm(Form, frozen=True, kw_only=True):
    what = "a wake"
    plural = "wakes"
    part = "wake"
    hint = _HINT
    rules = {"anyOf": [{"required": [name]} for name in _WHAT]}
    examples = (
        {"after": {"call": 3}, "turn": "Leave the second one alone."},
        {"after": {"says": {"contains": "opened"}}, "echo": "own_label"},
    )

    after: Annotated[AfterForm, key("When it comes.", {"time": "10m"}, needs=_HINT)]
    github: Annotated[
        EventForm | UnsetType,
        key(
            "An event of GitHub; the world changes as its payload says.",
            {"event": "pull_request.synchronize"},
        ),
    ] = UNSET
    turn: Annotated[
        str | UnsetType,
        Text("what the user says", fits=str.strip, schema=NOT_BLANK),
        key("A later turn of the user.", UNSET),
    ] = UNSET
    echo: Annotated[
        Echo | UnsetType, key("The event that the run's own last act of this kind fires.", UNSET)
    ] = UNSET

    def check(self, reader: Reader) -> None:
        named = [name for name in _WHAT if name in self.written]
        if self.sound and len(named) != 1:
            found = " and ".join(named) or "none"
            reader.problem(self.place, f"a wake needs one of {', '.join(_WHAT)}, found {found}", _HINT)


def read_wake(reader: Reader, form: WakeForm, load: LoadPayload, first: CaseTrigger) -> Wake:
    """The wake that a form spells; an event without a payload takes that of the ``first`` run."""
    if not form.sound:  # what is wrong is noted already
        return Wake(After())
    says: Json = form.after.says
    if says is not UNSET:
        reader.predicate(says, form.after.below("says"))
    after = After(
        time=None if form.after.time is UNSET else parse_duration(form.after.time),
        call=0 if form.after.call is UNSET else form.after.call,
        says=None if says is UNSET else says,
    )
    found = None if form.github is UNSET else read_event(reader, form.github, load, first)
    return Wake(
        after,
        event=found.event if found is not None else "",
        payload=found.payload if found is not None else {},
        turn="" if form.turn is UNSET else form.turn,
        echo=None if form.echo is UNSET else form.echo,
    )
