"""The connector linear, put together."""

from __future__ import annotations

from typing import Final

from routine_harness.world.faults import zod_faults
from routine_harness.world.linear import documents, issues, plans, records, seeding, talk, workspace
from routine_harness.world.linear.effects import ALIASES, RULES
from routine_harness.world.linear.reveal import REVEALS
from routine_harness.world.linear.shapes import NAMES, SHAPES
from routine_harness.world.linear.tools import TOOLS
from routine_harness.world.modelled import ModelledConnector, Operation
from routine_harness.world.seeded import checked

OPERATIONS: Final[dict[str, Operation]] = {
    name: getattr(module, name)
    for module, names in {
        issues: ("list_issues", "get_issue", "save_issue"),
        talk: (
            "list_comments",
            "save_comment",
            "delete_comment",
            "get_status_updates",
            "save_status_update",
            "delete_status_update",
        ),
        plans: (
            "list_projects",
            "get_project",
            "save_project",
            "list_project_labels",
            "list_milestones",
            "get_milestone",
            "save_milestone",
            "list_cycles",
        ),
        workspace: (
            "list_teams",
            "get_team",
            "list_users",
            "get_user",
            "list_issue_statuses",
            "get_issue_status",
            "list_issue_labels",
            "create_issue_label",
        ),
        documents: (
            "list_documents",
            "get_document",
            "save_document",
            "get_attachment",
            "create_attachment",
            "prepare_attachment_upload",
            "create_attachment_from_upload",
            "delete_attachment",
        ),
    }.items()
    for name in names
}

CONNECTOR: Final = ModelledConnector(
    name="linear",
    title="Linear",
    source="tool lists of mcp.linear.app, July to October 2026; shapes of answers from recorded sessions",
    tools=TOOLS,
    tables=records.TABLES,
    rules=RULES,
    operations=OPERATIONS,
    word_faults=zod_faults,
    seed_record=checked(SHAPES, NAMES, seeding.seed_record),
    bind=records.seed_binding,
    aliases=ALIASES,
    reveals=REVEALS,
    limits=(
        "An issue cannot be moved to another team.",
        "A search (`query`) looks for words, not for meaning.",
        "Releases, code reviews (diffs), customers and skills are known by name and not modelled.",
        "Automations, SLAs, triage rules and notifications do not run.",
        "An attachment's bytes are counted, not kept.",
    ),
)
