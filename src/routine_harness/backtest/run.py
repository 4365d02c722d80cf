"""The backtest itself: archives → parts → tallies → one result."""

from __future__ import annotations

import heapq
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from routine_harness.backtest.assumptions import assumed_settings, limit_figures, with_assumptions
from routine_harness.backtest.fold import Fold
from routine_harness.backtest.plan import Plan, PlannedTrigger, edition_of, plan_backtest
from routine_harness.backtest.pool import open_pool, tallies
from routine_harness.backtest.result import Backtest
from routine_harness.backtest.source import ArchiveProblem, Part, find_archives, split_archives
from routine_harness.plain import Record
from routine_harness.routine.edition import LATEST, Edition
from routine_harness.routine.schedule import instants
from routine_harness.routine.spec import Routine, ScheduleTrigger

_SMALL: Final = 1 << 25
"""Bytes that are read sooner than further processes start."""

Progress = Callable[[int, int], None]
"""Told, after each part: the bytes of archives that are done, and the events in them."""


def run_backtest(
    routines: Sequence[Routine],
    archives: Iterable[Path],
    *,
    edition: str = LATEST,
    overrides: Record | None = None,
    account_plan: str = "team",
    any_repository: bool = False,
    span: tuple[int, int] | None = None,
    jobs: int | None = None,
    scheduler: str | None = None,
    on_progress: Progress | None = None,
) -> Backtest:
    """What ``routines`` would have done over ``archives`` (files and folders); without any of them,
    what their schedules start within ``span``, its first and its last instant.

    ``jobs`` is the number of processes (default: as many as there are processors and parts);
    ``scheduler`` the address of a Dask scheduler whose workers see the same files.

    Raises:
        UsageError: the scheduler cannot be reached, or the edition does not exist.
    """
    started = time.perf_counter()
    plan = plan_backtest(routines, edition, overrides or {}, any_repository)
    # Workers may run in another folder than we do.
    files, problems = find_archives(path.absolute() if scheduler else path for path in archives)
    parts = split_archives(files, problems)
    rules = edition_of(plan)
    if any_repository:
        rules = rules.with_setting("repository_scope", "any")
    fold = Fold(plan, account_plan, lambda after: _starts_after(routines, rules, after))
    fold.problems += problems
    fold.errors += len(problems)
    small = sum(part.size for part in parts) < _SMALL
    workers = min(jobs or (1 if small else os.cpu_count() or 1), len(parts))
    done = 0
    with open_pool(workers, scheduler) as (submit, ahead):
        for number, (part, tally) in enumerate(tallies(plan, parts, submit, ahead + 1 if ahead > 1 else 1)):
            known = fold.overlap(tally)
            if known:
                tally = submit(plan, part, known).result()
            following = parts[number + 1].at if number + 1 < len(parts) else None
            fold.absorb(part.file, tally, following)
            done += part.end - part.start
            if on_progress:
                on_progress(done, fold.events)
    if span is not None:
        fold.cover(*span)
    seconds = time.perf_counter() - started
    return _result(fold, plan, rules, account_plan, len(files), parts, seconds)


def archive_size(archives: Iterable[Path]) -> int:
    """The bytes that a backtest of ``archives`` will read."""
    return sum(path.stat().st_size for path in find_archives(archives)[0])


def _starts_after(routines: Sequence[Routine], edition: Edition, after: int) -> Iterator[tuple[int, int]]:
    """The runs that the routines' schedules start after an instant: (instant, routine), endlessly."""

    def of(number: int, trigger: ScheduleTrigger) -> Iterator[tuple[int, int]]:
        return ((instant.at, number) for instant in instants(trigger, after, edition))

    return heapq.merge(
        *(
            of(number, trigger)
            for number, routine in enumerate(routines)
            for trigger in routine.triggers
            if isinstance(trigger, ScheduleTrigger) and trigger.enabled and routine.enabled
        )
    )


def _result(
    fold: Fold,
    plan: Plan,
    edition: Edition,
    account_plan: str,
    files: int,
    parts: Sequence[Part],
    seconds: float,
) -> Backtest:
    return Backtest(
        routines=tuple(
            with_assumptions(each, _triggers_of(plan, number), edition, account_plan)
            for number, each in enumerate(fold.routines())
        ),
        edition=plan.edition,
        plan=account_plan,
        events=fold.events,
        errors=fold.errors,
        repeated=fold.repeated,
        late=fold.late,
        files=files,
        bytes=sum(part.end - part.start for part in parts),
        seconds=seconds,
        first=fold.first,
        last=fold.last,
        unknown=dict(sorted(fold.unknown.items())),
        problems=tuple(fold.problems),
        limits=limit_figures(edition, account_plan),
        settings=assumed_settings(edition),
    )


def _triggers_of(plan: Plan, routine: int) -> tuple[PlannedTrigger, ...]:
    return tuple(trigger for trigger in plan.triggers if trigger.routine == routine)


def nothing_read(backtest: Backtest) -> tuple[ArchiveProblem, ...]:
    """The problems, if they kept every archive from being read; else none."""
    return backtest.problems if backtest.problems and not backtest.events else ()
