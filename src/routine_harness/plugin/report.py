"""``--routine-report``: what the items of a session found, gathered on the controller into one file."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from routine_harness.errors import HarnessError
from routine_harness.gate.outcome import CaseOutcome, outcome_of, skipped_case
from routine_harness.judgement import (
    build_report,
    decide_survey,
    refuse_report_file,
    render_report,
    survey_with_digests,
)
from routine_harness.plain import Record
from routine_harness.report.case_data import case_data
from routine_harness.store.files import write_text
from routine_harness.store.written_at import written_at

if TYPE_CHECKING:
    from routine_harness.case.result import CaseResult
    from routine_harness.lint.subject import Subject


def note_result(result: CaseResult) -> Record:
    """What the report needs of a case, as plain values that xdist can carry."""
    return {
        "path": result.routine.source.path,
        "data": case_data(result),
        "outcome": msgspec.to_builtins(outcome_of(result)),
    }


class ReportWriter:
    """Gathers notes and writes every report that was asked for when the session ends."""

    def __init__(self, files: list[str]) -> None:
        self._files = [Path(file) for file in files]
        self._notes: dict[tuple[str, str], Record] = {}
        self._errors: list[str] = []
        for file in self._files:
            try:
                refuse_report_file(file)
            except HarnessError as error:
                raise pytest.UsageError(str(error)) from error

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        note: Record | None = getattr(report, "routine_case", None)
        if note is not None:
            self._notes[(note["path"], note["data"]["id"])] = note

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        try:
            self._write()
        except HarnessError as error:
            self._errors.append(str(error))
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for error in self._errors:
            terminalreporter.write_line(f"--routine-report: {error}", red=True)
        if not self._errors:
            names = ", ".join(str(file) for file in self._files)
            terminalreporter.write_line(f"routine report: {names}")

    def _write(self) -> None:
        paths = {path for path, _ in self._notes}
        folders = tuple(sorted({Path(path).parent for path in paths}))
        survey = survey_with_digests(folders)
        kept = [i for i, subject in enumerate(survey.subjects) if subject.routine.source.path in paths]
        survey = msgspec.structs.replace(
            survey,
            subjects=tuple(survey.subjects[i] for i in kept),
            policies=tuple(survey.policies[i] for i in kept),
        )
        judgement = decide_survey(survey, [list(self._outcomes(subject)) for subject in survey.subjects])
        cases = {(note["data"]["routine"], note["data"]["id"]): note["data"] for note in self._notes.values()}
        made = f"{written_at(os.environ):%Y-%m-%d %H:%M UTC}"
        data = build_report(judgement, cases, made=made, version=version("routine-harness"))
        for file in self._files:
            write_text(file, render_report(file.suffix, data, judgement, version("routine-harness")))

    def _outcomes(self, subject: Subject) -> list[CaseOutcome]:
        """The outcome of every case of the routine; one that was not run says so."""
        found = []
        for case in subject.cases:
            skipped = skipped_case(case)
            note = self._notes.get((subject.routine.source.path, skipped.id))
            if note is not None:
                found.append(msgspec.convert(note["outcome"], CaseOutcome))
            else:
                reason = case.skip or "it was not run in this session"
                found.append(msgspec.structs.replace(skipped, reason=reason))
        return found
