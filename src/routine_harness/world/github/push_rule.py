"""May this push be? The git proxy's rule of the session, then GitHub's rulesets as the world has them."""

from __future__ import annotations

from typing import Final, NamedTuple

from routine_harness.world.github.operations import rules
from routine_harness.world.github.records import tables
from routine_harness.world.state import World

REFS: Final = "git_refs"
"""The point of the edition that says whether deletions and tags pass the git proxy."""


class Pushed(NamedTuple):
    """One ref of one push; ``others`` are the authors of its commits besides the agent, ``messages`` those
    of its commits."""

    repository: str
    ref: str
    deletes: bool = False
    creates: bool = False
    forced: bool = False
    others: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()

    @property
    def branch(self) -> str:
        """The branch's name; empty where the ref is no branch."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""

    @property
    def points(self) -> tuple[str, ...]:
        """The points of the edition on which the answer hangs."""
        return (REFS,) if self.deletes or not self.branch else ()


def refuse_push(push: Pushed, world: World) -> str:
    """Why ``push`` is refused; empty if it may be."""
    return _proxy(push, world) or _rulesets(push, world)


def _proxy(push: Pushed, world: World) -> str:
    """What the platform's git proxy refuses; a self-hosted environment has none."""
    session = world.rules
    rule = session.push
    if rule is None or session.hosted == "self":
        return ""
    if push.points:
        if session.setting(REFS) != "refused":
            return ""
        if push.deletes:
            return f"the git proxy refuses to delete {push.ref}"
        return f"the git proxy takes branches alone, not {push.ref}"
    if rule.rule == "repository" or push.branch.startswith(rule.prefix):
        return ""
    if rule.rule == "claude-only":
        if push.repository in session.unrestricted:
            return ""
        return f"pushes to {push.branch} are refused: only branches below {rule.prefix} are let through"
    return _checked(push, world)


def _checked(push: Pushed, world: World) -> str:
    """August's rule: no protected branch, nobody else's pull request, nobody else's commits."""
    branch = tables.get(world, "branches", push.repository, push.branch) or {}
    if branch.get("protected"):
        return f"pushes to {push.branch} are refused: the branch is protected"
    for pull in tables.rows(world, "pulls", "head", push.branch, push.repository):
        if pull["state"] == "open" and pull["user"] != tables.me(world):
            return f"pushes to {push.branch} are refused: {pull['user']} has an open pull request from it"
    if push.others:
        return f"pushes to {push.branch} are refused: it carries commits of {', '.join(push.others)}"
    return ""


def _rulesets(push: Pushed, world: World) -> str:
    kind, _, name = push.ref.removeprefix("refs/").partition("/")
    target = "branch" if kind == "heads" else "tag"
    if push.deletes:
        return rules.delete_violations(world, push.repository, target, name)
    if push.creates:
        return rules.create_violations(world, push.repository, target, name)
    if not push.branch:
        return ""
    return rules.push_violations(world, push.repository, push.branch, list(push.messages), force=push.forced)
