"""A failed check in words that fit a terminal: what was expected, what happened, how to mend it."""

from __future__ import annotations

from collections.abc import Iterator

from routine_harness.finding import Finding, Severity
from routine_harness.report.text import clip, fold, visible
from routine_harness.report.timeline import render_timeline
from routine_harness.session.run import RunPair
from routine_harness.verdict.verdict import Check

AROUND = 3
"""How many calls before and after a marked one are shown."""


def render_failure(check: Check, pair: RunPair | None, *, width: int = 80) -> str:
    """The findings of ``check``, errors first, then the timeline of each run they speak of."""
    ordered = sorted(check.findings, key=lambda finding: finding.severity is not Severity.ERROR)
    lines = [line for finding in ordered for line in (*render_finding(finding, width=width), "")]
    if pair is not None:
        for run in (pair.first, pair.second):
            marked = [n for f in ordered for n in f.calls if run is not None and f.run == run.number]
            if run is not None and (marked or run.number == 1):
                lines += [*render_timeline(run, marked=marked, width=width, around=AROUND), ""]
    return "\n".join(lines).rstrip()


def render_finding(finding: Finding, *, width: int = 80) -> Iterator[str]:
    """One finding: severity, code and message; the place; its detail; the hint.

    The message comes first, as the first line is all that pytest's short summary shows.
    """
    head, *rest = fold(f"{finding.severity.value}[{finding.code}]: {finding.message}", width - 2)
    yield head
    yield from (f"  {line}" for line in rest)
    if finding.location is not None:
        yield "  " + shorten_place(f"at {finding.location}", width - 2)
    for line in finding.detail:
        yield clip(f"    {line}", width)
    if finding.hint:
        yield from fold(f"hint: {finding.hint}", width, "  ")


def shorten_place(place: str, width: int) -> str:
    """A ``file:line`` in at most ``width`` columns, shortened where it says least: at its start."""
    place = visible(place)
    return place if len(place) <= width else "…" + place[-(width - 1) :]
