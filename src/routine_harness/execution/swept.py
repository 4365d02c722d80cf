"""What the further runs of a case have shown.

Apart from ``execution.sweeping``, so that a case without further runs loads nothing of what could go wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from routine_harness.case.plan import Setting
from routine_harness.finding import Finding
from routine_harness.session.run import RunPair
from routine_harness.verdict.verdict import Check


class Swept(msgspec.Struct, frozen=True, eq=False):
    """The ``names`` of all items of further runs, the checks that were carried out, and the pair that the
    findings of each are about, by its name."""

    names: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    pairs: dict[str, RunPair] = {}


class Recorded(NamedTuple):
    """What is on the recording of a trial: its pair, or why there is none; ``absent`` where nobody recorded
    it."""

    pair: RunPair | None
    findings: tuple[Finding, ...] = ()
    absent: bool = False


class Staged(NamedTuple):
    """A trial for the real agent: the ``item`` that it belongs to, the ``setting`` of its variant of a case,
    and who judges its pair."""

    item: str
    setting: Setting
    judge: Callable[[RunPair], tuple[Finding, ...]]
