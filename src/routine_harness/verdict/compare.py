"""Two transcripts compared: equality first, and only what differs is explained."""

from __future__ import annotations

from typing import Any

import msgspec

from routine_harness.agents.difference import describe_difference
from routine_harness.session.transcript import Call, Entry, Transcript

_MOST_ENTRIES = 3


def compare_transcripts(before: Transcript, after: Transcript) -> tuple[str, ...]:
    """Where two transcripts differ, a few lines; none where they are equal.

    Equal ones cost what ``==`` costs. Runs and times of the entries count like everything else.
    """
    if before == after:
        return ()
    lines: list[str] = []
    pairs = [(old, new) for old, new in zip(before, after, strict=False) if old != new]
    for old, new in pairs[:_MOST_ENTRIES]:
        lines += _explain(old, new)
    if len(pairs) > _MOST_ENTRIES:
        lines.append(f"… and {len(pairs) - _MOST_ENTRIES} more entries differ")
    for word, rest in (("gone", before[len(after) :]), ("new", after[len(before) :])):
        lines += [f"{_name(entry)} is {word}" for entry in rest[:_MOST_ENTRIES]]
        if len(rest) > _MOST_ENTRIES:
            lines.append(f"… and {len(rest) - _MOST_ENTRIES} more entries are {word}")
    return tuple(lines)


def _explain(old: Entry, new: Entry) -> list[str]:
    if type(old) is not type(new):
        return [f"{_name(old)} became {_name(new)}"]
    return [f"{_name(old)}: {line}" for line in describe_difference(_plain(old), _plain(new))]


def _name(entry: Entry) -> str:
    kind = type(entry).__name__.lower()
    return f"{kind} of {entry.tool}" if isinstance(entry, Call) else kind


def _plain(entry: Entry) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(entry)
    return plain
