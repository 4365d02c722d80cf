"""When are two records the same matter? By the fields that identify them, never by prose alone.

Each noun has alternatives, the surest first; all fields of one must be there and equal. A name
with ``?`` may be absent from both. ``place`` is where a record was put, ``subject`` what it names
(``subject``), ``wording`` its text whatever the numbers in it. A policy's ``identity``
replaces the alternatives of an effect.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.predicate import ABSENT, as_spelt
from routine_harness.verdict.dates import dates_in, same_letters, undated
from routine_harness.verdict.idempotency.subject import Subject, subject_of
from routine_harness.verdict.where import effect_value
from routine_harness.world.effect import Effect
from routine_harness.world.kinds import makes_record

_SURE: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "ticket": (("place", "title"),),
    "message": (("place", "thread?", "text"),),
    "draft": (("place", "thread?", "text"), ("thread", "text")),
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
    "event": (("calendar?", "title", "start"),),
}
_LIKELY: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "ticket": (("place", "subject"), ("connector", "subject"), ("place?", "title")),
    "message": (
        ("place", "thread?", "subject"),
        ("place", "thread?", "wording"),
        ("place", "text"),
        ("reply_to",),
    ),
    "draft": (("place", "subject"), ("reply_to",), ("place", "wording")),
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
    "message": ("channel", "channel_id", "to"),
    "draft": ("channel", "channel_id", "to"),
    "comment": ("on", "number"),
}
_INSTANTS: Final = frozenset({"start", "end"})
"""Times that make a record the one it is: the same event an hour later is another one."""
_VOLATILE: Final = frozenset({"id", "url", "author", "target", "sha", "at", "number"})
_NUMBERS: Final = lazy_pattern(r"\d+(?:[.,]\d+)*")
_WORDS: Final = lazy_pattern(r"(?<![^\W\d_])[^\W\d_]{2,}")
_ENOUGH_WORDS: Final = 2


class Record:
    """An effect with what it is about, worked out when it is first asked for."""

    def __init__(self, effect: Effect, own: frozenset[str] = frozenset()) -> None:
        """``own`` are the names and links of records made in the same run, in lower case."""
        self.effect = effect
        self._own = own
        self._compared: dict[tuple[str, ...], tuple[Json, ...] | None] = {}

    @functools.cached_property
    def subject(self) -> Subject:
        return subject_of(self.effect, self._own)

    def compared(self, fields: tuple[str, ...]) -> tuple[Json, ...] | None:
        """What equals that of a record that is alike by ``fields``; None if a field is not there.

        Of the subject it says nothing.
        """
        if fields not in self._compared:
            self._compared[fields] = _compared(self.effect, fields)
        return self._compared[fields]


class Likeness(msgspec.Struct, frozen=True):
    """The fields that make two records alike, and what their subjects share."""

    fields: tuple[str, ...]
    shared: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join(self.fields)


def records_of(effects: Sequence[Effect]) -> list[Record]:
    """The records that were brought about."""
    made = [effect for effect in effects if makes_record(effect.kind)]
    names = (name for effect in made for name in (effect.target, str(effect.fields.get("url", ""))))
    own = frozenset(name.lower() for name in names if name)
    return [Record(effect, own) for effect in made]


def alike(
    first: Record, second: Record, identity: Mapping[str, tuple[str, ...]], *, sure: bool = False
) -> Likeness | None:
    """What makes two records the same matter, or None; ``sure`` leaves out what is only likely, and
    takes two dates for two matters: the tickets of two days are often made in one run.

    ``identity`` is the policy's, by effect.
    """
    one, other = first.effect, second.effect
    if one.kind != other.kind or one.connector != other.connector:
        return None
    own_identity = one.kind in identity
    if sure and not own_identity and dates_of(one) != dates_of(other):
        return None
    for fields in alternatives_of(one, identity, sure=sure):
        found = _agree(first, second, fields)
        if found is None or (sure and not own_identity and _other_matter(first.subject, second.subject)):
            continue
        return found
    return None if own_identity or has_identity(one) else _all_fields(one, other)


def written(effect: Effect) -> bytes:
    """What a record says, as one value: equal for two that are equal as written, whatever Unicode form
    that is in."""
    fields = {name: value for name, value in effect.fields.items() if name not in _VOLATILE}
    said = {name: same_letters(value) if isinstance(value, str) else value for name, value in fields.items()}
    said_by = (effect.kind, effect.connector, said)
    return msgspec.json.encode(said_by, order="deterministic", enc_hook=as_spelt)


def alternatives_of(
    effect: Effect, identity: Mapping[str, tuple[str, ...]], *, sure: bool
) -> tuple[tuple[str, ...], ...]:
    """The fields by which another record can be alike, the surest first."""
    if effect.kind in identity:
        return (identity[effect.kind],)
    likely = () if sure else _LIKELY.get(effect.noun, ())
    return (*_SURE.get(effect.noun, ()), *likely)


def has_identity(effect: Effect) -> bool:
    """Whether its noun has fields that identify it; of another all fields count."""
    return effect.noun in _SURE


def _agree(first: Record, second: Record, fields: tuple[str, ...]) -> Likeness | None:
    values = first.compared(fields)
    if values is None or values != second.compared(fields):
        return None
    if "wording" in fields and _other_matter(first.subject, second.subject):
        return None
    shared = first.subject.shared(second.subject) if "subject" in fields else []
    if "subject" in fields and not shared:
        return None
    named = [name.rstrip("?") for name, value in zip(fields, values, strict=True) if value is not ABSENT]
    places = (_place_field(first.effect) if name == "place" else name for name in named)
    return Likeness(tuple(places), tuple(shared)) if named else None


def _compared(effect: Effect, fields: Iterable[str]) -> tuple[Json, ...] | None:
    values: list[Json] = []
    for name in fields:
        field = name.rstrip("?")
        value = _wording(effect) if field == "wording" else value_for(effect, field)
        if field == "subject":
            value = ""
        elif value is ABSENT and not name.endswith("?"):
            return None
        values.append(value)
    return tuple(values)


def value_for(effect: Effect, field: str) -> Json:
    """A field as it is compared: texts without case, Unicode form, extra spaces, dates and times."""
    if field == "place":
        place = _place_field(effect)
        value = effect_value(effect, place)
        if place == "number" and value is not ABSENT:
            return f"{effect.fields.get('repository', '')}#{value}"
        return _plain(value)
    value = effect_value(effect, field)
    return value if field in _INSTANTS else _plain(value)


def dates_of(effect: Effect) -> list[str]:
    """The dates in the texts by which a record is known."""
    texts = (str(effect.fields.get(name, "")) for name in ("title", "text", "body"))
    return dates_in(next((text for text in texts if text), ""))


def _place_field(effect: Effect) -> str:
    options = _PLACES.get(effect.noun, ("connector",))
    return next((field for field in options if effect_value(effect, field) is not ABSENT), options[0])


def _plain(value: Json) -> Json:
    return undated(value) if isinstance(value, str) else value


def _wording(effect: Effect) -> Json:
    """A text with its numbers taken out; a text of less than two words says too little."""
    text = _NUMBERS.sub("‹number›", str(value_for(effect, "text")))
    return text if len(_WORDS.findall(text)) >= _ENOUGH_WORDS else ABSENT


def _other_matter(first: Subject, second: Subject) -> bool:
    """Whether two records name things, and different ones."""
    return bool(first) and bool(second) and not first.shared(second)


def _all_fields(first: Effect, second: Effect) -> Likeness | None:
    """A noun without identity: all its fields must agree."""
    left = all_fields_of(first)
    return Likeness(tuple(left)) if left and left == all_fields_of(second) else None


def all_fields_of(effect: Effect) -> dict[str, Json]:
    """The fields as they are compared, save those that every record has anew."""
    return {name: _plain(value) for name, value in effect.fields.items() if name not in _VOLATILE}
