"""A session on the world of a case, for whoever wants to serve it without judging it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from routine_harness.case.case import Case
from routine_harness.case.event import case_event, fire
from routine_harness.case.plan import Setting, plan_pair
from routine_harness.live.outside.known_tools import Behind
from routine_harness.routine.edition import load_edition
from routine_harness.routine.spec import Routine
from routine_harness.session.pair import open_session
from routine_harness.session.session import Session
from routine_harness.store.connectors import connectors_above
from routine_harness.store.policies import load_policy
from routine_harness.store.settings import load_setting
from routine_harness.trigger.event import Firing
from routine_harness.world.recorded import Interaction, RecordedInteractions


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
