"""Cases checked one after the other, with what could not be read gathered beside the results."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from routine_harness.case.case import Case
from routine_harness.case.result import CaseResult
from routine_harness.cli.lines import refuse_nothing
from routine_harness.cli.progress import counted_off
from routine_harness.errors import HarnessError, Problem, UsageError
from routine_harness.harness import Harness, Options, check_routine_file
from routine_harness.routine.spec import Routine
from routine_harness.store.cases import load_case_file
from routine_harness.store.routines import discover, load_routine
from routine_harness.verdict.verdict import Check


class Checking:
    """Checks all cases under ``paths``; ``case`` picks those of one name (``name`` or ``name.id``).

    ``problems`` fills while ``results`` is consumed: one bad file keeps no other from being checked.
    """

    def __init__(
        self, paths: tuple[Path, ...], case: str | None = None, options: Options | None = None
    ) -> None:
        self.problems: list[Problem] = []
        self.skipped: list[Case] = []
        self.loaded: list[Routine] = []
        self._case = case
        self._harness = Harness(options or Options(environment=dict(os.environ)))
        found = [discover(path) for path in paths]
        self.routines = list(dict.fromkeys(routine for each in found for routine in each.routines))
        self.without = [routine for each in found for routine in each.routines if not each.cases_of(routine)]
        self.files = list(dict.fromkeys(file for each in found for file in each.cases))
        refuse_nothing((*self.files, *self.routines), "routine and no case")

    def routine_checks(self) -> Iterator[tuple[Routine, Check]]:
        """What the files of each routine alone say: the checks ``spec`` and ``triggers``."""
        for path in self.routines if self._case is None else ():
            try:
                routine = load_routine(path)
                names = ("spec", "triggers") if routine.triggers else ("spec",)
                checks = [check_routine_file(routine, name) for name in names]
            except HarnessError as error:
                self.problems += error.problems
            else:
                self.loaded.append(routine)
                yield from ((routine, check) for check in checks)

    def results(self, *, marked: bool = False) -> Iterator[CaseResult]:
        """The result of every case, in the order of files; ``marked`` leaves out those that say
        ``skip:`` and gathers them as ``skipped``."""
        seen = False
        for file in counted_off(self.files, "checking", len(self.files)):
            for result in self._check(file, marked):
                seen = True
                yield result
        if self._case is not None and not (seen or self.skipped or self.problems):
            raise UsageError(
                Problem("", 0, f"there is no case {self._case}", "cases are named by their files")
            )

    def cases(self) -> Iterator[tuple[Case, Routine]]:
        """Every case with its routine, those that say ``skip:`` left out; nothing is run."""
        for file in counted_off(self.files, "mutating", len(self.files)):
            try:
                loaded = load_case_file(file)
            except HarnessError as error:
                self.problems += error.problems
                continue
            for case in loaded.cases:
                if self._case in (None, case.name, case.key) and not case.skip:
                    yield case, loaded.routine

    def raise_problems(self, *, played: bool = False) -> None:
        """Raises, as a ``UsageError``, the problems of all inputs that were bad, or that there is no case;
        ``played`` says that something else was run."""
        if self.problems:
            raise UsageError(*self.problems)
        if not played:
            refuse_nothing(self.files, "case")

    def _check(self, file: Path, marked: bool) -> Iterator[CaseResult]:
        try:
            loaded = load_case_file(file)
            for case in loaded.cases:
                if self._case not in (None, case.name, case.key):
                    continue
                if marked and case.skip:
                    self.skipped.append(case)
                else:
                    yield self._harness.check_case(case, loaded.routine)
        except HarnessError as error:
            self.problems += error.problems
