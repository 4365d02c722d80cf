"""A case with what the disk holds for it: what its worlds declare, what its cassettes recorded."""

from __future__ import annotations

import msgspec

from routine_harness.case.case import Case
from routine_harness.case.plan import Setting
from routine_harness.case.servers import case_registry
from routine_harness.routine.edition import Edition
from routine_harness.routine.spec import Routine
from routine_harness.store.casefiles import CaseFiles
from routine_harness.trigger.event import Firing
from routine_harness.verdict.policy.rules import Policy
from routine_harness.world.registry import Registry


def load_setting(
    case: Case,
    routine: Routine,
    firing: Firing,
    *,
    edition: Edition,
    policy: Policy,
    known: Registry,
    record: str = "none",
) -> Setting:
    """What the runs of ``case`` start from; ``known`` are the connectors that need no declaration.

    Raises:
        RecordingError: a cassette cannot be read.
        SpecError: a declaration is malformed.
    """
    if not case.cassettes:
        registry = case_registry(known, case, routine, edition)
        return Setting(case, routine, edition, registry, firing, policy=policy)
    files = CaseFiles(case, routine)
    layers = files.recorded_layers(case_registry(known, case, routine, edition), record)
    registry = case_registry(known, case, routine, edition, layers)
    setting = Setting(case, routine, edition, registry, firing, layers, policy=policy)
    recorded = files.recorded_calls(registry)
    return setting if recorded is None else msgspec.structs.replace(setting, rewind=recorded.rewound)
