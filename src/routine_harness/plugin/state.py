"""What one pytest session shares: the harness with its caches, and the case being run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from routine_harness.harness import Harness, Options

if TYPE_CHECKING:
    from routine_harness.case.case import Case
    from routine_harness.case.result import CaseResult

_WRITES = ("routine_record", "routine_update")


class Bench:
    """The harness of a session. Under xdist every worker has its own."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.option
        if hasattr(config, "workerinput") and config.workerinput.get("routine_refusal"):
            raise pytest.UsageError(config.workerinput["routine_refusal"])
        self.config = config
        self.reports = bool(option.routine_report)
        self.harness = Harness(
            Options(
                record=option.routine_record,
                agent=option.routine_agent,
                update_snapshots=option.routine_update,
            ),
            shown_from=config.invocation_params.dir,
        )

    def select(self, items: Sequence[pytest.Item]) -> None:
        """Note for every case whether its ``::run`` is among the selected items."""
        for item in items:
            case_run: CaseRun | None = getattr(item, "case_run", None)
            if case_run is not None:
                case_run.selected.append(item.name)


class CaseRun:
    """One case of a session: its result is computed once and shared by its items."""

    def __init__(self, case: Case, bench: Bench) -> None:
        self.case = case
        self.bench = bench
        self.selected: list[str] = []
        self._result: CaseResult | None = None

    @property
    def result(self) -> CaseResult:
        """The run pair and its verdict.

        Raises:
            HarnessError: no pair can come about, because an input is bad.
        """
        if self._result is None:
            self._result = self.bench.harness.check_case(self.case)
        return self._result

    def release(self) -> None:
        """Forget the result; the memory of a session does not grow with its cases."""
        self._result = None
