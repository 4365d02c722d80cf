"""Two sessions side by side: what each of their calls did, and what a read saw of the records made so far.

Narrow enough to stand below a finding on a terminal of 80 columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from routine_harness.session.run import CallRecord, RunPair
from routine_harness.verdict.looking import is_outward
from routine_harness.world.effect import Effect

WIDTH: Final = 34
_GAP: Final = "  "
_TELLING: Final = ("id", "url", "title", "text", "body", "name", "branch", "head", "tag")
"""The fields by which a read's answer shows that it holds a record."""
_SHORT: Final = 4
"""A value shorter than this can stand in an answer by chance."""


def two_columns(pair: RunPair, order: Sequence[int]) -> tuple[str, ...]:
    """The calls of both sessions in the order in which they were made; ``order`` says by whom each was."""
    left = [iter(run.calls) for run in pair.runs]
    made: list[tuple[int, Effect]] = []
    rows = [("session 1", "session 2")]
    for side in order:
        record = next(left[side], None)
        if record is None:
            continue
        cells = [f"{record.number} {record.call.tool}", *_outcome(record, side, made)]
        rows += [(cell, "") if side == 0 else ("", cell) for cell in cells]
        made += [(side, effect) for effect in record.effects if _counts(effect)]
    return tuple(f"{_cut(one):<{WIDTH}}{_GAP}{_cut(other)}".rstrip() for one, other in rows)


def _outcome(record: CallRecord, side: int, made: Sequence[tuple[int, Effect]]) -> Iterator[str]:
    """What came of a call, a line each."""
    for effect in record.effects:
        if effect.outcome == "unchanged" or not is_outward(effect):
            continue
        sign = "+" if effect.outcome == "applied" else "refused:"
        yield f"  {sign} {effect.kind} {effect.target}".rstrip()
    if record.failed and not record.effects:
        yield f"  failed: {record.failure or record.result.text}"
    elif record.reads and not record.effects:
        yield f"  {_seen(record, side, made)}"


def _seen(record: CallRecord, side: int, made: Sequence[tuple[int, Effect]]) -> str:
    """Which of the records that the sessions have made by then stand in the answer of a read."""
    reached = [(by, effect) for by, effect in made if record.call.connector in ("", effect.connector)]
    held = [(by, effect) for by, effect in reached if _holds(record.result.text, effect)]
    if not held:
        other = any(by != side for by, _ in reached)
        return f"saw nothing of session {2 - side}" if other else "saw neither's work"
    said = dict.fromkeys(f"{effect.noun} of session {by + 1}" for by, effect in held)
    return f"saw {', '.join(said)}"


def _holds(text: str, effect: Effect) -> bool:
    target = (
        "" if effect.target.startswith("#") else effect.target
    )  # a channel stands in every answer about it
    values = [target, *(effect.fields.get(name) for name in _TELLING)]
    told = [value for value in values if isinstance(value, str) and len(value) >= _SHORT]
    return any(value in text or json.dumps(value)[1:-1] in text for value in told)


def _counts(effect: Effect) -> bool:
    return effect.outcome == "applied" and is_outward(effect)


def _cut(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= WIDTH else line[: WIDTH - 1] + "…"
