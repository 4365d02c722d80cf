"""Routines with the rules that hold for them, as the trigger commands want them."""

from __future__ import annotations

import shlex
import time
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from routine_harness.agents.recording import Recording
from routine_harness.cli.lines import echo, refuse_nothing
from routine_harness.errors import HarnessError, Problem, SpecError, UsageError
from routine_harness.routine.edition import Edition, load_edition
from routine_harness.routine.layout import RECORDINGS
from routine_harness.routine.schedule import YEARS
from routine_harness.routine.spec import Routine
from routine_harness.store.policies import load_policy
from routine_harness.store.recordings import load_recording
from routine_harness.store.routines import discover, load_routine

_ROUTINE_ENDINGS: Final = (".yaml", ".yml")


class Judged(msgspec.Struct, frozen=True):
    """A routine, its file, the platform's rules for it, and the plan of its account."""

    path: Path
    routine: Routine
    edition: Edition
    plan: str


def load_judged(
    paths: Collection[Path], platform: str | None = None, *, events_by: str = ""
) -> tuple[Judged, ...]:
    """The routines of ``paths`` (files and folders) under their policies' rules, or ``platform``'s.

    ``events_by`` is the option that named events: an argument that holds no routine may have been meant
    as one of its values.

    Raises:
        SpecError: every problem of every file.
        UsageError: no routine at all, or no such edition.
    """
    problems: list[Problem] = []
    found: list[Judged] = []
    for path in _files(paths, events_by):
        try:
            policy = load_policy(path)
            edition = load_edition(platform or policy.platform, policy.platform_overrides)
            found.append(Judged(path, load_routine(path), edition, policy.plan))
        except SpecError as error:
            if events_by and path.suffix not in _ROUTINE_ENDINGS:
                raise _not_a_routine(path, events_by) from error
            problems += error.problems
    if problems:
        raise SpecError(*problems)
    refuse_nothing(found)
    return tuple(found)


def _files(paths: Collection[Path], events_by: str) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = discover(path).routines
            if events_by and not found and len(paths) > 1:
                raise _not_a_routine(path, events_by)
            files += found
        elif path.exists():
            files.append(path)
        else:
            raise UsageError(Problem("", 0, f"there is no file or folder {path}"))
    return list(dict.fromkeys(files))


def _not_a_routine(path: Path, events_by: str) -> UsageError:
    hint = f"each path of events needs its own {events_by}: {events_by} {shlex.quote(str(path))}"
    return UsageError(Problem("", 0, f"{path} is given as a routine, and holds none", hint))


def recordings_of(routine: Path) -> Iterator[Recording]:
    """The recordings beside a routine; one that cannot be read is a warning."""
    folder = routine.parent / RECORDINGS
    for path in sorted(folder.glob("*.jsonl")) if folder.is_dir() else ():
        try:
            recording = load_recording(path)
        except HarnessError as error:
            echo(f"warning: {error.problems[0]}", err=True)
            continue
        if recording is not None:
            yield recording


def instant_of(text: str | None, timezone: str) -> int:
    """The instant that ``--after`` names; now, if it names none.

    Raises:
        UsageError: it is no time that a calendar can tell.
    """
    if text is None:
        return int(time.time())
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(Problem("", 0, f"--after: expected a timestamp, found {text!r}")) from error
    if moment.year not in YEARS:
        expected = f"expected a year from {YEARS[0]} to {YEARS[-1]}"
        raise UsageError(Problem("", 0, f"--after: {expected}, found {text!r}"))
    return int((moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))).timestamp())


def one_account(judged: Sequence[Judged], plan: str | None = None) -> tuple[Edition, str]:
    """The rules and the plan under which routines are simulated together: an account has one set of limits.

    ``plan`` goes before what their policies name.

    Raises:
        UsageError: the routines' policies name different editions or plans, or override them differently.
    """
    rules = [(each.edition, plan or each.plan) for each in judged]
    if all(each == rules[0] for each in rules):
        return rules[0]
    named = list(dict.fromkeys(f"{edition.edition} ({plan})" for edition, plan in rules))
    if len(named) == 1:
        found, hint = f"{named[0]} with different overrides", "give the routines of one policy at a time"
    else:
        found, hint = " and ".join(named), "choose one with --platform and --plan"
    raise UsageError(Problem("", 0, f"the routines follow different rules: {found}", hint))
