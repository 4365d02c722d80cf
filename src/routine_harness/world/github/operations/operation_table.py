"""GitHub's operations: one row each, with all forms in which it can be asked for.

A row says what carries the operation out, what its answer is made of, what it attempts (see
``world.rule``), and its MCP tools, REST route and GraphQL field. Commands of ``gh`` name operations
in their own table (``gh``). A new operation is a function and a row.
"""

# ruff: noqa: E501 - a line is a row of the table

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, partial
from typing import Final

import msgspec

from routine_harness.plain import Record
from routine_harness.world.github.operations import (
    accounts,
    actions,
    comments,
    commits,
    files,
    issue_lists,
    issues,
    labels,
    merging,
    pulls,
    refs,
    releases,
    repositories,
    repository_access,
    review_comments,
    reviews,
    search,
    search_items,
    sub_issues,
)
from routine_harness.world.github.operations.operation import Run, with_arguments
from routine_harness.world.github.operations.operation_effects import (
    ASKED,
    AT,
    BRANCH,
    CHECK,
    GONE,
    IN,
    INLINE,
    KNOWN,
    LABEL,
    LISTS,
    MILESTONE,
    MOVED,
    NO,
    ON,
    PERMITTED,
    PULL,
    PUSHED,
    RELEASE,
    REVIEW,
    REVIEWED,
    RUN,
    SETTINGS,
    TAG,
    TICKET,
    UPDATED,
    does,
    same,
    setting_rule,
    ticket,
)
from routine_harness.world.rule import Rule


class Operation(msgspec.Struct, frozen=True):
    """One row. ``run`` is None where no model carries it out. ``rows`` is the record that ``run`` answers
    with (``pull``), ``pull*`` for a list of them, ``text``, nothing, or ``empty`` for REST's empty object.

    ``doing`` is how the MCP server begins a refusal; ``rest`` is ``METHOD /path``, ``~`` being a
    repository's; ``status`` is REST's for success. ``needs`` are arguments that the API asks for and the
    schema of the tool does not. ``graphql`` is a mutation, with the arguments that it fixes, or the path of
    a query's field.
    """

    name: str
    run: Run | None
    rows: str = ""
    doing: str = ""
    tools: tuple[str, ...] = ()
    rest: str = ""
    status: int = 200
    effects: tuple[Rule, ...] = ()
    graphql: str = ""
    needs: str = ""

    @property
    def reads(self) -> bool:
        return not self.effects


_ROWS: Final = (
    # pull requests
    Operation("pull.get", pulls.get_pull, "pull", "failed to get pull request", ("pull_request_read:get",), "GET ~/pulls/{number:n}", graphql="repository.pullRequest"),
    Operation("pull.diff", pulls.get_diff, "text", "failed to get pull request diff", ("pull_request_read:get_diff",)),
    Operation("pull.files", pulls.list_files, "file*", "failed to get pull request files", ("pull_request_read:get_files",), "GET ~/pulls/{number:n}/files"),
    Operation("pull.commits", pulls.list_commits, "commit*", "failed to get pull request commits", ("pull_request_read:get_commits",), "GET ~/pulls/{number:n}/commits"),
    Operation("pull.status", commits.get_pull_status, "combined", "failed to get combined status", ("pull_request_read:get_status",)),
    Operation("pull.checks", commits.list_pull_checks, "check*", "failed to get check runs", ("pull_request_read:get_check_runs",)),
    Operation("pull.threads", review_comments.list_threads, "thread*", "failed to get pull request review threads", ("pull_request_read:get_review_comments",), "GET ~/pulls/{number:n}/ccr/review_threads"),
    Operation("pull.conversation", pulls.list_conversation, "comment*", "failed to get pull request comments", ("pull_request_read:get_comments",)),
    Operation("pull.list", pulls.list_pulls, "pull*", "failed to list pull requests", ("list_pull_requests",), "GET ~/pulls", graphql="repository.pullRequests"),
    Operation("pull.of_commit", pulls.list_pulls_of_commit, "pull*", "", (), "GET ~/commits/{sha}/pulls"),
    Operation("pull.create", pulls.create_pull, "pull", "failed to create pull request", ("create_pull_request",), "POST ~/pulls", 201,
              (does("pull_request.created", {**IN, **PULL, "head": "head", "reviewers": "reviewers"}),), "createPullRequest"),
    Operation("pull.update", pulls.update_pull, "pull", "failed to update pull request",
              ("update_pull_request", "update_pull_request_title", "update_pull_request_body", "update_pull_request_draft_state", "update_pull_request_state"),
              "PATCH ~/pulls/{number:n}", 200, (does("pull_request.updated", {**AT, **PULL, **LISTS}, {UPDATED: True}), *MOVED, ASKED, GONE), "updatePullRequest; closePullRequest?state=closed; reopenPullRequest?state=open"),
    Operation("pull.ready", with_arguments(pulls.update_pull, draft=False), "pull", "failed to update pull request", (), "POST ~/pulls/{number:n}/ccr/ready_for_review", 200, (does("pull_request.updated", AT, draft=False),), "markPullRequestReadyForReview"),
    Operation("pull.to_draft", with_arguments(pulls.update_pull, draft=True), "pull", "failed to update pull request", (), "POST ~/pulls/{number:n}/ccr/convert_to_draft", 200, (does("pull_request.updated", AT, draft=True),), "convertPullRequestToDraft"),
    Operation("pull.merged", merging.get_merged, "", "", (), "GET ~/pulls/{number:n}/merge", 204),
    Operation("pull.merge", merging.merge_pull, "merge", "failed to merge pull request", ("merge_pull_request",), "PUT ~/pulls/{number:n}/merge", 200,
              (does("pull_request.merged", {**AT, "method": "merge_method", **same("commit_title commit_message")}),
               GONE), "mergePullRequest"),
    Operation("pull.auto_merge", merging.set_auto_merge, "pull", "failed to enable auto-merge", ("enable_pr_auto_merge",), "PUT ~/pulls/{number:n}/ccr/auto_merge", 200,
              (does("auto_merge.enabled", {**AT, "method": "merge_method"}), GONE), "enablePullRequestAutoMerge"),
    Operation("pull.no_auto_merge", merging.unset_auto_merge, "pull", "failed to disable auto-merge", ("disable_pr_auto_merge",), "DELETE ~/pulls/{number:n}/ccr/auto_merge", 200,
              (does("auto_merge.disabled", AT),), "disablePullRequestAutoMerge"),
    Operation("pull.update_branch", merging.update_pull_branch, "said", "failed to update pull request branch", ("update_pull_request_branch",), "PUT ~/pulls/{number:n}/update-branch", 202,
              (does("branch.pushed", {"repository": "repository", "target": "{repository}#{number}"}),), "updatePullRequestBranch"),
    Operation("pull.reviewers", pulls.get_reviewers, "reviewers", "", (), "GET ~/pulls/{number:n}/requested_reviewers"),
    Operation("pull.request_reviewers", pulls.request_reviewers, "pull", "failed to request reviewers", ("request_pull_request_reviewers",), "POST ~/pulls/{number:n}/requested_reviewers", 201,
              (does("review.requested", {**AT, "reviewers": "reviewers"}),), "requestReviews; requestReviewsByLogin"),
    Operation("pull.remove_reviewers", pulls.remove_reviewers, "pull", "failed to remove requested reviewers", ("remove_requested_reviewers",), "DELETE ~/pulls/{number:n}/requested_reviewers", 200,
              (does("pull_request.updated", {**AT, "reviewers": "reviewers"}),)),
    # reviews
    Operation("review.list", reviews.list_reviews, "review*", "failed to get pull request reviews", ("pull_request_read:get_reviews",), "GET ~/pulls/{number:n}/reviews"),
    Operation("review.get", reviews.get_review, "review", "failed to get review", ("get_pull_request_review",), "GET ~/pulls/{number:n}/reviews/{review_id:n}"),
    Operation("review.create", reviews.create_review, "review", "failed to create review", ("pull_request_review_write:create", "create_pull_request_review"), "POST ~/pulls/{number:n}/reviews", 200,
              (does("review.created", REVIEW, {"event": False}), *REVIEWED), "addPullRequestReview"),
    Operation("review.submit", reviews.submit_review, "review", "failed to submit review", ("pull_request_review_write:submit_pending", "submit_pending_pull_request_review"), "POST ~/pulls/{number:n}/reviews/{review_id:n}/events", 200,
              (REVIEWED[0], {**does("review.submitted", REVIEW), "not": {"event": "APPROVE"}}), "submitPullRequestReview"),
    Operation("review.delete", reviews.delete_review, "review", "failed to delete review", ("pull_request_review_write:delete_pending", "delete_pending_pull_request_review"), "DELETE ~/pulls/{number:n}/reviews/{review_id:n}", 200,
              (does("review.deleted", AT),), "deletePullRequestReview"),
    Operation("review.dismiss", reviews.dismiss_review, "review", "failed to dismiss review", ("dismiss_pull_request_review",), "PUT ~/pulls/{number:n}/reviews/{review_id:n}/dismissals", 200,
              (does("review.dismissed", {**AT, "id": "review_id", "body": "message"}),), "dismissPullRequestReview"),
    Operation("review.add_comment", reviews.add_pending_comment, "review_comment", "failed to add comment to pending review", ("add_comment_to_pending_review",), "", 200,
              (does("comment.created", INLINE, on_kind="pull_request"),), "addPullRequestReviewThread"),
    Operation("review_comment.list", review_comments.list_review_comments, "review_comment*", "failed to list review comments", ("list_review_comments",), "GET ~/pulls/{number:n}/comments"),
    Operation("review_comment.all", review_comments.list_repository_review_comments, "review_comment*", "", (), "GET ~/pulls/comments"),
    Operation("review_comment.get", review_comments.get_review_comment, "review_comment", "", (), "GET ~/pulls/comments/{comment_id:n}"),
    Operation("review_comment.create", review_comments.create_review_comment, "review_comment", "failed to create review comment", ("add_pull_request_review_comment",), "POST ~/pulls/{number:n}/comments", 201,
              (does("comment.created", INLINE, on_kind="pull_request"),), "", "body path"),
    Operation("review_comment.reply", review_comments.reply, "review_comment", "failed to add reply to pull request comment", ("add_reply_to_pull_request_comment",), "POST ~/pulls/{number:n}/comments/{comment_id:n}/replies", 201,
              (does("comment.created", {**ON, "reply_to": "comment_id"}, on_kind="pull_request"),), "addPullRequestReviewThreadReply", "body"),
    Operation("review_comment.update", review_comments.update_review_comment, "review_comment", "failed to update review comment", ("update_review_comment",), "PATCH ~/pulls/comments/{comment_id:n}", 200,
              (does("comment.updated", {**IN, "id": "comment_id", "body": "body"}),), "updatePullRequestReviewComment"),
    Operation("review_comment.delete", review_comments.delete_review_comment, "", "failed to delete review comment", ("delete_review_comment",), "DELETE ~/pulls/comments/{comment_id:n}", 204,
              (does("comment.deleted", {**IN, "id": "comment_id"}),), "deletePullRequestReviewComment"),
    Operation("review_comment.react", comments.react_to_review_comment, "reaction", "failed to add reaction to pull request review comment", ("add_pull_request_review_comment_reaction",), "POST ~/pulls/comments/{comment_id:n}/reactions", 201,
              (does("reaction.added", {"on": "comment_id", "emoji": "content", "target": "repository"}, on_kind="comment"),)),
    Operation("thread.resolve", partial(review_comments.set_resolved, resolved=True), "thread", "failed to resolve review thread", ("resolve_review_thread", "pull_request_review_write:resolve_thread"), "POST ~/pulls/{number:n}/ccr/comments/{comment_id:n}/resolve", 200,
              (does("thread.resolved", {**AT, "id": "thread|comment_id", "target": "{repository}#{number}|thread"}),), "resolveReviewThread"),
    Operation("thread.unresolve", partial(review_comments.set_resolved, resolved=False), "thread", "failed to unresolve review thread", ("unresolve_review_thread", "pull_request_review_write:unresolve_thread"), "POST ~/pulls/{number:n}/ccr/comments/{comment_id:n}/unresolve", 200,
              (does("thread.unresolved", {**AT, "id": "thread|comment_id", "target": "{repository}#{number}|thread"}),), "unresolveReviewThread"),
    # issues
    Operation("issue.get", issues.get_issue, "issue", "failed to get issue", ("issue_read:get",), "GET ~/issues/{number:n}", graphql="repository.issue"),
    Operation("issue.labels", issues.list_item_labels, "label*", "failed to get issue labels", ("issue_read:get_labels",), "GET ~/issues/{number:n}/labels"),
    Operation("issue.list", issue_lists.list_issues, "issue*", "failed to list issues", ("list_issues",), "GET ~/issues", graphql="repository.issues"),
    Operation("issue.assigned", issue_lists.list_assigned, "issue*", "failed to list issues", (), "GET /issues; GET /user/issues; GET /orgs/{owner}/issues"),
    Operation("issue.create", issues.create_issue, "issue", "failed to create issue", ("issue_write:create", "create_issue"), "POST ~/issues", 201, (does("ticket.created", {**IN, **TICKET}),), "createIssue", "title"),
    Operation("issue.update", issues.update_issue, "issue", "failed to update issue",
              ("issue_write:update", "update_issue_title", "update_issue_body", "update_issue_assignees", "update_issue_labels", "update_issue_milestone", "update_issue_type", "update_issue_state"),
              "PATCH ~/issues/{number:n}", 200, ticket(), "updateIssue; removeLabelsFromLabelable"),
    Operation("issue.close", with_arguments(issues.update_issue, state="closed"), "issue", "failed to update issue", (), "", 200, ticket(state="closed"), "closeIssue"),
    Operation("issue.reopen", with_arguments(issues.update_issue, state="open"), "issue", "failed to update issue", (), "", 200, ticket(state="open"), "reopenIssue"),
    Operation("issue.add_labels", issues.change_list("labels", "add_"), "labels", "failed to add labels", ("add_issue_labels",), "POST ~/issues/{number:n}/labels", 200, (does("ticket.updated", {**AT, "labels": "labels"}),), "addLabelsToLabelable"),
    Operation("issue.set_labels", issues.change_list("labels"), "labels", "failed to set labels", ("set_issue_labels",), "PUT ~/issues/{number:n}/labels", 200, (does("ticket.updated", {**AT, "labels": "labels"}),)),
    Operation("issue.remove_labels", with_arguments(issues.change_list("labels"), labels=[]), "", "failed to remove labels", (), "DELETE ~/issues/{number:n}/labels", 204, (does("ticket.updated", AT),), "clearLabelsFromLabelable"),
    Operation("issue.remove_label", issues.remove_label, "labels", "failed to remove label", ("remove_issue_label",), "DELETE ~/issues/{number:n}/labels/{name+}", 200, (does("ticket.updated", {**AT, "removed_labels": "name"}),)),
    Operation("issue.add_assignees", issues.change_list("assignees", "add_"), "issue", "failed to add assignees", ("add_issue_assignees",), "POST ~/issues/{number:n}/assignees", 201, (does("ticket.updated", {**AT, "assignees": "assignees"}),), "addAssigneesToAssignable"),
    Operation("issue.remove_assignees", issues.change_list("assignees", "remove_"), "issue", "failed to remove assignees", ("remove_issue_assignees",), "DELETE ~/issues/{number:n}/assignees", 200, (does("ticket.updated", {**AT, "removed_assignees": "assignees"}),), "removeAssigneesFromAssignable"),
    Operation("issue.lock", partial(issues.set_locked, locked=True), "", "failed to lock issue", ("lock_issue",), "PUT ~/issues/{number:n}/lock", 204, (does("ticket.updated", {**AT, "reason": "lock_reason"}),), "lockLockable"),
    Operation("issue.unlock", partial(issues.set_locked, locked=False), "", "failed to unlock issue", ("unlock_issue",), "DELETE ~/issues/{number:n}/lock", 204, (does("ticket.updated", AT),), "unlockLockable"),
    Operation("issue.pin", partial(issues.set_pinned, pinned=True), "", "failed to pin issue", (), "", 200, (does("ticket.updated", AT),), "pinIssue"),
    Operation("issue.unpin", partial(issues.set_pinned, pinned=False), "", "failed to unpin issue", (), "", 200, (does("ticket.updated", AT),), "unpinIssue"),
    Operation("issue.delete", issues.delete_issue, "", "failed to delete issue", (), "", 200, (does("ticket.deleted", AT),), "deleteIssue"),
    Operation("issue.transfer", issues.transfer_issue, "issue", "failed to transfer issue", (), "", 200, (does("ticket.updated", {**AT, "links": "new_repository"}),), "transferIssue", "new_repository"),
    Operation("issue.sub_issues", sub_issues.list_sub_issues, "issue*", "failed to list sub-issues", ("issue_read:get_sub_issues",), "GET ~/issues/{number:n}/sub_issues"),
    Operation("issue.parent", sub_issues.get_parent, "issue", "failed to get parent issue", ("issue_read:get_parent",), "GET ~/issues/{number:n}/parent"),
    Operation("issue.add_sub_issue", sub_issues.add_sub_issue, "issue", "failed to add sub-issue", ("sub_issue_write:add", "add_sub_issue"), "POST ~/issues/{number:n}/sub_issues", 201, (does("ticket.updated", {**AT, "relations": "sub_issue_id"}),), "addSubIssue"),
    Operation("issue.remove_sub_issue", sub_issues.remove_sub_issue, "issue", "failed to remove sub-issue", ("sub_issue_write:remove", "remove_sub_issue"), "DELETE ~/issues/{number:n}/sub_issue", 200, (does("ticket.updated", {**AT, "relations": "sub_issue_id"}),), "removeSubIssue"),
    Operation("issue.move_sub_issue", sub_issues.move_sub_issue, "issue", "failed to reprioritize sub-issue", ("sub_issue_write:reprioritize", "reprioritize_sub_issue"), "PATCH ~/issues/{number:n}/sub_issues/priority", 200, (does("ticket.updated", {**AT, "relations": "sub_issue_id"}),)),
    Operation("issue.react", comments.react_to_item, "reaction", "failed to add reaction to issue", ("add_issue_reaction",), "POST ~/issues/{number:n}/reactions", 201,
              (does("reaction.added", {"on": "{repository}#{number}", "emoji": "content", "target": "{repository}#{number}"}, on_kind="issue"),), "addReaction"),
    Operation("issue.reactions", comments.list_reactions, "reaction*", "", (), "GET ~/issues/{number:n}/reactions"),
    Operation("issue.events", issues.list_events, "event*", "", (), "GET ~/issues/{number:n}/events"),
    # comments
    Operation("comment.list", comments.list_comments, "comment*", "failed to get issue comments", ("issue_read:get_comments",), "GET ~/issues/{number:n}/comments"),
    Operation("comment.all", comments.list_repository_comments, "comment*", "", (), "GET ~/issues/comments"),
    Operation("comment.get", comments.get_comment, "comment", "failed to get issue comment", ("get_issue_comment",), "GET ~/issues/comments/{comment_id:n}"),
    Operation("comment.create", comments.create_comment, "comment", "failed to create comment", ("add_issue_comment",), "POST ~/issues/{number:n}/comments", 201, (does("comment.created", ON),), "addComment"),
    Operation("comment.update", comments.update_comment, "comment", "failed to update comment", ("update_issue_comment",), "PATCH ~/issues/comments/{comment_id:n}", 200, (does("comment.updated", {**IN, "id": "comment_id", "number": "number", "body": "body"}),), "updateIssueComment"),
    Operation("comment.delete", comments.delete_comment, "", "failed to delete comment", ("delete_issue_comment",), "DELETE ~/issues/comments/{comment_id:n}", 204, (does("comment.deleted", {**IN, "id": "comment_id", "number": "number"}),), "deleteIssueComment"),
    Operation("comment.minimize", comments.minimize_comment, "comment", "", (), "", 200, (does("comment.updated", {**IN, "id": "comment_id", "number": "number"}),), "minimizeComment"),
    Operation("comment.unminimize", comments.unminimize_comment, "comment", "", (), "", 200, (does("comment.updated", {**IN, "id": "comment_id", "number": "number"}),), "unminimizeComment"),
    Operation("comment.react", comments.react_to_comment, "reaction", "failed to add reaction to issue comment", ("add_issue_comment_reaction",), "POST ~/issues/comments/{comment_id:n}/reactions", 201,
              (does("reaction.added", {"on": "comment_id", "emoji": "content", "target": "repository"}, on_kind="comment"),)),
    # labels and milestones
    Operation("label.get", labels.get_label, "label", "failed to get label", ("get_label",), "GET ~/labels/{name+}"),
    Operation("label.list", labels.list_labels, "label*", "failed to list labels", ("list_label",), "GET ~/labels", graphql="repository.labels"),
    Operation("label.create", labels.create_label, "label", "Failed to create label", ("label_write:create",), "POST ~/labels", 201, (does("label.created", LABEL),), "createLabel"),
    Operation("label.update", labels.update_label, "label", "Failed to update label", ("label_write:update",), "PATCH ~/labels/{name+}", 200, (does("label.updated", LABEL),), "updateLabel"),
    Operation("label.delete", labels.delete_label, "", "Failed to delete label", ("label_write:delete",), "DELETE ~/labels/{name+}", 204, (does("label.deleted", LABEL),), "deleteLabel"),
    Operation("issue_type.list", labels.list_issue_types, "issue_type*", "failed to list issue types", ("list_issue_types",), "GET /orgs/{owner}/issue-types"),
    Operation("milestone.list", labels.list_milestones, "milestone*", "failed to list milestones", ("list_milestones",), "GET ~/milestones"),
    Operation("milestone.get", labels.get_milestone, "milestone", "failed to get milestone", (), "GET ~/milestones/{milestone_number:n}"),
    Operation("milestone.create", labels.create_milestone, "milestone", "failed to create milestone", ("create_milestone",), "POST ~/milestones", 201, (does("milestone.created", MILESTONE),)),
    Operation("milestone.update", labels.update_milestone, "milestone", "failed to update milestone", ("update_milestone",), "PATCH ~/milestones/{milestone_number:n}", 200, (does("milestone.updated", {**MILESTONE, "id": "milestone_number"}),)),
    Operation("milestone.delete", labels.delete_milestone, "", "failed to delete milestone", (), "DELETE ~/milestones/{milestone_number:n}", 204, (does("milestone.deleted", {**IN, "id": "milestone_number"}),)),
    # files, branches, tags, commits
    Operation("file.get", files.get_contents, "contents", "failed to get file contents", ("get_file_contents",), "GET ~/contents/{path+}; GET ~/contents"),
    Operation("file.readme", files.get_readme, "contents", "failed to get readme", (), "GET ~/readme"),
    Operation("file.tree", files.get_tree, "tree", "failed to get repository tree", ("get_repository_tree",), "GET ~/git/trees/{tree_sha}"),
    Operation("file.put", files.put_file, "file_commit", "failed to create/update file", ("create_or_update_file",), "PUT ~/contents/{path+}", 201, (does("branch.pushed", {**PUSHED, "files": "path"}),), "", "path message"),
    Operation("file.delete", files.delete_file, "file_commit", "failed to delete file", ("delete_file",), "DELETE ~/contents/{path+}", 200, (does("branch.pushed", {**PUSHED, "files": "path"}),), "", "path message"),
    Operation("file.push", files.push_files, "ref", "failed to update reference", ("push_files",), "", 200, (does("branch.pushed", {**PUSHED, "files": "files[].path"}),), "createCommitOnBranch"),
    Operation("branch.list", refs.list_branches, "branch*", "failed to list branches", ("list_branches",), "GET ~/branches"),
    Operation("branch.get", refs.get_branch, "branch", "failed to get branch", ("get_branch",), "GET ~/branches/{branch+}"),
    Operation("branch.ref", refs.get_branch_ref, "ref", "failed to get reference", (), "GET ~/git/ref/heads/{branch+}; GET ~/git/refs/heads/{branch+}"),
    Operation("ref.list", refs.list_refs, "ref*", "failed to list references", (), "GET ~/git/matching-refs/{prefix+}; GET ~/git/refs; GET ~/git/refs/heads?prefix=heads/; GET ~/git/refs/tags?prefix=tags/"),
    Operation("branch.create", refs.create_branch, "ref", "failed to create branch", ("create_branch",), "POST ~/git/refs#heads", 201, (does("branch.created", {**BRANCH, "base": "from", "sha": "sha"}),), "createRef"),
    Operation("branch.move", refs.move_ref, "ref", "failed to update reference", ("update_branch",), "PATCH ~/git/refs/heads/{branch+}", 200, (does("branch.pushed", {**BRANCH, "sha": "sha", "force": "force"}),), "updateRef"),
    Operation("branch.delete", refs.delete_branch, "", "failed to delete reference", ("delete_branch",), "DELETE ~/git/refs/heads/{branch+}", 204, (does("branch.deleted", BRANCH),), "deleteRef"),
    Operation("branch.rename", refs.rename_branch, "branch", "failed to rename branch", (), "POST ~/branches/{branch}/rename", 201, (does("branch.deleted", BRANCH), does("branch.created", {"repository": "repository", "branch": "new_name", "base": "branch", "target": "{repository}@{new_name}"})), "", "new_name"),
    Operation("branch.merge", refs.merge_branch, "commit", "failed to merge", ("merge_branch",), "POST ~/merges", 201, (does("branch.pushed", {"repository": "repository", "branch": "base", "commits": "commit_message", "target": "{repository}@{base}"}),), "mergeBranch"),
    Operation("tag.list", refs.list_tags, "tag*", "failed to list tags", ("list_tags",), "GET ~/tags"),
    Operation("tag.get", refs.get_tag, "tag", "failed to get tag reference", ("get_tag",)),
    Operation("tag.ref", refs.get_tag_ref, "ref", "failed to get tag reference", (), "GET ~/git/ref/tags/{tag+}; GET ~/git/refs/tags/{tag+}"),
    Operation("tag.create", refs.create_tag, "ref", "failed to create tag", ("create_tag",), "POST ~/git/refs#tags", 201, (does("tag.created", TAG),)),
    Operation("tag.move", refs.move_tag, "ref", "failed to update tag", ("update_tag",), "PATCH ~/git/refs/tags/{tag+}", 200, (does("tag.pushed", TAG),)),
    Operation("tag.delete", refs.delete_tag, "", "failed to delete tag", ("delete_tag",), "DELETE ~/git/refs/tags/{tag+}", 204, (does("tag.deleted", TAG),)),
    Operation("commit.list", commits.list_commits, "commit*", "failed to list commits", ("list_commits",), "GET ~/commits"),
    Operation("commit.get", commits.get_commit, "commit", "failed to get commit", ("get_commit",), "GET ~/commits/{sha}"),
    Operation("commit.compare", commits.compare_commits, "comparison", "failed to compare commits", ("compare_commits",), "GET ~/compare/{base}...{head+}"),
    Operation("commit.status", commits.get_commit_status, "combined", "failed to get combined status", ("get_commit_status",), "GET ~/commits/{sha}/status"),
    Operation("commit.statuses", commits.list_statuses, "status*", "", (), "GET ~/commits/{sha}/statuses; GET ~/statuses/{sha}"),
    Operation("commit.checks", commits.list_checks, "check*", "failed to list check runs", ("list_check_runs",), "GET ~/commits/{sha}/check-runs"),
    Operation("status.create", commits.create_status, "status", "failed to create status", ("create_commit_status",), "POST ~/statuses/{sha}", 201, (does("check.created", {**CHECK, "name": "context", "sha": "sha", "state": "state"}),)),
    Operation("check.get", commits.get_check, "check", "", (), "GET ~/check-runs/{check_run_id:n}"),
    Operation("check.create", commits.create_check, "check", "failed to create check run", ("create_check_run",), "POST ~/check-runs", 201, (does("check.created", {"repository": "repository", "name": "name", "sha": "head_sha", "state": "conclusion|status"}),)),
    Operation("check.update", commits.update_check, "check", "failed to update check run", (), "PATCH ~/check-runs/{check_run_id:n}", 200, (does("check.created", {"repository": "repository", "name": "name", "state": "conclusion|status"}),)),
    # releases
    Operation("release.list", releases.list_releases, "release*", "failed to list releases", ("list_releases",), "GET ~/releases", graphql="repository.releases"),
    Operation("release.latest", releases.get_latest_release, "release", "failed to get latest release", ("get_latest_release",), "GET ~/releases/latest"),
    Operation("release.by_tag", releases.get_release_by_tag, "release", "failed to get release by tag: {tag}", ("get_release_by_tag",), "GET ~/releases/tags/{tag+}"),
    Operation("release.get", releases.get_release, "release", "failed to get release", (), "GET ~/releases/{release_id:n}"),
    Operation("release.create", releases.create_release, "release", "failed to create release", ("create_release",), "POST ~/releases", 201, (does("release.created", RELEASE),)),
    Operation("release.update", releases.update_release, "release", "failed to update release", ("update_release",), "PATCH ~/releases/{release_id:n}", 200, (does("release.updated", {**RELEASE, "id": "release_id"}),)),
    Operation("release.delete", releases.delete_release, "", "failed to delete release", ("delete_release",), "DELETE ~/releases/{release_id:n}", 204, (does("release.deleted", {**RELEASE, "id": "release_id"}),)),
    Operation("asset.list", releases.list_assets, "asset*", "", (), "GET ~/releases/{release_id:n}/assets"),
    Operation("asset.get", releases.get_asset, "asset", "failed to get release asset", (), "GET ~/releases/assets/{asset_id:n}"),
    Operation("asset.update", releases.update_asset, "asset", "failed to update release asset", (), "PATCH ~/releases/assets/{asset_id:n}", 200, (does("release.updated", {"repository": "repository", "tag": "tag", "target": "repository"}),)),
    Operation("asset.upload", releases.upload_asset, "asset", "failed to upload release asset", ("upload_release_asset",), "POST ~/releases/{release_id:n}/assets", 201, (does("release.updated", {"repository": "repository", "id": "release_id", "tag": "tag", "files": "name", "target": "repository"}),)),
    Operation("asset.delete", releases.delete_asset, "", "failed to delete release asset", (), "DELETE ~/releases/assets/{asset_id:n}", 204, (does("release.updated", {"repository": "repository", "tag": "tag", "target": "repository"}),)),
    # actions
    Operation("workflow.list", actions.list_workflows, "workflow*", "failed to list workflows", ("actions_list:list_workflows",), "GET ~/actions/workflows"),
    Operation("workflow.get", actions.get_workflow, "workflow", "failed to get workflow", ("actions_get:get_workflow",), "GET ~/actions/workflows/{workflow_id}"),
    Operation("workflow.start", actions.start_workflow, "run", "failed to run workflow", ("actions_run_trigger:run_workflow",), "POST ~/actions/workflows/{workflow_id}/dispatches", 204, (does("workflow.started", RUN),)),
    Operation("workflow.enable", partial(actions.set_workflow_state, state="active"), "", "failed to enable workflow", (), "PUT ~/actions/workflows/{workflow_id}/enable", 204, (does("workflow.enabled", RUN),)),
    Operation("workflow.disable", partial(actions.set_workflow_state, state="disabled_manually"), "", "failed to disable workflow", (), "PUT ~/actions/workflows/{workflow_id}/disable", 204, (does("workflow.disabled", RUN),)),
    Operation("run.list", actions.list_runs, "run*", "failed to list workflow runs", ("actions_list:list_workflow_runs",), "GET ~/actions/runs; GET ~/actions/workflows/{workflow_id}/runs"),
    Operation("run.get", actions.get_run, "run", "failed to get workflow run", ("actions_get:get_workflow_run",), "GET ~/actions/runs/{run_id:n}"),
    Operation("run.usage", actions.get_run, "usage", "failed to get workflow run usage", ("actions_get:get_workflow_run_usage",), "GET ~/actions/runs/{run_id:n}/timing"),
    Operation("run.logs", actions.get_run, "logs", "failed to get workflow run logs", ("actions_get:get_workflow_run_logs_url",), "GET ~/actions/runs/{run_id:n}/logs"),
    Operation("run.jobs", actions.list_jobs, "job*", "failed to list workflow jobs", ("actions_list:list_workflow_jobs",), "GET ~/actions/runs/{run_id:n}/jobs"),
    Operation("run.failed_jobs", actions.list_failed_jobs, "job*", "failed to list workflow jobs", ("get_job_logs:failed",)),
    Operation("run.artifacts", actions.list_artifacts, "artifact*", "failed to list workflow run artifacts", ("actions_list:list_workflow_run_artifacts",), "GET ~/actions/runs/{run_id:n}/artifacts"),
    Operation("run.artifact", actions.get_artifact, "artifact", "failed to get artifact download URL", ("actions_get:download_workflow_run_artifact",), "GET ~/actions/artifacts/{artifact_id:n}"),
    Operation("run.rerun", actions.rerun, "empty", "failed to rerun workflow run", ("actions_run_trigger:rerun_workflow_run",), "POST ~/actions/runs/{run_id:n}/rerun", 201, (does("workflow.rerun", RUN),)),
    Operation("run.rerun_failed", actions.rerun_failed, "empty", "failed to rerun failed jobs", ("actions_run_trigger:rerun_failed_jobs",), "POST ~/actions/runs/{run_id:n}/rerun-failed-jobs", 201, (does("workflow.rerun", RUN),)),
    Operation("run.cancel", actions.cancel, "empty", "failed to cancel workflow run", ("actions_run_trigger:cancel_workflow_run",), "POST ~/actions/runs/{run_id:n}/cancel", 202, (does("workflow.cancelled", RUN),)),
    Operation("run.delete", actions.delete_run, "run", "failed to delete workflow run", (), "DELETE ~/actions/runs/{run_id:n}", 204, (does("workflow.deleted", RUN),)),
    Operation("run.delete_logs", actions.delete_logs, "run", "failed to delete workflow run logs", ("actions_run_trigger:delete_workflow_run_logs",), "DELETE ~/actions/runs/{run_id:n}/logs", 204, (does("workflow.deleted", RUN),)),
    Operation("job.get", actions.get_job, "job", "failed to get workflow job", ("actions_get:get_workflow_job",), "GET ~/actions/jobs/{job_id:n}"),
    Operation("job.log", actions.get_job_log, "text", "failed to get job logs", ("get_job_logs",), "GET ~/actions/jobs/{job_id:n}/logs"),
    Operation("job.rerun", actions.rerun_job, "empty", "failed to rerun job", ("rerun_job",), "POST ~/actions/jobs/{job_id:n}/rerun", 201, (does("workflow.rerun", {**RUN, "run": "run_id|job_id"}),)),
    # repositories and people
    Operation("me.get", accounts.get_me, "user", "failed to get user", ("get_me",), "GET /user", graphql="viewer"),
    Operation("user.get", accounts.get_user, "user", "failed to get user", (), "GET /users/{login}", graphql="user"),
    Operation("org.get", accounts.get_organization, "organization", "failed to get organization", (), "GET /orgs/{login}"),
    Operation("installation.get", accounts.get_installation, "installation", "failed to get installation", (), "GET /app/installations/{installation_id:n}; GET /users/{login}/installation; GET /orgs/{login}/installation; GET ~/installation"),
    Operation("installation.token", accounts.create_token, "said", "failed to create token", (), "POST /app/installations/{installation_id:n}/access_tokens", 201, (does("key.added", {"target": "installation_id"}),)),
    Operation("team.list", accounts.list_teams, "team*", "failed to get teams", ("get_teams",), "GET /user/teams"),
    Operation("team.members", accounts.list_team_members, "user*", "failed to get team members", ("get_team_members",), "GET /orgs/{org}/teams/{team_slug}/members"),
    Operation("repository.get", repositories.get_repository, "repository", "failed to get repository", ("get_repository",), "GET ~", graphql="repository"),
    Operation("repository.list", repositories.list_repositories, "repository*", "failed to list repositories", (), "GET /user/repos; GET /users/{owner}/repos; GET /orgs/{owner}/repos"),
    Operation("repository.languages", repositories.list_languages, "said", "", (), "GET ~/languages"),
    Operation("repository.topics", repositories.list_topics, "said", "", (), "GET ~/topics"),
    Operation("repository.set_topics", repositories.set_topics, "said", "failed to replace topics", (), "PUT ~/topics", 200, (does("repository.updated", IN),), "", "names"),
    Operation("repository.collaborators", repository_access.list_collaborators, "collaborator*", "failed to list collaborators", ("list_repository_collaborators",), "GET ~/collaborators"),
    Operation("repository.collaborator", repository_access.check_collaborator, "", "", (), "GET ~/collaborators/{login}", 204),
    Operation("repository.permission", repository_access.get_permission, "permission", "", (), "GET ~/collaborators/{login}/permission"),
    Operation("repository.rulesets", repository_access.list_rulesets, "ruleset*", "failed to list rulesets", ("list_repository_rulesets",), "GET ~/rulesets"),
    Operation("repository.protection", repository_access.get_protection, "protection", "", (), "GET ~/branches/{branch+}/protection"),
    Operation("repository.create", repositories.create_repository, "repository", "failed to create repository", ("create_repository",), "POST /user/repos; POST /orgs/{organization}/repos", 201, (does("repository.created", same("name description private organization") | {"repository": "{organization}/{name}", "target": "{organization}/{name}|name"}),), "createRepository"),
    Operation("repository.update", repositories.update_repository, "repository", "failed to update repository", ("update_repository",), "PATCH ~", 200, (
                  does("repository.visibility_changed", SETTINGS, {"private|visibility": True}),
                  {**does("repository.archived", IN, {"archived": True}), "not": {"archived": NO}},
                  does("repository.unarchived", IN, {"archived": NO}),
                  {**does("repository.updated", SETTINGS), "not": {"private|visibility|archived": True}},
              ), "updateRepository; archiveRepository?archived=true; unarchiveRepository?archived=false"),
    Operation("repository.transfer", repositories.transfer_repository, "repository", "failed to transfer repository", ("transfer_repository",), "POST ~/transfer", 202, (does("repository.transferred", IN),), "", "new_owner"),
    Operation("repository.delete", repositories.delete_repository, "", "failed to delete repository", ("delete_repository",), "DELETE ~", 204, (does("repository.deleted", IN),)),
    Operation("repository.fork", repositories.fork_repository, "repository", "failed to fork repository", ("fork_repository",), "POST ~/forks", 202, (does("repository.forked", {**IN, "organization": "organization"}),)),
    Operation("repository.star", partial(repositories.set_starred, starred=True), "", "failed to star repository", ("star_repository",), "PUT /user/starred/{owner}/{repo}", 204, (does("repository.starred", IN),), "addStar"),
    Operation("repository.unstar", partial(repositories.set_starred, starred=False), "", "failed to unstar repository", ("unstar_repository",), "DELETE /user/starred/{owner}/{repo}", 204, (does("repository.unstarred", IN),), "removeStar"),
    Operation("repository.protect", repository_access.set_protection, "protection", "", ("update_branch_protection",), "PUT ~/branches/{branch+}/protection; PUT ~/branches/{branch+}/protection/{part+}; POST ~/branches/{branch+}/protection/{part+}; PATCH ~/branches/{branch+}/protection/{part+}", 200, (setting_rule("protection.updated"),)),
    Operation("repository.unprotect", repository_access.remove_protection, "", "", ("delete_branch_protection",), "DELETE ~/branches/{branch+}/protection; DELETE ~/branches/{branch+}/protection/{part+}", 204, (setting_rule("protection.deleted"),)),
    Operation("repository.add_collaborator", repository_access.add_collaborator, "invitation", "", ("add_collaborator",), "PUT ~/collaborators/{username}", 201, (setting_rule("collaborator.added"),)),
    Operation("repository.add_team", repository_access.add_team, "", "", ("add_team_repository",), "PUT /orgs/{organization}/teams/{team}/repos/{owner}/{repo}; PUT /teams/{team_id:n}/repos/{owner}/{repo}", 204, (setting_rule("collaborator.added"),)),
    Operation("repository.remove_team", repository_access.remove_team, "", "", ("remove_team_repository",), "DELETE /orgs/{organization}/teams/{team}/repos/{owner}/{repo}; DELETE /teams/{team_id:n}/repos/{owner}/{repo}", 204, (setting_rule("collaborator.removed"),)),
    Operation("repository.remove_collaborator", repository_access.remove_collaborator, "", "", ("remove_collaborator",), "DELETE ~/collaborators/{username}", 204, (setting_rule("collaborator.removed"),)),
    # search
    Operation("search.issues", search_items.search_issues, "found*", "failed to search issues", ("search_issues",), "GET /search/issues", graphql="search"),
    Operation("search.pulls", search_items.search_pulls, "found*", "failed to search pull requests", ("search_pull_requests",)),
    Operation("search.repositories", search.search_repositories, "repository*", "failed to search repositories", ("search_repositories",), "GET /search/repositories"),
    Operation("search.code", search.search_code, "entry*", "failed to search code", ("search_code",), "GET /search/code"),
    Operation("search.commits", search.search_commits, "commit*", "failed to search commits", ("search_commits",), "GET /search/commits"),
    Operation("search.users", search.search_users, "user*", "failed to search users", ("search_users",), "GET /search/users"),
    Operation("search.orgs", search.search_orgs, "user*", "failed to search organizations", ("search_orgs",)),
)  # fmt: skip

_NOT_SIMULATED: Final = """
create_tag_protection | protection.updated | POST ~/tags/protection
delete_tag_protection | protection.deleted | DELETE ~/tags/protection/{part}
update_environment | protection.updated | PUT ~/environments/{environment}; POST ~/environments/{environment}/deployment-branch-policies; POST ~/environments/{environment}/deployment_protection_rules
delete_environment | protection.deleted | DELETE ~/environments/{environment}; DELETE ~/environments/{environment}/deployment-branch-policies/{part}; DELETE ~/environments/{environment}/deployment_protection_rules/{part}
create_ruleset | ruleset.created | POST ~/rulesets; POST /orgs/{organization}/rulesets | createRepositoryRuleset
update_ruleset | ruleset.updated | PUT ~/rulesets/{ruleset_id:n}; PUT /orgs/{organization}/rulesets/{ruleset_id:n} | updateRepositoryRuleset
delete_ruleset | ruleset.deleted | DELETE ~/rulesets/{ruleset_id:n}; DELETE /orgs/{organization}/rulesets/{ruleset_id:n} | deleteRepositoryRuleset
accept_invitation | collaborator.added | PATCH ~/invitations/{part}
delete_invitation | collaborator.removed | DELETE ~/invitations/{part}
add_member | collaborator.added | PUT /orgs/{organization}/memberships/{username}; PUT /orgs/{organization}/teams/{team}/memberships/{username}; PUT /orgs/{organization}/outside_collaborators/{username}; POST /orgs/{organization}/invitations
remove_member | collaborator.removed | DELETE /orgs/{organization}/memberships/{username}; DELETE /orgs/{organization}/members/{username}; DELETE /orgs/{organization}/teams/{team}/memberships/{username}; DELETE /orgs/{organization}/outside_collaborators/{username}
set_secret | secret.created | PUT ~/actions/secrets/{name}; PUT ~/dependabot/secrets/{name}; PUT ~/codespaces/secrets/{name}; PUT ~/environments/{environment}/secrets/{name}; PUT /orgs/{organization}/actions/secrets/{name}; PUT /orgs/{organization}/dependabot/secrets/{name}; PUT /orgs/{organization}/codespaces/secrets/{name}; PUT /user/codespaces/secrets/{name}
delete_secret | secret.deleted | DELETE ~/actions/secrets/{name}; DELETE ~/dependabot/secrets/{name}; DELETE ~/codespaces/secrets/{name}; DELETE ~/environments/{environment}/secrets/{name}; DELETE /orgs/{organization}/actions/secrets/{name}; DELETE /orgs/{organization}/dependabot/secrets/{name}; DELETE /orgs/{organization}/codespaces/secrets/{name}; DELETE /user/codespaces/secrets/{name}
set_variable | variable.created | POST ~/actions/variables; PATCH ~/actions/variables/{name}; POST ~/environments/{environment}/variables; PATCH ~/environments/{environment}/variables/{name}; POST /orgs/{organization}/actions/variables; PATCH /orgs/{organization}/actions/variables/{name}
delete_variable | variable.deleted | DELETE ~/actions/variables/{name}; DELETE ~/environments/{environment}/variables/{name}; DELETE /orgs/{organization}/actions/variables/{name}
add_key | key.added | POST ~/keys; POST /user/keys; POST /user/gpg_keys; POST /user/ssh_signing_keys
delete_key | key.deleted | DELETE ~/keys/{part}; DELETE /user/keys/{part}; DELETE /user/gpg_keys/{part}; DELETE /user/ssh_signing_keys/{part}
create_webhook | webhook.created | POST ~/hooks; POST /orgs/{organization}/hooks
update_webhook | webhook.updated | PATCH ~/hooks/{hook_id}; PATCH ~/hooks/{hook_id}/config; PATCH /orgs/{organization}/hooks/{hook_id}; PATCH /orgs/{organization}/hooks/{hook_id}/config
delete_webhook | webhook.deleted | DELETE ~/hooks/{hook_id}; DELETE /orgs/{organization}/hooks/{hook_id}
set_actions_permissions | workflow.disabled | PUT ~/actions/permissions; PUT ~/actions/permissions/{part+}
create_repository_dispatch | workflow.started | POST ~/dispatches
force_cancel_run | workflow.cancelled | POST ~/actions/runs/{run_id:n}/force-cancel
sync_fork | branch.pushed | POST ~/merge-upstream
enqueue_pull_request | pull_request.merged |  | enqueuePullRequest
dequeue_pull_request | pull_request.updated |  | dequeuePullRequest
revert_pull_request | pull_request.created |  | revertPullRequest
update_refs | branch.pushed |  | updateRefs
create_linked_branch | branch.created |  | createLinkedBranch
delete_linked_branch | branch.deleted |  | deleteLinkedBranch
add_pull_request_position_comment | comment.created |  | addPullRequestReviewComment
add_discussion_comment | comment.created |  | addDiscussionComment
update_discussion_comment | comment.updated |  | updateDiscussionComment
delete_discussion_comment | comment.deleted |  | deleteDiscussionComment
change_issue_type | ticket.updated |  | updateIssueIssueType
mark_duplicate | ticket.updated |  | markAsDuplicate
remove_reaction | reaction.removed |  | removeReaction
clone_template_repository | repository.created |  | cloneTemplateRepository
set_protection_rule | protection.updated |  | createBranchProtectionRule; updateBranchProtectionRule
delete_protection_rule | protection.deleted |  | deleteBranchProtectionRule
create_gist |  | POST /gists
project_create |  |  | createProjectV2; copyProjectV2
project_update |  |  | updateProjectV2; addProjectV2ItemById; addProjectV2DraftIssue; updateProjectV2ItemFieldValue; clearProjectV2ItemFieldValue; deleteProjectV2Item; archiveProjectV2Item; unarchiveProjectV2Item; updateProjectV2DraftIssue; updateProjectV2ItemPosition; createProjectV2Field; updateProjectV2Field; deleteProjectV2Field; linkProjectV2ToRepository; unlinkProjectV2FromRepository
project_delete |  |  | deleteProjectV2
"""
"""Name, kinds of effects, REST routes and mutations of operations that are not simulated: a policy has a word for
each in every form. To simulate one, write its function, and move its line up as a row."""


def _not_simulated() -> Iterator[Operation]:
    left = dict(KNOWN)
    for line in _NOT_SIMULATED.strip().splitlines():
        name, kinds, routes, graphql = [*(part.strip() for part in line.split("|")), ""][:4]
        rules = left.pop(name, None) or tuple(map(setting_rule, kinds.split()))
        rules = PERMITTED if name == "set_actions_permissions" else rules
        yield Operation(name, None, tools=(name,), rest=routes, effects=rules, graphql=graphql)
    for name, rules in left.items():
        yield Operation(name, None, tools=(name,), effects=rules)


OPERATIONS: Final[dict[str, Operation]] = {row.name: row for row in (*_ROWS, *_not_simulated())}
"""By name, in the order of the table."""


@cache
def by_tool() -> dict[str, Operation]:
    """Tool, or ``tool:method`` where an argument chooses → operation."""
    return {tool: row for row in OPERATIONS.values() for tool in row.tools}


@cache
def by_name() -> dict[str, Operation]:
    """The name of an operation without a tool, as its call has it (``check_update``) → operation."""
    return {row.name.replace(".", "_"): row for row in _ROWS if not row.tools}


@cache
def by_graphql() -> dict[str, tuple[Operation, Record]]:
    """Mutation or path of a query's field → operation, and the arguments that the name fixes."""
    found: dict[str, tuple[Operation, Record]] = {}
    for row in OPERATIONS.values():
        for form in filter(None, row.graphql.split("; ")):
            name, _, fixed = form.partition("?")
            argument, _, value = fixed.partition("=")
            found[name] = (row, {argument: _TRUTH.get(value, value)} if fixed else {})
    return found


_TRUTH: Final = {"true": True, "false": False}
