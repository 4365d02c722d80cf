"""The tools of the official GitHub MCP server that this world models, and GitHub's further operations.

Names, arguments and what reads or writes follow the server; the descriptions are ours.
"""

# ruff: noqa: E501, S608 - a line is a row of the table

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.world.github.tools.known import KNOWN, KNOWN_SHAPES
from routine_harness.world.notation import parse_tools
from routine_harness.world.tool import Tool

_OPTION: Final[Record] = {
    "type": "object",
    "properties": {
        "field_name": {"type": "string"},
        "value": {"type": ["string", "number", "boolean"]},
        "field_option_name": {"type": "string"},
        "delete": {"type": "boolean"},
    },
    "required": ["field_name"],
    "additionalProperties": False,
}
_INTENT: Final[Record] = {
    "rationale": {"type": "string", "maxLength": 280},
    "confidence": {"type": "string", "enum": ["LOW", "MEDIUM", "HIGH"]},
    "is_suggestion": {"type": "boolean"},
}


def _named(field: str) -> Record:
    """A list of names, each bare or with the agent's reasons for it."""
    reasoned = {"type": "object", "properties": {field: {"type": "string"}, **_INTENT}, "required": [field]}
    return {"type": "array", "items": {"oneOf": [{"type": "string"}, reasoned]}}


def _fields(*names: str) -> Record:
    return {"type": "array", "items": {"type": "string", "enum": list(names)}}


_ISSUE_FIELDS: Final = [
    "number",
    "title",
    "body",
    "state",
    "state_reason",
    "draft",
    "locked",
    "html_url",
    "user",
    "author_association",
    "labels",
    "assignee",
    "assignees",
    "milestone",
    "comments",
    "reactions",
    "created_at",
    "updated_at",
    "closed_at",
    "closed_by",
]
_EVENTS: Final = [
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "issue_comment",
    "issues",
    "label",
    "merge_group",
    "milestone",
    "page_build",
    "public",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "push",
    "registry_package",
    "release",
    "repository_dispatch",
    "schedule",
    "status",
    "watch",
    "workflow_call",
    "workflow_dispatch",
    "workflow_run",
]

SHAPES: Final[Record] = {
    "files": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"path": {"type": "string"}, "content": {"type": "string"}},
            "required": ["path", "content"],
            "additionalProperties": False,
        },
    },
    "field_values": {"type": "array", "items": _OPTION},
    "field_filters": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"field_name": {"type": "string"}, "value": {"type": "string"}},
            "required": ["field_name", "value"],
        },
    },
    "text_or_null": {"anyOf": [{"type": "string", "minLength": 1}, {"type": "null"}]},
    "nonempty": {"type": "string", "minLength": 1},
    "logins": _named("login"),
    "label_names": _named("name"),
    "rationale": {"type": "string", "maxLength": 280},
    "inputs": {"type": "object", "properties": {}},
    "jobs_filter": {
        "type": "object",
        "properties": {"filter": {"type": "string", "enum": ["latest", "all"]}},
    },
    "runs_filter": {
        "type": "object",
        "properties": {
            "actor": {"type": "string"},
            "branch": {"type": "string"},
            "event": {"type": "string", "enum": _EVENTS},
            "status": {
                "type": "string",
                "enum": ["queued", "in_progress", "completed", "requested", "waiting"],
            },
        },
    },
    "content_fields": _fields(
        "type", "name", "path", "size", "sha", "url", "git_url", "html_url", "download_url"
    ),
    "issue_list_fields": _fields(
        "number", "title", "body", "state", "user", "labels", "assignees", "comments", "created_at",
        "updated_at", "field_values",
    ),
    "pull_list_fields": _fields(
        "number", "title", "body", "state", "draft", "merged", "mergeable_state", "html_url", "user",
        "labels", "assignees", "requested_reviewers", "merged_by", "head", "base", "additions",
        "deletions", "changed_files", "commits", "comments", "created_at", "updated_at", "closed_at",
        "merged_at", "milestone",
    ),
    "commit_fields": _fields("sha", "html_url", "commit", "author", "committer"),
    "release_fields": _fields(
        "id", "tag_name", "name", "body", "html_url", "published_at", "prerelease", "draft", "author"
    ),
    "code_fields": _fields("name", "path", "sha", "repository", "text_matches"),
    "issue_search_fields": _fields(*_ISSUE_FIELDS, "type", "repository_url", "pull_request", "field_values"),
    "pull_search_fields": _fields(*_ISSUE_FIELDS, "pull_request", "repository_url"),
}  # fmt: skip

_REACTIONS: Final = "+1|-1|laugh|confused|heart|hooray|rocket|eyes"
_SORTS: Final = (
    "comments|reactions|reactions-+1|reactions--1|reactions-smile|reactions-thinking_face|reactions-heart"
    "|reactions-tada|interactions|created|updated"
)
_PLACE: Final = "path* body* subjectType*:FILE|LINE line:n side:LEFT|RIGHT startLine:n startSide:LEFT|RIGHT"
_PR: Final = "@ pullNumber*:n1"
_ISSUE: Final = "@ issue_number*:n1"

_PULLS: Final = f"""
read | pull_request_read | method*:get|get_diff|get_status|get_files|get_commits|get_review_comments|get_reviews|get_comments|get_check_runs @ pullNumber*:n % after | Read one pull request: itself, its diff, files, commits, checks, reviews or comments.
read | list_pull_requests | @ state:open|closed|all head base sort:created|updated|popularity|long-running direction:asc|desc fields:pull_list_fields % | List a repository's pull requests.
read | search_pull_requests | query* owner repo sort:{_SORTS} order:asc|desc fields:pull_search_fields % | Search pull requests in GitHub's search syntax.
write | create_pull_request | @ title* head* base* body draft:b maintainer_can_modify:b reviewers:s[] | Open a pull request.
write | update_pull_request | @ pullNumber*:n title body state:open|closed draft:b base maintainer_can_modify:b reviewers:s[] | Change a pull request.
write | update_pull_request_branch | @ pullNumber*:n expectedHeadSha | Merge the base branch into a pull request's branch.
write | merge_pull_request | @ pullNumber*:n commit_title commit_message merge_method:merge|squash|rebase | Merge a pull request.
granular | update_pull_request_title | {_PR} title* | Set a pull request's title.
granular | update_pull_request_body | {_PR} body* | Set a pull request's description.
granular | update_pull_request_state | {_PR} state*:open|closed | Close or reopen a pull request.
granular | update_pull_request_draft_state | {_PR} draft*:b | Make a pull request a draft, or ready.
granular | request_pull_request_reviewers | {_PR} reviewers*:s[] | Ask people to review a pull request.
write | pull_request_review_write | method*:create|submit_pending|delete_pending|resolve_thread|unresolve_thread @ pullNumber*:n body event:APPROVE|REQUEST_CHANGES|COMMENT commitID threadId | Create, submit or delete a review; resolve or reopen a thread.
granular | create_pull_request_review | {_PR} body event:APPROVE|REQUEST_CHANGES|COMMENT commitID | Review a pull request; without an event the review stays pending.
granular | submit_pending_pull_request_review | {_PR} event*:APPROVE|REQUEST_CHANGES|COMMENT body | Submit the agent's pending review.
granular destructive | delete_pending_pull_request_review | {_PR} | Throw the agent's pending review away.
write | add_comment_to_pending_review | @ pullNumber*:n {_PLACE} | Put a comment on a line or file into the agent's pending review.
granular | add_pull_request_review_comment | {_PR} {_PLACE} | Comment on a line or file of a pull request.
write | add_reply_to_pull_request_comment | @ commentId*:n1 pullNumber:n body reaction:{_REACTIONS} | Answer, or react to, a review comment.
granular | add_pull_request_review_comment_reaction | @ comment_id*:n1 content*:{_REACTIONS} | React to a review comment.
granular | resolve_review_thread | threadID* | Resolve a review thread.
granular | unresolve_review_thread | threadID* | Reopen a review thread.
"""

_ISSUES: Final = f"""
read | issue_read | method*:get|get_comments|get_sub_issues|get_parent|get_labels @ issue_number*:n % | Read one issue: itself, its comments, sub-issues, parent or labels.
read | list_issues | @ state:OPEN|CLOSED labels:s[] since orderBy:CREATED_AT|UPDATED_AT|COMMENTS direction:ASC|DESC fields:issue_list_fields field_filters:field_filters perPage:n1-100 after | List a repository's issues.
read | search_issues | query* owner repo sort:{_SORTS} order:asc|desc fields:issue_search_fields % | Search issues in GitHub's search syntax.
write | issue_write | method*:create|update @ issue_number:n title body assignees:s[] labels:s[] milestone:n type:text_or_null state:open|closed state_reason:completed|not_planned|duplicate duplicate_of:n issue_fields:field_values | Create an issue, or change one.
granular | create_issue | @ title* body | Create an issue.
granular | update_issue_title | {_ISSUE} title* | Set an issue's title.
granular | update_issue_body | {_ISSUE} body* | Set an issue's description.
granular | update_issue_assignees | {_ISSUE} assignees*:logins | Set who an issue is assigned to.
granular | update_issue_labels | {_ISSUE} labels*:label_names | Set an issue's labels.
granular | update_issue_milestone | {_ISSUE} milestone*:i1 | Set an issue's milestone.
granular | update_issue_type | {_ISSUE} issue_type*:text_or_null rationale:rationale confidence:LOW|MEDIUM|HIGH is_suggestion:b | Set or clear an issue's type.
granular | update_issue_state | {_ISSUE} state*:open|closed state_reason:completed|not_planned|duplicate duplicate_of:n1 rationale:rationale confidence:LOW|MEDIUM|HIGH is_suggestion:b | Close or reopen an issue.
write | add_issue_comment | @ issue_number*:n body:nonempty comment_id:i1 reaction:{_REACTIONS} | Comment on an issue or pull request, or react to it or to a comment of it.
granular | add_issue_reaction | {_ISSUE} content*:{_REACTIONS} | React to an issue.
granular | add_issue_comment_reaction | @ comment_id*:n1 content*:{_REACTIONS} | React to a comment of an issue.
write | sub_issue_write | method* @ issue_number*:n sub_issue_id*:n replace_parent:b after_id:n before_id:n | Add, remove or move a sub-issue.
granular | add_sub_issue | {_ISSUE} sub_issue_id*:n replace_parent:b | Make an issue a sub-issue of another.
granular destructive | remove_sub_issue | {_ISSUE} sub_issue_id*:n | Take a sub-issue away.
granular | reprioritize_sub_issue | {_ISSUE} sub_issue_id*:n after_id:n before_id:n | Move a sub-issue up or down.
read | list_issue_types | owner* repo | List the issue types of an organisation.
read | get_label | @ name* | Read a label.
read | list_label | @ | List a repository's labels.
destructive | label_write | method*:create|update|delete @ name* new_name color description | Create, change or delete a label.
"""

_REPOS: Final = """
read | get_me |  | Who the agent is.
read | get_teams | user | The teams a user is in.
read | get_team_members | org* team_slug* | The members of a team.
read | search_users | query* sort:followers|repositories|joined order:asc|desc % | Search users.
read | search_orgs | query* sort:followers|repositories|joined order:asc|desc % | Search organisations.
read | search_repositories | query* sort:stars|forks|help-wanted-issues|updated order:asc|desc minimal_output:b=true % | Search repositories.
read | search_code | query* sort order:asc|desc fields:code_fields % | Search the files of default branches.
read | search_commits | query* sort:author-date|committer-date order:asc|desc % | Search commits of default branches.
read | get_file_contents | @ path=/ ref sha fields:content_fields | Read a file or list a folder.
read | get_repository_tree | @ tree_sha recursive:b=false path_filter | List a repository's files.
write | create_or_update_file | @ path* content* message* branch* sha allow_symlink_write:b=false | Write one file to a branch.
destructive | delete_file | @ path* message* branch* | Delete one file from a branch.
write | push_files | @ branch* files*:files message* | Write several files to a branch in one commit.
read | list_branches | @ % | List branches.
write | create_branch | @ branch* from_branch | Create a branch.
read | list_commits | @ sha author path since until fields:commit_fields % | List the commits of a branch.
read | get_commit | @ sha* detail:none|stats|full_patch=stats % | Read a commit.
read | list_tags | @ % | List tags.
read | get_tag | @ tag* | Read an annotated tag.
read | list_releases | @ fields:release_fields % | List releases.
read | get_latest_release | @ | Read the latest release.
read | get_release_by_tag | @ tag* | Read the release of a tag.
write | create_repository | name* description organization private:b=true autoInit:b | Create a repository.
destructive | delete_repository | @ | Delete a repository.
write | fork_repository | @ organization | Fork a repository.
read | list_repository_collaborators | @ affiliation:outside|direct|all % | List who works on a repository.
read | actions_list | method*:list_workflows|list_workflow_runs|list_workflow_jobs|list_workflow_run_artifacts @ resource_id workflow_runs_filter:runs_filter workflow_jobs_filter:jobs_filter page:n1 per_page:n1-100 | List workflows, their runs, a run's jobs or artifacts.
read | actions_get | method*:get_workflow|get_workflow_run|get_workflow_job|download_workflow_run_artifact|get_workflow_run_usage|get_workflow_run_logs_url @ resource_id* | Read a workflow, a run, a job or where a run's logs are.
read | get_job_logs | @ job_id:n run_id:n failed_only:b return_content:b tail_lines:n=500 | Read the log of a job, or of all failed jobs of a run.
destructive | actions_run_trigger | method*:run_workflow|rerun_workflow_run|rerun_failed_jobs|cancel_workflow_run|delete_workflow_run_logs @ workflow_id ref inputs:inputs run_id:n | Start, rerun or cancel a workflow run, or delete its logs.
"""

_REST: Final = """
rest read | get_repository | @ | Read a repository.
rest read | get_branch | @ branch* | Read a branch.
rest read | get_issue_comment | @ comment_id*:n | Read a comment of an issue or pull request.
rest read | get_pull_request_review | @ pullNumber*:n review_id*:n | Read a review.
rest read | list_review_comments | @ pullNumber*:n % | List the review comments of a pull request, thread by thread not told apart.
rest read | get_commit_status | @ sha* | Read the statuses of a commit.
rest read | list_check_runs | @ sha* | List the check runs of a commit.
rest read | list_milestones | @ | List milestones.
rest read | compare_commits | @ base* head* | Compare two commits.
rest read | list_repository_rulesets | @ | List the rulesets of a repository.
rest write | add_issue_labels | @ issue_number*:n labels*:s[] | Add labels to an issue or pull request.
rest write | remove_issue_label | @ issue_number*:n name* | Take one label off an issue or pull request.
rest write | set_issue_labels | @ issue_number*:n labels*:s[] | Replace the labels of an issue or pull request.
rest write | add_issue_assignees | @ issue_number*:n assignees*:s[] | Assign people to an issue or pull request.
rest write | remove_issue_assignees | @ issue_number*:n assignees*:s[] | Unassign people.
rest write | lock_issue | @ issue_number*:n lock_reason | Lock a conversation.
rest write | unlock_issue | @ issue_number*:n | Unlock a conversation.
rest write | update_issue_comment | @ comment_id*:n body* | Change a comment.
rest write | delete_issue_comment | @ comment_id*:n | Delete a comment.
rest write | update_review_comment | @ comment_id*:n body* | Change a review comment.
rest write | delete_review_comment | @ comment_id*:n | Delete a review comment.
rest write | dismiss_pull_request_review | @ pullNumber*:n review_id*:n message* | Dismiss a review.
rest write | remove_requested_reviewers | @ pullNumber*:n reviewers*:s[] | Take review requests back.
rest write | create_commit_status | @ sha* state*:error|failure|pending|success context description target_url | Set a status on a commit.
rest write | create_check_run | @ name* head_sha* status conclusion | Add a check run to a commit.
rest write | update_branch | @ branch* sha* force:b | Move a branch to a commit.
rest write | delete_branch | @ branch* | Delete a branch.
rest write | merge_branch | @ base* head* commit_message | Merge one branch into another.
rest write | create_tag | @ tag* sha* message | Create a tag.
rest write | update_tag | @ tag* sha* force:b | Move a tag.
rest write | delete_tag | @ tag* | Delete a tag.
rest write | create_release | @ tag_name* target_commitish name body draft:b prerelease:b | Create a release.
rest write | update_release | @ release_id*:n tag_name target_commitish name body draft:b prerelease:b | Change a release.
rest write | delete_release | @ release_id*:n | Delete a release.
rest write | upload_release_asset | @ release_id*:n name* label content | Attach a file to a release.
rest write | create_milestone | @ title* description due_on state:open|closed | Create a milestone.
rest write | update_milestone | @ milestone_number*:n title description due_on state:open|closed | Change a milestone.
rest write | update_repository | @ name description private:b default_branch archived:b | Change a repository's settings.
"""


def _build() -> dict[str, Tool]:
    tools = parse_tools(_REPOS + _ISSUES.lstrip() + _PULLS.lstrip() + _REST.lstrip(), SHAPES)
    known = {
        **{name: tool for name, tool in tools.items() if tool.offered},
        **parse_tools(KNOWN, {**SHAPES, **KNOWN_SHAPES}, simulated=False),
    }
    return {**dict(sorted(known.items())), **{name: tool for name, tool in tools.items() if not tool.offered}}


TOOLS: Final[dict[str, Tool]] = _build()
"""The server's 117 tools by name, then the operations that only GitHub's REST API has."""
