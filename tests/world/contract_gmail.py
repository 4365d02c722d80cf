"""Gmail under contract: a seeded mailbox and arguments that succeed in it."""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

import json

from world.contract import Paged, Subject, Visible

from routine_harness.routine.spec import Binding
from routine_harness.world.gmail.connector import CONNECTOR as GMAIL
from routine_harness.world.state import World

CLOCK = 1_777_885_200  # 2026-05-04T09:00:00Z


def mailbox() -> World:
    """A support mailbox: four threads, a label, a draft, something in the trash."""
    world = GMAIL.seed_binding(World(clock=CLOCK), Binding("support@acme.example", None))
    for table, record in (
        ("labels", {"labelId": "Label_7", "name": "Customers"}),
        *(("messages", {"id": f"m{n}", "from": f"Amy {n} <amy{n}@client.example>", "subject": f"Invoice {n}",
                        "body": f"Where is invoice {n}?", "date": f"2026-05-0{n}T12:00:00Z"}) for n in range(1, 4)),
        ("threads", {"id": "t9", "subject": "Outage", "messages": [
            {"id": "m9", "from": "bob@client.example", "body": "It is down", "labels": ["Customers", "INBOX"],
             "date": "2026-05-01T08:00:00Z", "attachments": ["trace.log"]},
            {"id": "m10", "from": "support@acme.example", "to": "bob@client.example", "body": "We look into it",
             "date": "2026-05-01T09:00:00Z"}]}),
        ("messages", {"id": "m11", "from": "spam@bad.example", "subject": "Win", "body": "Prize", "labels": ["TRASH"],
                      "date": "2026-05-02T09:00:00Z"}),
        ("drafts", {"id": "r1", "to": ["amy1@client.example"], "subject": "Re: Invoice 1", "body": "Soon",
                    "replyToMessageId": "m1", "date": "2026-05-03T09:00:00Z"}),
    ):  # fmt: skip
        world = GMAIL.seed_record(world, table, record)
    return world


def _thread_ids(text: str) -> list[str]:
    return [one["id"] for one in json.loads(text).get("threads", [])]


def _next(text: str) -> str | None:
    token: str | None = json.loads(text).get("nextPageToken")
    return token


def gmail() -> Subject:
    """Every tool with arguments that succeed in the mailbox."""
    message, thread, draft = {"messageId": "m1"}, {"threadId": "t9"}, {"draftId": "r1"}
    return Subject(
        connector=GMAIL,
        world=mailbox(),
        refusal="^Request contains an invalid argument",
        seeds=("m1", "m9", "t9", "r1", "Label_7", "INBOX", "amy1@client.example", "from:amy", "is:unread subject:invoice"),
        examples={
            "search_threads": ({"query": "from:amy1@client.example"}, {}, {"query": "(invoice OR outage) -is:starred", "view": "THREAD_VIEW_METADATA_ONLY"}),
            "get_thread": (thread, {**thread, "messageFormat": "PLAIN_TEXT"}),
            "get_message": (message, {**message, "messageFormat": "MINIMAL"}),
            "list_drafts": ({}, {"query": "to:amy1@client.example", "view": "DRAFT_VIEW_FULL"}),
            "list_labels": ({}, {"pageSize": 3}),
            "create_draft": ({"to": ["amy2@client.example"], "subject": "Re: Invoice 2", "body": "On its way", "replyToMessageId": "m2"}, {}),
            "create_label": ({"displayName": "Projects/Alpha"},),
            "label_thread": ({**thread, "labelIds": ["Label_7", "STARRED"]},),
            "unlabel_thread": ({**thread, "labelIds": ["Label_7"]}, {**thread, "labelIds": ["STARRED"]}),
            "label_message": ({**message, "labelIds": ["Label_7"]},),
            "unlabel_message": ({**message, "labelIds": ["UNREAD"]},),
            "get_draft": (draft, {**draft, "messageFormat": "METADATA_ONLY"}),
            "update_draft": ({**draft, "body": "Tomorrow"}, {**draft, "body": "Soon"}),
            "delete_draft": (draft,),
            "send_message": ({"to": ["amy2@client.example"], "subject": "Hello", "body": "Hi"}, draft,
                             {"to": ["amy2@client.example"], "body": "Hi", "replyToMessageId": "m2"}),
            "reply": ({"messageId": "m9", "body": "It is up again", "replyAll": True},),
            "forward": ({"messageId": "m9", "to": ["ops@acme.example"], "forwardText": "Look"},),
            "update_label": ({"labelId": "Label_7", "displayName": "Clients"}, {"labelId": "Label_7"}),
            "delete_label": ({"labelId": "Label_7"},),
            "update_message_labels": ({**message, "addLabelIds": ["Label_7"], "removeLabelIds": ["UNREAD"]},),
            "apply_sensitive_message_label": ({**message, "labelOption": "TRASH"}, {**message, "labelOption": "SPAM"}),
            "apply_sensitive_thread_label": ({**thread, "labelOption": "TRASH"},),
            "trash_message": (message,),
            "trash_thread": (thread,),
            "untrash_message": ({"messageId": "m11"},),
            "untrash_thread": ({"threadId": "m11"},),
            "mark_message_spam": (message,),
            "mark_thread_spam": (thread,),
            "unmark_message_spam": (message,),
            "unmark_thread_spam": (thread,),
        },
        visible=(
            Visible("create_draft", {"to": ["x@y.example"], "subject": "Plans"}, "list_drafts", {"query": "subject:plans"}, "x@y.example"),
            Visible("create_draft", {"subject": "P", "body": "all well"}, "get_draft", {"draftId": "{id}"}, "all well", r'"id":"(r\d+)"'),
            Visible("create_label", {"displayName": "Urgent"}, "list_labels", {}, '"name":"Urgent"'),
            Visible("label_thread", {"threadId": "m1", "labelIds": ["Label_7"]}, "search_threads", {"query": "label:Label_7"}, "Invoice 1"),
            Visible("update_draft", {"draftId": "r1", "subject": "Late"}, "get_draft", {"draftId": "r1"}, "Late"),
            Visible("send_message", {"to": ["x@y.example"], "subject": "Hi", "body": "there"}, "search_threads", {"query": "to:x@y.example in:sent"}, "there"),
            Visible("reply", {"messageId": "m9", "body": "It is up again"}, "get_thread", {"threadId": "t9"}, "It is up again"),
            Visible("trash_thread", {"threadId": "t9"}, "search_threads", {"query": "in:trash outage"}, "t9"),
            Visible("mark_message_spam", {"messageId": "m1"}, "search_threads", {"query": "in:spam"}, "m1"),
            Visible("untrash_message", {"messageId": "m11"}, "search_threads", {"query": "win"}, "m11"),
        ),
        paged=(
            Paged("search_threads", {}, _thread_ids, _next, limit="pageSize", cursor="pageToken", refuses="Invalid pageToken"),
            Paged("list_labels", {"pageSize": 50}, lambda text: [one["labelId"] for one in json.loads(text)["labels"]], _next,
                  limit="pageSize", cursor="pageToken", refuses="Invalid pageToken"),
        ),
        unknown=(
            ("get_thread", {"threadId": "none"}, "Requested entity was not found"),
            ("get_message", {"messageId": "r1"}, "Requested entity was not found"),
            ("update_draft", {"draftId": "none", "body": "x"}, "Requested entity was not found"),
            ("label_thread", {"threadId": "t9", "labelIds": ["Customers"]}, "Invalid label: Customers"),
            ("label_message", {"messageId": "m1", "labelIds": ["SENT"]}, "Invalid label: SENT"),
            ("create_label", {"displayName": "customers"}, "Label name exists or conflicts"),
            ("create_draft", {"to": ["Amy <amy@client.example>"]}, "Invalid To header"),
            ("send_message", {"subject": "Hi", "body": "x"}, "Recipient address required"),
            ("reply", {"messageId": "m1"}, "Either body or htmlBody is required"),
            ("forward", {"messageId": "m1"}, "Recipient address required"),
        ),
    )  # fmt: skip
