"""The connector drive, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.argument_errors import google_errors
from routine_harness.world.drive import files, records

CONNECTOR: Final = records.SERVICE.connector(
    files, seed=records.seed_record, bind=records.seed_binding, word_errors=google_errors
)
