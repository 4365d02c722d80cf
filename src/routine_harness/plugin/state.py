"""What one pytest session shares: the harness with its caches, and the case being run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from routine_harness.harness import Harness, Options

if TYPE_CHECKING:
    from routine_harness.case.case import Case
    from routine_harness.case.result import CaseResult
    from routine_harness.routine.spec import Routine


class Bench:
    """The harness of a session. Under xdist every worker has its own."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.option
        self.harness = Harness(
            Options(
                record=option.routine_record,
                agent=option.routine_agent or "",
                update_snapshots=option.routine_update,
                environment=dict(os.environ),
            )
        )

    def select(self, items: Sequence[pytest.Item]) -> None:
        """Tell every case which of its checks are among the selected items."""
        for item in items:
            case_run: CaseRun | None = getattr(item, "case_run", None)
            if case_run is not None:
                case_run.selected.add(getattr(item, "check", ""))


class CaseRun:
    """One case of a session: its result is computed once and shared by its items."""

    def __init__(self, case: Case, routine: Routine, bench: Bench) -> None:
        self.case = case
        self.routine = routine
        self.selected: set[str] = set()
        self._bench = bench
        self._result: CaseResult | None = None

    @property
    def result(self) -> CaseResult:
        """The run pair and its verdict.

        Raises:
            HarnessError: no pair can come about, because an input is bad.
        """
        if self._result is None:
            self._result = self._bench.harness.check_case(self.case, self.routine)
        return self._result

    @property
    def known(self) -> CaseResult | None:
        """The result, if it has been computed."""
        return self._result

    def release(self) -> None:
        """Forget the result: the memory of a session does not grow with its cases."""
        self._result = None
