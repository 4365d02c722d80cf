"""What a program inside the sandbox of a live run did outside: a push, a request.

Each is kept as a call of its own, with what it was answered, so that a recording replays it without
a sandbox. What ``gh`` does is a call of the GitHub tool that does the same, and not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from routine_harness.plain import Json
from routine_harness.world.effect import Effect
from routine_harness.world.state import World
from routine_harness.world.tool import Outcome, ToolCall, ToolResult

PUSH: Final = "GitPush"
REQUEST: Final = "HttpRequest"
GH: Final = "GhCommand"
"""A command of ``gh`` that the dry run does not know: refused, and kept to be reported."""
PROGRAM: Final = "ProgramRun"
"""A program with an answer in ``commands``: a stand-in ran instead of it."""
READING: Final = ("GET", "HEAD", "OPTIONS")

CAPTURED_NOUNS: Final = frozenset({"branch", "tag", "http", "command"})
"""Nouns of effects that the sandbox sees happen, so that they need not be read off a command."""


def is_captured(effect: Effect, *, of_command: bool) -> bool:
    """Whether a sandbox would have seen this effect happen, so that reading it proves nothing.

    Of a command it sees what reaches a connector's service. What a program would do that the sandbox
    lacks (``terraform``) is only read.
    """
    of_own_server = effect.kind == "tool.called" and not effect.connector
    of_service = of_command and bool(effect.connector)
    return of_service or effect.noun in CAPTURED_NOUNS or of_own_server


def captured_reads(call: ToolCall) -> bool:
    if call.tool == PROGRAM:
        return bool(call.arguments.get("looks"))
    return call.tool == REQUEST and str(call.arguments.get("method", "GET")).upper() in READING


def captured_outcome(world: World, call: ToolCall, result: ToolResult) -> Outcome:
    """The world after ``call``, which was answered with ``result``, and its effects."""
    if call.tool == PROGRAM:
        return Outcome(world, result, _program_effects(call.arguments), carried=False)
    effect = _EFFECTS.get(call.tool, _no_effect)(call.arguments)
    effects = (effect,) if effect is not None else ()
    if call.tool == REQUEST:
        return Outcome(_asked(world, call.arguments), result, effects)
    if call.tool != PUSH or result.is_error:
        return Outcome(world, result, effects)
    return Outcome(_pushed(world, call.arguments), result, effects)


def _program_effects(arguments: Mapping[str, Json]) -> tuple[Effect, ...]:
    """The effects that somebody has said a program has, as its stand-in was told."""
    # Imported here: the rest of this module is for runs without programs of that kind, too.
    from routine_harness.world.shell.act_effects import target_of

    return tuple(
        Effect(one["kind"], one.get("connector", ""), target_of(one["kind"], one.get("fields", {})),
               dict(one.get("fields", {})))
        for one in arguments.get("effects", ())
    )  # fmt: skip


def _asked(world: World, arguments: Mapping[str, Json]) -> World:
    """The world whose recorded answer to a request was given, where it holds one."""
    # Imported here: the rest of this module is for runs that request nothing, too.
    from routine_harness.world.http import take_recorded

    body = str(arguments.get("body", "")).encode("utf-8", "surrogatepass")
    taken = take_recorded(
        world, str(arguments.get("method", "GET")).upper(), str(arguments.get("url", "")), body
    )
    return world if taken is None else taken[0]


def _no_effect(_: Mapping[str, Json]) -> Effect | None:
    return None


def _request_effect(arguments: Mapping[str, Json]) -> Effect | None:
    if str(arguments.get("method", "GET")).upper() in READING:
        return None
    fields = {name: arguments[name] for name in ("method", "host", "path", "body") if arguments.get(name)}
    posted = _posted(str(arguments.get("host", "")), str(arguments.get("path", "")), arguments.get("body"))
    return posted or Effect(
        "http.requested", "", f"{arguments.get('host', '')}{arguments.get('path', '')}", fields
    )


def _posted(host: str, path: str, body: Json) -> Effect | None:
    """The message that a request posts, as reading the command would name it."""
    # Imported here: the rest of this module is for runs that request nothing, too.
    from routine_harness.world.shell.act_effects import act_effects
    from routine_harness.world.shell.http_requests import slack_act, with_json

    act = slack_act(host, path.partition("?")[0], with_json(body) if isinstance(body, str) else body)
    return next(iter(act_effects(act)), None) if act is not None else None


def _push_effect(arguments: Mapping[str, Json]) -> Effect | None:
    if "malformed" in arguments:
        return None
    repository, ref = str(arguments.get("repository", "")), str(arguments.get("ref", ""))
    noun = "tag" if ref.startswith("refs/tags/") else "branch"
    name = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    verb = "deleted" if arguments.get("deletes") else "pushed"
    fields = {"repository": repository, noun: name, "sha": arguments.get("after")}
    if verb == "pushed":
        fields["force"] = bool(arguments.get("force"))
    if noun == "branch" and verb == "pushed":
        fields["commits"] = [commit["message"] for commit in arguments.get("commits", [])]
        fields |= {name: arguments[name] for name in ("files", "diff") if arguments.get(name)}
    return Effect(f"{noun}.{verb}", "github", f"{repository}:{name}", fields)


_EFFECTS: Final[dict[str, Callable[[Mapping[str, Json]], Effect | None]]] = {
    PUSH: _push_effect,
    REQUEST: _request_effect,
}


def _pushed(world: World, arguments: Mapping[str, Json]) -> World:
    """The world whose repository has taken the push."""
    # Imported here: the rest of this module is for runs without a repository, too.
    from routine_harness.world.github.operations import contents
    from routine_harness.world.github.records import tables

    repository, ref = str(arguments["repository"]), str(arguments["ref"])
    owner = tables.get(world, "repositories", repository)
    if owner is None or not ref.startswith("refs/heads/"):
        return world
    name = ref.removeprefix("refs/heads/")
    branch = tables.get(world, "branches", repository, name)
    if arguments.get("deletes"):
        return world.remove("github.branches", (repository, name))
    base = branch or tables.get(world, "branches", repository, owner.get("default_branch"))
    parent = str(base["sha"]) if base is not None and base.get("sha") else None
    if parent is not None and tables.get(world, "commits", repository, parent) is None:
        known = contents.tree_of(world, repository, parent)
        if known is not None:  # from a pull request whose head is about to move
            row = {"repository": repository, "sha": parent, "tree": known, "root": True}
            world = tables.put(world, "commits", row)
    commits = list(arguments.get("commits", []))
    for index, commit in enumerate(commits):
        last = index == len(commits) - 1
        world = tables.put(world, "commits", {
            "repository": repository, "sha": commit["sha"], "message": commit["message"],
            "author": tables.me(world), "date": tables.now(world), "parents": [parent] if parent else [],
            "tree": dict(arguments.get("changes", {})) if last else {},
        })  # fmt: skip
        parent = commit["sha"]
    made = {"repository": repository, "name": name, "protected": False, **(branch or {}), "sha": parent}
    return contents.move_branch(world, made)
