"""A backtest as lines for a terminal: one table, then what stands out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from textwrap import fill
from typing import Final

from routine_harness.backtest.forecast import NoiseForecast
from routine_harness.backtest.result import Backtest, RoutineStatistic
from routine_harness.trigger.clause_words import condition_words
from routine_harness.verdict.words import counted

_COLUMNS: Final = ("undecided", "waited", "failed", "dropped", "scheduled")
_SHOWN: Final = 20


def render_backtest(backtest: Backtest, noise: NoiseForecast) -> str:
    """The whole report, in 80 columns unless names are long."""
    lines = [_headline(backtest), ""]
    lines += _table(backtest)
    if backtest.units:
        lines.append(f"\n{', '.join(map(a_unit, backtest.units))}: the mean / the most")
    for routine in backtest.routines:
        details = list(_details(routine))
        lines += [f"\n{routine.name}", *details] if details else []
    lines += _noise(noise, backtest)
    lines += _assumptions(backtest)
    lines += _notes(backtest)
    return "\n".join(lines)


def clock(at: int) -> str:
    """An instant as a person reads it, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M") if at else "unknown"


def _headline(backtest: Backtest) -> str:
    speed = f", {backtest.events / backtest.seconds:,.0f} a second" if backtest.seconds else ""
    return (
        f"{counted(backtest.events, 'event')} of {counted(backtest.files, 'file')} "
        f"in {span(backtest)} ({clock(backtest.first)} to {_until(backtest)} UTC)\n"
        f"{backtest.repeated:,} repeated (counted once), {backtest.late:,} late, "
        f"{counted(backtest.errors, 'error')}{speed}\n"
        f"rules of {backtest.edition}, plan {backtest.plan}"
    )


def _until(backtest: Backtest) -> str:
    """The last instant; without its day, where that is the first one's."""
    last = clock(backtest.last)
    return last[11:] if last[:10] == clock(backtest.first)[:10] and backtest.first else last


def span(backtest: Backtest) -> str:
    """How long the archives are, from their first event to their last: ``24 minutes``."""
    seconds = backtest.last - backtest.first
    for unit, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size or (unit == "minute" and seconds >= size):
            return counted(round(seconds / size), unit)
    return counted(seconds, "second")


def a_unit(unit: str) -> str:
    """``an hour``, ``a day``."""
    return f"an {unit}" if unit == "hour" else f"a {unit}"


def spoken(number: float) -> str:
    """A figure with as many digits as a person wants."""
    if number >= 9.95 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 1 else f"{number:.2g}"


def counts_shown(backtest: Backtest) -> list[str]:
    """The counts beside ``fired`` of which some routine has any."""
    return [name for name in _COLUMNS if any(getattr(each, name) for each in backtest.routines)]


def _table(backtest: Backtest) -> list[str]:
    shown = counts_shown(backtest)
    rows = [("routine", "fired", *shown, *map(a_unit, backtest.units))]
    rows += [_row(routine, shown, backtest) for routine in backtest.routines]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _row(routine: RoutineStatistic, shown: Sequence[str], backtest: Backtest) -> tuple[str, ...]:
    counts = (routine.fired, *(getattr(routine, name) for name in shown))
    spans = [backtest.per(unit, routine) for unit in backtest.units]
    return (
        routine.name,
        *(f"{count:,}" for count in counts),
        *(pair(span.mean, span.most) for span in spans),
    )


def pair(mean: float, most: float) -> str:
    """The mean and the most; one of them where they are the same."""
    return " / ".join(dict.fromkeys((spoken(mean), spoken(most))))


def _details(routine: RoutineStatistic) -> Iterator[str]:
    if routine.fired:
        yield _wrapped(f"  authors   {_most(routine.authors)}", 12)
        yield _wrapped(f"  branches  {_most(routine.branches)}", 12)
    for name, count in routine.limits.items():
        assumed = " (its figure is assumed)" if name in routine.depends_on else ""
        yield f"  {name} stopped {count:,}{assumed}"
    for name, count in routine.clock_stopped.items():
        yield f"  {name} stopped {counted(count, 'scheduled start')}"
    settings = [name for name in routine.depends_on if name not in routine.limits]
    if settings:
        yield _wrapped(f"  depends on undocumented: {', '.join(settings)}", 4)
    strange = [c for c in routine.clauses if c.field == "repository" and c.failed and not c.held]
    for clause in strange:
        told = f"no event is of {', '.join(clause.expected)}; --any-repository counts others, too"
        yield _wrapped(f"  trigger {clause.trigger + 1}: {told}", 4)
    for clause in routine.idle_clauses:
        if any(clause.trigger == each.trigger for each in strange):
            continue
        words = condition_words(clause.field, clause.operator, clause.expected)
        yield _wrapped(f"  trigger {clause.trigger + 1}: {words} decided nothing in this archive", 4)


def _wrapped(line: str, indent: int) -> str:
    """The line in as many of 80 columns as it needs, the further ones indented."""
    further = " " * indent
    return fill(line, 80, subsequent_indent=further, break_long_words=False, break_on_hyphens=False)


def _most(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in list(counts)[:5]) or "unknown"


def _noise(noise: NoiseForecast, backtest: Backtest) -> Iterator[str]:
    if noise.routines:
        when = "a day" if "day" in backtest.units else f"in these {span(backtest)}"
        yield f"\nnoise {when}, forecast from recorded runs: the mean / the worst"
    for each in noise.routines:
        yield f"  {each.routine}: {each.noun} to {each.place}: {pair(each.mean_day, each.worst_day)}"
    for channel in noise.channels:
        over = f", over the policy's {channel.limit}" if channel.exceeded else ""
        if over or len(channel.routines) > 1:
            yield f"  all messages to {channel.channel}: {pair(channel.mean_day, channel.worst_day)}{over}"


def _assumptions(backtest: Backtest) -> Iterator[str]:
    """The limits' figures, and the answers taken for what is undocumented."""
    if backtest.limits:
        yield "\nlimits"
    for limit in backtest.limits:
        assumed = " (assumed)" if limit.assumed else ""
        figure = f"{limit.amount} per {limit.per} and {limit.scope}"
        yield f"  {limit.name}: {figure}, then {limit.beyond}{assumed}"
    if backtest.settings:
        yield "\nassumed, because it is undocumented"
    for name, value in backtest.settings.items():
        yield f"  {name}: {value}"


def _notes(backtest: Backtest) -> Iterator[str]:
    if backtest.unknown:
        yield f"\nunknown events: {', '.join(f'{name} {count}' for name, count in backtest.unknown.items())}"
    for problem in backtest.problems[:_SHOWN]:
        yield f"error: {problem}"
    if len(backtest.problems) > _SHOWN or backtest.errors > len(backtest.problems):
        yield f"and {backtest.errors - min(len(backtest.problems), _SHOWN):,} more errors"
