"""The connector notion, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.faults import notion_faults
from routine_harness.world.notion import pages, reading, records

CONNECTOR: Final = records.SERVICE.connector(
    pages, reading, prefix="notion-", seed=records.seed_record, bind=records.seed_binding,
    word_faults=notion_faults,
)  # fmt: skip
