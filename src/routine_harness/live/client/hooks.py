"""The hooks of a live run: the CLI shows the harness a call before it makes it.

A hook asks whether a fault of the case hits the call, or whether the policy lets it pass.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from routine_harness.case.plan import Setting
from routine_harness.live.outside.calls import Calls
from routine_harness.live.sandbox import shims
from routine_harness.live.sandbox.layout import Layout, python_inside
from routine_harness.plain import Json, Record
from routine_harness.routine.document import NOT_JSON
from routine_harness.session.faults import Fault

GUARDED: Final = ("PreToolUse", "PostToolUse", "PostToolUseFailure")
"""The events that a guard is asked about."""
FETCH: Final = "WebFetch"
"""Its faults hit the page, at the proxy."""
SHELL: Final = "Bash"
SECONDS: Final = 60

Asked = Callable[[Mapping[str, Json]], bytes]
"""What a hook says to the client about an event; nothing where it lets things go on."""
Guard = Callable[[Setting, Collection[str], Sequence[tuple[str, Path]]], Asked]
"""A case's policy as a hook: from the repository's own servers and its clones (where they stand inside,
and here)."""


class HookEvent(msgspec.Struct, frozen=True):
    """What the CLI tells a hook of a call that is about to be made."""

    tool_name: str
    tool_input: Record = {}
    tool_use_id: str = ""


def own_hooks(layout: Layout, faults: Iterable[Fault], *, guarded: bool) -> dict[str, list[Json]]:
    """The harness's hooks by event, as the CLI's settings name them."""
    hooks: dict[str, list[Json]] = {}
    tools = own_tools(faults)
    if tools:
        hooks["PreToolUse"] = [_entry("|".join(tools), layout, "fault")]
    for event in GUARDED if guarded else ():
        hooks.setdefault(event, []).append(_entry("*", layout, "guard"))
    return hooks


def _entry(matcher: str, layout: Layout, asked: str) -> Record:
    """A hook for the tools that ``matcher`` names; where it cannot ask, it blocks."""
    shim = shlex.quote(f"{layout.tools}/{shims.HOOK}")
    command = f"{python_inside()} -I {shim} {asked} || exit 2"
    return {"matcher": matcher, "hooks": [{"type": "command", "command": command, "timeout": SECONDS}]}


def own_tools(faults: Iterable[Fault]) -> tuple[str, ...]:
    """The agent's own tools that a fault of the case hits before they run."""
    named = {fault.tool for fault in faults if fault.tool and "." not in fault.tool}
    return tuple(sorted(named - {FETCH}))


def build_routes(calls: Calls, token: str, guard: Asked | None = None) -> list[Json]:
    """``/hook/fault`` and ``/hook/guard``, which the CLI's hooks ask, for those who show ``token``."""
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    async def befall(http: Json) -> Json:
        if http.headers.get("authorization") != f"Bearer {token}":
            return PlainTextResponse("this is no session's token\n", 401)
        try:
            event = msgspec.json.decode(await http.body(), type=HookEvent)
        except NOT_JSON:
            return PlainTextResponse("this is no event of a hook\n", 400)
        said = await run_in_threadpool(calls.befall, event.tool_use_id, event.tool_name, event.tool_input)
        return Response(msgspec.json.encode(failing(event, said)) if said else b"")

    async def judge(http: Json) -> Json:
        if http.headers.get("authorization") != f"Bearer {token}":
            return PlainTextResponse("this is no session's token\n", 401)
        event = msgspec.json.decode(await http.body(), type=Record)
        return Response(await run_in_threadpool(guard, event) if guard is not None else b"")

    answers = {"/hook/fault": befall, "/hook/guard": judge}
    return [Route(path, asked, methods=["POST"]) for path, asked in answers.items()]


def failing(event: HookEvent, said: str) -> Record:
    """What a hook answers to make a call fail with ``said`` without being made.

    A command is exchanged for one that says so and fails, which is what the agent would see of the
    real one; another tool is denied, which the CLI prefixes with the name of the hook.
    """
    asked: Record = {"hookEventName": "PreToolUse"}
    if event.tool_name == SHELL:
        command = f"printf '%s\\n' {shlex.quote(said)} >&2; exit 1"
        asked |= {"permissionDecision": "allow", "updatedInput": {"command": command, "description": "fails"}}
    else:
        asked |= {"permissionDecision": "deny", "permissionDecisionReason": said}
    return {"hookSpecificOutput": asked}
