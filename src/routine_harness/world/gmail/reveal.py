"""What Gmail's answers say about its world: messages, drafts and labels as they were shown."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.reveals import Row, reading_json

_MESSAGE: Final = (
    "id", "threadId", "sender", "toRecipients", "ccRecipients", "bccRecipients", "subject", "snippet", "date",
    "labelIds", "plaintextBody", "htmlBody",
)  # fmt: skip
_DRAFT: Final = (
    "id", "messageId", "threadId", "toRecipients", "ccRecipients", "bccRecipients", "subject",
    "plaintextBody", "htmlBody", "date",
)  # fmt: skip


def _threads(_: Record, answer: Json) -> list[Row]:
    return [row for thread in answer.get("threads", ()) for row in _thread({}, thread)]


def _thread(_: Record, answer: Json) -> list[Row]:
    rows: list[Row] = []
    for message in answer["messages"]:
        rows += _message({}, {"threadId": answer["id"], **message})
    return rows


def _message(_: Record, answer: Json) -> list[Row]:
    if "DRAFT" in answer.get("labelIds", ()):
        return []  # shown without the id by which a draft is known
    record = {name: answer[name] for name in _MESSAGE if name in answer}
    names = [one for one in answer.get("attachments", ()) if one.get("filename")]
    return [("messages", {**record, "attachments": names} if names else record)]


def _drafts(_: Record, answer: Json) -> list[Row]:
    return [
        ("drafts", {name: one[name] for name in _DRAFT if name in one}) for one in answer.get("drafts", ())
    ]


def _draft(_: Record, answer: Json) -> list[Row]:
    return _drafts({}, {"drafts": [answer]})


def _labels(_: Record, answer: Json) -> list[Row]:
    return [
        ("labels", {"labelId": one["labelId"], "name": one["name"]})
        for one in answer.get("labels", ())
        if one.get("labelType") != "SYSTEM"
    ]


REVEALS: Final = {
    "search_threads": reading_json(_threads),
    "get_thread": reading_json(_thread),
    "get_message": reading_json(_message),
    "list_drafts": reading_json(_drafts),
    "get_draft": reading_json(_draft),
    "list_labels": reading_json(_labels),
}
