# ruff: noqa: E501 - a line is a row of the table
"""The columns of GitHub's tables: what a world file may say of a record, and nothing else.

A line holds a table, the records of ``fields`` whose rows it keeps, and its further columns; behind
``>`` stand the lists that may be written inside a record, with the tables that they fill. Operations
read and write no other column.
"""

from __future__ import annotations

from typing import Final

from routine_harness.world.github.records.fields import Face, fields_of
from routine_harness.world.github.records.tables import TABLES
from routine_harness.world.table_columns import Columns, Schema

_TABLE: Final = """
me              | user            | organizations:list
settings        |                 | commit_trailer pull_request_footer comment_suffix
users           | user            | description
teams           |                 | organization slug id name description members:list repositories:any
installations   |                 | id account app_id app_slug permissions repository_selection repository
repositories    | repository      | files:tree empty:flag starred:flag former_names:list organization languages delete_branch_on_merge:flag allow_auto_merge:flag allow_forking:flag allow_merge_commit:flag allow_rebase_merge:flag allow_squash_merge:flag allow_update_branch:flag use_squash_pr_title_as_default:flag squash_merge_commit_message squash_merge_commit_title merge_commit_message merge_commit_title custom_properties is_template:flag permissions subscribers_count:whole web_commit_signoff_required:flag > labels branches collaborators milestones rulesets releases tags
collaborators   | collaborator    | repository permission
labels          | label           | repository
milestones      | milestone       | repository
issue_types     | issue_type      | owner repository
pull_files      | file            | repository number:whole
pull_commits    | pull_commit commit | repository number:whole date:time author_name author_email files:list tree:tree root:flag
comments        | comment         | repository number:whole
reviews         | review          | repository number:whole dismissal_message
threads         |                 | repository id number:whole path line start_line side is_resolved:flag is_outdated:flag resolved_by:person
review_comments | review_comment  | repository number:whole thread in_reply_to_id side start_line start_side original_line pending:flag author_association subject_type position
reactions       | reaction        | repository on
branches        | branch          | repository base files:tree commit protection
tags            | tag             | repository message commit
commits         | commit          | repository date:time author_name author_email tree:tree tree_sha root:flag files:list unknown_files:flag diff diff_sha
files           |                 | repository ref path content:any
statuses        | status          | repository number:whole sha head_sha commit branch ref
checks          | check           | repository number:whole sha commit branch ref app
workflows       | workflow        | repository
workflow_runs   | run             | repository workflow run_duration_ms:whole > jobs
jobs            | job             | repository logs log
artifacts       | artifact        | repository run_id:whole
releases        | release         | repository updated_at:time
rulesets        | ruleset         | repository bypass_actors:list current_user_can_bypass
issues          | issue found     | repository sub_issues:list events:list pull_request active_lock_reason assignee:person > comments
pulls           | pull found      | repository base_repository base_sha head_sha head_repository events:list diff active_lock_reason assignee:person > files:pull_files commits:pull_commits comments reviews review_comments checks statuses
"""
PASSED_OVER: Final = ("*_url", "url", "_links", "gravatar_id", "node_id", "site_admin", "user_view_type", "score", "performed_via_github_app", "temp_clone_token", "rebaseable", "sub_issues_summary", "issue_dependencies_summary")  # fmt: skip
"""What records pasted from GitHub's API hold besides, in any table: taken and not kept, or shown by no face."""

_NUMBERS: Final = ("pull", "pull_request", "issue", "pull_number", "issue_number")
"""What the number of an issue or pull request may be called in a record that hangs on one."""
_FACES: Final[tuple[Face, ...]] = ("rest", "mcp", "gh")
_TEXT: Final[Schema] = {"type": ["string", "null"]}
_RECORD: Final[Schema] = {"type": ["string", "object", "null"]}
_FLAG: Final[Schema] = {"type": ["boolean", "null"]}
_WHOLE: Final[Schema] = {"type": ["integer", "null"]}
_LIST: Final[Schema] = {"type": ["array", "null"]}
_SHAPES: Final[dict[str, Schema]] = {
    "flag": _FLAG, "on": _FLAG, "time": _TEXT, "text": _TEXT, "person": _RECORD, "tip": _RECORD,
    "milestone": {}, "people": _LIST, "labels": _LIST, "list": _LIST, "shas": _LIST, "whole": _WHOLE,
    "tree": {"type": ["object", "null"]},
}  # fmt: skip
"""The kind of a field → what a file may hold there; any other kind may be anything."""


def _columns(line: str) -> tuple[str, dict[str, Schema], dict[str, str]]:
    table, records, rest = (part.strip() for part in line.split("|"))
    own, _, inner = rest.partition(">")
    kinds: dict[str, str] = dict.fromkeys(TABLES[table], "")
    for record in records.split():
        for face in _FACES:
            for field in fields_of(record, face):
                kinds[field.row] = kinds.get(field.row) or field.kind
        kinds |= {field.name: "" for field in fields_of(record, "rest") if field.name not in kinds}
    kinds |= {name: kind for name, _, kind in (word.partition(":") for word in own.split())}
    if "number:whole" in own.split():
        kinds |= dict.fromkeys(_NUMBERS, "")
    nested = {name: filled or name for name, _, filled in (word.partition(":") for word in inner.split())}
    kinds |= {name: "" for name in nested if name not in kinds}
    shapes = {name: {} if name in nested else _SHAPES.get(kind, {}) for name, kind in kinds.items()}
    return table, shapes, nested


_LINES: Final = [_columns(line) for line in _TABLE.strip().splitlines()]
COLUMNS: Final = Columns(
    {table: shapes for table, shapes, _ in _LINES},
    {table: nested for table, _, nested in _LINES if nested},
    PASSED_OVER,
)
