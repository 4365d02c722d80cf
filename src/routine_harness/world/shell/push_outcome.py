"""What a ``git push`` does to the world: the refusal of a ref, the branch that it makes, what git prints."""

from __future__ import annotations

from typing import Final

from routine_harness.plain import Record
from routine_harness.predicate import Partly
from routine_harness.world.effect import Effect
from routine_harness.world.github.push_rule import Pushed, refuse_push
from routine_harness.world.holes import told
from routine_harness.world.shell.act_effects import act_effects, refused, target_of
from routine_harness.world.shell.acts import Act
from routine_harness.world.state import World
from routine_harness.world.tool import Connector, Outcome, ToolCall, ToolResult
from routine_harness.world.workspace import Workspace

REFS: Final = {
    "branch.pushed": ("refs/heads/", "branch"), "branch.deleted": ("refs/heads/", "branch"),
    "tag.pushed": ("refs/tags/", "tag"), "tag.deleted": ("refs/tags/", "tag"),
}  # fmt: skip
"""What ``git push`` does → how the ref begins, and the field that names it."""


def refused_ref(world: World, act: Act) -> Outcome | None:
    """The refusal of one ref of a ``git push``, by the rule that holds for the real one as well."""
    fields, (prefix, field) = told(act.fields), REFS[act.kind]
    repository, name = fields.get("repository") or "", fields.get(field) or ""
    if act.kind != "branch.pushed":  # the rule refuses these under any name
        name = str(name) or "*"
    if isinstance(repository, Partly) or isinstance(name, Partly) or not (repository and name):
        return None
    branch = world.get("github.branches", (repository, name))
    push = Pushed(
        repository, f"{prefix}{name}", act.kind.endswith("deleted"), field == "branch" and branch is None,
        bool(fields.get("force")), messages=tuple(map(str, fields.get("commits") or ())),
    )  # fmt: skip
    why = refuse_push(push, world)
    if not why or world.rules.recorded:
        return None
    url = f"https://github.com/{repository}.git"
    text = f"To {url}\n ! [remote rejected] {name} ({why})\nerror: failed to push some refs to '{url}'\n"
    effects = refused(act_effects(act))
    return Outcome(world, ToolResult(text, is_error=True), effects, depends_on=push.points)


def pushed_branch(world: World, act: Act, github: Connector, workspace: Workspace) -> Outcome:
    """A push makes the branch if it is new and carries the workspace's edits."""
    fields: Record = told(act.fields)
    repository, branch = fields.get("repository"), fields.get("branch")
    repository = repository if isinstance(repository, Partly) else repository or ""
    branch = str(branch) if isinstance(branch, Partly) and not branch.unknown else branch
    effects: tuple[Effect, ...] = (
        Effect(act.kind, act.connector, target_of(act.kind, fields), fields, tool="Bash"),
    )
    if not repository or not branch or world.get("github.repositories", (repository,)) is None:
        return Outcome(world, ToolResult(""), effects, carried=False)
    owner, _, name = str(repository).partition("/")
    place = {"owner": owner, "repo": name, "branch": branch}
    messages = list(fields.get("commits") or ())
    files = workspace.pending(str(repository))
    if files and not messages:
        messages = ["Update files"]
    before = world
    if not messages and world.get("github.branches", (repository, branch)) is None:
        made = github.call(world, ToolCall("github", "create_branch", place))
        if made.result.is_error:
            return Outcome(made.world, made.result, effects)
        return Outcome(
            made.world, ToolResult(_pushed(str(repository), str(branch), before, made.world)), effects
        )
    for number, message in enumerate(messages, 1):
        last = files if number == len(messages) else []
        call = ToolCall("github", "push_files", {**place, "message": message, "files": last})
        sent = github.call(world, call)
        if sent.result.is_error:
            return Outcome(sent.world, sent.result, effects, sent.incomplete)
        world = sent.world
    workspace.pushed(str(repository))
    fields["files"] = [file["path"] for file in files]
    text = _pushed(str(repository), str(branch), before, world)
    return Outcome(world, ToolResult(text), (_with_fields(effects[0], fields),))


def _pushed(repository: str, branch: str, before: World, after: World) -> str:
    """What git prints of a push that went through."""
    tips = [(each.get("github.branches", (repository, branch)) or {}).get("sha") for each in (before, after)]
    if tips[0] is None:
        line = f" * [new branch]      {branch} -> {branch}"
    elif tips[0] == tips[1]:
        return "Everything up-to-date"
    else:
        line = f"   {str(tips[0])[:7]}..{str(tips[1])[:7]}  {branch} -> {branch}"
    return f"To https://github.com/{repository}.git\n{line}"


def _with_fields(effect: Effect, fields: Record) -> Effect:
    """The effect with what the push turned out to carry."""
    kept = {name: value for name, value in fields.items() if value not in (None, [])}
    return Effect(
        effect.kind, effect.connector, effect.target, kept, effect.outcome, effect.call, effect.tool
    )
