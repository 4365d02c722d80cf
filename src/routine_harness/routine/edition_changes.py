"""What changed between two editions of the platform's rules: rule by rule, with where each is known from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.edition import Edition
from routine_harness.routine.edition_rules import Rule, Setting, Trust

_ABOUT_THE_TABLE: Final = ("edition", "since", "sources")
_ABOUT_THE_RULE: Final = ("source", "trust", "note", "name")
"""Where a rule is known from and what it is for: no part of what it says."""


class FieldChange(msgspec.Struct, frozen=True):
    """One value of a rule, before and after; None where it was not there."""

    field: str
    before: Json
    after: Json


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One rule that is new, gone or says something else.

    ``rule`` are the keys that lead to it (``push``, ``limits.github-per-routine``,
    ``settings.sanitised_reads``); ``source``, ``trust`` and ``note`` are those of the later edition, of the
    earlier one where the rule is gone.
    """

    rule: str
    kind: Literal["added", "removed", "changed"]
    fields: tuple[FieldChange, ...]
    source: str
    trust: Trust
    note: str = ""
    about: str = ""

    @property
    def area(self) -> str:
        return self.rule.partition(".")[0]

    @property
    def name(self) -> str:
        return self.rule.partition(".")[2]


def changes_between(before: Edition, after: Edition) -> tuple[Change, ...]:
    """Every rule on which the two differ, in the order of the tables."""
    earlier, later = dict(_rules(before)), dict(_rules(after))
    found = [
        _compared(name, earlier.get(name), later.get(name), before, after)
        for name in dict.fromkeys([*later, *earlier])
    ]
    areas = after.__struct_fields__
    return tuple(sorted(filter(None, found), key=lambda change: areas.index(change.area)))


def _rules(edition: Edition) -> Iterator[tuple[str, Rule]]:
    for area in edition.__struct_fields__:
        if area in _ABOUT_THE_TABLE:
            continue
        value = getattr(edition, area)
        if isinstance(value, Rule):
            yield area, value
        elif isinstance(value, Mapping):
            yield from ((f"{area}.{name}", rule) for name, rule in value.items())
        else:
            yield from ((f"{area}.{rule.name}", rule) for rule in value)


def _compared(
    name: str, earlier: Rule | None, later: Rule | None, before: Edition, after: Edition
) -> Change | None:
    old, new = _said(earlier), _said(later)
    fields = tuple(
        FieldChange(field, old.get(field), new.get(field))
        for field in dict.fromkeys([*new, *old])
        if old.get(field) != new.get(field)
    )
    if not fields and earlier is not None and later is not None:
        return None
    rule, edition = (later, after) if later is not None else (earlier, before)
    assert rule is not None  # noqa: S101 - a name is of one of the two
    return Change(
        rule=name,
        kind="changed"
        if earlier is not None and later is not None
        else "removed"
        if later is None
        else "added",
        fields=fields,
        source=edition.sources.get(rule.source, rule.source),
        trust=rule.trust,
        note=rule.note,
        about=str(getattr(rule, "about", "")),
    )


def _said(rule: Rule | None) -> Record:
    """What a rule says, without what is left at nothing."""
    if rule is None:
        return {}
    if isinstance(rule, Setting):
        return {"value": rule.chosen}
    values: Record = msgspec.to_builtins(rule)
    return {
        name: value
        for name, value in values.items()
        if name not in _ABOUT_THE_RULE and value not in (None, "", [], {}, ())
    }
