"""Notion's part of the effect table, and the names of the open-source server."""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.modelled import Alias

_PARENT: Final = "parent.page_id|parent.data_source_id|parent.database_id"
_PAGE: Final = {"id": "page_id", "target": "page_id"}

RULES: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "notion-create-pages": (
        {
            "kind": "document.created",
            "each": "pages",
            "fields": {
                "title": "each.properties.title",
                "body": "each.content",
                "properties": "each.properties",
                "parent": _PARENT,
                "target": "each.properties.title",
            },
            "const": {"kind": "page"},
        },
    ),
    "notion-update-page": (
        {
            "kind": "document.updated",
            "fields": {
                **_PAGE,
                "title": "properties.title",
                "body": "content|new_str|content_updates[].new_str",
                "properties": "properties",
            },
            "const": {"kind": "page"},
        },
    ),
    "notion-create-comment": (
        {
            "kind": "comment.created",
            "fields": {
                "on": "page_id|parent.page_id|discussion_id",
                "body": "markdown|rich_text[].text.content",
                "reply_to": "discussion_id",
                "target": "page_id|parent.page_id|discussion_id",
            },
            "const": {"on_kind": "page"},
        },
    ),
    "notion-move-pages": (
        {
            "kind": "document.moved",
            "fields": {
                "id": "page_or_database_ids",
                "parent": _PARENT.replace("parent.", "new_parent.") + "|new_parent.type",
            },
        },
    ),
    "notion-duplicate-page": (
        {
            "kind": "document.created",
            "fields": {"parent": "page_id", "target": "page_id"},
            "const": {"kind": "page"},
        },
    ),
    "notion-create-database": (
        {
            "kind": "document.created",
            "fields": {"title": "title", "body": "description", "parent": _PARENT},
            "const": {"kind": "database"},
        },
    ),
    "notion-update-data-source": (
        {
            "kind": "document.deleted",
            "when": {"in_trash": [True]},
            "fields": {"id": "data_source_id", "target": "data_source_id"},
            "const": {"kind": "database"},
        },
        {
            "kind": "document.updated",
            "when": {"in_trash": [None, False]},
            "fields": {
                "id": "data_source_id",
                "title": "title",
                "body": "description",
                "target": "data_source_id",
            },
            "const": {"kind": "database"},
        },
    ),
    "notion-create-view": (
        {
            "kind": "document.created",
            "fields": {"title": "name", "parent": "database_id"},
            "const": {"kind": "view"},
        },
    ),
    "notion-update-view": (
        {"kind": "document.updated", "fields": {"id": "view_id", "title": "name"}, "const": {"kind": "view"}},
    ),
    "notion-create-folder": (
        {"kind": "document.created", "fields": {"title": "title|name"}, "const": {"kind": "folder"}},
    ),
    "notion-update-folder": (
        {
            "kind": "document.updated",
            "fields": {"id": "folder_id", "title": "title|name"},
            "const": {"kind": "folder"},
        },
    ),
    "notion-create-attachment": (
        {
            "kind": "attachment.created",
            "fields": {"title": "name", "parent": "page_id", "id": "file_upload_id"},
        },
    ),
    "notion-create-file-upload": ({"kind": "file.uploaded", "fields": {"title": "filename"}},),
}

ALIASES: Final = {
    "create-pages": Alias("notion-create-pages"),
    "update-page": Alias("notion-update-page"),
    "search": Alias("notion-search"),
    "fetch": Alias("notion-fetch"),
    "create-comment": Alias("notion-create-comment"),
    "get-comments": Alias("notion-get-comments"),
    "API-post-search": Alias("notion-search"),
    "API-retrieve-a-page": Alias("notion-fetch", {"page_id": "id"}),
    "API-create-a-comment": Alias("notion-create-comment"),
    "API-retrieve-a-comment": Alias("notion-get-comments", {"block_id": "page_id"}),
    "API-get-users": Alias("notion-get-users"),
    "API-get-self": Alias("notion-get-self"),
}
