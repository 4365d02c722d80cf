"""GitHub's tests write no row with a column that the table of columns lacks."""

from __future__ import annotations

import pytest

from routine_harness.world.github.records import tables
from routine_harness.world.github.records.columns import COLUMNS
from routine_harness.world.state import Record, World


@pytest.fixture(autouse=True)
def _columns_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    put = tables.put

    def watch(world: World, table: str, record: Record) -> World:
        unlisted = [column for column in record if not COLUMNS.has(table, column)]
        assert not unlisted, (
            f"github.{table} has no column {', '.join(unlisted)}: see world/github/records/columns.py"
        )
        return put(world, table, record)

    monkeypatch.setattr(tables, "put", watch)
