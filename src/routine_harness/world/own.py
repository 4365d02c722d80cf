"""The agent's own tools, answered from the world; none is ever executed.

Files come from the repository, the network from the world's ``http`` table, and a shell command
does to the world what its reading says. One object per run: it holds the clone's state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from routine_harness.world import workspace as local
from routine_harness.world.effect import Effect
from routine_harness.world.http import fetch
from routine_harness.world.rule import Rule, apply_rules
from routine_harness.world.state import World
from routine_harness.world.tool import Connector, Outcome, ToolCall, ToolResult

if TYPE_CHECKING:
    from routine_harness.world.shell.acts import Context

_LISTING: Final = ("list", "get", "list_runs", "get_run", "get_run_log")
_ACTIONS: Final = ("run", "fire", "create", "update", "delete")
RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "RemoteTrigger": (
        {"kind": "routine.fired",
         "fields": {"name": "trigger_id|name|id", "text": "text|body", "target": "trigger_id"},
         "when": {"action": ["run", "fire"]}},
        {"kind": "routine.created", "fields": {"name": "name", "text": "prompt", "arguments": "body"},
         "when": {"action": "create"}},
        {"kind": "routine.updated", "fields": {"name": "name", "target": "trigger_id", "arguments": "body"},
         "when": {"action": "update"}},
        {"kind": "routine.deleted", "fields": {"target": "trigger_id"}, "when": {"action": "delete"}},
        {"kind": "routine.fired", "fields": {"name": "trigger_id|name|id", "text": "text|prompt"},
         "when": {"action": False}},
        {"kind": "routine.updated", "fields": {"name": "name", "target": "trigger_id", "arguments": "body"},
         "when": {"action": True}, "not": {"action": [*_LISTING, *_ACTIONS]}},
    ),
    "CronCreate": ({"kind": "schedule.created", "fields": {"text": "prompt", "name": "cron|schedule|name"}},),
    "CronDelete": ({"kind": "schedule.deleted", "fields": {"name": "id|name", "target": "id"}},),
    "ScheduleWakeup": ({"kind": "wakeup.created", "fields": {"text": "prompt|reason"}},),
    "SendMessage": (
        {"kind": "notification.sent",
         "fields": {"text": "message|content|text", "name": "to|recipient", "target": "to|recipient"}},
    ),
    "SendUserFile": (
        {"kind": "artifact.shared", "fields": {"name": "path|files", "text": "caption|message"}},
    ),
    "PushNotification": (
        {"kind": "notification.sent", "fields": {"title": "title", "text": "message|body"}},
    ),
    "Artifact": ({"kind": "artifact.published", "fields": {"title": "title|name", "body": "content|body",
                                                           "name": "file_path|id"}},),
    "Publish": ({"kind": "artifact.published", "fields": {"title": "title", "body": "content"}},),
}  # fmt: skip
"""The agent's own tools that reach outside → their effects; see ``world.rule``."""

OUTWARD: Final = tuple(RULES)
LOCAL: Final = ("TodoWrite", "TodoRead", "TaskCreate", "TaskUpdate", "TaskList", "TaskGet",
                "ExitPlanMode", "BashOutput", "KillBash", "KillShell", "NotebookEdit", "CronList",
                "ToolSearch", "Skill")  # fmt: skip
"""Tools that touch nothing but the session itself."""


class OwnTools:
    """Answers Read, Grep, Glob, Edit, Write, WebFetch, Bash and the outward tools of one run."""

    def __init__(
        self,
        connectors: Mapping[str, Connector],
        repositories: Sequence[str] = (),
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._connectors = connectors
        self._variables = variables
        self._workspace = local.Workspace(repositories)
        self._shell: Context | None = None

    def call(self, world: World, call: ToolCall) -> Outcome | None:
        """The outcome of one of the agent's own tools; None for a tool that nobody can answer."""
        answer = _LOOKS.get(call.tool)
        if answer is not None:
            result, missing = answer(self._workspace, world, call.arguments)
            return Outcome(world, result, incomplete=missing)
        if call.tool in ("Write", "Edit", "MultiEdit"):
            return Outcome(world, local.edit_file(self._workspace, world, call.tool, call.arguments))
        if call.tool == "WebFetch":
            return fetch(world, "GET", str(call.arguments.get("url", "")))
        if call.tool == "Bash":
            return self._bash(world, str(call.arguments.get("command", "")))
        if call.tool in RULES:
            return self._outward(world, call)
        return Outcome(world, ToolResult("")) if call.tool in LOCAL else None

    def _outward(self, world: World, call: ToolCall) -> Outcome:
        if call.arguments.get("action") in _LISTING:
            return Outcome(world, ToolResult("[]"))
        found = apply_rules(RULES[call.tool], call.arguments)
        effects = tuple(
            Effect(kind, "", str(fields.pop("target", "")), fields, tool=call.tool) for kind, fields in found
        )
        return Outcome(world, ToolResult("ok"), effects)

    def _bash(self, world: World, command: str) -> Outcome:
        # Imported here: the shell's grammar costs 20 ms that a run without commands need not pay.
        from routine_harness.world.shell.acts import Context
        from routine_harness.world.shell.apply import apply_act
        from routine_harness.world.shell.reading import read_shell

        names = self._workspace.repositories
        context = self._shell or Context(repository=names[0] if names else "")
        before = world
        reading = read_shell(command, self._variables, context, lambda path: self._file(before, path))
        self._shell = reading.context
        self._workspace.branch = reading.context.branch
        texts: list[str] = []
        effects: list[Effect] = []
        failed, missing = bool(reading.acts), ""
        for act in reading.acts:
            outcome = apply_act(world, act, self._connectors, self._workspace)
            world, failed = outcome.world, failed and outcome.result.is_error
            effects += _refused(outcome.effects) if outcome.result.is_error else outcome.effects
            texts.append(outcome.result.text)
            missing = missing or outcome.incomplete
        text = reading.output if reading.output is not None else "\n".join(text for text in texts if text)
        if reading.output is None and not reading.acts:
            missing = f"what `{command[:80]}` writes"
            return Outcome(
                world, ToolResult(f"The world does not know {missing}.", is_error=True), (), missing
            )
        return Outcome(world, ToolResult(text, is_error=failed), tuple(effects), missing)

    def _file(self, world: World, path: str) -> str | None:
        repository, inside = self._workspace.place(path.removeprefix("../"))
        return self._workspace.files(world, repository).get(inside)


def _refused(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """The effects of a part of a command that failed; the other parts may have succeeded."""
    return tuple(msgspec.structs.replace(effect, outcome="refused") for effect in effects)


Look = Callable[[local.Workspace, World, Mapping[str, Any]], tuple[ToolResult, str]]

_LOOKS: Final[dict[str, Look]] = {
    "Read": local.read_file,
    "Glob": local.find_paths,
    "LS": local.find_paths,
    "Grep": local.search_text,
}
