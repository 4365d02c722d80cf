"""The connector drive, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.drive import files, records
from routine_harness.world.drive.effects import ALIASES, RULES
from routine_harness.world.drive.shapes import NAMES, SHAPES
from routine_harness.world.drive.tools import TOOLS
from routine_harness.world.faults import google_faults
from routine_harness.world.modelled import ModelledConnector, Operation
from routine_harness.world.seeded import checked

OPERATIONS: Final[dict[str, Operation]] = {name: getattr(files, name) for name in TOOLS}

CONNECTOR: Final = ModelledConnector(
    name="drive",
    title="Google Drive",
    source="tool lists of live connectors, August 2026; no schemas are published",
    tools=TOOLS,
    tables=records.TABLES,
    rules=RULES,
    operations=OPERATIONS,
    word_faults=google_faults,
    seed_record=checked(SHAPES, NAMES, records.seed_record),
    bind=records.seed_binding,
    aliases=ALIASES,
    limits=(
        "A search knows titles, text, types, folders, times, owners and the trash, joined by `and`.",
        "Files hold text; a file without text cannot be read or downloaded.",
        "Shared drives, revisions, comments and access requests are not modelled.",
    ),
)
