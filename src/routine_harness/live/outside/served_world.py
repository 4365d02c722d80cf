"""The world of a case as it is served: its session, and the servers of the connectors that are granted.

A connector that is not simulated has the tools that cassettes and the case's recording know. A tool that a
server listed keeps its schema. One that was only called takes any arguments, and names those that were seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from routine_harness.case.case import Case
from routine_harness.case.event import case_event, fire
from routine_harness.case.plan import Setting, plan_pair
from routine_harness.interop.tool_lists import with_seen
from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import Grant, Routine
from routine_harness.serve.mcp import Offer
from routine_harness.session.answer import Recorded
from routine_harness.session.faults import Fault
from routine_harness.session.pair import open_session
from routine_harness.session.session import Session
from routine_harness.session.transcript import Call, Result
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.connectors import connectors_above
from routine_harness.store.files import shown
from routine_harness.store.mcp_interactions import listed_tools, recorded_calls
from routine_harness.store.policies import load_policy
from routine_harness.store.settings import load_setting
from routine_harness.trigger.event import Firing
from routine_harness.world import platform_server
from routine_harness.world.naming import connector_key
from routine_harness.world.recorded import Interaction, RecordedInteractions
from routine_harness.world.registry import Registry
from routine_harness.world.tool import Tool, ToolCall, ToolResult

SERVER_NAMES: Final = {"slack": "Slack", "linear": "Linear", "drive": "Google_Drive", "sentry": "Sentry",
                       "notion": "Notion", "github": "github", "gmail": "Gmail",
                       "calendar": "Google_Calendar", "jira": "Atlassian_Rovo"}  # fmt: skip
"""Connector → its server's name in a cloud session; others go by their own."""

KnownTools = dict[str, dict[str, Tool]]
"""Connector, by its key (see ``connector_key``) → its tools by name."""


def open_setting(case: Case, routine: Routine) -> Setting:
    """``case`` with its rules and its firing; one that no trigger fires is started by hand.

    Raises:
        SpecError: a policy above it, or its world, is malformed.
    """
    policy = load_policy(case.source.path)
    edition, routine = load_edition(policy.platform, policy.platform_overrides), policy.reaching(routine)
    event = case_event(case, routine, edition)
    firing, _ = fire(case, routine, event, edition)
    known = connectors_above(case.source.path or routine.source.path)
    return load_setting(case, routine, firing or Firing(event), edition=edition, policy=policy, known=known)


def with_recording(setting: Setting, calls: Sequence[Interaction]) -> Setting:
    """``setting`` in which ``calls``, of the case's recording, are answered where no cassette does."""
    if not calls:
        return setting
    held, before = RecordedInteractions(calls, setting.registry), setting.rewind
    return msgspec.structs.replace(setting, rewind=lambda: Behind(before(), held.rewound()))


def open_world(setting: Setting) -> Session:
    """The first run's session, open until somebody finishes it."""
    plan = plan_pair(setting)
    return open_session(plan, plan.first, plan.world, 1)


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
    return (Offer(platform_server.SERVER, platform_server.SERVER, platform_server.TOOLS),)


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


def known_tools(setting: Setting, calls: Iterable[Interaction] = ()) -> KnownTools:
    """What the cassettes of a case list and call, and ``calls``, of tools that nobody models.

    Raises:
        RecordingError: a cassette cannot be read.
    """
    found: KnownTools = {}
    held = CaseFiles(setting.case, setting.routine).interactions
    for connector, tool in listed_tools(held, setting.registry):
        if not _is_curated(setting, connector, tool.name):
            found.setdefault(connector_key(connector), {})[tool.name] = tool
    listed = {(key, name) for key, tools in found.items() for name in tools}
    for one in (*recorded_calls(held, setting.registry), *calls):
        key = connector_key(one.server)
        if (key, one.tool) not in listed and not _is_curated(setting, one.server, one.tool):
            tools = found.setdefault(key, {})
            tools[one.tool] = with_seen(tools.get(one.tool), one.tool, one.arguments)
    return found


def recording_calls(setting: Setting) -> tuple[Interaction, ...]:
    """What the first run of a case's recording was answered by tools that nobody models.

    Errors are left out: whether the service or the dry run refused is not told apart there.

    Raises:
        RecordingError: the recording cannot be read.
    """
    if not setting.case.source.path:
        return ()
    files = CaseFiles(setting.case, setting.routine)
    recording = files.recording()
    entries = recording.runs.get(1, ()) if recording is not None else ()
    results = {entry.id: entry for entry in entries if isinstance(entry, Result) and not entry.is_error}
    found = []
    for call in entries:
        if isinstance(call, Call) and call.id in results:
            asked = setting.registry.tool_call(call.tool, call.arguments)
            tool = setting.registry.tool(asked)
            if asked.connector and (tool is None or not tool.simulated):
                found.append(_interaction(asked, results[call.id], shown(files.recording_path)))
    return tuple(found)


class Behind:
    """Recorded interactions that answer where ``first`` has no answer; nobody has to ask for them."""

    def __init__(self, first: Recorded | None, then: Recorded) -> None:
        self._first, self._then = first, then

    def answer(self, call: ToolCall) -> ToolResult | None:
        found = self._first.answer(call) if self._first is not None else None
        return self._then.answer(call) if found is None else found

    def explain(self, call: ToolCall) -> Sequence[str]:
        return [*(self._first.explain(call) if self._first is not None else ()), *self._then.explain(call)]

    def unplayed(self) -> Sequence[Interaction]:
        return self._first.unplayed() if self._first is not None else ()


def _interaction(asked: ToolCall, result: Result, source: str) -> Interaction:
    answer = ToolResult(result.text, result.is_error, result.structured)
    return Interaction(asked.connector, asked.tool, asked.arguments, answer, source=source)


def _is_curated(setting: Setting, connector: str, tool: str) -> bool:
    return setting.registry.tool(ToolCall(connector, tool)) is not None
