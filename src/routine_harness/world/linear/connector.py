"""The connector linear, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.argument_errors import zod_errors
from routine_harness.world.linear import discussion, documents, issues, plans, records, seeding, workspace
from routine_harness.world.linear.reveal import REVEALS

CONNECTOR: Final = records.SERVICE.connector(
    issues, discussion, plans, workspace, documents, seed=seeding.seed_record, bind=records.seed_binding,
    word_errors=zod_errors, reveals=REVEALS,
)  # fmt: skip
