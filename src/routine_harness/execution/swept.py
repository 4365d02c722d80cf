"""What the further runs of a case have shown.

Apart from ``execution.sweeping``, so that a case without further runs loads nothing of what could go wrong.
"""

from __future__ import annotations

import msgspec

from routine_harness.session.run import RunPair
from routine_harness.verdict.verdict import Check


class Swept(msgspec.Struct, frozen=True, eq=False):
    """The ``names`` of all items of further runs, the checks that were carried out, and the pair that the
    findings of each are about, by its name."""

    names: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    pairs: dict[str, RunPair] = {}
