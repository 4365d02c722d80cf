"""The ``trigger`` of a case: its keys, and the CaseTrigger that they spell."""

# Without `from __future__ import annotations`, as in `routine.routine_form`.
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final, cast

from msgspec import UNSET, UnsetType

from routine_harness.case.case import CaseTrigger
from routine_harness.errors import HarnessError
from routine_harness.plain import Json, Record
from routine_harness.routine.form import Form, Note, Raw, Schema, Short, Text, key
from routine_harness.routine.reader import Reader, kind_of
from routine_harness.routine.trigger_form import EventName
from routine_harness.trigger.arrivals import webhook_body
from routine_harness.trigger.event import EventKind

KINDS: Final = ("github", "api", "schedule", "manual")
MAX_TEXT: Final = 65_536
"""Characters of a fire request's text [fire endpoint's reference]."""

LoadPayload = Callable[[str], Json]
_NONE: Final = CaseTrigger("manual", "manual")
_PAYLOAD: Final = Raw({"type": ["object", "string"]})
_SAID_PAYLOAD: Final = "The webhook body, or a file that holds it."
_NEEDS_PAYLOAD: Final = "write payload: a file or the body itself"
_TEXT: Final[Schema] = {"type": "string"}


def _is_time(text: str) -> bool:
    try:
        return not text or bool(datetime.fromisoformat(text))
    except ValueError:
        return False


At = Annotated[
    str | None,
    Text("a time", hint="write it as 2026-05-04T09:00:00Z", fits=_is_time),
    key("The time, ISO 8601.", "2026-05-04T09:07:00Z"),
]


class EventForm(Form, frozen=True, kw_only=True):
    """An event of GitHub that comes into an open session; its payload may be that of the first run."""

    what = "a {} event"

    event: Annotated[
        EventName,
        key(
            "A qualified name: pull_request.opened.",
            "pull_request.opened",
            needs="write event: pull_request.opened",
        ),
    ]
    payload: Annotated[Json, _PAYLOAD, key(_SAID_PAYLOAD, "../payloads/opened.json")] = UNSET


class WebhookForm(EventForm, frozen=True, kw_only=True):
    """An event of GitHub, whose payload may be that of the first run."""

    what = "a {} trigger"

    at: At = None


class FirstWebhookForm(WebhookForm, frozen=True, kw_only=True):
    """An event of GitHub with its payload."""

    payload: Annotated[Json, _PAYLOAD, key(_SAID_PAYLOAD, "../payloads/opened.json", needs=_NEEDS_PAYLOAD)]


class TextForm(Form, frozen=True, kw_only=True):
    """A start with a text: a fire request, or by hand."""

    what = "the trigger {}"
    short = Short(lambda text, note: {"text": text}, _TEXT, "the trigger {} as a mapping")

    text: Annotated[str | UnsetType, key("What the caller or the person writes.", maxLength=MAX_TEXT)] = UNSET
    at: At = None

    def check(self, reader: Reader) -> None:
        size = len(self.text or "")
        if size > MAX_TEXT:
            message = f"expected at most {MAX_TEXT:,} characters, found {size:,}"
            reader.problem(self.below("text"), message)


class ClockForm(Form, frozen=True, kw_only=True):
    """A start by the clock."""

    what = "the trigger {}"
    short = Short(lambda text, note: {"at": text}, _TEXT, "the trigger {} as a mapping")

    at: At = None


def _bare(text: str, note: Note) -> Record | None:
    """The trigger that its kind alone names."""
    if text in KINDS:
        return {text: {}}
    note(f"expected one of {', '.join(KINDS)}, found {kind_of(text)}", "write {github: {event: …}}")
    return None


class LaterTriggerForm(Form, frozen=True, kw_only=True):
    """What starts the second run."""

    what = "a trigger"
    hint = "write {github: {event: …}}"
    short = Short(_bare, {"enum": ["api", "schedule", "manual"]}, f"one of {', '.join(KINDS)}")
    rules = {"minProperties": 1, "maxProperties": 1}

    github: Annotated[WebhookForm | UnsetType, key("An event of GitHub.")] = UNSET
    api: Annotated[TextForm | UnsetType | None, key("A fire request.")] = UNSET
    schedule: Annotated[ClockForm | UnsetType | None, key("The clock.")] = UNSET
    manual: Annotated[TextForm | UnsetType | None, key("A start by hand.")] = UNSET

    def check(self, reader: Reader) -> None:
        if self.sound and len(self.written) != 1:
            message = f"expected one of {', '.join(KINDS)}, found {len(self.written)} keys"
            reader.problem(self.place, message, self.hint)


class CaseTriggerForm(LaterTriggerForm, frozen=True, kw_only=True):
    """What starts the first run."""

    github: Annotated[FirstWebhookForm | UnsetType, key("An event of GitHub.")] = UNSET


def read_trigger(
    reader: Reader, form: LaterTriggerForm | None, load: LoadPayload, first: CaseTrigger | None = None
) -> CaseTrigger:
    """The trigger of a form; payload files are read by ``load``.

    Without a payload, a github one of a second run takes that of the ``first`` run.
    """
    if form is None or not form.sound or len(form.written) != 1:
        return _NONE
    [kind] = form.written
    found = form.given()[kind]
    if isinstance(found, WebhookForm):
        return read_event(reader, found, load, first) or _NONE
    text = found.text if isinstance(found, TextForm) else UNSET
    payload = {} if text is UNSET else {"text": text}
    return CaseTrigger(cast("EventKind", kind), kind, payload, None if found is None else found.at)


def read_event(
    reader: Reader, form: EventForm, load: LoadPayload, first: CaseTrigger | None
) -> CaseTrigger | None:
    """The event of GitHub of a form; without a payload it takes that of the ``first`` run. None, with a
    problem noted, where there is none."""
    inherited = first is not None and first.kind == "github" and form.payload is UNSET
    payload = dict(first.payload) if first is not None and inherited else _payload(reader, form, load)
    if payload is None:
        return None
    at = form.at if isinstance(form, WebhookForm) else None
    return CaseTrigger("github", form.event, _with_action(reader, form, payload, inherited=inherited), at)


def _with_action(reader: Reader, form: EventForm, payload: Record, *, inherited: bool) -> Record:
    """``payload`` whose ``action`` agrees with the event's name."""
    event = form.event
    action = event.partition(".")[2]
    if not action or payload.get("action") == action:
        return payload
    if "action" in payload and not inherited:
        found = payload["action"]
        message = f"the event is {event}, but the payload's action is {kind_of(found)}"
        reader.problem(form.below("event"), message)
    return {**payload, "action": action}


def _payload(reader: Reader, form: EventForm, load: LoadPayload) -> Record | None:
    """The webhook body, inline or from a file; None, with a problem noted, if there is none."""
    value = form.payload
    if value is UNSET:
        reader.problem(form.place, "a github trigger needs the key 'payload'", _NEEDS_PAYLOAD)
        return None
    if isinstance(value, str):
        try:
            value = load(value)
        except HarnessError as error:
            reader.take_over(form.below("payload"), error)
            return None
    value = webhook_body(value, reader.source.file)
    if not isinstance(value, dict):
        message = f"expected a webhook body as a mapping, found {kind_of(value)}"
        reader.problem(form.below("payload"), message, _NEEDS_PAYLOAD)
        return None
    return value
