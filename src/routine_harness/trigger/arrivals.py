"""What arrives, in any of its forms → events.

A raw webhook body (as JSON or as a form), a delivery with its headers (as a JSON object or as HTTP text),
the ``github`` context of Actions, what a relay or gateway makes of a delivery, an event of GH Archive in
either schema, a fire request, or an event of ours. Nothing here judges it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from routine_harness.errors import SpecError
from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.reader import kind_of
from routine_harness.trigger.event import Event
from routine_harness.trigger.flat import flat_body
from routine_harness.trigger.payload import narrow
from routine_harness.trigger.relays import unrelayed
from routine_harness.trigger.webhooks import ARCHIVE_TYPES, UNTOLD, WEBHOOKS, body_kind, qualified

_TIMES: Final = {
    "opened": "created_at",
    "created": "created_at",
    "closed": "closed_at",
    "published": "published_at",
}
_END: Final = int(datetime(9000, 1, 1, tzinfo=UTC).timestamp())
_HTTP_HEADER: Final = lazy_pattern(
    r"(?:[A-Z]+ \S+ HTTP/\d\S*\r?\n)?((?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n)+)\r?\n"
)


def parse_arrival(data: bytes, source: str) -> Event:
    """The one event that ``data`` spells: JSON of any form, or HTTP text with headers.

    Raises:
        SpecError: not JSON, or no form of event that is known.
    """
    text = data.decode("utf-8-sig", "replace")
    http = _HTTP_HEADER.match(text)
    headers: dict[str, str] = {}
    if http:
        headers = dict(_header(line) for line in http[1].splitlines())
        data = unformed(text[http.end() :]).encode()
    elif is_form(data):
        data = unformed(text).encode()
    try:
        value = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except NOT_JSON as error:
        raise SpecError.at(source, 0, f"expected JSON, found something else: {error}") from error
    return event_from_value({"headers": headers, "body": value} if http else value, source)


def is_form(data: bytes) -> bool:
    """Whether ``data`` is the body of a hook that sends forms."""
    return data.startswith(b"payload=")


def is_http(data: bytes) -> bool:
    """Whether ``data`` is a request as text: headers, an empty line and a body."""
    return data[:1] != b"{" and _HTTP_HEADER.match(data[:65536].decode("utf-8", "replace")) is not None


def event_from_value(value: Json, source: str) -> Event:
    """The event that a parsed JSON value spells.

    Raises:
        SpecError: no form of event that is known.
    """
    if not isinstance(value, Mapping):
        raise SpecError.at(source, 0, f"expected an event as an object, found {kind_of(value)}")
    for build in (_own, _archived, _flat, _delivered, _fired, _body):
        event = build(value, source)
        if event is not None:
            return _checked(event)
    relayed = unrelayed(value, unformed, lambda name: name in WEBHOOKS)
    event = None if relayed is None else _delivered(relayed, source) or _body(relayed["body"], source)
    if event is not None:
        return _checked(event)
    raise SpecError.at(
        source,
        0,
        f"no event that is known has the keys {', '.join(list(value)[:8]) or '(none)'}",
        "expected a webhook body, a delivery with headers, the github context of Actions, a GH Archive "
        "event or a fire request",
    )


def webhook_body(value: Json, source: str) -> Json:
    """The webhook's body in ``value``, out of what carries it (a delivery, a relay, the context of Actions);
    ``value`` itself where it carries none."""
    if not isinstance(value, Mapping) or "action" in value or isinstance(value.get("repository"), Mapping):
        return value
    try:
        return dict(event_from_value(value, source).payload)
    except SpecError:  # no event: a part of a body, which is what a case may write
        return value


def parse_instant(value: Json) -> int:
    """Seconds since the epoch of an ISO 8601 text, an HTTP date or a number (of milliseconds, if large).

    0 where it is none, or of no year from 1970 to 8999.
    """
    if isinstance(value, bool) or value is None:
        return 0
    if isinstance(value, int | float):
        return int(value / 1000 if value > 1e11 else value) if 0 <= value < _END * 1000 else 0
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        # Imported here: dates of HTTP are rare, and their reader takes an interpreter start.
        from email.utils import parsedate_to_datetime

        try:
            moment = parsedate_to_datetime(str(value))
        except (ValueError, OverflowError):
            return 0
    at = int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    return at if 0 <= at < _END else 0


def id_text(value: Json) -> str:
    """An event's id as a text; "" where it has none."""
    return "" if value is None else str(value)


def lowered(headers: Json) -> Record:
    """Headers by their names in small letters; of one that is written as a list, its first value."""
    if not isinstance(headers, Mapping):
        return {}
    return {
        str(name).lower(): value[0] if isinstance(value, list) and value else value
        for name, value in headers.items()
    }


def unformed(text: str) -> str:
    """The JSON of a hook that sends forms; any other text as it is."""
    if not text.startswith("payload="):
        return text
    # Imported here: hooks of the form type are rare.
    from urllib.parse import parse_qs

    return parse_qs(text.strip()).get("payload", [""])[0]


def normalise_archived(kind: str, payload: Record) -> Record:
    """A GH Archive payload as the webhook would have said it.

    Since 2025-10 archives call the closing of a merged pull request ``merged``, and ``closed``
    means that it was not merged; the webhook says ``closed`` and tells by ``merged``.
    """
    pull = payload.get("pull_request")
    action = payload.get("action")
    if kind != "pull_request" or not isinstance(pull, Mapping) or action not in ("merged", "closed"):
        return payload
    if action == "closed" and ("merged" in pull or "merged_at" in pull or "title" in pull):
        return payload
    return {**payload, "action": "closed", "pull_request": {**pull, "merged": action == "merged"}}


def _own(value: Mapping[str, Json], source: str) -> Event | None:
    """``{kind: schedule, at: …}``: an event as this harness writes it."""
    kind = value.get("kind")
    if kind not in ("github", "api", "schedule", "manual") or not isinstance(value.get("payload", {}), dict):
        return None
    payload = dict(value.get("payload", {}))
    name = str(value.get("name") or kind)
    return Event(kind, name, payload, parse_instant(value.get("at")), id_text(value.get("id")), source)


def _archived(value: Mapping[str, Json], source: str) -> Event | None:
    kind, payload, repo = value.get("type"), value.get("payload"), value.get("repo")
    if not isinstance(kind, str) or not isinstance(payload, dict) or not isinstance(repo, Mapping):
        return None
    name = ARCHIVE_TYPES.get(kind, kind)
    actor = value.get("actor") or {}
    payload = normalise_archived(name, payload)
    payload = {"repository": {**repo, "full_name": repo.get("name", "")}, "sender": actor, **payload}
    at = parse_instant(value.get("created_at"))
    return Event("github", qualified(name, payload), payload, at, id_text(value.get("id")), source)


def _flat(value: Mapping[str, Json], source: str) -> Event | None:
    """A flat record: one key for each filter field."""
    name, repository = value.get("event"), value.get("repository")
    if not isinstance(name, str) or not isinstance(repository, str):
        return None
    at = parse_instant(value.get("created_at"))
    return Event("github", name, flat_body(value), at, id_text(value.get("id")), source)


def _delivered(value: Mapping[str, Json], source: str) -> Event | None:
    """A delivery: headers or an event's name beside the body, in the shapes that tools save."""
    request = value.get("request")
    outer: Mapping[str, Json] = {**value, **request} if isinstance(request, Mapping) else value
    body = next((outer[key] for key in ("payload", "body", "data") if key in outer), None)
    headers = lowered(outer.get("headers"))
    name = headers.get("x-github-event") or outer.get("event") or outer.get("name")
    if isinstance(body, str):
        body = _decoded(body)
    if not isinstance(body, dict):
        return None
    instant = outer.get("delivered_at") or outer.get("created_at") or headers.get("date")
    at = parse_instant(instant or outer.get("timestamp") or outer.get("at"))
    identity = id_text(headers.get("x-github-delivery") or outer.get("guid") or outer.get("id"))
    if not isinstance(name, str) or not name:
        if not headers and "url" not in outer and "path" not in outer:
            return None
        inner = _fired(body, source) or _body(body, source)
        return inner and msgspec.structs.replace(inner, at=at or inner.at, id=identity)
    name = name if "." in name else qualified(name, body)
    return Event("github", name, body, at or body_instant(body), identity, source)


def _fired(value: Mapping[str, Json], source: str) -> Event | None:
    """The body of a fire request: ``text``, and fields that the endpoint ignores."""
    if not isinstance(value.get("text"), str) or "action" in value or body_kind(value):
        return None
    return Event("api", "api", {"text": value["text"]}, 0, "", source)


def _body(value: Mapping[str, Json], source: str) -> Event | None:
    name = body_kind(value)
    if name is None:
        if not isinstance(value.get("repository"), Mapping) and not isinstance(value.get("sender"), Mapping):
            return None
        name = UNTOLD
    return Event("github", qualified(name, value), dict(value), body_instant(value), "", source)


def body_instant(body: Mapping[str, Json]) -> int:
    """When it happened, as far as a body without headers tells: the subject's own times."""
    for key in ("pull_request", "issue", "release"):
        subject = body.get(key)
        if isinstance(subject, Mapping):
            names = subject_times(body.get("action"))
            return next((at for name in names if (at := parse_instant(subject.get(name)))), 0)
    return 0


def subject_times(action: Json) -> tuple[str, ...]:
    """The subject's own times that say when ``action`` happened to it, the most telling first."""
    first = _TIMES.get(str(action))
    return (*((first,) if first else ()), "updated_at", "created_at")


def _checked(event: Event) -> Event:
    if event.kind == "github":
        try:
            narrow(event.payload)
        except ValueError as error:
            raise SpecError.at(event.source, 0, str(error)) from error
    return event


def _decoded(text: str) -> Json:
    """A body saved as text: JSON, or GitHub's form encoding of it."""
    try:
        return msgspec.json.decode(unformed(text))
    except NOT_JSON:
        return None


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()
