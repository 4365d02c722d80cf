"""The tools of Google Drive's MCP server, with their arguments.

Source: tool lists of live connectors, August 2026; the server publishes no schemas, so arguments
are those that sessions were seen to use.
"""

from __future__ import annotations

from typing import Final

from routine_harness.world.schema import by_name, short, tool

TOOLS: Final = by_name(
    tool(
        "create_file",
        "write",
        "Creates a file or folder; text becomes a Google document unless conversion is switched off.",
        short(
            "title parentId contentMimeType textContent base64Content mimeType "
            "disableConversionToGoogleType:b"
        ),
    ),
    tool(
        "update_file",
        "write",
        "Changes a file's title, folder or text.",
        short("fileId* title parentId contentMimeType textContent base64Content"),
    ),
    tool("copy_file", "write", "Copies a file.", short("fileId* title parentId")),
    tool("trash_file", "write", "Moves a file to the trash.", short("fileId*")),
    tool(
        "share_file",
        "write",
        "Gives people access to a file.",
        short(
            "fileId* role*:reader|commenter|writer|owner type:user|group|domain|anyone "
            "emailAddress domain message"
        ),
    ),
    tool(
        "search_files",
        "read",
        "Searches files by words or Drive's query syntax.",
        short("query* pageSize:i1-100 pageToken excludeContentSnippets:b"),
    ),
    tool(
        "list_recent_files",
        "read",
        "Lists files, the latest first.",
        short("orderBy:recency|lastModified|lastModifiedByMe|lastViewedByMe pageSize:i1-100 pageToken"),
    ),
    tool(
        "get_file_metadata",
        "read",
        "Gets what is known about a file.",
        short("fileId* excludeContentSnippets:b"),
    ),
    tool("read_file_content", "read", "Reads a file as text.", short("fileId*")),
    tool("download_file_content", "read", "Downloads a file in base64.", short("fileId* exportMimeType")),
    tool("get_file_permissions", "read", "Lists who has access to a file.", short("fileId*")),
)
