"""Faults on what the routine does not grant: they could strike no call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from routine_harness.case.case import Case
from routine_harness.errors import Problem
from routine_harness.routine.spec import Routine
from routine_harness.session.grants import Grants
from routine_harness.world.registry import Registry

_NOT_GRANTED: Final = ("connector.not-granted", "tool.not-granted")


def ungranted_faults(case: Case, routine: Routine, registry: Registry) -> Iterator[Problem]:
    """A problem for each fault of a case on what its routine does not grant."""
    grants = Grants(routine, registry)
    for index, fault in enumerate(case.faults):
        refused = ""
        if fault.tool and "." in fault.tool:
            finding = grants.refusal(registry.tool_call(fault.tool, {}), 0, 1)
            refused = fault.tool if finding is not None and finding.code in _NOT_GRANTED else ""
        elif fault.connector and not grants.has(fault.connector):
            refused = fault.connector
        if refused:
            message = f"the routine does not grant {refused}: a fault on it strikes no call"
            names = dict.fromkeys(grant.connector for grant in routine.connectors)
            hint = f"its connectors are {', '.join(names)}" if names else "it has no connectors"
            key = "call" if fault.tool else "connector"
            yield Problem(case.source.file, case.source.line("faults", index, key), message, hint)
