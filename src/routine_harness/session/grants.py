"""What the routine grants: connectors, their tools, GitHub's repositories, the agent's own tools.

Also whether the harness can intercept each granted connector.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Final

import msgspec

from routine_harness.finding import Finding, Location, Severity
from routine_harness.predicate import Partly, join_texts
from routine_harness.routine.spec import Grant, Routine
from routine_harness.world.github.faces import FACES
from routine_harness.world.naming import OWN_SERVER
from routine_harness.world.platform_server import ALWAYS, is_remote
from routine_harness.world.registry import Registry
from routine_harness.world.tool import ToolCall

OTHER_REPOSITORY: Final = "repository.not-granted"
NOT_OFFERED: Final = "tool.not-offered"
GRANT_CODES = ("connector.not-granted", "tool.not-granted", OTHER_REPOSITORY)
"""The findings of calls that the routine does not grant; they belong to the item ``policy``."""


class Grants:
    """The grants of one routine, asked once per call.

    With a ``registry`` connectors and tools may be spelt as their users spell them.
    """

    __slots__ = ("_decided", "_registry", "_repositories", "_routine")

    def __init__(self, routine: Routine, registry: Registry | None = None) -> None:
        self._routine = routine
        self._registry = registry
        self._repositories = frozenset(
            repository.full_name.lower() for repository in routine.repositories if repository.host == "github"
        )
        self._decided: dict[tuple[str, str, str, bool], Finding | None] = {}

    @property
    def routine(self) -> Routine:
        return self._routine

    @property
    def registry(self) -> Registry:
        return self._registry or Registry()

    def covers(self, repository: str) -> bool | None:
        """Whether ``repository`` is one of the routine's (any, where it names none); None where that
        hangs on what only a run tells."""
        if not self._repositories:
            return True
        if isinstance(repository, Partly):
            lower = Partly(repository.lower(), (piece and piece.lower() for piece in repository.pieces))
            return None if any(map(lower.may_be, self._repositories)) else False
        return repository.lower() in self._repositories

    def refusal(self, call: ToolCall, number: int, run: int) -> Finding | None:
        """Why ``call`` is not granted, as a finding; None if it is."""
        key = (call.connector, call.tool, call.through, call.server in FACES)
        if key not in self._decided:
            self._decided[key] = self._decide(call)
        found = self._decided[key]
        if found is None and call.connector == "github":
            found = self._check_repository(call)
        return found and msgspec.structs.replace(found, run=run, calls=(number,))

    def has(self, connector: str) -> bool:
        """Whether the routine grants ``connector``, GitHub by its repositories."""
        return self._grant(connector) is not None

    def _decide(self, call: ToolCall) -> Finding | None:
        routine = self._routine
        if not call.connector:
            own = routine.tools is None or call.tool in routine.tools or OWN_SERVER in call.tool
            return None if own else _own_tool_refused(call.tool)
        if is_remote(call.connector) and call.tool in ALWAYS:
            return None
        grant = self._grant(call.connector)
        if grant is None:
            return _connector_refused(call)
        allow, deny = self._own_names(grant, grant.allow), self._own_names(grant, grant.deny)
        if call.tool in deny or (allow and call.tool not in allow):
            return Finding(
                code="tool.not-granted",
                message=f"called {call.name}, which the routine does not grant",
                hint=f"the grant of {call.connector} leaves {call.tool} out: change its tools, or the prompt",
            )
        return self._check_offered(call, grant) if call.server not in FACES else None

    def _check_offered(self, call: ToolCall, grant: Grant) -> Finding | None:
        """The finding of a tool that the server has and does not offer, unless the routine asks for it."""
        offered = self._registry.offered(call.connector) if self._registry is not None else None
        # A grant that lists tools asks for them.
        if offered is None or (call.through or call.tool) in offered or grant.allow:
            return None
        return Finding(
            code=NOT_OFFERED,
            severity=Severity.WARNING,
            message=f"called {call.name}, which a session is not offered unless the routine asks for it",
            hint=f"grant {{connector: {call.connector}, tools: {{allow: [default, {call.tool}]}}}}",
        )

    def _grant(self, connector: str) -> Grant | None:
        found = self._routine.grant(connector)
        if found is not None or self._registry is None:
            return found
        spelt = (
            grant
            for grant in self._routine.connectors
            if self._registry.name_of(grant.connector) == connector
        )
        name_of = self._registry.name_of
        reaches = (Grant(name) for name in self._routine.organisation if name_of(name) == connector)
        return next(spelt, None) or next(reaches, None)

    def _own_names(self, grant: Grant, tools: tuple[str, ...]) -> tuple[str, ...]:
        if self._registry is None or not tools:
            return tools
        connector = self._registry.name_of(grant.connector)
        return tuple(sorted(self._registry.tools_of(connector, tools)))

    def _check_repository(self, call: ToolCall) -> Finding | None:
        owner, name = call.arguments.get("owner"), call.arguments.get("repo")
        if not self._repositories or not isinstance(owner, str) or not isinstance(name, str):
            return None
        repository = join_texts(owner, "/", name)
        if self.covers(repository) is not False:  # what hangs on a run is for the policy to judge
            return None
        return Finding(
            code=OTHER_REPOSITORY,
            message=f"called {call.name} on {repository}, which is not a repository of the routine",
            hint=f"add github:{repository} to repositories, or keep the prompt to those that are there",
            data={"repository": repository},
        )


def _connector_refused(call: ToolCall) -> Finding:
    where = "repositories" if call.connector == "github" else "connectors"
    return Finding(
        code="connector.not-granted",
        message=f"called {call.name}, but the routine does not include the connector {call.connector}",
        hint=f"grant {call.connector} under {where}, or take it out of the prompt",
    )


def _own_tool_refused(tool: str) -> Finding:
    return Finding(
        code="tool.not-granted",
        message=f"called {tool}, which is not among the routine's tools",
        hint=f"add {tool} to tools, or keep the prompt to those that are there",
    )


def check_interceptable(
    routine: Routine, registry: Registry, recorded: Collection[str] = ()
) -> tuple[Finding, ...]:
    """A finding for every granted connector without a model, a declaration or a recording.

    ``recorded`` names the connectors that have recorded interactions. The harness asks before a run: a call
    of any other connector would reach nobody.
    """
    return tuple(
        Finding(
            code="connector.not-intercepted",
            message=f"nothing can intercept the connector {grant.connector}, so the routine is not run",
            location=Location(routine.source.file, routine.source.line("connectors", index)),
            hint=_interception_hint(grant.connector, registry),
        )
        for index, grant in enumerate(routine.connectors)
        if registry.get(grant.connector) is None and registry.name_of(grant.connector) not in recorded
    )


def _interception_hint(connector: str, registry: Registry) -> str:
    mend = f"declare its tools under {connector}: in a world file, or record it"
    near = difflib.get_close_matches(connector, registry.names(), n=1, cutoff=0.75)
    return f"did you mean {near[0]}? else {mend}" if near else mend
