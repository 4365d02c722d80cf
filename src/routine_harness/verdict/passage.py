"""The place in a text at which a predicate holds, with what stands around it and who put it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from routine_harness.pattern import lazy_pattern
from routine_harness.plain import Json
from routine_harness.routine.edition import APPENDED
from routine_harness.verdict.reference import texts_in
from routine_harness.world.state import World

Span = tuple[int, int]

BY_THE_PLATFORM: Final = "appended by the platform"
_SETTINGS: Final = "github.settings"
_BEFORE: Final = lazy_pattern(r"^(\(\?[is]+\))?\^?(?:\.\*\??)*")
_AFTER: Final = lazy_pattern(r"(?:\.\*\??)*\$?$")
_AROUND: Final = 18
"""Characters before a place, and at least as many behind it, that are shown."""

_LONGEST: Final = 40


def find_passage(data: Json, text: str) -> Span | None:
    """Where ``text`` has what the predicate ``data`` asks for; None where that is no one place."""
    if not isinstance(data, Mapping) or len(data) != 1:
        return None
    [(operator, operand)] = data.items()
    if operator in ("any_of", "all_of"):
        return next((span for part in operand if (span := find_passage(part, text))), None)
    if not isinstance(operand, str):
        return None
    if operator == "matches_regex":
        return _find_pattern(operand, text)
    at = text.find(operand) if operator == "contains" else 0 if operator == "starts_with" else -1
    return (at, at + len(operand)) if at >= 0 else None


def _find_pattern(pattern: str, text: str) -> Span | None:
    """The place of a pattern, which holds over the whole value: without ``.*`` at either end."""
    # Imported here: 10 ms, and few findings quote a text.
    import re2

    head = _BEFORE.match(pattern)
    flags = (head[1] or "") if head else ""
    core = _AFTER.sub("", pattern[head.end() :] if head else pattern)
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    try:
        found = re2.compile(flags + core, options).search(text)
    except re2.error:
        return None
    return found.span() if found and found.end() > found.start() else None


def quote_passage(field: str, text: str, span: Span, by: str = "") -> tuple[str, ...]:
    """The field with the place underlined, in at most 76 columns, and ``by`` whom it was put there."""
    begin, end = span
    before, there, after = map(_plain, (text[:begin], text[begin:end], text[end:]))
    if len(there) > _LONGEST:
        there = f"{there[: _LONGEST - 1]}…"
    if len(before) > _AROUND:
        before = f"…{before[-_AROUND:]}"
    if len(after) > _AROUND:
        after = f"{after[:_AROUND]}…"
    lead = f"  {field}: "
    lines = (f"{lead}{before}{there}{after}", f"{' ' * len(lead + before)}{'^' * len(there)}")
    return (*lines, f"{' ' * len(lead + before)}{by}") if by else lines


def quote_first(
    field: str, value: Json, data: Json, appended: Sequence[str], arguments: Mapping[str, Json]
) -> tuple[str, ...]:
    """Of the texts that a field holds the first in which ``data`` has its place, quoted; none without one."""
    for text in texts_within(value):
        span = find_passage(data, text)
        if span is not None:
            return quote_passage(field, text, span, put_by(text, span, appended, arguments))
    return ()


def texts_within(value: Json) -> list[str]:
    """The text that a field holds, or the several: of a commit its message."""
    parts = value if isinstance(value, list | tuple) else [value]
    texts = (part.get("message") if isinstance(part, Mapping) else part for part in parts)
    return [text for text in texts if isinstance(text, str)]


def _plain(text: str) -> str:
    """On one line, with a space kept at either end."""
    words = " ".join(text.split())
    return (" " if text[:1].isspace() else "") + words + (" " if words and text[-1:].isspace() else "")


def appended_texts(world: World) -> tuple[str, ...]:
    """What the platform's tooling appends by itself in this world."""
    rows = list(world.table(_SETTINGS))
    texts = (rows[0].get(name) for name in APPENDED) if rows else ()
    return tuple(str(text).strip() for text in texts if text)


def put_by(text: str, span: Span, appended: Sequence[str], arguments: Mapping[str, Json]) -> str:
    """``appended by the platform`` where the place lies in what no argument of the call holds."""
    end = text.rstrip()
    given = " ".join(texts_in(arguments))
    for tail in appended:
        if end.endswith(tail) and span[1] > len(end) - len(tail) and _plain(tail) not in _plain(given):
            return BY_THE_PLATFORM
    return ""
