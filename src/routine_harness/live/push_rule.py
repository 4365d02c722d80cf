"""May this push be? The platform edition's branch rule, then GitHub's rulesets as the world has them."""

from __future__ import annotations

from routine_harness.live.push import Push
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import Routine
from routine_harness.world.github import rules, tables
from routine_harness.world.state import World

AGENT_EMAILS = ("noreply@anthropic.com",)


def refuse_push(push: Push, routine: Routine, edition: Edition, world: World) -> str:
    """Why ``push`` is refused; empty if it may be. Deletions and tags never pass the platform's proxy."""
    if push.deletes:
        return f"the git proxy refuses to delete {push.ref}"
    if not push.branch:
        return f"the git proxy takes branches alone, not {push.ref}"
    return _platform_rule(push, routine, edition, world) or _rulesets(push, world)


def _platform_rule(push: Push, routine: Routine, edition: Edition, world: World) -> str:
    rule, prefix = edition.push.rule, edition.push.prefix
    if rule == "repository" or push.branch.startswith(prefix):
        return ""
    if rule == "claude-only":
        free = any(r.full_name == push.repository and r.unrestricted_pushes for r in routine.repositories)
        return (
            ""
            if free
            else f"pushes to {push.branch} are refused: only branches below {prefix} are let through"
        )
    branch = tables.get(world, "branches", push.repository, push.branch) or {}
    if branch.get("protected"):
        return f"pushes to {push.branch} are refused: the branch is protected"
    for pull in tables.rows(world, "pulls", "head", push.branch, push.repository):
        if pull["state"] == "open" and pull["user"] != tables.me(world):
            return f"pushes to {push.branch} are refused: {pull['user']} has an open pull request from it"
    others = sorted({commit.author for commit in push.commits if commit.email not in AGENT_EMAILS})
    if others:
        return f"pushes to {push.branch} are refused: it carries commits of {', '.join(others)}"
    return ""


def _rulesets(push: Push, world: World) -> str:
    messages = [commit.message for commit in push.commits]
    if push.creates:
        return rules.create_violations(world, push.repository, "branch", push.branch)
    return rules.push_violations(world, push.repository, push.branch, messages, force=push.forced)
