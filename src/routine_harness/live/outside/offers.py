"""Which connectors a live run is offered, under which names, and what the CLI's hooks ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from shlex import quote
from typing import Any, Final, TypeVar

import msgspec

from routine_harness.case.plan import Setting
from routine_harness.live.client.project_settings import Asked
from routine_harness.live.outside.known_tools import known_tools
from routine_harness.live.outside.outside import Outside
from routine_harness.routine.document import NOT_JSON
from routine_harness.routine.spec import Grant, Routine
from routine_harness.serve.mcp import Offer
from routine_harness.session.faults import Fault
from routine_harness.world import remote
from routine_harness.world.naming import connector_key
from routine_harness.world.recorded import Interaction
from routine_harness.world.registry import Registry
from routine_harness.world.tool import Tool

SERVER_NAMES: Final = {"slack": "Slack", "linear": "Linear", "drive": "Google_Drive", "sentry": "Sentry",
                       "notion": "Notion", "github": "github", "gmail": "Gmail",
                       "calendar": "Google_Calendar", "jira": "Atlassian_Rovo"}  # fmt: skip
"""Connector → its server's name in a cloud session; others go by their own."""


SHELL: Final = "Bash"
Told = TypeVar("Told", bound=msgspec.Struct)


class HookEvent(msgspec.Struct, frozen=True):
    """What the CLI tells a hook of a call that is about to be made."""

    tool_name: str
    tool_input: dict[str, Any] = {}
    tool_use_id: str = ""


def offers_of(
    setting: Setting, faults: Sequence[Fault] = (), recorded: Iterable[Interaction] = ()
) -> tuple[Offer, ...]:
    """The servers of the connectors that the routine grants; one that a fault takes away is missing.

    A connector without a model has the tools that the case's cassettes and ``recorded`` know.

    Raises:
        RecordingError: a cassette cannot be read.
    """
    missing = {fault.connector for fault in faults if fault.missing and not fault.tool}
    known = known_tools(setting, recorded)
    offers = []
    for grant in grants_of(setting.routine):
        connector = setting.registry.get(grant.connector)
        name = connector.name if connector is not None else setting.registry.name_of(grant.connector)
        curated = connector.tools.values() if connector is not None else ()
        tools = (*curated, *known.get(connector_key(name), {}).values())
        tools = _offered(setting.registry, name, tools, grant)
        if name not in missing and (connector is not None or tools):
            offers.append(_offer(name, tools, grant))
    return tuple(offers)


def session_offers(setting: Setting) -> tuple[Offer, ...]:
    """The platform's own server of a session, as far as it is always there."""
    if setting.registry.offered("github") is None:
        return ()
    return (Offer(remote.SERVER, remote.SERVER, remote.TOOLS),)


def _offered(registry: Registry, name: str, tools: Iterable[Tool], grant: Grant) -> tuple[Tool, ...]:
    """The tools that the platform's edition offers of a server, and what the routine asks for besides."""
    offered = registry.tools_of(name, grant.allow) if grant.allow else registry.offered(name)
    return tuple(tool for tool in tools if offered is None or tool.name in offered)


def grants_of(routine: Routine) -> list[Grant]:
    """What is granted: GitHub by having a repository, the rest by name."""
    granted = list(routine.connectors)
    if routine.repositories and all(grant.connector != "github" for grant in granted):
        granted.insert(0, Grant("github"))
    named = {grant.connector for grant in granted}
    return [*granted, *(Grant(name) for name in routine.organisation if name not in named)]


def _offer(name: str, known: Iterable[Tool], grant: Grant) -> Offer:
    """The server of a connector with the tools that ``grant`` leaves."""
    tools = tuple(tool for tool in known if tool.offered and tool.name not in grant.deny)
    return Offer(name, SERVER_NAMES.get(name, name), tools)


def build_routes(outside: Outside, token: str, guard: Asked | None = None) -> list[Any]:
    """``/hook/fault`` and ``/hook/guard``, which the CLI's hooks ask, for those who show ``token``."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    async def befall(http: Any) -> Any:
        if http.headers.get("authorization") != f"Bearer {token}":
            return PlainTextResponse("this is no session's token\n", 401)
        event = _decoded(await http.body(), HookEvent)
        if event is None:
            return PlainTextResponse("this is no event of a hook\n", 400)
        said = await run_in_threadpool(
            outside.calls.befall, event.tool_use_id, event.tool_name, event.tool_input
        )
        return Response(msgspec.json.encode(failing(event, said)) if said else b"")

    async def judge(http: Any) -> Any:
        if http.headers.get("authorization") != f"Bearer {token}":
            return PlainTextResponse("this is no session's token\n", 401)
        event = msgspec.json.decode(await http.body(), type=dict[str, Any])
        return Response(await run_in_threadpool(guard, event) if guard is not None else b"")

    answers = {"/hook/fault": befall, "/hook/guard": judge}
    return [Route(path, asked, methods=["POST"]) for path, asked in answers.items()]


def _decoded(body: bytes, kind: type[Told]) -> Told | None:
    """What a shim inside tells; None for what any other program has sent."""
    try:
        return msgspec.json.decode(body, type=kind)
    except NOT_JSON:
        return None


def failing(event: HookEvent, said: str) -> dict[str, Any]:
    """What a hook answers to make a call fail with ``said`` without being made.

    A command is exchanged for one that says so and fails, which is what the agent would see of the
    real one; another tool is denied, which the CLI prefixes with the name of the hook.
    """
    asked: dict[str, Any] = {"hookEventName": "PreToolUse"}
    if event.tool_name == SHELL:
        command = f"printf '%s\\n' {quote(said)} >&2; exit 1"
        asked |= {"permissionDecision": "allow", "updatedInput": {"command": command, "description": "fails"}}
    else:
        asked |= {"permissionDecision": "deny", "permissionDecisionReason": said}
    return {"hookSpecificOutput": asked}
