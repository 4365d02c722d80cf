"""When are two records the same matter? By the fields that identify them, never by prose alone.

Each noun has alternatives, the surest first; all fields of one must be there and equal. A name
with ``?`` may be absent from both. ``place`` is where a record was put, ``subject`` what it names
(``verdict.subject``), ``wording`` its text whatever the numbers in it. A policy's ``identity``
replaces the alternatives of an effect.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from routine_harness.predicate import ABSENT
from routine_harness.verdict.subject import Subject, subject_of
from routine_harness.verdict.where import effect_value
from routine_harness.world.effect import Effect

CREATING: Final = frozenset({
    "created", "posted", "scheduled", "pushed", "added", "submitted", "published", "uploaded", "sent",
    "started", "forked", "fired", "granted", "requested",
})  # fmt: skip
"""Verbs that bring something about anew."""

_SURE: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "ticket": (("place", "title"),),
    "message": (("place", "thread?", "text"),),
    "draft": (("place", "thread?", "text"),),
    "comment": (("place", "path?", "line?", "body"),),
    "review": (("repository", "number", "event?", "body"),),
    "pull_request": (("repository", "head"), ("repository", "base?", "title")),
    "document": (("parent?", "project?", "title"), ("path",)),
    "release": (("repository", "tag"),),
    "tag": (("repository", "tag"),),
    "branch": (("repository", "branch"),),
    "label": (("repository?", "team?", "name"),),
    "reaction": (("on", "emoji"),),
    "project": (("team?", "name"), ("team?", "title")),
    "milestone": (("project?", "name"), ("project?", "title")),
    "repository": (("repository",), ("organization?", "name")),
    "channel": (("channel",), ("channel_id",)),
}
_LIKELY: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "ticket": (("place", "subject"), ("connector", "subject"), ("place?", "title")),
    "message": (("place", "thread?", "subject"), ("place", "thread?", "wording"), ("place", "text")),
    "draft": (("place", "subject"),),
    "comment": (("place", "path?", "line?"),),
    "review": (("repository", "number", "event?"),),
    "pull_request": (("repository", "base?", "subject"),),
    "document": (("parent?", "subject"),),
    "status_update": (("project",),),
}
"""What makes two records of *two runs* alike besides; inside one run it would say too much: a claim
and its resolution are comments on one item."""

_PLACES: Final = {
    "ticket": ("project", "team", "repository"),
    "message": ("channel", "channel_id"),
    "draft": ("channel", "channel_id"),
    "comment": ("on", "number"),
}
_VOLATILE: Final = frozenset({"id", "url", "author", "target", "sha", "at", "number"})
_TIMES: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|\b\d{1,2}:\d\d(?::\d\d)?\b"
)

_NUMBERS: Final = re.compile(r"\d+(?:[.,]\d+)*")
_WORDS: Final = re.compile(r"(?<![^\W\d_])[^\W\d_]{2,}")
_ENOUGH_WORDS: Final = 2
_DATES: Final = re.compile(r"\d{4}-\d\d-\d\d")


class Record:
    """An effect with what it is about, worked out when it is first asked for."""

    def __init__(self, effect: Effect, own: Sequence[str] = ()) -> None:
        """``own`` are the names and links of records made in the same run."""
        self.effect = effect
        self._own = own

    @functools.cached_property
    def subject(self) -> Subject:
        return subject_of(self.effect, self._own)


class Likeness(msgspec.Struct, frozen=True):
    """The fields that make two records alike, and what their subjects share."""

    fields: tuple[str, ...]
    shared: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join(self.fields)


def records_of(effects: Sequence[Effect]) -> list[Record]:
    """The records that were brought about."""
    made = [effect for effect in effects if effect.kind.rpartition(".")[2] in CREATING]
    own = [name for effect in made for name in (effect.target, str(effect.fields.get("url", "")))]
    return [Record(effect, own) for effect in made]


def alike(
    first: Record, second: Record, identity: Mapping[str, tuple[str, ...]], *, sure: bool = False
) -> Likeness | None:
    """What makes two records the same matter, or None; ``sure`` leaves out what is only likely, and
    takes two dates for two matters: the tickets of two days are often made in one run.

    ``identity`` is the policy's, by effect.
    """
    kind = first.effect.kind
    if kind != second.effect.kind or first.effect.connector != second.effect.connector:
        return None
    if kind in identity:
        return _agree(first, second, identity[kind])
    noun = first.effect.noun
    alternatives = _SURE.get(noun, ())
    if sure and _dates(first.effect) != _dates(second.effect):
        return None
    for fields in alternatives if sure else (*alternatives, *_LIKELY.get(noun, ())):
        found = _agree(first, second, fields)
        if found is not None and not (sure and _other_matter(first.subject, second.subject)):
            return found
    return None if alternatives else _all_fields(first, second)


def _agree(first: Record, second: Record, fields: Sequence[str]) -> Likeness | None:
    shared: list[str] = []
    named: list[str] = []
    for name in fields:
        field = name.rstrip("?")
        if field == "wording":
            if _other_matter(first.subject, second.subject) or not _same_wording(first, second):
                return None
            named.append(field)
            continue
        if field == "subject":
            shared = first.subject.shared(second.subject)
            if not shared:
                return None
            named.append("subject")
            continue
        left, right = value_for(first.effect, field), value_for(second.effect, field)
        if left is ABSENT and right is ABSENT and name.endswith("?"):
            continue
        if left is ABSENT or right is ABSENT or left != right:
            return None
        named.append(_place_field(first.effect) if field == "place" else field)
    return Likeness(tuple(named), tuple(shared)) if named else None


def value_for(effect: Effect, field: str) -> Any:
    """A field as it is compared: texts without case, extra spaces and times."""
    if field == "place":
        place = _place_field(effect)
        value = effect_value(effect, place)
        if place == "number" and value is not ABSENT:
            return f"{effect.fields.get('repository', '')}#{value}"
        return _plain(value)
    return _plain(effect_value(effect, field))


def _dates(effect: Effect) -> list[str]:
    """The dates in the texts by which a record is known."""
    texts = (str(effect.fields.get(name, "")) for name in ("title", "text", "body"))
    return _DATES.findall(next((text for text in texts if text), ""))


def _place_field(effect: Effect) -> str:
    options = _PLACES.get(effect.noun, ("connector",))
    return next((field for field in options if effect_value(effect, field) is not ABSENT), options[0])


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(_TIMES.sub("‹time›", value).casefold().split())
    return value


def _same_wording(first: Record, second: Record) -> bool:
    """Whether two texts differ in nothing but numbers; a text of less than two words says too little."""
    left, right = (
        _NUMBERS.sub("‹number›", str(value_for(record.effect, "text"))) for record in (first, second)
    )
    return left == right and len(_WORDS.findall(left)) >= _ENOUGH_WORDS


def _other_matter(first: Subject, second: Subject) -> bool:
    """Whether two records name things, and different ones."""
    return bool(first) and bool(second) and not first.shared(second)


def _all_fields(first: Record, second: Record) -> Likeness | None:
    """A noun without identity: all its fields must agree, save those that every record has anew."""
    left = {name: _plain(value) for name, value in first.effect.fields.items() if name not in _VOLATILE}
    right = {name: _plain(value) for name, value in second.effect.fields.items() if name not in _VOLATILE}
    return Likeness(tuple(left)) if left and left == right else None
