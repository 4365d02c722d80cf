"""Acts of a shell command done to the world, as the tool that does the same would do them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from routine_harness.predicate import Partly
from routine_harness.routine.spec import Environment
from routine_harness.world.effect import Effect
from routine_harness.world.fetching import visit
from routine_harness.world.github.connector import denied_call
from routine_harness.world.github.faces import API, GIT, GRAPHQL
from routine_harness.world.github.gh_run import carry_out
from routine_harness.world.github.gh_steps import Plan, Request
from routine_harness.world.github.graphql_answers import answer_graphql
from routine_harness.world.github.mcp import Step, asked_directly, call_of
from routine_harness.world.github.proxy import request_passage
from routine_harness.world.github.push_rule import Pushed, refuse_push
from routine_harness.world.github.recorded_reads import reply_of
from routine_harness.world.github.reply import reply_to
from routine_harness.world.github.rest import read_request
from routine_harness.world.github.rest_answers import (
    UNKNOWN_PATH,
    Reply,
    named_path,
    refused_reply,
    requested,
)
from routine_harness.world.holes import told
from routine_harness.world.http import Page, denied, find_answer, page_result, take_recorded
from routine_harness.world.outcomes import settled_effects
from routine_harness.world.shell.acts import GH_FAILED, HTTP_READ, OPAQUE, Act
from routine_harness.world.shell.attempts import act_call, act_effects, target_of
from routine_harness.world.shell.options import names
from routine_harness.world.shell.transfer import Transfer
from routine_harness.world.shell.transferred import transferred
from routine_harness.world.state import World
from routine_harness.world.tool import Connector, Outcome, ToolCall, ToolResult
from routine_harness.world.workspace import Workspace


class Carrying:
    """The acts of one command, done to a world in their order; what they printed, and what came of them.

    ``texts`` holds what each printed, ``errors`` its standard error alone; ``succeeded`` counts those that
    ended well; ``missing`` names what the world does not hold, ``not_simulated`` the first route of GitHub's
    API that nobody knows; ``depends_on`` the settings of the edition on which an answer hangs, ``barred``
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
        self._done = 0

    def carry(self, acts: list[Act]) -> str | None:
        """Do the acts that are not done yet; what the last of them printed on standard output, if that
        is known."""
        printed: str | None = None
        while self._done < len(acts):
            act = acts[self._done]
            plan = act.plan
            if plan is None:
                outcome = self.apply(act)
                self._done += 1
                text = _sent(act, outcome)
                if act.kind == GH_FAILED:
                    self.note("", text, failed=True)
                    printed = ""
                    continue
                if not _complained(acts, self._done):
                    self.note(text, failed=outcome.result.is_error)
                printed = None if outcome.incomplete else text
                continue
            if isinstance(plan, Transfer):
                printed = transferred(self, plan, act)
                self._done += 1
                continue
            size = sum(1 for other in acts[self._done :] if other.plan is plan)
            printed = self._gh(plan, acts[self._done : self._done + size])
            self._done += size
        return printed

    def apply(self, act: Act) -> Outcome:
        before = self.world
        outcome = apply_act(before, act, self.connectors, self._workspace, self.environment)
        self.effects += settled_effects(outcome, before)
        self.world, self.missing = outcome.world, self.missing or outcome.incomplete
        self.not_simulated = self.not_simulated or outcome.not_simulated
        self.depends_on += outcome.depends_on
        self.barred = self.barred or outcome.barred
        return outcome

    def _gh(self, plan: Plan, acts: list[Act]) -> str | None:
        """Carry out a command of ``gh``, act by act, and print as it does."""
        left = list(acts)

        def perform(_: Step, __: str) -> Outcome:
            return self.apply(left.pop(0))

        def do(step: Step) -> Outcome:
            return self._graphql(step, left, plan)

        def ask(asked: Request) -> Reply | None:
            if asked.path == "/graphql":
                return self._document(asked.body, do)
            named = named_path(self.world, asked.path)
            step = read_request(asked.method, named, asked.query, asked.body, asked.accept)
            noted = self.apply(left.pop(0)) if left else None
            if step is None:
                return self._unknown(asked, noted)
            outcome = noted or self._again(step)
            path = requested(asked.query, named)
            return reply_to(step, outcome, path) if outcome.found is not None else None

        answer = carry_out(plan, perform, ask)
        for act in left if plan.request is not None and plan.request.path == "/graphql" else ():
            # Not done: GitHub did not take the document, or no model knows it.
            self.effects += _refused(act_effects(act))
            self.not_simulated = self.not_simulated or answer.unknown
        self.missing = self.missing or answer.incomplete
        failed = bool(answer.code) and not plan.bare
        self.note(answer.out, "" if plan.bare else answer.err, failed=failed)
        return None if answer.incomplete or answer.unknown else answer.out

    def _document(self, body: Any, do: Callable[[Step], Outcome]) -> Reply:
        """The reply to a GraphQL document; what was recorded of it where no model knows it."""
        reply = answer_graphql(self.world, body, do)
        recorded = None
        if reply.status == 200 and reply.incomplete:
            recorded = take_recorded(self.world, "POST", f"https://{API}/graphql", msgspec.json.encode(body))
        if recorded is None:
            return reply
        self.world, page = recorded
        return reply_of(page)

    def _unknown(self, asked: Request, noted: Outcome | None) -> Reply | None:
        """The reply to a path for which no operation stands: what was recorded, else GitHub's 404."""
        if noted is not None and isinstance(noted.found, Page):
            return reply_of(noted.found)
        body = None if asked.body is None else msgspec.json.encode(asked.body)
        url = f"https://{API}{requested(asked.query, asked.path)}"
        recorded = take_recorded(self.world, asked.method, url, body)
        if recorded is not None:
            self.world, page = recorded
            self.not_simulated = ""
            return reply_of(page)
        return UNKNOWN_PATH if noted is not None and noted.not_simulated else None

    def _graphql(self, step: Step, left: list[Act], plan: Plan) -> Outcome:
        """Carry out a field of a document: the act that was read of it, with records in place of node ids."""
        call = call_of(step, GRAPHQL)
        held = next((act for act in left if act.tool == call.tool), None)
        if held is not None:
            left.remove(held)
        act = Act("", {}, call.connector, call.tool, call.server, call.arguments, plan)
        return self.apply(act)

    def _again(self, step: Step) -> Outcome:
        """A further page of a list: a read, which changes nothing."""
        return self.connectors["github"].call(self.world, call_of(step, API))

    def note(self, out: str, err: str = "", *, failed: bool) -> None:
        self.texts.append(out + err)
        self.errors.append(err)
        self.succeeded += not failed


def _complained(acts: list[Act], place: int) -> bool:
    """Whether gh refuses the options of which the act before ``place`` tells: it has not run."""
    return place < len(acts) and acts[place].kind == GH_FAILED


def _sent(act: Act, outcome: Outcome) -> str:
    """What the service sent: a body of GitHub's REST interface, where the request was one."""
    if act.server != API or outcome.found is None:
        return outcome.result.text
    call = act_call(act)
    [step] = asked_directly(msgspec.structs.replace(call, arguments=_as_spelt(call.arguments)))
    return reply_to(step, outcome).data.decode(errors="replace")


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
        return Outcome(world, _ERROR, effects if act.kind == OPAQUE else _refused(effects))
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
    if act.kind in _REFS and github is not None and (outcome := _refuse_push(world, act)) is not None:
        return outcome
    if act.kind == "branch.pushed" and github is not None:
        return _push(world, act, github, workspace)
    call = _call(act)
    if call is None or github is None:
        return Outcome(world, ToolResult(""), act_effects(act), carried=False)
    if call.tool not in github.tools or not github.tools[call.tool].simulated:
        if (outcome := denied_call(world, call)) is not None:
            return msgspec.structs.replace(outcome, effects=_refused(act_effects(act)))
        text = f"{call.name} is not available in this dry run"
        effects = _refused(act_effects(act))
        return Outcome(world, ToolResult(text, is_error=True), effects, f"what {call.name} does")
    if any(_unknown(name, value) for name, value in call.arguments.items()):
        return _unanswered(world, act, call)
    plain = msgspec.structs.replace(call, arguments=_as_spelt(call.arguments))
    outcome = github.call(world, plain)
    attempted = act_effects(act)
    effects = tuple(_completed(effect, act, attempted) for effect in outcome.effects)
    return msgspec.structs.replace(outcome, effects=effects or attempted)


def _not_simulated(world: World, act: Act, fields: Mapping[str, Any]) -> Outcome | None:
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
            world, page_result(page), _refused(effects), carried=False, found=page,
            depends_on=passed.depends_on,
        )  # fmt: skip
    result = ToolResult(UNKNOWN_PATH.data.decode(), is_error=True)
    route = f"{method} {parts.path}"
    return Outcome(world, result, effects, carried=False, not_simulated=route)


def _denied(world: World, act: Act, fields: Mapping[str, Any], environment: Environment) -> Outcome | None:
    """The proxy's 403, where a host is known and the environment does not reach it."""
    url = fields.get("url") or fields.get("host")
    if not url or isinstance(url, Partly):
        return None
    outcome = denied(world, str(url), environment)
    effects = () if outcome is None or act.kind == HTTP_READ else act_effects(act)
    return outcome and msgspec.structs.replace(outcome, effects=_refused(effects))


_ERROR: Final = ToolResult("", is_error=True)


def _refused(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    return tuple(msgspec.structs.replace(effect, outcome="refused") for effect in effects)


_WORDING: Final = names(
    "title body description message commit_title commit_message text name content labels assignees reviewers "
    "color inputs files"
)
"""Arguments that say what a record holds, not which record it is."""


def _unknown(name: str, value: Any) -> bool:
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


def _as_spelt(value: Any) -> Any:
    """Arguments with plain texts in place of those that are known in part."""
    if isinstance(value, Mapping):
        return {name: _as_spelt(held) for name, held in value.items()}
    if isinstance(value, list):
        return [_as_spelt(held) for held in value]
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


_REFS: Final = {
    "branch.pushed": ("refs/heads/", "branch"), "branch.deleted": ("refs/heads/", "branch"),
    "tag.pushed": ("refs/tags/", "tag"), "tag.deleted": ("refs/tags/", "tag"),
}  # fmt: skip
"""What ``git push`` does → how the ref begins, and the field that names it."""


def _refuse_push(world: World, act: Act) -> Outcome | None:
    """The refusal of one ref of a ``git push``, by the rule that holds for the real one as well."""
    fields, (prefix, field) = told(act.fields), _REFS[act.kind]
    repository, name = fields.get("repository") or "", fields.get(field) or ""
    if act.kind != "branch.pushed":  # refused whatever they are called
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
    effects = _refused(act_effects(act))
    return Outcome(world, ToolResult(text, is_error=True), effects, depends_on=push.points)


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


def _push(world: World, act: Act, github: Connector, workspace: Workspace) -> Outcome:
    """A push makes the branch if it is new and carries the workspace's edits."""
    fields: dict[str, Any] = told(act.fields)
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
    return Outcome(world, ToolResult(text), (_carrying(effects[0], fields),))


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


def _carrying(effect: Effect, fields: dict[str, Any]) -> Effect:
    """The effect with what the push turned out to carry."""
    kept = {name: value for name, value in fields.items() if value not in (None, [])}
    return Effect(
        effect.kind, effect.connector, effect.target, kept, effect.outcome, effect.call, effect.tool
    )
