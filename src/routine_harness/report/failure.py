"""A failed check in words that fit a terminal: what happened, where it was asked for, how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from shlex import quote
from typing import Final

from routine_harness.case.confirmation import UNCONFIRMED
from routine_harness.finding import Finding, Severity
from routine_harness.report.ink import PLAIN, Ink
from routine_harness.report.text import cells, clip, fold, visible
from routine_harness.report.timeline import render_marked, render_timeline
from routine_harness.session.run import Run, RunPair
from routine_harness.verdict.idempotency.side_by_side import lay_out
from routine_harness.verdict.trials import name_trials
from routine_harness.verdict.verdict import Check
from routine_harness.verdict.words import counted

AROUND: Final = 3
"""How many calls before and after a marked one are shown."""

_INDENT: Final = " " * 4


class Told:
    """Which timelines of a case have been printed already, and under which of its checks."""

    def __init__(self) -> None:
        self._under: list[tuple[Run, str]] = []

    def under(self, run: Run) -> str:
        """The check under which the timeline of ``run`` stands; empty where it stands nowhere yet."""
        return next((name for known, name in self._under if known is run), "")

    def note(self, run: Run, check: str) -> None:
        self._under.append((run, check))


def render_failure(
    check: Check,
    pair: RunPair | None,
    *,
    width: int = 80,
    ink: Ink = PLAIN,
    told: Told | None = None,
    case: str = "",
) -> str:
    """The findings of ``check``, errors first, then the timeline of each run they speak of.

    A timeline that ``told`` knows is not repeated. ``case`` is the file for ``show --full``.
    """
    ordered = sorted(check.findings, key=lambda finding: finding.severity is not Severity.ERROR)
    lines = [line for finding in ordered for line in (*render_finding(finding, width=width, ink=ink), "")]
    if pair is None:
        return "\n".join(lines).rstrip()
    told = Told() if told is None else told
    fresh = False
    for run in pair.runs:
        marked = [number for finding in ordered for number in finding.calls_in(run.number)]
        if not marked and run.number != 1:
            continue
        before = told.under(run)
        if before:
            lines += [*_again(run, marked, before, width, ink), ""]
        else:
            told.note(run, check.name)
            fresh = True
            lines += [*render_timeline(run, marked=marked, width=width, around=AROUND, ink=ink), ""]
    if fresh and case:
        lines.append(ink(f"in full: routine-harness show {quote(case)} --full", "faint"))
    return "\n".join(lines).rstrip()


def alike_lines(names: Sequence[str], *, width: int = 80) -> Iterator[str]:
    """The other trials of a further check that failed for the reason told above, by name."""
    if names:
        fail = "fails" if len(names) == 1 else "fail"
        said = f"{counted(len(names), 'other trial')} {fail} alike: {name_trials(names)}"
        yield from fold(said, width, "  ")


def _again(run: Run, marked: list[int], check: str, width: int, ink: Ink) -> Iterator[str]:
    """A run whose timeline stands above: the marked calls alone."""
    yield f"run {run.number}: as above, under ::{check}"
    for record in run.calls:
        if record.number in marked:
            yield from render_marked(record, width=width, ink=ink)


def render_finding(
    finding: Finding, *, width: int = 80, ink: Ink = PLAIN, brief: bool = False
) -> Iterator[str]:
    """One finding: what happened; its code and place; its detail; the hint.

    The message comes first, as the first line is all that pytest's short summary shows. A ``brief`` one
    ends after the place.
    """
    style = finding.severity.value
    head, *rest = fold(finding.message, width - 2)
    yield ink(head, style)
    yield from (ink(f"  {line}", style) for line in rest)
    code = f"{style}[{finding.code}]"
    if finding.location is None:
        yield f"  {ink(code, style)}"
    elif cells(f"  {code} at {finding.location}") <= width:
        yield f"  {ink(code, style)} at {visible(str(finding.location))}"
    else:
        yield f"  {ink(code, style)}"
        yield "  " + shorten_place(f"at {finding.location}", width - 2)
    if brief:
        return
    for line in detail_lines(finding, width):
        yield _INDENT + line
    if finding.hint:
        yield from (ink(line, "faint") for line in fold(f"hint: {finding.hint}", width, "  "))


def detail_lines(finding: Finding, width: int) -> Iterator[str]:
    """What a finding shows besides its sentence: two records beside each other use the whole width."""
    room = width - len(_INDENT)
    records = finding.data.get("records")
    if isinstance(records, list):
        yield from (clip(line, room) for line in lay_out(records, room))
        return
    for line in finding.detail:
        yield from fold_detail(line, room)


def fold_detail(line: str, room: int) -> list[str]:
    """A line of detail; a long one goes on further in, unless it is source or a picture."""
    if cells(line) <= room:
        return [visible(line)]
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    text = visible(line).expandtabs().rstrip()
    head = fold(text, room)[0]
    rest = text[len(head) :].lstrip()
    return [head, *(fold(rest, room, indent) if rest else [])]


def told_in_full(finding: Finding) -> list[str]:
    """The detail of a warning that is shown where others get a line: what changed in a prompt."""
    return list(finding.detail) if finding.code == UNCONFIRMED else []


def shorten_place(place: str, width: int) -> str:
    """A ``file:line`` in at most ``width`` columns, shortened where it says least: at its start."""
    place = visible(place)
    return place if len(place) <= width else "…" + place[-(width - 1) :]
