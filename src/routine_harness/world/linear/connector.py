"""The connector linear, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.faults import zod_faults
from routine_harness.world.linear import documents, issues, plans, records, seeding, talk, workspace
from routine_harness.world.linear.reveal import REVEALS

CONNECTOR: Final = records.SERVICE.connector(
    issues, talk, plans, workspace, documents, seed=seeding.seed_record, bind=records.seed_binding,
    word_faults=zod_faults, reveals=REVEALS,
)  # fmt: skip
