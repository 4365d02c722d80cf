"""The ``trigger`` of a case → CaseTrigger: one of github, api, schedule and manual."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, cast

from routine_harness.case.case import CaseTrigger
from routine_harness.errors import HarnessError
from routine_harness.pattern import lazy_pattern
from routine_harness.routine.reader import Fields, Reader, kind_of, suggestion
from routine_harness.routine.spec import Path
from routine_harness.trigger.arrivals import webhook_body
from routine_harness.trigger.event import EventKind

KINDS: Final = ("github", "api", "schedule", "manual")
MAX_TEXT: Final = 65_536
"""Characters of a fire request's text [fire endpoint's reference]."""

_EVENT = lazy_pattern(r"[a-z][a-z_]*(\.[a-z][a-z_]*)?\Z")
LoadPayload = Callable[[str], Any]

_NONE: Final = CaseTrigger("manual", "manual")


def read_trigger(top: Fields, load: LoadPayload) -> CaseTrigger:
    """The trigger of a case; payload files are read by ``load``."""
    if not top.require("trigger", f"write one of {', '.join(KINDS)}"):
        return _NONE
    return _read(top.reader, top.data["trigger"], top.at("trigger"), load, None) or _NONE


def read_rerun_trigger(rerun: Fields, first: CaseTrigger, load: LoadPayload) -> CaseTrigger | None:
    """The trigger of the second run; a github one without a payload takes the first one's."""
    return _read(rerun.reader, rerun.data["trigger"], rerun.at("trigger"), load, first)


def _read(
    reader: Reader, value: Any, path: Path, load: LoadPayload, first: CaseTrigger | None
) -> CaseTrigger | None:
    if isinstance(value, str) and value in KINDS:
        value = {value: {}}
    if not isinstance(value, dict) or len(value) != 1:
        found = f"{len(value)} keys" if isinstance(value, dict) else kind_of(value)
        reader.problem(
            path, f"expected one of {', '.join(KINDS)}, found {found}", "write {github: {event: …}}"
        )
        return None
    [(kind, inner)] = value.items()
    if kind not in KINDS:
        reader.problem((*path, kind), f"a trigger has no kind {kind!r}", suggestion(kind, KINDS, "the kinds"))
        return None
    place = (*path, kind)
    if kind == "github":
        return _github(reader, inner, place, load, first)
    return _other(reader, kind, inner, place)


def _github(
    reader: Reader, value: Any, path: Path, load: LoadPayload, first: CaseTrigger | None
) -> CaseTrigger | None:
    fields = reader.fields(value, path, ("event", "payload", "at"), "a github trigger")
    at = _instant(fields)
    if not fields.require("event", "write event: pull_request.opened"):
        return None
    event = fields.text("event")
    if not _EVENT.match(event):
        fields.problem(
            "event", f"expected an event's name, found {kind_of(event)}", "write it as pull_request.opened"
        )
        return None
    inherited = first is not None and first.kind == "github" and "payload" not in fields
    payload = dict(first.payload) if first is not None and inherited else _payload(fields, load)
    if payload is None:
        return None
    return CaseTrigger("github", event, _with_action(fields, event, payload, inherited=inherited), at)


def _with_action(fields: Fields, event: str, payload: dict[str, Any], *, inherited: bool) -> dict[str, Any]:
    """``payload`` whose ``action`` agrees with the event's name."""
    action = event.partition(".")[2]
    if not action or payload.get("action") == action:
        return payload
    if "action" in payload and not inherited:
        found = payload["action"]
        fields.problem("event", f"the event is {event}, but the payload's action is {kind_of(found)}")
    return {**payload, "action": action}


def _payload(fields: Fields, load: LoadPayload) -> dict[str, Any] | None:
    """The webhook body, inline or from a file; None, with a problem noted, if there is none."""
    hint = "write payload: a file or the body itself"
    if not fields.require("payload", hint):
        return None
    value = fields.data["payload"]
    if isinstance(value, str):
        try:
            value = load(value)
        except HarnessError as error:
            for problem in error.problems:
                if problem.file:
                    fields.reader.problems.append(problem)
                else:
                    fields.problem("payload", problem.message, problem.hint)
            return None
    value = webhook_body(value, fields.reader.source.file)
    if not isinstance(value, dict):
        fields.problem("payload", f"expected a webhook body as a mapping, found {kind_of(value)}", hint)
        return None
    return value


def _other(reader: Reader, kind: str, value: Any, path: Path) -> CaseTrigger:
    """A trigger without a webhook: ``{text, at}``, in short the text or, for a schedule, the instant."""
    short = "at" if kind == "schedule" else "text"
    if isinstance(value, str):
        value = {short: value}
    known = ("at",) if kind == "schedule" else ("text", "at")
    fields = reader.fields({} if value is None else value, path, known, f"the trigger {kind}")
    payload = {"text": fields.text("text")} if "text" in fields else {}
    if len(payload.get("text", "")) > MAX_TEXT:
        size = len(payload["text"])
        fields.problem("text", f"expected at most {MAX_TEXT:,} characters, found {size:,}")
    return CaseTrigger(cast("EventKind", kind), kind, payload, _instant(fields))


def _instant(fields: Fields) -> str | None:
    at = fields.optional_text("at")
    if at:
        try:
            datetime.fromisoformat(at)
        except ValueError:
            fields.problem("at", f"expected a time, found {kind_of(at)}", "write it as 2026-05-04T09:00:00Z")
            return None
    return at
