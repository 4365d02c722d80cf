"""The connector jira: its declaration, a search that reads JQL, and how far each tool is known."""

from __future__ import annotations

import dataclasses
from typing import Final

from routine_harness.world.declared.connector import packaged_connector
from routine_harness.world.jira.jql import reading_jql

_SEEN: Final = "OBS | tool lists of live connectors, 2026, and calls in public prompts; answers are assumed"
_SEARCH: Final = "searchJiraIssuesUsingJql"
_DECLARED: Final = packaged_connector(__package__)
CONNECTOR: Final = dataclasses.replace(
    _DECLARED,
    title="Jira",
    operations={**_DECLARED.operations, _SEARCH: reading_jql(_DECLARED.operations[_SEARCH])},
    source="tool lists of Atlassian's Rovo MCP server, 2026",
    trust=dict.fromkeys(_DECLARED.tools, _SEEN),
    limits=(
        "JQL knows the columns of issues with `= != ~ !~ < <= > >= IN`, `IS EMPTY`, `AND`, `OR`, `NOT`.",
        "Sprints, history, resolutions and functions but `currentUser()` are `world.incomplete`.",
        "`ORDER BY` is not followed, and `~` looks for whole words.",
        "A transition's id becomes the issue's status; the rows of `transitions` are the transitions.",
        "`getJiraIssue` shows no comments. Worklogs, boards, sprints and Confluence are not declared.",
    ),
)
