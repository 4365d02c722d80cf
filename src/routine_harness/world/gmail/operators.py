"""Gmail's search operators: the test that each makes of its value."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.gmail.matching import Test, Truth, everything_said, wording
from routine_harness.world.gmail.query import Beyond, Term
from routine_harness.world.gmail.records import SERVICE, SYSTEM_LABELS, label_named, me
from routine_harness.world.state import World
from routine_harness.world.times import parse_instant
from routine_harness.world.words_in_text import said_in

KNOWN: Final = (
    "words, +word, quotes, -, OR, AND, ( ), { } and the operators from: to: cc: bcc: list: subject: "
    "filename: after: newer: before: older: newer_than: older_than: (days, months, years) label: (ids) in: "
    "category: is: (unread, read, starred, important) has: (attachment, userlabels, nouserlabels) larger: "
    "smaller: rfc822msgid:"
)
_DAY: Final = re.compile(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})")
_SECONDS: Final = re.compile(r"\d{9,10}")
_SPAN: Final = re.compile(r"(\d{1,4})([dmy])")
_SIZE: Final = re.compile(r"(\d+)([kKmM]?)[bB]?")
_FACTORS: Final = {"": 1, "k": 1024, "m": 1024 * 1024}
_PLACES: Final = {
    "inbox": "INBOX",
    "sent": "SENT",
    "draft": "DRAFT",
    "drafts": "DRAFT",
    "trash": "TRASH",
    "spam": "SPAM",
}
_ELSEWHERE: Final = frozenset({"SENT", "DRAFT", "TRASH", "SPAM"})
_STATES: Final = {"unread": "UNREAD", "starred": "STARRED", "important": "IMPORTANT"}
_CATEGORIES: Final = {
    "social": "CATEGORY_SOCIAL", "promotions": "CATEGORY_PROMOTIONS", "updates": "CATEGORY_UPDATES",
    "forums": "CATEGORY_FORUMS",
}  # fmt: skip


def test_of(world: World, term: Term) -> Test:
    """The test that ``term`` makes on a message.

    Raises:
        Beyond: nobody has said what such a term finds, or the world does not hold it.
    """
    if not term.name:
        return wording(term, everything_said)
    make = _OPERATORS.get(term.name)
    if make is None:
        raise Beyond(f"{term.name}:")
    return make(world, term)


def places_of(term: Term) -> set[str]:
    """The places out of the common way that ``term`` looks into: drafts, trash, spam, or ``anywhere``."""
    value = term.value.lower()
    if term.name == "in" and value == "anywhere":
        return {"TRASH", "SPAM"}
    if term.name in ("in", "label", "is"):
        return {_PLACES.get(value, value.upper())} & {"TRASH", "SPAM", "DRAFT"}
    return set()


def _person(*fields: str, doubted: tuple[str, ...] = ()) -> Callable[[World, Term], Test]:
    """Whether ``fields`` hold a person; Gmail does not document it for ``doubted`` ones."""

    def make(world: World, term: Term) -> Test:
        wanted = me(world) if term.value.lower() == "me" else term.value

        def test(record: Record) -> Truth:
            if any(_is_person(one, wanted) for one in _people(record, fields)):
                return True
            if any(_is_person(one, wanted) for one in _people(record, doubted)):
                return f"whether {term.name}: finds who has a copy of the message {record['id']}"
            return False

        return test

    return make


def _people(record: Record, fields: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for field in fields:
        held = record.get(field) or []
        found += [held] if isinstance(held, str) else held
    return found


def _is_person(person: str, wanted: str) -> bool:
    if re.fullmatch(r"[^@\s]+@[^@\s]+", wanted):
        return parseaddr(person)[1].lower() == wanted.lower()
    return said_in(person, wanted)


def _subject(_: World, term: Term) -> Test:
    return wording(term, lambda record: [str(record["subject"])])


def _filename(_: World, term: Term) -> Test:
    wanted = term.value.lower().lstrip("*.")

    def test(record: Record) -> Truth:
        names = [str(one["filename"]).lower() for one in record.get("attachments") or ()]
        return any(name.endswith(f".{wanted}") or said_in(name, term.value) for name in names)

    return test


def _list(_: World, term: Term) -> Test:
    return lambda record: said_in(str(record.get("listId", "")), term.value)


def _instant(world: World, term: Term) -> float:
    del world
    if _SECONDS.fullmatch(term.value):
        return float(term.value)
    match = _DAY.fullmatch(term.value)
    try:
        hours, _, minutes = SERVICE.point("day_begins").partition(":")
        begins = timedelta(hours=int(hours), minutes=int(minutes))
        year, month, day = map(int, match.groups() if match else ())
        return (datetime(year, month, day, tzinfo=UTC) + begins).timestamp()
    except (ValueError, OverflowError):
        said = f"{term.name}:{term.value} (write YYYY/MM/DD or seconds since the epoch)"
        raise Beyond(said) from None


def _time(*, after: bool, of: Callable[[World, Term], float]) -> Callable[[World, Term], Test]:
    def make(world: World, term: Term) -> Test:
        edge = of(world, term)
        return lambda record: (parse_instant(record["date"]) >= edge) is after

    return make


def _ago(world: World, term: Term) -> float:
    match = _SPAN.fullmatch(term.value.lower())
    if match is None:
        raise Beyond(f"{term.name}:{term.value} (Gmail documents days, months and years)")
    number, unit = int(match[1]), match[2]
    now = datetime.fromtimestamp(world.clock, UTC)
    if unit == "d":
        return (now - timedelta(days=number)).timestamp()
    months = now.year * 12 + now.month - 1 - number * (12 if unit == "y" else 1)
    if months < 12:
        return 0.0
    last = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][months % 12]
    return now.replace(year=months // 12, month=months % 12 + 1, day=min(now.day, last)).timestamp()


def _labelled(label: str) -> Test:
    return lambda record: label in record["labelIds"]


def _label(world: World, term: Term) -> Test:
    value = term.value
    if value.upper() in SYSTEM_LABELS:
        return _labelled(value.upper())
    if world.get("gmail.labels", (value,)) is not None:
        return _labelled(value)
    known = label_named(world, value) or label_named(world, value.replace("-", " "))
    if known is not None:
        raise Beyond(
            f"{term.name}:{value} is a label's name; the tool takes ids ({known}), as list_labels gives them"
        )
    return lambda _: False


def _in(world: World, term: Term) -> Test:
    value = term.value.lower()
    if value == "anywhere":
        return lambda _: True
    if value == "archive":
        return lambda record: "INBOX" not in record["labelIds"] and not _ELSEWHERE & set(record["labelIds"])
    if value in ("snoozed", "chats"):
        raise Beyond(f"in:{value}")
    return _labelled(_PLACES[value]) if value in _PLACES else _label(world, term)


def _is(_: World, term: Term) -> Test:
    value = term.value.lower()
    if value == "read":
        return lambda record: "UNREAD" not in record["labelIds"]
    if value not in _STATES:
        raise Beyond(f"is:{value}")
    return _labelled(_STATES[value])


def _category(_: World, term: Term) -> Test:
    value = term.value.lower()
    if value == "primary":
        others = set(_CATEGORIES.values())
        return lambda record: not others & set(record["labelIds"])
    if value not in _CATEGORIES:
        raise Beyond(f"category:{value}")
    return _labelled(_CATEGORIES[value])


def _has(world: World, term: Term) -> Test:
    value = term.value.lower()
    if value == "attachment":
        return lambda record: bool(record.get("attachments"))
    if value in ("userlabels", "nouserlabels"):
        own = {str(one["labelId"]) for one in world.table("gmail.labels")}
        return lambda record: bool(own & set(record["labelIds"])) is (value == "userlabels")
    raise Beyond(f"has:{value}")


def _size(_: World, term: Term) -> Test:
    match = _SIZE.fullmatch(term.value)
    if match is None:
        raise Beyond(f"{term.name}:{term.value}")
    edge = int(match[1]) * _FACTORS[match[2].lower()]

    def test(record: Record) -> Truth:
        held: Json = record.get("sizeEstimate")
        if held is None:
            return f"the message {record['id']} has no sizeEstimate in the world"
        return bool(held < edge) if term.name == "smaller" else bool(held > edge)

    return test


def _message_id(_: World, term: Term) -> Test:
    wanted = term.value.strip("<>")

    def test(record: Record) -> Truth:
        held = record.get("rfc822MessageId")
        if held is None:
            return f"the message {record['id']} has no rfc822MessageId in the world"
        return str(held).strip("<>") == wanted

    return test


_OPERATORS: Final[dict[str, Callable[[World, Term], Test]]] = {
    "from": _person("sender"),
    "to": _person("toRecipients", doubted=("ccRecipients", "bccRecipients")),
    "cc": _person("ccRecipients"),
    "bcc": _person("bccRecipients"),
    "list": _list,
    "subject": _subject,
    "filename": _filename,
    "after": _time(after=True, of=_instant),
    "newer": _time(after=True, of=_instant),
    "before": _time(after=False, of=_instant),
    "older": _time(after=False, of=_instant),
    "newer_than": _time(after=True, of=_ago),
    "older_than": _time(after=False, of=_ago),
    "label": _label,
    "in": _in,
    "category": _category,
    "is": _is,
    "has": _has,
    "larger": _size,
    "smaller": _size,
    "rfc822msgid": _message_id,
}
"""Operator → what makes the test of its value."""
