"""Can everything that a routine grants be intercepted? Asked before it runs."""

from __future__ import annotations

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
            hint=f"declare its tools under {grant.connector}: in a world file, or record it",
        )
        for index, grant in enumerate(routine.connectors)
        if registry.get(grant.connector) is None and registry.name_of(grant.connector) not in recorded
    )
