"""Two records beside each other, the fields that make them alike marked; fits 76 columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from routine_harness.verdict.words import clip
from routine_harness.world.effect import Effect

Side = tuple[str, Effect]
"""Heading and record."""

_LABEL: Final = 12
_COLUMN: Final = 29
_WIDTH: Final = 76
_FIRST: Final = (
    "target", "title", "channel", "project", "team", "repository", "on", "head", "branch", "text", "body",
)  # fmt: skip
_HIDDEN: Final = frozenset({"id", "url", "author", "connector", "tool"})


def side_by_side(
    left: Side, right: Side, alike: Collection[str], shared: Sequence[str] = ()
) -> tuple[str, ...]:
    """Lines: a heading, then a field a line; ``=`` marks those by which the two are alike.

    ``shared`` is what both records name.
    """
    lines = [_line(" ", "", left[0], right[0])]
    lines += [
        _line("=" if field in alike else " ", field, _value(left, field), _value(right, field))
        for field in _fields(left[1], right[1], alike)
    ]
    if shared:
        lines.append(clip(f"= both name {', '.join(shared)}", _WIDTH))
    return tuple(lines)


def _fields(left: Effect, right: Effect, alike: Collection[str]) -> list[str]:
    names = [*_FIRST, *left.fields, *right.fields]
    shown = [
        name
        for name in dict.fromkeys(names)
        if name not in _HIDDEN
        and (name in alike or name in _FIRST)
        and (_raw(left, name) or _raw(right, name))
    ]
    return sorted(shown, key=lambda name: (name != "target", name not in alike))


def _raw(effect: Effect, field: str) -> object:
    return effect.target if field == "target" else effect.fields.get(field)


def _value(side: Side, field: str) -> str:
    value = _raw(side[1], field)
    return "" if value is None else str(value)


def _line(mark: str, label: str, left: str, right: str) -> str:
    first = f"{clip(label, _LABEL):{_LABEL}} {clip(left, _COLUMN):{_COLUMN}}"
    return f"{mark} {first} {clip(right, _COLUMN)}".rstrip()
