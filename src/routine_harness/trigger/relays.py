"""What a relay, a gateway, a bus or Actions makes of a webhook delivery → headers and body.

Each wraps the delivery in its own way: headers among the keys (smee), a body as a text or in base64
(API Gateway), a message in a record (SQS, SNS), a detail (EventBridge), CloudEvents, the ``github`` context.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON

_BODIES: Final = ("body", "payload", "rawBody", "raw_body", "detail", "data", "Message", "message", "event",
                  "content")  # fmt: skip
"""Where the envelopes keep what they carry."""
_HEADERS: Final = ("headers", "multiValueHeaders", "header", "MessageAttributes", "messageAttributes",
                   "attributes")  # fmt: skip
_NAMES: Final = ("event_name", "eventName", "event_type", "eventType", "detail-type", "type", "event", "name")
_CLOUD: Final = "com.github."
_DEEPEST: Final = 6


def unrelayed(
    value: Mapping[str, Json], unform: Callable[[str], str], known: Callable[[str], bool]
) -> Record | None:
    """The delivery in ``value`` as ``{headers, body}`` with the event's name among the headers.

    ``unform`` takes the form encoding off a text, ``known`` says whether a word is an event's name. None
    where nothing in it is a webhook's body.
    """
    headers: Record = {}
    held: Json = value
    for _ in range(_DEEPEST):
        if isinstance(held, list) and len(held) == 1:
            held = held[0]
            continue
        if not isinstance(held, Mapping):
            return None
        headers = {**headers, **_told(held, known)}
        if "action" in held or ("repository" in held and isinstance(held["repository"], Mapping)):
            return {"headers": headers, "body": dict(held)}
        held = _inner(held, unform)
    return None


def _told(held: Mapping[str, Json], known: Callable[[str], bool]) -> Record:
    """The headers that an envelope tells, by their names in small letters."""
    found: Record = {}
    for key in _HEADERS:
        given = held.get(key)
        for name, each in given.items() if isinstance(given, Mapping) else ():
            found[str(name).lower()] = _plain(each)
    found |= {key.lower(): each for key, each in held.items() if key.lower().startswith("x-github-")}
    for key in _NAMES:
        word = held.get(key)
        if isinstance(word, str) and "x-github-event" not in found:
            name = word.removeprefix(_CLOUD)
            name = "pull_request" if name == "pull_request_target" else name
            if known(name.partition(".")[0]):
                found["x-github-event"] = name
    return found


def _plain(value: Json) -> Json:
    """A header's value; buses keep ``{"Type": "String", "Value": …}``."""
    if isinstance(value, Mapping):
        keys = ("Value", "StringValue", "stringValue", "value")
        return next((value[key] for key in keys if key in value), "")
    return value


def _inner(held: Mapping[str, Json], unform: Callable[[str], str]) -> Json:
    """What an envelope carries; None where it carries nothing that could be a delivery."""
    records = held.get("Records")
    if isinstance(records, list):
        return records
    if isinstance(held.get("Sns"), Mapping):
        return held["Sns"]
    if isinstance(held.get("request"), Mapping):
        return held["request"]
    encoded = held.get("isBase64Encoded") is True
    for key in _BODIES:
        each = held.get(key)
        found = _decoded(each, unform, encoded=encoded) if isinstance(each, str) else each
        if isinstance(found, Mapping | list) and found:
            return found
    return None


def _decoded(text: str, unform: Callable[[str], str], *, encoded: bool) -> Json:
    # Imported here: few envelopes are in base64.
    import base64
    import binascii

    if encoded:
        try:
            text = base64.b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
    try:
        return msgspec.json.decode(unform(text))
    except NOT_JSON:
        return None
