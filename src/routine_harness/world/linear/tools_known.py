"""Linear's tools that are known and classified, and not modelled: releases, diffs, skills, help."""

from __future__ import annotations

from typing import Final

from routine_harness.world.schema import NUMBER, TEXT, TEXTS, one_of, tool

_PAGE: Final = {"limit": NUMBER, "cursor": TEXT}

KNOWN: Final = (
    tool(
        "search_documentation",
        "read",
        "Searches Linear's help.",
        {"query*": TEXT, "page": NUMBER},
        modelled=False,
    ),
    tool(
        "extract_images",
        "read",
        "Fetches the images of a Markdown text.",
        {"markdown*": TEXT},
        modelled=False,
    ),
    tool("list_release_pipelines", "read", "Lists release pipelines.", _PAGE, modelled=False),
    tool("list_releases", "read", "Lists releases.", {**_PAGE, "pipeline": TEXT}, modelled=False),
    tool("get_release", "read", "Gets a release.", {"id*": TEXT}, modelled=False),
    tool("list_release_notes", "read", "Lists release notes.", {**_PAGE, "release": TEXT}, modelled=False),
    tool("get_release_note", "read", "Gets a release note.", {"id*": TEXT}, modelled=False),
    tool(
        "save_release",
        "write",
        "Creates or updates a release.",
        {"id": TEXT, "name": TEXT, "version": TEXT, "description": TEXT, "pipeline": TEXT, "issues": TEXTS},
        modelled=False,
    ),
    tool(
        "save_release_note",
        "write",
        "Creates or updates a release note.",
        {"id": TEXT, "release": TEXT, "title": TEXT, "content": TEXT},
        modelled=False,
    ),
    tool("list_diffs", "read", "Lists code reviews.", {**_PAGE, "issue": TEXT}, modelled=False),
    tool("get_diff", "read", "Gets a code review.", {"id*": TEXT}, modelled=False),
    tool("get_diff_threads", "read", "Lists the threads of a code review.", {"id*": TEXT}, modelled=False),
    tool(
        "save_diff_comment",
        "write",
        "Comments on a code review.",
        {"id": TEXT, "diffId": TEXT, "body*": TEXT, "path": TEXT, "line": NUMBER, "threadId": TEXT},
        modelled=False,
    ),
    tool(
        "submit_diff_review",
        "write",
        "Submits a code review.",
        {"diffId*": TEXT, "event*": one_of("approve", "comment", "request_changes"), "body": TEXT},
        modelled=False,
    ),
    tool("resolve_diff_thread", "write", "Resolves a thread.", {"threadId*": TEXT}, modelled=False),
    tool("merge_diff", "write", "Merges a code review.", {"diffId*": TEXT, "method": TEXT}, modelled=False),
    tool(
        "save_customer",
        "write",
        "Creates or updates a customer.",
        {"id": TEXT, "name": TEXT, "domains": TEXTS, "owner": TEXT},
        modelled=False,
    ),
    tool(
        "save_customer_need",
        "write",
        "Creates or updates a customer's request.",
        {"id": TEXT, "customer": TEXT, "issue": TEXT, "project": TEXT, "body": TEXT},
        modelled=False,
    ),
    tool("list_agent_skills", "read", "Lists skills for agents.", {}, modelled=False),
    tool("get_agent_skill", "read", "Gets a skill for agents.", {"name*": TEXT}, modelled=False),
)
