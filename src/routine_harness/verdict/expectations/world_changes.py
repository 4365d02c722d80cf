"""``world:`` expectations: how the tables differ before and after a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from routine_harness.finding import Finding, Location
from routine_harness.plain import Json, Record
from routine_harness.predicate import ABSENT
from routine_harness.verdict.expectations.blocks import RowPattern, WorldBlock
from routine_harness.verdict.expectations.context import RunContext
from routine_harness.verdict.reference import descend
from routine_harness.verdict.where import Where, match_where
from routine_harness.verdict.words import clip, shorten
from routine_harness.world.state import Key, World


class Change(msgspec.Struct, frozen=True):
    """One row that was added, changed or removed; ``before`` and ``after`` as far as they exist."""

    kind: str
    table: str
    key: Key
    before: Record = {}
    after: Record = {}

    @property
    def row(self) -> Record:
        return self.after or self.before

    def __str__(self) -> str:
        name = "/".join(map(str, self.key))
        if self.kind != "changed":
            return clip(f"{self.kind} {self.table} {name}", 72)
        fields = [
            f
            for f in {**self.before, **self.after}
            if self.before.get(f, ABSENT) != self.after.get(f, ABSENT)
        ]
        said = ", ".join(
            f"{f}: {shorten(self.before.get(f), 24)} → {shorten(self.after.get(f), 24)}" for f in fields
        )
        return clip(f"changed {self.table} {name}: {said}", 72)


def world_changes(before: World, after: World, ignore: Sequence[str] = ()) -> list[Change]:
    """Every row that differs, by table and in order; ``ignore`` names tables or ``table.field``."""
    found: list[Change] = []
    for name in sorted({*before.tables, *after.tables}):
        if name in ignore or before.tables.get(name) is after.tables.get(name):
            continue
        old, new = dict(before.table(name).items()), dict(after.table(name).items())
        ignored = {path[len(name) + 1 :] for path in ignore if path.startswith(f"{name}.")}
        found += [Change("added", name, key, {}, row) for key, row in new.items() if key not in old]
        found += [Change("removed", name, key, row) for key, row in old.items() if key not in new]
        found += [
            Change("changed", name, key, old[key], row)
            for key, row in new.items()
            if key in old and old[key] is not row and _without(old[key], ignored) != _without(row, ignored)
        ]
    return found


def judge_world(block: WorldBlock, context: RunContext, place: Location) -> tuple[Finding, ...]:
    """What a ``world:`` block finds in the changes of one run."""
    run = context.run
    changes = world_changes(run.world_before, run.world, block.ignore)
    wrong = [_judge_rows(pattern, changes, context, place) for pattern in block.rows]
    found = [finding for finding in wrong if finding is not None]
    listed = list(block.rows)
    if block.any_of:
        accepted = _accepted(block, changes, context, place)
        if accepted is None:
            found.append(
                _finding(context, place, f"none of {len(block.any_of)} accepted outcomes holds", changes)
            )
        listed += accepted or ()
    if block.strict and not found:
        found += _judge_strict(listed, changes, context, place)
    return tuple(found)


def _accepted(
    block: WorldBlock, changes: list[Change], context: RunContext, place: Location
) -> tuple[RowPattern, ...] | None:
    """The first accepted outcome that holds; under ``strict`` one that leaves no change unlisted."""
    for rows in block.any_of:
        if any(_judge_rows(pattern, changes, context, place) for pattern in rows):
            continue
        if not block.strict or not _judge_strict([*block.rows, *rows], changes, context, place):
            return rows
    return None


def _judge_strict(
    patterns: Sequence[RowPattern], changes: list[Change], context: RunContext, place: Location
) -> list[Finding]:
    unlisted = [
        change for change in changes if not any(_is(change, pattern, context) for pattern in patterns)
    ]
    if not unlisted:
        return []
    tables = ", ".join(f"{number} in {table}" for table, number in Counter(c.table for c in unlisted).items())
    return [_finding(context, place, f"changes that the case does not list: {tables}", unlisted)]


def _judge_rows(
    pattern: RowPattern, changes: list[Change], context: RunContext, place: Location
) -> Finding | None:
    found = [change for change in changes if _is(change, pattern, context)]
    if pattern.count.holds(len(found)):
        return None
    wanted = f" where {' and '.join(map(str, pattern.where))}" if pattern.where else ""
    message = (
        f"found {len(found)}, expected {pattern.count.of('row')} {pattern.change} in {pattern.table}{wanted}"
    )
    near = found or [change for change in changes if change.table == pattern.table]
    return _finding(context, Location(place.file, pattern.line or place.line), message, near)


def _is(change: Change, pattern: RowPattern, context: RunContext) -> bool:
    if change.kind != pattern.change or change.table != pattern.table:
        return False
    return _holds(pattern.where, change.row, context) and _holds(pattern.before, change.before, context)


def _holds(where: Where, row: Record, context: RunContext) -> bool:
    return not where or match_where(where, lambda field: _field(row, field), context.lookup) is True


def _field(row: Record, path: str) -> Json:
    if path in row:
        return row[path]
    found = descend(row, path.split("."))
    return ABSENT if found is None else found


def _without(row: Record, ignored: set[str]) -> Record:
    return {field: value for field, value in row.items() if field not in ignored} if ignored else row


def _finding(context: RunContext, place: Location, message: str, changes: Sequence[Change]) -> Finding:
    shown = [str(change) for change in changes[:5]]
    if len(changes) > 5:
        shown.append(f"… and {len(changes) - 5} more")
    return Finding(
        code="expect.world", message=message, location=place, run=context.run.number, detail=tuple(shown)
    )
