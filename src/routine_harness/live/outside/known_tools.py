"""The tools of connectors without a model, as cassettes and a case's recording know them.

A tool that a server listed keeps its schema. One that was only called takes any arguments, and names
those that were seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from routine_harness.case.plan import Setting
from routine_harness.interop.tool_lists import with_seen
from routine_harness.session.answer import Recorded
from routine_harness.session.transcript import Call, Result
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.files import shown
from routine_harness.store.mcp_interactions import listed_tools, recorded_calls
from routine_harness.world.naming import connector_key
from routine_harness.world.recorded import Interaction
from routine_harness.world.tool import Tool, ToolCall, ToolResult

KnownTools = dict[str, dict[str, Tool]]
"""Connector, by its key (see ``connector_key``) → its tools by name."""


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
