"""Gmail's drafts, and what is sent: new messages, replies, forwards."""

from __future__ import annotations

from routine_harness.plain import Json, Record
from routine_harness.world.gmail.display import draft_url
from routine_harness.world.gmail.records import (
    SERVICE,
    address,
    find_draft,
    find_message,
    me,
    messages_of,
    put,
    same_person,
    text_of,
)
from routine_harness.world.identifiers import hex_of
from routine_harness.world.simulated import Answer, Arguments, Detail, Refused
from routine_harness.world.state import World
from routine_harness.world.times import iso_seconds

_PEOPLE = {"to": "toRecipients", "cc": "ccRecipients", "bcc": "bccRecipients"}


def create_draft(world: World, arguments: Arguments) -> Answer:
    """Create a draft, in the thread of the message that it replies to."""
    written = _written(arguments)
    replied = (
        find_message(world, arguments["replyToMessageId"]) if arguments.get("replyToMessageId") else None
    )
    if replied is not None:
        written |= {"replyToMessageId": replied["id"], "threadId": replied["threadId"]}
        written.setdefault("subject", _answering(str(replied["subject"])))
    world, made = SERVICE.new_id(world, "drafts")
    message = hex_of("gmail", "draft", made, length=16)
    record = {"subject": "", "toRecipients": [], "threadId": message, **written,
              "id": made, "messageId": message, "date": iso_seconds(world.clock)}  # fmt: skip
    return Answer(put(world, "drafts", record), _answer(record), (_detail(record),))


def update_draft(world: World, arguments: Arguments) -> Answer:
    """Change a draft; what is left out or empty stays, and attachments go."""
    before = find_draft(world, arguments["draftId"])
    written = _written({name: value for name, value in arguments.items() if value not in ("", [], None)})
    after = {name: value for name, value in before.items() if name != "attachments"}
    if "plaintextBody" in written or "htmlBody" in written:
        after.pop("plaintextBody", None)
        after.pop("htmlBody", None)
    after |= written
    changed = {name: value for name, value in after.items() if before.get(name) != value}
    unchanged = not changed and before.keys() == after.keys()
    if not unchanged:
        after["date"] = iso_seconds(world.clock)
        world = world.put("gmail.drafts", (after["id"],), after)
    return Answer(world, _answer(after), (_detail(after, unchanged=unchanged),))


def delete_draft(world: World, arguments: Arguments) -> Answer:
    """Delete a draft."""
    before = find_draft(world, arguments["draftId"])
    return Answer(world.remove("gmail.drafts", (before["id"],)), {}, (_detail(before),))


def send_message(world: World, arguments: Arguments) -> Answer:
    """Send a new message, or a draft as it is."""
    if arguments.get("draftId"):
        return _send_draft(world, find_draft(world, arguments["draftId"]))
    written = _written(arguments)
    replied = (
        find_message(world, arguments["replyToMessageId"]) if arguments.get("replyToMessageId") else None
    )
    thread = arguments.get("replyThreadId") or (replied["threadId"] if replied else None)
    if thread and not messages_of(world, thread):
        raise Refused("Requested entity was not found.")
    if replied is not None:
        written.setdefault("subject", _answering(str(replied["subject"])))
    if "plaintextBody" not in written and "htmlBody" not in written:
        raise Refused("Request contains an invalid argument. Either body or htmlBody is required.")
    return _sent(world, written, thread)


def reply(world: World, arguments: Arguments) -> Answer:
    """Reply to a message: to its sender, or to everybody on it."""
    replied = find_message(world, arguments["messageId"])
    written = _written(arguments)
    if "plaintextBody" not in written and "htmlBody" not in written:
        raise Refused("Request contains an invalid argument. Either body or htmlBody is required.")
    written.setdefault("toRecipients", _answered(world, replied))
    if arguments.get("replyAll"):
        others = [*replied["toRecipients"], *replied.get("ccRecipients", ())]
        own = [me(world), *written["toRecipients"]]
        copied = [one for one in others if not any(same_person(one, known) for known in own)]
        written.setdefault("ccRecipients", copied)
    written["subject"] = _answering(str(replied["subject"]))
    return _sent(world, written, replied["threadId"])


def forward(world: World, arguments: Arguments) -> Answer:
    """Forward a message, with a note before it."""
    forwarded = find_message(world, arguments["messageId"])
    text = text_of(forwarded)
    if text is None:
        what = f"the message {forwarded['id']} has no plaintextBody in the world"
        return Answer(world, "The message's text is not available.", incomplete=what)
    written = _written(arguments)
    note = arguments.get("forwardText") or written.pop("htmlBody", None) or ""
    head = (
        f"---------- Forwarded message ---------\nFrom: {forwarded['sender']}\n"
        f"Subject: {forwarded['subject']}"
    )
    written["plaintextBody"] = "\n\n".join(part for part in (note, head, text) if part)
    written["subject"] = f"Fwd: {forwarded['subject']}"
    if forwarded.get("attachments"):
        written["attachments"] = forwarded["attachments"]
    return _sent(world, written, None)


def _send_draft(world: World, draft: Record) -> Answer:
    """The draft's message, sent under the draft's own message id."""
    gone = Detail(str(draft["subject"]), {}, "draft.deleted")
    written = {name: value for name, value in draft.items() if name not in ("id", "messageId", "date")}
    sent = _sent(world.remove("gmail.drafts", (draft["id"],)), written, draft["threadId"], draft["messageId"])
    return Answer(sent.world, sent.value, (*sent.details, gone))


def _sent(world: World, written: Record, thread: str | None, message_id: str = "") -> Answer:
    people = [one for field in _PEOPLE.values() for one in written.get(field, ())]
    if not people:
        raise Refused("Recipient address required")
    if not message_id:
        world, message_id = SERVICE.new_id(world, "messages")
    to_us = any(same_person(one, me(world)) for one in people)
    kept = world.get("gmail.threads", (thread,)) or {}
    labels = dict.fromkeys(["SENT", *(["INBOX", "UNREAD"] if to_us else ()), *kept.get("labelIds", ())])
    own = {"id": message_id, "threadId": thread or message_id, "sender": me(world)}
    record = {"subject": "", "toRecipients": [], **written, **own}
    record |= {"date": iso_seconds(world.clock), "labelIds": list(labels)}
    world = put(world, "messages", record)
    answer = {"id": record["id"], "threadId": record["threadId"], "labelIds": record["labelIds"]}
    posted = _detail(record, "message.posted")
    return Answer(world, answer, (posted,))


def _written(arguments: Arguments) -> Record:
    """What the arguments say of a message, under the service's own names."""
    record: Record = {}
    for name, field in _PEOPLE.items():
        if arguments.get(name) is not None:
            record[field] = [_plain_address(name, one) for one in arguments[name]]
    if arguments.get("subject") is not None:
        record["subject"] = arguments["subject"]
    for name, field in (("body", "plaintextBody"), ("htmlBody", "htmlBody")):
        if arguments.get(name) is not None:
            record[field] = arguments[name]
    listed = arguments.get("attachments")
    if listed:
        record["attachments"] = [_attachment(one) for one in listed]
    return record


def _plain_address(name: str, said: Json) -> str:
    """An address alone: the tool takes no ``Name <address>``."""
    try:
        found = address(said)
    except ValueError:
        found = ""
    if found != str(said).lower():
        raise Refused(f"Invalid {name.capitalize()} header")
    return str(said)


def _attachment(given: Record) -> Record:
    name = str(given.get("filename") or "noname")
    kind = str(given.get("mimeType") or "application/octet-stream")
    return {"id": hex_of("gmail", "attachment", name, length=16), "filename": name, "mimeType": kind}


def _answered(world: World, replied: Record) -> list[str]:
    """To whom an answer goes: who wrote, or whom we wrote to."""
    if same_person(str(replied["sender"]), me(world)):
        return list(replied["toRecipients"])
    return [address(replied["sender"])]


def _answering(subject: str) -> str:
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _answer(record: Record) -> Record:
    return {"id": record["id"], "threadId": record["threadId"], "viewUrl": draft_url(record)}


def _detail(record: Record, kind: str = "", *, unchanged: bool = False) -> Detail:
    fields = {
        "id": record["id"],
        "title": record.get("subject"),
        "text": text_of(record),
        "thread": record["threadId"],
        "reply_to": record.get("replyToMessageId"),
        **{name: record.get(field) or None for name, field in _PEOPLE.items()},
    }
    return Detail(str(record.get("subject") or "(no subject)"), fields, kind, unchanged=unchanged)
