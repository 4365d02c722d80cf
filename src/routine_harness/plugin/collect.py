"""Collectors and items: a routine file and its case files, one item per check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from routine_harness.errors import HarnessError
from routine_harness.plugin.state import Bench, CaseRun

if TYPE_CHECKING:
    from routine_harness.finding import Finding


class CheckFailure(Exception):
    """A verdict failed; the message is what the terminal shows, without a traceback."""


def collector_for(path: Path, parent: pytest.Collector, bench: Bench) -> pytest.Collector | None:
    """The collector of ``path`` if it is a routine or a case of one."""
    kind = bench.harness.kind_of(path)
    if kind == "routine":
        return RoutineFile.from_parent(parent, path=path, bench=bench)
    if kind == "case":
        return CaseFile.from_parent(parent, path=path, bench=bench)
    return None


class _File(pytest.File):
    def __init__(self, *, bench: Bench, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.bench = bench

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
        if isinstance(excinfo.value, HarnessError):
            return bad_input(excinfo.value)
        return super().repr_failure(excinfo)


class RoutineFile(_File):
    """``routine.yaml``: the items ``spec`` and ``triggers``."""

    def collect(self) -> Iterator[pytest.Item]:
        routine = self.bench.harness.load_routine(self.path)
        yield RoutineItem.from_parent(self, name="spec")
        if routine.triggers:
            yield RoutineItem.from_parent(self, name="triggers")


class CaseFile(_File):
    """``cases/*.yaml``: an item per check of every case that the file holds."""

    def collect(self) -> Iterator[pytest.Item]:
        for case in self.bench.harness.load_cases(self.path):
            case_run = CaseRun(case, self.bench)
            for check in self.bench.harness.check_names(case):
                yield CheckItem.from_parent(self, name=check + (f"[{case.id}]" if case.id else ""),
                                            check=check, case_run=case_run)  # fmt: skip


class RoutineItem(pytest.Item):
    """A check of a routine's files alone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.warnings: list[str] = []
        self.add_marker("routine")

    def routine_note(self, call: pytest.CallInfo[None]) -> dict[str, Any]:
        """What the summary needs to know, as values that xdist can carry."""
        return {"routine": self.routine_name, "bad_input": is_bad_input(call), "warnings": self.warnings}

    def runtest(self) -> None:
        parent = self.parent
        assert isinstance(parent, RoutineFile)
        check = parent.bench.harness.check_routine_file(parent.path, self.name)
        if check.skipped:
            pytest.skip(check.skipped)
        if check.outcome == "failed":
            raise CheckFailure(parent.bench.harness.describe(check, None))
        self.warnings = shown_warnings(check.findings)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return repr_failure(self, excinfo) or super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.parent.name if self.parent else ''}::{self.name}"


class CheckItem(pytest.Item):
    """One check of one case."""

    def __init__(self, *, check: str, case_run: CaseRun, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check = check
        self.case_run = case_run
        self.warnings: list[str] = []
        case = case_run.case
        self.add_marker("routine")
        for mark in case.marks:
            self.add_marker(mark)
        if case.skip:
            self.add_marker(pytest.mark.skip(reason=case.skip))
        if case.xfail:
            self.add_marker(pytest.mark.xfail(reason=case.xfail, strict=False))

    def routine_note(self, call: pytest.CallInfo[None]) -> dict[str, Any]:
        """What the summary needs to know, as values that xdist can carry."""
        note = {
            "routine": self.case_run.case.routine,
            "case": f"{self.path.name}[{self.case_run.case.id}]",
            "bad_input": is_bad_input(call),
            "warnings": self.warnings,
        }
        if self.check in ("run", "fires") and not note["bad_input"]:
            note |= self.case_run.bench.harness.summarise(self.case_run.result)
        return note

    def runtest(self) -> None:
        result = self.case_run.result
        check = result.verdict.check(self.check)
        if result.pair is None and self.check != "fires" and not check.findings:
            # The reason stands on ::run; where that is deselected, nobody would see it.
            if any(name.startswith("run") for name in self.case_run.selected):
                pytest.skip("no run pair: see ::run")
            check = result.verdict.check("run")
        if check.skipped:
            pytest.skip(check.skipped)
        if check.outcome == "failed":
            raise CheckFailure(self.case_run.bench.harness.describe(check, result))
        self.warnings = shown_warnings(check.findings)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        return repr_failure(self, excinfo) or super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        line = self.case_run.case.expect.lines.get(self.check)
        return self.path, line - 1 if line else None, f"{self.case_run.case.name}::{self.name}"


def repr_failure(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> str | None:
    """The words of a failed verdict or of bad input; None for anything else, which is our bug."""
    if isinstance(excinfo.value, CheckFailure):
        return str(excinfo.value)
    if isinstance(excinfo.value, HarnessError):
        return bad_input(excinfo.value)
    return None


def bad_input(error: HarnessError) -> str:
    """All problems of an input, one a paragraph."""
    return "\n".join(str(problem) for problem in error.problems)


def is_bad_input(call: pytest.CallInfo[None]) -> bool:
    """Whether an item ended because an input cannot be used."""
    return call.excinfo is not None and isinstance(call.excinfo.value, HarnessError)


def shown_warnings(findings: tuple[Finding, ...]) -> list[str]:
    """The findings that do not fail, a line each."""
    return [f"{finding.code}: {finding.message}" for finding in findings]
