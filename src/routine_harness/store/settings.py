"""A case with what the disk holds for it: what its worlds declare, what its cassettes recorded."""

from __future__ import annotations

import msgspec

from routine_harness.case.case import Case
from routine_harness.case.event import case_event, fire
from routine_harness.case.placement import settle_case
from routine_harness.case.plan import Setting
from routine_harness.case.servers import case_registry
from routine_harness.routine.edition import Edition, load_edition
from routine_harness.routine.spec import Routine
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.connectors import connectors_above
from routine_harness.store.policies import load_policy
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


def fired_setting(case: Case, routine: Routine) -> Setting | None:
    """What the runs of ``case`` start from; None where it fires nothing.

    Raises:
        HarnessError: a file of the case is malformed.
    """
    policy = load_policy(case.source.path)
    routine, case = policy.reaching(routine), settle_case(case, policy)
    edition = load_edition(policy.platform, policy.platform_overrides)
    firing, _ = fire(case, routine, case_event(case, routine, edition), edition)
    if firing is None or not case.expect.fires:
        return None
    known = connectors_above(case.source.path)
    return load_setting(case, routine, firing, edition=edition, policy=policy, known=known)
