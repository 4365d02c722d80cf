"""Messages, threads, drafts and labels as Gmail's server answers them: empty fields are left out."""

from __future__ import annotations

import html
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.gmail.records import SERVICE, text_of
from routine_harness.world.simulated import Answer, Refused
from routine_harness.world.state import World
from routine_harness.world.tool import ToolResult

_MAIL: Final = "https://mail.google.com/mail/u/0/#"
_METADATA: Final = (
    "id",
    "threadId",
    "sender",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "date",
    "labelIds",
)
_SNIPPET: Final = int(SERVICE.point("snippet"))


class NotHeld(Exception):  # noqa: N818 - an answer of the model's, not an error of ours
    """The world holds a record only in part; the text says what is missing."""


def shown_message(record: Record, form: str) -> Record:
    """A message in ``form``: METADATA_ONLY, MINIMAL, PLAIN_TEXT or FULL_CONTENT.

    Raises:
        NotHeld: the form shows the text, and the world has none of it.
    """
    answer = {name: record.get(name) for name in _METADATA}
    answer["viewUrl"] = f"{_MAIL}all/{record['id']}"
    if form != "METADATA_ONLY":
        answer |= {"subject": record.get("subject"), "snippet": _snippet(record)}
    if form in ("PLAIN_TEXT", "FULL_CONTENT"):
        answer["plaintextBody"] = _text(record)
        listed = record.get("attachments") or []
        answer |= {"attachmentIds": [one["id"] for one in listed], "attachments": listed}
    if form == "FULL_CONTENT":
        answer["htmlBody"] = record.get("htmlBody")
    return without_empty(answer)


def shown_draft(record: Record, form: str) -> Record:
    """A draft in one of the forms of messages, with its own id."""
    message = {**record, "id": record["messageId"], "labelIds": ["DRAFT"]}
    own = {"id": record["id"], "messageId": record["messageId"], "viewUrl": draft_url(record)}
    return {**shown_message(message, form), **own}


def shown_thread(thread_id: str, messages: list[Record], form: str) -> Record:
    """A thread with ``messages`` in ``form``."""
    shown = [shown_message(one, form) for one in messages]
    return without_empty({"id": thread_id, "messages": shown, "viewUrl": f"{_MAIL}all/{thread_id}"})


def draft_url(record: Record) -> str:
    """Where people edit a draft."""
    return f"{_MAIL}drafts/{record['messageId']}"


def incomplete(world: World, what: str, known: str = "") -> Answer:
    """An error in place of a guess: the world does not hold ``what``, or the model cannot tell it."""
    said = f"The simulated Gmail cannot answer this: {what}."
    return Answer(world, ToolResult(said, is_error=True), incomplete=what, known=known)


def page_size(given: Json) -> int:
    """How many rows a page holds."""
    wanted = int(given or 0)
    return min(wanted, int(SERVICE.point("most"))) if wanted > 0 else int(SERVICE.point("threads"))


def invalid_token() -> Refused:
    """The refusal of a cursor that belongs to no page."""
    return Refused("Invalid pageToken")


def without_empty(answer: Record) -> Record:
    """``answer`` as protocol buffers write JSON: what is empty is not there."""
    return {name: value for name, value in answer.items() if value not in (None, "", [])}


def _text(record: Record) -> str:
    text = text_of(record)
    if text is None:
        raise NotHeld(f"the message {record['id']} has no plaintextBody in the world")
    return text


def _snippet(record: Record) -> str:
    held = record.get("snippet")
    text = str(held) if held is not None else html.unescape(text_of(record) or "")
    return " ".join(text.split())[:_SNIPPET]
