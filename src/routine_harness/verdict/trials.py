"""The trials of further checks told together: ``faults[…]`` fails forty times for one reason."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from routine_harness.verdict.further import ADVERSARY, CRASH, FAULTS, OVERLAP
from routine_harness.verdict.verdict import Check

_WITH_TRIALS: Final = (CRASH, OVERLAP, FAULTS, ADVERSARY)


def check_of(name: str) -> str:
    """The further check, in which something goes wrong, to which the item ``name`` belongs; else empty."""
    check = name.partition("[")[0]
    return check if check in _WITH_TRIALS else ""


def reason_of(check: Check) -> tuple[str, ...]:
    """Why a trial failed: its check and the codes of what was found. Trials of one reason are told together.
    Empty for an item that is told by itself."""
    of = check_of(check.name)
    if not of or check.outcome != "failed":
        return ()
    return (of, *sorted({finding.code for finding in check.findings if finding.fails}))


def name_trials(names: Iterable[str]) -> str:
    """Several trials of one check in few words: ``a.b#1: timeout, slow; c.d#1: slow``."""
    places: dict[str, list[str]] = {}
    for name in names:
        place, colon, what = name.partition("[")[2].removesuffix("]").rpartition(":")
        places.setdefault(place if colon else "", []).append(what)
    return "; ".join(
        f"{place}: {', '.join(what)}" if place else ", ".join(what) for place, what in places.items()
    )


def count_failures(checks: Iterable[tuple[str, str]]) -> list[str]:
    """The items that failed of ``checks``, each a name and an outcome; of trials how many:
    ``::overlap``, ``::faults 44 of 60``."""
    found: dict[str, list[bool]] = {}
    for name, outcome in checks:
        found.setdefault(check_of(name) or name, []).append(outcome == "failed")
    return [
        f"::{name} {sum(failed)} of {len(failed)}" if len(failed) > 1 else f"::{name}"
        for name, failed in found.items()
        if any(failed)
    ]
