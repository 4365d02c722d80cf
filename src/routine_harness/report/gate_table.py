"""The gate's decision for a terminal: a table of triggers, then every reason with what to do next."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Final

from routine_harness.agents.acted import LIVE, live_command, words_of
from routine_harness.gate.decision import (
    OPEN_BY_SCRIPT,
    GateDecision,
    Reason,
    RoutineDecision,
    TriggerDecision,
)
from routine_harness.report.failure import fold_detail, shorten_place
from routine_harness.report.ink import Ink
from routine_harness.report.renewal import State, renewal_command, renewal_sentence
from routine_harness.report.text import cells, clip, fold, visible
from routine_harness.verdict.words import counted

_STYLE = {"open": "good", "closed": "error", "off": "faint"}


def render_gate(decision: GateDecision, *, width: int = 80, colour: bool = False) -> str:
    """The table, the reasons, what exceptions let through, what is noted, what renewing costs, the answer."""
    ink = Ink(colour=colour)
    lines = [*_table(decision, width, ink)]
    for routine in decision.routines:
        several, others = _alike(_grouped(routine))
        for reasons, labels in several:
            lines += ["", *_renewed_together(routine, reasons, labels, width, ink)]
        for reason, labels in others:
            lines += ["", *_reason(routine, reason, labels, width, ink)]
    lines += _by_script(decision, width, ink)
    lines += [line for routine in decision.routines for line in _excused(routine, width, ink)]
    lines += [line for routine in decision.routines for line in _noted(routine, width, ink)]
    lines += [line for routine in decision.routines for line in _renewal(routine, width)]
    return "\n".join((*lines, *[""][: len(lines)], render_answer(decision, colour=colour), ""))


def render_answer(decision: GateDecision, *, colour: bool = False) -> str:
    """The last line: ``The gate is closed: 1 of 7 enabled triggers``; ``The gate is open, by script only: …``
    where no trigger has the real agent behind it."""
    ink = Ink(colour=colour)
    standings = [trigger.standing for routine in decision.routines for trigger in routine.triggers]
    enabled = len(standings) - standings.count("off")
    if decision.open:
        return ink(_open_answer(decision, enabled), "good")
    closed = f"{standings.count('closed')} of {counted(enabled, 'enabled trigger')}"
    unread = f"bad input, {counted(decision.unread, 'problem')}"
    parts = [closed] * ("closed" in standings) + [unread] * bool(decision.unread)
    return ink(f"The gate is closed: {'; '.join(parts)}", "error")


def _open_answer(decision: GateDecision, enabled: int) -> str:
    scripted = sum(len(routine.open_by_script) for routine in decision.routines)
    head = f"The gate is {OPEN_BY_SCRIPT if scripted and scripted == enabled else 'open'}"
    some = f", {scripted} of them by script only" if 0 < scripted < enabled else ""
    return f"{head}: {counted(enabled, 'enabled trigger')}{some}"


def render_closed(decision: GateDecision) -> str:
    """A line for each closed trigger with its first reason, and the answer."""
    return "\n".join((*_closed(decision), render_answer(decision)))


def _closed(decision: GateDecision) -> Iterator[str]:
    for routine in decision.routines:
        for trigger in routine.triggers:
            if trigger.standing == "closed" and trigger.reasons:
                finding = trigger.reasons[0].finding
                more = len(trigger.reasons) - 1
                others = f" (and {counted(more, 'more reason')})" if more else ""
                message = " ".join(visible(finding.message).split())
                yield f"{routine.name}: {trigger.label}: {finding.code}: {message}{others}"


def _table(decision: GateDecision, width: int, ink: Ink) -> Iterator[str]:
    rows = [(routine, trigger) for routine in decision.routines for trigger in routine.triggers]
    if not rows:
        return
    first = max([len(routine.name) for routine, _ in rows], default=7)
    first = max(7, min(first, width // 3))
    second = max([cells(trigger.label) for _, trigger in rows], default=7)
    third = max([len(words_of(trigger.by)) for _, trigger in rows], default=2)
    third = max(2, third)
    last = min(max([len(why(trigger)) for _, trigger in rows], default=3), 14)
    second = max(7, min(second, width - first - third - last - 14))
    yield ink(f"{'routine':<{first}}  {'trigger':<{second}}  gate    {'by':<{third}}  why", "code")
    previous = ""
    for routine, trigger in rows:
        name = clip(routine.name if routine.file != previous else "", first)
        label = clip(trigger.label, second)
        pad = " " * (second - cells(label))
        standing = ink(f"{trigger.standing:<6}", _STYLE[trigger.standing])
        room = width - first - second - third - 14
        by = f"{words_of(trigger.by):<{third}}"
        yield f"{name:<{first}}  {label}{pad}  {standing}  {by}  {_fit(why(trigger), room)}".rstrip()
        previous = routine.file


def _fit(text: str, room: int) -> str:
    """``text`` cut to ``room``; how many more reasons there are stays."""
    code, plus, more = text.partition(" +")
    return clip(code, max(room - len(plus + more), 1)) + plus + more


def why(trigger: TriggerDecision) -> str:
    """The row's last cell: how many cases speak for it, or the first reason."""
    if trigger.standing == "off":
        return "not enabled"
    if trigger.standing == "open":
        return counted(len(trigger.cases), "case")
    codes = list(dict.fromkeys(reason.code for reason in trigger.reasons))
    return codes[0] + (f" +{len(codes) - 1}" if len(codes) > 1 else "")


def _grouped(routine: RoutineDecision) -> list[tuple[Reason, list[str]]]:
    """Each reason once, with the triggers that it closes."""
    found: dict[tuple[str, str, str], tuple[Reason, list[str]]] = {}
    for trigger in routine.triggers:
        for reason in trigger.reasons:
            finding = reason.finding
            key = (finding.code, finding.message, str(finding.location))
            found.setdefault(key, (reason, []))[1].append(trigger.label)
    return list(found.values())


_Grouped = tuple[Reason, list[str]]
_TOGETHER: Final[dict[str, State]] = {"gate.stale": "stale", "gate.not-recorded": "missing"}
"""Codes of reasons that one command takes away for all cases of a routine, with what the recordings are."""


def _alike(
    grouped: list[_Grouped],
) -> tuple[list[tuple[list[Reason], list[str]]], list[_Grouped]]:
    """The reasons that differ in the case alone, together, and the others."""
    found: dict[tuple[str, str, tuple[str, ...]], list[Reason]] = {}
    for reason, labels in grouped:
        if reason.finding.code in _TOGETHER:
            why = reason.finding.message.partition(": ")[2]
            found.setdefault((reason.finding.code, why, tuple(labels)), []).append(reason)
    several = [(reasons, list(key[2])) for key, reasons in found.items() if len(reasons) > 1]
    together = {id(reason) for reasons, _ in several for reason in reasons}
    return several, [each for each in grouped if id(each[0]) not in together]


def _renewed_together(
    routine: RoutineDecision, reasons: list[Reason], labels: list[str], width: int, ink: Ink
) -> Iterator[str]:
    """One block for recordings that are stale for the same reason, with one command."""
    finding = reasons[0].finding
    names = ", ".join(reason.finding.message.partition(" is ")[0] for reason in reasons)
    state = _TOGETHER[finding.code]
    told = renewal_sentence(len(reasons), state, finding.message.partition(": ")[2])
    yield f"{ink('closed', 'error')} {ink(routine.name, 'code')} ({clip(', '.join(labels), width // 2)})"
    yield f"  {ink(finding.code, 'error')}"
    yield from fold(told, width, "    ")
    yield from fold(names, width, "      ")
    live = any(reason.next.endswith(f" {LIVE}") for reason in reasons)
    yield f"    next: {renewal_command(posixpath.dirname(routine.file) or '.', state, live=live)}"


def _reason(
    routine: RoutineDecision, reason: Reason, labels: list[str], width: int, ink: Ink
) -> Iterator[str]:
    finding = reason.finding
    yield f"{ink('closed', 'error')} {ink(routine.name, 'code')} ({clip(', '.join(labels), width // 2)})"
    room = width - len(finding.code) - 4
    place = str(finding.location) if finding.location and finding.location.file else ""
    yield f"  {ink(finding.code, 'error')}  {shorten_place(place, room)}".rstrip()
    yield from fold(finding.message, width, "    ")
    for line in finding.detail:
        yield from (f"      {part}" for part in fold_detail(line, width - 6))
    if reason.next:
        yield f"    next: {visible(reason.next)}"  # unfolded: it is there to be copied


def _by_script(decision: GateDecision, width: int, ink: Ink) -> Iterator[str]:
    """What is open although scripts alone speak for it, and the command that changes it."""
    found = [routine for routine in decision.routines if routine.open_by_script]
    if found:
        yield ""
    for routine in found:
        labels = clip(", ".join(trigger.label for trigger in routine.open_by_script), width // 2)
        yield f"{ink(OPEN_BY_SCRIPT, 'warning')}: {ink(routine.name, 'code')} ({labels})"
        yield f"    next: {visible(live_command(routine.file))}"


def _excused(routine: RoutineDecision, width: int, ink: Ink) -> Iterator[str]:
    for each in routine.excused:
        text = f"excused {routine.name}: {each.reason.code} until {each.expires} ({each.owner}): {each.why}"
        yield ""
        yield from (ink(line, "warning") for line in fold(text, width))


def _noted(routine: RoutineDecision, width: int, ink: Ink) -> Iterator[str]:
    if routine.noted:
        yield ""
    for case, finding in routine.noted:
        text = f"noted {routine.name} ({case}): {finding.code}: {finding.message}"
        yield from (ink(line, "warning") for line in fold(text, width))


def _renewal(routine: RoutineDecision, width: int) -> Iterator[str]:
    if not routine.renew:
        return
    yield ""
    yield from fold(f"renewing {routine.name} ({', '.join(routine.renew)}): {cost_of(routine)}", width)


def cost_of(routine: RoutineDecision) -> str:
    """What renewing costs, going by what the old recordings say that they cost."""
    usage = routine.renewal
    if not usage.tokens:
        return "no cost is known from earlier recordings"
    money = f", ${usage.cost_usd:.2f}" if usage.cost_usd else ""
    return f"about {usage.tokens:,} tokens{money}, as recorded the last time"
