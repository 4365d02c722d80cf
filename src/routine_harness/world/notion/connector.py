"""The connector notion, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.argument_errors import notion_errors
from routine_harness.world.notion import pages, reading, records

CONNECTOR: Final = records.SERVICE.connector(
    pages, reading, prefix="notion-", seed=records.seed_record, bind=records.seed_binding,
    word_errors=notion_errors,
)  # fmt: skip
