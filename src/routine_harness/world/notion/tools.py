"""The tools of Notion's official MCP server, with their arguments.

Source: tool lists and transcripts of live connectors, 2026; the server publishes no schemas, so
arguments are those that sessions were seen to use.
"""

from __future__ import annotations

from typing import Final

from routine_harness.world.schema import (
    OBJECT,
    OBJECTS,
    TEXT,
    TEXTS,
    by_name,
    either,
    listed,
    obj,
    one_of,
    short,
    tool,
)

_PARENT: Final = obj(
    {
        "type": one_of("page_id", "database_id", "data_source_id"),
        "page_id": TEXT,
        "database_id": TEXT,
        "data_source_id": TEXT,
    }
)
_PAGE: Final = obj({"properties": OBJECT, "content": TEXT, "icon": TEXT, "cover": TEXT, "template_id": TEXT})
_UPDATE: Final = listed(
    obj({"old_str*": TEXT, "new_str*": TEXT, "replace_all_matches": {"type": "boolean"}}), 1
)
_COMMANDS: Final = (
    "update_properties",
    "update_content",
    "replace_content",
    "insert_content",
    "insert_content_after",
    "replace_content_range",
    "apply_template",
    "update_verification",
)
_DATA: Final = one_of(*_COMMANDS)

_WRITES: Final = (
    tool(
        "notion-create-pages",
        "write",
        "Creates pages below a page, in a data source, or in the workspace.",
        {"parent": _PARENT, "pages*": {**listed(_PAGE, 1), "maxItems": 100}},
    ),
    tool(
        "notion-update-page",
        "write",
        "Changes a page's properties or content, by command.",
        {
            "page_id*": TEXT,
            "command*": _DATA,
            "properties": OBJECT,
            "content": TEXT,
            "new_str": TEXT,
            "content_updates": _UPDATE,
            "selection_with_ellipsis": TEXT,
            "allow_deleting_content": {"type": "boolean"},
            "template_id": TEXT,
            "icon": TEXT,
            "cover": TEXT,
        },
    ),
    tool(
        "notion-create-comment",
        "write",
        "Comments on a page, or replies in a discussion.",
        {
            "page_id": TEXT,
            "parent": _PARENT,
            "discussion_id": TEXT,
            "selection_with_ellipsis": TEXT,
            "markdown": TEXT,
            "rich_text": OBJECTS,
        },
    ),
    tool(
        "notion-move-pages",
        "write",
        "Moves pages or databases to another parent.",
        {"page_or_database_ids*": {**TEXTS, "minItems": 1}, "new_parent*": either(_PARENT, OBJECT)},
    ),
    tool("notion-duplicate-page", "write", "Duplicates a page.", short("page_id*")),
    tool(
        "notion-create-database",
        "write",
        "Creates a database with a data source.",
        {
            "parent": _PARENT,
            "title": either(TEXT, OBJECTS),
            "description": either(TEXT, OBJECTS),
            "schema": TEXT,
            "properties": OBJECT,
        },
    ),
    tool(
        "notion-update-data-source",
        "write",
        "Changes a data source's title or schema.",
        {
            "data_source_id*": TEXT,
            "title": either(TEXT, OBJECTS),
            "description": either(TEXT, OBJECTS),
            "statements": TEXT,
            "properties": OBJECT,
            "in_trash": {"type": "boolean"},
        },
    ),
    tool(
        "notion-create-view",
        "write",
        "Creates a view.",
        short("database_id data_source_id name type configure"),
        modelled=False,
    ),
    tool("notion-update-view", "write", "Changes a view.", short("view_id* name configure"), modelled=False),
    tool(
        "notion-create-folder",
        "write",
        "Creates a folder.",
        {"title": TEXT, "name": TEXT, "parent": OBJECT},
        modelled=False,
    ),
    tool(
        "notion-update-folder", "write", "Changes a folder.", short("folder_id* title name"), modelled=False
    ),
    tool(
        "notion-create-attachment",
        "write",
        "Attaches a file.",
        short("page_id file_upload_id name"),
        modelled=False,
    ),
    tool(
        "notion-create-file-upload",
        "write",
        "Begins the upload of a file.",
        short("filename content_type content_length:i"),
        modelled=False,
    ),
)

_READS: Final = (
    tool(
        "notion-search",
        "read",
        "Searches pages, databases and users.",
        {
            "query*": TEXT,
            "query_type": one_of("internal", "user"),
            "content_search_mode": one_of("workspace_search", "ai_search"),
            "data_source_url": TEXT,
            "page_url": TEXT,
            "teamspace_id": TEXT,
            "filters": OBJECT,
            "page_size": {"type": "integer", "minimum": 1, "maximum": 25},
            "max_highlight_length": {"type": "integer", "minimum": 0},
        },
    ),
    tool(
        "notion-fetch",
        "read",
        "Fetches a page, database or data source by id or address.",
        short("id* include_discussions:b include_transcript:b"),
    ),
    tool(
        "notion-get-comments",
        "read",
        "Lists a page's discussions.",
        short("page_id* discussion_id include_resolved:b include_all_blocks:b"),
    ),
    tool(
        "notion-get-users",
        "read",
        "Lists the workspace's users.",
        short("query user_id start_cursor page_size:i1-100"),
    ),
    tool("notion-get-teams", "read", "Lists teamspaces.", short("query")),
    tool("notion-get-self", "read", "Gets the current user.", {}),
    tool("notion-get-user", "read", "Gets a user.", short("user_id*")),
    tool(
        "notion-query-data-sources",
        "read",
        "Queries data sources.",
        {"mode": TEXT, "data": OBJECT},
        modelled=False,
    ),
    tool("notion-query-database-view", "read", "Queries a view.", short("view_url*"), modelled=False),
    tool("notion-query-meeting-notes", "read", "Queries meeting notes.", {"filter": OBJECT}, modelled=False),
    tool("notion-get-async-task", "read", "Gets the state of a task.", short("task_id*"), modelled=False),
)

TOOLS: Final = by_name(*_WRITES, *_READS)
