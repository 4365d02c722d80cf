"""What a recorded read says about the world: records by table, for World 0 and for imports.

Only answers that were no errors reveal anything; what the answer leaves out is left to the
service's defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.world.registry import Registry
from routine_harness.world.state import World
from routine_harness.world.table_columns import check_record
from routine_harness.world.tool import ToolCall, ToolResult

Row = tuple[str, Record]
Reveal = Callable[[Record, str], list[Row]]
"""Arguments and the answer's text → table and record, as a world file spells them."""


def reading_json(read: Callable[[Record, Json], list[Row]]) -> Reveal:
    """``read`` on the JSON of an answer; what has another shape reveals nothing."""

    def reveal(arguments: Record, text: str) -> list[Row]:
        try:
            return read(arguments, msgspec.json.decode(text))
        except (*NOT_JSON, AttributeError, KeyError, TypeError):
            return []

    return reveal


def revealed_records(call: ToolCall, result: ToolResult, registry: Registry) -> list[Row]:
    """Full table name (``linear.issues``) and record for all that the answer to ``call``, under the tool's
    own name, shows."""
    if result.is_error:
        return []
    reveals = getattr(registry.get(call.connector), "reveals", {}) if call.connector else {}
    reveal: Reveal | None = reveals.get(call.tool)
    if reveal is None:
        return []
    return [(f"{call.connector}.{table}", record) for table, record in reveal(call.arguments, result.text)]


def revealed_before_writes(answered: Iterable[tuple[ToolCall, ToolResult]], registry: Registry) -> list[Row]:
    """What the reads among ``answered`` say of the world as it was before anything was written to it.

    A connector's reads after its first successful write are left out. The earliest answer comes
    last, so that it has the last word when the rows are merged.
    """
    written: set[str] = set()
    found: list[list[Row]] = []
    for call, result in answered:
        if not call.connector or call.connector in written or result.is_error:
            continue
        if registry.access(call).kind == "write":
            written.add(call.connector)
        else:
            found.append(revealed_records(call, result, registry))
    return [row for rows in reversed(found) for row in sound_rows(rows, registry)]


def sound_rows(rows: Iterable[Row], registry: Registry) -> list[Row]:
    """The rows that their connector can read: a server of another make may mean something else by a
    field, and then its answer says nothing."""
    return [(name, record) for name, record in rows if _is_sound(name, record, registry)]


def fitting_rows(rows: Iterable[Row]) -> list[Row]:
    """The rows without a null where the model has a text or a number: services send one for "none"."""
    fitted = []
    for name, record in rows:
        connector, _, table = name.partition(".")
        wrong = {place[0] for place, _ in check_record(connector, table, record) if place}
        kept = {field: value for field, value in record.items() if value is not None or field not in wrong}
        fitted.append((name, kept))
    return fitted


def _is_sound(name: str, record: Record, registry: Registry) -> bool:
    connector, _, table = name.partition(".")
    model = registry.get(connector)
    if model is None or next(iter(check_record(connector, table, record)), None) is not None:
        return False
    try:
        model.seed_record(World(), table, record)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return False
    return True
