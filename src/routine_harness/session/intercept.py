"""Can everything that a routine grants be intercepted? Asked before it runs."""

from __future__ import annotations

import difflib
from collections.abc import Collection

from routine_harness.finding import Finding, Location
from routine_harness.routine.spec import Routine
from routine_harness.world.registry import Registry


def check_interceptable(
    routine: Routine, registry: Registry, recorded: Collection[str] = ()
) -> tuple[Finding, ...]:
    """A finding for every granted connector that no model, declaration or recording stands for.

    ``recorded`` are the connectors of which recorded interactions are at hand.
    """
    return tuple(
        Finding(
            code="connector.not-intercepted",
            message=f"nothing can intercept the connector {grant.connector}, so the routine is not run",
            location=Location(routine.source.file, routine.source.line("connectors", index)),
            hint=_hint(grant.connector, registry),
        )
        for index, grant in enumerate(routine.connectors)
        if registry.get(grant.connector) is None and registry.name_of(grant.connector) not in recorded
    )


def _hint(connector: str, registry: Registry) -> str:
    mend = f"declare its tools under {connector}: in a world file, or record it"
    near = difflib.get_close_matches(connector, registry.names(), n=1, cutoff=0.75)
    return f"did you mean {near[0]}? else {mend}" if near else mend
