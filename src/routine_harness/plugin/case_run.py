"""One case of a pytest session: computed once, shared by its items, forgotten after the last."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

from routine_harness.errors import HarnessError
from routine_harness.report.failure import Told

if TYPE_CHECKING:
    from routine_harness.case.case import Case
    from routine_harness.case.result import CaseResult
    from routine_harness.harness import Harness
    from routine_harness.routine.spec import Routine


class CaseRun:
    """One case of a session: its result is computed once and shared by its items.

    ``told`` are the timelines that its items have shown; ``trials`` are those of further checks that have
    been told, by the reason for which they failed.
    ``noted`` and ``reported`` say whether the summary and the report have been told of it.
    """

    def __init__(self, case: Case, routine: Routine, harness: Harness) -> None:
        self.case = case
        self.routine = routine
        self.selected: set[str] = set()
        self.noted = False
        self.reported = False
        self._harness = harness
        self._result: CaseResult | None = None
        self._error: HarnessError | None = None
        self._blamed = ""
        self.told = Told()
        self.trials: dict[tuple[str, ...], str] = {}

    @property
    def result(self) -> CaseResult:
        """The run pair and its verdict.

        Raises:
            HarnessError: no pair can come about, because an input is bad.
        """
        if self._error is not None:
            raise self._error
        if self._result is None:
            try:
                with _without_garbage_collection():
                    self._result = self._harness.check_case(self.case, self.routine, wanted=self.selected)
            except HarnessError as error:
                self._error = error
                raise
        return self._result

    def blames_another(self, check: str) -> bool:
        """Whether an input is bad and another check than ``check`` is the one to say so: ``run``, or
        the first to be executed where that is not selected."""
        with contextlib.suppress(HarnessError):
            return self.result is None
        blamed = self._blamed or ("run" if "run" in self.selected else check)
        self._blamed = blamed
        return blamed != check

    def further_checks(self) -> tuple[str, ...]:
        """The items of the case's further runs, for which its own two runs are carried out; their kinds
        alone where no pair came about."""
        if not self.case.sweeps or self._harness.options.record != "none":  # what is recorded is run once
            return self.case.sweeps
        try:
            return self._harness.check_case(self.case, self.routine, wanted=()).sweeps or self.case.sweeps
        except HarnessError:
            return self.case.sweeps

    @property
    def known(self) -> CaseResult | None:
        """The result, if it has been computed."""
        return self._result

    def release(self) -> None:
        """Forget the result: the memory of a session does not grow with its cases."""
        self._result = None
        self.told = Told()


@contextlib.contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """A run pair is made of many small values that come and go together: looking for garbage among
    them meanwhile finds none, and took a sixth of the time of 200 cases."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
