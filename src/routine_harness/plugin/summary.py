"""The section that closes a session: one row per routine, and the exit status for bad input."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from routine_harness.errors import BAD_INPUT
from routine_harness.plain import Record

if TYPE_CHECKING:
    from routine_harness.case.result import CaseResult
    from routine_harness.gate.coverage import Coverage


@dataclass
class Row:
    """What happened to one routine in this session."""

    cases: dict[str, dict[str, int]] = field(default_factory=dict)
    by: dict[str, str] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    trials: dict[str, Counter[str]] = field(default_factory=dict)
    allowed: dict[str, None] = field(default_factory=dict)
    warnings: Counter[str] = field(default_factory=Counter)
    details: dict[str, list[str]] = field(default_factory=dict)
    renewals: list[Record] = field(default_factory=list)


class Summary:
    """Gathers the reports of a session on the controller."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.rows: dict[str, Row] = {}
        self.bad_input = False
        self.deselected = False
        self.snapshots: dict[str, bool] = {}
        self.coverage: dict[str, Coverage] = {}

    def pytest_deselected(self) -> None:
        self.deselected = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        note: Record | None = getattr(report, "routine_note", None)
        if note is None:
            return
        self.bad_input |= note["bad_input"]
        row = self.rows.setdefault(note["routine"], Row())
        outcome = "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome
        if note.get("of"):
            row.trials.setdefault(note["of"], Counter())[outcome] += 1
        else:
            row.outcomes[outcome] += 1
        if "effects" in note:
            row.cases[note["case"]] = note["effects"]
            if note["by"]:
                row.by[note["case"]] = note["by"]
            self.snapshots[note["snapshot"]] = note["snapshots"]
        if "coverage" in note:
            self._add_coverage(note["coverage"])
        row.allowed |= dict.fromkeys(note.get("allowed", ()))
        row.warnings.update(note["warnings"])
        row.details |= note["details"]
        if "renewal" in note:
            row.renewals.append(note["renewal"])

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        # Under xdist an error of collection would count as a failed test: exit status 1.
        self.bad_input |= report.failed and Path(report.nodeid).suffix in (".yaml", ".yml", ".json")

    def _add_coverage(self, note: Record) -> None:
        # Imported here: only a session that asks for it has such notes.
        import msgspec

        from routine_harness.gate.coverage import Coverage, merge_coverage

        one = msgspec.convert(note, Coverage)
        known = self.coverage.get(one.routine)
        self.coverage[one.routine] = one if known is None else merge_coverage(known, one)

    def too_little(self) -> list[str]:
        """The routines whose cases exercise less than is demanded."""
        least = self.config.getoption("routine_coverage_min")
        return [name for name, one in self.coverage.items() if least is not None and one.percent < least]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.too_little() and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self.bad_input and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = BAD_INPUT

    def orphans(self) -> tuple[str, ...]:
        """Snapshots that no case asks for; none are named where only some cases were looked at."""
        partial = self.deselected or any(not Path(arg).is_dir() for arg in self.config.args)
        if partial or not self.snapshots or self.config.getoption("maxfail"):
            return ()
        # Imported here: what a session without routines need not load.
        from routine_harness.verdict.snapshot import orphaned_snapshots

        folders = sorted({Path(snapshot).parent for snapshot in self.snapshots})
        found = [str(path) for folder in folders for path in sorted(folder.glob("*.txt"))]
        expected = {path for path, wanted in self.snapshots.items() if wanted}
        return orphaned_snapshots(found, expected)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.rows:
            return
        terminalreporter.ensure_newline()
        terminalreporter.section("routines")
        width = max(len(name) for name in self.rows)
        for name, row in sorted(self.rows.items()):
            for line in row_lines(name, row, width, terminalreporter):
                terminalreporter.write_line(line)
        self._show_coverage(terminalreporter)
        from routine_harness.store.files import shown  # loaded by the harness long before

        for path in self.orphans():
            terminalreporter.write_line(f"orphaned snapshot: {shown(path)}")

    def _show_coverage(self, terminalreporter: pytest.TerminalReporter) -> None:
        """How much of what is said of each routine its cases exercise, and what they do not."""
        if not self.coverage:
            return
        from routine_harness.report.text import fold  # loaded by the harness long before

        columns = self.config.get_terminal_writer().fullwidth
        width = max(map(len, self.coverage))
        few = self.too_little()
        terminalreporter.section("routine coverage")
        for name, one in sorted(self.coverage.items()):
            done = len(one.said) - len(one.left)
            least = f", {self.config.getoption('routine_coverage_min')} % are demanded" if name in few else ""
            line = f"{name:<{width}}  {one.percent:>3} %  ({done} of {len(one.said)}{least})"
            terminalreporter.write_line(line, red=name in few)
            untried = Counter(tool.partition(".")[0] for tool in one.untried)
            if untried:
                each = ", ".join(f"{count} of {connector}" for connector, count in untried.items())
                told = f"write tools that are granted and that no case calls: {each}"
                for part in fold(told, columns, "    "):
                    terminalreporter.write_line(part)
            for said in one.left:
                for part in fold(f"no case exercises {said}", columns, "    "):
                    terminalreporter.write_line(part)


def count_effects(result: CaseResult | None) -> dict[str, int]:
    """What a row counts of one case: the effects of its first run."""
    if result is None or result.pair is None:
        return {}
    return dict(Counter(effect.kind for effect in result.pair.first.applied))


def row_lines(name: str, row: Row, width: int, reporter: pytest.TerminalReporter) -> list[str]:
    """The row of one routine: cases and by whom, checks by outcome, the effects of the first runs."""
    # Only where there is something to show.
    from routine_harness.agents.acted import count_words, words_of
    from routine_harness.report.failure import fold_detail
    from routine_harness.report.text import clip, fold

    columns = reporter.config.get_terminal_writer().fullwidth
    cases = len(row.cases)
    counted = sum((Counter(effects) for effects in row.cases.values()), Counter[str]())
    checks = ", ".join(f"{row.outcomes[word]} {word}" for word in ("passed", "failed", "skipped", "xfailed")
                       if row.outcomes[word])  # fmt: skip
    effects = ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items())) or "no effects"
    trials = ", ".join(
        f"{of} {outcomes['passed']}/{outcomes.total()}" for of, outcomes in sorted(row.trials.items())
    )
    parts = (
        f"{name:<{width}}",
        f"{cases} case{'s' * (cases != 1)}",
        words_of(count_words(row.by.values())),
        checks,
    )
    head = "  ".join(part for part in parts if part)
    lines = [clip(head, columns), *fold(effects, columns, "    ")]
    if trials:
        lines += fold(f"when things go wrong: {trials}", columns, "    ")
    for allowed in row.allowed:
        lines += fold(f"allowed: {allowed}", columns, "    ")
    for warning, count in sorted(row.warnings.items()):
        lines += fold(f"warning{f' × {count}' if count > 1 else ''}: {warning}", columns, "    ")
        for detail in row.details.get(warning, ()):
            lines += (f"      {part}" for part in fold_detail(detail, columns - 6))
    return lines + renewal_lines(row, columns)


def renewal_lines(row: Row, columns: int) -> list[str]:
    """What several cases of a routine say alike of their recordings, once, with one command for all."""
    import msgspec  # these here: a session without routines need not load them

    from routine_harness.report.renewal import Renewal
    from routine_harness.report.text import fold

    counts = Counter(msgspec.convert(each, Renewal) for each in row.renewals)
    lines: list[str] = []
    for renewal, count in counts.items():
        if count > 1:
            lines += fold(renewal.sentence(count), columns, "    ")
            lines.append(f"      next: {renewal.command}")  # unfolded: it is there to be copied
    return lines
