# ruff: noqa: E501 - a line is a row of the table
"""Operations that no model carries out: rights, protection, secrets, keys, gists, discussions, projects.

They are known so that a policy has a word for each in every form: a line of ``TABLE`` is an
operation, the kinds of effect that it attempts, its REST routes, and its GraphQL mutations.
"""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.rule import Rule

TABLE: Final = """
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
rerun_job | workflow.rerun | POST ~/actions/jobs/{job_id:n}/rerun
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
"""

_AT: Final = {"repository": "repository", "target": "repository"}
_OWNER: Final = {"repository": "repository", "organization": "organization"}
"""For what an organisation has as well as a repository."""
_FIELDS: Final[dict[str, dict[str, str]]] = {
    "protection": {"branch": "branch|pattern", "name": "environment"},
    "ruleset": {**_OWNER, "name": "name", "enforcement": "enforcement", "id": "ruleset_id"},
    "collaborator": {
        **_OWNER,
        "name": "username|email",
        "team": "team",
        "permission": "permission",
        "role": "role",
    },
    "secret": {**_OWNER, "name": "name", "environment": "environment"},
    "variable": {**_OWNER, "name": "name", "environment": "environment"},
    "key": {"title": "title|name"},
    "webhook": {**_OWNER, "id": "hook_id"},
    "workflow": {"workflow": "workflow_id|event_type", "run": "run_id|job_id"},
    "branch": {"branch": "branch|name"},
    "pull_request": {"title": "title", "body": "body"},
    "comment": {"body": "body"},
    "reaction": {"emoji": "content"},
}
_TARGETS: Final = {
    "branch": "{repository}@{branch}",
    "protection": "{repository}@{branch}|{repository} {environment}",
}
_YES: Final = [True, "true"]
_PERMITTED: Final[tuple[Rule, ...]] = (
    {"kind": "workflow.disabled", "fields": _AT, "not": {"enabled": _YES}},
    {"kind": "workflow.enabled", "fields": _AT, "when": {"enabled": _YES}},
)


def setting_rule(kind: str) -> Rule:
    """What an act on a setting attempts."""
    noun = kind.partition(".")[0]
    target = _TARGETS.get(noun, "repository|organization|username")
    where = {} if noun == "reaction" else {"repository": "repository"}  # what it is on names it
    return {"kind": kind, "fields": {**where, **_FIELDS.get(noun, {}), "target": target}}


def rows() -> list[tuple[str, str, tuple[Rule, ...], str]]:
    """Name, REST routes, effects and mutations of every operation without a model."""
    found = []
    for line in TABLE.strip().splitlines():
        name, kinds, routes, graphql = [*line.split(" | "), ""][:4]
        rules = tuple(setting_rule(kind) for kind in kinds.split())
        if name == "set_actions_permissions":
            rules = _PERMITTED
        found.append((name, routes.strip(), rules, graphql))
    return found + [
        (name, "POST /gists" if name == "create_gist" else "", rules, _MUTATIONS.get(name, ""))
        for name, rules in RULES.items()
    ]


_MUTATIONS: Final = {
    "project_create": "createProjectV2; copyProjectV2",
    "project_update": "updateProjectV2; addProjectV2ItemById; addProjectV2DraftIssue; updateProjectV2ItemFieldValue; "
    "clearProjectV2ItemFieldValue; deleteProjectV2Item; archiveProjectV2Item; unarchiveProjectV2Item; "
    "updateProjectV2DraftIssue; updateProjectV2ItemPosition; createProjectV2Field; updateProjectV2Field; "
    "deleteProjectV2Field; linkProjectV2ToRepository; unlinkProjectV2FromRepository",
    "project_delete": "deleteProjectV2",
}
"""Operations of ``RULES`` → the mutations that are the same."""


_ON: Final = {"repository": "repository", "number": "number", "target": "{repository}#{number}"}
_GIST: Final = {"title": "filename", "body": "content", "path": "path", "id": "gist_id", "target": "gist_id"}
_DISCUSSION: Final = {**_AT, "number": "discussionNumber", "body": "body", "id": "commentNodeID"}
_PROJECT: Final = {"title": "title", "name": "name", "body": "body", "id": "item_id", "target": "owner"}


def _rule(
    kind: str, fields: dict[str, str], when: dict[str, Any] | None = None, const: dict[str, Any] | None = None
) -> Rule:
    rule: dict[str, Any] = {"kind": kind, "fields": fields}
    rule |= {"when": when} if when else {}
    rule |= {"const": const} if const else {}
    return rule


RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "request_copilot_review": (
        _rule(
            "review.requested",
            {"repository": "repository", "number": "number", "target": "{repository}#{number}"},
            const={"reviewers": ["copilot"]},
        ),
    ),
    "set_issue_fields": (_rule("ticket.updated", _ON),),
    "assign_copilot_to_issue": (_rule("ticket.updated", _ON, const={"assignees": ["copilot"]}),),
    "assign_copilot_to_issue_with_intent": (_rule("ticket.updated", _ON, const={"assignees": ["copilot"]}),),
    "issue_dependency_write": (_rule("ticket.updated", {**_ON, "relations": "related_issue_number"}),),
    "create_gist": (_rule("gist.created", _GIST),),
    "update_gist": (_rule("gist.updated", _GIST),),
    "discussion_comment_write": (
        _rule("comment.created", _DISCUSSION, {"method": ["add", "reply"]}, {"on_kind": "discussion"}),
        _rule(
            "comment.updated",
            _DISCUSSION,
            {"method": ["update", "mark_answer", "unmark_answer"]},
            {"on_kind": "discussion"},
        ),
        _rule("comment.deleted", _DISCUSSION, {"method": "delete"}, {"on_kind": "discussion"}),
    ),
    "delete_gist": (_rule("gist.deleted", {"id": "gist_id", "target": "gist_id"}),),
    "delete_cache": (_rule("infrastructure.deleted", {"name": "name", "target": "name"}),),
    "codespace_create": (_rule("infrastructure.changed", {"name": "name", "target": "name"}),),
    "codespace_delete": (_rule("infrastructure.deleted", {"name": "name", "target": "name"}),),
    "project_create": (_rule("project.created", _PROJECT),),
    "project_update": (_rule("project.updated", _PROJECT),),
    "project_delete": (_rule("project.deleted", _PROJECT),),
    "projects_write": (
        _rule("project.created", _PROJECT, {"method": "create_project"}),
        _rule("status_update.created", _PROJECT, {"method": "create_project_status_update"}),
        _rule(
            "project.updated",
            _PROJECT,
            {
                "method": [
                    "add_project_item",
                    "update_project_item",
                    "update_project_items",
                    "delete_project_item",
                    "create_project_view",
                    "update_project_view",
                    "delete_project_view",
                    "create_iteration_field",
                ]
            },
        ),
    ),
    "dismiss_notification": (_rule("notification.updated", {"state": "state", "target": "thread"}),),
    "mark_all_notifications_read": (_rule("notification.updated", {}, const={"state": "read"}),),
    "manage_notification_subscription": (
        _rule("notification.updated", {"state": "action", "target": "notificationID"}),
    ),
    "manage_repository_notification_subscription": (
        _rule("notification.updated", {"state": "action", "target": "{repository}"}),
    ),
}
"""Tools of the MCP server that are known by schema alone → what they attempt."""
