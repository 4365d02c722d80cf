"""The connector gmail, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.argument_errors import google_errors
from routine_harness.world.gmail import labels, reading, records, writing
from routine_harness.world.gmail.reveal import REVEALS

CONNECTOR: Final = records.SERVICE.connector(
    reading, writing, labels, seed=records.seed_record, bind=records.seed_binding, word_errors=google_errors,
    recognise=labels.recognise, reveals=REVEALS,
)  # fmt: skip
