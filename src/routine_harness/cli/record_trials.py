"""``record --crash``, ``--faults`` and ``--adversary``: the real agent in the trials of further checks.

Each trial has a recording of its own beside the case's, from which its item is judged from then on.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from routine_harness.agents.recording import check_recording
from routine_harness.case.case import REAL, Case
from routine_harness.cli.lines import echo
from routine_harness.cli.lines import say as say_line
from routine_harness.cli.record_estimate import known_of
from routine_harness.cli.recording import CaseRecorder
from routine_harness.errors import AgentError, CredentialError, HarnessError, Problem, UsageError
from routine_harness.execution.swept import Staged
from routine_harness.harness import Harness, Options
from routine_harness.live.record.recording_plan import RUNS, estimate_cost
from routine_harness.routine.spec import Routine
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.files import shown
from routine_harness.verdict.words import counted

_EXAMPLES: Final = {
    "crash": "checks: {crash: true}",
    "faults": "checks: {faults: [flaky]}",
    "adversary": "checks: {adversary: [injection]}",
}


class DueTrial(msgspec.Struct, frozen=True, eq=False):
    """A trial that is to be recorded, of ``check``, in so many live ``runs``."""

    staged: Staged
    check: str
    runs: int

    @property
    def case(self) -> Case:
        return self.staged.setting.case

    @property
    def files(self) -> CaseFiles:
        return CaseFiles(self.case, self.staged.setting.routine)


def due_trials(
    found: Sequence[tuple[Case, Routine]], checks: Sequence[str], *, everything: bool
) -> list[DueTrial]:
    """The trials of ``checks`` whose recordings are absent or stale; with ``everything`` all of them.

    Raises:
        UsageError: no case asks for one of the checks.
        HarnessError: a case has no runs of its own to start from.
    """
    harness = Harness(Options(environment=dict(os.environ)))
    due: list[DueTrial] = []
    for check in checks:
        asking = [(case, routine) for case, routine in found if check in case.sweeps]
        if not asking:
            hint = f"write {_EXAMPLES[check]} into a case or a policy"
            raise UsageError(Problem("", 0, f"--{check}: no case here asks for the check {check}", hint))
        for case, routine in asking:
            trials = (
                DueTrial(staged, check, RUNS if check == "faults" else 1)
                for staged in harness.staged(case, routine, check)
            )
            due += [each for each in trials if everything or _is_due(each.files)]
    return due


def _is_due(files: CaseFiles) -> bool:
    recording = files.recording()
    place, command = shown(files.recording_path), files.command(recording)
    return bool(check_recording(recording, files.digests, file=place, command=command))


def trial_estimate_lines(
    due: Sequence[DueTrial],
    found: Iterable[tuple[Case, Routine]],
    *,
    limit_usd: float,
    played: str,
    billed: bool,
) -> Iterator[str]:
    """How many runs are to be recorded of which checks, and what they will cost."""
    runs = sum(each.runs for each in due)
    named = Counter(each.check for each in due)
    trials = ", ".join(f"{counted(count, 'trial')} of {check}" for check, count in named.items())
    if played:
        yield f"to record by {REAL}: {counted(runs, 'run')} ({trials}), at no cost: a {played} is its model"
        return
    known = [known_of(case, routine) for case, routine in found]
    total = 0.0
    for each in due:
        own = msgspec.structs.replace(each.case, trial=None)
        pair = estimate_cost(known_of(own, each.staged.setting.routine), known)
        total += pair.usd * each.runs / RUNS
    verb = "about" if billed else "tokens that would cost about"
    yield f"to record by {REAL}: {counted(runs, 'run')} ({trials}): {verb} ${total:.2f}, estimated"
    if limit_usd:
        rest = ": what is left then is not started" if total > limit_usd else ""
        yield f"--limit-usd stops at ${limit_usd:.2f}{rest}"


def record_trials(recorder: CaseRecorder, due: Sequence[DueTrial]) -> bool:
    """Record each trial until the spending limit is reached; whether all have passed.

    Raises:
        CredentialError: nothing opens the model.
        AgentError: some could not be recorded; the others were.
    """
    passed, left, problems = True, list[DueTrial](), list[Problem]()
    for one in due:
        if recorder.spent_all:
            left.append(one)
            continue
        say_line(f"recording {one.case.heading} by {REAL}", err=True)
        try:
            passed = _record(recorder, one) and passed
        except CredentialError as error:
            raise CredentialError(*problems, *error.problems) from error
        except HarnessError as error:
            problems += error.problems
    recorder.tell_left([one.case for one in left])
    if problems:
        raise AgentError(*problems)
    return passed and not left


def _record(recorder: CaseRecorder, one: DueTrial) -> bool:
    pair, findings = recorder.harness(REAL, one.staged.setting.routine).record_trial(one.staged)
    failed = [finding for finding in findings if finding.fails]
    passed = pair is not None and not failed
    echo(f"{'passed' if passed else 'FAILED'}  {shown(one.files.recording_path)}")
    for finding in failed:
        echo(f"  {finding.code}: {finding.message}")
    return passed
