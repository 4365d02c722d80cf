"""What the records of a world's tables may say: their columns, and the types of fields by name.

The types are those that mean the same wherever the simulated services have the field. What a record means is
the connector's business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from routine_harness.plain import Json, Record
from routine_harness.routine.reader import nearest

Schema = Record


class Columns(NamedTuple):
    """What the records of a connector's tables may say.

    ``by_table`` holds table → column → the JSON Schema of its value (empty: anything); ``nested`` the
    lists of records that may stand inside a record, table → column → the table that they fill;
    ``passed_over`` are patterns of names that records pasted from the service hold besides.
    """

    by_table: Mapping[str, Mapping[str, Schema]]
    nested: Mapping[str, Mapping[str, str]] = {}
    passed_over: tuple[str, ...] = ()

    def has(self, table: str, column: str) -> bool:
        """Whether a record of ``table`` may say ``column``."""
        known = self.by_table.get(table)
        return (
            known is None
            or column in known
            or any(fnmatchcase(column, pattern) for pattern in self.passed_over)
        )


def missing_table(connector: str, table: Json, known: Iterable[str]) -> tuple[str, str]:
    """Message and hint for a table that a connector does not have."""
    near = nearest(str(table), known)
    hint = f"did you mean {near}?" if near else f"its tables are {', '.join(known)}"
    return f"{connector} has no table {table!r}", hint


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


def check_record(connector: str, table: str, record: Record) -> Iterator[tuple[tuple[str | int, ...], str]]:
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


def _expectation(field: str, value: Json) -> str:
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


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return {list: "a list", dict: "a mapping", type(None): "nothing"}.get(type(value), f"{value!r}")
