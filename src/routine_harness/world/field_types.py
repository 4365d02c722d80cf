"""What a field of a world file's record may be, by its name, before a connector reads it.

Only fields that mean the same wherever the simulated services have them; what a record means is the
connector's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

_TEXTS: Final = frozenset((
    "full_name", "default_branch", "title", "key", "ref", "branch", "sha", "filename", "login", "ts",
    "text", "tag_name", "path", "color", "slug", "real_name", "created_at", "createdAt", "updated_at",
    "updatedAt", "html_url", "url", "visibility",
))  # fmt: skip
_TEXTS_OR_NOTHING: Final = frozenset((
    "body", "description", "patch", "closed_at", "merged_at", "published_at", "submitted_at", "dueDate",
    "completedAt", "canceledAt", "archivedAt", "conclusion", "thread_ts", "email",
    "previous_filename", "name",
))  # fmt: skip
_TEXTS_OR_RECORDS: Final = frozenset((
    "repository", "channel", "state", "status", "event", "topic", "purpose", "organization", "user", "author",
    "owner", "assignee", "creator", "lead", "team", "project", "parent", "cycle",
))  # fmt: skip
_BRANCHES: Final = frozenset(("head", "base"))
_LISTS: Final = frozenset(("labels", "assignees", "members", "requested_reviewers", "reply_users"))
_NUMBERS: Final = frozenset(("number", "additions", "deletions", "run_number", "run_attempt"))
_USUAL: Final[dict[str, frozenset[type]]] = {
    **dict.fromkeys(_TEXTS_OR_RECORDS, frozenset((str, dict, type(None)))),
    **dict.fromkeys(_TEXTS, frozenset((str,))),
    **dict.fromkeys(_TEXTS_OR_NOTHING, frozenset((str, type(None)))),
    **dict.fromkeys((*_BRANCHES, *_LISTS, *_NUMBERS), frozenset()),
}
"""Field → the types with which it needs no closer look."""
_CHECKED: Final = frozenset(("github", "slack", "linear"))


def check_record(
    connector: str, table: str, record: dict[str, Any]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a field of ``record`` has a type that no service gives it, and what was expected."""
    if connector not in _CHECKED:
        return
    for field, value in record.items():
        usual = _USUAL.get(field)
        if usual is None or type(value) in usual:
            continue
        expected = _expectation(field, value)
        if expected:
            yield (field,), f"expected {field} to be {expected}, found {_kind(value)}"
    files = record.get("files")
    for index, file in enumerate(files if isinstance(files, list) else ()):
        if isinstance(file, dict):
            for path, message in check_record(connector, "files", file):
                yield ("files", index, *path), message
    if table in ("repositories", "branches") and files is not None and not _is_tree(files):
        yield ("files",), f"expected files to map paths to texts, found {_kind(files)}"


def _is_tree(files: object) -> bool:
    return isinstance(files, dict) and all(isinstance(text, str | dict) for text in files.values())


def _expectation(field: str, value: Any) -> str:
    """What ``field`` should be if ``value`` is not of that type; empty if it is."""
    if field in _TEXTS_OR_NOTHING:
        return "" if value is None or isinstance(value, str) else "a text"
    if field in _TEXTS:
        return "" if isinstance(value, str) else "a text"
    if field in _TEXTS_OR_RECORDS:
        return "" if value is None or isinstance(value, str | dict) else "a text"
    if field in _BRANCHES:
        named = value.get("ref") if isinstance(value, dict) else value
        return "" if isinstance(named, str) and named else "a branch"
    if field in _LISTS:
        wrong = not isinstance(value, list) or not all(isinstance(part, str | dict) for part in value)
        return "a list of names" if wrong else ""
    if field in _NUMBERS:
        return (
            "" if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else "a whole number"
        )
    return ""


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return {list: "a list", dict: "a mapping", type(None): "nothing"}.get(type(value), f"{value!r}")
