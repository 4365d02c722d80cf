# ruff: noqa: E501 - a line is a row of the table
"""Operations on the settings of a repository or an organisation: rights, protection, secrets, keys.

The world models none of them. They are known so that a policy has a word for each in every form: a
line of ``TABLE`` is an operation, the kind of effect that it attempts, and its REST paths.
"""

from __future__ import annotations

from typing import Any, Final

from routine_harness.world.rule import Rule

TABLE: Final = """
enable_pr_auto_merge | auto_merge.enabled | PUT ~/pulls/{pullNumber:n}/ccr/auto_merge
disable_pr_auto_merge | auto_merge.disabled | DELETE ~/pulls/{pullNumber:n}/ccr/auto_merge
resolve_comment_thread | thread.resolved | POST ~/pulls/{pullNumber:n}/ccr/comments/{comment_id:n}/resolve
unresolve_comment_thread | thread.unresolved | POST ~/pulls/{pullNumber:n}/ccr/comments/{comment_id:n}/unresolve
transfer_repository | repository.transferred | POST ~/transfer
rename_branch | branch.deleted branch.created | POST ~/branches/{branch+}/rename
delete_branch_protection | protection.deleted | DELETE ~/branches/{branch+}/protection; DELETE ~/branches/{branch+}/protection/{part+}
update_branch_protection | protection.updated | PUT ~/branches/{branch+}/protection; PUT ~/branches/{branch+}/protection/{part+}; POST ~/branches/{branch+}/protection/{part+}; PATCH ~/branches/{branch+}/protection/{part+}
create_tag_protection | protection.updated | POST ~/tags/protection
delete_tag_protection | protection.deleted | DELETE ~/tags/protection/{part}
update_environment | protection.updated | PUT ~/environments/{environment}; POST ~/environments/{environment}/deployment-branch-policies; POST ~/environments/{environment}/deployment_protection_rules
delete_environment | protection.deleted | DELETE ~/environments/{environment}; DELETE ~/environments/{environment}/deployment-branch-policies/{part}; DELETE ~/environments/{environment}/deployment_protection_rules/{part}
create_ruleset | ruleset.created | POST ~/rulesets; POST /orgs/{organization}/rulesets
update_ruleset | ruleset.updated | PUT ~/rulesets/{ruleset_id:n}; PUT /orgs/{organization}/rulesets/{ruleset_id:n}
delete_ruleset | ruleset.deleted | DELETE ~/rulesets/{ruleset_id:n}; DELETE /orgs/{organization}/rulesets/{ruleset_id:n}
add_collaborator | collaborator.added | PUT ~/collaborators/{username}; PATCH ~/invitations/{part}
remove_collaborator | collaborator.removed | DELETE ~/collaborators/{username}; DELETE ~/invitations/{part}
add_team_repository | collaborator.added | PUT /orgs/{organization}/teams/{team}/repos/{owner}/{repo}
remove_team_repository | collaborator.removed | DELETE /orgs/{organization}/teams/{team}/repos/{owner}/{repo}
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
disable_workflow | workflow.disabled | PUT ~/actions/workflows/{workflow_id}/disable
enable_workflow | workflow.enabled | PUT ~/actions/workflows/{workflow_id}/enable
set_actions_permissions | workflow.disabled | PUT ~/actions/permissions; PUT ~/actions/permissions/{part+}
create_repository_dispatch | workflow.started | POST ~/dispatches
rerun_job | workflow.rerun | POST ~/actions/jobs/{job_id:n}/rerun
force_cancel_run | workflow.cancelled | POST ~/actions/runs/{run_id:n}/force-cancel
delete_run | workflow.deleted | DELETE ~/actions/runs/{run_id:n}
sync_fork | branch.pushed | POST ~/merge-upstream
"""

_REPOSITORY: Final = {"repository": "{owner}/{repo}"}
_OWNER: Final = {**_REPOSITORY, "organization": "organization"}
"""For what an organisation has as well as a repository."""
_FIELDS: Final[dict[str, dict[str, str]]] = {
    "auto_merge": {"number": "pullNumber|pull_number|number", "method": "merge_method|mergeMethod|method"},
    "thread": {"number": "pullNumber", "id": "comment_id"},
    "branch": {"branch": "branch"},
    "protection": {"branch": "branch", "name": "environment"},
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
}
_TARGETS: Final = {
    "auto_merge": "{owner}/{repo}#{pullNumber}|{owner}/{repo}",
    "thread": "{owner}/{repo}#{pullNumber}",
    "branch": "{owner}/{repo}@{branch}",
    "protection": "{owner}/{repo}@{branch}|{owner}/{repo} {environment}",
}
_ABOUT: Final = "{owner}/{repo}|organization|username"
_RENAMED: Final[tuple[Rule, ...]] = (
    {"kind": "branch.deleted", "fields": {"repository": "{owner}/{repo}", "branch": "branch", "target": "{owner}/{repo}@{branch}"}},
    {"kind": "branch.created", "fields": {"repository": "{owner}/{repo}", "branch": "new_name", "base": "branch", "target": "{owner}/{repo}@{new_name}"}},
)  # fmt: skip
_YES: Final = [True, "true"]
_PERMITTED: Final[tuple[Rule, ...]] = (
    {
        "kind": "workflow.disabled",
        "fields": {**_REPOSITORY, "target": "{owner}/{repo}"},
        "not": {"enabled": _YES},
    },
    {
        "kind": "workflow.enabled",
        "fields": {**_REPOSITORY, "target": "{owner}/{repo}"},
        "when": {"enabled": _YES},
    },
)


def _rows() -> list[tuple[str, str, list[str]]]:
    rows = (line.split(" | ") for line in TABLE.strip().splitlines())
    return [(tool, kind, paths.split("; ")) for tool, kind, paths in rows]


def _rules(kind: str) -> tuple[Rule, ...]:
    noun = kind.partition(".")[0]
    fields: dict[str, Any] = {**_REPOSITORY, **_FIELDS.get(noun, {}), "target": _TARGETS.get(noun, _ABOUT)}
    return ({"kind": kind, "fields": fields},)


RULES: Final[dict[str, tuple[Rule, ...]]] = {
    **{tool: _rules(kind) for tool, kind, _ in _rows()},
    "rename_branch": _RENAMED,
    "set_actions_permissions": _PERMITTED,
}
"""Operation → the effects that it attempts; see ``world.rule``."""

ROUTES: Final = "\n".join(f"{path} | {tool}" for tool, _, paths in _rows() for path in paths) + "\n"
"""The operations' REST paths, in the notation of ``rest_routes``."""

NAMES: Final = {tool: kind for tool, kind, _ in _rows()}
"""Operation → the kinds that it attempts."""
