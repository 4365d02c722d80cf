"""Two editions of the platform's rules for a terminal, and as data: what changed, and whom it reaches."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Final

import msgspec

from routine_harness.lint.edition_comparison import Between, Reached
from routine_harness.plain import Json
from routine_harness.report.ink import Ink
from routine_harness.report.text import fold, short_value, visible
from routine_harness.routine.edition_changes import Change, FieldChange
from routine_harness.verdict.words import counted

_SIGNS: Final = {"added": "+", "removed": "-", "changed": "~"}
_STYLES: Final = {"added": "good", "removed": "error", "changed": "code"}
_TRUST: Final = {"DOC": "documented", "OBS": "observed", "3P": "reported", "INFER": "inferred"}


def render_edition_diff(found: Between, *, width: int = 80, colour: bool = False) -> str:
    """The changes by area, then each routine with what reaches it and why."""
    ink = Ink(colour=colour)
    lines = [f"From {found.before} to {found.after}: {counted(len(found.changes), 'change')}"]
    for area, changes in groupby(found.changes, key=lambda change: change.area):
        lines += ["", ink(area, "file")]
        lines += [line for change in changes for line in _change(change, width, ink)]
    touched = [routine for routine in found.routines if routine.reaches]
    if found.routines:
        lines += ["", f"{len(touched)} of {counted(len(found.routines), 'routine')} touched"]
        lines += [line for routine in touched for line in _routine(routine, width, ink)]
    if found.unread:
        told = f"Of these no file tells whom they reach: {', '.join(found.unread)}."
        lines += ["", *fold(told, width)]
    return "\n".join((*lines, ""))


def _change(change: Change, width: int, ink: Ink) -> Iterator[str]:
    name = change.name or change.area
    yield f"  {ink(f'{_SIGNS[change.kind]} {name}', _STYLES[change.kind])}"
    if change.kind == "changed":
        for field in change.fields:
            yield from fold(f"{field.field}: {_values(field)}", width, "      ")
    else:
        said = (
            f"{one.field}: {_value(one.after if change.kind == 'added' else one.before)}"
            for one in change.fields
        )
        yield from fold("; ".join(said), width, "      ") if change.fields else ()
    if change.about:
        yield from fold(change.about, width, "      ")
    note = f"; {change.note}" if change.note else ""
    yield from (
        ink(line, "faint") for line in fold(f"{_TRUST[change.trust]}: {change.source}{note}", width, "      ")
    )


def _values(field: FieldChange) -> str:
    lists = [value for value in (field.before, field.after) if isinstance(value, list | tuple)]
    if lists and all(
        value is None or isinstance(value, list | tuple) for value in (field.before, field.after)
    ):
        old, new = list(field.before or ()), list(field.after or ())
        parts = [f"- {_value(one)}" for one in old if one not in new]
        parts += [f"+ {_value(one)}" for one in new if one not in old]
        return "\n".join(["", *parts]) if parts else "in another order"
    return f"{_value(field.before)} → {_value(field.after)}"


def _value(value: Json) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return visible(value) if isinstance(value, str) else short_value(value)


def _routine(routine: Reached, width: int, ink: Ink) -> Iterator[str]:
    yield ""
    yield f"{ink(routine.name, 'code')}  {ink(routine.file, 'faint')}"
    for reach in routine.reaches:
        yield from fold(f"{reach.rule}: {reach.why}", width, "  ")


def edition_diff_json(found: Between) -> str:
    """The same as JSON: ``changes`` with the routines that each reaches, ``routines`` with their reasons."""
    changes = []
    for change in found.changes:
        reached = [
            {"routine": routine.name, "file": routine.file, "why": reach.why}
            for routine in found.routines
            for reach in routine.reaches
            if reach.rule == change.rule
        ]
        known = {"routines": reached} if change.rule not in found.unread else {"routines": None}
        changes.append({**msgspec.to_builtins(change), **known})
    value = {
        "before": found.before,
        "after": found.after,
        "changes": changes,
        "routines": msgspec.to_builtins([routine for routine in found.routines if routine.reaches]),
        "looked_at": len(found.routines),
    }
    return json.dumps(value, indent=2, ensure_ascii=False)
