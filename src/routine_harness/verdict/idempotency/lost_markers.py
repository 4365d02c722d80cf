"""Markers that a run wrote and that a later read did not show.

GitHub's MCP server drops HTML comments and tags that HTML does not know from what it gives an agent. What
counts is what the agent received: a read by REST that shows the marker has lost nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from routine_harness.pattern import lazy_pattern
from routine_harness.routine.document import NOT_JSON
from routine_harness.session.run import CallRecord, Run
from routine_harness.verdict.where import texts_of
from routine_harness.world.effect import Effect
from routine_harness.world.github.mcp.sanitize.policy import sanitize

_HIDDEN: Final = lazy_pattern(r"<!--.*?-->|</?[A-Za-z][^<>\n]*>", re.DOTALL)
_TELLING: Final = 8
"""Characters of a line by which a text is known again."""


class LostMarker(msgspec.Struct, frozen=True):
    """The marker, and the number of the call whose answer showed its record without it."""

    marker: str
    call: int


def lost_marker(record: Effect, made: Run, later: Effect, run: Run) -> LostMarker | None:
    """The marker of ``record`` (of the run ``made``) that ``run`` looked for in vain before ``later``."""
    if record.connector != "github":
        return None
    for text in texts_of(record):
        for marker in _dropped(text):
            found = _lost_in(marker, _known_by(record, made, text), later, run)
            if found is not None:
                return found
    return None


def _dropped(text: str) -> Iterator[str]:
    """The comments and tags of ``text`` that the server does not give back."""
    left = sanitize(text)
    return (found[0] for found in _HIDDEN.finditer(text) if found[0] not in left)


def _known_by(record: Effect, made: Run, text: str) -> tuple[str, ...]:
    """What a JSON answer that shows the record holds: its address, or a line that is left of its text."""
    lines = [line.strip() for line in sanitize(text).splitlines()]
    longest = max(lines, key=len, default="")
    line = _in_json(longest) if len(longest) >= _TELLING else ""
    return tuple(part for part in (_address(made.calls[record.call - 1]), line) if part)


def _address(call: CallRecord) -> str:
    try:
        made = msgspec.json.decode(call.result.text)
    except NOT_JSON:
        return ""
    return str(made.get("html_url") or made.get("url") or "") if isinstance(made, dict) else ""


def _lost_in(marker: str, known_by: tuple[str, ...], later: Effect, run: Run) -> LostMarker | None:
    lost = None
    for call in run.calls[: later.call - 1]:
        if not call.reads or call.failed:
            continue
        answer = call.result.text
        if marker in answer or _in_json(marker) in answer:
            return None
        if call.call.connector == "github" and any(part in answer for part in known_by):
            lost = lost or LostMarker(marker, call.number)
    return lost


def _in_json(text: str) -> str:
    return msgspec.json.encode(text).decode()[1:-1]
