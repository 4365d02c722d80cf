"""Two records beside each other, the fields that make them alike marked, in any number of columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import Final

from routine_harness.verdict.words import clip
from routine_harness.world.effect import Effect

Side = tuple[str, Effect]
"""Heading and record."""

Row = tuple[str, str, str, str]
"""Mark (``=`` where the two are alike), field, left and right."""

BOTH_NAME: Final = "both name"
_LABEL: Final = 12
_WIDTH: Final = 76
_MOST_LINES: Final = 3
_BEFORE: Final = 12
_FIRST: Final = (
    "target", "title", "channel", "project", "team", "repository", "on", "head", "branch", "text", "body",
)  # fmt: skip
_HIDDEN: Final = frozenset({"id", "url", "author", "connector", "tool"})


def side_by_side(
    left: Side, right: Side, alike: Collection[str], shared: Sequence[str] = ()
) -> tuple[Row, ...]:
    """A heading, then a field a row; ``shared`` is what both records name."""
    rows: list[Row] = [(" ", "", left[0], right[0])]
    rows += [
        ("=" if field in alike else " ", field, _value(left, field), _value(right, field))
        for field in _fields(left[1], right[1], alike)
    ]
    if shared:
        rows.append(("=", BOTH_NAME, ", ".join(shared), ""))
    return tuple(rows)


def lay_out(rows: Sequence[Sequence[str]], width: int = _WIDTH) -> tuple[str, ...]:
    """The rows as lines of at most ``width`` columns.

    Values that make the two alike are folded. Of others one line is shown: around the place where the
    two begin to differ.
    """
    column = max(12, (width - _LABEL - 4) // 2)
    return tuple(
        line for mark, label, left, right in rows for line in _lines(mark, label, left, right, column)
    )


def _lines(mark: str, label: str, left: str, right: str, column: int) -> Iterator[str]:
    if label == BOTH_NAME:
        yield clip(f"= {BOTH_NAME} {left}", _LABEL + 4 + 2 * column)
        return
    if mark == "=":
        halves = [_folded(text, column) for text in (left, right)]
    else:
        halves = [[text] for text in _where_they_differ(left, right, column)]
    for number, (one, other) in enumerate(zip_longest(*halves, fillvalue="")):
        head = (mark, clip(label, _LABEL)) if not number else (" ", "")
        yield f"{head[0]} {head[1]:{_LABEL}} {one:{column}} {other}".rstrip()


def _folded(text: str, column: int) -> list[str]:
    lines = wrap(" ".join(text.split()), column) or [""]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], clip(" ".join(lines[_MOST_LINES - 1 :]), column)]
    return lines


def _where_they_differ(left: str, right: str, column: int) -> tuple[str, str]:
    """Both texts in ``column`` columns, from a little before the first character that differs."""
    left, right = " ".join(left.split()), " ".join(right.split())
    same = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), None)
    if same is None:
        same = min(len(left), len(right))
    if left == right or same < column - 1:
        return clip(left, column), clip(right, column)
    begin = same - _BEFORE
    return clip(f"…{left[begin:]}", column), clip(f"…{right[begin:]}", column)


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
