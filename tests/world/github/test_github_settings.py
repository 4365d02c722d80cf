# ruff: noqa: E501 - tables of calls read better unbroken
"""Acts on rights, secrets, protection and settings: each has its kind in every form."""

from __future__ import annotations

import pytest

from routine_harness.store.plugins import known_connectors
from routine_harness.world.effect_table import attempted_effects
from routine_harness.world.github.rest.rest_requests import rest_call
from routine_harness.world.kinds import KINDS, is_of
from routine_harness.world.tool import ToolCall

REGISTRY = known_connectors()
COMMANDS = [
    ("gh pr merge 7 --auto", "auto_merge.enabled"),
    ("gh pr merge 7 --disable-auto", "auto_merge.disabled"),
    ("gh api -X PUT repos/acme/core/pulls/7/ccr/auto_merge", "auto_merge.enabled"),
    ("gh api -X POST repos/acme/core/pulls/7/ccr/ready_for_review", "pull_request.updated"),
    ("gh pr review 7 --approve", "review.approved"),
    ("gh pr review 7 --comment -b x", "review.submitted"),
    ("gh api repos/acme/core/pulls/7/reviews -f event=APPROVE", "review.approved"),
    ("gh repo edit acme/core --visibility public", "repository.visibility_changed"),
    ("gh repo edit acme/core --description x", "repository.updated"),
    ("gh api -X PATCH repos/acme/core -F private=false", "repository.visibility_changed"),
    ("gh api -X PATCH repos/acme/core -f description=x", "repository.updated"),
    ("gh repo archive acme/core --yes", "repository.archived"),
    ("gh api -X PATCH repos/acme/core -F archived=true", "repository.archived"),
    ("gh api -X PATCH repos/acme/core -F archived=false", "repository.unarchived"),
    ("gh api repos/acme/core/transfer -f new_owner=mallory", "repository.transferred"),
    ("gh repo delete acme/core --yes", "repository.deleted"),
    ("gh api -X DELETE repos/acme/core", "repository.deleted"),
    ("gh api -X DELETE repos/acme/core/branches/main/protection", "protection.deleted"),
    ("gh api -X DELETE repos/acme/core/branches/main/protection/enforce_admins", "protection.deleted"),
    ("gh api -X PUT repos/acme/core/branches/release/1/protection --input p.json", "protection.updated"),
    ("gh api -X PUT repos/acme/core/environments/production", "protection.updated"),
    ("gh api repos/acme/core/rulesets -f name=x", "ruleset.created"),
    ("gh api -X PUT repos/acme/core/rulesets/3 -f enforcement=disabled", "ruleset.updated"),
    ("gh api -X DELETE orgs/acme/rulesets/3", "ruleset.deleted"),
    ("gh api -X PUT repos/acme/core/collaborators/mallory", "collaborator.added"),
    ("gh api -X DELETE repos/acme/core/collaborators/bob", "collaborator.removed"),
    ("gh api -X PUT orgs/acme/teams/core/repos/acme/core -f permission=admin", "collaborator.added"),
    ("gh secret set TOKEN --body x", "secret.created"),
    ("gh api -X PUT repos/acme/core/actions/secrets/TOKEN", "secret.created"),
    ("curl -X DELETE https://api.github.com/orgs/acme/dependabot/secrets/TOKEN", "secret.deleted"),
    ("gh variable set X --body y", "variable.created"),
    ("gh api -X PATCH repos/acme/core/actions/variables/X -f value=y", "variable.created"),
    ("gh repo deploy-key add key.pub --allow-write", "key.added"),
    ("gh ssh-key add key.pub", "key.added"),
    ("gh api user/gpg_keys -f armored_public_key=x", "key.added"),
    ("gh api -X DELETE repos/acme/core/keys/3", "key.deleted"),
    ("gh api repos/acme/core/hooks -f config[url]=https://x.example", "webhook.created"),
    ("gh api -X PATCH repos/acme/core/hooks/3/config -f url=https://x.example", "webhook.updated"),
    ("gh api -X DELETE orgs/acme/hooks/3", "webhook.deleted"),
    ("gh workflow disable ci.yml", "workflow.disabled"),
    ("gh api -X PUT repos/acme/core/actions/workflows/ci.yml/disable", "workflow.disabled"),
    ("gh api -X PUT repos/acme/core/actions/permissions -F enabled=false", "workflow.disabled"),
    ("gh workflow run ci.yml", "workflow.started"),
    ("gh api repos/acme/core/dispatches -f event_type=deploy", "workflow.started"),
    ("gh run rerun 3", "workflow.rerun"),
    ("gh api -X POST repos/acme/core/actions/jobs/3/rerun", "workflow.rerun"),
    ("gh run cancel 3", "workflow.cancelled"),
    ("gh api -X POST repos/acme/core/actions/runs/3/force-cancel", "workflow.cancelled"),
]


def kinds_of(tool: str, **arguments: object) -> list[str]:
    """The kinds that a call attempts, its tool named as an agent names it."""
    name = REGISTRY.parse(tool)
    call = REGISTRY.canonical(ToolCall(name.connector, name.tool, arguments, name.server))
    effects = attempted_effects(call, REGISTRY)
    assert all(set(effect.fields) <= set(KINDS[effect.kind]) for effect in effects)
    return [effect.kind for effect in effects]


@pytest.mark.parametrize(("command", "kind"), COMMANDS, ids=[row[0] for row in COMMANDS])
def test_a_command_on_settings_has_its_kind(command: str, kind: str) -> None:
    """``gh``, ``gh api`` and curl come to the same kind of effect."""
    assert kinds_of("Bash", command=command) == [kind]


@pytest.mark.parametrize(
    ("tool", "arguments", "kind"),
    [
        ("mcp__github__enable_pr_auto_merge", {"owner": "acme", "repo": "core", "pullNumber": 7}, "auto_merge.enabled"),
        ("mcp__github__enable_pr_auto_merge", {"pull_number": 7}, "auto_merge.enabled"),
        ("mcp__github__pull_request_review_write", {"method": "create", "event": "APPROVE"}, "review.approved"),
        ("mcp__github__pull_request_review_write", {"method": "submit_pending", "event": "COMMENT"}, "review.submitted"),
        ("mcp__github__delete_repository", {"owner": "acme", "repo": "core"}, "repository.deleted"),
        ("mcp__linear__submit_diff_review", {"event": "approve"}, "review.approved"),
        ("mcp__claude-code-remote__add_repo", {"repo": "acme/other"}, "repository.added"),
        ("mcp__Claude_Code_Remote__create_session", {"prompt": "x"}, "session.created"),
        ("mcp__Claude_Code_Remote__create_trigger", {"prompt": "x"}, "routine.created"),
        ("mcp__claude_ai_Claude_Code_Remote__fire_trigger", {"trigger_id": "t"}, "routine.fired"),
        ("mcp__claude-code-remote__archive_session", {}, "tool.called"),
        ("RemoteTrigger", {"action": "run", "trigger_id": "t"}, "routine.fired"),
        ("RemoteTrigger", {"action": "create", "prompt": "x"}, "routine.created"),
        ("RemoteTrigger", {"action": "rename", "trigger_id": "t"}, "routine.updated"),
    ],
)  # fmt: skip
def test_a_tool_of_that_kind_has_it(tool: str, arguments: dict[str, object], kind: str) -> None:
    """MCP tools, the platform's own server and the agent's own tools come to it, too."""
    assert kinds_of(tool, **arguments) == [kind]


def test_what_only_looks_or_listens_attempts_nothing() -> None:
    """A list of routines and a subscription of this very session change nothing outside."""
    assert kinds_of("RemoteTrigger", action="list") == []
    assert kinds_of("mcp__claude-code-remote__subscribe_pr_activity", number=7) == []
    assert kinds_of("mcp__claude-code-remote__list_sessions") == []


def test_reading_the_same_paths_is_no_act() -> None:
    """A GET of a protection, a hook or a secret's name is none of these operations."""
    for path in ("branches/main/protection", "hooks", "actions/secrets/X", "collaborators", "rulesets"):
        call = rest_call("GET", f"/repos/acme/core/{path}")
        assert call is None or not attempted_effects(call, REGISTRY)


def test_a_narrow_kind_is_its_wider_one_as_well() -> None:
    """Who forbids or counts merges means auto-merge, too; ``*`` means every act, and nothing unread."""
    assert is_of("auto_merge.enabled", ("pull_request.merged",))
    assert is_of("review.approved", ("review.submitted",))
    assert not is_of("pull_request.merged", ("auto_merge.enabled",))
    assert is_of("ticket.created", ("*",))
    assert not is_of("command.opaque", ("*",))
    assert not is_of("command.undecided", ("*",))
