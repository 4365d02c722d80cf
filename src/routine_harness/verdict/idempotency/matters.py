"""Records by matter: finds the one that another record repeats without comparing it with each.

``identity.alike`` alone decides whether two records are the same matter. Here each is filed under
keys, and two records that are alike share a key: so thousands of records of a runaway agent cost no more
apiece.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from routine_harness.plain import Json
from routine_harness.verdict.idempotency.identity import (
    Likeness,
    Record,
    alike,
    all_fields_of,
    alternatives_of,
    dates_of,
    has_identity,
)
from routine_harness.verdict.idempotency.subject import Subject

_ANY: Final = 0
_NONE: Final = 1
"""What stands for a part of a subject that may be anything, or that names nothing."""
_MANY: Final = 2_000
"""A record whose subject has more keys than this is compared with each of the others."""

_Keys = set[Hashable]


class Matters:
    """The records of a run, in their order."""

    def __init__(
        self, identity: Mapping[str, tuple[str, ...]], *, sure: bool, records: Iterable[Record] = ()
    ) -> None:
        self._identity, self._sure = identity, sure
        self._records: list[Record] = []
        self._filed: dict[Hashable, list[int]] = {}
        self._unfiled: list[int] = []
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """File one more record."""
        position = len(self._records)
        self._records.append(record)
        if _size(record.subject) > _MANY:
            self._unfiled.append(position)
            return
        for key in self._keys(record, asked=False):
            self._filed.setdefault(key, []).append(position)

    def twin(self, record: Record) -> tuple[Record, Likeness] | None:
        """The first record that is the same matter as ``record``, and what shows it."""
        for position in self._candidates(record):
            likeness = alike(self._records[position], record, self._identity, sure=self._sure)
            if likeness is not None:
                return self._records[position], likeness
        return None

    def _candidates(self, record: Record) -> Iterable[int]:
        if _size(record.subject) > _MANY:
            return range(len(self._records))
        found = [self._filed[key] for key in self._keys(record, asked=True) if key in self._filed]
        return (position for position, _ in itertools.groupby(heapq.merge(*found, self._unfiled)))

    def _keys(self, record: Record, *, asked: bool) -> _Keys:
        """The keys under which a record is filed or, if ``asked``, looked up."""
        effect = record.effect
        own_identity = effect.kind in self._identity
        keys: _Keys = set()
        for fields in alternatives_of(effect, self._identity, sure=self._sure):
            values = record.compared(fields)
            if values is None:
                continue
            sure = self._sure and not own_identity
            dates = tuple(dates_of(effect)) if sure else ()
            head = (effect.kind, effect.connector, fields, _hashable(values), dates)
            if "subject" in fields:
                keys.update((head, part) for part in _shared(record.subject, asked=asked))
            elif sure or "wording" in fields:
                keys.update((head, part) for part in _no_other(record.subject, asked=asked))
            else:
                keys.add(head)
        if not own_identity and not has_identity(effect):
            keys.add((effect.kind, effect.connector, _hashable(all_fields_of(effect))))
        return keys


def _size(subject: Subject) -> int:
    return (len(subject.files) + 2) * (len(subject.items) + 2) + 4 * len(subject.others)


def _shared(subject: Subject, *, asked: bool) -> Iterator[Hashable]:
    """Keys of which two subjects have one in common exactly if they share something (``Subject.shared``)."""
    files, items = _parts(subject.files, asked=asked), _parts(subject.items, asked=asked)
    for file, item in itertools.product(files, items):
        if isinstance(file, str) or isinstance(item, str):
            yield file, item
        else:
            yield from ((file, item, other) for other in subject.others)


def _parts(named: Iterable[str], *, asked: bool) -> Sequence[str | int]:
    """One part of a subject: where both name something it must be the same, else anything goes."""
    names = sorted(named)
    if asked:
        return [*names, _NONE] if names else [_ANY]
    return [*names, _ANY] if names else [_ANY, _NONE]


def _no_other(subject: Subject, *, asked: bool) -> Iterator[Hashable]:
    """The same where it is enough that the two do not name different things."""
    if not subject:
        yield from (_ANY,) if asked else (_ANY, _NONE)
    else:
        yield _NONE if asked else _ANY
        yield from _shared(subject, asked=asked)


def _hashable(value: Json) -> Hashable:
    """``value``, or where it cannot be a key its JSON."""
    try:
        hash(value)
    except TypeError:
        return msgspec.json.encode(value, order="deterministic", enc_hook=repr)
    return value  # type: ignore[no-any-return]
