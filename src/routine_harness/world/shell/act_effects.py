"""What one act attempts: the tool call that it amounts to, and its effects by the connectors' tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from routine_harness.plain import Record
from routine_harness.world.effect import Effect
from routine_harness.world.github.connector import CONNECTOR
from routine_harness.world.holes import told
from routine_harness.world.shell.acts import GH_FAILED, HTTP_READ, Act
from routine_harness.world.tool import ToolCall


def attempted(act: Act) -> Iterator[tuple[str, str, Record]]:
    """Kind, target and fields of each effect of one act, by the tables of the connectors."""
    if act.kind in (HTTP_READ, GH_FAILED):
        return
    if not act.tool:
        fields = told(act.fields)
        yield act.kind, target_of(act.kind, fields), fields
        return
    for effect in CONNECTOR.attempted(ToolCall(act.connector, act.tool, dict(act.arguments), act.server)):
        fields = {**effect.fields, **act.fields}
        yield effect.kind, str(told(effect.target)), told(fields)


def target_of(kind: str, fields: Mapping[str, object]) -> str:
    """What an effect without a tool is about, for a reader."""
    repository = fields.get("repository", "")
    if "number" in fields:
        return f"{repository}#{fields['number']}"
    name = fields.get("branch") or fields.get("tag")
    if name:
        return f"{repository}@{name}"
    for field in ("path", "host", "name", "program", "workflow", "run", "command"):
        if fields.get(field):
            return str(fields[field])[:120]
    return str(repository)


def act_call(act: Act) -> ToolCall:
    """The tool call of an act that is one."""
    return ToolCall(act.connector, act.tool, told(act.arguments), act.server)


def act_effects(act: Act) -> tuple[Effect, ...]:
    """The effects of one act, by the tables of the connectors."""
    return tuple(
        Effect(kind, act.connector, target, fields, tool="Bash") for kind, target, fields in attempted(act)
    )


def refused(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """``effects`` as attempts that were refused."""
    return tuple(msgspec.structs.replace(effect, outcome="refused") for effect in effects)


def calls_of(acts: Iterable[Act]) -> tuple[ToolCall, ...]:
    """The tool calls among ``acts``. A read of a path of GitHub's for which no tool stands counts as one
    of its repository, so that grants hold for it, too."""
    found = []
    for act in acts:
        if act.tool:
            found.append(act_call(act))
        elif act.kind == HTTP_READ and (place := _REPOSITORY.match(str(act.fields.get("url", "")))):
            found.append(ToolCall("github", PATH_READ, told(place.groupdict())))
    return tuple(found)


PATH_READ: Final = "rest_read"
"""The name of a read for which GitHub's server has no tool."""


_REPOSITORY: Final = re.compile(r"https?://api\.github\.com/repos/(?P<owner>[^/?]+)/(?P<repo>[^/?]+)")
