"""The connector gmail, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.faults import google_faults
from routine_harness.world.gmail import labels, reading, records, writing
from routine_harness.world.gmail.reveal import REVEALS

CONNECTOR: Final = records.SERVICE.connector(
    reading, writing, labels, seed=records.seed_record, bind=records.seed_binding, word_faults=google_faults,
    recognise=labels.recognise, reveals=REVEALS,
)  # fmt: skip
