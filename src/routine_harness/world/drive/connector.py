"""The connector drive, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.drive import files, records
from routine_harness.world.faults import google_faults

CONNECTOR: Final = records.SERVICE.connector(
    files, seed=records.seed_record, bind=records.seed_binding, word_faults=google_faults
)
