"""Mutants of a case's world: one finding more, one fewer, a person who has done the work already.

The agent stays as it is and finds something else. A case that stays green although the agent then does
something else does not say what is to be done.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routine_harness.adversity.mutants import Mutant, says_line
from routine_harness.adversity.together import applied_kinds, applied_outside
from routine_harness.plain import Json, Record
from routine_harness.session.run import Run, RunPair
from routine_harness.world.registry import Registry
from routine_harness.world.state import Key, World

_PLACES: Final = frozenset(
    ("users", "me", "settings", "repositories", "teams", "statuses", "labels", "projects", "milestones",
     "cycles", "initiatives", "channels", "branches", "commits", "files")
)  # fmt: skip
"""Tables of places and people, which are no findings."""


def world_mutants_of(pair: RunPair) -> Iterator[Mutant]:
    """Every mutant of the world in which ``pair`` began: a row of each table of findings, more and fewer."""
    run = pair.first
    if not run.calls:
        return
    first, before = run.calls[0].call.name, run.world_before
    if applied_outside(run):
        done = run.world.at(before.clock)
        yield _of_world("world:done-already", first, "a person has done it all before the run", done)
    read = {record.call.connector for record in run.calls if record.reads}
    for name in sorted(before.tables):
        connector, _, table = name.partition(".")
        rows = before.table(name).items()
        if connector not in read or table in _PLACES or not rows:
            continue
        key, record = rows[0]
        yield _of_world(
            f"world:{name}-fewer", first, f"{name} lacks {_key_words(key)}", before.remove(name, key)
        )
        another = _another(connector, table, key, record)
        if another is not None and another[0] not in before.table(name):
            says = f"{name} has one more like {_key_words(key)}"
            yield _of_world(f"world:{name}-more", first, says, before.put(name, *another))


def _of_world(name: str, tool: str, says: str, world: World) -> Mutant:
    return Mutant(name, "world", tool, 1, says, "", world=world)


def _key_words(key: Key) -> str:
    return " ".join(map(str, key))


def _another(connector: str, table: str, key: Key, record: Record) -> tuple[Key, Record] | None:
    """A copy of a row under the next key; None where the table's key is no field of the row."""
    known = Registry().get(connector)
    fields = known.tables.get(table, ()) if known is not None else ()
    if not fields or len(fields) != len(key) or record.get(fields[-1]) != key[-1]:
        return None
    other: Json = key[-1] + 1000 if isinstance(key[-1], int) else f"{key[-1]}-2"
    return (*key[:-1], other), {**record, fields[-1]: other}


def same_deeds(one: RunPair, other: RunPair) -> bool:
    """Whether the first runs of two pairs did the same, in whatever words."""
    return applied_kinds((one.first,)) == applied_kinds((other.first,))


def line_between(own: RunPair, mutated: RunPair) -> str:
    """The line of a case that holds for ``own`` and not for ``mutated``."""
    for one, other in zip(own.runs, mutated.runs, strict=False):
        line = _line_between(one, other)
        if line:
            return line if one.number == 1 else f"second: {{{line}}}"
    return says_line(own.first)


def _line_between(one: Run, other: Run) -> str:
    kinds, others = applied_kinds((one,)), applied_kinds((other,))
    for kind in (*kinds, *others):
        if kinds[kind] != others[kind]:
            return f"effects: {{effect: {kind}, count: {kinds[kind]}}}"
    return says_line(one) if one.closing != other.closing else ""


def silence_of(run: Run) -> Iterator[Mutant]:
    """The mutant that passes over a look that failed."""
    failed = next((record for record in run.calls if record.reads and record.failed), None)
    if failed is None or not run.closing:
        return
    nth = sum(one.call.name == failed.call.name for one in run.calls[: failed.number])
    yield Mutant(
        f"{failed.call.name}#{nth}:silent", "silent", failed.call.name, nth,
        "stays silent when it could not look, and ends as if all were well", says_line(run),
    )  # fmt: skip
