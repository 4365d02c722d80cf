"""Gmail's labels: made, changed, put on messages and threads; trash and spam are labels, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from routine_harness.plain import Record
from routine_harness.world.effect import Effect
from routine_harness.world.gmail.display import without_empty
from routine_harness.world.gmail.records import (
    SYSTEM_LABELS,
    find_label,
    find_message,
    label_named,
    messages_of,
    new_label,
)
from routine_harness.world.simulated import Answer, Arguments, Detail, Operation, Refused
from routine_harness.world.state import World

_READ_ONLY = frozenset({"SENT", "DRAFT"})
_TAKEN = "Label name exists or conflicts"
Change = tuple[tuple[str, ...], tuple[str, ...]]
"""The labels that a call adds, and those that it removes."""


def create_label(world: World, arguments: Arguments) -> Answer:
    """Create a label and, unless told otherwise, the parents that are missing."""
    name = arguments["displayName"].strip("/")
    if not name:
        raise Refused("Invalid label name")
    if label_named(world, name) is not None:
        raise Refused(_TAKEN)
    parts = name.split("/")
    parents = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
    for parent in parents if arguments.get("autoCreateParentLabels", True) else ():
        if label_named(world, parent) is None:
            world, _ = new_label(world, parent)
    world, record = new_label(world, name, _colour(arguments))
    return Answer(world, _shown(record), (Detail(name, {"id": record["labelId"], "name": name}),))


def update_label(world: World, arguments: Arguments) -> Answer:
    """Change a label's name or colour."""
    before = find_label(world, arguments["labelId"])
    name = arguments.get("displayName") or before["name"]
    if label_named(world, name) not in (None, before["labelId"]):
        raise Refused(_TAKEN)
    after = {**before, "name": name, **_colour(arguments)}
    world = world.put("gmail.labels", (before["labelId"],), after)
    detail = Detail(
        before["name"], {"id": before["labelId"], "name": before["name"]}, unchanged=after == before
    )
    return Answer(world, _shown(after), (detail,))


def delete_label(world: World, arguments: Arguments) -> Answer:
    """Delete a label and take it off every message."""
    before = find_label(world, arguments["labelId"])
    for record in world.table("gmail.messages"):
        if before["labelId"] in record["labelIds"]:
            world = _relabelled(world, record, (), (before["labelId"],))
    world = world.remove("gmail.labels", (before["labelId"],))
    return Answer(world, {}, (Detail(before["name"], {"id": before["labelId"], "name": before["name"]}),))


def update_message_labels(world: World, arguments: Arguments) -> Answer:
    """Add and remove labels of a message at once."""
    added, removed = tuple(arguments.get("addLabelIds") or ()), tuple(arguments.get("removeLabelIds") or ())
    if not added and not removed:
        raise Refused(
            "Request contains an invalid argument. Either addLabelIds or removeLabelIds is required."
        )
    return _change_message(world, arguments, (added, removed))


def recognise(world: World, effect: Effect) -> Effect:
    """The names of labels for their ids, in what is attempted."""
    fields = dict(effect.fields)
    for field in ("labels", "removed_labels"):
        if field in fields:
            listed = fields[field] if isinstance(fields[field], list) else [fields[field]]
            fields[field] = [_name(world, str(one)) for one in listed]
    if effect.noun == "label" and "id" in fields:
        known = world.get("gmail.labels", (fields["id"],))
        fields |= {"name": known["name"]} if known else {}
    return msgspec.structs.replace(effect, fields=fields)


def _name(world: World, label_id: str) -> str:
    known = world.get("gmail.labels", (label_id,))
    return str(known["name"]) if known else label_id


def _change_message(world: World, arguments: Arguments, change: Change) -> Answer:
    return _changed(world, [find_message(world, arguments["messageId"])], change)


def _change_thread(world: World, arguments: Arguments, change: Change) -> Answer:
    messages = messages_of(world, arguments["threadId"])
    if not messages:
        raise Refused("Requested entity was not found.")
    answer = _changed(world, messages, change)
    added, removed = change
    # What a thread is labelled with by the user, the messages that come later are labelled with too.
    thread = answer.world.get("gmail.threads", (arguments["threadId"],)) or {"id": arguments["threadId"]}
    kept = [one for one in (*thread.get("labelIds", ()), *added) if one not in removed]
    own = list(dict.fromkeys(one for one in kept if one not in SYSTEM_LABELS))
    if own != thread.get("labelIds", []):
        key = (arguments["threadId"],)
        return Answer(answer.world.put("gmail.threads", key, {**thread, "labelIds": own}), {}, answer.details)
    return answer


def _changed(world: World, messages: Iterable[Record], change: Change) -> Answer:
    added, removed = change
    for one in (*added, *removed):
        if one in _READ_ONLY or (one not in SYSTEM_LABELS and world.get("gmail.labels", (one,)) is None):
            raise Refused(f"Invalid label: {one}")
    before = world
    subject = ""
    for record in messages:
        subject = subject or str(record["subject"])
        world = _relabelled(world, record, added, removed)
    return Answer(world, {}, (Detail(subject, unchanged=world.same_records(before)),))


def _relabelled(world: World, record: Record, added: Iterable[str], removed: Iterable[str]) -> World:
    gone = set(removed)
    labels = list(dict.fromkeys([*(one for one in record["labelIds"] if one not in gone), *added]))
    if labels == record["labelIds"]:
        return world
    return world.put("gmail.messages", (record["id"],), {**record, "labelIds": labels})


def _colour(arguments: Arguments) -> Record:
    colour = arguments.get("colorPreset") or arguments.get("color")
    return {"color": colour} if colour else {}


def _shown(record: Record) -> Record:
    return without_empty({**record, "labelType": "USER"})


def _changing(
    on: Callable[[World, Arguments, Change], Answer], change: Callable[[Arguments], Change]
) -> Operation:
    return lambda world, arguments: on(world, arguments, change(arguments))


def _added(arguments: Arguments) -> Change:
    return tuple(arguments["labelIds"]), ()


def _removed(arguments: Arguments) -> Change:
    return (), tuple(arguments["labelIds"])


def _sensitive(arguments: Arguments) -> Change:
    option = arguments["labelOption"]
    if option not in ("TRASH", "SPAM"):
        raise Refused("Request contains an invalid argument. labelOption: TRASH or SPAM is required.")
    return (option,), ("INBOX",)


def _into(label: str) -> Callable[[Arguments], Change]:
    return lambda _: ((label,), ("INBOX",))


def _out_of(label: str) -> Callable[[Arguments], Change]:
    return lambda _: ((), (label,))


label_message = _changing(_change_message, _added)
label_thread = _changing(_change_thread, _added)
unlabel_message = _changing(_change_message, _removed)
unlabel_thread = _changing(_change_thread, _removed)
apply_sensitive_message_label = _changing(_change_message, _sensitive)
apply_sensitive_thread_label = _changing(_change_thread, _sensitive)
trash_message = _changing(_change_message, _into("TRASH"))
trash_thread = _changing(_change_thread, _into("TRASH"))
untrash_message = _changing(_change_message, _out_of("TRASH"))
untrash_thread = _changing(_change_thread, _out_of("TRASH"))
mark_message_spam = _changing(_change_message, _into("SPAM"))
mark_thread_spam = _changing(_change_thread, _into("SPAM"))
unmark_message_spam = _changing(_change_message, _out_of("SPAM"))
unmark_thread_spam = _changing(_change_thread, _out_of("SPAM"))
