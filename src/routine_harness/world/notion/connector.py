"""The connector notion, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.faults import notion_faults
from routine_harness.world.modelled import ModelledConnector, Operation
from routine_harness.world.notion import pages, reading, records
from routine_harness.world.notion.effects import ALIASES, RULES
from routine_harness.world.notion.shapes import NAMES, SHAPES
from routine_harness.world.notion.tools import TOOLS
from routine_harness.world.seeded import checked

OPERATIONS: Final[dict[str, Operation]] = {
    "notion-create-pages": pages.create_pages,
    "notion-update-page": pages.update_page,
    "notion-duplicate-page": pages.duplicate_page,
    "notion-move-pages": pages.move_pages,
    "notion-create-database": pages.create_database,
    "notion-update-data-source": pages.update_data_source,
    "notion-create-comment": pages.create_comment,
    "notion-search": reading.search,
    "notion-fetch": reading.fetch,
    "notion-get-comments": reading.get_comments,
    "notion-get-users": reading.get_users,
    "notion-get-user": reading.get_user,
    "notion-get-self": reading.get_self,
    "notion-get-teams": reading.get_teams,
}

CONNECTOR: Final = ModelledConnector(
    name="notion",
    title="Notion",
    source="tool lists and transcripts of live connectors, 2026; no schemas are published",
    tools=TOOLS,
    tables=records.TABLES,
    rules=RULES,
    operations=OPERATIONS,
    word_faults=notion_faults,
    seed_record=checked(SHAPES, NAMES, records.seed_record),
    bind=records.seed_binding,
    aliases=ALIASES,
    limits=(
        "Content is kept as the Markdown that was given; blocks have no ids of their own.",
        "A search looks for words, and never asks other connected applications.",
        "Columns of a database are known by name; values are not checked against their types.",
        "Templates, views, folders, verification, uploads and queries of data sources are not modelled.",
    ),
)
