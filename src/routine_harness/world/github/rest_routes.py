# ruff: noqa: E501 - a line is a row of the table
"""GitHub's REST paths → the operations they stand for, as data.

A line is ``METHOD path | tool | fixed arguments | renamed arguments``. In a path ``{name}`` is one
segment, ``{name:n}`` a number, ``{name+}`` the rest of the path. Query and body become arguments
under their own names, save those that are renamed (``theirs>ours``).
"""

from __future__ import annotations

from typing import Final

REPOSITORY: Final = "/repos/{owner}/{repo}"

ROUTES: Final = """
GET /user | get_me
GET /user/teams | get_teams
GET /orgs/{org}/teams/{team_slug}/members | get_team_members
POST /user/repos | create_repository | | auto_init>autoInit
POST /orgs/{organization}/repos | create_repository | | auto_init>autoInit
GET /search/issues | search_issues | | q>query per_page>perPage
GET /search/code | search_code | | q>query per_page>perPage
GET /search/repositories | search_repositories | | q>query per_page>perPage
GET /search/commits | search_commits | | q>query per_page>perPage
GET /search/users | search_users | | q>query per_page>perPage
GET ~ | get_repository
PATCH ~ | update_repository
DELETE ~ | delete_repository
POST ~/forks | fork_repository
GET ~/collaborators | list_repository_collaborators | | per_page>perPage
GET ~/rulesets | list_repository_rulesets
GET ~/pulls | list_pull_requests | | per_page>perPage
POST ~/pulls | create_pull_request
GET ~/pulls/{pullNumber:n} | pull_request_read | method=get
PATCH ~/pulls/{pullNumber:n} | update_pull_request
PUT ~/pulls/{pullNumber:n}/merge | merge_pull_request
POST ~/pulls/{pullNumber:n}/ccr/ready_for_review | update_pull_request_draft_state | draft=false
POST ~/pulls/{pullNumber:n}/ccr/convert_to_draft | update_pull_request_draft_state | draft=true
PUT ~/pulls/{pullNumber:n}/update-branch | update_pull_request_branch | | expected_head_sha>expectedHeadSha
GET ~/pulls/{pullNumber:n}/files | pull_request_read | method=get_files | per_page>perPage
GET ~/pulls/{pullNumber:n}/commits | pull_request_read | method=get_commits | per_page>perPage
GET ~/pulls/{pullNumber:n}/comments | list_review_comments | | per_page>perPage
POST ~/pulls/{pullNumber:n}/comments | add_pull_request_review_comment | | start_line>startLine start_side>startSide subject_type>subjectType commit_id>commitID in_reply_to>commentId
POST ~/pulls/{pullNumber:n}/comments/{commentId:n}/replies | add_reply_to_pull_request_comment
GET ~/pulls/{pullNumber:n}/reviews | pull_request_read | method=get_reviews | per_page>perPage
POST ~/pulls/{pullNumber:n}/reviews | create_pull_request_review | | commit_id>commitID
GET ~/pulls/{pullNumber:n}/reviews/{review_id:n} | get_pull_request_review
POST ~/pulls/{pullNumber:n}/reviews/{review_id:n}/events | submit_pending_pull_request_review
DELETE ~/pulls/{pullNumber:n}/reviews/{review_id:n} | delete_pending_pull_request_review
PUT ~/pulls/{pullNumber:n}/reviews/{review_id:n}/dismissals | dismiss_pull_request_review
POST ~/pulls/{pullNumber:n}/requested_reviewers | request_pull_request_reviewers
DELETE ~/pulls/{pullNumber:n}/requested_reviewers | remove_requested_reviewers
PATCH ~/pulls/comments/{comment_id:n} | update_review_comment
DELETE ~/pulls/comments/{comment_id:n} | delete_review_comment
POST ~/pulls/comments/{comment_id:n}/reactions | add_pull_request_review_comment_reaction
GET ~/issues | list_issues | | per_page>perPage
POST ~/issues | issue_write | method=create
GET ~/issues/{issue_number:n} | issue_read | method=get
PATCH ~/issues/{issue_number:n} | issue_write | method=update
GET ~/issues/{issue_number:n}/comments | issue_read | method=get_comments | per_page>perPage
POST ~/issues/{issue_number:n}/comments | add_issue_comment
GET ~/issues/comments/{comment_id:n} | get_issue_comment
PATCH ~/issues/comments/{comment_id:n} | update_issue_comment
DELETE ~/issues/comments/{comment_id:n} | delete_issue_comment
POST ~/issues/comments/{comment_id:n}/reactions | add_issue_comment_reaction
GET ~/issues/{issue_number:n}/labels | issue_read | method=get_labels
POST ~/issues/{issue_number:n}/labels | add_issue_labels
PUT ~/issues/{issue_number:n}/labels | set_issue_labels
DELETE ~/issues/{issue_number:n}/labels | set_issue_labels | labels=
DELETE ~/issues/{issue_number:n}/labels/{name+} | remove_issue_label
POST ~/issues/{issue_number:n}/assignees | add_issue_assignees
DELETE ~/issues/{issue_number:n}/assignees | remove_issue_assignees
PUT ~/issues/{issue_number:n}/lock | lock_issue
DELETE ~/issues/{issue_number:n}/lock | unlock_issue
POST ~/issues/{issue_number:n}/reactions | add_issue_reaction
GET ~/issues/{issue_number:n}/sub_issues | issue_read | method=get_sub_issues | per_page>perPage
POST ~/issues/{issue_number:n}/sub_issues | add_sub_issue
DELETE ~/issues/{issue_number:n}/sub_issue | remove_sub_issue
PATCH ~/issues/{issue_number:n}/sub_issues/priority | reprioritize_sub_issue
GET ~/labels | list_label
POST ~/labels | label_write | method=create
GET ~/labels/{name+} | get_label
PATCH ~/labels/{name+} | label_write | method=update
DELETE ~/labels/{name+} | label_write | method=delete
GET ~/milestones | list_milestones
POST ~/milestones | create_milestone
PATCH ~/milestones/{milestone_number:n} | update_milestone
GET ~/contents | get_file_contents | path=/
GET ~/contents/{path+} | get_file_contents
PUT ~/contents/{path+} | create_or_update_file
DELETE ~/contents/{path+} | delete_file
GET ~/git/trees/{tree_sha} | get_repository_tree
GET ~/branches | list_branches | | per_page>perPage
GET ~/branches/{branch+} | get_branch
GET ~/git/ref/heads/{branch+} | get_branch
GET ~/git/refs/heads/{branch+} | get_branch
GET ~/git/refs/heads | list_branches | | per_page>perPage
GET ~/git/matching-refs/heads | list_branches | | per_page>perPage
POST ~/git/refs | create_ref
PATCH ~/git/refs/heads/{branch+} | update_branch
DELETE ~/git/refs/heads/{branch+} | delete_branch
GET ~/git/ref/tags/{tag+} | get_tag
GET ~/git/refs/tags/{tag+} | get_tag
PATCH ~/git/refs/tags/{tag+} | update_tag
DELETE ~/git/refs/tags/{tag+} | delete_tag
POST ~/merges | merge_branch
GET ~/tags | list_tags | | per_page>perPage
GET ~/commits | list_commits | | per_page>perPage
GET ~/commits/{sha}/status | get_commit_status
GET ~/commits/{sha}/check-runs | list_check_runs | | per_page>perPage
GET ~/commits/{sha} | get_commit | detail=full_patch
POST ~/statuses/{sha} | create_commit_status
POST ~/check-runs | create_check_run
GET ~/compare/{base}...{head+} | compare_commits
GET ~/releases | list_releases | | per_page>perPage
POST ~/releases | create_release
GET ~/releases/latest | get_latest_release
GET ~/releases/tags/{tag+} | get_release_by_tag
PATCH ~/releases/{release_id:n} | update_release
DELETE ~/releases/{release_id:n} | delete_release
POST ~/releases/{release_id:n}/assets | upload_release_asset
GET ~/actions/workflows | actions_list | method=list_workflows
GET ~/actions/workflows/{resource_id} | actions_get | method=get_workflow
GET ~/actions/workflows/{resource_id}/runs | actions_list | method=list_workflow_runs
GET ~/actions/runs | actions_list | method=list_workflow_runs
GET ~/actions/runs/{resource_id} | actions_get | method=get_workflow_run
GET ~/actions/runs/{resource_id}/jobs | actions_list | method=list_workflow_jobs
GET ~/actions/runs/{resource_id}/artifacts | actions_list | method=list_workflow_run_artifacts
GET ~/actions/runs/{resource_id}/logs | actions_get | method=get_workflow_run_logs_url
GET ~/actions/jobs/{resource_id} | actions_get | method=get_workflow_job
GET ~/actions/jobs/{job_id:n}/logs | get_job_logs | return_content=true
POST ~/actions/workflows/{workflow_id}/dispatches | actions_run_trigger | method=run_workflow
POST ~/actions/runs/{run_id:n}/rerun | actions_run_trigger | method=rerun_workflow_run
POST ~/actions/runs/{run_id:n}/rerun-failed-jobs | actions_run_trigger | method=rerun_failed_jobs
POST ~/actions/runs/{run_id:n}/cancel | actions_run_trigger | method=cancel_workflow_run
DELETE ~/actions/runs/{run_id:n}/logs | actions_run_trigger | method=delete_workflow_run_logs
PUT /user/starred/{owner}/{repo} | star_repository
DELETE /user/starred/{owner}/{repo} | unstar_repository
POST /gists | create_gist
"""
"""``~`` is the path of a repository."""
