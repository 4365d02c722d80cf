"""Acts of a shell command done to the world, as the tool that does the same would do them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import msgspec

from routine_harness.plain import Json
from routine_harness.predicate import Partly
from routine_harness.routine.spec import Environment
from routine_harness.world.effect import Effect
from routine_harness.world.failures import settled_effects
from routine_harness.world.fetching import visit
from routine_harness.world.github.connector import denied_call
from routine_harness.world.github.faces import API, GIT
from routine_harness.world.github.proxy import request_passage
from routine_harness.world.github.rest.replies import UNKNOWN_PATH, refused_reply
from routine_harness.world.holes import told
from routine_harness.world.http import Page, denied, find_answer, page_result
from routine_harness.world.shell.act_effects import act_call, act_effects, refused
from routine_harness.world.shell.acts import GH_FAILED, HTTP_READ, OPAQUE, Act
from routine_harness.world.shell.options import names
from routine_harness.world.shell.push_outcome import REFS, pushed_branch, refused_ref
from routine_harness.world.state import World
from routine_harness.world.tool import Connector, Outcome, ToolCall, ToolResult
from routine_harness.world.workspace import Workspace


class Carried:
    """The acts of one command, done to a world in their order; what they printed, and what came of them.

    ``texts`` holds what each printed, ``errors`` its standard error alone; ``succeeded`` counts those that
    ended well; ``missing`` names what the world does not hold, ``not_simulated`` the first route of GitHub's
    API that is not simulated; ``depends_on`` the settings of the edition on which an answer hangs, ``barred``
    what the platform may say instead of the first such answer.
    """

    def __init__(
        self,
        world: World,
        connectors: Mapping[str, Connector],
        workspace: Workspace,
        environment: Environment,
    ) -> None:
        self.world = world
        self.effects: list[Effect] = []
        self.texts: list[str] = []
        self.errors: list[str] = []
        self.missing = self.not_simulated = self.barred = ""
        self.depends_on: tuple[str, ...] = ()
        self.succeeded = 0
        self.connectors, self.environment = connectors, environment
        self._workspace = workspace

    def apply(self, act: Act) -> Outcome:
        """Do one act to the world, and keep its effects."""
        before = self.world
        outcome = apply_act(before, act, self.connectors, self._workspace, self.environment)
        self.effects += settled_effects(outcome, before)
        self.world, self.missing = outcome.world, self.missing or outcome.incomplete
        self.not_simulated = self.not_simulated or outcome.not_simulated
        self.depends_on += outcome.depends_on
        self.barred = self.barred or outcome.barred
        return outcome

    def note(self, out: str, err: str = "", *, failed: bool) -> None:
        """Keep what an act printed."""
        self.texts.append(out + err)
        self.errors.append(err)
        self.succeeded += not failed


def apply_act(
    world: World,
    act: Act,
    connectors: Mapping[str, Connector],
    workspace: Workspace,
    environment: Environment,
) -> Outcome:
    """The outcome of one act; what no model knows only has its effects."""
    github = connectors.get("github")
    if act.kind == GH_FAILED:
        return Outcome(world, ToolResult(f"{act.fields['text']}\n", is_error=True))
    if act.declared:
        return Outcome(world, ToolResult(""), act_effects(act), carried=False)
    if act.refused:
        effects = act_effects(act)
        return Outcome(world, _ERROR, effects if act.kind == OPAQUE else refused(effects))
    if act.kind == OPAQUE:
        missing = f"what `{str(told(act.fields).get('command', ''))[:80]}` does"
        unknown = ToolResult(f"The world does not know {missing}.\n", is_error=True)
        return Outcome(world, unknown, act_effects(act), missing, carried=False)
    if act.kind in (HTTP_READ, "http.requested"):
        fields = told(act.fields)
        if (outcome := _denied(world, act, fields, environment)) is not None:
            return outcome
        if act.kind != HTTP_READ and github is not None:
            not_simulated = _not_simulated(world, act, fields)
            if not_simulated is not None:
                return not_simulated
        if act.kind == HTTP_READ:
            return visit(world, connectors, str(fields.get("method", "GET")), str(fields.get("url", "")))
    if act.kind in REFS and github is not None and (outcome := refused_ref(world, act)) is not None:
        return outcome
    if act.kind == "branch.pushed" and github is not None:
        return pushed_branch(world, act, github, workspace)
    call = _call(act)
    if call is None or github is None:
        return Outcome(world, ToolResult(""), act_effects(act), carried=False)
    if call.tool not in github.tools or not github.tools[call.tool].simulated:
        if (outcome := denied_call(world, call)) is not None:
            return msgspec.structs.replace(outcome, effects=refused(act_effects(act)))
        text = f"{call.name} is not available in this dry run"
        effects = refused(act_effects(act))
        return Outcome(world, ToolResult(text, is_error=True), effects, f"what {call.name} does")
    if any(_unknown(name, value) for name, value in call.arguments.items()):
        return _unanswered(world, act, call)
    plain = msgspec.structs.replace(call, arguments=as_spelt(call.arguments))
    outcome = github.call(world, plain)
    attempted = act_effects(act)
    effects = tuple(_completed(effect, act, attempted) for effect in outcome.effects)
    return msgspec.structs.replace(outcome, effects=effects or attempted)


def _not_simulated(world: World, act: Act, fields: Mapping[str, Json]) -> Outcome | None:
    """GitHub's 404, where a request of its API stands for no operation and no page answers it."""
    parts = urlsplit(str(fields.get("url") or f"https://{fields.get('host')}{fields.get('path')}"))
    method = str(fields.get("method") or "GET")
    if parts.hostname != API or "{" in parts.path or find_answer(world, method, parts.geturl()) is not None:
        return None
    effects = () if act.kind == HTTP_READ else act_effects(act)
    passed = request_passage(world.rules, parts.path)
    if passed.refused is not None and not world.rules.recorded:
        body = refused_reply(passed.refused).data
        page = Page(passed.refused.status, (("content-type", "application/json; charset=utf-8"),), body)
        return Outcome(
            world, page_result(page), refused(effects), carried=False, found=page,
            depends_on=passed.depends_on,
        )  # fmt: skip
    result = ToolResult(UNKNOWN_PATH.data.decode(), is_error=True)
    route = f"{method} {parts.path}"
    return Outcome(world, result, effects, carried=False, not_simulated=route)


def _denied(world: World, act: Act, fields: Mapping[str, Json], environment: Environment) -> Outcome | None:
    """The proxy's 403, where a host is known and the environment does not reach it."""
    url = fields.get("url") or fields.get("host")
    if not url or isinstance(url, Partly):
        return None
    outcome = denied(world, str(url), environment)
    effects = () if outcome is None or act.kind == HTTP_READ else act_effects(act)
    return outcome and msgspec.structs.replace(outcome, effects=refused(effects))


_ERROR: Final = ToolResult("", is_error=True)


_WORDING: Final = names(
    "title body description message commit_title commit_message text name content labels assignees reviewers "
    "color inputs files"
)
"""Arguments that say what a record holds, not which record it is."""


def _unknown(name: str, value: Json) -> bool:
    """Whether the model cannot carry a call out, because the record it concerns is not known."""
    return isinstance(value, Partly) and name not in _WORDING


def _unanswered(world: World, act: Act, call: ToolCall) -> Outcome:
    """A call on a record that only a run can tell: what it attempts counts, what it reads is not known."""
    effects = act_effects(act)
    word = next(str(value) for name, value in call.arguments.items() if _unknown(name, value))
    missing = f"which record {word} is"
    if effects:
        return Outcome(world, ToolResult(""), effects, carried=False)
    return Outcome(world, ToolResult(f"The world does not know {missing}."), (), missing)


def as_spelt(value: Json) -> Json:
    """Arguments with plain texts in place of those that are known in part."""
    if isinstance(value, Mapping):
        return {name: as_spelt(held) for name, held in value.items()}
    if isinstance(value, list):
        return [as_spelt(held) for held in value]
    return str(value) if isinstance(value, Partly) else value


def _completed(effect: Effect, act: Act, attempted: tuple[Effect, ...]) -> Effect:
    partly = {
        name: value
        for other in attempted
        if other.kind == effect.kind
        for name, value in other.fields.items()
        if isinstance(value, Partly | list) and name in effect.fields
    }
    fields = {**effect.fields, **partly, **told(act.fields)}
    return Effect(effect.kind, effect.connector, effect.target, fields, effect.outcome, effect.call, "Bash")


_TOOLS = {
    "branch.deleted": ("delete_branch", {"branch": "branch"}),
    "tag.deleted": ("delete_tag", {"tag": "tag"}),
    "branch.created": ("create_branch", {"branch": "branch", "base": "from_branch"}),
    "release.created": (
        "create_release",
        {"tag": "tag_name", "title": "name", "body": "body", "draft": "draft", "prerelease": "prerelease"},
    ),
}


def _call(act: Act) -> ToolCall | None:
    if act.tool:
        return act_call(act)
    if act.kind not in _TOOLS:
        return None
    tool, names = _TOOLS[act.kind]
    repository = told(act.fields.get("repository", ""))
    owner, _, name = str(repository).partition("/")
    arguments = {names[field]: value for field, value in told(act.fields).items() if field in names}
    place = {"owner": repository} if isinstance(repository, Partly) else {"owner": owner, "repo": name}
    return ToolCall("github", tool, {**place, **arguments}, GIT)
