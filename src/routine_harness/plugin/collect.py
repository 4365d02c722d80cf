"""Collectors and items: a routine file and its case files, one item per check."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest

from routine_harness.errors import HarnessError
from routine_harness.harness import Harness, Options, allowances, check_routine_file
from routine_harness.plain import Json, Record
from routine_harness.plugin.case_run import CaseRun
from routine_harness.plugin.summary import count_effects
from routine_harness.report.failure import Told, render_failure, told_in_full
from routine_harness.report.renewal import Renewal, renewal_of
from routine_harness.report.text import visible
from routine_harness.routine.layout import is_routine_file
from routine_harness.store.casefiles import CaseFiles
from routine_harness.store.cases import load_case_file
from routine_harness.store.files import shown
from routine_harness.store.policies import load_policy
from routine_harness.store.routines import is_case_file, load_routine
from routine_harness.verdict.judge import check_names
from routine_harness.verdict.trials import check_of, reason_of

if TYPE_CHECKING:
    from routine_harness.case.case import Case
    from routine_harness.routine.spec import Routine
    from routine_harness.session.run import RunPair
    from routine_harness.verdict.verdict import Check


NARROW: Final = 80
WIDE: Final = 120


class FailedCheckError(Exception):
    """A verdict failed; the message is what the terminal shows, without a traceback."""


class Bench:
    """What one session shares: the harness, and which recordings it has said to be renewed. Under xdist every
    worker has its own."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.option
        self.told: set[Renewal] = set()
        self.harness = Harness(
            Options(
                record=option.routine_record,
                agent=option.routine_agent or "",
                update_snapshots=option.routine_update,
                require_sandbox=option.routine_require_sandbox,
                environment=dict(os.environ),
            )
        )

    def collector(self, path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """The collector of ``path`` if it is a routine or a case of one."""
        if is_routine_file(path):
            return RoutineFile.from_parent(parent, path=path)
        if is_case_file(path):
            return CaseFile.from_parent(parent, path=path, harness=self.harness, told=self.told)
        return None

    def select(self, items: Sequence[pytest.Item]) -> None:
        """Tell every case which of its checks are among the selected items."""
        for item in items:
            if isinstance(item, CheckItem):
                item.case_run.selected.add(item.check)


class _File(pytest.File):
    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Json = None) -> Json:
        if isinstance(excinfo.value, HarnessError):
            return visible(str(excinfo.value))
        return super().repr_failure(excinfo)


class RoutineFile(_File):
    """``routine.yaml``: the items ``spec`` and ``triggers``."""

    def collect(self) -> Iterator[pytest.Item]:
        routine = load_routine(self.path)
        yield RoutineItem.from_parent(self, name="spec", routine=routine)
        if routine.triggers:
            yield RoutineItem.from_parent(self, name="triggers", routine=routine)


class CaseFile(_File):
    """``cases/*.yaml``: an item per check of every case that the file holds."""

    def __init__(self, *, harness: Harness, told: set[Renewal], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.harness = harness
        self.told = told

    def collect(self) -> Iterator[pytest.Item]:
        loaded = load_case_file(self.path)
        for case in loaded.cases:
            case_run = CaseRun(case, loaded.routine, self.harness)
            variant = f"[{case.id}]" if case.id else ""
            for check in (*check_names(case), *case_run.further_checks()):
                yield CheckItem.from_parent(
                    self, name=check + variant, check=check, case_run=case_run, told=self.told
                )


class _Item(pytest.Item):
    """An item whose failures are words, not tracebacks."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.warned: list[str] = []
        self.details: dict[str, list[str]] = {}
        self.add_marker(pytest.mark.routine)

    def conclude(self, check: Check, pair: RunPair | None, told: Told | None = None, case: str = "") -> None:
        """Pass, skip or fail as ``check`` came out; ``told``: see ``render_failure``."""
        if check.skipped:
            pytest.skip(visible(check.skipped))
        if check.outcome == "failed":
            width = terminal_width(self.config)
            raise FailedCheckError(render_failure(check, pair, width=width, told=told, case=case))
        self.warned = [f"{finding.code}: {finding.message}" for finding in check.findings]
        details = map(told_in_full, check.findings)
        self.details = {text: lines for text, lines in zip(self.warned, details, strict=True) if lines}

    def note(self, call: pytest.CallInfo[None], routine: str) -> Record:
        """What the summary needs to know, as values that xdist can carry."""
        bad = call.excinfo is not None and isinstance(call.excinfo.value, HarnessError)
        return {"routine": routine, "bad_input": bad, "warnings": self.warned, "details": self.details}

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Json = None) -> Json:
        if isinstance(excinfo.value, FailedCheckError | HarnessError):
            return visible(str(excinfo.value))
        return super().repr_failure(excinfo, style)


class RoutineItem(_Item):
    """A check of a routine's files alone."""

    def __init__(self, *, routine: Routine, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.routine = routine

    def runtest(self) -> None:
        self.conclude(check_routine_file(self.routine, self.name), None)

    def routine_note(self, call: pytest.CallInfo[None]) -> Record:
        allowed: list[str] = []
        with contextlib.suppress(HarnessError):  # a policy that cannot be read is what the item says
            allowed = allowances(self.routine)
        return self.note(call, self.routine.name) | {"allowed": allowed}

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, 0, f"{self.routine.name}::{self.name}"


class CheckItem(_Item):
    """One check of one case."""

    def __init__(self, *, check: str, case_run: CaseRun, told: set[Renewal], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.told = told
        self.renewal: Renewal | None = None
        self.check = check
        self.case_run = case_run
        case = case_run.case
        for mark in case.marks:
            self.add_marker(mark)
        if case.skip:
            self.add_marker(pytest.mark.skip(reason=case.skip))
        if case.xfail:
            self.add_marker(pytest.mark.xfail(reason=case.xfail, strict=False))

    def runtest(self) -> None:
        if self.case_run.blames_another(self.check):
            pytest.skip("an input of this case is bad: see ::run")
        result = self.case_run.result
        said = ("by", str(result.by))  # what --junitxml and other reporters of pytest's show
        if result.by is not None and said not in self.user_properties:
            self.user_properties.append(said)
        check = result.check(self.check)
        if result.pair is None and check.skipped and "run" not in self.case_run.selected:
            # Why there is no pair stands on ::run; where that is deselected, nobody would see it.
            check = result.check("run")
        self.renewal = renewal_of(check, shown(self.case_run.routine.source.path))
        if self.renewal is not None and self.renewal in self.told:
            raise FailedCheckError(f"{self.renewal.why} (as above)")
        if self.renewal is not None:
            self.told.add(self.renewal)
        reason = reason_of(check)
        first = self.case_run.trials.setdefault(reason, check.name) if reason else check.name
        if first != check.name:
            found = next(finding for finding in check.findings if finding.fails)
            raise FailedCheckError(f"{found.message}\n  {found.code}, as ::{first}")
        # `show` has the case's own runs, not those of a trial.
        file = "" if check.name in result.swept else shown(self.path)
        self.conclude(check, result.pair_of(check), self.case_run.told, file)

    @property
    def wants_coverage(self) -> bool:
        option = self.config.option
        return bool(option.routine_coverage or option.routine_coverage_min is not None)

    def routine_note(self, call: pytest.CallInfo[None]) -> Record:
        case_run = self.case_run
        note = self.note(call, case_run.case.routine) | {"of": check_of(self.check)}
        if self.renewal is not None:
            note["renewal"] = msgspec.to_builtins(self.renewal)
        if case_run.noted:
            return note
        case_run.noted = case_run.known is not None
        if self.wants_coverage and case_run.known is not None:
            # Imported here: only a session that asks what was exercised pays for it.
            from routine_harness.gate.coverage import case_coverage

            policy = load_policy(case_run.case.source.path)
            note["coverage"] = msgspec.to_builtins(case_coverage(case_run.known, policy))
        return note | {
            "case": f"{self.path}[{case_run.case.id}]",
            "effects": count_effects(case_run.known),
            "by": case_run.known.by.word if case_run.known and case_run.known.by else "",
            "snapshot": str(CaseFiles(case_run.case, case_run.routine).snapshot_path),
            "snapshots": case_run.case.expect.snapshot,
        }

    def reportinfo(self) -> tuple[Path, int | None, str]:
        case = self.case_run.case
        return self.path, max(line_of(case, self.check) - 1, 0), f"{case.name}::{self.name}"


def line_of(case: Case, check: str) -> int:
    """The line of the case file that asks for ``check``; 0 where it is a default."""
    for side in (case.expect, case.second):
        for block in side.blocks if side is not None else ():
            if block.check == check:
                return block.line
    return case.expect.lines.get(check, 0)


def terminal_width(config: pytest.Config) -> int:
    """The columns of the terminal that shows this session's failures."""
    # A worker of xdist has no terminal of its own: what it writes is shown as it stands.
    if not config.pluginmanager.has_plugin("terminalreporter"):
        return NARROW
    return min(config.get_terminal_writer().fullwidth, WIDE)
