"""Older and community names of GitHub's tools and arguments, accepted on input only."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Json, Record
from routine_harness.world.github.records.tables import as_number
from routine_harness.world.simulated import Alias
from routine_harness.world.tool import Tool

RENAMED: Final = {
    "pull_number": "pullNumber",
    "pull_request_number": "pullNumber",
    "commit_id": "commitID",
    "expected_head_sha": "expectedHeadSha",
    "q": "query",
    "per_page": "perPage",
    "perPage": "per_page",
    "workflow_id": "resource_id",
    "job_id": "resource_id",
    "run_id": "resource_id",
    "artifact_id": "resource_id",
    "branch": "ref",
    "thread_id": "threadID",
    "threadId": "threadID",
    "subject_type": "subjectType",
    "start_line": "startLine",
    "start_side": "startSide",
    "comment_id": "commentId",
    "auto_init": "autoInit",
    "sort": "orderBy",
}
"""An argument's other name → ours, for a tool that has ours and has not the other."""

_METHODS: Final = {
    "pull_request_read": {
        "get_pull_request": "get",
        "get_pull_request_diff": "get_diff",
        "get_pull_request_status": "get_status",
        "get_pull_request_files": "get_files",
        "get_pull_request_commits": "get_commits",
        "get_pull_request_comments": "get_review_comments",
        "get_pull_request_review_comments": "get_review_comments",
        "get_pull_request_reviews": "get_reviews",
        "get_pull_request_check_runs": "get_check_runs",
    },
    "issue_read": {
        "get_issue": "get",
        "get_issue_comments": "get_comments",
        "list_sub_issues": "get_sub_issues",
    },
    "issue_write": {"update_issue": "update"},
    "actions_list": {
        "list_workflows": "list_workflows",
        "list_workflow_runs": "list_workflow_runs",
        "list_workflow_jobs": "list_workflow_jobs",
        "list_workflow_run_artifacts": "list_workflow_run_artifacts",
    },
    "actions_get": {
        "get_workflow": "get_workflow",
        "get_workflow_run": "get_workflow_run",
        "get_workflow_job": "get_workflow_job",
        "get_workflow_run_usage": "get_workflow_run_usage",
        "get_workflow_run_logs": "get_workflow_run_logs_url",
        "download_workflow_run_artifact": "download_workflow_run_artifact",
    },
    "actions_run_trigger": {
        name: name
        for name in (
            "run_workflow",
            "rerun_workflow_run",
            "rerun_failed_jobs",
            "cancel_workflow_run",
            "delete_workflow_run_logs",
        )
    },
    "pull_request_review_write": {
        "create_pending_pull_request_review": "create",
        "create_and_submit_pull_request_review": "create",
    },
    "projects_list": {name: name for name in ("list_projects", "list_project_fields", "list_project_items")},
    "projects_get": {name: name for name in ("get_project", "get_project_field", "get_project_item")},
    "projects_write": {
        name: name for name in ("add_project_item", "update_project_item", "delete_project_item")
    },
}
"""Tool → an older tool's name and the method that it has become."""

ALIASES: Final[dict[str, Alias]] = {
    **{
        older: Alias(tool, fixed={"method": method})
        for tool, methods in _METHODS.items()
        for older, method in methods.items()
    },
    "add_pull_request_review_comment_to_pending_review": Alias("add_comment_to_pending_review"),
    "get_workflow_job_logs": Alias("get_job_logs"),
    "list_labels": Alias("list_label"),
    "update_file": Alias("create_or_update_file"),
    "create_file": Alias("create_or_update_file"),
    "get_repo_tree": Alias("get_repository_tree"),
}


def own_arguments(tool: Tool, arguments: Record) -> Record:
    """``arguments`` under the tool's own names, whole numbers as such, as the server reads them."""
    properties = tool.input_schema.get("properties", {})
    named: Record = {}
    for name, value in arguments.items():
        ours = RENAMED.get(name, name)
        taken = name in properties or ours not in properties or ours in arguments
        named[name if taken else ours] = value
    return {name: _number(properties.get(name, {}), value) for name, value in named.items()}


def _number(schema: Record, value: Json) -> Json:
    if schema.get("type") not in ("number", "integer"):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    number = as_number(value) if isinstance(value, str) else None
    return value if number is None else number
