"""The commands with which Notion's pages are edited: page and arguments → what changes."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.world.notion.records import failure
from routine_harness.world.simulated import Arguments


def _with_properties(page: Record, arguments: Arguments) -> Record:
    given = arguments.get("properties") or {}
    kept = {**page["properties"], **given}
    return {"properties": {name: value for name, value in kept.items() if value is not None}}


def _with_replacements(page: Record, arguments: Arguments) -> Record:
    content = page["content"]
    for update in arguments.get("content_updates", []):
        count = content.count(update["old_str"])
        if count == 0:
            raise failure(
                "validation_error", f"old_str was not found in the page content: {update['old_str']!r}"
            )
        if count > 1 and not update.get("replace_all_matches"):
            raise failure(
                "validation_error",
                f"old_str matches {count} places; make it unique or set replace_all_matches",
            )
        content = content.replace(update["old_str"], update["new_str"])
    return {"content": content}


def _replaced(page: Record, arguments: Arguments) -> Record:
    del page
    return {"content": arguments.get("new_str", arguments.get("content", ""))}


def _inserted(page: Record, arguments: Arguments) -> Record:
    added = arguments.get("new_str") or arguments.get("content", "")
    anchor = arguments.get("selection_with_ellipsis")
    if not anchor:
        return {"content": f"{page['content']}\n{added}".strip("\n")}
    _, end = _selection(page["content"], anchor)
    return {"content": f"{page['content'][:end]}\n{added}{page['content'][end:]}"}


def _range_replaced(page: Record, arguments: Arguments) -> Record:
    start, end = _selection(page["content"], arguments.get("selection_with_ellipsis", ""))
    return {"content": page["content"][:start] + arguments.get("new_str", "") + page["content"][end:]}


def _selection(content: str, selection: str) -> tuple[int, int]:
    """Where ``first words...last words`` begins and ends."""
    first, _, last = selection.partition("...")
    start = content.find(first)
    end = content.find(last, start + len(first)) if start >= 0 else -1
    if not selection or start < 0 or end < 0:
        raise failure("validation_error", f"The selection {selection!r} was not found in the page content.")
    return start, end + len(last)


COMMANDS: Final = {
    "update_properties": _with_properties,
    "update_content": _with_replacements,
    "replace_content": _replaced,
    "insert_content": _inserted,
    "insert_content_after": _inserted,
    "replace_content_range": _range_replaced,
}
