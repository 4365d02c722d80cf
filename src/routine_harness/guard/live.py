"""The guard in a live run: the policy as a hook of the real CLI, as a production session would have it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from routine_harness.case.plan import Setting
from routine_harness.guard.bundle import bundle
from routine_harness.guard.compiled import Guarded, compile_guard
from routine_harness.guard.settings import MANAGED_LOG, hooks_for
from routine_harness.store.policies import load_policy


def guard_for(setting: Setting, file: str, own_servers: Collection[str]) -> tuple[str, dict[str, Any]]:
    """The text of the guard that holds for a case, and the hooks that start it at ``file``.

    ``own_servers`` are those that the repository brings itself.

    Raises:
        SpecError: a pattern of the policy cannot be proved to match in linear time.
    """
    guarded = Guarded(setting.routine, load_policy(setting.case.source.path))
    data = compile_guard([guarded], setting.registry, own_servers=own_servers, log=MANAGED_LOG)
    return bundle(data), hooks_for(file)
