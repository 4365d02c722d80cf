"""What a text says without the attribution that the platform puts at its end.

Two runs of one case bear two sessions' addresses there; records are compared and judged by what the agent
itself wrote.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from routine_harness.plain import Json
from routine_harness.routine.edition import load_attribution
from routine_harness.world.effect import Effect

_FIELDS: Final = ("body", "commits", "commit_message", "message")
_RULE: Final = "---"
"""The line that stands between a text and what is appended to it."""
_MARK: Final = "laude"
"""What every attribution holds: a text without it is left as it is."""


def in_own_words(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Effects on GitHub and of git with their texts as the agent wrote them."""
    return tuple(map(_in_own_words, effects))


def own_words(text: str) -> str:
    """``text`` without the attribution at its end."""
    if _MARK not in text:
        return text
    lines = text.split("\n")
    kept, found = len(lines), False
    while kept:
        line = lines[kept - 1].strip()
        appended = _appended(lines, kept - 1)
        if line and not appended and not (found and line == _RULE):
            break
        kept, found = kept - 1, found or appended
    return "\n".join(lines[:kept]).rstrip() if found else text


def _in_own_words(effect: Effect) -> Effect:
    if effect.connector not in ("github", ""):
        return effect
    changed = {
        name: said
        for name in _FIELDS
        if name in effect.fields and (said := _said(effect.fields[name])) != effect.fields[name]
    }
    return msgspec.structs.replace(effect, fields={**effect.fields, **changed}) if changed else effect


def _said(value: Json) -> Json:
    if isinstance(value, str):
        return own_words(value)
    if isinstance(value, list | tuple):
        return [_said(part) for part in value]
    if isinstance(value, Mapping) and isinstance(value.get("message"), str):
        return {**value, "message": own_words(value["message"])}
    return value


def _appended(lines: list[str], at: int) -> bool:
    line = lines[at].strip()
    before = next((each.strip() for each in reversed(lines[:at]) if each.strip()), "")
    alone, below = _patterns()
    return bool(alone.fullmatch(line)) or bool(below.fullmatch(line) and alone.fullmatch(before))


@functools.cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What a line may be by itself, and what only below one of those."""
    rules = load_attribution()
    kinds = ([rule.line for rule in rules if rule.follows is follows] for follows in (False, True))
    alone, below = (re.compile("|".join(f"(?:{line})" for line in lines) or "(?!)") for lines in kinds)
    return alone, below
