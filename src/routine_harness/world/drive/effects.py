"""Google Drive's part of the effect table, and older names."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.modelled import Alias

_FILE: Final = {"title": "title", "body": "textContent", "parent": "parentId"}
_BY_ID: Final = {"id": "fileId", "target": "fileId"}

RULES: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "create_file": (
        {
            "kind": "document.created",
            "fields": {**_FILE, "kind": "contentMimeType|mimeType", "target": "title"},
        },
    ),
    "update_file": (
        {
            "kind": "document.updated",
            "when": {"title|textContent|base64Content": True},
            "fields": {**_BY_ID, **_FILE},
        },
        {"kind": "document.moved", "when": {"parentId": True}, "fields": {**_BY_ID, "parent": "parentId"}},
    ),
    "copy_file": (
        {"kind": "document.created", "fields": {"title": "title", "parent": "parentId", "target": "fileId"}},
    ),
    "trash_file": ({"kind": "document.deleted", "fields": _BY_ID},),
    "share_file": (
        {"kind": "document.shared", "fields": {**_BY_ID, "user": "emailAddress|domain|type", "role": "role"}},
    ),
}

ALIASES: Final = {
    "google_drive_search": Alias(
        "search_files", {"api_query": "query", "page_size": "pageSize", "page_token": "pageToken"}
    ),
    "google_drive_fetch": Alias("read_file_content", {"document_ids": "fileId"}),
    "gdrive_search": Alias("search_files"),
    "gdrive_read_file": Alias("read_file_content"),
}
