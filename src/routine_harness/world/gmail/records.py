"""Gmail's tables: accounts, labels, threads, messages and drafts; what a world file may say of them.

A message names its people as mail does (``from``, ``to``, ``cc``) or as the service does (``sender``,
``toRecipients``), its labels by name or id. A thread may hold its messages.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.routine.spec import Binding
from routine_harness.world.identifiers import hex_of
from routine_harness.world.service import Service
from routine_harness.world.simulated import Refused
from routine_harness.world.state import World
from routine_harness.world.times import iso_seconds, parse_instant

ME: Final = "routine-owner@example.com"
"""The mailbox, unless a world file or a binding names another."""
SYSTEM_LABELS: Final = (
    "INBOX", "SENT", "DRAFT", "TRASH", "SPAM", "UNREAD", "STARRED", "IMPORTANT", "CHAT", "CATEGORY_PERSONAL",
    "CATEGORY_SOCIAL", "CATEGORY_PROMOTIONS", "CATEGORY_UPDATES", "CATEGORY_FORUMS",
)  # fmt: skip
_ALIASES: Final = {
    "from": "sender", "to": "toRecipients", "cc": "ccRecipients", "bcc": "bccRecipients",
    "body": "plaintextBody", "labels": "labelIds", "thread": "threadId",
}  # fmt: skip
"""The word that people write → the service's own field."""
_PEOPLE: Final = ("toRecipients", "ccRecipients", "bccRecipients")
_ADDRESS: Final = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")


def _id_of(table: str, number: int) -> str:
    if table == "labels":
        return f"Label_{number}"
    made = hex_of("gmail", table, number, length=16)
    return f"r{int(made, 16)}" if table == "drafts" else made


SERVICE: Final = Service("gmail", _id_of)
put = SERVICE.put


def seed_record(world: World, table: str, record: Record) -> World:
    """A record of a world file, merged in; ValueError where it makes no sense."""
    if table == "accounts":
        return put(world, table, {"email": address(record.get("email", ""))})
    if table == "labels":
        return _seed_label(world, record)
    if table == "threads":
        return _seed_thread(world, record)
    return _seed_mail(world, table, record)


def seed_binding(world: World, binding: Binding) -> World:
    """``gmail:support@acme.example`` names the mailbox; any other binding is a label of it."""
    if "@" in binding.name:
        return put(world, "accounts", {"email": address(binding.name)})
    return seed_record(
        world, "labels", {"name": binding.name, **({"labelId": binding.id} if binding.id else {})}
    )


def me(world: World) -> str:
    """The address of the mailbox."""
    return next((str(one["email"]) for one in world.table("gmail.accounts")), ME)


def address(said: Json) -> str:
    """The bare address of ``Amy Smith <amy@example.com>``, in lower case.

    Raises:
        ValueError: there is none.
    """
    found = parseaddr(str(said))[1].lower()
    if not _ADDRESS.fullmatch(found):
        raise ValueError(f"expected an e-mail address, found {said!r}")
    return found


def same_person(one: str, other: str) -> bool:
    """Whether two ways of writing a person hold one address."""
    return parseaddr(one)[1].lower() == parseaddr(other)[1].lower()


def find_message(world: World, message_id: str) -> Record:
    """The message, or the service's refusal."""
    return _found(world, "messages", message_id)


def find_draft(world: World, draft_id: str) -> Record:
    """The draft, or the service's refusal."""
    return _found(world, "drafts", draft_id)


def find_label(world: World, label_id: str) -> Record:
    """The label of the user's that has this id, or the service's refusal."""
    return _found(world, "labels", label_id)


def messages_of(world: World, thread_id: str) -> list[Record]:
    """A thread's messages, the oldest first; empty where there is no such thread."""
    found = world.table("gmail.messages").find("threadId", thread_id)
    return sorted(found, key=lambda one: (one["date"], one["id"]))


def text_of(record: Record) -> str | None:
    """The text of a message or draft, from its HTML where it has no plain one; None where none is held."""
    if "plaintextBody" in record:
        return str(record["plaintextBody"])
    html = record.get("htmlBody")
    return None if html is None else re.sub(r"<[^>]+>", " ", str(html))


def label_named(world: World, name: str) -> str | None:
    """The id of the label called ``name``: labels alike but for case are one."""
    if name.upper() in SYSTEM_LABELS:
        return name.upper()
    wanted = name.lower()
    return next(
        (str(one["labelId"]) for one in world.table("gmail.labels") if one["name"].lower() == wanted), None
    )


def new_label(world: World, name: str, more: Record | None = None) -> tuple[World, Record]:
    """The world with a label of this name, and the label."""
    world, made = SERVICE.new_id(world, "labels")
    record = {"labelId": made, "name": name, **(more or {})}
    return put(world, "labels", record), record


def _found(world: World, table: str, key: str) -> Record:
    record = world.get(f"gmail.{table}", (key,))
    if record is None:
        raise Refused("Requested entity was not found.")
    return record


def _seed_label(world: World, record: Record) -> World:
    name = record.get("name")
    if not name:
        raise ValueError("expected a label with a name")
    more = {field: value for field, value in record.items() if field not in ("labelId", "name")}
    known = record.get("labelId") or label_named(world, name)
    if known in SYSTEM_LABELS:
        return world
    if known is None:
        return new_label(world, name, more)[0]
    return put(world, "labels", {"labelId": known, "name": name, **more})


def _seed_thread(world: World, record: Record) -> World:
    world, thread = SERVICE.identified(world, "threads", record)
    subject = thread.pop("subject", None)
    for message in thread.pop("messages", None) or ():
        if not isinstance(message, dict):
            raise ValueError(f"expected a thread's messages to be mappings, found {message!r}")
        named = {"threadId": thread["id"], **({"subject": subject} if subject is not None else {})}
        world = _seed_mail(world, "messages", {**named, **message})
    if "labelIds" in thread:
        world, thread["labelIds"] = _label_ids(world, thread["labelIds"])
    return put(world, "threads", thread)


def _seed_mail(world: World, table: str, record: Record) -> World:
    """A message or a draft, its people, labels and attachments as the service has them."""
    given = {_ALIASES.get(name, name): value for name, value in record.items()}
    for field in _PEOPLE:
        if field in given:
            listed = [given[field]] if isinstance(given[field], str) else given[field] or []
            given[field] = [_person(one) for one in listed]
    if given.get("attachments") is not None:
        given["attachments"] = [_attachment(one) for one in given["attachments"]]
    world, given = SERVICE.identified(world, table, given)
    known = world.get(f"gmail.{table}", (given["id"],))
    if table == "messages" and known is None and "sender" not in given:
        raise ValueError("expected a message with from (who sent it)")
    if "sender" in given:
        given["sender"] = _person(given["sender"])
    if "date" in given:
        given["date"] = iso_seconds(parse_instant(given["date"]))
    if "labelIds" in given:
        world, given["labelIds"] = _label_ids(world, given["labelIds"])
    return put(world, table, given, {} if known else _defaults(world, table, given))


def _defaults(world: World, table: str, given: Record) -> Record:
    """What a message or draft has where nothing is said."""
    own = {"subject": "", "toRecipients": [], "date": iso_seconds(world.clock)}
    if table == "drafts":
        message = hex_of("gmail", "draft", given["id"], length=16)
        replied = world.get("gmail.messages", (given.get("replyToMessageId"),))
        return {**own, "threadId": replied["threadId"] if replied else message, "messageId": message}
    sent = same_person(str(given["sender"]), me(world))
    people = [] if sent else [me(world)]
    return {
        **own,
        "threadId": given["id"],
        "toRecipients": people,
        "labelIds": ["SENT"] if sent else ["INBOX", "UNREAD"],
    }


def _person(said: Json) -> str:
    address(said)
    return str(said)


def _attachment(said: Json) -> Record:
    record = {"filename": said} if isinstance(said, str) else dict(said)
    if not record.get("filename"):
        raise ValueError("expected an attachment with a filename")
    return {"id": hex_of("gmail", "attachment", record["filename"], length=16), **record}


def _label_ids(world: World, labels: Json) -> tuple[World, list[str]]:
    """Names and ids as ids; a name that no label has makes one."""
    found: list[str] = []
    for one in labels or ():
        name = str(one)
        known = name if world.get("gmail.labels", (name,)) else label_named(world, name)
        if known is None:
            world, made = new_label(world, name)
            known = made["labelId"]
        found.append(str(known))
    return world, list(dict.fromkeys(found))
